/// Changing places: the one move that is not driven. It leaves no overlap, and nobody rolls back.
#include "core/step/change_internal.h"

#define SWAP_SHIFT_M 6.0f  // what one may move up while changing places
#define SWAP_GAP_M 0.3f
#define SWAP_PATIENCE_MS 60000   // before one is asked who can go on from either lane
#define UPSTREAM_M 10.0f  // as near as this, one that is moved with its circle from the links before this one matters
#define ACROSS_PATIENCE_MS 15000  // standing, before one changes places across a lane
#define CROWD_MAX 8             // short vehicles that change places with a long one
#define CROWD_PATIENCE_MS 90000  // before those are asked, too, who would rather stay

static int32_t place_in_block(const art_block *block, int32_t k, int32_t trip)
{
  for (int32_t q = block->start[k]; q < block->start[k + 1]; ++q)
    if (block->vehicle[q] == trip) return q;
  return -1;
}

float art_front_behind(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t k = block->lane8[i];
  if (i + 1 < block->start[k + 1]) return block->pos_m[i + 1] + art_pushed_m(sim, block->vehicle[i + 1]);
  if (sim->cycle_count == 0) return -INFINITY;
  float speed;
  int32_t trip;
  const float gap = art_upstream_gap(sim, block->lane[k], 0.0f, UPSTREAM_M, &speed, &trip);
  return trip >= 0 && art_pushed_m(sim, trip) > 0.0f ? -gap : -INFINITY;
}

static int wants_lane(const art_sim *sim, const art_block *block, int32_t i, int32_t m, int32_t k, int32_t wanted_k)
{
  return !(block->stay[i] >> m & 1) && ((art_record_at(sim, block, i)->leftward >> m & 1) ? wanted_k > k : wanted_k < k);
}

/// Could o just as well go on from lane k? Asked only of those who stand, for one who has stood for long and cannot.
static int goes_on_from(const art_sim *sim, const art_block *block, int32_t i, int32_t o, int32_t k)
{
  const art_vehicle *me = art_record_at(sim, block, i), *other = art_record_at(sim, block, o);
  if (art_standing_ms(sim, me) < SWAP_PATIENCE_MS || art_standing_ms(sim, other) == 0 || (block->flags[o] & ART_FLAG_STOP)) return 0;
  if (other->changed_ms > art_now_in_run(sim) - SWAP_PATIENCE_MS) return 0;  // not to and fro
  if (other->track_ahead < other->track_count && art_track_of(other, other->track_ahead)->new_committed) return 0;
  return art_lanes_connector(sim, block->vehicle[o], block->hop[o], block->lane[k], sim->types.vclass[block->type[o]]) >= 0;
}

/// Where a long vehicle needs the place of several short ones, the first of which needs its place: all of them stand where
/// it stood then, and those that had rather stayed come back behind it. Otherwise the heads of two lanes wait for ever.
static int swap_with_several(art_sim *sim, art_block *block, int32_t i, int32_t first_k, const art_beside *p)
{
  const int32_t own = block->lane8[i], m = p->k - first_k, trip = block->vehicle[i];
  const float length = sim->types.length_m[block->type[i]], end = sim->net->lane_length_m[block->lane[own]] - 0.5f;
  if (art_standing_ms(sim, art_record(sim, trip)) < CROWD_PATIENCE_MS || i > block->start[own]) return 0;
  const float ahead = art_rear_ahead(sim, block, i) - SWAP_GAP_M;  // bodies of others that end in the own lane
  const float behind = art_maxf(art_front_behind(sim, block, i) + SWAP_GAP_M, 0.0f);
  const float pos = art_minf(end, block->pos_m[i] + SWAP_SHIFT_M);
  int32_t crowd[CROWD_MAX], count = 0, wants = 0, q = block->start[p->k];
  for (; q < block->start[p->k + 1] && block->pos_m[q] > pos - length - SWAP_GAP_M; ++q) {
    const art_vehicle *other = art_record_at(sim, block, q);
    if (count == CROWD_MAX || block->speed_mps[q] > 0.5f || other->at_stop || other->changed_ms == art_now_in_run(sim)) return 0;
    if (art_pushed_m(sim, block->vehicle[q]) > 0.0f) return 0;
    if (art_standing_ms(sim, other) < CROWD_PATIENCE_MS && count == 0) return 0;
    if (other->track_ahead < other->track_count && art_track_of(other, other->track_ahead)->new_committed) return 0;
    if (!art_lane_permits(sim, block->lane[own], sim->types.vclass[block->type[q]])) return 0;
    wants += wants_lane(sim, block, q, m, p->k, own);
    crowd[count++] = block->vehicle[q];
  }
  if (count == 0 || art_front_behind(sim, block, q - 1) > pos - length - SWAP_GAP_M) return 0;
  float free_from = behind, place[CROWD_MAX];
  for (int32_t c = count - 1; c >= 0; --c) {  // from the last on, each moves up as far as it takes
    const int32_t at = place_in_block(block, p->k, crowd[c]);
    place[c] = art_maxf(block->pos_m[at], free_from + sim->types.length_m[block->type[at]]);
    if (place[c] > block->pos_m[at] + SWAP_SHIFT_M || place[c] > art_minf(ahead, end)) return 0;
    free_from = place[c] + SWAP_GAP_M;
  }
  if (!wants || pos - length < 0.0f || art_overhang_known(sim, block->lane[p->k]) != ART_OVERHANG_NONE) return 0;
  block->pos_m[i] = pos;
  (void)art_change_to(sim, block, i, p->k);
  for (int32_t c = 0; c < count; ++c) {
    const int32_t at = place_in_block(block, p->k, crowd[c]);
    block->pos_m[at] = place[c];
    (void)art_change_to(sim, block, at, own);
  }
  return 1;
}

/// i and o, who stand side by side in lanes own and k of the block, change places if they fit between the neighbours that
/// stay, moving up a little where it takes that. Nobody rolls backward. 1 if they did.
static int exchange(art_sim *sim, art_block *block, int32_t i, int32_t o, int32_t k)
{
  const int32_t own = block->lane8[i], trip_o = block->vehicle[o];
  const float len_i = sim->types.length_m[block->type[i]], len_o = sim->types.length_m[block->type[o]];
  const float ahead_i = art_rear_ahead(sim, block, o);
  const float behind_i = art_front_behind(sim, block, o);
  const float ahead_o = art_rear_ahead(sim, block, i);
  const float behind_o = art_front_behind(sim, block, i);
  const float pos_i = art_maxf(block->pos_m[i], behind_i + len_i + 0.3f);
  const float pos_o = art_maxf(block->pos_m[o], behind_o + len_o + 0.3f);
  const float end = sim->net->lane_length_m[block->lane[own]] - 0.5f;
  if (pos_i > art_minf(ahead_i - 0.3f, end) || pos_o > art_minf(ahead_o - 0.3f, end)) return 0;
  if (pos_i > block->pos_m[i] + SWAP_SHIFT_M || pos_o > block->pos_m[o] + SWAP_SHIFT_M) return 0;
  block->pos_m[i] = pos_i;
  block->pos_m[o] = pos_o;
  (void)art_change_to(sim, block, i, k);
  (void)art_change_to(sim, block, place_in_block(block, k, trip_o), own);
  return 1;
}

/// Can o leave its place at all?
static int may_give_place(const art_sim *sim, const art_block *block, int32_t o)
{
  const art_vehicle *other = art_record_at(sim, block, o);
  return !other->at_stop && other->changed_ms != art_now_in_run(sim) && art_pushed_m(sim, block->vehicle[o]) <= 0.0f &&
         block->pos_m[o] >= sim->types.length_m[block->type[o]];
}

/// Two that stand side by side and each need the other's lane (or one can use either) change places.
int art_swap_lanes(art_sim *sim, art_block *block, int32_t i, int32_t first_k, const art_beside *p)
{
  const int32_t own = block->lane8[i];
  const int32_t sides[] = { p->leader, p->follower };
  for (int s = 0; s < 2; ++s) {
    const int32_t o = sides[s];
    if (o < 0 || block->speed_mps[o] > 0.5f || block->speed_mps[i] > 0.5f) continue;
    if (!may_give_place(sim, block, o)) continue;
    const int32_t m = p->k - first_k;
    if (!wants_lane(sim, block, o, m, p->k, own) && !goes_on_from(sim, block, i, o, own)) continue;
    if (!art_lane_permits(sim, block->lane[own], sim->types.vclass[block->type[o]])) continue;
    if (exchange(sim, block, i, o, p->k)) return 1;
  }
  return swap_with_several(sim, block, i, first_k, p);
}

/// Lanes from lane m to the nearest one that serves the route; many if there is none.
static int32_t lanes_off(uint16_t stay, int32_t m)
{
  for (int32_t n = 0; n < 16; ++n)
    if ((m + n < 16 && (stay >> (m + n) & 1)) || (m >= n && (stay >> (m - n) & 1))) return n;
  return 16;
}

/// May a class cross from lane k of the block to lane `to`, one after the other?
static int may_cross(const art_sim *sim, const art_block *block, int32_t k, int32_t to, int32_t vclass)
{
  const int32_t side = to > k ? 1 : -1;
  for (; k != to; k += side)
    if (!art_lane_leads_to(sim, block->lane[k], side, vclass)) return 0;
  return 1;
}

/// In standing queues two in the wrong lanes, with a lane between them whose drivers are content, help each other out:
/// i comes to its lane, and o, who cannot go on from there, is no farther from its own. Those between let them through.
int art_swap_across(art_sim *sim, art_block *block, int32_t i, int32_t first_k, int32_t side, int32_t changes)
{
  const int32_t own = block->lane8[i], m = own - first_k;
  if (changes < 2 || art_standing_ms(sim, art_record_at(sim, block, i)) < ACROSS_PATIENCE_MS) return 0;
  const int32_t to = own + side * changes;
  if (!(block->stay[i] >> (to - first_k) & 1)) return 0;
  if (!may_cross(sim, block, own, to, sim->types.vclass[block->type[i]])) return 0;
  const art_beside p = art_look_beside(sim, block, i, to);
  const int32_t beside[] = { p.leader, p.follower };
  for (int s = 0; s < 2; ++s) {
    const int32_t o = beside[s];
    if (o < 0 || art_standing_ms(sim, art_record_at(sim, block, o)) < ACROSS_PATIENCE_MS) continue;
    if (!may_give_place(sim, block, o) || (block->flags[o] & ART_FLAG_STOP)) continue;
    const art_vehicle *other = art_record_at(sim, block, o);
    if (other->track_ahead < other->track_count && art_track_of(other, other->track_ahead)->new_committed) continue;
    const uint16_t stay = block->stay[o];
    if (stay >> (to - first_k) & 1 || lanes_off(stay, m) > lanes_off(stay, to - first_k)) continue;
    if (!may_cross(sim, block, to, own, sim->types.vclass[block->type[o]])) continue;
    if (exchange(sim, block, i, o, to)) return 1;
  }
  return 0;
}
