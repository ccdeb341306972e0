/// Taking what was measured at signals. Several ranks add up what each has counted for a cycle; which cycles are ready, and in
/// which order they come, does not depend on how many ranks there are.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/ranks_internal.h"

/// What all ranks together know of some slots, column by column: first what is added up, then what is the largest.
enum {
  PENDING,
  VOLUME,
  ON_GREEN,
  STOPPED,
  STOPS,
  DELAY_MS,
  LEFT_OVER,
  HEADWAYS,
  HEADWAY_MS,
  FOURTHS,
  FOURTH_MS,
  SUM_COUNT
};
enum { QUEUE_MM = SUM_COUNT, QUEUE_VEHICLES, USED_MS, SETTLED_MS, COLUMN_COUNT };

static void read_slot(const art_cycle_slot *slot, int64_t *value, int64_t stride)
{
  const art_signal_cycle *c = &slot->cycle;
  const int64_t column[COLUMN_COUNT] = {
    [PENDING] = slot->pending,
    [VOLUME] = c->volume,
    [ON_GREEN] = c->on_green,
    [STOPPED] = c->stopped,
    [STOPS] = c->stops,
    [DELAY_MS] = c->delay_ms,
    [LEFT_OVER] = c->left_over,
    [HEADWAYS] = c->headways,
    [HEADWAY_MS] = c->headway_ms,
    [FOURTHS] = c->fourths,
    [FOURTH_MS] = c->fourth_ms,
    [QUEUE_MM] = c->queue_mm,
    [QUEUE_VEHICLES] = c->queue_vehicles,
    [USED_MS] = c->used_ms,
    [SETTLED_MS] = slot->settled_ms,
  };
  for (int k = 0; k < COLUMN_COUNT; ++k) value[k * stride] = column[k];
}

/// Adds the slot's cycle with the counts of all ranks to what is handed out.
static void hand_out(art_approaches *a, int32_t at, const int64_t *value, int64_t stride, int64_t *count)
{
  static const art_signal_cycle none;
  ART_PUSH(a->done, *count, a->done_capacity, none);
  art_signal_cycle *c = &a->done[*count - 1];
  const art_signal_cycle *from = &a->slot[at].cycle;
  memset(c, 0, sizeof *c);  // what lies between the members goes into journals, too
  c->group = from->group;
  c->is_complete = from->is_complete;
  c->begin_ms = from->begin_ms;
  c->green_ms = from->green_ms;
  c->yellow_ms = from->yellow_ms;
  c->end_ms = from->end_ms;
  c->volume = (int32_t)value[VOLUME * stride];
  c->on_green = (int32_t)value[ON_GREEN * stride];
  c->stopped = (int32_t)value[STOPPED * stride];
  c->stops = (int32_t)value[STOPS * stride];
  c->delay_ms = value[DELAY_MS * stride];
  c->left_over = (int32_t)value[LEFT_OVER * stride];
  c->headways = (int32_t)value[HEADWAYS * stride];
  c->headway_ms = value[HEADWAY_MS * stride];
  c->fourths = (int32_t)value[FOURTHS * stride];
  c->fourth_ms = value[FOURTH_MS * stride];
  c->queue_mm = (int32_t)value[QUEUE_MM * stride];
  c->queue_vehicles = (int32_t)value[QUEUE_VEHICLES * stride];
  c->used_ms = (int32_t)value[USED_MS * stride];
}

/// Columns of `count` slots over all ranks; collective. Free it.
static int64_t *add_up(const art_sim *sim, int32_t count, const int32_t *slot)
{
  int64_t *value = ART_NEW(int64_t, (size_t)count * COLUMN_COUNT);
  for (int32_t i = 0; i < count; ++i) read_slot(&sim->approaches->slot[slot[i]], value + i, count);
  if (sim->ranks && count > 0) {
    art_ranks_sum(sim, (int64_t)count * SUM_COUNT, value);
    art_ranks_largest(sim, (int64_t)count * (COLUMN_COUNT - SUM_COUNT), value + (int64_t)count * SUM_COUNT);
  }
  return value;
}

/// A cycle that is over, and the first step that found all its vehicles at speed. `place`: in the order of ends.
typedef struct ready {
  art_tick since_ms;
  int32_t place;
} ready;

static int by_readiness(const void *a, const void *b)
{
  const ready *x = a, *y = b;
  if (x->since_ms != y->since_ms) return x->since_ms < y->since_ms ? -1 : 1;
  return (x->place > y->place) - (x->place < y->place);
}

static void take_over(art_sim *sim, int all, int64_t *count)
{
  art_approaches *a = sim->approaches;
  const int32_t over = a->over_count;
  int64_t *value = add_up(sim, over, a->over);
  ready *list = ART_NEW(ready, over);
  int32_t found = 0, kept = 0;
  for (int32_t i = 0; i < over; ++i) {
    const art_tick end_ms = a->slot[a->over[i]].cycle.end_ms;
    const art_tick settled_ms = value[(int64_t)SETTLED_MS * over + i];
    art_tick since_ms =
        settled_ms >= 0 && settled_ms + sim->step_ms > end_ms ? settled_ms + sim->step_ms : end_ms;
    if (value[i] > 0 || since_ms > sim->now_ms - sim->step_ms) since_ms = INT64_MAX;
    if (all || since_ms < INT64_MAX) list[found++] = (ready){ since_ms, i };
  }
  art_sort(list, (size_t)found, sizeof *list, by_readiness);
  for (int32_t k = 0; k < found; ++k) {
    const int32_t i = list[k].place, at = a->over[i];
    hand_out(a, at, value + i, over, count);
    a->slot[at].is_used = 0;
    if (at < a->slot_from) a->slot_from = at;
  }
  for (int32_t i = 0; i < over; ++i)
    if (a->slot[a->over[i]].is_used) a->over[kept++] = a->over[i];
  a->over_count = kept;
  free(list);
  free(value);
}

/// Cycles that have not ended, as if they did now.
static void take_open(art_sim *sim, int64_t *count)
{
  art_approaches *a = sim->approaches;
  int32_t *row = ART_NEW(int32_t, a->groups.count);
  for (int32_t g = 0; g < a->groups.count; ++g) {
    art_signal_cycle *cycle = &a->slot[a->state[g].row].cycle;
    row[g] = a->state[g].row;
    if (a->state[g].light == 'G') {  // as if the green ended now
      art_approach_end_green(sim, g);
      cycle->yellow_ms = -1;
    }
    art_approach_gather(a, g, cycle);
    cycle->end_ms = sim->now_ms;
    cycle->is_complete = 0;
  }
  int64_t *value = add_up(sim, a->groups.count, row);
  for (int32_t g = 0; g < a->groups.count; ++g) {
    const art_signal_cycle *cycle = &a->slot[row[g]].cycle;
    if (cycle->end_ms > cycle->begin_ms) hand_out(a, row[g], value + g, a->groups.count, count);
  }
  free(value);
  free(row);
}

int64_t art_sim_take_cycles(art_sim *sim, int all, const art_signal_cycle **cycles)
{
  *cycles = NULL;
  if (!sim->measures_approaches) return 0;
  int64_t count = 0;
  take_over(sim, all, &count);
  if (all) take_open(sim, &count);
  if (!art_ranks_is_first(sim)) return 0;
  *cycles = sim->approaches->done;
  return count;
}

static int by_time(const void *a, const void *b)
{
  const art_line_passage *x = a, *y = b;
  if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
  if (x->lane != y->lane) return x->lane < y->lane ? -1 : 1;
  return (x->trip > y->trip) - (x->trip < y->trip);
}

/// Puts the passages of all ranks in the place of the first one's own.
static void collect(const art_ranks *ranks, art_passage_log *log)
{
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1);
  (void)art_bytes_put(&mine, log->item, (size_t)log->count * sizeof *log->item);
  art_group_collect(ranks->group, &mine, &all, first);
  log->count = 0;
  art_byte_reader in = { .data = all.data, .count = all.count };
  while (in.at < in.count) {
    art_line_passage passage;
    ART_GET(&in, passage);
    ART_PUSH(log->item, log->count, log->capacity, passage);
  }
  free(first);
  free(mine.data);
  free(all.data);
}

int64_t art_sim_take_passages(art_sim *sim, const art_line_passage **passages)
{
  art_approaches *a = sim->approaches;
  *passages = NULL;
  if (!sim->measures_approaches) return 0;
  a->all.count = 0;
  for (int32_t t = 0; t < sim->threads; ++t) {
    for (int64_t i = 0; i < a->log[t].count; ++i)
      ART_PUSH(a->all.item, a->all.count, a->all.capacity, a->log[t].item[i]);
    a->log[t].count = 0;
  }
  if (sim->ranks) collect(sim->ranks, &a->all);
  art_sort(a->all.item, (size_t)a->all.count, sizeof *a->all.item, by_time);
  *passages = a->all.item;
  return a->all.count;
}
