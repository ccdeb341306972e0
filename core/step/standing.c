/// Standstills and stops: written where one begins or ends, not step by step.
#include "core/step/sim_internal.h"

static void note_longest(art_sim *sim, int32_t trip, int32_t ms)
{
  const uint64_t word = (uint64_t)ms << 32 | (uint32_t)~trip;  // of equal ones the lowest trip
  uint64_t seen = __atomic_load_n(&sim->standstill, __ATOMIC_RELAXED);
  while (word > seen &&
         !__atomic_compare_exchange_n(&sim->standstill, &seen, word, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

/// Writes a standstill of `ms` so far to its row.
static void book(art_sim *sim, int32_t trip, int32_t ms)
{
  art_vehicle *vehicle = art_record(sim, trip);
  art_trip_row *row = &sim->row[trip];
  row->waiting_ms += ms - vehicle->standing_booked_ms;
  vehicle->standing_booked_ms = ms;
  if (ms > row->longest_standstill_ms) row->longest_standstill_ms = ms;
  if (ms > 0) note_longest(sim, trip, ms);
}

void art_standstill_end(art_sim *sim, int32_t trip, uint16_t *flags, art_tick at_ms)
{
  if (!(*flags & ART_FLAG_STANDS)) return;
  art_vehicle *vehicle = art_record(sim, trip);
  book(sim, trip, (int32_t)(at_ms - sim->begin_ms) - vehicle->standing_since_ms);
  vehicle->standing_since_ms = ART_NOT_STANDING;
  vehicle->standing_booked_ms = vehicle->blocked_ms = 0;
  *flags = (uint16_t)(*flags & ~ART_FLAG_STANDS);
}

/// One that is below 0.1 m/s after its move.
static void stand(art_sim *sim, art_block *block, int32_t i)
{
  art_vehicle *vehicle = art_record_at(sim, block, i);
  uint16_t *flags = &block->flags[i];
  if ((*flags & ART_FLAG_STOP) && vehicle->at_stop) {
    sim->row[block->vehicle[i]].stop_ms += sim->step_ms;
    if (!block->is_node)  // it has not moved, and all of the step will be added as lost
      sim->link_sums.loss_ms[sim->net->lane_link[block->lane[block->lane8[i]]]] -= sim->step_ms;
    if (*flags & ART_FLAG_STANDS) {
      vehicle->standing_since_ms += sim->step_ms;
      block->stands_since_ms[i] += sim->step_ms;
    }
    return;
  }
  if (!(*flags & ART_FLAG_STANDS)) {
    vehicle->standing_since_ms = block->stands_since_ms[i] = art_now_in_run(sim);
    *flags |= ART_FLAG_STANDS;
  }
  if (block->is_node) vehicle->blocked_ms += sim->step_ms;
}

void art_standstills(art_sim *sim, art_block *block, uint8_t *mark)
{
  const int32_t count = art_block_count(block);
  if (!sim->wide->stops(block, mark)) return;
  for (int32_t i = 0; i < count; ++i) {
    if (!mark[i]) continue;
    uint16_t *flags = &block->flags[i];
    const float v = block->speed_mps[i];
    const int stands = v < ART_STANDS_MPS;
    if (stands) stand(sim, block, i);
    if (!stands) art_standstill_end(sim, block->vehicle[i], flags, sim->now_ms);
    if (v > ART_FAST_MPS) {
      *flags |= ART_FLAG_FAST;
    } else if (v < ART_STOPS_MPS && (*flags & ART_FLAG_FAST) &&
               !((*flags & ART_FLAG_STOP) && stands && art_record_at(sim, block, i)->at_stop)) {
      *flags = (uint16_t)(*flags & ~ART_FLAG_FAST);
      ++sim->row[block->vehicle[i]].stops;
    }
  }
}

/// Longest standstill, those that last included.
void art_standstill_longest(const art_sim *sim, int64_t *ms, int64_t *trip)
{
  uint64_t longest = sim->standstill;
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    const int32_t count = block->occupied ? art_block_count(block) : 0;
    for (int32_t i = 0; i < count; ++i) {
      if (!(block->flags[i] & ART_FLAG_STANDS)) continue;
      const int32_t stood = art_stood_ms(sim, block, i);
      const uint64_t word = (uint64_t)stood << 32 | (uint32_t)~block->vehicle[i];
      if (stood > 0 && word > longest) longest = word;
    }
  }
  *ms = (int64_t)(longest >> 32);
  *trip = longest ? (int64_t)(uint32_t) ~(uint32_t)longest : -1;
}

static void book_running(void *context, int32_t trip, int32_t lane, float pos, float speed)
{
  (void)lane, (void)pos, (void)speed;
  art_sim *sim = context;
  const art_vehicle *vehicle = art_record(sim, trip);
  if (vehicle->standing_since_ms != ART_NOT_STANDING) book(sim, trip, art_standing_ms(sim, vehicle));
}

void art_standstill_book_all(art_sim *sim)
{
  art_for_each_vehicle(sim, book_running, sim);
}
