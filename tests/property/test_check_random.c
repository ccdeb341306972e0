// One to three random values of a valid network or demand are overwritten. Whatever comes of it, the checks
// must not crash (run under ASan and UBSan), a refusal must carry a message, and what is accepted must be
// safe to partition.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "core/num/random.h"
#include "core/par/partition.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/seed.h"

typedef struct column {
  void *values;
  size_t size, count;
} column;

#define COLUMN(owner, field, n)                         \
  {                                                     \
    (owner)->field, sizeof *(owner)->field, (size_t)(n) \
  }

/// A value that is likely to hurt: small, just outside, huge, negative, not a number, or random bits.
static void overwrite(const column *c, uint64_t draw)
{
  unsigned char *at = (unsigned char *)c->values + c->size * (draw % c->count);
  const uint64_t choice = art_mix64(draw);
  static const int64_t integers[] = { -2, -1, 0, 1, 2, 3, 5, 7, 100, INT32_MAX, INT32_MIN };
  static const uint32_t floats[] = { 0x7fc00000u, 0x7f800000u, 0xff800000u, 0xbf800000u,
                                     0x49742400u, 0u,          0x80000000u };
  if (choice % 3 == 0) {
    const int64_t value = integers[choice / 3 % (sizeof integers / sizeof *integers)];
    memcpy(at, &value, c->size);  // little end first, as on every machine that this is built for
  } else if (choice % 3 == 1 && c->size == 4) {
    memcpy(at, &floats[choice / 3 % (sizeof floats / sizeof *floats)], 4);
  } else {
    const uint64_t bits = art_mix64(choice);
    memcpy(at, &bits, c->size);
  }
}

static int corrupt_and_check_net(uint64_t seed)
{
  art_net *n = art_test_net_crossing();
  // Closing elements of row tables are left alone: they tell the length of arrays.
  const column columns[] = {
    COLUMN(n, node_kind, 5),
    COLUMN(n, link_from, 4),
    COLUMN(n, link_to, 4),
    COLUMN(n, link_first_lane, 4),
    COLUMN(n, link_in_roundabout, 4),
    COLUMN(n, lane_link, 7),
    COLUMN(n, lane_length_m, 7),
    COLUMN(n, lane_speed_mps, 7),
    COLUMN(n, lane_width_m, 7),
    COLUMN(n, connector_from, 3),
    COLUMN(n, connector_to, 3),
    COLUMN(n, connector_node, 3),
    COLUMN(n, connector_turn, 3),
    COLUMN(n, connector_state, 3),
    COLUMN(n, connector_signal, 3),
    COLUMN(n, connector_signal_group, 3),
    COLUMN(n, connector_hold_m, 3),
    COLUMN(n, lane_first_out, 5),
    COLUMN(n, lane_first_in, 5),
    COLUMN(n, lane_in, 3),
    COLUMN(n, node_first_connector, 6),
    COLUMN(n, node_connector, 3),
    COLUMN(n, conflict_first, 3),
    COLUMN(n, conflict_other, 6),
    COLUMN(n, conflict_kind, 6),
    COLUMN(n, conflict_enter_m, 6),
    COLUMN(n, conflict_exit_m, 6),
    COLUMN(n, signal_group_count, 1),
    COLUMN(n, signal_first_program, 1),
    COLUMN(n, signal_active, 1),
    COLUMN(n, program_first_phase, 1),
    COLUMN(n, phase_duration_ms, 4),
    COLUMN(n, phase_min_ms, 4),
    COLUMN(n, phase_first_state, 4),
    COLUMN(n, phase_state, 12),
    COLUMN(n, program_control, 1),
    COLUMN(n, program_cycle_ms, 1),
    COLUMN(n, program_value[ART_CONTROL_VALUE_sotl_reach_m], 1),
    COLUMN(n, phase_time_ms[ART_PHASE_TIME_walk_ms], 4),
    COLUMN(n, phase_flags, 4),
    COLUMN(n, phase_ring, 4),
    COLUMN(n, phase_first_next, 5),
    COLUMN(n, phase_first_sensor, 5),
    COLUMN(n, group_min_green_ms, 3),
    COLUMN(n, signal_first_intergreen, 2),
    COLUMN(n, signal_first_switch, 2),
    COLUMN(n, signal_switch_period_ms, 1),
    COLUMN(n, stop_lane, 1),
    COLUMN(n, stop_start_m, 1),
    COLUMN(n, detector_kind, 3),
    COLUMN(n, detector_first_point, 3),
    COLUMN(n, detector_lane, 4),
    COLUMN(n, detector_pos_m, 4),
    COLUMN(n, detector_end_m, 4),
  };
  const uint64_t times = 1 + seed % 3;
  for (uint64_t i = 0; i < times; ++i) {
    const uint64_t draw = art_rng(seed, i, 0, ART_FOR_TRUTH);
    overwrite(&columns[draw % (sizeof columns / sizeof *columns)], art_mix64(draw + 1));
  }
  art_error err = { 0 };
  const art_status status = art_net_check(n, &err);
  if (status == ART_OK) {
    int32_t part[5];
    art_par_partition_bound(n, 3, 0, NULL, NULL, part);
    for (int i = 0; i < 5; ++i) assert_in_range(part[i], 0, 2);
  } else {
    assert_int_equal(status, ART_E_INPUT);
    assert_true(strlen(err.message) > 20);
  }
  art_net_free(n);
  return status == ART_OK;
}

static int corrupt_and_check_demand(uint64_t seed)
{
  art_net *net = art_test_net_crossing();
  art_demand *d = art_test_demand_flow(net, 2, (const int32_t[]){ 0, 2 }, 6, 0, 2000);
  const column columns[] = {
    COLUMN(d, set_first, 1),          COLUMN(d, set_type, 1),          COLUMN(d, set_probability, 1),
    COLUMN(d, route_first, 1),        COLUMN(d, route_link, 2),        COLUMN(d, trip_key, 6),
    COLUMN(d, trip_set, 6),           COLUMN(d, trip_route, 6),        COLUMN(d, trip_depart_ms, 6),
    COLUMN(d, trip_depart_lane, 6),   COLUMN(d, trip_depart_pos_m, 6), COLUMN(d, trip_depart_speed_mps, 6),
    COLUMN(d, trip_arrival_pos_m, 6), COLUMN(d, trip_first_stop, 6),   { d->type, 4, sizeof *d->type / 4 },
  };
  const uint64_t times = 1 + seed % 3;
  for (uint64_t i = 0; i < times; ++i) {
    const uint64_t draw = art_rng(seed, i, 1, ART_FOR_TRUTH);
    overwrite(&columns[draw % (sizeof columns / sizeof *columns)], art_mix64(draw + 1));
  }
  art_error err = { 0 };
  const art_status status = art_demand_check(d, net, &err);
  if (status != ART_OK) {
    assert_int_equal(status, ART_E_INPUT);
    assert_true(strlen(err.message) > 20);
  }
  art_demand_free(d);
  art_net_free(net);
  return status == ART_OK;
}

static void checks_survive(int (*corrupt_and_check)(uint64_t seed))
{
  enum { COUNT = 20000 };
  int accepted = 0;
  for (uint64_t i = 0; i < COUNT; ++i) accepted += corrupt_and_check(art_hash2(art_test_seed(), i));
  // Overwriting with the value that was there, or another legal one, is common; most are not legal.
  assert_in_range(accepted, 1, COUNT / 2);
}

static void corrupted_nets_never_crash_the_check(void **state)
{
  (void)state;
  checks_survive(corrupt_and_check_net);
}

static void corrupted_demands_never_crash_the_check(void **state)
{
  (void)state;
  checks_survive(corrupt_and_check_demand);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(corrupted_nets_never_crash_the_check),
    cmocka_unit_test(corrupted_demands_never_crash_the_check),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
