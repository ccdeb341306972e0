// The run loop: step, collect, write.
#include <inttypes.h>
#include <signal.h>  // raise
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/demand_pack.h"
#include "core/par/group.h"
#include "core/par/par.h"
#include "core/par/writers.h"
#include "core/step/ranks.h"
#include "core/step/state.h"
#include "io/city/city_file.h"
#include "io/results/results.h"
#include "scenarios/run/case_internal.h"
#include "scenarios/run/checkpoint.h"
#include "scenarios/run/inputs.h"
#include "scenarios/run/outputs.h"
#include "scenarios/run/ranks.h"
#include "scenarios/run/requests.h"
#include "scenarios/run/run_internal.h"
#include "scenarios/run/timing.h"

#define REBALANCE_EVERY_MS 300000  // simulated; long enough for clocks to tell

typedef struct loop {
  const art_case *c;
  const art_scenario *scenario;
  art_sim *sim;
  art_results *results;          ///< NULL: no file
  art_outputs *outputs;          ///< what goes there while the run steps
  art_checkpoints *checkpoints;  ///< NULL: none are written, and none is gone on from
  int is_saving;                 ///< checkpoints are written: signals save, then stop
  art_run_inputs inputs;
  art_writers writers;
  int is_torn;  ///< see art_summary
  art_progress progress;
  art_run_timing *timing;  ///< NULL: nobody wants to know
  art_tick timing_ms;      ///< steps are timed from here on ...
  art_ledger timing_from;  ///< ... when this had been done
  int64_t timing_from_all; ///< ... and so many updates by all ranks
  art_sim_setup setup;     ///< that `sim` was made with
  double rebalance;        ///< see art_run_options
  art_tick rebalance_ms;   ///< when the shares of ranks are looked at next
  double output_s;         ///< wall clock of art_outputs_take since then
} loop;

static void begin_timing(loop *l)
{
  l->output_s = 0.0;
  l->timing_from = art_sim_ledger(l->sim);
  l->timing_from_all = art_sim_ledger_all(l->sim).updates;
  if (l->timing->with_phases) art_sim_timing_start(l->sim);
}

/// When the next slice has to end at the latest.
static art_tick next_stop(const loop *l, art_tick now)
{
  const art_tick output = art_outputs_next(l->outputs);
  const art_tick save = l->checkpoints ? art_checkpoints_next(l->checkpoints) : INT64_MAX;
  art_tick stop = l->scenario->end_ms;
  if (output < stop) stop = output;
  if (save < stop) stop = save;
  if (l->timing && now < l->timing_ms && l->timing_ms < stop) stop = l->timing_ms;
  return stop;
}

/// Ranks that have too much give some of it away. What their clocks say decides, so runs differ in where they do it, and in
/// nothing else. Phases that are being timed would begin anew: they keep their parts.
static art_status rebalance(loop *l, art_error *err)
{
  if (l->rebalance <= 0.0 || l->timing || art_sim_now(l->sim) < l->rebalance_ms) return ART_OK;
  l->rebalance_ms = art_sim_now(l->sim) + REBALANCE_EVERY_MS;
  int moved = 0;
  const art_status status = art_sim_rebalance(&l->sim, &l->setup, l->rebalance, &moved, err);
  if (status != ART_OK || !moved) return status;
  art_outputs_follow(l->outputs, l->sim);
  if (l->checkpoints) art_checkpoints_follow(l->checkpoints, l->sim);
  if (!l->progress.is_quiet) art_progress_note("rebalanced t=%.1f", (double)art_sim_now(l->sim) / 1000.0);
  return ART_OK;
}

/// Steps to the end of the scenario, until nobody is left, or until a signal asks to stop. Slices are as long
/// as keeps
/// progress and signals prompt; they do not change results.
static art_status step_through(loop *l, art_error *err)
{
  art_tick slice_ms = l->c->group ? ART_RANKS_SLICE_STEPS * l->scenario->step_ms : 1000;
  art_status status = ART_OK;
  while (status == ART_OK && (l->is_saving || !art_requests_stop()) &&
         art_sim_now(l->sim) < l->scenario->end_ms && !art_sim_is_finished(l->sim)) {
    const art_tick now = art_sim_now(l->sim), stop = next_stop(l, now);
    if (l->timing && now == l->timing_ms) begin_timing(l);
    const double start_s = art_wall_s();
    status = art_sim_advance(l->sim, now + slice_ms < stop ? now + slice_ms : stop, err);
    const double wall_s = art_wall_s() - start_s;
    if (!l->c->group) {  // ranks have to talk after the same steps
      if (wall_s < 0.05 && slice_ms < 60000) slice_ms *= 2;
      if (wall_s > 0.2 && slice_ms > l->scenario->step_ms)
        slice_ms = slice_ms / 2 / l->scenario->step_ms * l->scenario->step_ms;
      if (slice_ms < l->scenario->step_ms) slice_ms = l->scenario->step_ms;
    }
    if (status == ART_OK) status = art_outputs_take(l->outputs, 0, err);
    if (l->c->group) {
      status = art_run_agree(l->c->group, status, err);
      art_progress_gather(&l->progress, l->sim);
      if (status == ART_OK) status = rebalance(l, err);
    }
    if (status == ART_OK && l->checkpoints) status = art_checkpoints_step(l->checkpoints, l->outputs, err);
    const double output_s = art_wall_s() - start_s - wall_s;
    l->output_s += output_s;
    art_progress_step(&l->progress, l->sim, output_s);
  }
  if (status == ART_OK) status = art_outputs_take(l->outputs, 1, err);
  if (status == ART_OK) status = art_outputs_finish(l->outputs, err);
  return art_group_agree(l->c->group, status, err);
}

static art_status open_results(loop *l, const art_run_options *options, uint64_t seed, art_error *err)
{
  if (!options->output_path) return ART_OK;
  const int is_first = art_run_is_first(l->c);
  if (!is_first && l->scenario->trajectories_every_ms <= 0) return ART_OK;
  const art_results_setup setup = { .path = options->output_path,
                                    .force = options->force,
                                    .scenario = l->scenario,
                                    .city = l->c->city,
                                    .demand = l->c->demand,
                                    .seed = seed,
                                    .detectors_every_ms = art_detector_interval(l->scenario, l->c->city->net),
                                    .input_count = l->inputs.count,
                                    .input = l->inputs.list,
                                    .command = options->command,
                                    .group = l->c->group,
                                    .writers = l->writers,
                                    .threads =
                                        art_case_threads(l->scenario, l->c->city->net, options->threads) };
  const art_status status =
      is_first ? art_results_open(&setup, &l->results, err) : art_results_open_part(&setup, &l->results, err);
  if (status != ART_OK || !l->checkpoints) return status;
  return art_checkpoints_replay(l->checkpoints, l->results, err);
}

static art_status open_checkpoints(loop *l, const art_run_options *options, uint64_t seed, double start_s,
                                   art_error *err)
{
  if (!options->checkpoint) return ART_OK;
  const art_checkpoints_setup setup = { .group = l->c->group,
                                        .options = options->checkpoint,
                                        .scenario = l->scenario,
                                        .seed = seed,
                                        .input_count = l->inputs.identity_count,
                                        .input = l->inputs.identity,
                                        .result_path = options->output_path,
                                        .threads =
                                            art_case_threads(l->scenario, l->c->city->net, options->threads),
                                        .force = options->force,
                                        .quiet = options->quiet,
                                        .start_s = start_s };
  return art_checkpoints_open(&setup, &l->checkpoints, err);
}

/// What no step and no result to come reads any more is given back before the road fills.
static void forget_inputs(loop *l)
{
  if (!l->results || l->scenario->trajectories_every_ms <= 0)
    art_city_forget_drawing(l->c->city, l->results != NULL);
  const int is_made_once = !l->checkpoints && !l->c->group;  // ranks make the simulation anew where they share out nodes anew
  if (is_made_once) art_net_forget_unread_control(l->c->city->net);
  art_memory_give_back();
}

/// Everything that is needed before the first step, at the begin or where a checkpoint was saved.
static art_status prepare(loop *l, const art_run_options *options, uint64_t seed, double start_s,
                          art_error *err)
{
  const art_group *group = l->c->group;
  art_status status = ART_OK;
  if (art_run_is_first(l->c) && (options->output_path || options->checkpoint))
    status = art_run_inputs_read(l->scenario, &l->inputs, err);
  status = art_group_agree(group, status, err);
  if (status == ART_OK) status = open_checkpoints(l, options, seed, start_s, err);
  l->setup = art_case_setup(l->c, seed, options->threads, NULL);
  art_net_forget_conflicts(l->c->city->net);  // the case has its ways, and simulations take memory at the same time
  if (status == ART_OK) status = art_sim_create(&l->setup, &l->sim, err);
  status = art_group_agree(group, status, err);
  const art_checkpoint *found =
      status == ART_OK && l->checkpoints ? art_checkpoints_found(l->checkpoints) : NULL;
  if (found) status = art_sim_restore(l->sim, found->state.data, found->state.count, err);
  status = art_group_agree(group, status, err);
  if (status == ART_OK && options->output_path) l->writers = art_par_writers(options->writers);
  if (status == ART_OK && l->checkpoints) status = art_checkpoints_begin(l->checkpoints, l->sim, err);
  if (status == ART_OK) status = open_results(l, options, seed, err);
  if (status == ART_OK)
    status = art_outputs_start(l->sim, l->scenario, l->c->city->net, l->results, options->output_path != NULL,
                               art_run_is_first(l->c), &l->outputs, err);
  if (status == ART_OK && found)
    status = art_outputs_restore(l->outputs, found->outputs.data, found->outputs.count, err);
  if (status == ART_OK && art_sim_now(l->sim) > l->timing_ms) l->timing_ms = art_sim_now(l->sim);
  if (status == ART_OK) forget_inputs(l);
  return art_group_agree(group, status, err);
}

/// `rows`: of all ranks.
static art_status close_results(loop *l, const art_trip_row *rows, const art_summary *summary, art_error *err)
{
  char line[512];
  art_summary_line(summary, line, sizeof line);
  if (!l->results) return ART_OK;
  const art_results_end end = { .now_ms = art_sim_now(l->sim),
                                .complete = !summary->stopped_by,
                                .ledger = summary->ledger,
                                .trips = rows,
                                .hash = summary->hash,
                                .wall_s = summary->wall_s,
                                .updates_per_s = summary->updates_per_s,
                                .real_time_factor = summary->real_time_factor,
                                .restarts = l->checkpoints ? art_checkpoints_restarts(l->checkpoints) : 0,
                                .summary = line,
                                .is_torn = &l->is_torn };
  const art_status status = art_results_close(l->results, &end, err);
  l->results = NULL;
  return status;
}

/// What a reader of the log wants to know besides the summary.
static void print_notes(const loop *l, const art_summary *summary)
{
  const art_demand *d = l->c->demand;
  if (l->c->before_run || l->c->after_run)
    fprintf(stderr,
            "note: %" PRId64 " trips depart before the run and %" PRId64
            " after it; they are not part of it\n",
            l->c->before_run, l->c->after_run);
  const art_ledger *g = &summary->ledger;
  if (g->longest_standstill_trip >= 0)
    fprintf(stderr, "longest standstill: %.1f s, trip %s\n", (double)g->longest_standstill_ms / 1000.0,
            d->trip_id[g->longest_standstill_trip]);
  if (g->missed_turns || g->rotations)
    fprintf(stderr, "note: %" PRId64 " missed turns, %" PRId64 " rotations\n", g->missed_turns, g->rotations);
  if (g->short_yellows || g->short_greens || g->short_intergreens || g->conflicting_greens)
    fprintf(stderr,
            "warning: signals broke their rules: %" PRId64 " short yellows, %" PRId64
            " short greens, %" PRId64 " short times between greens, %" PRId64 " conflicting greens\n",
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

/// How evenly ranks worked: what their steps took without waiting for others. Collective.
static void measure_work(const loop *l, art_run_timing *out)
{
  const int64_t own = (int64_t)(1e9 * (out->step_s - out->phase.seconds[ART_PHASE_EXCHANGE]));
  int64_t sum = own, most = own;
  art_ranks_sum(l->sim, 1, &sum);
  art_ranks_largest(l->sim, 1, &most);
  out->work_mean_s = 1e-9 * (double)sum / out->ranks;
  out->work_most_s = 1e-9 * (double)most;
}

/// Collective, but where ranks have lost each other (`is_torn`).
static void end_timing(const loop *l, const art_summary *summary, double start_s, double close_s, art_run_timing *out)
{
  out->from_ms = l->timing_ms;
  out->output_s = l->output_s;
  out->close_s = art_wall_s() - close_s;
  out->wall_s = art_wall_s() - start_s;
  const art_ledger ledger = art_sim_ledger(l->sim);
  const art_tick now = art_sim_now(l->sim);
  if (now > l->timing_ms) {  // else nothing was timed
    out->steps = (now - l->timing_ms) / l->scenario->step_ms;
    out->updates = ledger.updates - l->timing_from.updates;
    out->all_updates = summary->ledger.updates - l->timing_from_all;
    out->step_s = ledger.step_seconds - l->timing_from.step_seconds;
  }
  out->phase = art_sim_timing(l->sim);
  out->memory = art_sim_memory(l->sim);
  out->city_bytes = art_city_bytes(l->c->city);
  out->demand_bytes = art_demand_bytes(l->c->demand);
  out->part = art_sim_share(l->sim);
  out->ranks = l->c->group ? l->c->group->size : 1;
  out->all_steps = (now - l->scenario->begin_ms) / l->scenario->step_ms;
  out->peak_kib = art_peak_kib();
  if (out->ranks > 1 && out->with_phases && !l->is_torn) measure_work(l, out);
}

/// The figures of the whole run, sessions before this one included. `rows`: of all ranks.
static art_summary summary_of(const loop *l, const art_trip_row *rows, double start_s, int stopped_by)
{
  const art_scenario *s = l->scenario;
  double wall_s = art_wall_s() - start_s;
  if (l->checkpoints) wall_s += art_checkpoints_wall_before(l->checkpoints);
  const art_tick now_ms = art_sim_now(l->sim);
  const art_kpi_input input = { .demand = l->c->demand,
                                .trips = rows,
                                .ledger = art_sim_ledger_all(l->sim),
                                .begin_ms = s->begin_ms,
                                .from_ms = s->begin_ms + s->warmup_ms,
                                .to_ms = stopped_by ? now_ms : s->end_ms,
                                .now_ms = now_ms };
  art_summary out = art_summary_of(l->sim, &input, wall_s);
  out.stopped_by = stopped_by;
  if (l->checkpoints) out.ledger.step_seconds += art_checkpoints_steps_before(l->checkpoints);
  if (out.ledger.step_seconds > 0.0) out.updates_per_s = (double)out.ledger.updates / out.ledger.step_seconds;
  return out;
}

static art_status run_case(loop *l, const art_run_options *options, double start_s, art_summary *summary,
                           art_error *err)
{
  const art_scenario *s = l->scenario;
  const uint64_t seed = options->seed ? *options->seed : s->seed;
  art_requests before;
  if (l->is_saving) art_requests_catch(&before, 1, l->c->group != NULL);  // from here on nothing is lost
  art_status status = prepare(l, options, seed, start_s, err);
  if (!l->is_saving) art_requests_catch(&before, 0, l->c->group != NULL);
  if (status == ART_OK) {
    if (l->timing) l->timing->setup_s = art_wall_s() - start_s - l->timing->load_s;
    art_progress_begin(&l->progress, s, l->sim, options->quiet);
    status = step_through(l, err);
    art_progress_end(&l->progress, l->sim);
    const art_trip_row *rows = art_sim_trips_at_end_all(l->sim);
    const int reached_end = art_sim_now(l->sim) >= s->end_ms || art_sim_is_finished(l->sim);
    *summary = summary_of(l, rows, start_s, reached_end ? 0 : art_requests_stop());
    const double close_s = art_wall_s();
    if (status == ART_OK && options->output_path) status = close_results(l, rows, summary, err);
    summary->is_torn = l->is_torn;
    if (!l->is_torn) status = art_group_agree(l->c->group, status, err);
    if (l->timing) end_timing(l, summary, start_s, close_s, l->timing);
    // It came while the file was written. With checkpoints it asked for nothing that is not done.
    if (!summary->stopped_by && !l->is_saving) summary->stopped_by = art_requests_stop();
    if (status == ART_OK && !options->quiet && art_run_is_first(l->c)) print_notes(l, summary);
  }
  art_requests_release(&before);
  art_outputs_free(l->outputs);  // before the file that it writes
  art_results_abandon(l->results);
  art_checkpoints_free(l->checkpoints);  // after the writers of its journal
  art_run_inputs_clear(&l->inputs);
  free(l->writers.rank);
  art_sim_free(l->sim);
  return status;
}

art_status art_run(const art_scenario *scenario, const art_run_options *options, art_summary *summary,
                   art_error *err)
{
  const double start_s = art_wall_s();
  art_case *c = NULL;
  memset(summary, 0, sizeof *summary);
  art_status status = art_case_load(scenario, ART_CASE_TRIPS_OF_RUN, &c, err);
  if (status == ART_OK) status = art_run_share_out(c, options, err);
  status = art_group_agree(art_par_group(), status, err);
  if (status != ART_OK) {
    art_case_free(c);
    return status;
  }
  if (options->timing) options->timing->load_s = art_wall_s() - start_s;
  loop l = { .c = c,
             .scenario = scenario,
             .timing = options->timing,
             .rebalance = options->rebalance,
             .rebalance_ms = scenario->begin_ms + REBALANCE_EVERY_MS,
             .is_saving = options->checkpoint && options->checkpoint->folder };
  // On a step; after the end of the run, nothing is timed.
  const art_tick step_ms = scenario->step_ms;
  l.timing_ms = scenario->begin_ms + (options->timing_after_ms + step_ms - 1) / step_ms * step_ms;
  status = run_case(&l, options, start_s, summary, err);
  art_case_free(c);
  if (status == ART_OK && summary->stopped_by && !options->keep_signal) raise(summary->stopped_by);
  return status;
}
