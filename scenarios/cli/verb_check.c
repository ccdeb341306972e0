#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/checkpoint/checkpoint.h"
#include "io/city/city_file.h"
#include "io/config/scenario.h"
#include "io/feed/feed.h"
#include "io/h5/h5.h"
#include "io/results/read.h"
#include "scenarios/cli/check_city.h"
#include "scenarios/cli/check_quality.h"
#include "scenarios/cli/describe.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/run/run.h"

enum { KEY_MAP = 256 };

typedef struct options {
  char **files;
  int32_t count, capacity;
  const char *city_path, *map_path;
  int quiet;
  art_city *city;  ///< of --city
} options;

/// What was found in one file. Problems make the exit code; the first one that is not about contents keeps
/// its own.
typedef struct findings {
  const char *path;
  int quiet;
  int64_t problems, warnings;
  art_status status;
} findings;

static const struct argp_option option_table[] = {
  { "city", 'c', "CITY.city.h5", 0, "The city that demands and feeds are checked against; demands need it",
    0 },
  { "geojson", KEY_MAP, "FILE", 0, "Also write what is found in a city, and the score of each junction, as a map", 0 },
  { "quiet", 'q', NULL, 0, "List problems only, no warnings", 0 },
  { 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
  options *o = state->input;
  switch (key) {
  case 'c': o->city_path = value; return 0;
  case 'q': o->quiet = 1; return 0;
  case KEY_MAP: o->map_path = value; return 0;
  case ARGP_KEY_ARG: ART_PUSH(o->files, o->count, o->capacity, value); return 0;
  case ARGP_KEY_END:
    if (o->count == 0) argp_error(state, "needs a FILE");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

/// Messages of readers begin with the file; those of our own checks get it here.
static void print_line(const findings *f, const char *severity, const char *message)
{
  const size_t length = strlen(f->path);
  const int has_file = strncmp(message, f->path, length) == 0 && message[length] == ':';
  if (has_file)
    printf("%s: %s\n", severity, message);
  else
    printf("%s: %s: %s\n", severity, f->path, message);
}

static void problem(findings *f, art_status status, const char *message)
{
  print_line(f, "error", message);
  ++f->problems;
  if (f->status == ART_OK) f->status = status;
}

static void problemf(findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void problemf(findings *f, const char *format, ...)
{
  char message[900];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  problem(f, ART_E_INPUT, message);
}

static void warning(void *context, const char *message)
{
  findings *f = context;
  if (!f->quiet) print_line(f, "warning", message);
  ++f->warnings;
}

static void input_problem(void *context, const char *message)
{
  problem(context, ART_E_INPUT, message);
}

// ---- kinds of files

/// Warnings, kept for the map.
typedef struct kept {
  findings *f;
  char **message;
  int32_t count, capacity;
} kept;

static void keep_warning(void *context, const char *message)
{
  kept *k = context;
  ART_PUSH(k->message, k->count, k->capacity, art_strdup(message));
  warning(k->f, message);
}

/// The mean score, the parts that hang together, and the worst junctions.
static void print_quality(const art_city *city, const art_quality *q, const char *path)
{
  enum { WORST = 5 };
  int32_t worst[WORST], count = 0;
  for (int32_t i = 0; i < city->net->node_count; ++i) {
    if (q->score[i] < 0.0f || q->score[i] >= 100.0f) continue;
    if (count == WORST && q->score[i] >= q->score[worst[WORST - 1]]) continue;
    int32_t at = count < WORST ? count++ : WORST - 1;
    while (at > 0 && q->score[worst[at - 1]] > q->score[i]) {
      worst[at] = worst[at - 1];
      --at;
    }
    worst[at] = i;
  }
  printf("quality: %s: %" PRId32 " junctions, mean score %.1f of 100; %" PRId32 " of %" PRId32 " links between junctions hang together\n",
         path, q->junctions, q->mean_score, q->largest_part, q->core_links);
  for (int32_t i = 0; i < count; ++i)
    printf("%s'%s' %.0f%s", i ? ", " : "  worst: ", city->net->node_id[worst[i]], (double)q->score[worst[i]],
           i + 1 == count ? "\n" : "");
}

static void check_city(findings *f, const char *map_path)
{
  art_city *city;
  if (art_city_problems(f->path, input_problem, f) > 0 || art_city_read(f->path, &city, NULL) != ART_OK)
    return;
  kept k = { .f = f };
  art_check_city(city->net, keep_warning, &k);
  art_quality q = art_check_quality(city->net, keep_warning, &k);
  if (!f->quiet) print_quality(city, &q, f->path);
  art_error err = { ART_OK, "" };
  const art_status status = map_path ? art_quality_map(city, &q, k.count, k.message, map_path, &err) : ART_OK;
  if (status != ART_OK) problem(f, status, err.message);
  for (int32_t i = 0; i < k.count; ++i) free(k.message[i]);
  free(k.message);
  free(q.score);
  art_city_free(city);
}

static void check_demand(findings *f, const art_city *city)
{
  if (city)
    art_demand_problems(f->path, city->net, input_problem, f);
  else
    problem(f, ART_E_USAGE, "a demand is checked against a city: add --city CITY.city.h5");
}

static void check_feed(findings *f, const art_city *city)
{
  art_feed *feed;
  art_error err = { ART_OK, "" };
  const art_status status = art_feed_read(f->path, &feed, &err);
  if (status != ART_OK) {
    problem(f, status, err.message);
    return;
  }
  for (int32_t i = 0; city && i < feed->station_count; ++i) {
    const char *link = feed->station_link[i];
    if (*link && art_net_find(city->net->link_id, city->net->link_count, link) < 0)
      problemf(f, "station '%.200s': link '%.200s': is not in the city", feed->station_id[i], link);
  }
  if (feed->observation_count == 0) warning(f, "observations: 0: nothing was counted");
  art_feed_free(feed);
}

/// Values of "name=number" in the summary line; 0 if it is not there.
static int64_t summary_value(const char *summary, const char *name)
{
  const size_t length = strlen(name);
  for (const char *word = summary; word; word = strchr(word, ' ')) {
    while (*word == ' ') ++word;
    if (!strncmp(word, name, length) && word[length] == '=') return strtoll(word + length + 1, NULL, 10);
    if (!*word) break;
  }
  return 0;
}

static void check_ledger(findings *f, const art_result *r)
{
  const int64_t inserted = summary_value(r->summary, "inserted"),
                arrived = summary_value(r->summary, "arrived");
  const int64_t running = summary_value(r->summary, "running"),
                removed = summary_value(r->summary, "removed");
  if (inserted != arrived + running + removed)
    problemf(f, "summary: inserted=%" PRId64 ": must be arrived + running + removed = %" PRId64, inserted,
             arrived + running + removed);
}

/// Numbers of /links and /totals that can never be negative.
static void check_values(findings *f, const art_result *r, const char *group, const char *name)
{
  double *value = NULL;
  int64_t shape[2] = { 0, 0 };
  art_error err = { ART_OK, "" };
  if (art_result_read(r, group, name, shape, &value, &err) != ART_OK) {
    problem(f, err.status, err.message);
    return;
  }
  for (int64_t i = 0; i < shape[0] * shape[1]; ++i)
    if (value[i] < 0) {
      problemf(f, "/%s/%s: value %g: must be at least 0", group, name, value[i]);
      break;
    }
  free(value);
}

static void check_result(findings *f)
{
  art_result *r;
  art_error err = { ART_OK, "" };
  const art_status status = art_result_open(f->path, &r, &err);
  if (status != ART_OK) {
    problem(f, status, err.message);
    return;
  }
  if (!r->complete) warning(f, "complete: 0: the run was interrupted");
  check_ledger(f, r);
  static const char *const of_links[] = { "flow", "density", "speed" };
  for (size_t i = 0; art_result_has(r, "links") && i < sizeof of_links / sizeof *of_links; ++i)
    check_values(f, r, "links", of_links[i]);
  if (art_result_has(r, "trips")) check_values(f, r, "trips", "travel_time");
  art_result_close(r);
}

/// Beyond the file itself: does all that it names exist, fit together and resolve?
static void check_scenario(findings *f)
{
  if (art_config_check(f->path, input_problem, f) > 0) return;
  art_scenario *scenario = NULL;
  art_case *c = NULL;
  art_error err = { ART_OK, "" };
  art_status status = art_scenario_read(f->path, 0, NULL, &scenario, &err);
  if (status == ART_OK) status = art_case_load(scenario, ART_CASE_ALL_TRIPS, &c, &err);
  if (status != ART_OK) problem(f, status, err.message);
  art_case_free(c);
  art_scenario_free(scenario);
}

static void check_batch(findings *f)
{
  if (art_config_check(f->path, input_problem, f) > 0) return;
  art_batch *batch = NULL;
  art_error err = { ART_OK, "" };
  const art_status status = art_batch_read(f->path, &batch, &err);
  if (status != ART_OK) {
    problem(f, status, err.message);
    return;
  }
  for (int32_t i = 0; i < batch->scenario_count; ++i) {
    findings member = { batch->scenario_paths[i], f->quiet, 0, 0, ART_OK };
    check_scenario(&member);
    f->problems += member.problems;
    if (f->status == ART_OK) f->status = member.status;
  }
  art_batch_free(batch);
}

static void check_calibration(findings *f)
{
  if (art_config_check(f->path, input_problem, f) > 0) return;
  art_calibration *calibration = NULL;
  art_error err = { ART_OK, "" };
  const art_status status = art_calibration_read(f->path, &calibration, &err);
  if (status != ART_OK) {
    problem(f, status, err.message);
    return;
  }
  findings scenario = { calibration->scenario_path, f->quiet, 0, 0, ART_OK };
  findings feed = { calibration->feed_path, f->quiet, 0, 0, ART_OK };
  check_scenario(&scenario);
  check_feed(&feed, NULL);
  f->problems += scenario.problems + feed.problems;
  if (f->status == ART_OK) f->status = scenario.status != ART_OK ? scenario.status : feed.status;
  art_calibration_free(calibration);
}

static void check_checkpoint(findings *f)
{
  art_checkpoint c;
  art_error err = { ART_OK, "" };
  art_status status = art_checkpoint_read(f->path, &c, &err);
  if (status == ART_OK) {
    status = art_checkpoint_check_journal(f->path, &c, &err);
    art_checkpoint_clear(&c);
  }
  if (status != ART_OK) problem(f, status, err.message);
}

// ---- all files

static art_status check_file(const options *o, const char *path)
{
  findings f = { path, o->quiet, 0, 0, ART_OK };
  art_error err = { ART_OK, "" };
  art_file_kind kind = ART_FILE_UNKNOWN;
  art_status status = art_file_recognise(path, &kind, &err);
  const int is_hdf5 = kind >= ART_FILE_CITY && kind <= ART_FILE_HDF5;
  if (status == ART_OK && is_hdf5) status = art_h5_verify(path, UINT64_MAX, &err);
  if (status != ART_OK) {
    problem(&f, status, err.message);
    return status;
  }
  switch (kind) {
  case ART_FILE_CITY: check_city(&f, o->map_path); break;
  case ART_FILE_DEMAND: check_demand(&f, o->city); break;
  case ART_FILE_FEED: check_feed(&f, o->city); break;
  case ART_FILE_RESULT: check_result(&f); break;
  case ART_FILE_SCENARIO: check_scenario(&f); break;
  case ART_FILE_BATCH: check_batch(&f); break;
  case ART_FILE_CALIBRATION: check_calibration(&f); break;
  case ART_FILE_PLAN: art_config_check(path, input_problem, &f); break;
  case ART_FILE_CHECKPOINT: check_checkpoint(&f); break;
  case ART_FILE_HDF5:
    problem(&f, ART_E_INPUT,
            "arterial_schema: missing or unknown: must be city, demand, feed or "
            "result");
    break;
  case ART_FILE_UNKNOWN:
    if (art_config_check(path, input_problem, &f) == 0)
      problem(&f, ART_E_INPUT, "neither an HDF5 file nor a configuration file of this program");
    break;
  }
  if (f.problems)
    printf("%s: invalid, %s, %" PRId64 " problem%s\n", path, art_file_kind_name(kind), f.problems,
           f.problems == 1 ? "" : "s");
  else
    printf("%s: ok, %s, %" PRId64 " warning%s\n", path, art_file_kind_name(kind), f.warnings,
           f.warnings == 1 ? "" : "s");
  return f.status;
}

int art_verb_check(int argc, char **argv)
{
  static const struct argp argp = {
    option_table,
    parse,
    "FILE...",
    "Validates cities, demands, feeds, results, scenarios, batches, calibrations and signal plans. Lists "
    "every problem with "
    "file, entity, value and bound; warnings are things that a run survives.\v"
    "Example: arterial check bologna.city.h5 bologna.demand.h5 --city bologna.city.h5",
    NULL,
    NULL,
    NULL
  };
  options o = { 0 };
  if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
  art_error err = { ART_OK, "" };
  art_status status = o.city_path ? art_city_read(o.city_path, &o.city, &err) : ART_OK;
  if (status != ART_OK) printf("error: %s\n", err.message);
  for (int32_t i = 0; i < o.count && (status == ART_OK || !o.city_path || o.city); ++i) {
    const art_status one = check_file(&o, o.files[i]);
    if (status == ART_OK) status = one;
  }
  art_city_free(o.city);
  free(o.files);
  return art_status_exit_code(status);
}
