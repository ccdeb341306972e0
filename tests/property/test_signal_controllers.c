// Random signals with NEMA, stage, actuated and fixed programs under random traffic, people, buses, emergencies and
// switches between programs. Whatever happens: no controller wants two conflicting groups green, no driver sees them or too
// short a yellow, green or intergreen; maxima are kept where somebody waits; everybody who waits is served.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "models/signal/actuated.h"
#include "models/signal/fixed.h"
#include "models/signal/guard.h"
#include "models/signal/nema.h"
#include "models/signal/stages.h"
#include "tests/support/seed.h"
#include "tests/support/signal_rig.h"

enum { SIGNALS = 120, STEPS = 1000 };

typedef struct dice {
  uint64_t key;
  int64_t draw;
} dice;

static double chance(dice *d)
{
  return art_uniform(art_rng(art_test_seed(), d->key, d->draw++, ART_FOR_GENERATOR));
}
static int pick(dice *d, int count)
{
  return (int)(chance(d) * count);
}
static int64_t between(dice *d, int64_t low_s, int64_t high_s)
{
  return (low_s + pick(d, (int)(high_s - low_s + 1))) * 1000;
}

// --- signals --------------------------------------------------------------------------------------------------------

typedef struct bench {
  art_rig *rig;
  dice d;
  int vehicles;  ///< groups of vehicles come first
  int feet;      ///< then those of people, of which group vehicles + k walks beside group walk_beside[k]
  int walk_beside[ART_RIG_GROUPS];
  int64_t longest_ms[ART_RIG_PROGRAMS];  ///< how long somebody may have to wait for any phase
  art_tick waits_ms[ART_RIG_SENSORS];    ///< since when a sensor is occupied without green; LONG: it is not
  art_tick alone_ms;                     ///< since when no bus calls and the program runs
  int32_t phase;
  art_tick phase_ms;                     ///< since when it runs
} bench;

static void (*const controls[ART_CONTROL_COUNT])(art_control_view *view) = {
  [ART_CONTROL_FIXED] = art_fixed_control,
  [ART_CONTROL_ACTUATED] = art_actuated_control,
  [ART_CONTROL_NEMA] = art_nema_control,
  [ART_CONTROL_STAGES] = art_stages_control,
};

static int conflicts(const bench *b, int f, int g)
{
  return b->rig->intergreen_ms[f * b->rig->group_count + g] >= 0;
}

static void random_settings(bench *b)
{
  art_rig_set(b->rig, ART_CONTROL_VALUE_priority_reach_m, chance(&b->d) < 0.5 ? 200.0f : 0.0f);
  art_rig_set(b->rig, ART_CONTROL_VALUE_preemption_reach_m, chance(&b->d) < 0.5 ? 300.0f : 0.0f);
}

static void letters_of(bench *b, uint32_t groups, char *state)
{
  const int n = b->rig->group_count;
  for (int g = 0; g < n; ++g) state[g] = (groups >> g) & 1 ? 'G' : 'r';
  state[n] = 0;
}

/// Times and flags of the last phase.
static void random_phase(bench *b, uint32_t flags, int has_sensor, int sensor)
{
  art_rig *rig = b->rig;
  art_rig_time(rig, ART_PHASE_TIME_extension_ms, between(&b->d, 1, 4));
  if (chance(&b->d) < 0.2) {
    art_rig_time(rig, ART_PHASE_TIME_reduce_after_ms, between(&b->d, 3, 15));
    art_rig_time(rig, ART_PHASE_TIME_reduce_for_ms, between(&b->d, 1, 20));
    art_rig_time(rig, ART_PHASE_TIME_least_gap_ms, 500);
  }
  if (b->feet > 0) {
    art_rig_time(rig, ART_PHASE_TIME_walk_ms, between(&b->d, 4, 10));
    art_rig_time(rig, ART_PHASE_TIME_foot_clearance_ms, between(&b->d, 2, 15));
  }
  art_rig_flag(rig, flags);
  if (chance(&b->d) < 0.15) art_rig_flag(rig, ART_PHASE_RECALL_MIN);
  if (chance(&b->d) < 0.1) art_rig_flag(rig, ART_PHASE_RECALL_MAX);
  if (chance(&b->d) < 0.1) art_rig_flag(rig, ART_PHASE_RECALL_FOOT);
  if (chance(&b->d) < 0.5) art_rig_flag(rig, ART_PHASE_MEMORY);
  if (has_sensor) art_rig_sensor(rig, sensor);
}

/// One group a phase, at random places of rings and barriers; people beside some of them.
static void build_nema(bench *b)
{
  const int rings = 1 + pick(&b->d, 3), barriers = 1 + pick(&b->d, 3);
  int ring_of[ART_RIG_GROUPS], barrier_of[ART_RIG_GROUPS];
  for (int c = 0; c < barriers; ++c)
    for (int r = 0; r < rings; ++r)
      for (int k = (r == 0 || chance(&b->d) < 0.8) + pick(&b->d, 2); k > 0; --k) {
        ring_of[b->vehicles] = r;
        barrier_of[b->vehicles++] = c;
      }
  b->feet = chance(&b->d) < 0.5 ? 0 : 1 + pick(&b->d, b->vehicles < 12 ? b->vehicles : 12);
  const int32_t steps[] = { 100, 200, 500, 1000 };
  art_rig *rig = b->rig = art_rig_new(b->vehicles + b->feet, steps[pick(&b->d, 4)], art_signal_guard);
  for (int k = 0; k < b->feet; ++k) {
    b->walk_beside[k] = k;
    art_rig_foot(rig, b->vehicles + k);
  }
  for (int f = 0; f < b->vehicles; ++f) {
    rig->group_yellow_ms[f] = between(&b->d, 3, 5);
    rig->group_min_green_ms[f] = between(&b->d, 0, 5);
    rig->detector_kind[f] = ART_DETECTOR_AREA;
  }
  for (int f = 0; f < rig->group_count; ++f)
    for (int g = 0; g < rig->group_count; ++g) {
      const int a = f < b->vehicles ? f : b->walk_beside[f - b->vehicles];
      const int c = g < b->vehicles ? g : b->walk_beside[g - b->vehicles];
      if (a == c || (ring_of[a] != ring_of[c] && barrier_of[a] == barrier_of[c])) continue;
      rig->intergreen_ms[f * rig->group_count + g] =
          f < b->vehicles ? rig->group_yellow_ms[f] + between(&b->d, 0, 2) : between(&b->d, 0, 8);
    }
  const int is_coordinated = chance(&b->d) < 0.4;
  const int32_t program = art_rig_program(rig, ART_CONTROL_NEMA, between(&b->d, 0, 100), 0);
  art_rig_set(rig, ART_CONTROL_VALUE_is_coordinated, (float)is_coordinated);
  art_rig_set(rig, ART_CONTROL_VALUE_is_fixed_force_off, (float)pick(&b->d, 2));
  art_rig_set(rig, ART_CONTROL_VALUE_is_type_170, (float)pick(&b->d, 2));
  art_rig_set(rig, ART_CONTROL_VALUE_is_simultaneous_gap, (float)pick(&b->d, 2));
  random_settings(b);
  int64_t sum = 0;
  for (int f = 0; f < b->vehicles; ++f) {
    char state[ART_RIG_GROUPS + 1];
    letters_of(b, 1u << f | (f < b->feet ? 1u << (b->vehicles + f) : 0), state);
    const int64_t least = between(&b->d, 4, 10), most = least + between(&b->d, 5, 30);
    art_rig_phase(rig, state, most, least, most);
    random_phase(b, chance(&b->d) < 0.6 ? ART_PHASE_DUAL_ENTRY : 0, 1, f);
    if (is_coordinated && barrier_of[f] == 0 && (f + 1 == b->vehicles || ring_of[f + 1] != ring_of[f] || barrier_of[f + 1] != 0))
      art_rig_flag(rig, ART_PHASE_COORDINATED);
    art_rig_time(rig, ART_PHASE_TIME_yellow_ms, rig->group_yellow_ms[f]);
    art_rig_time(rig, ART_PHASE_TIME_red_ms, between(&b->d, 0, 3));
    art_rig_place(rig, f + 1, ring_of[f], barrier_of[f]);
    sum += most + 60000;
  }
  b->longest_ms[program] = 2 * sum;
}

/// A set of groups that may be green together, with this vehicle group among them.
static uint32_t together(bench *b, int with)
{
  uint32_t set = 1u << with;
  const int n = b->rig->group_count, from = pick(&b->d, n);
  for (int k = 0; k < n; ++k) {
    const int g = (from + k) % n;
    int free = 1;
    for (int f = 0; f < n && free; ++f) free = !((set >> f) & 1) || !(conflicts(b, f, g) || conflicts(b, g, f));
    if (free && chance(&b->d) < 0.9) set |= 1u << g;
  }
  return set;
}

/// Stages, or phases in order with or without yellow of their own: every vehicle group is green in one at least.
static void build_rounds(bench *b, int32_t kind)
{
  art_rig *rig = b->rig;
  uint32_t stage[ART_RIG_GROUPS], covered = 0;
  int count = 0;
  for (int g = 0; g < b->vehicles; ++g) {
    if ((covered >> g) & 1) continue;
    stage[count] = together(b, g);
    covered |= stage[count++];
  }
  const int writes_out = kind == ART_CONTROL_FIXED || (kind == ART_CONTROL_ACTUATED && chance(&b->d) < 0.5);
  const int is_coordinated = kind == ART_CONTROL_ACTUATED && chance(&b->d) < 0.3;
  const int may_skip = kind != ART_CONTROL_FIXED && chance(&b->d) < 0.6;
  const int32_t program = art_rig_program(rig, kind, between(&b->d, 0, 100), 0);
  art_rig_set(rig, ART_CONTROL_VALUE_is_coordinated, (float)is_coordinated);
  random_settings(b);
  int64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    char state[ART_RIG_GROUPS + 1];
    letters_of(b, stage[i], state);
    const int64_t least = between(&b->d, 4, 10), most = least + between(&b->d, 5, 30);
    art_rig_phase(rig, state, most, least, most);
    random_phase(b, may_skip ? ART_PHASE_MAY_SKIP : 0, 0, 0);
    for (int g = 0; g < b->vehicles; ++g)
      if ((stage[i] >> g) & 1) art_rig_sensor(rig, g);
    if (kind == ART_CONTROL_STAGES) art_rig_time(rig, ART_PHASE_TIME_max_red_ms, 90000);
    if (is_coordinated && i == 0) art_rig_flag(rig, ART_PHASE_COORDINATED);
    sum += most + 60000;
    if (!writes_out) continue;
    const uint32_t next = stage[(i + 1) % count];
    for (int g = 0; g < rig->group_count; ++g)
      if ((stage[i] >> g) & 1) state[g] = (next >> g) & 1 ? 'G' : g < b->vehicles ? 'y' : 'r';
    art_rig_phase(rig, state, 5000, 5000, 5000);
    for (int g = 0; g < rig->group_count; ++g)
      if (state[g] == 'y') state[g] = 'r';
    if (!strpbrk(state, "G")) art_rig_phase(rig, state, 2000, 2000, 2000);
  }
  b->longest_ms[program] = 2 * sum + 300000;
}

static bench build(int index)
{
  bench b = { .d = { 1000 + (uint64_t)index, 0 } };
  build_nema(&b);
  build_rounds(&b, ART_CONTROL_STAGES);
  build_rounds(&b, ART_CONTROL_ACTUATED);
  build_rounds(&b, ART_CONTROL_FIXED);
  for (int k = 0; k < ART_RIG_SENSORS; ++k) b.waits_ms[k] = INT64_MAX;
  return b;
}

static void take_program(bench *b, int32_t program)
{
  art_rig_run(b->rig, program, controls[b->rig->control_kind[program]], b->rig->view.now_ms);
  b->alone_ms = b->rig->view.now_ms;
}

// --- what happens and what must not -----------------------------------------------------------------------------------

static void disturb(bench *b)
{
  art_rig *rig = b->rig;
  dice *d = &b->d;
  const double per_s = (double)rig->view.step_ms / 1000.0;
  for (int s = 0; s < b->vehicles; ++s) {
    if (chance(d) < 0.15 * per_s) art_rig_occupy(rig, s, !rig->sensor[s].occupied);
    if (!rig->sensor[s].occupied && chance(d) < 0.05 * per_s) art_rig_pulse(rig, s);
  }
  for (int x = 0; x < b->feet; ++x) {
    if (art_rig_goes(rig, b->vehicles + x)) rig->foot_waits[x] = 0;
    if (chance(d) < 0.03 * per_s) rig->foot_waits[x] = 1;
  }
  if (rig->view.call_count && chance(d) < 0.1 * per_s) rig->view.call_count = 0;
  if (!rig->view.call_count && chance(d) < 0.03 * per_s) {
    rig->view.call_count = 1;
    rig->call[0] = (art_priority_call){ pick(d, 100), pick(d, rig->group_count), (float)pick(d, 300), (float)pick(d, 15),
                                        (uint8_t)(chance(d) < 0.4) };
  }
  for (int k = 0; k < rig->view.call_count; ++k)
    rig->call[k].distance_m = rig->call[k].distance_m > 3.0f ? rig->call[k].distance_m - 1.0f : 0.0f;
  if (rig->view.call_count) b->alone_ms = rig->view.now_ms;
  if (chance(d) < 0.005 * per_s) take_program(b, pick(d, rig->net.program_count));
}

static void fail_with(const bench *b, const char *what, int group)
{
  const art_rig *rig = b->rig;
  fail_msg("signal %d, %s program %d, %.1f s: %s, group %d; shown %.*s, wanted %.*s", (int)b->d.key - 1000,
           art_control_name(rig->control_kind[rig->view.program]), rig->view.program, (double)rig->view.now_ms / 1000.0,
           what, group, rig->group_count, rig->shown, rig->group_count, rig->wanted);
}

static void check(bench *b)
{
  const art_rig *rig = b->rig;
  if (art_rig_fault_count(rig)) fail_with(b, "the monitor saw a fault", -1);
  for (int f = 0; f < rig->group_count; ++f)
    for (int g = 0; g < f; ++g)
      if (conflicts(b, f, g) && (rig->wanted[f] == 'G' || rig->wanted[f] == 'g') &&
          (rig->wanted[g] == 'G' || rig->wanted[g] == 'g'))
        fail_with(b, "conflicting greens are wanted", f);
}

/// Free programs whose phases take turns: no green beyond its maximum, or the time that people need, while somebody else
/// has been waiting for so long. A second is for looking.
static void check_maximum(bench *b)
{
  const art_rig *rig = b->rig;
  const int32_t program = rig->view.program, kind = rig->control_kind[program], phase = rig->view.phase;
  if (phase < 0 || (kind != ART_CONTROL_ACTUATED && kind != ART_CONTROL_STAGES)) return;
  if (rig->value[ART_CONTROL_VALUE_is_coordinated][program] > 0.0f) return;
  const int32_t row = rig->program_first[program] + phase;
  const char *state = rig->state + rig->first_state[row];
  if (memchr(state, 'y', (size_t)rig->group_count) || !memchr(state, 'G', (size_t)rig->group_count)) return;
  art_tick from = b->alone_ms > b->phase_ms ? b->alone_ms : b->phase_ms, rival = INT64_MAX;
  for (int s = 0; s < b->vehicles; ++s)
    if (state[s] != 'G' && b->waits_ms[s] < rival) rival = b->waits_ms[s];
  if (rival == INT64_MAX) return;
  if (rival > from) from = rival;
  const int64_t feet = b->feet ? rig->time_ms[ART_PHASE_TIME_walk_ms][row] + rig->time_ms[ART_PHASE_TIME_foot_clearance_ms][row]
                               : 0;
  const int64_t most = rig->max_ms[row] > feet ? rig->max_ms[row] : feet;
  if (rig->view.now_ms - from > most + 2000 + 2 * rig->view.step_ms) fail_with(b, "the maximum is exceeded", phase);
}

static void note_waits(bench *b)
{
  if (b->phase != b->rig->view.phase) b->phase_ms = b->rig->view.now_ms;
  b->phase = b->rig->view.phase;
  for (int s = 0; s < b->vehicles; ++s) {
    if (!b->rig->sensor[s].occupied || art_rig_goes(b->rig, s))
      b->waits_ms[s] = INT64_MAX;
    else if (b->waits_ms[s] == INT64_MAX)
      b->waits_ms[s] = b->rig->view.now_ms;
  }
}

/// Everybody comes and stays: everybody gets green.
static void check_service(bench *b, int32_t program)
{
  art_rig *rig = b->rig;
  rig->view.call_count = 0;
  take_program(b, program);
  for (int s = 0; s < b->vehicles; ++s) art_rig_occupy(rig, s, 1);
  memset(rig->foot_waits, 1, sizeof rig->foot_waits);
  const art_tick begin = rig->view.now_ms;
  while (rig->view.now_ms < begin + b->longest_ms[program]) {
    art_rig_step(rig);
    check(b);
  }
  for (int g = 0; g < b->vehicles; ++g)
    if (!art_rig_goes(rig, g) && rig->green_end_ms[g] < begin) fail_with(b, "somebody waits for ever", g);
}

static void no_controller_breaks_a_rule(void **state)
{
  (void)state;
  int64_t steps = 0;
  for (int i = 0; i < SIGNALS; ++i) {
    bench b = build(i);
    take_program(&b, i % b.rig->net.program_count);
    for (int k = 0; k < STEPS; ++k, ++steps) {
      disturb(&b);
      art_rig_step(b.rig);
      check(&b);
      note_waits(&b);
      check_maximum(&b);
    }
    for (int32_t p = 0; p < b.rig->net.program_count; ++p) check_service(&b, p);
    free(b.rig);
  }
  assert_true(steps >= 100000);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(no_controller_breaks_a_rule) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
