/// A demand in less memory: what is shared, what is dropped, and that nobody drives otherwise.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/fleet/demand_gather.h"
#include "core/fleet/demand_pack.h"
#include "core/num/random.h"
#include "core/step/ranks.h"
#include "core/step/sim.h"
#include "scenarios/run/kernels.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

enum { ROUTES = 500, TRIPS = 900, LONGEST = 6 };

/// Routes of few links, so that many are alike; trips draw theirs.
static art_demand *random_demand(uint64_t seed)
{
  art_demand *d = art_demand_new();
  art_demand_new_trips(d, TRIPS, 0);
  d->route_count = ROUTES;
  d->route_first = ART_NEW(int64_t, ROUTES + 1);
  d->route_link = ART_NEW(int32_t, ROUTES * LONGEST);
  int64_t at = 0;
  for (int32_t r = 0; r < ROUTES; ++r) {
    const int32_t count = 1 + (int32_t)(art_rng(seed, (uint64_t)r, 0, 1) % LONGEST);
    for (int32_t i = 0; i < count; ++i) d->route_link[at++] = (int32_t)(art_rng(seed, (uint64_t)r, i, 2) % 3);
    d->route_first[r + 1] = at;
  }
  for (int32_t t = 0; t < TRIPS; ++t) {
    d->trip_route[t] = (int32_t)(art_rng(seed, (uint64_t)t, 0, 3) % ROUTES);
    d->trip_depart_lane[t] = ART_LANE_BEST;
    d->trip_depart_pos_m[t] = (float)t;
    d->trip_depart_speed_mps[t] = ART_SPEED_MAX;
    d->trip_arrival_pos_m[t] = t == TRIPS - 1 ? 7.0f : ART_POS_END;
  }
  return d;
}

static int same_links(const art_demand *a, int32_t ra, const art_demand *b, int32_t rb)
{
  const int64_t n = a->route_first[ra + 1] - a->route_first[ra];
  return b->route_first[rb + 1] - b->route_first[rb] == n &&
         memcmp(a->route_link + a->route_first[ra], b->route_link + b->route_first[rb], (size_t)n * sizeof(int32_t)) == 0;
}

static void every_route_is_there_once_and_trips_keep_theirs(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    art_demand *plain = random_demand(seed), *packed = random_demand(seed);
    art_demand_pack(packed);
    int32_t different = 0;
    for (int32_t r = 0; r < ROUTES; ++r) {
      int32_t before = 0;
      while (before < r && !same_links(plain, before, plain, r)) ++before;
      different += before == r;
    }
    assert_true(different < ROUTES);
    assert_int_equal(packed->route_count, different);
    for (int32_t a = 0; a < packed->route_count; ++a)
      for (int32_t b = 0; b < a; ++b) assert_false(same_links(packed, a, packed, b));
    for (int32_t t = 0; t < TRIPS; ++t)
      assert_true(same_links(plain, plain->trip_route[t], packed, packed->trip_route[t]));
    art_demand_free(plain);
    art_demand_free(packed);
  }
}

static void columns_of_one_value_are_told_without_a_column(void **state)
{
  (void)state;
  art_demand *d = random_demand(3);
  const int64_t before = art_demand_bytes(d);
  art_demand_pack(d);
  assert_null(d->trip_set);
  assert_null(d->trip_depart_lane);
  assert_null(d->trip_depart_speed_mps);
  assert_null(d->trip_first_stop);
  assert_non_null(d->trip_depart_pos_m);   // differs from trip to trip
  assert_non_null(d->trip_arrival_pos_m);  // in the last one only
  assert_true(before - art_demand_bytes(d) >= 4 * TRIPS * 4);
  for (int32_t t = 0; t < TRIPS; ++t) {
    assert_int_equal(art_trip_set(d, t), 0);
    assert_int_equal(art_trip_depart_lane(d, t), ART_LANE_BEST);
    assert_float_equal(art_trip_depart_pos_m(d, t), (float)t, 0.0f);
    assert_float_equal(art_trip_depart_speed_mps(d, t), ART_SPEED_MAX, 0.0f);
    assert_float_equal(art_trip_arrival_pos_m(d, t), t == TRIPS - 1 ? 7.0f : ART_POS_END, 0.0f);
    assert_int_equal(art_trip_first_stop(d, t + 1), 0);
  }
  art_demand_free(d);
}

// --- from parts

/// Ids, keys in the order of trips, and stops of every seventh trip.
static void complete(art_demand *d)
{
  free(d->trip_first_stop);
  d->trip_first_stop = ART_NEW(int32_t, d->trip_count + 1);
  for (int32_t t = 0; t < d->trip_count; ++t) {
    char id[32];
    snprintf(id, sizeof id, "trip %d", (int)t);
    d->trip_id[t] = art_strdup(id);
    d->trip_key[t] = (uint64_t)t;
    d->trip_depart_ms[t] = t / 3;
    d->trip_first_stop[t + 1] = d->trip_first_stop[t] + (t % 7 == 6);
  }
  const int32_t stops = d->stop_count = d->trip_first_stop[d->trip_count];
#define RENEW(column) d->column = art_renew(d->column, (size_t)stops, sizeof *d->column)
  RENEW(stop_lane), RENEW(stop_start_m), RENEW(stop_end_m), RENEW(stop_duration_ms), RENEW(stop_until_ms), RENEW(stop_place);
  RENEW(stop_beside);
#undef RENEW
  for (int32_t s = 0; s < stops; ++s) {
    d->stop_lane[s] = s % 5;
    d->stop_start_m[s] = (float)s;
    d->stop_end_m[s] = (float)s + 10.0f;
    d->stop_duration_ms[s] = 1000 * s;
    d->stop_until_ms[s] = -1;
    d->stop_place[s] = -1;
    d->stop_beside[s] = s % 2 == 0;
  }
}

/// Trips [first, first + count) with all routes.
static art_demand *part_of(const art_demand *all, int32_t first, int32_t count)
{
  art_demand *d = art_demand_new();
  const int32_t stop = all->trip_first_stop[first];
  art_demand_new_trips(d, count, all->trip_first_stop[first + count] - stop);
  d->type_id = ART_NEW(char *, 1);
  d->type = ART_NEW(art_vtype, 1);
  d->route_count = all->route_count;
  d->route_first = ART_NEW(int64_t, all->route_count + 1);
  d->route_link = ART_NEW(int32_t, all->route_first[all->route_count]);
  memcpy(d->route_first, all->route_first, (size_t)(all->route_count + 1) * sizeof *d->route_first);
  memcpy(d->route_link, all->route_link, (size_t)all->route_first[all->route_count] * sizeof *d->route_link);
  for (int32_t t = 0; t < count; ++t) {
    d->trip_id[t] = art_strdup(all->trip_id[first + t]);
    d->trip_first_stop[t + 1] = all->trip_first_stop[first + t + 1] - stop;
  }
#define COPY(column) memcpy(d->column, all->column + first, (size_t)count * sizeof *d->column)
  COPY(trip_key), COPY(trip_set), COPY(trip_route), COPY(trip_depart_ms), COPY(trip_depart_lane), COPY(trip_depart_pos_m);
  COPY(trip_depart_speed_mps), COPY(trip_arrival_pos_m);
#undef COPY
#define COPY(column) memcpy(d->column, all->column + stop, (size_t)d->stop_count * sizeof *d->column)
  COPY(stop_lane), COPY(stop_start_m), COPY(stop_end_m), COPY(stop_duration_ms), COPY(stop_until_ms), COPY(stop_place);
  COPY(stop_beside);
#undef COPY
  return d;
}

static art_demand *gathered(const art_demand *all, int32_t piece)
{
  art_demand_gather *gather = art_demand_gather_new(all->trip_count);
  for (int32_t first = 0; first < all->trip_count; first += piece)
    art_demand_gather_add(gather, part_of(all, first, all->trip_count - first < piece ? all->trip_count - first : piece));
  art_demand *out = NULL;
  art_error err = { 0 };
  assert_int_equal(art_demand_gather_end(gather, &out, &err), ART_OK);
  return out;
}

#define EQUAL(column, count) assert_memory_equal(a->column, b->column, (size_t)(count) * sizeof *a->column)

static void parts_become_the_packed_whole(void **state)
{
  (void)state;
  static const int32_t pieces[] = { 1, 7, 100, 450, TRIPS };
  for (size_t k = 0; k < sizeof pieces / sizeof *pieces; ++k) {
    art_demand *a = random_demand(5 + k), *b;
    complete(a);
    b = gathered(a, pieces[k]);
    assert_int_equal(b->trip_count, TRIPS);
    assert_int_equal(b->stop_count, a->stop_count);
    EQUAL(trip_key, TRIPS), EQUAL(trip_depart_ms, TRIPS), EQUAL(trip_first_stop, TRIPS + 1);
    EQUAL(stop_lane, a->stop_count), EQUAL(stop_start_m, a->stop_count), EQUAL(stop_end_m, a->stop_count);
    EQUAL(stop_duration_ms, a->stop_count), EQUAL(stop_until_ms, a->stop_count), EQUAL(stop_place, a->stop_count);
    EQUAL(stop_beside, a->stop_count);
    assert_null(b->trip_depart_lane);
    assert_non_null(b->trip_arrival_pos_m);  // differs in the last one only
    for (int32_t t = 0; t < TRIPS; ++t) {
      assert_string_equal(a->trip_id[t], b->trip_id[t]);
      assert_true(same_links(a, a->trip_route[t], b, b->trip_route[t]));
      assert_int_equal(art_trip_depart_lane(a, t), art_trip_depart_lane(b, t));
      assert_float_equal(art_trip_depart_pos_m(a, t), art_trip_depart_pos_m(b, t), 0.0f);
      assert_float_equal(art_trip_arrival_pos_m(a, t), art_trip_arrival_pos_m(b, t), 0.0f);
    }
    art_demand *packed = random_demand(5 + k);
    art_demand_pack(packed);
    assert_int_equal(b->route_count, packed->route_count);  // each once, over all parts
    art_demand_free(packed);
    art_demand_free(a);
    art_demand_free(b);
  }
}

static void trips_out_of_order_and_twice_are_named(void **state)
{
  (void)state;
  static const char *const words[] = { "must ascend", "keys must differ" };
  for (int k = 0; k < 2; ++k) {
    art_demand *all = random_demand(2), *out = NULL;
    complete(all);
    if (k == 0) all->trip_depart_ms[500] = 3;
    else all->trip_key[897] = all->trip_key[3];
    art_demand_gather *gather = art_demand_gather_new(TRIPS);
    art_demand_gather_add(gather, part_of(all, 0, 500));
    art_demand_gather_add(gather, part_of(all, 500, 400));
    art_error err = { 0 };
    assert_int_equal(art_demand_gather_end(gather, &out, &err), ART_E_INPUT);
    assert_null(out);
    assert_non_null(strstr(err.message, words[k]));
    assert_non_null(strstr(err.message, k == 0 ? "trip 500" : "trip 897"));
    art_demand_free(all);
  }
  (void)art_demand_gather_end(art_demand_gather_new(3), NULL, NULL);  // given up
}

static void an_empty_demand_stays_empty(void **state)
{
  (void)state;
  art_demand *d = art_demand_new();
  art_demand_new_trips(d, 0, 0);
  art_demand_pack(d);
  assert_int_equal(d->trip_count, 0);
  assert_int_equal(d->route_count, 0);
  art_demand_free(d);
}

static uint64_t hash_of(const art_net *net, const art_demand *demand)
{
  const art_sim_setup setup = { .net = net, .demand = demand, .kernels = art_models_kernels(), .seed = 4, .step_ms = 500,
                                .end_ms = 600000, .threads = 2, .model = ART_MODEL_IIDM };
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 600000, &err), err);
  assert_true(art_sim_ledger(sim).arrived > 100);
  const uint64_t hash = art_sim_hash(sim);
  art_sim_free(sim);
  return hash;
}

static void nobody_drives_otherwise(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 2, 300.0f, 13.89f);
  const int32_t route[] = { 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, 3, route, 200, 0, 2000);
  const uint64_t plain = hash_of(net, demand);
  art_demand_pack(demand);
  assert_true(hash_of(net, demand) == plain);
  art_demand_free(demand);
  art_net_free(net);
}

/// Results ask for the rows of trips of the run only; whoever asks for all gets all.
static void rows_are_those_of_the_run(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 2, 300.0f, 13.89f);
  const int32_t route[] = { 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, 3, route, 200, 0, 2000);
  const art_sim_setup setup = { .net = net, .demand = demand, .kernels = art_models_kernels(), .seed = 4, .step_ms = 500,
                                .begin_ms = 100000, .end_ms = 200000, .threads = 1, .model = ART_MODEL_IIDM };
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  const art_trip_row *row = art_sim_trips_at_end_all(sim);
  for (int32_t t = 0; t < demand->trip_count; ++t) {
    const int is_in_run = demand->trip_depart_ms[t] >= 100000 && demand->trip_depart_ms[t] < 200000;
    assert_int_equal(row[t].is_made, is_in_run);
    assert_true(row[t].insert_ms == (is_in_run ? -1 : 0));
    assert_int_equal(row[t].state, ART_TRIP_TO_COME);
  }
  row = art_sim_trips(sim);
  for (int32_t t = 0; t < demand->trip_count; ++t) assert_true(row[t].is_made == 1 && row[t].insert_ms == -1);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void pieces_of_a_pool_do_not_overlap(void **state)
{
  (void)state;
  enum { PIECES = 3000 };
  art_pool *pool = art_pool_new();
  char *piece[PIECES];
  size_t size[PIECES];
  int64_t sum = 0;
  for (int i = 0; i < PIECES; ++i) {
    size[i] = i == 1500 ? (size_t)3 << 20 : 1 + (size_t)(art_rng(9, (uint64_t)i, 0, 1) % 2000);
    piece[i] = art_pool_take(pool, size[i]);
    memset(piece[i], i & 127, size[i]);
    sum += (int64_t)size[i];
  }
  for (int i = 0; i < PIECES; ++i)
    for (size_t k = 0; k < size[i]; ++k) assert_int_equal(piece[i][k], i & 127);
  assert_true(art_pool_bytes(pool) >= sum);
  art_pool_free(pool);
  art_pool_free(NULL);
}

/// More keys than one table is made for: the first one that repeats is found, wherever it lies.
static void the_first_of_many_repeated_keys_is_found(void **state)
{
  (void)state;
  enum { KEYS = (1 << 20) + 77777 };
  uint64_t *key = ART_NEW(uint64_t, KEYS);
  for (int32_t i = 0; i < KEYS; ++i) key[i] = art_mix64((uint64_t)i + 1);
  int32_t earlier = -1;
  assert_int_equal(art_keys_find_twice(key, KEYS, &earlier), -1);
  const int32_t pair[][2] = { { 1000000, 17 }, { 900000, 899999 }, { 3, 0 } };
  for (int p = 0; p < 3; ++p) {  // each earlier than those before
    key[pair[p][0]] = key[pair[p][1]];
    assert_int_equal(art_keys_find_twice(key, KEYS, &earlier), pair[p][0]);
    assert_int_equal(earlier, pair[p][1]);
  }
  for (int32_t i = 0; i < KEYS; ++i) key[i] = 5;  // all in one part
  assert_int_equal(art_keys_find_twice(key, KEYS, &earlier), 1);
  assert_int_equal(earlier, 0);
  free(key);
}

static void the_first_of_many_repeated_ids_is_found(void **state)
{
  (void)state;
  enum { IDS = (1 << 20) + 1000, WIDTH = 10 };
  char *text = art_new(IDS, WIDTH), **id = ART_NEW(char *, IDS);
  for (int32_t i = 0; i < IDS; ++i) {
    id[i] = text + (size_t)i * WIDTH;
    for (int32_t k = 0, rest = i; k < 7; ++k, rest /= 10) id[i][6 - k] = (char)('0' + rest % 10);
  }
  int32_t earlier = -1;
  assert_int_equal(art_ids_find_twice(id, IDS, &earlier), -1);
  strcpy(id[1040000], id[123]);
  assert_int_equal(art_ids_find_twice(id, IDS, &earlier), 1040000);
  assert_int_equal(earlier, 123);
  free(id);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_route_is_there_once_and_trips_keep_theirs),
    cmocka_unit_test(columns_of_one_value_are_told_without_a_column),
    cmocka_unit_test(parts_become_the_packed_whole),
    cmocka_unit_test(trips_out_of_order_and_twice_are_named),
    cmocka_unit_test(an_empty_demand_stays_empty),
    cmocka_unit_test(nobody_drives_otherwise),
    cmocka_unit_test(rows_are_those_of_the_run),
    cmocka_unit_test(pieces_of_a_pool_do_not_overlap),
    cmocka_unit_test(the_first_of_many_repeated_keys_is_found),
    cmocka_unit_test(the_first_of_many_repeated_ids_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
