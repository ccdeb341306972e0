#include "models/signal/fixed.h"

#include <string.h>

#include "models/signal/green.h"

#define CUT_LEAST_MS 5000
#define LOOK_MS 1000

typedef struct memory {
  int64_t has_started;
  int64_t at, entered_ms;
  art_green green;  ///< if it is one
  art_calls calls;  ///< nobody calls a fixed program
} memory;
_Static_assert(sizeof(memory) <= ART_CONTROL_WORDS * sizeof(int64_t),
               "the memory of a controller is too small");

static int64_t duration(const art_phases *p, int32_t phase)
{
  return p->net->phase_duration_ms[p->first + phase];
}

static art_cycle cycle_of(const art_phases *p)
{
  const int32_t end = p->net->program_first_phase[p->view->program + 1];
  int64_t sum = 0;
  for (int32_t i = p->first; i < end; ++i) sum += p->net->phase_duration_ms[i];
  return (art_cycle){ sum > 0 ? sum : 1, p->net->program_offset_ms[p->view->program] };
}

/// The phase of the clock, and when that ends.
static int32_t by_clock(const art_phases *p, const art_cycle *cycle, art_tick *end_ms)
{
  const int32_t count = p->net->program_first_phase[p->view->program + 1] - p->first;
  int64_t left = art_cycle_place(cycle, p->view->now_ms);
  int32_t at = 0;
  while (at + 1 < count && left >= duration(p, at)) left -= duration(p, at++);
  *end_ms = p->view->now_ms - left + duration(p, at);
  return at;
}

/// The end of this phase by the clock that is nearest to a full duration from its begin.
static art_tick due_ms(const art_phases *p, const art_cycle *cycle, const memory *m)
{
  int64_t place = 0;
  for (int32_t i = 0; i <= m->at; ++i) place += duration(p, i);
  return art_cycle_before(cycle, place, m->entered_ms + duration(p, (int32_t)m->at) + cycle->length_ms / 2);
}

static void enter(const art_phases *p, memory *m, int32_t phase)
{
  m->at = phase;
  m->entered_ms = p->view->now_ms;
  if (art_phases_is_green(p, phase)) art_green_enter(&m->green, p, &m->calls, phase);
}

/// When the running phase ends. Buses move the ends of greens; all else lasts as long as it does.
static art_tick end_ms(const art_phases *p, const art_cycle *cycle, memory *m, const art_wish *wish)
{
  const int32_t phase = (int32_t)m->at;
  const art_tick due = due_ms(p, cycle, m), full = m->entered_ms + duration(p, phase);
  if (!art_phases_is_green(p, phase)) {
    const int64_t late = full - due;
    return late > -p->view->step_ms && late < p->view->step_ms ? due : full;
  }
  const int64_t stated = art_phases_min_ms(p, phase);
  const int64_t shortest = stated < duration(p, phase) || stated < CUT_LEAST_MS ? stated : CUT_LEAST_MS;
  const art_green_frame frame = { .p = p,
                                  .calls = &m->calls,
                                  .wish = wish,
                                  .has_rival = 1,
                                  .is_timed = 1,
                                  .hold_ms = due,
                                  .force_off_ms = ART_PHASES_NEVER,
                                  .least_ms = shortest > 0 ? shortest : 1 };
  art_green_look(&m->green, &frame);
  return m->green.has_begun ? art_green_end(&m->green, &frame) : ART_PHASES_NEVER;
}

static void run(art_control_view *view, const art_phases *p, const art_cycle *cycle)
{
  memory *m = (memory *)view->memory;
  const art_wish wish = art_priority_wish(p);
  const int32_t emergency = wish.is_emergency ? art_priority_phase(p, &wish, (int32_t)m->at) : -1;
  if (!m->has_started) {
    art_tick end;
    m->has_started = 1;
    enter(p, m, by_clock(p, cycle, &end));
    m->entered_ms = end - duration(p, (int32_t)m->at);
  }
  art_tick end = end_ms(p, cycle, m, &wish);
  for (int32_t k = 0; k <= p->count; ++k) {
    if (emergency >= 0 && art_phases_is_green(p, (int32_t)m->at)) {
      if (emergency != m->at) enter(p, m, emergency);
      end = ART_PHASES_NEVER;
      break;
    }
    if (end > view->now_ms) break;
    enter(p, m, ((int32_t)m->at + 1) % p->count);
    end = end_ms(p, cycle, m, &wish);
  }
  const int is_green = art_phases_is_green(p, (int32_t)m->at);
  const int has_begun = !is_green || m->green.has_begun;
  const art_tick look = view->now_ms + (has_begun && emergency < 0 ? LOOK_MS : view->step_ms);
  view->phase = has_begun || m->green.entered_ms == view->now_ms ? (int32_t)m->at : -1;
  view->next_ms = end < look && end > view->now_ms ? end : look;
}

void art_fixed_control(art_control_view *view)
{
  const art_phases p = art_phases_of(view);
  const art_cycle cycle = cycle_of(&p);
  const int listens = art_phases_value(&p, ART_CONTROL_VALUE_priority_reach_m) > 0.0f ||
                      art_phases_value(&p, ART_CONTROL_VALUE_preemption_reach_m) > 0.0f;
  int32_t at;
  if (listens) {
    run(view, &p, &cycle);
    at = (int32_t)((const memory *)view->memory)->at;
  } else {
    view->phase = at = by_clock(&p, &cycle, &view->next_ms);
  }
  for (int32_t g = 0; g < p.groups; ++g) view->wanted[g] = art_phases_letter(&p, at, g);
}
