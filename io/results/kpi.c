// Indicators: one table names, computes and documents them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/results/kpi.h"

/// Sums over counted trips, from which the indicators follow.
typedef struct tally {
  const art_ledger *ledger;
  double trips, arrived, inserted;
  double distance_m, distance_arrived_m;  ///< driven by counted trips; by those that arrived
  double road_s, road_arrived_s;          ///< on the road
  double moving_arrived_s;                ///< planned stops excluded
  double loss_s, loss_arrived_s;
  double insertion_s, insertion_inserted_s;
  double waiting_s, stop_s, free_arrived_s, halts;
  double reroutes;
  int64_t count;     ///< of the sorted arrays
  double *travel_s;  ///< arrived trips, sorted
  double *ratio;     ///< travel time over free time, sorted
} tally;

typedef struct kpi {
  art_kpi_info info;
  double (*compute)(const tally *t);
} kpi;

// One value or one row a line.
// clang-format off
static double over(double a, double b) { return b > 0.0 ? a / b : NAN; }

static double trips(const tally *t) { return t->trips; }
static double trips_arrived(const tally *t) { return t->arrived; }
static double trips_unfinished(const tally *t) { return t->trips - t->arrived; }
static double trips_not_inserted(const tally *t) { return t->trips - t->inserted; }
static double served_ratio(const tally *t) { return over(t->arrived, t->trips); }
static double mean_travel_time(const tally *t) { return over(t->road_arrived_s, t->arrived); }
static double median_travel_time(const tally *t) { return art_quantile(t->travel_s, t->count, 0.5); }
static double p80_travel_time(const tally *t) { return art_quantile(t->travel_s, t->count, 0.8); }
static double p95_travel_time(const tally *t) { return art_quantile(t->travel_s, t->count, 0.95); }
static double max_travel_time(const tally *t) { return art_quantile(t->travel_s, t->count, 1.0); }
static double mean_time_loss(const tally *t) { return over(t->loss_arrived_s, t->arrived); }
static double mean_route_length(const tally *t) { return over(t->distance_arrived_m, t->arrived); }
static double mean_speed(const tally *t) { return over(t->distance_arrived_m, t->road_arrived_s); }
static double mean_insertion_delay(const tally *t) { return over(t->insertion_inserted_s, t->inserted); }
static double mean_delay(const tally *t) { return over(t->loss_s + t->insertion_s, t->trips); }
static double total_delay(const tally *t) { return (t->loss_s + t->insertion_s) / 3600.0; }
static double total_time_loss(const tally *t) { return t->loss_s / 3600.0; }
static double total_insertion_delay(const tally *t) { return t->insertion_s / 3600.0; }
static double vkt(const tally *t) { return t->distance_m / 1000.0; }
static double vht(const tally *t) { return t->road_s / 3600.0; }
static double network_speed(const tally *t) { return over(t->distance_m, t->road_s); }
static double mean_waiting_time(const tally *t) { return over(t->waiting_s, t->inserted); }
static double mean_stop_time(const tally *t) { return over(t->stop_s, t->inserted); }
static double stops_per_vehicle(const tally *t) { return over(t->halts, t->inserted); }
static double stops_per_km(const tally *t) { return over(t->halts, t->distance_m / 1000.0); }
static double travel_time_index(const tally *t) { return over(t->moving_arrived_s, t->free_arrived_s); }
static double planning_time_index(const tally *t) { return art_quantile(t->ratio, t->count, 0.95); }
static double reroutes(const tally *t) { return t->reroutes; }
#define LEDGER(name) \
  static double run_##name(const tally *t) { return (double)t->ledger->name; }
LEDGER(loaded)
LEDGER(inserted)
LEDGER(arrived)
LEDGER(running)
LEDGER(waiting)
LEDGER(removed)
LEDGER(no_route)
LEDGER(missed_turns)
LEDGER(rotations)
LEDGER(hard_brakings)
LEDGER(updates)
#undef LEDGER
static double signal_breaches(const tally *t)
{
  const art_ledger *l = t->ledger;
  return (double)(l->short_yellows + l->short_greens + l->short_intergreens + l->conflicting_greens);
}
static double longest_standstill(const tally *t) { return (double)t->ledger->longest_standstill_ms / 1000.0; }

// clang-format on

#define ARRIVED "over counted trips that arrived"
static const kpi table[] = {
  { { "trips", "1", "counted trips", "planned departure in the run without its warm-up", 0 }, trips },
  { { "trips_arrived", "1", "counted trips that arrived", "", 1 }, trips_arrived },
  { { "trips_unfinished", "1", "counted trips that did not arrive",
      "running or waiting at the end of the run", -1 },
    trips_unfinished },
  { { "trips_not_inserted", "1", "counted trips that never entered the road", "", -1 }, trips_not_inserted },
  { { "served_ratio", "1", "share of counted trips that arrived", "trips_arrived / trips", 1 },
    served_ratio },
  { { "mean_travel_time_s", "s", "mean time on the road", "arrival - insertion, " ARRIVED, -1 },
    mean_travel_time },
  { { "median_travel_time_s", "s", "median time on the road", ARRIVED, -1 }, median_travel_time },
  { { "p80_travel_time_s", "s", "80th percentile of the time on the road", ARRIVED, -1 }, p80_travel_time },
  { { "p95_travel_time_s", "s", "95th percentile of the time on the road", ARRIVED, -1 }, p95_travel_time },
  { { "max_travel_time_s", "s", "longest time on the road", ARRIVED, -1 }, max_travel_time },
  { { "mean_time_loss_s", "s", "mean time lost on the road",
      "time on the road, planned stops excluded, minus the time that the driven route takes at the driver's "
      "desired speed; " ARRIVED,
      -1 },
    mean_time_loss },
  { { "mean_route_length_m", "m", "mean distance driven", ARRIVED, 0 }, mean_route_length },
  { { "mean_speed_mps", "m s-1", "mean speed of trips", "sum of distance / sum of time on the road, " ARRIVED,
      1 },
    mean_speed },
  { { "mean_insertion_delay_s", "s", "mean wait outside the network",
      "insertion - planned departure, over counted trips that entered", -1 },
    mean_insertion_delay },
  { { "mean_delay_s", "s", "mean delay of all counted trips", "total_delay_h / trips", -1 }, mean_delay },
  { { "total_delay_h", "h", "total delay, insertion delay and unfinished trips included",
      "sum over all counted trips of time lost on the road and wait outside, up to the end of the run", -1 },
    total_delay },
  { { "total_time_loss_h", "h", "the part of total_delay_h that was lost on the road", "", -1 },
    total_time_loss },
  { { "total_insertion_delay_h", "h", "the part of total_delay_h that was waited outside", "", -1 },
    total_insertion_delay },
  { { "vkt_km", "km", "distance driven", "sum over counted trips, unfinished ones included", 0 }, vkt },
  { { "vht_h", "h", "time spent on the road",
      "sum over counted trips, unfinished ones included; wait outside not included", -1 },
    vht },
  { { "network_speed_mps", "m s-1", "space mean speed of the network", "vkt_km / vht_h", 1 }, network_speed },
  { { "mean_waiting_time_s", "s", "mean time stood on the road",
      "slower than 0.1 m/s, planned stops excluded; over counted trips that entered", -1 },
    mean_waiting_time },
  { { "mean_stop_time_s", "s", "mean time at planned stops", "over counted trips that entered", 0 },
    mean_stop_time },
  { { "stops_per_vehicle", "1", "halts per vehicle",
      "falls below 5 km/h after having been above 15 km/h; over counted trips that entered", -1 },
    stops_per_vehicle },
  { { "stops_per_km", "km-1", "halts per kilometre driven", "halts / vkt_km", -1 }, stops_per_km },
  { { "travel_time_index", "1", "time on the road over time at desired speed",
      "sum of time on the road, planned stops excluded / sum of free time, " ARRIVED, -1 },
    travel_time_index },
  { { "planning_time_index", "1", "95th percentile of a trip's time on the road over its free time",
      "planned stops excluded, " ARRIVED, -1 },
    planning_time_index },
  { { "reroutes", "1", "new routes on the way", "counted trips", 0 }, reroutes },
  { { "loaded", "1", "trips whose departure time came in the run",
      "whole run, warm-up included, like all that follow", 0 },
    run_loaded },
  { { "inserted", "1", "trips that entered the road", "whole run", 0 }, run_inserted },
  { { "arrived", "1", "trips that arrived", "whole run", 1 }, run_arrived },
  { { "running", "1", "vehicles still on the road at the end", "whole run", -1 }, run_running },
  { { "waiting", "1", "trips still waiting outside at the end", "whole run", -1 }, run_waiting },
  { { "removed", "1", "vehicles taken off the road before their route ended",
      "whole run; 0 unless something is broken", -1 },
    run_removed },
  { { "no_route", "1", "waiting trips without a way to their destination", "at the end of the run", -1 },
    run_no_route },
  { { "missed_turns", "1", "turns given up after standing too long", "whole run", -1 }, run_missed_turns },
  { { "rotations", "1", "circles of waiting vehicles resolved", "whole run", -1 }, run_rotations },
  { { "signal_breaches", "1", "yellows, greens and times between greens that were too short, greens in conflict",
      "whole run; 0 unless something is broken", -1 },
    signal_breaches },
  { { "hard_brakings", "1", "vehicle updates braking harder than 6 m/s2", "whole run", -1 },
    run_hard_brakings },
  { { "updates", "1", "running vehicles times steps", "whole run", 0 }, run_updates },
  { { "longest_standstill_s", "s", "longest time that a vehicle stood in one place",
      "whole run, planned stops excluded", -1 },
    longest_standstill },
};
enum { KPI_COUNT = sizeof table / sizeof *table };

int art_kpi_count(void)
{
  return KPI_COUNT;
}
const art_kpi_info *art_kpi_row(int i)
{
  return &table[i].info;
}
int art_kpi_find(const char *name)
{
  for (int i = 0; i < KPI_COUNT; ++i)
    if (strcmp(table[i].info.name, name) == 0) return i;
  return -1;
}

double art_quantile(const double *sorted, int64_t count, double q)
{
  if (count <= 0) return NAN;
  const double at = q * (double)(count - 1);
  const int64_t low = (int64_t)at;
  if (low + 1 >= count) return sorted[count - 1];
  return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

static void add_trip(tally *t, const art_trip_row *row, art_tick depart_ms, art_tick now_ms)
{
  t->trips += 1.0;
  if (row->insert_ms < 0) {
    if (now_ms > depart_ms) t->insertion_s += (double)(now_ms - depart_ms) / 1000.0;
    return;
  }
  const int has_arrived = row->state == ART_TRIP_ARRIVED;
  const double road_s = (double)((has_arrived ? row->arrival_ms : now_ms) - row->insert_ms) / 1000.0;
  const double stop_s = (double)row->stop_ms / 1000.0, free_s = (double)row->free_ms / 1000.0;
  const double loss_s = road_s - stop_s - free_s, outside_s = (double)(row->insert_ms - depart_ms) / 1000.0;
  t->inserted += 1.0;
  t->insertion_s += outside_s;
  t->insertion_inserted_s += outside_s;
  t->distance_m += (double)row->route_mm / 1000.0;
  t->road_s += road_s;
  t->loss_s += loss_s;
  t->waiting_s += (double)row->waiting_ms / 1000.0;
  t->stop_s += stop_s;
  t->halts += row->stops;
  t->reroutes += row->reroutes;
  if (!has_arrived) return;
  t->arrived += 1.0;
  t->distance_arrived_m += (double)row->route_mm / 1000.0;
  t->road_arrived_s += road_s;
  t->moving_arrived_s += road_s - stop_s;
  t->free_arrived_s += free_s;
  t->loss_arrived_s += loss_s;
  t->travel_s[t->count] = road_s;
  t->ratio[t->count++] = free_s > 0.0 ? (road_s - stop_s) / free_s : 1.0;
}

void art_kpi_compute(const art_kpi_input *input, double *value)
{
  const art_demand *demand = input->demand;
  tally t = { .ledger = &input->ledger };
  t.travel_s = ART_NEW(double, demand->trip_count);
  t.ratio = ART_NEW(double, demand->trip_count);
  for (int32_t i = 0; i < demand->trip_count; ++i) {
    const art_tick depart_ms = demand->trip_depart_ms[i];
    if (depart_ms >= input->from_ms && depart_ms < input->to_ms)
      add_trip(&t, &input->trips[i], depart_ms, input->now_ms);
  }
  art_sort_reals(t.travel_s, t.count);
  art_sort_reals(t.ratio, t.count);
  for (int i = 0; i < KPI_COUNT; ++i) value[i] = table[i].compute(&t);
  free(t.travel_s);
  free(t.ratio);
}
