// Findings of `check` in a valid city: each oddity is made by hand and must be the only one that is reported.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scenarios/cli/check_city.h"
#include "tests/unit/city_fixture.h"

typedef struct collected {
  int count;
  char message[8][600];
} collected;

static void collect(void *context, const char *message)
{
  collected *c = context;
  if (c->count < 8) snprintf(c->message[c->count], sizeof c->message[0], "%s", message);
  ++c->count;
}

static void expect(const art_net *net, int count, const char *words)
{
  collected c = { 0 };
  art_error err = { 0 };
  if (art_net_check(net, &err) != ART_OK) fail_msg("%s", err.message);
  const int32_t found = art_check_city(net, collect, &c);
  assert_int_equal(found, c.count);
  if (c.count != count || (count && !strstr(c.message[0], words)))
    fail_msg("%d findings, first: '%s'; expected %d with '%s'", c.count, c.message[0], count, words);
}

/// The three phases of program "night".
static void set_states(art_net *net, const char *night)
{
  memcpy(net->phase_state + 3, night, 9);
}

static void green_must_end_in_yellow(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  set_states(city->net, "GrryrrrGg");
  collected c = { 0 };
  art_check_city(city->net, collect, &c);
  assert_int_equal(c.count, 2);  // groups 1 and 2 go from Gg to rr at the end of the cycle
  assert_non_null(
      strstr(c.message[0], "signal '209' program 'night' group 1: from green to red without yellow"));
  set_states(city->net, "GGgyyyrrr");
  expect(city->net, 0, "");
  art_city_free(city);
}

static void greens_that_never_come(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  set_states(city->net, "GGryyrrrr");
  expect(city->net, 1, "group 2: never green in 3 phases");
  art_city_free(city);
}

/// Made crossing, the two paths from lane 1 may not have protected green at once; permitted green of one is
/// fine.
static void greens_that_collide(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  city->net->conflict_kind[2] = city->net->conflict_kind[3] = ART_CONFLICT_CROSS;
  set_states(city->net, "GGgyyyrrr");
  expect(city->net, 0, "");
  set_states(city->net, "GGGyyyrrr");
  expect(city->net, 1, "phase 0: groups 1 and 2 both have protected green");
  art_city_free(city);
}

static void short_links_and_lanes_without_exit(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  art_net *net = city->net;
  set_states(net, "GGgyyyrrr");
  net->lane_length_m[2] = 0.25f;
  net->detector_pos_m[2] = net->detector_end_m[2] = 0.1f;
  expect(net, 1, "link 'east_out': length 0.25 m");
  net->lane_length_m[2] = 80.0f;
  // What is left: lane 1 to both exits, nothing from lane 0.
  net->connector_count = 2;
  net->lane_count = 6;
  net->connector_from[0] = 1;
  net->connector_to[0] = 2;
  net->connector_from[1] = 1;
  net->connector_to[1] = 3;
  net->conflict_count = 0;
  memset(net->conflict_first, 0, 3 * sizeof *net->conflict_first);
  net->connector_signal[0] = net->connector_signal[1] = -1;
  net->connector_hold_m[0] = net->connector_hold_m[1] = -1.0f;
  art_net_index(net);
  expect(net, 1, "lane 'in_0': no way out");
  art_city_free(city);
}

/// A link whose only entry is taken away, though links lead to its node.
static void unreachable_and_dead_links(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  art_net *net = city->net;
  net->connector_count = 2;  // both to east_out: nothing leads to -209#1
  net->lane_count = 6;
  net->conflict_count = 0;
  memset(net->conflict_first, 0, 3 * sizeof *net->conflict_first);
  net->connector_signal[0] = net->connector_signal[1] = -1;
  set_states(net, "GGgyyyrrr");
  art_net_index(net);
  expect(net, 1, "link '-209#1': unreachable");

  net->connector_count = 0;
  net->lane_count = 4;
  net->conflict_first[0] = 0;
  art_net_index(net);
  collected c = { 0 };
  art_check_city(net, collect, &c);
  assert_int_equal(c.count, 3);
  assert_non_null(strstr(c.message[0], "link 'in': dead end"));
  assert_non_null(strstr(c.message[1], "link 'east_out': unreachable"));
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(green_must_end_in_yellow),   cmocka_unit_test(greens_that_never_come),
    cmocka_unit_test(greens_that_collide),        cmocka_unit_test(short_links_and_lanes_without_exit),
    cmocka_unit_test(unreachable_and_dead_links),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
