/// \file ring_run.h
/// Vehicles on a ring road in the engine, for tests and benchmarks: equally spaced at rest, all of one type,
/// on routes of RING_HOPS links.
#ifndef ART_TESTS_SUPPORT_RING_RUN_H
#define ART_TESTS_SUPPORT_RING_RUN_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/sim.h"
#include "scenarios/run/kernels.h"
#include "tests/support/build_net.h"

typedef struct ring_run {
  art_net *net;
  art_demand *demand;
  art_sim *sim;
  double ring_m;
  int32_t links;
} ring_run;

enum { RING_HOPS = 30000 };

/// A ring of `ring_m` with `count` vehicles, each on a link of its own (with a connector of 1 m), so that all enter in the
/// first step. Places are even but for a wave of amplitude wave_m.
static inline art_status ring_start(ring_run *r, double ring_m, float speed_mps, int32_t count, double wave_m,
                                    const art_vtype *type, int32_t model, int32_t step_ms, uint64_t seed,
                                    art_error *err)
{
  memset(r, 0, sizeof *r);
  r->links = count;
  r->ring_m = ring_m;
  const float link_m = (float)(ring_m / count) - 1.0f;
  r->net = art_test_net_ring(count, 1, link_m, speed_mps);
  int32_t *walk = ART_NEW(int32_t, count + RING_HOPS);
  for (int32_t h = 0; h < count + RING_HOPS; ++h) walk[h] = h % count;
  r->demand = art_test_demand_flow(r->net, RING_HOPS, walk, count, 0, 0);
  art_demand *d = r->demand;
  d->type[0] = *type;
  d->route_count = count;  // one from each link on, all parts of one walk
  d->route_first = art_renew(d->route_first, (size_t)count + 1, sizeof *d->route_first);
  d->route_link = art_renew(d->route_link, (size_t)count * RING_HOPS, sizeof *d->route_link);
  for (int32_t l = 0; l < count; ++l) {
    d->route_first[l + 1] = (int64_t)(l + 1) * RING_HOPS;
    memcpy(d->route_link + (size_t)l * RING_HOPS, walk + l, RING_HOPS * sizeof *walk);
  }
  free(walk);
  for (int32_t i = 0; i < count; ++i) {
    d->trip_route[i] = i;
    d->trip_depart_lane[i] = 0;
    d->trip_depart_pos_m[i] = 0.5f * link_m + (float)(wave_m * cos(6.283185307179586 * i / count));
    d->trip_depart_speed_mps[i] = 0.0f;
  }
  const art_sim_setup setup = { .net = r->net,
                                .demand = d,
                                .kernels = art_models_kernels(),
                                .seed = seed,
                                .step_ms = step_ms,
                                .end_ms = 100000000,
                                .threads = 1,
                                .model = model };
  art_status status = art_net_check(r->net, err);
  if (status == ART_OK) status = art_demand_check(d, r->net, err);
  if (status == ART_OK) status = art_sim_create(&setup, &r->sim, err);
  return status;
}

static inline void ring_free(ring_run *r)
{
  art_sim_free(r->sim);
  art_demand_free(r->demand);
  art_net_free(r->net);
}

/// Where a vehicle of a snapshot is along the ring.
static inline double ring_place(const ring_run *r, int32_t lane, float pos)
{
  const double each = r->ring_m / r->links;
  return lane < r->links ? lane * each + (double)pos : (lane - r->links) * each + each - 1.0 + (double)pos;
}

#endif  // ART_TESTS_SUPPORT_RING_RUN_H
