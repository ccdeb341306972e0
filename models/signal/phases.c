#include "models/signal/phases.h"

#include <string.h>

#define DEFAULT_YELLOW_MS 3000

static void find_people(art_phases *p)
{
  const art_net *net = p->net;
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    const int32_t g = net->crossing_signal_group[x];
    if (net->crossing_signal[x] != p->view->signal || g < 0 || g >= 64 * ART_PHASES_GROUP_WORDS) continue;
    p->foot_group[g / 64] |= (uint64_t)1 << (g % 64);
    if (p->view->foot_waits && p->view->foot_waits[x]) p->foot_waits[g / 64] |= (uint64_t)1 << (g % 64);
  }
}

art_phases art_phases_of(const art_control_view *view)
{
  const art_net *net = view->net;
  const int32_t first = net->program_first_phase[view->program];
  const int32_t count = net->program_first_phase[view->program + 1] - first;
  art_phases p = { .view = view,
                   .net = net,
                   .first = first,
                   .count = count < ART_PHASES_MOST ? count : ART_PHASES_MOST,
                   .groups = net->signal_group_count[view->signal] };
  find_people(&p);
  return p;
}

int art_phases_is_green(const art_phases *p, int32_t phase)
{
  int goes = 0;
  for (int32_t g = 0; g < p->groups; ++g) {
    const char letter = art_phases_letter(p, phase, g);
    if (letter == 'y' || letter == 'Y') return 0;
    goes |= art_letter_is_green(letter);
  }
  return goes;
}

int art_phases_serves(const art_phases *p, int32_t phase, int32_t group)
{
  if (group < 0 || group >= p->groups) return 0;
  const char letter = art_phases_letter(p, phase, group);
  return letter == 'G' ? 2 : letter == 'g';
}

int art_phases_writes_out(const art_phases *p)
{
  const char *state = p->net->phase_state + p->net->phase_first_state[p->first];
  const int64_t letters = (int64_t)p->count * p->groups;
  for (int64_t i = 0; i < letters; ++i)
    if (state[i] == 'y' || state[i] == 'Y') return 1;
  return 0;
}

int64_t art_phases_min_ms(const art_phases *p, int32_t phase)
{
  const int64_t least = p->net->phase_min_ms[p->first + phase];
  return least > 0 ? least : p->net->phase_duration_ms[p->first + phase];
}

int64_t art_phases_max_ms(const art_phases *p, int32_t phase)
{
  const int64_t least = art_phases_min_ms(p, phase), most = p->net->phase_max_ms[p->first + phase];
  const int64_t longest = most > 0 ? most : p->net->phase_duration_ms[p->first + phase];
  return longest > least ? longest : least;
}

int64_t art_phases_yellow_ms(const art_phases *p, int32_t phase)
{
  const int64_t stated = art_phases_time(p, phase, ART_PHASE_TIME_yellow_ms);
  if (stated >= 0) return stated;
  const int64_t *by_group = p->net->group_yellow_ms + p->net->signal_first_group[p->view->signal];
  int64_t longest = -1;
  for (int32_t g = 0; g < p->groups; ++g)
    if (art_letter_is_green(art_phases_letter(p, phase, g)) && !art_phases_is_foot(p, g) &&
        by_group[g] > longest)
      longest = by_group[g];
  return longest >= 0 ? longest : DEFAULT_YELLOW_MS;
}

int64_t art_phases_red_ms(const art_phases *p, int32_t phase)
{
  const int64_t stated = art_phases_time(p, phase, ART_PHASE_TIME_red_ms);
  return stated > 0 ? stated : 0;
}

// --- sensors --------------------------------------------------------------------------------------------------------

/// Only points: an area before a full road is occupied for long.
static int is_stuck(const art_phases *p, int32_t detector)
{
  const art_sensor_reading *sensor = &p->view->sensor[detector];
  if (p->net->detector_kind[detector] != ART_DETECTOR_POINT) return 0;
  const double longest_s = (double)art_phases_value(p, ART_CONTROL_VALUE_inactive_s);
  return sensor->occupied && (double)(p->view->now_ms - sensor->since_ms) > longest_s * 1000.0;
}

art_tick art_phases_last_ms(const art_phases *p, int32_t phase)
{
  const int32_t *first = p->net->phase_first_sensor + p->first + phase;
  art_tick last = ART_PHASES_LONG_AGO;
  for (int32_t k = first[0]; k < first[1]; ++k) {
    const art_sensor_reading *sensor = &p->view->sensor[p->net->phase_sensor[k]];
    if (is_stuck(p, p->net->phase_sensor[k])) continue;
    if (sensor->occupied) return p->view->now_ms;
    if (sensor->count > 0 && sensor->since_ms > last) last = sensor->since_ms;
  }
  return last;
}

int64_t art_phases_passage_ms(const art_phases *p, int32_t phase, int64_t green_ms)
{
  const int64_t full = art_phases_time(p, phase, ART_PHASE_TIME_extension_ms);
  const int64_t least = art_phases_time(p, phase, ART_PHASE_TIME_least_gap_ms);
  const int64_t after = art_phases_time(p, phase, ART_PHASE_TIME_reduce_after_ms);
  const int64_t span = art_phases_time(p, phase, ART_PHASE_TIME_reduce_for_ms);
  if (after <= 0 || green_ms <= after || least >= full) return full;
  if (span <= 0 || green_ms >= after + span) return least;
  return full - (full - least) * (green_ms - after) / span;
}

// --- calls ----------------------------------------------------------------------------------------------------------

static int phase_has_sensor(const art_phases *p, int32_t phase, int32_t sensor)
{
  const int32_t *first = p->net->phase_first_sensor + p->first + phase;
  for (int32_t k = first[0]; k < first[1]; ++k)
    if (p->net->phase_sensor[k] == sensor) return 1;
  return 0;
}

static int is_served(const art_phases *p, uint64_t running, int32_t sensor)
{
  for (int32_t i = 0; i < p->count; ++i)
    if (((running >> i) & 1) && phase_has_sensor(p, i, sensor)) return 1;
  return 0;
}

/// Somebody is over a sensor of the phase, or was within its passage time, whom no running phase serves.
static int is_at_sensor(const art_phases *p, uint64_t running, int32_t phase)
{
  const int32_t *first = p->net->phase_first_sensor + p->first + phase;
  const int64_t passage = art_phases_time(p, phase, ART_PHASE_TIME_extension_ms);
  for (int32_t k = first[0]; k < first[1]; ++k) {
    const art_sensor_reading *sensor = &p->view->sensor[p->net->phase_sensor[k]];
    const int is_here =
        sensor->occupied || (sensor->count > 0 && p->view->now_ms - sensor->since_ms < passage);
    if (is_here && !is_served(p, running, p->net->phase_sensor[k])) return 1;
  }
  return 0;
}

void art_calls_listen(art_calls *calls, const art_phases *p, uint64_t running)
{
  for (int32_t i = 0; i < p->count; ++i) {
    if (((running >> i) & 1) || !art_phases_has(p, i, ART_PHASE_MEMORY)) continue;
    const int32_t *first = p->net->phase_first_sensor + p->first + i;
    for (int32_t k = first[0]; k < first[1]; ++k) {
      const art_sensor_reading *sensor = &p->view->sensor[p->net->phase_sensor[k]];
      const int is_new = sensor->occupied || (sensor->count > 0 && sensor->since_ms > calls->seen_ms);
      if (is_new && !is_served(p, running, p->net->phase_sensor[k]))
        calls->vehicles = (int64_t)((uint64_t)calls->vehicles | (uint64_t)1 << i);
    }
  }
  for (int w = 0; w < ART_PHASES_GROUP_WORDS; ++w) {
    calls->feet[w] = (int64_t)((uint64_t)calls->feet[w] | p->foot_waits[w]);
    for (int32_t g = 64 * w; g < p->groups && g < 64 * (w + 1); ++g)
      if (p->foot_waits[w] == 0 && calls->feet[w] == 0)
        break;
      else if (art_letter_is_green(p->view->shown[g]))
        calls->feet[w] = (int64_t)((uint64_t)calls->feet[w] & ~((uint64_t)1 << (g % 64)));
  }
  calls->seen_ms = p->view->now_ms;
  calls->running = (int64_t)running;
}

void art_calls_serve(art_calls *calls, const art_phases *p, int32_t phase)
{
  for (int32_t i = 0; i < p->count; ++i) {
    const int32_t *first = p->net->phase_first_sensor + p->first + i;
    int has_other = i != phase && first[0] == first[1];
    for (int32_t k = first[0]; k < first[1] && i != phase; ++k)
      has_other |= !phase_has_sensor(p, phase, p->net->phase_sensor[k]);
    if (!has_other) calls->vehicles = (int64_t)((uint64_t)calls->vehicles & ~((uint64_t)1 << i));
  }
}

int art_calls_foot(const art_calls *calls, const art_phases *p, int32_t phase)
{
  if (art_phases_has(p, phase, ART_PHASE_RECALL_FOOT)) return 1;
  for (int w = 0; w < ART_PHASES_GROUP_WORDS; ++w) {
    uint64_t waits = (uint64_t)calls->feet[w] & p->foot_group[w];
    for (int32_t g = 64 * w; waits != 0 && g < p->groups; ++g, waits >>= 1)
      if ((waits & 1) && art_letter_is_green(art_phases_letter(p, phase, g))) return 1;
  }
  return 0;
}

int art_calls_wants(const art_calls *calls, const art_phases *p, int32_t phase)
{
  if (art_phases_has(p, phase, ART_PHASE_OMIT)) return 0;
  if (art_phases_has(p, phase, ART_PHASE_RECALL_MIN | ART_PHASE_RECALL_MAX)) return 1;
  if (((uint64_t)calls->vehicles >> phase) & 1) return 1;
  return art_calls_foot(calls, p, phase) || is_at_sensor(p, (uint64_t)calls->running, phase);
}

// --- clock ----------------------------------------------------------------------------------------------------------

int64_t art_cycle_place(const art_cycle *cycle, art_tick now_ms)
{
  const int64_t place = (now_ms - cycle->offset_ms) % cycle->length_ms;
  return place < 0 ? place + cycle->length_ms : place;
}

art_tick art_cycle_before(const art_cycle *cycle, int64_t place_ms, art_tick now_ms)
{
  const art_cycle shifted = { cycle->length_ms, cycle->offset_ms + place_ms };
  return now_ms - art_cycle_place(&shifted, now_ms);
}

art_tick art_cycle_after(const art_cycle *cycle, int64_t place_ms, art_tick now_ms)
{
  return art_cycle_before(cycle, place_ms, now_ms) + cycle->length_ms;
}
