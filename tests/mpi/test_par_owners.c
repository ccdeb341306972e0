// Runs on several ranks: all of them must get the same owners, and connectors go with their node.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "core/par/group.h"
#include "core/par/par.h"
#include "core/step/ranks_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/support/build_net.h"

int main(int argc, char **argv)
{
  art_error err = { 0 };
  if (art_par_start(&argc, &argv, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  const int32_t size = art_par_size();
  art_net *net = art_test_net_ring(30, 2, 300.0f, 13.9f);
  int32_t *lanes = ART_NEW(int32_t, size);
  const int32_t route[] = { 0, 1 };
  art_demand *demand = art_test_demand_flow(net, 2, route, 1, 0, 1000);
  const art_sim_setup setup = { .net = net,
                                .demand = demand,
                                .kernels = art_models_kernels(),
                                .step_ms = 500,
                                .end_ms = 1000,
                                .group = art_par_group() };
  art_sim *sim = NULL;
  if (size == 1 || art_sim_create(&setup, &sim, &err) != ART_OK) {
    fprintf(stderr, "%d ranks: %s\n", (int)size, err.message);
    art_par_abort(1);
  }
  const int32_t *owner = sim->ranks->lane_owner;
  int failures = 0;
  uint64_t hash = 0;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    failures += owner[lane] < 0 || owner[lane] >= size;
    if (lane < net->link_lane_count) ++lanes[owner[lane]];
    hash = art_hash2(hash, (uint64_t)owner[lane]);
  }
  for (int32_t c = 0; c < net->connector_count; ++c)
    failures += owner[art_net_lane_of_connector(net, c)] != owner[net->connector_from[c]];
  for (int32_t rank = 0; rank < size; ++rank) failures += lanes[rank] == 0;
  failures += art_par_allowed_cores() < 1;
  int64_t most = (int64_t)(hash >> 1), least = -most;  // equal everywhere, if both are those of all
  art_ranks_largest(sim, 1, &most);
  art_ranks_largest(sim, 1, &least);
  failures += most != -least;
  printf("rank %d of %d: owners %016llx, %d failures\n", art_par_rank(), size, (unsigned long long)hash,
         failures);
  free(lanes);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  if (failures) art_par_abort(1);
  art_par_stop();
  return 0;
}
