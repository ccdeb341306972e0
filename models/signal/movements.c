#include "models/signal/movements.h"

#define SATURATION_VPS (1850.0f / 3600.0f)  // of a lane straight on, as the default driver discharges (docs/validation.md)
#define TURN_MPS2 5.5f                      // lateral acceleration behind turning speeds
#define TURN_LOSS_M 1.5f
#define YIELDING_PART 0.5f
#define LEAST_GREEN_MS 5000
#define CLEARANCE_MS 5000  // where neither phases nor times tell: 3 s yellow, 2 s red
#define FULL_M 8.0f        // a vehicle and its gap

int32_t art_stages_find(const art_net *net, int32_t program, int32_t stage[ART_STAGES_MOST])
{
  const int32_t first = net->program_first_phase[program], end = net->program_first_phase[program + 1];
  int32_t count = 0;
  for (int32_t p = first; p < end && count < ART_STAGES_MOST; ++p)
    if (art_net_phase_is_stage(net, p)) stage[count++] = p - first;
  return count;
}

static int is_stage(int32_t count, const int32_t *stage, int32_t phase)
{
  for (int32_t k = 0; k < count; ++k)
    if (stage[k] == phase) return 1;
  return 0;
}

art_tick art_stage_clearance_ms(const art_net *net, int32_t program, int32_t phase)
{
  int32_t stage[ART_STAGES_MOST];
  const int32_t stages = art_stages_find(net, program, stage);
  const int32_t first = net->program_first_phase[program], count = net->program_first_phase[program + 1] - first;
  art_tick sum = 0;
  for (int32_t k = 1; k < count; ++k) {
    const int32_t p = (phase + k) % count;
    if (is_stage(stages, stage, p)) break;
    sum += net->phase_duration_ms[first + p];
  }
  if (sum > 0) return sum;
  const int64_t yellow = art_net_phase_time_ms(net, ART_PHASE_TIME_yellow_ms, first + phase);
  const int64_t red = art_net_phase_time_ms(net, ART_PHASE_TIME_red_ms, first + phase);
  return yellow >= 0 && red >= 0 ? yellow + red : CLEARANCE_MS;
}

static int has_range(const art_net *net, int32_t p)
{
  return net->phase_max_ms[p] > net->phase_min_ms[p];
}

art_tick art_stage_least_ms(const art_net *net, int32_t program, int32_t phase)
{
  const int32_t p = net->program_first_phase[program] + phase;
  return has_range(net, p) ? net->phase_min_ms[p] : LEAST_GREEN_MS;
}

art_tick art_stage_most_ms(const art_net *net, int32_t program, int32_t phase)
{
  const int32_t p = net->program_first_phase[program] + phase;
  return has_range(net, p) ? net->phase_max_ms[p] : 0;
}

float art_movement_saturation_vps(const art_net *net, int32_t connector)
{
  if (net->connector_turn[connector] == ART_TURN_STRAIGHT) return SATURATION_VPS;
  const float v = net->lane_speed_mps[art_net_lane_of_connector(net, connector)];
  const float radius_m = v * v / TURN_MPS2;
  return SATURATION_VPS * radius_m / (radius_m + TURN_LOSS_M);
}

float art_movement_part(char letter)
{
  if (letter == 'G' || letter == 'O') return 1.0f;
  return art_letter_goes(letter) ? YIELDING_PART : 0.0f;
}

float art_movement_share(const art_control_view *view, int32_t connector)
{
  const art_net *net = view->net;
  const int32_t lane = net->connector_from[connector];
  int64_t all = 0;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    all += 1 + (view->passed ? view->passed[c] : 0);
  return (float)(1 + (view->passed ? view->passed[connector] : 0)) / (float)all;
}

#define QUEUE_M 150.0f

float art_lane_queue(const art_control_view *view, int32_t lane)
{
  const art_net *net = view->net;
  float queue = (float)view->lane[lane].vehicles, covered_m = net->lane_length_m[lane];
  if (covered_m >= QUEUE_M) return queue;
  const float share = art_lane_share(view, lane);
  int32_t link = art_net_link_before(net, net->lane_link[lane]);
  for (; link >= 0 && covered_m < QUEUE_M; link = art_net_link_before(net, link)) {
    for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l)
      queue += share * (float)view->lane[l].vehicles;
    covered_m += net->lane_length_m[net->link_first_lane[link]];
  }
  return queue;
}

static int64_t left_lane(const art_control_view *view, int32_t lane)
{
  const art_net *net = view->net;
  int64_t sum = 0;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    sum += 1 + (view->passed ? view->passed[c] : 0);
  return sum;
}

float art_lane_share(const art_control_view *view, int32_t lane)
{
  const int32_t link = view->net->lane_link[lane];
  int64_t all = 0;
  for (int32_t l = view->net->link_first_lane[link]; l < view->net->link_first_lane[link + 1]; ++l)
    all += left_lane(view, l);
  return all ? (float)left_lane(view, lane) / (float)all : 0.0f;
}

int art_movement_is_blocked(const art_control_view *view, int32_t connector)
{
  const int32_t lane = view->net->connector_to[connector];
  const art_lane_reading *r = &view->lane[lane];
  return r->standing > 0 && r->queue_m > view->net->lane_length_m[lane] - FULL_M;
}

int art_stage_is_called_on_foot(const art_control_view *view, int32_t phase)
{
  const art_net *net = view->net;
  if (!view->foot_waits) return 0;
  for (int32_t x = 0; x < net->crossing_count; ++x)
    if (net->crossing_signal[x] == view->signal && view->foot_waits[x] &&
        art_letter_goes(art_stage_letter(net, view->program, phase, net->crossing_signal_group[x])))
      return 1;
  return 0;
}

art_tick art_stage_show(art_control_view *view, int32_t phase, int64_t *arrived)
{
  const int32_t groups = view->net->signal_group_count[view->signal];
  int is_there = 1;
  for (int32_t g = 0; g < groups; ++g) {
    view->wanted[g] = art_stage_letter(view->net, view->program, phase, g);
    is_there &= art_letter_goes(view->wanted[g]) == art_letter_goes(view->shown[g]);
  }
  // Kept from the begin of the run, one later, so that 0 can say that there is none.
  if (!is_there) *arrived = 0;
  else if (*arrived == 0) *arrived = view->now_ms - view->begin_ms + 1;
  view->phase = is_there ? phase : -1;
  return is_there ? view->begin_ms + *arrived - 1 : -1;
}
