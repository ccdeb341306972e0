/// Measurements at signals: see approaches.h. A vehicle is looked at where it crosses lanes, and step by step only in
/// lanes before a signal and until it has regained its speed behind one.
#include "core/step/approaches.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"

#define QUEUE_MPS (5.0f / 3.6f)  // slower ones are in the queue ...
#define QUEUE_GAP_M 10.0f        // ... with no more than this to the line or to one that is or was in it
#define NEAR_START_M 12.0f       // a queue that comes so near to its lane's start goes on in the lane before
#define LEAST_QUEUE 8            // whose headways count, and ...
#define FIRST_HEADWAY 4          // ... from which vehicle on (HCM 7, chapter 31, field measurement)
#define USED_GAP_MS 3000
#define REGAINED 0.95f  // of the desired speed
#define SLOWS_MPS 1.0f  // below the highest speed since the line: somebody else is in the way now
#define REGAIN_MS 60000

// --- set-up ---------------------------------------------------------------------------------------------------------

static void add_line(art_approaches *a, int32_t lane, int32_t group)
{
  a->line[a->line_count] = (art_line){ .group = group, .lane = lane, .at_ms = -1, .full_mm = INT32_MAX };
  a->lane_line[lane] = a->line_count++;
}

static void make_lines(art_sim *sim)
{
  const art_net *net = sim->net;
  art_approaches *a = sim->approaches;
  a->line = ART_NEW(art_line, net->link_lane_count);
  a->lane_line = ART_NEW(int32_t, net->lane_count);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) a->lane_line[lane] = -1;
  for (int32_t g = 0; g < a->groups.count; ++g)
    for (int32_t k = a->groups.first_lane[g]; k < a->groups.first_lane[g + 1]; ++k)
      add_line(a, a->groups.lane[k], g);
  // Where the approach goes on upstream, queues may too.
  for (int32_t i = 0; i < a->line_count; ++i) {
    const int32_t lane = a->line[i].lane, before = a->groups.link_before[net->lane_link[lane]];
    if (before < 0) continue;
    for (int32_t k = net->lane_first_in[lane]; k < net->lane_first_in[lane + 1]; ++k) {
      const int32_t from = net->connector_from[net->lane_in[k]];
      if (net->lane_link[from] != before) continue;
      const int32_t full_mm = (int32_t)((net->lane_length_m[lane] - NEAR_START_M) * 1000.0f);
      a->line[i].full_mm = full_mm > 1 ? full_mm : 1;  // a short lane is full of any queue, but not of none
      if (a->lane_line[from] < 0) add_line(a, from, -1);
    }
  }
}

static int32_t open_cycle(art_approaches *a, int32_t group, art_tick begin_ms, uint8_t is_complete)
{
  int32_t at = a->slot_from;
  while (at < a->slot_count && a->slot[at].is_used) ++at;
  a->slot_from = at + 1;
  if (at == a->slot_count) {
    const int32_t more = a->slot_count ? 2 * a->slot_count : 64;
    a->slot = art_renew(a->slot, (size_t)more, sizeof *a->slot);
    memset(a->slot + a->slot_count, 0, (size_t)(more - a->slot_count) * sizeof *a->slot);
    a->slot_count = more;
  }
  a->slot[at] = (art_cycle_slot){ .cycle = { .group = group,
                                             .is_complete = is_complete,
                                             .begin_ms = begin_ms,
                                             .green_ms = -1,
                                             .yellow_ms = -1,
                                             .end_ms = -1 },
                                  .settled_ms = -1,
                                  .is_used = 1 };
  return at;
}

void art_approaches_create(art_sim *sim, int wanted)
{
  art_approaches *a = sim->approaches = ART_NEW(art_approaches, 1);
  art_lane_groups_build(sim->net, &a->groups);
  sim->measures_approaches = wanted && a->groups.count > 0;
  if (!sim->measures_approaches) return;
  make_lines(sim);
  a->state = ART_NEW(art_group_state, a->groups.count);
  a->log = ART_NEW(art_passage_log, sim->threads);
  a->aspect = ART_NEW(char, sim->net->connector_count);
  for (int32_t g = 0; g < a->groups.count; ++g) a->state[g].row = open_cycle(a, g, sim->begin_ms, 0);
}

void art_approaches_free(art_sim *sim)
{
  art_approaches *a = sim->approaches;
  if (!a) return;
  for (int32_t t = 0; a->log && t < sim->threads; ++t) free(a->log[t].item);
  art_lane_groups_free(&a->groups);
  free(a->line);
  free(a->lane_line);
  free(a->state);
  free(a->aspect);
  free(a->slot);
  free(a->over);
  free(a->done);
  free(a->log);
  free(a->all.item);
  free(a);
}

const art_lane_groups *art_sim_lane_groups(const art_sim *sim)
{
  return sim->measures_approaches ? &sim->approaches->groups : NULL;
}

// --- cycles, between steps ------------------------------------------------------------------------------------------

/// What a group sees: green if any of its turns does, else yellow if any does.
static char light_of(const art_sim *sim, int32_t group)
{
  const art_lane_groups *groups = &sim->approaches->groups;
  char light = 'r';
  for (int32_t k = groups->first_lane[group]; k < groups->first_lane[group + 1]; ++k) {
    const int32_t lane = groups->lane[k];
    for (int32_t c = sim->net->lane_first_out[lane]; c < sim->net->lane_first_out[lane + 1]; ++c) {
      if (sim->net->connector_signal[c] < 0) continue;
      if (sim->aspect[c] == ART_ASPECT_MAJOR || sim->aspect[c] == ART_ASPECT_MINOR) return 'G';
      if (sim->aspect[c] == ART_ASPECT_YELLOW) light = 'y';
    }
  }
  return light;
}

/// Was the lane looked at in the last step? Nobody looks at empty ones.
static int is_fresh(const art_sim *sim, const art_line *line)
{
  return line->at_ms == sim->now_ms - sim->step_ms;
}

static void begin_green(art_sim *sim, int32_t group)
{
  art_approaches *a = sim->approaches;
  art_group_state *state = &a->state[group];
  a->slot[state->row].cycle.green_ms = sim->now_ms;
  state->green_ms[state->greens % ART_GREENS_KEPT] = sim->now_ms;
  state->yellow_ms[state->greens++ % ART_GREENS_KEPT] = -1;
  for (int32_t k = a->groups.first_lane[group]; k < a->groups.first_lane[group + 1]; ++k) {
    art_line *line = &a->line[k];
    line->queued = is_fresh(sim, line) ? line->now_vehicles : 0;
    line->passed = line->last = line->due = line->passed_due = line->used_ms = 0;
    line->before_ms = sim->now_ms;
  }
}

void art_approach_end_green(art_sim *sim, int32_t group)
{
  art_approaches *a = sim->approaches;
  art_group_state *state = &a->state[group];
  art_signal_cycle *cycle = &a->slot[state->row].cycle;
  cycle->yellow_ms = sim->now_ms;
  if (state->greens > 0) state->yellow_ms[(state->greens - 1) % ART_GREENS_KEPT] = sim->now_ms;
  for (int32_t k = a->groups.first_lane[group]; k < a->groups.first_lane[group + 1]; ++k) {
    art_line *line = &a->line[k];
    line->due = is_fresh(sim, line) ? line->now_stopped : 0;
    line->passed_due = line->passed;
    if (line->queued >= LEAST_QUEUE && line->last >= LEAST_QUEUE) {
      cycle->headways += line->last - FIRST_HEADWAY;
      cycle->headway_ms += line->last_ms - line->fourth_ms;
      cycle->fourths += 1;
      cycle->fourth_ms += line->fourth_ms - cycle->green_ms;
    }
    line->last = 0;
    if (line->used_ms > cycle->used_ms) cycle->used_ms = line->used_ms;
  }
}

void art_approach_gather(art_approaches *a, int32_t group, art_signal_cycle *cycle)
{
  for (int32_t k = a->groups.first_lane[group]; k < a->groups.first_lane[group + 1]; ++k) {
    art_line *line = &a->line[k];
    cycle->volume += line->volume;
    cycle->on_green += line->on_green;
    cycle->stopped += line->stopped;
    cycle->stops += line->stops;
    cycle->delay_ms += line->delay_ms;
    if (line->queue_mm > cycle->queue_mm) cycle->queue_mm = line->queue_mm;
    if (line->queue_vehicles > cycle->queue_vehicles) cycle->queue_vehicles = line->queue_vehicles;
    const int32_t left = line->due - (line->passed - line->passed_due);
    if (left > 0) cycle->left_over += left;
    line->volume = line->on_green = line->stopped = line->stops = 0;
    line->queue_mm = line->queue_vehicles = line->due = line->passed = line->passed_due = 0;
    line->delay_ms = 0;
  }
}

static void begin_red(art_sim *sim, int32_t group)
{
  art_approaches *a = sim->approaches;
  art_group_state *state = &a->state[group];
  art_cycle_slot *slot = &a->slot[state->row];
  slot->cycle.end_ms = sim->now_ms;
  slot->is_over = 1;
  art_approach_gather(a, group, &slot->cycle);
  ART_PUSH(a->over, a->over_count, a->over_capacity, state->row);
  state->row = open_cycle(a, group, sim->now_ms, 1);
}

static void switch_light(art_sim *sim, int32_t group, char light)
{
  art_group_state *state = &sim->approaches->state[group];
  const char before = state->light;
  state->light = light;
  if (light == before) return;
  if (before == 0) {  // the first cycle has begun at some time before the run
    if (light == 'G') begin_green(sim, group);
    return;
  }
  if (light == 'G' && before == 'r') begin_green(sim, group);
  if (light == 'G' && before == 'y') {  // green again: it has not ended
    sim->approaches->slot[state->row].cycle.yellow_ms = -1;
    if (state->greens > 0) state->yellow_ms[(state->greens - 1) % ART_GREENS_KEPT] = -1;
  }
  if (before == 'G') art_approach_end_green(sim, group);
  if (light == 'r') begin_red(sim, group);
}

/// Queues that fill their lane and go on in the one before it.
static void extend_queue(const art_sim *sim, art_line *line, const art_group_state *state)
{
  const art_net *net = sim->net;
  const art_approaches *a = sim->approaches;
  const art_line *at = line;
  int32_t base_mm = 0, vehicles = 0;
  for (int depth = 0; depth < ART_QUEUE_LINKS; ++depth) {
    const int32_t lane_mm = (int32_t)(net->lane_length_m[at->lane] * 1000.0f);
    if (at->now_mm < at->full_mm) break;
    const art_line *next = NULL;
    int32_t path_mm = 0;
    for (int32_t k = net->lane_first_in[at->lane]; k < net->lane_first_in[at->lane + 1]; ++k) {
      const int32_t c = net->lane_in[k], other = a->lane_line[net->connector_from[c]];
      if (other < 0 || a->line[other].group >= 0 || !is_fresh(sim, &a->line[other]) ||
          a->line[other].now_mm == 0 || (next && next->now_mm >= a->line[other].now_mm))
        continue;
      next = &a->line[other];
      path_mm = (int32_t)(net->lane_length_m[art_net_lane_of_connector(net, c)] * 1000.0f);
    }
    if (!next) break;
    base_mm += lane_mm + path_mm;
    vehicles += at->now_vehicles;
    at = next;
  }
  if (at == line) return;
  vehicles += at->now_vehicles + (state->light == 'r' ? 0 : line->passed);
  if (base_mm + at->now_mm > line->queue_mm) line->queue_mm = base_mm + at->now_mm;
  if (vehicles > line->queue_vehicles) line->queue_vehicles = vehicles;
}

void art_approaches_update(art_sim *sim)
{
  art_approaches *a = sim->approaches;
  const size_t aspects = (size_t)sim->net->connector_count;
  if (!a->has_aspects || memcmp(a->aspect, sim->aspect, aspects) != 0) {
    a->has_aspects = 1;
    memcpy(a->aspect, sim->aspect, aspects);
    for (int32_t g = 0; g < a->groups.count; ++g) switch_light(sim, g, light_of(sim, g));
  }
  if (a->any_full) {
    a->any_full = 0;
    for (int32_t k = 0; k < a->groups.lane_count; ++k)
      if (a->line[k].now_mm >= a->line[k].full_mm && is_fresh(sim, &a->line[k]))
        extend_queue(sim, &a->line[k], &a->state[a->line[k].group]);
  }
}

// --- vehicles, in move ----------------------------------------------------------------------------------------------

/// Does a slow vehicle stand or creep for the signal, and not behind a bus at its stop or because it has just departed?
static int joins_queue(const art_sim *sim, const art_block *block, int32_t i, int32_t first, float lane_m)
{
  if ((block->flags[i] & ART_FLAG_STOP) && art_record_at(sim, block, i)->at_stop) return 0;
  if (i == first) return lane_m - block->pos_m[i] <= QUEUE_GAP_M;
  if (!(block->flags[i - 1] & ART_FLAG_QUEUED)) return 0;
  return block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]] - block->pos_m[i] <= QUEUE_GAP_M;
}

void art_approach_lane(art_sim *sim, art_block *block, int32_t k)
{
  art_approaches *a = sim->approaches;
  const int32_t lane = block->lane[k];
  if (a->lane_line[lane] < 0) return;
  art_line *line = &a->line[a->lane_line[lane]];
  const float lane_m = sim->net->lane_length_m[lane];
  const int32_t end = block->start[k + 1];
  int32_t first = block->start[k], last = -1, stopped = -1;
  while (first < end && block->pos_m[first] >= lane_m) ++first;  // these are about to be handed over
  const int32_t leaving = first - block->start[k];
  for (int32_t i = first; i < end; ++i) {
    if (block->speed_mps[i] < QUEUE_MPS && joins_queue(sim, block, i, first, lane_m)) {
      last = i;
      block->flags[i] |= ART_FLAG_QUEUED;
    }
    if (block->flags[i] & ART_FLAG_QUEUED) stopped = i;
  }
  line->at_ms = sim->now_ms;
  line->now_stopped = stopped < 0 ? 0 : stopped - first + 1;
  line->now_vehicles = last < 0 ? 0 : last - first + 1;
  line->now_mm = 0;
  if (last < 0) return;
  line->now_mm =
      (int32_t)((lane_m - block->pos_m[last] + sim->types.length_m[block->type[last]]) * 1000.0f + 0.5f);
  if (line->now_mm >= line->full_mm) __atomic_store_n(&a->any_full, 1, __ATOMIC_RELAXED);
  if (line->group < 0) return;
  const int32_t gone = a->state[line->group].light == 'r' ? 0 : line->passed + leaving;
  if (line->now_mm > line->queue_mm) line->queue_mm = line->now_mm;
  if (line->now_vehicles + gone > line->queue_vehicles) line->queue_vehicles = line->now_vehicles + gone;
}

int art_approach_enter(art_sim *sim, int32_t trip, int32_t connector, art_tick at_ms)
{
  const art_net *net = sim->net;
  const int32_t link = net->lane_link[net->connector_to[connector]];
  if (sim->approaches->groups.link_before[link] == net->lane_link[net->connector_from[connector]]) return 0;
  art_vehicle *vehicle = art_record(sim, trip);
  const art_trip_row *row = &sim->row[trip];
  if (vehicle->has_rare) {  // what it has lost before is not part of this approach
    art_rare *rare = art_rare_make(sim, vehicle);
    rare->counted_ms = rare->cross_slot >= 0 ? (int32_t)(-rare->cross_link_us / 1000) : 0;
  }
  vehicle->approach_base_ms = (int32_t)(at_ms - sim->begin_ms) - row->free_ms - row->stop_ms;
  vehicle->approach_stops = row->stops;
  return 1;
}

int64_t art_approach_delay(const art_sim *sim, int32_t trip, art_tick at_ms)
{
  const art_vehicle *vehicle = art_record(sim, trip);
  const art_trip_row *row = &sim->row[trip];
  const int64_t base =
      vehicle->approach_base_ms == ART_DEPARTED_ON_IT ? row->insert_ms : sim->begin_ms + vehicle->approach_base_ms;
  return at_ms - base - row->free_ms - row->stop_ms;
}

/// Has it crossed a stop line, and the delay of that is not known yet?
static int is_measured(const art_sim *sim, int32_t trip)
{
  return art_rare_of(sim, art_record(sim, trip))->cross_slot >= 0;
}

/// Was or is it green for those that come to the line at an instant up to now?
static int is_green_at(const art_group_state *state, art_tick at_ms)
{
  for (int32_t n = state->greens - 1; n >= 0 && n >= state->greens - ART_GREENS_KEPT; --n) {
    if (at_ms < state->green_ms[n % ART_GREENS_KEPT]) continue;
    const art_tick end = state->yellow_ms[n % ART_GREENS_KEPT];
    return end < 0 || at_ms < end;
  }
  return 0;
}

int art_approach_cross(art_sim *sim, int32_t lane, int32_t trip, uint8_t was_slow, art_tick at_ms,
                       int32_t thread)
{
  art_approaches *a = sim->approaches;
  if (a->lane_line[lane] < 0 || a->line[a->lane_line[lane]].group < 0) return 0;
  art_line *line = &a->line[a->lane_line[lane]];
  const art_group_state *state = &a->state[line->group];
  art_vehicle *vehicle = art_record(sim, trip);
  art_approach_settle(sim, trip);
  const int64_t delay = art_approach_delay(sim, trip, at_ms) - art_rare_of(sim, vehicle)->counted_ms;
  ++line->volume;
  line->on_green += is_green_at(state, at_ms - delay);
  line->stopped += was_slow;
  line->stops += sim->row[trip].stops - vehicle->approach_stops;
  line->delay_ms += delay;
  if (state->light != 'r') {
    const int32_t number = ++line->passed;
    if (state->light == 'G') {
      if (number == FIRST_HEADWAY) line->fourth_ms = at_ms;
      if (number <= line->queued) {
        line->last = number;
        line->last_ms = at_ms;
      }
      const int64_t gap = at_ms - line->before_ms;
      line->used_ms += (int32_t)(gap < USED_GAP_MS ? gap : USED_GAP_MS);
      line->before_ms = at_ms;
    }
  }
  art_rare *rare = art_rare_make(sim, vehicle);
  rare->cross_slot = state->row;
  rare->cross_ms = at_ms;
  rare->cross_us = rare->cross_link_us = 0;
  rare->cross_fast_mps = ART_IN_NODE;
  ART_ATOMIC_ADD(a->slot[state->row].pending, 1);
  const art_line_passage passage = { at_ms, at_ms - delay, line->group, lane, trip };
  ART_PUSH(a->log[thread].item, a->log[thread].count, a->log[thread].capacity, passage);
  return 1;
}

int art_approach_leave(art_sim *sim, int32_t trip, int32_t connector, art_tick at_ms, float past_m,
                       float speed_mps, float desired_mps)
{
  if (!is_measured(sim, trip)) return 0;
  art_rare *rare = art_rare_make(sim, art_record(sim, trip));
  if (rare->cross_fast_mps >= 0.0f) return 1;  // this is a node behind: step by step goes on
  const int32_t path = art_net_lane_of_connector(sim->net, connector);
  const float node_mps = art_desired(sim, path, sim->row[trip].type, sim->row[trip].speed_factor);
  const int64_t free_ms = art_free_time_ms(sim->net->lane_length_m[path], node_mps);
  rare->cross_us = (at_ms - rare->cross_ms - free_ms) * 1000;
  const float rest_s = (float)(sim->now_ms + sim->step_ms - at_ms) * 1e-3f;
  rare->cross_link_us = (int64_t)((rest_s - past_m / art_maxf(desired_mps, 0.1f)) * 1e6f);
  rare->cross_fast_mps = speed_mps;
  if (speed_mps < REGAINED * desired_mps) return 1;
  art_approach_settle(sim, trip);
  return 0;
}

int art_approach_recover(art_sim *sim, int32_t trip, float moved_m, float speed_mps, float desired_mps)
{
  if (!is_measured(sim, trip)) return 0;
  art_rare *rare = art_rare_make(sim, art_record(sim, trip));
  if (speed_mps < rare->cross_fast_mps - SLOWS_MPS || sim->now_ms - rare->cross_ms > REGAIN_MS) {
    art_approach_settle(sim, trip);
    return 0;
  }
  rare->cross_link_us += (int64_t)((sim->step_s - moved_m / desired_mps) * 1e6f);
  rare->cross_fast_mps = art_maxf(rare->cross_fast_mps, speed_mps);
  if (speed_mps < REGAINED * desired_mps) return 1;
  art_approach_settle(sim, trip);
  return 0;
}

void art_approach_settle(art_sim *sim, int32_t trip)
{
  if (!is_measured(sim, trip)) return;
  art_vehicle *vehicle = art_record(sim, trip);
  art_rare *rare = art_rare_make(sim, vehicle);
  art_cycle_slot *slot = &sim->approaches->slot[rare->cross_slot];
  const int64_t link_ms = rare->cross_link_us / 1000;
  ART_ATOMIC_ADD(slot->cycle.delay_ms, rare->cross_us / 1000 + link_ms);
  ART_ATOMIC_ADD(slot->pending, -1);
  __atomic_store_n(&slot->settled_ms, sim->now_ms, __ATOMIC_RELAXED);  // all threads write the same
  rare->cross_slot = -1;
  rare->counted_ms += (int32_t)link_ms;  // what it lost there is not lost for the signal after this one
}
