#include "models/signal/max_pressure.h"

#include "models/signal/movements.h"

#define LONGEST_WAIT_MS 120000  // who has waited for so long goes next
#define START_LOST_MS 2000
#define HOLD 2.0f               // times as much must wait elsewhere
#define LISTEN_MS 1000
enum { TARGET, ARRIVED, DECIDE, CALLED };  // words of memory: stage + 1, ..., by stage: since when it is called

float art_pressure_of(int32_t count, const art_pressure_movement *movement)
{
  float sum = 0.0f;
  for (int32_t m = 0; m < count; ++m) {
    float behind = 0.0f;
    for (int32_t e = 0; e < movement[m].exit_count; ++e) behind += movement[m].exit_share[e] * movement[m].exit_queue[e];
    sum += movement[m].saturation_vps * art_maxf(0.0f, movement[m].queue - behind);
  }
  return sum;
}

enum { EXITS_MOST = 16 };

static float pressure_of_connector(const art_control_view *view, int32_t c, char letter)
{
  const art_net *net = view->net;
  const int32_t link = net->lane_link[net->connector_to[c]];
  float share[EXITS_MOST], queue[EXITS_MOST];
  art_pressure_movement m = { .saturation_vps = art_movement_saturation_vps(net, c) * art_movement_part(letter) *
                                                art_movement_share(view, c),
                              .queue = art_lane_queue(view, net->connector_from[c]),
                              .exit_share = share,
                              .exit_queue = queue };
  for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1] && m.exit_count < EXITS_MOST; ++l) {
    share[m.exit_count] = art_lane_share(view, l);
    queue[m.exit_count++] = (float)view->lane[l].vehicles;
  }
  return art_pressure_of(1, &m);
}

float art_max_pressure_of_stage(const art_control_view *view, int32_t phase)
{
  float sum = 0.0f;
  for (int32_t r = 0; r < view->connector_count; ++r) {
    const int32_t c = view->connector[r];
    const char letter = art_stage_letter(view->net, view->program, phase, view->net->connector_signal_group[c]);
    if (art_letter_goes(letter)) sum += pressure_of_connector(view, c, letter);
  }
  return sum;
}

/// Seconds that the longest of the queues it serves needs to leave at saturation.
static float service_s(const art_control_view *view, int32_t phase)
{
  const art_net *net = view->net;
  float longest = 0.0f;
  for (int32_t r = 0; r < view->connector_count; ++r) {
    const int32_t c = view->connector[r];
    const char letter = art_stage_letter(net, view->program, phase, net->connector_signal_group[c]);
    if (!art_letter_goes(letter)) continue;
    const float rate = art_movement_saturation_vps(net, c) * art_movement_part(letter);
    longest = art_maxf(longest, art_lane_queue(view, net->connector_from[c]) / rate);
  }
  return longest;
}

/// Vehicles stand, or people wait, whom the stage would serve and the running one does not.
static int is_called(const art_control_view *view, int32_t phase, int32_t running)
{
  const art_net *net = view->net;
  for (int32_t r = 0; r < view->connector_count; ++r) {
    const int32_t c = view->connector[r], group = net->connector_signal_group[c];
    if (art_letter_goes(art_stage_letter(net, view->program, phase, group)) &&
        !art_letter_goes(art_stage_letter(net, view->program, running, group)) &&
        view->lane[net->connector_from[c]].standing > 0 && !art_movement_is_blocked(view, c))
      return 1;
  }
  return art_stage_is_called_on_foot(view, phase) && !art_stage_is_called_on_foot(view, running);
}

/// Since when each stage is called, later by one, from the begin of the run; 0: it is not.
static void note_calls(art_control_view *view, int32_t count, const int32_t *stage, int32_t running)
{
  for (int32_t k = 0; k < count; ++k) {
    int64_t *since = &view->memory[CALLED + k];
    if (stage[k] == running || !is_called(view, stage[k], running)) *since = 0;
    else if (*since == 0) *since = view->now_ms - view->begin_ms + 1;
  }
}

static int may_follow(const art_net *net, int32_t program, int32_t running, int32_t phase)
{
  const int32_t p = net->program_first_phase[program] + running;
  if (net->phase_flags[net->program_first_phase[program] + phase] & ART_PHASE_OMIT) return 0;
  if (!(net->phase_flags[p] & ART_PHASE_MANUAL_NEXT)) return 1;
  for (int32_t i = net->phase_first_next[p]; i < net->phase_first_next[p + 1]; ++i)
    if (net->phase_next[i] == phase) return 1;
  return 0;
}

/// Index of the stage that should run next. A switch costs the clearance and a start: what the other stage has to serve
/// must be worth it, so its pressure counts for the part of the time in which it would be served. And it must be HOLD times
/// that of the running one: so greens grow with queues, and the share of time that is lost goes to nothing where it
/// matters. With any fixed advantage instead, long queues would take turns every few seconds.
static int32_t choose(const art_control_view *view, int32_t count, const int32_t *stage, int32_t running, art_tick green_ms)
{
  const art_net *net = view->net;
  const int32_t phase = stage[running];
  const art_tick most_ms = art_stage_most_ms(net, view->program, phase), now = view->now_ms - view->begin_ms + 1;
  const float lost_s = (float)(art_stage_clearance_ms(net, view->program, phase) + START_LOST_MS) * 1e-3f;
  const int is_over = most_ms > 0 && green_ms >= most_ms;
  int32_t best = -1, longest = -1;
  float most = 0.0f;
  for (int32_t k = 0; k < count; ++k) {
    if (k == running || !may_follow(net, view->program, phase, stage[k])) continue;
    const int64_t since = view->memory[CALLED + k];
    if (since > 0 && now - since >= LONGEST_WAIT_MS && (longest < 0 || since < view->memory[CALLED + longest]))
      longest = k;
    const float service = service_s(view, stage[k]);
    const float worth = art_max_pressure_of_stage(view, stage[k]) * service / (service + lost_s);
    if (worth > most) {
      most = worth;
      best = k;
    }
  }
  if (longest >= 0) return longest;
  if (best >= 0 && (is_over || most > HOLD * art_max_pressure_of_stage(view, phase))) return best;
  return running;
}

static int32_t first_stage(const art_control_view *view, int32_t count, const int32_t *stage)
{
  for (int32_t k = 0; k < count; ++k)
    if (stage[k] == view->phase) return k;
  return 0;
}

void art_max_pressure_control(art_control_view *view)
{
  int32_t stage[ART_STAGES_MOST];
  const int32_t count = art_stages_find(view->net, view->program, stage);
  int64_t *memory = view->memory;
  view->next_ms = view->now_ms + LISTEN_MS;
  if (count == 0) return;
  if (memory[TARGET] == 0) memory[TARGET] = 1 + first_stage(view, count, stage);
  const int32_t running = (int32_t)memory[TARGET] - 1;
  const art_tick since = art_stage_show(view, stage[running], &memory[ARRIVED]);
  if (since < 0) {
    memory[DECIDE] = 0;
    view->next_ms = view->now_ms + view->step_ms;
    return;
  }
  const art_tick every = (art_tick)(view->net->program_value[ART_CONTROL_VALUE_decide_every_s][view->program] * 1000.0f);
  const art_tick green = view->now_ms - since;
  note_calls(view, count, stage, stage[running]);
  if (green < art_stage_least_ms(view->net, view->program, stage[running]) || view->now_ms < memory[DECIDE]) return;
  memory[DECIDE] = view->now_ms + every;
  const int32_t next = choose(view, count, stage, running, green);
  if (next == running) return;
  memory[TARGET] = 1 + next;
  memory[ARRIVED] = 0;
  art_stage_show(view, stage[next], &memory[ARRIVED]);
  view->next_ms = view->now_ms + view->step_ms;
}
