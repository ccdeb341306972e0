/// Records of vehicles, and the states of those who travel between blocks. A trip has a record while it is on the road, while
/// closures give it another way, or while other ranks tell of it. Records lie in one pool, and the last one given back is the next one taken: so they stay close together, and memory
/// follows those who are on the road, not those who have been. Which record a trip has depends on threads; nothing depends on
/// which it has.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks.h"
#include "core/step/sim_internal.h"

/// The record of all who have none.
#define NOBODY 0

static void set_out(art_vehicle *vehicle)
{
  vehicle->lane = vehicle->next = -1;
  vehicle->changed_ms = vehicle->asked_ms = ART_NEVER_YET;
  vehicle->standing_since_ms = ART_NOT_STANDING;
  vehicle->approach_base_ms = ART_DEPARTED_ON_IT;
}

static const art_rare rare_at_first = { .slow_since_ms = ART_NOT_SLOW, .cross_slot = -1, .held_mps2 = NAN };

/// Each trip travels at most once in a step, comes from another rank, is told of by one and shown by one.
#define ROWS_PER_TRIP 4
#define ROWS_AT_ONCE 32  // for a thread

static int64_t mover_rows(const art_sim *sim)
{
  const int64_t rows = ROWS_PER_TRIP * (int64_t)sim->demand->trip_count + ROWS_AT_ONCE * ((int64_t)sim->threads + 1);
  return rows < INT32_MAX / 2 ? rows : INT32_MAX / 2;
}

static int32_t take_rows(art_sim *sim, int32_t count)
{
  const int32_t first = __atomic_fetch_add(&sim->mover_end, count, __ATOMIC_RELAXED);
  return first + count <= mover_rows(sim) ? first : 0;
}

art_mover *art_mover_take(art_sim *sim, art_worker *worker, art_vehicle *vehicle)
{
  if (worker && worker->mover == worker->mover_end) {
    worker->mover = take_rows(sim, ROWS_AT_ONCE);
    worker->mover_end = worker->mover + (worker->mover ? ROWS_AT_ONCE : 0);
  }
  vehicle->mover = !worker ? take_rows(sim, 1) : worker->mover ? worker->mover++ : 0;
  return vehicle->mover ? &sim->mover[vehicle->mover] : NULL;
}

art_mover *art_mover_keep(const art_sim *sim, art_vehicle *vehicle)
{
  vehicle->mover = ART_MOVER_KEPT;
  return &art_rare_make(sim, vehicle)->mover;
}

void art_movers_forget(art_sim *sim)
{
  if (sim->mover_end > sim->mover_most) sim->mover_most = sim->mover_end;
  sim->mover_end = 1;
}

void art_worker_movers_forget(art_worker *worker)
{
  worker->mover = worker->mover_end = 0;
}

art_rare *art_rare_make(const art_sim *sim, art_vehicle *vehicle)
{
  art_rare *rare = &sim->rare[vehicle - sim->record];
  if (!vehicle->has_rare) *rare = rare_at_first;
  vehicle->has_rare = 1;
  return rare;
}

void art_records_create(art_sim *sim)
{
  const size_t trips = (size_t)sim->demand->trip_count;
  sim->record = art_new_untouched(trips + 1, sizeof *sim->record);
  sim->rare = art_new_untouched(trips + 1, sizeof *sim->rare);
  sim->rare[NOBODY] = rare_at_first;
  sim->record_of = ART_NEW(int32_t, trips);
  sim->mover = art_new_untouched((size_t)mover_rows(sim), sizeof *sim->mover);
  sim->mover_end = 1;
  sim->record_end = NOBODY + 1;
  set_out(&sim->record[NOBODY]);
}

void art_records_free(art_sim *sim)
{
  for (int32_t r = 0; r < sim->record_end; ++r) {
    art_route_forget(&sim->record[r]);
    art_track_forget(&sim->record[r]);
  }
  art_free_untouched(sim->record, (size_t)sim->demand->trip_count + 1, sizeof *sim->record);
  art_free_untouched(sim->rare, (size_t)sim->demand->trip_count + 1, sizeof *sim->rare);
  art_free_untouched(sim->mover, (size_t)mover_rows(sim), sizeof *sim->mover);
  free(sim->record_of);
  free(sim->free_record);
}

art_vehicle *art_record_make(art_sim *sim, int32_t trip)
{
  int32_t *own = &sim->record_of[trip];
  if (*own != NOBODY) return &sim->record[*own];
  const int32_t left = __atomic_fetch_sub(&sim->free_records, 1, __ATOMIC_RELAXED);
  *own = left > 0 ? sim->free_record[left - 1] : __atomic_fetch_add(&sim->record_end, 1, __ATOMIC_RELAXED);
  art_vehicle *vehicle = &sim->record[*own];
  memset(vehicle, 0, sizeof *vehicle);
  set_out(vehicle);
  return vehicle;
}

static int is_member(const art_sim *sim, int32_t trip)
{
  for (int32_t c = 0; c < sim->cycle_count; ++c)
    for (int32_t m = 0; m < sim->cycle[c].count; ++m)
      if (sim->cycle[c].member[m] == trip) return 1;
  return 0;
}

void art_record_drop(art_sim *sim, int32_t trip)
{
  const int32_t own = sim->record_of[trip];
  if (own == NOBODY || is_member(sim, trip)) return;
  art_route_forget(&sim->record[own]);
  art_track_forget(&sim->record[own]);
  if (sim->free_records < 0) sim->free_records = 0;  // that many have found none since
  ART_PUSH(sim->free_record, sim->free_records, sim->free_record_capacity, own);
  sim->record_of[trip] = NOBODY;
}

void art_records_drop_arrived(art_sim *sim)
{
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->over_count; ++n) art_record_drop(sim, worker->over[n]);
    worker->over_count = 0;
  }
}

art_vehicle *art_record_borrow(art_sim *sim, art_worker *worker, int32_t trip)
{
  ART_PUSH(worker->borrowed, worker->borrowed_count, worker->borrowed_capacity, trip);
  return art_record_make(sim, trip);
}

void art_records_give_back(art_sim *sim)
{
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->borrowed_count; ++n)
      if (!art_sim_holds(sim, worker->borrowed[n])) art_record_drop(sim, worker->borrowed[n]);
    worker->borrowed_count = 0;
  }
}
