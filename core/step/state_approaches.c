/// What is measured at signals and not yet taken: open cycles, those that wait for their vehicles, passages.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/state_internal.h"

static int by_place(const void *a, const void *b)
{
  const art_line_passage *x = a, *y = b;
  if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
  if (x->lane != y->lane) return x->lane < y->lane ? -1 : 1;
  return (x->trip > y->trip) - (x->trip < y->trip);
}

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

void art_state_put_approaches(const art_sim *sim, art_bytes *out)
{
  const art_approaches *a = sim->approaches;
  ART_PUT(out, a->groups.count);
  ART_PUT(out, a->line_count);
  ART_PUT(out, a->slot_count);
  ART_PUT(out, a->over_count);
  ART_PUT(out, a->done_count);
  ART_PUT(out, a->has_aspects);
  ART_PUT(out, a->any_full);
  for (int32_t g = 0; g < a->groups.count; ++g) ART_PUT_RECORD(out, art_group_state, a->state[g]);
  for (int32_t i = 0; i < a->line_count; ++i) ART_PUT_RECORD(out, art_line, a->line[i]);
  for (int32_t i = 0; i < a->slot_count; ++i) ART_PUT_RECORD(out, art_cycle_slot, a->slot[i]);
  (void)art_bytes_put(out, a->over, (size_t)a->over_count * sizeof *a->over);
  for (int64_t i = 0; i < a->done_count; ++i) ART_PUT_RECORD(out, art_signal_cycle, a->done[i]);
  put_passages(sim, out);
}

static art_status fail(art_error *err, const char *what)
{
  return art_fail(err, ART_E_INPUT, "saved state: measurements at signals: %s", what);
}

static int get_groups(art_approaches *a, int32_t slots, art_byte_reader *in)
{
  for (int32_t g = 0; g < a->groups.count; ++g) {
    ART_GET(in, a->state[g]);
    if (a->state[g].row < 0 || a->state[g].row >= slots || a->state[g].greens < 0) return 0;
  }
  for (int32_t i = 0; i < a->line_count; ++i) {
    art_line line;
    ART_GET(in, line);
    if (line.lane != a->line[i].lane || line.group != a->line[i].group || line.full_mm != a->line[i].full_mm)
      return 0;
    a->line[i] = line;
  }
  return !in->is_short;
}

static int get_slots(art_approaches *a, int32_t slots, int32_t over, int64_t done, art_byte_reader *in)
{
  if ((uint64_t)slots > (in->count - in->at) / sizeof *a->slot) return 0;
  a->slot = art_renew(a->slot, (size_t)slots, sizeof *a->slot);
  a->slot_count = slots;
  for (int32_t i = 0; i < slots; ++i) {
    ART_GET(in, a->slot[i]);
    if (a->slot[i].is_used && (a->slot[i].cycle.group < 0 || a->slot[i].cycle.group >= a->groups.count))
      return 0;
  }
  for (int32_t i = 0; i < over && !in->is_short; ++i) {
    int32_t slot;
    ART_GET(in, slot);
    if (slot < 0 || slot >= slots) return 0;
    ART_PUSH(a->over, a->over_count, a->over_capacity, slot);
  }
  for (int64_t i = 0; i < done && !in->is_short; ++i) {
    art_signal_cycle cycle;
    ART_GET(in, cycle);
    if (cycle.group < 0 || cycle.group >= a->groups.count) return 0;
    ART_PUSH(a->done, a->done_count, a->done_capacity, cycle);
  }
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

art_status art_state_get_approaches(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_approaches *a = sim->approaches;
  if (!sim->measures_approaches) {  // nobody wants them any more; vehicles forget their cycles in art_state_check
    in->at = in->count;
    return ART_OK;
  }
  int32_t groups, lines, slots, over;
  int64_t done;
  ART_GET(in, groups);
  ART_GET(in, lines);
  ART_GET(in, slots);
  ART_GET(in, over);
  ART_GET(in, done);
  ART_GET(in, a->has_aspects);
  ART_GET(in, a->any_full);
  if (in->is_short || groups != a->groups.count || lines != a->line_count || slots < groups || over < 0 ||
      done < 0)
    return fail(err, "lane groups or lanes are not those of this run");
  if (!get_groups(a, slots, in)) return fail(err, "a lane group or lane is none of this run");
  if (!get_slots(a, slots, over, done, in)) return fail(err, "a cycle is none of this run");
  if (!get_passages(sim, in)) return fail(err, "a passage is none of this run");
  return ART_OK;
}
