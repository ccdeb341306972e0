// Groups of threads, bonds between nodes, files of partitions.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/step/ranks.h"
#include "scenarios/run/ranks.h"
#include "tests/support/build_net.h"
#include "tests/support/group_rig.h"

typedef struct member {
  const art_group *group;
  int failures;
} member;

static void *check_member(void *context)
{
  member *m = context;
  m->failures = art_check_group(m->group);
  return NULL;
}

static void threads_are_a_group(void **state)
{
  (void)state;
  for (int32_t size = 1; size <= 6; ++size) {
    art_group_threads *all = art_group_threads_new(size);
    member m[6];
    pthread_t thread[6];
    for (int32_t r = 0; r < size; ++r) {
      m[r] = (member){ .group = art_group_threads_rank(all, r) };
      assert_int_equal(pthread_create(&thread[r], NULL, check_member, &m[r]), 0);
    }
    for (int32_t r = 0; r < size; ++r) pthread_join(thread[r], NULL);
    for (int32_t r = 0; r < size; ++r) assert_int_equal(m[r].failures, 0);
    art_group_threads_free(all);
  }
}

static void nobody_agrees_alone(void **state)
{
  (void)state;
  art_error err = { 0 };
  assert_int_equal(art_group_agree(NULL, art_fail(&err, ART_E_IO, "mine"), &err), ART_E_IO);
  assert_string_equal(err.message, "mine");
  assert_int_equal(art_group_agree(NULL, ART_OK, &err), ART_OK);
}

/// A ring whose links 4 and 9 are too short to stop on.
static art_net *ring(void)
{
  art_net *net = art_test_net_ring(12, 1, 100.0f, 13.9f);
  net->lane_length_m[net->link_first_lane[4]] = 0.2f;
  net->lane_length_m[net->link_first_lane[9]] = 2.9f;
  return net;
}

static void bonds_hold(void **state)
{
  (void)state;
  art_net *net = ring();
  art_demand *demand = art_demand_new();
  const art_sim_setup setup = { .net = net, .demand = demand };
  art_bond *bond;
  assert_int_equal(art_ranks_bonds(&setup, &bond), 2);
  int32_t *owner = ART_NEW(int32_t, net->node_count);
  for (int32_t size = 1; size <= 12; ++size) {
    art_ranks_partition(&setup, size, owner);
    for (int b = 0; b < 2; ++b) assert_int_equal(owner[bond[b].a], owner[bond[b].b]);
    for (int32_t n = 0; n < net->node_count; ++n) assert_in_range(owner[n], 0, size - 1);
  }
  for (int32_t n = 0; n < net->node_count; ++n) owner[n] = n;
  art_ranks_mend(&setup, owner);
  int32_t moved = 0;
  for (int32_t n = 0; n < net->node_count; ++n) {
    moved += owner[n] != n;
    assert_true(owner[n] <= n);
  }
  assert_int_equal(moved, 2);
  for (int b = 0; b < 2; ++b) assert_int_equal(owner[bond[b].a], owner[bond[b].b]);
  free(bond);
  free(owner);
  art_demand_free(demand);
  art_net_free(net);
}

static void write_text(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
}

static void partitions_come_back_from_files(void **state)
{
  (void)state;
  char path[] = "ranks_XXXXXX";
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  art_net *net = ring();
  int32_t part[12], back[12];
  art_error err = { 0 };
  assert_int_equal(net->node_count, 12);
  for (int32_t n = 0; n < 12; ++n) part[n] = n * 5 % 4;
  assert_int_equal(art_partition_write(path, net, part, &err), ART_OK);
  assert_int_equal(art_partition_read(path, net, 4, back, &err), ART_OK);
  assert_memory_equal(part, back, sizeof part);
  assert_int_equal(art_partition_read(path, net, 3, back, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "accepted are 0 to 2"));
  static const char *const bad[][2] = {
    { "", "has no part" }, { "node,part\nnowhere,0\n", ":2: no node 'nowhere'" }, { "nonsense\n", ":1: 'nonsense'" }
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    write_text(path, bad[i][0]);
    assert_int_equal(art_partition_read(path, net, 4, back, &err), ART_E_INPUT);
    assert_non_null(strstr(err.message, bad[i][1]));
  }
  unlink(path);
  assert_int_equal(art_partition_read(path, net, 4, back, &err), ART_E_OPEN);
  assert_int_equal(art_partition_write("/nowhere/at/all", net, part, &err), ART_E_OPEN);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(threads_are_a_group),
    cmocka_unit_test(nobody_agrees_alone),
    cmocka_unit_test(bonds_hold),
    cmocka_unit_test(partitions_come_back_from_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
