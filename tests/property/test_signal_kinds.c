// Random cities whose signals are actuated, NEMA, on call or fixed with priority, and change between these: the rules of
// signals hold, everybody gets through, and the results do not depend on the number of threads.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/net/add_control.h"
#include "core/step/control.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"

enum { CITIES = 16, CHANGES = 40, HASH_MS = 240000, MOST_MS = 7200000 };

static const uint8_t kinds[] = { ART_CONTROL_FIXED, ART_CONTROL_ACTUATED, ART_CONTROL_ACTUATED, ART_CONTROL_NEMA,
                                 ART_CONTROL_STAGES };
enum { KINDS = sizeof kinds };

static int goes(char letter)
{
  return letter == 'G' || letter == 'g';
}

static int is_stage(const char *letters, int32_t groups)
{
  int some = 0;
  for (int32_t g = 0; g < groups; ++g) {
    if (letters[g] == 'y') return 0;
    some |= goes(letters[g]);
  }
  return some;
}

/// The phases of the city's program, all of them or only those with green; returns how many.
static int32_t copy_phases(const art_net *net, int32_t program, int only_stages, int32_t groups, int64_t *duration,
                           char *letters)
{
  int32_t count = 0;
  for (int32_t f = net->program_first_phase[program]; f < net->program_first_phase[program + 1]; ++f) {
    const char *state = net->phase_state + net->phase_first_state[f];
    if (only_stages && !is_stage(state, groups)) continue;
    duration[count] = net->phase_duration_ms[f];
    memcpy(letters + (size_t)count * (size_t)groups, state, (size_t)groups);
    ++count;
  }
  return count;
}

static void set_phases(art_net *net, int32_t p, int32_t groups, dice *d)
{
  const int is_coordinated = chance(d, 0.3);
  net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = (float)is_coordinated;
  net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p] = (float)roll_int(d, 0, 1);
  net->program_value[ART_CONTROL_VALUE_priority_reach_m][p] = chance(d, 0.6) ? 120.0f : 0.0f;
  net->program_value[ART_CONTROL_VALUE_preemption_reach_m][p] = chance(d, 0.6) ? 200.0f : 0.0f;
  if (net->program_control[p] == ART_CONTROL_FIXED) return;
  const int may_skip = chance(d, 0.6);
  int32_t stage = 0;
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    if (!is_stage(net->phase_state + net->phase_first_state[f], groups)) continue;
    net->phase_min_ms[f] = 1000 * roll_int(d, 3, 8);
    net->phase_max_ms[f] = net->phase_min_ms[f] + 1000 * roll_int(d, 4, 40);
    net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] = 500 * roll_int(d, 3, 8);
    net->phase_time_ms[ART_PHASE_TIME_max_red_ms][f] = 120000;
    net->phase_flags[f] = ART_PHASE_MEMORY | (may_skip ? ART_PHASE_MAY_SKIP : 0);
    if (chance(d, 0.2)) net->phase_flags[f] |= ART_PHASE_RECALL_MIN;
    if (chance(d, 0.5)) {
      net->phase_time_ms[ART_PHASE_TIME_walk_ms][f] = 1000 * roll_int(d, 4, 8);
      net->phase_time_ms[ART_PHASE_TIME_foot_clearance_ms][f] = 1000 * roll_int(d, 3, 12);
    }
    if (is_coordinated && stage == 0) net->phase_flags[f] |= ART_PHASE_COORDINATED;
    if (net->program_control[p] == ART_CONTROL_NEMA) {
      net->phase_barrier[f] = (uint8_t)(stage % 2);
      net->phase_flags[f] |= ART_PHASE_DUAL_ENTRY;
    }
    ++stage;
  }
}

/// Beside the program of the city, one of each kind out of its phases.
static void add_kinds(art_net *net, dice *d)
{
  for (int32_t s = 0; s < net->signal_count; ++s) {
    const int32_t old = net->signal_first_program[s], groups = net->signal_group_count[s];
    const int32_t most = net->program_first_phase[old + 1] - net->program_first_phase[old];
    int64_t *duration = ART_NEW(int64_t, most);
    char *letters = ART_NEW(char, (size_t)most * (size_t)groups);
    for (int k = 0; k < KINDS; ++k) {
      const int only_stages = k != 0 && k != 1;
      const int32_t count = copy_phases(net, old, only_stages, groups, duration, letters);
      if (count == 0) continue;
      char id[32];
      snprintf(id, sizeof id, "kind %d", k);
      const int32_t p = art_net_add_program(net, s, id, count, duration, letters);
      net->program_control[p] = kinds[k];
      net->program_offset_ms[p] = 1000 * roll_int(d, 0, 60);
      set_phases(net, p, groups, d);
      art_sensor_places places = ART_SENSOR_PLACES;
      places.upstream_m = (float)roll(d, 10.0, 60.0);
      if (kinds[k] != ART_CONTROL_FIXED) art_net_add_sensors(net, p, &places);
    }
    net->signal_active[s] = roll_int(d, old, net->signal_first_program[s + 1] - 1);
    free(duration);
    free(letters);
  }
}

static art_sim *create(const random_city *city, uint64_t seed, int32_t changes, const art_change *change, int threads)
{
  const art_sim_setup setup = { .net = city->net,
                                .demand = city->demand,
                                .kernels = art_models_kernels(),
                                .seed = seed,
                                .step_ms = 500,
                                .end_ms = MOST_MS,
                                .threads = threads,
                                .model = ART_MODEL_IIDM,
                                .change_count = changes,
                                .change = change };
  art_sim *sim = NULL;
  art_error err = { 0 };
  if (art_sim_create(&setup, &sim, &err) != ART_OK) fail_msg("ARTERIAL_CITY=%" PRIu64 ": %s", seed, err.message);
  return sim;
}

static void advance(art_sim *sim, uint64_t seed, art_tick until_ms)
{
  art_error err = { 0 };
  if (art_sim_advance(sim, until_ms, &err) != ART_OK) fail_msg("ARTERIAL_CITY=%" PRIu64 ": %s", seed, err.message);
}

typedef struct tally {
  int64_t events, arrived, arrived_by_clock;
  int64_t runs[ART_CONTROL_COUNT];
} tally;

static void check_city(uint64_t seed, tally *t)
{
  city_traits traits = city_traits_of(seed);
  traits.with_signals = 1;
  traits.with_changes = 0;
  random_city city = city_build(seed, &traits);
  art_net *net = city.net;
  art_error err = { 0 };
  dice d = { art_hash2(seed, 92) };
  for (int32_t i = 0; i < city.demand->type_count; ++i)  // more buses and some in an emergency
    if (chance(&d, 0.4)) city.demand->type[i].vclass = chance(&d, 0.3) ? ART_VCLASS_EMERGENCY : ART_VCLASS_BUS;
  art_sim *by_clock = create(&city, seed, 0, NULL, 1);
  advance(by_clock, seed, MOST_MS);
  t->arrived_by_clock += art_sim_ledger(by_clock).arrived;
  art_sim_free(by_clock);
  add_kinds(net, &d);
  if (art_net_check(net, &err) != ART_OK) fail_msg("ARTERIAL_CITY=%" PRIu64 ": %s", seed, err.message);
  art_change change[CHANGES];
  int32_t changes = 0;
  for (; changes < CHANGES && net->signal_count > 0; ++changes) {
    const int32_t s = roll_int(&d, 0, net->signal_count - 1), from = 500 * roll_int(&d, 0, 2400);
    change[changes] = (art_change){ .kind = ART_CHANGE_PROGRAM,
                                    .link = s,
                                    .program = roll_int(&d, net->signal_first_program[s], net->signal_first_program[s + 1] - 1),
                                    .from_ms = from,
                                    .to_ms = from + 500 * roll_int(&d, 1, 600) };
  }
  art_sim *sim = create(&city, seed, changes, change, 1);
  advance(sim, seed, HASH_MS);
  const uint64_t hash = art_sim_hash(sim);
  for (int threads = 2; threads <= 3; ++threads) {
    art_sim *other = create(&city, seed, changes, change, threads);
    advance(other, seed, HASH_MS);
    assert_int_equal(art_sim_hash(other), hash);
    art_sim_free(other);
  }
  advance(sim, seed, MOST_MS);
  const art_signal_event *events;
  const int64_t count = art_sim_take_signal_events(sim, &events);
  for (int64_t i = 0; i < count; ++i) ++t->runs[net->program_control[events[i].program]];
  const art_ledger l = art_sim_ledger(sim);
  t->events += count;
  t->arrived += l.arrived;
  if (l.short_yellows || l.short_greens || l.short_intergreens || l.conflicting_greens)
    fail_msg("ARTERIAL_CITY=%" PRIu64 ": %" PRId64 " short yellows, %" PRId64 " short greens, %" PRId64
             " short intergreens, %" PRId64 " conflicting greens",
             seed, l.short_yellows, l.short_greens, l.short_intergreens, l.conflicting_greens);
  art_sim_free(sim);
  city_free(&city);
}

static void cities_with_every_kind_of_control(void **state)
{
  (void)state;
  const char *one = getenv("ARTERIAL_CITY");
  tally t = { 0 };
  if (one) {
    check_city(strtoull(one, NULL, 10), &t);
    return;
  }
  for (uint64_t n = 0; n < CITIES; ++n) check_city(art_hash2(2811, n), &t);
  print_message("%" PRId64 " trips arrived, by the clock %" PRId64 "; %" PRId64 " events", t.arrived, t.arrived_by_clock,
                t.events);
  // Some of these cities jam by themselves.
  assert_true(t.arrived >= t.arrived_by_clock * 98 / 100);
  for (int k = 0; k < KINDS; ++k) {
    print_message(", %s %" PRId64, art_control_name(kinds[k]), t.runs[kinds[k]]);
    assert_true(t.runs[kinds[k]] > 200);
  }
  print_message("\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(cities_with_every_kind_of_control) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
