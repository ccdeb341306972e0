// `arterial import gmns|...`: options, and the writing of cities.
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "scenarios/cli/import_network.h"
#include "scenarios/cli/import_network_internal.h"
#include "scenarios/cli/verbs.h"

enum {
  KEY_DEMAND = 256,
  KEY_MATRIX,
  KEY_COUNTS,
  KEY_CRS,
  KEY_LEFT,
  KEY_FORCE,
  KEY_LENGTH,
  KEY_TIME,
  KEY_JUNCTIONS,
  KEY_CAPACITY,
  KEY_BEGIN,
  KEY_HOURS,
  KEY_SCALE,
  KEY_SEED,
  KEY_CITY,
  KEY_ZONES,
  KEY_NODES,
  KEY_TABLE,
  KEY_POINTS,
  KEY_LANES,
  KEY_MATRIX_NAME,
  KEY_LOOKUP,
  KEY_DATE,
  KEY_TIMEZONE
};

typedef struct format {
  const char *name;
  int least, most;  // inputs
  art_status (*run)(const art_import_arguments *a, art_error *err);
  const char *arguments, *doc;
  int keys[16];  // options that it takes, besides -o and --force; 0-terminated
} format;

static const struct argp_option all_options[] = {
  { "output", 'o', "FILE", 0, "the file to write (required)", 0 },
  { "force", KEY_FORCE, NULL, 0, "overwrite outputs", 0 },
  { "crs", KEY_CRS, "CRS", 0, "coordinate system of the input, such as EPSG:32632 (what the input says)", 0 },
  { "demand-output", KEY_DEMAND, "FILE", 0, "the *.demand.h5 to write (beside the city)", 0 },
  { "city", KEY_CITY, "CITY", 0, "the *.city.h5 that it is for (required)", 0 },
  { "matrix", KEY_MATRIX_NAME, "NAME", 0, "which matrix (the only one)", 0 },
  { "lookup", KEY_LOOKUP, "NAME", 0,
    "which lookup names the zones (the only one; 1 to n where there is none)", 0 },
  { "zones", KEY_ZONES, "FILE", 0, "a table of nodes and their zones (each zone is the node of its name)",
    0 },
  { "begin", KEY_BEGIN, "S", 0, "seconds of the day of the first departure (0)", 0 },
  { "scale", KEY_SCALE, "X", 0, "trips for each of the matrix (1)", 0 },
  { "seed", KEY_SEED, "K", 0, "of all random numbers (1)", 0 },
  { "control-points", KEY_POINTS, "FILE", 0,
    "a table of nodes with known places: node_id, x_coord (longitude), y_coord "
    "(latitude); two or more",
    0 },
  { "counts-output", KEY_COUNTS, "FILE", 0, "also write the volumes as counts: a *.feed.h5", 0 },
  { "date", KEY_DATE, "DAY", 0, "of the counts (2026-03-02)", 0 },
  { "timezone", KEY_TIMEZONE, "ZONE", 0, "of the counts (UTC)", 0 },
  { "hours", KEY_HOURS, "H", 0, "flows without an end, and rates, last so long (1)", 0 },
  { "nodes", KEY_NODES, "FILE", 0, "the node file with coordinates; without it nodes are placed by distance",
    0 },
  { "matrix-output", KEY_MATRIX, "FILE", 0, "the *.omx to write (beside the city)", 0 },
  { "length-unit", KEY_LENGTH, "UNIT", 0, "of lengths: m, km, ft, mi (what the file says, else km)", 0 },
  { "time-unit", KEY_TIME, "UNIT", 0, "of free flow times: s, min, h, 0.01h (what the file says, else min)",
    0 },
  { "junctions", KEY_JUNCTIONS, "KIND", 0,
    "where three or more streets meet: signals, on streets of up to 80 km/h, or "
    "priority (signals)",
    0 },
  { "lane-capacity", KEY_CAPACITY, "N", 0, "vehicles per hour that make one lane (1800)", 0 },
  { "lanes-most", KEY_LANES, "N", 0, "lanes of a link at most (6)", 0 },
  { "left-hand", KEY_LEFT, NULL, 0, "traffic keeps left", 0 },
};

static const format formats[] = {
  { "gmns",
    1,
    1,
    art_import_gmns,
    "FOLDER -o CITY.city.h5",
    "Read a network in the General Modeling Network Specification 0.96.\v"
    "FOLDER has node.csv and link.csv, and as many of config, geometry, lane, segment, segment_lane, "
    "movement, "
    "use_group and signal_* as there are. Where there is no movement table, lanes are connected by geometry; "
    "where a "
    "signal has no timing plan, one is guessed.\n\n"
    "Example:\n"
    "  arterial import gmns lima -o lima.city.h5",
    { KEY_CRS, KEY_LEFT, 0 } },
  { "cityflow",
    1,
    2,
    art_import_cityflow,
    "ROADNET.json [FLOW.json] -o CITY.city.h5",
    "Read a road network of CityFlow with its signals, and a flow of vehicles with their routes.\v"
    "Signals change from phase to phase with 3 s of yellow and 1 s of red, taken from the end of the phase. "
    "Vehicle "
    "types keep CityFlow's lengths, gaps, headways and accelerations.\n\n"
    "Example:\n"
    "  arterial import cityflow roadnet_3_4.json flow.json -o jinan.city.h5",
    { KEY_DEMAND, KEY_HOURS, KEY_LEFT, 0 } },
  { "tntp",
    1,
    2,
    art_import_tntp,
    "NET.tntp [TRIPS.tntp] -o CITY.city.h5",
    "Read an assignment network: net, trips and node files.\v"
    "Links become roads with lanes by their capacity, lengths as given and a speed by their free flow time. "
    "Nodes below "
    "FIRST THRU NODE are gates that nobody passes through. Trips go to a matrix in OMX, zones called after "
    "their nodes: "
    "`arterial import omx` makes vehicles of it. Files rarely tell their units; look at the free speed that "
    "is printed.\n\n"
    "Example:\n"
    "  arterial import tntp Anaheim_net.tntp Anaheim_trips.tntp -o anaheim.city.h5",
    { KEY_NODES, KEY_MATRIX, KEY_LENGTH, KEY_TIME, KEY_JUNCTIONS, KEY_CAPACITY, KEY_LANES, KEY_CRS, KEY_LEFT,
      0 } },
  { "omx",
    1,
    1,
    art_import_omx,
    "FILE.omx --city CITY.city.h5 -o DEMAND.demand.h5",
    "Make trips of a matrix between zones, in Open Matrix format.\v"
    "Trips begin on links that leave a node of their zone and end on links that lead to one, by the fastest "
    "way at free "
    "flow; departures spread evenly over --hours. A flow of 2.3 makes two trips and a third one by a chance "
    "of 0.3.\n\n"
    "Example:\n"
    "  arterial import omx anaheim.omx --city anaheim.city.h5 --hours 1 --scale 0.1 -o anaheim.demand.h5",
    { KEY_CITY, KEY_MATRIX_NAME, KEY_LOOKUP, KEY_ZONES, KEY_BEGIN, KEY_HOURS, KEY_SCALE, KEY_SEED, 0 } },
  { "utdf",
    1,
    1,
    art_import_utdf,
    "UTDF.csv -o CITY.city.h5",
    "Read Synchro's combined UTDF file: nodes, lanes, volumes and timing plans.\v"
    "Signals receive their phases, splits, offsets and recalls as NEMA programs. With --demand-output "
    "vehicles enter at the "
    "volumes of the outer junctions for an hour and turn in proportion to the volumes; with --counts-output "
    "volumes become "
    "counts. --scale multiplies both.\n\n"
    "Example:\n"
    "  arterial import utdf UTDF.csv --control-points nodes.csv --demand-output am.demand.h5 -o "
    "corridor.city.h5",
    { KEY_POINTS, KEY_COUNTS, KEY_DEMAND, KEY_SCALE, KEY_SEED, KEY_BEGIN, KEY_DATE, KEY_TIMEZONE, KEY_LEFT,
      0 } },
};
enum { FORMATS = sizeof formats / sizeof *formats };

const char art_import_network_overview[] =
    "  gmns      General Modeling Network Specification: *.city.h5\n"
    "  cityflow  road network and flow of CityFlow: *.city.h5, *.demand.h5\n"
    "  tntp      assignment networks: *.city.h5, *.omx\n"
    "  omx       matrices in Open Matrix format: *.demand.h5\n"
    "  utdf      Synchro's timing plans and volumes: *.city.h5, *.demand.h5, *.feed.h5\n";

typedef struct parse_state {
  const format *format;
  art_import_arguments a;
} parse_state;

static error_t read_number(struct argp_state *state, const char *name, const char *text, double lowest,
                           double highest, double *value)
{
  char *end;
  *value = strtod(text, &end);
  if (end == text || *end || !(*value >= lowest && *value <= highest))
    argp_error(state, "--%s %s: accepted: a number from %g to %g", name, text, lowest, highest);
  return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  parse_state *p = state->input;
  art_import_arguments *a = &p->a;
  switch (key) {
  case 'o': a->output = arg; return 0;
  case KEY_FORCE: a->force = 1; return 0;
  case KEY_CRS: a->crs = arg; return 0;
  case KEY_LEFT: a->left_hand = 1; return 0;
  case KEY_POINTS: a->control_points = arg; return 0;
  case KEY_COUNTS: a->counts_output = arg; return 0;
  case KEY_DATE: a->date = arg; return 0;
  case KEY_TIMEZONE: a->timezone = arg; return 0;
  case KEY_CITY: a->city = arg; return 0;
  case KEY_MATRIX_NAME: a->matrix = arg; return 0;
  case KEY_LOOKUP: a->lookup = arg; return 0;
  case KEY_ZONES: a->zones = arg; return 0;
  case KEY_BEGIN: return read_number(state, "begin", arg, 0.0, 1e7, &a->begin_s);
  case KEY_SCALE: return read_number(state, "scale", arg, 0.0, 1e6, &a->scale);
  case KEY_SEED: return read_number(state, "seed", arg, 0.0, 9e15, &a->seed);
  case KEY_NODES: a->nodes = arg; return 0;
  case KEY_MATRIX: a->matrix_output = arg; return 0;
  case KEY_LENGTH: a->length_unit = arg; return 0;
  case KEY_TIME: a->time_unit = arg; return 0;
  case KEY_JUNCTIONS: a->junctions = arg; return 0;
  case KEY_CAPACITY: return read_number(state, "lane-capacity", arg, 100.0, 1e9, &a->lane_capacity);
  case KEY_LANES: return read_number(state, "lanes-most", arg, 1.0, 16.0, &a->lanes_most);
  case KEY_DEMAND: a->demand_output = arg; return 0;
  case KEY_HOURS: return read_number(state, "hours", arg, 0.001, 1e4, &a->hours);
  case ARGP_KEY_ARG:
    if (a->input_count == p->format->most) argp_error(state, "too many inputs: %s", arg);
    a->input[a->input_count++] = arg;
    return 0;
  case ARGP_KEY_END:
    if (a->input_count < p->format->least) argp_error(state, "an input is missing");
    if (!a->output) argp_error(state, "-o FILE is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

art_status art_import_check_free(const art_import_arguments *a, const char *path, art_error *err)
{
  const char *const inputs[] = { a->input[0], a->input[1], a->input[2], a->city,
                                 a->zones,    a->nodes,    a->table,    a->control_points };
  const art_status status = art_output_check_apart(path, sizeof inputs / sizeof *inputs, inputs, err);
  return status == ART_OK ? art_output_check(path, a->force, err) : status;
}

art_status art_import_write_city(const art_import_arguments *a, art_city *city, int file_count,
                                 char *const *file, art_error *err)
{
  city->source = ART_NEW(art_source, file_count);
  art_status status = ART_OK;
  for (int i = 0; i < file_count && status == ART_OK; ++i) {
    city->source[i].path = art_strdup(file[i]);
    ++city->source_count;
    status = art_file_sha256(file[i], city->source[i].sha256, err);
  }
  if (status == ART_OK) status = art_city_write(a->output, city, art_command_line(), a->force, err);
  if (status != ART_OK) return status;
  const art_net *net = city->net;
  printf("city: %s: %" PRId32 " nodes, %" PRId32 " links, %" PRId32 " lanes, %" PRId32 " connectors, %" PRId32
         " signals\n",
         a->output, net->node_count, net->link_count, net->link_lane_count, net->connector_count,
         net->signal_count);
  return ART_OK;
}

char *art_import_beside(const char *city, const char *ending)
{
  static const char usual[] = ".city.h5";
  const size_t length = strlen(city), cut = sizeof usual - 1;
  const int is_usual = length > cut && strcmp(city + length - cut, usual) == 0;
  char *path = ART_NEW(char, length + strlen(ending) + 1);
  sprintf(path, "%.*s%s", (int)(is_usual ? length - cut : length), city, ending);
  return path;
}

art_status art_import_write_demand(const art_import_arguments *a, const art_demand *demand,
                                   const art_city *city, int file_count, char *const *file, art_error *err)
{
  char *beside = a->demand_output ? NULL : art_import_beside(a->output, ".demand.h5");
  const char *path = a->demand_output ? a->demand_output : beside;
  art_source *source = ART_NEW(art_source, file_count);
  art_status status = art_import_check_free(a, path, err);
  for (int i = 0; i < file_count && status == ART_OK; ++i) {
    source[i].path = file[i];
    status = art_file_sha256(file[i], source[i].sha256, err);
  }
  if (status == ART_OK)
    status = art_demand_write(path, demand, city->net, art_command_line(), file_count, source, a->force, err);
  if (status == ART_OK)
    printf("demand: %s: %" PRId32 " trips, %" PRId32 " routes\n", path, demand->trip_count,
           demand->route_count);
  free(source);
  free(beside);
  return status;
}

void art_import_note(int64_t count, const char *text)
{
  if (count) printf("note: %s: %" PRId64 "\n", text, count);
}

void art_import_print_sketch(const art_sketch_report *r)
{
  art_import_note(r->short_links, "links shorter than their stop lines ask for");
  art_import_note(r->paths_dropped, "connections given twice, or that no class may drive, left out");
  art_import_note(r->links_completed, "links for which no connection is given, connected by geometry");
  art_import_note(r->lanes_completed, "lanes for which no connection is given, connected as their neighbour");
  art_import_note(r->links_stuck, "links that end where others leave, without a way on");
}

/// The options of one format.
static struct argp_option *options_of(const format *f)
{
  const size_t n = sizeof all_options / sizeof *all_options;
  struct argp_option *list = ART_NEW(struct argp_option, n + 1);
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    int is_taken = all_options[i].key == 'o' || all_options[i].key == KEY_FORCE;
    for (int k = 0; f->keys[k]; ++k) is_taken |= f->keys[k] == all_options[i].key;
    if (is_taken) list[count++] = all_options[i];
  }
  return list;
}

static int run_format(const format *f, int argc, char **argv)
{
  struct argp_option *options = options_of(f);
  const struct argp argp = { options, parse, f->arguments, f->doc, NULL, NULL, NULL };
  parse_state p = { .format = f,
                    .a = { .hours = 1.0,
                           .lane_capacity = 1800.0,
                           .lanes_most = 6.0,
                           .scale = 1.0,
                           .seed = 1.0,
                           .date = "2026-03-02",
                           .timezone = "UTC",
                           .command = art_command_line() } };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &p);
  art_error err = { 0 };
  art_status status = art_import_check_free(&p.a, p.a.output, &err);
  if (status == ART_OK) status = f->run(&p.a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial import: %s\n", err.message);
  free(options);
  return art_status_exit_code(status);
}

int art_import_network(int argc, char **argv, int *exit_code)
{
  for (int i = 0; i < FORMATS; ++i) {
    if (strcmp(argv[1], formats[i].name) != 0) continue;
    char name[64];
    snprintf(name, sizeof name, "arterial import %s", formats[i].name);
    argv[1] = name;
    *exit_code = run_format(&formats[i], argc - 1, argv + 1);
    return 1;
  }
  return 0;
}
