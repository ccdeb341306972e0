#include "models/signal/priority.h"

#define SLOWEST_MPS 3.0  // who is slower is taken to drive on at once

static art_tick arrival_of(const art_control_view *view, const art_priority_call *call)
{
  const double mps = (double)call->speed_mps, m = call->distance_m > 0.0f ? (double)call->distance_m : 0.0;
  return view->now_ms + (art_tick)(m / (mps > SLOWEST_MPS ? mps : SLOWEST_MPS) * 1000.0);
}

static int is_before(const art_wish *a, int32_t a_vehicle, const art_wish *b, int32_t b_vehicle)
{
  if (b->group < 0) return 1;
  if (a->is_emergency != b->is_emergency) return a->is_emergency;
  return a->arrival_ms != b->arrival_ms ? a->arrival_ms < b->arrival_ms : a_vehicle < b_vehicle;
}

static int is_served_at_all(const art_phases *p, int32_t group)
{
  for (int32_t i = 0; i < p->count; ++i)
    if (art_phases_serves(p, i, group) && !art_phases_has(p, i, ART_PHASE_OMIT)) return 1;
  return 0;
}

art_wish art_priority_wish(const art_phases *p)
{
  const art_control_view *view = p->view;
  art_wish best = { .group = -1 };
  int32_t best_vehicle = 0;
  for (int32_t k = 0; k < view->call_count; ++k) {
    const art_priority_call *call = &view->call[k];
    const float reach = art_phases_value(p, call->is_emergency ? ART_CONTROL_VALUE_preemption_reach_m
                                                               : ART_CONTROL_VALUE_priority_reach_m);
    if (reach <= 0.0f || call->distance_m > reach || !is_served_at_all(p, call->group)) continue;
    const art_wish wish = { call->group, call->is_emergency, arrival_of(view, call) };
    if (!is_before(&wish, call->vehicle, &best, best_vehicle)) continue;
    best = wish;
    best_vehicle = call->vehicle;
  }
  return best;
}

int32_t art_priority_phase(const art_phases *p, const art_wish *wish, int32_t running)
{
  if (wish->group < 0) return -1;
  if (running >= 0 && art_phases_is_green(p, running) && art_phases_serves(p, running, wish->group))
    return running;
  int32_t minor = -1;
  for (int32_t k = 1; k <= p->count; ++k) {
    const int32_t i = (running + k + p->count) % p->count;
    if (!art_phases_is_green(p, i) || art_phases_has(p, i, ART_PHASE_OMIT)) continue;
    const int how = art_phases_serves(p, i, wish->group);
    if (how == 2) return i;
    if (how == 1 && minor < 0) minor = i;
  }
  return minor;
}
