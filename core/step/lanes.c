/// Which lanes serve a route. Costs count lane changes still needed over the next links, backwards along the route.
#include "core/step/sim_internal.h"

#define TRAP 50.0f  // costs from here on mean a change on a link too short for it
#define TRAP_PATIENCE_MS \
  60000  // after that one drives into it all the same, if there is another way from there
#define TRAP_RETRY_MS 30000

/// The next stop of a trip, or -1: it has none left.
static int32_t stop_ahead(const art_sim *sim, int32_t trip)
{
  if (!sim->demand->trip_first_stop) return -1;
  const int32_t *first = &sim->demand->trip_first_stop[trip];
  if (first[0] == first[1]) return -1;
  const int32_t at = first[0] + art_record(sim, trip)->next_stop;
  return at < first[1] ? at : -1;
}

int32_t art_lanes_stop(const art_sim *sim, int32_t trip, int32_t hop)
{
  const art_demand *demand = sim->demand;
  const int32_t at = stop_ahead(sim, trip);
  if (at < 0) return -1;
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  return hop < count && sim->net->lane_link[demand->stop_lane[at]] == links[hop] ? demand->stop_lane[at] : -1;
}

/// Cost of leaving lane m of links[hop] without a change: the best continuation over its connectors.
static float direct_cost(const art_sim *sim, int32_t lane, int32_t next_link, int32_t vclass,
                         const float *next_total)
{
  const art_net *net = sim->net;
  float best = ART_LANE_IMPOSSIBLE;
  if (!art_lane_permits(sim, lane, vclass)) return best;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    const int32_t to = net->connector_to[c];
    if (net->lane_link[to] != next_link || !art_lane_permits(sim, to, vclass) ||
        !art_lane_permits(sim, art_net_lane_of_connector(net, c), vclass))
      continue;
    best = art_minf(best, next_total[to - net->link_first_lane[next_link]]);
  }
  return best;
}

typedef struct driver_class {
  const art_sim *sim;
  int32_t vclass;
} driver_class;

static int leads_to(const void *of, int32_t lane, int32_t side)
{
  const driver_class *c = of;
  return art_lane_leads_to(c->sim, lane, side, c->vclass);
}

/// Least cost of leaving a link from lane m; *best is the lane to leave it from. Closed lanes, those of other classes and lines that
/// must not be crossed are in the way.
static float over_lanes(const art_sim *sim, int32_t first, int32_t lanes, int32_t m, float each,
                        int32_t vclass, const float *direct, int32_t *best)
{
  const driver_class of = { sim, vclass };
  return art_least_over_lanes(first, lanes, m, each, direct, leads_to, &of, best);
}

/// Costs of the link at `hop` of the route: direct (without a change there) and total (with the best one). Both have one value
/// per lane.
static void lane_costs(const art_sim *sim, int32_t trip, int32_t hop, int32_t vclass, float *direct, float *total)
{
  const art_net *net = sim->net;
  const int has_stops = stop_ahead(sim, trip) >= 0;
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  int32_t last = hop;
  for (float covered = 0.0f; last + 1 < count && last - hop < ART_LOOK_LINKS; ++last) {
    covered += net->lane_length_m[net->link_first_lane[links[last]]];
    if (covered > ART_LOOK_M && last - hop >= ART_LOOK_LEAST) break;
  }
  for (int32_t h = last; h >= hop; --h) {
    const int32_t first = net->link_first_lane[links[h]], lanes = art_net_link_lanes(net, links[h]);
    const float each = art_lane_change_cost(net->lane_length_m[first]);
    for (int32_t m = 0; m < lanes; ++m) {
      if (h == last)
        direct[m] = art_lane_permits(sim, first + m, vclass) ? 0.0f : ART_LANE_IMPOSSIBLE;
      else
        direct[m] = direct_cost(sim, first + m, links[h + 1], vclass, total);  // total: of the link after it, so far
    }
    for (int32_t m = 0; m < lanes; ++m)
      total[m] = over_lanes(sim, first, lanes, m, each, vclass, direct, NULL);
    const int32_t stop = has_stops ? art_lanes_stop(sim, trip, h) : -1;
    if (stop >= 0) {  // a planned stop comes first: everything goes by its lane
      const int32_t s = stop - first;
      const float after = total[s];
      for (int32_t m = 0; m < lanes; ++m) {
        direct[m] = m == s ? after : ART_LANE_IMPOSSIBLE;
        total[m] = after + each * (float)(m > s ? m - s : s - m);
      }
    }
  }
}

/// Of the lanes of a link those that are left without a change, and those from which it is to the left. `stop`: lane of a
/// stop on it, or -1.
static void lanes_that_serve(const art_sim *sim, int32_t link, int32_t vclass, const float *direct, int32_t stop, uint16_t *stay,
                             uint16_t *leftward)
{
  const int32_t lanes = art_net_link_lanes(sim->net, link), first = sim->net->link_first_lane[link];
  const float each = art_lane_change_cost(sim->net->lane_length_m[first]);
  *stay = *leftward = 0;
  for (int32_t m = 0; m < lanes; ++m) {
    int32_t best = m;
    (void)over_lanes(sim, first, lanes, m, each, vclass, direct, &best);
    if (stop >= 0) best = stop - first;
    if (best == m && direct[m] < ART_LANE_IMPOSSIBLE)
      *stay |= (uint16_t)(1u << m);
    else if (best > m)
      *leftward |= (uint16_t)(1u << m);
  }
}

void art_lanes_plan(const art_sim *sim, int32_t trip, int32_t hop, int32_t vclass, uint16_t *stay,
                    uint16_t *leftward)
{
  float direct[ART_LINK_LANES], total[ART_LINK_LANES];
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  lane_costs(sim, trip, hop, vclass, direct, total);
  lanes_that_serve(sim, links[hop], vclass, direct, art_lanes_stop(sim, trip, hop), stay, leftward);
}

uint16_t art_lanes_planned(const art_sim *sim, int32_t trip, int32_t hop, uint16_t flags)
{
  int32_t links;
  (void)art_route_links(sim, trip, &links);
  uint32_t planned = flags & ~(uint32_t)(ART_FLAG_STOP | ART_FLAG_LAST);
  if (art_lanes_stop(sim, trip, hop) >= 0) planned |= ART_FLAG_STOP;
  if (hop + 1 >= links) planned |= ART_FLAG_LAST;
  return (uint16_t)(planned | ART_FLAG_PLANNED);
}

/// Would this lane lead into a place from which the route needs a change that cannot be made, while another lane of the link
/// would not?
static int is_trap(const art_sim *sim, int32_t trip, int32_t hop, int32_t vclass)
{
  float direct[ART_LINK_LANES], total[ART_LINK_LANES];
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  lane_costs(sim, trip, hop, vclass, direct, total);
  for (int32_t m = 0; m < art_net_link_lanes(sim->net, links[hop]); ++m)
    if (direct[m] < TRAP) return 1;
  return 0;
}

/// Who of several equal connectors is taken: the one with the lowest.
static uint64_t draw_for(const art_sim *sim, int32_t trip, int32_t hop, int32_t c)
{
  return art_rng(sim->seed, sim->demand->trip_key[trip], (int64_t)hop * 64 + c % 64, ART_FOR_CONNECTOR);
}

/// The costs of lanes of route[hop + 1] go to direct and total, which have room for them; -1: they may not have been looked at.
static int32_t find_connector(const art_sim *sim, int32_t trip, int32_t hop, int32_t lane, int32_t vclass, float *direct,
                              float *total)
{
  const art_net *net = sim->net;
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  if (hop + 1 >= count) return -1;
  const int32_t next = links[hop + 1];
  int32_t best = -1;
  float least = ART_LANE_IMPOSSIBLE;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    const int32_t to = net->connector_to[c];
    if (net->lane_link[to] != next || !art_lane_permits(sim, to, vclass) ||
        !art_lane_permits(sim, art_net_lane_of_connector(net, c), vclass))
      continue;
    if (best < 0) lane_costs(sim, trip, hop + 1, vclass, direct, total);
    const float cost = total[to - net->link_first_lane[next]];
    if (best < 0 || cost < least ||
        (cost == least && draw_for(sim, trip, hop, c) < draw_for(sim, trip, hop, best))) {
      least = cost;
      best = c;
    }
  }
  if (best >= 0 && least >= TRAP && is_trap(sim, trip, hop, vclass)) {
    const int32_t standing_ms = art_standing_ms(sim, art_record(sim, trip));
    // Asked seldom, because it looks for routes.
    if (standing_ms < TRAP_PATIENCE_MS || standing_ms % TRAP_RETRY_MS >= sim->step_ms ||
        !art_lane_leads_on(sim, net->connector_to[best], links[count - 1], vclass))
      return -1;
  }
  return best;
}

int32_t art_lanes_connector(const art_sim *sim, int32_t trip, int32_t hop, int32_t lane, int32_t vclass)
{
  float direct[ART_LINK_LANES], total[ART_LINK_LANES];
  return find_connector(sim, trip, hop, lane, vclass, direct, total);
}

int art_lanes_track(const art_sim *sim, int32_t trip, int32_t hop, int32_t lane, int32_t vclass, art_track *track)
{
  float direct[ART_LINK_LANES], total[ART_LINK_LANES];
  const int32_t c = find_connector(sim, trip, hop, lane, vclass, direct, total);
  if (c < 0) return 0;
  int32_t hops;
  (void)art_route_links(sim, trip, &hops);
  *track = (art_track){
    .connector = c, .cap_mps2 = INFINITY, .stop_m = INFINITY, .waits_for = -1, .last_waits_for = -1, .ends = hop + 2 >= hops
  };
  if (sim->ways.way[c].is_free) {
    track->grant = track->new_grant = ART_GRANT_FULL;
    track->committed = track->new_committed = 1;
  }
  if (stop_ahead(sim, trip) >= 0) return 1;
  const int32_t link = sim->net->lane_link[sim->net->connector_to[c]];
  lanes_that_serve(sim, link, vclass, direct, -1, &track->stay, &track->leftward);
  track->knows_lanes = 1;
  return 1;
}

static art_lead lead_of_lane(const art_sim *sim, int32_t lane)
{
  const art_lead lead = sim->lead[lane];
  const uint64_t word = sim->entering[ART_BUFFER(sim) ^ 1][lane];
  if (word == UINT64_MAX || art_entering_distance_m(word) >= lead.distance_m) return lead;
  const int32_t trip = art_entering_trip(word);
  return (art_lead){ .distance_m = art_entering_distance_m(word),
                     .speed_mps = art_mover_of(sim, art_record(sim, trip))->speed_mps,
                     .vehicle = trip,
                     .next_connector = art_record(sim, trip)->lead_connector };
}

/// The foremost vehicle of a lane as settle may know it, those handed over in the last step included. One that is moved with
/// its circle in this step is as near as it will be then.
static art_lead lead_known(const art_sim *sim, int32_t lane)
{
  art_lead lead = lead_of_lane(sim, lane);
  if (lead.vehicle >= 0) lead.distance_m -= art_pushed_m(sim, lead.vehicle);
  return lead;
}

/// Walks upstream over lanes that feed `lane`; on links only vehicles that are granted this way count.
static art_lead upstream(const art_sim *sim, int32_t lane, float distance_m, float within_m, int depth)
{
  const art_net *net = sim->net;
  art_lead nearest = { .distance_m = INFINITY, .vehicle = -1, .next_connector = -1 };
  if (distance_m > within_m || depth == 0) return nearest;
  for (int32_t i = net->lane_first_in[lane]; i < net->lane_first_in[lane + 1]; ++i) {
    const int32_t c = net->lane_in[i], path = art_net_lane_of_connector(net, c),
                  from = net->connector_from[c];
    const float length = net->lane_length_m[path];
    art_lead found = lead_known(sim, path);
    found.distance_m += distance_m;
    if (found.vehicle < 0) {
      found = lead_known(sim, from);
      if (found.vehicle < 0)
        found = upstream(sim, from, distance_m + length + net->lane_length_m[from], within_m, depth - 1);
      else if (found.next_connector == c)
        found.distance_m += distance_m + length;
      else
        continue;
    }
    if (found.distance_m < nearest.distance_m) nearest = found;
  }
  return nearest;
}

float art_upstream_gap(const art_sim *sim, int32_t lane, float pos_m, float within_m, float *speed_mps,
                       int32_t *vehicle)
{
  const art_lead found = upstream(sim, lane, pos_m, within_m, 4);
  *speed_mps = found.speed_mps;
  *vehicle = found.distance_m <= within_m ? found.vehicle : -1;
  return *vehicle >= 0 ? found.distance_m : INFINITY;
}
