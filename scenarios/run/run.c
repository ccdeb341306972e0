// The run loop: step, collect, write.
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/par.h"
#include "core/step/approaches.h"
#include "io/city/city_file.h"
#include "io/results/results.h"
#include "scenarios/run/case_internal.h"
#include "scenarios/run/run_internal.h"

/// The signal that asks to stop. A handler can reach nothing else; art_run clears it first.
static volatile sig_atomic_t stop_signal;

static void on_stop(int number)
{
  stop_signal = number;
}

typedef struct handlers {
  struct sigaction interrupt, terminate;
} handlers;

static void catch_signals(handlers *old)
{
  struct sigaction action = { .sa_handler = on_stop,
                              .sa_flags = (int)SA_RESETHAND };  // the second one kills at once
  sigemptyset(&action.sa_mask);
  stop_signal = 0;
  sigaction(SIGINT, &action, &old->interrupt);
  sigaction(SIGTERM, &action, &old->terminate);
}

static void release_signals(const handlers *old)
{
  sigaction(SIGINT, &old->interrupt, NULL);
  sigaction(SIGTERM, &old->terminate, NULL);
}

typedef struct loop loop;

/// One output with an interval of its own.
typedef struct stream {
  art_tick every_ms;  ///< 0: off
  art_tick from_ms;   ///< end of the last interval
  art_status (*take)(loop *l, art_tick from_ms, art_tick to_ms, art_error *err);
} stream;

enum { STREAM_LINKS, STREAM_MOVEMENTS, STREAM_DETECTORS, STREAM_TOTALS, STREAM_TRAJECTORIES, STREAM_COUNT };

struct loop {
  const art_case *c;
  const art_scenario *scenario;
  art_sim *sim;
  art_results *results;  ///< NULL: no file
  stream stream[STREAM_COUNT];
  art_link_sums links;
  art_detector_sums detectors;
  int32_t *movements, *movements_out;
  int64_t *movements_delay_ms;
  art_snapshot snapshot;
  int64_t distance_mm, updates;  ///< of the ledger at the last totals
  art_tick approaches_ms;        ///< when cycles and passages were taken last
  art_progress progress;
};

static art_status take_links(loop *l, art_tick from_ms, art_tick to_ms, art_error *err)
{
  art_sim_take_links(l->sim, &l->links);
  l->links.begin_ms = from_ms;
  l->links.end_ms = to_ms;
  return art_results_add_links(l->results, &l->links, err);
}

static art_status take_movements(loop *l, art_tick from_ms, art_tick to_ms, art_error *err)
{
  art_sim_take_movements(l->sim, l->movements);
  art_sim_take_movement_delays(l->sim, l->movements_out, l->movements_delay_ms);
  return art_results_add_movements(l->results, from_ms, to_ms, l->movements, l->movements_out, l->movements_delay_ms,
                                   err);
}

static art_status take_detectors(loop *l, art_tick from_ms, art_tick to_ms, art_error *err)
{
  art_sim_take_detectors(l->sim, &l->detectors);
  l->detectors.begin_ms = from_ms;
  l->detectors.end_ms = to_ms;
  return art_results_add_detectors(l->results, &l->detectors, err);
}

static art_status take_totals(loop *l, art_tick from_ms, art_tick to_ms, art_error *err)
{
  art_totals_row row = { .begin_ms = from_ms, .now_ms = to_ms, .ledger = art_sim_ledger(l->sim) };
  row.halting = art_sim_halting(l->sim);
  row.distance_mm = row.ledger.distance_mm - l->distance_mm;
  row.vehicle_ms = (row.ledger.updates - l->updates) * l->scenario->step_ms;
  l->distance_mm = row.ledger.distance_mm;
  l->updates = row.ledger.updates;
  return art_results_add_totals(l->results, &row, err);
}

static art_status take_trajectories(loop *l, art_tick from_ms, art_tick to_ms, art_error *err)
{
  (void)from_ms;
  (void)to_ms;
  art_sim_gather(l->sim, &l->snapshot);
  return art_results_add_snapshot(l->results, art_sim_now(l->sim), &l->snapshot, err);
}

static void open_streams(loop *l)
{
  const art_scenario *s = l->scenario;
  const stream streams[STREAM_COUNT] = {
    [STREAM_LINKS] = { s->links_every_ms, s->begin_ms, take_links },
    [STREAM_MOVEMENTS] = { s->movements_every_ms, s->begin_ms, take_movements },
    [STREAM_DETECTORS] = { art_detector_interval(s, l->c->city->net), s->begin_ms, take_detectors },
    [STREAM_TOTALS] = { s->totals_every_ms, s->begin_ms, take_totals },
    [STREAM_TRAJECTORIES] = { s->trajectories_every_ms, s->begin_ms, take_trajectories },
  };
  memcpy(l->stream, streams, sizeof streams);
  if (!l->results)
    for (int k = 0; k < STREAM_COUNT; ++k) l->stream[k].every_ms = 0;
  l->movements = ART_NEW(int32_t, l->c->city->net->connector_count);
  l->movements_out = ART_NEW(int32_t, l->c->city->net->connector_count);
  l->movements_delay_ms = ART_NEW(int64_t, l->c->city->net->connector_count);
}

/// When the next interval of any output ends.
static art_tick next_output(const loop *l)
{
  art_tick next = l->scenario->end_ms;
  for (int k = 0; k < STREAM_COUNT; ++k) {
    const stream *s = &l->stream[k];
    if (s->every_ms > 0 && s->from_ms + s->every_ms < next) next = s->from_ms + s->every_ms;
  }
  return next;
}

/// Rows of cycles and passages. They come one by one: written together, because a row costs as much as thousand.
static art_status take_approaches(loop *l, int is_last, art_error *err)
{
  if (!is_last && art_sim_now(l->sim) < l->approaches_ms + 600000) return ART_OK;
  l->approaches_ms = art_sim_now(l->sim);
  const art_signal_cycle *cycles = NULL;
  const art_line_passage *passages = NULL;
  const int64_t cycle_count = art_sim_take_cycles(l->sim, is_last, &cycles);
  const int64_t passage_count = art_sim_take_passages(l->sim, &passages);
  const art_status status = art_results_add_cycles(l->results, cycle_count, cycles, err);
  return status == ART_OK ? art_results_add_passages(l->results, passage_count, passages, err) : status;
}

/// Writes the intervals that end now. At the end of a run the last ones are shorter, unless nobody is left:
/// then nothing
/// would have changed until their planned end, and they keep their length.
static art_status take_due(loop *l, int is_last, art_error *err)
{
  const art_tick now = art_sim_now(l->sim);
  const int is_empty = art_sim_is_finished(l->sim);
  art_status status = ART_OK;
  for (int k = 0; k < STREAM_COUNT && status == ART_OK; ++k) {
    stream *s = &l->stream[k];
    const art_tick planned = s->from_ms + s->every_ms;
    if (s->every_ms <= 0 || (!is_last && now < planned) || now <= s->from_ms) continue;
    const art_tick until = now >= planned ? planned : is_empty ? planned : now;
    status = s->take(l, s->from_ms, until < l->scenario->end_ms ? until : l->scenario->end_ms, err);
    s->from_ms = until;
  }
  const art_signal_event *events = NULL;
  const int64_t count = art_sim_take_signal_events(l->sim, &events);
  if (status == ART_OK && l->results)
    status = art_results_add_signals(l->results, count, events, art_sim_signal_letters(l->sim), err);
  if (status == ART_OK && l->results) status = take_approaches(l, is_last, err);
  return status;
}

/// Steps to the end of the scenario, until nobody is left, or until a signal asks to stop. Slices are as long
/// as keeps
/// progress and signals prompt; they do not change results.
static art_status step_through(loop *l, art_error *err)
{
  art_tick slice_ms = 1000;
  art_status status = ART_OK;
  while (status == ART_OK && !stop_signal && art_sim_now(l->sim) < l->scenario->end_ms &&
         !art_sim_is_finished(l->sim)) {
    const art_tick now = art_sim_now(l->sim), output = next_output(l);
    const double start_s = art_wall_s();
    status = art_sim_advance(l->sim, now + slice_ms < output ? now + slice_ms : output, err);
    const double wall_s = art_wall_s() - start_s;
    if (wall_s < 0.05 && slice_ms < 60000) slice_ms *= 2;
    if (wall_s > 0.2 && slice_ms > l->scenario->step_ms)
      slice_ms = slice_ms / 2 / l->scenario->step_ms * l->scenario->step_ms;
    if (slice_ms < l->scenario->step_ms) slice_ms = l->scenario->step_ms;
    if (status == ART_OK) status = take_due(l, 0, err);
    art_progress_step(&l->progress, l->sim);
  }
  return status == ART_OK ? take_due(l, 1, err) : status;
}

/// SHA-256 of everything that was read, the city first.
static art_status list_inputs(const art_scenario *s, int32_t *count, art_source **out, art_error *err)
{
  const int32_t most = 2 + s->demand_count + s->plan_count;
  art_source *list = ART_NEW(art_source, most);
  int32_t n = 0;
  list[n++].path = art_strdup(s->city_path);
  for (int32_t i = 0; i < s->demand_count; ++i) list[n++].path = art_strdup(s->demand_paths[i]);
  for (int32_t i = 0; i < s->plan_count; ++i) list[n++].path = art_strdup(s->plan[i].path);
  if (s->path) list[n++].path = art_strdup(s->path);
  art_status status = ART_OK;
  for (int32_t i = 0; i < n && status == ART_OK; ++i)
    status = art_file_sha256(list[i].path, list[i].sha256, err);
  *count = n;
  *out = list;
  return status;
}

static void free_inputs(int32_t count, art_source *list)
{
  for (int32_t i = 0; i < count; ++i) free(list[i].path);
  free(list);
}

static art_status open_results(loop *l, const art_run_options *options, uint64_t seed, int32_t *input_count,
                               art_source **inputs, art_error *err)
{
  if (!options->output_path) return ART_OK;
  art_status status = list_inputs(l->scenario, input_count, inputs, err);
  if (status != ART_OK) return status;
  const art_results_setup setup = { .path = options->output_path,
                                    .force = options->force,
                                    .scenario = l->scenario,
                                    .city = l->c->city,
                                    .demand = l->c->demand,
                                    .seed = seed,
                                    .detectors_every_ms = art_detector_interval(l->scenario, l->c->city->net),
                                    .input_count = *input_count,
                                    .input = *inputs,
                                    .command = options->command,
                                    .threads =
                                        art_case_threads(l->scenario, l->c->city->net, options->threads) };
  return art_results_open(&setup, &l->results, err);
}

static art_status close_results(loop *l, const art_summary *summary, art_error *err)
{
  char line[512];
  art_summary_line(summary, line, sizeof line);
  art_trip_row *rows = art_rows_so_far(l->sim, l->c);
  const art_results_end end = { .now_ms = art_sim_now(l->sim),
                                .complete = !summary->stopped_by,
                                .ledger = summary->ledger,
                                .trips = rows,
                                .hash = summary->hash,
                                .wall_s = summary->wall_s,
                                .updates_per_s = summary->updates_per_s,
                                .real_time_factor = summary->real_time_factor,
                                .summary = line };
  const art_status status = art_results_close(l->results, &end, err);
  l->results = NULL;
  free(rows);
  return status;
}

/// What a reader of the log wants to know besides the summary.
static void print_notes(const loop *l, const art_summary *summary)
{
  const art_demand *d = l->c->demand;
  const art_scenario *s = l->scenario;
  int64_t before = 0, after = 0;
  for (int32_t i = 0; i < d->trip_count; ++i) {
    before += d->trip_depart_ms[i] < s->begin_ms;
    after += d->trip_depart_ms[i] >= s->end_ms;
  }
  if (before || after)
    fprintf(stderr,
            "note: %" PRId64 " trips depart before the run and %" PRId64
            " after it; they are not part of it\n",
            before, after);
  const art_ledger *g = &summary->ledger;
  if (g->longest_standstill_trip >= 0)
    fprintf(stderr, "longest standstill: %.1f s, trip %s\n", (double)g->longest_standstill_ms / 1000.0,
            d->trip_id[g->longest_standstill_trip]);
  if (g->missed_turns || g->rotations)
    fprintf(stderr, "note: %" PRId64 " missed turns, %" PRId64 " rotations\n", g->missed_turns, g->rotations);
  if (g->short_yellows || g->short_greens || g->short_intergreens || g->conflicting_greens)
    fprintf(stderr,
            "warning: signals broke their rules: %" PRId64 " short yellows, %" PRId64 " short greens, %" PRId64
            " short times between greens, %" PRId64 " conflicting greens\n",
            g->short_yellows, g->short_greens, g->short_intergreens, g->conflicting_greens);
  if (g->waiting || g->running)
    fprintf(stderr,
            "note: %" PRId64 " trips are still on the road and %" PRId64 " wait outside (%" PRId64
            " without a way to their destination)\n",
            g->running, g->waiting, g->no_route);
  if (summary->stopped_by)
    fprintf(stderr, "stopped by signal %d at %.1f s; results hold what was simulated\n", summary->stopped_by,
            (double)art_sim_now(l->sim) / 1000.0);
}

static art_status run_case(loop *l, const art_run_options *options, double start_s, art_summary *summary,
                           art_error *err)
{
  const art_scenario *s = l->scenario;
  const uint64_t seed = options->seed ? *options->seed : s->seed;
  int32_t input_count = 0;
  art_source *inputs = NULL;
  handlers old;
  art_status status = art_case_simulate(l->c, seed, options->threads, NULL, &l->sim, err);
  if (status == ART_OK) status = open_results(l, options, seed, &input_count, &inputs, err);
  if (status == ART_OK) {
    open_streams(l);
    art_progress_begin(&l->progress, s, options->quiet);
    catch_signals(&old);
    status = step_through(l, err);
    art_progress_end(&l->progress, l->sim);
    *summary =
        art_summary_of(l->sim, l->c->demand, s->begin_ms + s->warmup_ms, s->end_ms, art_wall_s() - start_s);
    if (summary->wall_s > 0.0)
      summary->real_time_factor = (double)(art_sim_now(l->sim) - s->begin_ms) / 1000.0 / summary->wall_s;
    const int reached_end = art_sim_now(l->sim) >= s->end_ms || art_sim_is_finished(l->sim);
    summary->stopped_by = reached_end ? 0 : stop_signal;
    if (status == ART_OK && l->results) status = close_results(l, summary, err);
    if (!summary->stopped_by) summary->stopped_by = stop_signal;  // it came while the file was written
    release_signals(&old);
    if (status == ART_OK && !options->quiet) print_notes(l, summary);
  }
  art_results_abandon(l->results);
  free_inputs(input_count, inputs);
  art_link_sums_free(&l->links);
  art_detector_sums_free(&l->detectors);
  art_snapshot_free(&l->snapshot);
  free(l->movements);
  free(l->movements_out);
  free(l->movements_delay_ms);
  art_sim_free(l->sim);
  return status;
}

art_status art_run(const art_scenario *scenario, const art_run_options *options, art_summary *summary,
                   art_error *err)
{
  const double start_s = art_wall_s();
  art_case *c = NULL;
  memset(summary, 0, sizeof *summary);
  if (art_par_size() > 1)
    return art_fail(err, ART_E_USAGE,
                    "this version runs on one rank; start it without mpirun, or with mpirun -n 1");
  art_status status = art_case_load(scenario, &c, err);
  if (status != ART_OK) return status;
  loop l = { .c = c, .scenario = scenario };
  status = run_case(&l, options, start_s, summary, err);
  art_case_free(c);
  if (status == ART_OK && summary->stopped_by && !options->keep_signal) raise(summary->stopped_by);
  return status;
}
