// `arterial import tntp NET [TRIPS] [--nodes NODES] -o CITY.city.h5`
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/memory.h"
#include "io/h5/omx.h"
#include "io/tntp/tntp.h"
#include "scenarios/cli/import_network_internal.h"

static art_status unit_of(const char *option, const char *text, double *unit, art_error *err)
{
  static const struct {
    const char *name;
    double si;
    int is_time;
  } known[] = { { "m", 1.0, 0 }, { "km", 1000.0, 0 }, { "ft", 0.3048, 0 }, { "mi", 1609.344, 0 },
                { "s", 1.0, 1 }, { "min", 60.0, 1 },  { "h", 3600.0, 1 },  { "0.01h", 36.0, 1 } };
  if (!text) return ART_OK;
  const int is_time = strcmp(option, "time-unit") == 0;
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    if (known[i].is_time != is_time || strcmp(known[i].name, text) != 0) continue;
    *unit = known[i].si;
    return ART_OK;
  }
  return art_fail(err, ART_E_USAGE, "--%s %s: accepted: %s", option, text,
                  is_time ? "s, min, h, 0.01h" : "m, km, ft, mi");
}

static FILE *open_file(const char *path, art_status *status, art_error *err)
{
  FILE *file = fopen(path, "r");
  if (!file) *status = art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  return file;
}

static void give_rows(void *context, int32_t index, int32_t first, int32_t count, double *values)
{
  (void)index;
  const art_tntp_trips *trips = context;
  memcpy(values, trips->flow + (size_t)first * (size_t)trips->zones,
         (size_t)count * (size_t)trips->zones * sizeof *values);
}

static art_status write_matrix(const art_import_arguments *a, art_tntp_trips *trips, art_error *err)
{
  char *beside = a->matrix_output ? NULL : art_import_beside(a->output, ".omx");
  const char *path = a->matrix_output ? a->matrix_output : beside;
  char **zone = ART_NEW(char *, trips->zones);
  for (int32_t i = 0; i < trips->zones; ++i) {
    char text[32];
    snprintf(text, sizeof text, "%d", i + 1);
    zone[i] = art_strdup(text);
  }
  const char *const name[] = { "trips" };
  const art_status status = art_omx_write(path, trips->zones, zone, 1, name, give_rows, trips, a->force, err);
  if (status == ART_OK)
    printf("matrix: %s: %" PRId32 " zones, %.6g trips\n", path, trips->zones, trips->total);
  for (int32_t i = 0; i < trips->zones; ++i) free(zone[i]);
  free(zone);
  free(beside);
  return status;
}

static void print_report(const art_tntp_report *r)
{
  printf("units: length %g m, time %g s; half of the links are faster than %.3g km/h\n", r->length_unit_m,
         r->time_unit_s, 3.6 * r->speed_mps);
  if (r->is_drawn) printf("note: there is no node file; nodes were placed by their distances\n");
  art_import_note(r->links_without_length, "links without a length, taken as 100 m");
  art_import_note(r->links_without_time, "links without a time, taken at 50 km/h");
  art_import_note(r->speeds_clipped, "free speeds below 11 or above 144 km/h, clipped");
  art_import_note(r->lanes_clipped, "links whose capacity asks for more lanes than --lanes-most");
  art_import_print_sketch(&r->sketch);
}

art_status art_import_tntp(const art_import_arguments *a, art_error *err)
{
  art_tntp_options o = { .lane_capacity = a->lane_capacity,
                         .lanes_most = (int32_t)a->lanes_most,
                         .signals = 1,
                         .crs = a->crs,
                         .left_hand = a->left_hand };
  const char *slash = strrchr(a->input[0], '/');
  o.title = slash ? slash + 1 : a->input[0];
  art_status status = unit_of("length-unit", a->length_unit, &o.length_unit_m, err);
  if (status == ART_OK) status = unit_of("time-unit", a->time_unit, &o.time_unit_s, err);
  if (status == ART_OK && a->junctions && strcmp(a->junctions, "priority") == 0) o.signals = 0;
  if (status == ART_OK && a->junctions && strcmp(a->junctions, "priority") && strcmp(a->junctions, "signals"))
    status = art_fail(err, ART_E_USAGE, "--junctions %s: accepted: signals, priority", a->junctions);
  art_tntp_net net = { 0 };
  art_tntp_trips trips = { 0 };
  double *xy = NULL;
  art_city *city = NULL;
  art_tntp_report report;
  FILE *file = status == ART_OK ? open_file(a->input[0], &status, err) : NULL;
  if (file) status = art_tntp_read_net(a->input[0], file, &net, err);
  if (file) fclose(file);
  file = status == ART_OK && a->nodes ? open_file(a->nodes, &status, err) : NULL;
  if (file) status = art_tntp_read_nodes(a->nodes, file, net.nodes, &xy, err);
  if (file) fclose(file);
  file = status == ART_OK && a->input[1] ? open_file(a->input[1], &status, err) : NULL;
  if (file) status = art_tntp_read_trips(a->input[1], file, &trips, err);
  if (file) fclose(file);
  if (status == ART_OK && (status = art_tntp_build(&net, xy, &o, &city, &report, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", a->input[0]);
  char *source[2] = { (char *)a->input[0], (char *)a->nodes };
  if (status == ART_OK) status = art_import_write_city(a, city, a->nodes ? 2 : 1, source, err);
  if (status == ART_OK && trips.zones) status = write_matrix(a, &trips, err);
  if (status == ART_OK) print_report(&report);
  art_city_free(city);
  free(xy);
  art_tntp_trips_clear(&trips);
  art_tntp_net_clear(&net);
  return status;
}
