#include "models/signal/sotl.h"

#include "models/signal/movements.h"

#define LOOK_MS 1000
#define CLEARANCES 5  // green before a long platoon is cut, in times of the clearance that a switch costs
#define FOOT_CALL 1  // people who want to cross count as one vehicle
enum { TARGET, ARRIVED, LOOKED, WAITED };  // words of memory: stage + 1, ..., by stage: vehicles x ms before red

/// What comes to the lights of one stage.
typedef struct demand {
  int32_t near, close, moving;  ///< within reach; within the tail's distance; of those, not standing
  int32_t able, unable;         ///< lanes with somebody near whose exits have room, and those without
} demand;

/// 1: the lane has a connector that the phase serves.
static int is_served(const art_control_view *view, int32_t lane, int32_t phase)
{
  const art_net *net = view->net;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] == view->signal &&
        art_letter_goes(art_stage_letter(net, view->program, phase, net->connector_signal_group[c])))
      return 1;
  return 0;
}

static int has_room(const art_control_view *view, int32_t lane, int32_t phase)
{
  const art_net *net = view->net;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] == view->signal &&
        art_letter_goes(art_stage_letter(net, view->program, phase, net->connector_signal_group[c])) &&
        !art_movement_is_blocked(view, c))
      return 1;
  return 0;
}

/// Over the lanes that `phase` serves, without those that `other` serves too (-1: all).
static demand demand_of(const art_control_view *view, int32_t phase, int32_t other)
{
  demand d = { 0 };
  int32_t last = -1;
  for (int32_t r = 0; r < view->connector_count; ++r) {
    const int32_t lane = view->net->connector_from[view->connector[r]];
    if (lane == last) continue;  // connectors of a lane are neighbours
    last = lane;
    if (!is_served(view, lane, phase) || (other >= 0 && is_served(view, lane, other))) continue;
    const art_lane_reading *reading = &view->lane[lane];
    d.near += reading->near;
    d.close += reading->close;
    d.moving += reading->moving;
    if (reading->near == 0) continue;
    if (has_room(view, lane, phase)) ++d.able;
    else ++d.unable;
  }
  if (art_stage_is_called_on_foot(view, phase) && !(other >= 0 && art_stage_is_called_on_foot(view, other))) {
    d.near += FOOT_CALL;
    ++d.able;
  }
  return d;
}

/// The stage with the most waiting of those that somebody could use; -1: none. `least`: in vehicles x ms.
static int32_t most_waiting(const art_control_view *view, int32_t count, const int32_t *stage, int32_t running,
                            int64_t least)
{
  int32_t best = -1;
  for (int32_t k = 0; k < count; ++k) {
    if (k == running || view->memory[WAITED + k] < least) continue;
    if (demand_of(view, stage[k], stage[running]).able == 0) continue;
    if (best < 0 || view->memory[WAITED + k] > view->memory[WAITED + best]) best = k;
  }
  return best;
}

/// A platoon that is not to be cut: its tail, or one that has not had the light for long, as measured by what a switch costs.
static int is_passing(const art_control_view *view, int32_t phase, const demand *green, art_tick green_ms)
{
  const float tail = view->net->program_value[ART_CONTROL_VALUE_sotl_tail_vehicles][view->program];
  if (green->moving == 0) return 0;
  return (float)green->close <= tail || green_ms < CLEARANCES * art_stage_clearance_ms(view->net, view->program, phase);
}

static int32_t choose(const art_control_view *view, int32_t count, const int32_t *stage, int32_t running, art_tick green_ms)
{
  const art_net *net = view->net;
  const float *const *value = (const float *const *)net->program_value;
  const float threshold = value[ART_CONTROL_VALUE_sotl_threshold][view->program];
  const art_tick most_ms = art_stage_most_ms(net, view->program, stage[running]);
  const demand green = demand_of(view, stage[running], -1);
  int32_t next = -1;
  if (green.able == 0 || (most_ms > 0 && green_ms >= most_ms)) {  // blocked, idle or at its maximum
    next = most_waiting(view, count, stage, running, 1);
  } else if (!is_passing(view, stage[running], &green, green_ms)) {
    next = most_waiting(view, count, stage, running, (int64_t)(threshold * 1000.0f));
  }
  return next < 0 ? running : next;
}

/// Adds up who waits before red since the last look.
static void add_waiting(art_control_view *view, int32_t count, const int32_t *stage, int32_t running)
{
  const art_tick now = view->now_ms - view->begin_ms, past = now - view->memory[LOOKED];
  view->memory[LOOKED] = now;
  for (int32_t k = 0; k < count; ++k) {
    if (k == running) view->memory[WAITED + k] = 0;
    else view->memory[WAITED + k] += past * demand_of(view, stage[k], stage[running]).near;
  }
}

static int32_t first_stage(const art_control_view *view, int32_t count, const int32_t *stage)
{
  for (int32_t k = 0; k < count; ++k)
    if (stage[k] == view->phase) return k;
  return 0;
}

void art_sotl_control(art_control_view *view)
{
  int32_t stage[ART_STAGES_MOST];
  const int32_t count = art_stages_find(view->net, view->program, stage);
  int64_t *memory = view->memory;
  const art_tick every = (art_tick)(view->net->program_value[ART_CONTROL_VALUE_decide_every_s][view->program] * 1000.0f);
  view->next_ms = view->now_ms + (every < LOOK_MS ? every : LOOK_MS);
  if (count == 0) return;
  if (memory[TARGET] == 0) memory[TARGET] = 1 + first_stage(view, count, stage);
  const int32_t running = (int32_t)memory[TARGET] - 1;
  add_waiting(view, count, stage, running);
  const art_tick since = art_stage_show(view, stage[running], &memory[ARRIVED]);
  if (since < 0) {
    view->next_ms = view->now_ms + view->step_ms;
    return;
  }
  const art_tick green = view->now_ms - since;
  if (green < art_stage_least_ms(view->net, view->program, stage[running])) return;
  const int32_t next = choose(view, count, stage, running, green);
  if (next == running) return;
  memory[TARGET] = 1 + next;
  memory[ARRIVED] = 0;
  art_stage_show(view, stage[next], &memory[ARRIVED]);
  view->next_ms = view->now_ms + view->step_ms;
}
