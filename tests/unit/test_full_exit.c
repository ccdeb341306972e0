// Before exits without room: those who have stood longest go first, nobody stops in the middle behind one that cannot get out,
// who is held up at a blocked exit takes another way, and a lane without a way on is found behind a short link.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

#define CRAWL_MPS 0.5f

static art_sim *create(const art_net *net, const art_demand *demand)
{
  const art_sim_setup setup = small_setup(net, demand);
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

/// Major road 0 and minor road 1 share the exit 2, on which everybody crawls. Road 3 crosses both, so they need room there.
static art_net *shared_exit(void)
{
  const small_link links[] = { { 1, 0, 1, 300, 13.89f }, { 2, 0, 1, 300, 13.89f }, { 0, 3, 1, 60, CRAWL_MPS },
                               { 4, 0, 1, 300, 13.89f }, { 0, 5, 1, 300, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },
    { .from_link = 1, .to_link = 2, .length_m = 16, .speed_mps = 13.89f, .state = 'm' },
    { .from_link = 3, .to_link = 4, .length_m = 16, .speed_mps = 13.89f, .state = 'm' },
    { .length_m = 0 }
  };
  const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_MERGE, 0, 1, 10, 16, 10, 16 },
                                       { 0, 2, ART_CONFLICT_CROSS, 0, 1, 2, 6, 2, 6 },
                                       { 1, 2, ART_CONFLICT_CROSS, 0, 1, 2, 6, 8, 12 },
                                       { .a_exit_m = 0 } };
  return small_net(6, links, paths, conflicts);
}

static void approaches_of_a_full_exit_take_turns(void **state)
{
  (void)state;
  enum { EACH = 15, TRIPS = 2 * EACH };
  art_net *net = shared_exit();
  const art_vtype type = art_lab_car();
  const art_lab_route routes[] = { { { 0, 2, -1 } }, { { 1, 2, -1 } } };
  art_lab_trip trips[TRIPS];
  for (int i = 0; i < EACH; ++i) {
    trips[i] = (art_lab_trip){ .pos_m = 290.0f - 15.0f * (float)i, .route = 0 };
    trips[EACH + i] = (art_lab_trip){ .pos_m = 290.0f - 15.0f * (float)i, .route = 1 };
  }
  art_demand *demand = art_lab_demand(1, &type, 2, routes, TRIPS, trips);
  art_sim *sim = create(net, demand);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 60000, &err), err);  // the exit is full, and both queues stand
  const int32_t major = sim->movement_sums[0], minor = sim->movement_sums[1];
  while (sim->movement_sums[0] < EACH && sim->movement_sums[1] < EACH) {
    assert_true(art_sim_now(sim) < 3600000);
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + 1000, &err), err);
  }
  const int32_t of_major = sim->movement_sums[0] - major, of_minor = sim->movement_sums[1] - minor;
  print_message("%d from the major road, %d from the minor one\n", (int)of_major, (int)of_minor);
  assert_true(of_major + of_minor >= 10);
  assert_true(4 * of_minor >= of_major + of_minor && 4 * of_major >= of_major + of_minor);  // each its turns
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static art_passage passage(int32_t vehicle, int32_t connector, int32_t to_lane, float front_m)
{
  return (art_passage){ .vehicle = vehicle, .key = (uint64_t)vehicle, .connector = connector, .from_lane = 0,
                        .to_lane = to_lane, .front_m = front_m, .desired_mps = 13.89f, .length_m = 5.0f,
                        .min_gap_m = 2.5f, .accel_mps2 = 2.0f, .model = ART_MODEL_IIDM, .asks = 1, .prior = ART_PRIOR_OPEN, .aspect = ART_ASPECT_MAJOR,
                        .room_m = 100.0f, .cap_mps2 = INFINITY, .stop_m = INFINITY };
}

/// From one lane: right (0), whose first vehicle stands in the node because its exit is full, and straight on (1).
static void nobody_follows_one_that_cannot_leave_the_fork(void **state)
{
  (void)state;
  const small_link links[] = { { 1, 0, 1, 100, 13.89f }, { 0, 2, 1, 100, 13.89f }, { 0, 3, 1, 100, 13.89f },
                               { .length_m = 0 } };
  const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 11, .speed_mps = 7.0f, .state = 'M' },
                               { .from_link = 0, .to_link = 2, .length_m = 18, .speed_mps = 13.89f, .state = 'M' },
                               { .length_m = 0 } };
  const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 7, 0, 7 }, { .a_exit_m = 0 } };
  art_net *net = small_net(4, links, paths, conflicts);
  art_vtype type = art_lab_car();
  const art_lab_route route = { { 0, 1, -1 } };
  const art_lab_trip trip = { .pos_m = 50.0f };
  art_demand *demand = art_lab_demand(1, &type, 1, &route, 1, &trip);
  art_sim *sim = create(net, demand);
  for (int has_room = 0; has_room < 2; ++has_room) {
    art_passage both[2] = { passage(0, 0, 1, 9.0f), passage(1, 1, 2, -1.0f) };
    int32_t scratch[2 * ART_DECIDE_SCRATCH];
    both[0].grant = ART_GRANT_FULL;
    both[0].committed = 2;
    both[0].room_m = has_room ? 20.0f : 0.0f;
    both[1].needs_room = 1;
    art_junction junction = { .net = net, .ways = &sim->ways, .types = &sim->types, .accel = sim->kernels->accel, .step_s = 0.5f,
                              .next_order = 5, .count = 2, .passage = both, .scratch = scratch };
    sim->kernels->decide(&junction);
    assert_int_equal(both[1].new_grant, has_room ? ART_GRANT_FULL : ART_GRANT_NONE);
    if (!has_room) assert_int_equal(both[1].waits_for, 0);
  }
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// From link 0 over link 1 or the longer link 3 to link 2. Link 1 is full as long as the stream from 6 to 7, which has the right
/// of way at its end, lasts; roads 4 and 5 cross the turn into it, so that nobody may wait there in the node.
static art_net *two_ways(void)
{
  const small_link links[] = { { 1, 0, 1, 200, 13.89f }, { 0, 2, 1, 30, 13.89f },  { 2, 3, 1, 200, 13.89f },
                               { 0, 2, 1, 300, 13.89f }, { 4, 0, 1, 100, 13.89f }, { 0, 5, 1, 100, 13.89f },
                               { 6, 2, 1, 100, 13.89f }, { 2, 7, 1, 100, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 0, .to_link = 3, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 1, .to_link = 2, .length_m = 16, .speed_mps = 13.89f, .state = 'm' },
                               { .from_link = 3, .to_link = 2, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 4, .to_link = 5, .length_m = 16, .speed_mps = 13.89f, .state = 'm' },
                               { .from_link = 6, .to_link = 7, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },
                               { .length_m = 0 } };
  const small_conflict conflicts[] = { { 0, 4, ART_CONFLICT_CROSS, 0, 1, 8, 12, 8, 12 },
                                       { 2, 5, ART_CONFLICT_CROSS, 1, 0, 2, 6, 8, 12 },
                                       { .a_exit_m = 0 } };
  return small_net(8, links, paths, conflicts);
}

static void a_blocked_exit_is_driven_round(void **state)
{
  (void)state;
  enum { STREAM = 60, TRIPS = STREAM + 6 };
  art_net *net = two_ways();
  const art_vtype type = art_lab_car();
  const art_lab_route routes[] = { { { 1, 2, -1 } }, { { 0, 1, 2, -1 } }, { { 6, 7, -1 } } };
  art_lab_trip trips[TRIPS] = { { .depart_ms = 20000, .pos_m = 28.5f, .route = 0 },
                                { .depart_ms = 20000, .pos_m = 21.0f, .route = 0 },
                                { .depart_ms = 20000, .pos_m = 13.5f, .route = 0 },
                                { .depart_ms = 20000, .pos_m = 6.0f, .route = 0 },
                                { .depart_ms = 20000, .pos_m = 100.0f, .route = 1 },
                                { .depart_ms = 20000, .pos_m = 80.0f, .route = 1 } };
  for (int i = 0; i < STREAM; ++i)
    trips[6 + i] = (art_lab_trip){ .depart_ms = 2000 * i, .pos_m = i ? 6.0f : 80.0f, .speed_mps = 10.0f, .route = 2 };
  art_demand *demand = art_lab_demand(1, &type, 3, routes, TRIPS, trips);
  art_sim *sim = create(net, demand);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 100000, &err), err);
  assert_true(sim->movement_sums[1] > 0);  // while link 1 is still full
  while (!art_sim_is_finished(sim) && art_sim_now(sim) < 600000)
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + 1000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, TRIPS);
  assert_int_equal(art_sim_ledger(sim).missed_turns, 0);
  int32_t reroutes = 0;
  for (int i = 0; i < TRIPS; ++i) reroutes += sim->row[i].reroutes;
  assert_int_equal(reroutes, sim->movement_sums[1]);
  assert_int_equal(sim->movement_sums[0] + sim->movement_sums[1], 2);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// The way leads over a link of 6 m whose only lane that one can come to does not lead on to link 2, but to link 3; both lead
/// to link 4. Nobody can change lanes there with its rear still on link 0.
static void a_dead_end_behind_a_short_link_is_left_by_another_turn(void **state)
{
  (void)state;
  const small_link links[] = { { 1, 0, 1, 200, 13.89f }, { 0, 2, 2, 6, 13.89f },   { 2, 3, 1, 100, 13.89f },
                               { 2, 3, 1, 150, 13.89f }, { 3, 4, 1, 100, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 3, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 1, .to_link = 3, .length_m = 10, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 1, .from_lane = 1, .to_link = 2, .length_m = 10, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 2, .to_link = 4, .length_m = 10, .speed_mps = 13.89f, .state = 'M' },
                               { .from_link = 3, .to_link = 4, .length_m = 10, .speed_mps = 13.89f, .state = 'M' },
                               { .length_m = 0 } };
  art_net *net = small_net(5, links, paths, NULL);
  art_vtype type = art_lab_car();
  type.length_m = 12.0f;
  const art_lab_route route = { { 0, 1, 2, 4, -1 } };
  const art_lab_trip trip = { .pos_m = 100.0f };
  art_demand *demand = art_lab_demand(1, &type, 1, &route, 1, &trip);
  art_sim *sim = create(net, demand);
  art_error err = { 0 };
  while (!art_sim_is_finished(sim) && art_sim_now(sim) < 900000)
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + 1000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, 1);
  assert_int_equal(art_sim_ledger(sim).missed_turns, 1);
  assert_true(sim->row[0].longest_standstill_ms >= 60000);  // only after it has waited for a chance
  assert_int_equal(sim->movement_sums[1], 1);
  assert_int_equal(sim->movement_sums[2], 0);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Link 0 leads through a wide node over a link of 9 m to link 2. At both nodes somebody could come from the side, and nobody
/// does: what follows needs room behind the first node, and drives as one queue only if those inside it ask the second one.
static void a_queue_keeps_moving_over_a_short_link(void **state)
{
  (void)state;
  enum { TRIPS = 100, SETTLED = 20 };
  const small_link links[] = { { 1, 0, 1, 400, 13.89f }, { 0, 2, 1, 9, 13.89f },   { 2, 3, 1, 400, 13.89f },
                               { 4, 0, 1, 100, 13.89f }, { 0, 5, 1, 100, 13.89f }, { 6, 2, 1, 100, 13.89f },
                               { 2, 7, 1, 100, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 33, .speed_mps = 8.0f, .state = 'M' },
                               { .from_link = 1, .to_link = 2, .length_m = 14, .speed_mps = 8.0f, .state = 'M' },
                               { .from_link = 3, .to_link = 4, .length_m = 16, .speed_mps = 13.89f, .state = 'm' },
                               { .from_link = 5, .to_link = 6, .length_m = 16, .speed_mps = 13.89f, .state = 'm' },
                               { .length_m = 0 } };
  const small_conflict conflicts[] = { { 0, 2, ART_CONFLICT_CROSS, 0, 1, 15, 20, 5, 10 },
                                       { 1, 3, ART_CONFLICT_CROSS, 0, 1, 5, 10, 5, 10 },
                                       { .a_exit_m = 0 } };
  art_net *net = small_net(8, links, paths, conflicts);
  const art_vtype type = art_lab_car();
  const art_lab_route route = { { 0, 1, 2, -1 } };
  art_lab_trip trips[TRIPS];
  for (int i = 0; i < TRIPS; ++i) trips[i] = (art_lab_trip){ .depart_ms = 1000 * i, .pos_m = ART_POS_BASE, .speed_mps = ART_SPEED_MAX };
  art_demand *demand = art_lab_demand(1, &type, 1, &route, TRIPS, trips);
  art_sim *sim = create(net, demand);
  art_error err = { 0 };
  art_tick settled_ms = 0;
  while (sim->movement_sums[0] < TRIPS && art_sim_now(sim) < 900000) {
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + 500, &err), err);
    if (!settled_ms && sim->movement_sums[0] >= SETTLED) settled_ms = art_sim_now(sim);
  }
  const double headway_s = (double)(art_sim_now(sim) - settled_ms) / 1000.0 / (TRIPS - SETTLED);
  print_message("%.2f s from one to the next\n", headway_s);
  assert_true(headway_s < 3.2);  // 5.5 s if the second node is asked only from behind the first
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(approaches_of_a_full_exit_take_turns),
                                      cmocka_unit_test(nobody_follows_one_that_cannot_leave_the_fork),
                                      cmocka_unit_test(a_queue_keeps_moving_over_a_short_link),
                                      cmocka_unit_test(a_blocked_exit_is_driven_round),
                                      cmocka_unit_test(a_dead_end_behind_a_short_link_is_left_by_another_turn) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
