// `arterial export gmns|geojson|omx ...`
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/geo/geojson.h"
#include "io/gmns/gmns.h"
#include "scenarios/cli/import_network.h"
#include "scenarios/cli/import_network_internal.h"
#include "scenarios/cli/matrix_trips.h"
#include "scenarios/cli/verbs.h"

enum { KEY_FORCE = 256, KEY_CITY, KEY_ZONES };

typedef struct arguments {
  const char *input, *output, *city, *zones;
  int force;
} arguments;

static art_status check_free(const arguments *a, const char *path, art_error *err)
{
  const char *const inputs[] = { a->input, a->city, a->zones };
  const art_status status = art_output_check_apart(path, sizeof inputs / sizeof *inputs, inputs, err);
  return status == ART_OK ? art_output_check(path, a->force, err) : status;
}

static art_status export_gmns(const arguments *a, art_error *err)
{
  art_city *city = NULL;
  art_status status = art_city_read(a->input, &city, err);
  if (status == ART_OK && mkdir(a->output, 0777) != 0 && errno != EEXIST)
    status = art_fail(err, ART_E_OPEN, "%s: the folder cannot be made: %s", a->output, strerror(errno));
  for (int i = 0; status == ART_OK && art_gmns_tables[i]; ++i) {
    char *path = ART_NEW(char, strlen(a->output) + strlen(art_gmns_tables[i]) + 8);
    sprintf(path, "%s/%s.csv", a->output, art_gmns_tables[i]);
    status = check_free(a, path, err);
    if (status == ART_OK && access(path, F_OK) == 0) unlink(path);  // tables that this city does not have
    free(path);
  }
  art_gmns_losses losses = { 0 };
  if (status == ART_OK) status = art_gmns_write(city, a->output, &losses, err);
  if (status == ART_OK) {
    printf("network: %s: %" PRId32 " nodes, %" PRId32 " links, %" PRId32 " lanes, %" PRId32 " movements\n",
           a->output, city->net->node_count, city->net->link_count, city->net->link_lane_count,
           city->net->connector_count);
    art_import_note(losses.programs, "signal programs that are neither by the clock nor NEMA, left out");
  }
  art_city_free(city);
  return status;
}

static art_status export_geojson(const arguments *a, art_error *err)
{
  art_city *city = NULL;
  art_status status = art_city_read(a->input, &city, err);
  if (status == ART_OK) status = check_free(a, a->output, err);
  if (status == ART_OK && (status = art_geojson_write_city(city, a->output, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", a->input);
  if (status == ART_OK) printf("map: %s\n", a->output);
  art_city_free(city);
  return status;
}

static art_status export_omx(const arguments *a, art_error *err)
{
  const art_status status = check_free(a, a->output, err);
  if (status != ART_OK) return status;
  return art_matrix_from_trips(a->input, a->city, a->zones, a->output, a->force, err);
}

typedef struct format {
  const char *name, *arguments, *doc;
  art_status (*run)(const arguments *a, art_error *err);
  int needs_city;
} format;

static const format formats[] = {
  { "gmns", "CITY -o FOLDER",
    "Write a city as a GMNS folder.\v"
    "config, node, link, lane, movement, use_definition and, where there are signals, signal_* tables of "
    "GMNS 0.96. Each "
    "movement leads from one lane to one lane. Importing the folder gives the same city again, but for "
    "shapes of "
    "connectors, stops, crossings and detectors.",
    export_gmns, 0 },
  { "geojson", "CITY -o FILE.geojson",
    "Write links, lanes, connectors and junctions as a map: GeoJSON, longitude and latitude.\v"
    "The city needs a coordinate system.",
    export_geojson, 0 },
  { "omx", "DEMAND --city CITY -o FILE.omx",
    "Count the trips of a demand between nodes, or zones, into a matrix in Open Matrix format.\v"
    "A trip counts from the node where its first link begins to the node where its last link ends. --zones "
    "names a table "
    "with the columns node and zone.",
    export_omx, 1 },
};
enum { FORMATS = sizeof formats / sizeof *formats };

const char art_export_network_overview[] =
    "  gmns      General Modeling Network Specification: a folder of *.csv\n"
    "  geojson   a map of links, lanes and junctions\n"
    "  omx       a demand as a matrix between nodes or zones\n";

typedef struct parse_state {
  const format *format;
  arguments a;
} parse_state;

static error_t parse(int key, char *arg, struct argp_state *state)
{
  parse_state *p = state->input;
  switch (key) {
  case 'o': p->a.output = arg; return 0;
  case KEY_FORCE: p->a.force = 1; return 0;
  case KEY_CITY: p->a.city = arg; return 0;
  case KEY_ZONES: p->a.zones = arg; return 0;
  case ARGP_KEY_ARG:
    if (p->a.input) argp_error(state, "one input at a time: %s, %s", p->a.input, arg);
    p->a.input = arg;
    return 0;
  case ARGP_KEY_END:
    if (!p->a.input) argp_error(state, "an input is missing");
    if (!p->a.output) argp_error(state, "-o is missing");
    if (p->format->needs_city && !p->a.city) argp_error(state, "--city is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static int run_format(const format *f, int argc, char **argv)
{
  static const struct argp_option with_city[] = {
    { "output", 'o', "FILE", 0, "the file to write (required)", 0 },
    { "city", KEY_CITY, "CITY", 0, "the *.city.h5 of the demand (required)", 0 },
    { "zones", KEY_ZONES, "FILE", 0, "a table of nodes and their zones (each node is a zone)", 0 },
    { "force", KEY_FORCE, NULL, 0, "overwrite outputs", 0 },
    { 0 }
  };
  static const struct argp_option plain[] = { { "output", 'o', "PATH", 0,
                                                "the file or folder to write (required)", 0 },
                                              { "force", KEY_FORCE, NULL, 0, "overwrite outputs", 0 },
                                              { 0 } };
  const struct argp argp = {
    f->needs_city ? with_city : plain, parse, f->arguments, f->doc, NULL, NULL, NULL
  };
  parse_state p = { .format = f };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &p);
  art_error err = { 0 };
  const art_status status = f->run(&p.a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial export: %s\n", err.message);
  return art_status_exit_code(status);
}

int art_export_network(int argc, char **argv, int *exit_code)
{
  for (int i = 0; i < FORMATS; ++i) {
    if (strcmp(argv[1], formats[i].name) != 0) continue;
    char name[64];
    snprintf(name, sizeof name, "arterial export %s", formats[i].name);
    argv[1] = name;
    *exit_code = run_format(&formats[i], argc - 1, argv + 1);
    return 1;
  }
  return 0;
}
