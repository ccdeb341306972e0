// The writer of result files: which groups there are, and rows as they come.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "core/par/par.h"
#include "io/results/journal.h"
#include "io/results/table_internal.h"

/// Of trajectories: 72 MiB, shared by the ranks, of which there may be many on a node.
enum { MEMORY_ROWS = 1 << 21, LEAST_ROWS = 1 << 16 };

/// Trips of the run are neighbours, because demand is sorted by departure.
static void choose_trips(art_result_view *v, const art_scenario *s)
{
  const art_demand *d = v->demand;
  int64_t first = 0, last = d->trip_count;
  while (first < last && d->trip_depart_ms[first] < s->begin_ms) ++first;
  while (last > first && d->trip_depart_ms[last - 1] >= s->end_ms) --last;
  v->first_trip = first;
  v->trip_count = last - first;
}

static int wants_detectors(const art_results *r)
{
  return r->setup.detectors_every_ms > 0 && r->view.net->detector_count > 0;
}
static int wants_movements(const art_results *r)
{
  return r->setup.scenario->movements_every_ms > 0 && r->view.net->connector_count > 0;
}
static int wants_signals(const art_results *r)
{
  return r->setup.scenario->signals && r->view.net->signal_count > 0;
}
static int wants_approaches(const art_results *r)
{
  return r->setup.scenario->approaches && r->view.groups.count > 0;
}
static int wants_passages(const art_results *r)
{
  return r->setup.scenario->passages && r->view.groups.count > 0;
}
static int wants_links(const art_results *r)
{
  return r->setup.scenario->links_every_ms > 0 && r->view.net->link_count > 0;
}

static void free_writer(art_results *r)
{
  free(r->view.sample_first);
  art_approaches_release(&r->view);
  art_view_release(&r->view);
  art_spill_free(r->spill);
  free(r);
}

static void create_groups(art_results *r)
{
  art_group_create(r, &art_group_network);
  art_network_finish(r);
  if (wants_links(r)) art_group_create(r, &art_group_links);
  if (wants_movements(r)) art_group_create(r, &art_group_movements);
  if (wants_detectors(r)) art_group_create(r, &art_group_detectors);
  if (wants_signals(r)) art_group_create(r, &art_group_signals);
  if (wants_approaches(r)) art_group_create(r, &art_group_cycles);
  if (wants_passages(r)) art_group_create(r, &art_group_passages);
  if (r->setup.scenario->totals_every_ms > 0) art_group_create(r, &art_group_totals);
}

static art_results *new_writer(const art_results_setup *setup)
{
  art_results *r = ART_NEW(art_results, 1);
  r->setup = *setup;
  r->threads = 1;
  r->view.city = setup->city;
  r->view.net = setup->city->net;
  r->view.demand = setup->demand;
  r->view.sample_from_ms = setup->scenario->begin_ms;
  r->view.sample_step_ms = setup->scenario->step_ms;
  return r;
}

static art_status open_spill(art_results *r, art_error *err)
{
  const art_results_setup *setup = &r->setup;
  if (setup->scenario->trajectories_every_ms <= 0) return ART_OK;
  int64_t rows = setup->group ? MEMORY_ROWS / setup->group->size : MEMORY_ROWS;
  if (rows < LEAST_ROWS) rows = LEAST_ROWS;
  r->spill = art_spill_new(setup->path, setup->demand->trip_count, rows, err);
  return r->spill ? ART_OK : ART_E_OPEN;
}

art_status art_results_open_part(const art_results_setup *setup, art_results **out, art_error *err)
{
  art_results *r = new_writer(setup);
  r->is_part = 1;
  const art_status status = open_spill(r, err);
  if (status != ART_OK) {
    free_writer(r);
    r = NULL;
  }
  *out = r;
  return status;
}

art_status art_results_open(const art_results_setup *setup, art_results **out, art_error *err)
{
  *out = NULL;
  const art_scenario *s = setup->scenario;
  art_results *r = new_writer(setup);
  art_status status =
      art_time_units(s->date, s->timezone, s->begin_ms, r->time_units, sizeof r->time_units, err);
  if (status == ART_OK) status = art_view_prepare(&r->view, err);
  if (status == ART_OK) status = open_spill(r, err);
  if (status == ART_OK) status = art_h5_create(setup->path, setup->force, &r->file, err);
  if (status != ART_OK) {
    free_writer(r);
    return status;
  }
  choose_trips(&r->view, s);
  if (s->approaches || s->passages) art_approaches_prepare(&r->view);
  r->view.measured_from_ms = s->begin_ms + s->warmup_ms;
  art_provenance_begin(r);
  create_groups(r);
  status = art_h5_status(r->file, err);
  if (status == ART_OK) {
    *out = r;
  } else {
    art_results_abandon(r);
  }
  return status;
}

void art_results_set_journal(art_results *r, art_journal *journal)
{
  r->journal = journal;
}

/// Calls the function of the journal, if there is one; leaves the caller if that fails.
#define JOURNAL(r, function, err, ...)                                                     \
  do {                                                                                     \
    if (!(r)->journal) break;                                                              \
    const art_status noted = art_journal_##function((r)->journal, __VA_ARGS__, (err));     \
    if (noted != ART_OK) return noted;                                                     \
  } while (0)

/// Adds one interval to a group and returns how the file is.
static art_status add_interval(art_results *r, const art_result_group *group, art_tick begin_ms,
                               art_tick end_ms, art_error *err)
{
  r->view.begin_ms = begin_ms;
  r->view.end_ms = end_ms;
  art_group_append(r, group, 1);
  return art_h5_status(r->file, err);
}

art_status art_results_add_links(art_results *r, const art_link_sums *sums, art_error *err)
{
  if (!wants_links(r) || sums->end_ms <= sums->begin_ms) return ART_OK;
  JOURNAL(r, add_links, err, sums);
  r->view.links = sums;
  return add_interval(r, &art_group_links, sums->begin_ms, sums->end_ms, err);
}

art_status art_results_add_movements(art_results *r, art_tick begin_ms, art_tick end_ms, const int32_t *count,
                                     const int32_t *out, const int64_t *delay_ms, art_error *err)
{
  if (!wants_movements(r) || end_ms <= begin_ms) return ART_OK;
  JOURNAL(r, add_movements, err, r->view.net->connector_count, begin_ms, end_ms, count, out, delay_ms);
  r->view.movements = count;
  r->view.movement_out = out;
  r->view.movement_delay_ms = delay_ms;
  return add_interval(r, &art_group_movements, begin_ms, end_ms, err);
}

/// Adds rows to a group whose rows have numbers.
static art_status add_numbered(art_results *r, const art_result_group *group, int64_t *rows, int64_t count,
                               art_error *err)
{
  r->view.grown = *rows;
  art_group_append(r, group, count);
  *rows += count;
  r->view.grown = 0;
  return art_h5_status(r->file, err);
}

art_status art_results_add_cycles(art_results *r, int64_t count, const art_signal_cycle *cycles, art_error *err)
{
  if (!wants_approaches(r) || count == 0) return ART_OK;
  JOURNAL(r, add_cycles, err, count, cycles);
  for (int64_t i = 0; i < count; ++i) art_approaches_add(&r->view, &cycles[i]);
  r->view.cycles = cycles;
  return add_numbered(r, &art_group_cycles, &r->rows_cycles, count, err);
}

art_status art_results_add_passages(art_results *r, int64_t count, const art_line_passage *passages, art_error *err)
{
  if (!wants_passages(r) || count == 0) return ART_OK;
  JOURNAL(r, add_passages, err, count, passages);
  r->view.passages = passages;
  return add_numbered(r, &art_group_passages, &r->rows_passages, count, err);
}

art_status art_results_add_detectors(art_results *r, const art_detector_sums *sums, art_error *err)
{
  if (!wants_detectors(r) || sums->end_ms <= sums->begin_ms) return ART_OK;
  JOURNAL(r, add_detectors, err, sums);
  r->view.detectors = sums;
  return add_interval(r, &art_group_detectors, sums->begin_ms, sums->end_ms, err);
}

art_status art_results_add_totals(art_results *r, const art_totals_row *row, art_error *err)
{
  if (r->setup.scenario->totals_every_ms <= 0) return ART_OK;
  JOURNAL(r, add_totals, err, row);
  r->view.totals = row;
  return add_interval(r, &art_group_totals, row->begin_ms, row->now_ms, err);
}

/// Letters that the events need.
static int64_t letter_count(const art_net *net, int64_t count, const art_signal_event *events)
{
  int64_t most = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t end = events[i].letters + net->signal_group_count[events[i].signal];
    if (end > most) most = end;
  }
  return most;
}

art_status art_results_add_signals(art_results *r, int64_t count, const art_signal_event *events,
                                   const char *letters, art_error *err)
{
  if (!wants_signals(r) || count == 0) return ART_OK;
  JOURNAL(r, add_signals, err, count, events, letter_count(r->view.net, count, events), letters);
  char **state = ART_NEW(char *, count);
  for (int64_t i = 0; i < count; ++i) {
    const int32_t groups = r->view.net->signal_group_count[events[i].signal];
    state[i] = ART_NEW(char, groups + 1);
    memcpy(state[i], letters + events[i].letters, (size_t)groups);
  }
  r->view.events = events;
  r->view.event_state = state;
  const art_status status = add_numbered(r, &art_group_signals, &r->rows_events, count, err);
  r->view.event_state = NULL;
  for (int64_t i = 0; i < count; ++i) free(state[i]);
  free(state);
  return status;
}

art_status art_results_add_snapshot(art_results *r, art_tick now_ms, const art_snapshot *snapshot,
                                    art_error *err)
{
  if (!r->spill) return ART_OK;
  if ((now_ms - r->view.sample_from_ms) % r->view.sample_step_ms != 0)
    return art_fail(err, ART_E_INTERNAL, "trajectories: an instant between two steps");
  JOURNAL(r, add_snapshot, err, now_ms, snapshot);
  return art_spill_add(r->spill, now_ms, snapshot, err);
}

static void write_kpis(art_results *r, const art_results_end *end)
{
  const art_scenario *s = r->setup.scenario;
  const art_kpi_input input = { .demand = r->view.demand,
                                .trips = end->trips,
                                .ledger = end->ledger,
                                .begin_ms = s->begin_ms,
                                .from_ms = s->begin_ms + s->warmup_ms,
                                .to_ms = end->complete ? s->end_ms : end->now_ms,
                                .now_ms = end->now_ms };
  double *value = ART_NEW(double, art_kpi_count());
  art_kpi_compute(&input, value);
  art_h5_group(r->file, "/kpi");
  art_h5_set_text(r->file, "/kpi", "title", "Indicators of the whole run, warm-up excluded.");
  for (int i = 0; i < art_kpi_count(); ++i) {
    const art_kpi_info *row = art_kpi_row(i);
    char path[96];
    snprintf(path, sizeof path, "/kpi/%s", row->name);
    art_h5_put_scalar(r->file, path, ART_H5_DOUBLE, &value[i]);
    art_h5_set_text(r->file, path, "units", row->unit);
    art_h5_set_text(r->file, path, "long_name", row->long_name);
    if (row->how[0]) art_h5_set_text(r->file, path, "comment", row->how);
  }
  free(value);
}

/// Nobody steps any more, nor writes beside that: what worked on both may work on what is left, where cores allow it.
static int closing_threads(const art_results *r)
{
  const int stepped = r->setup.threads > 1 ? r->setup.threads : 1;
  return stepped < art_par_allowed_cores() ? stepped + 1 : stepped;
}

/// Of several ranks all but the first: what it has goes to the writers, one of which it may be.
static art_status close_part(art_results *r, int *is_torn, art_error *err)
{
  r->threads = closing_threads(r);
  art_status status = art_trajectories_create(r, err);
  if (status == ART_OK) status = art_trajectories_merge(r, is_torn, err);
  free_writer(r);
  return status;
}

art_status art_results_close(art_results *r, const art_results_end *end, art_error *err)
{
  art_status status = ART_OK;
  int nobody_asks = 0, *is_torn = end->is_torn ? end->is_torn : &nobody_asks;
  *is_torn = 0;
  if (r->is_part) return close_part(r, is_torn, err);
  r->threads = closing_threads(r);
  art_h5_set_threads(r->file, r->threads);
  r->view.begin_ms = r->setup.scenario->begin_ms;
  r->view.end_ms = end->now_ms;
  r->view.trips = end->trips;
  if (r->setup.scenario->trips) art_group_create(r, &art_group_trips);
  if (wants_approaches(r)) {
    art_approaches_sort(&r->view);
    art_group_create(r, &art_group_approaches);
  }
  if (r->spill) status = art_trajectories_create(r, err);
  if (status != ART_OK) {
    art_results_abandon(r);
    return status;
  }
  write_kpis(r, end);
  art_provenance_end(r, end);
  // Rows come last: for them the file may have to be handed to several writers.
  if (r->spill && status == ART_OK) status = art_trajectories_merge(r, is_torn, err);
  if (status != ART_OK) {
    art_results_abandon(r);
    return status;
  }
  status = art_h5_commit(r->file, err);
  free_writer(r);
  return status;
}

void art_results_abandon(art_results *r)
{
  if (!r) return;
  art_h5_discard(r->file);
  free_writer(r);
}

art_tick art_detector_interval(const art_scenario *scenario, const art_net *net)
{
  if (!scenario->detectors || net->detector_count == 0) return 0;
  if (scenario->detectors_every_ms > 0) return scenario->detectors_every_ms;
  art_tick best = 300000;
  int32_t best_count = 0;
  for (int32_t d = 0; d < net->detector_count; ++d) {
    const art_tick period = net->detector_period_ms[d];
    if (period <= 0 || (d > 0 && period == net->detector_period_ms[d - 1])) continue;  // neighbours are often alike
    int32_t count = 0;
    for (int32_t k = 0; k < net->detector_count; ++k) count += net->detector_period_ms[k] == period;
    if (count > best_count || (count == best_count && period < best)) {
      best = period;
      best_count = count;
    }
  }
  return best;
}
