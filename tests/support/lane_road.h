/// \file lane_road.h
/// Running and reading small road tests.
#ifndef ART_TESTS_SUPPORT_LANE_ROAD_H
#define ART_TESTS_SUPPORT_LANE_ROAD_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/step/sim.h"
#include "tests/support/check.h"
#include "tests/support/lane_flows.h"
#include "tests/unit/small_net.h"

static inline art_sim *lane_road_start(const art_net *net, const art_demand *demand, int32_t changes,
                                       const art_change *change)
{
  art_error err = { 0 };
  art_sim_setup setup = small_setup(net, demand);
  art_sim *sim = NULL;
  setup.end_ms = 7200000;
  setup.change_count = changes;
  setup.change = change;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

static inline void lane_road_advance(art_sim *sim, art_tick until_ms)
{
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, until_ms, &err), err);
}

/// Vehicles per hour over all connectors of `mask` (bit c: connector c) between two times; steps there. Shares by connector
/// go to count[connector_count], which may be NULL.
static inline double lane_road_flow(art_sim *sim, const art_net *net, uint32_t mask, art_tick from_ms,
                                    art_tick to_ms, int32_t *count)
{
  int32_t *moved = ART_NEW(int32_t, net->connector_count);
  lane_road_advance(sim, from_ms);
  art_sim_take_movements(sim, moved);
  lane_road_advance(sim, to_ms);
  art_sim_take_movements(sim, moved);
  int64_t sum = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (mask >> c & 1u) sum += moved[c];
    if (count) count[c] = moved[c];
  }
  free(moved);
  return (double)sum * 3.6e6 / (double)(to_ms - from_ms);
}

/// Flow of drivers of a type that follow one another in equilibrium at a speed, veh/h.
static inline double lane_road_capacity(const art_vtype *type, double speed_mps)
{
  return 3600.0 * speed_mps /
         ((double)type->length_m + (double)type->min_gap_m + speed_mps * (double)type->time_gap_s);
}

static inline int32_t lane_road_missed(art_sim *sim, const art_demand *demand)
{
  int32_t missed = 0;
  for (int32_t trip = 0; trip < demand->trip_count; ++trip)
    missed += art_sim_trips(sim)[trip].missed_turns + art_sim_trips(sim)[trip].reroutes;
  return missed;
}

#endif  // ART_TESTS_SUPPORT_LANE_ROAD_H
