#include "models/signal/nema.h"

#include <assert.h>
#include <string.h>

#include "models/signal/green.h"

enum { RINGS = 4, BARRIERS = 16 };
#define LOOK_MS 1000  // controllers that wait for sensors look at least so often

typedef enum ring_mode {
  RING_DARK,  ///< has no phase on this side of the barrier
  RING_GREEN,
  RING_YELLOW,
  RING_RED,
  RING_WAITS  ///< is clear, and waits for the others to cross the barrier
} ring_mode;

typedef struct ring_state {
  int64_t mode, mode_ms;
  int64_t next, crosses;  ///< phase that comes next, -1: none; beyond the barrier
  int64_t yield_ms;       ///< last end of its coordinated green that was due
  int64_t has_hold, hold_ms;
  int64_t is_done;  ///< had its gap or maximum, and waits for the others at the barrier
  art_green green;  ///< the last one that was entered
} ring_state;

typedef struct memory {
  int64_t has_started;
  int64_t barrier, next_barrier;
  int64_t missed,
      overdue;  ///< phases that waited when a coordinated green ended; and when the next one did too
  art_calls calls;
  ring_state ring[RINGS];
} memory;
_Static_assert(sizeof(memory) <= ART_CONTROL_WORDS * sizeof(int64_t),
               "the memory of a controller is too small");

typedef struct run {
  art_phases p;
  memory *m;
  art_wish wish;
  int32_t wish_phase;  ///< that the wish is about; -1
  uint64_t wanted;     ///< phases that are called, by bit
  int is_coordinated, is_type_170;
  int32_t rings, barriers;
  int32_t reference[RINGS];           ///< coordinated phase of the ring, -1
  int32_t leader;                     ///< first ring with a coordinated phase, -1
  int64_t start_ms[BARRIERS + 1];     ///< of barriers, before they are moved to the offset
  int64_t place_ms[ART_PHASES_MOST];  ///< where greens end in the cycle
  int64_t shift_ms;                   ///< what the places were moved by
  art_cycle cycle;
} run;

// --- the diagram ----------------------------------------------------------------------------------------------------

static int32_t ring_of(const run *r, int32_t phase)
{
  return r->p.net->phase_ring[r->p.first + phase];
}
static int32_t barrier_of(const run *r, int32_t phase)
{
  return r->p.net->phase_barrier[r->p.first + phase];
}
static int is_at(const run *r, int32_t phase, int32_t ring, int32_t barrier)
{
  return ring_of(r, phase) == ring && barrier_of(r, phase) == barrier;
}
static int is_coordinated_phase(const run *r, int32_t phase)
{
  return r->is_coordinated && art_phases_has(&r->p, phase, ART_PHASE_COORDINATED);
}
static int64_t clearance_ms(const run *r, int32_t phase)
{
  return art_phases_yellow_ms(&r->p, phase) + art_phases_red_ms(&r->p, phase);
}
static int64_t split_ms(const run *r, int32_t phase)
{
  const int64_t stated = art_phases_time(&r->p, phase, ART_PHASE_TIME_split_ms);
  return stated > 0 ? stated : art_phases_max_ms(&r->p, phase) + clearance_ms(r, phase);
}

/// Where greens end if every phase takes its split: barriers at the longest ring.
static void lay_out(run *r)
{
  r->leader = -1;
  for (int32_t ring = 0; ring < RINGS; ++ring) r->reference[ring] = -1;
  for (int32_t i = 0; i < r->p.count; ++i) {
    if (ring_of(r, i) >= r->rings && ring_of(r, i) < RINGS) r->rings = ring_of(r, i) + 1;
    if (barrier_of(r, i) >= r->barriers && barrier_of(r, i) < BARRIERS) r->barriers = barrier_of(r, i) + 1;
  }
  int64_t zero = ART_PHASES_NEVER;
  for (int32_t b = 0; b < r->barriers; ++b) {
    r->start_ms[b + 1] = r->start_ms[b];
    for (int32_t ring = 0; ring < r->rings; ++ring) {
      int64_t sum = r->start_ms[b];
      for (int32_t i = 0; i < r->p.count; ++i) {
        if (!is_at(r, i, ring, b)) continue;
        const int64_t begin = sum;
        sum += split_ms(r, i);
        r->place_ms[i] = sum - clearance_ms(r, i);
        if (!is_coordinated_phase(r, i)) continue;
        if (r->reference[ring] < 0) r->reference[ring] = i;
        const int64_t here = r->is_type_170 ? r->place_ms[i] : begin;
        if (here < zero) zero = here;
      }
      if (sum > r->start_ms[b + 1]) r->start_ms[b + 1] = sum;
    }
  }
  for (int32_t ring = r->rings - 1; ring >= 0; --ring)
    if (r->reference[ring] >= 0) r->leader = ring;
  r->shift_ms = zero < ART_PHASES_NEVER ? zero : 0;
  for (int32_t i = 0; i < r->p.count; ++i) r->place_ms[i] -= r->shift_ms;
  const int64_t stated = r->p.net->program_cycle_ms[r->p.view->program], sum = r->start_ms[r->barriers];
  r->cycle.length_ms = stated > 0 ? stated : sum > 0 ? sum : 1;
  r->cycle.offset_ms = r->p.net->program_offset_ms[r->p.view->program];
}

static art_tick due_ms(const run *r, int32_t phase)
{
  const int32_t ring = ring_of(r, phase);
  const int32_t clock = r->reference[ring] >= 0 ? ring : r->leader;
  return art_cycle_after(&r->cycle, r->place_ms[phase], r->m->ring[clock].yield_ms);
}

// --- who can be served ----------------------------------------------------------------------------------------------

static void note_wanted(run *r)
{
  r->wanted = 0;
  for (int32_t i = 0; i < r->p.count; ++i) {
    if (art_phases_has(&r->p, i, ART_PHASE_OMIT)) continue;
    const int is_due = is_coordinated_phase(r, i) || i == r->wish_phase;
    if (is_due || art_calls_wants(&r->m->calls, &r->p, i)) r->wanted |= (uint64_t)1 << i;
  }
}

static int64_t way_ms(const run *r, int32_t ring)
{
  const ring_state *s = &r->m->ring[ring];
  return s->mode == RING_GREEN ? clearance_ms(r, (int32_t)s->green.phase) : 0;
}

/// There is time for it before the place where it has to end.
static int fits(const run *r, int32_t phase, int64_t need_ms)
{
  const int64_t nominal = split_ms(r, phase) - clearance_ms(r, phase);
  return art_green_fits(&r->p, way_ms(r, ring_of(r, phase)), need_ms, nominal, due_ms(r, phase));
}

static int32_t before_in_ring(const run *r, int32_t phase)
{
  for (int32_t b = barrier_of(r, phase), k = 0; k <= r->barriers;
       ++k, b = (b + r->barriers - 1) % r->barriers)
    for (int32_t i = (k == 0 ? phase : r->p.count) - 1; i >= 0; --i)
      if (is_at(r, i, ring_of(r, phase), b) && !art_phases_has(&r->p, i, ART_PHASE_OMIT)) return i;
  return phase;
}

/// Its turn may have come: in time, and not before the turn of the one before it is over.
static int may_serve(const run *r, int32_t phase)
{
  if (!((r->wanted >> phase) & 1)) return 0;
  if (r->leader < 0 || is_coordinated_phase(r, phase)) return 1;
  if (((uint64_t)r->m->overdue >> phase) & 1) return 1;
  if (!fits(r, phase, art_green_need_ms(&r->p, &r->m->calls, phase))) return 0;
  const ring_state *s = &r->m->ring[ring_of(r, phase)];
  if (r->is_type_170 || s->mode != RING_GREEN || !is_coordinated_phase(r, (int32_t)s->green.phase)) return 1;
  const int32_t before = before_in_ring(r, phase);
  if (before == phase || is_coordinated_phase(r, before)) return 1;
  return r->p.view->now_ms + way_ms(r, ring_of(r, phase)) + art_phases_min_ms(&r->p, before) >
         due_ms(r, before);
}

/// The first that may be served in this ring and barrier, of the rows after `from` and before `to`; -1: none.
static int32_t first_served(const run *r, int32_t ring, int32_t barrier, int32_t from, int32_t to)
{
  for (int32_t i = from + 1; i < to; ++i)
    if (is_at(r, i, ring, barrier) && may_serve(r, i)) return i;
  return -1;
}

/// The next barrier that somebody waits behind; -1: none.
static int32_t barrier_that_calls(const run *r)
{
  for (int32_t k = 1; k < r->barriers; ++k) {
    const int32_t b = ((int32_t)r->m->barrier + k) % r->barriers;
    for (int32_t ring = 0; ring < r->rings; ++ring)
      if (first_served(r, ring, b, -1, r->p.count) >= 0) return b;
  }
  return -1;
}

/// With which phase the ring comes along into a barrier.
static int32_t entry_phase(const run *r, int32_t ring, int32_t barrier)
{
  const int32_t served = first_served(r, ring, barrier, -1, r->p.count);
  if (served >= 0) return served;
  for (int32_t i = 0; i < r->p.count; ++i)
    if (is_at(r, i, ring, barrier) && art_phases_has(&r->p, i, ART_PHASE_DUAL_ENTRY) &&
        !art_phases_has(&r->p, i, ART_PHASE_OMIT))
      return i;
  return -1;
}

/// Where a ring may go alone, on this side of the barrier: on in its order, and from the begin again if nobody waits
/// behind another barrier.
static int32_t next_in_barrier(const run *r, int32_t ring, int32_t other_barrier)
{
  const ring_state *s = &r->m->ring[ring];
  const int32_t barrier = (int32_t)r->m->barrier;
  if (s->mode == RING_DARK)
    return other_barrier < 0 || r->leader < 0 ? first_served(r, ring, barrier, -1, r->p.count) : -1;
  const int32_t phase = (int32_t)s->green.phase;
  const int32_t on = first_served(r, ring, barrier, phase, r->p.count);
  return on >= 0 || other_barrier >= 0 ? on : first_served(r, ring, barrier, -1, phase);
}

// --- moves ----------------------------------------------------------------------------------------------------------

static void set_mode(const run *r, ring_state *s, ring_mode mode)
{
  s->mode = mode;
  s->mode_ms = r->p.view->now_ms;
}

static void enter(run *r, int32_t ring, int32_t phase)
{
  ring_state *s = &r->m->ring[ring];
  s->crosses = 0;
  s->next = -1;
  s->is_done = 0;
  if (phase < 0) {
    s->green.has_begun = 0;
    set_mode(r, s, RING_DARK);
    return;
  }
  set_mode(r, s, RING_GREEN);
  s->has_hold = r->leader >= 0 && is_coordinated_phase(r, phase);
  if (s->has_hold) s->hold_ms = due_ms(r, phase);
  art_green_enter(&s->green, &r->p, &r->m->calls, phase);
}

static void leave(run *r, int32_t ring, int32_t next, int crosses)
{
  ring_state *s = &r->m->ring[ring];
  const int32_t from = (int32_t)s->green.phase;
  s->next = next;
  s->crosses = crosses;
  if (s->mode == RING_DARK && !crosses) {
    enter(r, ring, next);
  } else if (s->mode == RING_DARK) {
    set_mode(r, s, RING_WAITS);
  } else if (s->mode == RING_GREEN) {
    set_mode(r, s, RING_YELLOW);
    // A bus may have ended it before its place: that was its turn in this cycle.
    if (from == r->reference[ring] && s->has_hold && s->hold_ms > s->yield_ms && !r->wish.is_emergency)
      s->yield_ms = s->hold_ms;
    if (art_phases_has(&r->p, from, ART_PHASE_MEMORY) && s->green.has_begun &&
        art_green_is_cut(&s->green, &r->p))
      r->m->calls.vehicles = (int64_t)((uint64_t)r->m->calls.vehicles | (uint64_t)1 << from);
  } else if (s->mode == RING_WAITS && !crosses) {
    enter(r, ring, next);
  }
}

/// All rings go to this side; `phase` among those that are served there, -1: whoever calls.
static void cross(run *r, int32_t barrier, int32_t phase)
{
  int32_t next[RINGS];
  for (int32_t ring = 0; ring < r->rings; ++ring)
    next[ring] = phase >= 0 && ring_of(r, phase) == ring ? phase : entry_phase(r, ring, barrier);
  r->m->next_barrier = barrier;
  for (int32_t ring = 0; ring < r->rings; ++ring) leave(r, ring, next[ring], 1);
}

/// Yellow and red run out. Returns whether something happened.
static int run_clearance(run *r, int32_t ring)
{
  ring_state *s = &r->m->ring[ring];
  if (s->mode != RING_YELLOW && s->mode != RING_RED) return 0;
  const int32_t from = (int32_t)s->green.phase;
  const int64_t gone = r->p.view->now_ms - s->mode_ms;
  if (s->mode == RING_YELLOW) {
    if (gone < art_phases_yellow_ms(&r->p, from)) return 0;
    set_mode(r, s, RING_RED);
    return 1;
  }
  if (gone < art_phases_red_ms(&r->p, from)) return 0;
  if (s->crosses)
    set_mode(r, s, RING_WAITS);
  else
    enter(r, ring, (int32_t)s->next);
  return 1;
}

static int enter_together(run *r)
{
  for (int32_t ring = 0; ring < r->rings; ++ring)
    if (r->m->ring[ring].mode != RING_WAITS) return 0;
  r->m->barrier = r->m->next_barrier;
  for (int32_t ring = 0; ring < r->rings; ++ring) enter(r, ring, (int32_t)r->m->ring[ring].next);
  return 1;
}

// --- start and clock ------------------------------------------------------------------------------------------------

static void start(run *r)
{
  memory *m = r->m;
  const art_tick now = r->p.view->now_ms;
  m->has_started = 1;
  m->calls.seen_ms = now;
  for (int32_t ring = 0; ring < r->rings; ++ring)
    if (r->reference[ring] >= 0)
      m->ring[ring].yield_ms = art_cycle_before(&r->cycle, r->place_ms[r->reference[ring]], now);
  const int64_t sum = r->start_ms[r->barriers] > 0 ? r->start_ms[r->barriers] : 1;
  const int64_t t = (art_cycle_place(&r->cycle, now) + r->shift_ms) % sum;
  while (m->barrier + 1 < r->barriers && t >= r->start_ms[m->barrier + 1]) ++m->barrier;
  for (int32_t ring = 0; ring < r->rings; ++ring) {
    int32_t last = -1;
    for (int32_t i = 0; i < r->p.count; ++i) {
      if (!is_at(r, i, ring, (int32_t)m->barrier) || art_phases_has(&r->p, i, ART_PHASE_OMIT)) continue;
      last = i;
      if (t < r->place_ms[i] + r->shift_ms + clearance_ms(r, i)) break;
    }
    enter(r, ring, last);
  }
}

static void note_missed(run *r)
{
  memory *m = r->m;
  m->overdue = (int64_t)((uint64_t)m->overdue | ((uint64_t)m->missed & r->wanted));
  m->missed = (int64_t)r->wanted;
}

/// Coordinated greens that were due yield; where nobody came they are held again when their time in the cycle begins.
static void follow_clock(run *r, int32_t ring)
{
  ring_state *s = &r->m->ring[ring];
  const art_tick now = r->p.view->now_ms;
  if (r->reference[ring] < 0) return;
  while (s->yield_ms + 2 * r->cycle.length_ms <= now) s->yield_ms += r->cycle.length_ms;
  if (s->mode != RING_GREEN || !s->has_hold || !s->green.has_begun || now < s->hold_ms) return;
  const int32_t phase = (int32_t)s->green.phase;
  if (phase == r->reference[ring] && s->hold_ms > s->yield_ms) {
    s->yield_ms = s->hold_ms;
    if (ring == r->leader) note_missed(r);
  }
  const art_tick due = due_ms(r, phase);
  const int64_t green = split_ms(r, phase) - clearance_ms(r, phase);
  if (now > s->hold_ms && due > s->hold_ms && now >= due - green) s->hold_ms = due;
}

// --- greens ---------------------------------------------------------------------------------------------------------

/// A phase of another ring on the same side of the barrier neither serves the wish nor stands in its way.
static int minds_wish(const run *r, int32_t phase)
{
  if (r->wish_phase < 0 || art_phases_serves(&r->p, phase, r->wish.group)) return 1;
  return barrier_of(r, phase) != barrier_of(r, r->wish_phase) ||
         ring_of(r, phase) == ring_of(r, r->wish_phase);
}

static art_green_frame frame_of(const run *r, int32_t ring, const art_wish *nobody)
{
  const ring_state *s = &r->m->ring[ring];
  const int32_t phase = (int32_t)s->green.phase, other = barrier_that_calls(r);
  art_green_frame frame = { .p = &r->p,
                            .calls = &r->m->calls,
                            .wish = minds_wish(r, phase) ? &r->wish : nobody,
                            .has_rival = other >= 0 || next_in_barrier(r, ring, other) >= 0,
                            .hold_ms = ART_PHASES_LONG_AGO,
                            .force_off_ms = ART_PHASES_NEVER };
  if (s->has_hold) {
    frame.is_timed = 1;
    frame.hold_ms = s->hold_ms;
  } else if (r->leader >= 0) {
    frame.ignores_max = art_phases_value(&r->p, ART_CONTROL_VALUE_is_fixed_force_off) > 0.5f;
    frame.force_off_ms = due_ms(r, phase);
  }
  return frame;
}

static art_tick end_ms(run *r, int32_t ring)
{
  const art_wish nobody = { .group = -1 };
  const art_green_frame frame = frame_of(r, ring, &nobody);
  return art_green_end(&r->m->ring[ring].green, &frame);
}

static void look(run *r, int32_t ring)
{
  ring_state *s = &r->m->ring[ring];
  const art_wish nobody = { .group = -1 };
  if (s->mode != RING_GREEN) return;
  const int had_begun = s->green.has_begun != 0;
  const art_green_frame frame = frame_of(r, ring, &nobody);
  art_green_look(&s->green, &frame);
  if (had_begun || !s->green.has_begun) return;
  art_calls_serve(&r->m->calls, &r->p, (int32_t)s->green.phase);
  r->m->missed = (int64_t)((uint64_t)r->m->missed & ~((uint64_t)1 << s->green.phase));
  r->m->overdue = (int64_t)((uint64_t)r->m->overdue & ~((uint64_t)1 << s->green.phase));
  note_wanted(r);
}

static int is_ready(run *r, int32_t ring)
{
  const ring_state *s = &r->m->ring[ring];
  if (s->mode != RING_GREEN) return s->mode == RING_DARK;
  const art_tick end = end_ms(r, ring);
  if (end <= r->p.view->now_ms) return 1;
  const int has_bus = r->wish.group >= 0 && art_phases_serves(&r->p, (int32_t)s->green.phase, r->wish.group);
  return s->is_done && end < ART_PHASES_NEVER && !has_bus &&
         art_green_walk_ms(&s->green, &r->p, ART_PHASES_LONG_AGO) == ART_PHASES_NEVER;
}

/// Without simultaneous gap-out a ring that is ready to cross a barrier stays so. Coordinated phases are ready by the
/// clock.
static void note_done(run *r, int32_t ring, int is_done)
{
  ring_state *s = &r->m->ring[ring];
  const int latches = !s->has_hold && art_phases_value(&r->p, ART_CONTROL_VALUE_is_simultaneous_gap) < 0.5f;
  s->is_done = s->mode == RING_GREEN && latches && is_done;
}

static int decide(run *r)
{
  const int32_t other = barrier_that_calls(r);
  int happens = 0, all_ready = 1;
  for (int32_t ring = 0; ring < r->rings; ++ring) {
    const int32_t next = next_in_barrier(r, ring, other);
    const int ready = is_ready(r, ring);
    all_ready &= ready && next < 0;
    if (next < 0) note_done(r, ring, ready && other >= 0);
    if (!ready || next < 0) continue;
    leave(r, ring, next, 0);
    happens = 1;
  }
  if (!all_ready || other < 0) return happens;
  cross(r, other, -1);
  return 1;
}

// --- emergency ------------------------------------------------------------------------------------------------------

static int32_t phase_of_wish(const run *r)
{
  if (r->wish.group < 0) return -1;
  for (int32_t ring = 0; ring < r->rings; ++ring) {
    const ring_state *s = &r->m->ring[ring];
    if (s->mode == RING_GREEN && art_phases_serves(&r->p, (int32_t)s->green.phase, r->wish.group))
      return (int32_t)s->green.phase;
  }
  const int32_t phase = art_priority_phase(&r->p, &r->wish, -1);
  return phase >= 0 && ring_of(r, phase) < r->rings && barrier_of(r, phase) < r->barriers ? phase : -1;
}

static int stops_walks(run *r, int32_t only_ring)
{
  int is_free = 1;
  for (int32_t ring = 0; ring < r->rings; ++ring) {
    ring_state *s = &r->m->ring[ring];
    if (s->mode == RING_GREEN && s->green.has_begun && (only_ring < 0 || ring == only_ring))
      is_free &= art_green_stops_walk(&s->green, &r->p);
  }
  return is_free;
}

/// Its ring, or all of them if it is behind a barrier, change over as soon as people are off the road.
static int give_way(run *r)
{
  const int32_t phase = r->wish_phase, ring = ring_of(r, phase), barrier = barrier_of(r, phase);
  ring_state *s = &r->m->ring[ring];
  int is_crossing = 0;
  for (int32_t other = 0; other < r->rings; ++other) is_crossing |= r->m->ring[other].crosses != 0;
  if (s->mode == RING_GREEN && s->green.phase == phase) return 0;
  if (is_crossing || barrier != r->m->barrier) {
    if (is_crossing && r->m->next_barrier == barrier && s->next == phase) return 0;
    if (!stops_walks(r, -1)) return 0;
    cross(r, barrier, phase);
    return 1;
  }
  if (s->mode != RING_GREEN && s->next == phase) return 0;
  if (!stops_walks(r, ring)) return 0;
  leave(r, ring, phase, 0);
  return 1;
}

// --- what is said ---------------------------------------------------------------------------------------------------

static int rank(char letter)
{
  static const char order[] = "rRoOuyYsgG";
  const char *at = letter ? strchr(order, letter) : NULL;
  return at ? (int)(at - order) : 0;
}

static char ring_letter(const run *r, int32_t ring, int32_t group)
{
  const ring_state *s = &r->m->ring[ring];
  if (s->mode == RING_DARK || (s->mode == RING_WAITS && s->next < 0)) return 'r';
  if (s->mode == RING_GREEN) return art_green_letter(&s->green, &r->p, group);
  // Who goes on in the next phase of the ring keeps green meanwhile (overlap).
  const int went = s->green.has_begun && art_letter_is_green(art_green_letter(&s->green, &r->p, group));
  if (!went || art_phases_is_foot(&r->p, group)) return 'r';
  if (s->next >= 0 && art_letter_is_green(art_phases_letter(&r->p, (int32_t)s->next, group)))
    return art_phases_letter(&r->p, (int32_t)s->green.phase, group);
  return s->mode == RING_YELLOW ? 'y' : 'r';
}

static void say(run *r, art_control_view *view)
{
  for (int32_t g = 0; g < r->p.groups; ++g) {
    char best = 'r';
    for (int32_t ring = 0; ring < r->rings; ++ring) {
      const char letter = ring_letter(r, ring, g);
      if (rank(letter) > rank(best)) best = letter;
    }
    view->wanted[g] = best;
  }
  view->phase = -1;
  for (int32_t ring = r->rings - 1; ring >= 0; --ring) {
    const ring_state *s = &r->m->ring[ring];
    if (s->mode == RING_DARK) continue;
    view->phase = s->mode == RING_GREEN && s->green.has_begun ? (int32_t)s->green.phase : -1;
  }
}

static void earlier(art_tick *next, art_tick now, art_tick candidate)
{
  if (candidate > now && candidate < *next) *next = candidate;
}

static art_tick next_look(run *r)
{
  const art_tick now = r->p.view->now_ms;
  const art_tick soon = now + r->p.view->step_ms;
  art_tick next = now + LOOK_MS;
  for (int32_t ring = 0; ring < r->rings; ++ring) {
    const ring_state *s = &r->m->ring[ring];
    const int32_t phase = (int32_t)s->green.phase;
    if (s->mode == RING_YELLOW) earlier(&next, now, s->mode_ms + art_phases_yellow_ms(&r->p, phase));
    if (s->mode == RING_RED) earlier(&next, now, s->mode_ms + art_phases_red_ms(&r->p, phase));
    if (s->mode != RING_GREEN) continue;
    if (!s->green.has_begun || r->wish.is_emergency) return soon;
    const art_green before = s->green;
    const art_tick end = end_ms(r, ring);
    r->m->ring[ring].green = before;
    earlier(&next, now, end);
    earlier(&next, now, art_green_walk_ms(&s->green, &r->p, s->has_hold ? s->hold_ms : ART_PHASES_LONG_AGO));
    if (s->has_hold) earlier(&next, now, s->hold_ms);
    if (art_phases_time(&r->p, phase, ART_PHASE_TIME_reduce_after_ms) > 0 && end < ART_PHASES_NEVER &&
        end > now)
      return soon;
  }
  return next;
}

void art_nema_control(art_control_view *view)
{
  run r = { .p = art_phases_of(view), .m = (memory *)view->memory, .wish_phase = -1 };
  memory *m = r.m;
  r.is_coordinated = art_phases_value(&r.p, ART_CONTROL_VALUE_is_coordinated) > 0.5f;
  r.is_type_170 = art_phases_value(&r.p, ART_CONTROL_VALUE_is_type_170) > 0.5f;
  lay_out(&r);
  r.wish = art_priority_wish(&r.p);
  if (!m->has_started) start(&r);
  r.wish_phase = phase_of_wish(&r);
  uint64_t running = 0;
  for (int32_t ring = 0; ring < r.rings; ++ring)
    if (m->ring[ring].mode == RING_GREEN && m->ring[ring].green.has_begun)
      running |= (uint64_t)1 << m->ring[ring].green.phase;
  art_calls_listen(&m->calls, &r.p, running);
  note_wanted(&r);
  for (int k = 0, happens = 1; k < 8 && happens; ++k) {
    happens = 0;
    for (int32_t ring = 0; ring < r.rings; ++ring) {
      happens |= run_clearance(&r, ring);
      follow_clock(&r, ring);
      look(&r, ring);
    }
    happens |= enter_together(&r);
    happens |= r.wish.is_emergency && r.wish_phase >= 0 ? give_way(&r) : decide(&r);
  }
  say(&r, view);
  view->next_ms = next_look(&r);
}
