// Demand files: round trip, other cities with the same links, and refusals that name the trip.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

#include "io/city/city_file.h"
#include "io/city/demand_rows.h"
#include "io/h5/h5.h"
#include "tests/unit/city_fixture.h"

static const char *const path = "test_city_demand_file.demand.h5";

#define EQUAL(a, b, count) assert_memory_equal(a, b, (size_t)(count) * sizeof *(a))

static void write_fresh(const art_city *city, const art_demand *d)
{
  art_error err = { 0 };
  if (art_demand_write(path, d, city->net, "arterial import", 1, city->source, 1, &err) != ART_OK)
    fail_msg("%s", err.message);
}

static void equal_ids(char *const *a, char *const *b, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) assert_string_equal(a[i], b[i]);
}

static void equal_demands(const art_demand *a, const art_demand *b)
{
  assert_int_equal(a->type_count, b->type_count);
  assert_int_equal(a->set_count, b->set_count);
  assert_int_equal(a->route_count, b->route_count);
  assert_int_equal(a->trip_count, b->trip_count);
  assert_int_equal(a->stop_count, b->stop_count);
  equal_ids(a->type_id, b->type_id, a->type_count);
  equal_ids(a->set_id, b->set_id, a->set_count);
  equal_ids(a->trip_id, b->trip_id, a->trip_count);
  EQUAL(a->type, b->type, a->type_count);
  EQUAL(a->set_first, b->set_first, a->set_count + 1);
  EQUAL(a->set_type, b->set_type, a->set_first[a->set_count]);
  EQUAL(a->set_probability, b->set_probability, a->set_first[a->set_count]);
  EQUAL(a->route_first, b->route_first, a->route_count + 1);
  EQUAL(a->route_link, b->route_link, a->route_first[a->route_count]);
  EQUAL(a->trip_key, b->trip_key, a->trip_count);
  EQUAL(a->trip_set, b->trip_set, a->trip_count);
  EQUAL(a->trip_route, b->trip_route, a->trip_count);
  EQUAL(a->trip_depart_ms, b->trip_depart_ms, a->trip_count);
  EQUAL(a->trip_depart_lane, b->trip_depart_lane, a->trip_count);
  EQUAL(a->trip_depart_pos_m, b->trip_depart_pos_m, a->trip_count);
  EQUAL(a->trip_depart_speed_mps, b->trip_depart_speed_mps, a->trip_count);
  EQUAL(a->trip_arrival_pos_m, b->trip_arrival_pos_m, a->trip_count);
  EQUAL(a->trip_first_stop, b->trip_first_stop, a->trip_count + 1);
  EQUAL(a->stop_lane, b->stop_lane, a->stop_count);
  EQUAL(a->stop_start_m, b->stop_start_m, a->stop_count);
  EQUAL(a->stop_end_m, b->stop_end_m, a->stop_count);
  EQUAL(a->stop_duration_ms, b->stop_duration_ms, a->stop_count);
  EQUAL(a->stop_until_ms, b->stop_until_ms, a->stop_count);
  EQUAL(a->stop_place, b->stop_place, a->stop_count);
  EQUAL(a->stop_beside, b->stop_beside, a->stop_count);
}

static void a_demand_comes_back_bit_by_bit(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  art_demand *a = fixture_demand(), *b = NULL;
  art_error err = { 0 };
  if (art_demand_check(a, city->net, &err) != ART_OK) fail_msg("%s", err.message);
  write_fresh(city, a);
  if (art_demand_read(path, city->net, &b, &err) != ART_OK) fail_msg("%s", err.message);
  equal_demands(a, b);
  assert_true(art_demand_hash(a, city->net) == art_demand_hash(b, city->net));
  b->type[1].lc_keep_right += 1;
  assert_false(art_demand_hash(a, city->net) == art_demand_hash(b, city->net));
  art_demand_free(a);
  art_demand_free(b);
  art_city_free(city);
}

/// The same links at other indices: link 0 and 1 are the two exits, 2 is the entry.
static art_net *shuffled(void)
{
  art_net *net = art_net_new();
  net->node_count = 4;
  net->node_id = OWNED_TEXTS("x", "y", "z", "w");
  net->node_kind = OWNED(uint8_t, 0, 0, 0, 0);
  net->link_count = 3;
  net->link_id = OWNED_TEXTS("-209#1", "east_out", "in");
  net->link_from = OWNED(int32_t, 1, 1, 0);
  net->link_to = OWNED(int32_t, 3, 2, 1);
  net->link_first_lane = OWNED(int32_t, 0, 1, 2, 4);
  net->link_priority = OWNED(int32_t, 0, 0, 0);
  net->link_in_roundabout = OWNED(uint8_t, 0, 0, 0);
  net->link_lane_count = 4;
  net->lane_count = 6;
  net->lane_link = OWNED(int32_t, 0, 1, 2, 2, -1, -1);
  net->lane_length_m = OWNED(float, 60, 80, 90, 90, 10, 10);
  net->lane_speed_mps = OWNED(float, 10, 10, 10, 10, 10, 10);
  net->lane_width_m = OWNED(float, 3, 3, 3, 3, 3, 3);
  net->lane_allowed = OWNED(uint32_t, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
  net->lane_change_left = ART_NEW(uint32_t, 6);
  net->lane_change_right = ART_NEW(uint32_t, 6);
  net->connector_count = 2;
  net->connector_from = OWNED(int32_t, 2, 3);
  net->connector_to = OWNED(int32_t, 1, 0);
  net->connector_node = OWNED(int32_t, 1, 1);
  net->connector_turn = OWNED(uint8_t, 0, 0);
  net->connector_state = OWNED(char, 'M', 'M');
  net->connector_signal = OWNED(int32_t, -1, -1);
  net->connector_signal_group = OWNED(int32_t, -1, -1);
  net->connector_hold_m = OWNED(float, -1, -1);
  net->connector_keep_clear = OWNED(uint8_t, 0, 0);
  net->connector_cont = OWNED(uint8_t, 0, 0);
  net->conflict_first = OWNED(int32_t, 0, 0, 0);
  net->stop_count = 1;
  net->stop_id = OWNED_TEXTS("bs_1");
  net->stop_lane = OWNED(int32_t, 2);
  net->stop_start_m = OWNED(float, 20);
  net->stop_end_m = OWNED(float, 40);
  art_net_index(net);
  return net;
}

static void a_demand_fits_every_city_with_its_links(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  art_demand *a = fixture_demand(), *b = NULL;
  art_net *other = shuffled();
  art_error err = { 0 };
  if (art_net_check(other, &err) != ART_OK) fail_msg("%s", err.message);
  write_fresh(city, a);
  if (art_demand_read(path, other, &b, &err) != ART_OK) fail_msg("%s", err.message);
  assert_memory_equal(b->route_link, ((const int32_t[]){ 2, 1, 2, 0 }), 4 * sizeof(int32_t));
  assert_int_equal(b->stop_lane[0], 2);
  assert_true(art_demand_hash(a, city->net) == art_demand_hash(b, other));
  art_demand_free(b);

  other->link_id[0][0] = '+';
  assert_int_equal(art_demand_read(path, other, &b, &err), ART_E_INPUT);
  assert_string_equal(err.message,
                      "test_city_demand_file.demand.h5: trip 'second': link '-209#1' is not in the city");
  art_net_free(other);
  art_demand_free(a);
  art_city_free(city);
}

static void a_summary_needs_no_city(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  art_demand *a = fixture_demand();
  art_demand_summary s;
  write_fresh(city, a);
  assert_int_equal(art_demand_summarize(path, &s, NULL), ART_OK);
  assert_int_equal(s.types, 3);
  assert_int_equal(s.sets, 2);
  assert_int_equal(s.routes, 2);
  assert_int_equal(s.trips, 3);
  assert_int_equal(s.links, 3);
  assert_int_equal(s.first_depart_ms, 0);
  assert_int_equal(s.last_depart_ms, 28800000);
  assert_int_equal(s.source_count, 1);
  assert_true(s.hash == art_demand_hash(a, city->net));
  art_demand_summary_clear(&s);
  art_demand_free(a);
  art_city_free(city);
}

// ---- damage

static void put_value(const char *dataset, hsize_t place, double value)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, dataset, H5P_DEFAULT);
  const hid_t space = H5Dget_space(set), one = H5Screate(H5S_SCALAR);
  H5Sselect_elements(space, H5S_SELECT_SET, 1, &place);
  assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value) >= 0);
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
}

static void values_out_of_range_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *dataset;
    int place;
    double value;
    const char *words;
  } cases[] = {
    { "/types/length_m", 1, -1, "slow car" },
    { "/sets/members/type", 0, 3, "member 0: 3" },
    { "/sets/members/probability", 1, 0.5, "mixed" },
    { "/sets/member_count", 0, 1, "/sets/members/member" },
    { "/routes/link_count", 0, 3, "/routes/links/place" },
    { "/routes/links/link", 3, 3, "route 1" },
    { "/routes/links/link", 3, 1e6, "route 1" },
    { "/routes/links/link", 0, 1, "first" },
    { "/trips/route", 1, 2, "second" },
    { "/trips/set", 0, -1, "first" },
    { "/trips/depart", 0, 5000, "second" },
    { "/trips/depart_lane", 1, 2, "second" },
    { "/trips/depart_position", 1, 1e9, "second" },
    { "/trips/depart_speed", 1, -7, "second" },
    { "/trips/stop_count", 2, 2, "/stops/stop" },
    { "/stops/link", 0, 9, "/stops/link" },
    { "/stops/lane", 0, 2, "bus 1" },
    { "/stops/duration", 0, -5, "bus 1" },
    { "/stops/end", 0, 1000, "bus 1" },
  };
  art_city *city = fixture_city();
  art_demand *a = fixture_demand();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    art_demand *b = (art_demand *)1;
    art_error err = { 0 };
    write_fresh(city, a);
    put_value(cases[i].dataset, (hsize_t)cases[i].place, cases[i].value);
    assert_int_equal(art_demand_read(path, city->net, &b, &err), ART_E_INPUT);
    assert_null(b);
    if (strncmp(err.message, path, strlen(path)) != 0 || !strstr(err.message, cases[i].words))
      fail_msg("%s: '%s' should name the file and say '%s'", cases[i].dataset, err.message, cases[i].words);
  }
  art_demand_free(a);
  art_city_free(city);
  unlink(path);
}

/// A parameter that came later than the file has its default.
static void missing_parameters_have_their_default(void **state)
{
  (void)state;
  art_city *city = fixture_city();
  art_demand *a = fixture_demand(), *b = NULL;
  write_fresh(city, a);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(file, "/types/startup_delay_s", H5P_DEFAULT);
  H5Ldelete(file, "/types/max_speed_mps", H5P_DEFAULT);
  H5Fclose(file);
  assert_int_equal(art_demand_read(path, city->net, &b, NULL), ART_OK);
  assert_true(b->type[1].max_speed_mps == art_vtype_default().max_speed_mps);
  art_demand_free(a);
  art_demand_free(b);
  art_city_free(city);
  unlink(path);
}

/// The id with the `rank`-th key of four that depart together: trips are sorted by departure, then key.
static void name_of_key_rank(int32_t group, int32_t rank, char **id, uint64_t *key)
{
  char text[4][32];
  for (int k = 0; k < 4; ++k) snprintf(text[k], sizeof text[k], "many_%d_%d", group, k);
  for (int k = 0; k < 4; ++k) {
    int before = 0;
    for (int m = 0; m < 4; ++m) before += art_trip_key(text[m]) < art_trip_key(text[k]);
    if (before != rank) continue;
    *id = art_strdup(text[k]);
    *key = art_trip_key(text[k]);
  }
}

/// Enough trips for several marks, sharing some routes, some with stops; departures of several are equal.
static art_demand *many_trips(int32_t trips)
{
  art_demand *few = fixture_demand(), *d = art_demand_new();
  int32_t stops = 0;
  for (int32_t t = 0; t < trips; ++t) {
    const int32_t from = t % few->trip_count;
    stops += few->trip_first_stop[from + 1] - few->trip_first_stop[from];
  }
  d->type_count = few->type_count;
  d->type_id = few->type_id;
  d->type = few->type;
  d->set_count = few->set_count;
  d->set_id = few->set_id;
  d->set_first = few->set_first;
  d->set_type = few->set_type;
  d->set_probability = few->set_probability;
  const int32_t copies = 3000;  // of all routes
  const int64_t links = few->route_first[few->route_count];
  d->route_count = copies * few->route_count;
  d->route_first = art_new((size_t)d->route_count + 1, sizeof *d->route_first);
  d->route_link = art_new((size_t)(copies * links), sizeof *d->route_link);
  for (int32_t k = 0; k < d->route_count; ++k) {
    const int32_t r = k % few->route_count;
    const int64_t n = few->route_first[r + 1] - few->route_first[r];
    memcpy(d->route_link + d->route_first[k], few->route_link + few->route_first[r], (size_t)n * sizeof *d->route_link);
    d->route_first[k + 1] = d->route_first[k] + n;
  }
  art_demand_new_trips(d, trips, stops);
  for (int32_t t = 0, at = 0; t < trips; ++t) {
    const int32_t from = t % few->trip_count;
    name_of_key_rank(t / 4, t % 4, &d->trip_id[t], &d->trip_key[t]);
    d->trip_set[t] = few->trip_set[from];
    d->trip_route[t] = few->trip_route[from] + few->route_count * (t % 13 == 0 ? 5 : t * 7 % copies);
    d->trip_depart_ms[t] = t / 4 * 100;
    d->trip_depart_lane[t] = few->trip_depart_lane[from];
    d->trip_depart_pos_m[t] = few->trip_depart_pos_m[from];
    d->trip_depart_speed_mps[t] = few->trip_depart_speed_mps[from];
    d->trip_arrival_pos_m[t] = few->trip_arrival_pos_m[from];
    for (int32_t s = few->trip_first_stop[from]; s < few->trip_first_stop[from + 1]; ++s, ++at) {
      d->stop_lane[at] = few->stop_lane[s];
      d->stop_start_m[at] = few->stop_start_m[s];
      d->stop_end_m[at] = few->stop_end_m[s];
      d->stop_duration_ms[at] = few->stop_duration_ms[s] + t;
      d->stop_until_ms[at] = few->stop_until_ms[s];
      d->stop_place[at] = few->stop_place[s];
      d->stop_beside[at] = few->stop_beside && few->stop_beside[s];
    }
    d->trip_first_stop[t + 1] = at;
  }
  few->type_id = few->set_id = NULL;  // they moved
  few->type_count = few->set_count = 0;
  few->type = NULL;
  few->set_first = few->set_type = NULL;
  few->set_probability = NULL;
  art_demand_free(few);
  return d;
}

/// However they are held.
static void same_trip(const art_demand *part, int32_t p, const art_demand *all, int32_t t)
{
  assert_string_equal(part->trip_id[p], all->trip_id[t]);
  assert_true(part->trip_key[p] == all->trip_key[t]);
  assert_int_equal(art_trip_set(part, p), art_trip_set(all, t));
  assert_int_equal(part->trip_depart_ms[p], all->trip_depart_ms[t]);
  assert_int_equal(art_trip_depart_lane(part, p), art_trip_depart_lane(all, t));
  assert_true(art_trip_depart_pos_m(part, p) == art_trip_depart_pos_m(all, t));
  assert_true(art_trip_depart_speed_mps(part, p) == art_trip_depart_speed_mps(all, t));
  assert_true(art_trip_arrival_pos_m(part, p) == art_trip_arrival_pos_m(all, t));
  const int32_t *links[2];
  int64_t count[2];
  const art_demand *const of[2] = { part, all };
  const int32_t trip[2] = { p, t };
  for (int k = 0; k < 2; ++k) {
    const int32_t r = of[k]->trip_route[trip[k]];
    links[k] = of[k]->route_link + of[k]->route_first[r];
    count[k] = of[k]->route_first[r + 1] - of[k]->route_first[r];
  }
  assert_int_equal(count[0], count[1]);
  EQUAL(links[0], links[1], count[0]);
  const int32_t a = art_trip_first_stop(part, p), b = art_trip_first_stop(all, t);
  assert_int_equal(art_trip_first_stop(part, p + 1) - a, art_trip_first_stop(all, t + 1) - b);
  for (int32_t s = 0; s < art_trip_first_stop(part, p + 1) - a; ++s) {
    assert_int_equal(part->stop_lane[a + s], all->stop_lane[b + s]);
    assert_int_equal(part->stop_duration_ms[a + s], all->stop_duration_ms[b + s]);
    assert_int_equal(part->stop_place[a + s], all->stop_place[b + s]);
    assert_int_equal(part->stop_beside[a + s], all->stop_beside[b + s]);
  }
}

static void parts_are_what_the_whole_has(void **state)
{
  (void)state;
  enum { TRIPS = 10000 };
  art_error err = { 0 };
  art_city *city = fixture_city();
  art_demand *d = many_trips(TRIPS), *all = NULL;
  art_demand_rows *rows = NULL;
  write_fresh(city, d);
  if (art_demand_read(path, city->net, &all, &err) != ART_OK) fail_msg("%s", err.message);
  if (art_demand_rows_open(path, city->net, &rows, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(art_demand_rows_count(rows), TRIPS);
  static const int32_t parts[][2] = { { 0, 0 },       { 0, 1 },      { 0, TRIPS },   { 4095, 2 },      { 4096, 4096 },
                                      { 5000, 3333 }, { 9999, 1 },   { TRIPS, 0 },   { 1, 5 } };
  for (size_t k = 0; k < sizeof parts / sizeof *parts; ++k) {
    art_demand *part = NULL;
    if (art_demand_rows_read(rows, parts[k][0], parts[k][1], &part, &err) != ART_OK) fail_msg("%s", err.message);
    assert_int_equal(part->trip_count, parts[k][1]);
    assert_int_equal(part->type_count, all->type_count);
    assert_in_range(part->route_count, 0, parts[k][1]);
    for (int32_t t = 0; t < parts[k][1]; ++t) same_trip(part, t, all, parts[k][0] + t);
    art_demand_free(part);
  }
  for (int32_t t = 0; t <= TRIPS; t += 37) {  // departures come in fours
    int32_t found = -1;
    assert_int_equal(art_demand_rows_find(rows, t / 4 * 100, &found, &err), ART_OK);
    assert_int_equal(found, t / 4 * 4);
    assert_int_equal(art_demand_rows_find(rows, t / 4 * 100 + 1, &found, &err), ART_OK);
    assert_int_equal(found, t / 4 * 4 + 4 < TRIPS ? t / 4 * 4 + 4 : TRIPS);
  }
  static const art_tick spans[][2] = { { -5, 0 }, { 0, 1 }, { 1, 100000 }, { 99000, 101000 }, { 0, 1000000 }, { 2000000, 3000000 }, { 700, 300 } };
  for (size_t k = 0; k < sizeof spans / sizeof *spans; ++k) {
    art_demand *part = NULL;
    int64_t outside[2];
    if (art_demand_read_between(path, city->net, spans[k][0], spans[k][1], &part, outside, &err) != ART_OK) fail_msg("%s", err.message);
    int32_t first = 0, count = 0;
    for (int32_t t = 0; t < TRIPS; ++t) {
      first += all->trip_depart_ms[t] < spans[k][0];
      count += all->trip_depart_ms[t] >= spans[k][0] && all->trip_depart_ms[t] < spans[k][1];
    }
    assert_int_equal(part->trip_count, count);
    assert_int_equal(part->type_count, all->type_count);
    assert_int_equal(outside[0], first);
    assert_int_equal(outside[1], TRIPS - first - count);
    for (int32_t t = 0; t < count; ++t) same_trip(part, t, all, first + t);
    art_demand_free(part);
  }
  art_demand *none = NULL;
  assert_int_equal(art_demand_rows_read(rows, TRIPS - 1, 2, &none, &err), ART_E_INTERNAL);
  assert_null(none);
  art_demand_rows_close(rows);
  art_demand_free(all);
  art_demand_free(d);
  art_city_free(city);
  unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_demand_comes_back_bit_by_bit),
    cmocka_unit_test(a_demand_fits_every_city_with_its_links),
    cmocka_unit_test(parts_are_what_the_whole_has),
    cmocka_unit_test(a_summary_needs_no_city),
    cmocka_unit_test(values_out_of_range_are_refused),
    cmocka_unit_test(missing_parameters_have_their_default),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
