/// Circles of waiting vehicles that run over several ranks: who is last on the lanes ahead, and who waits for whom. Once a
/// minute, and in the steps in which a circle is being resolved.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/vehicle_state.h"

/// The last vehicle on a lane; followed by the entries of its track.
typedef struct body_record {
  int32_t trip, lane, track_count, track_ahead;
  float pos_m, speed_mps;
} body_record;

static void tell_bodies(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t p = 0; p < ranks->peer_count; ++p) ranks->send[p].count = 0;
  for (int32_t lane = 0; lane < sim->net->lane_count; ++lane) {
    if (ranks->lane_owner[lane] != sim->rank || ranks->lane_first[lane] == ranks->lane_first[lane + 1]) continue;
    const int32_t trip = art_last_on(sim, lane);
    if (trip < 0) continue;
    const art_vehicle *vehicle = art_record(sim, trip);
    const art_block *block;
    const int32_t i = art_place_of(sim, trip, &block);
    const body_record record = { .trip = trip,
                                 .lane = lane,
                                 .track_count = vehicle->track_count,
                                 .track_ahead = vehicle->track_ahead,
                                 .pos_m = art_front_of(sim, trip),
                                 .speed_mps = i >= 0 ? block->speed_mps[i] : art_mover_of(sim, vehicle)->speed_mps };
    for (int32_t k = ranks->lane_first[lane]; k < ranks->lane_first[lane + 1]; ++k) {
      if (!(ranks->lane_row[k].what & ART_WANTS_BODY)) continue;
      art_bytes *out = &ranks->send[ranks->lane_row[k].peer];
      ART_PUT(out, record);
      art_tracks_put(vehicle, out);
    }
  }
}

/// Reads one body and puts it where whoever looks for the last on a lane finds it. Returns 0 if it cannot be there.
static int show_body(art_sim *sim, art_byte_reader *in)
{
  art_ranks *ranks = sim->ranks;
  body_record record;
  ART_GET(in, record);
  if (in->is_short || record.trip < 0 || record.trip >= sim->demand->trip_count || ranks->holds[record.trip] || record.lane < 0 ||
      record.lane >= sim->net->lane_count || ranks->lane_owner[record.lane] == sim->rank || record.track_count < 0 ||
      record.track_count > ART_TRACK_MAX || record.track_ahead < 0 || record.track_ahead > record.track_count)
    return 0;
  art_vehicle *vehicle = art_record_borrow(sim, &sim->worker[0], record.trip);
  if (!art_tracks_hear(sim, vehicle, record.track_count, record.track_ahead, in)) return 0;
  vehicle->lane = record.lane;
  vehicle->next = -1;
  art_mover *mover = art_mover_take(sim, NULL, vehicle);
  if (!mover) return 0;
  mover->pos_m = record.pos_m;
  mover->speed_mps = record.speed_mps;
  sim->inbox[record.lane] = record.trip;
  ART_PUSH(ranks->shown, ranks->shown_count, ranks->shown_capacity, record.lane);
  return 1;
}

void art_ranks_show_bodies(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  tell_bodies(sim);
  ranks->group->begin(ranks->group, ranks->peer_count, ranks->peer, ranks->send);
  ranks->group->finish(ranks->group, ranks->peer_count, ranks->peer, ranks->receive);
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    art_byte_reader in = { .data = ranks->receive[p].data, .count = ranks->receive[p].count };
    while (in.at < in.count)
      if (!show_body(sim, &in)) {
        ranks->fault = "another rank shows a vehicle that cannot be where it says";
        break;
      }
  }
}

void art_ranks_hide_bodies(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t i = 0; i < ranks->shown_count; ++i) sim->inbox[ranks->shown[i]] = -1;
  ranks->shown_count = 0;
}

static int is_due(const art_sim *sim, int32_t trip, int32_t least_ms)
{
  return sim->ranks->holds[trip] && sim->row[trip].state == ART_TRIP_RUNNING &&
         art_standing_ms(sim, art_record(sim, trip)) >= least_ms;
}

int art_ranks_anybody_stands(const art_sim *sim, int32_t least_ms)
{
  int64_t found = 0;
  for (int32_t trip = sim->first_trip; trip < sim->next_trip && !found; ++trip) found = is_due(sim, trip, least_ms);
  sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_MAX, 1, &found);
  return found != 0;
}

/// How the one fares that somebody waited for when it last had a green: it may be anywhere.
typedef struct fate {
  int32_t trip, is_running, standing_since_ms;
} fate;

/// Notes a fault if another rank tells of a trip that there is not.
static int is_trip(const art_sim *sim, int32_t trip)
{
  if (trip >= 0 && trip < sim->demand->trip_count) return 1;
  sim->ranks->fault = "another rank tells of a trip that there is not";
  return 0;
}

static void learn_fates(art_sim *sim, int32_t least_ms)
{
  const art_ranks *ranks = sim->ranks;
  art_bytes mine = { 0 }, asked = { 0 }, told = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1);
  for (int32_t trip = sim->first_trip; trip < sim->next_trip; ++trip) {
    if (!is_due(sim, trip, least_ms)) continue;
    const art_vehicle *vehicle = art_record(sim, trip);
    for (int32_t e = vehicle->track_ahead; e < vehicle->track_count; ++e) {
      const int32_t other = art_track_of(vehicle, e)->last_waits_for;
      if (other >= 0 && !ranks->holds[other]) ART_PUT(&mine, other);
    }
  }
  ranks->group->gather(ranks->group, &mine, &asked, first);
  mine.count = 0;
  for (size_t at = 0; at + sizeof(int32_t) <= asked.count; at += sizeof(int32_t)) {
    const int32_t trip = *(const int32_t *)(const void *)(asked.data + at);
    if (!is_trip(sim, trip) || !ranks->holds[trip]) continue;
    const fate of = { trip, sim->row[trip].state == ART_TRIP_RUNNING, art_record(sim, trip)->standing_since_ms };
    ART_PUT(&mine, of);
  }
  ranks->group->gather(ranks->group, &mine, &told, first);
  for (size_t at = 0; at + sizeof(fate) <= told.count; at += sizeof(fate)) {
    const fate *of = (const fate *)(const void *)(told.data + at);
    if (!is_trip(sim, of->trip) || ranks->holds[of->trip]) continue;
    sim->row[of->trip].state = of->is_running ? ART_TRIP_RUNNING : ART_TRIP_ARRIVED;
    art_record_borrow(sim, &sim->worker[0], of->trip)->standing_since_ms = of->standing_since_ms;
  }
  free(first);
  free(mine.data);
  free(asked.data);
  free(told.data);
}

static int by_trip(const void *a, const void *b)
{
  const art_waiting *p = a, *q = b;
  return (p->trip > q->trip) - (p->trip < q->trip);
}

int64_t art_ranks_list_waiting(art_sim *sim, int32_t least_ms, art_waiting **list)
{
  const art_ranks *ranks = sim->ranks;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1);
  const char *why;
  learn_fates(sim, least_ms);
  for (int32_t trip = sim->first_trip; trip < sim->next_trip; ++trip) {
    if (!is_due(sim, trip, least_ms)) continue;
    const art_waiting row = { .trip = trip, .next = art_waits_for(sim, trip, &why) };
    ART_PUT(&mine, row);
  }
  ranks->group->gather(ranks->group, &mine, &all, first);
  free(first);
  free(mine.data);
  *list = (art_waiting *)(void *)all.data;
  const size_t count = all.count / sizeof **list;
  for (size_t i = 0; i < count; ++i)
    if (!is_trip(sim, (*list)[i].trip) || ((*list)[i].next != -1 && !is_trip(sim, (*list)[i].next))) return 0;
  art_sort(*list, count, sizeof **list, by_trip);
  return (int64_t)count;
}
