// `arterial import FORMAT ...`: outside formats into *.city.h5, *.demand.h5 and *.feed.h5.
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/sumo/import.h"
#include "scenarios/cli/import_counts.h"
#include "scenarios/cli/import_network.h"
#include "scenarios/cli/import_osm.h"
#include "scenarios/cli/signal_tables.h"
#include "scenarios/cli/verbs.h"

enum { KEY_ADDITIONAL = 256, KEY_ROUTES, KEY_DEMAND_OUTPUT, KEY_CRS, KEY_HOLD_CYCLE, KEY_FORCE };

typedef struct arguments {
  const char *input, *output, *demand_output, *crs;
  art_sumo_files files;
  int force;
} arguments;

static const char doc[] =
    "Read a SUMO network with its signals, stops, detectors and demand.\v"
    "NET is a *.net.xml or *.net.xml.gz; with a *.sumocfg, everything that it names is read and -o names a "
    "folder that "
    "receives city.h5, demand.h5 and a scenario.yaml that runs.\n\n"
    "What is not understood is skipped and counted; vehicles that cannot be driven are rejected with a "
    "reason; a broken "
    "file is an error with file and line.\n\n"
    "Examples:\n"
    "  arterial import sumo town.net.xml.gz --additional tls.add.xml --routes cars.rou.xml -o town.city.h5\n"
    "  arterial import sumo run.sumocfg -o bologna";

static const struct argp_option option_list[] = {
  { "additional", KEY_ADDITIONAL, "FILE", 0,
    "additional file; may be given several times, and name several by commas", 0 },
  { "routes", KEY_ROUTES, "FILE", 0, "route file; likewise", 0 },
  { "output", 'o', "PATH", 0, "the *.city.h5 to write, or the folder for a configuration (required)", 0 },
  { "demand-output", KEY_DEMAND_OUTPUT, "FILE", 0,
    "the *.demand.h5 to write (beside the city, where there are vehicles)", 0 },
  { "crs", KEY_CRS, "CRS", 0, "coordinate system of the network, such as EPSG:32632 (what the network says)",
    0 },
  { "hold-cycle", KEY_HOLD_CYCLE, NULL, 0,
    "hold actuated programs that say coordinated to their cycle also where no phase has earliestEnd or "
    "latestEnd: their "
    "longest phase ends at its place (SUMO lets them run free)",
    0 },
  { "force", KEY_FORCE, NULL, 0, "overwrite outputs", 0 },
  { 0 }
};

/// Splits a list at commas, as SUMO's own options do.
static void add_files(char *arg, char ***list, int32_t *count)
{
  for (char *at = strtok(arg, ","); at; at = strtok(NULL, ",")) {
    *list = art_renew(*list, (size_t)*count + 1, sizeof **list);
    (*list)[(*count)++] = art_strdup(at);
  }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case KEY_ADDITIONAL: add_files(arg, &a->files.additional, &a->files.additional_count); return 0;
  case KEY_ROUTES: add_files(arg, &a->files.route, &a->files.route_count); return 0;
  case KEY_DEMAND_OUTPUT: a->demand_output = arg; return 0;
  case KEY_CRS: a->crs = arg; return 0;
  case KEY_HOLD_CYCLE: a->files.holds_cycle = 1; return 0;
  case KEY_FORCE: a->force = 1; return 0;
  case 'o': a->output = arg; return 0;
  case ARGP_KEY_ARG:
    if (a->input) argp_error(state, "one network or configuration at a time: %s, %s", a->input, arg);
    a->input = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->input) argp_error(state, "give a network or a configuration");
    if (!a->output) argp_error(state, "-o PATH is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static int ends_with(const char *text, const char *ending)
{
  const size_t length = strlen(text), size = strlen(ending);
  return length >= size && strcmp(text + length - size, ending) == 0;
}

/// `head` less `cut` if it ends so, plus `tail`; the caller frees it.
static char *join(const char *head, const char *cut, const char *tail)
{
  const size_t length = strlen(head) - (ends_with(head, cut) ? strlen(cut) : 0);
  char *text = ART_NEW(char, length + strlen(tail) + 1);
  memcpy(text, head, length);
  strcpy(text + length, tail);
  return text;
}

/// Before the work, so that nothing is half written for a file that stands in the way, and no input is lost.
static art_status check_free(const arguments *a, const art_sumo_files *files, const char *path, art_error *err)
{
  const char *const inputs[] = { a->input, files->net };
  art_status status = art_output_check_apart(path, 2, inputs, err);
  if (status == ART_OK)
    status = art_output_check_apart(path, files->additional_count, (const char *const *)files->additional, err);
  if (status == ART_OK)
    status = art_output_check_apart(path, files->route_count, (const char *const *)files->route, err);
  return status == ART_OK ? art_output_check(path, a->force, err) : status;
}

// ---- a network and its files -------------------------------------------------------------------------------------------

static art_status import_network(arguments *a, art_error *err)
{
  char *derived = NULL;
  const char *demand_path = a->demand_output;
  if (!demand_path) {
    derived = join(a->output, ends_with(a->output, ".city.h5") ? ".city.h5" : ".h5", ".demand.h5");
    demand_path = derived;
  }
  a->files.net = art_strdup(a->input);
  art_status status = check_free(a, &a->files, a->output, err);
  if (status == ART_OK && (a->demand_output || a->files.route_count))
    status = check_free(a, &a->files, demand_path, err);
  art_import_report report = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  if (status == ART_OK) status = art_sumo_import_files(&a->files, a->crs, &city, &demand, &report, err);
  if (status == ART_OK) status = art_city_write(a->output, city, art_command_line(), a->force, err);
  // Vehicles may also stand in additional files; a demand that was not asked for is written where there is one.
  const int has_demand = status == ART_OK && (a->demand_output || a->files.route_count || demand->trip_count);
  if (has_demand)
    status = art_demand_write(demand_path, demand, city->net, art_command_line(), city->source_count,
                              city->source, a->force, err);
  if (status == ART_OK) {
    art_import_report_print(&report, stdout);
    printf("city: %s\n", a->output);
    if (has_demand) printf("demand: %s\n", demand_path);
  }
  art_import_report_clear(&report);
  art_demand_free(demand);
  art_city_free(city);
  free(derived);
  return status;
}

// ---- a configuration ---------------------------------------------------------------------------------------------------

static art_status make_folders(const char *path, art_error *err)
{
  char *part = art_strdup(path);
  art_status status = ART_OK;
  for (char *slash = part + 1;; ++slash) {
    const char kept = *slash;
    if (kept && kept != '/') continue;
    *slash = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
      status = art_fail(err, ART_E_IO, "%s: cannot be made: %s", part, strerror(errno));
    *slash = kept;
    if (!kept || status != ART_OK) break;
  }
  free(part);
  return status;
}

/// The end of the run: what the configuration says, else half an hour after the last departure, in quarters of an hour.
static int64_t end_of(const art_sumo_config *config, const art_demand *demand, int64_t begin_ms)
{
  if (config->end_ms > begin_ms) return config->end_ms;
  const int64_t quarter = 900000,
                last = demand->trip_count ? demand->trip_depart_ms[demand->trip_count - 1] : begin_ms;
  const int64_t end = (last > begin_ms ? last : begin_ms) + 2 * quarter;
  return (end + quarter - 1) / quarter * quarter;
}

static int step_is_accepted(int64_t step_ms)
{
  return step_ms >= 50 && step_ms <= 1000 && 1000 % step_ms == 0;
}

static void print_quoted(FILE *file, const char *text)
{
  putc('"', file);
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\') putc('\\', file);
    putc((unsigned char)*text < 32 ? ' ' : *text, file);
  }
  putc('"', file);
}

static art_status write_scenario(const char *path, const char *config_path, const art_sumo_config *config,
                                 const art_city *city, const art_demand *demand, art_error *err)
{
  char *temporary = join(path, "", ".tmp");
  FILE *file = fopen(temporary, "w");
  if (!file) {
    const art_status status =
        art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", temporary, strerror(errno));
    free(temporary);
    return status;
  }
  const char *slash = strrchr(config_path, '/'), *name = slash ? slash + 1 : config_path;
  const int64_t begin_ms = config->begin_ms > 0 ? config->begin_ms : 0;
  fprintf(file,
          "# From %s by `arterial import sumo`. Run it: arterial run scenario.yaml\narterial: 1\ntitle: ",
          name);
  print_quoted(file, city->title);
  fprintf(file, "\ncity: city.h5\ndemand: [demand.h5]\ntime:\n");
  fprintf(file, "  begin: %.10g s\n  end: %.10g s\n", (double)begin_ms / 1000.0,
          (double)end_of(config, demand, begin_ms) / 1000.0);
  if (step_is_accepted(config->step_ms))
    fprintf(file, "  step: %.10g s\n", (double)config->step_ms / 1000.0);
  else
    fprintf(file, "  step: 0.5 s\n");
  fprintf(file, "seed: %" PRId64 "\n", config->seed >= 0 ? config->seed : 1);
  fprintf(file, "outputs:\n  links: {every: 60 s}\n  trips: true\n");
  const int failed = ferror(file);
  art_status status = ART_OK;
  if (fclose(file) != 0 || failed || rename(temporary, path) != 0)
    status = art_fail(err, ART_E_IO, "%s: cannot be written: %s", path, strerror(errno));
  free(temporary);
  return status;
}

static void print_config(const art_sumo_config *config)
{
  if (config->skipped.count) {
    printf("skipped options:");
    for (int32_t i = 0; i < config->skipped.count; ++i)
      printf("%s %s", i ? "," : "", config->skipped.name[i]);
    printf("\n");
  }
  if (config->step_ms >= 0 && !step_is_accepted(config->step_ms))
    printf("note: step-length %.10g s is not a whole part of 1 s from 0.05 s: the scenario takes 0.5 s\n",
           (double)config->step_ms / 1000.0);
}

static art_status import_into_folder(const arguments *a, const art_sumo_config *config, char *const path[3],
                                     art_error *err)
{
  art_status status = make_folders(a->output, err);
  for (int i = 0; i < 3 && status == ART_OK; ++i) status = check_free(a, &config->files, path[i], err);
  art_import_report report = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  if (status == ART_OK) status = art_sumo_import_files(&config->files, a->crs, &city, &demand, &report, err);
  if (status == ART_OK) status = art_city_write(path[0], city, art_command_line(), a->force, err);
  if (status == ART_OK)
    status = art_demand_write(path[1], demand, city->net, art_command_line(), city->source_count,
                              city->source, a->force, err);
  if (status == ART_OK) status = write_scenario(path[2], a->input, config, city, demand, err);
  if (status == ART_OK) {
    art_import_report_print(&report, stdout);
    print_config(config);
    printf("city: %s\ndemand: %s\nscenario: %s\n", path[0], path[1], path[2]);
  }
  art_import_report_clear(&report);
  art_demand_free(demand);
  art_city_free(city);
  return status;
}

static art_status import_config(const arguments *a, art_error *err)
{
  if (a->files.additional_count || a->files.route_count || a->demand_output)
    return art_fail(err, ART_E_USAGE,
                    "--additional, --routes and --demand-output go with a network; a configuration names its "
                    "own files");
  art_sumo_config config = { 0 };
  art_status status = art_sumo_read_config(a->input, &config, err);
  if (status != ART_OK) return status;
  config.files.holds_cycle = a->files.holds_cycle;
  char *folder = join(a->output, "/", "/");
  char *const path[3] = { join(folder, "", "city.h5"), join(folder, "", "demand.h5"),
                          join(folder, "", "scenario.yaml") };
  status = import_into_folder(a, &config, path, err);
  for (int i = 0; i < 3; ++i) free(path[i]);
  free(folder);
  art_sumo_config_clear(&config);
  return status;
}

static int import_sumo(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "NET -o CITY.city.h5\nRUN.sumocfg -o FOLDER", doc, NULL,
                             NULL,        NULL };
  arguments a = { 0 };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  const int is_config =
      ends_with(a.input, ".sumocfg") || ends_with(a.input, ".sumo.cfg") || ends_with(a.input, ".cfg");
  const art_status status = is_config ? import_config(&a, &err) : import_network(&a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial import: %s\n", err.message);
  art_sumo_files_clear(&a.files);
  return art_status_exit_code(status);
}

// ---- the verb ----------------------------------------------------------------------------------------------------------

static const char overview[] =
    "Usage: arterial import FORMAT ...\n"
    "Read an outside format.\n\n"
    "  osm       an extract of OpenStreetMap: *.city.h5\n"
    "  sumo      network, signals, stops, detectors and demand of SUMO: *.city.h5, *.demand.h5\n"
    "  counts    tables of traffic counts: *.feed.h5\n"
    "  signals   tables of signals, into a city: *.city.h5\n";
static const char overview_end[] =
    "\n`arterial import FORMAT --help` tells its options.\n\n"
    "Example:\n"
    "  arterial import sumo run.sumocfg -o bologna\n";

int art_verb_import(int argc, char **argv)
{
  const char *format = argc > 1 ? argv[1] : NULL;
  if (format && (strcmp(format, "--help") == 0 || strcmp(format, "-?") == 0)) {
    fputs(overview, stdout);
    fputs(art_import_network_overview, stdout);
    fputs(overview_end, stdout);
    return 0;
  }
  int exit_code;
  if (format && art_import_network(argc, argv, &exit_code)) return exit_code;
  if (format && strcmp(format, "sumo") == 0) {
    char name[] = "arterial import sumo";
    argv[1] = name;
    return import_sumo(argc - 1, argv + 1);
  }
  if (format && strcmp(format, "osm") == 0) {
    char name[] = "arterial import osm";
    argv[1] = name;
    return art_verb_import_osm(argc - 1, argv + 1);
  }
  if (format && strcmp(format, "counts") == 0) {
    char name[] = "arterial import counts";
    argv[1] = name;
    return art_verb_import_counts(argc - 1, argv + 1);
  }
  if (format && strcmp(format, "signals") == 0) {
    char name[] = "arterial import signals";
    argv[1] = name;
    return art_verb_import_signals(argc - 1, argv + 1);
  }
  if (format)
    fprintf(stderr, "arterial import: format \"%s\" is unknown; `arterial import --help` lists them\n", format);
  else
    fprintf(stderr, "%s%s%s", overview, art_import_network_overview, overview_end);
  return art_status_exit_code(ART_E_USAGE);
}
