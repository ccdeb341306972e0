// The audit's rules in their order, medians over days, holding out by link, notes on contradictions.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/net/network.h"
#include "scenarios/calibrate/audit.h"
#include "tests/support/build_net.h"

enum { MONDAY = 19765, DAYS = 14 };  // 2024-02-12, two weeks

typedef struct station {
  const char *id, *link, *exclude;
  int32_t rank, days;
  float flow;
} station;

/// Every station counts hours 7, 8 and 9 on its first `days` days; at 8 the flow is `flow` + day, else 1.
static art_feed *make_feed(int32_t count, const station *s)
{
  art_feed *f = art_feed_new();
  f->timezone = art_strdup("UTC");
  f->station_count = count;
  f->station_id = ART_NEW(char *, count);
  f->station_link = ART_NEW(char *, count);
  f->station_source = ART_NEW(char *, count);
  f->station_exclude = ART_NEW(char *, count);
  f->station_kind = ART_NEW(uint8_t, count);
  f->station_rank = ART_NEW(int32_t, count);
  f->station_lanes = ART_NEW(int32_t, count);
  f->station_distance_m = ART_NEW(float, count);
  const int32_t most = 3 * DAYS * count;
  f->observation_station = ART_NEW(int32_t, most);
  f->observation_date = ART_NEW(int32_t, most);
  f->observation_begin_s = ART_NEW(int32_t, most);
  f->observation_length_s = ART_NEW(int32_t, most);
  f->observation_flow_vph = ART_NEW(float, most);
  f->observation_quality = ART_NEW(float, most);
  int64_t n = 0;
  for (int32_t i = 0; i < count; ++i) {
    f->station_id[i] = art_strdup(s[i].id);
    f->station_link[i] = art_strdup(s[i].link);
    f->station_source[i] = art_strdup("x");
    f->station_exclude[i] = art_strdup(s[i].exclude ? s[i].exclude : "");
    f->station_rank[i] = s[i].rank;
    for (int32_t day = 0; day < s[i].days; ++day) {
      for (int32_t hour = 7; hour < 10; ++hour, ++n) {
        f->observation_station[n] = i;
        f->observation_date[n] = MONDAY + day;
        f->observation_begin_s[n] = 3600 * hour;
        f->observation_length_s[n] = 3600;
        f->observation_flow_vph[n] = hour == 8 && s[i].flow > 0.0f ? s[i].flow + (float)day
                                     : s[i].flow > 0.0f            ? 1.0f
                                                                   : 0.0f;
        f->observation_quality[n] = 1.0f;
      }
    }
  }
  f->observation_count = n;
  art_error err;
  if (art_feed_check(f, &err) != ART_OK) fail_msg("%s", err.message);
  return f;
}

static art_calibration settings(void)
{
  return (art_calibration){ .weekdays_only = 1, .from_ms = 8 * 3600000, .to_ms = 9 * 3600000, .min_days = 5 };
}

static void every_rule_has_its_reason(void **state)
{
  (void)state;
  const station s[] = {
    { "good", "l0", NULL, 0, 14, 100 },      { "stated", "l1", "counts half", 0, 14, 100 },
    { "named", "l1", NULL, 0, 14, 100 },     { "lost", "l99", NULL, 0, 14, 100 },
    { "few", "l1", NULL, 0, 4, 100 },        { "silent", "l1", NULL, 0, 14, 0 },
    { "worse", "l0", NULL, 1, 14, 400 },     { "short", "l0", NULL, 0, 9, 100 },
    { "off route", "l3", NULL, 0, 14, 100 },
  };
  enum { N = sizeof s / sizeof *s };
  art_feed *feed = make_feed(N, s);
  art_net *net = art_test_net_road(4, 1, 100.0f, 13.9f);
  const int32_t route[] = { 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, 3, route, 3, 0, 1000);
  art_calibration c = settings();
  char *names[] = { "named" };
  c.exclude_stations = names;
  c.exclude_station_count = 1;
  art_audit a;
  art_audit_stations(feed, &c, net, demand, &a);
  const char *const reason[N] = {
    "contradicts 'worse'",
    "counts half",
    "named in the calibration file",
    "'l99' is not in the city",
    "4 days of data, at least 5",
    "counted no traffic",
    "station 'good' on the same link is preferred (better source); the two contradict",
    "station 'good' on the same link is preferred (as many days",
    "no route of the prior"
  };
  assert_int_equal(a.used, 1);
  for (int i = 0; i < N; ++i) {
    assert_int_equal(a.row[i].use, i == 0 ? ART_STATION_USE_FITTED : ART_STATION_USE_EXCLUDED);
    if (!strstr(a.row[i].reason, reason[i]))
      fail_msg("%s: '%s', wanted '%s'", s[i].id, a.row[i].reason, reason[i]);
  }
  assert_int_equal(a.row[0].days, 10);                // weekdays of two weeks
  assert_true(a.row[0].observed_vph == 100.0 + 5.5);  // days 0-4 and 7-11: median of the middle two, 4 and 7
  art_audit_clear(&a);

  char *holidays[] = { "2024-02-12", "2024-02-13" };  // left out by date: 2-4 and 7-11 remain
  c.exclude_dates = holidays;
  c.exclude_date_count = 2;
  art_audit_stations(feed, &c, net, demand, &a);
  assert_int_equal(a.row[0].days, 8);
  assert_true(a.row[0].observed_vph == 107.5);
  art_audit_clear(&a);

  c.weekdays_only = 0;
  c.exclude_date_count = 0;
  c.from_ms = 7 * 3600000;  // two hours: the mean of both
  art_audit_stations(feed, &c, net, demand, &a);
  assert_int_equal(a.row[0].days, 14);
  assert_true(fabs(a.row[0].observed_vph - (1.0 + 106.5) / 2.0) < 1e-9);
  art_audit_clear(&a);
  art_demand_free(demand);
  art_net_free(net);
  art_feed_free(feed);
}

/// A window that is not observed in full has no days.
static void half_observed_windows_do_not_count(void **state)
{
  (void)state;
  const station s[] = { { "a", "l0", NULL, 0, 14, 100 } };
  art_feed *feed = make_feed(1, s);
  art_net *net = art_test_net_road(2, 1, 100.0f, 13.9f);
  const int32_t route[] = { 0, 1 };
  art_demand *demand = art_test_demand_flow(net, 2, route, 1, 0, 1000);
  art_calibration c = settings();
  c.to_ms = 11 * 3600000;
  art_audit a;
  art_audit_stations(feed, &c, net, demand, &a);
  assert_int_equal(a.row[0].days, 0);
  assert_int_equal(a.used, 0);
  art_audit_clear(&a);
  art_demand_free(demand);
  art_net_free(net);
  art_feed_free(feed);
}

static void contradictions_are_noted_not_excluded(void **state)
{
  (void)state;
  const station s[] = { { "up", "l0", NULL, 0, 14, 500 },
                        { "down", "l2", NULL, 0, 14, 900 },
                        { "like up", "l1", NULL, 0, 14, 520 } };
  art_feed *feed = make_feed(3, s);
  art_net *net = art_test_net_road(3, 1, 100.0f, 13.9f);
  const int32_t route[] = { 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, 3, route, 1, 0, 1000);
  const art_calibration c = settings();
  art_audit a;
  art_audit_stations(feed, &c, net, demand, &a);
  assert_int_equal(a.used, 3);
  assert_non_null(strstr(a.row[0].reason, "conservation: 'down'"));
  assert_null(strstr(a.row[0].reason, "like up"));
  assert_non_null(strstr(a.row[1].reason, "conservation: 'up'"));
  art_audit_clear(&a);
  art_demand_free(demand);
  art_net_free(net);
  art_feed_free(feed);

  // Both arms into "mid" are counted, 300 + 200; more cannot come out of one.
  const station junction[] = { { "w", "w_in", NULL, 0, 14, 300 },
                               { "s", "s_in", NULL, 0, 14, 200 },
                               { "n", "n_out", NULL, 0, 14, 800 } };
  feed = make_feed(3, junction);
  net = art_test_net_crossing();
  const int32_t west = art_net_find(net->link_id, net->link_count, "w_in"),
                south = art_net_find(net->link_id, net->link_count, "s_in");
  const int32_t north = art_net_find(net->link_id, net->link_count, "n_out");
  const int32_t turn[] = { west, north };
  demand = art_test_demand_flow(net, 2, turn, 1, 0, 1000);
  art_audit_stations(feed, &c, net, demand, &a);
  (void)south;
  assert_int_equal(a.used, 2);               // no route over s_in
  assert_string_equal(a.row[0].reason, "");  // with s_in out, an arm is not counted
  art_audit_clear(&a);
  art_demand_free(demand);
  art_net_free(net);
  art_feed_free(feed);
}

static int32_t count_held(const art_audit *a, uint8_t *held)
{
  int32_t n = 0;
  for (int32_t i = 0; i < a->count; ++i) n += held[i] = a->row[i].use == ART_STATION_USE_HELD_OUT;
  return n;
}

static void holding_out_is_keyed_and_exact(void **state)
{
  (void)state;
  enum { N = 20 };
  station s[N];
  char id[N][8], link[N][8];
  int32_t route[N];
  for (int i = 0; i < N; ++i) {
    snprintf(id[i], sizeof id[i], "s%d", i);
    snprintf(link[i], sizeof link[i], "l%d", i);
    s[i] = (station){ id[i], link[i], NULL, 0, 14, 100 };
    route[i] = i;
  }
  art_feed *feed = make_feed(N, s);
  art_net *net = art_test_net_road(N, 1, 100.0f, 13.9f);
  art_demand *demand = art_test_demand_flow(net, N, route, 1, 0, 1000);
  const art_calibration c = settings();
  art_audit a;
  art_audit_stations(feed, &c, net, demand, &a);
  uint8_t first[N], again[N], other[N], fold[N], sum[N] = { 0 };
  art_audit_hold_out(&a, net, 1, 0.2, 0, 0);
  assert_int_equal(count_held(&a, first), 4);
  art_audit_hold_out(&a, net, 2, 0.2, 0, 0);
  assert_int_equal(count_held(&a, other), 4);
  art_audit_hold_out(&a, net, 1, 0.2, 0, 0);
  count_held(&a, again);
  assert_memory_equal(first, again, N);
  assert_memory_not_equal(first, other, N);
  for (int f = 0; f < 3; ++f) {
    art_audit_hold_out(&a, net, 1, 0.0, 3, f);
    const int32_t n = count_held(&a, fold);
    assert_true(n == 6 || n == 7);
    for (int i = 0; i < N; ++i) sum[i] = (uint8_t)(sum[i] + fold[i]);
  }
  for (int i = 0; i < N; ++i) assert_int_equal(sum[i], 1);
  art_audit_clear(&a);
  art_demand_free(demand);
  art_net_free(net);
  art_feed_free(feed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_rule_has_its_reason),
    cmocka_unit_test(half_observed_windows_do_not_count),
    cmocka_unit_test(contradictions_are_noted_not_excluded),
    cmocka_unit_test(holding_out_is_keyed_and_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
