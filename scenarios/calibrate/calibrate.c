#include "scenarios/calibrate/calibrate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

// ---- loading

static art_status prepare(art_calibrator *k, art_error *err)
{
  const art_calibration *cal = k->calibration;
  const art_net *net = k->c->city->net;
  k->window = (art_window){ cal->from_ms - cal->lead_ms, cal->from_ms, cal->to_ms };
  k->prior = art_demand_extend_back(k->c->demand, cal->from_ms, cal->lead_ms, &k->lead_trips);
  art_trip_groups_build(k->prior, net, cal->from_ms, k->scenario->seed, &k->groups);
  if (k->groups.count == 0)
    return art_fail(err, ART_E_INPUT,
                    "%s: its demand has no trip that could be reweighted (public transport is fixed)",
                    cal->scenario_path);
  art_audit_stations(k->feed, cal, net, k->c->demand, &k->audit);
  if (k->audit.used == 0)
    return art_fail(err, ART_E_INPUT, "%s: no station passes the audit; the first is excluded because: %s",
                    cal->feed_path, k->audit.count ? k->audit.row[0].reason : "there is none");
  k->row_station = ART_NEW(int32_t, k->audit.used);
  int32_t *row_link = ART_NEW(int32_t, k->audit.used), rows = 0;
  for (int32_t i = 0; i < k->audit.count; ++i) {
    if (k->audit.row[i].use == ART_STATION_USE_EXCLUDED) continue;
    k->row_station[rows] = i;
    row_link[rows++] = k->audit.row[i].link;
  }
  art_incidence_build(k->prior, &k->groups, net, rows, row_link, &k->incidence);
  free(row_link);
  return ART_OK;
}

art_status art_calibrator_load(const art_calibration *calibration, art_calibrator **out, art_error *err)
{
  *out = NULL;
  art_calibrator *k = ART_NEW(art_calibrator, 1);
  k->calibration = calibration;
  art_status status = art_scenario_read(calibration->scenario_path, 0, NULL, &k->scenario, err);
  if (status == ART_OK) {
    // The run covers lead and window, whatever the scenario says.
    k->scenario->begin_ms = calibration->from_ms - calibration->lead_ms;
    k->scenario->end_ms = calibration->to_ms;
    status = art_case_load(k->scenario, ART_CASE_ALL_TRIPS, &k->c, err);
  }
  if (status == ART_OK) status = art_feed_read(calibration->feed_path, &k->feed, err);
  if (status == ART_OK && calibration->to_ms <= calibration->from_ms)
    status = art_fail(err, ART_E_INPUT, "%s: the scored window is empty", calibration->path);
  if (status == ART_OK) status = prepare(k, err);
  if (status == ART_OK)
    *out = k;
  else
    art_calibrator_free(k);
  return status;
}

void art_calibrator_free(art_calibrator *calibrator)
{
  art_calibrator *k = calibrator;
  if (!k) return;
  art_incidence_clear(&k->incidence);
  art_audit_clear(&k->audit);
  art_trip_groups_clear(&k->groups);
  art_demand_free(k->prior);
  art_feed_free(k->feed);
  art_case_free(k->c);
  art_scenario_free(k->scenario);
  free(k->row_station);
  free(k);
}

void art_fit_clear(art_fit *fit)
{
  free(fit->row);
  free(fit->weight);
  *fit = (art_fit){ 0 };
}

// ---- one fit

/// The linear model knows no capacity: the first step goes only part of its way.
static const double FIRST_STEP = 0.7;
/// What a trip that waits outside at the end of the window costs, against squared GEH: of two fits that meet the counts
/// alike, the one that flows is the better demand.
static const double WAITING_COST = 0.3;

typedef struct state {
  const art_calibrator *k;
  const art_calibrate_options *options;
  art_weight_settings settings;
  double *observed, *share, *free_share, *base, *wanted;
  double *allowed_outside;  ///< [links] that waited at the end with the prior
  art_queue_model model;
  uint8_t *is_fitted, *is_held_out;
  int32_t *realised;
} state;

static double window_hours(const art_calibrator *k)
{
  return (double)(k->window.to_ms - k->window.from_ms) / 3.6e6;
}

static void start_state(state *s, const art_calibrator *k, const art_calibrate_options *options)
{
  const int32_t rows = k->incidence.row_count, groups = k->groups.count;
  const int64_t entries = k->incidence.first[groups];
  *s = (state){ .k = k,
                .options = options,
                .settings = art_weight_settings_default(),
                .observed = ART_NEW(double, rows),
                .share = ART_NEW(double, entries),
                .free_share = ART_NEW(double, entries),
                .base = ART_NEW(double, rows),
                .wanted = ART_NEW(double, groups),
                .allowed_outside = ART_NEW(double, k->c->city->net->link_count),
                .is_fitted = ART_NEW(uint8_t, rows),
                .is_held_out = ART_NEW(uint8_t, rows),
                .realised = ART_NEW(int32_t, groups) };
  s->settings.prior_weight = k->calibration->prior_weight;
  for (int32_t i = 0; i < rows; ++i) {
    const art_audit_row *r = &k->audit.row[k->row_station[i]];
    s->observed[i] = r->observed_vph;
    s->is_held_out[i] = r->use == ART_STATION_USE_HELD_OUT;
    s->is_fitted[i] = !s->is_held_out[i];
  }
  art_queue_model_new(&k->incidence, groups, k->c->city->net->link_count, &s->model);
  art_free_passages(k->prior, &k->groups, k->c->city->net, &k->incidence, &k->window, s->free_share);
  for (int32_t g = 0; g < groups; ++g) {
    for (int64_t e = k->incidence.first[g]; e < k->incidence.first[g + 1]; ++e)
      s->free_share[e] /= k->groups.trips[g] * window_hours(k);
  }
}

static void free_state(state *s)
{
  free(s->observed);
  free(s->share);
  free(s->free_share);
  free(s->base);
  free(s->wanted);
  free(s->allowed_outside);
  art_queue_model_clear(&s->model);
  free(s->is_fitted);
  free(s->is_held_out);
  free(s->realised);
}

static art_status evaluate(state *s, const double *weight, uint64_t seed, int replications,
                           art_measurement *m, art_error *err)
{
  const art_calibrator *k = s->k;
  int32_t *origin = NULL;
  art_demand *demand =
      art_demand_realise(k->prior, &k->groups, weight, k->scenario->seed, &origin, s->realised);
  const art_status status = art_measure(k->c, demand, origin, &k->groups, &k->incidence, &k->window, seed,
                                        replications, s->options->threads, m, err);
  free(origin);
  art_demand_free(demand);
  return status;
}

/// Passages per hour and trip as if everybody passed all of the route within the hour of departure, and the flow of
/// fixed trips counted the same way. This is the static model, and what a group without trips is judged by.
static void static_model(state *s)
{
  const art_calibrator *k = s->k;
  const art_demand *d = k->prior;
  for (int32_t g = 0; g < k->groups.count; ++g) {
    const double share =
        k->groups.trips[g] ? (double)k->groups.main_trips[g] / k->groups.trips[g] / window_hours(k) : 0.0;
    for (int64_t e = k->incidence.first[g]; e < k->incidence.first[g + 1]; ++e) s->share[e] = share;
  }
  memset(s->base, 0, (size_t)k->incidence.row_count * sizeof *s->base);
  for (int32_t t = 0; t < d->trip_count; ++t) {
    if (k->groups.trip_group[t] >= 0 || d->trip_depart_ms[t] < k->window.from_ms ||
        d->trip_depart_ms[t] >= k->window.to_ms)
      continue;
    const int32_t route = d->trip_route[t];
    for (int64_t e = d->route_first[route]; e < d->route_first[route + 1]; ++e) {
      const int32_t row = k->incidence.link_row[d->route_link[e]];
      if (row >= 0) s->base[row] += 1.0 / window_hours(k);
    }
  }
}

/// Shares move part of the way to those that the simulation showed.
static void learn_shares(state *s, const art_measurement *m, double part)
{
  const art_calibrator *k = s->k;
  for (int32_t g = 0; g < k->groups.count; ++g) {
    if (s->realised[g] == 0) continue;
    for (int64_t e = k->incidence.first[g]; e < k->incidence.first[g + 1]; ++e)
      s->share[e] += part * (m->passages[e] / s->realised[g] / window_hours(k) - s->share[e]);
  }
}

/// The static model, without queues: of the prior, before anything was simulated.
static art_weight_problem static_problem(const state *s)
{
  return (art_weight_problem){ .incidence = &s->k->incidence,
                               .groups = &s->k->groups,
                               .observed = s->observed,
                               .is_fitted = s->is_fitted,
                               .share = s->share,
                               .base = s->base };
}

/// The linear model at a measurement and the trips that it was made with.
static art_weight_problem linearise(state *s, const art_measurement *m, const int32_t *realised)
{
  const art_calibrator *k = s->k;
  const art_queue_input input = { .demand = k->prior,
                                  .net = k->c->city->net,
                                  .groups = &k->groups,
                                  .incidence = &k->incidence,
                                  .window_h = window_hours(k),
                                  .observed = s->observed,
                                  .share = s->share,
                                  .free_share = s->free_share,
                                  .measurement = m,
                                  .realised = realised,
                                  .allowed_outside = s->allowed_outside };
  art_queue_model_make(&input, &s->model);
  art_weight_problem p = static_problem(s);
  p.share = s->model.share;
  p.base = s->model.base;
  p.floor_share = s->model.floor_share;
  p.floor = s->model.floor;
  p.ceiling_count = s->model.ceiling_count;
  p.ceiling_row = s->model.ceiling_row;
  p.ceiling = s->model.ceiling;
  return p;
}

/// What the fit minimises: squared GEH, linear beyond the robust limit, of every run (not of their mean: a demand that
/// jams with one seed in three is no fit), trips left waiting, and the distance from the prior.
static double objective(const state *s, const double *weight, const art_measurement *m)
{
  const int32_t rows = s->k->incidence.row_count;
  const double limit = s->settings.robust_geh;
  double sum = 0.0, distance = 0.0;
  for (int r = 0; r < m->replications; ++r) {
    for (int32_t i = 0; i < rows; ++i) {
      if (!s->is_fitted[i]) continue;
      const double g = art_geh(m->run_flow_vph[(int64_t)r * rows + i], s->observed[i]);
      sum += g <= limit || limit <= 0.0 ? g * g : limit * (2.0 * g - limit);
    }
  }
  for (int32_t g = 0; g < s->k->groups.count; ++g)
    distance += s->k->groups.main_trips[g] * art_prior_distance_of(s->settings.distance, weight[g], 1.0, 1.0);
  return sum / m->replications + WAITING_COST * m->waiting + s->settings.prior_weight * distance;
}

static void report_iteration(const state *s, int iteration, double value, double step,
                             const art_measurement *m)
{
  if (!s->options->progress) return;
  const art_fit_measures in =
      art_fit_measures_of(s->k->incidence.row_count, m->flow_vph, s->observed, s->is_fitted);
  const art_fit_measures out =
      art_fit_measures_of(s->k->incidence.row_count, m->flow_vph, s->observed, s->is_held_out);
  fprintf(s->options->progress, "iteration=%d step=%.2f objective=%.1f geh5_fitted=%.3f median_geh=%.2f",
          iteration, step, value, in.geh5_share, in.geh_median);
  if (out.count) fprintf(s->options->progress, " geh5_heldout=%.3f", out.geh5_share);
  fprintf(s->options->progress, " waiting=%.0f\n", m->waiting);
  fflush(s->options->progress);
}

/// The best iterate so far.
typedef struct best_fit {
  double value;
  double *weight;
  int32_t *realised;
  art_measurement m;
} best_fit;

/// A measurement's flows and totals, without passages.
static art_measurement flows_of(const art_measurement *m, int32_t rows)
{
  art_measurement copy = *m;
  copy.passages = copy.queue_share = copy.growth = copy.outside = copy.run_flow_vph = NULL;
  copy.flow_vph = ART_NEW(double, rows);
  memcpy(copy.flow_vph, m->flow_vph, (size_t)rows * sizeof *copy.flow_vph);
  return copy;
}

/// Weights to try next: from the best ones part of the way to those that the linear model wants.
static art_status next_trial(state *s, const best_fit *best, double step, double *trial, art_error *err)
{
  const art_weight_problem p = linearise(s, &best->m, best->realised);
  const art_status status = art_weights_solve(&p, &s->settings, s->wanted, NULL, err);
  if (status != ART_OK) return status;
  for (int32_t g = 0; g < s->k->groups.count; ++g)
    trial[g] = best->weight[g] + step * (s->wanted[g] - best->weight[g]);
  return ART_OK;
}

/// The loop: a better iterate is kept and learnt from, after a worse one the step is halved. (Shares of a jammed run would
/// mislead: where nobody gets through, the model would ask for more trips.)
/// On success `before` is the prior's measurement, `best` the best iterate's.
static art_status iterate(state *s, best_fit *best, art_measurement *before, art_fit *out, art_error *err)
{
  const art_calibrator *k = s->k;
  const int32_t groups = k->groups.count;
  double *trial = ART_NEW(double, groups), step = FIRST_STEP;
  for (int32_t g = 0; g < groups; ++g) trial[g] = 1.0;
  best->value = INFINITY;
  art_status status = ART_OK;
  out->iterations = k->calibration->iterations;
  for (int32_t i = 0; i <= out->iterations && status == ART_OK; ++i) {
    art_measurement m;
    status = evaluate(s, trial, k->scenario->seed, k->calibration->replications, &m, err);
    if (status != ART_OK) break;
    const double value = objective(s, trial, &m);
    report_iteration(s, i, value, step, &m);
    if (i == 0) {
      *before = flows_of(&m, k->incidence.row_count);
      memcpy(s->allowed_outside, m.outside, (size_t)k->c->city->net->link_count * sizeof *m.outside);
    }
    if (value < best->value) {
      learn_shares(s, &m, i == 0 ? 1.0 : 0.5);
      if (i > 0) step = step < 0.5 ? 1.5 * step : step;
      out->best_iteration = i;
      best->value = value;
      memcpy(best->weight, trial, (size_t)groups * sizeof *trial);
      memcpy(best->realised, s->realised, (size_t)groups * sizeof *s->realised);
      art_measurement_clear(&best->m);
      best->m = m;
    } else {
      step *= 0.5;
      art_measurement_clear(&m);
    }
    status = next_trial(s, best, step, trial, err);
  }
  free(trial);
  return status;
}

static art_demand_figures figures_of(const art_trip_groups *g, const double *weight, const art_measurement *m)
{
  art_demand_figures f = { .waiting = m->waiting, .mean_delay_s = m->mean_delay_s };
  for (int32_t j = 0; j < g->count; ++j) {
    const double trips = g->main_trips[j] * (weight ? weight[j] : 1.0);
    f.vehicles += trips;
    f.kilometres += trips * g->length_m[j] / 1000.0;
  }
  f.mean_length_m = f.vehicles > 0.0 ? 1000.0 * f.kilometres / f.vehicles : 0.0;
  return f;
}

static void compare_demands(const state *s, const double *weight, const art_measurement *before,
                            const art_measurement *after, art_fit *out)
{
  const art_trip_groups *g = &s->k->groups;
  double *old = ART_NEW(double, g->count), *new = ART_NEW(double, g->count), moved = 0.0, total = 0.0;
  for (int32_t j = 0; j < g->count; ++j) {
    old[j] = g->main_trips[j];
    new[j] = g->main_trips[j] * weight[j];
    moved += fabs(new[j] - old[j]);
    total += old[j];
  }
  out->moved_share = total > 0.0 ? moved / total : 0.0;
  out->length_distance = art_weighted_ks(g->count, g->length_m, old, new);
  out->prior = figures_of(g, NULL, before);
  out->posterior = figures_of(g, weight, after);
  free(old);
  free(new);
}

static void fill_rows(const state *s, const art_measurement *before, const art_measurement *after,
                      const art_measurement *fresh, art_fit *out)
{
  const int32_t rows = s->k->incidence.row_count;
  out->count = rows;
  out->row = ART_NEW(art_fit_row, rows);
  for (int32_t i = 0; i < rows; ++i)
    out->row[i] = (art_fit_row){ s->k->row_station[i],
                                 s->observed[i],
                                 before->flow_vph[i],
                                 after->flow_vph[i],
                                 fresh->flow_vph ? fresh->flow_vph[i] : NAN,
                                 after->queue_share[s->k->incidence.row_link[i]] };
  const uint8_t *const use[2] = { s->is_fitted, s->is_held_out };
  for (int u = 0; u < 2; ++u) {
    out->before[u] = art_fit_measures_of(rows, before->flow_vph, s->observed, use[u]);
    out->after[u] = art_fit_measures_of(rows, after->flow_vph, s->observed, use[u]);
    if (fresh->flow_vph) out->fresh[u] = art_fit_measures_of(rows, fresh->flow_vph, s->observed, use[u]);
  }
}

/// Seeds that no iteration has used: the fit must not depend on the draws it was made with.
enum { FRESH_OFFSET = 1000003 };

art_status art_calibrator_fit(const art_calibrator *calibrator, const art_calibrate_options *options,
                              art_fit *out, art_error *err)
{
  const art_calibrator *k = calibrator;
  *out = (art_fit){ 0 };
  state s;
  start_state(&s, k, options);
  static_model(&s);
  const art_weight_problem p = static_problem(&s);
  art_status status = art_weights_best_share(&p, &out->best_static_share, &out->best_static_geh, err);
  art_measurement before = { 0 }, fresh = { 0 };
  best_fit best = { .weight = ART_NEW(double, k->groups.count),
                    .realised = ART_NEW(int32_t, k->groups.count) };
  if (status == ART_OK) status = iterate(&s, &best, &before, out, err);
  if (status == ART_OK && options->fresh_seeds > 0)
    status = evaluate(&s, best.weight, k->scenario->seed + FRESH_OFFSET, options->fresh_seeds, &fresh, err);
  if (status == ART_OK) {
    out->group_count = k->groups.count;
    for (int32_t t = 0; t < k->prior->trip_count; ++t) out->fixed_trips += k->groups.trip_group[t] < 0;
    fill_rows(&s, &before, &best.m, &fresh, out);
    compare_demands(&s, best.weight, &before, &best.m, out);
    out->weight = best.weight;
    best.weight = NULL;
  }
  free(best.weight);
  free(best.realised);
  art_measurement_clear(&best.m);
  art_measurement_clear(&before);
  art_measurement_clear(&fresh);
  free_state(&s);
  if (status != ART_OK) art_fit_clear(out);
  return status;
}

art_demand *art_calibrator_demand(const art_calibrator *calibrator, const art_fit *fit)
{
  const art_calibrator *k = calibrator;
  art_demand *d = art_demand_realise(k->prior, &k->groups, fit->weight, k->scenario->seed, NULL, NULL);
  const int64_t shift_ms = k->scenario->demand_shift_ms;
  for (int32_t t = 0; t < d->trip_count; ++t) d->trip_depart_ms[t] -= shift_ms;
  for (int32_t i = 0; i < d->stop_count; ++i) {
    if (d->stop_until_ms[i] < 0) continue;
    d->stop_until_ms[i] = d->stop_until_ms[i] > shift_ms ? d->stop_until_ms[i] - shift_ms : 0;
  }
  return d;
}
