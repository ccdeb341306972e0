// What stands in the records of a journal: sums and rows as they are in memory.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "io/results/journal_internal.h"
#include "io/results/table_internal.h"

/// An array of a struct of sums; `of_classes`: one value for each class of a detector.
typedef struct array_place {
  size_t at, size;
  int of_classes;
} array_place;

#define COLUMN(type, name)                             \
  {                                                    \
    offsetof(type, name), sizeof *((type *)0)->name, 0 \
  }
static const array_place link_columns[] = { COLUMN(art_link_sums, vehicle_ms),     COLUMN(art_link_sums, distance_mm),
                                            COLUMN(art_link_sums, waiting_ms),     COLUMN(art_link_sums, loss_ms),
                                            COLUMN(art_link_sums, occupied_mm_ms), COLUMN(art_link_sums, entered),
                                            COLUMN(art_link_sums, left),           COLUMN(art_link_sums, departed),
                                            COLUMN(art_link_sums, arrived),        COLUMN(art_link_sums, queue_max_m) };
static const array_place detector_columns[] = {
  COLUMN(art_detector_sums, count),           { offsetof(art_detector_sums, class_count), sizeof(int32_t), 1 },
  COLUMN(art_detector_sums, speed_sum_mmps),  COLUMN(art_detector_sums, slowness_sum_us),
  COLUMN(art_detector_sums, occupied_ms),     COLUMN(art_detector_sums, distance_mm),
  COLUMN(art_detector_sums, travel_ms),       COLUMN(art_detector_sums, halts),
  COLUMN(art_detector_sums, entered),         COLUMN(art_detector_sums, inside),
  COLUMN(art_detector_sums, halting_ms),      COLUMN(art_detector_sums, jam_mm_ms),
  COLUMN(art_detector_sums, jam_vehicles_ms), COLUMN(art_detector_sums, jam_max_mm),
  COLUMN(art_detector_sums, jam_vehicles_max)
};
enum {
  LINK_COLUMNS = sizeof link_columns / sizeof *link_columns,
  DETECTOR_COLUMNS = sizeof detector_columns / sizeof *detector_columns,
  MOST_PARTS = 24
};
// Whoever adds an array to these has to add it above.
_Static_assert(sizeof(art_link_sums) == 8 + 2 * sizeof(art_tick) + LINK_COLUMNS * sizeof(void *),
               "all arrays are listed");
_Static_assert(sizeof(art_detector_sums) == 8 + 2 * sizeof(art_tick) + DETECTOR_COLUMNS * sizeof(void *),
               "all arrays are listed");

/// How many, and when.
typedef struct record_head {
  int64_t count, more;
  art_tick begin_ms, end_ms;
} record_head;

static size_t column_bytes(const array_place *c, int64_t count)
{
  return (size_t)count * c->size * (c->of_classes ? ART_COUNT_CLASSES : 1);
}

static art_status add_columns(art_journal *j, art_journal_type type, const record_head *head, int columns,
                              const array_place *column, const void *sums, art_error *err)
{
  art_journal_part part[MOST_PARTS] = { { head, sizeof *head } };
  for (int i = 0; i < columns; ++i) {
    memcpy(&part[i + 1].data, (const char *)sums + column[i].at, sizeof part[i + 1].data);
    part[i + 1].size = column_bytes(&column[i], head->count);
  }
  return art_journal_add(j, type, columns + 1, part, err);
}

art_status art_journal_add_links(art_journal *j, const art_link_sums *sums, art_error *err)
{
  const record_head head = { sums->link_count, 0, sums->begin_ms, sums->end_ms };
  return add_columns(j, ART_JOURNAL_LINKS, &head, LINK_COLUMNS, link_columns, sums, err);
}

art_status art_journal_add_detectors(art_journal *j, const art_detector_sums *sums, art_error *err)
{
  const record_head head = { sums->detector_count, 0, sums->begin_ms, sums->end_ms };
  return add_columns(j, ART_JOURNAL_DETECTORS, &head, DETECTOR_COLUMNS, detector_columns, sums, err);
}

art_status art_journal_add_movements(art_journal *j, int32_t connector_count, art_tick begin_ms, art_tick end_ms,
                                     const int32_t *count, const int32_t *out, const int64_t *delay_ms, art_error *err)
{
  const record_head head = { connector_count, 0, begin_ms, end_ms };
  const size_t n = (size_t)connector_count;
  const art_journal_part part[] = {
    { &head, sizeof head }, { count, n * sizeof *count }, { out, n * sizeof *out }, { delay_ms, n * sizeof *delay_ms }
  };
  return art_journal_add(j, ART_JOURNAL_MOVEMENTS, 4, part, err);
}

art_status art_journal_add_signals(art_journal *j, int64_t count, const art_signal_event *events, int64_t letter_count,
                                   const char *letters, art_error *err)
{
  const record_head head = { .count = count, .more = letter_count };
  const art_journal_part part[] = { { &head, sizeof head },
                                    { events, (size_t)count * sizeof *events },
                                    { letters, (size_t)letter_count } };
  return art_journal_add(j, ART_JOURNAL_SIGNALS, 3, part, err);
}

static art_status add_rows(art_journal *j, art_journal_type type, int64_t count, const void *rows, size_t size,
                           art_error *err)
{
  const record_head head = { .count = count };
  const art_journal_part part[] = { { &head, sizeof head }, { rows, (size_t)count * size } };
  return art_journal_add(j, type, 2, part, err);
}

art_status art_journal_add_cycles(art_journal *j, int64_t count, const art_signal_cycle *cycles, art_error *err)
{
  return add_rows(j, ART_JOURNAL_CYCLES, count, cycles, sizeof *cycles, err);
}

art_status art_journal_add_passages(art_journal *j, int64_t count, const art_line_passage *passages, art_error *err)
{
  return add_rows(j, ART_JOURNAL_PASSAGES, count, passages, sizeof *passages, err);
}

art_status art_journal_add_totals(art_journal *j, const art_totals_row *row, art_error *err)
{
  return add_rows(j, ART_JOURNAL_TOTALS, 1, row, sizeof *row, err);
}

art_status art_journal_add_snapshot(art_journal *j, art_tick now_ms, const art_snapshot *snapshot, art_error *err)
{
  const record_head head = { .count = snapshot->count, .end_ms = now_ms };
  const size_t n = (size_t)snapshot->count;
  const art_journal_part part[] = { { &head, sizeof head },
                                    { snapshot->trip, n * sizeof *snapshot->trip },
                                    { snapshot->lane, n * sizeof *snapshot->lane },
                                    { snapshot->pos_m, n * sizeof *snapshot->pos_m },
                                    { snapshot->speed_mps, n * sizeof *snapshot->speed_mps } };
  return art_journal_add(j, ART_JOURNAL_SNAPSHOT, 5, part, err);
}

// ---- back ------------------------------------------------------------------------------------------------------------

/// Where reading stands in a payload. Parts begin at multiples of 8 bytes, so values can be used in place.
typedef struct cursor {
  const char *at;
  size_t left;
  int is_short;
} cursor;

static const void *take(cursor *c, uint64_t count, size_t size)
{
  if (c->is_short || count > c->left / size) {
    c->is_short = 1;
    return NULL;
  }
  const void *found = c->at;
  size_t bytes = (size_t)count * size;
  bytes += (8 - bytes % 8) % 8;
  if (bytes > c->left) bytes = c->left;
  c->at += bytes;
  c->left -= bytes;
  return found;
}

/// Sets the arrays of `sums`, which are only read from here on.
static void take_columns(cursor *c, int64_t count, int columns, const array_place *column, void *sums)
{
  for (int i = 0; i < columns; ++i) {
    const void *found = take(c, column_bytes(&column[i], count), 1);
    memcpy((char *)sums + column[i].at, &found, sizeof found);
  }
}

static art_status misfit(art_error *err, const char *what, int64_t count, int64_t wanted)
{
  return art_fail(err, ART_E_INPUT, "holds %lld %s, the city has %lld", (long long)count, what, (long long)wanted);
}

static art_status too_short(art_error *err)
{
  return art_fail(err, ART_E_INPUT, "its parts do not fill it; it was written by another program");
}

static art_status apply_links(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const int32_t count = r->view.net->link_count;
  art_link_sums sums = { .link_count = count, .begin_ms = head->begin_ms, .end_ms = head->end_ms };
  if (head->count != count) return misfit(err, "links", head->count, count);
  take_columns(c, count, LINK_COLUMNS, link_columns, &sums);
  return c->is_short ? too_short(err) : art_results_add_links(r, &sums, err);
}

static art_status apply_detectors(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const int32_t count = r->view.net->detector_count;
  art_detector_sums sums = { .detector_count = count, .begin_ms = head->begin_ms, .end_ms = head->end_ms };
  if (head->count != count) return misfit(err, "detectors", head->count, count);
  take_columns(c, count, DETECTOR_COLUMNS, detector_columns, &sums);
  return c->is_short ? too_short(err) : art_results_add_detectors(r, &sums, err);
}

static art_status apply_movements(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const int32_t wanted = r->view.net->connector_count;
  if (head->count != wanted) return misfit(err, "connectors", head->count, wanted);
  const int32_t *count = take(c, (uint64_t)wanted, sizeof *count), *out = take(c, (uint64_t)wanted, sizeof *out);
  const int64_t *delay_ms = take(c, (uint64_t)wanted, sizeof *delay_ms);
  if (c->is_short) return too_short(err);
  return art_results_add_movements(r, head->begin_ms, head->end_ms, count, out, delay_ms, err);
}

static art_status apply_signals(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const art_signal_event *events = take(c, (uint64_t)head->count, sizeof *events);
  const char *letters = take(c, (uint64_t)head->more, 1);
  const art_net *net = r->view.net;
  for (int64_t i = 0; !c->is_short && i < head->count; ++i) {
    const art_signal_event *e = &events[i];
    if (e->signal < 0 || e->signal >= net->signal_count || e->letters < 0 ||
        e->letters > head->more - net->signal_group_count[e->signal])
      c->is_short = 1;
  }
  return c->is_short ? too_short(err) : art_results_add_signals(r, head->count, events, letters, err);
}

static art_status apply_cycles(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const art_signal_cycle *cycles = take(c, (uint64_t)head->count, sizeof *cycles);
  for (int64_t i = 0; !c->is_short && i < head->count; ++i)
    if (cycles[i].group < 0 || cycles[i].group >= r->view.groups.count) c->is_short = 1;
  return c->is_short ? too_short(err) : art_results_add_cycles(r, head->count, cycles, err);
}

static art_status apply_passages(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const art_line_passage *passages = take(c, (uint64_t)head->count, sizeof *passages);
  return c->is_short ? too_short(err) : art_results_add_passages(r, head->count, passages, err);
}

static art_status apply_totals(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const art_totals_row *row = take(c, (uint64_t)head->count, sizeof *row);
  return c->is_short || head->count != 1 ? too_short(err) : art_results_add_totals(r, row, err);
}

/// A snapshot whose arrays are only read.
static art_status apply_snapshot(art_results *r, const record_head *head, cursor *c, art_error *err)
{
  const uint64_t n = (uint64_t)head->count;
  const art_tick from_ms = r->view.sample_from_ms, step_ms = r->view.sample_step_ms;
  const void *column[4];
  if (head->end_ms < from_ms || (head->end_ms - from_ms) / step_ms > INT32_MAX || (head->end_ms - from_ms) % step_ms != 0)
    return art_fail(err, ART_E_INPUT, "holds vehicles at %lld ms, which is no step of the run", (long long)head->end_ms);
  for (int i = 0; i < 4; ++i) column[i] = take(c, n, 4);
  if (c->is_short) return too_short(err);
  art_snapshot s = { .count = head->count, .capacity = head->count };
  memcpy(&s.trip, &column[0], sizeof s.trip);
  memcpy(&s.lane, &column[1], sizeof s.lane);
  memcpy(&s.pos_m, &column[2], sizeof s.pos_m);
  memcpy(&s.speed_mps, &column[3], sizeof s.speed_mps);
  for (int64_t i = 0; i < s.count; ++i)
    if (s.trip[i] < 0 || s.trip[i] >= r->view.demand->trip_count || s.lane[i] < 0 ||
        s.lane[i] >= r->view.net->lane_count)
      return too_short(err);
  return art_results_add_snapshot(r, head->end_ms, &s, err);
}

art_status art_journal_apply(art_results *r, art_journal_type type, const void *payload, size_t size, art_error *err)
{
  cursor c = { payload, size, 0 };
  if (type == ART_JOURNAL_LEFTOVER || type == ART_JOURNAL_PARTS) return ART_OK;
  const record_head *head = take(&c, 1, sizeof *head);
  if (!head || head->count < 0 || head->more < 0) return too_short(err);
  switch (type) {
  case ART_JOURNAL_LINKS: return apply_links(r, head, &c, err);
  case ART_JOURNAL_MOVEMENTS: return apply_movements(r, head, &c, err);
  case ART_JOURNAL_DETECTORS: return apply_detectors(r, head, &c, err);
  case ART_JOURNAL_SIGNALS: return apply_signals(r, head, &c, err);
  case ART_JOURNAL_CYCLES: return apply_cycles(r, head, &c, err);
  case ART_JOURNAL_PASSAGES: return apply_passages(r, head, &c, err);
  case ART_JOURNAL_TOTALS: return apply_totals(r, head, &c, err);
  case ART_JOURNAL_SNAPSHOT: return apply_snapshot(r, head, &c, err);
  default: return art_fail(err, ART_E_INPUT, "is of the unknown kind %d; it was written by another program", (int)type);
  }
}
