// V72: nobody is lost and nothing is made up, step by step, on random cities with signals, stops, closures and timed
// limits (tests/property adds overlaps, red lights and zones). Three counts are made on ways of their own and must
// agree: the ledger of trips, the list of vehicles, and what entered and left each link.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/support/check.h"
#include "tests/support/known_answer.h"

enum { CITIES = 12, STEPS = 1200, STEP_MS = 500 };

typedef struct tally {
  int64_t steps, vehicles;                                             ///< looked at
  int64_t released, road, links, connectors, removed, clock, numbers;  ///< times that something was wrong
} tally;

typedef struct observer {
  const art_net *net;
  const art_demand *demand;
  art_snapshot shot;
  art_link_sums sums;
  int32_t *passed;          ///< by connector, in one step
  int64_t *on_link, *seen;  ///< by link: by what came and went, and by looking
  int64_t on_connectors;
  tally *found;
} observer;

static void count_by_flows(observer *o, art_sim *sim)
{
  art_sim_take_links(sim, &o->sums);
  art_sim_take_movements(sim, o->passed);
  for (int32_t l = 0; l < o->net->link_count; ++l) {
    o->on_link[l] += o->sums.entered[l] + o->sums.departed[l] - o->sums.left[l];
    o->on_connectors -= o->sums.entered[l];
  }
  for (int32_t c = 0; c < o->net->connector_count; ++c) o->on_connectors += o->passed[c];
}

static void count_by_looking(observer *o, const art_sim *sim)
{
  art_sim_snapshot(sim, &o->shot);
  int64_t connectors = 0;
  for (int32_t l = 0; l < o->net->link_count; ++l) o->seen[l] = 0;
  for (int64_t i = 0; i < o->shot.count; ++i) {
    const int32_t link = o->net->lane_link[o->shot.lane[i]];
    if (link < 0)
      ++connectors;
    else
      ++o->seen[link];
    const double pos = (double)o->shot.pos_m[i], speed = (double)o->shot.speed_mps[i];
    o->found->numbers += !(isfinite(pos) && pos >= 0.0 && isfinite(speed) && speed >= 0.0);
  }
  int64_t beside = 0;  // vehicles in bays belong to their link, and are not on the road
  for (int32_t l = 0; l < o->net->link_count; ++l) {
    o->found->links += o->seen[l] > o->on_link[l];
    beside += o->on_link[l] - o->seen[l];
  }
  o->found->links += beside != art_sim_ledger(sim).beside;
  o->found->connectors += connectors != o->on_connectors;
  o->found->vehicles += o->shot.count;
}

static void check_ledger(observer *o, const art_sim *sim)
{
  const art_ledger l = art_sim_ledger(sim);
  const art_tick now = art_sim_now(sim);
  int64_t due = 0;
  while (due < o->demand->trip_count && o->demand->trip_depart_ms[due] <= now - STEP_MS) ++due;
  o->found->released += due != l.inserted + l.waiting || l.loaded != due;
  o->found->road += l.inserted != l.arrived + l.running || l.running - l.beside != o->shot.count;
  o->found->removed += l.removed != 0;
}

static void watch_city(uint64_t seed, tally *found)
{
  const city_traits traits = city_traits_of(seed);
  random_city city = city_build(seed, &traits);
  const art_sim_setup setup = { .net = city.net,
                                .demand = city.demand,
                                .kernels = art_models_kernels(),
                                .seed = seed,
                                .step_ms = STEP_MS,
                                .end_ms = (art_tick)STEPS * STEP_MS,
                                .threads = 2,
                                .model = ART_MODEL_IIDM,
                                .change_count = city.change_count,
                                .change = city.change };
  observer o = { .net = city.net,
                 .demand = city.demand,
                 .passed = ART_NEW(int32_t, city.net->connector_count + 1),
                 .on_link = ART_NEW(int64_t, city.net->link_count),
                 .seen = ART_NEW(int64_t, city.net->link_count),
                 .found = found };
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  for (int s = 0; s < STEPS && !art_sim_is_finished(sim); ++s) {
    const art_tick before = art_sim_now(sim);
    assert_ok(art_sim_advance(sim, before + STEP_MS, &err), err);
    found->clock += art_sim_now(sim) != before + STEP_MS;
    count_by_flows(&o, sim);
    count_by_looking(&o, sim);
    check_ledger(&o, sim);
    ++found->steps;
  }
  art_sim_free(sim);
  art_snapshot_free(&o.shot);
  art_link_sums_free(&o.sums);
  free(o.passed);
  free(o.on_link);
  free(o.seen);
  city_free(&city);
}

static void v72_nothing_is_lost(void **state)
{
  (void)state;
  tally found = { 0 };
  for (uint64_t i = 0; i < CITIES; ++i) watch_city(art_hash2(72, i), &found);
  const struct {
    const char *what, *unit;
    int64_t wrong;
  } row[] = { { "released = inserted + waiting, violated", "steps", found.released },
              { "inserted = arrived + on the road, violated", "steps", found.road },
              { "vehicles on a link = entered - left, violated", "links x steps", found.links },
              { "vehicles on connectors = passed - entered links, violated", "steps", found.connectors },
              { "anybody removed", "steps", found.removed },
              { "clock does not advance by one step", "steps", found.clock },
              { "place or speed not a number, or negative", "vehicles x steps", found.numbers } };
  for (size_t i = 0; i < sizeof row / sizeof *row; ++i)
    art_answer(ART_GATE_HARD, "V72", row[i].what, row[i].unit, 0, (double)row[i].wrong, 0);
  print_message("%d cities, %lld steps, %lld vehicle updates\n", CITIES, (long long)found.steps,
                (long long)found.vehicles);
  assert_true(found.steps > 5000 && found.vehicles > 50000);  // there was something to see
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(v72_nothing_is_lost) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
