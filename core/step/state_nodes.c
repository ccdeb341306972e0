/// The state of a node, and of circles of vehicles that wait for one another.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/state_internal.h"
#include "core/step/vehicle_state.h"

static void put_foot(const art_sim *sim, int32_t node, art_bytes *out)
{
  if (!sim->node_first_foot) return;
  for (int32_t f = sim->node_first_foot[node]; f < sim->node_first_foot[node + 1]; ++f) {
    const int32_t x = sim->node_foot[f];
    ART_PUT(out, sim->foot_seen_ms[x]);
    ART_PUT(out, sim->foot_until_ms[x]);
    ART_PUT(out, sim->foot_waits[x]);
  }
}

/// Of several connectors into a lane, which are all of one node, one tells of the lane.
static int tells_of_lane(const art_net *net, int32_t connector)
{
  return net->lane_in[net->lane_first_in[net->connector_to[connector]]] == connector;
}

/// When somebody last drove onto the lanes behind the node. It writes and reads that, whoever owns the lanes.
static void put_flow(const art_sim *sim, int32_t node, art_bytes *out)
{
  const art_net *net = sim->net;
  for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
    const int32_t c = net->node_connector[i];
    if (tells_of_lane(net, c)) ART_PUT(out, sim->lane_flow_ms[net->connector_to[c]]);
  }
}

void art_state_put_node(const art_sim *sim, int32_t node, art_bytes *out)
{
  const art_net *net = sim->net;
  ART_PUT(out, node);
  ART_PUT(out, sim->node_order[node]);
  ART_PUT(out, sim->node_waits_ms[node]);
  for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i)
    ART_PUT(out, sim->aspect[net->node_connector[i]]);
  put_flow(sim, node, out);
  put_foot(sim, node, out);
}

static int get_foot(art_sim *sim, int32_t node, art_byte_reader *in)
{
  if (!sim->node_first_foot) return 1;
  for (int32_t f = sim->node_first_foot[node]; f < sim->node_first_foot[node + 1]; ++f) {
    const int32_t x = sim->node_foot[f];
    ART_GET(in, sim->foot_seen_ms[x]);
    ART_GET(in, sim->foot_until_ms[x]);
    ART_GET(in, sim->foot_waits[x]);
    // What came since is drawn step by step: as many as there were.
    const art_tick seen = sim->foot_seen_ms[x];
    if (seen < sim->begin_ms - sim->step_ms || seen > sim->now_ms || sim->foot_waits[x] > 1) return 0;
  }
  return 1;
}

static int get_flow(art_sim *sim, int32_t node, art_byte_reader *in)
{
  const art_net *net = sim->net;
  for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
    const int32_t c = net->node_connector[i];
    if (!tells_of_lane(net, c)) continue;
    art_tick *flow_ms = &sim->lane_flow_ms[net->connector_to[c]];
    ART_GET(in, *flow_ms);
    if (*flow_ms < sim->begin_ms || *flow_ms > sim->now_ms) return 0;
  }
  return 1;
}

int32_t art_state_get_node(art_sim *sim, art_byte_reader *in, art_error *err)
{
  const art_net *net = sim->net;
  int32_t node;
  ART_GET(in, node);
  int ok = !in->is_short && node >= 0 && node < net->node_count;
  if (ok) {
    ART_GET(in, sim->node_order[node]);
    ART_GET(in, sim->node_waits_ms[node]);
    for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
      char *aspect = &sim->aspect[net->node_connector[i]];
      ART_GET(in, *aspect);
      ok &= *aspect >= ART_ASPECT_RED && *aspect <= ART_ASPECT_STOP;
    }
    ok = ok && get_flow(sim, node, in) && get_foot(sim, node, in);
  }
  if (ok && !in->is_short) return node;
  (void)art_fail(err, ART_E_INPUT, "saved state: node %d: no such node, light or crossing", (int)node);
  return -1;
}

// --- circles --------------------------------------------------------------------------------------------------------

/// Members that have arrived since are still looked at.
void art_state_put_cycles(const art_sim *sim, art_bytes *out)
{
  for (int32_t c = 0; c < sim->cycle_count; ++c) {
    const art_cycle *cycle = &sim->cycle[c];
    ART_PUT(out, cycle->count);
    ART_PUT(out, cycle->until_ms);
    ART_PUT(out, cycle->moved_m);
    for (int32_t m = 0; m < cycle->count; ++m) {
      const int32_t trip = cycle->member[m];
      // Those of other ranks, and what has become of them, stand elsewhere in the state.
      const uint8_t is_over = art_sim_holds(sim, trip) && sim->row[trip].state != ART_TRIP_RUNNING;
      ART_PUT(out, trip);
      ART_PUT(out, is_over);
      if (is_over) art_vehicle_put(sim, trip, 0, out);
    }
  }
}

static art_status fail(art_error *err, const char *what)
{
  return art_fail(err, ART_E_INPUT, "saved state: a circle of vehicles that wait for one another: %s", what);
}

static art_status get_member(art_sim *sim, art_byte_reader *in, int32_t *trip, art_error *err)
{
  uint8_t is_over;
  ART_GET(in, *trip);
  ART_GET(in, is_over);
  if (in->is_short || *trip < 0 || *trip >= sim->demand->trip_count || is_over > 1)
    return fail(err, "a member is none of this run");
  if (is_over && (art_vehicle_get(sim, in) != *trip || art_record(sim, *trip)->lane < 0 ||
                  sim->row[*trip].state != ART_TRIP_ARRIVED))
    return fail(err, "a member that has arrived is none of this run");
  return ART_OK;
}

art_status art_state_get_cycles(art_sim *sim, art_byte_reader *in, art_error *err)
{
  while (in->at < in->count) {
    art_cycle cycle = { .member = NULL };
    int32_t count, have = 0, capacity = 0;
    ART_GET(in, count);
    ART_GET(in, cycle.until_ms);
    ART_GET(in, cycle.moved_m);
    if (in->is_short || count < 1 || count > sim->demand->trip_count)
      return fail(err, "no number of members");
    art_status status = ART_OK;
    while (status == ART_OK && have < count) {
      int32_t trip;
      status = get_member(sim, in, &trip, err);
      ART_PUSH(cycle.member, have, capacity, trip);
    }
    cycle.count = count;
    cycle.moves = ART_NEW(uint8_t, count);
    if (status == ART_OK) {
      ART_PUSH(sim->cycle, sim->cycle_count, sim->cycle_capacity, cycle);
    } else {
      free(cycle.member);
      free(cycle.moves);
      return status;
    }
  }
  return ART_OK;
}
