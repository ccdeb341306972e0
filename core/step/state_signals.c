/// The state of signals: who controls them and what it remembers, what drivers see, what sensors said, the log.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/signals_internal.h"
#include "core/step/state_internal.h"

/// Words of a controller's memory up to the last that is not zero.
static int32_t used_words(const int64_t *memory)
{
  int32_t used = ART_CONTROL_WORDS;
  while (used > 0 && memory[used - 1] == 0) --used;
  return used;
}

void art_state_put_signal(const art_sim *sim, int32_t s, art_bytes *out)
{
  const art_signals *signals = sim->signals;
  const art_signal_state *state = &signals->state[s];
  const int32_t at = sim->net->signal_first_group[s], words = used_words(art_signals_memory(signals, s));
  const size_t groups = (size_t)sim->net->signal_group_count[s];
  ART_PUT(out, s);
  ART_PUT(out, state->program);
  ART_PUT(out, state->phase);
  ART_PUT(out, state->begin_ms);
  ART_PUT(out, state->next_ms);
  ART_PUT(out, state->switch_ms);
  ART_PUT(out, state->lit_ms);
  ART_PUT(out, signals->wake_ms[s]);
  ART_PUT(out, state->mode);
  ART_PUT(out, state->is_settled);
  ART_PUT(out, state->sensor_seen);
  ART_PUT(out, words);
  (void)art_bytes_put(out, art_signals_memory(signals, s), (size_t)words * sizeof(int64_t));
  (void)art_bytes_put(out, signals->shown + at, groups);
  (void)art_bytes_put(out, signals->wanted + at, groups);
  const art_tick *const times[] = { signals->since_ms,          signals->green_end_ms,
                                    signals->green_begin_ms,    signals->seen_since_ms,
                                    signals->seen_green_end_ms, signals->seen_green_begin_ms };
  for (size_t t = 0; t < sizeof times / sizeof *times; ++t)
    (void)art_bytes_put(out, times[t] + at, groups * sizeof(art_tick));
}

static int letters_are_sound(const char *letter, size_t count)
{
  for (size_t i = 0; i < count; ++i)
    if (!letter[i] || !strchr("rygGsuoORYw", letter[i])) return 0;
  return 1;
}

static int get_state(art_sim *sim, int32_t s, art_byte_reader *in)
{
  const art_net *net = sim->net;
  art_signal_state *state = &sim->signals->state[s];
  int32_t words;
  ART_GET(in, state->program);
  ART_GET(in, state->phase);
  ART_GET(in, state->begin_ms);
  ART_GET(in, state->next_ms);
  ART_GET(in, state->switch_ms);
  ART_GET(in, state->lit_ms);
  ART_GET(in, sim->signals->wake_ms[s]);
  ART_GET(in, state->mode);
  ART_GET(in, state->is_settled);
  ART_GET(in, state->sensor_seen);
  ART_GET(in, words);
  if (in->is_short || words < 0 || words > ART_CONTROL_WORDS) return 0;
  if (words > 0) art_bytes_get(in, art_signals_memory(sim->signals, s), (size_t)words * sizeof(int64_t));
  const int32_t first = net->signal_first_program[s], end = net->signal_first_program[s + 1];
  if (state->program < first || state->program >= end || state->mode > ART_SIGNAL_STARTING) {
    // Before the first step no program runs yet.
    if (sim->now_ms != sim->begin_ms || state->program != 0) return 0;
    return 1;
  }
  const int32_t phases =
      net->program_first_phase[state->program + 1] - net->program_first_phase[state->program];
  return state->phase >= -1 && state->phase < phases;
}

int32_t art_state_get_signal(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_signals *signals = sim->signals;
  int32_t s;
  ART_GET(in, s);
  int ok = !in->is_short && s >= 0 && s < sim->net->signal_count && get_state(sim, s, in);
  if (ok) {
    const int32_t at = sim->net->signal_first_group[s];
    const size_t groups = (size_t)sim->net->signal_group_count[s];
    art_bytes_get(in, signals->shown + at, groups);
    art_bytes_get(in, signals->wanted + at, groups);
    art_tick *const times[] = { signals->since_ms,          signals->green_end_ms,
                                signals->green_begin_ms,    signals->seen_since_ms,
                                signals->seen_green_end_ms, signals->seen_green_begin_ms };
    for (size_t t = 0; t < sizeof times / sizeof *times; ++t)
      art_bytes_get(in, times[t] + at, groups * sizeof(art_tick));
    ok = letters_are_sound(signals->shown + at, groups) && letters_are_sound(signals->wanted + at, groups);
  }
  if (ok && !in->is_short) return s;
  (void)art_fail(err, ART_E_INPUT, "saved state: signal %d: no such signal, program or light", (int)s);
  return -1;
}

// --- sensors --------------------------------------------------------------------------------------------------------

void art_state_put_sensors(const art_sim *sim, art_bytes *out)
{
  const art_signals *signals = sim->signals;
  for (int32_t i = 0; i < signals->used_count; ++i) {
    const int32_t d = signals->used[i];
    const int32_t count = art_ranks_sensor_count(sim, d);
    ART_PUT(out, d);
    ART_PUT(out, count);
    ART_PUT(out, signals->sensor_count_seen[d]);
    ART_PUT(out, signals->sensor[d].occupied);
    ART_PUT(out, signals->sensor[d].since_ms);
  }
}

art_status art_state_get_sensors(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_signals *signals = sim->signals;
  while (in->at < in->count) {
    int32_t d;
    ART_GET(in, d);
    if (in->is_short || d < 0 || d >= sim->net->detector_count || !signals->sensor_used ||
        !signals->sensor_used[d])
      return art_fail(err, ART_E_INPUT, "saved state: sensor %d: no signal listens to it", (int)d);
    ART_GET(in, signals->sensor[d].count);
    ART_GET(in, signals->sensor_count_seen[d]);
    ART_GET(in, signals->sensor[d].occupied);
    ART_GET(in, signals->sensor[d].since_ms);
    if (in->is_short)
      return art_fail(err, ART_E_INPUT, "saved state: sensor %d: its record ends early", (int)d);
  }
  return ART_OK;
}

// --- the log --------------------------------------------------------------------------------------------------------

void art_state_put_events(const art_sim *sim, art_bytes *out)
{
  const art_signals *signals = sim->signals;
  for (int64_t i = 0; i < signals->event_count; ++i) {
    const art_signal_event *event = &signals->event[i];
    ART_PUT(out, event->time_ms);
    ART_PUT(out, event->signal);
    ART_PUT(out, event->phase);
    ART_PUT(out, event->program);
    ART_PUT(out, event->sensor_count);
    ART_PUT(out, event->call_count);
    (void)art_bytes_put(out, signals->letters + event->letters,
                        (size_t)sim->net->signal_group_count[event->signal]);
  }
}

/// As they were logged: a signal has one at an instant, and signals come in their order.
static int by_time(const void *a, const void *b)
{
  const art_signal_event *x = a, *y = b;
  if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
  return (x->signal > y->signal) - (x->signal < y->signal);
}

art_status art_state_get_events(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  while (in->at < in->count) {
    art_signal_event event = { .letters = signals->letter_count };
    ART_GET(in, event.time_ms);
    ART_GET(in, event.signal);
    ART_GET(in, event.phase);
    ART_GET(in, event.program);
    ART_GET(in, event.sensor_count);
    ART_GET(in, event.call_count);
    const int ok = !in->is_short && event.signal >= 0 && event.signal < net->signal_count &&
                   event.program >= 0 && event.program < net->program_count && event.phase >= -1;
    const int32_t groups = ok ? net->signal_group_count[event.signal] : 0;
    const char *letters = art_bytes_take(in, (uint64_t)groups, 1);
    if (!ok || in->is_short)
      return art_fail(err, ART_E_INPUT, "saved state: the log of the signals: no such signal or program");
    ART_PUSH(signals->event, signals->event_count, signals->event_capacity, event);
    for (int32_t g = 0; g < groups; ++g)
      ART_PUSH(signals->letters, signals->letter_count, signals->letter_capacity, letters[g]);
  }
  art_sort(signals->event, (size_t)signals->event_count, sizeof *signals->event, by_time);
  return ART_OK;
}
