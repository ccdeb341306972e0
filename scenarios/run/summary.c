// The figures of the summary line.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks.h"
#include "scenarios/run/run_internal.h"

static double over(double a, double b)
{
  return b > 0.0 ? a / b : 0.0;
}

art_summary art_summary_of(art_sim *sim, const art_kpi_input *input, double wall_s)
{
  double *kpi = ART_NEW(double, art_kpi_count());
  art_kpi_compute(input, kpi);
  const art_ledger *ledger = &input->ledger;
  const art_summary out = { .ledger = *ledger,
                            .mean_travel_time_s = kpi[art_kpi_find("mean_travel_time_s")],
                            .mean_time_loss_s = kpi[art_kpi_find("mean_time_loss_s")],
                            .mean_route_length_m = kpi[art_kpi_find("mean_route_length_m")],
                            .mean_speed_mps = kpi[art_kpi_find("mean_speed_mps")],
                            .mean_insertion_delay_s = kpi[art_kpi_find("mean_insertion_delay_s")],
                            .updates_per_s = over((double)ledger->updates, ledger->step_seconds),
                            .real_time_factor =
                                over((double)(input->now_ms - input->begin_ms) / 1000.0, wall_s),
                            .wall_s = wall_s,
                            .hash = art_sim_hash_all(sim) };
  free(kpi);
  return out;
}

void art_summary_line(const art_summary *s, char *text, int size)
{
  const art_ledger *l = &s->ledger;
  snprintf(text, (size_t)size,
           "summary: inserted=%" PRId64 " arrived=%" PRId64 " running=%" PRId64 " waiting=%" PRId64
           " removed=%" PRId64
           " mean_travel_time_s=%.2f mean_time_loss_s=%.2f mean_route_length_m=%.2f mean_speed_mps=%.3f"
           " mean_insertion_delay_s=%.2f updates=%" PRId64
           " updates_per_s=%.4g real_time_factor=%.1f wall_s=%.2f hash=%016" PRIx64,
           l->inserted, l->arrived, l->running, l->waiting, l->removed, s->mean_travel_time_s,
           s->mean_time_loss_s, s->mean_route_length_m, s->mean_speed_mps, s->mean_insertion_delay_s,
           l->updates, s->updates_per_s, s->real_time_factor, s->wall_s, s->hash);
}
