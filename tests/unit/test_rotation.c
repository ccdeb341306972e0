// A ring of links that is full to the last place, every head wanting the next link: it must go on moving, without overlap,
// and alike on any number of threads.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { LINKS = 4, EACH = 4, TRIPS = LINKS * EACH, WAY = 7 };
#define PITCH_M 7.75f  // 31 m of link and connector hold four cars of 5 m and their gaps, and nothing else

/// Cars at rest, one behind the other all around the ring; each wants nearly two rounds.
static art_demand *full_ring(void)
{
  art_vtype type = art_lab_car();
  type.length_m = 5.0f;
  type.startup_delay_s = 5.0f;  // nobody leaves before all are there
  type.min_gap_m = PITCH_M - type.length_m - 0.01f;
  art_lab_route routes[LINKS];
  art_lab_trip trips[TRIPS];
  for (int r = 0; r < LINKS; ++r) {
    for (int i = 0; i < WAY; ++i) routes[r].link[i] = (r + i) % LINKS;
    routes[r].link[WAY] = -1;
    for (int k = 0; k < EACH; ++k)
      trips[r * EACH + k] = (art_lab_trip){ .pos_m = 6.0f + PITCH_M * (float)k, .route = r };
  }
  return art_lab_demand(1, &type, LINKS, routes, TRIPS, trips);
}

static art_ledger run(int threads, uint64_t *hash, int32_t *most_running)
{
  art_net *net = art_test_net_ring(LINKS, 1, 30.0f, 13.89f);
  art_demand *demand = full_ring();
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  setup.end_ms = 4 * 3600000;
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  art_snapshot shot = { 0 };
  *most_running = 0;
  for (art_tick t = 20000; t <= setup.end_ms && !art_sim_is_finished(sim); t += 20000) {
    assert_ok(art_sim_advance(sim, t, &err), err);  // checks ledger and overlaps at every full minute
    art_sim_snapshot(sim, &shot);
    if (shot.count > *most_running) *most_running = (int32_t)shot.count;
  }
  const art_ledger ledger = art_sim_ledger(sim);
  *hash = art_sim_hash(sim);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return ledger;
}

static void a_full_ring_goes_on(void **state)
{
  (void)state;
  uint64_t hash, other;
  int32_t most, same;
  const art_ledger ledger = run(1, &hash, &most);
  print_message("at most %d at once, %d rotations, longest standstill %d s\n", (int)most, (int)ledger.rotations,
                (int)(ledger.longest_standstill_ms / 1000));
  assert_int_equal(most, TRIPS);
  assert_true(ledger.rotations > 0);  // nobody can start before somebody else does
  assert_int_equal(ledger.arrived, TRIPS);
  assert_int_equal(ledger.removed, 0);
  for (int threads = 2; threads <= 3; ++threads) {
    assert_int_equal(run(threads, &other, &same).arrived, TRIPS);
    assert_true(other == hash && same == most);
  }
}

/// Two roads of one lane that cross, or become one; the second one has the right of way.
static art_net *two_roads(art_conflict_kind kind)
{
  const small_link links[] = { { 1, 0, 1, 100, 13.89f }, { 2, 0, 1, 100, 13.89f }, { 0, 3, 1, 100, 13.89f },
                               { 0, 4, 1, 100, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 12, .speed_mps = 13.89f, .state = 'm' },
    { .from_link = 1, .to_link = kind == ART_CONFLICT_MERGE ? 2 : 3, .length_m = 12, .speed_mps = 13.89f, .state = 'M' },
    { .length_m = 0 }
  };
  const small_conflict conflicts[] = { { 0, 1, kind, 1, 0, 1, 11, 1, 11 }, { .a_exit_m = 0 } };
  return small_net(5, links, paths, conflicts);
}

/// One trip of `length_m` from 80 m of link 0 on, at most 1 m/s fast.
static art_sim *one_trip(const art_net *net, float length_m, art_demand **demand)
{
  art_vtype type = art_lab_car();
  type.length_m = length_m;
  type.max_speed_mps = 1.0f;
  const art_lab_route route = { { 0, 2, -1 } };
  const art_lab_trip trip = { .pos_m = 80.0f };
  *demand = art_lab_demand(1, &type, 1, &route, 1, &trip);
  const art_sim_setup setup = small_setup(net, *demand);
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

/// Who moves with its circle in this step does so whatever is decided in it: nobody else may be let in before it.
static void nobody_is_let_in_before_one_that_moves_with_its_circle(void **state)
{
  (void)state;
  art_net *net = two_roads(ART_CONFLICT_CROSS);
  art_demand *demand;
  art_sim *sim = one_trip(net, 5.0f, &demand);
  for (int moves = 0; moves < 2; ++moves) {
    art_passage passage[2];
    int32_t scratch[2 * ART_DECIDE_SCRATCH];
    for (int i = 0; i < 2; ++i)
      passage[i] = (art_passage){ .vehicle = i, .key = (uint64_t)i, .connector = i, .from_lane = i, .to_lane = 2 + i,
                                  .front_m = i ? -1.6f : -0.05f, .speed_mps = i ? 1.2f : 0.0f, .desired_mps = 13.89f,
                                  .length_m = 5.0f, .min_gap_m = 2.5f, .accel_mps2 = 2.0f,
                                  .model = ART_MODEL_IIDM, .asks = 1, .prior = ART_PRIOR_OPEN,
                                  .aspect = i ? ART_ASPECT_MAJOR : ART_ASPECT_MINOR,
                                  .grant = i ? ART_GRANT_NONE : ART_GRANT_FULL, .rotates = i ? 0 : (uint8_t)(1 + moves),
                                  .cap_mps2 = INFINITY, .stop_m = INFINITY };
    art_junction junction = { .net = net, .ways = &sim->ways, .types = &sim->types, .accel = sim->kernels->accel, .step_s = 0.5f,
                              .count = 2, .passage = passage, .scratch = scratch };
    sim->kernels->decide(&junction);
    assert_int_equal(passage[0].new_grant, moves ? ART_GRANT_FULL : ART_GRANT_NONE);
    assert_int_equal(passage[1].new_grant, moves ? ART_GRANT_NONE : ART_GRANT_FULL);
  }
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// A long body lies over the road that it came by, and over no other that leads to where it is.
static void a_body_hangs_over_its_own_way_only(void **state)
{
  (void)state;
  art_net *net = two_roads(ART_CONFLICT_MERGE);
  art_demand *demand;
  art_sim *sim = one_trip(net, 30.0f, &demand);
  art_snapshot shot = { 0 };
  art_error err = { 0 };
  int seen = 0;
  while (!art_sim_is_finished(sim)) {
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + sim->step_ms, &err), err);
    art_sim_snapshot(sim, &shot);
    if (shot.count == 0 || shot.lane[0] != 2 || shot.pos_m[0] > 15.0f) continue;
    ++seen;
    float rear = 0.0f;
    assert_int_equal(art_hanging_over(sim, 0, -1, &rear), 0);
    assert_true(fabsf(rear - (12.0f + shot.pos_m[0] - 30.0f)) < 0.01f);
    rear = 0.0f;
    assert_int_equal(art_hanging_over(sim, 0, 0, &rear), -1);  // itself not asked for
    assert_int_equal(art_hanging_over(sim, 1, -1, &rear), -1);
    assert_int_equal(art_hanging_over(sim, art_net_lane_of_connector(net, 1), -1, &rear), -1);
  }
  assert_true(seen > 0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

enum { AHEAD, BEHIND, BESIDE, CARS };

/// Puts a car to another place, at rest.
static void stand_at(art_sim *sim, int32_t trip, int32_t lane, float pos_m)
{
  const art_block *seen;
  const int32_t i = art_place_of(sim, trip, &seen);
  assert_true(i >= 0);
  art_block *block = &sim->block[sim->lane_block[lane]];
  assert_ptr_equal(block, seen);
  art_vehicle *vehicle = art_record(sim, trip);
  art_mover mover = art_block_get(block, i);
  art_block_remove(block, i);
  mover.pos_m = pos_m;
  mover.speed_mps = 0.0f;
  mover.flags = (uint16_t)(mover.flags & ~(ART_FLAG_CHANGED | ART_FLAG_WAY));
  vehicle->lane = lane;
  vehicle->track_count = vehicle->track_ahead = 0;
  vehicle->changed_ms = -1;
  (void)art_take_in(sim, block, sim->lane_slot[lane], &mover);
}

/// Two cars side by side each need the other's lane; the one behind them, and perhaps the one ahead of it, is moved with its
/// circle in this step. The car beside may only come to a place that stays free.
static void nobody_comes_into_the_way_of_one_that_is_moved(void **state)
{
  (void)state;
  const small_link links[] = { { 0, 1, 2, 100, 13.89f }, { 1, 2, 1, 100, 13.89f }, { 1, 3, 1, 100, 13.89f },
                               { .length_m = 0 } };
  const small_path paths[] = {
    { .from_link = 0, .from_lane = 0, .to_link = 1, .length_m = 12, .speed_mps = 13.89f, .state = 'M' },
    { .from_link = 0, .from_lane = 1, .to_link = 2, .length_m = 12, .speed_mps = 13.89f, .state = 'M' },
    { .length_m = 0 }
  };
  const art_lab_route routes[] = { { { 0, 1, -1 } }, { { 0, 2, -1 } } };
  const art_lab_trip trips[CARS] = { [AHEAD] = { .pos_m = 60.0f, .route = 1 }, [BEHIND] = { .depart_ms = 500, .pos_m = 30.0f },
                                     [BESIDE] = { .depart_ms = 1000, .pos_m = 10.0f } };  // trips are numbered by departure
  art_vtype type = art_lab_car();
  type.length_m = 5.0f;
  for (int both = 0; both < 2; ++both) {
    art_net *net = small_net(4, links, paths, NULL);
    art_demand *demand = art_lab_demand(1, &type, 2, routes, CARS, trips);
    const art_sim_setup setup = small_setup(net, demand);
    art_sim *sim;
    art_error err = { 0 };
    assert_ok(art_sim_create(&setup, &sim, &err), err);
    assert_ok(art_sim_advance(sim, 1500, &err), err);
    assert_int_equal(art_sim_ledger(sim).running, CARS);
    stand_at(sim, AHEAD, 0, 52.0f);
    stand_at(sim, BEHIND, 0, both ? 46.7f : 46.4f);
    stand_at(sim, BESIDE, 1, 50.0f);
    art_cycle circle = { .member = ART_NEW(int32_t, 2), .moves = ART_NEW(uint8_t, 2), .count = 1 + both };
    sim->cycle = ART_NEW(art_cycle, 1);
    sim->cycle_count = sim->cycle_capacity = 1;
    art_block *block = &sim->block[sim->lane_block[0]];
    for (int m = 0; m <= both; ++m) {
      const art_block *seen;
      circle.member[m] = m ? AHEAD : BEHIND;
      circle.moves[m] = 1;
      block->flags[art_place_of(sim, circle.member[m], &seen)] |= ART_FLAG_ROTATE;
      art_record(sim, circle.member[m])->push_mps = 1.0f;
    }
    sim->cycle[0] = circle;
    art_settle_block(sim, block, &sim->worker[0], 0);
    assert_int_equal(art_record(sim, BEHIND)->lane, 0);
    assert_int_equal(art_record(sim, AHEAD)->lane, both ? 0 : 1);  // one that is moved stays; another one changes places
    assert_int_equal(art_record(sim, BESIDE)->lane, both ? 1 : 0);
    if (!both) assert_true(art_front_of(sim, BESIDE) - type.length_m >= 46.4f + 0.5f);  // else it would have to be quick
    art_move_block(sim, block, &sim->worker[0]);
    assert_true(fabsf(art_front_of(sim, BEHIND) - (both ? 47.2f : 46.9f)) < 1e-4f);
    const float gap = art_front_of(sim, both ? AHEAD : BESIDE) - type.length_m - art_front_of(sim, BEHIND);
    print_message("%s moved: %.2f m left\n", both ? "both are" : "one is", (double)gap);
    assert_true(gap > 0.29f);
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_full_ring_goes_on),
                                      cmocka_unit_test(nobody_is_let_in_before_one_that_moves_with_its_circle),
                                      cmocka_unit_test(a_body_hangs_over_its_own_way_only),
                                      cmocka_unit_test(nobody_comes_into_the_way_of_one_that_is_moved) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
