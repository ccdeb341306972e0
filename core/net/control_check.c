// Control of signals: kinds, settings, times, sensors, clearance, schedules.
#include "core/net/control_check_internal.h"

#define DAY_MS INT64_C(86400000)
#define PERIOD_MOST_MS (366 * DAY_MS)
#define CLEARANCE_MOST_MS 600000
#define INSTANT_MOST_MS INT64_C(1000000000000000)
#define RINGS 4
#define BARRIERS 16
#define HEARING_PHASES_MOST 64  // of programs that listen to somebody; by the clock alone there may be more

static const char *const time_names[] = {
#define X(name, initial, sentence) #name,
  ART_PHASE_TIME_LIST(X)
#undef X
};

static art_status check_row(const int32_t *first, int32_t count, int32_t total, const char *what, art_error *err)
{
  if (count == 0) return ART_OK;
  if (!first) return art_fail(err, ART_E_INPUT, "net: rows of %s are missing; art_net_index makes them", what);
  if (first[0] != 0 || first[count] != total)
    return art_fail(err, ART_E_INPUT, "net: rows of %s go from %d to %d; they must go from 0 to %d", what, first[0],
                    first[count], total);
  for (int32_t i = 0; i < count; ++i)
    if (first[i + 1] < first[i])
      return art_fail(err, ART_E_INPUT, "net: rows of %s: row %d begins at %d and ends at %d; it must ascend", what, i,
                      first[i], first[i + 1]);
  return ART_OK;
}

art_status art_control_check_rows(const art_net *net, art_error *err)
{
  if (net->control_signals != net->signal_count || net->control_programs != net->program_count ||
      net->control_phases != net->phase_count)
    return art_fail(err, ART_E_INPUT, "net: signals, programs or phases were added after art_net_index");
  art_status status = check_row(net->phase_first_next, net->phase_count, net->phase_next_count, "phase_next", err);
  if (status == ART_OK)
    status = check_row(net->phase_first_sensor, net->phase_count, net->phase_sensor_count, "phase_sensor", err);
  if (status == ART_OK)
    status = check_row(net->signal_first_intergreen, net->signal_count, net->intergreen_count, "intergreens", err);
  if (status == ART_OK)
    status = check_row(net->signal_first_switch, net->signal_count, net->switch_count, "switches", err);
  return status;
}

static art_status check_program(const art_net *net, int32_t s, int32_t p, art_error *err)
{
  const char *signal = net->signal_id[s], *program = net->program_id[p];
  if (net->program_control[p] >= ART_CONTROL_COUNT)
    return art_fail(err, ART_E_INPUT, "signal '%s' program '%s': control is %d; it must be 0 to %d", signal, program,
                    net->program_control[p], ART_CONTROL_COUNT - 1);
  if (net->program_cycle_ms[p] < 0 || net->program_cycle_ms[p] > DAY_MS)
    return art_fail(err, ART_E_INPUT, "signal '%s' program '%s': its cycle is %lld ms; it must be 0 to %lld", signal,
                    program, (long long)net->program_cycle_ms[p], (long long)DAY_MS);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) {
    const double value = net->program_value[v][p];
    if (!(value >= art_control_value_lowest(v) && value <= art_control_value_highest(v)))
      return art_fail(err, ART_E_INPUT, "signal '%s' program '%s': %s is %g; it must be %g to %g", signal, program,
                      art_control_value_name(v), value, art_control_value_lowest(v), art_control_value_highest(v));
  }
  const int hears = net->program_control[p] == ART_CONTROL_ACTUATED || net->program_control[p] == ART_CONTROL_NEMA ||
                    net->program_control[p] == ART_CONTROL_STAGES ||
                    net->program_value[ART_CONTROL_VALUE_priority_reach_m][p] > 0.0f ||
                    net->program_value[ART_CONTROL_VALUE_preemption_reach_m][p] > 0.0f;
  const int32_t phases = net->program_first_phase[p + 1] - net->program_first_phase[p];
  if (hears && phases > HEARING_PHASES_MOST)
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s': has %d phases; one that listens to sensors or calls must have 1 to %d",
                    signal, program, phases, HEARING_PHASES_MOST);
  return ART_OK;
}

static art_status check_links_of_phase(const art_net *net, int32_t s, int32_t p, int32_t phase, art_error *err)
{
  const char *signal = net->signal_id[s], *program = net->program_id[p];
  const int32_t number = phase - net->program_first_phase[p];
  const int32_t phases = net->program_first_phase[p + 1] - net->program_first_phase[p];
  for (int32_t i = net->phase_first_next[phase]; i < net->phase_first_next[phase + 1]; ++i)
    if (net->phase_next[i] < 0 || net->phase_next[i] >= phases)
      return art_fail(err, ART_E_INPUT, "signal '%s' program '%s' phase %d: phase %d follows; it must be 0 to %d",
                      signal, program, number, net->phase_next[i], phases - 1);
  for (int32_t i = net->phase_first_sensor[phase]; i < net->phase_first_sensor[phase + 1]; ++i) {
    const int32_t d = net->phase_sensor[i];
    if (d < 0 || d >= net->detector_count)
      return art_fail(err, ART_E_INPUT, "signal '%s' program '%s' phase %d: detector %d calls it; it must be 0 to %d",
                      signal, program, number, d, net->detector_count - 1);
    if (net->detector_kind[d] == ART_DETECTOR_ENTRY_EXIT)
      return art_fail(err, ART_E_INPUT,
                      "signal '%s' program '%s' phase %d: detector '%s' calls it, but is an entry-exit pair; it must be "
                      "a point or an area",
                      signal, program, number, net->detector_id[d]);
  }
  return ART_OK;
}

static art_status check_phase(const art_net *net, int32_t s, int32_t p, int32_t phase, art_error *err)
{
  const char *signal = net->signal_id[s], *program = net->program_id[p];
  const int32_t number = phase - net->program_first_phase[p];
  uint32_t known = 0;
#define X(suffix, bit, name) known |= UINT32_C(1) << (bit);
  ART_PHASE_FLAG_LIST(X)
#undef X
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) {
    const int64_t ms = net->phase_time_ms[t][phase], least = art_phase_time_initial(t) < 0 ? -1 : 0;
    if (ms < least || ms > DAY_MS)
      return art_fail(err, ART_E_INPUT, "signal '%s' program '%s' phase %d: %s is %lld; it must be %lld to %lld", signal,
                      program, number, time_names[t], (long long)ms, (long long)least, (long long)DAY_MS);
  }
  if (net->phase_flags[phase] & ~known)
    return art_fail(err, ART_E_INPUT, "signal '%s' program '%s' phase %d: flags are %#x; known are %#x", signal, program,
                    number, net->phase_flags[phase], known);
  if (net->phase_ring[phase] >= RINGS || net->phase_barrier[phase] >= BARRIERS)
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: ring %d, barrier %d; they must be 0 to %d and 0 to %d", signal,
                    program, number, net->phase_ring[phase], net->phase_barrier[phase], RINGS - 1, BARRIERS - 1);
  return check_links_of_phase(net, s, p, phase, err);
}

static art_status check_clearance(const art_net *net, int32_t s, art_error *err)
{
  const char *signal = net->signal_id[s];
  const int32_t groups = net->signal_group_count[s];
  for (int32_t g = 0; g < groups; ++g) {
    const int32_t at = net->signal_first_group[s] + g;
    const struct {
      const char *name;
      int64_t ms;
    } times[] = { { "minimum green", net->group_min_green_ms[at] },
                  { "yellow", net->group_yellow_ms[at] },
                  { "red-yellow", net->group_red_yellow_ms[at] } };
    for (int i = 0; i < 3; ++i)
      if (times[i].ms < -1 || times[i].ms > CLEARANCE_MOST_MS)
        return art_fail(err, ART_E_INPUT, "signal '%s' group %d: %s is %lld ms; it must be 0 to %d, or -1 for none stated",
                        signal, g, times[i].name, (long long)times[i].ms, CLEARANCE_MOST_MS);
  }
  for (int32_t r = net->signal_first_intergreen[s]; r < net->signal_first_intergreen[s + 1]; ++r) {
    const int32_t from = net->intergreen_from[r], to = net->intergreen_to[r];
    if (from < 0 || from >= groups || to < 0 || to >= groups || from == to)
      return art_fail(err, ART_E_INPUT, "signal '%s': intergreen from group %d to %d; they must differ and be 0 to %d",
                      signal, from, to, groups - 1);
    if (net->intergreen_ms[r] < 0 || net->intergreen_ms[r] > CLEARANCE_MOST_MS)
      return art_fail(err, ART_E_INPUT, "signal '%s': intergreen from group %d to %d is %lld ms; it must be 0 to %d",
                      signal, from, to, (long long)net->intergreen_ms[r], CLEARANCE_MOST_MS);
  }
  return ART_OK;
}

static art_status check_schedule(const art_net *net, int32_t s, art_error *err)
{
  const char *signal = net->signal_id[s];
  const int32_t first = net->signal_first_switch[s], end = net->signal_first_switch[s + 1];
  const int64_t period = net->signal_switch_period_ms[s];
  if (period < 0 || period > PERIOD_MOST_MS)
    return art_fail(err, ART_E_INPUT, "signal '%s': its schedule comes again after %lld ms; it must be 0 to %lld", signal,
                    (long long)period, (long long)PERIOD_MOST_MS);
  for (int32_t r = first; r < end; ++r) {
    const int32_t p = net->switch_program[r];
    if (p < net->signal_first_program[s] || p >= net->signal_first_program[s + 1])
      return art_fail(err, ART_E_INPUT, "signal '%s': its schedule switches to program %d; it must be one of its own, %d to %d",
                      signal, p, net->signal_first_program[s], net->signal_first_program[s + 1] - 1);
    if (net->switch_at_ms[r] < -INSTANT_MOST_MS || net->switch_at_ms[r] > INSTANT_MOST_MS)
      return art_fail(err, ART_E_INPUT, "signal '%s': its schedule switches at %lld ms; it must be %lld to %lld", signal,
                      (long long)net->switch_at_ms[r], (long long)-INSTANT_MOST_MS, (long long)INSTANT_MOST_MS);
    if (r > first && net->switch_at_ms[r] <= net->switch_at_ms[r - 1])
      return art_fail(err, ART_E_INPUT, "signal '%s': its schedule switches at %lld ms after %lld ms; times must ascend",
                      signal, (long long)net->switch_at_ms[r], (long long)net->switch_at_ms[r - 1]);
  }
  if (period > 0 && end > first && net->switch_at_ms[end - 1] - net->switch_at_ms[first] >= period)
    return art_fail(err, ART_E_INPUT, "signal '%s': its schedule lasts %lld ms; it must be less than its period of %lld",
                    signal, (long long)(net->switch_at_ms[end - 1] - net->switch_at_ms[first]), (long long)period);
  return ART_OK;
}

int art_control_groups_fit(const art_net *net)
{
  int64_t groups = 0;
  for (int32_t i = 0; net->signal_group_count && i < net->signal_count; ++i) groups += net->signal_group_count[i];
  return groups == net->control_groups;
}

art_status art_control_check_signal(const art_net *net, int32_t s, art_error *err)
{
  art_status status = ART_OK;
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1] && status == ART_OK; ++p) {
    status = check_program(net, s, p, err);
    for (int32_t k = net->program_first_phase[p]; k < net->program_first_phase[p + 1] && status == ART_OK; ++k)
      status = check_phase(net, s, p, k, err);
  }
  if (status == ART_OK) status = check_clearance(net, s, err);
  if (status == ART_OK) status = check_schedule(net, s, err);
  return status;
}
