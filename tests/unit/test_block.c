// Blocks of lanes: random inserts and removals against a plain list per lane.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/fleet/block.h"
#include "core/num/random.h"
#include "tests/support/seed.h"

enum { LANES = 7, MOST = 200 };

static uint64_t dice;
static int32_t pick(int32_t count)
{
  dice = art_mix64(dice + 0x9e3779b97f4a7c15u);
  return (int32_t)(dice % (uint64_t)count);
}

static art_block make_block(int32_t lanes, int32_t capacity)
{
  art_block block;
  memset(&block, 0, sizeof block);
  block.lane_count = lanes;
  art_block_reserve(&block, capacity);
  return block;
}

/// A mover whose every field follows from its number.
static art_mover mover_of(int32_t number, float pos)
{
  return (art_mover){ .pos_m = pos,
                      .speed_mps = (float)number * 0.5f,
                      .vehicle = number,
                      .key = (uint64_t)number * 0x9e3779b97f4a7c15u,
                      .type = (uint16_t)(number * 3),
                      .hop = (uint16_t)(number * 7),
                      .speed_factor = (uint8_t)number,
                      .flags = (uint8_t)(number & 1),
                      .accel_cap_mps2 = (float)-number };
}

static void check_mover(const art_mover *m, int32_t number, float pos)
{
  const art_mover want = mover_of(number, pos);
  assert_true(m->pos_m == want.pos_m && m->speed_mps == want.speed_mps &&
              m->accel_cap_mps2 == want.accel_cap_mps2);
  assert_int_equal(m->vehicle, want.vehicle);
  assert_int_equal(m->key, want.key);
  assert_int_equal(m->type, want.type);
  assert_int_equal(m->hop, want.hop);
  assert_int_equal(m->speed_factor, want.speed_factor);
  assert_int_equal(m->flags, want.flags);
}

/// What the block should hold: vehicles of a lane, front first, those at one place in the order of insertion.
typedef struct model {
  int32_t count[LANES];
  int32_t number[LANES][MOST];
  float pos[LANES][MOST];
} model;

static void check_block(const art_block *block, const model *m)
{
  int32_t at = 0;
  for (int32_t k = 0; k < LANES; ++k) {
    assert_int_equal(block->start[k], at);
    assert_int_equal(block->occupied >> k & 1u, m->count[k] > 0);
    for (int32_t i = 0; i < m->count[k]; ++i, ++at) {
      assert_int_equal(block->lane8[at], k);
      const art_mover got = art_block_get(block, at);
      check_mover(&got, m->number[k][i], m->pos[k][i]);
      assert_int_equal(block->record[at], -m->number[k][i]);
    }
  }
  assert_int_equal(block->start[LANES], at);
  assert_int_equal(block->occupied >> LANES, 0);
  assert_int_equal(art_block_count(block), at);
  assert_true(block->capacity >= at);
}

static void random_inserts_and_removals(void **state)
{
  (void)state;
  for (int round = 0; round < 30; ++round) {
    dice = art_hash2(art_test_seed(), (uint64_t)round);
    art_block block = make_block(LANES, pick(3));
    model m = { 0 };
    for (int32_t number = 0; number < 400; ++number) {
      const int32_t count = art_block_count(&block);
      if (count < MOST && (count == 0 || pick(5) < 3)) {
        const int32_t k = pick(LANES);
        const float pos = (float)pick(60);  // few places: ties are common
        int32_t at = m.count[k]++;
        for (; at > 0 && m.pos[k][at - 1] < pos; --at) {
          m.pos[k][at] = m.pos[k][at - 1];
          m.number[k][at] = m.number[k][at - 1];
        }
        m.pos[k][at] = pos;
        m.number[k][at] = number;
        const art_mover mover = mover_of(number, pos);
        assert_int_equal(art_block_insert(&block, k, &mover, -number), block.start[k] + at);
      } else {
        const int32_t at = pick(count), k = block.lane8[at], i = at - block.start[k];
        art_block_remove(&block, at);
        --m.count[k];
        memmove(&m.pos[k][i], &m.pos[k][i + 1], (size_t)(m.count[k] - i) * sizeof(float));
        memmove(&m.number[k][i], &m.number[k][i + 1], (size_t)(m.count[k] - i) * sizeof(int32_t));
      }
      check_block(&block, &m);
    }
    art_block_clear(&block);
    assert_null(block.pos_m);
    assert_int_equal(block.capacity, 0);
  }
}

static void growth_keeps_what_is_there(void **state)
{
  (void)state;
  art_block block = make_block(1, 0);
  for (int32_t i = 0; i < 1000; ++i) {
    const art_mover mover = mover_of(i, (float)-i);  // each behind the one before
    assert_int_equal(art_block_insert(&block, 0, &mover, -i), i);
  }
  art_block_reserve(&block, 5000);
  assert_true(block.capacity >= 5000);
  art_block_reserve(&block, 10);  // never shrinks
  assert_true(block.capacity >= 5000);
  for (int32_t i = 0; i < 1000; ++i) {
    const art_mover got = art_block_get(&block, i);
    check_mover(&got, i, (float)-i);
  }
  assert_int_equal((uintptr_t)block.pos_m % 16, 0);  // columns are aligned for vectors
  art_block_clear(&block);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(random_inserts_and_removals),
                                      cmocka_unit_test(growth_keeps_what_is_there) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
