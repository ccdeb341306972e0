// art_demand_check: types, sets, routes, trips and stops against one network.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/demand.h"

static const float slack_m = 0.1f;  // positions come from files with two decimals

/// A link that another one leads to, for which classes.
typedef struct turn {
  int32_t link;
  uint32_t classes;
} turn;

/// One check of one demand: the inputs and what is found on the way.
typedef struct context {
  const art_demand *demand;
  const art_net *net;
  uint32_t *set_classes;    ///< by set: mask of the classes of its types
  uint32_t *route_classes;  ///< by route: classes for which it is known to be connected
  int32_t *first_turn;      ///< [link_count + 1], into turn
  turn *turn;
  art_error *err;
} context;

static int is_within(float value, float lowest, float highest)
{
  return value >= lowest && value <= highest;
}

typedef struct required {
  const void *array;
  const char *name;
  int32_t count;
} required;

static art_status check_present(context *x)
{
  const art_demand *d = x->demand;
  const struct {
    const char *name;
    int32_t count;
  } counts[] = {
    { "type_count", d->type_count }, { "set_count", d->set_count },   { "route_count", d->route_count },
    { "trip_count", d->trip_count }, { "stop_count", d->stop_count },
  };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i)
    if (counts[i].count < 0)
      return art_fail(x->err, ART_E_INPUT, "demand: %s is %d; it must be at least 0", counts[i].name,
                      counts[i].count);
#define NEED(field, count)    \
  (required)                  \
  {                           \
    d->field, #field, (count) \
  }
  const required arrays[] = {
    NEED(type_id, d->type_count),
    NEED(type, d->type_count),
    NEED(set_id, d->set_count),
    NEED(set_first, d->set_count),
    NEED(set_type, d->set_count),
    NEED(set_probability, d->set_count),
    NEED(route_first, d->route_count),
    NEED(route_link, d->route_count),
    NEED(trip_id, d->trip_count),
    NEED(trip_key, d->trip_count),
    NEED(trip_set, d->trip_count),
    NEED(trip_route, d->trip_count),
    NEED(trip_depart_ms, d->trip_count),
    NEED(trip_depart_lane, d->trip_count),
    NEED(trip_depart_pos_m, d->trip_count),
    NEED(trip_depart_speed_mps, d->trip_count),
    NEED(trip_arrival_pos_m, d->trip_count),
    NEED(trip_first_stop, d->trip_count),
    NEED(stop_lane, d->stop_count),
    NEED(stop_start_m, d->stop_count),
    NEED(stop_end_m, d->stop_count),
    NEED(stop_duration_ms, d->stop_count),
    NEED(stop_until_ms, d->stop_count),
    NEED(stop_place, d->stop_count),
  };
#undef NEED
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i)
    if (arrays[i].count > 0 && !arrays[i].array)
      return art_fail(x->err, ART_E_INPUT, "demand: array %s is missing; it must hold %d values",
                      arrays[i].name, arrays[i].count);
  return ART_OK;
}

/// The first problem is told.
static art_status check_ids(char *const *ids, int32_t count, const char *kind, art_error *err)
{
  int32_t earlier = -1;
  const int32_t twice = art_ids_find_twice(ids, count, &earlier);
  for (int32_t i = 0; i < count && (twice < 0 || i < twice); ++i)
    if (!ids[i] || !ids[i][0])
      return art_fail(err, ART_E_INPUT, "%s %d: has no id; ids must not be empty", kind, i);
  if (twice < 0) return ART_OK;
  return art_fail(err, ART_E_INPUT, "%s '%s': the id occurs twice; ids must differ", kind, ids[twice]);
}

static art_status check_types(context *x)
{
  const art_demand *d = x->demand;
  art_status status = check_ids(d->type_id, d->type_count, "type", x->err);
  for (int32_t i = 0; i < d->type_count && status == ART_OK; ++i)
    status = art_vtype_check(&d->type[i], d->type_id[i], x->err);
  return status;
}

static art_status check_set(context *x, int32_t set)
{
  const art_demand *d = x->demand;
  const int32_t begin = d->set_first[set], end = d->set_first[set + 1];
  const char *id = d->set_id[set];
  double sum = 0.0;
  for (int32_t m = begin; m < end; ++m) {
    if (d->set_type[m] < 0 || d->set_type[m] >= d->type_count)
      return art_fail(x->err, ART_E_INPUT, "type set '%s': names type %d; it must be 0 to %d", id,
                      d->set_type[m], d->type_count - 1);
    if (!is_within(d->set_probability[m], 0.0f, 1.0f))
      return art_fail(x->err, ART_E_INPUT,
                      "type set '%s': the probability of type '%s' is %g; it must be 0 to 1", id,
                      d->type_id[d->set_type[m]], (double)d->set_probability[m]);
    sum += (double)d->set_probability[m];
    x->set_classes[set] |= 1u << d->type[d->set_type[m]].vclass;
  }
  if (fabs(sum - 1.0) > 1e-4)
    return art_fail(x->err, ART_E_INPUT, "type set '%s': probabilities add up to %g; they must add up to 1",
                    id, sum);
  return ART_OK;
}

/// Rows first, so that members are looked at only inside the array.
static art_status check_sets(context *x)
{
  const art_demand *d = x->demand;
  art_status status = check_ids(d->set_id, d->set_count, "type set", x->err);
  for (int32_t set = 0; set < d->set_count && status == ART_OK; ++set)
    if ((set == 0 && d->set_first[0] != 0) || d->set_first[set + 1] <= d->set_first[set])
      status =
          art_fail(x->err, ART_E_INPUT, "type set '%s': its members are %d to %d; there must be at least one",
                   d->set_id[set], d->set_first[set], d->set_first[set + 1]);
  for (int32_t set = 0; set < d->set_count && status == ART_OK; ++set) status = check_set(x, set);
  return status;
}

static art_status check_route_links(context *x)
{
  const art_demand *d = x->demand;
  for (int32_t r = 0; r < d->route_count; ++r)
    if ((r == 0 && d->route_first[0] != 0) || d->route_first[r + 1] <= d->route_first[r])
      return art_fail(x->err, ART_E_INPUT,
                      "route %d: its links are %" PRId64 " to %" PRId64 "; there must be at least one", r,
                      d->route_first[r], d->route_first[r + 1]);
  for (int32_t r = 0; r < d->route_count; ++r)
    for (int64_t i = d->route_first[r]; i < d->route_first[r + 1]; ++i)
      if (d->route_link[i] < 0 || d->route_link[i] >= x->net->link_count)
        return art_fail(x->err, ART_E_INPUT, "route %d: link number %" PRId64 " is %d; it must be 0 to %d", r,
                        i - d->route_first[r], d->route_link[i], x->net->link_count - 1);
  return ART_OK;
}

/// Whether any lane of the link is open to the class.
static int is_open(const art_net *net, int32_t link, int vclass)
{
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    if (ART_PERMITS(net->lane_allowed[lane], vclass)) return 1;
  return 0;
}

/// Where links lead, and which classes may go there. Routes have many more links than the city has turns, so the turns
/// are put together once.
static void make_turns(context *x)
{
  const art_net *net = x->net;
  int32_t count = 0, capacity = 0;
  x->first_turn = ART_NEW(int32_t, net->link_count + 1);
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t begin = net->lane_first_out[net->link_first_lane[link]];
    const int32_t end = net->lane_first_out[net->link_first_lane[link + 1]];
    for (int32_t c = begin; c < end; ++c) {
      const int32_t from = net->connector_from[c], to = net->connector_to[c], next = net->lane_link[to];
      const uint32_t classes = net->lane_allowed[from] & net->lane_allowed[to] &
                               net->lane_allowed[art_net_lane_of_connector(net, c)];
      int32_t k = x->first_turn[link];
      while (k < count && x->turn[k].link != next) ++k;
      if (k == count) {
        const turn one = { next, 0 };
        ART_PUSH(x->turn, count, capacity, one);
      }
      x->turn[k].classes |= classes;
    }
    x->first_turn[link + 1] = count;
  }
}

/// Whether a connector leads from link to next, and the lanes at both ends and itself are open to the class.
static int is_connected(const context *x, int32_t link, int32_t next, int vclass)
{
  for (int32_t k = x->first_turn[link]; k < x->first_turn[link + 1]; ++k)
    if (x->turn[k].link == next && ART_PERMITS(x->turn[k].classes, vclass)) return 1;
  return 0;
}

/// `owner` says whose route it is: "trip 'x'" or "route 3".
static art_status check_route_for_class(context *x, int32_t route, int vclass, const char *owner)
{
  const art_demand *d = x->demand;
  const art_net *net = x->net;
  const int64_t begin = d->route_first[route], end = d->route_first[route + 1];
  const int32_t first = d->route_link[begin];
  if (!is_open(net, first, vclass))
    return art_fail(x->err, ART_E_INPUT,
                    "%s: no lane of link '%s', the first of route %d, is open to class %s", owner,
                    net->link_id[first], route, art_vclass_name(vclass));
  for (int64_t i = begin; i + 1 < end; ++i) {
    const int32_t link = d->route_link[i], next = d->route_link[i + 1];
    if (is_connected(x, link, next, vclass)) continue;
    if (is_connected(x, link, next, ART_VCLASS_IGNORING))
      return art_fail(x->err, ART_E_INPUT,
                      "%s: no connection from link '%s' to '%s' in route %d is open to class %s", owner,
                      net->link_id[link], net->link_id[next], route, art_vclass_name(vclass));
    return art_fail(x->err, ART_E_INPUT,
                    "%s: route %d is not connected: nothing leads from link '%s' to '%s'", owner, route,
                    net->link_id[link], net->link_id[next]);
  }
  return ART_OK;
}

/// What check_route_for_class tells the reason of, where it does not hold.
static int is_way_for(const context *x, int32_t route, int vclass)
{
  const art_demand *d = x->demand;
  const int64_t begin = d->route_first[route], end = d->route_first[route + 1];
  if (!is_open(x->net, d->route_link[begin], vclass)) return 0;
  for (int64_t i = begin; i + 1 < end; ++i)
    if (!is_connected(x, d->route_link[i], d->route_link[i + 1], vclass)) return 0;
  return 1;
}

static art_status check_trip_route(context *x, int32_t trip)
{
  const int32_t route = x->demand->trip_route[trip];
  const uint32_t missing = x->set_classes[x->demand->trip_set[trip]] & ~x->route_classes[route];
  if (!missing) return ART_OK;
  for (int vclass = 0; vclass < ART_VCLASS_COUNT; ++vclass) {
    if (!((missing >> vclass) & 1u) || is_way_for(x, route, vclass)) continue;
    char owner[300];
    snprintf(owner, sizeof owner, "trip '%.280s'", x->demand->trip_id[trip]);
    return check_route_for_class(x, route, vclass, owner);
  }
  x->route_classes[route] |= missing;
  return ART_OK;
}

/// Routes that no trip drives must at least be connected for somebody.
static art_status check_unused_routes(context *x)
{
  for (int32_t r = 0; r < x->demand->route_count; ++r) {
    if (x->route_classes[r] || is_way_for(x, r, ART_VCLASS_IGNORING)) continue;
    char owner[40];
    snprintf(owner, sizeof owner, "route %d", r);
    const art_status status = check_route_for_class(x, r, ART_VCLASS_IGNORING, owner);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static float longest_lane_m(const art_net *net, int32_t link)
{
  float longest = 0.0f;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    if (net->lane_length_m[lane] > longest) longest = net->lane_length_m[lane];
  return longest;
}

/// Depart lane, position and speed, and arrival position, each in metres or one of the special values.
static art_status check_trip_ends(context *x, int32_t trip)
{
  const art_demand *d = x->demand;
  const char *id = d->trip_id[trip];
  const int32_t route = d->trip_route[trip];
  const int32_t first = d->route_link[d->route_first[route]],
                last = d->route_link[d->route_first[route + 1] - 1];
  const int32_t lane = d->trip_depart_lane[trip], lanes = art_net_link_lanes(x->net, first);
  if (lane < ART_LANE_ALLOWED || lane >= lanes)
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s': its depart lane is %d; link '%s' has lanes 0 to %d (or %d to -1 by rule)", id,
                    lane, x->net->link_id[first], lanes - 1, ART_LANE_ALLOWED);
  const float pos = d->trip_depart_pos_m[trip];
  const int pos_is_rule =
      pos == ART_POS_BASE || pos == ART_POS_LAST || pos == ART_POS_RANDOM || pos == ART_POS_FREE;
  const float room = longest_lane_m(x->net, first) + slack_m;
  if (!pos_is_rule && !is_within(pos, -room, room))
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s': departs at %g m of link '%s'; it must be -%g to %g or a rule", id,
                    (double)pos, x->net->link_id[first], (double)room, (double)room);
  const float speed = d->trip_depart_speed_mps[trip];
  int speed_is_rule = 0;
  for (float rule = ART_SPEED_MAX; rule >= ART_SPEED_RANDOM; rule -= 1.0f) speed_is_rule |= speed == rule;
  if (!speed_is_rule && !is_within(speed, 0.0f, 500.0f))
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s': departs at %g m/s; it must be 0 to 500 or a rule (%g to %g)", id,
                    (double)speed, (double)ART_SPEED_RANDOM, (double)ART_SPEED_MAX);
  const float arrival = d->trip_arrival_pos_m[trip], end = longest_lane_m(x->net, last) + slack_m;
  if (arrival != ART_POS_END && !is_within(arrival, -end, end))
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s': arrives at %g m of link '%s'; it must be -%g to %g, or %g for its end", id,
                    (double)arrival, x->net->link_id[last], (double)end, (double)end, (double)ART_POS_END);
  return ART_OK;
}

static art_status check_stop(context *x, int32_t trip, int32_t stop)
{
  const art_demand *d = x->demand;
  const art_net *net = x->net;
  const char *id = d->trip_id[trip];
  const int32_t number = stop - d->trip_first_stop[trip], lane = d->stop_lane[stop],
                place = d->stop_place[stop];
  if (lane < 0 || lane >= net->link_lane_count)
    return art_fail(x->err, ART_E_INPUT, "trip '%s' stop %d: lies on lane %d; it must be 0 to %d", id, number,
                    lane, net->link_lane_count - 1);
  const float start = d->stop_start_m[stop], end = d->stop_end_m[stop], length = net->lane_length_m[lane];
  if (!is_within(start, 0.0f, length + slack_m) || !is_within(end, start, length + slack_m))
    return art_fail(
        x->err, ART_E_INPUT,
        "trip '%s' stop %d: lies from %g to %g m; it must lie in order within 0 to %g of link '%s'", id,
        number, (double)start, (double)end, (double)length, net->link_id[net->lane_link[lane]]);
  if (d->stop_duration_ms[stop] < 0 || d->stop_until_ms[stop] < -1)
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s' stop %d: lasts %" PRId64 " ms, until %" PRId64
                    " ms; they must be at least 0 and -1",
                    id, number, d->stop_duration_ms[stop], d->stop_until_ms[stop]);
  if (place < -1 || place >= net->stop_count)
    return art_fail(x->err, ART_E_INPUT, "trip '%s' stop %d: its place is %d; it must be -1 to %d", id,
                    number, place, net->stop_count - 1);
  if (place >= 0 && net->stop_lane[place] != lane)
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s' stop %d: lies on link '%s', but bus stop '%s' lies on another lane", id,
                    number, net->link_id[net->lane_link[lane]], net->stop_id[place]);
  return ART_OK;
}

/// Stops must lie on the route, in its order.
static art_status check_trip_stops(context *x, int32_t trip)
{
  const art_demand *d = x->demand;
  const int32_t begin = d->trip_first_stop[trip], end = d->trip_first_stop[trip + 1];
  if ((trip == 0 && begin != 0) || end < begin || end > d->stop_count)
    return art_fail(x->err, ART_E_INPUT, "trip '%s': its stops are %d to %d; they must ascend within 0 to %d",
                    d->trip_id[trip], begin, end, d->stop_count);
  int64_t hop = d->route_first[d->trip_route[trip]];
  const int64_t hops = d->route_first[d->trip_route[trip] + 1];
  for (int32_t stop = begin; stop < end; ++stop) {
    const art_status status = check_stop(x, trip, stop);
    if (status != ART_OK) return status;
    const int32_t link = x->net->lane_link[d->stop_lane[stop]];
    while (hop < hops && d->route_link[hop] != link) ++hop;
    if (hop == hops)
      return art_fail(
          x->err, ART_E_INPUT,
          "trip '%s' stop %d: lies on link '%s', which route %d does not pass (after the stop before)",
          d->trip_id[trip], stop - begin, x->net->link_id[link], d->trip_route[trip]);
  }
  return ART_OK;
}

art_status art_demand_check_order(const art_demand *d, int32_t trip, art_error *err)
{
  const int64_t depart = d->trip_depart_ms[trip], before = trip > 0 ? d->trip_depart_ms[trip - 1] : depart;
  if (trip == 0 || depart > before || (depart == before && d->trip_key[trip] >= d->trip_key[trip - 1])) return ART_OK;
  return art_fail(err, ART_E_INPUT,
                  "trip '%s': departs at %" PRId64 " ms, after trip '%s' (%" PRId64
                  " ms) in the table; trips must ascend by (departure, key)",
                  d->trip_id[trip], depart, d->trip_id[trip - 1], before);
}

static art_status check_trip(context *x, int32_t trip)
{
  const art_demand *d = x->demand;
  const char *id = d->trip_id[trip];
  const int64_t depart = d->trip_depart_ms[trip], year_ms = 366LL * 86400000LL;
  if (d->trip_set[trip] < 0 || d->trip_set[trip] >= d->set_count)
    return art_fail(x->err, ART_E_INPUT, "trip '%s': its type set is %d; it must be 0 to %d", id,
                    d->trip_set[trip], d->set_count - 1);
  if (d->trip_route[trip] < 0 || d->trip_route[trip] >= d->route_count)
    return art_fail(x->err, ART_E_INPUT, "trip '%s': its route is %d; it must be 0 to %d", id,
                    d->trip_route[trip], d->route_count - 1);
  if (depart < -year_ms || depart > year_ms)
    return art_fail(x->err, ART_E_INPUT,
                    "trip '%s': departs at %" PRId64 " ms; it must be within a year of 0", id, depart);
  art_status status = art_demand_check_order(d, trip, x->err);
  if (status == ART_OK) status = check_trip_ends(x, trip);
  if (status == ART_OK) status = check_trip_stops(x, trip);
  if (status == ART_OK) status = check_trip_route(x, trip);
  return status;
}

art_status art_demand_check_keys(const art_demand *d, art_error *err)
{
  int32_t earlier = -1;
  const int32_t twice = art_keys_find_twice(d->trip_key, d->trip_count, &earlier);
  if (twice < 0) return ART_OK;
  return art_fail(err, ART_E_INPUT, "trip '%s': has the key of trip '%s' (%016" PRIx64 "); keys must differ",
                  d->trip_id[twice], d->trip_id[earlier], d->trip_key[twice]);
}

/// Has every trip an id, and the key that follows from it?
static int keys_are_of_ids(const art_demand *d)
{
  for (int32_t t = 0; t < d->trip_count; ++t)
    if (!d->trip_id[t] || !d->trip_id[t][0] || d->trip_key[t] != art_trip_key(d->trip_id[t])) return 0;
  return 1;
}

static art_status check_trips(context *x)
{
  // Of ids that are what the keys are made of, two can be alike only where two keys are.
  art_status status = art_demand_check_keys(x->demand, x->err);
  if (status != ART_OK || !keys_are_of_ids(x->demand)) {
    const art_status of_ids = check_ids(x->demand->trip_id, x->demand->trip_count, "trip", x->err);
    status = of_ids != ART_OK ? of_ids : status != ART_OK ? art_demand_check_keys(x->demand, x->err) : ART_OK;
  }
  for (int32_t trip = 0; trip < x->demand->trip_count && status == ART_OK; ++trip)
    status = check_trip(x, trip);
  if (status == ART_OK && x->demand->trip_count > 0 &&
      x->demand->trip_first_stop[x->demand->trip_count] != x->demand->stop_count)
    status = art_fail(x->err, ART_E_INPUT, "demand: stops of the last trip end at %d; they must end at %d",
                      x->demand->trip_first_stop[x->demand->trip_count], x->demand->stop_count);
  return status;
}

art_status art_demand_check(const art_demand *demand, const art_net *net, art_error *err)
{
  context x = { .demand = demand, .net = net, .err = err };
  art_status status = check_present(&x);
  if (status != ART_OK) return status;
  x.set_classes = ART_NEW(uint32_t, demand->set_count);
  x.route_classes = ART_NEW(uint32_t, demand->route_count);
  make_turns(&x);
  // Each check trusts those before it.
  art_status (*const checks[])(context *) = { check_types, check_sets, check_route_links, check_trips,
                                              check_unused_routes };
  for (size_t i = 0; i < sizeof checks / sizeof *checks && status == ART_OK; ++i) status = checks[i](&x);
  free(x.set_classes);
  free(x.route_classes);
  free(x.first_turn);
  free(x.turn);
  return status;
}
