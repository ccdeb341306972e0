#include "models/signal/stages.h"

#include <assert.h>

#include "models/signal/green.h"

#define LOOK_MS 1000

typedef struct memory {
  int64_t has_started;
  art_green green;
  art_calls calls;
  int64_t waits_ms[ART_PHASES_MOST];  ///< since when a stage is called, plus 1; 0: it is not
} memory;
_Static_assert(sizeof(memory) <= ART_CONTROL_WORDS * sizeof(int64_t),
               "the memory of a controller is too small");

typedef struct run {
  art_phases p;
  memory *m;
  art_wish wish;
} run;

// --- who comes next -------------------------------------------------------------------------------------------------

static int has_list(const run *r, int32_t stage)
{
  const int32_t row = r->p.first + stage;
  return art_phases_has(&r->p, stage, ART_PHASE_MANUAL_NEXT) &&
         r->p.net->phase_first_next[row] < r->p.net->phase_first_next[row + 1];
}

/// How many stages may follow, and the k-th of them: those of the list, else all others in order.
static int32_t follower_count(const run *r, int32_t stage)
{
  const int32_t row = r->p.first + stage;
  return has_list(r, stage) ? r->p.net->phase_first_next[row + 1] - r->p.net->phase_first_next[row]
                            : r->p.count - 1;
}
static int32_t follower(const run *r, int32_t stage, int32_t k)
{
  if (!has_list(r, stage)) return (stage + 1 + k) % r->p.count;
  return r->p.net->phase_next[r->p.net->phase_first_next[r->p.first + stage] + k];
}

/// The first stage of the shortest way from one to another; -1: there is none.
static int32_t way_to(const run *r, int32_t from, int32_t to)
{
  int8_t first[ART_PHASES_MOST];
  uint8_t queue[ART_PHASES_MOST];
  int32_t head = 0, tail = 0;
  for (int32_t i = 0; i < r->p.count; ++i) first[i] = -1;
  for (int32_t at = from, depth = 0;; at = queue[head++], depth = 1) {
    for (int32_t k = 0; k < follower_count(r, at); ++k) {
      const int32_t next = follower(r, at, k);
      if (next < 0 || next >= r->p.count || next == from || first[next] >= 0) continue;
      if (art_phases_has(&r->p, next, ART_PHASE_OMIT)) continue;
      first[next] = depth ? first[at] : (int8_t)next;
      if (next == to) return first[next];
      queue[tail++] = (uint8_t)next;
    }
    if (head == tail) return -1;
  }
}

static int is_called(const run *r, int32_t stage)
{
  if (art_phases_has(&r->p, stage, ART_PHASE_OMIT)) return 0;
  const int has_bus = r->wish.group >= 0 && art_phases_serves(&r->p, stage, r->wish.group);
  return has_bus || art_calls_wants(&r->m->calls, &r->p, stage);
}

static int64_t waited_ms(const run *r, int32_t stage)
{
  return r->m->waits_ms[stage] > 0 ? r->p.view->now_ms - (r->m->waits_ms[stage] - 1) : 0;
}

/// One bus after the other must not keep all others waiting.
static int somebody_starves(const run *r, int32_t from)
{
  const double longest_s = (double)art_phases_value(&r->p, ART_CONTROL_VALUE_inactive_s);
  for (int32_t i = 0; i < r->p.count; ++i)
    if (i != from && (double)waited_ms(r, i) > longest_s * 1000.0) return 1;
  return 0;
}

/// The stage to which the signal is on the way from this one; -1: nobody else calls.
static int32_t wanted_stage(const run *r, int32_t from)
{
  int32_t overdue = -1;
  for (int32_t i = 0; i < r->p.count; ++i) {
    const int64_t most = art_phases_time(&r->p, i, ART_PHASE_TIME_max_red_ms);
    if (i == from || most <= 0 || waited_ms(r, i) < most || way_to(r, from, i) < 0) continue;
    if (overdue < 0 || waited_ms(r, i) > waited_ms(r, overdue)) overdue = i;
  }
  if (overdue >= 0) return overdue;
  if (r->wish.group >= 0 && !art_phases_serves(&r->p, from, r->wish.group) && !somebody_starves(r, from)) {
    const int32_t stage = art_priority_phase(&r->p, &r->wish, from);
    if (stage >= 0 && way_to(r, from, stage) >= 0) return stage;
  }
  for (int32_t k = 0; k < follower_count(r, from); ++k) {
    const int32_t i = follower(r, from, k);
    if (i != from && i >= 0 && i < r->p.count && is_called(r, i)) return i;
  }
  for (int32_t i = 0; i < r->p.count; ++i)  // not in the list
    if (i != from && is_called(r, i) && way_to(r, from, i) >= 0) return i;
  return -1;
}

// --- a step ---------------------------------------------------------------------------------------------------------

static void note_waits(run *r)
{
  for (int32_t i = 0; i < r->p.count; ++i) {
    const int is_running = r->m->green.has_begun && r->m->green.phase == i;
    if (is_running || !is_called(r, i))
      r->m->waits_ms[i] = 0;
    else if (r->m->waits_ms[i] == 0)
      r->m->waits_ms[i] = r->p.view->now_ms + 1;
  }
}

static art_green_frame frame_of(const run *r, int32_t wanted)
{
  return (art_green_frame){ .p = &r->p,
                            .calls = &r->m->calls,
                            .wish = &r->wish,
                            .has_rival = wanted >= 0,
                            .hold_ms = ART_PHASES_LONG_AGO,
                            .force_off_ms = ART_PHASES_NEVER };
}

static void leave(run *r, int32_t to)
{
  memory *m = r->m;
  const int32_t from = (int32_t)m->green.phase;
  if (m->green.has_begun && art_phases_has(&r->p, from, ART_PHASE_MEMORY) &&
      art_green_is_cut(&m->green, &r->p))
    m->calls.vehicles = (int64_t)((uint64_t)m->calls.vehicles | (uint64_t)1 << from);
  art_green_enter(&m->green, &r->p, &m->calls, to);
}

static art_tick run_stage(run *r)
{
  memory *m = r->m;
  const art_control_view *view = r->p.view;
  const int had_begun = m->green.has_begun != 0;
  const int32_t from = (int32_t)m->green.phase, wanted = wanted_stage(r, from);
  const art_green_frame frame = frame_of(r, wanted);
  art_green_look(&m->green, &frame);
  if (!had_begun && m->green.has_begun) art_calls_serve(&m->calls, &r->p, from);
  const int32_t emergency = r->wish.is_emergency ? art_priority_phase(&r->p, &r->wish, from) : -1;
  if (emergency >= 0) {
    const int is_free = !m->green.has_begun || art_green_stops_walk(&m->green, &r->p);
    if (emergency != from && is_free) leave(r, emergency);
    return view->now_ms + view->step_ms;
  }
  if (!m->green.has_begun) return view->now_ms + view->step_ms;
  const art_tick end = art_green_end(&m->green, &frame);
  if (end <= view->now_ms) {
    leave(r, way_to(r, from, wanted));
    return view->now_ms + view->step_ms;
  }
  const int shrinks =
      end < ART_PHASES_NEVER && art_phases_time(&r->p, from, ART_PHASE_TIME_reduce_after_ms) > 0;
  const art_tick look = view->now_ms + (shrinks ? view->step_ms : LOOK_MS);
  const art_tick walk = art_green_walk_ms(&m->green, &r->p, frame.hold_ms);
  const art_tick next = walk > view->now_ms && walk < end ? walk : end;
  return next < look ? next : look;
}

void art_stages_control(art_control_view *view)
{
  run r = { .p = art_phases_of(view), .m = (memory *)view->memory };
  memory *m = r.m;
  r.wish = art_priority_wish(&r.p);
  if (!m->has_started) {
    m->has_started = 1;
    m->calls.seen_ms = view->now_ms;
    int32_t stage = 0;
    while (stage + 1 < r.p.count && art_phases_has(&r.p, stage, ART_PHASE_OMIT)) ++stage;
    art_green_enter(&m->green, &r.p, &m->calls, stage);
  }
  art_calls_listen(&m->calls, &r.p, m->green.has_begun ? (uint64_t)1 << m->green.phase : 0);
  note_waits(&r);
  view->next_ms = run_stage(&r);
  for (int32_t g = 0; g < r.p.groups; ++g) view->wanted[g] = art_green_letter(&m->green, &r.p, g);
  view->phase = m->green.has_begun ? (int32_t)m->green.phase : -1;
}
