// A saved state: what must agree, parts of several that own it, damage of every kind.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/state_internal.h"
#include "core/step/vehicle_state.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/support/check.h"
#include "tests/support/state_rig.h"

enum { STEP_MS = 500, SAVED_MS = 90000, HEAD_BYTES = 24 };

typedef struct rig {
  random_city city;
  art_change change;
  art_sim_setup setup;
  art_sim *sim;     ///< at SAVED_MS
  art_bytes state;  ///< then
} rig;

static rig rig_make(void)
{
  const city_traits traits = { .nodes = 3, .trips = 100, .most_lanes = 2, .least_link_m = 5.0f, .with_signals = 1,
                               .with_crossings = 1, .with_stops = 1, .longest_m = 12.0f };
  rig r = { .city = city_build(56, &traits) };
  r.setup = (art_sim_setup){ .net = r.city.net, .demand = r.city.demand, .kernels = art_models_kernels(), .seed = 5,
                             .step_ms = STEP_MS, .end_ms = 3600000, .threads = 1, .model = ART_MODEL_IIDM,
                             .reroute_share = 0.5, .reroute_period_ms = 10000, .approaches = 1 };
  art_error err = { 0 };
  assert_ok(art_sim_create(&r.setup, &r.sim, &err), err);
  assert_ok(art_sim_advance(r.sim, SAVED_MS, &err), err);
  assert_true(art_sim_ledger(r.sim).running > 5 && art_sim_ledger(r.sim).arrived > 5 && r.city.net->signal_count > 0);
  state_take(r.sim, &r.state);
  return r;
}

static void rig_free(rig *r)
{
  art_sim_free(r->sim);
  free(r->state.data);
  city_free(&r->city);
}

/// Restores into a simulation of this set-up, and frees it.
static art_status try_restore(const art_sim_setup *setup, const void *data, size_t count, art_error *err)
{
  art_sim *sim = NULL;
  *err = (art_error){ 0 };
  assert_ok(art_sim_create(setup, &sim, err), *err);
  const art_status status = art_sim_restore(sim, data, count, err);
  art_sim_free(sim);
  return status;
}

static void expect_goes_on(const rig *r, const art_sim_setup *setup, const void *data, size_t count)
{
  art_error err = { 0 };
  art_sim *sim = NULL, *whole = NULL;
  assert_ok(art_sim_create(setup, &sim, &err), err);
  assert_ok(art_sim_restore(sim, data, count, &err), err);
  assert_ok(art_sim_create(&r->setup, &whole, &err), err);
  assert_ok(art_sim_advance(whole, 3 * SAVED_MS, &err), err);
  assert_ok(art_sim_advance(sim, 3 * SAVED_MS, &err), err);
  assert_int_equal(art_sim_hash(sim), art_sim_hash(whole));
  const art_trip_row *a = art_sim_trips(sim), *b = art_sim_trips(whole);
  for (int32_t trip = 0; trip < r->city.demand->trip_count; ++trip) {
    assert_int_equal(a[trip].arrival_ms, b[trip].arrival_ms);
    assert_int_equal(a[trip].waiting_ms, b[trip].waiting_ms);
  }
  art_sim_free(sim);
  art_sim_free(whole);
}

static void a_restored_state_is_the_same_bytes(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_error err = { 0 };
  art_sim *sim = NULL;
  art_bytes again = { 0 };
  art_sim_setup setup = r.setup;
  setup.threads = 2;
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_restore(sim, r.state.data, r.state.count, &err), err);
  assert_int_equal(art_sim_now(sim), SAVED_MS);
  state_take(sim, &again);
  assert_int_equal(again.count, r.state.count);
  if (ART_STATE_IS_CANONICAL) assert_memory_equal(again.data, r.state.data, again.count);
  assert_refused(art_sim_restore(sim, r.state.data, r.state.count, &err), ART_E_INTERNAL, err, "before the first step");
  art_sim_free(sim);
  free(again.data);
  expect_goes_on(&r, &setup, r.state.data, r.state.count);
  rig_free(&r);
}

// --- what must agree ------------------------------------------------------------------------------------------------

static void what_differs_is_named(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_error err;
  const void *data = r.state.data;
  const size_t count = r.state.count;
  const art_change change = { .kind = ART_CHANGE_SPEED_LIMIT, .lane = -1, .from_ms = 1000, .to_ms = 9000, .value = 5.0f };
#define REFUSED_WITH(member, other, ...)                                              \
  {                                                                                   \
    art_sim_setup setup = r.setup;                                                    \
    setup.member = (other);                                                           \
    assert_refused(try_restore(&setup, data, count, &err), ART_E_INPUT, err, __VA_ARGS__); \
  }
  REFUSED_WITH(seed, 6, "seed: 5", "6 here")
  REFUSED_WITH(step_ms, 250, "step (ms): 500", "250 here")
  REFUSED_WITH(begin_ms, 1000, "begin (ms): 0", "1000 here")
  REFUSED_WITH(model, ART_MODEL_IDM, "car-following model")
  REFUSED_WITH(reroute_share, 0.25, "rerouting")
  REFUSED_WITH(end_ms, 30000, "time: end 30.000 s", "departed")
#undef REFUSED_WITH
  art_sim_setup setup = r.setup;
  setup.change_count = 1;
  setup.change = &change;
  assert_refused(try_restore(&setup, data, count, &err), ART_E_INPUT, err, "timed changes: 0", "1 here");

  float *length = &r.city.net->lane_length_m[0], before = *length;
  *length += 1.0f;
  assert_refused(try_restore(&r.setup, data, count, &err), ART_E_INPUT, err, "the network", "differs");
  *length = before;
  int64_t *duration = &r.city.net->phase_duration_ms[0];
  *duration += 1000;
  assert_refused(try_restore(&r.setup, data, count, &err), ART_E_INPUT, err, "the network", "signals");
  *duration -= 1000;
  float *time_gap = &r.city.demand->type[0].time_gap_s;
  *time_gap += 0.1f;
  assert_refused(try_restore(&r.setup, data, count, &err), ART_E_INPUT, err, "vehicle types");
  *time_gap -= 0.1f;
  r.city.demand->type[0].time_gap_s = art_vtype_default().time_gap_s;
  int32_t *lane = &r.city.demand->trip_depart_lane[3];
  *lane += 1;
  assert_refused(try_restore(&r.setup, data, count, &err), ART_E_INPUT, err, "the demand", "trips");
  *lane -= 1;
  assert_ok(try_restore(&r.setup, data, count, &err), err);
  rig_free(&r);
}

/// Threads, a later end and instructions may differ; measurements at signals may begin or end with a restart.
static void what_may_differ_does(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_sim_setup setup = r.setup;
  setup.end_ms = 7200000;
  setup.instructions = "baseline";
  setup.threads = 3;
  expect_goes_on(&r, &setup, r.state.data, r.state.count);
  setup.approaches = 0;
  expect_goes_on(&r, &setup, r.state.data, r.state.count);
  art_sim *sim = NULL;
  art_error err = { 0 };
  art_bytes state = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);  // without measurements
  assert_ok(art_sim_advance(sim, SAVED_MS, &err), err);
  state_take(sim, &state);
  art_sim_free(sim);
  expect_goes_on(&r, &r.setup, state.data, state.count);
  assert_ok(art_sim_create(&r.setup, &sim, &err), err);
  assert_ok(art_sim_restore(sim, state.data, state.count, &err), err);
  for (int32_t g = 0; g < sim->approaches->groups.count; ++g)
    assert_int_equal(sim->approaches->slot[sim->approaches->state[g].row].cycle.begin_ms, SAVED_MS);
  art_sim_free(sim);
  free(state.data);
  rig_free(&r);
}

/// A block's columns are kept as art_mover has them, beside two that tell where things are. Fails where one is added: if it is state, put it
/// into art_mover, art_block_get and art_block_insert, and raise ART_STATE_VERSION; then count it here.
static void all_columns_of_a_block_are_known(void **unused)
{
  (void)unused;
  const art_mover m = { 0 };
  const size_t state = sizeof m.pos_m + sizeof m.speed_mps + sizeof m.vehicle + sizeof m.key + sizeof m.type + sizeof m.hop +
                       sizeof m.stay + sizeof m.flags + sizeof m.noise + sizeof m.stands_since_ms +
                       sizeof m.change_after_ms + sizeof m.speed_factor + sizeof m.accel_cap_mps2;
  const size_t lane8 = 1, record = sizeof(int32_t);
  assert_int_equal(art_block_row_bytes(), state + lane8 + record);
}

// --- parts ----------------------------------------------------------------------------------------------------------

/// Copies sections of `from` whose tag is (or is not) among `tags`; counts them.
static uint32_t copy_sections(const art_bytes *from, const char *tags, int is_among, art_bytes *to)
{
  uint32_t copied = 0;
  for (size_t at = 0; at < from->count;) {
    uint64_t count;
    char tag[5] = "";
    memcpy(tag, from->data + at, 4);
    memcpy(&count, from->data + at + 8, sizeof count);
    if ((strstr(tags, tag) != NULL) == is_among) {
      (void)art_bytes_put(to, from->data + at, HEAD_BYTES + (size_t)count);
      ++copied;
    }
    at += HEAD_BYTES + (size_t)count;
  }
  return copied;
}

static void put_section(art_bytes *to, const char *tag, const art_bytes *content)
{
  const uint32_t version = ART_STATE_VERSION;
  const uint64_t count = content->count, sum = art_state_sum(0, content->data, content->count);
  (void)art_bytes_put(to, tag, 4);
  ART_PUT(to, version);
  ART_PUT(to, count);
  ART_PUT(to, sum);
  (void)art_bytes_put(to, content->data, content->count);
}

static void put_end(art_bytes *to, uint32_t sections)
{
  art_bytes content = { 0 };
  ART_PUT(&content, sections);
  put_section(to, "END.", &content);
  free(content.data);
}

static void put_lanes(const rig *r, int32_t first, int32_t every, art_bytes *to)
{
  art_bytes content = { 0 };
  for (int32_t lane = first; lane < r->city.net->lane_count; lane += every) art_state_put_lane(r->sim, lane, &content);
  put_section(to, "LANE", &content);
  free(content.data);
}

/// Two that own lanes of their own give a state together.
static void contributions_add_up(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_bytes both = { 0 };
  const uint32_t sections = copy_sections(&r.state, "LANEEND.", 0, &both);
  put_lanes(&r, 0, 2, &both);
  put_end(&both, sections + 1);
  art_error err;
  assert_refused(try_restore(&r.setup, both.data, both.count, &err), ART_E_INPUT, err, "lane 1 is missing");
  (void)copy_sections(&r.state, "HEAD", 1, &both);
  put_lanes(&r, 1, 2, &both);
  put_end(&both, 2);
  expect_goes_on(&r, &r.setup, both.data, both.count);
  const size_t all = both.count;
  (void)copy_sections(&r.state, "HEAD", 1, &both);
  put_lanes(&r, 1, 2, &both);
  put_end(&both, 2);
  assert_refused(try_restore(&r.setup, both.data, both.count, &err), ART_E_INPUT, err, "lane ");
  assert_ok(try_restore(&r.setup, both.data, all, &err), err);
  free(both.data);
  rig_free(&r);
}

/// A circle, one member of which has arrived since: its record is looked at all the same.
static void circles_are_kept(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_error err = { 0 };
  art_sim *sim = NULL;
  art_bytes state = { 0 }, again = { 0 };
  int32_t arrived = 0, running = 0, capacity = 0;
  while (r.sim->row[arrived].state != ART_TRIP_ARRIVED) ++arrived;
  while (r.sim->row[running].state != ART_TRIP_RUNNING) ++running;
  art_record_make(r.sim, arrived)->lane = 1;  // as the last one that it drove on: members keep their records
  art_cycle cycle = { .until_ms = SAVED_MS + 20000, .moved_m = 1.5f };
  ART_PUSH(cycle.member, cycle.count, capacity, running);
  ART_PUSH(cycle.member, cycle.count, capacity, arrived);
  cycle.moves = ART_NEW(uint8_t, cycle.count);
  ART_PUSH(r.sim->cycle, r.sim->cycle_count, r.sim->cycle_capacity, cycle);
  state_take(r.sim, &state);
  assert_ok(art_sim_create(&r.setup, &sim, &err), err);
  assert_ok(art_sim_restore(sim, state.data, state.count, &err), err);
  assert_int_equal(sim->cycle_count, 1);
  assert_int_equal(sim->cycle[0].count, 2);
  assert_int_equal(sim->cycle[0].member[0], running);
  assert_int_equal(sim->cycle[0].member[1], arrived);
  assert_int_equal(sim->cycle[0].until_ms, cycle.until_ms);
  assert_true(sim->cycle[0].moved_m == 1.5f);
  assert_int_equal(art_record(sim, arrived)->lane, art_record(r.sim, arrived)->lane);
  assert_int_equal(art_record(sim, arrived)->track_count, art_record(r.sim, arrived)->track_count);
  state_take(sim, &again);
  if (ART_STATE_IS_CANONICAL) assert_memory_equal(again.data, state.data, state.count);
  // Both go on alike.
  assert_ok(art_sim_advance(r.sim, 2 * SAVED_MS, &err), err);
  assert_ok(art_sim_advance(sim, 2 * SAVED_MS, &err), err);
  assert_int_equal(art_sim_hash(sim), art_sim_hash(r.sim));
  assert_int_equal(sim->cycle_count, 0);
  assert_int_equal(sim->record_of[arrived], 0);  // nobody looks at it any more
  art_sim_free(sim);
  free(state.data), free(again.data);
  rig_free(&r);
}

// --- damage ---------------------------------------------------------------------------------------------------------

/// Each of the bytes, in turn changed to something else, and the state cut off after each of them.
static void every_changed_byte_and_every_cut_is_refused(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_error err;
  uint8_t *data = r.state.data;
  const size_t stride = 1 + r.state.count / 3000;
  for (size_t at = 0; at < r.state.count; at += at < 400 ? 1 : stride) {
    const uint8_t before = data[at];
    data[at] ^= (uint8_t)(1u << (at % 8));
    assert_refused(try_restore(&r.setup, data, r.state.count, &err), ART_E_INPUT, err, "saved state: ");
    data[at] = before;
    assert_refused(try_restore(&r.setup, data, at, &err), ART_E_INPUT, err, "saved state: ");
  }
  assert_ok(try_restore(&r.setup, data, r.state.count, &err), err);
  rig_free(&r);
}

/// The sums made right again: what is read must be checked all the same.
static void mend_sums(art_bytes *state)
{
  for (size_t at = 0; at + HEAD_BYTES <= state->count;) {
    uint64_t count;
    memcpy(&count, state->data + at + 8, sizeof count);
    if (count > state->count - at - HEAD_BYTES) return;
    const uint64_t sum = art_state_sum(0, state->data + at + HEAD_BYTES, (size_t)count);
    memcpy(state->data + at + 16, &sum, sizeof sum);
    at += HEAD_BYTES + (size_t)count;
  }
}

static void damage_with_a_right_sum_is_harmless(void **unused)
{
  (void)unused;
  rig r = rig_make();
  art_error err;
  art_bytes copy = { 0 };
  dice d = { 99 };
  int refused = 0;
  for (int n = 0; n < 4000; ++n) {
    copy.count = 0;
    (void)art_bytes_put(&copy, r.state.data, r.state.count);
    for (int edits = roll_int(&d, 1, 3); edits > 0; --edits) {
      const int32_t at = roll_int(&d, 0, (int32_t)copy.count - 5);
      static const int32_t odd[] = { -1, 0, INT32_MAX, INT32_MIN, 1, 0x7f800000, 0x7fc00000 };
      const int32_t value = chance(&d, 0.5) ? odd[roll_int(&d, 0, 6)] : roll_int(&d, -100000, 100000);
      memcpy(copy.data + at, &value, chance(&d, 0.3) ? 1 : sizeof value);
    }
    mend_sums(&copy);
    refused += try_restore(&r.setup, copy.data, copy.count, &err) != ART_OK;
  }
  print_message("%d of 4000 damaged states with right sums were refused\n", refused);
  assert_true(refused > 400);
  free(copy.data);
  rig_free(&r);
}

static void missing_and_repeated_sections_are_named(void **unused)
{
  (void)unused;
  static const char *const tags[] = { "HEAD", "TIME", "LANE", "LINK", "NODE", "SIGN", "TRIP", "WAYS", "END." };
  rig r = rig_make();
  art_error err;
  for (size_t t = 0; t < sizeof tags / sizeof *tags; ++t) {
    art_bytes part = { 0 };
    (void)copy_sections(&r.state, tags[t], 0, &part);
    assert_refused(try_restore(&r.setup, part.data, part.count, &err), ART_E_INPUT, err, "saved state: ");
    part.count = 0;
    (void)copy_sections(&r.state, "END.", 0, &part);
    if (memcmp(tags[t], "TRIP", 4) != 0 && memcmp(tags[t], "END.", 4) != 0) {
      const uint32_t more = copy_sections(&r.state, tags[t], 1, &part);
      assert_int_equal(more, 1);
      put_end(&part, 100);
      assert_refused(try_restore(&r.setup, part.data, part.count, &err), ART_E_INPUT, err, "saved state: ");
    }
    free(part.data);
  }
  assert_refused(try_restore(&r.setup, "", 0, &err), ART_E_INPUT, err, "empty");
  assert_refused(try_restore(&r.setup, "no state at all, but a text", 27, &err), ART_E_INPUT, err, "no section");
  rig_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_restored_state_is_the_same_bytes),
                                      cmocka_unit_test(what_differs_is_named),
                                      cmocka_unit_test(what_may_differ_does),
                                      cmocka_unit_test(all_columns_of_a_block_are_known),
                                      cmocka_unit_test(contributions_add_up),
                                      cmocka_unit_test(circles_are_kept),
                                      cmocka_unit_test(every_changed_byte_and_every_cut_is_refused),
                                      cmocka_unit_test(damage_with_a_right_sum_is_harmless),
                                      cmocka_unit_test(missing_and_repeated_sections_are_named) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
