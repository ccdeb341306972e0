// Gap acceptance of one vehicle at its line, asked directly: the shortest gap accepted, to the millisecond, and the instant
// inside the step at which it starts.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/net/vclass.h"
#include "models/junction/grants.h"
#include "tests/support/check.h"
#include "tests/unit/small_net.h"

#define GAP_S 6.0f
#define FOLLOW_UP_S 3.5f
#define MAJOR_MPS 12.5f
#define ZONE_M 4.0f

static art_net *crossing(void)
{
  static const small_link links[] = { { 1, 0, 1, 200, 13.89f },
                                      { 2, 0, 1, 200, 13.89f },
                                      { 0, 3, 1, 200, 13.89f },
                                      { 0, 4, 1, 200, 13.89f },
                                      { .length_m = 0 } };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 12, .speed_mps = 13.89f, .state = 'm' },
    { .from_link = 1, .to_link = 3, .length_m = 12, .speed_mps = 13.89f, .state = 'M' },
    { .length_m = 0 }
  };
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_CROSS, 1, 0, ZONE_M, 7, ZONE_M, 7 },
                                              { .a_exit_m = 0 } };
  art_net *net = small_net(5, links, paths, conflicts);
  net->connector_critical_gap_s[0] = GAP_S;
  net->connector_follow_up_s[0] = FOLLOW_UP_S;
  return net;
}

typedef struct driver {
  float impatience, waited_s;
  int32_t vclass;
} driver;

/// One who stands 1 m before the line, and majors that come to the conflict at these instants (ascending, ended by 0).
static art_passage decide(art_net *net, driver who, const float *arrival_s, float lane_start_s)
{
  float s0 = 2.0f, T = 1.2f, a = 1.7f, b = 2.0f, length = 5.0f, impatience[2] = { who.impatience, 0.0f };
  float s0s[2] = { s0, s0 }, Ts[2] = { T, T }, as[2] = { a, a }, bs[2] = { b, b },
        lengths[2] = { length, length };
  int32_t vclass[2] = { who.vclass, ART_VCLASS_PASSENGER };
  art_type_table types = { .count = 2,
                           .min_gap_m = s0s,
                           .time_gap_s = Ts,
                           .accel_mps2 = as,
                           .decel_mps2 = bs,
                           .length_m = lengths,
                           .impatience = impatience,
                           .vclass = vclass };
  art_passage p[8];
  int32_t count = 1, scratch[8 * ART_DECIDE_SCRATCH];
  p[0] = (art_passage){ .vehicle = 0,
                        .connector = 0,
                        .from_lane = 0,
                        .to_lane = 2,
                        .key = 1,
                        .front_m = -1.0f,
                        .desired_mps = 13.89f,
                        .length_m = length,
                        .min_gap_m = s0,
                        .accel_mps2 = a,
                        .waited_s = who.waited_s,
                        .start_s = -INFINITY,
                        .lane_start_s = lane_start_s,
                        .asks = 1,
                        .aspect = ART_ASPECT_MINOR,
                        .prior = ART_PRIOR_OPEN,
                        .cap_mps2 = INFINITY,
                        .stop_m = INFINITY };
  for (; arrival_s[count - 1] > 0.0f; ++count) {
    const float ahead = MAJOR_MPS * arrival_s[count - 1];
    p[count] = (art_passage){ .vehicle = count,
                              .connector = 1,
                              .from_lane = 1,
                              .to_lane = 3,
                              .key = 1 + (uint64_t)count,
                              .front_m = ZONE_M - ahead,
                              .speed_mps = MAJOR_MPS,
                              .desired_mps = MAJOR_MPS,
                              .length_m = length,
                              .min_gap_m = s0,
                              .accel_mps2 = a,
                              .type = 1,
                              .start_s = -INFINITY,
                              .lane_start_s = -INFINITY,
                              .asks = ahead < 45.0f,
                              .aspect = ART_ASPECT_MAJOR,
                              .prior = ART_PRIOR_OPEN,
                              .cap_mps2 = INFINITY,
                              .stop_m = INFINITY };
  }
  art_ways ways = art_ways_of(net);
  art_junction junction = { .net = net,
                            .ways = &ways,
                            .types = &types,
                            .accel = art_models_kernels()->accel,
                            .step_s = 0.5f,
                            .times_gaps = 1,
                            .next_order = 100,
                            .count = count,
                            .passage = p,
                            .scratch = scratch };
  art_grants_decide(&junction);
  art_ways_free(&ways);
  return p[0];
}

/// By bisection: the shortest time to the next arrival that is accepted.
static float shortest_gap(art_net *net, driver who)
{
  float low = 0.6f, high = 20.0f;
  for (int i = 0; i < 20; ++i) {
    const float middle = 0.5f * (low + high), arrivals[] = { middle, 0.0f };
    if (decide(net, who, arrivals, -INFINITY).new_grant == ART_GRANT_FULL)
      high = middle;
    else
      low = middle;
  }
  return high;
}

static void drivers_accept_their_critical_gap(void **state)
{
  (void)state;
  art_net *net = crossing();
  const struct {
    driver who;
    float expected;
  } cases[] = {
    { { 0.0f, 0.0f, ART_VCLASS_PASSENGER }, GAP_S },
    { { 0.0f, 300.0f, ART_VCLASS_PASSENGER }, GAP_S },
    { { 0.0f, 0.0f, ART_VCLASS_TRUCK }, GAP_S + 1.0f },
    { { 1.0f, 0.0f, ART_VCLASS_PASSENGER }, GAP_S },
    { { 1.0f, 30.0f, ART_VCLASS_PASSENGER }, 0.8f * GAP_S },
    { { 1.0f, 60.0f, ART_VCLASS_PASSENGER }, 0.6f * GAP_S },
    { { 1.0f, 900.0f, ART_VCLASS_PASSENGER }, 0.6f * GAP_S },
    { { 0.5f, 60.0f, ART_VCLASS_PASSENGER }, 0.8f * GAP_S },
    { { -0.5f, 0.0f, ART_VCLASS_PASSENGER }, 1.2f * GAP_S },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    assert_float_equal(shortest_gap(net, cases[i].who), cases[i].expected, 2e-3);
  net->connector_follow_up_s[0] = 4.5f;  // gaps do not shrink below the follow-up time
  assert_float_equal(shortest_gap(net, (driver){ 1.0f, 60.0f, ART_VCLASS_PASSENGER }), 4.5f, 2e-3);
  net->connector_sight_m[0] = 40.0f;  // whoever is farther than 40 m from the conflict is not seen
  assert_float_equal(shortest_gap(net, (driver){ 0.0f, 0.0f, ART_VCLASS_PASSENGER }), 40.0f / MAJOR_MPS,
                     2e-3);
  art_net_free(net);
}

static void starts_lie_inside_the_step(void **state)
{
  (void)state;
  art_net *net = crossing();
  const driver car = { 0.0f, 5.0f, ART_VCLASS_PASSENGER };
  // Right behind one that passes in this step, if the next one leaves the gap from there on.
  const float passing[] = { 0.32f, 0.32f + GAP_S + 0.01f, 0.0f },
              too_tight[] = { 0.32f, 0.32f + GAP_S - 0.01f, 0.0f };
  art_passage p = decide(net, car, passing, -INFINITY);
  assert_int_equal(p.new_grant, ART_GRANT_FULL);
  assert_float_equal(p.delay_s, 0.32f, 1e-3);
  assert_float_equal(p.new_start_s, 0.32f, 1e-3);
  assert_int_equal(decide(net, car, too_tight, -INFINITY).new_grant, ART_GRANT_NONE);
  // Two that pass in the step: behind the second one. One that passes later: not in this step.
  const float two[] = { 0.1f, 0.45f, 0.0f }, later[] = { 0.55f, 0.0f };
  assert_float_equal(decide(net, car, two, -INFINITY).delay_s, 0.45f, 1e-3);
  assert_int_equal(decide(net, car, later, -INFINITY).new_grant, ART_GRANT_NONE);
  // A follow-up time after the one before, and not earlier.
  const float nobody[] = { 0.0f };
  p = decide(net, car, nobody, 0.2f - FOLLOW_UP_S);
  assert_float_equal(p.delay_s, 0.2f, 1e-3);
  assert_int_equal(decide(net, car, nobody, 0.6f - FOLLOW_UP_S).new_grant, ART_GRANT_NONE);
  p = decide(net, car, nobody, -30.0f);
  assert_float_equal(p.delay_s, 0.0f, 1e-6);
  assert_float_equal(p.new_start_s, 0.0f, 1e-3);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(drivers_accept_their_critical_gap),
                                      cmocka_unit_test(starts_lie_inside_the_step) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
