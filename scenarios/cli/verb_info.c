#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/config/quantity.h"
#include "io/results/read.h"
#include "scenarios/cli/describe.h"
#include "scenarios/cli/info_partition.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/compare/warmup.h"

typedef struct options {
  char **files;
  int32_t count, capacity;
  int as_json, with_warmup;
  int32_t parts;           // 0: no partition
  const char *write_path;  // of the partition
} options;

enum { KEY_PARTITION = 256, MOST_PARTS = 4096 };

static const struct argp_option option_table[] = {
  { "json", 'j', NULL, 0, "Print one JSON object, or an array of them for several files", 0 },
  { "warm-up", 'w', NULL, 0, "Also say when a result's network was filled, by MSER-5 on its /totals", 0 },
  { "partition", KEY_PARTITION, "N", 0, "Also cut a city, or that of a scenario, into parts for N ranks: balance, lanes that are cut, lanes of others "
                                        "that a part has to watch", 0 },
  { "output", 'o', "FILE", 0, "With --partition: write the part of each node, for arterial run --partition", 0 },
  { 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
  options *o = state->input;
  switch (key) {
  case 'j': o->as_json = 1; return 0;
  case 'w': o->with_warmup = 1; return 0;
  case 'o': o->write_path = value; return 0;
  case KEY_PARTITION: {
    int64_t parts = 0;
    if (art_quantity_integer(value, &parts) || parts < 1 || parts > MOST_PARTS)
      argp_error(state, "--partition: '%s' is not a whole number from 1 to %d", value, MOST_PARTS);
    o->parts = (int32_t)parts;
    return 0;
  }
  case ARGP_KEY_ARG: ART_PUSH(o->files, o->count, o->capacity, value); return 0;
  case ARGP_KEY_END:
    if (o->count == 0) argp_error(state, "needs a FILE");
    if (o->write_path && (!o->parts || o->count != 1)) argp_error(state, "--output needs --partition, and one FILE");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static int is_simple(const json_t *value)
{
  return !json_is_object(value) && !json_is_array(value);
}

/// Texts of several lines, such as lists of libraries, are joined by semicolons.
static void print_text(const char *text)
{
  for (; *text; ++text) {
    if (*text != '\n')
      putchar(*text);
    else if (text[1])
      printf("; ");
  }
}

static void print_simple(const json_t *value)
{
  if (json_is_string(value))
    print_text(json_string_value(value));
  else if (json_is_integer(value))
    printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
  else if (json_is_real(value))
    printf("%.9g", json_real_value(value));
  else
    printf("%s", json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "none");
}

static void print_object(const json_t *object, int indent);

/// Simple values on one line; objects below one another, each opened by a dash.
static void print_array(const json_t *array, int indent)
{
  size_t i;
  const json_t *value;
  int all_simple = 1;
  json_array_foreach(array, i, value) all_simple = all_simple && is_simple(value);
  if (!all_simple) printf("\n");
  json_array_foreach(array, i, value)
  {
    if (all_simple) {
      printf(i ? ", " : " ");
      print_simple(value);
    } else {
      printf("%*s-\n", indent, "");
      if (json_is_object(value)) print_object(value, indent + 2);
    }
  }
  if (all_simple) printf("\n");
}

/// Long or doubled: in the JSON only.
static int is_for_machines(const char *key, const json_t *value)
{
  return !strcmp(key, "wkt") || !strcmp(key, "config") || !strcmp(key, "kpi_units") ||
         (!strcmp(key, "summary") && json_is_object(value));
}

static void print_object(const json_t *object, int indent)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value)
  {
    if (is_for_machines(key, value)) continue;
    if (!strcmp(key, "summary_line")) {  // as the run printed it
      printf("%s\n", json_string_value(value));
      continue;
    }
    printf("%*s%s:", indent, "", key);
    if (json_is_object(value)) {
      printf("\n");
      print_object(value, indent + 2);
    } else if (json_is_array(value)) {
      print_array(value, indent + 2);
    } else {
      printf(" ");
      print_simple(value);
      printf("\n");
    }
  }
}

static int print_all(const options *o, json_t *list)
{
  if (o->as_json) {
    char *text =
        json_dumps(o->count == 1 ? json_array_get(list, 0) : list, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    if (!text) return art_status_exit_code(ART_E_INTERNAL);
    puts(text);
    free(text);
    return 0;
  }
  size_t i;
  const json_t *object;
  json_array_foreach(list, i, object)
  {
    if (i) printf("\n");
    print_object(object, 0);
  }
  return 0;
}

static void set_seconds(json_t *object, const char *key, double value)
{
  json_object_set_new(object, key, isnan(value) ? json_null() : json_real(value));
}

/// Adds what the run's own numbers say about its warm-up; the method is that of `compare`.
static art_status add_warmup(json_t *object, const char *path, art_error *err)
{
  if (!art_result_is(path)) return art_fail(err, ART_E_INPUT, "%s: --warm-up: is not a result", path);
  art_result *r;
  art_warmup w;
  art_status status = art_result_open(path, &r, err);
  if (status != ART_OK) return status;
  status = art_warmup_read(r, &w, err);
  art_result_close(r);
  if (status != ART_OK) return status;
  json_t *found = json_object();
  json_object_set_new(found, "method", json_string("MSER-5"));
  json_object_set_new(found, "judged_s", json_real(w.judged_s));
  set_seconds(found, "running_s", w.running.end_s);
  json_object_set_new(found, "running_settles", json_boolean(w.running.settles));
  set_seconds(found, "mean_speed_s", w.speed.end_s);
  json_object_set_new(found, "mean_speed_settles", json_boolean(w.speed.settles));
  json_object_set_new(object, "warm_up", found);
  return ART_OK;
}

int art_verb_info(int argc, char **argv)
{
  static const struct argp argp = { option_table,
                                    parse,
                                    "FILE...",
                                    "Says what is in a file: counts, time span, reference system, "
                                    "provenance, hash; of a result also the summary and all "
                                    "indicators.\v"
                                    "With --warm-up: seconds since begin after which the number of "
                                    "vehicles, and their mean speed, are steady, judged while trips "
                                    "depart.\n\n"
                                    "Example: arterial info --json result.h5",
                                    NULL,
                                    NULL,
                                    NULL };
  options o = { 0 };
  if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
  json_t *list = json_array();
  art_error err = { ART_OK, "" };
  art_status status = ART_OK;
  for (int32_t i = 0; i < o.count && status == ART_OK; ++i) {
    json_t *object;
    status = art_describe(o.files[i], &object, &err);
    if (status != ART_OK) break;
    json_array_append_new(list, object);
    if (o.parts) status = art_describe_partition(object, o.files[i], o.parts, o.write_path, &err);
    if (status == ART_OK && o.with_warmup) status = add_warmup(object, o.files[i], &err);
  }
  int code = art_status_exit_code(status);
  if (status == ART_OK)
    code = print_all(&o, list);
  else
    fprintf(stderr, "arterial info: %s\n", err.message);
  json_decref(list);
  free(o.files);
  return code;
}
