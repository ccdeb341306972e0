/// End of settle: what other blocks and the nodes may know of this block's vehicles in this step.
#include <string.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define CLOSE_LINK_M 30.0f
#define FAR_M 10.0f

void art_note_least(const art_sim *sim, uint64_t *word, uint64_t value, art_worker *worker)
{
  uint64_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (value < seen) {
    if (!__atomic_compare_exchange_n(word, &seen, value, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) continue;
    art_written *written = &worker->written[ART_BUFFER(sim)];
    if (seen == ART_OVERHANG_NONE) ART_PUSH(written->word, written->count, written->capacity, word);
    return;
  }
}

void art_forget_written(art_worker *worker, int64_t buffer)
{
  art_written *written = &worker->written[buffer];
  for (int32_t i = 0; i < written->count; ++i) *written->word[i] = ART_OVERHANG_NONE;
  written->count = 0;
}

/// Nodes ask for a grant within this distance of the stop line (engine notes, grants rule 3).
static float ask_distance(float v)
{
  return v * v * 0.125f + 1.5f * v + 6.0f;
}
float art_announce_distance(float v, float announce_s)
{
  const float far = announce_s > ART_ANNOUNCE_S ? FAR_M : 0.0f;  // where admissions are timed, the next in a queue counts
  return ask_distance(v) + announce_s * v + far;
}

void art_cover_behind(const art_sim *sim, const art_vehicle *vehicle, int32_t lane, float pos_m,
                      float speed_mps, float length_m, uint64_t *word, art_worker *worker)
{
  const art_net *net = sim->net;
  float rear = pos_m - length_m;  // in coordinates of the lane looked at
  int32_t e = vehicle->track_ahead - 1;
  int on_connector = art_net_is_connector(net, lane);
  while (rear < 0.0f && e >= 0) {
    const int32_t c = art_track_of(vehicle, e)->connector;
    const int32_t behind = on_connector ? net->connector_from[c] : art_net_lane_of_connector(net, c);
    if (on_connector) --e;
    on_connector = !on_connector;
    rear += net->lane_length_m[behind];
    art_note_least(sim, &word[behind], art_overhang_pack(rear, speed_mps), worker);
  }
}

void art_track_reserve(art_vehicle *vehicle, int32_t e)
{
  const int32_t has = art_track_room(vehicle), wanted = e - ART_TRACK_NEAR + 1;
  if (wanted <= has) return;
  vehicle->has_many = wanted > ART_TRACK_SOME;
  const int32_t room = vehicle->has_many ? ART_TRACK_MAX - ART_TRACK_NEAR : ART_TRACK_SOME;
  vehicle->more = art_renew(vehicle->more, (size_t)room, sizeof *vehicle->more);
  memset(vehicle->more + has, 0, (size_t)(room - has) * sizeof *vehicle->more);
}

/// Forgets connectors that the rear has left and takes over what the nodes decided last step.
static void refresh_track(const art_sim *sim, art_vehicle *vehicle, int32_t lane, float pos, float length)
{
  const art_net *net = sim->net;
  const art_way *ways = sim->ways.way;
  int32_t gone = vehicle->track_ahead;  // entries [0, gone) turn out to be behind the rear
  float front = pos;                    // past the start of the lane looked at
  int on_connector = art_net_is_connector(net, lane);
  while (gone > 0) {
    const art_way *way = &ways[art_track_of(vehicle, gone - 1)->connector];
    const float connector_m = way->length_m;
    if (!on_connector) front += connector_m;
    if (front - length > connector_m) break;  // the rear is past this connector's end
    --gone;
    front += net->lane_length_m[way->from_lane];
    on_connector = 0;
  }
  if (gone > 0) {
    for (int32_t e = gone; e < vehicle->track_count; ++e) *art_track_of(vehicle, e - gone) = *art_track_of(vehicle, e);
    vehicle->track_count -= gone;
    vehicle->track_ahead -= gone;
  }
  for (int32_t e = 0; e < vehicle->track_count; ++e) {
    art_track *track = art_track_of(vehicle, e);
    track->grant = track->new_grant;
    track->committed = track->new_committed;
    track->order = track->new_order;
    const int inside = e < vehicle->track_ahead;
    if (ways[track->connector].is_free) {
      track->new_grant = ART_GRANT_FULL;
      track->new_committed = 1;
    } else if (!inside) {
      track->new_grant = ART_GRANT_NONE;
      track->new_committed = 0;
    }
    track->cap_mps2 = INFINITY;
    track->stop_m = INFINITY;
    track->delay_s = 0.0f;
  }
}

static uint8_t holds_onward(const art_vehicle *vehicle, int32_t e)
{
  return e + 1 < vehicle->track_count && art_track_of(vehicle, e + 1)->grant == ART_GRANT_FULL;
}

/// The part of a notice that is the same at every node ...
typedef struct who {
  uint64_t key;
  int32_t vehicle, record, standing_ms, blocked_ms;
  float speed_mps;
  uint16_t type;
  uint8_t rotates;
} who;
/// ... and what differs.
typedef struct where {
  float front_m, desired_mps;
  uint8_t slot, prior, asks, entered, onward;
} where;

/// Tells the node of a connector of a vehicle's track about it.
static inline void tell(art_sim *sim, art_worker *worker, int thread, who w, const art_track *track, where at)
{
  art_notice *notice = art_new_notice(sim, worker, thread, track->connector);
  notice->key = w.key;
  notice->vehicle = w.vehicle;
  notice->record = w.record;
  notice->order = track->order;
  notice->front_m = at.front_m;
  notice->speed_mps = w.speed_mps;
  notice->desired_mps = at.desired_mps;
  notice->standing_ms = w.standing_ms;
  notice->blocked_ms = w.blocked_ms;
  notice->waits_for = track->waits_for;
  notice->type = w.type;
  notice->turn_slot = at.slot;
  notice->grant = track->grant;
  notice->committed = track->committed;
  notice->prior = at.prior;
  notice->asks = at.asks & 1u;
  notice->onward = at.onward & 1u;
  notice->rotates = w.rotates & 3u;
  notice->entered = at.entered & 1u;
  notice->refusal = track->refusal & 7u;
  notice->has_detours = track->detours != 0;
}

/// Publishes one vehicle at every node that it touches or comes near. `open` closed: somebody ahead on its lane has no way
/// on, so it asks for nothing. Returns `open` for those behind, if there are any.
static int publish_vehicle(art_sim *sim, art_block *block, int32_t at, int open, int is_followed, art_worker *worker,
                           int thread)
{
  const art_net *net = sim->net;
  const art_way *ways = sim->ways.way;
  const int32_t trip = block->vehicle[at], type = block->type[at], lane = block->lane[block->lane8[at]];
  art_vehicle *vehicle = art_record_at(sim, block, at);
  const float v = block->speed_mps[at], pos = block->pos_m[at], length = sim->types.length_m[type];
  const int32_t vclass = sim->types.vclass[type];
  const float factor = art_factor(block->speed_factor[at]);
  refresh_track(sim, vehicle, lane, pos, length);

  const who me = { .vehicle = trip,
                   .record = block->record[at],
                   .key = block->key[at],
                   .speed_mps = v,
                   .type = (uint16_t)type,
                   .rotates = block->flags[at] & ART_FLAG_ROTATE ? vehicle->push_mps > 0.0f ? 2 : 1 : 0,
                   .standing_ms = art_stood_ms(sim, block, at),
                   .blocked_ms = vehicle->blocked_ms };

  // Under the body: entries before track_ahead, nearest first.
  const int on_connector = art_net_is_connector(net, lane);
  float front = pos;
  for (int32_t e = vehicle->track_ahead - 1; e >= 0; --e) {
    const art_track *track = art_track_of(vehicle, e);
    const art_way *way = &ways[track->connector];
    if (e < vehicle->track_ahead - 1) front += way->exit_m;
    if (e < vehicle->track_ahead - 1 || !on_connector) front += way->length_m;
    if (way->is_free) continue;
    const float desired = art_desired(sim, art_net_lane_of_connector(net, track->connector), type, factor);
    const where here = { .front_m = front, .desired_mps = desired, .slot = (uint8_t)e, .prior = ART_PRIOR_OPEN,
                         .asks = 1, .entered = 1, .onward = holds_onward(vehicle, e) };
    tell(sim, worker, thread, me, track, here);
  }

  // Ahead: extend the way as far as the vehicle announces itself.
  int32_t hop = block->hop[at], from = lane;
  float start = net->lane_length_m[lane] - pos;  // distance to the start of the next connector
  if (on_connector) {
    from = ways[art_net_connector_of_lane(net, lane)].to_lane;
    start += ways[art_net_connector_of_lane(net, lane)].exit_m;
  }
  // Some nodes must see farther than others; the way is extended as far as any may, published as far as each does.
  const float announce = art_announce_distance(v, sim->announce_s), ask = ask_distance(v);
  const int lane_open = open;
  int32_t hops;  // of the route; looked at only where the way is not known yet
  int has_way = vehicle->track_ahead < vehicle->track_count;
  // chained: the link before is too short to wait on, so both nodes are asked together; close: short enough that a platoon
  // only keeps moving if the next node is asked as early as this one
  int asks = 0, chained = 0, close = 0;
  if (on_connector) {
    const float exit_m = net->lane_length_m[from];
    close = exit_m < CLOSE_LINK_M;
    chained = exit_m < length + sim->types.min_gap_m[type];
    asks = chained || (close && ways[art_net_connector_of_lane(net, lane)].needs_room);
    if (art_track_of(vehicle, vehicle->track_ahead - 1)->grant != ART_GRANT_FULL)
      open = chained && open != ART_PRIOR_CLOSED ? ART_PRIOR_CHAINED : ART_PRIOR_CLOSED;
  }
  for (int32_t e = vehicle->track_ahead; (start <= announce || chained || close) && e < ART_TRACK_MAX;
       ++e, ++hop) {
    if (e >= vehicle->track_count) {
      art_track next;
      if (!art_lanes_track(sim, trip, hop, from, vclass, &next)) break;
      if (e == vehicle->track_ahead) has_way = 1;
      art_track_reserve(vehicle, e);
      *art_track_of(vehicle, e) = next;
      vehicle->track_count = e + 1;
    }
    art_track *track = art_track_of(vehicle, e);
    const int32_t c = track->connector, path = art_net_lane_of_connector(net, c);
    const art_way *way = &ways[c];
    asks = start <= ask || ((chained || close) && asks);
    const int is_seen =
        asks || chained || close || start <= art_announce_distance(v, sim->lane_announce_s[from]);
    if (!way->is_free && is_seen && !art_red_answers(sim, track, open, me.standing_ms)) {
      const where there = { .front_m = -start, .desired_mps = art_desired(sim, path, type, factor), .slot = (uint8_t)e,
                            .prior = (uint8_t)open, .asks = asks != 0, .onward = holds_onward(vehicle, e) };
      tell(sim, worker, thread, me, track, there);
    }
    from = way->to_lane;
    const float next_link_m = way->exit_m;
    close = next_link_m < CLOSE_LINK_M;
    chained = next_link_m < length + sim->types.min_gap_m[type];
    if (track->grant != ART_GRANT_FULL)
      open = chained && open != ART_PRIOR_CLOSED ? ART_PRIOR_CHAINED : ART_PRIOR_CLOSED;
    start += way->length_m + next_link_m;
  }
  if (has_way || !is_followed || net->lane_length_m[lane] - pos > announce) return lane_open;
  (void)art_route_links(sim, trip, &hops);
  return block->hop[at] + 1 >= hops ? lane_open : ART_PRIOR_CLOSED;
}

static float gap_ahead(const art_sim *sim, const art_block *block, int32_t i)
{
  return block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]] - block->pos_m[i];
}

#define GOING_ON 4  // so many in a row are taken into account

/// Distance that a vehicle of lane k has before it on the lane, at least. A body ahead that goes on makes room: of a queue
/// that discharges, the last ones have more before them than their gaps.
static float free_ahead(const art_sim *sim, const art_block *block, int32_t k, int32_t i)
{
  int32_t j = i;  // forward to the one that counts by its gap, and back
  while (!(block->flags[j] & ART_FLAG_STOP) && j > block->start[k] && j > i - GOING_ON && block->speed_mps[j - 1] > 0.0f) --j;
  float room = block->flags[j] & ART_FLAG_STOP ? 0.0f
               : j == block->start[k]          ? sim->net->lane_length_m[block->lane[k]] - block->pos_m[j]
                                               : gap_ahead(sim, block, j);
  for (++j; j <= i; ++j) room = gap_ahead(sim, block, j) + art_going_on(block->speed_mps[j - 1], room);
  return room;
}

/// The last body of lane k, which is not empty.
static void publish_tail(const art_sim *sim, const art_block *block, int32_t k, art_worker *worker)
{
  const int32_t lane = block->lane[k], last = block->start[k + 1] - 1, type = block->type[last];
  const float rear = block->pos_m[last] - sim->types.length_m[type];
  const int has_grants = art_has_grants(block->flags[last]);
  // most records of those that are granted nothing are far away, and nothing is asked of them
  const art_vehicle *vehicle =
      has_grants || rear < 0.0f || (sim->needs & ART_NEEDS_LEAD_ACCEL) ? art_record_at(sim, block, last) : NULL;
  const art_track *onward = has_grants && vehicle->track_ahead < vehicle->track_count
                                ? art_track_of(vehicle, vehicle->track_ahead)
                                : NULL;
  sim->tail[lane] = (art_tail){ .rear_m = rear,
                                .speed_mps = block->speed_mps[last],
                                .decel_mps2 = sim->types.decel_mps2[type],
                                .free_m = block->speed_mps[last] > 0.0f ? free_ahead(sim, block, k, last) : 0.0f,
                                .accel_mps2 = sim->needs & ART_NEEDS_LEAD_ACCEL ? vehicle->accel_mps2 : 0.0f,
                                .connected = art_is_connected(sim, type),
                                .leaving = onward && onward->committed && onward->grant == ART_GRANT_FULL };
  if (rear < 0.0f)
    art_cover_behind(sim, vehicle, lane, block->pos_m[last], block->speed_mps[last], sim->types.length_m[type],
                     sim->overhang[ART_BUFFER(sim)], worker);
}

// Records, ways and boxes lie anywhere: each is fetched some vehicles before its turn, since to read one one needs the other.
#define RECORD_AHEAD 12
#define WAY_AHEAD 6
#define BOX_AHEAD 3

/// Where the next notice of its node will be written.
static void fetch_box(const art_sim *sim, const art_block *block, int32_t i)
{
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  const int32_t e = vehicle->track_ahead < vehicle->track_count ? vehicle->track_ahead : vehicle->track_ahead - 1;
  if (e < 0) return;
  const int32_t node = sim->ways.way[art_track_of(vehicle, e)->connector].node;
  const int32_t count = __atomic_load_n(&sim->node_notices[node], __ATOMIC_RELAXED);  // others may just be adding to it
  __builtin_prefetch(&sim->notice[sim->node_first_notice[node] + count], 1);
}

/// Tells nodes of those who come near them.
static void publish_comers(art_sim *sim, art_block *block, art_worker *worker, int thread)
{
  art_wide_lanes lanes;
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left);
    lanes.length_m[k] = sim->net->lane_length_m[block->lane[k]];
  }
  art_move_scratch *s = &worker->move;
  art_move_scratch_reserve(s, art_block_count(block));
  const float far_m = sim->announce_s > ART_ANNOUNCE_S ? FAR_M : 0.0f;
  uint8_t *const concerned = (uint8_t *)(void *)s->sum;
  const int32_t count = sim->wide->comers(&lanes, block, sim->announce_s, far_m, s->mark, concerned, s->index);
  int32_t told = 0;  // those that nothing can happen to are passed over
  for (int32_t n = 0; n < count; ++n) {
    const int32_t i = s->index[n];
    s->index[told] = i;
    told += !((block->flags[i] & ART_FLAG_QUIET) && art_stays_quiet(sim, block, i, !s->mark[i]));
  }
  for (int32_t n = 0; n < RECORD_AHEAD && n < told; ++n) art_fetch_record(sim, block, s->index[n]);
  for (int32_t n = 0; n < WAY_AHEAD && n < told; ++n) art_fetch_ways(sim, block, s->index[n]);
  int open = ART_PRIOR_OPEN;
  for (int32_t n = 0, k = -1; n < told; ++n) {
    const int32_t i = s->index[n], is_far = !s->mark[i];
    if (n + RECORD_AHEAD < told) art_fetch_record(sim, block, s->index[n + RECORD_AHEAD]);
    if (n + WAY_AHEAD < told) art_fetch_ways(sim, block, s->index[n + WAY_AHEAD]);
    if (n + BOX_AHEAD < told) fetch_box(sim, block, s->index[n + BOX_AHEAD]);
    if (block->lane8[i] != k) open = ART_PRIOR_OPEN;
    k = block->lane8[i];
    if (!is_far || art_record_at(sim, block, i)->track_count > 0)
      open = publish_vehicle(sim, block, i, open, n + 1 < told && block->lane8[s->index[n + 1]] == k, worker, thread);
    art_quiet_mark(sim, block, i, is_far);
  }
}

/// Of connectors: the lanes behind them, over which most who are on them still hang.
static void fetch_behind(const art_sim *sim, const art_block *block)
{
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t c = art_net_connector_of_lane(sim->net, block->lane[art_lowest_lane(left)]);
    __builtin_prefetch(&sim->overhang[ART_BUFFER(sim)][sim->ways.way[c].from_lane], 1);
  }
}

void art_publish_block(art_sim *sim, art_block *block, art_worker *worker, int thread)
{
  for (art_lane_mask left = block->tailed & ~block->occupied; left; left &= left - 1)
    sim->tail[block->lane[art_lowest_lane(left)]] = (art_tail){ .rear_m = INFINITY };
  block->tailed = block->occupied;
  if (!block->occupied) return;
  publish_comers(sim, block, worker, thread);
  if (block->is_node) fetch_behind(sim, block);
  for (art_lane_mask left = block->occupied; left; left &= left - 1) publish_tail(sim, block, art_lowest_lane(left), worker);
}
