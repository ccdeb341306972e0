// V69, what the engine owes to paired comparisons: the same seed and scenario give the same bits with any number of
// threads, and a change in one corner of a city leaves those who never come near as they were, to the last bit.
//
// Two districts of one city, joined by a long road from the first to the second:
//
//     n0 ==l0==> n1 --l2--> n2          n6
//     n3 --l1--> n1                     | l4
//                n1 -------l3-------> n4 ==l5==> n5
//
// l1 yields at n1, l4 at n4. Trips of district A end on l2, others go on to B by l3, others live in B.
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "scenarios/compare/statistics.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/unit/small_net.h"

enum { TRIPS = 400, HEADWAY_MS = 2500, UNTIL_MS = 2400000, SEEDS = 8 };
enum { ROUTE_A_MAIN, ROUTE_A_SIDE, ROUTE_AB_MAIN, ROUTE_AB_SIDE, ROUTE_B, ROUTES };
enum { FAR_LINK = 5 };

static art_net *two_districts(void)
{
  static const small_link links[] = { { 0, 1, 2, 300, 13.89f }, { 3, 1, 1, 200, 13.89f },
                                      { 1, 2, 1, 400, 13.89f }, { 1, 4, 1, 1500, 16.67f },
                                      { 6, 4, 1, 200, 13.89f }, { 4, 5, 2, 400, 13.89f },
                                      { .length_m = 0 } };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 16, .speed_mps = 10 },
    { .from_link = 0, .from_lane = 1, .to_link = 3, .length_m = 15, .speed_mps = 9 },
    { .from_link = 1, .to_link = 2, .length_m = 12, .speed_mps = 8, .state = 'm' },
    { .from_link = 1, .to_link = 3, .length_m = 18, .speed_mps = 8, .state = 'm' },
    { .from_link = 3, .to_link = 5, .length_m = 10, .speed_mps = 13 },
    { .from_link = 3, .to_link = 5, .to_lane = 1, .length_m = 10, .speed_mps = 13 },
    { .from_link = 4, .to_link = 5, .length_m = 14, .speed_mps = 8, .state = 'm' },
    { .length_m = 0 }
  };
  static const small_conflict conflicts[] = { { 0, 2, ART_CONFLICT_MERGE, 0, 1, 10, 16, 6, 12 },
                                              { 0, 3, ART_CONFLICT_CROSS, 0, 1, 5, 8, 6, 9 },
                                              { 1, 3, ART_CONFLICT_MERGE, 0, 1, 9, 15, 12, 18 },
                                              { 2, 3, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 },
                                              { 4, 5, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 },
                                              { 4, 6, ART_CONFLICT_MERGE, 0, 1, 5, 10, 9, 14 },
                                              { .a_exit_m = 0 } };
  return small_net(7, links, paths, conflicts);
}

/// Cars and trucks; a trip draws its type and speed.
static void add_trucks(art_demand *d)
{
  d->type_count = 2;
  d->type = art_renew(d->type, 2, sizeof *d->type);
  d->type[1] = art_vtype_default();
  d->type[1].length_m = 11.0f;
  d->type[1].accel_mps2 = 1.1f;
  d->type[1].max_speed_mps = 12.0f;
  d->type_id = art_renew(d->type_id, 2, sizeof *d->type_id);
  d->type_id[1] = art_strdup("truck");
  d->set_first[1] = 2;
  d->set_type = art_renew(d->set_type, 2, sizeof *d->set_type);
  d->set_type[1] = 1;
  d->set_probability = art_renew(d->set_probability, 2, sizeof *d->set_probability);
  d->set_probability[0] = 0.8f;
  d->set_probability[1] = 0.2f;
}

/// Route of a trip, by its key, so that it is the same in every variant of the demand.
static int32_t route_of(uint64_t key)
{
  return (int32_t)(art_hash2(key, 7) % ROUTES);
}

static void drop_trip(art_demand *d, int32_t i)
{
  free(d->trip_id[i]);
  --d->trip_count;
  for (int32_t k = i; k < d->trip_count; ++k) {
    d->trip_id[k] = d->trip_id[k + 1];
    d->trip_key[k] = d->trip_key[k + 1];
    d->trip_depart_ms[k] = d->trip_depart_ms[k + 1];
    d->trip_route[k] = d->trip_route[k + 1];
  }
}

/// `fewer_in_b`: every other trip that lives in B stays at home, which moves the rows of all later ones.
static art_demand *district_demand(const art_net *net, int fewer_in_b)
{
  static const int32_t link[] = { 0, 2, 1, 2, 0, 3, 5, 1, 3, 5, 4, 5 };
  static const int64_t first[ROUTES + 1] = { 0, 2, 4, 7, 10, 12 };
  art_demand *d = art_test_demand_flow(net, 2, link, TRIPS, 0, HEADWAY_MS);
  add_trucks(d);
  d->route_count = ROUTES;
  d->route_first = art_renew(d->route_first, ROUTES + 1, sizeof *d->route_first);
  memcpy(d->route_first, first, sizeof first);
  d->route_link = art_renew(d->route_link, sizeof link / sizeof *link, sizeof *d->route_link);
  memcpy(d->route_link, link, sizeof link);
  for (int32_t i = 0; i < d->trip_count; ++i) {
    d->trip_route[i] = route_of(d->trip_key[i]);
    d->trip_depart_lane[i] = ART_LANE_RANDOM;
  }
  for (int32_t i = d->trip_count - 1; fewer_in_b && i >= 0; --i)
    if (d->trip_route[i] == ROUTE_B && i % 2) drop_trip(d, i);
  return d;
}

// ---- what a trip did ---------------------------------------------------------------------------------------------------

typedef struct life {
  uint64_t key, path;  ///< path: hash of time, lane, place and speed in every step
  art_trip_row row;
} life;

typedef struct outcome {
  uint64_t hash;
  int32_t count;
  life *of;
  double mean_travel_s;
} outcome;

static uint64_t step_hash(uint64_t before, art_tick now, int32_t lane, float pos, float speed)
{
  const uint64_t place = (uint64_t)art_bits_of_float(pos) << 32 | art_bits_of_float(speed);
  return art_hash2(before, art_hash2((uint64_t)now, art_hash2((uint64_t)lane, place)));
}

static outcome drive(const art_net *net, const art_demand *demand, const art_change *change, uint64_t seed,
                     int32_t threads)
{
  art_sim_setup setup = small_setup(net, demand);
  setup.seed = seed;
  setup.threads = threads;
  setup.change = change;
  setup.change_count = change != NULL;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  outcome o = { .count = demand->trip_count, .of = ART_NEW(life, demand->trip_count) };
  art_snapshot shot = { 0 };
  while (art_sim_now(sim) < UNTIL_MS && !art_sim_is_finished(sim)) {
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + setup.step_ms, &err), err);
    art_sim_snapshot(sim, &shot);
    for (int64_t i = 0; i < shot.count; ++i) {
      life *l = &o.of[shot.trip[i]];
      l->path = step_hash(l->path, art_sim_now(sim), shot.lane[i], shot.pos_m[i], shot.speed_mps[i]);
    }
  }
  assert_int_equal(art_sim_ledger(sim).arrived, demand->trip_count);
  for (int32_t i = 0; i < o.count; ++i) {
    o.of[i].key = demand->trip_key[i];
    o.of[i].row = art_sim_trips(sim)[i];
    o.mean_travel_s += 1e-3 * (double)(o.of[i].row.arrival_ms - demand->trip_depart_ms[i]) / o.count;
  }
  o.hash = art_sim_hash(sim);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  return o;
}

static int same_row(const art_trip_row *a, const art_trip_row *b)
{
  return a->insert_ms == b->insert_ms && a->arrival_ms == b->arrival_ms && a->route_mm == b->route_mm &&
         a->free_ms == b->free_ms && a->waiting_ms == b->waiting_ms && a->stop_ms == b->stop_ms &&
         a->stops == b->stops && a->type == b->type && a->depart_lane == b->depart_lane &&
         a->arrival_lane == b->arrival_lane && a->speed_factor == b->speed_factor &&
         a->missed_turns == b->missed_turns && a->rotations == b->rotations && a->reroutes == b->reroutes &&
         a->longest_standstill_ms == b->longest_standstill_ms && a->state == b->state;
}

typedef struct differences {
  int compared;
  int rows, paths;  ///< trips whose row, or whose way through space and time, is not the same
  int draws;        ///< type, speed factor or lane of departure differ
} differences;

/// Trips that are in both and whose route is marked.
static differences compare_lives(const outcome *a, const outcome *b, const int marked[ROUTES])
{
  differences d = { 0 };
  for (int32_t i = 0; i < a->count; ++i) {
    if (!marked[route_of(a->of[i].key)]) continue;
    for (int32_t k = 0; k < b->count; ++k) {
      if (b->of[k].key != a->of[i].key) continue;
      const art_trip_row *x = &a->of[i].row, *y = &b->of[k].row;
      ++d.compared;
      d.rows += !same_row(x, y);
      d.paths += a->of[i].path != b->of[k].path;
      d.draws += x->type != y->type || x->speed_factor != y->speed_factor;
      break;
    }
  }
  return d;
}

static const int in_a[ROUTES] = { [ROUTE_A_MAIN] = 1, [ROUTE_A_SIDE] = 1 };
static const int reach_b[ROUTES] = { [ROUTE_AB_MAIN] = 1, [ROUTE_AB_SIDE] = 1, [ROUTE_B] = 1 };
static const int all[ROUTES] = { 1, 1, 1, 1, 1 };

/// The far end of B crawls for some minutes; its queue ends on the long road.
static const art_change crawl = { .kind = ART_CHANGE_SPEED_LIMIT,
                                  .link = FAR_LINK,
                                  .lane = -1,
                                  .from_ms = 60000,
                                  .to_ms = 400000,
                                  .value = 3.0f };

static void identical_runs_are_identical(void **state)
{
  (void)state;
  art_net *net = two_districts();
  art_error err = { 0 };
  assert_ok(art_net_check(net, &err), err);
  art_demand *demand = district_demand(net, 0);
  outcome one = drive(net, demand, NULL, 5, 1), other = drive(net, demand, NULL, 6, 1);
  for (int32_t threads = 1; threads <= 3; ++threads) {
    outcome again = drive(net, demand, NULL, 5, threads);
    const differences d = compare_lives(&one, &again, all);
    char what[96];
    snprintf(what, sizeof what, "same seed and scenario, %d thread%s: trips not bit-identical, of %d",
             (int)threads, threads > 1 ? "s" : "", d.compared);
    art_answer(ART_GATE_HARD, "V69", what, "trips", 0, d.rows + d.paths + (one.hash != again.hash), 0);
    free(again.of);
  }
  assert_int_not_equal(one.hash, other.hash);  // else the comparison would prove nothing
  free(one.of);
  free(other.of);
  art_demand_free(demand);
  art_net_free(net);
}

static void far_changes_leave_the_others_alone(void **state)
{
  (void)state;
  art_net *net = two_districts();
  art_demand *demand = district_demand(net, 0), *fewer = district_demand(net, 1);
  outcome base = drive(net, demand, NULL, 5, 2);
  outcome slow = drive(net, demand, &crawl, 5, 2), thin = drive(net, fewer, NULL, 5, 2);
  const struct {
    const char *name;
    const outcome *alt;
  } row[] = { { "speed limit in the far corner", &slow }, { "fewer trips in the far corner", &thin } };
  for (int i = 0; i < 2; ++i) {
    const differences near = compare_lives(&base, row[i].alt, in_a),
                      far = compare_lives(&base, row[i].alt, reach_b);
    char what[120];
    snprintf(what, sizeof what, "%s: untouched trips with another row or path, of %d", row[i].name,
             near.compared);
    art_answer(ART_GATE_HARD, "V69", what, "trips", 0, near.rows + near.paths, 0);
    snprintf(what, sizeof what, "%s: any trip that draws another driver", row[i].name);
    art_answer(ART_GATE_HARD, "V69", what, "trips", 0, near.draws + far.draws, 0);
    assert_true(near.compared > 100 && far.compared > 100);
    assert_true(far.paths > 50);  // the change is felt where it is made
  }
  free(base.of);
  free(slow.of);
  free(thin.of);
  art_demand_free(fewer);
  art_demand_free(demand);
  art_net_free(net);
}

/// Replications of both scenarios with the same seeds: how much the common draws save.
static void common_random_numbers_save_runs(void **state)
{
  (void)state;
  static const art_change limit = { .kind = ART_CHANGE_SPEED_LIMIT,
                                    .link = FAR_LINK,
                                    .lane = -1,
                                    .from_ms = 0,
                                    .to_ms = UNTIL_MS,
                                    .value = 11.0f };
  art_net *net = two_districts();
  art_demand *demand = district_demand(net, 0);
  double base[SEEDS], alt[SEEDS];
  for (int s = 0; s < SEEDS; ++s) {
    outcome a = drive(net, demand, NULL, (uint64_t)(s + 1), 1),
            b = drive(net, demand, &limit, (uint64_t)(s + 1), 1);
    base[s] = a.mean_travel_s;
    alt[s] = b.mean_travel_s;
    free(a.of);
    free(b.of);
  }
  const art_paired r = art_stats_paired(SEEDS, base, alt, .95);
  assert_true(r.low > 0.0);  // slower, and eight seeds are enough to say so
  art_answer_within(ART_GATE_HARD, "V69",
                    "13.9 to 11.1 m/s on one link, 8 seeds: correlation of mean travel times", "1", 0.5, 1.0,
                    r.correlation);
  art_answer_within(ART_GATE_HARD, "V69", "the same: variance without pairing over variance with", "1", 2.0,
                    INFINITY, r.gain);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(identical_runs_are_identical),
    cmocka_unit_test(far_changes_leave_the_others_alone),
    cmocka_unit_test(common_random_numbers_save_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
