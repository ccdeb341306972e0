// What saving a state costs, and whether the run that goes on from it is the same: bench_save_state SCENARIO AT_S UNTIL_S
// [THREADS THREADS_AFTER]. Runs the scenario to AT_S, saves, restores into a new simulation on another number of threads;
// both go on to UNTIL_S and are compared, hash and whole state. Prints times and sizes; exit 1: they differ.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/step/state_internal.h"
#include "io/config/scenario.h"
#include "scenarios/run/run.h"
#include "tests/support/state_rig.h"

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void must(art_status status, const art_error *err)
{
  if (status == ART_OK) return;
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

/// Bytes by kind of section.
static void print_sections(const art_bytes *state)
{
  for (size_t at = 0; at + 24 <= state->count;) {
    uint64_t count;
    memcpy(&count, state->data + at + 8, sizeof count);
    if (count >= state->count / 200) printf("  %.4s %" PRIu64, (const char *)state->data + at, count);
    at += 24 + (size_t)count;
  }
  printf("\n");
}

int main(int argc, char **argv)
{
  if (argc < 4)
    return fprintf(stderr, "usage: bench_save_state SCENARIO AT_S UNTIL_S [THREADS THREADS_AFTER]\n"), 2;
  const art_tick at_ms = (art_tick)(1000.0 * atof(argv[2])), until_ms = (art_tick)(1000.0 * atof(argv[3]));
  const int before = argc > 4 ? atoi(argv[4]) : 2, after = argc > 5 ? atoi(argv[5]) : 1;
  art_error err = { 0 };
  art_scenario *scenario = NULL;
  art_case *c = NULL;
  art_sim *whole = NULL, *rest = NULL;
  must(art_scenario_read(argv[1], 0, NULL, &scenario, &err), &err);
  must(art_case_load(scenario, ART_CASE_TRIPS_OF_RUN, &c, &err), &err);
  must(art_case_simulate(c, scenario->seed, before, NULL, &whole, &err), &err);
  must(art_sim_advance(whole, at_ms, &err), &err);
  art_bytes state = { 0 };
  const double first_s = seconds();
  state_take(whole, &state);
  const double begin_s = seconds();
  state_take(whole, &state);  // into memory that is there
  const double saved_s = seconds();
  must(art_case_simulate(c, scenario->seed, after, NULL, &rest, &err), &err);
  const double made_s = seconds();
  must(art_sim_restore(rest, state.data, state.count, &err), &err);
  const double restored_s = seconds();
  const art_ledger ledger = art_sim_ledger(whole);
  printf("save_state: at_s=%.1f running=%" PRId64 " waiting=%" PRId64 " arrived=%" PRId64
         " bytes=%zu save_first_s=%.4f "
         "save_s=%.4f restore_s=%.4f\n",
         (double)art_sim_now(whole) * 1e-3, ledger.running, ledger.waiting, ledger.arrived, state.count,
         begin_s - first_s, saved_s - begin_s, restored_s - made_s);
  print_sections(&state);
  must(art_sim_advance(whole, until_ms, &err), &err);
  must(art_sim_advance(rest, until_ms, &err), &err);
  art_bytes a = { 0 }, b = { 0 };
  state_take(whole, &a);
  state_take(rest, &b);
  char section[5] = "";
  size_t byte = 0;
  const int differs = ART_STATE_IS_CANONICAL && state_differs(&a, &b, section, &byte);
  printf("save_state: until_s=%.1f hash=%016" PRIx64 " restored=%016" PRIx64 " arrived=%" PRId64
         " states=%s\n",
         (double)art_sim_now(whole) * 1e-3, art_sim_hash(whole), art_sim_hash(rest),
         art_sim_ledger(rest).arrived, differs ? section : "equal");
  const int same = art_sim_hash(whole) == art_sim_hash(rest) && !differs;
  free(state.data), free(a.data), free(b.data);
  art_sim_free(whole);
  art_sim_free(rest);
  art_case_free(c);
  art_scenario_free(scenario);
  return same ? 0 : 1;
}
