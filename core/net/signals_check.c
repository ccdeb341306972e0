// Checks of signals, their programs and phases. How programs are controlled is in control_check.c.
#include <string.h>

#include "core/net/network_check_internal.h"

static art_status check_phase(const art_net *net, int32_t signal, int32_t program, int32_t phase,
                              art_error *err)
{
  const int64_t duration = net->phase_duration_ms[phase];
  const int64_t least = net->phase_min_ms[phase], most = net->phase_max_ms[phase];
  const int32_t number = phase - net->program_first_phase[program];
  const char *signal_id = net->signal_id[signal], *program_id = net->program_id[program];
  const int64_t day_ms = 86400000;
  if (duration <= 0 || duration > day_ms)
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: lasts %lld ms; it must last 1 to %lld", signal_id,
                    program_id, number, (long long)duration, (long long)day_ms);
  if (least < 0 || most < least)
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: lasts %lld to %lld ms; that must ascend from 0",
                    signal_id, program_id, number, (long long)least, (long long)most);
  const int64_t begin = net->phase_first_state[phase], end = net->phase_first_state[phase + 1];
  if (begin < 0 || end - begin != net->signal_group_count[signal])
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: its state has %lld letters; it must have %d",
                    signal_id, program_id, number, (long long)(end - begin), net->signal_group_count[signal]);
  for (int64_t i = begin; i < end; ++i) {
    const char letter = net->phase_state[i];
    if (!letter || !strchr("rygGsuoO", letter))
      return art_fail(err, ART_E_INPUT,
                      "signal '%s' program '%s' phase %d: letter %lld is '%c'; it must be one of rygGsuoO",
                      signal_id, program_id, number, (long long)(i - begin), letter ? letter : '?');
  }
  return ART_OK;
}

art_status art_check_programs(const art_net *net, int32_t s, art_error *err)
{
  const int32_t begin = net->signal_first_program[s], end = net->signal_first_program[s + 1];
  if (net->signal_group_count[s] < 1)
    return art_fail(err, ART_E_INPUT, "signal '%s': has %d groups; it must have at least 1",
                    net->signal_id[s], net->signal_group_count[s]);
  if (net->signal_active[s] < begin || net->signal_active[s] >= end)
    return art_fail(err, ART_E_INPUT, "signal '%s': program %d runs; it must be one of its own, %d to %d",
                    net->signal_id[s], net->signal_active[s], begin, end - 1);
  art_error detail;
  const art_status status = art_check_ids(net->program_id + begin, end - begin, "program", &detail);
  if (status != ART_OK)
    return art_fail(err, status, "signal '%s': %.900s", net->signal_id[s], detail.message);
  for (int32_t p = begin; p < end; ++p)
    for (int32_t phase = net->program_first_phase[p]; phase < net->program_first_phase[p + 1]; ++phase) {
      const art_status phase_status = check_phase(net, s, p, phase, err);
      if (phase_status != ART_OK) return phase_status;
    }
  return ART_OK;
}

art_status art_check_signals(const art_net *net, art_error *err)
{
  art_status status = art_check_ids(net->signal_id, net->signal_count, "signal", err);
  if (status == ART_OK)
    status = art_check_rows(net->signal_first_program, net->signal_count, net->program_count, 1, net->signal_id,
                        "signal", "program", err);
  if (status == ART_OK)
    status = art_check_rows(net->program_first_phase, net->program_count, net->phase_count, 1, net->program_id,
                        "program", "phase", err);
  if (status == ART_OK && net->phase_count > 0 && net->phase_first_state[0] != 0)
    status = art_fail(err, ART_E_INPUT, "net: states of phase 0 begin at %lld; they must begin at 0",
                      (long long)net->phase_first_state[0]);
  return status;
}
