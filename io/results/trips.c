// /trips: one row per trip of the run. /totals: the whole network at instants.
#include <math.h>

#include "io/results/table_internal.h"

typedef const art_result_view view;

static const art_trip_row *row(view *v, int64_t i)
{
  return &v->trips[v->first_trip + i];
}
static art_tick depart_ms(view *v, int64_t i)
{
  return v->demand->trip_depart_ms[v->first_trip + i];
}
static const int32_t *route(view *v, int64_t i, int64_t *count)
{
  const int32_t r = v->demand->trip_route[v->first_trip + i];
  *count = v->demand->route_first[r + 1] - v->demand->route_first[r];
  return v->demand->route_link + v->demand->route_first[r];
}

// One value or one row a line.
// clang-format off
static const char *link_id(view *v, int64_t i) { return v->net->link_id[i]; }
static const char *type_id(view *v, int64_t i) { return v->demand->type_id[i]; }
static const char *trip_id(view *v, int64_t i) { return v->demand->trip_id[v->first_trip + i]; }
static double type(view *v, int64_t i) { return row(v, i)->type; }
static double depart(view *v, int64_t i) { return (double)depart_ms(v, i) / 1000.0; }
static double insert(view *v, int64_t i)
{
  return row(v, i)->insert_ms < 0 ? NAN : (double)row(v, i)->insert_ms / 1000.0;
}
static double arrival(view *v, int64_t i)
{
  return row(v, i)->state == ART_TRIP_ARRIVED ? (double)row(v, i)->arrival_ms / 1000.0 : NAN;
}
static double insertion_delay(view *v, int64_t i)
{
  const art_tick until = row(v, i)->insert_ms >= 0 ? row(v, i)->insert_ms : v->end_ms;
  return until > depart_ms(v, i) ? (double)(until - depart_ms(v, i)) / 1000.0 : 0.0;
}
static double travel_time(view *v, int64_t i)
{
  const art_trip_row *t = row(v, i);
  return t->state == ART_TRIP_ARRIVED ? (double)(t->arrival_ms - t->insert_ms) / 1000.0 : NAN;
}
static double time_loss(view *v, int64_t i)
{
  const art_trip_row *t = row(v, i);
  if (t->insert_ms < 0) return NAN;
  const art_tick until = t->state == ART_TRIP_ARRIVED ? t->arrival_ms : v->end_ms;
  return (double)(until - t->insert_ms - t->stop_ms - t->free_ms) / 1000.0;
}
static double waiting_time(view *v, int64_t i) { return (double)row(v, i)->waiting_ms / 1000.0; }
static double stop_time(view *v, int64_t i) { return (double)row(v, i)->stop_ms / 1000.0; }
static double stops(view *v, int64_t i) { return row(v, i)->stops; }
static double route_length(view *v, int64_t i) { return (double)row(v, i)->route_mm / 1000.0; }
static double speed_factor(view *v, int64_t i)
{
  return row(v, i)->insert_ms < 0 ? NAN : (double)row(v, i)->speed_factor;
}
static double origin(view *v, int64_t i)
{
  int64_t count;
  return route(v, i, &count)[0];
}
static double destination(view *v, int64_t i)
{
  int64_t count;
  const int32_t *links = route(v, i, &count);
  return links[count - 1];
}
static double state(view *v, int64_t i) { return row(v, i)->state; }
static double missed_turns(view *v, int64_t i) { return row(v, i)->missed_turns; }
static double rotations(view *v, int64_t i) { return row(v, i)->rotations; }
static double reroutes(view *v, int64_t i) { return row(v, i)->reroutes; }
static double longest_standstill(view *v, int64_t i)
{
  return (double)row(v, i)->longest_standstill_ms / 1000.0;
}

static const art_result_var trip_vars[] = {
  { .name = "link", .dims = "link", .type = ART_H5_STRING,
    .long_name = "id of the link, for origin and destination", .text = link_id },
  { .name = "vehicle_type", .dims = "vehicle_type", .type = ART_H5_STRING,
    .long_name = "id of the vehicle type", .text = type_id },
  { .name = "trip", .dims = "trip", .type = ART_H5_STRING, .long_name = "id of the trip", .text = trip_id },
  { .name = "type", .dims = "trip", .type = ART_H5_INT32, .unit = "1", .long_name = "type of the vehicle",
    .how = "index into vehicle_type", .value = type },
  { .name = "depart", .dims = "trip", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "planned departure", .value = depart },
  { .name = "insert", .dims = "trip", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "entry onto the road", .how = "missing if it never entered", .value = insert },
  { .name = "arrival", .dims = "trip", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME, .long_name = "arrival",
    .how = "end of the step in which it came to its destination; missing if it has not arrived", .value = arrival },
  { .name = "insertion_delay", .dims = "trip", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time waited outside the network",
    .how = "insert - depart; up to the end of the run for a trip that never entered",
    .value = insertion_delay },
  { .name = "travel_time", .dims = "trip", .type = ART_H5_FLOAT, .unit = "s", .long_name = "time on the road",
    .how = "arrival - insert; missing if it has not arrived", .value = travel_time },
  { .name = "time_loss", .dims = "trip", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time lost on the road",
    .how = "time on the road, planned stops excluded, minus the time that the driven route takes at the "
           "driver's desired speed; so far, if still running", .value = time_loss },
  { .name = "waiting_time", .dims = "trip", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time stood on the road", .how = "slower than 0.1 m/s, planned stops excluded",
    .value = waiting_time },
  { .name = "stop_time", .dims = "trip", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time at planned stops", .value = stop_time },
  { .name = "stops", .dims = "trip", .type = ART_H5_INT32, .unit = "1",
    .long_name = "times that it came to a halt", .how = "fell below 5 km/h after having been above 15 km/h",
    .value = stops },
  { .name = "route_length", .dims = "trip", .type = ART_H5_FLOAT, .unit = "m", .long_name = "distance driven",
    .value = route_length },
  { .name = "speed_factor", .dims = "trip", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "desired speed over speed limit", .how = "missing if it never entered",
    .value = speed_factor },
  { .name = "origin", .dims = "trip", .type = ART_H5_INT32, .unit = "1", .long_name = "first link",
    .how = "index into link", .value = origin },
  { .name = "destination", .dims = "trip", .type = ART_H5_INT32, .unit = "1",
    .long_name = "last link of the planned route", .how = "index into link", .value = destination },
  { .name = "state", .dims = "trip", .type = ART_H5_INT8,
    .long_name = "where the trip was at the end of the run", .value = state,
    .flags = "to_come waiting running arrived no_route" },
  { .name = "missed_turns", .dims = "trip", .type = ART_H5_INT32, .unit = "1",
    .long_name = "turns given up after standing too long", .value = missed_turns },
  { .name = "rotations", .dims = "trip", .type = ART_H5_INT32, .unit = "1",
    .long_name = "times moved on together with others that waited in a circle", .value = rotations },
  { .name = "reroutes", .dims = "trip", .type = ART_H5_INT32, .unit = "1",
    .long_name = "new routes on the way", .value = reroutes },
  { .name = "longest_standstill", .dims = "trip", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "longest time stood in one place", .how = "planned stops excluded",
    .value = longest_standstill },
};
// clang-format on

const art_result_group art_group_trips = { "trips",
                                           "Trips of the run, one row each, sorted by planned departure.",
                                           NULL, sizeof trip_vars / sizeof *trip_vars, trip_vars };

static double now_s(view *v, int64_t i)
{
  (void)i;
  return (double)v->end_ms / 1000.0;
}
// One value or one row a line.
// clang-format off
#define LEDGER(name)                                  \
  static double total_##name(view *v, int64_t i)      \
  {                                                   \
    (void)i;                                          \
    return (double)v->totals->ledger.name;            \
  }
LEDGER(loaded)
LEDGER(waiting)
LEDGER(running)
LEDGER(arrived)
LEDGER(removed)
LEDGER(inserted)
LEDGER(no_route)
LEDGER(missed_turns)
LEDGER(rotations)
LEDGER(hard_brakings)
#undef LEDGER
static double halting(view *v, int64_t i)
{
  (void)i;
  return (double)v->totals->halting;
}
static double vkt(view *v, int64_t i)
{
  (void)i;
  return (double)v->totals->distance_mm / 1e6;
}
static double vht(view *v, int64_t i)
{
  (void)i;
  return (double)v->totals->vehicle_ms / 3.6e6;
}
static double mean_speed(view *v, int64_t i)
{
  (void)i;
  return v->totals->vehicle_ms > 0 ? (double)v->totals->distance_mm / (double)v->totals->vehicle_ms : NAN;
}

#define STATE(id, sentence, function)                                                                        \
  { .name = id, .dims = "time", .type = ART_H5_INT32, .unit = "1", .long_name = sentence, .value = function, \
    .cell_methods = "time: point" }
static const art_result_var total_vars[] = {
  { .name = "nv", .dims = "nv", .type = ART_H5_INT32, .unit = "1", .long_name = "end of an interval",
    .value = art_value_index },
  { .name = "time", .dims = "time", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "instant of the state", .value = now_s, .standard_name = "time" },
  { .name = "time_bnds", .dims = "time nv", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "interval of vkt, vht and mean_speed, which ends at the instant",
    .value = art_value_bounds },
  STATE("loaded", "trips whose departure time had come when the last step began, since begin", total_loaded),
  STATE("inserted", "trips that had entered the road, since begin", total_inserted),
  STATE("waiting", "trips waiting outside the network", total_waiting),
  STATE("running", "vehicles on the road, those at stops beside it included", total_running),
  STATE("arrived", "trips that had arrived, since begin", total_arrived),
  STATE("removed", "vehicles taken off the road before their route ended, since begin", total_removed),
  STATE("no_route", "of the waiting, those without a way to their destination", total_no_route),
  STATE("halting", "vehicles slower than 0.1 m/s", halting),
  STATE("missed_turns", "turns given up, since begin", total_missed_turns),
  STATE("rotations", "circles of waiting vehicles resolved, since begin", total_rotations),
  { .name = "hard_brakings", .dims = "time", .type = ART_H5_INT64, .unit = "1",
    .long_name = "vehicle updates braking harder than 6 m/s2, since begin", .value = total_hard_brakings,
    .cell_methods = "time: point" },
  { .name = "vkt", .dims = "time", .type = ART_H5_DOUBLE, .unit = "km",
    .long_name = "distance driven by all vehicles in the interval", .value = vkt,
    .cell_methods = "time: sum" },
  { .name = "vht", .dims = "time", .type = ART_H5_DOUBLE, .unit = "h",
    .long_name = "time spent on the road by all vehicles in the interval", .how = "those at stops beside it included", .value = vht,
    .cell_methods = "time: sum" },
  { .name = "mean_speed", .dims = "time", .type = ART_H5_FLOAT, .unit = "m s-1",
    .long_name = "space mean speed in the interval", .how = "vkt / vht; missing where nobody drove",
    .value = mean_speed, .cell_methods = "time: mean" },
};
// clang-format on

const art_result_group art_group_totals = { "totals", "The whole network at instants.", NULL,
                                            sizeof total_vars / sizeof *total_vars, total_vars };
