// Golden hashes: three small runs must give these bits in every build type, with every compiler, processor and number of
// threads. They change whenever the model changes; then, and only after the other tests pass, regenerate deliberately:
//     ARTERIAL_GOLDEN=print build/release/tests/golden_test_golden     and copy the printed rows into the table below.
// Nets and demands are made of literal numbers only: nothing here may depend on libm.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/wide.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/unit/small_net.h"

typedef struct golden {
  const char *name;
  uint64_t hash;
  int64_t distance_mm, updates;  ///< tell at a glance whether a change is one of bits or of behaviour
} golden;

static const golden expected[] = {
  { "road", 0x647e2e21dad55f3a, 70092650, 13289 },
  { "crossing", 0x24bcd5f288d30037, 24173939, 10945 },
  { "town", 0x93aa3e9a45970e2e, 21843927, 3840 },
};

/// Of the runs that follow; NULL: the widest of this processor.
static const char *instructions;

static golden run(const char *name, const art_net *net, const art_demand *demand, int32_t threads,
                  const art_change *change, int32_t changes)
{
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  setup.instructions = instructions;
  setup.seed = 42;
  setup.change = change;
  setup.change_count = changes;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 1200000, &err), err);
  const art_ledger l = art_sim_ledger(sim);
  const golden got = { name, art_sim_hash(sim), l.distance_mm, l.updates };
  assert_int_equal(l.arrived, demand->trip_count);
  art_sim_free(sim);
  return got;
}

/// A second type, longer and slower, on the other car-following model; trips draw one of the two.
static void add_trucks(art_demand *demand)
{
  demand->type = art_renew(demand->type, 2, sizeof *demand->type);
  demand->type[1] = art_vtype_default();
  demand->type[1].length_m = 12.0f;
  demand->type[1].accel_mps2 = 1.0f;
  demand->type[1].max_speed_mps = 11.0f;
  demand->type[1].model = ART_MODEL_IDM;
  demand->type[1].time_gap_dev = demand->type[1].noise_mps2 = 0.2f;
  demand->type[1].startup_delay_s = 0.5f;
  demand->type_id = art_renew(demand->type_id, 2, sizeof *demand->type_id);
  demand->type_id[1] = art_strdup("truck");
  demand->type_count = 2;
  demand->set_first[1] = 2;
  demand->set_type = art_renew(demand->set_type, 2, sizeof *demand->set_type);
  demand->set_type[1] = 1;
  demand->set_probability = art_renew(demand->set_probability, 2, sizeof *demand->set_probability);
  demand->set_probability[0] = 0.75f;
  demand->set_probability[1] = 0.25f;
}

/// Four links of two lanes, cars and trucks: car-following and changes for speed; a lower limit for a while.
static golden run_road(int32_t threads)
{
  static const art_change slow = {
    .kind = ART_CHANGE_SPEED_LIMIT, .link = 2, .lane = -1, .from_ms = 60000, .to_ms = 120000, .value = 7.0f
  };
  art_net *net = art_test_net_road(4, 2, 220.0f, 13.89f);
  art_demand *demand = art_test_demand_flow(net, 4, (const int32_t[]){ 0, 1, 2, 3 }, 80, 0, 1600);
  add_trucks(demand);
  const golden got = run("road", net, demand, threads, &slow, 1);
  art_demand_free(demand);
  art_net_free(net);
  return got;
}

/// One stream through the signal of the test crossing.
static golden run_crossing(int32_t threads)
{
  art_net *net = art_test_net_crossing();
  art_demand *demand = art_test_demand_flow(net, 2, (const int32_t[]){ 0, 3 }, 60, 0, 3000);
  add_trucks(demand);
  const golden got = run("crossing", net, demand, threads, NULL, 0);
  art_demand_free(demand);
  art_net_free(net);
  return got;
}

/// A node with crossing, merging and a holding point that is passed twice: out, around over short links, and across.
static golden run_town(int32_t threads)
{
  static const small_link links[] = { { 1, 0, 2, 160, 13.89f }, { 0, 2, 1, 90, 13.89f },
                                      { 2, 3, 1, 3, 8.33f },    { 3, 0, 1, 120, 13.89f },
                                      { 0, 4, 2, 140, 13.89f }, { .length_m = 0 } };
  // Out by l1, around by l2 and l3, then across one's own followers into l4.
  static const small_path paths[] = {
    { .from_link = 0, .from_lane = 0, .to_link = 1, .length_m = 14, .speed_mps = 9, .state = 'M' },
    { .from_link = 0, .from_lane = 0, .to_link = 4, .length_m = 16, .speed_mps = 7, .state = 'm' },
    { .from_link = 0, .from_lane = 1, .to_link = 1, .length_m = 15, .speed_mps = 9, .state = 'm' },
    { .from_link = 1, .to_link = 2, .length_m = 6, .speed_mps = 8 },
    { .from_link = 2, .to_link = 3, .length_m = 5, .speed_mps = 8 },
    { .from_link = 3, .to_link = 4, .to_lane = 0, .length_m = 15, .speed_mps = 9, .state = 'm', .hold_m = 3 },
    { .from_link = 3, .to_link = 4, .to_lane = 1, .length_m = 15, .speed_mps = 9, .state = 'm' },
    { .length_m = 0 }
  };
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 },
                                              { 0, 2, ART_CONFLICT_MERGE, 0, 1, 8, 14, 9, 15 },
                                              { 0, 5, ART_CONFLICT_CROSS, 0, 1, 5, 8, 4, 7 },
                                              { 0, 6, ART_CONFLICT_CROSS, 0, 1, 6, 9, 5, 8 },
                                              { 1, 5, ART_CONFLICT_MERGE, 0, 1, 10, 16, 9, 15 },
                                              { 2, 5, ART_CONFLICT_CROSS, 0, 1, 6, 9, 4, 7 },
                                              { 2, 6, ART_CONFLICT_CROSS, 0, 1, 7, 10, 6, 9 },
                                              { 5, 6, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 },
                                              { .a_exit_m = 0 } };
  art_net *net = small_net(5, links, paths, conflicts);
  art_demand *demand = art_test_demand_flow(net, 5, (const int32_t[]){ 0, 1, 2, 3, 4 }, 40, 0, 14000);
  add_trucks(demand);
  const golden got = run("town", net, demand, threads, NULL, 0);
  art_demand_free(demand);
  art_net_free(net);
  return got;
}

static golden (*const runs[])(int32_t threads) = { run_road, run_crossing, run_town };

static void hashes_are_golden(void **state)
{
  (void)state;
  const char *mode = getenv("ARTERIAL_GOLDEN");
  int different = 0;
  for (size_t i = 0; i < sizeof runs / sizeof *runs; ++i) {
    const golden got = runs[i](1);
    if (mode)
      print_message("  { \"%s\", 0x%016" PRIx64 ", %" PRId64 ", %" PRId64 " },\n", got.name, got.hash,
                    got.distance_mm, got.updates);
    if (got.hash == expected[i].hash && got.distance_mm == expected[i].distance_mm &&
        got.updates == expected[i].updates)
      continue;
    ++different;
    if (!mode)
      print_error("%s: 0x%016" PRIx64 ", %" PRId64 " mm, %" PRId64 " updates; golden: 0x%016" PRIx64
                  ", %" PRId64 " mm, %" PRId64 " updates (see the top of this file)\n",
                  got.name, got.hash, got.distance_mm, got.updates, expected[i].hash, expected[i].distance_mm,
                  expected[i].updates);
  }
  if (!mode) assert_int_equal(different, 0);
}

static void threads_do_not_change_the_hash(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof runs / sizeof *runs; ++i) {
    const uint64_t one = runs[i](1).hash;
    assert_int_equal(runs[i](2).hash, one);
    assert_int_equal(runs[i](3).hash, one);
  }
}

/// Loops compiled for each instruction set that this processor has.
static void instructions_do_not_change_the_hash(void **state)
{
  (void)state;
  int sets = 0;
#define X(set)                                              \
  if (art_wide_find(#set)) {                                \
    instructions = #set;                                    \
    ++sets;                                                 \
    for (size_t i = 0; i < sizeof runs / sizeof *runs; ++i) \
      assert_int_equal(runs[i](1).hash, expected[i].hash);  \
  }
  ART_WIDE_LIST(X)
#undef X
  instructions = NULL;
  print_message("%d sets of instructions compared\n", sets);
  assert_true(sets >= 1);
  assert_null(art_wide_find("unheard of"));
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(hashes_are_golden),
                                      cmocka_unit_test(threads_do_not_change_the_hash),
                                      cmocka_unit_test(instructions_do_not_change_the_hash) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
