// /links and /movements: what happened on every link and connector in every interval.
#include <math.h>

#include "io/results/table_internal.h"

typedef const art_result_view view;

static double hours(view *v)
{
  return (double)(v->end_ms - v->begin_ms) / 3.6e6;
}
static double seconds(view *v)
{
  return (double)(v->end_ms - v->begin_ms) / 1000.0;
}

double art_value_time(view *v, int64_t i)
{
  (void)i;
  return (double)v->begin_ms / 1000.0;
}
double art_value_bounds(view *v, int64_t i)
{
  return (double)(i ? v->end_ms : v->begin_ms) / 1000.0;
}
double art_value_index(view *v, int64_t i)
{
  return (double)(v->grown + i);
}

// One value or one row a line.
// clang-format off
static const char *link_id(view *v, int64_t i) { return v->net->link_id[i]; }
static double link_x(view *v, int64_t i) { return art_view_x(v, v->link_x[i]); }
static double link_y(view *v, int64_t i) { return art_view_y(v, v->link_y[i]); }
static double link_lon(view *v, int64_t i) { return v->link_lon[i]; }
static double link_lat(view *v, int64_t i) { return v->link_lat[i]; }
static double link_length(view *v, int64_t i) { return v->net->lane_length_m[v->net->link_first_lane[i]]; }
static double link_lanes(view *v, int64_t i) { return art_net_link_lanes(v->net, (int32_t)i); }

static double entered(view *v, int64_t i) { return v->links->entered[i]; }
// The simulation counts arrivals as leaving, too.
static double left(view *v, int64_t i) { return v->links->left[i] - v->links->arrived[i]; }
static double departed(view *v, int64_t i) { return v->links->departed[i]; }
static double arrived(view *v, int64_t i) { return v->links->arrived[i]; }
static double flow(view *v, int64_t i) { return (double)v->links->left[i] / hours(v); }
static double density(view *v, int64_t i)
{
  return (double)v->links->vehicle_ms[i] / (double)(v->end_ms - v->begin_ms) / (link_length(v, i) / 1000.0);
}
static double speed(view *v, int64_t i)
{
  const int64_t time_ms = v->links->vehicle_ms[i];
  return time_ms > 0 ? (double)v->links->distance_mm[i] / (double)time_ms : NAN;
}
static double travel_time(view *v, int64_t i)
{
  const double mps = speed(v, i);
  return mps > 0.0 ? link_length(v, i) / mps : NAN;
}
static double delay(view *v, int64_t i) { return (double)v->links->loss_ms[i] / 1000.0; }
static double waiting_time(view *v, int64_t i) { return (double)v->links->waiting_ms[i] / 1000.0; }
static double vehicle_time(view *v, int64_t i) { return (double)v->links->vehicle_ms[i] / 1000.0; }
static double distance(view *v, int64_t i) { return (double)v->links->distance_mm[i] / 1000.0; }
static double occupancy(view *v, int64_t i)
{
  return (double)v->links->occupied_mm_ms[i] / 1e6 / (v->link_lane_area_m[i] * seconds(v));
}
static double queue_max(view *v, int64_t i) { return v->links->queue_max_m[i]; }

ART_RANGE(entered, int32_t)
ART_RANGE(left, int32_t)
ART_RANGE(departed, int32_t)
ART_RANGE(arrived, int32_t)
ART_RANGE(flow, float)
ART_RANGE(density, float)
ART_RANGE(speed, float)
ART_RANGE(travel_time, float)
ART_RANGE(delay, float)
ART_RANGE(waiting_time, float)
ART_RANGE(vehicle_time, float)
ART_RANGE(distance, float)
ART_RANGE(occupancy, float)
ART_RANGE(queue_max, float)

static const art_result_var link_vars[] = {
  { .name = "link", .dims = "link", .type = ART_H5_STRING, .long_name = "id of the link", .text = link_id },
  { .name = "nv", .dims = "nv", .type = ART_H5_INT32, .unit = "1", .long_name = "end of an interval",
    .value = art_value_index },
  { .name = "time", .dims = "time", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin of the interval", .value = art_value_time, .standard_name = "time" },
  { .name = "time_bnds", .dims = "time nv", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin and end of the interval", .value = art_value_bounds },
  { .name = "x", .dims = "link", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "middle of the link, east",
    .value = link_x, .options = ART_VAR_AUXILIARY },
  { .name = "y", .dims = "link", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "middle of the link, north",
    .value = link_y, .options = ART_VAR_AUXILIARY },
  { .name = "lon", .dims = "link", .type = ART_H5_DOUBLE, .unit = "degrees_east",
    .long_name = "middle of the link, longitude", .value = link_lon, .standard_name = "longitude",
    .options = ART_VAR_AUXILIARY | ART_VAR_NEEDS_CRS },
  { .name = "lat", .dims = "link", .type = ART_H5_DOUBLE, .unit = "degrees_north",
    .long_name = "middle of the link, latitude", .value = link_lat, .standard_name = "latitude",
    .options = ART_VAR_AUXILIARY | ART_VAR_NEEDS_CRS },
  { .name = "length", .dims = "link", .type = ART_H5_FLOAT, .unit = "m", .long_name = "length of the link",
    .value = link_length },
  { .name = "lanes", .dims = "link", .type = ART_H5_INT32, .unit = "1", .long_name = "lanes of the link",
    .value = link_lanes },
  { .name = "entered", .dims = "time link", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that drove onto the link", .how = "front bumper, departures not included",
    .value = entered, .range = entered_range, .cell_methods = "time: sum" },
  { .name = "left", .dims = "time link", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that drove off the link", .how = "front bumper, arrivals not included",
    .value = left, .range = left_range, .cell_methods = "time: sum" },
  { .name = "departed", .dims = "time link", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that began here", .value = departed, .range = departed_range, .cell_methods = "time: sum" },
  { .name = "arrived", .dims = "time link", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that ended here", .value = arrived, .range = arrived_range, .cell_methods = "time: sum" },
  { .name = "flow", .dims = "time link", .type = ART_H5_FLOAT, .unit = "h-1",
    .long_name = "vehicles per hour that drove off or arrived", .how = "(left + arrived) / interval",
    .value = flow, .range = flow_range, .cell_methods = "time: mean" },
  { .name = "density", .dims = "time link", .type = ART_H5_FLOAT, .unit = "km-1",
    .long_name = "vehicles per km of link, all lanes together", .how = "vehicle_time / interval / length",
    .value = density, .range = density_range, .cell_methods = "time: mean" },
  { .name = "speed", .dims = "time link", .type = ART_H5_FLOAT, .unit = "m s-1",
    .long_name = "space mean speed", .how = "distance / vehicle_time; missing where nobody was",
    .value = speed, .range = speed_range, .cell_methods = "time: mean" },
  { .name = "travel_time", .dims = "time link", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "travel time over the link", .how = "length / speed; missing where nobody moved",
    .value = travel_time, .range = travel_time_range, .cell_methods = "time: mean" },
  { .name = "delay", .dims = "time link", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time lost by all vehicles",
    .how = "time minus the time that the same distance takes at each driver's desired speed; planned stops "
           "excluded", .value = delay, .range = delay_range, .cell_methods = "time: sum" },
  { .name = "waiting_time", .dims = "time link", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time that all vehicles stood", .how = "slower than 0.1 m/s, planned stops in the lane included", .value = waiting_time, .range = waiting_time_range,
    .cell_methods = "time: sum" },
  { .name = "vehicle_time", .dims = "time link", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time that all vehicles spent on the link", .value = vehicle_time, .range = vehicle_time_range,
    .cell_methods = "time: sum" },
  { .name = "distance", .dims = "time link", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "distance that all vehicles drove on the link", .value = distance, .range = distance_range,
    .cell_methods = "time: sum" },
  { .name = "occupancy", .dims = "time link", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of the lanes' length under vehicles",
    .how = "sum of vehicle length x time / (length of all lanes x interval)", .value = occupancy, .range = occupancy_range,
    .cell_methods = "time: mean" },
  { .name = "queue_max", .dims = "time link", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "farthest standing vehicle from the end of its lane",
    .how = "rear bumper, slower than 0.1 m/s; in whole metres", .value = queue_max, .range = queue_max_range, .cell_methods = "time: maximum" },
};

// clang-format on

const art_result_group art_group_links = {
  "links",
  "Links by interval. A vehicle belongs to the link where its front "
  "bumper is as a step begins, and the step to the interval; time "
  "inside junctions and at stops beside the road belongs to no link.",
  NULL, sizeof link_vars / sizeof *link_vars, link_vars
};

// One value or one row a line.
// clang-format off
static const art_net *net_of(view *v) { return v->net; }
static int32_t from_lane_of(view *v, int64_t i) { return net_of(v)->connector_from[i]; }
static int32_t to_lane_of(view *v, int64_t i) { return net_of(v)->connector_to[i]; }
static double from_link(view *v, int64_t i) { return v->net->lane_link[from_lane_of(v, i)]; }
static double to_link(view *v, int64_t i) { return v->net->lane_link[to_lane_of(v, i)]; }
static double from_lane(view *v, int64_t i) { return art_net_lane_index(v->net, from_lane_of(v, i)); }
static double to_lane(view *v, int64_t i) { return art_net_lane_index(v->net, to_lane_of(v, i)); }
static const char *movement_id(view *v, int64_t i) { return v->lane_id[v->net->link_lane_count + i]; }
static double turn(view *v, int64_t i) { return v->net->connector_turn[i]; }
static double passed(view *v, int64_t i) { return v->movements[i]; }
static double movement_delay(view *v, int64_t i)
{
  return v->movement_out[i] > 0 ? (double)v->movement_delay_ms[i] / 1000.0 / v->movement_out[i] : NAN;
}

ART_RANGE(passed, int32_t)
ART_RANGE(movement_delay, float)

static const art_result_var movement_vars[] = {
  { .name = "link", .dims = "link", .type = ART_H5_STRING, .long_name = "id of the link", .text = link_id },
  { .name = "movement", .dims = "movement", .type = ART_H5_STRING,
    .long_name = "path through a junction, from lane to lane", .text = movement_id },
  { .name = "nv", .dims = "nv", .type = ART_H5_INT32, .unit = "1", .long_name = "end of an interval",
    .value = art_value_index },
  { .name = "time", .dims = "time", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin of the interval", .value = art_value_time, .standard_name = "time" },
  { .name = "time_bnds", .dims = "time nv", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin and end of the interval", .value = art_value_bounds },
  { .name = "from_link", .dims = "movement", .type = ART_H5_INT32, .unit = "1",
    .long_name = "link that it leaves", .how = "index into link", .value = from_link },
  { .name = "from_lane", .dims = "movement", .type = ART_H5_INT32, .unit = "1",
    .long_name = "lane that it leaves", .how = "0 is the kerbside lane of the link", .value = from_lane },
  { .name = "to_link", .dims = "movement", .type = ART_H5_INT32, .unit = "1",
    .long_name = "link that it enters", .how = "index into link", .value = to_link },
  { .name = "to_lane", .dims = "movement", .type = ART_H5_INT32, .unit = "1",
    .long_name = "lane that it enters", .how = "0 is the kerbside lane of the link", .value = to_lane },
  { .name = "turn", .dims = "movement", .type = ART_H5_INT8, .unit = NULL, .long_name = "direction",
    .value = turn, .flags = "straight u_turn left right part_left part_right" },
  { .name = "count", .dims = "time movement", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that entered the junction on this path", .value = passed, .range = passed_range,
    .cell_methods = "time: sum" },
  { .name = "delay", .dims = "time movement", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "mean delay of the vehicles that came out of it",
    .how = "from where the approach begins, which is the last junction where streams meet or a signal stands, to the end "
           "of this path, against the time at their desired speed; planned stops excluded; missing without vehicles",
    .value = movement_delay, .range = movement_delay_range, .cell_methods = "time: mean" },
};
// clang-format on

const art_result_group art_group_movements = { "movements",
                                               "Turning counts: every path through a junction by interval.",
                                               NULL, sizeof movement_vars / sizeof *movement_vars,
                                               movement_vars };
