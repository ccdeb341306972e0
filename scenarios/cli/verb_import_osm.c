// `arterial import osm`: an OpenStreetMap extract into a *.city.h5.
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/osm/import.h"
#include "scenarios/cli/import_osm.h"
#include "scenarios/cli/verbs.h"

enum { KEY_CLIP = 256, KEY_BOX, KEY_CRS, KEY_LEFT_HAND, KEY_DEFAULTS, KEY_PATCH, KEY_AT, KEY_BICYCLES, KEY_RAILS, KEY_PEOPLE,
       KEY_ELEVATION, KEY_FORCE };

typedef struct arguments {
  const char *input, *output;
  art_osm_import_options options;
  int force;
} arguments;

static const char doc[] =
    "Make a city out of an OpenStreetMap extract.\v"
    "FILE is a *.osm, *.osm.gz or *.osm.pbf. Roads of motor vehicles become links with lanes, nodes that "
    "belong together "
    "become junctions with connections from lane to lane, right of way, and signals whose timing is "
    "guessed.\n\n"
    "Examples:\n"
    "  arterial import osm town.osm.pbf --defaults DE -o town.city.h5\n"
    "  arterial import osm land.osm.pbf --bbox 7.41,43.72,7.44,43.75 --patch fixes.yaml -o part.city.h5";

static const struct argp_option option_list[] = {
  { "output", 'o', "PATH", 0, "the *.city.h5 to write (required)", 0 },
  { "clip", KEY_CLIP, "FILE", 0, "GeoJSON with a polygon: only what lies inside", 0 },
  { "bbox", KEY_BOX, "W,S,E,N", 0, "only what lies in this box, in degrees", 0 },
  { "crs", KEY_CRS, "CRS", 0, "projected coordinate system, such as EPSG:32632 (the UTM zone of the middle)",
    0 },
  { "left-hand", KEY_LEFT_HAND, NULL, 0, "traffic keeps left (as the defaults say)", 0 },
  { "defaults", KEY_DEFAULTS, "COUNTRY", 0,
    "what holds where tags are silent: a built-in country such as DE, or a YAML file (generic)", 0 },
  { "patch", KEY_PATCH, "FILE", 0, "YAML with corrections by ids of OpenStreetMap", 0 },
  { "at", KEY_AT, "TIME", 0, "apply conditional tags as they hold then, such as \"We 08:00\" (never)", 0 },
  { "bicycles", KEY_BICYCLES, NULL, 0, "lanes, contraflows and ways for bicycles too", 0 },
  { "rails", KEY_RAILS, NULL, 0, "tracks of trams and trains too, with level crossings", 0 },
  { "people", KEY_PEOPLE, "N", 0, "crossings of people on foot, N an hour over each (none)", 0 },
  { "elevation", KEY_ELEVATION, "FILE", 0,
    "ESRI ASCII grid of heights in metres, in the city's coordinate system or in degrees: links get slopes", 0 },
  { "force", KEY_FORCE, NULL, 0, "overwrite the output", 0 },
  { 0 }
};

static void parse_box(struct argp_state *state, const char *arg, art_osm_import_options *o)
{
  double *const value[] = { &o->min_lon, &o->min_lat, &o->max_lon, &o->max_lat };
  const char *at = arg;
  for (int i = 0; i < 4; ++i) {
    char *end = NULL;
    *value[i] = strtod(at, &end);
    if (end == at || *end != (i < 3 ? ',' : '\0'))
      argp_error(state, "--bbox: '%s' is not west,south,east,north in degrees", arg);
    at = end + 1;
  }
  o->with_box = 1;
}

static double parse_people(struct argp_state *state, const char *arg)
{
  char *end = NULL;
  const double value = strtod(arg, &end);
  if (end == arg || *end || !(value > 0.0 && value <= 20000.0))
    argp_error(state, "--people: '%s' is not a number of people an hour, above 0 and at most 20000", arg);
  return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case KEY_CLIP: a->options.clip = arg; return 0;
  case KEY_BOX: parse_box(state, arg, &a->options); return 0;
  case KEY_CRS: a->options.crs = arg; return 0;
  case KEY_LEFT_HAND: a->options.left_hand = 1; return 0;
  case KEY_DEFAULTS: a->options.defaults = arg; return 0;
  case KEY_PATCH: a->options.patch = arg; return 0;
  case KEY_AT: a->options.moment = arg; return 0;
  case KEY_BICYCLES: a->options.with_bicycles = 1; return 0;
  case KEY_RAILS: a->options.with_rails = 1; return 0;
  case KEY_PEOPLE: a->options.people_per_h = parse_people(state, arg); return 0;
  case KEY_ELEVATION: a->options.elevation = arg; return 0;
  case KEY_FORCE: a->force = 1; return 0;
  case 'o': a->output = arg; return 0;
  case ARGP_KEY_ARG:
    if (a->input) argp_error(state, "one extract at a time: %s, %s", a->input, arg);
    a->input = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->input) argp_error(state, "give an extract");
    if (!a->output) argp_error(state, "-o PATH is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

int art_verb_import_osm(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "FILE -o CITY.city.h5", doc, NULL, NULL, NULL };
  arguments a = { 0 };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  const char *const inputs[] = { a.input, a.options.defaults, a.options.patch, a.options.clip, a.options.elevation };
  art_status status = art_output_check_apart(a.output, sizeof inputs / sizeof *inputs, inputs, &err);
  if (status == ART_OK) status = art_output_check(a.output, a.force, &err);
  art_osm_report report = { 0 };
  art_city *city = NULL;
  art_memory_keep();  // pages that are asked for again and again took a tenth of an import
  if (status == ART_OK) status = art_osm_import(a.input, &a.options, &city, &report, &err);
  if (status == ART_OK) status = art_city_write(a.output, city, art_command_line(), a.force, &err);
  if (status == ART_OK) {
    art_osm_report_print(&report, stdout);
    printf("city: %s\n", a.output);
  } else
    fprintf(stderr, "arterial import: %s\n", err.message);
  art_city_free(city);
  return art_status_exit_code(status);
}
