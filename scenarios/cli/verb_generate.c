// `arterial generate KIND ...`: synthetic cities and demands.
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/config/quantity.h"
#include "scenarios/cli/load_table.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/generate/generate.h"

typedef enum kind { GRID, RING, CORRIDOR, RANDOM, DEMAND, KIND_COUNT } kind;
static const char *const kind_names[KIND_COUNT] = { "grid", "ring", "corridor", "random", "demand" };

/// X(enumerator, option, argument, kinds that take it, sentence)
#define ALL_CITIES "grcn"
#define OPTION_LIST(X)                                                                                   \
  X(SIZE, "size", "N", "g", "nodes along each side, or COLUMNSxROWS (required)")                         \
  X(TORUS, "torus", NULL, "g", "what leaves at one side enters at the other")                            \
  X(ARMS, "arms", "M", "gc",                                                                             \
    "length of the streets that lead out at the rim (grid: none, but a block for a "                     \
    "single node), or that cross a corridor (a block)")                                                  \
  X(LENGTH, "length", "M", "r", "once round, along every lane (required)")                               \
  X(NODES, "nodes", "N", "n", "nodes (required)")                                                        \
  X(LINKS, "links", "N", "rc", "links of the corridor (required), or joined to the ring (4)")            \
  X(LANES, "lanes", "N", ALL_CITIES, "lanes of each direction (2); of a random network at most so many") \
  X(BLOCK, "block", "M", "gcn", "from node to node (200 m); of a random network on average")             \
  X(SPEED, "speed", "V", ALL_CITIES, "speed limit (50 km/h)")                                            \
  X(SIGNALS, "signals", "SHARE", "gcn",                                                                  \
    "share of crossings that have signals, 0 to 1 (1; corridor: 0, and "                                 \
    "nothing crosses it)")                                                                               \
  X(UNSIGNALISED, "unsignalised", "KIND", "gcn",                                                         \
    "the other crossings: priority, priority_stop, allway_stop, "                                        \
    "right_before_left (priority)")                                                                      \
  X(CROSS_LANES, "cross-lanes", "N", "c", "lanes of streets that cross (1 with signals, else 0: none)")  \
  X(ONE_WAY, "one-way", NULL, "c", "no way back")                                                        \
  X(TURN_BAYS, "turn-bays", NULL, "gcn", "a lane of its own for left turns, with a stage of its own")    \
  X(CYCLE, "cycle", "T", "gcn", "cycle of signals (Webster's formula)")                                  \
  X(DETECTORS, "detectors", NULL, "gcn", "a loop before each stop line")                                 \
  X(LEFT_HAND, "left-hand", NULL, ALL_CITIES, "traffic keeps left")                                      \
  X(VEHICLES, "vehicles", "V", ALL_CITIES,                                                               \
    "running at once, from the start and for the duration (no demand)")                                  \
  X(TRIPS, "trips", "N", "d", "trips (required, or --load)")                                             \
  X(LOAD, "load", "SHARE", "d",                                                                          \
    "as many trips as bring the 95th percentile of volume over capacity of junctions to this, "          \
    "on ways that keep clear of full places")                                                            \
  X(MOST_LOAD, "most-load", "SHARE", "d", "with --load: no movement above this (1.1 times the load)")    \
  X(LOAD_TABLE, "load-table", "FILE", "d", "with --load: a *.csv to write, volumes and capacities of all turns by lane") \
  X(DURATION, "duration", "T", "grcnd", "how long (1 h); also 3600 for seconds")                         \
  X(BEGIN, "begin", "T", "d", "first departure (0 s)")                                                   \
  X(NOISE, "noise", "SHARE", "d",                                                                        \
    "links are taken up to this share slower, by destination, so that routes "                           \
    "spread (0.2)")                                                                                      \
  X(CLASS, "class", "NAME", "grcnd", "vehicle class (passenger)")                                        \
  X(SEED, "seed", "K", "grcnd", "of all random numbers (1)")                                             \
  X(DEMAND_OUTPUT, "demand-output", "FILE", ALL_CITIES, "the *.demand.h5 to write (beside the city)")    \
  X(SCENARIO, "scenario", "FILE", ALL_CITIES, "also write a scenario that runs city and demand")         \
  X(FORCE, "force", NULL, "grcnd", "overwrite outputs")

enum {
  KEY_FIRST = 256,
#define X(name, option, argument, kinds, sentence) KEY_##name,
  OPTION_LIST(X)
#undef X
};
static const char kind_letters[KIND_COUNT + 1] = "grcnd";

typedef struct arguments {
  kind kind;
  const char *city, *output, *demand_output, *scenario, *load_table;
  art_grid_options grid;
  art_ring_options ring;
  art_corridor_options corridor;
  art_random_options random;
  art_street_options street;
  double block_m, arm_m, begin_s, duration_s, noise, load, most_load;
  int64_t vehicles, trips;
  int32_t links, cross_lanes, vclass;
  int has_signals, force;
} arguments;

static int64_t whole(struct argp_state *state, const char *option, const char *text, int64_t lowest,
                     int64_t highest)
{
  int64_t value = 0;
  if (art_quantity_integer(text, &value) || value < lowest || value > highest)
    argp_error(state, "--%s: '%s' is not a whole number from %lld to %lld", option, text, (long long)lowest,
               (long long)highest);
  return value;
}

typedef enum unit { METRES, SPEED, SECONDS, SHARE } unit;

/// "200", "200 m" or "1.5 km".
static const char *parse_metres(const char *text, double *out)
{
  char *end = NULL;
  *out = strtod(text, &end);
  const char *word = end + strspn(end, " ");
  if (strcmp(word, "km") == 0) *out *= 1000.0;
  const int is_known = *word == '\0' || strcmp(word, "m") == 0 || strcmp(word, "km") == 0;
  return end != text && is_known && isfinite(*out) ? NULL : "is not a length such as 200 or 1.5 km";
}

/// A number, with or without a unit that the quantity's own words allow.
static double measure(struct argp_state *state, const char *option, const char *text, unit what)
{
  double value = 0.0;
  art_tick ticks = 0;
  const char *problem = NULL;
  switch (what) {
  case METRES: problem = parse_metres(text, &value); break;
  case SPEED: problem = art_quantity_speed(text, &value); break;
  case SHARE: problem = art_quantity_real(text, &value); break;
  case SECONDS:
    problem = art_quantity_time(text, &ticks);
    value = (double)ticks / 1000.0;
    break;
  }
  if (problem) argp_error(state, "--%s: '%s' %s", option, text, problem);
  return value;
}

static void parse_size(struct argp_state *state, const char *arg, art_grid_options *grid)
{
  char text[64];
  snprintf(text, sizeof text, "%s", arg);
  char *cross = strchr(text, 'x');
  if (cross) *cross = '\0';
  grid->columns = (int32_t)whole(state, "size", text, 1, 2000);
  grid->rows = cross ? (int32_t)whole(state, "size", cross + 1, 1, 2000) : grid->columns;
}

static art_node_kind parse_kind(struct argp_state *state, const char *arg)
{
  static const art_node_kind accepted[] = { ART_NODE_PRIORITY, ART_NODE_PRIORITY_STOP, ART_NODE_ALLWAY_STOP,
                                            ART_NODE_RIGHT_BEFORE_LEFT };
  for (size_t i = 0; i < sizeof accepted / sizeof *accepted; ++i)
    if (strcmp(arg, art_node_kind_name((int)accepted[i])) == 0) return accepted[i];
  argp_error(state, "--unsignalised: '%s': accepted: priority, priority_stop, allway_stop, right_before_left",
             arg);
  return ART_NODE_PRIORITY;
}

static void check_complete(struct argp_state *state, const arguments *a)
{
  static const char *const needs[KIND_COUNT] = { "--size N", "--length M", "--links N", "--nodes N",
                                                 "--trips N or --load SHARE" };
  const int has[KIND_COUNT] = { a->grid.columns > 0, a->ring.length_m > 0.0, a->links > 0,
                                a->random.nodes > 0, a->trips >= 0 || a->load > 0.0 };
  if (!has[a->kind]) argp_error(state, "%s is missing", needs[a->kind]);
  if (a->trips >= 0 && a->load > 0.0)
    argp_error(state, "--trips and --load exclude each other: a load asks for as many trips as bring it");
  if (a->most_load > 0.0 && !(a->load > 0.0)) argp_error(state, "--most-load needs --load SHARE");
  if (a->kind == DEMAND && !a->city) argp_error(state, "CITY is missing");
  if (!a->output) argp_error(state, "-o FILE is missing");
  if (a->load_table && !(a->load > 0.0)) argp_error(state, "--load-table needs --load SHARE");
}

static int vehicle_class(struct argp_state *state, const char *text)
{
  char known[512] = "";
  const int found = art_vclass_find(text);
  if (found >= 0) return found;
  for (int c = 0; c < ART_VCLASS_COUNT; ++c)
    snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", c ? ", " : "", art_vclass_name(c));
  argp_error(state, "--class: '%s' is not a vehicle class (accepted: %s)", text, known);
  return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case KEY_SIZE: parse_size(state, arg, &a->grid); return 0;
  case KEY_TORUS: a->grid.torus = 1; return 0;
  case KEY_ARMS: a->arm_m = measure(state, "arms", arg, METRES); return 0;
  case KEY_LENGTH: a->ring.length_m = measure(state, "length", arg, METRES); return 0;
  case KEY_NODES: a->random.nodes = (int32_t)whole(state, "nodes", arg, 2, 1000000); return 0;
  case KEY_LINKS: a->links = (int32_t)whole(state, "links", arg, 1, 10000); return 0;
  case KEY_LANES: a->street.lanes = (int32_t)whole(state, "lanes", arg, 1, 16); return 0;
  case KEY_BLOCK: a->block_m = measure(state, "block", arg, METRES); return 0;
  case KEY_SPEED: a->street.speed_mps = measure(state, "speed", arg, SPEED); return 0;
  case KEY_SIGNALS:
    a->street.signals = measure(state, "signals", arg, SHARE);
    a->has_signals = 1;
    return 0;
  case KEY_UNSIGNALISED: a->street.unsignalised = parse_kind(state, arg); return 0;
  case KEY_CROSS_LANES: a->cross_lanes = (int32_t)whole(state, "cross-lanes", arg, 0, 15); return 0;
  case KEY_ONE_WAY: a->corridor.one_way = 1; return 0;
  case KEY_TURN_BAYS: a->street.turn_bays = 1; return 0;
  case KEY_CYCLE: a->street.cycle_s = measure(state, "cycle", arg, SECONDS); return 0;
  case KEY_DETECTORS: a->street.detectors = 1; return 0;
  case KEY_LEFT_HAND: a->street.left_hand = 1; return 0;
  case KEY_VEHICLES: a->vehicles = whole(state, "vehicles", arg, 0, 100000000); return 0;
  case KEY_TRIPS: a->trips = whole(state, "trips", arg, 0, 100000000); return 0;
  case KEY_DURATION: a->duration_s = measure(state, "duration", arg, SECONDS); return 0;
  case KEY_BEGIN: a->begin_s = measure(state, "begin", arg, SECONDS); return 0;
  case KEY_LOAD: a->load = measure(state, "load", arg, SHARE); return 0;
  case KEY_MOST_LOAD: a->most_load = measure(state, "most-load", arg, SHARE); return 0;
  case KEY_LOAD_TABLE: a->load_table = arg; return 0;
  case KEY_NOISE: a->noise = measure(state, "noise", arg, SHARE); return 0;
  case KEY_CLASS: a->vclass = vehicle_class(state, arg); return 0;
  case KEY_SEED: a->street.seed = (uint64_t)whole(state, "seed", arg, 0, INT64_MAX); return 0;
  case KEY_DEMAND_OUTPUT: a->demand_output = arg; return 0;
  case KEY_SCENARIO: a->scenario = arg; return 0;
  case KEY_FORCE: a->force = 1; return 0;
  case 'o': a->output = arg; return 0;
  case ARGP_KEY_ARG:
    if (a->kind != DEMAND || a->city) argp_error(state, "'%s' is one argument too many", arg);
    a->city = arg;
    return 0;
  case ARGP_KEY_END: check_complete(state, a); return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

// ---- outputs -----------------------------------------------------------------------------------------------------------

static int ends_with(const char *text, const char *ending)
{
  const size_t length = strlen(text), size = strlen(ending);
  return length >= size && strcmp(text + length - size, ending) == 0;
}

/// X.city.h5 or X.h5 to X.demand.h5; the caller frees it.
static char *demand_beside(const char *city)
{
  const char *const endings[] = { ".city.h5", ".h5" };
  size_t length = strlen(city);
  for (int i = 0; i < 2; ++i)
    if (ends_with(city, endings[i])) {
      length -= strlen(endings[i]);
      break;
    }
  char *text = ART_NEW(char, length + sizeof ".demand.h5");
  memcpy(text, city, length);
  strcpy(text + length, ".demand.h5");
  return text;
}

/// `path` as seen from the folder of `file`: absolute unless both stand in one folder.
static char *seen_from(const char *path, const char *file)
{
  const char *slash = strrchr(file, '/'), *own = strrchr(path, '/');
  const size_t folder = slash ? (size_t)(slash - file) + 1 : 0, mine = own ? (size_t)(own - path) + 1 : 0;
  if (folder == mine && strncmp(path, file, folder) == 0) return art_strdup(path + mine);
  char *whole_path = realpath(path, NULL);
  return whole_path ? whole_path : art_strdup(path);
}

static art_status write_scenario(const arguments *a, const char *demand_path, art_error *err)
{
  FILE *file = fopen(a->scenario, "w");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", a->scenario, strerror(errno));
  char *city = seen_from(a->output, a->scenario),
       *demand = demand_path ? seen_from(demand_path, a->scenario) : NULL;
  fprintf(file, "arterial: 1\ntitle: %s\ncity: \"%s\"\ndemand: [", kind_names[a->kind], city);
  if (demand) fprintf(file, "\"%s\"", demand);
  fprintf(file, "]\ntime: {begin: 0 s, end: %.10g s}\nseed: %" PRIu64 "\noutputs:\n  links: {every: 60 s}\n",
          a->duration_s, a->street.seed);
  free(city);
  free(demand);
  const int failed = ferror(file);
  if (fclose(file) != 0 || failed)
    return art_fail(err, ART_E_IO, "%s: cannot be written: %s", a->scenario, strerror(errno));
  return ART_OK;
}

static void progress(const char *what)
{
  if (isatty(STDERR_FILENO)) fprintf(stderr, "generate: %s\n", what);
}

static void print_city(const art_city *city)
{
  const art_net *net = city->net;
  double length = 0.0;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) length += (double)net->lane_length_m[lane];
  printf("network: %d nodes, %d links, %d lanes (%.1f km), %d connectors\n", net->node_count, net->link_count,
         net->link_lane_count, length / 1000.0, net->connector_count);
  printf("conflicts: %d\nsignals: %d\ndetectors: %d\n", net->conflict_count / 2, net->signal_count,
         net->detector_count);
}

static void print_demand(const art_demand *demand)
{
  printf("demand: %d trips, %d routes of %.1f links on average\n", demand->trip_count, demand->route_count,
         demand->route_count ? (double)demand->route_first[demand->route_count] / demand->route_count : 0.0);
}

// ---- kinds -------------------------------------------------------------------------------------------------------------

static art_status make_city(arguments *a, art_city **city, art_error *err)
{
  switch (a->kind) {
  case GRID:
    a->grid.street = a->street;
    a->grid.block_m = a->block_m;
    a->grid.arm_m = a->arm_m;
    return art_generate_grid(&a->grid, city, err);
  case RING:
    a->ring.street = a->street;
    a->ring.links = a->links ? a->links : 4;
    return art_generate_ring(&a->ring, city, err);
  case CORRIDOR:
    a->corridor.street = a->street;
    if (!a->has_signals) a->corridor.street.signals = 0.0;
    a->corridor.links = a->links;
    a->corridor.block_m = a->block_m;
    a->corridor.cross_lanes = a->cross_lanes >= 0 ? a->cross_lanes : a->corridor.street.signals > 0.0;
    a->corridor.arm_m = a->arm_m > 0.0 ? a->arm_m : a->block_m;
    return art_generate_corridor(&a->corridor, city, err);
  default:
    a->random.street = a->street;
    a->random.block_m = a->block_m;
    return art_generate_random(&a->random, city, err);
  }
}

static art_status generate_city(arguments *a, art_error *err)
{
  char *derived = NULL;
  const char *demand_path = a->demand_output;
  if (!demand_path && a->vehicles > 0) demand_path = derived = demand_beside(a->output);
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_status status = art_output_check(a->output, a->force, err);
  if (status == ART_OK) status = art_output_check(demand_path, a->force, err);
  if (status == ART_OK) status = art_output_check(a->scenario, a->force, err);
  progress("city");
  if (status == ART_OK) status = make_city(a, &city, err);
  if (status == ART_OK && demand_path) {
    const art_fleet_options fleet = {
      .vehicles = a->vehicles, .duration_s = a->duration_s, .vclass = a->vclass, .seed = a->street.seed
    };
    progress("demand");
    status = art_generate_fleet(city, &fleet, &demand, err);
  }
  progress("files");
  if (status == ART_OK) status = art_city_write(a->output, city, art_command_line(), a->force, err);
  if (status == ART_OK && demand)
    status = art_demand_write(demand_path, demand, city->net, art_command_line(), 0, NULL, a->force, err);
  if (status == ART_OK && a->scenario) status = write_scenario(a, demand_path, err);
  if (status == ART_OK) {
    print_city(city);
    if (demand) print_demand(demand);
    printf("city: %s\n", a->output);
    if (demand) printf("demand: %s\n", demand_path);
    if (a->scenario) printf("scenario: %s\n", a->scenario);
  }
  art_demand_free(demand);
  art_city_free(city);
  free(derived);
  return status;
}

static art_status generate_demand(const arguments *a, art_error *err)
{
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_trips_report report = { 0 };
  const char *const inputs[] = { a->city };
  art_status status = art_output_check_apart(a->output, 1, inputs, err);
  if (status == ART_OK) status = art_output_check_apart(a->load_table, 1, inputs, err);
  if (status == ART_OK) status = art_output_check(a->output, a->force, err);
  if (status == ART_OK) status = art_output_check(a->load_table, a->force, err);
  if (status == ART_OK) status = art_city_read(a->city, &city, err);
  if (status == ART_OK) {
    const art_trips_options trips = { .trips = a->trips > 0 ? a->trips : 0,
                                      .load = a->load,
                                      .most_load = a->most_load > 0.0 ? a->most_load : 1.1 * a->load,
                                      .begin_s = a->begin_s,
                                      .duration_s = a->duration_s,
                                      .vclass = a->vclass,
                                      .noise = a->noise,
                                      .seed = a->street.seed };
    progress("trips");
    status = art_generate_trips(city, &trips, &demand, &report, err);
    if (status != ART_OK) art_fail_prefix(err, "%s: ", a->city);
  }
  art_source source = { .path = art_strdup(a->city) };
  if (status == ART_OK) status = art_file_sha256(a->city, source.sha256, err);
  if (status == ART_OK)
    status = art_demand_write(a->output, demand, city->net, art_command_line(), 1, &source, a->force, err);
  if (status == ART_OK && a->load_table)
    status = art_load_table_write(a->load_table, city->net, &report, err);
  if (status == ART_OK) {
    print_demand(demand);
    if (a->load > 0.0)
      printf("volume over capacity: %.3f (junctions, 95th percentile of passages), %.3f (links, 95th percentile), "
             "%.3f (highest); %" PRId64 " trips found no room\n",
             report.load, report.link_load, report.most_load, report.left_out);
    printf("demand: %s\n", a->output);
  }
  art_trips_report_clear(&report);
  free(source.path);
  art_demand_free(demand);
  art_city_free(city);
  return status;
}

// ---- the verb ----------------------------------------------------------------------------------------------------------

static const char *const docs[KIND_COUNT] = {
  "Make a grid of streets.\v"
  "Streets run both ways; nodes with signals have a plan for opposite streets together, with a green wave to "
  "the east "
  "and north. Without --arms the grid has no way out, and at its corners one may turn back only if it needs "
  "it.\n\n"
  "--vehicles are spread evenly over all lanes at the start and stay: each follows a walk of its own that "
  "takes the "
  "whole duration even where the roads are empty, so the number running holds until the walks end.\n\n"
  "Example:\n"
  "  arterial generate grid --size 10 --lanes 2 --vehicles 2000 -o town.city.h5 --scenario town.yaml",
  "Make a closed road of one direction.\v"
  "--vehicles are spread evenly over all lanes and stay for the duration.\n\n"
  "Example:\n"
  "  arterial generate ring --length 230 --lanes 1 --vehicles 22 -o ring.city.h5 --scenario ring.yaml",
  "Make a straight road, with or without streets that cross it.\v"
  "--vehicles cross the city from entry to exit; as many enter as leave, by the time that a crossing takes "
  "in light "
  "traffic, so the number running holds as long as nothing jams. Those of the start stand spread along the "
  "road.\n\n"
  "Example:\n"
  "  arterial generate corridor --links 10 --lanes 3 --block 300 --signals 1 --vehicles 200 -o main.city.h5",
  "Make a random planar network in which every link can be reached from every other.\v"
  "--vehicles as in a grid.\n\n"
  "Example:\n"
  "  arterial generate random --nodes 200 --lanes 3 --vehicles 1500 --seed 7 -o wild.city.h5",
  "Make trips for a city.\v"
  "CITY is any *.city.h5. Origins and destinations are drawn by the length of their lanes, departures spread "
  "evenly "
  "over the duration; routes are fastest ways at free flow over times that are disturbed by --noise.\n\n"
  "With --load, as many trips are made as bring 95 of 100 passages through junctions to volumes over "
  "capacity of SHARE or "
  "less. A junction is as full as its fullest lane, by the capacities of greens and gaps (of left turns after the "
  "oncoming queue) and the room before the next signal. Ways are chosen with the delays that the trips before them cause there, and trips that would "
  "bring a movement above --most-load are left out. Where nine of ten have to be, the city is full, and the "
  "load is "
  "not reached.\n\n"
  "Example:\n"
  "  arterial generate demand town.city.h5 --trips 5000 --duration 1h --seed 3 -o town.demand.h5",
};

static int generate(kind which, int argc, char **argv)
{
  static const struct argp_option all[] = {
#define X(name, option, argument, kinds, sentence) { option, KEY_##name, argument, 0, sentence, 0 },
    OPTION_LIST(X)
#undef X
  };
  static const char *const takers[] = {
#define X(name, option, argument, kinds, sentence) kinds,
    OPTION_LIST(X)
#undef X
  };
  struct argp_option own[sizeof all / sizeof *all + 2] = {
    { "output", 'o', "FILE", 0,
      which == DEMAND ? "the *.demand.h5 to write (required)" : "the *.city.h5 to write (required)", 0 }
  };
  int count = 1;
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
    if (strchr(takers[i], kind_letters[which])) own[count++] = all[i];
  own[count] = (struct argp_option){ 0 };
  const struct argp argp = { own, parse, which == DEMAND ? "CITY" : NULL, docs[which], NULL, NULL, NULL };
  arguments a = { .kind = which,
                  .street = art_street_defaults(),
                  .block_m = 200.0,
                  .duration_s = 3600.0,
                  .noise = 0.2,
                  .trips = -1,
                  .cross_lanes = -1,
                  .vclass = ART_VCLASS_PASSENGER };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  const art_status status = which == DEMAND ? generate_demand(&a, &err) : generate_city(&a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial generate: %s\n", err.message);
  return art_status_exit_code(status);
}

static const char overview[] =
    "Usage: arterial generate KIND ...\n"
    "Make a synthetic city, or a demand for a city. Equal options and seeds give equal data.\n\n"
    "  grid      streets in columns and rows, open or closed to a torus\n"
    "  ring      a closed road\n"
    "  corridor  a straight road, with or without crossings\n"
    "  random    a planar random network\n"
    "  demand    trips between random places of any city\n\n"
    "`arterial generate KIND --help` tells its options.\n\n"
    "Example:\n"
    "  arterial generate grid --size 10 --vehicles 2000 -o town.city.h5 --scenario town.yaml\n";

int art_verb_generate(int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  if (word && (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0)) {
    fputs(overview, stdout);
    return 0;
  }
  for (int k = 0; word && k < KIND_COUNT; ++k) {
    if (strcmp(word, kind_names[k]) != 0) continue;
    char name[64];
    snprintf(name, sizeof name, "arterial generate %s", word);
    argv[1] = name;
    return generate((kind)k, argc - 1, argv + 1);
  }
  if (word)
    fprintf(stderr,
            "arterial generate: kind \"%s\" is unknown: accepted: grid, ring, corridor, random, demand\n",
            word);
  else
    fputs(overview, stderr);
  return art_status_exit_code(ART_E_USAGE);
}
