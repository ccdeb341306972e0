/// Watches what drivers see at signals, whoever shows it: yellow after green, minimum greens, time between greens that
/// conflict, no two of them at once. It keeps times of its own, so that a defect of the guard is seen too.
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

/// Does the change to green of one group break what is kept between it and the others? `now` shows all letters.
static void watch_begin(art_sim *sim, const art_guard_rules *rules, int32_t at, int32_t g)
{
  const art_signals *signals = sim->signals;
  const char *now = signals->shown + at;
  const int was_green = art_letter_goes(signals->before[at + g]);
  for (int32_t f = 0; f < rules->group_count; ++f) {
    const int64_t rule = rules->intergreen_ms[f * rules->group_count + g];
    if (f == g || rule == -1) continue;
    const int64_t between = rule >= 0 ? rule : -2 - rule;
    if (art_letter_goes(now[f])) {
      if (rule >= 0 || (art_letter_is_major(now[f]) && art_letter_is_major(now[g]))) ++sim->ledger.conflicting_greens;
    } else if (!was_green) {
      // What has ended just now is not in the times yet.
      const art_tick end = art_letter_goes(signals->before[at + f]) ? sim->now_ms : signals->seen_green_end_ms[at + f];
      if (sim->now_ms - end < between) ++sim->ledger.short_intergreens;
    }
  }
}

void art_signals_watch(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  const art_guard_rules *rules = &signals->rules[s];
  const int32_t at = sim->net->signal_first_group[s];
  const art_tick now = sim->now_ms;
  for (int32_t g = 0; g < rules->group_count; ++g) {
    const char was = signals->before[at + g], is = signals->shown[at + g];
    if (was == is) continue;
    const int went = art_letter_goes(was), goes = art_letter_goes(is);
    if (went && !goes) {
      if (now - signals->seen_green_begin_ms[at + g] < rules->min_green_ms[g]) ++sim->ledger.short_greens;
      if (rules->yellow_ms[g] > 0 && is != 'y') ++sim->ledger.short_yellows;
    }
    const int after_green = was == 'y' && signals->seen_since_ms[at + g] == signals->seen_green_end_ms[at + g];
    if (after_green && now - signals->seen_since_ms[at + g] < rules->yellow_ms[g]) ++sim->ledger.short_yellows;
    if (goes && (!went || (art_letter_is_major(is) && !art_letter_is_major(was)))) watch_begin(sim, rules, at, g);
  }
  for (int32_t g = 0; g < rules->group_count; ++g) {
    const char was = signals->before[at + g], is = signals->shown[at + g];
    if (was == is) continue;
    signals->seen_since_ms[at + g] = now;
    if (art_letter_goes(was) && !art_letter_goes(is)) signals->seen_green_end_ms[at + g] = now;
    if (!art_letter_goes(was) && art_letter_goes(is)) signals->seen_green_begin_ms[at + g] = now;
  }
}
