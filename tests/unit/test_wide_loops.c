// Loops over a block's columns against plain ones, for every instruction set that this processor has.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "core/step/wide.h"
#include "tests/support/seed.h"

enum { TYPES = 3, MOST = 300, LENT = 320 };

static const char *const sets[] = { "baseline", "avx2", "avx512" };
static float length[TYPES] = { 4.5f, 12.345f, 18.75f };
static const art_type_table types = { .count = TYPES, .length_m = length };
static uint64_t dice;

static double draw(double low, double high)
{
  dice = art_mix64(dice + 0x9e3779b97f4a7c15u);
  return low + (high - low) * art_uniform(dice);
}

/// A block that has moved: gap_m holds the places before the step.
static art_block random_block(int32_t lanes, int is_node)
{
  art_block block;
  memset(&block, 0, sizeof block);
  block.lane_count = lanes;
  block.is_node = is_node;
  art_block_reserve(&block, 8);
  for (int32_t n = (int32_t)draw(0.0, 120.0); n > 0; --n) {
    const float speed = draw(0.0, 1.0) < 0.3 ? 0.0f : (float)draw(0.0, 30.0);
    const art_mover mover = { .pos_m = (float)draw(0.0, 300.0),
                              .speed_mps = speed,
                              .type = (uint16_t)draw(0.0, TYPES),
                              .flags = (uint16_t)draw(0.0, 65536.0),
                              .speed_factor = 128 };
    (void)art_block_insert(&block, (int32_t)draw(0.0, lanes), &mover, 0);
  }
  static _Alignas(64) float lent[ART_BLOCK_LENT * LENT];
  art_block_lend(&block, lent, LENT);
  for (int32_t i = 0; i < art_block_count(&block); ++i) {
    block.gap_m[i] = art_maxf(block.pos_m[i] - (float)draw(0.0, 15.0), 0.0f);
    block.desired_mps[i] = (float)draw(5.0, 40.0);
  }
  return block;
}

static void check_sum(const art_wide *wide, const art_block *block)
{
  const art_wide_step step = { .dt_s = 0.5f, .dt_ms = 500 };
  static uint64_t scratch[2 * MOST];
  art_wide_sums sums;
  wide->sum(&step, &types, block, scratch, &sums);
  int32_t all = 0;
  for (int32_t k = 0; k < block->lane_count; ++k) {
    int32_t distance = 0, loss = 0, body = 0, waiting = 0;
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
      distance += (int32_t)((block->pos_m[i] - block->gap_m[i]) * 1000.0f + 0.5f);
      const float lost_ms = 500.0f - (block->pos_m[i] - block->gap_m[i]) * 1000.0f / block->desired_mps[i];
      loss += (int32_t)(lost_ms + (lost_ms < 0.0f ? -0.5f : 0.5f));  // negative of those who are faster
      body += (int32_t)(length[block->type[i]] * 1000.0f);
      waiting += block->speed_mps[i] < ART_STANDS_MPS;
    }
    all += distance;
    if (block->is_node || block->start[k] == block->start[k + 1]) continue;
    assert_int_equal(sums.lane_distance_mm[k], distance);
    assert_int_equal(sums.lane_loss_ms[k], loss);
    assert_int_equal(sums.lane_body_mm[k], body);
    assert_int_equal(sums.lane_waiting[k], waiting);
  }
  assert_int_equal(sums.distance_mm, all);
}

static void check_comers(const art_wide *wide, const art_block *block)
{
  const float seconds = 3.5f, far = 10.0f;
  art_wide_lanes lanes;
  for (int32_t k = 0; k < block->lane_count; ++k) lanes.length_m[k] = 250.0f + 10.0f * (float)k;
  static uint8_t near[MOST], scratch[MOST];
  static int32_t list[MOST];
  const int32_t count = wide->comers(&lanes, block, seconds, far, near, scratch, list);
  int32_t at = 0;
  for (int32_t i = 0; i < art_block_count(block); ++i) {
    const float v = block->speed_mps[i], left = lanes.length_m[block->lane8[i]] - block->pos_m[i];
    const int is_near = left <= v * v * 0.125f + 1.5f * v + 6.0f + seconds * v + far;
    const int is_granted = (block->flags[i] & ART_FLAG_WAY) && !(block->flags[i] & ART_FLAG_QUIET);
    assert_int_equal(near[i], is_near);
    if (!is_near && !is_granted) continue;
    assert_true(at < count);
    assert_int_equal(list[at], i);
    ++at;
  }
  assert_int_equal(at, count);
}

static void sums_and_lists_are_those_of_plain_loops(void **state)
{
  (void)state;
  assert_non_null(art_wide_find("baseline"));
  for (int round = 0; round < 60; ++round) {
    dice = art_hash2(art_test_seed(), (uint64_t)round);
    art_block block = random_block(1 + (int32_t)draw(0.0, ART_BLOCK_LANES), round % 2);
    for (int s = 0; s < 3; ++s) {
      const art_wide *wide = art_wide_find(sets[s]);
      if (!wide) continue;
      check_sum(wide, &block);
      check_comers(wide, &block);
    }
    art_block_clear(&block);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(sums_and_lists_are_those_of_plain_loops) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
