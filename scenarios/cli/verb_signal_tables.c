// `arterial import signals` and `arterial export signals`: signals as tables.
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "io/signals/table.h"
#include "scenarios/cli/signal_tables.h"
#include "scenarios/cli/verbs.h"

enum { KEY_CITY = 256, KEY_FORCE };

typedef struct arguments {
  const char *input, *city, *output;
  int force, needs_city;
} arguments;

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case KEY_CITY: a->city = arg; return 0;
  case KEY_FORCE: a->force = 1; return 0;
  case 'o': a->output = arg; return 0;
  case ARGP_KEY_ARG:
    if (a->input) argp_error(state, "one file at a time: %s, %s", a->input, arg);
    a->input = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->input) argp_error(state, "the file to read is missing");
    if (a->needs_city && !a->city) argp_error(state, "--city CITY is missing");
    if (!a->output) argp_error(state, "-o FILE is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static art_status check_free(const arguments *a, art_error *err)
{
  const char *const inputs[] = { a->input, a->city };
  const art_status status = art_output_check_apart(a->output, 2, inputs, err);
  return status == ART_OK ? art_output_check(a->output, a->force, err) : status;
}

/// The table counts among the sources of the city.
static art_status add_source(art_city *city, const char *path, art_error *err)
{
  city->source = art_renew(city->source, (size_t)city->source_count + 1, sizeof *city->source);
  art_source *source = &city->source[city->source_count++];
  *source = (art_source){ .path = art_strdup(path) };
  return art_file_sha256(path, source->sha256, err);
}

int art_verb_import_signals(int argc, char **argv)
{
  static const struct argp_option option_list[] = {
    { "city", KEY_CITY, "CITY", 0, "the *.city.h5 whose signals the table is about (required)", 0 },
    { "output", 'o', "FILE", 0, "the *.city.h5 to write (required)", 0 },
    { "force", KEY_FORCE, NULL, 0, "overwrite the output", 0 },
    { 0 }
  };
  static const struct argp argp = {
    option_list,
    parse,
    "SIGNALS.csv --city CITY -o NEW.city.h5",
    "Bring tables of groups, intergreens, stages, programs and times of day into a city.\v"
    "Programs of the same name are replaced, others added. Stages with switch times are written out with the "
    "yellow, "
    "intergreen and red-yellow times of their groups.\n\n"
    "Example:\n"
    "  arterial import signals ring_road.csv --city town.city.h5 -o retimed.city.h5",
    NULL,
    NULL,
    NULL
  };
  arguments a = { .needs_city = 1 };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  art_city *city = NULL;
  art_signal_table_report report = { 0 };
  art_status status = check_free(&a, &err);
  if (status == ART_OK) status = art_city_read(a.city, &city, &err);
  if (status == ART_OK) status = art_signal_table_read(a.input, city->net, &report, &err);
  if (status == ART_OK && (status = art_net_check(city->net, &err)) != ART_OK)
    art_fail_prefix(&err, "%s: ", a.input);
  if (status == ART_OK) status = add_source(city, a.input, &err);
  if (status == ART_OK) status = art_city_write(a.output, city, art_command_line(), a.force, &err);
  if (status == ART_OK)
    printf("signals: %d with %d programs, of which %d replace others\ncity: %s\n", report.signals,
           report.programs, report.replaced, a.output);
  else
    fprintf(stderr, "arterial import signals: %s\n", err.message);
  art_city_free(city);
  return art_status_exit_code(status);
}

int art_verb_export_signals(int argc, char **argv)
{
  static const struct argp_option option_list[] = {
    { "output", 'o', "FILE", 0, "the *.csv to write (required)", 0 },
    { "force", KEY_FORCE, NULL, 0, "overwrite the output", 0 },
    { 0 }
  };
  static const struct argp argp = {
    option_list,
    parse,
    "CITY -o SIGNALS.csv",
    "Write the signals of a city as a table: groups, intergreens, programs, times of day.\v"
    "Example:\n"
    "  arterial export signals town.city.h5 -o signals.csv",
    NULL,
    NULL,
    NULL
  };
  arguments a = { 0 };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  art_city *city = NULL;
  art_status status = check_free(&a, &err);
  if (status == ART_OK) status = art_city_read(a.input, &city, &err);
  if (status == ART_OK) status = art_signal_table_write(a.output, city->net, &err);
  if (status == ART_OK)
    printf("signals: %d\ntable: %s\n", city->net->signal_count, a.output);
  else
    fprintf(stderr, "arterial export signals: %s\n", err.message);
  art_city_free(city);
  return art_status_exit_code(status);
}
