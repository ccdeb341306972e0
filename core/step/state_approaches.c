/// What is measured at signals and not yet taken: open cycles, those that wait for their vehicles, passages. Of several ranks
/// the first one tells which cycles there are and what the lights were; each tells of its own lanes, and what it has to add to
/// the cycles.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/ranks_internal.h"
#include "core/step/state_internal.h"

static int by_place(const void *a, const void *b)
{
  const art_line_passage *x = a, *y = b;
  if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
  if (x->lane != y->lane) return x->lane < y->lane ? -1 : 1;
  return (x->trip > y->trip) - (x->trip < y->trip);
}

/// How many of each follow. Slots, ends and lights are those of the first rank, or 0.
typedef struct part_head {
  int32_t groups, lines, slots, over;
  int32_t has_aspects, any_full, is_first;
  int32_t room;  ///< slots up to the last one that is used; as many bytes say which are, so that no damage asks for more
} part_head;

/// Passages of all threads in one order.
static void put_passages(const art_sim *sim, art_bytes *out)
{
  const art_approaches *a = sim->approaches;
  art_passage_log all = { .item = NULL };
  for (int32_t t = 0; t < sim->threads; ++t)
    for (int64_t i = 0; i < a->log[t].count; ++i)
      ART_PUSH(all.item, all.count, all.capacity, a->log[t].item[i]);
  art_sort(all.item, (size_t)all.count, sizeof *all.item, by_place);
  ART_PUT(out, all.count);
  for (int64_t i = 0; i < all.count; ++i) ART_PUT_RECORD(out, art_line_passage, all.item[i]);
  free(all.item);
}

/// Has this rank anything to add to the slot?
static int has_share(const art_cycle_slot *slot)
{
  const art_signal_cycle *c = &slot->cycle;
  return slot->pending || slot->settled_ms >= 0 || c->volume || c->on_green || c->stopped || c->stops || c->delay_ms ||
         c->queue_mm || c->queue_vehicles || c->left_over || c->headways || c->headway_ms || c->fourths || c->fourth_ms ||
         c->used_ms;
}

void art_state_put_approaches(const art_sim *sim, art_bytes *out)
{
  const art_approaches *a = sim->approaches;
  const int is_first = art_ranks_is_first(sim);
  part_head head = { .groups = is_first ? a->groups.count : 0,
                     .over = is_first ? a->over_count : 0,
                     .has_aspects = a->has_aspects,
                     .any_full = a->any_full,
                     .is_first = is_first };
  for (int32_t i = 0; i < a->line_count; ++i) head.lines += art_ranks_owns_lane(sim, a->line[i].lane);
  for (int32_t i = 0; i < a->slot_count; ++i) {
    if (is_first && a->slot[i].is_used) head.room = i + 1;
    head.slots += a->slot[i].is_used && (is_first || has_share(&a->slot[i]));
  }
  ART_PUT(out, head);
  for (int32_t g = 0; g < head.groups; ++g) ART_PUT_RECORD(out, art_group_state, a->state[g]);
  for (int32_t i = 0; i < a->line_count; ++i) {
    if (!art_ranks_owns_lane(sim, a->line[i].lane)) continue;
    ART_PUT(out, i);
    ART_PUT_RECORD(out, art_line, a->line[i]);
  }
  for (int32_t i = 0; i < head.room; ++i) ART_PUT(out, a->slot[i].is_used);
  for (int32_t i = 0; i < a->slot_count; ++i) {
    if (!a->slot[i].is_used || !(is_first || has_share(&a->slot[i]))) continue;
    ART_PUT(out, i);
    ART_PUT_RECORD(out, art_cycle_slot, a->slot[i]);
  }
  (void)art_bytes_put(out, a->over, (size_t)head.over * sizeof *a->over);
  put_passages(sim, out);
}

static art_status fail(art_error *err, const char *what)
{
  return art_fail(err, ART_E_INPUT, "saved state: measurements at signals: %s", what);
}

static int get_lines(art_approaches *a, int32_t count, art_byte_reader *in)
{
  for (int32_t k = 0; k < count; ++k) {
    int32_t i;
    art_line line;
    ART_GET(in, i);
    ART_GET(in, line);
    if (in->is_short || i < 0 || i >= a->line_count || line.lane != a->line[i].lane || line.group != a->line[i].group ||
        line.full_mm != a->line[i].full_mm)
      return 0;
    a->line[i] = line;
  }
  return 1;
}

static void add_share(art_cycle_slot *to, const art_cycle_slot *share)
{
  art_signal_cycle *c = &to->cycle;
  const art_signal_cycle *s = &share->cycle;
  to->pending += share->pending;
  if (share->settled_ms > to->settled_ms) to->settled_ms = share->settled_ms;
  c->volume += s->volume;
  c->on_green += s->on_green;
  c->stopped += s->stopped;
  c->stops += s->stops;
  c->delay_ms += s->delay_ms;
  c->left_over += s->left_over;
  c->headways += s->headways;
  c->headway_ms += s->headway_ms;
  c->fourths += s->fourths;
  c->fourth_ms += s->fourth_ms;
  if (s->queue_mm > c->queue_mm) c->queue_mm = s->queue_mm;
  if (s->queue_vehicles > c->queue_vehicles) c->queue_vehicles = s->queue_vehicles;
  if (s->used_ms > c->used_ms) c->used_ms = s->used_ms;
}

void art_state_drop_cycle_shares(art_sim *sim)
{
  for (int32_t i = 0; sim->measures_approaches && i < sim->approaches->slot_count; ++i) {
    art_cycle_slot *slot = &sim->approaches->slot[i];
    const art_signal_cycle c = slot->cycle;
    *slot = (art_cycle_slot){ .cycle = { .group = c.group,
                                         .is_complete = c.is_complete,
                                         .begin_ms = c.begin_ms,
                                         .green_ms = c.green_ms,
                                         .yellow_ms = c.yellow_ms,
                                         .end_ms = c.end_ms },
                              .settled_ms = -1,
                              .is_used = slot->is_used,
                              .is_over = slot->is_over };
  }
}

/// Those of the first rank are put in place, those of others added to them.
static int get_slots(art_approaches *a, const part_head *head, art_byte_reader *in)
{
  const uint8_t *used = art_bytes_take(in, (uint64_t)head->room, 1);
  if (in->is_short || (uint64_t)head->slots > (in->count - in->at) / sizeof *a->slot) return 0;
  if (head->room > a->slot_count) {
    a->slot = art_renew(a->slot, (size_t)head->room, sizeof *a->slot);
    memset(a->slot + a->slot_count, 0, (size_t)(head->room - a->slot_count) * sizeof *a->slot);
    a->slot_count = head->room;
  }
  for (int32_t k = 0; k < head->slots; ++k) {
    int32_t i;
    art_cycle_slot slot;
    ART_GET(in, i);
    ART_GET(in, slot);
    if (in->is_short || i < 0 || i >= a->slot_count || !slot.is_used || slot.cycle.group < 0 ||
        slot.cycle.group >= a->groups.count)
      return 0;
    if (head->is_first) {
      if (i >= head->room || !used[i]) return 0;
      a->slot[i] = slot;
    } else {
      if (!a->slot[i].is_used || a->slot[i].cycle.group != slot.cycle.group) return 0;
      add_share(&a->slot[i], &slot);
    }
  }
  return 1;
}

/// What the first rank alone tells: lights, and after the slots which of them are over.
static int get_groups(art_approaches *a, art_byte_reader *in)
{
  memset(a->slot, 0, (size_t)a->slot_count * sizeof *a->slot);
  for (int32_t g = 0; g < a->groups.count; ++g) {
    ART_GET(in, a->state[g]);
    if (a->state[g].row < 0 || a->state[g].greens < 0) return 0;
  }
  return !in->is_short;
}

static int get_over(art_approaches *a, int32_t count, art_byte_reader *in)
{
  for (int32_t g = 0; g < a->groups.count; ++g)
    if (a->state[g].row >= a->slot_count || !a->slot[a->state[g].row].is_used) return 0;
  for (int32_t i = 0; i < count && !in->is_short; ++i) {
    int32_t slot;
    ART_GET(in, slot);
    if (slot < 0 || slot >= a->slot_count || !a->slot[slot].is_used) return 0;
    ART_PUSH(a->over, a->over_count, a->over_capacity, slot);
  }
  a->slot_from = 0;
  return !in->is_short;
}

static int get_passages(art_sim *sim, art_byte_reader *in)
{
  art_passage_log *log = &sim->approaches->log[0];
  int64_t count;
  ART_GET(in, count);
  for (int64_t i = 0; i < count && !in->is_short; ++i) {
    art_line_passage passage;
    ART_GET(in, passage);
    if (passage.group < 0 || passage.group >= sim->approaches->groups.count || passage.lane < 0 ||
        passage.lane >= sim->net->lane_count || passage.trip < 0 || passage.trip >= sim->demand->trip_count)
      return 0;
    ART_PUSH(log->item, log->count, log->capacity, passage);
  }
  return !in->is_short && count >= 0;
}

art_status art_state_get_approaches(art_sim *sim, int is_first, art_byte_reader *in, art_error *err)
{
  art_approaches *a = sim->approaches;
  if (!sim->measures_approaches) {  // nobody wants them any more; vehicles forget their cycles in art_state_check
    in->at = in->count;
    return ART_OK;
  }
  part_head head;
  ART_GET(in, head);
  if (in->is_short || head.is_first != is_first || head.groups != (is_first ? a->groups.count : 0) || head.lines < 0 ||
      head.lines > a->line_count || head.slots < 0 || head.over < 0 ||
      head.room < 0 || (!is_first && head.room > 0))
    return fail(err, "lane groups or lanes are not those of this run");
  if (is_first) a->has_aspects = (uint8_t)head.has_aspects;
  a->any_full |= head.any_full;
  if (is_first && !get_groups(a, in)) return fail(err, "a lane group is none of this run");
  if (!get_lines(a, head.lines, in)) return fail(err, "a lane is none of this run");
  if (!get_slots(a, &head, in)) return fail(err, "a cycle is none of this run");
  if (is_first && !get_over(a, head.over, in)) return fail(err, "a cycle is none of this run");
  if (!get_passages(sim, in)) return fail(err, "a passage is none of this run");
  return ART_OK;
}
