#include "scenarios/whatif/webster.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/whatif/approach.h"

art_webster_options art_webster_options_default(void)
{
  return (art_webster_options){ .timing = art_timing_options_default(),
                                .cycle = ART_CYCLE_OWN,
                                .saturation_vph = 0.0 };
}

/// The book value where the simulation had too few queues.
static const double book_saturation_vph = 1800.0;

/// Settles what the user left to measurement.
static art_webster_options settle_options(const art_webster_options *options, const art_flows *flows)
{
  art_webster_options o = *options;
  if (o.saturation_vph > 0.0) return o;
  o.saturation_vph =
      flows->discharge.straight_vph > 0.0 ? flows->discharge.straight_vph : book_saturation_vph;
  const double lost_s = flows->discharge.startup_lost_s;
  if (!isnan(lost_s)) o.timing.startup_lost_s = fmin(fmax(lost_s, 0.0), 5.0);
  return o;
}

static int is_wanted(const art_webster_options *options, const char *id)
{
  if (options->only_count == 0) return 1;
  for (int32_t i = 0; i < options->only_count; ++i) {
    if (strcmp(options->only[i], id) == 0) return 1;
  }
  return 0;
}

/// Durations are to be planned for programs by the clock; others find theirs while they run.
static int goes_by_the_clock(const art_net *net, int32_t signal)
{
  return net->program_control[net->signal_active[signal]] == ART_CONTROL_FIXED;
}

art_status art_webster_check(const art_city *city, const art_webster_options *options, art_error *err)
{
  const art_net *net = city->net;
  for (int32_t i = 0; i < options->only_count; ++i) {
    const int32_t s = art_net_find(net->signal_id, net->signal_count, options->only[i]);
    if (s < 0) return art_fail(err, ART_E_INPUT, "signal '%s' is not in the city", options->only[i]);
    if (!goes_by_the_clock(net, s)) {
      const int32_t p = net->signal_active[s];
      return art_fail(err, ART_E_INPUT,
                      "signal '%s': program '%s' is %s: accepted: signals that run a program by the clock (static)",
                      options->only[i], net->program_id[p], art_control_name(net->program_control[p]));
    }
  }
  if (net->signal_count == 0) return art_fail(err, ART_E_INPUT, "the city has no signal");
  for (int32_t s = 0; s < net->signal_count; ++s)
    if (goes_by_the_clock(net, s)) return ART_OK;
  return art_fail(err, ART_E_INPUT,
                  "none of the %" PRId32 " signals runs a program by the clock (static), to which a plan could give "
                  "durations; the first, '%s', is %s",
                  net->signal_count, net->signal_id[0], art_control_name(net->program_control[net->signal_active[0]]));
}

static int64_t cycle_ms(const art_net *net, int32_t signal)
{
  const int32_t program = net->signal_active[signal];
  int64_t sum = 0;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p)
    sum += net->phase_duration_ms[p];
  return sum;
}

static void clear_row(art_webster_row *row)
{
  free(row->duration_ms);
  free(row->link);
  free(row->lanes);
  free(row->turns);
  free(row->before);
  free(row->after);
}

/// Optimises one signal; `cycle_s` > 0 fixes the cycle.
static art_status plan_signal(const art_city *city, const art_flows *flows,
                              const art_webster_options *options, int use_measured, double fixed_s,
                              art_webster_row *row, art_error *err)
{
  const art_net *net = city->net;
  art_approach approach;
  art_approach_build(net, row->signal, flows, options->saturation_vph, use_measured, &approach);
  clear_row(row);
  row->phase_count = approach.timing.phase_count;
  row->duration_ms = ART_NEW(int64_t, row->phase_count + 1);
  row->lane_group_count = approach.timing.lane_group_count;
  row->before = ART_NEW(art_timing_lane_report, row->lane_group_count + 1);
  row->after = ART_NEW(art_timing_lane_report, row->lane_group_count + 1);
  art_timing_options timing = options->timing;
  timing.fixed_cycle_s = fixed_s;
  const art_status status = art_timing_optimise(&approach.timing, &timing, row->duration_ms, row->before,
                                                row->after, &row->result, err);
  row->link = approach.link_of;  // the row keeps what reports need
  row->lanes = approach.lanes;
  row->turns = approach.turns;
  approach.link_of = NULL;
  approach.lanes = NULL;
  approach.turns = NULL;
  art_approach_clear(&approach);
  if (status != ART_OK) return art_fail_prefix(err, "signal '%s': ", net->signal_id[row->signal]);
  return ART_OK;
}

/// Offsets keep their share of the cycle: relations between signals hold where cycles stay equal.
static void scale_offset(const art_net *net, art_webster_row *row)
{
  const int64_t old_ms = cycle_ms(net, row->signal);
  const int64_t offset_ms = net->program_offset_ms[net->signal_active[row->signal]];
  int64_t new_ms = 0;
  for (int32_t p = 0; p < row->phase_count; ++p) new_ms += row->duration_ms[p];
  if (new_ms == old_ms || old_ms <= 0) {
    row->offset_ms = old_ms > 0 ? (offset_ms % old_ms + old_ms) % old_ms : 0;
    return;
  }
  const double share = (double)((offset_ms % old_ms + old_ms) % old_ms) / (double)old_ms;
  row->offset_ms = 1000 * llround(share * (double)new_ms * 1e-3) % new_ms;
}

static void sum_up(art_webster *out)
{
  double before = 0.0, after = 0.0;
  for (int32_t i = 0; i < out->count; ++i) {
    const art_timing_result *r = &out->row[i].result;
    out->oversaturated += r->is_oversaturated;
    out->unchanged += r->is_unchanged;
    out->flow_vph += r->before.flow_vph;
    before += r->before.flow_vph * r->before.delay_s;
    after += r->after.flow_vph * r->after.delay_s;
  }
  if (out->flow_vph <= 0.0) return;
  out->delay_before_s = before / out->flow_vph;
  out->delay_after_s = after / out->flow_vph;
}

art_status art_webster_plan(const art_city *city, const art_flows *flows, const art_webster_options *options,
                            art_webster *out, art_error *err)
{
  const art_net *net = city->net;
  memset(out, 0, sizeof *out);
  art_status status = art_webster_check(city, options, err);
  if (status != ART_OK) return status;
  out->row = ART_NEW(art_webster_row, net->signal_count + 1);
  const art_webster_options o = settle_options(options, flows);
  const int use_measured = options->saturation_vph <= 0.0;
  out->is_measured = use_measured;
  out->saturation_vph = o.saturation_vph;
  out->startup_lost_s = o.timing.startup_lost_s;
  double common_s = 0.0;
  for (int32_t s = 0; s < net->signal_count && status == ART_OK; ++s) {
    if (!is_wanted(options, net->signal_id[s])) continue;
    if (!goes_by_the_clock(net, s)) {
      ++out->left_out;
      continue;
    }
    art_webster_row *row = &out->row[out->count++];
    row->signal = s;
    const double keep_s = (double)cycle_ms(net, s) * 1e-3;
    status = plan_signal(city, flows, &o, use_measured, o.cycle == ART_CYCLE_KEEP ? keep_s : 0.0, row, err);
    if (status == ART_OK && !row->result.is_unchanged) common_s = fmax(common_s, row->result.after.cycle_s);
  }
  for (int32_t i = 0; i < out->count && status == ART_OK && options->cycle == ART_CYCLE_COMMON; ++i) {
    if (!out->row[i].result.is_unchanged)
      status = plan_signal(city, flows, &o, use_measured, common_s, &out->row[i], err);
  }
  if (status != ART_OK) {
    art_webster_clear(out);
    return status;
  }
  for (int32_t i = 0; i < out->count; ++i) scale_offset(net, &out->row[i]);
  sum_up(out);
  return ART_OK;
}

void art_webster_clear(art_webster *webster)
{
  for (int32_t i = 0; i < webster->count; ++i) clear_row(&webster->row[i]);
  free(webster->row);
  memset(webster, 0, sizeof *webster);
}

void art_webster_to_plan(const art_webster *webster, const art_city *city, art_plan *plan)
{
  const art_net *net = city->net;
  memset(plan, 0, sizeof *plan);
  plan->signal = ART_NEW(art_plan_signal, webster->count + 1);
  for (int32_t i = 0; i < webster->count; ++i) {
    const art_webster_row *row = &webster->row[i];
    if (row->result.is_unchanged) continue;
    art_plan_signal *signal = &plan->signal[plan->signal_count++];
    signal->signal = art_strdup(net->signal_id[row->signal]);
    signal->program = art_strdup(net->program_id[net->signal_active[row->signal]]);
    signal->offset_ms = row->offset_ms;
    signal->phase_count = row->phase_count;
    signal->duration_ms = ART_NEW(art_tick, row->phase_count + 1);
    for (int32_t p = 0; p < row->phase_count; ++p) signal->duration_ms[p] = row->duration_ms[p];
  }
}
