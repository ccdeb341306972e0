// /detectors by interval, and the log of /signals.
#include <math.h>

#include "io/results/table_internal.h"

typedef const art_result_view view;

// One value or one row a line.
// clang-format off
static double interval_ms(view *v) { return (double)(v->end_ms - v->begin_ms); }
static const char *detector_id(view *v, int64_t i) { return v->net->detector_id[i]; }
static int32_t first_lane(view *v, int64_t i)
{
  const int32_t k = v->net->detector_first_point[i];
  return k < v->net->detector_first_point[i + 1] ? v->net->detector_lane[k] : -1;
}
static const char *lane_id(view *v, int64_t i)
{
  const int32_t lane = first_lane(v, i);
  return lane < 0 ? "" : v->lane_id[lane];
}
static const char *detector_link(view *v, int64_t i)
{
  const int32_t lane = first_lane(v, i);
  return lane < 0 || lane >= v->net->link_lane_count ? "" : v->net->link_id[v->net->lane_link[lane]];
}
static double detector_pos(view *v, int64_t i)
{
  const int32_t k = v->net->detector_first_point[i];
  return k < v->net->detector_first_point[i + 1] ? v->net->detector_pos_m[k] : NAN;
}
static double detector_x(view *v, int64_t i) { return art_view_x(v, v->detector_x[i]); }
static double detector_y(view *v, int64_t i) { return art_view_y(v, v->detector_y[i]); }
static double detector_lon(view *v, int64_t i) { return v->detector_lon[i]; }
static double detector_lat(view *v, int64_t i) { return v->detector_lat[i]; }
static double detector_kind(view *v, int64_t i) { return v->net->detector_kind[i]; }
static double own_period(view *v, int64_t i)
{
  return v->net->detector_period_ms[i] > 0 ? (double)v->net->detector_period_ms[i] / 1000.0 : NAN;
}

static int is_kind(view *v, int64_t i, art_detector_kind kind) { return v->net->detector_kind[i] == kind; }
static double count(view *v, int64_t i) { return (double)v->detectors->count[i]; }
static double flow(view *v, int64_t i) { return (double)v->detectors->count[i] * 3.6e6 / interval_ms(v); }
static double per(double sum, double n) { return n > 0.0 ? sum / n : NAN; }
static double speed(view *v, int64_t i)
{
  const art_detector_sums *s = v->detectors;
  if (is_kind(v, i, ART_DETECTOR_AREA)) return per((double)s->distance_mm[i], (double)s->occupied_ms[i]);
  return is_kind(v, i, ART_DETECTOR_POINT) ? per((double)s->speed_sum_mmps[i] / 1000.0, (double)s->count[i]) : NAN;
}
static double harmonic_speed(view *v, int64_t i)
{
  const art_detector_sums *s = v->detectors;
  if (is_kind(v, i, ART_DETECTOR_ENTRY_EXIT)) return NAN;
  return per((double)s->count[i] * 1e6, (double)s->slowness_sum_us[i]);
}
static double occupancy(view *v, int64_t i)
{
  const double lanes = v->net->detector_first_point[i + 1] - v->net->detector_first_point[i];
  return is_kind(v, i, ART_DETECTOR_POINT) ? (double)v->detectors->occupied_ms[i] / interval_ms(v) / lanes : NAN;
}
static double vehicles_inside(view *v, int64_t i)
{
  return is_kind(v, i, ART_DETECTOR_POINT) ? NAN : (double)v->detectors->occupied_ms[i] / interval_ms(v);
}
static double vehicle_time(view *v, int64_t i)
{
  return is_kind(v, i, ART_DETECTOR_POINT) ? NAN : (double)v->detectors->occupied_ms[i] / 1000.0;
}
static double for_zone(view *v, int64_t i, double value) { return is_kind(v, i, ART_DETECTOR_ENTRY_EXIT) ? value : NAN; }
static double for_area(view *v, int64_t i, double value) { return is_kind(v, i, ART_DETECTOR_AREA) ? value : NAN; }
static double travel_time(view *v, int64_t i)
{
  return for_zone(v, i, per((double)v->detectors->travel_ms[i] / 1000.0, (double)v->detectors->count[i]));
}
static double halts(view *v, int64_t i)
{
  return for_zone(v, i, per((double)v->detectors->halts[i], (double)v->detectors->count[i]));
}
static double entered(view *v, int64_t i) { return for_zone(v, i, v->detectors->entered[i]); }
static double inside_at_end(view *v, int64_t i) { return for_zone(v, i, v->detectors->inside[i]); }
static double halting(view *v, int64_t i) { return for_area(v, i, (double)v->detectors->halting_ms[i] / interval_ms(v)); }
static double jam_length(view *v, int64_t i)
{
  return for_area(v, i, (double)v->detectors->jam_mm_ms[i] / 1000.0 / interval_ms(v));
}
static double jam_vehicles(view *v, int64_t i)
{
  return for_area(v, i, (double)v->detectors->jam_vehicles_ms[i] / interval_ms(v));
}
static double jam_length_max(view *v, int64_t i) { return for_area(v, i, v->detectors->jam_max_mm[i] / 1000.0); }
static double jam_vehicles_max(view *v, int64_t i) { return for_area(v, i, v->detectors->jam_vehicles_max[i]); }
#define X(suffix, name, sentence)                                             \
  static double count_##suffix(view *v, int64_t i)                            \
  {                                                                           \
    return v->detectors->class_count[i * ART_COUNT_CLASSES + ART_COUNT_##suffix]; \
  }
ART_COUNT_CLASS_LIST(X)
#undef X

static const art_result_var detector_vars[] = {
  { .name = "detector", .dims = "detector", .type = ART_H5_STRING, .long_name = "id of the detector",
    .text = detector_id, .cf_role = "timeseries_id" },
  { .name = "nv", .dims = "nv", .type = ART_H5_INT32, .unit = "1", .long_name = "end of an interval",
    .value = art_value_index },
  { .name = "time", .dims = "time", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin of the interval",
    .how = "one time axis for all detectors: the scenario's outputs.detectors.every, else their most common "
           "period", .value = art_value_time, .standard_name = "time" },
  { .name = "time_bnds", .dims = "time nv", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin and end of the interval", .value = art_value_bounds },
  { .name = "x", .dims = "detector", .type = ART_H5_DOUBLE, .unit = "m",
    .long_name = "place of the detector, east", .value = detector_x, .options = ART_VAR_AUXILIARY },
  { .name = "y", .dims = "detector", .type = ART_H5_DOUBLE, .unit = "m",
    .long_name = "place of the detector, north", .value = detector_y, .options = ART_VAR_AUXILIARY },
  { .name = "lon", .dims = "detector", .type = ART_H5_DOUBLE, .unit = "degrees_east",
    .long_name = "longitude of the detector", .value = detector_lon, .standard_name = "longitude",
    .options = ART_VAR_AUXILIARY | ART_VAR_NEEDS_CRS },
  { .name = "lat", .dims = "detector", .type = ART_H5_DOUBLE, .unit = "degrees_north",
    .long_name = "latitude of the detector", .value = detector_lat, .standard_name = "latitude",
    .options = ART_VAR_AUXILIARY | ART_VAR_NEEDS_CRS },
  { .name = "kind", .dims = "detector", .type = ART_H5_INT8, .long_name = "kind of detector",
    .value = detector_kind, .flags = "point area entry_exit" },
  { .name = "lane", .dims = "detector", .type = ART_H5_STRING, .long_name = "lane of the detector",
    .how = "the first one, if it has several", .text = lane_id },
  { .name = "link", .dims = "detector", .type = ART_H5_STRING, .long_name = "link of that lane",
    .how = "empty inside a junction", .text = detector_link },
  { .name = "position", .dims = "detector", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "place along that lane", .how = "from its start; of an area, its begin",
    .value = detector_pos },
  { .name = "period", .dims = "detector", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "period of the detector itself",
    .how = "for information: values here are by the common time axis; missing if it has none",
    .value = own_period },
  { .name = "count", .dims = "time detector", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles counted",
    .how = "point: passages of the front bumper; area: entered; entry_exit: left after having entered",
    .value = count, .cell_methods = "time: sum" },
  { .name = "flow", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "h-1",
    .long_name = "vehicles per hour", .how = "count / interval", .value = flow,
    .cell_methods = "time: mean" },
#define X(suffix, text, sentence)                                                                            \
  { .name = "count_" text, .dims = "time detector", .type = ART_H5_INT32, .unit = "1",                       \
    .long_name = "of the vehicles counted, " sentence, .value = count_##suffix, .cell_methods = "time: sum" },
  ART_COUNT_CLASS_LIST(X)
#undef X
  { .name = "speed", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "m s-1",
    .long_name = "mean speed",
    .how = "point: arithmetic mean over the vehicles counted, as the front passes (time mean speed); area: distance / "
           "vehicle_time (space mean speed); missing without vehicles and for entry_exit",
    .value = speed, .cell_methods = "time: mean" },
  { .name = "speed_harmonic", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "m s-1",
    .long_name = "harmonic mean speed of the vehicles counted",
    .how = "as the front passes the point or the begin of the area: estimates the space mean speed there; missing "
           "without vehicles and for entry_exit",
    .value = harmonic_speed, .cell_methods = "time: mean" },
  { .name = "occupancy", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of time with a vehicle over the loop",
    .how = "points only; a body covers it from its front to its rear, to the millisecond; mean over lanes",
    .value = occupancy, .cell_methods = "time: mean" },
  { .name = "vehicle_time", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "time that all vehicles spent inside",
    .how = "area: from the front over its begin to the rear over its end; entry_exit: from front to front",
    .value = vehicle_time, .cell_methods = "time: sum" },
  { .name = "vehicles_inside", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "mean number of vehicles inside", .how = "vehicle_time / interval; areas and entry_exit",
    .value = vehicles_inside, .cell_methods = "time: mean" },
  { .name = "halting", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "mean number of vehicles that halt",
    .how = "areas only; slower than 5 km/h for 1 s or more", .value = halting, .cell_methods = "time: mean" },
  { .name = "jam_length", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "mean length of the longest jam inside",
    .how = "areas only; a jam: vehicles that halt, from the front of the first to the rear of the last, with 10 m or "
           "less between one and the next", .value = jam_length, .cell_methods = "time: mean" },
  { .name = "jam_length_max", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "longest jam inside", .how = "areas only", .value = jam_length_max,
    .cell_methods = "time: maximum" },
  { .name = "jam_vehicles", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "mean number of vehicles in the jam with the most of them",
    .how = "areas only; those that move between two that halt included", .value = jam_vehicles,
    .cell_methods = "time: mean" },
  { .name = "jam_vehicles_max", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "most vehicles in a jam", .how = "areas only", .value = jam_vehicles_max,
    .cell_methods = "time: maximum" },
  { .name = "travel_time", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "mean time from entry to exit",
    .how = "entry_exit only, front to front, over vehicles that left; missing without vehicles",
    .value = travel_time, .cell_methods = "time: mean" },
  { .name = "halts", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "halts of a vehicle between entry and exit",
    .how = "entry_exit only, mean over vehicles that left: fell below 5 km/h after having been above 15; missing "
           "without vehicles", .value = halts, .cell_methods = "time: mean" },
  { .name = "entered", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "vehicles that entered", .how = "entry_exit only", .value = entered,
    .cell_methods = "time: sum" },
  { .name = "inside_at_end", .dims = "time detector", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "vehicles inside at the end of the interval",
    .how = "entry_exit only; entered, and neither left nor arrived", .value = inside_at_end,
    .cell_methods = "time: point" },
};
// clang-format on

const art_result_group art_group_detectors = { "detectors", "Detectors by interval.", "timeSeries",
                                               sizeof detector_vars / sizeof *detector_vars, detector_vars };

// One value or one row a line.
// clang-format off
static const char *signal_id(view *v, int64_t i) { return v->net->signal_id[i]; }
static const char *program_id(view *v, int64_t i) { return v->net->program_id[v->net->signal_active[i]]; }
static const char *programs_of(view *v, int64_t i) { return v->programs_of[i]; }
static const char *program_text(view *v, int64_t i) { return v->program_text[i]; }
static double event_time(view *v, int64_t i) { return (double)v->events[i].time_ms / 1000.0; }
static double event_signal(view *v, int64_t i) { return v->events[i].signal; }
static double event_phase(view *v, int64_t i) { return v->events[i].phase; }
static double event_program(view *v, int64_t i)
{
  return v->events[i].program - v->net->signal_first_program[v->events[i].signal];
}
static const char *event_state(view *v, int64_t i) { return v->event_state[i]; }
static double event_sensors(view *v, int64_t i) { return v->events[i].sensor_count; }
static double event_calls(view *v, int64_t i) { return v->events[i].call_count; }

static const art_result_var signal_vars[] = {
  { .name = "signal", .dims = "signal", .type = ART_H5_STRING, .long_name = "id of the signal",
    .text = signal_id },
  { .name = "event", .dims = "event", .type = ART_H5_INT32, .unit = "1", .long_name = "number of the event",
    .value = art_value_index },
  { .name = "program", .dims = "signal", .type = ART_H5_STRING, .long_name = "id of the program that runs where no schedule says otherwise",
    .text = program_id },
  { .name = "programs", .dims = "signal", .type = ART_H5_STRING, .long_name = "ids of all programs of the signal",
    .how = "in the order that event_program counts, separated by spaces", .text = programs_of },
  { .name = "program_text", .dims = "signal", .type = ART_H5_STRING, .long_name = "that program as it ran",
    .how = "offset in s, then per phase its duration in s and its state, one letter per signal group (r y g "
           "G s u o O)", .text = program_text },
  { .name = "event_time", .dims = "event", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "when what the signal shows changed, or its phase", .value = event_time, .standard_name = "time" },
  { .name = "event_signal", .dims = "event", .type = ART_H5_INT32, .unit = "1",
    .long_name = "signal that switched", .how = "index into signal", .value = event_signal },
  { .name = "event_phase", .dims = "event", .type = ART_H5_INT32, .unit = "1",
    .long_name = "phase that runs", .how = "index into the phases of its program; -1: on the way between two",
    .value = event_phase },
  { .name = "event_program", .dims = "event", .type = ART_H5_INT32, .unit = "1",
    .long_name = "program that runs", .how = "index into the programs of the signal, in the order of the city",
    .value = event_program },
  { .name = "event_state", .dims = "event", .type = ART_H5_STRING,
    .long_name = "what drivers see from then on",
    .how = "one letter per signal group: r red, y yellow, g green that yields, G green, u red and yellow, s stop, then "
           "go (flashing: red), o yellow flashing, O dark", .text = event_state },
  { .name = "event_sensors", .dims = "event", .type = ART_H5_INT32, .unit = "1",
    .long_name = "fronts that came over the sensors of the program since its last event", .value = event_sensors },
  { .name = "event_calls", .dims = "event", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that asked for priority then", .value = event_calls },
};
// clang-format on

const art_result_group art_group_signals = { "signals", "Log of signal changes, by time.", NULL,
                                             sizeof signal_vars / sizeof *signal_vars, signal_vars };
