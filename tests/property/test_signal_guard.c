// Whatever is wanted of a signal, drivers see yellow after green for its time, greens of a minimum length and no two
// greens that conflict. First the guard alone, under random rules; then whole cities, whose signals change between
// programs by the clock, off, flashing and a controller that asks for anything.
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
#include "core/step/signals_internal.h"
#include "models/signal/guard.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"

static const char anything[] = "rGgyusOorrGGRY?";

// --- the guard alone ------------------------------------------------------------------------------------------------

enum { GROUPS = 8, RULE_SETS = 200, STEPS = 1000 };

typedef struct seen {
  art_tick green_begin, green_end, yellow_begin;
  char letter;
} seen;

/// The rules by their words, on what was shown step after step.
static void check_change(const art_guard_rules *rules, const seen *was, const char *now, art_tick time)
{
  for (int32_t g = 0; g < GROUPS; ++g) {
    const int went = art_letter_goes(was[g].letter), goes = art_letter_goes(now[g]);
    if (went && !goes) {
      assert_true(time - was[g].green_begin >= rules->min_green_ms[g]);
      if (rules->yellow_ms[g] > 0) assert_int_equal(now[g], 'y');
    }
    if (was[g].letter == 'y' && now[g] != 'y' && was[g].yellow_begin == was[g].green_end)
      assert_true(time - was[g].yellow_begin >= rules->yellow_ms[g]);
    if (!went && goes && rules->red_yellow_ms[g] > 0) assert_int_equal(was[g].letter, 'u');
    for (int32_t f = 0; f < GROUPS; ++f) {
      const int64_t rule = rules->intergreen_ms[f * GROUPS + g];
      if (f == g || rule == -1 || !goes) continue;
      if (art_letter_goes(now[f])) {
        assert_true(rule <= -2);
        assert_false(art_letter_is_major(now[f]) && art_letter_is_major(now[g]));
      } else if (!went) {
        const art_tick end = art_letter_goes(was[f].letter) ? time : was[f].green_end;
        assert_true(time - end >= (rule >= 0 ? rule : -2 - rule));
      }
    }
  }
}

static void random_rules(dice *d, art_guard_rules *rules)
{
  for (int32_t f = 0; f < GROUPS; ++f) {
    rules->min_green_ms[f] = 500 * roll_int(d, 0, 20);
    rules->yellow_ms[f] = 500 * roll_int(d, 0, 10);
    rules->red_yellow_ms[f] = chance(d, 0.3) ? 1000 : 0;
    for (int32_t g = 0; g < f; ++g)
      for (int back = 0; back < 2; ++back) {
        int32_t *value = &rules->intergreen_ms[back ? g * GROUPS + f : f * GROUPS + g];
        const int64_t other = back ? rules->intergreen_ms[f * GROUPS + g] : 0, ms = 500 * roll_int(d, 0, 16);
        const int kind = back ? (other == -1 ? 0 : other >= 0 ? 1 : 2) : roll_int(d, 0, 2);
        *value = (int32_t)(kind == 0 ? -1 : kind == 1 ? ms : -2 - ms);
      }
  }
}

static void anything_wanted_is_safe(void **state)
{
  (void)state;
  int64_t greens = 0, obeyed = 0;
  for (int set = 0; set < RULE_SETS; ++set) {
    dice d = { art_hash2(77, (uint64_t)set) };
    int64_t min_green[GROUPS], yellow[GROUPS], red_yellow[GROUPS];
    int32_t between[GROUPS * GROUPS] = { 0 };
    art_guard_rules rules = { GROUPS, min_green, yellow, red_yellow, between };
    random_rules(&d, &rules);
    char shown[GROUPS + 1] = "rrrrrrrr", wanted[GROUPS + 1] = "rrrrrrrr";
    art_tick since[GROUPS], green_end[GROUPS], green_begin[GROUPS];
    seen was[GROUPS];
    for (int g = 0; g < GROUPS; ++g) {
      since[g] = 0;
      green_end[g] = green_begin[g] = ART_LONG_AGO;
      was[g] = (seen){ ART_LONG_AGO, ART_LONG_AGO, ART_LONG_AGO / 2, 'r' };
    }
    const double unrest = roll(&d, 0.02, 1.0);
    for (art_tick time = 0; time < 500 * STEPS; time += 500) {
      for (int g = 0; g < GROUPS; ++g)
        if (chance(&d, unrest)) wanted[g] = anything[roll_int(&d, 0, (int32_t)sizeof anything - 2)];
      art_guard_view view = { &rules, time, wanted, shown, since, green_end, green_begin };
      const int32_t differ = art_signal_guard(&view);
      check_change(&rules, was, shown, time);
      obeyed += differ == 0;
      for (int g = 0; g < GROUPS; ++g) {
        const int went = art_letter_goes(was[g].letter), goes = art_letter_goes(shown[g]);
        if (!went && goes) was[g].green_begin = time;
        if (went && !goes) was[g].green_end = time;
        if (was[g].letter != 'y' && shown[g] == 'y') was[g].yellow_begin = time;
        was[g].letter = shown[g];
        greens += !went && goes;
      }
    }
  }
  // It lets through what it may.
  assert_true(greens > RULE_SETS * STEPS / 50);
  assert_true(obeyed > RULE_SETS * STEPS / 100);
}

/// Steady wishes that the rules allow are shown in the end.
static void what_is_allowed_is_shown(void **state)
{
  (void)state;
  for (int set = 0; set < RULE_SETS; ++set) {
    dice d = { art_hash2(78, (uint64_t)set) };
    int64_t min_green[GROUPS], yellow[GROUPS], red_yellow[GROUPS];
    int32_t between[GROUPS * GROUPS] = { 0 };
    art_guard_rules rules = { GROUPS, min_green, yellow, red_yellow, between };
    random_rules(&d, &rules);
    char shown[GROUPS + 1] = "rrrrrrrr", wanted[GROUPS + 1] = "rrrrrrrr";
    art_tick since[GROUPS] = { 0 }, green_end[GROUPS], green_begin[GROUPS];
    for (int g = 0; g < GROUPS; ++g) green_end[g] = green_begin[g] = ART_LONG_AGO;
    art_tick time = 0;
    for (int stage = 0; stage < 20; ++stage) {
      memset(wanted, 'r', GROUPS);
      for (int k = 0; k < GROUPS; ++k) {  // groups that may be green together, in random order
        const int32_t g = roll_int(&d, 0, GROUPS - 1);
        int fits = 1;
        for (int32_t f = 0; f < GROUPS; ++f)
          fits = fits && (wanted[f] != 'G' || f == g || rules.intergreen_ms[f * GROUPS + g] == -1);
        if (fits) wanted[g] = 'G';
      }
      // Minimum green, then the longest time between, and red-yellow.
      const art_tick end = time + 10000 + 8000 + 5000 + 1000 + 500;
      for (; time < end; time += 500) {
        art_guard_view view = { &rules, time, wanted, shown, since, green_end, green_begin };
        art_signal_guard(&view);
      }
      assert_string_equal(shown, wanted);
    }
  }
}

// --- whole cities ---------------------------------------------------------------------------------------------------

enum { PROGRAMS = 11 };

/// Phases of the city's program that a new one takes over.
enum { ALL_PHASES, FIRST_PHASE, GREEN_PHASES };
static const struct {
  uint8_t control, phases;
} programs_of[PROGRAMS] = {
  { ART_CONTROL_FIXED, ALL_PHASES },           { ART_CONTROL_FIXED, ALL_PHASES },    { ART_CONTROL_USER, ALL_PHASES },
  { ART_CONTROL_OFF, FIRST_PHASE },            { ART_CONTROL_FLASHING, FIRST_PHASE }, { ART_CONTROL_ACTUATED, ALL_PHASES },
  { ART_CONTROL_STAGES, GREEN_PHASES },        { ART_CONTROL_NEMA, GREEN_PHASES },   { ART_CONTROL_SOTL, GREEN_PHASES },
  { ART_CONTROL_MAX_PRESSURE, GREEN_PHASES },  { ART_CONTROL_ADAPTIVE, ALL_PHASES },
};

/// To the program of every signal come one of each kind, with sensors, and one by the clock with other greens.
static void add_programs(art_net *net, dice *d)
{
  for (int32_t s = 0; s < net->signal_count; ++s) {
    const int32_t groups = net->signal_group_count[s];
    for (int k = 1; k < PROGRAMS; ++k) {
      const int32_t first = net->program_first_phase[net->signal_first_program[s]],
                    end = net->program_first_phase[net->signal_first_program[s] + 1];
      int64_t *duration = ART_NEW(int64_t, end - first);
      char *letters = ART_NEW(char, (size_t)(end - first) * (size_t)groups);
      int32_t count = 0;
      for (int32_t a = first; a < end; ++a) {
        const char *state = net->phase_state + net->phase_first_state[a];
        int green = 0, yellow = 0;
        for (int32_t g = 0; g < groups; ++g) {
          green |= art_letter_goes(state[g]);
          yellow |= state[g] == 'y';
        }
        if (programs_of[k].phases == FIRST_PHASE && a > first) continue;
        if (programs_of[k].phases == GREEN_PHASES && (!green || yellow)) continue;
        memcpy(letters + count * groups, state, (size_t)groups);
        duration[count++] = net->phase_duration_ms[a] + (k == 1 ? 500 * roll_int(d, 0, 20) : 0);
      }
      if (count) {
        char *id = city_name("p", k);
        const int32_t p = art_net_add_program(net, s, id, count, duration, letters);
        free(id);
        net->program_control[p] = programs_of[k].control;
        net->program_offset_ms[p] = 500 * roll_int(d, 0, 100);
        if (chance(d, 0.5)) net->program_value[ART_CONTROL_VALUE_priority_reach_m][p] = 150.0f;
        if (chance(d, 0.5)) net->program_value[ART_CONTROL_VALUE_preemption_reach_m][p] = 200.0f;
        for (int32_t a = net->program_first_phase[p]; a < net->program_first_phase[p + 1]; ++a) {
          net->phase_number[a] = a - net->program_first_phase[p] + 1;
          if (k < 5 || net->phase_state[net->phase_first_state[a]] == 'y' || duration[a - net->program_first_phase[p]] < 4000)
            continue;
          net->phase_min_ms[a] = 500 * roll_int(d, 4, 8);
          net->phase_max_ms[a] = net->phase_duration_ms[a] + 500 * roll_int(d, 0, 30);
          net->phase_time_ms[ART_PHASE_TIME_extension_ms][a] = 500 * roll_int(d, 0, 8);
          net->phase_flags[a] = (uint32_t)roll_int(d, 0, 0xff) &
                                (uint32_t)(ART_PHASE_RECALL_MIN | ART_PHASE_RECALL_MAX | ART_PHASE_MEMORY | ART_PHASE_MAY_SKIP);
        }
        if (k >= 5) art_net_add_sensors(net, p, &ART_SENSOR_PLACES);
      }
      free(duration);
      free(letters);
    }
    const int32_t first = net->signal_first_program[s], end = net->signal_first_program[s + 1];
    net->signal_active[s] = roll_int(d, first, end - 1);
  }
}

/// Wants a phase of the program, or anything at all.
static void want_anything(void *context, art_control_view *view)
{
  const uint64_t seed = *(const uint64_t *)context;
  dice d = { art_hash2(seed, art_hash2((uint64_t)view->now_ms, (uint64_t)view->signal)) };
  const art_net *net = view->net;
  const int32_t groups = net->signal_group_count[view->signal], first = net->program_first_phase[view->program];
  view->next_ms = view->now_ms + 500 * roll_int(&d, 1, 12);
  view->phase = roll_int(&d, 0, net->program_first_phase[view->program + 1] - first - 1);
  memcpy(view->wanted, net->phase_state + net->phase_first_state[first + view->phase], (size_t)groups);
  if (chance(&d, 0.5)) return;
  view->phase = -1;
  for (int32_t g = 0; g < groups; ++g) view->wanted[g] = anything[roll_int(&d, 0, (int32_t)sizeof anything - 2)];
}

/// Both green, although their paths cross and the city's own program never shows both with the right of way.
static int is_conflict(const art_net *net, int32_t s, int32_t a, int32_t b)
{
  int crosses = 0;
  for (int32_t c = 0; c < net->connector_count; ++c)
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
      crosses |= net->connector_signal[c] == s && net->connector_signal_group[c] == a &&
                 net->connector_signal[net->conflict_other[k]] == s &&
                 net->connector_signal_group[net->conflict_other[k]] == b &&
                 net->conflict_kind[k] != ART_CONFLICT_DIVERGE;
  if (!crosses) return 0;
  const int32_t p = net->signal_first_program[s];
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    const char *state = net->phase_state + net->phase_first_state[f];
    if (state[a] == 'G' && state[b] == 'G') return 0;
  }
  return 1;
}

typedef struct tally {
  int64_t events, switches, dark, calls, sensors, conflicts, missing_yellows, short_yellows;
} tally;

typedef struct head {
  char letter;
  art_tick since;
  int was_green;  ///< before the letter shown
} head;

/// What drivers saw, from the log alone: every program of these cities shows yellow of 2 s or more after green.
static void read_log(const art_net *net, art_sim *sim, head *heads, int32_t *program, tally *t)
{
  const art_signal_event *events;
  const int64_t count = art_sim_take_signal_events(sim, &events);
  const char *letters = art_sim_signal_letters(sim);
  for (int64_t i = 0; i < count; ++i) {
    const art_signal_event *e = &events[i];
    const int32_t s = e->signal, groups = net->signal_group_count[s];
    head *own = heads + net->signal_first_group[s];
    const char *state = letters + e->letters;
    const uint8_t kind = net->program_control[e->program];
    ++t->events;
    t->calls += e->call_count;
    t->sensors += e->sensor_count;
    t->switches += program[s] >= 0 && program[s] != e->program;
    program[s] = e->program;
    int is_dark = state[0] == 'O' || state[0] == 'o' || state[0] == 's';
    is_dark = is_dark && (kind == ART_CONTROL_OFF || kind == ART_CONTROL_FLASHING);
    t->dark += is_dark;
    for (int32_t g = 0; g < groups; ++g) {
      if (state[g] == own[g].letter) continue;
      const int went = art_letter_goes(own[g].letter);
      if (went && !art_letter_goes(state[g]) && state[g] != 'y' && !is_dark) ++t->missing_yellows;
      if (own[g].letter == 'y' && own[g].was_green && e->time_ms - own[g].since < 2000) ++t->short_yellows;
      own[g] = (head){ state[g], e->time_ms, went };
    }
    for (int32_t a = 0; a < groups && !is_dark; ++a)
      for (int32_t b = 0; b < a; ++b)
        if (art_letter_is_major(state[a]) && art_letter_is_major(state[b]) && is_conflict(net, s, a, b)) ++t->conflicts;
  }
}

static art_sim *create(const random_city *city, int32_t changes, const art_change *change, uint64_t *seed, int threads)
{
  const art_sim_setup setup = { .net = city->net,
                                .demand = city->demand,
                                .kernels = art_models_kernels(),
                                .seed = *seed,
                                .step_ms = 500,
                                .end_ms = 3600000,
                                .threads = threads,
                                .model = ART_MODEL_IIDM,
                                .change_count = changes,
                                .change = change,
                                .user_control = want_anything,
                                .user_context = seed };
  art_sim *sim = NULL;
  art_error err = { 0 };
  if (art_sim_create(&setup, &sim, &err) != ART_OK) fail_msg("%s", err.message);
  return sim;
}

enum { CHANGES = 60 };

static void random_switches(const art_net *net, dice *d, art_change *change)
{
  for (int i = 0; i < CHANGES; ++i) {
    const int32_t s = roll_int(d, 0, net->signal_count - 1), from = 500 * roll_int(d, 0, 2000);
    change[i] = (art_change){ .kind = ART_CHANGE_PROGRAM,
                              .link = s,
                              .program = roll_int(d, net->signal_first_program[s], net->signal_first_program[s + 1] - 1),
                              .from_ms = from,
                              .to_ms = from + 500 * roll_int(d, 1, 400) };
  }
}

static int check_city(uint64_t seed, tally *t)
{
  city_traits traits = city_traits_of(seed);
  traits.with_signals = 1;
  traits.with_changes = traits.with_permissions = 0;
  random_city city = city_build(seed, &traits);
  art_net *net = city.net;
  art_error err = { 0 };
  if (net->signal_count == 0) {
    city_free(&city);
    return 0;
  }
  dice d = { art_hash2(seed, 91) };
  if (city.demand->type_count > 2) {
    city.demand->type[1].vclass = ART_VCLASS_BUS;
    city.demand->type[2].vclass = ART_VCLASS_EMERGENCY;
  }
  add_programs(net, &d);
  if (art_net_check(net, &err) != ART_OK) fail_msg("%s", err.message);
  art_change change[CHANGES];
  random_switches(net, &d, change);
  const int32_t groups = net->signal_first_group[net->signal_count];
  head *heads = ART_NEW(head, groups);
  int32_t *program = ART_NEW(int32_t, net->signal_count);
  for (int32_t s = 0; s < net->signal_count; ++s) program[s] = -1;
  art_sim *sim = create(&city, CHANGES, change, &seed, 1);
  uint64_t hash = 0;
  while (art_sim_now(sim) < 1000000 && !art_sim_is_finished(sim)) {
    if (art_sim_advance(sim, art_sim_now(sim) + 20000, &err) != ART_OK)
      fail_msg("ARTERIAL_CITY=%" PRIu64 ": %s", seed, err.message);
    read_log(net, sim, heads, program, t);
    if (art_sim_now(sim) <= 180000) hash = art_sim_hash(sim);
  }
  const art_ledger l = art_sim_ledger(sim);
  if (l.short_yellows || l.short_greens || l.short_intergreens || l.conflicting_greens || t->conflicts ||
      t->missing_yellows || t->short_yellows)
    fail_msg("ARTERIAL_CITY=%" PRIu64 ": %" PRId64 " short yellows, %" PRId64 " short greens, %" PRId64
             " short intergreens, %" PRId64 " conflicting greens; in the log: %" PRId64 " conflicts, %" PRId64
             " without yellow, %" PRId64 " short yellows",
             seed, l.short_yellows, l.short_greens, l.short_intergreens, l.conflicting_greens, t->conflicts,
             t->missing_yellows, t->short_yellows);
  for (int threads = 2; threads <= 3; ++threads) {
    art_sim *other = create(&city, CHANGES, change, &seed, threads);
    if (art_sim_advance(other, 180000, &err) != ART_OK) fail_msg("%s", err.message);
    assert_int_equal(art_sim_hash(other), hash);
    art_sim_free(other);
  }
  art_sim_free(sim);
  free(heads);
  free(program);
  city_free(&city);
  return 1;
}

static void cities_under_any_control_are_safe(void **state)
{
  (void)state;
  const char *one = getenv("ARTERIAL_CITY");
  tally t = { 0 };
  if (one) {
    check_city(strtoull(one, NULL, 10), &t);
    return;
  }
  int cities = 0;
  for (uint64_t n = 0; cities < 40; ++n) cities += check_city(art_hash2(4711, n), &t);
  print_message("%d cities, %" PRId64 " events, %" PRId64 " switches of programs, %" PRId64 " to dark, %" PRId64
                " fronts over sensors, %" PRId64 " calls\n",
                cities, t.events, t.switches, t.dark, t.sensors, t.calls);
  assert_true(t.switches > 700 && t.dark > 100 && t.events > 8000 && t.sensors > 1000 && t.calls > 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(anything_wanted_is_safe),
    cmocka_unit_test(what_is_allowed_is_shown),
    cmocka_unit_test(cities_under_any_control_are_safe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
