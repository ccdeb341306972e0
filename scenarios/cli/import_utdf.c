// `arterial import utdf UTDF.csv -o CITY.city.h5`
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/csv_columns.h"
#include "io/feed/csv_table.h"
#include "io/feed/feed.h"
#include "io/utdf/utdf.h"
#include "scenarios/cli/import_network_internal.h"

typedef struct control_points {
  art_csv_columns columns;
  int32_t count, capacity, lon_count, lon_capacity, lat_count, lat_capacity;
  char **id;
  double *lon, *lat;
} control_points;

static art_status point_header(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  static const char *const name[] = { "node_id", "x_coord", "y_coord" };
  (void)line;
  control_points *c = user;
  return art_csv_bind(&c->columns, name, 3, 3, count, field, err);
}

static art_status point_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  control_points *c = user;
  double lon = 0.0, lat = 0.0;
  art_status status = art_csv_number(&c->columns, 1, count, field, -180.0, 180.0, NAN, &lon, err);
  if (status == ART_OK) status = art_csv_number(&c->columns, 2, count, field, -90.0, 90.0, NAN, &lat, err);
  if (status != ART_OK || !isfinite(lon) || !isfinite(lat)) return status;
  ART_PUSH(c->id, c->count, c->capacity, art_strdup(art_csv_text(&c->columns, 0, count, field)));
  ART_PUSH(c->lon, c->lon_count, c->lon_capacity, lon);
  ART_PUSH(c->lat, c->lat_count, c->lat_capacity, lat);
  return ART_OK;
}

/// The volumes as counts: a station a link, one hour from a->begin_s of `date`.
static art_status write_counts(const art_import_arguments *a, const art_net *net, const art_utdf_turn *turns,
                               int32_t count, int32_t date, art_error *err)
{
  double *volume = ART_NEW(double, net->link_count);
  int32_t n = 0;
  for (int32_t i = 0; i < count; ++i) {
    n += volume[turns[i].from] == 0.0 && turns[i].volume_vph > 0.0;
    volume[turns[i].from] += turns[i].volume_vph;
  }
  art_feed *f = art_feed_new();
  f->timezone = art_strdup(a->timezone);
  f->station_id = ART_NEW(char *, n), f->station_link = ART_NEW(char *, n),
  f->station_kind = ART_NEW(uint8_t, n);
  f->station_source = ART_NEW(char *, n), f->station_rank = ART_NEW(int32_t, n);
  f->station_distance_m = ART_NEW(float, n), f->station_lanes = ART_NEW(int32_t, n);
  f->station_exclude = ART_NEW(char *, n);
  f->observation_station = ART_NEW(int32_t, n), f->observation_date = ART_NEW(int32_t, n);
  f->observation_begin_s = ART_NEW(int32_t, n), f->observation_length_s = ART_NEW(int32_t, n);
  f->observation_flow_vph = ART_NEW(float, n), f->observation_quality = ART_NEW(float, n);
  for (int32_t l = 0; l < net->link_count; ++l) {
    if (volume[l] <= 0.0) continue;
    const int32_t k = f->station_count++;
    f->station_id[k] = art_strdup(net->link_id[l]);
    f->station_link[k] = art_strdup(net->link_id[l]);
    f->station_kind[k] = ART_STATION_LOOP;
    f->station_source[k] = art_strdup("UTDF volume");
    f->station_distance_m[k] = NAN;
    f->station_lanes[k] = art_net_link_lanes(net, l);
    f->station_exclude[k] = art_strdup("");
    f->observation_station[k] = k;
    f->observation_date[k] = date;
    f->observation_begin_s[k] = (int32_t)a->begin_s;
    f->observation_length_s[k] = 3600;
    f->observation_flow_vph[k] = (float)(a->scale * volume[l]);
    f->observation_quality[k] = 1.0f;
  }
  f->observation_count = f->station_count;
  char hash[65];
  art_status status = art_feed_check(f, err);
  if (status == ART_OK) status = art_file_sha256(a->input[0], hash, err);
  const art_feed_source source = { a->input[0], hash };
  if (status == ART_OK) status = art_feed_write(a->counts_output, f, a->command, 1, &source, a->force, err);
  if (status == ART_OK) printf("counts: %s: %" PRId32 " links\n", a->counts_output, f->station_count);
  art_feed_free(f);
  free(volume);
  return status;
}

static void print_report(const art_utdf_report *r)
{
  printf("read: %d nodes, %d links, %d movements with %.6g vehicles/h, %d signals, %d of them with a timing "
         "plan\n",
         r->nodes, r->links, r->lane_groups, r->volume, r->signals, r->plans);
  if (r->control_error_m > 0.0) printf("control points: at most %.3g m off\n", r->control_error_m);
  art_import_note(r->bays, "turn lanes with a storage length");
  art_import_note(r->groups_attached,
                  "movements with volume that no lane serves, given to the outermost lane");
  art_import_note(r->overfull, "approaches with more volume than their lanes could pass without a signal (2400 a lane)");
  if (r->overfull) printf("      first: %s\n", r->overfull_first);
  art_import_note(r->roundabouts, "roundabouts, taken as priority junctions");
  art_import_note(r->plans_refused,
                  "timing plans that would let crossing streams go together; guesses stand in");
  if (r->plans_refused) printf("      first: %s\n", r->refused_plan);
  art_import_print_sketch(&r->sketch);
}

art_status art_import_utdf(const art_import_arguments *a, art_error *err)
{
  control_points points = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_utdf_turn *turns = NULL;
  int32_t count = 0;
  art_utdf_report report;
  int32_t date = 0;
  if (!art_date_parse(a->date, &date))
    return art_fail(err, ART_E_USAGE, "--date %s: accepted: a day such as 2026-03-02", a->date);
  art_status status = art_import_check_free(a, a->counts_output, err);
  if (status == ART_OK && a->control_points)
    status = art_csv_walk(a->control_points, ',', point_header, point_row, &points, err);
  const art_utdf_options o = { .left_hand = a->left_hand,
                               .control_count = points.count,
                               .control_id = points.id,
                               .control_lon = points.lon,
                               .control_lat = points.lat };
  if (status == ART_OK) status = art_utdf_read(a->input[0], &o, &city, &turns, &count, &report, err);
  char *file[2] = { (char *)a->input[0], (char *)a->control_points };
  if (status == ART_OK) status = art_import_write_city(a, city, a->control_points ? 2 : 1, file, err);
  if (status == ART_OK && a->demand_output) {
    status = art_utdf_trips(city->net, count, turns, a->scale, (uint64_t)a->seed, &demand, err);
    if (status == ART_OK) status = art_import_write_demand(a, demand, city, 1, file, err);
  }
  if (status == ART_OK && a->counts_output) status = write_counts(a, city->net, turns, count, date, err);
  if (status == ART_OK) print_report(&report);
  for (int32_t i = 0; i < points.count; ++i) free(points.id[i]);
  free(points.id), free(points.lon), free(points.lat);
  free(turns);
  art_demand_free(demand);
  art_city_free(city);
  return status;
}
