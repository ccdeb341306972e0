#include "models/signal/green.h"

#include <string.h>

#define LATE_MS 1000  // so much too late a phase is still served
#define LONGEST_WAY_MS \
  60000  // a phase that is not shown by then counts as begun, so that nothing stands for ever

static int64_t walk_time(const art_phases *p, int32_t phase)
{
  return art_phases_time(p, phase, ART_PHASE_TIME_walk_ms);
}
static int64_t clearance_time(const art_phases *p, int32_t phase)
{
  return art_phases_time(p, phase, ART_PHASE_TIME_foot_clearance_ms);
}

/// Its letter follows the walk, not the phase.
static int walks(const art_phases *p, int32_t phase, int32_t group)
{
  return walk_time(p, phase) > 0 && art_phases_is_foot(p, group);
}

void art_green_enter(art_green *green, const art_phases *p, const art_calls *calls, int32_t phase)
{
  memset(green, 0, sizeof *green);
  green->phase = phase;
  green->entered_ms = p->view->now_ms;
  if (walk_time(p, phase) <= 0 || !art_calls_foot(calls, p, phase)) return;
  green->walk = ART_WALK_ON;
  green->walk_ms = p->view->now_ms;
}

static void note_begin(art_green *green, const art_phases *p)
{
  const int32_t phase = (int32_t)green->phase;
  art_tick begin = green->entered_ms;
  for (int32_t g = 0; g < p->groups; ++g) {
    if (!art_letter_is_green(art_phases_letter(p, phase, g)) || walks(p, phase, g)) continue;
    if (!art_letter_is_green(p->view->shown[g])) {
      if (p->view->now_ms - green->entered_ms < LONGEST_WAY_MS) return;
      continue;
    }
    if (p->view->since_ms[g] > begin) begin = p->view->since_ms[g];
  }
  green->has_begun = 1;
  green->begin_ms = begin;
}

static void set_walk(art_green *green, int64_t walk, art_tick now_ms)
{
  green->walk = walk;
  green->walk_ms = now_ms;
}

static int somebody_waits(const art_phases *p, int32_t phase)
{
  for (int32_t g = 0; g < p->groups && g < 64 * ART_PHASES_GROUP_WORDS; ++g)
    if (((p->foot_waits[g / 64] >> (g % 64)) & 1) && art_letter_is_green(art_phases_letter(p, phase, g)))
      return 1;
  return 0;
}

/// All who walk in this phase see it.
static int walk_is_shown(const art_phases *p, int32_t phase)
{
  for (int32_t g = 0; g < p->groups; ++g)
    if (art_phases_is_foot(p, g) && art_letter_is_green(art_phases_letter(p, phase, g)) &&
        !art_letter_is_green(p->view->shown[g]))
      return 0;
  return 1;
}

static void move_walk(art_green *green, const art_green_frame *frame)
{
  const art_phases *p = frame->p;
  const art_tick now = p->view->now_ms;
  const int32_t phase = (int32_t)green->phase;
  const int64_t walk = walk_time(p, phase), clearance = clearance_time(p, phase);
  if (walk <= 0) return;
  if (green->walk == ART_WALK_ON && !walk_is_shown(p, phase) && now - green->entered_ms < LONGEST_WAY_MS)
    green->walk_ms = now;  // the guard lets others clear first
  if (green->walk == ART_WALK_ON && now >= green->walk_ms + walk && now + clearance >= frame->hold_ms)
    set_walk(green, ART_WALK_CLEARS, now);
  if (green->walk == ART_WALK_CLEARS && now >= green->walk_ms + clearance)
    set_walk(green, ART_WALK_OVER, now);
  // Later in the green people may start where it lasts long enough in any case.
  const int has_time = !frame->has_rival || now + walk + clearance <= frame->hold_ms;
  if (green->walk == ART_WALK_OFF && art_calls_foot(frame->calls, p, phase) && has_time)
    set_walk(green, ART_WALK_ON, now);
  if (green->walk == ART_WALK_OVER && somebody_waits(p, phase) && has_time) set_walk(green, ART_WALK_ON, now);
}

void art_green_look(art_green *green, const art_green_frame *frame)
{
  const art_phases *p = frame->p;
  const int had_begun = green->has_begun != 0;
  if (!had_begun) note_begin(green, p);
  if (!green->has_begun) return;
  if (frame->has_rival && !green->has_rival) green->rival_ms = had_begun ? p->view->now_ms : green->begin_ms;
  green->has_rival = frame->has_rival;
  move_walk(green, frame);
}

static art_tick walk_end(const art_green *green, const art_phases *p)
{
  const int32_t phase = (int32_t)green->phase;
  if (green->walk == ART_WALK_ON) return green->walk_ms + walk_time(p, phase) + clearance_time(p, phase);
  if (green->walk == ART_WALK_CLEARS) return green->walk_ms + clearance_time(p, phase);
  return ART_PHASES_LONG_AGO;
}

static art_tick later(art_tick a, art_tick b)
{
  return a > b ? a : b;
}

art_tick art_green_walk_ms(const art_green *green, const art_phases *p, art_tick hold_ms)
{
  const int32_t phase = (int32_t)green->phase;
  if (green->walk == ART_WALK_ON)
    return later(green->walk_ms + walk_time(p, phase), hold_ms - clearance_time(p, phase));
  if (green->walk == ART_WALK_CLEARS) return green->walk_ms + clearance_time(p, phase);
  return ART_PHASES_NEVER;
}

int art_green_is_in_the_way(const art_green *green, const art_green_frame *frame)
{
  return frame->wish->group >= 0 && !art_phases_serves(frame->p, (int32_t)green->phase, frame->wish->group);
}

/// Gap-out, max-out, force-off and holds, without buses.
static art_tick natural_end(const art_green *green, const art_green_frame *frame, int64_t early_ms)
{
  const art_phases *p = frame->p;
  const int32_t phase = (int32_t)green->phase;
  const art_tick now = p->view->now_ms, begin = green->begin_ms;
  const int64_t most = art_phases_max_ms(p, phase);
  const int64_t least = frame->least_ms > 0 ? frame->least_ms : art_phases_min_ms(p, phase);
  const int is_recalled = art_phases_has(p, phase, ART_PHASE_RECALL_MAX);
  // People who walk stand behind the minimum; with them the maximum may be short.
  const art_tick soonest = later(begin + least, walk_end(green, p));
  const art_tick longest = (is_recalled ? begin : later(begin, green->rival_ms)) + most;
  art_tick end = begin + least;
  if (!frame->is_timed) {
    const int64_t passage = art_phases_passage_ms(p, phase, now - begin);
    if (passage > 0 && most > least) end = later(end, art_phases_last_ms(p, phase) + passage);
    if (is_recalled) end = longest;
    art_tick cap = frame->ignores_max || longest > frame->force_off_ms ? frame->force_off_ms : longest;
    if (frame->ignores_max && is_recalled) end = frame->force_off_ms;
    cap -= early_ms;
    if (end > cap) end = cap;
  }
  if (frame->hold_ms > ART_PHASES_LONG_AGO) end = later(end, frame->hold_ms - early_ms);
  return later(end, soonest);
}

art_tick art_green_end(art_green *green, const art_green_frame *frame)
{
  const art_phases *p = frame->p;
  if (!green->has_begun || !frame->has_rival) return ART_PHASES_NEVER;
  const int is_in_the_way = art_green_is_in_the_way(green, frame);
  const double early_s = (double)art_phases_value(p, ART_CONTROL_VALUE_priority_early_s);
  const art_tick end = natural_end(green, frame, is_in_the_way ? (int64_t)(early_s * 1000.0) : 0);
  if (frame->wish->group < 0 || is_in_the_way || frame->wish->is_emergency) return end;
  const double extension_s = (double)art_phases_value(p, ART_CONTROL_VALUE_priority_extension_s);
  const art_tick bound = (green->is_held ? green->held_ms : end) + (int64_t)(extension_s * 1000.0);
  if (frame->wish->arrival_ms > bound) return end;
  if (!green->is_held && end <= p->view->now_ms) {
    green->is_held = 1;
    green->held_ms = end;
  }
  return later(end, bound);
}

int art_green_is_cut(const art_green *green, const art_phases *p)
{
  const int32_t phase = (int32_t)green->phase;
  const int64_t passage = art_phases_passage_ms(p, phase, p->view->now_ms - green->begin_ms);
  const art_tick last = art_phases_last_ms(p, phase);
  return last >= green->begin_ms && p->view->now_ms - last < passage;
}

int art_green_stops_walk(art_green *green, const art_phases *p)
{
  if (green->walk == ART_WALK_ON) set_walk(green, ART_WALK_CLEARS, p->view->now_ms);
  return walk_end(green, p) <= p->view->now_ms;
}

char art_green_letter(const art_green *green, const art_phases *p, int32_t group)
{
  const int32_t phase = (int32_t)green->phase;
  const char letter = art_phases_letter(p, phase, group);
  if (!walks(p, phase, group) || !art_letter_is_green(letter)) return letter;
  return green->walk == ART_WALK_ON ? letter : 'r';
}

int64_t art_green_need_ms(const art_phases *p, const art_calls *calls, int32_t phase)
{
  const int64_t least = art_phases_min_ms(p, phase), walk = walk_time(p, phase);
  if (walk <= 0 || !art_calls_foot(calls, p, phase)) return least;
  const int64_t needs = walk + clearance_time(p, phase);
  return needs > least ? needs : least;
}

int art_green_fits(const art_phases *p, int64_t way_ms, int64_t need_ms, int64_t nominal_ms, art_tick due_ms)
{
  const int64_t needs = need_ms < nominal_ms ? need_ms : nominal_ms;
  return p->view->now_ms + way_ms + needs <= due_ms + LATE_MS;
}
