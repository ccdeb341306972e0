#include "scenarios/calibrate/measure.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

enum { INTERVAL_MS = 120000 };

void art_incidence_build(const art_demand *demand, const art_trip_groups *groups, const art_net *net,
                         int32_t row_count, const int32_t *row_link, art_incidence *out)
{
  *out = (art_incidence){ .row_count = row_count };
  out->row_link = ART_NEW(int32_t, row_count);
  out->link_row = ART_NEW(int32_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) out->link_row[l] = -1;
  for (int32_t r = 0; r < row_count; ++r) {
    out->row_link[r] = row_link[r];
    out->link_row[row_link[r]] = r;
  }
  out->first = ART_NEW(int64_t, groups->count + 1);
  int64_t count = 0, capacity = 0;
  for (int32_t g = 0; g < groups->count; ++g) {
    const int32_t route = groups->route[g];
    for (int64_t k = demand->route_first[route]; k < demand->route_first[route + 1]; ++k) {
      const int32_t row = out->link_row[demand->route_link[k]];
      if (row >= 0) ART_PUSH(out->row, count, capacity, row);
    }
    out->first[g + 1] = count;
  }
}

void art_incidence_clear(art_incidence *incidence)
{
  free(incidence->row_link);
  free(incidence->link_row);
  free(incidence->first);
  free(incidence->row);
  *incidence = (art_incidence){ 0 };
}

void art_measurement_clear(art_measurement *measurement)
{
  free(measurement->flow_vph);
  free(measurement->run_flow_vph);
  free(measurement->passages);
  free(measurement->queue_share);
  free(measurement->growth);
  free(measurement->outside);
  *measurement = (art_measurement){ 0 };
}

/// Mean time to drive each link, by interval.
typedef struct link_times {
  int32_t intervals, link_count;
  int64_t begin_ms;
  float *time_s;
} link_times;

/// Means of vehicles that left the link in the interval; where nobody did, free flow or, with a queue, the whole interval.
static void record_times(const art_net *net, const art_link_sums *sums, link_times *times, int32_t interval)
{
  float *time_s = times->time_s + (int64_t)interval * times->link_count;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t lane = net->link_first_lane[l];
    const float free_s = net->lane_length_m[lane] / net->lane_speed_mps[lane];
    const float spent_s = 0.001f * (float)sums->vehicle_ms[l];
    const float mean_s = spent_s / (float)(sums->left[l] > 0 ? sums->left[l] : 1);
    time_s[l] = mean_s > free_s ? mean_s : free_s;
  }
}

static float time_on(const link_times *times, int32_t link, double at_s)
{
  int64_t interval = ((int64_t)(at_s * 1000.0) - times->begin_ms) / INTERVAL_MS;
  if (interval < 0) interval = 0;
  if (interval >= times->intervals) interval = times->intervals - 1;
  return times->time_s[interval * times->link_count + link];
}

/// Adds the passages of one trip. The walk through the measured link times gives the time of each link's end; it is
/// stretched so that the trip ends when it really did, or stands where it stands at the end of the window.
static void trace_trip(const art_net *net, const art_demand *d, const art_trip_row *row, int32_t trip,
                       int32_t group, const float *crossing_m, const art_incidence *incidence,
                       const link_times *times, const art_window *window, double *passages)
{
  if (row->insert_ms < 0 || row->insert_ms >= window->to_ms) return;
  const int has_arrived = row->arrival_ms >= 0 && row->arrival_ms <= window->to_ms;
  const int32_t route = d->trip_route[trip];
  const int64_t first = d->route_first[route], last = d->route_first[route + 1];
  const double start_s = 0.001 * (double)row->insert_ms, driven_m = 0.001 * (double)row->route_mm;
  const double end_s = 0.001 * (double)(has_arrived ? row->arrival_ms : window->to_ms);
  double at_s = start_s, way_m = 0.0, total_s = 0.0;
  int64_t passed = first;  // links left by now
  for (int64_t k = first; k < last; ++k) {
    const int32_t link = d->route_link[k];
    const double length = (double)net->lane_length_m[net->link_first_lane[link]],
                 time_s = (double)time_on(times, link, at_s);
    if (has_arrived || way_m + length <= driven_m) {
      total_s += time_s;
      passed = k + 1;
    } else {
      const double part = (driven_m - way_m) / length;
      total_s += time_s * (part < 0.0 ? 0.0 : part);
      break;
    }
    way_m += length + (double)crossing_m[link];
    at_s += time_s;
  }
  const double stretch = total_s > 0.0 ? (end_s - start_s) / total_s : 1.0;
  int64_t entry = incidence->first[group];
  double passed_s = 0.0;
  at_s = start_s;
  for (int64_t k = first; k < passed; ++k) {
    const int32_t link = d->route_link[k];
    const double time_s = (double)time_on(times, link, at_s);
    at_s += time_s;
    passed_s += time_s;
    if (incidence->link_row[link] < 0) continue;
    const double when_ms = 1000.0 * (start_s + stretch * passed_s);
    if (when_ms >= (double)window->from_ms && when_ms < (double)window->to_ms) passages[entry] += 1.0;
    ++entry;
  }
}

/// Time driven, over time at the limit, of a trip that meets signals but no queue.
static const double UNQUEUED_STRETCH = 1.5;

void art_free_passages(const art_demand *demand, const art_trip_groups *groups, const art_net *net,
                       const art_incidence *incidence, const art_window *window, double *passages)
{
  const art_demand *d = demand;
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int32_t group = groups->trip_group[t], route = d->trip_route[t];
    if (group < 0) continue;
    double at_ms = (double)d->trip_depart_ms[t];
    int64_t entry = incidence->first[group];
    for (int64_t k = d->route_first[route]; k < d->route_first[route + 1]; ++k) {
      const int32_t link = d->route_link[k], lane = net->link_first_lane[link];
      at_ms += 1000.0 * UNQUEUED_STRETCH * (double)(net->lane_length_m[lane] / net->lane_speed_mps[lane]);
      if (incidence->link_row[link] < 0) continue;
      passages[entry++] += at_ms >= (double)window->from_ms && at_ms < (double)window->to_ms;
    }
  }
}

/// A queue covers a link if standing vehicles reach back over this share of it,
static const float COVERED = 0.9f;
/// and bodies fill this share of its lanes on average: on short links every red phase reaches back to the start. (A queue
/// that moves at capacity has bodies over a half; free traffic at capacity over a seventh.)
static const double FILLED = 0.4;

static int is_covered(const art_net *net, const art_link_sums *sums, int32_t link)
{
  const int32_t first = net->link_first_lane[link];
  if ((float)sums->queue_max_m[link] < COVERED * net->lane_length_m[first]) return 0;
  double lanes_m = 0.0;
  for (int32_t l = first; l < net->link_first_lane[link + 1]; ++l) lanes_m += (double)net->lane_length_m[l];
  return (double)sums->occupied_mm_ms[link] >=
         FILLED * 1000.0 * lanes_m * (double)(sums->end_ms - sums->begin_ms);
}

/// Flow and queues of one interval inside the window; `share` is the interval's of the window.
static void record_interval(const art_net *net, const art_link_sums *sums, const art_incidence *incidence,
                            double share, double hours, double *flow_vph, art_measurement *out)
{
  for (int32_t r = 0; r < incidence->row_count; ++r)
    flow_vph[r] += sums->left[incidence->row_link[r]] / hours;
  for (int32_t l = 0; l < net->link_count; ++l) {
    if (is_covered(net, sums, l)) out->queue_share[l] += share;
    out->growth[l] += sums->entered[l] + sums->departed[l] - sums->left[l];
  }
}

/// Trips that wait before their first link, at both ends of the window.
static void record_outside(const art_demand *d, const art_trip_row *row, const art_window *window,
                           art_measurement *out)
{
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int64_t depart = d->trip_depart_ms[t], insert = row[t].insert_ms;
    const int32_t link = d->route_link[d->route_first[d->trip_route[t]]];
    if (depart < window->from_ms && (insert < 0 || insert >= window->from_ms)) out->growth[link] -= 1.0;
    if (depart >= window->to_ms || (insert >= 0 && insert < window->to_ms)) continue;
    out->growth[link] += 1.0;
    out->outside[link] += 1.0;
  }
}

/// Insertion delay and trips still outside at the end of the window.
static void record_insertion(const art_demand *d, const art_trip_row *row, const art_window *window,
                             art_measurement *out)
{
  double delay_ms = 0.0;
  int64_t count = 0;
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int64_t depart = d->trip_depart_ms[t];
    if (depart < window->begin_ms || depart >= window->to_ms) continue;
    const int is_outside = row[t].insert_ms < 0;
    out->waiting += is_outside;
    if (depart < window->from_ms) continue;
    delay_ms += (double)((is_outside ? window->to_ms : row[t].insert_ms) - depart);
    ++count;
  }
  out->mean_delay_s += count ? 0.001 * delay_ms / (double)count : 0.0;
}

static art_status run_once(const art_case *c, const art_demand *demand, const int32_t *origin,
                           const art_trip_groups *groups, const art_incidence *incidence,
                           const art_window *window, uint64_t seed, int threads, double *flow_vph,
                           art_measurement *out, art_error *err)
{
  const art_net *net = c->city->net;
  art_sim *sim;
  art_status status = art_case_simulate(c, seed, threads, demand, &sim, err);
  if (status != ART_OK) return status;
  link_times times = { .begin_ms = window->begin_ms, .link_count = net->link_count };
  times.intervals = (int32_t)((window->to_ms - window->begin_ms + INTERVAL_MS - 1) / INTERVAL_MS);
  times.time_s = ART_NEW(float, (int64_t)times.intervals * net->link_count);
  art_link_sums sums = { 0 };
  const double hours = (double)(window->to_ms - window->from_ms) / 3.6e6;
  const double scored = (double)(window->to_ms - window->from_ms) / INTERVAL_MS;
  int64_t now = window->begin_ms;
  for (int32_t k = 0; k < times.intervals && status == ART_OK; ++k) {
    // An interval ends at the window's begin, so that flows are of the window exactly.
    int64_t until = window->begin_ms + (int64_t)(k + 1) * INTERVAL_MS;
    if (until > window->to_ms) until = window->to_ms;
    if (now < window->from_ms && until > window->from_ms) {
      status = art_sim_advance(sim, window->from_ms, err);
      art_sim_take_links(sim, &sums);
    }
    if (status == ART_OK) status = art_sim_advance(sim, until, err);
    if (status != ART_OK) break;
    art_sim_take_links(sim, &sums);
    record_times(net, &sums, &times, k);
    if (until > window->from_ms) record_interval(net, &sums, incidence, 1.0 / scored, hours, flow_vph, out);
    now = until;
  }
  if (status == ART_OK) {
    const art_trip_row *row = art_sim_trips(sim);
    for (int32_t t = 0; t < demand->trip_count; ++t) {
      const int32_t group = groups->trip_group[origin[t]];
      if (group >= 0)
        trace_trip(net, demand, &row[t], t, group, groups->crossing_m, incidence, &times, window,
                   out->passages);
    }
    record_insertion(demand, row, window, out);
    record_outside(demand, row, window, out);
    out->hash = art_sim_hash(sim);
    out->updates += art_sim_ledger(sim).updates;
  }
  art_link_sums_free(&sums);
  free(times.time_s);
  art_sim_free(sim);
  return status;
}

art_status art_measure(const art_case *c, const art_demand *demand, const int32_t *origin,
                       const art_trip_groups *groups, const art_incidence *incidence,
                       const art_window *window, uint64_t seed, int replications, int threads,
                       art_measurement *out, art_error *err)
{
  const int64_t entries = incidence->first[groups->count];
  const int32_t rows = incidence->row_count, links = c->city->net->link_count;
  *out = (art_measurement){ .replications = replications,
                            .flow_vph = ART_NEW(double, rows),
                            .run_flow_vph = ART_NEW(double, (int64_t)rows *replications),
                            .passages = ART_NEW(double, entries),
                            .queue_share = ART_NEW(double, links),
                            .growth = ART_NEW(double, links),
                            .outside = ART_NEW(double, links) };
  for (int r = 0; r < replications; ++r) {
    const art_status status = run_once(c, demand, origin, groups, incidence, window, seed + (uint64_t)r,
                                       threads, out->run_flow_vph + (int64_t)r * rows, out, err);
    if (status != ART_OK) {
      art_measurement_clear(out);
      return status;
    }
  }
  for (int32_t i = 0; i < rows; ++i) {
    for (int r = 0; r < replications; ++r)
      out->flow_vph[i] += out->run_flow_vph[(int64_t)r * rows + i] / replications;
  }
  for (int32_t l = 0; l < links; ++l) {
    out->queue_share[l] /= replications;
    out->growth[l] /= replications;
    out->outside[l] /= replications;
  }
  for (int64_t k = 0; k < entries; ++k) out->passages[k] /= replications;
  out->waiting /= replications;
  out->mean_delay_s /= replications;
  return ART_OK;
}
