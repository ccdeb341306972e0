#include "models/signal/timing_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "models/signal/timing.h"
#include "models/signal/timing_lp.h"
#include "models/signal/timing_plan_internal.h"

art_timing_options art_timing_options_default(void)
{
  return (art_timing_options){ .cycle_min_s = 30.0,
                               .cycle_max_s = 120.0,
                               .fixed_cycle_s = 0.0,
                               .startup_lost_s = 2.0,
                               .extension_s = 2.0,
                               .min_green_s = 5.0,
                               .permitted_critical_s = 4.5,
                               .permitted_follow_up_s = 2.5,
                               .sneakers = 2.0,
                               .oversaturated_ratio = 0.95,
                               .analysis_hours = 0.25 };
}

art_status art_timing_options_check(const art_timing_options *options, art_error *err)
{
  const struct {
    const char *name;
    double value, lowest, highest;
  } rows[] = { { "cycle_min", options->cycle_min_s, 10.0, 600.0 },
               { "cycle_max", options->cycle_max_s, 10.0, 600.0 },
               { "fixed_cycle", options->fixed_cycle_s, 0.0, 600.0 },
               { "startup_lost", options->startup_lost_s, 0.0, 10.0 },
               { "extension", options->extension_s, 0.0, 10.0 },
               { "min_green", options->min_green_s, 1.0, 60.0 },
               { "permitted_critical", options->permitted_critical_s, 0.5, 20.0 },
               { "permitted_follow_up", options->permitted_follow_up_s, 0.5, 20.0 },
               { "sneakers", options->sneakers, 0.0, 10.0 },
               { "oversaturated_ratio", options->oversaturated_ratio, 0.1, 1.0 },
               { "analysis_hours", options->analysis_hours, 0.01, 24.0 } };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    if (!(rows[i].value >= rows[i].lowest && rows[i].value <= rows[i].highest)) {
      return art_fail(err, ART_E_INPUT, "%s is %g; accepted: %g to %g", rows[i].name, rows[i].value,
                      rows[i].lowest, rows[i].highest);
    }
  }
  if (options->cycle_max_s < options->cycle_min_s) {
    return art_fail(err, ART_E_INPUT, "cycle_max (%g s) is below cycle_min (%g s)", options->cycle_max_s,
                    options->cycle_min_s);
  }
  return ART_OK;
}

static double sum_s(int32_t count, const int64_t *duration_ms)
{
  double sum = 0.0;
  for (int32_t p = 0; p < count; ++p) sum += (double)duration_ms[p] * 1e-3;
  return sum;
}

// ---- evaluation ------------------------------------------------------------------------------------------------------

static art_timing_lane_report report_lane(const timing_analysis *a, int32_t lane_group, double cycle_s,
                                          const int64_t *duration_ms)
{
  const int32_t n = a->signal->phase_count;
  const double *rate = a->rate_vps + (size_t)lane_group * (size_t)n;
  double served = a->bonus[lane_group], green_s = a->bonus_s[lane_group];
  for (int32_t p = 0; p < n; ++p) {
    served += rate[p] * (double)duration_ms[p] * 1e-3;
    if (rate[p] > 0.0) green_s += (double)duration_ms[p] * 1e-3;
  }
  served = fmax(served, 0.0);
  green_s = fmin(fmax(green_s, 0.0), cycle_s);
  const art_timing_approach approach = { .cycle_s = cycle_s,
                                         .green_s = green_s,
                                         .saturation_vph = green_s > 0.0 ? 3600.0 * served / green_s : 0.0,
                                         .flow_vph = 3600.0 * a->lane_flow_vps[lane_group] };
  return (art_timing_lane_report){ .flow_vph = approach.flow_vph,
                                   .capacity_vph = art_timing_capacity(&approach),
                                   .green_s = green_s,
                                   .x = art_timing_saturation_degree(&approach),
                                   .delay_s =
                                       art_timing_control_delay(&approach, a->options->analysis_hours) };
}

static art_timing_report evaluate(timing_analysis *a, const int64_t *duration_ms,
                                  art_timing_lane_report *lanes)
{
  art_timing_report report = { .cycle_s = sum_s(a->signal->phase_count, duration_ms) };
  double delay = 0.0;
  timing_analysis_rate(a, duration_ms);
  for (int32_t l = 0; l < a->signal->lane_group_count; ++l) {
    const art_timing_lane_report lane = report_lane(a, l, report.cycle_s, duration_ms);
    if (lanes) lanes[l] = lane;
    if (lane.flow_vph <= 0.0) continue;
    report.flow_vph += lane.flow_vph;
    report.max_x = fmax(report.max_x, lane.x);
    delay += lane.flow_vph * lane.delay_s;
  }
  if (report.flow_vph > 0.0) report.delay_s = delay / report.flow_vph;
  return report;
}

art_timing_report art_timing_evaluate(const art_timing_signal *signal, const art_timing_options *options,
                                      const int64_t *duration_ms, art_timing_lane_report *lanes)
{
  timing_analysis a;
  timing_analysis_open(&a, signal, options);
  const art_timing_report report = evaluate(&a, duration_ms, lanes);
  timing_analysis_close(&a);
  return report;
}

// ---- splits: largest reserve for the worst lane group, then for the next --------------------------------------------

/// The linear program of one cycle length. Variables: green above the minimum of every stage, then the reserve theta.
/// Rows: lane groups whose service depends on the splits, then the budget of green.
typedef struct split_problem {
  int32_t stages, lanes;
  int32_t *lane;       ///< [lanes], lane groups that stand in the program
  double *served_vps;  ///< [lanes * stages]
  double *fixed;       ///< [lanes], vehicles a cycle served whatever the splits
  double *frozen;      ///< [lanes], reserve that is settled already; < 0: not yet
  double minimum_s;    ///< sum of minimum greens
} split_problem;

static void split_open(split_problem *s, const timing_analysis *a, const int64_t *duration_ms)
{
  const art_timing_signal *signal = a->signal;
  const int32_t n = signal->phase_count;
  memset(s, 0, sizeof *s);
  s->stages = a->stage_count;
  s->lane = ART_NEW(int32_t, signal->lane_group_count + 1);
  s->served_vps = ART_NEW(double, (size_t)signal->lane_group_count *(size_t)a->stage_count + 1);
  s->fixed = ART_NEW(double, signal->lane_group_count + 1);
  s->frozen = ART_NEW(double, signal->lane_group_count + 1);
  for (int32_t k = 0; k < s->stages; ++k) s->minimum_s += a->stage_min_s[k];
  for (int32_t l = 0; l < signal->lane_group_count; ++l) {
    const double *rate = a->rate_vps + (size_t)l * (size_t)n;
    double *row = s->served_vps + (size_t)s->lanes * (size_t)s->stages;
    double fixed = a->bonus[l], lowest = INFINITY, highest = 0.0;
    for (int32_t p = 0; p < n; ++p) {
      if (a->stage_of[p] < 0)
        fixed += rate[p] * (double)duration_ms[p] * 1e-3;
      else
        row[a->stage_of[p]] = rate[p];
    }
    for (int32_t k = 0; k < s->stages; ++k) {
      fixed += row[k] * a->stage_min_s[k];
      lowest = fmin(lowest, row[k]);
      highest = fmax(highest, row[k]);
    }
    if (a->lane_flow_vps[l] <= 0.0 || highest <= 0.0 || highest - lowest <= 1e-9 * highest) continue;
    s->fixed[s->lanes] = fmax(fixed, 0.0);
    s->frozen[s->lanes] = -1.0;
    s->lane[s->lanes++] = l;
  }
}

static void split_close(split_problem *s)
{
  free(s->lane);
  free(s->served_vps);
  free(s->fixed);
  free(s->frozen);
}

/// One round: the largest common reserve of the lane groups that are not frozen. x[stages + 1], price[lanes + 1].
static art_lp_state split_round(const split_problem *s, const timing_analysis *a, double cycle_s, double *x,
                                double *price)
{
  const int32_t columns = s->stages + 1, rows = s->lanes + 1;
  double *matrix = ART_NEW(double, (size_t)rows *(size_t)columns);
  double *bound = ART_NEW(double, rows);
  double *goal = ART_NEW(double, columns);
  for (int32_t i = 0; i < s->lanes; ++i) {
    double *row = matrix + (size_t)i * (size_t)columns;
    const double demand = a->lane_flow_vps[s->lane[i]] * cycle_s;
    for (int32_t k = 0; k < s->stages; ++k)
      row[k] = -s->served_vps[(size_t)i * (size_t)s->stages + (size_t)k] / demand;
    row[s->stages] = s->frozen[i] < 0.0 ? 1.0 : 0.0;
    bound[i] = s->fixed[i] / demand - (s->frozen[i] < 0.0 ? 0.0 : s->frozen[i] * (1.0 - 1e-9));
  }
  double *budget = matrix + (size_t)s->lanes * (size_t)columns;
  for (int32_t k = 0; k < s->stages; ++k) budget[k] = 1.0;
  bound[s->lanes] = cycle_s - a->fixed_s - s->minimum_s;
  goal[s->stages] = 1.0;
  const art_lp_state state = art_lp_maximise(rows, columns, matrix, bound, goal, x, price);
  free(matrix);
  free(bound);
  free(goal);
  return state;
}

typedef struct split_answer {
  double critical_flow_ratio, lost_s, reserve;
} split_answer;

/// Splits `cycle_s`; green_s[stages] adds up to cycle less fixed phases. `critical` [lane_group_count] may be NULL.
static split_answer split(split_problem *s, const timing_analysis *a, double cycle_s, double *green_s,
                          int *critical)
{
  double *x = ART_NEW(double, s->stages + 1), *price = ART_NEW(double, s->lanes + 1);
  split_answer answer = { 0.0, a->fixed_s + s->minimum_s, INFINITY };
  for (int32_t i = 0; i < s->lanes; ++i) s->frozen[i] = -1.0;
  for (int32_t open = s->lanes, round = 0; open > 0 && round <= s->lanes; ++round) {
    if (split_round(s, a, cycle_s, x, price) != ART_LP_OPTIMAL) break;
    const double reserve = x[s->stages];
    if (round == 0) {
      // theta = sum price_i fixed_i / demand_i + price_budget (C - F - minimum) = (C - L) / (Y C)
      const double mu = price[s->lanes];
      answer.reserve = reserve;
      answer.critical_flow_ratio = mu > 0.0 ? 1.0 / (mu * cycle_s) : 0.0;
      for (int32_t i = 0; i < s->lanes && mu > 0.0; ++i) {
        answer.lost_s -= price[i] / mu * s->fixed[i] / (a->lane_flow_vps[s->lane[i]] * cycle_s);
      }
    }
    const int32_t before = open;
    for (int32_t i = 0; i < s->lanes; ++i) {
      if (s->frozen[i] >= 0.0 || price[i] <= 1e-9) continue;
      s->frozen[i] = reserve;
      --open;
      if (round == 0 && critical) critical[s->lane[i]] = 1;
    }
    if (open == before) break;
  }
  double left_s = cycle_s - a->fixed_s, total_s = 0.0;
  for (int32_t k = 0; k < s->stages; ++k) {
    green_s[k] = a->stage_min_s[k] + x[k];
    left_s -= green_s[k];
    total_s += green_s[k];
  }
  for (int32_t k = 0; k < s->stages; ++k)
    green_s[k] += left_s * (total_s > 0.0 ? green_s[k] / total_s : 1.0 / s->stages);
  free(x);
  free(price);
  return answer;
}

// ---- whole seconds ---------------------------------------------------------------------------------------------------

/// Rounds want_s to whole seconds so that the sum is total_ms and nothing falls below its minimum.
static void round_to_seconds(int32_t count, const double *want_s, const double *min_s, int64_t total_ms,
                             int64_t *out_ms)
{
  int64_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    const int64_t whole = (int64_t)floor(want_s[i] + 1e-6) * 1000,
                  least = (int64_t)ceil(min_s[i] * 1000.0 - 1e-6);
    out_ms[i] = whole > least ? whole : least;
    sum += out_ms[i];
  }
  while (sum < total_ms) {
    int32_t best = 0;
    for (int32_t i = 1; i < count; ++i) {
      if (want_s[i] - (double)out_ms[i] * 1e-3 > want_s[best] - (double)out_ms[best] * 1e-3 + 1e-9) best = i;
    }
    const int64_t step = total_ms - sum < 1000 ? total_ms - sum : 1000;
    out_ms[best] += step;
    sum += step;
  }
  while (sum > total_ms) {
    int32_t best = -1;
    for (int32_t i = 0; i < count; ++i) {
      if ((double)out_ms[i] * 1e-3 <= min_s[i] + 1e-6) continue;
      if (best < 0 ||
          want_s[i] - (double)out_ms[i] * 1e-3 < want_s[best] - (double)out_ms[best] * 1e-3 - 1e-9)
        best = i;
    }
    if (best < 0) return;  // all at their minimum: the caller's cycle grows by less than a second
    const int64_t room = out_ms[best] - (int64_t)ceil(min_s[best] * 1000.0 - 1e-6);
    int64_t step = sum - total_ms < 1000 ? sum - total_ms : 1000;
    if (step > room) step = room;
    out_ms[best] -= step;
    sum -= step;
  }
}

/// Stage greens to phase durations; parts of a stage keep their minimum and share the rest as they do now.
static void fill_durations(const timing_analysis *a, const double *green_s, int64_t cycle_ms,
                           int64_t *duration_ms)
{
  const art_timing_signal *signal = a->signal;
  const int32_t n = signal->phase_count;
  int64_t *stage_ms = ART_NEW(int64_t, a->stage_count), *part_ms = ART_NEW(int64_t, n);
  double *want_s = ART_NEW(double, n), *least_s = ART_NEW(double, n);
  int64_t fixed_ms = 0;
  for (int32_t p = 0; p < n; ++p) fixed_ms += a->stage_of[p] < 0 ? signal->duration_ms[p] : 0;
  round_to_seconds(a->stage_count, green_s, a->stage_min_s, cycle_ms - fixed_ms, stage_ms);
  for (int32_t k = 0; k < a->stage_count; ++k) {
    double now_s = 0.0, least = 0.0;
    int32_t parts = 0;
    for (int32_t p = 0; p < n; ++p) {
      if (a->stage_of[p] != k) continue;
      now_s += (double)signal->duration_ms[p] * 1e-3;
      least += a->phase_min_s[p];
      ++parts;
    }
    const double spare_s = (double)stage_ms[k] * 1e-3 - least;
    int32_t i = 0;
    for (int32_t p = 0; p < n; ++p) {
      if (a->stage_of[p] != k) continue;
      const double weight =
          now_s > least + 1e-9 ? ((double)signal->duration_ms[p] * 1e-3 - a->phase_min_s[p]) / (now_s - least)
                               : 1.0 / parts;
      want_s[i] = a->phase_min_s[p] + spare_s * weight;
      least_s[i++] = a->phase_min_s[p];
    }
    round_to_seconds(parts, want_s, least_s, stage_ms[k], part_ms);
    i = 0;
    for (int32_t p = 0; p < n; ++p) {
      if (a->stage_of[p] == k) duration_ms[p] = part_ms[i++];
    }
  }
  for (int32_t p = 0; p < n; ++p) {
    if (a->stage_of[p] < 0) duration_ms[p] = signal->duration_ms[p];
  }
  free(stage_ms);
  free(part_ms);
  free(want_s);
  free(least_s);
}

// ---- cycle and splits ------------------------------------------------------------------------------------------------

/// Webster's cycle within the limits, for the flow ratio and lost time that are critical at that very cycle.
static double choose_cycle(split_problem *s, const timing_analysis *a, double start_s, double *green_s,
                           art_timing_result *result)
{
  const art_timing_options *o = a->options;
  const double shortest_s = ceil(a->fixed_s + s->minimum_s - 1e-6);
  if (o->fixed_cycle_s > 0.0) {
    const double cycle_s = fmax(o->fixed_cycle_s, shortest_s);
    const split_answer answer = split(s, a, cycle_s, green_s, NULL);
    result->wanted_cycle_s = art_timing_webster_cycle(answer.lost_s, answer.critical_flow_ratio);
    result->is_oversaturated = answer.critical_flow_ratio >= o->oversaturated_ratio;
    return cycle_s;
  }
  double cycle_s = fmax(start_s, shortest_s);
  for (int round = 0; round < 50; ++round) {
    const split_answer answer = split(s, a, cycle_s, green_s, NULL);
    result->wanted_cycle_s = art_timing_webster_cycle(answer.lost_s, answer.critical_flow_ratio);
    result->is_oversaturated = answer.critical_flow_ratio >= o->oversaturated_ratio;
    const double wanted_s = result->is_oversaturated ? o->cycle_max_s : result->wanted_cycle_s;
    double next_s = fmin(fmax(wanted_s, o->cycle_min_s), o->cycle_max_s);
    next_s = fmax(next_s, shortest_s);
    if (fabs(next_s - cycle_s) < 0.05) return next_s;
    cycle_s =
        round < 10 ? next_s : 0.5 * (cycle_s + next_s);  // two critical paths may take turns: settle between
  }
  return cycle_s;
}

static art_status check_program(const art_timing_signal *signal, art_error *err)
{
  if (signal->phase_count < 1 || signal->group_count < 1)
    return art_fail(err, ART_E_INPUT, "the program has no phase");
  int64_t cycle = 0;
  for (int32_t p = 0; p < signal->phase_count; ++p) {
    if (signal->duration_ms[p] < 0) {
      return art_fail(err, ART_E_INPUT, "phase %d lasts %lld ms; accepted: 0 and more", p,
                      (long long)signal->duration_ms[p]);
    }
    cycle += signal->duration_ms[p];
  }
  if (cycle <= 0) return art_fail(err, ART_E_INPUT, "the program's cycle is 0 s");
  for (int32_t m = 0; m < signal->movement_count; ++m) {
    const art_timing_movement *movement = &signal->movement[m];
    if (movement->group < 0 || movement->group >= signal->group_count || movement->lane_group < 0 ||
        movement->lane_group >= signal->lane_group_count || !(movement->saturation_vph > 0.0)) {
      return art_fail(err, ART_E_INPUT, "movement %d: group, lane group or saturation flow is out of range",
                      m);
    }
  }
  return ART_OK;
}

art_status art_timing_optimise(const art_timing_signal *signal, const art_timing_options *options,
                               int64_t *duration_ms, art_timing_lane_report *before,
                               art_timing_lane_report *after, art_timing_result *result, art_error *err)
{
  memset(result, 0, sizeof *result);
  art_status status = check_program(signal, err);
  if (status == ART_OK) status = art_timing_options_check(options, err);
  if (status != ART_OK) return status;
  timing_analysis a;
  timing_analysis_open(&a, signal, options);
  const size_t bytes = (size_t)signal->phase_count * sizeof *duration_ms;
  memcpy(duration_ms, signal->duration_ms, bytes);
  result->before = evaluate(&a, duration_ms, before);
  result->stage_count = a.stage_count;
  result->is_unchanged = 1;

  double *green_s = ART_NEW(double, a.stage_count + 1);
  int *critical = ART_NEW(int, signal->lane_group_count + 1);
  int64_t *last_ms = ART_NEW(int64_t, signal->phase_count);
  const int rounds = 12;  // opposed turns depend on the greens; flows settle within a few rounds
  for (int round = 0; round < rounds && a.stage_count > 0; ++round) {
    memcpy(last_ms, duration_ms, bytes);
    timing_analysis_rate(&a, duration_ms);
    split_problem s;
    split_open(&s, &a, duration_ms);
    const int is_flow = s.lanes > 0;
    if (is_flow) {
      const double start_s = sum_s(signal->phase_count, duration_ms);
      const double cycle_s = ceil(choose_cycle(&s, &a, start_s, green_s, result) - 1e-6);
      memset(critical, 0, (size_t)signal->lane_group_count * sizeof *critical);
      const split_answer answer = split(&s, &a, cycle_s, green_s, critical);
      result->critical_flow_ratio = answer.critical_flow_ratio;
      result->lost_s = answer.lost_s;
      result->critical_x = answer.reserve > 0.0 ? 1.0 / answer.reserve : INFINITY;
      result->is_oversaturated |= result->critical_x > 1.0;
      result->is_unchanged = 0;
      fill_durations(&a, green_s, (int64_t)llround(cycle_s) * 1000, duration_ms);
    }
    split_close(&s);
    if (!is_flow || memcmp(last_ms, duration_ms, bytes) == 0) break;
  }
  result->after = evaluate(&a, duration_ms, after);
  for (int32_t l = 0; after && l < signal->lane_group_count; ++l) after[l].is_critical = critical[l];
  free(last_ms);
  free(critical);
  free(green_s);
  timing_analysis_close(&a);
  return ART_OK;
}
