/// Fixed-time signals: the running phase follows from the clock; aspects of connectors follow from the phase.
#include "core/base/memory.h"
#include "core/step/sim_internal.h"

static art_aspect aspect_of(char state)
{
  switch (state) {
  case 'G':
  case 'O': return ART_ASPECT_MAJOR;
  case 'g':
  case 'o': return ART_ASPECT_MINOR;
  case 'y':
  case 'Y': return ART_ASPECT_YELLOW;
  case 's': return ART_ASPECT_STOP;
  default: return ART_ASPECT_RED;  // r, R, u
  }
}

/// Aspect of a connector without a signal, from its right-of-way state.
static art_aspect sign_of(char state)
{
  switch (state) {
  case 'M':
  case 'O':
  case 'G':
  case 'Z': return ART_ASPECT_MAJOR;
  case 's':
  case 'w': return ART_ASPECT_STOP;
  default: return ART_ASPECT_MINOR;  // m, =, o, -
  }
}

static int32_t running_phase(const art_net *net, int32_t program, art_tick now)
{
  const int32_t first = net->program_first_phase[program], end = net->program_first_phase[program + 1];
  art_tick cycle = 0;
  for (int32_t p = first; p < end; ++p) cycle += net->phase_duration_ms[p];
  if (cycle <= 0) return 0;
  art_tick t = (now - net->program_offset_ms[program]) % cycle;
  if (t < 0) t += cycle;
  for (int32_t p = first; p < end; ++p) {
    if (t < net->phase_duration_ms[p]) return p - first;
    t -= net->phase_duration_ms[p];
  }
  return end - first - 1;
}

static void log_event(art_sim *sim, int32_t signal, int32_t phase)
{
  const art_signal_event event = { .time_ms = sim->now_ms, .signal = signal, .phase = phase };
  ART_PUSH(sim->event, sim->event_count, sim->event_capacity, event);
}

void art_signals_update(art_sim *sim)
{
  const art_net *net = sim->net;
  int changed = sim->now_ms == sim->begin_ms;
  for (int32_t s = 0; s < net->signal_count; ++s) {
    const int32_t phase = running_phase(net, net->signal_active[s], sim->now_ms);
    if (phase == sim->signal_phase[s]) continue;
    sim->signal_phase[s] = phase;
    changed = 1;
    log_event(sim, s, phase);
  }
  if (!changed) return;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    if (s < 0) {
      sim->aspect[c] = (char)sign_of(net->connector_state[c]);
      continue;
    }
    const int32_t phase = net->program_first_phase[net->signal_active[s]] + sim->signal_phase[s];
    sim->aspect[c] =
        (char)aspect_of(net->phase_state[net->phase_first_state[phase] + net->connector_signal_group[c]]);
  }
}
