#include "models/signal/adaptive.h"

#include "models/signal/adaptive_internal.h"
#include "models/signal/movements.h"

#define LISTEN_MS 1000
#define OFFSET_CYCLES 2   // before offsets are changed
#define SPLIT_CYCLES 4    // before splits are
#define UNEQUAL_X 0.15f   // degrees of saturation that differ by less are left alone
#define SPLIT_PART 0.25f  // of the way to equal ones
#define DEMAND_ONE 256u   // a vehicle in the demand of a lane ...
#define DEMAND_PARTS 8u   // ... of which an eighth is renewed in a cycle
#define FIELD_MOST 65535u

adapt_plan adapt_plan_of(const art_control_view *view)
{
  const art_net *net = view->net;
  int32_t stage[ART_STAGES_MOST];
  const int32_t count = art_stages_find(net, view->program, stage);
  adapt_plan plan = { .phase_count = net->program_first_phase[view->program + 1] -
                                     net->program_first_phase[view->program],
                      .stage_count = count < ADAPT_STAGES ? count : ADAPT_STAGES };
  for (int32_t k = 0; k < plan.stage_count; ++k) {
    plan.stage[k] = stage[k];
    if (view->memory[ADAPT_GREEN + k] > view->memory[ADAPT_GREEN + plan.longest]) plan.longest = k;
  }
  for (int32_t p = 0; p < plan.phase_count; ++p) plan.cycle_ms += adapt_phase_ms(view, &plan, p);
  return plan;
}

art_tick adapt_phase_ms(const art_control_view *view, const adapt_plan *plan, int32_t phase)
{
  for (int32_t k = 0; k < plan->stage_count; ++k)
    if (plan->stage[k] == phase) return view->memory[ADAPT_GREEN + k];
  return view->net->phase_duration_ms[view->net->program_first_phase[view->program] + phase];
}

/// The same in the running cycle.
static art_tick running_ms(const art_control_view *view, const adapt_plan *plan, int32_t phase)
{
  const int takes_shift = plan->stage_count > 0 && plan->stage[plan->longest] == phase;
  return adapt_phase_ms(view, plan, phase) + (takes_shift ? view->memory[ADAPT_SHIFT] : 0);
}

art_tick art_adaptive_plan(const art_control_view *view, art_tick *begin_ms, art_tick *duration_ms)
{
  const adapt_plan plan = adapt_plan_of(view);
  art_tick sum = 0;
  *begin_ms = view->begin_ms + view->memory[ADAPT_CYCLE_BEGIN];
  for (int32_t p = 0; p < plan.phase_count; ++p) sum += duration_ms[p] = running_ms(view, &plan, p);
  return sum;
}

static art_tick on_grid(const art_control_view *view, float ms)
{
  return (art_tick)(ms / (float)view->step_ms + (ms < 0.0f ? -0.5f : 0.5f)) * view->step_ms;
}

// --- splits -----------------------------------------------------------------------------------------------------------

/// Lanes of the signal that are looked at, in the order of its connectors. Returns how many.
static int32_t find_lanes(const art_control_view *view, int32_t lane[ADAPT_LANES])
{
  int32_t count = 0;
  for (int32_t r = 0; r < view->connector_count && count < ADAPT_LANES; ++r) {
    const int32_t l = view->net->connector_from[view->connector[r]];
    if (count == 0 || lane[count - 1] != l) lane[count++] = l;
  }
  return count;
}

/// What a lane discharges in a stage of the program: the best of its connectors.
static float lane_rate_vps(const art_control_view *view, int32_t lane, int32_t phase)
{
  const art_net *net = view->net;
  float most = 0.0f;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] == view->signal)
      most = art_maxf(most, art_movement_saturation_vps(net, c) *
                                art_movement_part(art_stage_letter(net, view->program, phase,
                                                                   net->connector_signal_group[c])));
  return most;
}

static uint32_t passed_by(const art_control_view *view, int32_t lane)
{
  int64_t sum = 0;
  for (int32_t c = view->net->lane_first_out[lane]; c < view->net->lane_first_out[lane + 1]; ++c)
    sum += view->passed[c];
  return (uint32_t)sum & FIELD_MOST;
}

/// Fields of a lane: passages at the end of the last cycle (modulo 2^16), and demand.
static void add_demand(art_control_view *view, int32_t i, uint32_t vehicles)
{
  int64_t *word = view->memory + ADAPT_LANE;
  const uint32_t sum = adapt_field(word, 2 * i + 1, 16) + vehicles * (DEMAND_ONE / DEMAND_PARTS);
  adapt_set_field(word, 2 * i + 1, 16, sum < FIELD_MOST ? sum : FIELD_MOST);
}

/// Who stands where a green ends would have gone with more of it.
static void note_left_over(art_control_view *view, int32_t phase, int32_t next)
{
  int32_t lane[ADAPT_LANES];
  const int32_t count = find_lanes(view, lane);
  for (int32_t i = 0; i < count; ++i)
    if (lane_rate_vps(view, lane[i], phase) > 0.0f && lane_rate_vps(view, lane[i], next) == 0.0f)
      add_demand(view, i, (uint32_t)view->lane[lane[i]].standing);
}

static void note_passed(art_control_view *view)
{
  int64_t *word = view->memory + ADAPT_LANE;
  int32_t lane[ADAPT_LANES];
  const int32_t count = find_lanes(view, lane);
  for (int32_t i = 0; i < count; ++i) {
    const uint32_t now = passed_by(view, lane[i]), before = adapt_field(word, 2 * i, 16);
    adapt_set_field(word, 2 * i + 1, 16, adapt_field(word, 2 * i + 1, 16) * (DEMAND_PARTS - 1u) / DEMAND_PARTS);
    if (view->memory[ADAPT_CYCLES] > 0) add_demand(view, i, (now - before) & FIELD_MOST);
    adapt_set_field(word, 2 * i, 16, now);
  }
}

/// Degree of saturation of the fullest lane of each stage.
static void find_saturation(const art_control_view *view, const adapt_plan *plan, float x[ADAPT_STAGES])
{
  int32_t lane[ADAPT_LANES];
  const int32_t count = find_lanes(view, lane);
  for (int32_t k = 0; k < plan->stage_count; ++k) x[k] = 0.0f;
  for (int32_t i = 0; i < count; ++i) {
    const float demand = (float)adapt_field(view->memory + ADAPT_LANE, 2 * i + 1, 16) / (float)DEMAND_ONE;
    float capacity = 0.0f, rate[ADAPT_STAGES];
    for (int32_t k = 0; k < plan->stage_count; ++k) {
      rate[k] = lane_rate_vps(view, lane[i], plan->stage[k]);
      capacity += rate[k] * (float)view->memory[ADAPT_GREEN + k] * 1e-3f;
    }
    for (int32_t k = 0; k < plan->stage_count; ++k)
      if (rate[k] > 0.0f) x[k] = art_maxf(x[k], demand / capacity);
  }
}

/// Green from the stage with the most of it to spare to the one with the least.
static void change_split(art_control_view *view, const adapt_plan *plan, float step_ms)
{
  float x[ADAPT_STAGES];
  int32_t high = 0, low = -1;
  find_saturation(view, plan, x);
  for (int32_t k = 1; k < plan->stage_count; ++k)
    if (x[k] > x[high]) high = k;
  for (int32_t k = 0; k < plan->stage_count; ++k) {
    const art_tick least = art_stage_least_ms(view->net, view->program, plan->stage[k]);
    if (view->memory[ADAPT_GREEN + k] - view->step_ms >= least && (low < 0 || x[k] < x[low])) low = k;
  }
  if (low < 0 || low == high || x[high] - x[low] < UNEQUAL_X) return;
  int64_t *more = &view->memory[ADAPT_GREEN + high], *less = &view->memory[ADAPT_GREEN + low];
  const float g = (float)*more, h = (float)*less;
  const float equal_ms = (x[high] - x[low]) * g * h / (x[high] * g + x[low] * h);
  art_tick change = on_grid(view, art_minf(SPLIT_PART * equal_ms, step_ms));
  const art_tick spare = *less - art_stage_least_ms(view->net, view->program, plan->stage[low]);
  const art_tick most = art_stage_most_ms(view->net, view->program, plan->stage[high]);
  if (change > spare) change = spare;
  if (most > 0 && change > most - *more) change = most - *more;
  if (change <= 0) return;
  *more += change;
  *less -= change;
}

// --- the clock --------------------------------------------------------------------------------------------------------

static void change_offset(art_control_view *view, const adapt_plan *plan, float step_ms)
{
  const float wanted = 0.5f * (float)adapt_best_shift(view, plan);
  art_tick shift = on_grid(view, art_maxf(-step_ms, art_minf(wanted, step_ms)));
  const art_tick spare = view->memory[ADAPT_GREEN + plan->longest] -
                         art_stage_least_ms(view->net, view->program, plan->stage[plan->longest]);
  if (shift < -spare) shift = -spare;
  view->memory[ADAPT_SHIFT] = shift;
}

static void begin_cycle(art_control_view *view)
{
  const float step_ms = 1e3f * view->net->program_value[ART_CONTROL_VALUE_adapt_step_s][view->program];
  view->memory[ADAPT_SHIFT] = 0;
  note_passed(view);
  const int64_t cycles = ++view->memory[ADAPT_CYCLES];
  adapt_plan plan = adapt_plan_of(view);
  if (step_ms <= 0.0f || plan.stage_count == 0) return;
  if (plan.stage_count > 1 && cycles > SPLIT_CYCLES) change_split(view, &plan, step_ms);
  plan = adapt_plan_of(view);
  if (cycles > OFFSET_CYCLES) change_offset(view, &plan, step_ms);
}

/// As the fixed program would stand now.
static void begin(art_control_view *view)
{
  const art_net *net = view->net;
  int32_t stage[ART_STAGES_MOST];
  const int32_t count = art_stages_find(net, view->program, stage);
  for (int32_t k = 0; k < count && k < ADAPT_STAGES; ++k)
    view->memory[ADAPT_GREEN + k] = net->phase_duration_ms[net->program_first_phase[view->program] + stage[k]];
  const art_tick cycle = adapt_plan_of(view).cycle_ms;
  art_tick at = cycle > 0 ? (view->now_ms - net->program_offset_ms[view->program]) % cycle : 0;
  if (at < 0) at += cycle;
  view->memory[ADAPT_CYCLE_BEGIN] = view->now_ms - view->begin_ms - at;
  view->memory[ADAPT_LOOKED] = view->now_ms - view->begin_ms;
  view->memory[ADAPT_BEGUN] = 1;
}

void art_adaptive_control(art_control_view *view)
{
  const int32_t before = view->phase;
  if (!view->memory[ADAPT_BEGUN]) begin(view);
  adapt_plan plan = adapt_plan_of(view);
  view->next_ms = view->now_ms + LISTEN_MS;
  if (plan.cycle_ms <= 0) return;
  adapt_observe(view, plan.cycle_ms);
  art_tick at = view->now_ms - view->begin_ms - view->memory[ADAPT_CYCLE_BEGIN];
  if (at >= plan.cycle_ms + view->memory[ADAPT_SHIFT]) {
    at -= plan.cycle_ms + view->memory[ADAPT_SHIFT];
    view->memory[ADAPT_CYCLE_BEGIN] += plan.cycle_ms + view->memory[ADAPT_SHIFT];
    begin_cycle(view);
    plan = adapt_plan_of(view);
  }
  int32_t phase = 0;
  while (phase < plan.phase_count - 1 && at >= running_ms(view, &plan, phase)) at -= running_ms(view, &plan, phase++);
  if (before != phase && before >= 0) note_left_over(view, before, phase);
  view->phase = phase;
  for (int32_t g = 0; g < view->net->signal_group_count[view->signal]; ++g)
    view->wanted[g] = art_stage_letter(view->net, view->program, phase, g);
  const art_tick rest = running_ms(view, &plan, phase) - at;
  if (rest < LISTEN_MS) view->next_ms = view->now_ms + (rest > view->step_ms ? rest : view->step_ms);
}
