#include "models/signal/actuated.h"

#include <assert.h>
#include <string.h>

#include "models/signal/green.h"

/// Controllers that wait for sensors look at least so often.
#define LOOK_MS 1000

typedef enum mode { MODE_GREEN, MODE_TRANSITION, MODE_YELLOW, MODE_RED } mode;

typedef struct memory {
  int64_t has_started;
  int64_t mode, mode_ms;  ///< since
  int64_t at;             ///< the phase that runs; in a transition the one that is shown
  int64_t target;         ///< the green that comes after the transition
  int64_t yield_ms;       ///< last end of the coordinated green that was due
  int64_t has_hold, hold_ms;
  art_green green;  ///< the last one that was entered
  art_calls calls;
  int64_t waits_ms[ART_PHASES_MOST];  ///< since when a phase is called, plus 1; 0: it is not
} memory;
_Static_assert(sizeof(memory) <= ART_CONTROL_WORDS * sizeof(int64_t),
               "the memory of a controller is too small");

typedef struct run {
  art_phases p;
  memory *m;
  art_wish wish;
  art_cycle cycle;
  int is_coordinated, writes_out;
  int32_t reference;                      ///< first coordinated phase; -1: none
  uint64_t greens;                        ///< phases that are no transitions, by bit
  uint64_t wanted;                        ///< green phases that are called or have a bus
  int64_t clearance_ms[ART_PHASES_MOST];  ///< from the end of this green to the begin of the next one
  int64_t nominal_ms[ART_PHASES_MOST];    ///< length as the clock has it
  int64_t place_ms[ART_PHASES_MOST];      ///< where it ends in the cycle
} run;

static int is_green(const run *r, int32_t phase)
{
  return (r->greens >> phase) & 1;
}
static int64_t duration_ms(const run *r, int32_t phase)
{
  return r->p.net->phase_duration_ms[r->p.first + phase];
}

// --- places in the cycle --------------------------------------------------------------------------------------------

static int32_t following(const run *r, int32_t phase)
{
  const int32_t row = r->p.first + phase;
  if (r->p.net->phase_first_next[row] < r->p.net->phase_first_next[row + 1])
    return r->p.net->phase_next[r->p.net->phase_first_next[row]];
  return (phase + 1) % r->p.count;
}

static int64_t clearance_after(const run *r, int32_t phase)
{
  int64_t written = 0;
  for (int32_t k = 1; k < r->p.count && !is_green(r, (phase + k) % r->p.count); ++k)
    written += duration_ms(r, (phase + k) % r->p.count);
  if (r->writes_out) return written;
  return written + art_phases_yellow_ms(&r->p, phase) + art_phases_red_ms(&r->p, phase);
}

/// Lengths and places of all phases if the program ran by the clock: durations, or splits where stated.
static void lay_out(run *r)
{
  const art_net *net = r->p.net;
  for (int32_t i = 0; i < r->p.count; ++i)
    if (art_phases_is_green(&r->p, i)) r->greens |= (uint64_t)1 << i;
  r->writes_out = art_phases_writes_out(&r->p);
  int64_t place = 0;
  r->reference = -1;
  for (int32_t i = 0; i < r->p.count; ++i) {
    r->nominal_ms[i] = duration_ms(r, i);
    if (is_green(r, i)) {
      r->clearance_ms[i] = clearance_after(r, i);
      const int64_t split = art_phases_time(&r->p, i, ART_PHASE_TIME_split_ms);
      if (split > 0) r->nominal_ms[i] = split > r->clearance_ms[i] ? split - r->clearance_ms[i] : 0;
      if (r->reference < 0 && r->is_coordinated && art_phases_has(&r->p, i, ART_PHASE_COORDINATED))
        r->reference = i;
    }
    r->place_ms[i] = place + r->nominal_ms[i];
    place = r->place_ms[i];
    if (is_green(r, i) && !r->writes_out) place += r->clearance_ms[i];
  }
  const int64_t stated = net->program_cycle_ms[r->p.view->program];
  r->cycle.length_ms = stated > 0 ? stated : place > 0 ? place : 1;
  r->cycle.offset_ms = net->program_offset_ms[r->p.view->program];
}

/// When the green of this phase is due to end in the present cycle, which begins after the last coordinated green.
static art_tick due_ms(const run *r, int32_t phase)
{
  return art_cycle_after(&r->cycle, r->place_ms[phase], r->m->yield_ms);
}

// --- who comes next -------------------------------------------------------------------------------------------------

static int32_t green_from(const run *r, int32_t phase)
{
  for (int32_t k = 0; k < r->p.count && !is_green(r, phase); ++k) phase = following(r, phase);
  return phase;
}

static int may_follow(const run *r, int32_t phase)
{
  if (art_phases_has(&r->p, phase, ART_PHASE_OMIT)) return 0;
  if (!art_phases_has(&r->p, phase, ART_PHASE_MAY_SKIP)) return 1;
  const int is_fixed_place = r->is_coordinated && art_phases_has(&r->p, phase, ART_PHASE_COORDINATED);
  if (is_fixed_place) return 1;
  if (!((r->wanted >> phase) & 1)) return 0;
  if (!r->is_coordinated) return 1;
  // Who was passed over twice because others overran is served in any case.
  if (r->m->waits_ms[phase] > 0 && r->p.view->now_ms - r->m->waits_ms[phase] > 2 * r->cycle.length_ms)
    return 1;
  const int64_t way = r->clearance_ms[r->m->green.phase];
  const int64_t need = art_green_need_ms(&r->p, &r->m->calls, phase);
  return art_green_fits(&r->p, way, need, r->nominal_ms[phase], due_ms(r, phase));
}

static int64_t waiting_score(const run *r, int32_t phase)
{
  const art_phases *p = &r->p;
  const int has_bus = r->wish.group >= 0 && art_phases_serves(p, phase, r->wish.group);
  if (art_phases_has(p, phase, ART_PHASE_OMIT) || !((r->wanted >> phase) & 1)) return 0;
  const int64_t waits = r->m->waits_ms[phase] > 0 ? p->view->now_ms - (r->m->waits_ms[phase] - 1) : 0;
  const double longest_s = (double)art_phases_value(p, ART_CONTROL_VALUE_inactive_s);
  if ((double)waits > longest_s * 1000.0) return 1000 + waits / 1000;
  int64_t score = has_bus ? 100 : 1;
  const int32_t *first = p->net->phase_first_sensor + p->first + phase;
  for (int32_t k = first[0]; k < first[1]; ++k) score += p->view->sensor[p->net->phase_sensor[k]].occupied;
  return score;
}

/// Of a list: the first phase of the way to the one that most people wait for.
static int32_t next_of_list(const run *r, int32_t phase)
{
  const int32_t row = r->p.first + phase;
  const int32_t *first = r->p.net->phase_first_next + row;
  int32_t best = r->p.net->phase_next[first[0]];
  int64_t most = 0;
  for (int32_t k = first[0]; k < first[1]; ++k) {
    const int64_t score = waiting_score(r, green_from(r, r->p.net->phase_next[k]));
    if (score <= most) continue;
    most = score;
    best = r->p.net->phase_next[k];
  }
  return best;
}

/// Where the program goes from this green: `*way` the next phase of it, the result the green at its end. The same one
/// if nobody else is to be served.
static int32_t next_green(const run *r, int32_t phase, int32_t *way)
{
  const int32_t row = r->p.first + phase;
  if (art_phases_has(&r->p, phase, ART_PHASE_MANUAL_NEXT) &&
      r->p.net->phase_first_next[row] < r->p.net->phase_first_next[row + 1]) {
    *way = next_of_list(r, phase);
    return green_from(r, *way);
  }
  *way = (phase + 1) % r->p.count;
  for (int32_t k = 1; k < r->p.count; ++k) {
    const int32_t i = (phase + k) % r->p.count;
    if (is_green(r, i) && may_follow(r, i)) return i;
  }
  return phase;
}

// --- moves ----------------------------------------------------------------------------------------------------------

static void set_mode(run *r, mode to, int32_t at)
{
  r->m->mode = to;
  r->m->mode_ms = r->p.view->now_ms;
  r->m->at = at;
}

static void enter(run *r, int32_t phase)
{
  memory *m = r->m;
  set_mode(r, MODE_GREEN, phase);
  m->waits_ms[phase] = 0;
  m->has_hold = r->is_coordinated && art_phases_has(&r->p, phase, ART_PHASE_COORDINATED);
  if (m->has_hold) m->hold_ms = due_ms(r, phase);
  art_green_enter(&m->green, &r->p, &m->calls, phase);
}

static void leave(run *r)
{
  memory *m = r->m;
  int32_t way;
  const int32_t from = (int32_t)m->green.phase;
  // A bus may have ended it before its place: that was its turn in this cycle.
  if (from == r->reference && m->has_hold && m->hold_ms > m->yield_ms) m->yield_ms = m->hold_ms;
  m->target = next_green(r, from, &way);
  if (art_phases_has(&r->p, from, ART_PHASE_MEMORY) && art_green_is_cut(&m->green, &r->p))
    m->calls.vehicles = (int64_t)((uint64_t)m->calls.vehicles | (uint64_t)1 << from);
  if (!is_green(r, way))
    set_mode(r, MODE_TRANSITION, way);
  else if (art_phases_time(&r->p, from, ART_PHASE_TIME_yellow_ms) > 0)
    set_mode(r, MODE_YELLOW, from);
  else
    enter(r, (int32_t)m->target);
}

static void start(run *r)
{
  memory *m = r->m;
  m->has_started = 1;
  m->calls.seen_ms = r->p.view->now_ms;
  if (r->reference >= 0)
    m->yield_ms = art_cycle_before(&r->cycle, r->place_ms[r->reference], r->p.view->now_ms);
  // The phase that the clock would have.
  const int64_t place = art_cycle_place(&r->cycle, r->p.view->now_ms);
  int32_t at = 0;
  while (at < r->p.count - 1 && place >= r->place_ms[at] + (r->writes_out ? 0 : r->clearance_ms[at])) ++at;
  if (is_green(r, at)) {
    enter(r, at);
    return;
  }
  m->green.phase = m->target = green_from(r, at);
  set_mode(r, MODE_TRANSITION, at);
}

/// The end of a green that is due may have passed meanwhile, several times if an emergency held another one.
static void follow_clock(run *r)
{
  memory *m = r->m;
  if (r->reference < 0) return;
  const art_tick now = r->p.view->now_ms;
  while (m->yield_ms + 2 * r->cycle.length_ms <= now) m->yield_ms += r->cycle.length_ms;
  if (m->mode != MODE_GREEN || !m->has_hold || !m->green.has_begun) return;
  if (now >= m->hold_ms) {
    if (m->at == r->reference && m->hold_ms > m->yield_ms) m->yield_ms = m->hold_ms;
    // Where nobody came it is held again when its time in the cycle begins.
    const art_tick due = due_ms(r, (int32_t)m->at);
    if (now >= due - r->nominal_ms[m->at] && due > m->hold_ms && now > m->hold_ms) m->hold_ms = due;
  }
}

// --- the green that runs --------------------------------------------------------------------------------------------

/// SUMO's earliestEnd and latestEnd: bounds of the place at which this green ends.
static void bound_by_places(const run *r, art_green_frame *frame)
{
  const int32_t phase = (int32_t)r->m->green.phase;
  const int64_t earliest = art_phases_time(&r->p, phase, ART_PHASE_TIME_earliest_end_ms);
  const int64_t latest = art_phases_time(&r->p, phase, ART_PHASE_TIME_latest_end_ms);
  const art_tick now = r->p.view->now_ms;
  const int64_t place = art_cycle_place(&r->cycle, now), ran = now - r->m->green.begin_ms;
  if (earliest >= 0 && place < earliest && now - place + earliest > frame->hold_ms)
    frame->hold_ms = now - place + earliest;
  if (latest < 0 || (latest < earliest && ran < place)) return;
  const art_tick end = place < latest ? now - place + latest : now;
  if (end < frame->force_off_ms) frame->force_off_ms = end;
}

static art_green_frame frame_of(const run *r)
{
  const memory *m = r->m;
  const int32_t phase = (int32_t)m->green.phase;
  int32_t way;
  art_green_frame frame = { .p = &r->p,
                            .calls = &m->calls,
                            .wish = &r->wish,
                            .has_rival = next_green(r, phase, &way) != phase,
                            .hold_ms = ART_PHASES_LONG_AGO,
                            .force_off_ms = ART_PHASES_NEVER };
  if (r->is_coordinated && m->has_hold) {
    frame.is_timed = 1;
    frame.hold_ms = m->hold_ms;
  } else if (r->is_coordinated && r->reference >= 0) {
    frame.ignores_max = art_phases_value(&r->p, ART_CONTROL_VALUE_is_fixed_force_off) > 0.5f;
    frame.force_off_ms = due_ms(r, phase);
  }
  if (r->is_coordinated) bound_by_places(r, &frame);
  return frame;
}

/// An emergency vehicle: its phase, as soon as people are over.
static void give_way(run *r, int32_t phase)
{
  if (r->m->mode == MODE_GREEN && r->m->at == phase) {
    return;
  }
  r->m->target = phase;
  if (r->m->mode != MODE_GREEN) return;
  if (r->m->green.has_begun && !art_green_stops_walk(&r->m->green, &r->p)) return;
  enter(r, phase);
}

static void note_wanted(run *r)
{
  r->wanted = 0;
  for (int32_t i = 0; i < r->p.count; ++i) {
    if (!is_green(r, i)) continue;
    const int has_bus = r->wish.group >= 0 && art_phases_serves(&r->p, i, r->wish.group);
    if (has_bus || art_calls_wants(&r->m->calls, &r->p, i)) r->wanted |= (uint64_t)1 << i;
  }
}

static void run_green(run *r)
{
  memory *m = r->m;
  const int had_begun = (int)m->green.has_begun;
  art_green_frame frame = frame_of(r);
  art_green_look(&m->green, &frame);
  if (!had_begun && m->green.has_begun) {
    art_calls_serve(&m->calls, &r->p, (int32_t)m->green.phase);
    note_wanted(r);
  }
  const int32_t phase = r->wish.is_emergency ? art_priority_phase(&r->p, &r->wish, (int32_t)m->at) : -1;
  if (phase >= 0)
    give_way(r, phase);
  else if (art_green_end(&m->green, &frame) <= r->p.view->now_ms)
    leave(r);
}

static int run_transition(run *r)
{
  memory *m = r->m;
  const int64_t gone = r->p.view->now_ms - m->mode_ms;
  const int32_t from = (int32_t)m->green.phase;
  const int32_t phase = r->wish.is_emergency ? art_priority_phase(&r->p, &r->wish, -1) : -1;
  if (phase >= 0) m->target = phase;
  if (m->mode == MODE_TRANSITION) {
    if (gone < duration_ms(r, (int32_t)m->at)) return 0;
    const int32_t next = following(r, (int32_t)m->at);
    if (is_green(r, next) || next == m->at)
      enter(r, (int32_t)m->target);
    else
      set_mode(r, MODE_TRANSITION, next);
    return 1;
  }
  const int64_t red = art_phases_red_ms(&r->p, from);
  if (m->mode == MODE_YELLOW && gone < art_phases_yellow_ms(&r->p, from)) return 0;
  if (m->mode == MODE_YELLOW && red > 0) {
    set_mode(r, MODE_RED, from);
    return 1;
  }
  if (m->mode == MODE_RED && gone < red) return 0;
  enter(r, (int32_t)m->target);
  return 1;
}

// --- what is said ---------------------------------------------------------------------------------------------------

/// While one green goes over to another. What the program writes out is shown as it stands, where it leads to the phase
/// that comes. Else who has green in both keeps it, and who is skipped is not led to it.
static char letter_between(const run *r, int32_t group)
{
  const memory *m = r->m;
  const art_phases *p = &r->p;
  const int32_t from = (int32_t)m->green.phase, to = (int32_t)m->target;
  const int goes_on = art_letter_is_green(art_phases_letter(p, to, group));
  const int went = m->green.has_begun && art_letter_is_green(art_green_letter(&m->green, p, group));
  if (m->mode == MODE_TRANSITION) {
    const char written = art_phases_letter(p, (int32_t)m->at, group);
    if (green_from(r, (int32_t)m->at) == to) return written;
    if (art_letter_is_green(written)) return goes_on || !went ? written : 'y';
    if (went && goes_on && written == 'y') return art_phases_letter(p, from, group);
    return written == 'u' && !goes_on ? 'r' : written;
  }
  if (!went) return 'r';
  if (goes_on && !art_phases_is_foot(p, group)) return art_phases_letter(p, from, group);
  return m->mode == MODE_YELLOW && !art_phases_is_foot(p, group) ? 'y' : 'r';
}

static art_tick next_look(run *r)
{
  const memory *m = r->m;
  const art_control_view *view = r->p.view;
  const int32_t from = (int32_t)m->green.phase;
  if (m->mode == MODE_TRANSITION) return m->mode_ms + duration_ms(r, (int32_t)m->at);
  if (m->mode == MODE_YELLOW) return m->mode_ms + art_phases_yellow_ms(&r->p, from);
  if (m->mode == MODE_RED) return m->mode_ms + art_phases_red_ms(&r->p, from);
  if (!m->green.has_begun) return view->now_ms + view->step_ms;
  art_green_frame frame = frame_of(r);
  art_green green = m->green;
  const art_tick end = art_green_end(&green, &frame);
  if (r->wish.is_emergency) return view->now_ms + view->step_ms;
  const int shrinks = art_phases_time(&r->p, from, ART_PHASE_TIME_reduce_after_ms) > 0;
  art_tick next = view->now_ms + (shrinks && end < ART_PHASES_NEVER ? view->step_ms : LOOK_MS);
  if (end > view->now_ms && end < next) next = end;
  if (m->has_hold && m->hold_ms > view->now_ms && m->hold_ms < next) next = m->hold_ms;
  const art_tick walk = art_green_walk_ms(&m->green, &r->p, frame.hold_ms);
  if (walk > view->now_ms && walk < next) next = walk;
  return next;
}

static void note_waits(run *r)
{
  for (int32_t i = 0; i < r->p.count; ++i) {
    const int is_running = r->m->mode == MODE_GREEN && r->m->at == i;
    if (is_running || !((r->wanted >> i) & 1))
      r->m->waits_ms[i] = 0;
    else if (r->m->waits_ms[i] == 0)
      r->m->waits_ms[i] = r->p.view->now_ms + 1;
  }
}

void art_actuated_control(art_control_view *view)
{
  run r = { .p = art_phases_of(view), .m = (memory *)view->memory };
  memory *m = r.m;
  r.wish = art_priority_wish(&r.p);
  r.is_coordinated = art_phases_value(&r.p, ART_CONTROL_VALUE_is_coordinated) > 0.5f;
  lay_out(&r);
  if (!m->has_started) start(&r);
  const int has_green = m->mode == MODE_GREEN && m->green.has_begun;
  art_calls_listen(&m->calls, &r.p, has_green ? (uint64_t)1 << m->at : 0);
  note_wanted(&r);
  note_waits(&r);
  follow_clock(&r);
  if (m->mode == MODE_GREEN)
    run_green(&r);
  else
    for (int32_t k = 0; k <= r.p.count && m->mode != MODE_GREEN && run_transition(&r); ++k) {}
  for (int32_t g = 0; g < r.p.groups; ++g)
    view->wanted[g] = m->mode == MODE_GREEN ? art_green_letter(&m->green, &r.p, g) : letter_between(&r, g);
  const int shows = m->mode == MODE_TRANSITION || (m->mode == MODE_GREEN && m->green.has_begun);
  view->phase = shows ? (int32_t)m->at : -1;
  view->next_ms = next_look(&r);
}
