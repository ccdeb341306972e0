#include "models/signal/guard.h"

static int is_after_green(const art_guard_view *v, int32_t g)
{
  return v->shown[g] == 'y' && v->since_ms[g] == v->green_end_ms[g];
}

static void show(art_guard_view *v, int32_t g, char letter)
{
  const int went = art_letter_goes(v->shown[g]), goes = art_letter_goes(letter);
  if (v->shown[g] == letter) return;
  if (went && !goes) v->green_end_ms[g] = v->now_ms;
  if (goes && !went && v->green_begin_ms) v->green_begin_ms[g] = v->now_ms;
  v->shown[g] = letter;
  v->since_ms[g] = v->now_ms;
}

static char sane(char letter)
{
  switch (letter) {
  case 'G':
  case 'g':
  case 'O':
  case 'o':
  case 'y':
  case 'u':
  case 's': return letter;
  default: return 'r';
  }
}

/// Time until the group may begin, as far as the others let it: 0 now, -1: somebody conflicting is green.
static art_tick wait_for_others(const art_guard_view *v, int32_t g, char letter)
{
  const int32_t n = v->rules->group_count;
  const int is_green = art_letter_goes(v->shown[g]);
  art_tick wait = 0;
  for (int32_t f = 0; f < n; ++f) {
    const int64_t rule = v->rules->intergreen_ms[f * n + g], back = v->rules->intergreen_ms[g * n + f];
    if (f == g || (rule == -1 && back == -1)) continue;
    if (art_letter_goes(v->shown[f])) {
      const int both_major = art_letter_is_major(v->shown[f]) && art_letter_is_major(letter);
      if (rule >= 0 || back >= 0 || both_major) return -1;
      continue;
    }
    if (is_green || rule == -1) continue;  // only changes its kind of green
    const art_tick left = (rule >= 0 ? rule : -2 - rule) - (v->now_ms - v->green_end_ms[f]);
    if (left > wait) wait = left;
  }
  return wait;
}

/// Ends greens and yellows, and makes a green with the right of way one that yields: nobody has to be asked.
static void step_down(art_guard_view *v, int32_t g, char wanted)
{
  const char shown = v->shown[g];
  if (art_letter_goes(shown)) {
    if (art_letter_goes(wanted)) {
      if (!art_letter_is_major(wanted) || art_letter_is_major(shown)) show(v, g, wanted);
      return;
    }
    const art_tick begin = v->green_begin_ms ? v->green_begin_ms[g] : v->since_ms[g];
    if (v->now_ms - begin < v->rules->min_green_ms[g]) return;
    show(v, g, v->rules->yellow_ms[g] > 0 ? 'y' : wanted);
    return;
  }
  if (is_after_green(v, g) && v->now_ms - v->since_ms[g] < v->rules->yellow_ms[g]) return;
  if (!art_letter_goes(wanted)) show(v, g, wanted);
}

static void step_up(art_guard_view *v, int32_t g, char wanted)
{
  const char shown = v->shown[g];
  if (!art_letter_goes(wanted) || shown == wanted) return;
  if (is_after_green(v, g) && v->now_ms - v->since_ms[g] < v->rules->yellow_ms[g]) return;
  const art_tick wait = wait_for_others(v, g, wanted);
  if (art_letter_goes(shown)) {
    if (wait == 0) show(v, g, wanted);
    return;
  }
  const art_tick lead = v->rules->red_yellow_ms[g];
  const art_tick led = shown == 'u' ? v->now_ms - v->since_ms[g] : 0;
  if (wait == 0 && led >= lead) {
    show(v, g, wanted);
  } else if (wait >= 0 && wait <= lead && lead > 0) {
    show(v, g, 'u');
  } else if (shown == 'y') {
    show(v, g, 'r');
  }
}

int32_t art_signal_guard(art_guard_view *view)
{
  const int32_t n = view->rules->group_count;
  int32_t differ = 0;
  for (int32_t g = 0; g < n; ++g) step_down(view, g, sane(view->wanted[g]));
  for (int32_t g = 0; g < n; ++g) step_up(view, g, sane(view->wanted[g]));
  for (int32_t g = 0; g < n; ++g) differ += view->shown[g] != sane(view->wanted[g]);
  return differ;
}
