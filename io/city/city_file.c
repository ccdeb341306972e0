// *.city.h5: the tables of city_tables.c plus what does not fit into columns: states of phases, the reference
// system.
#include "io/city/city_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "io/city/city_tables_internal.h"
#include "io/h5/h5.h"

static const char *const state_path = "/signals/phases/state";

art_status art_file_sha256(const char *path, char hex[65], art_error *err)
{
  return art_h5_sha256(path, hex, err);
}

// ---- writing

/// One text of signal letters per phase, which people can read.
static void write_states(art_h5 *f, const art_net *net)
{
  char **text = ART_NEW(char *, net->phase_count);
  for (int32_t p = 0; p < net->phase_count; ++p) {
    const int64_t first = net->phase_first_state[p], length = net->phase_first_state[p + 1] - first;
    text[p] = ART_NEW(char, length + 1);
    memcpy(text[p], net->phase_state + first, (size_t)length);
  }
  art_h5_put(f,
             &(art_h5_var){ .path = state_path,
                            .type = ART_H5_STRING,
                            .axis = { "phase" },
                            .long_name = "state of each group, letters r y g G s u o O" },
             net->phase_count, 0, text);
  art_h5_free_strings(text, net->phase_count);
}

/// CF grid mapping: an empty variable that carries the reference system as attributes.
static void write_system(art_h5 *f, const art_city *city)
{
  const int32_t nothing = 0;
  art_h5_put_scalar(f, "/crs", ART_H5_INT32, &nothing);
  art_h5_set_text(f, "/crs", "long_name",
                  "reference system: projected = city coordinates - (offset_x, offset_y)");
  if (city->crs_wkt) art_h5_set_text(f, "/crs", "crs_wkt", city->crs_wkt);
  art_h5_set_real(f, "/crs", "offset_x", city->offset_x);
  art_h5_set_real(f, "/crs", "offset_y", city->offset_y);
  art_h5_set_int(f, "/crs", "left_hand_traffic", city->left_hand != 0);
  static const char *const drawn[] = { "/nodes/x", "/nodes/y", "/geometry/x", "/geometry/y" };
  for (size_t i = 0; i < sizeof drawn / sizeof *drawn; ++i)
    art_h5_set_text(f, drawn[i], "grid_mapping", "crs");
}

art_status art_city_write(const char *path, const art_city *city, const char *command, int force,
                          art_error *err)
{
  art_h5 *f;
  const art_status status = art_h5_create(path, force, &f, err);
  if (status != ART_OK) return status;
  void *const owner[ART_OWNER_COUNT] = { (void *)city, city->net };  // only read
  art_h5_set_schema(f, "city", ART_CITY_VERSION, city->title, command);
  for (int i = 0; i < ART_CITY_TABLE_COUNT; ++i) art_table_write(f, &art_city_tables[i], owner);
  write_states(f, city->net);
  write_system(f, city);
  art_sources_write(f, city->source_count, city->source);
  return art_h5_commit(f, err);
}

// ---- reading

static void read_states(art_h5 *f, art_net *net)
{
  char **text = art_h5_get_new(f, state_path, ART_H5_STRING, net->phase_count, 0, NULL);
  if (!text) return;
  net->phase_first_state = ART_NEW(int64_t, net->phase_count + 1);
  for (int32_t p = 0; p < net->phase_count; ++p)
    net->phase_first_state[p + 1] = net->phase_first_state[p] + (int64_t)strlen(text[p]);
  net->phase_state = ART_NEW(char, net->phase_first_state[net->phase_count] + 1);
  for (int32_t p = 0; p < net->phase_count; ++p)
    memcpy(net->phase_state + net->phase_first_state[p], text[p], strlen(text[p]));
  art_h5_free_strings(text, net->phase_count);
}

/// Every signal has a phase, with a letter for every group.
static void check_groups(art_h5 *f, const art_net *net)
{
  if (art_h5_status(f, NULL) != ART_OK) return;
  const int64_t most = net->phase_first_state[net->phase_count];
  int64_t sum = 0;
  for (int32_t s = 0; s < net->signal_count; ++s) {
    sum += net->signal_group_count[s];
    if (net->signal_group_count[s] >= 0 && sum <= most) continue;
    art_h5_refuse(f, "/signals/group_count", "row %" PRId32 ": %" PRId32 " groups are more than the states have letters", s,
                  net->signal_group_count[s]);
    return;
  }
}

static void read_system(art_h5 *f, art_city *city)
{
  int64_t left = 0;
  city->crs_wkt = art_h5_get_text(f, "/crs", "crs_wkt");
  if (!art_h5_get_real(f, "/crs", "offset_x", &city->offset_x)) city->offset_x = 0;
  if (!art_h5_get_real(f, "/crs", "offset_y", &city->offset_y)) city->offset_y = 0;
  if (!isfinite(city->offset_x) || !isfinite(city->offset_y))
    art_h5_refuse(f, "/crs", "the offset is not finite");
  art_h5_get_int(f, "/crs", "left_hand_traffic", &left);
  city->left_hand = left != 0;
}

/// Which lanes belong to links and which are connectors follows from the counts.
static void split_lanes(art_h5 *f, art_net *net)
{
  if (art_h5_status(f, NULL) != ART_OK) return;
  net->link_lane_count = net->lane_count - net->connector_count;
  const int32_t of_links = net->link_first_lane[net->link_count];
  if (net->link_lane_count != of_links)
    art_h5_refuse(f, "/lanes",
                  "has %" PRId32 " rows, expected %" PRId32 " lanes of links and %" PRId32 " connectors",
                  net->lane_count, of_links, net->connector_count);
  else if (art_h5_rows(f, "/lanes/link_lane") != of_links)
    art_h5_refuse(f, "/lanes/link_lane", "has %" PRId64 " values, expected %" PRId32,
                  art_h5_rows(f, "/lanes/link_lane"), of_links);
  if (art_h5_status(f, NULL) != ART_OK) return;
  // Connectors have no neighbours; in memory the masks cover all lanes all the same.
  uint32_t **const mask[] = { &net->lane_change_left, &net->lane_change_right };
  for (int i = 0; i < 2; ++i) {
    *mask[i] = art_renew(*mask[i], (size_t)net->lane_count, sizeof **mask[i]);
    memset(*mask[i] + of_links, 0, (size_t)net->connector_count * sizeof **mask[i]);
  }
}

static void check_points(art_h5 *f, const char *what, int64_t count, const double *x, const double *y)
{
  for (int64_t i = 0; i < count; ++i)
    if (!isfinite(x[i]) || !isfinite(y[i])) {
      art_h5_refuse(f, what, "row %" PRId64 ": coordinate (%g, %g) is not finite", i, x[i], y[i]);
      return;
    }
}

static void check_drawing(art_h5 *f, const art_city *city)
{
  const art_net *net = city->net;
  if (art_h5_status(f, NULL) != ART_OK) return;
  for (int32_t l = 0; l < net->lane_count; ++l)
    if (city->lane_first_point[l + 1] - city->lane_first_point[l] < 2) {
      art_h5_refuse(f, "/lanes/point_count", "lane %" PRId32 " has fewer than 2 points", l);
      return;
    }
  check_points(f, "/nodes", net->node_count, city->node_x, city->node_y);
  check_points(f, "/geometry", city->lane_first_point[net->lane_count], city->point_x, city->point_y);
  check_points(f, "/geometry/outline", city->node_first_point[net->node_count], city->node_point_x,
               city->node_point_y);
}

/// All columns, with values not looked at.
static art_status read_tables(art_h5 *f, art_city *city)
{
  void *const owner[ART_OWNER_COUNT] = { city, city->net };
  art_h5_check_schema(f, "city", ART_CITY_VERSION);
  for (int i = 0; i < ART_CITY_TABLE_COUNT && art_h5_status(f, NULL) == ART_OK; ++i)
    art_table_read(f, &art_city_tables[i], owner);
  split_lanes(f, city->net);
  return art_h5_status(f, NULL);
}

static int64_t check_indices(art_h5 *f, art_city *city, art_on_problem report, void *context)
{
  void *const owner[ART_OWNER_COUNT] = { city, city->net };
  int64_t found = 0;
  for (int i = 0; i < ART_CITY_TABLE_COUNT; ++i)
    found += art_table_check(f, &art_city_tables[i], owner, report, context);
  return found;
}

static void read_city(art_h5 *f, art_city *city)
{
  read_tables(f, city);
  if (art_h5_status(f, NULL) == ART_OK) {
    city->title = art_h5_get_text(f, "/", "title");
    read_states(f, city->net);
    check_groups(f, city->net);
    read_system(f, city);
    art_sources_read(f, &city->source_count, &city->source);
  }
  check_indices(f, city, NULL, NULL);  // art_net_index relies on some of them
  check_drawing(f, city);
}

/// All but the check of the network.
static art_status load_city(const char *path, art_city **out, art_error *err)
{
  *out = NULL;
  art_h5 *f;
  art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  art_city *city = art_city_new();
  read_city(f, city);
  status = art_h5_commit(f, err);
  if (status == ART_OK) {
    art_net_index(city->net);
    *out = city;
  } else {
    art_city_free(city);
  }
  return status;
}

art_status art_city_read(const char *path, art_city **out, art_error *err)
{
  art_status status = load_city(path, out, err);
  if (status == ART_OK) status = art_net_check((*out)->net, err);
  if (status != ART_OK && *out) {
    art_fail_prefix(err, "%s: ", path);
    art_city_free(*out);
    *out = NULL;
  }
  return status;
}

/// Puts the file before what is said about the network.
typedef struct named_report {
  const char *path;
  art_on_problem report;
  void *context;
} named_report;

static void report_named(void *context, const char *message)
{
  const named_report *named = context;
  art_error err = { ART_OK, "" };
  art_fail(&err, ART_E_INPUT, "%s: %s", named->path, message);
  named->report(named->context, err.message);
}

int64_t art_city_problems(const char *path, art_on_problem report, void *context)
{
  enum { MOST_TOLD = 100 };
  art_h5 *f;
  art_error err = { ART_OK, "" };
  int64_t found = 0;
  if (art_h5_open(path, &f, &err) == ART_OK) {
    art_city *city = art_city_new();
    if (read_tables(f, city) == ART_OK) found = check_indices(f, city, report, context);
    art_city_free(city);
    art_h5_discard(f);
    if (found > 0) return found;
  }
  art_city *city;
  if (load_city(path, &city, &err) != ART_OK) {
    report(context, err.message);
    return 1;
  }
  named_report named = { path, report, context };
  found = art_net_problems(city->net, MOST_TOLD, report_named, &named);
  if (found > MOST_TOLD) {
    art_fail(&err, ART_E_INPUT, "%s: %" PRId64 " more problems, not listed", path, found - MOST_TOLD);
    report(context, err.message);
  }
  art_city_free(city);
  return found;
}

uint64_t art_city_hash(const art_city *city)
{
  void *const owner[ART_OWNER_COUNT] = { (void *)city, city->net };
  const art_net *net = city->net;
  uint64_t hash = art_hash2(ART_CITY_VERSION, (uint64_t)net->link_lane_count);
  for (int i = 0; i < ART_CITY_TABLE_COUNT; ++i) hash = art_table_hash(hash, &art_city_tables[i], owner);
  for (int32_t p = 0; p < net->phase_count; ++p) {
    const int64_t first = net->phase_first_state[p];
    hash = art_hash_bytes(hash, net->phase_state + first, (size_t)(net->phase_first_state[p + 1] - first));
  }
  hash = art_hash_text(hash, city->crs_wkt);
  const double offset[2] = { city->offset_x, city->offset_y };
  hash = art_hash_bytes(hash, offset, sizeof offset);
  return art_hash2(hash, city->left_hand != 0);
}

int64_t art_city_bytes(const art_city *city)
{
  void *const owner[ART_OWNER_COUNT] = { (void *)city, city->net };
  const art_net *net = city->net;
  int64_t bytes = net->phase_first_state ? net->phase_first_state[net->phase_count] : 0;
  for (int i = 0; i < ART_CITY_TABLE_COUNT; ++i) bytes += art_table_bytes(&art_city_tables[i], owner);
  // What follows from it: connectors by lane and by node, control that programs do without, masks that connectors have none of.
  bytes += (int64_t)sizeof(int32_t) * (2 * ((int64_t)net->link_lane_count + 1) + net->node_count + 1 +
                                       4 * (int64_t)net->connector_count);
  return bytes;
}
