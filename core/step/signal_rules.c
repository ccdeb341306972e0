/// The rules of the guard of a signal, made once. What somebody stated counts; else what the signal's own programs show,
/// so that a program by the clock passes the guard as it is; else defaults out of speeds and geometry.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/signals_internal.h"

#define MIN_GREEN_MS 5000
/// Yellow of the German guidelines (RiLSA): 3 s up to 50 km/h and a second more for every 10 km/h, here in proportion.
#define YELLOW_MS 3000
#define YELLOW_MPS (50.0 / 3.6)
#define YELLOW_MS_PER_MPS 360.0
#define YELLOW_MOST_MS 6000
/// All-red: the last vehicle, of this length, clears the conflict before the first one, at the speed of its approach,
/// comes to it (RiLSA: clearing minus entering time).
#define ALL_RED_LEAST_MS 1000
#define ALL_RED_MOST_MS 4000
#define BODY_M 6.0
#define SLOWEST_MPS 3.0
#define UNKNOWN_MS INT64_MAX
#define UNKNOWN_PAIR_MS INT32_MAX

/// What the rules of one signal are made from.
typedef struct maker {
  const art_net *net;
  const art_ways *ways;
  int32_t signal, groups, step_ms;
  art_guard_rules *rules;
  uint8_t *conflicts;  ///< [from * groups + to]: paths cross or merge
  int64_t *clear_ms;   ///< likewise: all-red between them, and for people the time to walk
  uint8_t *meets;      ///< likewise: some program shows both green; 2: both with the right of way
  uint8_t *has_cars;   ///< [groups] a connector belongs to it
  double *speed_mps;   ///< [groups] fastest approach
} maker;

static char letter_at(const art_net *net, int32_t phase, int32_t group)
{
  return net->phase_state[net->phase_first_state[phase] + group];
}

int art_program_writes_out(const art_net *net, int32_t program)
{
  if (net->program_control[program] == ART_CONTROL_FIXED) return 1;
  if (net->program_control[program] == ART_CONTROL_NEMA || net->program_control[program] == ART_CONTROL_OFF ||
      net->program_control[program] == ART_CONTROL_FLASHING)
    return 0;
  const int32_t first = net->program_first_phase[program], end = net->program_first_phase[program + 1];
  for (int64_t i = net->phase_first_state[first]; i < net->phase_first_state[end]; ++i)
    if (net->phase_state[i] == 'y' || net->phase_state[i] == 'Y') return 1;
  return 0;
}

static int is_lit(const art_net *net, int32_t program)
{
  return net->program_control[program] != ART_CONTROL_OFF && net->program_control[program] != ART_CONTROL_FLASHING;
}

static void lower(int64_t *value, int64_t candidate)
{
  if (candidate < *value) *value = candidate;
}

static void lower_pair(int32_t *value, int64_t candidate)
{
  if (candidate < *value) *value = (int32_t)candidate;
}

/// Times between greens are kept in 32 bits: longer ones than 24 days are none.
static int32_t pair_ms(int64_t ms)
{
  return (int32_t)(ms > INT32_MAX ? INT32_MAX : ms < INT32_MIN ? INT32_MIN : ms);
}

// --- geometry -------------------------------------------------------------------------------------------------------

static double approach_mps(const art_net *net, int32_t connector)
{
  const double mps = (double)net->lane_speed_mps[net->connector_from[connector]];
  return mps > SLOWEST_MPS ? mps : SLOWEST_MPS;
}

/// Time for which the end of one green must be over before the other begins, beside the yellow.
static int64_t all_red_ms(const art_net *net, int32_t c, const art_foe *foe, int32_t other)
{
  const int32_t lane = art_net_lane_of_connector(net, c);
  double clearing = (double)net->lane_speed_mps[lane];
  if (clearing > approach_mps(net, c)) clearing = approach_mps(net, c);
  if (clearing < SLOWEST_MPS) clearing = SLOWEST_MPS;
  const double clear_s = ((double)foe->exit_m + BODY_M) / clearing;
  const double enter_s = (double)foe->other_enter_m / approach_mps(net, other);
  const int64_t ms = ((int64_t)((clear_s - enter_s) * 10.0) + 1) * 100;
  return ms < ALL_RED_LEAST_MS ? ALL_RED_LEAST_MS : ms > ALL_RED_MOST_MS ? ALL_RED_MOST_MS : ms;
}

static void join(maker *m, int32_t from, int32_t to, int64_t clear_ms)
{
  if (from == to) return;
  const int32_t at = from * m->groups + to;
  m->conflicts[at] = 1;
  if (clear_ms > m->clear_ms[at]) m->clear_ms[at] = clear_ms;
}

static void find_conflicts(maker *m, const art_signals *signals)
{
  const art_net *net = m->net;
  for (int32_t r = signals->first_connector[m->signal]; r < signals->first_connector[m->signal + 1]; ++r) {
    const int32_t c = signals->connector[r], group = net->connector_signal_group[c];
    m->has_cars[group] = 1;
    if (approach_mps(net, c) > m->speed_mps[group]) m->speed_mps[group] = approach_mps(net, c);
    const art_way *way = &m->ways->way[c];
    for (int32_t k = way->first_foe; k < way->end_foe; ++k) {
      const art_foe *foe = &m->ways->foe[k];
      const int32_t other = art_foe_connector(net, way, foe);
      if (foe->kind == ART_CONFLICT_DIVERGE || net->connector_signal[other] != m->signal) continue;
      join(m, group, net->connector_signal_group[other], all_red_ms(net, c, foe, other));
    }
  }
  for (int32_t i = signals->first_crossing[m->signal]; i < signals->first_crossing[m->signal + 1]; ++i) {
    const int32_t x = signals->crossing[i];
    const int32_t foot = net->crossing_signal_group[x];
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r) {
      const int32_t c = net->crossing_connector[r];
      if (net->connector_signal[c] != m->signal) continue;
      join(m, net->connector_signal_group[c], foot, ALL_RED_LEAST_MS);
      join(m, foot, net->connector_signal_group[c], (int64_t)((double)net->crossing_walk_s[x] * 1000.0));
    }
  }
}

// --- what the programs show -----------------------------------------------------------------------------------------

static void meet(maker *m, int32_t a_phase, int32_t b_phase)
{
  for (int32_t f = 0; f < m->groups; ++f) {
    const char mine = letter_at(m->net, a_phase, f);
    if (!art_letter_goes(mine)) continue;
    for (int32_t g = 0; g < m->groups; ++g) {
      const char other = letter_at(m->net, b_phase, g);
      if (!art_letter_goes(other) || f == g) continue;
      const uint8_t how = art_letter_is_major(mine) && art_letter_is_major(other) ? 2 : 1;
      uint8_t *here = &m->meets[f * m->groups + g], *there = &m->meets[g * m->groups + f];
      if (how > *here) *here = how;
      if (how > *there) *there = how;
    }
  }
}

static void find_meetings(maker *m, int32_t program)
{
  const art_net *net = m->net;
  const int32_t first = net->program_first_phase[program], end = net->program_first_phase[program + 1];
  for (int32_t a = first; a < end; ++a) {
    meet(m, a, a);
    if (net->program_control[program] != ART_CONTROL_NEMA) continue;
    for (int32_t b = a + 1; b < end; ++b)  // rings run side by side within a barrier
      if (net->phase_ring[a] != net->phase_ring[b] && net->phase_barrier[a] == net->phase_barrier[b]) meet(m, a, b);
  }
}

/// How long a phase lasts at least.
static int64_t least_ms(const art_net *net, int32_t program, int32_t phase)
{
  const int is_fixed = net->program_control[program] == ART_CONTROL_FIXED;
  return is_fixed || net->phase_min_ms[phase] <= 0 ? net->phase_duration_ms[phase] : net->phase_min_ms[phase];
}

/// Times of one group in a program that goes round: yellow after each green, red-yellow before, length of greens.
static void follow_group(maker *m, int32_t program, int32_t group)
{
  const art_net *net = m->net;
  const int32_t first = net->program_first_phase[program], count = net->program_first_phase[program + 1] - first;
  for (int32_t a = 0; a < count; ++a) {
    const char before = letter_at(net, first + (a + count - 1) % count, group), now = letter_at(net, first + a, group);
    if (art_letter_goes(now) && !art_letter_goes(before)) {
      int64_t green = 0, red_yellow = 0;
      for (int32_t k = 0; k < count && art_letter_goes(letter_at(net, first + (a + k) % count, group)); ++k)
        green += least_ms(net, program, first + (a + k) % count);
      for (int32_t k = 1; k < count && letter_at(net, first + (a + count - k) % count, group) == 'u'; ++k)
        red_yellow += least_ms(net, program, first + (a + count - k) % count);
      lower(&m->rules->min_green_ms[group], green);
      lower(&m->rules->red_yellow_ms[group], red_yellow);
    }
    if (!art_letter_goes(now) && art_letter_goes(before)) {
      int64_t yellow = 0;
      for (int32_t k = 0; k < count && letter_at(net, first + (a + k) % count, group) == 'y'; ++k)
        yellow += least_ms(net, program, first + (a + k) % count);
      lower(&m->rules->yellow_ms[group], yellow);
    }
  }
}

/// Shortest time from the end of green of one group to the begin of green of another. Where a stage of others lies
/// between, that time says little: no longer than they need then. Needs the yellow of the groups.
static void follow_pair(maker *m, int32_t program, int32_t from, int32_t to)
{
  const int64_t needed = m->rules->yellow_ms[from] + m->clear_ms[from * m->groups + to];
  const art_net *net = m->net;
  const int32_t first = net->program_first_phase[program], count = net->program_first_phase[program + 1] - first;
  for (int32_t a = 0; a < count; ++a) {
    if (!art_letter_goes(letter_at(net, first + a, to)) ||
        art_letter_goes(letter_at(net, first + (a + count - 1) % count, to)))
      continue;
    int64_t gone = 0;
    int32_t k = 1;
    int has_stage = 0;
    for (; k <= count && !art_letter_goes(letter_at(net, first + (a + count - k) % count, from)); ++k) {
      gone += least_ms(net, program, first + (a + count - k) % count);
      has_stage |= art_net_phase_is_stage(net, first + (a + count - k) % count);
    }
    if (has_stage && gone > needed) gone = needed;
    if (k <= count) lower_pair(&m->rules->intergreen_ms[from * m->groups + to], gone);
  }
}

/// Programs that leave yellow to the guard may state it by phase.
static void follow_stages(maker *m, int32_t program)
{
  const art_net *net = m->net;
  for (int32_t a = net->program_first_phase[program]; a < net->program_first_phase[program + 1]; ++a) {
    const int64_t yellow = net->phase_time_ms[ART_PHASE_TIME_yellow_ms][a];
    const int64_t red = net->phase_time_ms[ART_PHASE_TIME_red_ms][a];
    for (int32_t f = 0; f < m->groups; ++f) {
      if (!art_letter_goes(letter_at(net, a, f))) continue;
      if (net->phase_min_ms[a] > 0) lower(&m->rules->min_green_ms[f], net->phase_min_ms[a]);
      if (yellow < 0) continue;
      if (m->has_cars[f]) lower(&m->rules->yellow_ms[f], yellow);
      for (int32_t g = 0; red >= 0 && g < m->groups; ++g)
        lower_pair(&m->rules->intergreen_ms[f * m->groups + g], yellow + red);
    }
  }
}

static int64_t on_grid(const maker *m, int64_t ms)
{
  return ms == UNKNOWN_MS ? ms : ms / m->step_ms * m->step_ms;
}

static void follow_programs(maker *m)
{
  const art_net *net = m->net;
  for (int32_t p = net->signal_first_program[m->signal]; p < net->signal_first_program[m->signal + 1]; ++p) {
    if (!is_lit(net, p)) continue;
    find_meetings(m, p);
    if (!art_program_writes_out(net, p)) {
      follow_stages(m, p);
      continue;
    }
    for (int32_t f = 0; f < m->groups; ++f) follow_group(m, p, f);
  }
}

static void follow_pairs(maker *m)
{
  const art_net *net = m->net;
  for (int32_t p = net->signal_first_program[m->signal]; p < net->signal_first_program[m->signal + 1]; ++p) {
    if (!is_lit(net, p) || !art_program_writes_out(net, p)) continue;
    for (int32_t f = 0; f < m->groups; ++f)
      for (int32_t g = 0; g < m->groups; ++g)
        if (m->conflicts[f * m->groups + g]) follow_pair(m, p, f, g);
  }
}

// --- what counts ----------------------------------------------------------------------------------------------------

static int64_t yellow_by_speed(double mps)
{
  double ms = YELLOW_MS + (mps > YELLOW_MPS ? (mps - YELLOW_MPS) * YELLOW_MS_PER_MPS : 0.0);
  if (ms > YELLOW_MOST_MS) ms = YELLOW_MOST_MS;
  return (int64_t)(ms / 100.0 + 0.5) * 100;
}

static void settle_groups(maker *m)
{
  const art_net *net = m->net;
  const int32_t at = net->signal_first_group[m->signal];
  for (int32_t g = 0; g < m->groups; ++g) {
    int64_t *green = &m->rules->min_green_ms[g], *yellow = &m->rules->yellow_ms[g],
            *red_yellow = &m->rules->red_yellow_ms[g];
    lower(green, MIN_GREEN_MS);
    *green = on_grid(m, *green);
    *yellow = *yellow == UNKNOWN_MS ? (m->has_cars[g] ? yellow_by_speed(m->speed_mps[g]) : 0) : on_grid(m, *yellow);
    *red_yellow = *red_yellow == UNKNOWN_MS ? 0 : on_grid(m, *red_yellow);
    if (net->group_min_green_ms[at + g] >= 0) *green = net->group_min_green_ms[at + g];
    if (net->group_yellow_ms[at + g] >= 0) *yellow = net->group_yellow_ms[at + g];
    if (net->group_red_yellow_ms[at + g] >= 0) *red_yellow = net->group_red_yellow_ms[at + g];
  }
}

static void settle_pairs(maker *m)
{
  const art_net *net = m->net;
  for (int32_t f = 0; f < m->groups; ++f)
    for (int32_t g = 0; g < m->groups; ++g) {
      const int32_t at = f * m->groups + g;
      int32_t *value = &m->rules->intergreen_ms[at];
      if (f == g || !m->conflicts[at] || m->meets[at] == 2) {
        *value = -1;
        continue;
      }
      const int64_t ms = *value == UNKNOWN_PAIR_MS ? m->rules->yellow_ms[f] + m->clear_ms[at] : on_grid(m, *value);
      *value = pair_ms(m->meets[at] ? -2 - ms : ms);
    }
  for (int32_t r = net->signal_first_intergreen[m->signal]; r < net->signal_first_intergreen[m->signal + 1]; ++r) {
    const int32_t at = net->intergreen_from[r] * m->groups + net->intergreen_to[r];
    int32_t *value = &m->rules->intergreen_ms[at];
    if (m->meets[at] < 2) *value = pair_ms(*value <= -2 ? -2 - net->intergreen_ms[r] : net->intergreen_ms[r]);
  }
}

art_guard_rules art_guard_rules_of(const art_net *net, const art_ways *ways, const art_signals *signals, int32_t signal,
                                   int32_t step_ms)
{
  const int32_t n = net->signal_group_count[signal];
  const size_t pairs = (size_t)n * (size_t)n;
  art_guard_rules rules;
  art_guard_rules_place(&rules, n, art_new(art_guard_rules_bytes(n), 1));
  for (int32_t g = 0; g < n; ++g)
    rules.min_green_ms[g] = rules.yellow_ms[g] = rules.red_yellow_ms[g] = UNKNOWN_MS;
  for (size_t i = 0; i < pairs; ++i) rules.intergreen_ms[i] = UNKNOWN_PAIR_MS;
  maker m = { .net = net,
              .ways = ways,
              .signal = signal,
              .groups = n,
              .step_ms = step_ms,
              .rules = &rules,
              .conflicts = ART_NEW(uint8_t, pairs),
              .clear_ms = ART_NEW(int64_t, pairs),
              .meets = ART_NEW(uint8_t, pairs),
              .has_cars = ART_NEW(uint8_t, n),
              .speed_mps = ART_NEW(double, n) };
  find_conflicts(&m, signals);
  follow_programs(&m);
  settle_groups(&m);
  follow_pairs(&m);
  settle_pairs(&m);
  free(m.conflicts);
  free(m.clear_ms);
  free(m.meets);
  free(m.has_cars);
  free(m.speed_mps);
  return rules;
}

size_t art_guard_rules_bytes(int32_t groups)
{
  const size_t n = (size_t)groups, bytes = 3 * n * sizeof(int64_t) + n * n * sizeof(int32_t);
  return (bytes + 7) / 8 * 8;
}

void art_guard_rules_place(art_guard_rules *rules, int32_t groups, void *memory)
{
  int64_t *at = memory;
  *rules = (art_guard_rules){ .group_count = groups,
                              .min_green_ms = at,
                              .yellow_ms = at + groups,
                              .red_yellow_ms = at + 2 * (size_t)groups,
                              .intergreen_ms = (int32_t *)(void *)(at + 3 * (size_t)groups) };
}

void art_guard_rules_clear(art_guard_rules *rules)
{
  free(rules->min_green_ms);
  memset(rules, 0, sizeof *rules);
}
