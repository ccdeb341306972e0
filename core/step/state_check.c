/// Does everything that was read of a state fit together? Single records have been checked where they were read; here it is
/// what lies between them: everybody in one place, numbers that name somebody there, counts.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/state_internal.h"

typedef struct census {
  art_sim *sim;
  uint8_t *seen;  ///< by trip
  int64_t running, waiting, beside;
  const char *wrong;
  int32_t trip;  ///< who is
} census;

static int seen_before(census *c, int32_t trip, int state)
{
  if (c->wrong) return 1;
  if (c->seen[trip] || c->sim->row[trip].state != state) {
    c->wrong = c->seen[trip] ? "is in two places" : "is not where it says";
    c->trip = trip;
    return 1;
  }
  c->seen[trip] = 1;
  return 0;
}

static void complain(census *c, int32_t trip, const char *what)
{
  if (c->wrong) return;
  c->wrong = what;
  c->trip = trip;
}

static void see_running(census *c, int32_t trip)
{
  art_sim *sim = c->sim;
  if (seen_before(c, trip, ART_TRIP_RUNNING)) return;
  art_vehicle *vehicle = art_record(sim, trip);
  ++c->running;
  if (trip < sim->first_trip || trip >= sim->next_trip) complain(c, trip, "is on the road before its time");
  for (int32_t e = 0; e < vehicle->track_count; ++e)
    if (art_track_of(vehicle, e)->waits_for >= sim->next_trip || art_track_of(vehicle, e)->last_waits_for >= sim->next_trip)
      complain(c, trip, "waits for one that has not come yet");
  if (!vehicle->has_rare) return;
  if (!sim->measures_approaches)
    art_rare_make(sim, vehicle)->cross_slot = -1;
  else if (art_rare_of(sim, vehicle)->cross_slot < -1 || art_rare_of(sim, vehicle)->cross_slot >= sim->approaches->slot_count)
    complain(c, trip, "was let through in a cycle that there is not");
}

static void see_blocks(census *c)
{
  const art_sim *sim = c->sim;
  for (int32_t b = 0; b < sim->block_count; ++b)
    for (int32_t i = 0; i < art_block_count(&sim->block[b]); ++i) see_running(c, sim->block[b].vehicle[i]);
}

static void see_lists(census *c)
{
  const art_sim *sim = c->sim;
  for (int32_t lane = 0; lane < sim->net->lane_count; ++lane) {
    for (int32_t trip = sim->inbox[lane]; trip >= 0 && !c->wrong; trip = art_record(sim, trip)->next)
      see_running(c, trip);
    for (int32_t trip = sim->beside ? sim->beside[lane] : -1; trip >= 0 && !c->wrong;
         trip = art_record(sim, trip)->next) {
      see_running(c, trip);
      ++c->beside;
    }
  }
}

static void see_links(census *c)
{
  const art_sim *sim = c->sim;
  for (int32_t link = 0; link < sim->net->link_count && !c->wrong; ++link) {
    const art_queue *queue = &sim->queue[link];
    for (int32_t i = queue->first; i < queue->count; ++i) {
      if (queue->trip[i] >= sim->next_trip) complain(c, queue->trip[i], "waits before its time");
      if (!seen_before(c, queue->trip[i], ART_TRIP_WAITING)) ++c->waiting;
    }
    if (sim->pass && sim->pass[link].ask.state == ART_PASS_BESIDE) see_running(c, sim->pass[link].ask.trip);
  }
}

static void see_others(census *c)
{
  const art_sim *sim = c->sim;
  int64_t arrived = 0;
  for (int32_t trip = sim->first_trip; trip < sim->next_trip && !c->wrong; ++trip) {
    const uint8_t state = sim->row[trip].state;
    arrived += state == ART_TRIP_ARRIVED;
    if (!c->seen[trip] && state != ART_TRIP_ARRIVED) complain(c, trip, "has come and is nowhere");
  }
  for (int32_t k = 0; k < sim->cycle_count && !c->wrong; ++k)
    for (int32_t m = 0; m < sim->cycle[k].count; ++m) {
      const int32_t trip = sim->cycle[k].member[m];
      if (sim->row[trip].state != ART_TRIP_RUNNING && sim->row[trip].state != ART_TRIP_ARRIVED)
        complain(c, trip, "is in a circle before its time");
    }
  const art_ledger *l = &sim->ledger;
  if (c->wrong) return;
  if (c->running != l->running || c->waiting != l->waiting || c->beside != sim->beside_count ||
      arrived != l->arrived || l->loaded != sim->next_trip - sim->first_trip ||
      l->inserted != l->running + l->arrived) {
    c->wrong = "its account does not tell";
    c->trip = -1;
  }
}

art_status art_state_check(art_sim *sim, art_error *err)
{
  census c = { .sim = sim, .seen = ART_NEW(uint8_t, sim->demand->trip_count), .trip = -1 };
  see_blocks(&c);
  see_lists(&c);
  see_links(&c);
  see_others(&c);
  free(c.seen);
  if (!c.wrong) return ART_OK;
  if (c.trip < 0) return art_fail(err, ART_E_INPUT, "saved state: there are trips of which %s", c.wrong);
  return art_fail(err, ART_E_INPUT, "saved state: trip %s %s", sim->demand->trip_id[c.trip], c.wrong);
}
