// Who stands before a red light is refused without its node: only where nobody else's decision depends on it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { LEFT, STRAIGHT };  // connectors and trips

/// One lane that parts before a light; the first vehicle turns left, the one behind it goes straight on. Red for those
/// who turn, `straight` for the others.
static art_sim *fork(uint8_t straight, art_net **net, art_demand **demand)
{
  const small_link links[] = { { 1, 0, 1, 100, 13.89f }, { 0, 2, 1, 100, 13.89f }, { 0, 3, 1, 100, 13.89f },
                               { .length_m = 0 } };
  const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 11, .speed_mps = 7.0f, .state = 'M' },
                               { .from_link = 0, .to_link = 2, .length_m = 18, .speed_mps = 13.89f, .state = 'M' },
                               { .length_m = 0 } };
  const small_conflict conflicts[] = { { LEFT, STRAIGHT, ART_CONFLICT_DIVERGE, 0, 0, 0, 7, 0, 7 }, { .a_exit_m = 0 } };
  art_vtype type = art_lab_car();
  type.length_m = 2.0f;  // so that the one behind stands near enough to ask
  type.min_gap_m = 1.0f;
  const art_lab_route routes[] = { { { 0, 1, -1 } }, { { 0, 2, -1 } } };
  const art_lab_trip trips[] = { { .pos_m = 60.0f, .route = LEFT },
                                 { .depart_ms = 500, .pos_m = 45.0f, .route = STRAIGHT } };
  *net = small_net(4, links, paths, conflicts);
  *demand = art_lab_demand(1, &type, 2, routes, 2, trips);
  const art_sim_setup setup = small_setup(*net, *demand);
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_net_check(*net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 500, &err), err);
  sim->ways.way[LEFT].only_light = sim->ways.way[STRAIGHT].only_light = 1;  // as if a signal showed what follows
  sim->aspect[LEFT] = ART_ASPECT_RED;
  sim->aspect[STRAIGHT] = (char)straight;
  return sim;
}

static void finish(art_sim *sim, art_demand *demand, art_net *net)
{
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Red for the turn alone: the one behind is told so by the node, and for whom it waits.
static void a_lane_that_is_partly_red_asks_its_node(void **state)
{
  (void)state;
  art_net *net;
  art_demand *demand;
  art_sim *sim = fork(ART_ASPECT_MAJOR, &net, &demand);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 20000, &err), err);
  assert_int_equal(art_track_of(art_record(sim, LEFT), 0)->refusal, ART_REFUSED_ASPECT);
  assert_int_equal(art_track_of(art_record(sim, LEFT), 0)->waits_for, -1);
  assert_int_equal(art_track_of(art_record(sim, STRAIGHT), 0)->connector, STRAIGHT);
  assert_int_equal(art_track_of(art_record(sim, STRAIGHT), 0)->refusal, ART_REFUSED_LANE);
  assert_int_equal(art_track_of(art_record(sim, STRAIGHT), 0)->waits_for, LEFT);
  assert_int_equal(art_red_answers(sim, art_track_of(art_record(sim, LEFT), 0), ART_PRIOR_OPEN, 0), 0);

  sim->aspect[STRAIGHT] = ART_ASPECT_RED;  // and now the whole lane
  assert_ok(art_sim_advance(sim, 20500, &err), err);
  for (int32_t trip = LEFT; trip <= STRAIGHT; ++trip) {
    assert_int_equal(art_track_of(art_record(sim, trip), 0)->refusal, ART_REFUSED_ASPECT);
    assert_int_equal(art_track_of(art_record(sim, trip), 0)->waits_for, -1);
    assert_int_equal(art_track_of(art_record(sim, trip), 0)->new_grant, ART_GRANT_NONE);
  }
  finish(sim, demand, net);
}

static void what_else_matters_is_left_to_the_node(void **state)
{
  (void)state;
  art_net *net;
  art_demand *demand;
  art_sim *sim = fork(ART_ASPECT_RED, &net, &demand);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 20000, &err), err);
  art_track track = *art_track_of(art_record(sim, LEFT), 0);
  assert_int_equal(art_red_answers(sim, &track, ART_PRIOR_CLOSED, 0), 1);
  assert_int_equal(track.refusal, ART_REFUSED_PRIOR);
  track.grant = ART_GRANT_FULL;  // granted before: may be unable to stop
  assert_int_equal(art_red_answers(sim, &track, ART_PRIOR_OPEN, 0), 0);
  track.grant = ART_GRANT_NONE;
  sim->ways.way[LEFT].only_light = 0;
  assert_int_equal(art_red_answers(sim, &track, ART_PRIOR_OPEN, 0), 0);
  sim->ways.way[LEFT].only_light = 1;
  sim->aspect[LEFT] = ART_ASPECT_YELLOW;
  assert_int_equal(art_red_answers(sim, &track, ART_PRIOR_OPEN, 0), 0);
  sim->aspect[LEFT] = ART_ASPECT_RED;
  assert_int_equal(art_red_answers(sim, &track, ART_PRIOR_OPEN, 0), 1);
  sim->node_waits_ms[0] = sim->now_ms - sim->step_ms;  // somebody there may have been skipped
  assert_int_equal(art_red_answers(sim, &track, ART_PRIOR_OPEN, 0), 0);
  finish(sim, demand, net);
}

/// Who has stood for 150 s counts for others, and is looked at from the step before on.
static void who_stands_for_long_is_left_to_the_node(void **state)
{
  (void)state;
  art_net *net;
  art_demand *demand;
  art_sim *sim = fork(ART_ASPECT_RED, &net, &demand);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 140000, &err), err);
  assert_true(sim->node_waits_ms[0] < 0);
  assert_ok(art_sim_advance(sim, 170000, &err), err);
  assert_int_equal(sim->node_waits_ms[0], 170000 - sim->step_ms);
  finish(sim, demand, net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_lane_that_is_partly_red_asks_its_node),
                                      cmocka_unit_test(what_else_matters_is_left_to_the_node),
                                      cmocka_unit_test(who_stands_for_long_is_left_to_the_node) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
