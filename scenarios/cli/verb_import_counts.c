#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/feed/counts_import.h"
#include "io/feed/feed.h"
#include "scenarios/cli/import_counts.h"
#include "scenarios/cli/verbs.h"

typedef struct options {
  const char *table, *map, *stations, *city, *output;
  int force;
} options;

static const struct argp_option option_table[] = {
  { "map", 'm', "MAP.yaml", 0, "How the table is laid out and which station counts which link", 0 },
  { "stations", 's', "STATIONS.csv", 0, "The station table; default: the one that the map names", 0 },
  { "city", 'c', "C.city.h5", 0, "The city whose links the stations count", 0 },
  { "output", 'o', "F.feed.h5", 0, "The feed to write", 0 },
  { "force", 'f', NULL, 0, "Overwrite the output", 0 },
  { 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
  options *o = state->input;
  switch (key) {
  case 'm': o->map = value; return 0;
  case 's': o->stations = value; return 0;
  case 'c': o->city = value; return 0;
  case 'o': o->output = value; return 0;
  case 'f': o->force = 1; return 0;
  case ARGP_KEY_ARG:
    if (o->table) argp_error(state, "one table at a time, not also '%s'", value);
    o->table = value;
    return 0;
  case ARGP_KEY_END:
    if (!o->table || !o->map || !o->city || !o->output)
      argp_error(state, "needs TABLE.csv, --map, --city and -o");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static void print_report(const options *o, const art_reject_report *r, const art_feed *feed)
{
  for (int32_t i = 0; i < r->message_count; ++i) fprintf(stderr, "rejected: %s\n", r->message[i]);
  if (r->further) fprintf(stderr, "rejected: and %" PRId64 " more\n", r->further);
  printf("stations=%" PRId32 " not_used=%" PRId32 " rows=%" PRId64 " accepted=%" PRId64 " rejected=%" PRId64
         " values=%" PRId64 " missing=%" PRId64 " rejected_values=%" PRId64 " observations=%" PRId64 "\n",
         feed->station_count, r->rejected_stations, r->rows, r->accepted, r->rejected_rows, r->values,
         r->missing_values, r->rejected_values, feed->observation_count);
  printf("%s: written\n", o->output);
}

static art_status write_feed(const options *o, const art_counts_map *map, const art_feed *feed,
                             art_error *err)
{
  const char *paths[] = { o->table, o->stations ? o->stations : map->stations_path, o->map, o->city };
  enum { COUNT = sizeof paths / sizeof *paths };
  char hash[COUNT][65];
  art_feed_source source[COUNT];
  for (int i = 0; i < COUNT; ++i) {
    const art_status status = art_file_sha256(paths[i], hash[i], err);
    if (status != ART_OK) return status;
    source[i] = (art_feed_source){ paths[i], hash[i] };
  }
  return art_feed_write(o->output, feed, art_command_line(), COUNT, source, o->force, err);
}

int art_verb_import_counts(int argc, char **argv)
{
  static const struct argp argp = {
    option_table,
    parse,
    "TABLE.csv --map MAP.yaml --city C.city.h5 -o F.feed.h5",
    "Reads a table of traffic counts into a feed. Rows that cannot be used are listed and left out.\v"
    "Example: arterial import counts loop_counts.csv --stations loops.csv --map bologna_counts.map.yaml "
    "--city bologna.city.h5 -o loops.feed.h5",
    NULL,
    NULL,
    NULL
  };
  options o = { 0 };
  argp_err_exit_status = 2;
  if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;

  art_error err = { 0 };
  art_counts_map *map = NULL;
  art_city *city = NULL;
  art_feed *feed = NULL;
  art_reject_report report = { 0 };
  const char *const inputs[] = { o.table, o.map, o.stations, o.city };
  art_status status = art_output_check_apart(o.output, sizeof inputs / sizeof *inputs, inputs, &err);
  if (status == ART_OK) status = art_output_check(o.output, o.force, &err);
  if (status == ART_OK) status = art_counts_map_read(o.map, &map, &err);
  if (status == ART_OK) status = art_city_read(o.city, &city, &err);
  if (status == ART_OK) status = art_output_check_apart(o.output, 1, (const char *const[]){ map->stations_path }, &err);
  if (status == ART_OK) status = art_counts_import(o.table, o.stations, map, city->net, &report, &feed, &err);
  if (status == ART_OK) status = write_feed(&o, map, feed, &err);
  if (status == ART_OK)
    print_report(&o, &report, feed);
  else
    fprintf(stderr, "arterial import counts: %s\n", err.message);
  art_reject_report_clear(&report);
  art_feed_free(feed);
  art_city_free(city);
  art_counts_map_free(map);
  return art_status_exit_code(status);
}
