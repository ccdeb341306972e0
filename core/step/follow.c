/// Car-following over a block: columns for the models that run, their kernels, and what drivers add to them.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define GRAVITY_MPS2 9.81f
#define CRAWL_MPS 5.0f  // up to here a climb leaves at least this share of the acceleration
#define CRAWL_SHARE 0.2f
#define STAND_MPS 0.1f
#define MOVE_OFF_MPS2 0.3f  // the way of one that stands counts as free from here on

/// Columns of the scratch: those of the view that are optional, then those of a group of one model.
enum {
  GAP_FACTOR,
  LEAD_ACCEL,
  OWN_ACCEL,
  DRAW,
  G_SPEED,
  G_DESIRED,
  G_GAP,
  G_LEAD,
  G_ACCEL,
  G_GAP_FACTOR,
  G_LEAD_ACCEL,
  G_OWN_ACCEL,
  G_DRAW,
  COLUMNS
};

static void reserve(art_follow_scratch *s, int32_t count)
{
  if (count <= s->capacity) return;
  art_follow_free(s);
  s->capacity = (count + 63) / 64 * 64;
  const size_t n = (size_t)s->capacity;
  s->index = art_new_aligned(n, sizeof *s->index);
  s->type = art_new_aligned(n, sizeof *s->type);
  s->connected = art_new_aligned(n, 1);
  s->group_connected = art_new_aligned(n, 1);
  s->column = art_new_aligned(n * COLUMNS, sizeof *s->column);
}

void art_follow_free(art_follow_scratch *s)
{
  free(s->index);
  free(s->type);
  free(s->connected);
  free(s->group_connected);
  free(s->column);
  memset(s, 0, sizeof *s);
}

static float *column(const art_follow_scratch *s, int which)
{
  return s->column + (size_t)which * (size_t)s->capacity;
}

// --- optional columns ---------------------------------------------------------------------------------------------

/// Acceleration of the leader in the last step, as far as it was published.
static void fill_lead_accel(const art_sim *sim, const art_block *block, const float *first, float *lead)
{
  const int32_t n = art_block_count(block);
  for (int32_t i = 0; i < n; ++i) {
    const int32_t k = block->lane8[i];
    lead[i] = i == block->start[k] ? first[k] : art_record_at(sim, block, i - 1)->accel_mps2;
  }
}

/// Whether the leader tells its acceleration; of a body that hangs over from the next lane that is not known.
static void fill_connected(const art_sim *sim, const art_block *block, const uint8_t *first, uint8_t *connected)
{
  const int32_t n = art_block_count(block);
  for (int32_t i = 0; i < n; ++i) {
    const int32_t k = block->lane8[i];
    connected[i] = i == block->start[k] ? first[k] : art_is_connected(sim, block->type[i - 1]);
  }
}

static void fill_gap_factor(const art_sim *sim, const art_block *block, float *factor)
{
  const int32_t n = art_block_count(block);
  for (int32_t i = 0; i < n; ++i) factor[i] = sim->net->lane_gap_factor[block->lane[block->lane8[i]]];
}

static void add_columns(const art_sim *sim, const art_block *block, art_worker *worker, art_follow_view *view)
{
  art_follow_scratch *s = &worker->follow;
  const int32_t n = view->count;
  if (sim->net->lane_gap_factor && !block->is_node) {
    fill_gap_factor(sim, block, column(s, GAP_FACTOR));
    view->time_gap_factor = column(s, GAP_FACTOR);
  }
  if (sim->needs & ART_NEEDS_LEAD_ACCEL) {
    fill_lead_accel(sim, block, worker->move.first_lead_accel_mps2, column(s, LEAD_ACCEL));
    view->lead_accel_mps2 = column(s, LEAD_ACCEL);
  }
  if (sim->needs & ART_NEEDS_OWN_ACCEL) {
    float *own = column(s, OWN_ACCEL);
    for (int32_t i = 0; i < n; ++i) own[i] = art_record_at(sim, block, i)->accel_mps2;
    view->own_accel_mps2 = own;
  }
  if (sim->needs & ART_NEEDS_DRAW) {
    float *draw = column(s, DRAW);
    for (int32_t i = 0; i < n; ++i)
      draw[i] = (float)art_uniform(art_rng(sim->seed, block->key[i], sim->now_ms, ART_FOR_DAWDLE));
    view->draw = draw;
  }
  if (sim->needs & ART_NEEDS_CONNECTED) {
    fill_connected(sim, block, worker->move.first_lead_connected, s->connected);
    view->lead_is_connected = s->connected;
  }
}

// --- several models -----------------------------------------------------------------------------------------------

static const float *gather(const float *from, const int32_t *index, int32_t n, float *to)
{
  if (!from) return NULL;
  for (int32_t j = 0; j < n; ++j) to[j] = from[index[j]];
  return to;
}

/// Vehicles of one model are packed together, so that its kernel runs over plain columns.
static void follow_group(const art_sim *sim, const art_follow_view *view, int model, art_follow_scratch *s)
{
  int32_t n = 0;
  for (int32_t i = 0; i < view->count; ++i) {
    s->index[n] = i;
    n += sim->types.model[view->type[i]] == model;
  }
  if (n == 0) return;
  if (n == view->count) {
    sim->kernels->follow[model](&sim->types, view);
    return;
  }
  for (int32_t j = 0; j < n; ++j) s->type[j] = view->type[s->index[j]];
  art_follow_view group = { .count = n, .type = s->type, .accel_mps2 = column(s, G_ACCEL) };
  group.speed_mps = gather(view->speed_mps, s->index, n, column(s, G_SPEED));
  group.desired_mps = gather(view->desired_mps, s->index, n, column(s, G_DESIRED));
  group.gap_m = gather(view->gap_m, s->index, n, column(s, G_GAP));
  group.lead_speed_mps = gather(view->lead_speed_mps, s->index, n, column(s, G_LEAD));
  group.time_gap_factor = gather(view->time_gap_factor, s->index, n, column(s, G_GAP_FACTOR));
  const int needs = sim->kernels->needs[model];
  if (needs & ART_NEEDS_LEAD_ACCEL)
    group.lead_accel_mps2 = gather(view->lead_accel_mps2, s->index, n, column(s, G_LEAD_ACCEL));
  if (needs & ART_NEEDS_OWN_ACCEL)
    group.own_accel_mps2 = gather(view->own_accel_mps2, s->index, n, column(s, G_OWN_ACCEL));
  if (needs & ART_NEEDS_DRAW) group.draw = gather(view->draw, s->index, n, column(s, G_DRAW));
  if (needs & ART_NEEDS_CONNECTED) {
    for (int32_t j = 0; j < n; ++j) s->group_connected[j] = view->lead_is_connected[s->index[j]];
    group.lead_is_connected = s->group_connected;
  }
  sim->kernels->follow[model](&sim->types, &group);
  for (int32_t j = 0; j < n; ++j) view->accel_mps2[s->index[j]] = group.accel_mps2[j];
}

// --- drivers ------------------------------------------------------------------------------------------------------

/// Nearly normal, from the four 16-bit parts of a draw: mean 0, variance 1, within 3.47.
static inline float bell(uint64_t bits)
{
  const int32_t sum = (int32_t)(bits & 0xffff) + (int32_t)(bits >> 16 & 0xffff) +
                      (int32_t)(bits >> 32 & 0xffff) + (int32_t)(bits >> 48);
  return (float)(sum - 131070) * (1.0f / 37837.22f);  // of n uniform parts the variance is n (2^32 - 1) / 12
}

/// Random acceleration of drivers: constant for a while, anew for each at his own instant. Depends on seed, key and time
/// only, so its spectrum does not change with the step. Draws stay in the block until the next one is due.
static void add_noise(const art_sim *sim, art_block *block, uint8_t *mark)
{
  const int32_t n = art_block_count(block);
  if (sim->wide->noise_due(&sim->wide_step, block, mark)) {
    const art_tick hold = sim->now_ms / ART_NOISE_PERIOD_MS;
    const uint64_t draw[2] = { art_hash2((uint64_t)hold, ART_FOR_NOISE),
                               art_hash2((uint64_t)(hold + 1), ART_FOR_NOISE) };
    for (int32_t i = 0; i < n; ++i) {
      if (!mark[i]) continue;
      const int later = sim->wide_step.noise_now_ms >= (uint32_t)block->key[i] % ART_NOISE_PERIOD_MS;
      // art_rng with its part that depends on the time computed once
      block->noise[i] = bell(art_hash2(art_hash2(sim->seed, (uint32_t)block->key[i]), draw[later]));
      block->flags[i] |= ART_FLAG_DRAWN;
    }
  }
  sim->wide->add_noise(&sim->types, block);
}

/// On a climb the engine lifts the vehicle too. Down a slope drivers use the brakes.
static void climb(const art_sim *sim, art_block *block)
{
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left);
    const float grade = sim->net->lane_grade[block->lane[k]];
    if (!(grade > 0.0f)) continue;
    const float pull = GRAVITY_MPS2 * grade / sqrtf(1.0f + grade * grade);
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
      const float accel = block->accel_mps2[i];
      float climbing = accel - pull * sim->types.grade_share[block->type[i]];
      if (block->speed_mps[i] < CRAWL_MPS)
        climbing = art_maxf(climbing, art_minf(CRAWL_SHARE * accel, accel));
      block->accel_mps2[i] = climbing;
    }
  }
}

float art_react(art_sim *sim, const art_block *block, int32_t i, float accel)
{
  const int32_t type = block->type[i];
  const float action = sim->types.action_step_s[type];
  if (action > sim->step_s) {
    const int64_t every = (int64_t)(action / sim->step_s + 0.5f);
    art_rare *rare = art_rare_make(sim, art_record_at(sim, block, i));
    const int has_none = rare->held_mps2 != rare->held_mps2;
    if (has_none || (sim->now_ms / sim->step_ms + (uint32_t)block->key[i]) % every == 0)
      rare->held_mps2 = accel;
    accel = rare->held_mps2;
    // Models that reach a speed in one step mean this one step: held on, the same acceleration would overshoot it.
    const float reach = (block->desired_mps[i] - block->speed_mps[i]) / sim->step_s;
    if (accel > 0.0f && accel > reach) accel = art_maxf(reach, 0.0f);
  }
  const float delay = sim->types.startup_delay_s[type];
  if (delay > 0.0f && block->speed_mps[i] < STAND_MPS) {
    art_rare *rare = art_rare_make(sim, art_record_at(sim, block, i));
    if (accel <= MOVE_OFF_MPS2) {
      rare->go_ms = 0;
    } else {
      if (rare->go_ms == 0) rare->go_ms = sim->now_ms + 1 + (art_tick)(delay * 1000.0f);
      if (sim->now_ms + 1 < rare->go_ms) accel = 0.0f;
    }
  }
  return accel;
}

void art_follow_block(art_sim *sim, art_block *block, art_worker *worker)
{
  art_follow_view view = { .count = art_block_count(block),
                           .type = block->type,
                           .speed_mps = block->speed_mps,
                           .desired_mps = block->desired_mps,
                           .gap_m = block->gap_m,
                           .lead_speed_mps = block->lead_speed_mps,
                           .accel_mps2 = block->accel_mps2 };
  if (view.count == 0) return;
  const int several = (sim->models_used & (sim->models_used - 1)) != 0;
  if (several || sim->needs || sim->net->lane_gap_factor) {
    reserve(&worker->follow, view.count + 1);
    add_columns(sim, block, worker, &view);
  }
  if (!several) {
    sim->kernels->follow[__builtin_ctz(sim->models_used)](&sim->types, &view);
  } else {
    for (uint32_t left = sim->models_used; left; left &= left - 1)
      follow_group(sim, &view, __builtin_ctz(left), &worker->follow);
  }
  if (sim->any_noise) add_noise(sim, block, worker->move.mark);
  if (sim->any_grade) climb(sim, block);
}
