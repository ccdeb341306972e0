// Drivers who look for faster ways: where demand is more than fixed routes can carry they bring more of it through, nobody does
// so unless asked to, nothing depends on threads, and who has stops to make keeps its way.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "scenarios/generate/generate.h"
#include "scenarios/run/kernels.h"
#include "tests/support/check.h"

enum { TRIPS = 1400, MINUTES = 20 };

typedef struct town {
  art_city *city;
  art_demand *demand;
} town;

static town town_with_too_much_traffic(void)
{
  town t;
  art_error err = { 0 };
  art_grid_options o = { .street = art_street_defaults(), .columns = 4, .rows = 4, .block_m = 150.0 };
  o.street.lanes = 1;
  assert_ok(art_generate_grid(&o, &t.city, &err), err);
  const art_trips_options trips = {
    .trips = TRIPS, .duration_s = MINUTES * 60.0, .vclass = ART_VCLASS_PASSENGER, .noise = 0.1, .seed = 3
  };
  assert_ok(art_generate_trips(t.city, &trips, &t.demand, NULL, &err), err);
  return t;
}

static void town_free(town *t)
{
  art_demand_free(t->demand);
  art_city_free(t->city);
}

typedef struct outcome {
  art_ledger end;
  uint64_t hash;
  int64_t reroutes;
  int rerouted;  ///< trips that took another way
} outcome;

static outcome drive(const town *t, double share, int threads)
{
  const art_sim_setup setup = { .net = t->city->net,
                                .demand = t->demand,
                                .kernels = art_models_kernels(),
                                .seed = 1,
                                .step_ms = 500,
                                .end_ms = MINUTES * 60000,
                                .threads = threads,
                                .model = ART_MODEL_IIDM,
                                .reroute_share = share,
                                .reroute_period_ms = 120000 };
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, MINUTES * 60000, &err), err);
  outcome o = { .end = art_sim_ledger(sim), .hash = art_sim_hash(sim) };
  for (int32_t i = 0; i < t->demand->trip_count; ++i) {
    o.reroutes += sim->row[i].reroutes;
    o.rerouted += sim->row[i].reroutes > 0;
    const int32_t route = t->demand->trip_route[i], *own = art_record(sim, i)->links;
    if (!art_record(sim, i)->owns_links) continue;  // another way leads to the same place
    assert_int_equal(own[art_record(sim, i)->link_count - 1], t->demand->route_link[t->demand->route_first[route + 1] - 1]);
    assert_int_equal(own[0], t->demand->route_link[t->demand->route_first[route]]);
  }
  art_sim_free(sim);
  return o;
}

static void more_get_through_an_overloaded_town(void **state)
{
  (void)state;
  town t = town_with_too_much_traffic();
  const outcome fixed = drive(&t, 0.0, 2), half = drive(&t, 0.5, 2);
  print_message("arrived of %d: %d on fixed routes, %d where half of them look around (%d took other ways)\n", TRIPS,
                (int)fixed.end.arrived, (int)half.end.arrived, half.rerouted);
  assert_true(half.end.arrived > fixed.end.arrived + TRIPS / 20);
  assert_true(half.rerouted > TRIPS / 20 && half.rerouted < TRIPS * 6 / 10);
  assert_true(fixed.reroutes < half.reroutes / 4);  // only detours round what is blocked
  town_free(&t);
}

static void threads_do_not_matter(void **state)
{
  (void)state;
  town t = town_with_too_much_traffic();
  const outcome one = drive(&t, 0.5, 1), three = drive(&t, 0.5, 3);
  assert_true(one.hash == three.hash);
  assert_int_equal(one.reroutes, three.reroutes);
  town_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(more_get_through_an_overloaded_town),
    cmocka_unit_test(threads_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
