// Vehicles that are on the road from the start.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"
#include "scenarios/generate/rows_internal.h"

#define SPACING_M 8.0           // between front bumpers of cars, at least
#define LATEST_M 6.0            // of a lane: the rear of whoever stands before has left it
#define FASTEST 1.25            // speed over the limit that a walk must suffice for
#define SHARE_OF_DELAY 0.7      // of the mean wait at signals that it may count on
#define PRESENT_SPEED 0.97      // mean speed over the limit between nodes, in light traffic
#define LOST_AT_STOP_S 3.0      // braking and accelerating
#define LANE_FLOW_PER_S 0.5     // of a lane that nothing stops
#define SHARE_OF_CAPACITY 0.65  // that flows may take, since lanes are not used evenly
#define SHARE_AT_SIGNALS 0.33  // the same where those who turn left wait for gaps, in a lane that others want
#define SHARE_AT_SIGNS 0.15    // and where one gives way
#define DENSE_M 40.0           // spacing below which all start from standing
enum { ENTRY_MS = 500, SAMPLES = 2000, MOST_HOPS = 1000000 };

typedef struct fleet {
  const art_city *city;
  const art_net *net;
  const art_fleet_options *o;
  art_hops hops;
  double *wait_s;      // [connector] mean wait at its signal
  int32_t *component;  // [link]
  int32_t home;        // component of walks; -1: the city is only crossed
  double straight;     // weight of going straight ahead, against 0.2 for each other way
  art_demand_draft draft;
} fleet;

/// Mean wait of arrivals at random: over all red periods, half their square, per cycle.
static double mean_wait(const art_net *net, int32_t c)
{
  const int32_t s = net->connector_signal[c];
  if (s < 0) return 0.0;
  const int32_t p = net->signal_active[s], group = net->connector_signal_group[c];
  const int32_t first = net->program_first_phase[p], phases = net->program_first_phase[p + 1] - first;
  double cycle = 0.0, sum = 0.0, red = 0.0;
  for (int32_t i = 0; i < phases; ++i) cycle += (double)net->phase_duration_ms[first + i] / 1000.0;
  int32_t begin = 0;  // a phase in which it is open, so that no red period is cut
  while (begin < phases) {
    const char state = net->phase_state[net->phase_first_state[first + begin] + group];
    if (state == 'G' || state == 'g') break;
    ++begin;
  }
  for (int32_t i = 0; i <= phases; ++i) {
    const int32_t f = first + (begin + i) % phases;
    const char state = net->phase_state[net->phase_first_state[f] + group];
    if (state == 'G' || state == 'g' || i == phases) {
      sum += 0.5 * red * red;
      if (red > 0.0) sum += LOST_AT_STOP_S * red;
      red = 0.0;
    } else
      red += (double)net->phase_duration_ms[f] / 1000.0;
  }
  return cycle > 0.0 ? sum / cycle : 0.0;
}

/// The largest part of the city in which one can drive on for ever, by length of lanes; -1 if there is none.
static int32_t find_home(fleet *f)
{
  const int32_t n = f->net->link_count;
  f->component = ART_NEW(int32_t, n);
  const int32_t count = art_components(n, f->hops.first, f->hops.to, f->component);
  double *length = ART_NEW(double, count);
  uint8_t *goes_on = ART_NEW(uint8_t, count);
  for (int32_t l = 0; l < n; ++l) {
    length[f->component[l]] += f->hops.length_m[l];
    for (int32_t k = f->hops.first[l]; k < f->hops.first[l + 1]; ++k)
      goes_on[f->component[l]] |= f->component[f->hops.to[k]] == f->component[l];
  }
  int32_t best = -1;
  for (int32_t i = 0; i < count; ++i)
    if (goes_on[i] && (best < 0 || length[i] > length[best])) best = i;
  free(length);
  free(goes_on);
  return best;
}

/// A next link at random, straight ahead most often, never back if there is another way. -1 at the end of the road.
static int32_t next_hop(const fleet *f, int32_t link, uint64_t key, int64_t number)
{
  const art_hops *h = &f->hops;
  double sum = 0.0;
  int32_t chosen = -1;
  for (int pass = 0; pass < 2; ++pass) {
    double left = pass ? sum * art_drawing_draw(f->o->seed, key, number) : 0.0;
    for (int32_t k = h->first[link]; k < h->first[link + 1]; ++k) {
      if (f->home >= 0 && f->component[h->to[k]] != f->home) continue;
      const int turn = f->net->connector_turn[h->connector[k]];
      const double weight = turn == ART_TURN_STRAIGHT ? f->straight : turn == ART_TURN_U ? 1e-9 : 0.2;
      if (!pass) {
        sum += weight;
        continue;
      }
      chosen = k;
      left -= weight;
      if (left < 0.0) return k;
    }
  }
  return chosen;
}

/// Time of a hop: along the link and through the node behind it.
static double hop_time(const fleet *f, int32_t link, int32_t hop, double speed, double share_of_wait)
{
  const double node =
      hop < 0 ? 0.0 : f->hops.time_s[hop] / speed + share_of_wait * f->wait_s[f->hops.connector[hop]];
  return f->hops.link_s[link] / speed + node;
}

// --- walks --------------------------------------------------------------------------------------------------------------

/// The hop that this very lane allows, at random; -1 if there is none.
static int32_t first_hop(const fleet *f, int32_t lane, uint64_t key)
{
  const art_net *net = f->net;
  const int32_t link = net->lane_link[lane];
  int32_t best = -1;
  double most = -1.0;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    for (int32_t k = f->hops.first[link]; k < f->hops.first[link + 1]; ++k) {
      if (f->hops.to[k] != net->lane_link[net->connector_to[c]] || f->component[f->hops.to[k]] != f->home ||
          net->connector_turn[c] == ART_TURN_U ||
          !ART_PERMITS(net->lane_allowed[net->connector_to[c]], f->o->vclass))
        continue;
      const double draw = art_drawing_draw(f->o->seed, key, -1 - (int64_t)f->hops.to[k]);
      if (draw <= most) continue;
      most = draw;
      best = k;
    }
  return best;
}

/// `place` counts vehicles of the lane from its end: they enter one after the other, so that nobody stands in the way of
/// those behind. In dense traffic all start from standing.
static void add_walk(fleet *f, int64_t number, int32_t lane, double pos_m, int32_t place, int is_dense)
{
  char *id = art_drawing_text("v%lld", (long long)number);
  const uint64_t key = art_trip_key(id);
  int32_t link = f->net->lane_link[lane], hop = first_hop(f, lane, key);
  if (hop < 0) hop = next_hop(f, link, key, 0);
  double time = -pos_m / (double)f->net->lane_speed_mps[lane];
  for (int64_t i = 1; i < MOST_HOPS; ++i) {
    art_demand_draft_add_link(&f->draft, link);
    time += hop_time(f, link, hop, FASTEST, SHARE_OF_DELAY);
    if (time > f->o->duration_s) break;
    link = f->hops.to[hop];
    hop = next_hop(f, link, key, i);
  }
  const art_trip_draft trip = { .id = id,
                                .route = art_demand_draft_end_route(&f->draft),
                                .lane = lane - f->net->link_first_lane[f->net->lane_link[lane]],
                                .pos_m = (float)pos_m,
                                .depart_ms = (int64_t)place * ENTRY_MS,
                                .speed_mps = is_dense ? 0.0f : ART_SPEED_MAX };
  art_demand_draft_add_trip(&f->draft, trip);
}

/// Part of a lane where front bumpers may be: rears do not reach back into the node.
static double usable_m(const fleet *f, int32_t lane)
{
  if (f->component[f->net->lane_link[lane]] != f->home) return 0.0;
  if (!ART_PERMITS(f->net->lane_allowed[lane], f->o->vclass)) return 0.0;
  const double first_m = (double)f->draft.demand->type[0].length_m + (LATEST_M - 5.0);
  return fmax((double)f->net->lane_length_m[lane] - first_m, 0.0);
}

/// Lanes laid end to end, and vehicles along them at equal distances, moved a little at random.
static art_status walk_all(fleet *f, art_error *err)
{
  const art_fleet_options *o = f->o;
  const double body = (double)f->draft.demand->type[0].length_m, spacing = SPACING_M - 5.0 + body;
  double total = 0.0;
  for (int32_t lane = 0; lane < f->net->link_lane_count; ++lane) total += usable_m(f, lane);
  if ((double)o->vehicles * spacing > total)
    return art_fail(err, ART_E_INPUT,
                    "vehicles is %lld: accepted: 0 to %lld, so that there is room for all of them",
                    (long long)o->vehicles, (long long)(total / spacing));
  const double each = o->vehicles ? total / (double)o->vehicles : 0.0,
               play = fmin(0.6 * each, each - spacing);
  int32_t lane = f->net->link_lane_count - 1, place = 0;
  double begin = total - usable_m(f, lane);
  for (int64_t i = o->vehicles - 1; i >= 0; --i) {  // from the end of each lane to its start
    const double at = ((double)i + 0.5) * each + play * (art_drawing_draw(o->seed, 4, i) - 0.5);
    for (; lane > 0 && at < begin; place = 0) begin -= usable_m(f, --lane);
    const double usable = usable_m(f, lane);
    add_walk(f, i, lane, (double)f->net->lane_length_m[lane] - usable + fmin(fmax(at - begin, 0.0), usable),
             place++, each < DENSE_M);
  }
  return ART_OK;
}

// --- crossing -----------------------------------------------------------------------------------------------------------

typedef struct entries {
  int32_t count;
  int32_t *link;
  double *until;  // share of all lanes that enter, up to this one
  int32_t lanes;
} entries;

static entries find_entries(const fleet *f)
{
  const int32_t n = f->net->link_count;
  uint8_t *is_reached = ART_NEW(uint8_t, n);
  for (int32_t k = 0; k < f->hops.count; ++k) is_reached[f->hops.to[k]] = 1;
  entries e = { .link = ART_NEW(int32_t, n), .until = ART_NEW(double, n) };
  for (int32_t l = 0; l < n; ++l) {
    if (is_reached[l] || !(f->hops.length_m[l] > 0.0)) continue;
    e.lanes += art_net_link_lanes(f->net, l);
    e.link[e.count] = l;
    e.until[e.count++] = e.lanes;
  }
  for (int32_t i = 0; i < e.count; ++i) e.until[i] /= e.lanes;
  free(is_reached);
  return e;
}

/// The crossing of vehicle `number`: its links, and where it is `age_s` after its start. Returns the time it takes.
static double cross(fleet *f, const entries *e, int64_t number, double age_s, int32_t **links,
                    int32_t *capacity, int32_t *count, int32_t *at, double *share)
{
  // Low-discrepancy numbers (golden ratio) spread entries evenly however few vehicles there are.
  const double u = fmod(0.5 + 0.6180339887498949 * (double)number + 1e6, 1.0);
  int32_t i = 0;
  while (i + 1 < e->count && e->until[i] <= u) ++i;
  int32_t link = e->link[i];
  double time = 0.0;
  *count = *at = 0;
  *share = 0.0;
  for (int64_t k = 0; k < MOST_HOPS; ++k) {
    ART_PUSH(*links, *count, *capacity, link);
    const int32_t hop = next_hop(f, link, art_mix64((uint64_t)number), k);
    const double takes = hop_time(f, link, hop, PRESENT_SPEED, 1.0);
    if (age_s >= time) {
      *at = *count - 1;
      *share = fmin((age_s - time) / takes, 1.0);
    }
    time += takes;
    if (hop < 0) break;
    link = f->hops.to[hop];
  }
  return time;
}

/// Share of the time in which a link's lanes may discharge, on average over its connectors.
static double open_share(const fleet *f, int32_t link)
{
  const art_net *net = f->net;
  double open = 0.0, all = 0.0;
  for (int32_t k = f->hops.first[link]; k < f->hops.first[link + 1]; ++k) {
    const int32_t c = f->hops.connector[k], s = net->connector_signal[c];
    if (s < 0) return 1.0;
    const int32_t p = net->signal_active[s], group = net->connector_signal_group[c];
    for (int32_t i = net->program_first_phase[p]; i < net->program_first_phase[p + 1]; ++i) {
      const char state = net->phase_state[net->phase_first_state[i] + group];
      all += (double)net->phase_duration_ms[i];
      if (state == 'G' || state == 'g') open += (double)net->phase_duration_ms[i];
    }
  }
  return all > 0.0 ? open / all : 1.0;
}

/// Crossings that every link bears, a second: each passes `visits` of `samples` crossings.
static double most_per_s(const fleet *f, const int32_t *visits, int32_t samples)
{
  double most = INFINITY;
  for (int32_t l = 0; l < f->net->link_count; ++l) {
    if (!visits[l]) continue;
    const double open = open_share(f, l);
    double share = open < 1.0 ? SHARE_AT_SIGNALS : SHARE_OF_CAPACITY;
    for (int32_t k = f->hops.first[l]; k < f->hops.first[l + 1]; ++k) {
      const int32_t c = f->hops.connector[k];
      if (f->net->connector_signal[c] < 0 && f->net->connector_state[c] != 'M') share = SHARE_AT_SIGNS;
    }
    most = fmin(most, share * LANE_FLOW_PER_S * art_net_link_lanes(f->net, l) * open * samples / visits[l]);
  }
  return most;
}

static art_status cross_all(fleet *f, art_error *err)
{
  const art_fleet_options *o = f->o;
  entries e = find_entries(f);
  int32_t *links = NULL, capacity = 0, count, at, *visits = ART_NEW(int32_t, f->net->link_count);
  double share, mean = 0.0, longest = 0.0;
  art_status status = ART_OK;
  if (!e.count)
    status = art_fail(err, ART_E_INPUT, "the city has no link on which a %s could start",
                      art_vclass_name(o->vclass));
  for (int64_t i = 0; status == ART_OK && i < SAMPLES; ++i) {
    const double time = cross(f, &e, i, 0.0, &links, &capacity, &count, &at, &share);
    for (int32_t k = 0; k < count; ++k) ++visits[links[k]];
    mean += time / SAMPLES;
    longest = fmax(longest, time);
  }
  const double most = floor(most_per_s(f, visits, SAMPLES) * mean);
  if (status == ART_OK && (double)o->vehicles > most)
    status = art_fail(err, ART_E_INPUT, "vehicles is %lld: accepted: 0 to %.0f, what can flow in and out",
                      (long long)o->vehicles, most);
  const double every_s = status == ART_OK && o->vehicles ? mean / (double)o->vehicles : 0.0;
  const int64_t before = every_s > 0.0 ? (int64_t)ceil(longest / every_s) : 0,
                after = every_s > 0.0 ? (int64_t)ceil(o->duration_s / every_s) - 1 : -1;
  for (int64_t i = -before; status == ART_OK && i <= after; ++i) {
    const double start_s = (double)i * every_s,
                 time = cross(f, &e, i, -start_s, &links, &capacity, &count, &at, &share);
    if (start_s + time <= 0.0) continue;
    const int is_new = start_s >= 0.0;
    const int32_t first = is_new ? 0 : at;
    for (int32_t k = first; k < count; ++k) art_demand_draft_add_link(&f->draft, links[k]);
    const float length = f->net->lane_length_m[f->net->link_first_lane[links[first]]];
    const art_trip_draft trip = { .id = art_drawing_text("v%lld", (long long)(i + before)),
                                  .depart_ms = is_new ? (int64_t)(start_s * 1000.0 + 0.5) : 0,
                                  .route = art_demand_draft_end_route(&f->draft),
                                  .lane = ART_LANE_BEST,
                                  .pos_m = is_new ? ART_POS_BASE : (float)(share * (double)length),
                                  .speed_mps = ART_SPEED_MAX };
    art_demand_draft_add_trip(&f->draft, trip);
  }
  free(links);
  free(visits);
  free(e.link);
  free(e.until);
  return status;
}

art_status art_generate_fleet(const art_city *city, const art_fleet_options *o, art_demand **out,
                              art_error *err)
{
  *out = NULL;
  art_status status = art_generate_range("vehicles", (double)o->vehicles, 0, 1e8, err);
  if (status == ART_OK) status = art_generate_range("duration (s)", o->duration_s, 1.0, 1e7, err);
  if (status != ART_OK) return status;
  fleet f = { .city = city, .net = city->net, .o = o, .hops = art_hops_new(city->net, o->vclass) };
  f.draft = art_demand_draft_new(o->vclass);
  f.wait_s = ART_NEW(double, city->net->connector_count);
  for (int32_t c = 0; c < city->net->connector_count; ++c) f.wait_s[c] = mean_wait(city->net, c);
  f.home = find_home(&f);
  f.straight = f.home >= 0 ? 0.6 : 1.6;
  if (o->vehicles) status = f.home >= 0 ? walk_all(&f, err) : cross_all(&f, err);
  if (status == ART_OK)
    status = art_demand_draft_finish(&f.draft, city->net, out, err);
  else
    art_demand_draft_clear(&f.draft);
  free(f.wait_s);
  free(f.component);
  art_hops_free(&f.hops);
  return status;
}
