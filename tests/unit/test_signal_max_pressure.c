// Max pressure by hand: the formula (V31), the stage that is chosen, what a switch must be worth, and who has waited for
// long.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/signal/max_pressure.h"
#include "models/signal/movements.h"
#include "tests/support/known_answer.h"
#include "tests/support/two_signals.h"

enum { STREET = 0, SIDE = 3 };  // phases

static void v31_pressure_of_a_phase(void **state)
{
  (void)state;
  // The queues behind each movement of A average to 4 and 2 over unequal shares, those of B to 1 and 6.
  static const float quarters[] = { .25f, .75f }, halves[] = { .5f, .5f };
  static const float four[] = { 1, 5 }, two[] = { 1, 3 }, one[] = { 4, 0 }, six[] = { 12, 0 };
  const art_pressure_movement a[] = { { .5f, 12, 2, quarters, four }, { .5f, 6, 2, halves, two } };
  const art_pressure_movement b[] = { { .4f, 9, 2, quarters, one }, { .4f, 5, 2, halves, six } };
  art_answer(ART_GATE_HARD, "V31", "pressure of phase A", "veh x veh/s", 6.0, (double)art_pressure_of(2, a), 1e-6);
  art_answer(ART_GATE_HARD, "V31", "pressure of phase B", "veh x veh/s", 3.2, (double)art_pressure_of(2, b), 1e-6);
}

static art_net *make_net(void)
{
  return art_test_two_signals(&(art_two_signals){ .between_m = 200,
                                                  .arm_m = 200,
                                                  .speed_mps = 10,
                                                  .green_ms = { 20000, 20000 },
                                                  .yellow_ms = 3000,
                                                  .red_ms = 2000,
                                                  .control = ART_CONTROL_MAX_PRESSURE });
}

/// Calls the control as the engine does until `until_ms`; drivers see at once what it wants.
static void run(art_test_signal *s, art_tick until_ms)
{
  for (; s->view.now_ms < until_ms; s->view.now_ms += s->view.step_ms) {
    if (s->view.now_ms < s->view.next_ms) continue;
    art_max_pressure_control(&s->view);
    art_test_signal_obey(s);
  }
}

static void queue(art_test_signal *s, int32_t lane, int32_t vehicles)
{
  s->lane[lane] = (art_lane_reading){ .vehicles = vehicles, .standing = vehicles, .near = vehicles };
}

static void pressure_of_a_stage_follows_from_lanes(void **state)
{
  (void)state;
  art_net *net = make_net();
  art_test_signal s;
  art_test_signal_open(&s, net, 0);
  queue(&s, TWO_WEST_IN, 12);
  queue(&s, TWO_EAST, 4);  // behind the first
  queue(&s, TWO_WEST, 6);
  queue(&s, TWO_WEST_OUT, 5);  // leaves the network: does not count
  queue(&s, TWO_SIDE_IN, 3);
  const float s0 = 1850.0f / 3600.0f;
  assert_float_equal(art_max_pressure_of_stage(&s.view, STREET), s0 * (12 - 4) + s0 * 6, 1e-5f);
  assert_float_equal(art_max_pressure_of_stage(&s.view, SIDE), s0 * 3, 1e-5f);
  queue(&s, TWO_EAST, 15);  // more behind than before: nothing, but no debt either
  assert_float_equal(art_max_pressure_of_stage(&s.view, STREET), s0 * 6, 1e-5f);
  art_test_signal_close(&s);
  art_net_free(net);
}

static void serves_the_higher_pressure(void **state)
{
  (void)state;
  art_net *net = make_net();
  art_test_signal s;
  art_test_signal_open(&s, net, 0);
  queue(&s, TWO_WEST_IN, 4);
  run(&s, 1000);
  assert_int_equal(s.shown[0], 'G');  // the first stage of the program
  assert_int_equal(s.shown[2], 'r');
  queue(&s, TWO_SIDE_IN, 20);
  run(&s, 4500);
  assert_int_equal(s.shown[0], 'G');  // the minimum green
  run(&s, 6500);
  assert_int_equal(s.shown[0], 'r');
  assert_int_equal(s.shown[2], 'G');
  assert_int_equal(s.view.phase, SIDE);
  art_test_signal_close(&s);
  art_net_free(net);
}

/// A little more pressure does not pay for the clearance, much more does.
static void does_not_switch_for_nothing(void **state)
{
  (void)state;
  art_net *net = make_net();
  art_test_signal s;
  art_test_signal_open(&s, net, 0);
  queue(&s, TWO_WEST_IN, 8);
  queue(&s, TWO_SIDE_IN, 9);
  run(&s, 60000);
  assert_int_equal(s.view.phase, STREET);
  queue(&s, TWO_SIDE_IN, 30);
  run(&s, 70000);
  assert_int_equal(s.view.phase, SIDE);
  art_test_signal_close(&s);
  art_net_free(net);
}

/// A single vehicle before a red light goes at last, however many there are on the street.
static void nobody_waits_for_ever(void **state)
{
  (void)state;
  art_net *net = make_net();
  art_test_signal s;
  art_test_signal_open(&s, net, 0);
  queue(&s, TWO_WEST_IN, 30);
  queue(&s, TWO_SIDE_IN, 1);
  run(&s, 110000);
  assert_int_equal(s.view.phase, STREET);
  run(&s, 124000);
  assert_int_equal(s.view.phase, SIDE);
  art_test_signal_close(&s);
  art_net_free(net);
}

/// Without room behind the node, pressure before it moves nobody.
static void full_exits_have_no_pressure(void **state)
{
  (void)state;
  art_net *net = make_net();
  art_test_signal s;
  art_test_signal_open(&s, net, 0);
  queue(&s, TWO_WEST_IN, 20);
  queue(&s, TWO_EAST, 25);
  queue(&s, TWO_SIDE_IN, 3);
  run(&s, 12000);
  assert_int_equal(s.view.phase, SIDE);
  art_test_signal_close(&s);
  art_net_free(net);
}

static void shares_are_counted(void **state)
{
  (void)state;
  art_net *net = art_test_two_signals(&(art_two_signals){ .between_m = 200, .arm_m = 200, .speed_mps = 10,
                                                          .green_ms = { 20000, 20000 }, .yellow_ms = 3000 });
  art_test_signal s;
  art_test_signal_open(&s, net, 0);
  // Two paths from the same lane: the test net has none, so the side street's is moved to it.
  net->connector_from[1] = net->connector_from[0];
  net->lane_first_out[net->connector_from[0] + 1] = 2;
  assert_float_equal(art_movement_share(&s.view, 0), 0.5f, 1e-6f);
  s.passed[0] = 29;
  s.passed[1] = 9;
  assert_float_equal(art_movement_share(&s.view, 0), 0.75f, 1e-6f);
  assert_float_equal(art_movement_share(&s.view, 1), 0.25f, 1e-6f);
  art_test_signal_close(&s);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(v31_pressure_of_a_phase),
                                      cmocka_unit_test(pressure_of_a_stage_follows_from_lanes),
                                      cmocka_unit_test(serves_the_higher_pressure),
                                      cmocka_unit_test(does_not_switch_for_nothing),
                                      cmocka_unit_test(nobody_waits_for_ever),
                                      cmocka_unit_test(full_exits_have_no_pressure),
                                      cmocka_unit_test(shares_are_counted) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
