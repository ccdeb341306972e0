/// Detectors. A step moves a body evenly accelerated; when its front or rear passes a place inside the step follows
/// from that, so times do not depend on the step's length. Only lanes with a detector, or with one close behind, look.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/detect_internal.h"
#include "core/step/signals_internal.h"

// Queues inside areas, with the thresholds that SUMO's lane area detectors have by default.
#define HALT_MPS (5.0f / 3.6f)
#define HALT_MS 1000
#define JAM_GAP_M 10.0f
#define LEAST_MPS 0.01f  // of a speed whose inverse is added up

art_stride art_stride_of(float from_m, float to_m, float speed_mps, float step_s)
{
  art_stride s = { .from_m = from_m, .to_m = to_m, .start_mps = 2.0f * (to_m - from_m) / step_s - speed_mps };
  if (s.start_mps < 0.0f) {  // it was held on the way
    s.start_mps = (to_m - from_m) / step_s;
    return s;
  }
  s.accel_mps2 = (speed_mps - s.start_mps) / step_s;
  return s;
}

float art_stride_speed(const art_stride *s, float way_m)
{
  const float square = s->start_mps * s->start_mps + 2.0f * s->accel_mps2 * way_m;
  return square > 0.0f ? sqrtf(square) : 0.0f;
}

int64_t art_stride_ms(const art_stride *s, float way_m, int32_t step_ms)
{
  const float sum = s->start_mps + art_stride_speed(s, way_m);
  if (!(sum > 0.0f)) return way_m > 0.0f ? step_ms : 0;
  const int64_t ms = (int64_t)(2000.0f * way_m / sum + 0.5f);
  return ms < 0 ? 0 : ms > step_ms ? step_ms : ms;
}

/// Part of the step in which a body of this length lies over [from, to]: from when its front reaches the one until its
/// rear leaves the other. 0: none.
static int cover(const art_stride *s, float length_m, float from_m, float to_m, int32_t step_ms,
                 int64_t *begin_ms, int64_t *end_ms)
{
  if (s->to_m < from_m || s->from_m - length_m >= to_m) return 0;
  *begin_ms = s->from_m >= from_m ? 0 : art_stride_ms(s, from_m - s->from_m, step_ms);
  *end_ms = s->to_m - length_m < to_m ? step_ms : art_stride_ms(s, to_m + length_m - s->from_m, step_ms);
  return *end_ms > *begin_ms;
}

/// Way driven until an instant of the step.
static float way_at(const art_stride *s, int64_t ms)
{
  const float t = (float)ms * 1e-3f;
  const float way = s->start_mps * t + 0.5f * s->accel_mps2 * t * t;
  return art_minf(art_maxf(way, 0.0f), s->to_m - s->from_m);
}

static void add_cover(art_sim *sim, const art_detector_point *point, const art_stride *s, float length_m)
{
  int64_t begin, end;
  if (!cover(s, length_m, point->pos_m, point->end_m, sim->step_ms, &begin, &end)) return;
  ART_ATOMIC_ADD(sim->detector_sums.occupied_ms[point->detector], end - begin);
  if (point->kind != ART_DETECTOR_AREA) return;
  const float way =
      (end == sim->step_ms ? s->to_m - s->from_m : way_at(s, end)) - (begin > 0 ? way_at(s, begin) : 0.0f);
  ART_ATOMIC_ADD(sim->detector_sums.distance_mm[point->detector], (int64_t)(way * 1000.0f + 0.5f));
}

/// It is not in the zone any more.
static void leave_zone(art_sim *sim, int32_t d, art_tick at_ms)
{
  ART_ATOMIC_ADD(sim->zone_inside[d], -1);
  ART_ATOMIC_ADD(sim->detector_sums.occupied_ms[d], at_ms - sim->detector_sums.begin_ms);
}

/// Place of a zone in the record, or of what is free (d = -1); ART_ZONES: there is none.
static int find_zone(const art_rare *rare, int32_t d)
{
  int z = 0;
  while (z < ART_ZONES && rare->zone[z] != d + 1) ++z;
  return z;
}

/// Who is in as many zones as a record holds has most likely left the first of them by another way: that one is given up.
static void enter_zone(art_sim *sim, int32_t d, int32_t trip, art_tick at_ms)
{
  art_rare *rare = art_rare_make(sim, art_record(sim, trip));
  if (find_zone(rare, d) < ART_ZONES) return;  // came round again
  int z = find_zone(rare, -1);
  if (z == ART_ZONES) {
    z = 0;
    for (int other = 1; other < ART_ZONES; ++other)
      if (rare->zone_since_ms[other] < rare->zone_since_ms[z]) z = other;
    leave_zone(sim, rare->zone[z] - 1, at_ms);
  }
  rare->zone[z] = d + 1;
  rare->zone_since_ms[z] = at_ms;
  rare->zone_stops[z] = sim->row[trip].stops;
  ART_ATOMIC_ADD(sim->detector_sums.entered[d], 1);
  ART_ATOMIC_ADD(sim->zone_inside[d], 1);
  ART_ATOMIC_ADD(sim->detector_sums.occupied_ms[d], -(at_ms - sim->detector_sums.begin_ms));
}

/// Exit of a zone; only complete passages count. The record belongs to whoever moves the vehicle.
static void exit_zone(art_sim *sim, int32_t d, int32_t trip, art_tick at_ms, float speed_mps)
{
  art_rare *rare = art_rare_make(sim, art_record(sim, trip));
  art_detector_sums *sums = &sim->detector_sums;
  const int z = find_zone(rare, d), vclass = sim->demand->type[sim->row[trip].type].vclass;
  if (z == ART_ZONES) return;
  rare->zone[z] = 0;
  ART_ATOMIC_ADD(sums->count[d], 1);
  ART_ATOMIC_ADD(sums->class_count[d * ART_COUNT_CLASSES + art_count_class_of(vclass)], 1);
  ART_ATOMIC_ADD(sums->speed_sum_mmps[d], (int64_t)(speed_mps * 1000.0f + 0.5f));
  ART_ATOMIC_ADD(sums->travel_ms[d], at_ms - rare->zone_since_ms[z]);
  ART_ATOMIC_ADD(sums->halts[d], sim->row[trip].stops - rare->zone_stops[z]);
  leave_zone(sim, d, at_ms);
}

/// What one point of a detector makes of a step: passages of the front, and the time that the body lies over it.
static void notice(art_sim *sim, const art_detector_point *point, const art_stride *s, int32_t trip,
                   float length_m)
{
  art_detector_sums *sums = &sim->detector_sums;
  if (s->from_m < point->pos_m && point->pos_m <= s->to_m) {
    const float way = point->pos_m - s->from_m, speed = art_stride_speed(s, way);
    if (point->kind == ART_DETECTOR_ENTRY_EXIT) {
      const art_tick at_ms = sim->now_ms + art_stride_ms(s, way, sim->step_ms);
      if (point->role == 0)
        enter_zone(sim, point->detector, trip, at_ms);
      else
        exit_zone(sim, point->detector, trip, at_ms, speed);
    } else {
      const int32_t d = point->detector;
      if (sim->signals->sensor) ART_ATOMIC_ADD(sim->signals->sensor[d].count, 1);
      ART_ATOMIC_ADD(sums->count[d], 1);
      ART_ATOMIC_ADD(sums->class_count[d * ART_COUNT_CLASSES +
                                       art_count_class_of(sim->demand->type[sim->row[trip].type].vclass)],
                     1);
      ART_ATOMIC_ADD(sums->speed_sum_mmps[d], (int64_t)(speed * 1000.0f + 0.5f));
      ART_ATOMIC_ADD(sums->slowness_sum_us[d], (int64_t)(1e6f / art_maxf(speed, LEAST_MPS) + 0.5f));
    }
  }
  if (point->kind != ART_DETECTOR_ENTRY_EXIT) add_cover(sim, point, s, length_m);
}

void art_detect_front(art_sim *sim, int32_t lane, float from_m, float to_m, float speed_mps, int32_t trip,
                      int32_t type)
{
  if (!sim->detector_first || sim->detector_first[lane] == sim->detector_first[lane + 1]) return;
  const art_stride s = art_stride_of(from_m, to_m, speed_mps, sim->step_s);
  for (int32_t q = sim->detector_first[lane]; q < sim->detector_first[lane + 1]; ++q)
    notice(sim, &sim->detector_point[q], &s, trip, sim->types.length_m[type]);
}

/// First vehicle of a lane (front first) that stood before `pos_m` as the step began.
static int32_t first_before(const art_block *block, int32_t k, float pos_m)
{
  int32_t low = block->start[k], high = block->start[k + 1];
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (block->gap_m[middle] >= pos_m)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// Time that a vehicle has been slow for; its owner asks, once a step.
static int is_halting(art_sim *sim, const art_block *block, int32_t i)
{
  art_rare *rare = art_rare_make(sim, art_record_at(sim, block, i));
  if (block->speed_mps[i] >= HALT_MPS) {
    rare->slow_since_ms = ART_NOT_SLOW;
    return 0;
  }
  if (rare->slow_since_ms == ART_NOT_SLOW) rare->slow_since_ms = sim->now_ms;
  return sim->now_ms + sim->step_ms - rare->slow_since_ms >= HALT_MS;
}

/// Jams of one lane of an area: those who halt, with less than 10 m between them, whoever moves in between.
static void find_jams(art_sim *sim, const art_block *block, int32_t k, const art_detector_point *point)
{
  art_jams *jams = &sim->area_jams[point->place];
  *jams = (art_jams){ .at_ms = sim->now_ms };
  art_jam *jam = NULL;
  int32_t first = 0, last = 0;
  for (int32_t i = first_before(block, k, point->end_m + sim->longest_m); i < block->start[k + 1]; ++i) {
    const float front = block->pos_m[i], rear = front - sim->types.length_m[block->type[i]];
    if (front < point->pos_m) break;
    if (rear >= point->end_m || !is_halting(sim, block, i)) continue;
    ++jams->halting;
    const float head = art_minf(front, point->end_m), tail = art_maxf(rear, point->pos_m);
    if (!jam || jam->rear_m - head > JAM_GAP_M) {
      jam = jams->count++ == 0 ? &jams->first : &jams->last;
      *jam = (art_jam){ .front_m = head };
      first = last = i;
    }
    jam->rear_m = tail;
    last = i;
    jam->vehicles = last - first + 1;
    jams->longest_m = art_maxf(jams->longest_m, jam->front_m - jam->rear_m);
    if (jam->vehicles > jams->most_vehicles) jams->most_vehicles = jam->vehicles;
  }
  if (jams->count == 1) jams->last = jams->first;
}

void art_detect_lane(art_sim *sim, const art_block *block, int32_t k)
{
  const int32_t lane = block->lane[k];
  for (int32_t q = sim->detector_first[lane]; q < sim->detector_first[lane + 1]; ++q) {
    const art_detector_point *point = &sim->detector_point[q];
    for (int32_t i = first_before(block, k, point->end_m + sim->longest_m); i < block->start[k + 1]; ++i) {
      if (block->pos_m[i] < point->pos_m) break;
      const art_stride s = art_stride_of(block->gap_m[i], block->pos_m[i], block->speed_mps[i], sim->step_s);
      notice(sim, point, &s, block->vehicle[i], sim->types.length_m[block->type[i]]);
    }
    if (point->kind == ART_DETECTOR_AREA) find_jams(sim, block, k, point);
  }
}

/// The body over lanes behind the one that its front is on.
static void detect_body(art_sim *sim, const art_block *block, int32_t i, int32_t lane)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  const float length = sim->types.length_m[block->type[i]];
  float rear = block->gap_m[i] - length, ahead = 0.0f;  // ahead: from the lane looked at to the front's lane
  int32_t e = vehicle->track_ahead - 1;
  int on_connector = art_net_is_connector(net, lane);
  while (rear < 0.0f && e >= 0) {
    const int32_t c = art_track_of(vehicle, e)->connector;
    const int32_t behind = on_connector ? net->connector_from[c] : art_net_lane_of_connector(net, c);
    if (on_connector) --e;
    on_connector = !on_connector;
    rear += net->lane_length_m[behind];
    ahead += net->lane_length_m[behind];
    if (sim->detector_first[behind] == sim->detector_first[behind + 1]) continue;
    const art_stride s =
        art_stride_of(block->gap_m[i] + ahead, block->pos_m[i] + ahead, block->speed_mps[i], sim->step_s);
    for (int32_t q = sim->detector_first[behind]; q < sim->detector_first[behind + 1]; ++q)
      if (sim->detector_point[q].kind != ART_DETECTOR_ENTRY_EXIT)
        add_cover(sim, &sim->detector_point[q], &s, length);
  }
}

void art_detect_behind(art_sim *sim, const art_block *block, int32_t k)
{
  const int32_t lane = block->lane[k];
  const float nearest = sim->detector_behind_m[lane];
  for (int32_t i = block->start[k + 1] - 1; i >= block->start[k]; --i) {
    if (block->gap_m[i] + nearest >= sim->longest_m) break;  // and those ahead of it neither
    if (block->gap_m[i] + nearest < sim->types.length_m[block->type[i]]) detect_body(sim, block, i, lane);
  }
}

/// Adds the queues of an area on one lane, or on several that follow one another, as the step left them.
static void sum_jams(art_sim *sim, int32_t d)
{
  const art_net *net = sim->net;
  const int32_t first = net->detector_first_point[d], end = net->detector_first_point[d + 1];
  float longest = 0.0f, start = 0.0f;  // start: distance from the area's end to the end of the lane's part
  art_jam open = { .vehicles = 0 };    // the last jam so far, by distances from the area's end
  int32_t most = 0, halting = 0;
  for (int32_t q = end - 1; q >= first; --q) {  // rows follow the direction of travel
    const art_jams *jams = &sim->area_jams[q];
    const float part_end = net->detector_end_m[q];
    if (q < end - 1 && sim->area_gap_m[q] < 0.0f) {  // beside the one before, not behind it
      open.vehicles = 0;
      start = 0.0f;
    } else if (q < end - 1) {
      start += sim->area_gap_m[q];
    }
    if (jams->at_ms == sim->now_ms && jams->count > 0) {
      halting += jams->halting;
      longest = art_maxf(longest, jams->longest_m);
      if (jams->most_vehicles > most) most = jams->most_vehicles;
      art_jam head = { start + part_end - jams->first.front_m, start + part_end - jams->first.rear_m,
                       jams->first.vehicles };
      if (open.vehicles > 0 && head.front_m - open.rear_m <= JAM_GAP_M) {
        head.front_m = open.front_m;
        head.vehicles += open.vehicles;
        longest = art_maxf(longest, head.rear_m - head.front_m);
        if (head.vehicles > most) most = head.vehicles;
      }
      open = jams->count == 1 ? head
                              : (art_jam){ start + part_end - jams->last.front_m,
                                           start + part_end - jams->last.rear_m, jams->last.vehicles };
    }
    start += part_end - net->detector_pos_m[q];
  }
  if (halting == 0) return;
  art_detector_sums *sums = &sim->detector_sums;
  const int32_t longest_mm = (int32_t)(longest * 1000.0f + 0.5f);
  sums->halting_ms[d] += (int64_t)halting * sim->step_ms;
  sums->jam_mm_ms[d] += (int64_t)longest_mm * sim->step_ms;
  sums->jam_vehicles_ms[d] += (int64_t)most * sim->step_ms;
  if (longest_mm > sums->jam_max_mm[d]) sums->jam_max_mm[d] = longest_mm;
  if (most > sums->jam_vehicles_max[d]) sums->jam_vehicles_max[d] = most;
}

void art_detect_step(art_sim *sim)
{
  for (int32_t a = 0; a < sim->area_count; ++a) sum_jams(sim, sim->area[a]);
}

void art_detect_arrived(art_sim *sim, int32_t trip, art_tick at_ms)
{
  if (!art_record(sim, trip)->has_rare) return;
  art_rare *rare = art_rare_make(sim, art_record(sim, trip));
  for (int z = 0; z < ART_ZONES; ++z) {
    if (rare->zone[z] != 0) leave_zone(sim, rare->zone[z] - 1, at_ms);
    rare->zone[z] = 0;
  }
}

void art_detect_close(art_sim *sim)
{
  art_detector_sums *sums = &sim->detector_sums;
  for (int32_t d = 0; d < sim->net->detector_count; ++d) {
    if (sim->net->detector_kind[d] != ART_DETECTOR_ENTRY_EXIT) continue;
    sums->inside[d] = sim->zone_inside[d];
    sums->occupied_ms[d] += (int64_t)sim->zone_inside[d] * (sim->now_ms - sums->begin_ms);
  }
}

// --- set-up ---------------------------------------------------------------------------------------------------------

/// Along the lane, so that what a step passes is met in the order of time; of an entry and an exit at one place the
/// entry first.
static int by_place(const void *a, const void *b)
{
  const art_detector_point *p = a, *q = b;
  if (p->pos_m != q->pos_m) return p->pos_m < q->pos_m ? -1 : 1;
  if (p->role != q->role) return p->role < q->role ? -1 : 1;
  return (p->place > q->place) - (p->place < q->place);
}

/// Points by lane, so that only lanes that have one look.
static void sort_points(art_sim *sim)
{
  const art_net *net = sim->net;
  if (net->detector_count == 0) return;
  sim->detector_first = ART_NEW(int32_t, net->lane_count + 1);
  sim->detector_point = ART_NEW(art_detector_point, net->detector_point_count);
  for (int32_t q = 0; q < net->detector_point_count; ++q) ++sim->detector_first[net->detector_lane[q] + 1];
  for (int32_t lane = 0; lane < net->lane_count; ++lane)
    sim->detector_first[lane + 1] += sim->detector_first[lane];
  int32_t *fill = ART_NEW(int32_t, net->lane_count);
  for (int32_t d = 0; d < net->detector_count; ++d)
    for (int32_t q = net->detector_first_point[d]; q < net->detector_first_point[d + 1]; ++q) {
      const int32_t lane = net->detector_lane[q];
      sim->detector_point[sim->detector_first[lane] + fill[lane]++] =
          (art_detector_point){ .detector = d,
                                .place = q,
                                .pos_m = net->detector_pos_m[q],
                                .end_m = net->detector_end_m[q],
                                .kind = net->detector_kind[d],
                                .role = net->detector_role[q] };
    }
  free(fill);
  for (int32_t lane = 0; lane < net->lane_count; ++lane)
    art_sort(sim->detector_point + sim->detector_first[lane],
             (size_t)(sim->detector_first[lane + 1] - sim->detector_first[lane]), sizeof *sim->detector_point,
             by_place);
}

/// How far behind the start of each lane the nearest point lies that a body with its front on the lane may cover.
static void find_points_behind(art_sim *sim)
{
  const art_net *net = sim->net;
  if (!sim->detector_first) return;
  float *nearest = sim->detector_behind_m = ART_NEW(float, net->lane_count);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) nearest[lane] = INFINITY;
  for (int changed = 1; changed;) {
    changed = 0;
    for (int32_t lane = 0; lane < net->lane_count; ++lane) {
      float rest = nearest[lane] + net->lane_length_m[lane];
      for (int32_t q = sim->detector_first[lane]; q < sim->detector_first[lane + 1]; ++q)
        if (sim->detector_point[q].kind != ART_DETECTOR_ENTRY_EXIT)
          rest = art_minf(rest, net->lane_length_m[lane] - sim->detector_point[q].end_m);
      if (!(rest < sim->longest_m)) continue;
      const int is_connector = art_net_is_connector(net, lane);
      const int32_t first = is_connector ? 0 : net->lane_first_out[lane],
                    end = is_connector ? 1 : net->lane_first_out[lane + 1];
      for (int32_t c = first; c < end; ++c) {
        const int32_t next = is_connector ? net->connector_to[art_net_connector_of_lane(net, lane)]
                                          : art_net_lane_of_connector(net, c);
        if (rest >= nearest[next]) continue;
        nearest[next] = rest;
        changed = 1;
      }
    }
  }
}

/// Length of the connector from one link lane to another; negative: there is none.
static float connector_between(const art_net *net, int32_t from, int32_t to)
{
  if (art_net_is_connector(net, from))
    return net->connector_to[art_net_connector_of_lane(net, from)] == to ? 0.0f : -1.0f;
  for (int32_t c = net->lane_first_out[from]; c < net->lane_first_out[from + 1]; ++c) {
    const int32_t path = art_net_lane_of_connector(net, c);
    if (path == to) return 0.0f;
    if (net->connector_to[c] == to) return net->lane_length_m[path];
  }
  return -1.0f;
}

static void find_areas(art_sim *sim)
{
  const art_net *net = sim->net;
  sim->area = ART_NEW(int32_t, net->detector_count);
  sim->area_jams = ART_NEW(art_jams, net->detector_point_count);
  sim->area_gap_m = ART_NEW(float, net->detector_point_count);
  for (int32_t q = 0; q < net->detector_point_count; ++q) sim->area_jams[q].at_ms = -1;
  for (int32_t d = 0; d < net->detector_count; ++d) {
    if (net->detector_kind[d] != ART_DETECTOR_AREA) continue;
    sim->area[sim->area_count++] = d;
    for (int32_t q = net->detector_first_point[d]; q + 1 < net->detector_first_point[d + 1]; ++q) {
      const int32_t lane = net->detector_lane[q];
      const float path = connector_between(net, lane, net->detector_lane[q + 1]);
      sim->area_gap_m[q] =
          path < 0.0f ? -1.0f
                      : path + net->lane_length_m[lane] - net->detector_end_m[q] + net->detector_pos_m[q + 1];
    }
  }
}

void art_detect_create(art_sim *sim)
{
  for (int32_t t = 0; t < sim->types.count; ++t)
    sim->longest_m = art_maxf(sim->longest_m, sim->types.length_m[t]);
  sim->zone_inside = ART_NEW(int32_t, sim->net->detector_count);
  sort_points(sim);
  find_points_behind(sim);
  find_areas(sim);
}

void art_detect_free(art_sim *sim)
{
  free(sim->zone_inside);
  free(sim->detector_first);
  free(sim->detector_point);
  free(sim->detector_behind_m);
  free(sim->area);
  free(sim->area_jams);
  free(sim->area_gap_m);
}

int art_count_class_of(int vclass)
{
  switch (vclass) {
  case ART_VCLASS_DELIVERY: return ART_COUNT_VANS;
  case ART_VCLASS_TRUCK:
  case ART_VCLASS_TRAILER: return ART_COUNT_TRUCKS;
  case ART_VCLASS_BUS:
  case ART_VCLASS_COACH: return ART_COUNT_BUSES;
  case ART_VCLASS_TRAM:
  case ART_VCLASS_RAIL_URBAN:
  case ART_VCLASS_RAIL:
  case ART_VCLASS_RAIL_ELECTRIC:
  case ART_VCLASS_RAIL_FAST: return ART_COUNT_RAIL;
  case ART_VCLASS_MOTORCYCLE:
  case ART_VCLASS_MOPED: return ART_COUNT_MOTORCYCLES;
  case ART_VCLASS_BICYCLE: return ART_COUNT_BICYCLES;
  default: return ART_COUNT_CARS;
  }
}
