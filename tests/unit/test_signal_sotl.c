// Self-organising lights by hand: each rule on its own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/signal/sotl.h"
#include "tests/support/two_signals.h"

enum { STREET = 0, SIDE = 3 };  // phases

typedef struct bench {
  art_net *net;
  art_test_signal s;
} bench;

static bench open_bench(void)
{
  bench b = { .net = art_test_two_signals(&(art_two_signals){ .between_m = 200,
                                                              .arm_m = 200,
                                                              .speed_mps = 10,
                                                              .green_ms = { 20000, 20000 },
                                                              .yellow_ms = 3000,
                                                              .red_ms = 2000,
                                                              .control = ART_CONTROL_SOTL }) };
  art_test_signal_open(&b.s, b.net, 0);
  return b;
}

static void close_bench(bench *b)
{
  art_test_signal_close(&b->s);
  art_net_free(b->net);
}

static void run(bench *b, art_tick until_ms)
{
  art_control_view *v = &b->s.view;
  for (; v->now_ms < until_ms; v->now_ms += v->step_ms) {
    if (v->now_ms < v->next_ms) continue;
    art_sotl_control(v);
    art_test_signal_obey(&b->s);
  }
}

/// `near` vehicles within reach, of which `close` are within the tail's distance and `standing` stand.
static void put(bench *b, int32_t lane, int32_t near, int32_t close, int32_t standing)
{
  b->s.lane[lane] = (art_lane_reading){ .vehicles = near,
                                        .near = near,
                                        .close = close,
                                        .moving = close > standing ? close - standing : 0,
                                        .standing = standing,
                                        .tail_m = near ? 60 : 0,
                                        .queue_m = 7.5f * (float)standing };
}

/// 2 vehicles before red reach 41 vehicle seconds at 20.5 s; looked at every second.
static void vehicles_times_seconds_ask_for_green(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_WEST_IN, 8, 0, 0);  // on the way, but not at the line yet
  put(&b, TWO_SIDE_IN, 2, 2, 2);
  run(&b, 20500);
  assert_int_equal(b.s.view.phase, STREET);
  run(&b, 22500);
  assert_int_equal(b.s.view.phase, SIDE);
  close_bench(&b);
}

static void the_tail_of_a_platoon_is_not_cut(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_WEST_IN, 2, 2, 0);  // the last two, driving
  put(&b, TWO_SIDE_IN, 5, 5, 5);
  run(&b, 60000);
  assert_int_equal(b.s.view.phase, STREET);
  put(&b, TWO_WEST_IN, 4, 4, 0);  // more than three: cut
  run(&b, 62000);
  assert_int_equal(b.s.view.phase, SIDE);
  close_bench(&b);
}

/// A switch costs 5 s: a platoon that passes keeps its green for 25 s, whoever asks.
static void a_long_platoon_is_cut_at_last(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_WEST_IN, 8, 4, 0);
  put(&b, TWO_SIDE_IN, 20, 4, 20);
  run(&b, 25000);
  assert_int_equal(b.s.view.phase, STREET);
  run(&b, 27500);
  assert_int_equal(b.s.view.phase, SIDE);
  close_bench(&b);
}

/// Those that stand under green, waiting for a gap, are no tail.
static void who_stands_is_no_tail(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_WEST_IN, 1, 1, 1);
  put(&b, TWO_SIDE_IN, 5, 5, 5);
  run(&b, 12000);
  assert_int_equal(b.s.view.phase, SIDE);
  close_bench(&b);
}

static void an_idle_green_goes_to_who_comes(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_WEST_IN, 3, 3, 0);
  put(&b, TWO_SIDE_IN, 1, 1, 1);
  run(&b, 12000);
  assert_int_equal(b.s.view.phase, STREET);  // 12 vehicle seconds do not ask
  put(&b, TWO_WEST_IN, 0, 0, 0);
  run(&b, 14000);
  assert_int_equal(b.s.view.phase, SIDE);
  put(&b, TWO_SIDE_IN, 0, 0, 0);
  run(&b, 60000);
  assert_int_equal(b.s.view.phase, SIDE);  // nobody anywhere: nothing changes
  close_bench(&b);
}

static void greens_last_their_minimum(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_SIDE_IN, 30, 8, 30);
  run(&b, 4500);
  assert_int_equal(b.s.view.phase, STREET);
  run(&b, 7000);
  assert_int_equal(b.s.view.phase, SIDE);
  close_bench(&b);
}

/// Whoever has green and no exit loses it to those who have one.
static void full_exits_end_a_green(void **state)
{
  (void)state;
  bench b = open_bench();
  put(&b, TWO_WEST_IN, 10, 3, 10);
  put(&b, TWO_EAST, 24, 3, 24);  // 7.5 m each: up to the node
  b.s.lane[TWO_EAST].queue_m = 185;
  put(&b, TWO_SIDE_IN, 1, 1, 1);
  run(&b, 8000);
  assert_int_equal(b.s.view.phase, SIDE);
  // Who waits before red for a full exit does not ask.
  put(&b, TWO_SIDE_IN, 4, 4, 0);
  run(&b, 90000);
  assert_int_equal(b.s.view.phase, SIDE);
  put(&b, TWO_EAST, 2, 2, 2);
  run(&b, 92000);
  assert_int_equal(b.s.view.phase, STREET);
  close_bench(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(vehicles_times_seconds_ask_for_green),
                                      cmocka_unit_test(the_tail_of_a_platoon_is_not_cut),
                                      cmocka_unit_test(a_long_platoon_is_cut_at_last),
                                      cmocka_unit_test(who_stands_is_no_tail),
                                      cmocka_unit_test(an_idle_green_goes_to_who_comes),
                                      cmocka_unit_test(greens_last_their_minimum),
                                      cmocka_unit_test(full_exits_end_a_green) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
