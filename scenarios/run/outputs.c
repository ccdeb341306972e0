#include "scenarios/run/outputs.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches.h"
#include "core/step/ranks.h"
#include "io/results/jobs.h"

/// Outputs with an interval. The order is that of writing. RECORDS are the rows that come one by one: changes of
/// signals, cycles, passages. They are written together, because a row costs as much as a thousand.
enum { LINKS, MOVEMENTS, DETECTORS, TOTALS, TRAJECTORIES, RECORDS, STREAM_COUNT };
enum { SLOTS = 3, RECORDS_EVERY_MS = 600000 };

typedef struct stream {
  art_tick every_ms;  ///< 0: off
  art_tick from_ms;   ///< end of the last interval
} stream;

/// Rows copied from the simulation, which keeps its own only until it is asked again.
typedef struct records {
  art_signal_event *event;
  char *letters;
  art_signal_cycle *cycle;
  art_line_passage *passage;
  int64_t event_count, cycle_count, passage_count;
} records;

/// All that is due at one instant: a job of the writer. Its arrays are used again and again.
typedef struct moment {
  int is_due[STREAM_COUNT];
  art_tick from_ms[STREAM_COUNT], to_ms[STREAM_COUNT];
  art_tick now_ms;
  art_link_sums links;
  art_detector_sums detectors;
  int32_t *movements, *movements_out;  ///< [connector_count]
  int64_t *movements_delay_ms;
  art_totals_row totals;
  art_snapshot snapshot;
  records records;
} moment;

struct art_outputs {
  art_sim *sim;
  const art_scenario *scenario;
  const art_net *net;
  art_results *results;
  art_jobs *jobs;
  int is_first;  ///< of several ranks the first one writes what all have added up; each writes its own vehicles
  stream stream[STREAM_COUNT];
  moment slot[SLOTS];
  int64_t distance_mm, vehicle_steps;  ///< of the ledger at the last totals
};

// --- by the thread that writes --------------------------------------------------------------------------------------

static art_status write_records(art_results *results, const records *rows, art_error *err)
{
  art_status status = art_results_add_signals(results, rows->event_count, rows->event, rows->letters, err);
  if (status == ART_OK) status = art_results_add_cycles(results, rows->cycle_count, rows->cycle, err);
  if (status == ART_OK) status = art_results_add_passages(results, rows->passage_count, rows->passage, err);
  return status;
}

static art_status write_stream(art_results *results, const moment *m, int which, art_error *err)
{
  switch (which) {
  case LINKS: return art_results_add_links(results, &m->links, err);
  case MOVEMENTS:
    return art_results_add_movements(results, m->from_ms[MOVEMENTS], m->to_ms[MOVEMENTS], m->movements,
                                     m->movements_out, m->movements_delay_ms, err);
  case DETECTORS: return art_results_add_detectors(results, &m->detectors, err);
  case TOTALS: return art_results_add_totals(results, &m->totals, err);
  case TRAJECTORIES: return art_results_add_snapshot(results, m->now_ms, &m->snapshot, err);
  default: return write_records(results, &m->records, err);
  }
}

static art_status write_moment(void *context, int slot, art_error *err)
{
  const art_outputs *o = context;
  const moment *m = &o->slot[slot];
  art_status status = ART_OK;
  for (int k = 0; k < STREAM_COUNT && status == ART_OK; ++k)
    if (m->is_due[k] && (o->is_first || k == TRAJECTORIES)) status = write_stream(o->results, m, k, err);
  return status;
}

// --- by the thread that steps ---------------------------------------------------------------------------------------

static void take_movements(art_outputs *o, moment *m)
{
  if (!m->movements) {
    m->movements = ART_NEW(int32_t, o->net->connector_count);
    m->movements_out = ART_NEW(int32_t, o->net->connector_count);
    m->movements_delay_ms = ART_NEW(int64_t, o->net->connector_count);
  }
  art_sim_take_movements(o->sim, m->movements);
  art_sim_take_movement_delays(o->sim, m->movements_out, m->movements_delay_ms);
  art_ranks_sum_movements(o->sim, m->movements, m->movements_out, m->movements_delay_ms);
}

static void take_totals(art_outputs *o, moment *m)
{
  art_totals_row row = { .begin_ms = m->from_ms[TOTALS], .now_ms = m->to_ms[TOTALS] };
  row.ledger = art_sim_ledger_all(o->sim);
  row.halting = art_sim_halting_all(o->sim);
  row.distance_mm = row.ledger.distance_mm - o->distance_mm;
  const int64_t vehicle_steps = row.ledger.updates + row.ledger.beside_steps;
  row.vehicle_ms = (vehicle_steps - o->vehicle_steps) * o->scenario->step_ms;
  o->distance_mm = row.ledger.distance_mm;
  o->vehicle_steps = vehicle_steps;
  m->totals = row;
}

static void *copy_rows(void *old, const void *rows, int64_t count, size_t size)
{
  old = art_renew(old, (size_t)count, size);
  if (count > 0) memcpy(old, rows, (size_t)count * size);
  return old;
}

static void take_records(art_outputs *o, records *rows, int is_last)
{
  const art_signal_event *event = NULL;
  const art_signal_cycle *cycle = NULL;
  const art_line_passage *passage = NULL;
  rows->event_count = art_sim_take_signal_events(o->sim, &event);
  rows->cycle_count = art_sim_take_cycles(o->sim, is_last, &cycle);
  rows->passage_count = art_sim_take_passages(o->sim, &passage);
  int64_t letters = 0;
  for (int64_t i = 0; i < rows->event_count; ++i) {
    const int64_t end = event[i].letters + o->net->signal_group_count[event[i].signal];
    if (end > letters) letters = end;
  }
  rows->event = copy_rows(rows->event, event, rows->event_count, sizeof *event);
  rows->letters = copy_rows(rows->letters, art_sim_signal_letters(o->sim), letters, 1);
  rows->cycle = copy_rows(rows->cycle, cycle, rows->cycle_count, sizeof *cycle);
  rows->passage = copy_rows(rows->passage, passage, rows->passage_count, sizeof *passage);
}

static void take_stream(art_outputs *o, moment *m, int which, int is_last)
{
  switch (which) {
  case LINKS:
    art_sim_take_links(o->sim, &m->links);
    art_ranks_sum_links(o->sim, &m->links);
    m->links.begin_ms = m->from_ms[LINKS];
    m->links.end_ms = m->to_ms[LINKS];
    break;
  case MOVEMENTS: take_movements(o, m); break;
  case DETECTORS:
    art_sim_take_detectors(o->sim, &m->detectors);
    art_ranks_sum_detectors(o->sim, &m->detectors);
    m->detectors.begin_ms = m->from_ms[DETECTORS];
    m->detectors.end_ms = m->to_ms[DETECTORS];
    break;
  case TOTALS: take_totals(o, m); break;
  case TRAJECTORIES: art_sim_gather(o->sim, &m->snapshot); break;
  default: take_records(o, &m->records, is_last); break;
  }
}

/// Whether an interval of the stream ends now; then [*from_ms, *to_ms) is it, and the next one begins. The last rows
/// come when the run ends, even if others were taken at the same instant.
static int ends_now(art_outputs *o, int k, int is_last, art_tick *from_ms, art_tick *to_ms)
{
  stream *s = &o->stream[k];
  const art_tick now = art_sim_now(o->sim), planned = s->from_ms + s->every_ms;
  if (k == RECORDS && is_last) return 1;
  if (s->every_ms <= 0 || (!is_last && now < planned) || now <= s->from_ms) return 0;
  const art_tick until = now >= planned || art_sim_is_finished(o->sim) ? planned : now;
  *from_ms = s->from_ms;
  *to_ms = until < o->scenario->end_ms ? until : o->scenario->end_ms;
  s->from_ms = until;
  return 1;
}

art_status art_outputs_take(art_outputs *o, int is_last, art_error *err)
{
  int slot = 0;
  if (!is_last && art_sim_now(o->sim) < art_outputs_next(o)) return ART_OK;
  art_status status = o->jobs ? art_jobs_claim(o->jobs, &slot, err) : ART_OK;
  status = art_sim_agree(o->sim, status, err);
  if (status != ART_OK) return status;
  moment *m = &o->slot[slot];
  m->now_ms = art_sim_now(o->sim);
  for (int k = 0; k < STREAM_COUNT; ++k) {
    m->is_due[k] = ends_now(o, k, is_last, &m->from_ms[k], &m->to_ms[k]);
    if (m->is_due[k]) take_stream(o, m, k, is_last);
  }
  if (o->jobs) art_jobs_give(o->jobs);
  return ART_OK;
}

art_tick art_outputs_next(const art_outputs *o)
{
  art_tick next = INT64_MAX;
  for (int k = 0; k < STREAM_COUNT; ++k) {
    const stream *s = &o->stream[k];
    if (s->every_ms > 0 && s->from_ms + s->every_ms < next) next = s->from_ms + s->every_ms;
  }
  return next;
}

// --- begin and end --------------------------------------------------------------------------------------------------

art_status art_outputs_start(art_sim *sim, const art_scenario *scenario, const art_net *net, art_results *results,
                             int has_file, int is_first, art_outputs **out, art_error *err)
{
  art_outputs *o = ART_NEW(art_outputs, 1);
  *out = NULL;
  o->sim = sim;
  o->scenario = scenario;
  o->net = net;
  o->results = results;
  o->is_first = is_first;
  const art_tick every_ms[STREAM_COUNT] = {
    [LINKS] = scenario->links_every_ms,
    [MOVEMENTS] = scenario->movements_every_ms,
    [DETECTORS] = art_detector_interval(scenario, net),
    [TOTALS] = scenario->totals_every_ms,
    [TRAJECTORIES] = scenario->trajectories_every_ms,
    [RECORDS] = RECORDS_EVERY_MS,
  };
  for (int k = 0; k < STREAM_COUNT; ++k)
    o->stream[k] = (stream){ has_file || k == RECORDS ? every_ms[k] : 0, scenario->begin_ms };
  const art_status status = results ? art_jobs_start(SLOTS, write_moment, o, &o->jobs, err) : ART_OK;
  if (status != ART_OK) {
    free(o);
    return status;
  }
  *out = o;
  return ART_OK;
}

art_status art_outputs_settle(art_outputs *o, art_error *err)
{
  return o->jobs ? art_jobs_drain(o->jobs, err) : ART_OK;
}

void art_outputs_save(const art_outputs *o, art_bytes *out)
{
  for (int k = 0; k < STREAM_COUNT; ++k) {
    ART_PUT(out, o->stream[k].every_ms);
    ART_PUT(out, o->stream[k].from_ms);
  }
  ART_PUT(out, o->distance_mm);
  ART_PUT(out, o->vehicle_steps);
}

art_status art_outputs_restore(art_outputs *o, const void *data, size_t count, art_error *err)
{
  art_byte_reader in = { .data = data, .count = count };
  int is_same = 1;
  for (int k = 0; k < STREAM_COUNT; ++k) {
    stream saved;
    ART_GET(&in, saved.every_ms);
    ART_GET(&in, saved.from_ms);
    is_same = is_same && saved.every_ms == o->stream[k].every_ms;
    o->stream[k].from_ms = saved.from_ms;
  }
  ART_GET(&in, o->distance_mm);
  ART_GET(&in, o->vehicle_steps);
  if (in.is_short || in.at != in.count || !is_same)
    return art_fail(err, ART_E_INPUT, "the outputs of the checkpoint have other intervals than those of this run");
  return ART_OK;
}

art_status art_outputs_finish(art_outputs *o, art_error *err)
{
  if (!o->jobs) return ART_OK;
  const art_status status = art_jobs_drain(o->jobs, err);
  art_jobs_stop(o->jobs);
  o->jobs = NULL;
  return status;
}

void art_outputs_follow(art_outputs *o, art_sim *sim)
{
  o->sim = sim;
}

void art_outputs_free(art_outputs *o)
{
  if (!o) return;
  art_jobs_stop(o->jobs);
  for (int k = 0; k < SLOTS; ++k) {
    moment *m = &o->slot[k];
    art_link_sums_free(&m->links);
    art_detector_sums_free(&m->detectors);
    art_snapshot_free(&m->snapshot);
    free(m->movements);
    free(m->movements_out);
    free(m->movements_delay_ms);
    free(m->records.event);
    free(m->records.letters);
    free(m->records.cycle);
    free(m->records.passage);
  }
  free(o);
}
