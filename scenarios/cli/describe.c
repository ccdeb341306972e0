#include "scenarios/cli/describe.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/memory.h"
#include "core/net/gaps.h"
#include "io/checkpoint/checkpoint.h"
#include "io/city/city_file.h"
#include "io/config/scenario.h"
#include "io/feed/feed.h"
#include "io/h5/h5.h"
#include "io/results/read.h"

// ---- what it is

const char *art_file_kind_name(art_file_kind kind)
{
  static const char *const names[] = {
#define X(suffix, name, text) name,
    ART_FILE_KIND_LIST(X)
#undef X
  };
  return names[kind];
}

static art_file_kind kind_of_config(const char *path)
{
  switch (art_config_kind(path)) {
  case ART_CONFIG_SCENARIO: return ART_FILE_SCENARIO;
  case ART_CONFIG_BATCH: return ART_FILE_BATCH;
  case ART_CONFIG_CALIBRATION: return ART_FILE_CALIBRATION;
  case ART_CONFIG_PLAN: return ART_FILE_PLAN;
  case ART_CONFIG_UNKNOWN: break;
  }
  return ART_FILE_UNKNOWN;
}

art_status art_file_recognise(const char *path, art_file_kind *kind, art_error *err)
{
  static const unsigned char signature[8] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n' };
  unsigned char head[8] = { 0 };
  *kind = ART_FILE_UNKNOWN;
  struct stat info;
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  const int is_folder = fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode);
  const size_t got = is_folder ? 0 : fread(head, 1, sizeof head, file);
  fclose(file);
  if (is_folder) return art_fail(err, ART_E_OPEN, "%s: is a directory", path);
  if (got < sizeof head || memcmp(head, signature, sizeof head) != 0) {
    *kind = art_checkpoint_is_one(path) ? ART_FILE_CHECKPOINT : kind_of_config(path);
    return ART_OK;
  }
  *kind = ART_FILE_HDF5;
  char *schema = art_h5_schema_of(path);
  static const art_file_kind known[] = { ART_FILE_CITY, ART_FILE_DEMAND, ART_FILE_FEED, ART_FILE_RESULT };
  for (size_t i = 0; schema && i < sizeof known / sizeof *known; ++i)
    if (!strcmp(schema, art_file_kind_name(known[i]))) *kind = known[i];
  free(schema);
  return ART_OK;
}

// ---- small values

static void set_text(json_t *object, const char *key, const char *text)
{
  if (!text || !*text) return;
  json_t *value = json_string(text);
  if (!value) value = json_string("(not valid UTF-8)");
  json_object_set_new(object, key, value);
}

static void set_int(json_t *object, const char *key, int64_t value)
{
  json_object_set_new(object, key, json_integer(value));
}

/// JSON has no NaN; what is not there is null.
static void set_real(json_t *object, const char *key, double value)
{
  json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

static void set_hash(json_t *object, const char *key, uint64_t hash)
{
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, hash);
  set_text(object, key, text);
}

/// "08:00:00" or "-00:00:10.500", hours without an upper end.
static void set_clock(json_t *object, const char *key, int64_t ms)
{
  char text[40];
  const uint64_t t = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
  const int used = snprintf(text, sizeof text, "%s%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, ms < 0 ? "-" : "",
                            t / 3600000, t / 60000 % 60, t / 1000 % 60);
  if (t % 1000) snprintf(text + used, sizeof text - (size_t)used, ".%03" PRIu64, t % 1000);
  set_text(object, key, text);
}

static void set_range(json_t *object, const char *key, int64_t count, const double *values)
{
  double low = INFINITY, high = -INFINITY;
  for (int64_t i = 0; i < count; ++i) {
    low = fmin(low, values[i]);
    high = fmax(high, values[i]);
  }
  if (low <= high) json_object_set_new(object, key, json_pack("[f,f]", low, high));
}

static void set_sources(json_t *object, int32_t count, const art_source *source)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < count; ++i) {
    json_t *item = json_object();
    set_text(item, "path", source[i].path);
    set_text(item, "sha256", source[i].sha256);
    json_array_append_new(list, item);
  }
  json_object_set_new(object, "inputs", list);
}

/// Root attributes of an HDF5 file that say where it comes from.
static art_status set_provenance(json_t *object, const char *path, art_error *err)
{
  static const char *const names[] = { "title", "source", "history" };
  art_h5 *f;
  const art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  int64_t version;
  if (art_h5_get_int(f, "/", "arterial_schema_version", &version)) set_int(object, "layout", version);
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    char *text = art_h5_get_text(f, "/", names[i]);
    set_text(object, names[i], text);
    free(text);
  }
  return art_h5_commit(f, err);
}

// ---- city

static json_t *city_counts(const art_net *net)
{
  json_t *counts = json_object();
  set_int(counts, "nodes", net->node_count);
  set_int(counts, "links", net->link_count);
  set_int(counts, "lanes", net->link_lane_count);
  set_int(counts, "connectors", net->connector_count);
  set_int(counts, "conflicts", net->conflict_count);
  set_int(counts, "signals", net->signal_count);
  set_int(counts, "programs", net->program_count);
  set_int(counts, "phases", net->phase_count);
  set_int(counts, "stops", net->stop_count);
  set_int(counts, "pedestrian_crossings", net->crossing_count);
  set_int(counts, "detectors", net->detector_count);
  return counts;
}

/// Programs by how they decide, and signals with a schedule.
static json_t *controls(const art_net *net)
{
  int64_t count[ART_CONTROL_COUNT] = { 0 }, scheduled = 0;
  for (int32_t p = 0; p < net->program_count; ++p) ++count[net->program_control[p]];
  for (int32_t s = 0; s < net->signal_count; ++s)
    scheduled += net->signal_first_switch[s] < net->signal_first_switch[s + 1];
  json_t *object = json_object();
  for (int i = 0; i < ART_CONTROL_COUNT; ++i)
    if (count[i]) set_int(object, art_control_name(i), count[i]);
  if (scheduled) set_int(object, "signals_with_schedule", scheduled);
  return object;
}

static json_t *node_kinds(const art_net *net)
{
  int64_t times[ART_NODE_KIND_COUNT] = { 0 };
  json_t *kinds = json_object();
  for (int32_t i = 0; i < net->node_count; ++i) ++times[net->node_kind[i]];
  for (int k = 0; k < ART_NODE_KIND_COUNT; ++k)
    if (times[k]) set_int(kinds, art_node_kind_name(k), times[k]);
  return kinds;
}

/// The name in a WKT2 text: PROJCRS["name", or where PROJ knew none, that of its conversion.
static void set_system(json_t *object, const art_city *city)
{
  json_t *system = json_object();
  char name[160] = "unknown";
  const char *conversion = city->crs_wkt ? strstr(city->crs_wkt, "CONVERSION[") : NULL;
  if (city->crs_wkt) sscanf(city->crs_wkt, "%*[^\"]\"%150[^\"]", name);
  if (conversion && !strcmp(name, "unknown")) sscanf(conversion, "%*[^\"]\"%150[^\"]", name);
  set_text(system, "name", name);
  set_text(system, "wkt", city->crs_wkt);
  set_real(system, "offset_x", city->offset_x);
  set_real(system, "offset_y", city->offset_y);
  json_object_set_new(object, "crs", system);
}

static void set_extent(json_t *object, const art_city *city)
{
  const art_net *net = city->net;
  const int64_t points = city->lane_first_point[net->lane_count];
  json_t *extent = json_object();
  set_range(extent, "x_m", points, city->point_x);
  set_range(extent, "y_m", points, city->point_y);
  double *lon = ART_NEW(double, points), *lat = ART_NEW(double, points);
  if (city->crs_wkt &&
      art_city_lonlat(city, points, city->point_x, city->point_y, lon, lat, NULL) == ART_OK) {
    set_range(extent, "longitude", points, lon);
    set_range(extent, "latitude", points, lat);
  }
  free(lon);
  free(lat);
  json_object_set_new(object, "extent", extent);
}

static art_status describe_city(json_t *object, const char *path, art_error *err)
{
  art_city *city;
  art_status status = art_city_read(path, &city, err);
  if (status != ART_OK) return status;
  const art_net *net = city->net;
  double links_m = 0, lanes_m = 0;
  for (int32_t l = 0; l < net->link_count; ++l)
    links_m += (double)net->lane_length_m[net->link_first_lane[l]];
  for (int32_t l = 0; l < net->link_lane_count; ++l) lanes_m += (double)net->lane_length_m[l];
  status = set_provenance(object, path, err);
  json_object_set_new(object, "counts", city_counts(net));
  json_object_set_new(object, "node_kinds", node_kinds(net));
  if (net->signal_count > 0) json_object_set_new(object, "controls", controls(net));
  set_real(object, "link_length_km", links_m / 1000);
  set_real(object, "lane_length_km", lanes_m / 1000);
  set_text(object, "traffic_keeps", city->left_hand ? "left" : "right");
  set_extent(object, city);
  set_system(object, city);
  set_sources(object, city->source_count, city->source);
  set_hash(object, "hash", art_city_hash(city));
  art_city_free(city);
  return status;
}

// ---- demand, feed

static art_status describe_demand(json_t *object, const char *path, art_error *err)
{
  art_demand_summary s;
  art_status status = art_demand_summarize(path, &s, err);
  if (status != ART_OK) return status;
  status = set_provenance(object, path, err);
  json_t *counts = json_object();
  set_int(counts, "types", s.types);
  set_int(counts, "type_sets", s.sets);
  set_int(counts, "routes", s.routes);
  set_int(counts, "trips", s.trips);
  set_int(counts, "stops", s.stops);
  set_int(counts, "links_used", s.links);
  json_object_set_new(object, "counts", counts);
  if (s.trips > 0) {
    set_clock(object, "first_departure", s.first_depart_ms);
    set_clock(object, "last_departure", s.last_depart_ms);
  }
  set_hash(object, "hash", s.hash);
  set_sources(object, s.source_count, s.source);
  art_demand_summary_clear(&s);
  return status;
}

static art_status describe_feed(json_t *object, const char *path, art_error *err)
{
  art_feed *feed;
  art_status status = art_feed_read(path, &feed, err);
  if (status != ART_OK) return status;
  status = set_provenance(object, path, err);
  json_t *counts = json_object();
  int32_t first = INT32_MAX, last = INT32_MIN, on_links = 0, excluded = 0;
  double sum = 0;
  for (int32_t i = 0; i < feed->station_count; ++i) {
    on_links += feed->station_link[i][0] != '\0';
    excluded += feed->station_exclude[i][0] != '\0';
  }
  for (int64_t i = 0; i < feed->observation_count; ++i) {
    if (feed->observation_date[i] < first) first = feed->observation_date[i];
    if (feed->observation_date[i] > last) last = feed->observation_date[i];
    sum += (double)feed->observation_flow_vph[i];
  }
  set_int(counts, "stations", feed->station_count);
  set_int(counts, "stations_on_links", on_links);
  set_int(counts, "stations_excluded", excluded);
  set_int(counts, "observations", feed->observation_count);
  json_object_set_new(object, "counts", counts);
  if (feed->observation_count > 0) {
    char date[16];
    art_date_print(first, date);
    set_text(object, "first_date", date);
    art_date_print(last, date);
    set_text(object, "last_date", date);
    set_real(object, "mean_flow_vph", sum / (double)feed->observation_count);
  }
  set_text(object, "timezone", feed->timezone);
  art_feed_free(feed);
  return status;
}

// ---- results and other HDF5

/// "summary: inserted=11176 ... hash=9f31" as an object: numbers where they are numbers.
static json_t *parse_summary(const char *line)
{
  json_t *object = json_object();
  char *copy = art_strdup(line), *rest = copy;
  for (char *word; (word = strsep(&rest, " \n"));) {
    char *value = strchr(word, '='), *end;
    if (!value) continue;
    *value++ = '\0';
    errno = 0;
    const long long whole = strtoll(value, &end, 10);
    if (!strcmp(word, "hash"))
      set_text(object, word, value);
    else if (*value && !*end && !errno)
      set_int(object, word, whole);
    else {
      const double real = strtod(value, &end);
      if (*value && !*end)
        set_real(object, word, real);
      else
        set_text(object, word, value);
    }
  }
  free(copy);
  return object;
}

static void describe_dataset(json_t *object, art_h5 *f, const char *path, const char *name)
{
  art_h5_type type;
  int rank;
  int64_t n0, n1;
  char text[160];
  if (!art_h5_peek(f, path, &type, &rank, &n0, &n1)) {
    set_text(object, name, "of another type");
    return;
  }
  char *units = art_h5_get_text(f, path, "units");
  int used = snprintf(text, sizeof text, "%s", art_h5_type_name(type));
  if (rank > 0) used += snprintf(text + used, sizeof text - (size_t)used, " %" PRId64, n0);
  if (rank > 1) used += snprintf(text + used, sizeof text - (size_t)used, " x %" PRId64, n1);
  if (units) snprintf(text + used, sizeof text - (size_t)used, " (%.80s)", units);
  set_text(object, name, text);
  free(units);
}

enum { GROUP_DEPTH_MAX = 8 };

/// Variables and groups below a group; the depth is bounded because links may form a cycle.
static void describe_group(json_t *object, art_h5 *f, const char *group, int depth)
{
  char **names;
  int32_t count;
  if (art_h5_members(f, group, &names, &count) != ART_OK) return;
  for (int32_t i = 0; i < count && art_h5_status(f, NULL) == ART_OK; ++i) {
    char path[1024];
    const int length = snprintf(path, sizeof path, "%s%s%s", group, group[1] ? "/" : "", names[i]);
    if (length < 0 || (size_t)length >= sizeof path) continue;
    switch (art_h5_kind_of(f, path)) {
    case ART_H5_DATASET: describe_dataset(object, f, path, names[i]); break;
    case ART_H5_GROUP: {
      json_t *below = json_object();
      if (depth < GROUP_DEPTH_MAX) describe_group(below, f, path, depth + 1);
      json_object_set_new(object, names[i], below);
      break;
    }
    case ART_H5_NOTHING: break;
    }
  }
  art_h5_free_strings(names, count);
}

/// Text attributes of an object and its numbers.
static void set_attributes(json_t *object, const char *key, art_h5 *f, const char *path)
{
  art_h5_attr *attrs;
  int32_t count;
  double real;
  if (art_h5_kind_of(f, path) == ART_H5_NOTHING || art_h5_attrs(f, path, &attrs, &count) != ART_OK) return;
  json_t *attributes = json_object();
  for (int32_t i = 0; i < count; ++i) {
    if (attrs[i].type == ART_H5_STRING && attrs[i].count == 1)
      set_text(attributes, attrs[i].name, ((char **)attrs[i].values)[0]);
    else if (art_h5_get_real(f, path, attrs[i].name, &real))
      set_real(attributes, attrs[i].name, real);
  }
  art_h5_free_attrs(attrs, count);
  json_object_set_new(object, key, attributes);
}

static art_status set_groups(json_t *object, const char *path, art_error *err)
{
  art_h5 *f;
  const art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  set_attributes(object, "provenance", f, "/provenance");
  json_t *groups = json_object();
  describe_group(groups, f, "/", 0);
  json_object_set_new(object, "groups", groups);
  return art_h5_commit(f, err);
}

static art_status describe_result(json_t *object, const char *path, art_error *err)
{
  art_result *r;
  art_status status = art_result_open(path, &r, err);
  if (status != ART_OK) return status;
  status = set_provenance(object, path, err);
  char seed[32];
  snprintf(seed, sizeof seed, "%" PRIu64, r->seed);  // JSON integers end at 2^63
  set_text(object, "scenario", r->scenario);
  set_text(object, "scenario_id", r->scenario_id);
  set_text(object, "city_sha256", r->city_sha256);
  set_text(object, "seed", seed);
  json_object_set_new(object, "complete", json_boolean(r->complete));
  set_text(object, "time_units", r->time_units);
  set_clock(object, "begin", (int64_t)llround(r->begin_s * 1000));
  set_clock(object, "end", (int64_t)llround(r->end_s * 1000));
  set_clock(object, "now", (int64_t)llround(r->now_s * 1000));
  set_int(object, "links", r->link_count);
  set_int(object, "trips", r->trip_count);
  json_object_set_new(object, "summary", parse_summary(r->summary));
  set_text(object, "summary_line", r->summary);
  json_t *kpi = json_object(), *units = json_object();
  for (int32_t i = 0; i < r->kpi_count; ++i) {
    set_real(kpi, r->kpi_name[i], r->kpi_value[i]);
    set_text(units, r->kpi_name[i], r->kpi_unit[i]);
  }
  json_object_set_new(object, "kpi", kpi);
  json_object_set_new(object, "kpi_units", units);
  set_text(object, "config", r->config);
  set_text(object, "hash", r->hash);
  art_result_close(r);
  return status == ART_OK ? set_groups(object, path, err) : status;
}

static art_status describe_other(json_t *object, const char *path, art_error *err)
{
  art_h5 *f;
  const art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  set_attributes(object, "attributes", f, "/");
  const art_status done = art_h5_commit(f, err);
  return done == ART_OK ? set_groups(object, path, err) : done;
}

// ---- configuration files

static json_t *texts(int32_t count, char *const *text)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < count; ++i) json_array_append_new(list, json_string(text[i]));
  return list;
}

static art_status describe_scenario(json_t *object, const char *path, art_error *err)
{
  art_scenario *s;
  const art_status status = art_scenario_read(path, 0, NULL, &s, err);
  if (status != ART_OK) return status;
  set_text(object, "title", s->title);
  set_text(object, "city", s->city_path);
  json_object_set_new(object, "demand", texts(s->demand_count, s->demand_paths));
  set_text(object, "date", s->date);
  set_text(object, "timezone", s->timezone);
  set_clock(object, "begin", s->begin_ms);
  set_clock(object, "end", s->end_ms);
  set_clock(object, "warmup", s->warmup_ms);
  set_real(object, "step_s", s->step_ms / 1000.0);
  char seed[32];
  snprintf(seed, sizeof seed, "%" PRIu64, s->seed);
  set_text(object, "seed", seed);
  set_text(object, "car_following", art_model_name(s->model));
  set_text(object, "gap_acceptance", s->gap_source == ART_GAPS_HCM ? "hcm" : "city");
  set_int(object, "interventions", s->intervention_count);
  set_int(object, "signal_plans", s->plan_count);
  art_scenario_free(s);
  return ART_OK;
}

static art_status describe_batch(json_t *object, const char *path, art_error *err)
{
  art_batch *b;
  const art_status status = art_batch_read(path, &b, err);
  if (status != ART_OK) return status;
  json_object_set_new(object, "scenarios", texts(b->scenario_count, b->scenario_paths));
  set_int(object, "seeds", b->seed_count);
  set_int(object, "runs", (int64_t)b->scenario_count * b->seed_count);
  set_text(object, "output", b->output_dir);
  art_batch_free(b);
  return ART_OK;
}

static art_status describe_calibration(json_t *object, const char *path, art_error *err)
{
  art_calibration *c;
  const art_status status = art_calibration_read(path, &c, err);
  if (status != ART_OK) return status;
  set_text(object, "scenario", c->scenario_path);
  set_text(object, "feed", c->feed_path);
  set_clock(object, "from", c->from_ms);
  set_clock(object, "to", c->to_ms);
  set_clock(object, "lead", c->lead_ms);
  set_real(object, "holdout_share", c->holdout_share);
  set_int(object, "iterations", c->iterations);
  set_text(object, "output_demand", c->demand_out);
  set_text(object, "output_fit_csv", c->fit_csv_out);
  set_text(object, "output_fit_hdf5", c->fit_h5_out);
  art_calibration_free(c);
  return ART_OK;
}

static art_status describe_plan(json_t *object, const char *path, art_error *err)
{
  art_plan plan = { 0 };
  const art_status status = art_plan_read(path, &plan, err);
  if (status != ART_OK) return status;
  json_t *cycles = json_object();
  for (int32_t i = 0; i < plan.signal_count; ++i) {
    int64_t cycle = 0;
    for (int32_t p = 0; p < plan.signal[i].phase_count; ++p) cycle += plan.signal[i].duration_ms[p];
    set_real(cycles, plan.signal[i].signal, (double)cycle / 1000);
  }
  set_int(object, "signals", plan.signal_count);
  json_object_set_new(object, "cycle_s", cycles);
  art_plan_clear(&plan);
  return ART_OK;
}

// ---- checkpoint

static art_status describe_checkpoint(json_t *object, const char *path, art_error *err)
{
  art_checkpoint c;
  art_status status = art_checkpoint_read(path, &c, err);
  if (status != ART_OK) return status;
  char when[32];
  const time_t written = (time_t)c.written_at;
  struct tm parts;
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&written, &parts));
  set_clock(object, "saved_at", c.now_ms);
  set_clock(object, "begin", c.begin_ms);
  set_clock(object, "end", c.end_ms);
  set_hash(object, "hash", c.hash);
  set_int(object, "seed", (json_int_t)c.seed);
  set_text(object, "scenario", c.scenario);
  set_text(object, "result", c.result_path);
  set_text(object, "journal", c.journal);
  set_int(object, "journal_bytes", c.mark.bytes);
  set_int(object, "state_bytes", (int64_t)c.state.count);
  set_text(object, "written", when);
  set_text(object, "host", c.host);
  set_text(object, "program_version", c.version);
  set_text(object, "git_commit", c.commit);
  set_int(object, "ranks", c.ranks);
  set_int(object, "threads", c.threads);
  set_int(object, "restarts", c.restarts);
  set_real(object, "wall_s", c.wall_s);
  set_text(object, "config", c.config);
  set_sources(object, c.input_count, c.input);
  status = art_checkpoint_check_journal(path, &c, err);
  art_checkpoint_clear(&c);
  return status;
}

// ---- all

art_status art_describe(const char *path, json_t **out, art_error *err)
{
  *out = NULL;
  art_file_kind kind;
  art_status status = art_file_recognise(path, &kind, err);
  if (status != ART_OK) return status;
  json_t *object = json_object();
  char sum[65] = "";
  struct stat info;
  set_text(object, "file", path);
  set_text(object, "kind", art_file_kind_name(kind));
  if (stat(path, &info) == 0) set_int(object, "bytes", info.st_size);
  switch (kind) {
  case ART_FILE_CITY: status = describe_city(object, path, err); break;
  case ART_FILE_DEMAND: status = describe_demand(object, path, err); break;
  case ART_FILE_FEED: status = describe_feed(object, path, err); break;
  case ART_FILE_RESULT: status = describe_result(object, path, err); break;
  case ART_FILE_HDF5: status = describe_other(object, path, err); break;
  case ART_FILE_SCENARIO: status = describe_scenario(object, path, err); break;
  case ART_FILE_BATCH: status = describe_batch(object, path, err); break;
  case ART_FILE_CALIBRATION: status = describe_calibration(object, path, err); break;
  case ART_FILE_PLAN: status = describe_plan(object, path, err); break;
  case ART_FILE_CHECKPOINT: status = describe_checkpoint(object, path, err); break;
  case ART_FILE_UNKNOWN:
    status =
        art_fail(err, ART_E_INPUT, "%s: neither an HDF5 file nor a configuration file of this program", path);
    break;
  }
  if (status == ART_OK) status = art_h5_sha256(path, sum, err);
  set_text(object, "sha256", sum);
  if (status == ART_OK)
    *out = object;
  else
    json_decref(object);
  return status;
}
