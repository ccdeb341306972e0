/// \file wide_loops_internal.h
/// The loops of wide.h. Compiled once for every instruction set by wide_baseline.c, wide_avx2.c and wide_avx512.c, which name
/// it in ART_WIDE_NAME.
#ifndef ART_CORE_STEP_WIDE_LOOPS_INTERNAL_H
#define ART_CORE_STEP_WIDE_LOOPS_INTERNAL_H
#include <math.h>
#include <string.h>

#include "core/num/real.h"
#include "core/step/wide.h"

#ifndef ART_WIDE_NAME
#define ART_WIDE_NAME baseline
#define ART_WIDE_WIDTH ART_WIDTH_BASELINE
#endif
#define ART_WIDE_JOIN_(a, b) a##b
#define ART_WIDE_JOIN(a, b) ART_WIDE_JOIN_(a, b)
#define SIMD _Pragma("omp simd")

// Blocks have few vehicles, so loops that are mostly of floats go by chunks of as many as a vector has: the compiler leaves
// nothing over for a loop one by one. (Those that are mostly of flags got slower by it.) Columns have room for whole chunks
// (core/fleet/block.c), and so has whatever a loop fills by vehicle. What lies behind the last vehicle is worked on as well; it
// means nothing, and marks there are 0.
#define CHUNK 16
#define EACH_WITH(simd, i, n)                                  \
  for (int32_t chunk_##i = 0; chunk_##i < (n); chunk_##i += CHUNK) \
    _Pragma(simd) for (int32_t i = chunk_##i; i < chunk_##i + CHUNK; ++i)
#define EACH(i, n) EACH_WITH("omp simd", i, n)

/// Is anything in whole chunks of marks set?
static int is_any(const uint8_t *marked, int32_t n)
{
  uint64_t any = 0;
  for (int32_t i = 0; i < n; i += CHUNK) {
    uint64_t word[2];
    memcpy(word, marked + i, sizeof word);
    any |= word[0] | word[1];
  }
  return any != 0;
}

static int wide_begin(art_block *block)
{
  const int32_t n = art_block_count(block);
  float *restrict cap = block->accel_cap_mps2;
  uint16_t *restrict flags = block->flags;
  uint32_t all = ART_FLAG_PLANNED;
  _Pragma("omp simd reduction(& : all)") for (int32_t i = 0; i < n; ++i)
  {
    const uint32_t f = flags[i];
    cap[i] = INFINITY;
    flags[i] = (uint16_t)(f & ~(uint32_t)ART_FLAG_CHANGED);
    all &= f;
  }
  return all == 0;
}

static int32_t wide_comers(const art_wide_lanes *lanes, const art_block *block, float announce_s, float far_m,
                           uint8_t *restrict near, uint8_t *restrict concerned, int32_t *restrict list)
{
  const int32_t n = art_block_count(block);
  const float *restrict pos = block->pos_m, *restrict speed = block->speed_mps;
  const uint16_t *restrict flags = block->flags;
  const uint8_t *restrict lane8 = block->lane8;
  EACH(i, n)
  {
    const float v = speed[i], ask = v * v * 0.125f + 1.5f * v + 6.0f, announce = ask + announce_s * v + far_m;
    const uint32_t is_near = !(lanes->length_m[lane8[i]] - pos[i] > announce), f = flags[i];
    near[i] = (uint8_t)is_near;
    concerned[i] = (uint8_t)(is_near | ((f & (ART_FLAG_WAY | ART_FLAG_QUIET)) == ART_FLAG_WAY));
  }
  int32_t count = 0;
  for (int32_t i = 0; i < n; ++i) {
    list[count] = i;
    count += concerned[i];
  }
  return count;
}

static int wide_thinkers(const art_wide_step *step, const art_block *block, uint8_t *restrict marked)
{
  const int32_t n = art_block_count(block), now = step->since_begin_ms;
  const uint64_t *restrict key = block->key;
  const uint16_t *restrict flags = block->flags, *restrict stay = block->stay;
  const int32_t *restrict after = block->change_after_ms;
  const uint8_t *restrict lane8 = block->lane8, *restrict index = block->lane_index, *restrict kind = block->lane_kind;
  const uint32_t every = step->think_every, phase = step->think_now;
  const uint32_t is_power = (every & (every - 1u)) == 0;  // as it is for the usual steps
  uint32_t any = 0;
  if (!is_power) {
    for (int32_t i = 0; i < n; ++i) {
      marked[i] = (phase + (uint32_t)key[i] % every) % every == 0;
    }
  } else {
    SIMD for (int32_t i = 0; i < n; ++i) marked[i] = ((phase + (uint32_t)key[i]) & (every - 1u)) == 0;
  }
  _Pragma("omp simd reduction(| : any)") for (int32_t i = 0; i < n; ++i)
  {
    const uint32_t f = flags[i], s = stay[i], k = kind[lane8[i]];
    const uint32_t stays = s >> index[lane8[i]] & 1u, beside = (s << 1 | s >> 1) >> index[lane8[i]] & 1u;
    const uint32_t may = s != 0 && (k & ART_LANE_HAS_OTHERS) != 0 && (f & ART_FLAG_BOUND) == 0;
    const uint32_t can_wait = (k & ART_LANE_SHORT) == 0 || (f & ART_FLAG_STANDS) != 0;
    const uint32_t chooses = beside && marked[i] && now >= after[i] && (f & ART_FLAG_STOP) == 0;
    const uint32_t mark = may & can_wait & ((stays ^ 1u) | chooses);
    marked[i] = (uint8_t)mark;
    any |= mark;
  }
  return any != 0;
}

static void wide_look(const art_type_table *types, const art_wide_lanes *lanes, art_block *block)
{
  const int32_t n = art_block_count(block);
  const float *restrict pos = block->pos_m, *restrict speed = block->speed_mps;
  const float *restrict length = types->length_m, *restrict most = types->max_speed_mps;
  const uint16_t *restrict type = block->type;
  const uint8_t *restrict lane8 = block->lane8, *restrict factor = block->speed_factor;
  float *restrict desired = block->desired_mps, *restrict gap = block->gap_m, *restrict lead = block->lead_speed_mps;
  EACH(i, n)
  {
    const float limit = lanes->limit_mps[lane8[i]] * ((float)factor[i] * (1.0f / ART_SPEED_FACTOR_ONE));
    desired[i] = art_maxf(art_minf(limit, most[type[i]]), 0.1f);
  }
  SIMD for (int32_t i = 1; i < n; ++i)
  {
    gap[i] = art_maxf(pos[i - 1] - length[type[i - 1]] - pos[i], 0.05f);
    lead[i] = speed[i - 1];
  }
}

static int wide_sort_out(const art_wide_step *step, const art_wide_lanes *lanes, art_block *block, float *restrict way,
                         uint8_t *restrict busy)
{
  const int32_t n = art_block_count(block);
  const float *restrict pos = block->pos_m, *restrict speed = block->speed_mps, *restrict desired = block->desired_mps;
  const float *restrict cap = block->accel_cap_mps2;
  const uint8_t *restrict lane8 = block->lane8;
  const uint16_t *restrict flags = block->flags;
  float *restrict accel = block->accel_mps2;
  const float dt = step->dt_s;
  EACH(i, n)
  {
    const float v = speed[i], to_end = lanes->length_m[lane8[i]] - pos[i];
    const uint32_t f = flags[i];
    const uint32_t has_way = (f & ART_FLAG_WAY) != 0, is_quiet = (f & ART_FLAG_QUIET) != 0;
    const uint32_t is_last = (f & ART_FLAG_LAST) != 0;
    const uint32_t ends = to_end < art_look_ahead(v, desired[i], dt), asks = to_end <= v * v * 0.125f + 1.5f * v + 6.0f;
    const uint32_t special = (f & (ART_FLAG_STOP | ART_FLAG_ROTATE)) != 0;
    const uint32_t is_busy = special | (has_way & (is_quiet ^ 1u)) | (has_way & is_quiet & asks) |
                             ((has_way ^ 1u) & (is_last ^ 1u) & ends);
    accel[i] = art_minf(accel[i], cap[i]);
    way[i] = has_way & is_quiet ? to_end - ART_LINE_CLEAR_M : INFINITY;
    busy[i] = (uint8_t)(is_busy & (uint32_t)(i < n));
  }
  return is_any(busy, n);
}

static int wide_advance(const art_wide_step *step, const art_type_table *types, const art_block *block,
                        const float *restrict way, float *restrict new_speed, float *restrict moved,
                        uint8_t *restrict short_of_room, int32_t *hard_brakings)
{
  const int32_t n = art_block_count(block);
  const float *restrict speed = block->speed_mps, *restrict accel = block->accel_mps2, *restrict gap = block->gap_m;
  const float *restrict hardest = types->emergency_decel_mps2;
  const uint16_t *restrict type = block->type;
  const float dt = step->dt_s;
  int32_t hard = 0;
  EACH_WITH("omp simd reduction(+ : hard)", i, n)
  {
    const float v = speed[i], a = art_maxf(accel[i], -hardest[type[i]]), reached = v + a * dt;
    const float v_new = art_maxf(reached, 0.0f);
    const float driving = v * dt + 0.5f * a * dt * dt, halting = a < 0.0f ? -0.5f * v * v / a : 0.0f;
    float way_driven = v_new > 0.0f ? driving : halting, speed_then = v_new;
    hard += (a < -ART_HARD_BRAKING_MPS2) & (reached > 0.0f) & (i < n);
    const float most = art_maxf(way[i], 0.0f);
    speed_then = way_driven > way[i] ? art_minf(speed_then, most / dt) : speed_then;
    way_driven = way_driven > way[i] ? most : way_driven;
    const uint32_t lacks = way_driven > art_maxf(gap[i] - ART_LINE_CLEAR_M, 0.0f);
    new_speed[i] = speed_then;
    moved[i] = way_driven;
    short_of_room[i] = (uint8_t)(lacks & (uint32_t)(i < n));
  }
  *hard_brakings += hard;
  return is_any(short_of_room, n);
}

static void wide_take_over(art_block *block, const float *restrict new_speed, const float *restrict moved)
{
  const int32_t n = art_block_count(block);
  float *restrict pos = block->pos_m, *restrict speed = block->speed_mps, *restrict before = block->gap_m;
  EACH(i, n)
  {
    const float at = pos[i];
    before[i] = at;
    pos[i] = at + moved[i];
    speed[i] = new_speed[i];
  }
}

static int wide_stops(const art_block *block, uint8_t *restrict marked)
{
  const int32_t n = art_block_count(block);
  const float *restrict speed = block->speed_mps;
  const uint16_t *restrict flags = block->flags;
  const uint32_t is_node = block->is_node != 0;
  uint32_t any = 0;
  _Pragma("omp simd reduction(| : any)") for (int32_t i = 0; i < n; ++i)
  {
    const float v = speed[i];
    const uint32_t f = flags[i], stands = v < ART_STANDS_MPS, stood = (f & ART_FLAG_STANDS) != 0;
    const uint32_t was_fast = (f & ART_FLAG_FAST) != 0, has_stop = (f & ART_FLAG_STOP) != 0;
    const uint32_t is_fast = v > ART_FAST_MPS, is_slow = v < ART_STOPS_MPS;
    const uint32_t mark = (stands ^ stood) | (stands & (is_node | has_stop)) | (is_fast & (was_fast ^ 1u)) | (is_slow & was_fast);
    marked[i] = (uint8_t)mark;
    any |= mark;
  }
  return any != 0;
}

/// Two sums in one number: of n vehicles the low one stays below 2^31, and the high one, which is not negative, below 2^32.
#define PACK(low, high) ((uint64_t)(int64_t)(low) + ((uint64_t)(uint32_t)(high) << 32))
#define LOW(sum) ((int32_t)(uint32_t)(sum))
#define HIGH(sum) ((int32_t)(((sum) - (uint64_t)(int64_t)LOW(sum)) >> 32))

/// What each vehicle adds: way driven and body, time lost and whether it stands.
static void wide_shares(const art_wide_step *step, const art_type_table *types, const art_block *block, uint64_t *restrict way,
                        uint64_t *restrict loss)
{
  const int32_t n = art_block_count(block);
  const float *restrict pos = block->pos_m, *restrict before = block->gap_m, *restrict speed = block->speed_mps;
  const float *restrict desired = block->desired_mps, *restrict length = types->length_m;
  const uint16_t *restrict type = block->type;
  const float dt_ms = (float)step->dt_ms;
  SIMD for (int32_t i = 0; i < n; ++i)
  {
    const float way_mm = (pos[i] - before[i]) * 1000.0f, lost_ms = dt_ms - way_mm / desired[i];
    const int32_t distance = (int32_t)(way_mm + 0.5f), body = (int32_t)(length[type[i]] * 1000.0f);
    const int32_t lost = (int32_t)(lost_ms + (lost_ms < 0.0f ? -0.5f : 0.5f)),
                  waits = speed[i] < ART_STANDS_MPS;
    way[i] = PACK(distance, body);
    loss[i] = PACK(lost, waits);
  }
}

static void wide_sum(const art_wide_step *step, const art_type_table *types, const art_block *block, uint64_t *scratch,
                     art_wide_sums *sums)
{
  const int32_t n = art_block_count(block);
  const float *restrict pos = block->pos_m, *restrict before = block->gap_m;
  sums->distance_mm = 0;
  if (block->is_node) {  // nobody asks for more
    int32_t distance = 0;
    _Pragma("omp simd reduction(+ : distance)") for (int32_t i = 0; i < n; ++i) distance +=
        (int32_t)((pos[i] - before[i]) * 1000.0f + 0.5f);
    sums->distance_mm = distance;
    return;
  }
  uint64_t *restrict way = scratch, *restrict loss = scratch + n;
  wide_shares(step, types, block, way, loss);
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left);
    uint64_t ways = 0, losses = 0;
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
      ways += way[i];
      losses += loss[i];
    }
    sums->lane_distance_mm[k] = LOW(ways);
    sums->lane_body_mm[k] = HIGH(ways);
    sums->lane_loss_ms[k] = LOW(losses);
    sums->lane_waiting[k] = HIGH(losses);
    sums->distance_mm += sums->lane_distance_mm[k];
  }
}

static int wide_noise_due(const art_wide_step *step, const art_block *block, uint8_t *restrict marked)
{
  const int32_t n = art_block_count(block);
  const uint64_t *restrict key = block->key;
  const uint16_t *restrict flags = block->flags;
  const uint32_t now = step->noise_now_ms, before = step->noise_before_ms;
  const uint32_t same = step->noise_is_same_period != 0;
  EACH(i, n)
  {
    const uint32_t at = (uint32_t)key[i] % ART_NOISE_PERIOD_MS, later = now >= at, was_later = before >= at;
    // draws are numbered: period + later
    const uint32_t is_new = same ? later ^ was_later : (later == 0 && was_later == 1) ^ 1u;
    const uint32_t mark = is_new | ((flags[i] & ART_FLAG_DRAWN) == 0);
    marked[i] = (uint8_t)(mark & (uint32_t)(i < n));
  }
  return is_any(marked, n);
}

static void wide_add_noise(const art_type_table *types, art_block *block)
{
  const int32_t n = art_block_count(block);
  const float *restrict size = types->noise_mps2, *restrict noise = block->noise, *restrict speed = block->speed_mps;
  const uint16_t *restrict type = block->type;
  float *restrict accel = block->accel_mps2;
  EACH(i, n) accel[i] +=
      size[type[i]] * noise[i] * art_minf(speed[i] * (1.0f / ART_NOISE_FADE_MPS), 1.0f);
}

const art_wide ART_WIDE_JOIN(art_wide_, ART_WIDE_NAME) = { .width = ART_WIDE_WIDTH,
                                                           .begin = wide_begin,
                                                           .comers = wide_comers,
                                                           .thinkers = wide_thinkers,
                                                           .look = wide_look,
                                                           .sort_out = wide_sort_out,
                                                           .advance = wide_advance,
                                                           .take_over = wide_take_over,
                                                           .stops = wide_stops,
                                                           .sum = wide_sum,
                                                           .noise_due = wide_noise_due,
                                                           .add_noise = wide_add_noise };

#endif  // ART_CORE_STEP_WIDE_LOOPS_INTERNAL_H
