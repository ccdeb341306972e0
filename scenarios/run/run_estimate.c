// What a run would need, without running it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/results/results.h"
#include "scenarios/run/case_internal.h"

/// Vehicle updates a second that one thread makes on a small city; only the estimate of time depends on it.
#define ASSUMED_UPDATES_PER_S 5e6
/// Trips in a busy city take this much longer than at free speed.
#define ASSUMED_CONGESTION 1.5

/// Resident memory of this process in bytes; 0 if unknown.
static double resident_bytes(void)
{
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return 0.0;
  if (fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
  fclose(file);
  return (double)resident * 4096.0;
}

/// Seconds that all trips of the run spend at the speed limits.
static double free_seconds(const art_case *c, int64_t *trips)
{
  const art_net *net = c->city->net;
  const art_demand *d = c->demand;
  double sum = 0.0;
  for (int32_t i = 0; i < d->trip_count; ++i) {
    if (d->trip_depart_ms[i] < c->scenario->begin_ms || d->trip_depart_ms[i] >= c->scenario->end_ms) continue;
    const int32_t r = d->trip_route[i];
    for (int64_t k = d->route_first[r]; k < d->route_first[r + 1]; ++k) {
      const int32_t lane = net->link_first_lane[d->route_link[k]];
      sum += (double)(net->lane_length_m[lane] / net->lane_speed_mps[lane]);
    }
    ++*trips;
  }
  return sum;
}

/// Bytes of the growing groups before compression.
static double output_bytes(const art_case *c)
{
  const art_scenario *s = c->scenario;
  const art_net *net = c->city->net;
  const double span_ms = (double)(s->end_ms - s->begin_ms);
  const art_tick detectors_ms = art_detector_interval(s, net);
  double bytes = 0.0;
  if (s->links_every_ms > 0) bytes += span_ms / (double)s->links_every_ms * net->link_count * 14.0 * 4.0;
  if (s->movements_every_ms > 0)
    bytes += span_ms / (double)s->movements_every_ms * net->connector_count * 4.0;
  if (detectors_ms > 0) bytes += span_ms / (double)detectors_ms * net->detector_count * 7.0 * 4.0;
  if (s->trips) bytes += c->demand->trip_count * 140.0;
  return bytes;
}

art_status art_run_estimate(const art_scenario *scenario, int threads, FILE *file, art_error *err)
{
  art_case *c = NULL;
  art_sim *sim = NULL;
  art_status status = art_case_load(scenario, ART_CASE_TRIPS_OF_RUN, &c, err);
  if (status == ART_OK) status = art_case_simulate(c, scenario->seed, threads, NULL, &sim, err);
  if (status == ART_OK) {
    int64_t trips = 0;
    const double seconds = ASSUMED_CONGESTION * free_seconds(c, &trips);
    const double updates = seconds * 1000.0 / scenario->step_ms;
    const int used = art_case_threads(scenario, c->city->net, threads);
    fprintf(file,
            "valid: links=%" PRId32 " lanes=%" PRId32 " signals=%" PRId32 " detectors=%" PRId32
            " trips=%" PRId64 " trips_outside_the_run=%" PRId64 "\n"
            "estimate: memory=%.0f MiB output=%.1f MiB (before compression) updates=%.3g time=%.0f s (at "
            "%.3g updates a second and "
            "thread, %d threads)\n",
            c->city->net->link_count, c->city->net->link_lane_count, c->city->net->signal_count,
            c->city->net->detector_count, trips, c->before_run + c->after_run, resident_bytes() / 1048576.0,
            output_bytes(c) / 1048576.0, updates, updates / (ASSUMED_UPDATES_PER_S * used),
            ASSUMED_UPDATES_PER_S, used);
  }
  art_sim_free(sim);
  art_case_free(c);
  return status;
}
