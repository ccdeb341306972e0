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

art_summary art_summary_of(art_sim *sim, const art_demand *demand, art_tick from_ms, art_tick to_ms,
                           double wall_s)
{
  const art_trip_row *rows = art_sim_trips_all(sim);
  double arrived = 0.0, travel_s = 0.0, loss_s = 0.0, distance_m = 0.0, outside_s = 0.0;
  for (int32_t i = 0; i < demand->trip_count; ++i) {
    const art_trip_row *row = &rows[i];
    const art_tick depart_ms = demand->trip_depart_ms[i];
    if (row->state != ART_TRIP_ARRIVED || depart_ms < from_ms || depart_ms >= to_ms) continue;
    arrived += 1.0;
    travel_s += (double)(row->arrival_ms - row->insert_ms) / 1000.0;
    loss_s += (double)(row->arrival_ms - row->insert_ms - row->stop_ms - row->free_ms) / 1000.0;
    distance_m += (double)row->route_mm / 1000.0;
    outside_s += (double)(row->insert_ms - depart_ms) / 1000.0;
  }
  const art_ledger ledger = art_sim_ledger_all(sim);
  return (art_summary){ .ledger = ledger,
                        .mean_travel_time_s = over(travel_s, arrived),
                        .mean_time_loss_s = over(loss_s, arrived),
                        .mean_route_length_m = over(distance_m, arrived),
                        .mean_speed_mps = over(distance_m, travel_s),
                        .mean_insertion_delay_s = over(outside_s, arrived),
                        .updates_per_s = over((double)ledger.updates, ledger.step_seconds),
                        .real_time_factor = over((double)(art_sim_now(sim) - from_ms) / 1000.0, wall_s),
                        .wall_s = wall_s,
                        .hash = art_sim_hash_all(sim) };
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

art_trip_row *art_rows_so_far(art_sim *sim, const art_case *c)
{
  const art_demand *demand = c->demand;
  const art_net *net = c->city->net;
  art_trip_row *rows = ART_NEW(art_trip_row, demand->trip_count);
  const art_trip_row *now_known = art_sim_trips_all(sim);
  for (int32_t trip = 0; trip < demand->trip_count; ++trip)
    if (now_known[trip].is_made) rows[trip] = now_known[trip];  // others take no memory, here as there
  art_snapshot now = { 0 };
  art_sim_gather_all(sim, &now);
  for (int64_t i = 0; i < now.count; ++i) {
    art_trip_row *row = &rows[now.trip[i]];
    const float limit = net->lane_speed_mps[now.lane[i]] * row->speed_factor,
                most = demand->type[row->type].max_speed_mps;
    const float desired = limit < most ? limit : most;
    if (row->state != ART_TRIP_RUNNING) continue;
    row->route_mm += (int64_t)(now.pos_m[i] * 1000.0f + 0.5f);
    if (row->route_mm < 0) row->route_mm = 0;
    row->free_ms += (int64_t)(now.pos_m[i] / desired * 1000.0f + 0.5f);
  }
  art_snapshot_free(&now);
  return rows;
}
