// A day of a congested network: does it keep flowing?   bench_soak_day SCENARIO HOURS SCALE MOST_FORCED [SEED [kerb]]
//
// With `kerb` trips enter anywhere along their first link, where the road is free.
// Runs the scenario with its demand repeated each hour and multiplied by SCALE, on one thread, and prints a line per hour.
// Then it judges: arrivals of each hour from the second one on against the best hour (80 %); missed turns and rotations
// against trips begun (MOST_FORCED, a share; negative: not judged); resident memory against that after the first hour (5 %);
// the ledger at every hour. Exit codes: 0 all held, 6 something was missed, 1 the run failed, 2 usage.
// With HOURS of 0 it only measures: two hours, prints the arrivals of the better one as `capacity=N`.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/step/sim.h"
#include "io/config/scenario.h"
#include "scenarios/run/run.h"

#define LEAST_FLOW 0.8
#define MOST_GROWTH 0.05
#define HOUR_MS INT64_C(3600000)
enum { MISSED = 6, MOST_HOURS = 1000 };

typedef struct verdict {
  int64_t arrived[MOST_HOURS], best;
  int hours;
  double first_mb, last_mb;
  art_ledger end;
} verdict;

static double resident_mb(void)
{
  FILE *file = fopen("/proc/self/statm", "r");
  long pages = 0, resident = 0;
  if (!file) return 0.0;
  if (fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

static int balances(const art_ledger *l)
{
  return l->loaded == l->waiting + l->running + l->arrived + l->removed && l->removed == 0;
}

/// Runs hour by hour. 0, or 1 after a message.
static int run_hours(art_sim *sim, int hours, verdict *v)
{
  int64_t before = 0;
  art_error err = { 0 };
  for (int h = 0; h < hours; ++h) {
    if (art_sim_advance(sim, (h + 1) * HOUR_MS, &err) != ART_OK) {
      fprintf(stderr, "soak_day: %s\n", err.message);
      return 1;
    }
    const art_signal_event *events;
    (void)art_sim_take_signal_events(sim, &events);  // as whoever writes results does
    const art_ledger l = art_sim_ledger(sim);
    v->arrived[h] = l.arrived - before;
    before = l.arrived;
    v->best = v->arrived[h] > v->best ? v->arrived[h] : v->best;
    v->last_mb = resident_mb();
    if (h == 0) v->first_mb = v->last_mb;
    v->end = l;
    v->hours = h + 1;
    printf("hour=%d arrived=%" PRId64 " waiting=%" PRId64 " running=%" PRId64 " missed_turns=%" PRId64
           " rotations=%" PRId64 " longest_standstill_s=%.0f memory_mb=%.1f\n",
           h + 1, v->arrived[h], l.waiting, l.running, l.missed_turns, l.rotations,
           (double)l.longest_standstill_ms * 1e-3, v->last_mb);
    fflush(stdout);
    if (!balances(&l)) {
      fprintf(stderr, "soak_day: the ledger does not balance\n");
      return 1;
    }
  }
  return 0;
}

static int judge(const verdict *v, double most_forced)
{
  int missed = 0, worst = 1, first_low = 0;
  for (int h = 1; h < v->hours; ++h) {
    if (v->arrived[h] < v->arrived[worst]) worst = h;
    if (!first_low && (double)v->arrived[h] < LEAST_FLOW * (double)v->best) first_low = h + 1;
  }
  if (v->hours > 1) {
    printf("throughput: least %.1f %% of the best hour (hour %d; limit %.0f %%): %s", 
           100.0 * (double)v->arrived[worst] / (double)v->best, worst + 1, 100.0 * LEAST_FLOW, first_low ? "MISSED" : "ok");
    if (first_low) printf(", first in hour %d", first_low);
    putchar('\n');
  }
  missed |= first_low != 0;
  const int64_t begun = v->end.arrived + v->end.running, forced = v->end.missed_turns + v->end.rotations;
  const double share = begun ? (double)forced / (double)begun : 0.0;
  const int is_judged = most_forced >= 0.0;
  printf("missed turns and rotations: %.4f %% of %" PRId64 " trips", 100.0 * share, begun);
  if (is_judged) printf(" (limit %.2f %%): %s", 100.0 * most_forced, share < most_forced ? "ok" : "MISSED");
  putchar('\n');
  missed |= is_judged && share >= most_forced;
  const double growth = v->last_mb / v->first_mb - 1.0;
  printf("memory: %+.1f %% after the first hour (limit %.0f %%): %s\n", 100.0 * growth, 100.0 * MOST_GROWTH,
         growth < MOST_GROWTH ? "ok" : "MISSED");
  missed |= growth >= MOST_GROWTH;
  printf("ledger: balanced at every hour; longest standstill %.0f s\n", (double)v->end.longest_standstill_ms * 1e-3);
  return missed ? MISSED : 0;
}

int main(int argc, char **argv)
{
  if (argc < 5) {
    fprintf(stderr, "usage: bench_soak_day SCENARIO HOURS SCALE MOST_FORCED [SEED]\n");
    return 2;
  }
  const int hours = atoi(argv[2]), measures = hours == 0;
  if (hours < 0 || hours > MOST_HOURS || atof(argv[3]) <= 0.0) {
    fprintf(stderr, "bench_soak_day: HOURS must be 0 to %d and SCALE positive\n", MOST_HOURS);
    return 2;
  }
  char scale[64], end[64], repeat[] = "time.demand_repeat=3600 s";
  snprintf(scale, sizeof scale, "demand_scale=%s", argv[3]);
  snprintf(end, sizeof end, "time.end=%d s", 3600 * (measures ? 2 : hours));
  char *sets[] = { scale, end, repeat };
  art_error err = { 0 };
  art_scenario *scenario = NULL;
  art_case *loaded = NULL;
  art_sim *sim = NULL;
  static verdict v;
  int is_ready = art_scenario_read(argv[1], 3, sets, &scenario, &err) == ART_OK && art_case_load(scenario, ART_CASE_TRIPS_OF_RUN, &loaded, &err) == ART_OK;
  for (int32_t i = 0; is_ready && argc > 6 && i < loaded->demand->trip_count; ++i)
    loaded->demand->trip_depart_pos_m[i] = ART_POS_FREE;
  if (!is_ready || art_case_simulate(loaded, argc > 5 ? (uint64_t)strtoull(argv[5], NULL, 10) : 1, 1, NULL, &sim, &err) != ART_OK) {
    fprintf(stderr, "soak_day: %s\n", err.message);
    return 1;
  }
  int code = run_hours(sim, measures ? 2 : hours, &v);
  if (code == 0 && measures) printf("capacity=%" PRId64 "\n", v.best);
  if (code == 0 && !measures) code = judge(&v, atof(argv[4]));
  art_sim_free(sim);
  art_case_free(loaded);
  return code;
}
