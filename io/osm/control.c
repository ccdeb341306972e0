// Signs and signals to where they belong: nodes of junctions and ends of pieces; signals alone on a road get a node.
#include <math.h>
#include <stdlib.h>

#include "io/osm/map_internal.h"

#define SIGNAL_REACH_M 45.0  // a signal on an approach belongs to the junction if that is nearer than this
#define SIGN_REACH_M 60.0
#define YARD_M 33.0         // where less than three streets meet, only if it stands right there
#define FOOT_REACH_M 22.0   // a pedestrian signal this near to a junction with signals is part of it
#define STREET_COS 0.7      // of the angle between the parts of a street
#define SLIP_COS 0.5        // and between it and a slip road
#define ALONE_LEAST_M 18.0  // a node of its own needs room on both sides

static const uint32_t signs = ART_OSM_NODE_STOP | ART_OSM_NODE_STOP_ALL | ART_OSM_NODE_GIVE_WAY;

static int is_junction(const art_map_node *node)
{
  return node->arm_count >= 3;
}

/// Arms of streets, without driveways: a signal hardly stands for the gate of a yard.
static int street_arms(const art_map *plan, const art_map_node *node)
{
  int count = 0;
  for (int32_t i = 0; i < node->arm_count; ++i)
    count += art_map_way_of(plan, plan->arm[node->first_arm + i] >> 1, 0)->road_class < ART_OSM_CLASS_SERVICE;
  return count;
}

/// Where a slip road parts from a street to the right nobody meets anybody: the arm by which the street goes on there, for
/// who comes along it by `arm`; -1 elsewhere.
static int32_t past_slip(const art_map *plan, int32_t arm)
{
  const art_map_node *node = &plan->node[art_map_node_of(plan, arm)];
  if (node->arm_count != 3 || node->has_signal) return -1;
  int32_t slip = -1, on = -1;
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t other = plan->arm[node->first_arm + i];
    const art_map_piece *piece = &plan->piece[other >> 1];
    if (other == arm) continue;
    const int is_slip = art_map_way_of(plan, other >> 1, 0)->is_link && piece->lanes[other & 1] &&
                        !piece->lanes[1 - (other & 1)];
    if (is_slip)
      slip = slip < 0 ? other : -2;
    else
      on = other;
  }
  if (slip < 0 || on < 0) return -1;
  const art_vec from = art_map_leaving(plan, arm >> 1, arm & 1, 15.0),
                to = art_map_leaving(plan, on >> 1, on & 1, 15.0),
                off = art_map_leaving(plan, slip >> 1, slip & 1, 15.0);
  // It leaves the one half of the street or the other.
  const double side = art_vec_cross(to, off), along = art_vec_dot(to, off);
  if (-art_vec_dot(from, to) < STREET_COS || fabs(along) < SLIP_COS) return -1;
  return (along > 0.0 ? side < 0.0 : side > 0.0) ? on : -1;
}

/// The arm by which one that drives on from an event reaches the next junction, past nodes where only the road changes or
/// a slip road leaves it; -1 if there is none within reach. *distance_m grows.
static int32_t arm_ahead(const art_map *plan, int32_t p, int direction, double *distance_m, double reach_m,
                         int for_signal)
{
  for (int steps = 0; steps < 8 && *distance_m <= reach_m; ++steps) {
    const int end = direction == 0;
    const art_map_node *node = &plan->node[plan->piece[p].node[end]];
    const int32_t own = 2 * p + end;
    int32_t next = for_signal ? past_slip(plan, own) : -1;
    if (next < 0 && is_junction(node)) return own;
    if (next < 0 && node->arm_count != 2) return -1;
    if (next < 0)
      next = plan->arm[node->first_arm] == own ? plan->arm[node->first_arm + 1] : plan->arm[node->first_arm];
    p = next >> 1;
    direction = next & 1;
    if (!plan->piece[p].lanes[direction]) return -1;
    *distance_m += plan->piece[p].length_m;
  }
  return -1;
}

/// The arm that an event on a piece points to, -1 if none is within reach.
static int32_t arm_of(const art_map *plan, int32_t p, const art_map_event *event, double reach_m,
                      int for_signal)
{
  const art_map_piece *piece = &plan->piece[p];
  int32_t best = -1;
  double least = reach_m;
  for (int direction = 0; direction < 2; ++direction) {
    double distance = direction == 0 ? piece->length_m - event->at_m : event->at_m;
    if (!event->direction[direction] || !piece->lanes[direction]) continue;
    const int32_t arm = arm_ahead(plan, p, direction, &distance, reach_m, for_signal);
    if (arm < 0) continue;
    if (for_signal && street_arms(plan, &plan->node[art_map_node_of(plan, arm)]) < 3) distance += YARD_M;
    if (distance > least) continue;
    least = distance;
    best = arm;
  }
  return best;
}

static void put_sign(art_map *plan, int32_t p, const art_map_event *event)
{
  const int32_t arm = arm_of(plan, p, event, SIGN_REACH_M, 0);
  if (arm < 0) {
    ++plan->report->signs_unused;
    return;
  }
  plan->piece[arm >> 1].control[1 - (arm & 1)] |= event->what & signs;
  if (event->what & ART_OSM_NODE_STOP_ALL) plan->node[art_map_node_of(plan, arm)].stops_all = 1;
  ++plan->report->signs;
}

/// Signals of vehicles at the approach make the junction a signalised one. Those in the middle of the road remain.
static int put_signal(art_map *plan, int32_t p, const art_map_event *event)
{
  const int32_t arm = arm_of(plan, p, event, SIGNAL_REACH_M, 1);
  if (arm < 0) return 0;
  plan->piece[arm >> 1].control[1 - (arm & 1)] |= ART_OSM_NODE_SIGNAL;
  plan->node[art_map_node_of(plan, arm)].has_signal = 1;
  ++plan->report->signals_used;
  return 1;
}

/// Does a slip road join a street here?
static int takes_slip(const art_map *plan, const art_map_node *node)
{
  int slips = 0;
  for (int32_t i = 0; i < node->arm_count; ++i) {
    const int32_t arm = plan->arm[node->first_arm + i];
    const art_map_piece *piece = &plan->piece[arm >> 1];
    slips += art_map_way_of(plan, arm >> 1, 0)->is_link && !piece->lanes[arm & 1];
  }
  return node->arm_count == 3 && slips == 1;
}

/// Does a signal stand at a crossing of people over a one-way road right behind a junction with signals, and is part of it?
static int is_on_way_out(const art_map *plan, int32_t p, const art_map_event *event)
{
  const art_map_piece *piece = &plan->piece[p];
  const int from = piece->lanes[0] ? 0 : 1;
  const double gone_m = from ? piece->length_m - event->at_m : event->at_m;
  const art_map_node *behind = &plan->node[piece->node[from]], *ahead = &plan->node[piece->node[1 - from]];
  return (event->what & ART_OSM_NODE_CROSSING_SIGNAL) && !event->is_told && !piece->lanes[1 - from] &&
         behind->has_signal && is_junction(behind) && gone_m < FOOT_REACH_M &&
         (gone_m < 0.5 * piece->length_m || takes_slip(plan, ahead));
}

/// Foot signals near signalised junctions are part of them; the others get a node if there is room.
static int wants_node(const art_map *plan, const art_map_piece *piece, const art_map_event *event)
{
  for (int end = 0; end < 2; ++end) {
    const double distance = end == 1 ? piece->length_m - event->at_m : event->at_m;
    const art_map_node *node = &plan->node[piece->node[end]];
    if (distance < ALONE_LEAST_M) return 0;
    if (node->has_signal && distance < FOOT_REACH_M + 10.0) return 0;
  }
  return 1;
}

static void put_alone(art_map *plan, int32_t p)
{
  for (;;) {
    int32_t found = -1;
    for (int32_t e = plan->piece[p].first_event; e >= 0; e = plan->event[e].next)
      if ((plan->event[e].what & (ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL)) &&
          (found < 0 || plan->event[e].at_m < plan->event[found].at_m))
        found = e;
    if (found < 0) return;
    plan->event[found].what &= ~(uint32_t)(ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL);
    if (!wants_node(plan, &plan->piece[p], &plan->event[found])) {
      int near = 0;
      for (int end = 0; end < 2; ++end) near |= plan->node[plan->piece[p].node[end]].has_signal;
      plan->report->signals_used += near;
      plan->report->signals_unused += !near;
      continue;
    }
    const double at_m = plan->event[found].at_m;
    const int64_t id = plan->event[found].node;
    p = art_map_split(plan, p, at_m, id);
    art_map_node *node = &plan->node[plan->node_count - 1];
    node->has_signal = node->is_foot_signal = 1;
    node->what |= plan->event[found].what & (ART_OSM_NODE_CROSSING | ART_OSM_NODE_ZEBRA);
    plan->event[found].what &= ~(uint32_t)ART_OSM_NODE_CROSSING;
    ++plan->report->signals_used;
  }
}

void art_map_control(art_map *plan)
{
  for (int32_t i = 0; i < plan->node_count; ++i) {
    art_map_node *node = &plan->node[i];
    if (node->what & ART_OSM_NODE_STOP_ALL) node->stops_all = 1;
    if (!(node->what & (ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL)) || node->arm_count < 2) continue;
    if (!(node->what & ART_OSM_NODE_SIGNAL) && is_junction(node)) continue;
    node->has_signal = 1;
    node->is_foot_signal = !is_junction(node);
    ++plan->report->signals_used;
  }
  // Signals at crossings of people come last: they may belong to the junction behind them.
  for (int of_people = 0; of_people < 2; ++of_people)
    for (int32_t p = 0; p < plan->piece_count; ++p) {
      for (int32_t e = plan->piece[p].first_event; e >= 0; e = plan->event[e].next) {
        art_map_event *event = &plan->event[e];
        if (!of_people && (event->what & signs)) put_sign(plan, p, event);
        if (!(event->what & ART_OSM_NODE_SIGNAL) ||
            !(event->what & ART_OSM_NODE_CROSSING_SIGNAL) != !of_people)
          continue;
        if (!is_on_way_out(plan, p, event) && put_signal(plan, p, event))
          event->what &= ~(uint32_t)(ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL);
      }
    }
  const int32_t count = plan->piece_count;
  for (int32_t p = 0; p < count; ++p) put_alone(plan, p);
  art_map_split_at_zebras(plan);
  art_map_index_arms(plan);
}
