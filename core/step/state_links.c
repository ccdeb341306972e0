/// The state of a link: who waits outside, closures, who passes through the opposite lane. And trips that are not on the road.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/state_internal.h"
#include "core/step/vehicle_state.h"

static int is_idle(const art_pass *pass)
{
  return pass->ask.state == ART_PASS_NONE && !pass->give.granted && !pass->give.is_clear &&
         pass->give.noted_trip < 0;
}

/// Without what is left over from one who asked before.
static art_pass_ask asked(const art_pass_ask *ask)
{
  art_pass_ask now = *ask;
  if (now.state == ART_PASS_NONE) now = (art_pass_ask){ .trip = -1, .over = -1 };
  if (now.state == ART_PASS_ASKS) now.pos_m = now.speed_mps = 0.0f;
  return now;
}

void art_state_put_trip(const art_sim *sim, int32_t trip, art_bytes *out)
{
  const art_vehicle *vehicle = art_record(sim, trip);
  const int is_over = sim->row[trip].state == ART_TRIP_ARRIVED;
  const int32_t links = vehicle->owns_links && !is_over ? vehicle->link_count : 0;
  ART_PUT(out, trip);
  ART_PUT_RECORD(out, art_trip_row, sim->row[trip]);
  ART_PUT(out, sim->no_route[trip]);
  ART_PUT(out, links);
  (void)art_bytes_put(out, vehicle->links, (size_t)links * sizeof *vehicle->links);
}

int32_t art_state_get_trip(art_sim *sim, art_byte_reader *in, art_error *err)
{
  int32_t trip, links = 0;
  uint8_t no_route = 0;
  ART_GET(in, trip);
  int ok = !in->is_short && trip >= 0 && trip < sim->demand->trip_count;
  if (ok && art_record(sim, trip)->owns_links) art_route_forget(art_record(sim, trip));
  ok = ok && art_trip_row_get(sim, trip, in) && sim->row[trip].state != ART_TRIP_RUNNING;
  ART_GET(in, no_route);
  ART_GET(in, links);
  if (!ok || in->is_short || links < 0 || (links > 0 && !art_route_get(sim, trip, links, in))) {
    (void)art_fail(err, ART_E_INPUT, "saved state: trip %d is none of this run", (int)trip);
    return -1;
  }
  sim->no_route[trip] = no_route != 0;
  return trip;
}

void art_state_put_link(const art_sim *sim, int32_t link, art_bytes *out)
{
  const art_queue *queue = &sim->queue[link];
  const int32_t waiting = queue->count - queue->first;
  const uint8_t passes = sim->pass && !is_idle(&sim->pass[link]);
  ART_PUT(out, link);
  ART_PUT(out, sim->link_closed[link]);
  ART_PUT(out, passes);
  ART_PUT(out, waiting);
  for (int32_t i = queue->first; i < queue->count; ++i) art_state_put_trip(sim, queue->trip[i], out);
  if (!passes) return;
  const art_pass *pass = &sim->pass[link];
  ART_PUT_RECORD(out, art_pass_ask, asked(&pass->ask));
  ART_PUT(out, pass->give);
  if (pass->ask.state == ART_PASS_BESIDE) art_vehicle_put(sim, pass->ask.trip, 0, out);
}

static int32_t fail(art_error *err, int32_t link, const char *what)
{
  (void)art_fail(err, ART_E_INPUT, "saved state: link %d: %s", (int)link, what);
  return -1;
}

static int32_t get_queue(art_sim *sim, int32_t link, int32_t waiting, art_byte_reader *in, art_error *err)
{
  art_queue *queue = &sim->queue[link];
  if (queue->first != queue->count || waiting < 0) return fail(err, link, "two queues of trips, or none");
  art_block *block = &sim->block[sim->lane_block[sim->net->link_first_lane[link]]];
  for (int32_t n = 0; n < waiting; ++n) {
    const int32_t trip = art_state_get_trip(sim, in, err);
    if (trip < 0) return -1;
    int32_t count;
    if (sim->row[trip].state != ART_TRIP_WAITING || art_route_links(sim, trip, &count)[0] != link)
      return fail(err, link, "a trip in its queue does not begin here");
    if (!art_ranks_owns_lane(sim, sim->net->link_first_lane[link])) continue;
    ART_PUSH(queue->trip, queue->count, queue->capacity, trip);
    ++block->waits;
  }
  return link;
}

static int asks_are_sound(const art_sim *sim, const art_pass *pass)
{
  const int32_t trips = sim->demand->trip_count;
  const art_pass_ask *ask = &pass->ask;
  const int is_asked = ask->state != ART_PASS_NONE;
  return pass->opposite >= 0 && ask->state >= ART_PASS_NONE && ask->state <= ART_PASS_BESIDE &&
         ask->trip < trips && ask->over < trips && (!is_asked || (ask->trip >= 0 && ask->over >= 0)) &&
         pass->give.noted_trip >= -1 && pass->give.noted_trip < trips;
}

static int32_t get_pass(art_sim *sim, int32_t link, art_byte_reader *in, art_error *err)
{
  if (!sim->pass) return fail(err, link, "somebody passes through the opposite lane, which nobody does here");
  art_pass *pass = &sim->pass[link];
  ART_GET(in, pass->ask);
  ART_GET(in, pass->give);
  if (in->is_short || !asks_are_sound(sim, pass))
    return fail(err, link, "no such pass through the opposite lane");
  if (pass->ask.state != ART_PASS_BESIDE) return link;
  const int32_t trip = art_vehicle_get(sim, in), lane = trip >= 0 ? art_record(sim, trip)->lane : -1;
  if (trip < 0 || trip != pass->ask.trip || lane < 0 || art_net_is_connector(sim->net, lane) ||
      sim->net->lane_link[lane] != link || !art_mover_is_sound(sim, trip, lane, art_mover_of(sim, art_record(sim, trip))))
    return fail(err, link, "the vehicle that passes is none of this run");
  art_ranks_set_holds(sim, trip, art_ranks_owns_lane(sim, lane));
  if (!art_ranks_owns_lane(sim, lane)) {
    art_vehicle_forget(sim, trip);
    (void)art_record_borrow(sim, &sim->worker[0], trip);
    pass->ask = (art_pass_ask){ .trip = -1, .over = -1 };
    pass->give = (art_pass_give){ .noted_trip = -1, .wall_from_m = INFINITY };
  }
  return link;
}

int32_t art_state_get_link(art_sim *sim, art_byte_reader *in, art_error *err)
{
  int32_t link, waiting;
  uint8_t closed, passes;
  ART_GET(in, link);
  ART_GET(in, closed);
  ART_GET(in, passes);
  ART_GET(in, waiting);
  if (in->is_short || link < 0 || link >= sim->net->link_count || passes > 1)
    return fail(err, link, "no such link");
  sim->link_closed[link] = closed;
  if (get_queue(sim, link, waiting, in, err) < 0) return -1;
  if (passes && get_pass(sim, link, in, err) < 0) return -1;
  return link;
}
