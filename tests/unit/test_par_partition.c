// Partition of networks without any communication, and the thread rule.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/par/par.h"
#include "core/par/partition.h"
#include "core/step/ranks.h"
#include "tests/support/build_net.h"

static void a_ring_is_cut_into_equal_arcs(void **state)
{
  (void)state;
  enum { NODES = 64, PARTS = 4 };
  art_net *net = art_test_net_ring(NODES, 2, 300.0f, 13.9f);
  int32_t part[NODES], size[PARTS] = { 0 }, cuts = 0;
  art_par_partition_bound(net, PARTS, 0, NULL, NULL, part);
  for (int32_t i = 0; i < NODES; ++i) {
    assert_in_range(part[i], 0, PARTS - 1);
    ++size[part[i]];
    cuts += part[i] != part[(i + 1) % NODES];
  }
  for (int32_t k = 0; k < PARTS; ++k) assert_in_range(size[k], NODES / PARTS - 1, NODES / PARTS + 1);
  assert_int_equal(cuts, PARTS);  // the least that is possible
  for (int32_t i = 1; i < NODES; ++i) assert_true(part[i] >= part[i - 1]);  // and among such cuts one by number
  int32_t again[NODES];
  art_par_partition_bound(net, PARTS, 0, NULL, NULL, again);
  assert_memory_equal(part, again, sizeof part);
  art_net_free(net);
}

static void nodes_of_one_signal_stay_together(void **state)
{
  (void)state;
  enum { NODES = 40 };
  art_net *net = art_test_net_ring(NODES, 1, 500.0f, 13.9f);
  // One controller for two far nodes: 5 and 25.
  net->signal_count = 1;
  net->connector_signal[4] = net->connector_signal[24] = 0;
  for (int32_t parts = 2; parts <= 8; ++parts) {
    int32_t part[NODES];
    art_par_partition_bound(net, parts, 0, NULL, NULL, part);
    assert_int_equal(net->connector_node[4], 5);
    assert_int_equal(part[net->connector_node[4]], part[net->connector_node[24]]);
  }
  net->signal_count = 0;
  art_net_free(net);
}

static void short_links_are_not_cut(void **state)
{
  (void)state;
  enum { NODES = 60 };
  art_net *net = art_test_net_ring(NODES, 1, 400.0f, 13.9f);
  for (int32_t link = 0; link < NODES; link += 6) net->lane_length_m[link] = 8.0f;
  int32_t part[NODES];
  art_par_partition_bound(net, 3, 0, NULL, NULL, part);
  for (int32_t link = 0; link < NODES; link += 6)
    assert_int_equal(part[net->link_from[link]], part[net->link_to[link]]);
  art_net_free(net);
}

static void degenerate_cases_are_legal(void **state)
{
  (void)state;
  art_net *small = art_test_net_crossing(), *empty = art_net_new();
  int32_t part[5] = { 9, 9, 9, 9, 9 };
  art_par_partition_bound(small, 1, 0, NULL, NULL, part);
  for (int i = 0; i < 5; ++i) assert_int_equal(part[i], 0);
  art_par_partition_bound(small, 50, 0, NULL, NULL, part);  // more parts than nodes: some are empty
  for (int i = 0; i < 5; ++i) assert_in_range(part[i], 0, 49);
  art_par_partition_bound(empty, 4, 0, NULL, NULL, part);
  art_net_free(small);
  art_net_free(empty);
}

static void one_rank_owns_everything(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  const art_demand demand = { .type_count = 0 };
  const art_sim_setup setup = { .net = net, .demand = &demand };
  int32_t owner[7];
  for (int i = 0; i < 7; ++i) owner[i] = 5;
  assert_int_equal(art_par_size(), 1);
  assert_int_equal(art_par_rank(), 0);
  assert_true(net->node_count <= 7);
  art_ranks_partition(&setup, 1, owner);
  for (int i = 0; i < net->node_count; ++i) assert_int_equal(owner[i], 0);
  art_net_free(net);
}

static void threads_follow_the_environment(void **state)
{
  (void)state;
  unsetenv("OMP_NUM_THREADS");
  assert_true(art_par_allowed_cores() >= 1);
  assert_int_equal(art_par_default_threads(), art_par_allowed_cores());
  setenv("OMP_NUM_THREADS", "3", 1);
  assert_int_equal(art_par_default_threads(), 3);
  setenv("OMP_NUM_THREADS", "5,2", 1);  // nested levels: the outermost counts
  assert_int_equal(art_par_default_threads(), 5);
  setenv("OMP_NUM_THREADS", "many", 1);
  assert_int_equal(art_par_default_threads(), art_par_allowed_cores());
  setenv("OMP_NUM_THREADS", "0", 1);
  assert_int_equal(art_par_default_threads(), art_par_allowed_cores());
  unsetenv("OMP_NUM_THREADS");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_ring_is_cut_into_equal_arcs), cmocka_unit_test(nodes_of_one_signal_stay_together),
    cmocka_unit_test(short_links_are_not_cut),       cmocka_unit_test(degenerate_cases_are_legal),
    cmocka_unit_test(one_rank_owns_everything),      cmocka_unit_test(threads_follow_the_environment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
