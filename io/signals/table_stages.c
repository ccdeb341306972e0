// Stages by the clock, written out into phases.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/signals/table_internal.h"

static const int64_t DEFAULT_YELLOW_MS = 3000;

typedef struct writer {
  const art_net *net;
  int32_t signal, groups;
  const char *from, *to;  // letters of the two stages
  int64_t *begin_ms;      // [groups] when those that get green get it, after the switch
  art_table_program *program;
} writer;

static int64_t yellow_of(const writer *w, int32_t g)
{
  const int64_t own = w->net->group_yellow_ms[w->net->signal_first_group[w->signal] + g];
  return own >= 0 ? own : DEFAULT_YELLOW_MS;
}

static int64_t red_yellow_of(const writer *w, int32_t g)
{
  const int64_t own = w->net->group_red_yellow_ms[w->net->signal_first_group[w->signal] + g];
  return own > 0 ? own : 0;
}

static int64_t intergreen(const writer *w, int32_t from, int32_t to)
{
  const art_net *net = w->net;
  for (int32_t i = net->signal_first_intergreen[w->signal]; i < net->signal_first_intergreen[w->signal + 1];
       ++i)
    if (net->intergreen_from[i] == from && net->intergreen_to[i] == to) return net->intergreen_ms[i];
  return 0;
}

/// Who gets green waits for all that lose it, and shows red-yellow before it. Returns how long the way takes.
static int64_t plan(writer *w)
{
  int64_t longest = 0;
  for (int32_t g = 0; g < w->groups; ++g) {
    w->begin_ms[g] = 0;
    if (art_letter_is_green(w->from[g]) && !art_letter_is_green(w->to[g]) && yellow_of(w, g) > longest) longest = yellow_of(w, g);
    if (art_letter_is_green(w->from[g]) || !art_letter_is_green(w->to[g])) continue;
    w->begin_ms[g] = red_yellow_of(w, g);
    for (int32_t e = 0; e < w->groups; ++e)
      if (art_letter_is_green(w->from[e]) && !art_letter_is_green(w->to[e]) && intergreen(w, e, g) > w->begin_ms[g])
        w->begin_ms[g] = intergreen(w, e, g);
    if (w->begin_ms[g] > longest) longest = w->begin_ms[g];
  }
  return longest;
}

static char letter_at(const writer *w, int32_t g, int64_t at_ms)
{
  if (art_letter_is_green(w->from[g]) && art_letter_is_green(w->to[g])) return w->to[g];
  if (art_letter_is_green(w->from[g])) return at_ms < yellow_of(w, g) ? 'y' : 'r';
  if (!art_letter_is_green(w->to[g])) return 'r';
  if (at_ms >= w->begin_ms[g]) return w->to[g];
  return at_ms >= w->begin_ms[g] - red_yellow_of(w, g) ? 'u' : 'r';
}

/// The next instant after `at_ms` at which some letter changes; `end_ms` if none does before.
static int64_t next_change(const writer *w, int64_t at_ms, int64_t end_ms)
{
  int64_t next = end_ms;
  for (int32_t g = 0; g < w->groups; ++g) {
    int64_t instant[3] = { at_ms, at_ms, at_ms };
    if (art_letter_is_green(w->from[g]) && !art_letter_is_green(w->to[g])) instant[0] = yellow_of(w, g);
    if (!art_letter_is_green(w->from[g]) && art_letter_is_green(w->to[g])) {
      instant[1] = w->begin_ms[g];
      instant[2] = w->begin_ms[g] - red_yellow_of(w, g);
    }
    for (int i = 0; i < 3; ++i)
      if (instant[i] > at_ms && instant[i] < next) next = instant[i];
  }
  return next;
}

static void add_phase(writer *w, int64_t at_ms, int64_t duration_ms)
{
  art_table_phase phase = { .duration_ms = duration_ms, .min_ms = duration_ms, .max_ms = duration_ms };
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) phase.time_ms[t] = art_phase_time_initial(t);
  phase.letters = ART_NEW(char, w->groups);
  for (int32_t g = 0; g < w->groups; ++g) phase.letters[g] = letter_at(w, g, at_ms);
  ART_PUSH(w->program->phase, w->program->phase_count, w->program->phase_capacity, phase);
}

art_status art_table_write_out(const art_net *net, int32_t stage_count, const char *state,
                               const int64_t *begin_ms, int64_t cycle_ms, art_table_program *program,
                               art_error *err)
{
  const int32_t groups = net->signal_group_count[program->signal];
  writer w = { .net = net, .signal = program->signal, .groups = groups, .program = program };
  w.begin_ms = ART_NEW(int64_t, groups);
  art_status status = ART_OK;
  for (int32_t k = 0; k < stage_count && status == ART_OK; ++k) {
    w.from = state + (int64_t)((k + stage_count - 1) % stage_count) * groups;
    w.to = state + (int64_t)k * groups;
    const int64_t end_ms = (k + 1 < stage_count ? begin_ms[k + 1] : begin_ms[0] + cycle_ms) - begin_ms[k];
    const int64_t way_ms = plan(&w);
    if (way_ms >= end_ms) {
      status = art_fail(err, ART_E_INPUT,
                        "stage %d of program \"%.60s\" lasts %.3f s, the way to it %.3f s: accepted: less",
                        k + 1, program->id, (double)end_ms / 1000.0, (double)way_ms / 1000.0);
      break;
    }
    for (int64_t at = 0; at < end_ms;) {
      const int64_t next = next_change(&w, at, end_ms);
      add_phase(&w, at, next - at);
      at = next;
    }
  }
  free(w.begin_ms);
  return status;
}
