// Critical gaps by movement and control: what each connector of a T junction, of a crossing, of a roundabout gets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/net/gaps.h"
#include "tests/unit/small_net.h"

/// A T: links 0 (west) and 1 (east) are the major street, 2 (south) the minor one; 3 .. 5 lead out west, east, south.
static art_net *tee(art_node_kind kind)
{
  static const small_link links[] = { { 1, 0, 1, 100, 13.89f }, { 2, 0, 1, 100, 13.89f },
                                      { 3, 0, 1, 100, 13.89f }, { 0, 1, 1, 100, 13.89f },
                                      { 0, 2, 1, 100, 13.89f }, { 0, 3, 1, 100, 13.89f },
                                      { .length_m = 0 } };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 4, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },  // 0 west to east
    { .from_link = 0, .to_link = 5, .length_m = 9, .speed_mps = 6, .state = 'M' },  // 1 west to south, right
    { .from_link = 1, .to_link = 3, .length_m = 16, .speed_mps = 13.89f, .state = 'M' },  // 2 east to west
    { .from_link = 1, .to_link = 5, .length_m = 15, .speed_mps = 7, .state = 'm' },  // 3 east to south, left
    { .from_link = 2, .to_link = 3, .length_m = 15, .speed_mps = 7, .state = 's' },  // 4 south to west, left
    { .from_link = 2, .to_link = 4, .length_m = 9, .speed_mps = 6, .state = 's' },   // 5 south to east, right
    { .length_m = 0 }
  };
  static const small_conflict conflicts[] = { { 0, 3, ART_CONFLICT_CROSS, 0, 1, 8, 12, 6, 10 },
                                              { 0, 4, ART_CONFLICT_CROSS, 0, 1, 5, 9, 3, 7 },
                                              { 0, 5, ART_CONFLICT_MERGE, 0, 1, 9, 16, 4, 9 },
                                              { 1, 3, ART_CONFLICT_MERGE, 0, 1, 4, 9, 9, 15 },
                                              { 2, 4, ART_CONFLICT_MERGE, 0, 1, 9, 16, 9, 15 },
                                              { 3, 4, ART_CONFLICT_CROSS, 0, 1, 7, 11, 5, 9 },
                                              { .a_exit_m = 0 } };
  art_net *net = small_net(4, links, paths, conflicts);
  static const uint8_t turns[] = { ART_TURN_STRAIGHT, ART_TURN_RIGHT, ART_TURN_STRAIGHT,
                                   ART_TURN_LEFT,     ART_TURN_LEFT,  ART_TURN_RIGHT };
  for (int c = 0; c < 6; ++c) net->connector_turn[c] = turns[c];
  net->node_kind[0] = (uint8_t)kind;
  return net;
}

static void expect(const art_net *net, int32_t c, float critical, float follow_up)
{
  assert_float_equal(net->connector_critical_gap_s[c], critical, 1e-5);
  assert_float_equal(net->connector_follow_up_s[c], follow_up, 1e-5);
}

static void movements_of_a_tee(void **state)
{
  (void)state;
  art_net *net = tee(ART_NODE_PRIORITY_STOP);
  net->connector_critical_gap_s[5] = 5.0f;  // the city knows better
  assert_int_equal(art_net_prescribe_gaps(net, 0), 2);
  for (int c = 0; c < 3; ++c) expect(net, c, 0.0f, 0.0f);
  expect(net, 3, 4.1f, 2.2f);
  expect(net, 4, 7.1f - 0.7f, 3.5f);
  expect(net, 5, 5.0f, 0.0f);
  assert_int_equal(art_net_prescribe_gaps(net, 0), 0);
  art_net_free(net);
}

/// Mirrored, left is what right was.
static void left_hand_traffic_mirrors(void **state)
{
  (void)state;
  art_net *net = tee(ART_NODE_PRIORITY_STOP), *mirrored = tee(ART_NODE_PRIORITY_STOP);
  for (int c = 0; c < 6; ++c) {
    uint8_t *turn = &mirrored->connector_turn[c];
    *turn = *turn == ART_TURN_LEFT ? ART_TURN_RIGHT : *turn == ART_TURN_RIGHT ? ART_TURN_LEFT : *turn;
  }
  assert_int_equal(art_net_prescribe_gaps(net, 0), art_net_prescribe_gaps(mirrored, 1));
  for (int c = 0; c < 6; ++c) {
    assert_float_equal(net->connector_critical_gap_s[c], mirrored->connector_critical_gap_s[c], 0);
    assert_float_equal(net->connector_follow_up_s[c], mirrored->connector_follow_up_s[c], 0);
  }
  art_net_free(net);
  art_net_free(mirrored);
}

static void other_controls(void **state)
{
  (void)state;
  art_net *allway = tee(ART_NODE_ALLWAY_STOP), *equal = tee(ART_NODE_RIGHT_BEFORE_LEFT),
          *ring = tee(ART_NODE_PRIORITY), *lights = tee(ART_NODE_TRAFFIC_LIGHT);
  art_net_prescribe_gaps(allway, 0);
  static const float follow_up[] = { 3.9f, 3.3f, 3.9f, 4.1f, 4.1f, 3.3f };
  for (int c = 0; c < 6; ++c) expect(allway, c, 0.0f, follow_up[c]);
  assert_int_equal(art_net_prescribe_gaps(equal, 0), 0);
  ring->link_in_roundabout[0] = ring->link_in_roundabout[4] = 1;
  ring->connector_state[5] = 'm';
  art_net_prescribe_gaps(ring, 0);
  expect(ring, 5, 4.976f, 2.609f);
  small_signal(lights, 1, (const int64_t[]){ 60000 }, "GGGggg");
  art_net_prescribe_gaps(lights, 0);
  expect(lights, 3, 4.5f, 2.5f);
  expect(lights, 5, 0.0f, 0.0f);
  art_net_free(allway);
  art_net_free(equal);
  art_net_free(ring);
  art_net_free(lights);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(movements_of_a_tee),
                                      cmocka_unit_test(left_hand_traffic_mirrors),
                                      cmocka_unit_test(other_controls) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
