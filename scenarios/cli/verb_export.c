// `arterial export FORMAT ...`: cities and demands for other programs.
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/sumo/export.h"
#include "scenarios/cli/import_network.h"
#include "scenarios/cli/signal_tables.h"
#include "scenarios/cli/verbs.h"

enum { KEY_DEMAND = 256, KEY_MODEL, KEY_GZIP, KEY_FORCE };

typedef struct arguments {
  const char *city, *demand, *output, *model;
  int gzip, force;
} arguments;

static const struct argp_option option_list[] = {
  { "demand", KEY_DEMAND, "DEMAND", 0, "a *.demand.h5: also write its types, routes and vehicles", 0 },
  { "output", 'o', "FOLDER", 0, "the folder that receives the files; made if it is not there (required)", 0 },
  { "model", KEY_MODEL, "NAME", 0, "SUMO's car-following model for types that name none (IDM)", 0 },
  { "gzip", KEY_GZIP, NULL, 0, "compress network and routes", 0 },
  { "force", KEY_FORCE, NULL, 0, "overwrite outputs", 0 },
  { 0 }
};

static const char doc[] = "Write a city, and a demand, for SUMO.\v"
                          "FOLDER receives city.net.xml, which sumo reads as it is, stops.add.xml where "
                          "there are stops, detectors, or signals that do more than run by the clock, "
                          "demand.rou.xml and run.sumocfg. Lengths, speeds, connections, right of way and "
                          "signal programs are those of the "
                          "city; vehicles keep their routes, departures and types. Importing the folder "
                          "gives the same city again, without pedestrian crossings, grades and what SUMO's "
                          "files do not know (critical gaps, factors of lanes).\n\n"
                          "Example:\n"
                          "  arterial export sumo town.city.h5 --demand town.demand.h5 -o town_sumo && sumo "
                          "-c town_sumo/run.sumocfg";

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case KEY_DEMAND: a->demand = arg; return 0;
  case KEY_MODEL: a->model = arg; return 0;
  case KEY_GZIP: a->gzip = 1; return 0;
  case KEY_FORCE: a->force = 1; return 0;
  case 'o': a->output = arg; return 0;
  case ARGP_KEY_ARG:
    if (a->city) argp_error(state, "one city at a time: %s, %s", a->city, arg);
    a->city = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->city) argp_error(state, "CITY is missing");
    if (!a->output) argp_error(state, "-o FOLDER is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

enum { NET, ADDITIONAL, ROUTES, CONFIG, FILE_COUNT };

static art_status make_folder(const char *path, art_error *err)
{
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return ART_OK;
  return art_fail(err, ART_E_OPEN, "%s: the folder cannot be made: %s", path, strerror(errno));
}

/// Before the work, so that nothing is half written for a file that stands in the way.
static art_status check_free(const arguments *a, char *const path[FILE_COUNT], art_error *err)
{
  const char *const inputs[] = { a->city, a->demand };
  art_status status = ART_OK;
  for (int i = 0; i < FILE_COUNT && status == ART_OK; ++i) {
    status = art_output_check_apart(path[i], 2, inputs, err);
    if (status == ART_OK) status = art_output_check(path[i], a->force, err);
  }
  return status;
}

static art_status export_all(const arguments *a, const char *const name[FILE_COUNT],
                             char *const path[FILE_COUNT], art_error *err)
{
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_status status = make_folder(a->output, err);
  if (status == ART_OK) status = check_free(a, path, err);
  if (status == ART_OK) status = art_city_read(a->city, &city, err);
  if (status == ART_OK && a->demand) status = art_demand_read(a->demand, city->net, &demand, err);
  int32_t additional = 0;
  if (status == ART_OK && (status = art_sumo_export_net(city, path[NET], err)) != ART_OK)
    art_fail_prefix(err, "%s: ", a->city);
  art_sumo_signal_losses losses = { 0 };
  if (status == ART_OK)
    status = art_sumo_export_additional(city, path[ADDITIONAL], &additional, &losses, err);
  if (status == ART_OK && demand) status = art_sumo_export_routes(city, demand, a->model, path[ROUTES], err);
  const int64_t first_ms = demand && demand->trip_count ? demand->trip_depart_ms[0] : 0;
  if (status == ART_OK)
    status =
        art_sumo_export_config(name[NET], additional ? name[ADDITIONAL] : NULL, demand ? name[ROUTES] : NULL,
                               first_ms / 1000 * 1000, 500, path[CONFIG], err);
  if (status == ART_OK) {
    printf("network: %s\n", path[NET]);
    if (additional) printf("stops, detectors, signals: %s\n", path[ADDITIONAL]);
    if (demand) printf("demand: %s\n", path[ROUTES]);
    printf("configuration: %s\n", path[CONFIG]);
    if (losses.programs)
      printf("note: signal programs of kinds that SUMO does not know, written with fixed times: %d\n",
             losses.programs);
    if (losses.sensors)
      printf("note: sensors of signal phases beyond one a lane, left out: %d\n", losses.sensors);
  }
  art_demand_free(demand);
  art_city_free(city);
  return status;
}

static int export_sumo(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "CITY -o FOLDER", doc, NULL, NULL, NULL };
  arguments a = { .model = "IDM" };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  const char *const name[FILE_COUNT] = { a.gzip ? "city.net.xml.gz" : "city.net.xml", "stops.add.xml",
                                         a.gzip ? "demand.rou.xml.gz" : "demand.rou.xml", "run.sumocfg" };
  char *path[FILE_COUNT];
  for (int i = 0; i < FILE_COUNT; ++i) {
    path[i] = ART_NEW(char, strlen(a.output) + strlen(name[i]) + 2);
    sprintf(path[i], "%s/%s", a.output, name[i]);
  }
  art_error err = { 0 };
  const art_status status = export_all(&a, name, path, &err);
  if (status != ART_OK) fprintf(stderr, "arterial export: %s\n", err.message);
  for (int i = 0; i < FILE_COUNT; ++i) free(path[i]);
  return art_status_exit_code(status);
}

static const char overview[] =
    "Usage: arterial export FORMAT ...\n"
    "Write cities and demands for other programs.\n\n"
    "  sumo      network, signals, stops, detectors, vehicles and a configuration\n"
    "  signals   signals as a table: *.csv\n";
static const char overview_end[] =
    "\n`arterial export FORMAT --help` tells its options.\n\n"
    "Example:\n"
    "  arterial export sumo town.city.h5 --demand town.demand.h5 -o town_sumo\n";

int art_verb_export(int argc, char **argv)
{
  const char *format = argc > 1 ? argv[1] : NULL;
  if (format && (strcmp(format, "--help") == 0 || strcmp(format, "-?") == 0)) {
    fputs(overview, stdout);
    fputs(art_export_network_overview, stdout);
    fputs(overview_end, stdout);
    return 0;
  }
  int exit_code;
  if (format && art_export_network(argc, argv, &exit_code)) return exit_code;
  if (format && strcmp(format, "sumo") == 0) {
    char name[] = "arterial export sumo";
    argv[1] = name;
    return export_sumo(argc - 1, argv + 1);
  }
  if (format && strcmp(format, "signals") == 0) {
    char name[] = "arterial export signals";
    argv[1] = name;
    return art_verb_export_signals(argc - 1, argv + 1);
  }
  if (format)
    fprintf(stderr, "arterial export: format \"%s\" is unknown; `arterial export --help` lists them\n", format);
  else
    fprintf(stderr, "%s%s%s", overview, art_export_network_overview, overview_end);
  return art_status_exit_code(ART_E_USAGE);
}
