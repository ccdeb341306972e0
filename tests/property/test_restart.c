// Random small cities with signals of all kinds, people, detectors, bays, closures and drivers who look for other ways:
// a run is saved at a random step and goes on in another simulation with another number of threads. At moments after that,
// and at the end, its whole state is that of the run that never stopped, byte for byte: hash, account, rows of trips, sums,
// cycles, the log of the signals.
//
// Seeds: city i of a run is built from hash(ARTERIAL_SEED or 1, i). ARTERIAL_CITY=<seed as printed> runs that one alone,
// ARTERIAL_CITIES so many.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/net/add_control.h"
#include "core/step/approaches_internal.h"
#include "core/step/signals_internal.h"
#include "core/step/state_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/property/random_detectors.h"
#include "tests/support/check.h"
#include "tests/support/seed.h"
#include "tests/support/state_rig.h"

enum { CITIES = 120, CHANGES = 14, MOMENTS = 4 };

static const uint8_t kinds[] = { ART_CONTROL_ACTUATED, ART_CONTROL_NEMA,     ART_CONTROL_STAGES, ART_CONTROL_MAX_PRESSURE,
                                 ART_CONTROL_SOTL,     ART_CONTROL_ADAPTIVE, ART_CONTROL_OFF,    ART_CONTROL_FLASHING };
enum { KINDS = sizeof kinds };

/// A city and how it is run.
typedef struct scene {
  uint64_t seed;
  random_city city;
  art_change change[CHANGES];
  int32_t changes, step_ms;
  double reroute_share;
  int approaches;
  art_tick end_ms, until_ms;
} scene;

/// What the cities had of all that is saved, so that nothing is tested only by name.
typedef struct tally {
  int64_t states, bytes, arrivals, beside, passing, waiting, no_route, cycles, entering, events, pending, ways, over, people,
      sensors, limits, closed, queued_red, zones;
} tally;

// --- the city -------------------------------------------------------------------------------------------------------

static int is_stage(const char *letters, int32_t groups)
{
  int some = 0;
  for (int32_t g = 0; g < groups; ++g) {
    if (letters[g] == 'y') return 0;
    some |= art_letter_goes(letters[g]);
  }
  return some;
}

static void set_phases(art_net *net, int32_t p, int32_t groups, dice *d)
{
  net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = (float)chance(d, 0.3);
  net->program_value[ART_CONTROL_VALUE_priority_reach_m][p] = chance(d, 0.6) ? 120.0f : 0.0f;
  net->program_value[ART_CONTROL_VALUE_preemption_reach_m][p] = chance(d, 0.6) ? 200.0f : 0.0f;
  int32_t stage = 0;
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    if (!is_stage(net->phase_state + net->phase_first_state[f], groups)) continue;
    net->phase_min_ms[f] = 1000 * roll_int(d, 3, 8);
    net->phase_max_ms[f] = net->phase_min_ms[f] + 1000 * roll_int(d, 4, 40);
    net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] = 500 * roll_int(d, 3, 8);
    net->phase_time_ms[ART_PHASE_TIME_max_red_ms][f] = 120000;
    net->phase_flags[f] = ART_PHASE_MEMORY | (chance(d, 0.5) ? ART_PHASE_MAY_SKIP : 0);
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
    const int32_t first = net->program_first_phase[old], most = net->program_first_phase[old + 1] - first;
    int64_t *duration = ART_NEW(int64_t, most);
    char *letters = ART_NEW(char, (size_t)most *(size_t)groups);
    for (int k = 0; k < KINDS; ++k) {
      int32_t count = 0;
      const int writes_out = kinds[k] == ART_CONTROL_ACTUATED || kinds[k] == ART_CONTROL_ADAPTIVE;
      for (int32_t f = first; f < first + most; ++f) {
        const char *state = net->phase_state + net->phase_first_state[f];
        if (!writes_out && !is_stage(state, groups)) continue;
        duration[count] = net->phase_duration_ms[f];
        memcpy(letters + (size_t)count++ * (size_t)groups, state, (size_t)groups);
      }
      if (count == 0) continue;
      char id[32];
      snprintf(id, sizeof id, "kind %d", k);
      const int32_t p = art_net_add_program(net, s, id, count, duration, letters);
      net->program_control[p] = kinds[k];
      set_phases(net, p, groups, d);
      art_sensor_places places = ART_SENSOR_PLACES;
      places.upstream_m = (float)roll(d, 10.0, 60.0);
      art_net_add_sensors(net, p, &places);
    }
    net->signal_active[s] = roll_int(d, old, net->signal_first_program[s + 1] - 1);
    free(duration);
    free(letters);
  }
}

static void draw_changes(scene *s, dice *d)
{
  const art_net *net = s->city.net;
  for (int32_t n = 0; n < CHANGES; ++n) {
    const art_tick from = 1000 * roll_int(d, 0, 500), to = from + 1000 * roll_int(d, 5, 200);
    const int32_t link = roll_int(d, 0, net->link_count - 1);
    art_change change = { .kind = ART_CHANGE_CLOSE_LINK, .link = link, .lane = -1, .from_ms = from, .to_ms = to };
    if (n % 5 == 1) change.lane = 0;
    if (n % 5 == 2) change.kind = ART_CHANGE_SPEED_LIMIT, change.value = (float)roll(d, 3.0, 20.0);
    if (n % 5 == 3) change.kind = ART_CHANGE_PERMISSIONS, change.classes = ART_PERMIT_ALL & ~(1u << ART_VCLASS_PASSENGER);
    if (n % 5 == 4) {
      if (net->signal_count == 0) continue;
      change.kind = ART_CHANGE_PROGRAM;
      change.link = roll_int(d, 0, net->signal_count - 1);
      change.program = roll_int(d, net->signal_first_program[change.link], net->signal_first_program[change.link + 1] - 1);
    }
    if (chance(d, 0.6)) s->change[s->changes++] = change;
  }
}

/// Two-way streets of one length, long and slow, where many stop for long: others pass them through the opposite lane.
static void add_long_stops(random_city *city, dice *d)
{
  art_net *net = city->net;
  for (int32_t a = 0; a < net->link_count; ++a)
    for (int32_t b = 0; b < net->link_count; ++b) {
      if (net->link_from[a] != net->link_to[b] || net->link_to[a] != net->link_from[b]) continue;
      for (int32_t lane = net->link_first_lane[a]; lane < net->link_first_lane[a + 1]; ++lane) {
        net->lane_length_m[lane] = art_maxf(net->lane_length_m[lane], 260.0f);
        net->lane_speed_mps[lane] = art_minf(net->lane_speed_mps[lane], 8.33f);
      }
    }
  for (int32_t at = 0; at < city->demand->stop_count; ++at) {
    city->demand->stop_duration_ms[at] += 1000 * roll_int(d, 20, 90);
    city->demand->stop_beside[at] = chance(d, 0.3);
  }
  for (int32_t t = 0; t < city->demand->type_count; ++t) city->demand->type[t].lc_opposite = 1.0f;
}

static scene scene_of(uint64_t seed)
{
  static const int32_t steps[] = { 500, 500, 500, 1000, 250, 100 };
  dice d = { art_hash2(seed, 71) };
  city_traits traits = city_traits_of(seed);
  traits.with_signals = chance(&d, 0.7);
  traits.with_stops = chance(&d, 0.6);
  traits.with_changes = 0;
  traits.trips *= (int32_t[]){ 1, 2, 4 }[roll_int(&d, 0, 2)];
  const int long_stops = chance(&d, 0.4);
  if (long_stops) traits.with_stops = 1, traits.most_lanes = 1;
  scene s = { .seed = seed, .city = city_build(seed, &traits), .step_ms = steps[roll_int(&d, 0, 5)] };
  for (int32_t t = 0; t < s.city.demand->type_count; ++t)
    if (chance(&d, 0.3)) s.city.demand->type[t].vclass = chance(&d, 0.3) ? ART_VCLASS_EMERGENCY : ART_VCLASS_BUS;
  if (long_stops) add_long_stops(&s.city, &d);
  if (chance(&d, 0.7)) city_detectors(s.city.net, &(detector_numbers){ .loops = 4, .areas = 3, .zones = 2 }, &d);
  add_kinds(s.city.net, &d);
  art_error err = { 0 };
  assert_ok(art_net_check(s.city.net, &err), err);
  if (chance(&d, 0.7)) draw_changes(&s, &d);
  s.reroute_share = chance(&d, 0.5) ? roll(&d, 0.2, 1.0) : 0.0;
  s.approaches = chance(&d, 0.7);
  s.until_ms = s.step_ms < 250 ? 240000 : 900000;
  s.end_ms = 3600000;
  return s;
}

static art_sim *create(const scene *s, int32_t threads, art_tick end_ms)
{
  const art_sim_setup setup = { .net = s->city.net,
                                .demand = s->city.demand,
                                .kernels = art_models_kernels(),
                                .seed = s->seed,
                                .step_ms = s->step_ms,
                                .end_ms = end_ms,
                                .threads = threads,
                                .instructions = threads == 3 ? "baseline" : NULL,
                                .model = ART_MODEL_IIDM,
                                .change_count = s->changes,
                                .change = s->change,
                                .reroute_share = s->reroute_share,
                                .reroute_period_ms = 20000,
                                .approaches = s->approaches };
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

static void advance(art_sim *sim, const scene *s, art_tick until_ms)
{
  art_error err = { 0 };
  if (art_sim_advance(sim, until_ms, &err) != ART_OK) fail_msg("ARTERIAL_CITY=%" PRIu64 ": %s", s->seed, err.message);
}

/// What a run hands over now and then; both runs do so at the same moments.
static void take_some(art_sim *sim, int moment)
{
  const art_signal_event *events;
  const art_signal_cycle *cycles;
  const art_line_passage *passages;
  art_link_sums links = { 0 };
  if (moment % 2) return;
  (void)art_sim_take_signal_events(sim, &events);
  (void)art_sim_take_cycles(sim, 0, &cycles);
  (void)art_sim_take_passages(sim, &passages);
  art_sim_take_links(sim, &links);
  art_link_sums_free(&links);
}

// --- comparing ------------------------------------------------------------------------------------------------------

static void count_state(const art_sim *sim, const art_bytes *state, tally *t)
{
  const art_net *net = sim->net;
  ++t->states;
  t->bytes += (int64_t)state->count;
  t->beside += sim->beside_count;
  t->cycles += sim->cycle_count;
  t->events += sim->signals->event_count;
  t->ways += sim->reroute != NULL;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    t->arrivals += sim->inbox[lane] >= 0;
    t->entering += sim->entering[ART_BUFFER(sim) ^ 1][lane] != ART_OVERHANG_NONE;
    t->limits += art_bits_of_float(sim->speed_limit_mps[lane]) != art_bits_of_float(net->lane_speed_mps[lane]);
    t->closed += sim->lane_closed[lane];
    t->queued_red += lane < net->link_lane_count && sim->lane_red_ms[lane] != ART_NOT_RED;
  }
  for (int32_t link = 0; link < net->link_count; ++link) {
    t->waiting += sim->queue[link].count - sim->queue[link].first;
    t->passing += sim->pass && sim->pass[link].ask.state == ART_PASS_BESIDE;
  }
  for (int32_t trip = 0; trip < sim->demand->trip_count; ++trip) t->no_route += sim->no_route[trip];
  for (int32_t x = 0; sim->foot_waits && x < net->crossing_count; ++x) t->people += sim->foot_waits[x];
  for (int32_t i = 0; i < sim->signals->used_count; ++i) t->sensors += sim->signals->sensor[sim->signals->used[i]].occupied;
  for (int32_t d = 0; d < net->detector_count; ++d) t->zones += sim->zone_inside[d];
  if (!sim->measures_approaches) return;
  t->over += sim->approaches->over_count;
  for (int32_t i = 0; i < sim->approaches->slot_count; ++i) t->pending += sim->approaches->slot[i].pending;
}

static void expect_same(art_sim *a, art_sim *b, const scene *s, art_tick saved_ms)
{
  art_bytes of_a = { 0 }, of_b = { 0 };
  char section[5];
  size_t at;
  if (art_sim_hash(a) != art_sim_hash(b))
    fail_msg("ARTERIAL_CITY=%" PRIu64 " saved at %.1f s, at %.1f s: hash %016" PRIx64 ", restored %016" PRIx64, s->seed,
             (double)saved_ms * 1e-3, (double)art_sim_now(a) * 1e-3, art_sim_hash(a), art_sim_hash(b));
  state_take(a, &of_a);
  state_take(b, &of_b);
  if (ART_STATE_IS_CANONICAL && state_differs(&of_a, &of_b, section, &at))
    fail_msg("ARTERIAL_CITY=%" PRIu64 " saved at %.1f s, at %.1f s: states differ in %s, byte %zu", s->seed,
             (double)saved_ms * 1e-3, (double)art_sim_now(a) * 1e-3, section, at);
  const art_ledger la = art_sim_ledger(a), lb = art_sim_ledger(b);
  assert_memory_equal(&la, &lb, sizeof la);
  free(of_a.data);
  free(of_b.data);
}

/// What is rare: states are also saved where it is there.
enum { WISH_NONE, WISH_CIRCLE, WISH_PASSING, WISH_BAY, WISH_OVER, WISHES };

static int has_wish(const art_sim *sim, int wish)
{
  int passing = 0;
  for (int32_t link = 0; wish == WISH_PASSING && sim->pass && link < sim->net->link_count; ++link)
    passing |= sim->pass[link].ask.state == ART_PASS_BESIDE;
  return (wish == WISH_CIRCLE && sim->cycle_count > 0) || passing || (wish == WISH_BAY && sim->beside_count > 0) ||
         (wish == WISH_OVER && sim->measures_approaches && sim->approaches->over_count > 0);
}

/// When to save: at a random step, or at the first one after it that has what is wished for.
static art_tick draw_time(const scene *s, dice *d)
{
  const int32_t steps = (int32_t)(s->until_ms / s->step_ms);
  const art_tick drawn = (art_tick)s->step_ms * (chance(d, 0.04) ? 0 : roll_int(d, 1, steps * 2 / 3));
  const int wish = roll_int(d, 0, WISHES - 1);
  if (wish == WISH_NONE) return drawn;
  art_sim *sim = create(s, 1, s->end_ms);
  advance(sim, s, drawn / 2);
  art_tick now = art_sim_now(sim);
  while (!has_wish(sim, wish) && now < s->until_ms && !art_sim_is_finished(sim)) {
    advance(sim, s, now + s->step_ms);
    now = art_sim_now(sim);
  }
  const art_tick found = has_wish(sim, wish) ? now : drawn;
  art_sim_free(sim);
  return found;
}

static void check_city(uint64_t seed, tally *t)
{
  scene s = scene_of(seed);
  dice d = { art_hash2(seed, 72) };
  const art_tick saved_ms = draw_time(&s, &d);
  const int before = roll_int(&d, 1, 3), after = 1 + before % 3;
  const art_tick first_end_ms = chance(&d, 0.4) ? saved_ms + s.step_ms : s.end_ms;  // it may go on to a later one
  art_sim *whole = create(&s, 1, s.end_ms), *first = create(&s, before, first_end_ms);
  advance(whole, &s, saved_ms);
  advance(first, &s, saved_ms);
  art_bytes state = { 0 };
  state_take(first, &state);
  count_state(first, &state, t);
  art_sim_free(first);
  art_sim *second = create(&s, after, s.end_ms);
  art_error err = { 0 };
  if (art_sim_restore(second, state.data, state.count, &err) != ART_OK)
    fail_msg("ARTERIAL_CITY=%" PRIu64 " saved at %.1f s: %s", seed, (double)saved_ms * 1e-3, err.message);
  free(state.data);
  advance(second, &s, saved_ms);  // where the first one was at its end earlier, since nobody was left
  expect_same(whole, second, &s, saved_ms);
  for (int m = 0; m < MOMENTS; ++m) {
    const art_tick last = art_sim_now(whole);
    const art_tick to = m == 0 ? last + s.step_ms : m == MOMENTS - 1 ? s.until_ms + 60000 : last + 500 * roll_int(&d, 1, 120);
    take_some(whole, m);
    take_some(second, m);
    advance(whole, &s, to);
    advance(second, &s, to);
    expect_same(whole, second, &s, saved_ms);
  }
  art_sim_free(whole);
  art_sim_free(second);
  city_free(&s.city);
}

static void restored_runs_go_on_as_if_they_had_never_stopped(void **unused)
{
  (void)unused;
  tally t = { 0 };
  const char *one = getenv("ARTERIAL_CITY"), *many = getenv("ARTERIAL_CITIES");
  const int cities = one ? 1 : many ? atoi(many) : CITIES;
  for (int i = 0; i < cities; ++i) check_city(one ? strtoull(one, NULL, 10) : art_hash2(art_test_seed(), (uint64_t)i), &t);
  print_message("%" PRId64 " states of %" PRId64 " bytes on average; in them: between blocks %" PRId64 ", lanes entered %" PRId64
                ", in bays %" PRId64 ", passing %" PRId64 ", waiting outside %" PRId64 ", without a way %" PRId64 ", circles %" PRId64
                ", events %" PRId64 ", crossings pending %" PRId64 ", cycles over %" PRId64 ", people %" PRId64 ", sensors on %" PRId64
                ", in zones %" PRId64 ", limits %" PRId64 ", closed lanes %" PRId64 ", red lanes %" PRId64 ", with rerouting %" PRId64 "\n",
                t.states, t.bytes / t.states, t.arrivals, t.entering, t.beside, t.passing, t.waiting, t.no_route, t.cycles, t.events,
                t.pending, t.over, t.people, t.sensors, t.zones, t.limits, t.closed, t.queued_red, t.ways);
  if (cities < CITIES) return;
  assert_true(t.arrivals && t.entering && t.beside && t.passing && t.over && t.waiting && t.no_route && t.events && t.pending && t.people);
  assert_true(t.sensors && t.zones && t.limits && t.closed && t.queued_red && t.ways);
}

int main(int argc, char **argv)
{
  // Three threads on one or two cores: waiting threads must sleep, not spin. OpenMP reads this before main().
  if (argc == 1 && !getenv("OMP_WAIT_POLICY")) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", (char *[]){ argv[0], "again", NULL });
  }
  const struct CMUnitTest tests[] = { cmocka_unit_test(restored_runs_go_on_as_if_they_had_never_stopped) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
