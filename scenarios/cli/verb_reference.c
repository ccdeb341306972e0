#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "core/fleet/demand.h"
#include "core/net/vclass.h"
#include "io/config/scenario.h"
#include "io/results/results.h"
#include "scenarios/cli/verbs.h"

static void print_configuration(void)
{
  art_config_print_reference(stdout);
}

static void print_types(void)
{
  static const struct {
    const char *name, *unit, *sentence;
    float initial, lowest, highest;
  } rows[] = {
#define X(name, unit, initial, lowest, highest, sentence) { #name, unit, sentence, initial, lowest, highest },
    ART_TYPE_PARAM_LIST(X)
#undef X
  };
  printf("# Vehicle types\n\nColumns of group `/types` in `*.demand.h5`.\n\n"
         "| parameter | unit | default | range | meaning |\n|---|---|---|---|---|\n");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    printf("| `%s` | %s | %g | %g .. %g | %s |\n", rows[i].name, rows[i].unit, (double)rows[i].initial,
           (double)rows[i].lowest, (double)rows[i].highest, rows[i].sentence);
  printf("\nCar-following models (`model`):");
  for (int m = 0; m < ART_MODEL_COUNT; ++m) printf("%s `%s`", m ? "," : "", art_model_name(m));
  printf(".\n\nVehicle classes (`vclass`):");
  for (int c = 0; c < ART_VCLASS_COUNT; ++c) printf("%s `%s`", c ? "," : "", art_vclass_name(c));
  printf(".\n");
}

static void print_results(void)
{
  art_results_print_reference(stdout);
}

/// Part of the reference: its name on the command line and how it is printed.
static const struct {
  const char *name;
  void (*print)(void);
} parts[] = {
  { "configuration", print_configuration },
  { "types", print_types },
  { "results", print_results },
};
enum { PART_COUNT = sizeof parts / sizeof *parts };

static int find_part(const char *name)
{
  for (int i = 0; i < PART_COUNT; ++i)
    if (!strcmp(parts[i].name, name)) return i;
  return -1;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
  unsigned *wanted = state->input;
  if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
  const int part = find_part(value);
  if (part < 0)
    argp_error(state, "unknown part '%s'; accepted: configuration, types, results", value);
  else
    *wanted |= 1u << part;
  return 0;
}

int art_verb_reference(int argc, char **argv)
{
  static const struct argp argp = { NULL,
                                    parse,
                                    "[configuration] [types] [results]",
                                    "Prints the reference as Markdown: keys of the configuration files, "
                                    "parameters of vehicle types, variables and "
                                    "indicators of the result file. Everything unless parts are named.\v"
                                    "Example: arterial reference configuration types",
                                    NULL,
                                    NULL,
                                    NULL };
  unsigned wanted = 0;
  if (argp_parse(&argp, argc, argv, 0, NULL, &wanted) != 0) return 2;
  int count = 0;
  for (int i = 0; i < PART_COUNT; ++i) {
    if (wanted && !(wanted >> i & 1u)) continue;
    if (count++) printf("\n");
    parts[i].print();
  }
  return 0;
}
