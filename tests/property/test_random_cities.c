// Random small cities, everything that must always hold, after every step:
//   the ledger balances and nothing is removed; no bodies overlap in a lane, also those that span several lanes; bodies
//   of two connectors never meet in a crossing zone; nobody enters on red who could have stopped, or without a
//   grant; nobody rolls back;
//   and the hash is the same for 1, 2 and 3 threads.
// Deadlocks are possible in random nets (a ring of short links may fill up); they are counted and printed, not forbidden.
//
// Seeds: city i of a run is built from hash(ARTERIAL_SEED or 1, i). ARTERIAL_CITY=<seed as printed> runs that one alone.
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/support/check.h"
#include "tests/support/seed.h"

#define TOUCH_M 0.01f         // overhangs are published to the millimetre, places are floats
#define STOP_DECEL_MPS2 3.0f  // who can stop with this must, at a red light (engine notes, grants rule 3)
enum { CITIES = 200, HISTORY = 16, MOST_PRINTED = 12 };

/// X(name, text): what can be wrong. All are forbidden.
#define FAULT_LIST(X)                                           \
  X(STATUS, "the engine's own check failed")                    \
  X(LEDGER, "the ledger does not balance")                      \
  X(OVERLAP, "bodies overlap in a lane")                        \
  X(CROSSING, "bodies meet in a crossing zone")                 \
  X(MERGING, "bodies lie side by side where paths have joined") \
  X(RED, "entered on red though it could have stopped")         \
  X(PEOPLE, "drove onto a crossing with people on it")          \
  X(GRANT, "entered a connector without a grant")               \
  X(BACKWARD, "rolled backward")                                \
  X(PLACE, "place or speed out of range")                       \
  X(TRACK, "a body spans lanes that do not follow one another") \
  X(HASH, "the hash depends on the number of threads")          \
  X(SHORT, "a short cut of the decide pass changes its answer")
typedef enum fault {
#define X(name, text) FAULT_##name,
  FAULT_LIST(X)
#undef X
      FAULT_COUNT
} fault;
static const char *const fault_text[] = {
#define X(name, text) text,
  FAULT_LIST(X)
#undef X
};

typedef struct findings {
  int64_t faults[FAULT_COUNT];
  int printed;
  int64_t steps, updates, trips, arrived, stuck_cities, unfinished_cities, missed_turns, hard_brakings, entries, trams;
} findings;

/// Part of a body on one lane, clipped to it; `past_m` is the front past the lane's start, not clipped.
typedef struct part {
  int32_t trip, next;  ///< next on the same lane, -1 none
  float rear_m, front_m, past_m;
} part;

typedef struct moment {
  art_tick time_ms;
  int32_t lane;
  float pos_m, speed_mps;
} moment;

/// A city under observation.
typedef struct watch {
  uint64_t seed;
  const art_net *net;
  const art_sim *sim;
  findings *found;
  art_snapshot shot;
  part *parts;
  int32_t part_count, part_capacity;
  int32_t *on_lane;  ///< first part of a lane, -1 none
  moment *history;   ///< HISTORY per trip, by step number
  uint8_t *seen;     ///< faults of this kind already told of for this city
} watch;

static void __attribute__((format(printf, 3, 4))) tell(watch *w, fault kind, const char *format, ...)
{
  ++w->found->faults[kind];
  if (w->seen[kind] || w->found->printed >= MOST_PRINTED) return;
  w->seen[kind] = 1;
  ++w->found->printed;
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  print_error("ARTERIAL_CITY=%" PRIu64 " at t=%.2f s, step %d ms: %s: %s\n", w->seed,
              (double)art_sim_now(w->sim) * 1e-3, (int)w->sim->step_ms, fault_text[kind], text);
}

// --- bodies ------------------------------------------------------------------------------------------------------------

static void add_part(watch *w, int32_t lane, int32_t trip, float rear, float front)
{
  const float length = w->net->lane_length_m[lane];
  const part p = { .trip = trip,
                   .next = w->on_lane[lane],
                   .rear_m = fmaxf(rear, 0.0f),
                   .front_m = fminf(front, length),
                   .past_m = front };
  w->on_lane[lane] = w->part_count;
  ART_PUSH(w->parts, w->part_count, w->part_capacity, p);
}

static float length_of(const watch *w, int32_t trip)
{
  return w->sim->types.length_m[w->sim->row[trip].type];
}

/// Lays the body over the lanes under it, from the front backward along the connectors that it came by.
static void lay_body(watch *w, int32_t trip, int32_t lane, float pos)
{
  const art_net *net = w->net;
  const art_vehicle *vehicle = art_record(w->sim, trip);
  const float length = length_of(w, trip);
  float front = pos;
  int32_t e = vehicle->track_ahead - 1, at = lane;
  add_part(w, at, trip, front - length, front);
  while (front - length < 0.0f && e >= 0) {
    const int32_t c = art_track_of(vehicle, e)->connector;
    int32_t behind;
    if (art_net_is_connector(net, at)) {
      if (art_net_lane_of_connector(net, c) != at)
        tell(w, FAULT_TRACK, "trip %d on lane %d", (int)trip, (int)at);
      behind = net->connector_from[c];
      --e;
    } else {
      if (net->connector_to[c] != at) tell(w, FAULT_TRACK, "trip %d on lane %d", (int)trip, (int)at);
      behind = art_net_lane_of_connector(net, c);
    }
    at = behind;
    front += net->lane_length_m[at];
    add_part(w, at, trip, front - length, front);
  }
}

/// In the opposite lane places decrease, because they are told against the direction of travel.
static int is_passing(const watch *w, int32_t trip)
{
  for (int32_t link = 0; w->sim->pass && link < w->net->link_count; ++link)
    if (w->sim->pass[link].ask.state == ART_PASS_BESIDE && w->sim->pass[link].ask.trip == trip) return 1;
  return 0;
}

static void check_places(watch *w)
{
  const art_net *net = w->net;
  w->part_count = 0;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) w->on_lane[lane] = -1;
  for (int64_t i = 0; i < w->shot.count; ++i) {
    const int32_t trip = w->shot.trip[i], lane = w->shot.lane[i];
    const float pos = w->shot.pos_m[i], speed = w->shot.speed_mps[i];
    if (!(pos >= 0.0f && pos <= net->lane_length_m[lane] + TOUCH_M && speed >= 0.0f && speed < 100.0f))
      tell(w, FAULT_PLACE, "trip %d on lane %d of %g m: place %g m, speed %g m/s", (int)trip, (int)lane,
           (double)net->lane_length_m[lane], (double)pos, (double)speed);
    const moment *before = &w->history[(int64_t)trip * HISTORY + (w->found->steps - 1) % HISTORY];
    if (before->time_ms == art_sim_now(w->sim) - w->sim->step_ms && before->lane == lane &&
        pos < before->pos_m && !is_passing(w, trip))
      tell(w, FAULT_BACKWARD, "trip %d on lane %d: from %g to %g m", (int)trip, (int)lane,
           (double)before->pos_m, (double)pos);
    lay_body(w, trip, lane, pos);
  }
}

static void check_overlaps(watch *w)
{
  for (int32_t lane = 0; lane < w->net->lane_count; ++lane)
    for (int32_t a = w->on_lane[lane]; a >= 0; a = w->parts[a].next)
      for (int32_t b = w->parts[a].next; b >= 0; b = w->parts[b].next) {
        const part *p = &w->parts[a], *q = &w->parts[b];
        const float shared = fminf(p->front_m, q->front_m) - fmaxf(p->rear_m, q->rear_m);
        if (shared > TOUCH_M)
          tell(w, FAULT_OVERLAP, "trips %d (%.2f to %.2f m) and %d (%.2f to %.2f m) on %s %d of %.2f m",
               (int)p->trip, (double)p->rear_m, (double)p->front_m, (int)q->trip, (double)q->rear_m,
               (double)q->front_m, art_net_is_connector(w->net, lane) ? "connector" : "lane",
               (int)(art_net_is_connector(w->net, lane) ? lane - w->net->link_lane_count : lane),
               (double)w->net->lane_length_m[lane]);
      }
}

static int covers(const watch *w, const part *p, float enter, float leave)
{
  return p->past_m > enter + TOUCH_M && p->past_m - length_of(w, p->trip) < leave - TOUCH_M;
}

/// Bodies of conflicting connectors: not in one crossing zone at once; in a merging zone they keep one behind the other.
static void check_conflicts(watch *w)
{
  const art_net *net = w->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t lane = art_net_lane_of_connector(net, c);
    if (w->on_lane[lane] < 0) continue;
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
      const int32_t o = net->conflict_other[k], other = art_net_lane_of_connector(net, o);
      if (o < c || net->conflict_kind[k] == ART_CONFLICT_DIVERGE) continue;
      for (int32_t a = w->on_lane[lane]; a >= 0; a = w->parts[a].next)
        for (int32_t b = w->on_lane[other]; b >= 0; b = w->parts[b].next) {
          const part *p = &w->parts[a], *q = &w->parts[b];
          if (p->trip == q->trip || !covers(w, p, net->conflict_enter_m[k], net->conflict_exit_m[k]) ||
              !covers(w, q, net->conflict_other_enter_m[k], net->conflict_other_exit_m[k]))
            continue;
          const float to_end_p = net->lane_length_m[lane] - p->past_m,
                      to_end_q = net->lane_length_m[other] - q->past_m;
          const float apart =
              fmaxf(to_end_q - to_end_p - length_of(w, p->trip), to_end_p - to_end_q - length_of(w, q->trip));
          const int is_merge = net->conflict_kind[k] == ART_CONFLICT_MERGE;
          if (is_merge && apart > -TOUCH_M) continue;
          tell(w, is_merge ? FAULT_MERGING : FAULT_CROSSING,
               "trip %d on connector %d at %.2f m (%.1f m long, %.2f m/s; zone %.2f to %.2f of %.2f) and "
               "trip %d on connector %d "
               "at %.2f m (%.1f m long, %.2f m/s; zone %.2f to %.2f of %.2f)",
               (int)p->trip, (int)c, (double)p->past_m, (double)length_of(w, p->trip),
               (double)w->history[(int64_t)p->trip * HISTORY + (w->found->steps - 1) % HISTORY].speed_mps,
               (double)net->conflict_enter_m[k], (double)net->conflict_exit_m[k],
               (double)net->lane_length_m[lane], (int)q->trip, (int)o, (double)q->past_m,
               (double)length_of(w, q->trip),
               (double)w->history[(int64_t)q->trip * HISTORY + (w->found->steps - 1) % HISTORY].speed_mps,
               (double)net->conflict_other_enter_m[k], (double)net->conflict_other_exit_m[k],
               (double)net->lane_length_m[other]);
        }
    }
  }
}

// --- signals -----------------------------------------------------------------------------------------------------------

/// The letter that a connector shows at a time, from the program alone.
static char letter_at(const art_net *net, int32_t c, art_tick time)
{
  const int32_t program = net->signal_active[net->connector_signal[c]];
  const int32_t first = net->program_first_phase[program], end = net->program_first_phase[program + 1];
  art_tick cycle = 0;
  for (int32_t p = first; p < end; ++p) cycle += net->phase_duration_ms[p];
  art_tick t = ((time - net->program_offset_ms[program]) % cycle + cycle) % cycle;
  int32_t phase = first;
  while (t >= net->phase_duration_ms[phase]) t -= net->phase_duration_ms[phase++];
  return net->phase_state[net->phase_first_state[phase] + net->connector_signal_group[c]];
}

/// Distance from a former place to the start of track entry `to`, or -1 if the place is not on the way there.
static float distance_to_line(const watch *w, const art_vehicle *vehicle, const moment *from, int32_t to)
{
  const art_net *net = w->net;
  for (int32_t e = to; e >= 0; --e) {
    const int32_t c = art_track_of(vehicle, e)->connector, path = art_net_lane_of_connector(net, c);
    float distance;
    int32_t next = e;
    if (net->connector_from[c] == from->lane) {
      distance = net->lane_length_m[from->lane] - from->pos_m;
    } else if (path == from->lane && e < to) {
      distance = net->lane_length_m[path] - from->pos_m + net->lane_length_m[net->connector_to[c]];
      next = e + 1;
    } else {
      continue;
    }
    for (; next < to; ++next) {
      const int32_t on = art_track_of(vehicle, next)->connector;
      distance +=
          net->lane_length_m[art_net_lane_of_connector(net, on)] + net->lane_length_m[net->connector_to[on]];
    }
    return distance;
  }
  return -1.0f;
}

static int came_by(const watch *w, const art_vehicle *vehicle, const moment *before, int32_t e)
{
  return distance_to_line(w, vehicle, before, e) >= 0.0f;
}

/// Every line that was crossed in the last step: if its light was red, was there a moment of red with room to stop?
/// Nobody enters a crossing in a step at whose beginning people were on it.
static void check_people(watch *w, const art_tick *until_ms)
{
  const art_net *net = w->net;
  const art_tick began = art_sim_now(w->sim) - w->sim->step_ms;
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    if (!w->sim->foot_until_ms || until_ms[x] <= began) continue;
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r)
      for (int64_t i = 0; i < w->shot.count; ++i) {
        const float front = w->shot.pos_m[i], rear = front - length_of(w, w->shot.trip[i]);
        if (w->shot.lane[i] != art_net_lane_of_connector(net, net->crossing_connector[r])) continue;
        if (front > net->crossing_enter_m[r] + TOUCH_M && rear < net->crossing_exit_m[r] - TOUCH_M)
          tell(w, FAULT_PEOPLE, "trip %d at %.2f m of connector %d, crossing %d from %.2f to %.2f m",
               (int)w->shot.trip[i], (double)front, (int)net->crossing_connector[r], (int)x,
               (double)net->crossing_enter_m[r], (double)net->crossing_exit_m[r]);
      }
  }
}

static void check_red(watch *w)
{
  const art_net *net = w->net;
  const art_tick began = art_sim_now(w->sim) - w->sim->step_ms;
  for (int64_t i = 0; i < w->shot.count; ++i) {
    const int32_t trip = w->shot.trip[i];
    const art_vehicle *vehicle = art_record(w->sim, trip);
    const moment *own = &w->history[(int64_t)trip * HISTORY];
    const moment *before = &own[(w->found->steps - 1 + HISTORY) % HISTORY];
    if (before->time_ms != began || before->lane == w->shot.lane[i]) continue;
    for (int32_t e = 0; e < vehicle->track_ahead; ++e) {
      const int32_t c = art_track_of(vehicle, e)->connector;
      if (net->connector_signal[c] < 0 || letter_at(net, c, began) != 'r' || !came_by(w, vehicle, before, e))
        continue;
      for (int back = 0; back < HISTORY && back < w->found->steps; ++back) {
        const moment *m = &own[(w->found->steps - 1 - back + HISTORY) % HISTORY];
        if (m->time_ms != began - (art_tick)back * w->sim->step_ms || letter_at(net, c, m->time_ms) != 'r')
          break;
        const float distance = distance_to_line(w, vehicle, m, e);
        if (distance < 0.0f) break;
        if (m->speed_mps * m->speed_mps / (2.0f * STOP_DECEL_MPS2) + 1.0f > distance) continue;
        tell(w, FAULT_RED, "trip %d, connector %d, %.1f s before: %.2f m from the line at %.2f m/s",
             (int)trip, (int)c, (double)(back + 1) * (double)w->sim->step_s, (double)distance,
             (double)m->speed_mps);
        break;
      }
    }
  }
}

/// Every connector that was entered in the last step: did its node grant it before?
static void check_grants(watch *w)
{
  const art_tick began = art_sim_now(w->sim) - w->sim->step_ms;
  for (int64_t i = 0; i < w->shot.count; ++i) {
    const int32_t trip = w->shot.trip[i];
    const art_vehicle *vehicle = art_record(w->sim, trip);
    const moment *before = &w->history[(int64_t)trip * HISTORY + (w->found->steps - 1 + HISTORY) % HISTORY];
    if (before->time_ms != began || before->lane == w->shot.lane[i]) continue;
    for (int32_t e = 0; e < vehicle->track_ahead; ++e) {
      const art_track *track = art_track_of(vehicle, e);
      if (!came_by(w, vehicle, before, e)) continue;
      ++w->found->entries;
      // A circle that moves alike was granted its step before; bodies are checked above.
      const int with_circle = vehicle->push_mps > 0.0f && track->grant != ART_GRANT_NONE;
      if (track->new_grant == ART_GRANT_NONE && !with_circle)
        tell(w, FAULT_GRANT, "trip %d, connector %d, refusal %d", (int)trip, (int)track->connector, (int)track->refusal);
    }
  }
}

// --- one city ------------------------------------------------------------------------------------------------------------

static void check_ledger(watch *w)
{
  const art_ledger l = art_sim_ledger(w->sim);
  int64_t due = 0;
  const art_demand *demand = w->sim->demand;
  while (due < demand->trip_count && demand->trip_depart_ms[due] <= art_sim_now(w->sim) - w->sim->step_ms)
    ++due;
  if (l.loaded != due || l.loaded != l.waiting + l.running + l.arrived + l.removed || l.removed != 0 ||
      l.inserted != l.running + l.arrived || l.running - l.beside != w->shot.count)
    tell(w, FAULT_LEDGER,
         "due %" PRId64 ", loaded %" PRId64 ", waiting %" PRId64 ", running %" PRId64 " (seen %" PRId64
         "), arrived %" PRId64 ", removed %" PRId64,
         due, l.loaded, l.waiting, l.running, w->shot.count, l.arrived, l.removed);
}

static void remember(watch *w)
{
  for (int64_t i = 0; i < w->shot.count; ++i)
    w->history[(int64_t)w->shot.trip[i] * HISTORY + w->found->steps % HISTORY] =
        (moment){ art_sim_now(w->sim), w->shot.lane[i], w->shot.pos_m[i], w->shot.speed_mps[i] };
  ++w->found->steps;
}

static art_sim *create(const random_city *city, uint64_t seed, int32_t step_ms, int32_t threads)
{
  const art_sim_setup setup = { .net = city->net,
                                .demand = city->demand,
                                .kernels = art_models_kernels(),
                                .seed = seed,
                                .step_ms = step_ms,
                                .begin_ms = 0,
                                .end_ms = 3600000,
                                .threads = threads,
                                .model = ART_MODEL_IIDM,
                                .change_count = city->change_count,
                                .change = city->change,
                                .reroute_share = seed % 3 == 0 ? 0.5 : 0.0,  // drivers of some cities look for other ways
                                .reroute_period_ms = 10000 };
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

/// Steps one by one with one thread and looks at everything. Returns the hash at `mark_ms`.
static uint64_t watch_city(watch *w, art_sim *sim, art_tick until_ms, art_tick mark_ms)
{
  uint64_t mark = 0;
  art_error err = { 0 };
  w->sim = sim;
  while (art_sim_now(sim) < until_ms && !art_sim_is_finished(sim)) {
    if (art_sim_advance(sim, art_sim_now(sim) + sim->step_ms, &err) != ART_OK) {
      tell(w, FAULT_STATUS, "%s", err.message);
      break;
    }
    art_sim_snapshot(sim, &w->shot);
    check_ledger(w);
    check_places(w);
    check_overlaps(w);
    check_conflicts(w);
    check_grants(w);
    if (w->net->signal_count > 0) check_red(w);
    if (sim->foot_until_ms) check_people(w, sim->foot_until_ms);
    remember(w);
    if (art_sim_now(sim) <= mark_ms) mark = art_sim_hash(sim);
  }
  return mark;
}

/// Who stands before a red light, or is too far away for its node, is told to it all the same, and all that is published
/// goes through lists: as without.
static void check_without_short_cuts(watch *w, art_sim *sim, art_tick mark_ms, uint64_t hash)
{
  const art_net *net = w->net;
  art_error err = { 0 };
  for (int32_t c = 0; c < net->connector_count; ++c) sim->ways.way[c].only_light = 0;
  for (int32_t l = 0; l < net->link_lane_count; ++l) sim->lane_onward_m[l] = 0.0f;  // nobody is unseen by a node
  memset(sim->node_first_notice, 0, ((size_t)net->node_count + 1) * sizeof *sim->node_first_notice);
  if (art_sim_advance(sim, mark_ms, &err) == ART_OK && art_sim_hash(sim) != hash)
    tell(w, FAULT_SHORT, "without: %016" PRIx64 ", with: %016" PRIx64, art_sim_hash(sim), hash);
  art_sim_free(sim);
}

static int32_t step_of(uint64_t seed)
{
  static const int32_t rare[] = { 50, 100, 125, 200, 250, 1000 };
  const uint64_t draw = art_hash2(seed, 23);
  return draw % 5 ? 500 : rare[draw / 5 % 6];
}

static void check_city(uint64_t seed, const city_traits *traits, findings *found)
{
  random_city city = city_build(seed, traits);
  art_error err = { 0 };
  assert_ok(art_net_check(city.net, &err), err);
  assert_ok(art_demand_check(city.demand, city.net, &err), err);

  const int32_t step_ms = step_of(seed);
  const art_tick until_ms = step_ms < 500 ? 300000 : 1200000, mark_ms = step_ms < 500 ? 60000 : 180000;
  uint8_t seen[FAULT_COUNT] = { 0 };
  watch w = { .seed = seed, .net = city.net, .found = found, .seen = seen };
  w.on_lane = ART_NEW(int32_t, city.net->lane_count);
  w.history = art_new((size_t)city.demand->trip_count * HISTORY, sizeof *w.history);
  for (int64_t m = 0; m < (int64_t)city.demand->trip_count * HISTORY; ++m)
    w.history[m].time_ms = INT64_MIN / 2;

  art_sim *sim = create(&city, seed, step_ms, 1);
  const uint64_t hash = watch_city(&w, sim, until_ms, mark_ms);
  const art_ledger ledger = art_sim_ledger(sim);
  int has_tram = 0;
  for (int32_t t = 0; t < city.demand->type_count; ++t) has_tram |= city.demand->type[t].length_m >= 40.0f;
  found->trams += has_tram;
  found->updates += ledger.updates;
  found->trips += city.demand->trip_count;
  found->arrived += ledger.arrived;
  found->missed_turns += ledger.missed_turns;
  found->hard_brakings += ledger.hard_brakings;
  found->unfinished_cities += !art_sim_is_finished(sim);
  found->stuck_cities += ledger.longest_standstill_ms > 300000;
  for (int32_t threads = 2; threads <= 3; ++threads) {
    art_sim *other = create(&city, seed, step_ms, threads);
    if (art_sim_advance(other, mark_ms, &err) == ART_OK && art_sim_hash(other) != hash)
      tell(&w, FAULT_HASH, "%d threads: %016" PRIx64 ", one thread: %016" PRIx64, (int)threads,
           art_sim_hash(other), hash);
    art_sim_free(other);
  }
  check_without_short_cuts(&w, create(&city, seed, step_ms, 2), mark_ms, hash);
  art_sim_free(sim);
  art_snapshot_free(&w.shot);
  free(w.parts);
  free(w.on_lane);
  free(w.history);
  city_free(&city);
}

static void report(const findings *found, int cities)
{
  print_message("%d cities, %" PRId64 " steps, %" PRId64 " vehicle updates, %" PRId64 " trips, %" PRId64
                " arrived, %" PRId64 " missed turns, %" PRId64 " hard brakings\n",
                cities, found->steps, found->updates, found->trips, found->arrived, found->missed_turns,
                found->hard_brakings);
  print_message("%" PRId64 " entries of connectors were looked at; cities with vehicles of 40 m: %" PRId64 "\n", found->entries,
                found->trams);
  print_message("not finished at the end: %" PRId64 " cities; somebody stood for more than 5 min: %" PRId64
                " cities\n",
                found->unfinished_cities, found->stuck_cities);
  for (int f = 0; f < FAULT_COUNT; ++f)
    if (found->faults[f]) print_error("%" PRId64 " times: %s\n", found->faults[f], fault_text[f]);
}

/// Cities in which a rule was broken once, and why.
static const uint64_t remembered[] = {
  UINT64_C(11506990824064436863),  // two members of a waiting circle entered crossing paths in one step
  UINT64_C(16240506986445349530),  // a member was moved into a tram that reached back over five lanes
  UINT64_C(3169990918858805020),   // a member went into a merge beside the next one, which came by itself
};

static void cities_that_broke_a_rule_once(void **state)
{
  (void)state;
  findings found = { 0 };
  for (size_t i = 0; i < sizeof remembered / sizeof *remembered; ++i) {
    const city_traits traits = city_traits_of(remembered[i]);
    check_city(remembered[i], &traits, &found);
  }
  report(&found, (int)(sizeof remembered / sizeof *remembered));
  for (int f = 0; f < FAULT_COUNT; ++f) assert_int_equal(found.faults[f], 0);
}

static void random_cities_keep_the_rules(void **state)
{
  (void)state;
  findings found = { 0 };
  const char *one = getenv("ARTERIAL_CITY"), *many = getenv("ARTERIAL_CITIES");
  const int cities = one ? 1 : many ? atoi(many) : CITIES;
  for (int i = 0; i < cities; ++i) {
    const uint64_t seed = one ? strtoull(one, NULL, 10) : art_hash2(art_test_seed(), (uint64_t)i);
    const city_traits traits = city_traits_of(seed);
    check_city(seed, &traits, &found);
  }
  report(&found, cities);
  if (cities > 1) assert_true(found.entries > 0 && found.trams > 0);
  for (int f = 0; f < FAULT_COUNT; ++f) assert_int_equal(found.faults[f], 0);
}

int main(int argc, char **argv)
{
  // Three threads on one or two cores: waiting threads must sleep, not spin. OpenMP reads this before main().
  if (argc == 1 && !getenv("OMP_WAIT_POLICY")) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", (char *[]){ argv[0], "again", NULL });
  }
  const struct CMUnitTest tests[] = { cmocka_unit_test(cities_that_broke_a_rule_once),
                                      cmocka_unit_test(random_cities_keep_the_rules) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
