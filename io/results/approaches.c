// /cycles and /passages as they come, and /approaches: what a run says about every lane group before a signal.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/results/table_internal.h"

typedef const art_result_view view;

/// Sums of one lane group over its complete cycles. Owned by the view.
struct art_approach_total {
  int64_t cycles, failed, volume, on_green, stopped, stops, delay_ms, headways, headway_ms, fourths,
      fourth_ms, green_ms, cycle_ms, used_ms;
  double *queue_m, *queue_vehicles;  ///< by cycle
  int64_t capacity;
};

void art_approaches_prepare(art_result_view *v)
{
  art_lane_groups_build(v->net, &v->groups);
  v->approach_total = ART_NEW(struct art_approach_total, v->groups.count);
  v->approach_text = ART_NEW(char *, v->groups.count);
}

void art_approaches_release(art_result_view *v)
{
  for (int32_t g = 0; v->approach_total && g < v->groups.count; ++g) {
    free(v->approach_total[g].queue_m);
    free(v->approach_total[g].queue_vehicles);
    free(v->approach_text[g]);
  }
  free(v->approach_total);
  free(v->approach_text);
  art_lane_groups_free(&v->groups);
}

void art_approaches_add(art_result_view *v, const art_signal_cycle *c)
{
  struct art_approach_total *t = &v->approach_total[c->group];
  if (!c->is_complete || c->begin_ms < v->measured_from_ms) return;
  if (t->cycles == t->capacity) {
    t->capacity = t->capacity ? 2 * t->capacity : 16;
    t->queue_m = art_renew(t->queue_m, (size_t)t->capacity, sizeof *t->queue_m);
    t->queue_vehicles = art_renew(t->queue_vehicles, (size_t)t->capacity, sizeof *t->queue_vehicles);
  }
  t->queue_m[t->cycles] = c->queue_mm / 1000.0;
  t->queue_vehicles[t->cycles++] = c->queue_vehicles;
  t->failed += c->left_over > 0;
  t->volume += c->volume;
  t->on_green += c->on_green;
  t->stopped += c->stopped;
  t->stops += c->stops;
  t->delay_ms += c->delay_ms;
  t->headways += c->headways;
  t->headway_ms += c->headway_ms;
  t->fourths += c->fourths;
  t->fourth_ms += c->fourth_ms;
  t->cycle_ms += c->end_ms - c->begin_ms;
  t->used_ms += c->used_ms;
  if (c->green_ms >= 0) t->green_ms += (c->yellow_ms >= 0 ? c->yellow_ms : c->end_ms) - c->green_ms;
}

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void art_approaches_sort(art_result_view *v)
{
  for (int32_t g = 0; g < v->groups.count; ++g) {
    art_sort(v->approach_total[g].queue_m, (size_t)v->approach_total[g].cycles, sizeof(double), by_value);
    art_sort(v->approach_total[g].queue_vehicles, (size_t)v->approach_total[g].cycles, sizeof(double),
             by_value);
  }
}

static double ratio(double sum, double n)
{
  return n > 0.0 ? sum / n : NAN;
}
static double saturation_vph(int64_t headways, int64_t headway_ms)
{
  return ratio(3.6e6 * (double)headways, (double)headway_ms);
}
/// Time to the fourth vehicle over what four headways take.
static double lost_s(int64_t fourths, int64_t fourth_ms, int64_t headways, int64_t headway_ms)
{
  return (ratio((double)fourth_ms, (double)fourths) - 4.0 * ratio((double)headway_ms, (double)headways)) /
         1000.0;
}
/// Letters of the Highway Capacity Manual (7th edition, exhibit 19-8) for a control delay, A = 0.
static double level_of(double delay_s)
{
  static const double highest[] = { 10.0, 20.0, 35.0, 55.0, 80.0 };
  int level = 0;
  while (level < 5 && delay_s > highest[level]) ++level;
  return isnan(delay_s) ? -1.0 : (double)level;
}
/// Between the two nearest of sorted values.
static double percentile(const double *sorted, int64_t n, double share)
{
  if (n == 0) return NAN;
  const double at = share * (double)(n - 1);
  const int64_t low = (int64_t)at, high = low + 1 < n ? low + 1 : low;
  return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

// One value or one row a line.
// clang-format off
static const art_signal_cycle *row(view *v, int64_t i) { return &v->cycles[i]; }
static double instant(art_tick ms) { return ms < 0 ? NAN : (double)ms / 1000.0; }
static double cycle_approach(view *v, int64_t i) { return row(v, i)->group; }
static double cycle_begin(view *v, int64_t i) { return instant(row(v, i)->begin_ms); }
static double cycle_green(view *v, int64_t i) { return instant(row(v, i)->green_ms); }
static double cycle_yellow(view *v, int64_t i) { return instant(row(v, i)->yellow_ms); }
static double cycle_end(view *v, int64_t i) { return instant(row(v, i)->end_ms); }
static double cycle_complete(view *v, int64_t i) { return row(v, i)->is_complete; }
static double cycle_volume(view *v, int64_t i) { return row(v, i)->volume; }
static double cycle_on_green(view *v, int64_t i) { return row(v, i)->on_green; }
static double cycle_stopped(view *v, int64_t i) { return row(v, i)->stopped; }
static double cycle_stops(view *v, int64_t i) { return row(v, i)->stops; }
static double cycle_delay(view *v, int64_t i) { return ratio((double)row(v, i)->delay_ms / 1000.0, row(v, i)->volume); }
static double cycle_level(view *v, int64_t i) { return level_of(cycle_delay(v, i)); }
static double cycle_queue(view *v, int64_t i) { return row(v, i)->queue_mm / 1000.0; }
static double cycle_queue_vehicles(view *v, int64_t i) { return row(v, i)->queue_vehicles; }
static double cycle_left_over(view *v, int64_t i) { return row(v, i)->left_over; }
static double cycle_failed(view *v, int64_t i) { return row(v, i)->left_over > 0; }
static double cycle_saturation(view *v, int64_t i) { return saturation_vph(row(v, i)->headways, row(v, i)->headway_ms); }
static double cycle_lost(view *v, int64_t i)
{
  const art_signal_cycle *c = row(v, i);
  return lost_s(c->fourths, c->fourth_ms, c->headways, c->headway_ms);
}
static double cycle_used(view *v, int64_t i) { return row(v, i)->used_ms / 1000.0; }

#define APPROACH_OF                                                                           \
  { .name = "approach", .dims = "approach", .type = ART_H5_STRING,                            \
    .long_name = "id of the lane group",                                                      \
    .how = "link, colon, index of its first lane; of several lanes also of the last one",     \
    .text = approach_id }
static const char *approach_id(view *v, int64_t i);

static const art_result_var cycle_vars[] = {
  APPROACH_OF,
  { .name = "cycle", .dims = "cycle", .type = ART_H5_INT32, .unit = "1", .long_name = "number of the row",
    .how = "in the order in which cycles are known in full", .value = art_value_index },
  { .name = "cycle_approach", .dims = "cycle", .type = ART_H5_INT32, .unit = "1", .long_name = "lane group",
    .how = "index into approach", .value = cycle_approach },
  { .name = "begin", .dims = "cycle", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME, .long_name = "begin of red",
    .how = "a lane group has green while any of its turns has it", .value = cycle_begin },
  { .name = "green", .dims = "cycle", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME, .long_name = "begin of green",
    .how = "missing if there was none", .value = cycle_green },
  { .name = "yellow", .dims = "cycle", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME, .long_name = "end of green",
    .how = "missing if it lasted to the end of the run", .value = cycle_yellow },
  { .name = "end", .dims = "cycle", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "begin of the next red", .value = cycle_end },
  { .name = "complete", .dims = "cycle", .type = ART_H5_INT8, .long_name = "whether the whole cycle lies in the run",
    .value = cycle_complete, .flags = "no yes" },
  { .name = "volume", .dims = "cycle", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that crossed the stop line", .value = cycle_volume },
  { .name = "delay", .dims = "cycle", .type = ART_H5_FLOAT, .unit = "s", .long_name = "control delay of a vehicle",
    .how = "mean over those that crossed: time over that at their desired speed, from the begin of the approach "
           "(approach_length of /approaches) over the node until they have regained 95 % of it or must slow down for "
           "something else; planned stops excluded; missing without vehicles", .value = cycle_delay },
  { .name = "level_of_service", .dims = "cycle", .type = ART_H5_INT8, .long_name = "level of service of that delay",
    .how = "Highway Capacity Manual; -1 without vehicles", .value = cycle_level, .flags = "A B C D E F" },
  { .name = "arrivals_on_green", .dims = "cycle", .type = ART_H5_INT32, .unit = "1",
    .long_name = "of these, vehicles that came on green",
    .how = "at the instant at which they would have crossed without delay", .value = cycle_on_green },
  { .name = "stopped", .dims = "cycle", .type = ART_H5_INT32, .unit = "1",
    .long_name = "of these, vehicles that stopped",
    .how = "fell below 5 km/h in the queue", .value = cycle_stopped },
  { .name = "stops", .dims = "cycle", .type = ART_H5_INT32, .unit = "1", .long_name = "their stops on the approach",
    .how = "times that they fell below 5 km/h after having been above 15", .value = cycle_stops },
  { .name = "queue_max", .dims = "cycle", .type = ART_H5_FLOAT, .unit = "m", .long_name = "back of queue, farthest",
    .how = "from the stop line to the rear of the farthest vehicle slower than 5 km/h with no more than 10 m to the "
           "line or to another one of the queue; the longest of the lanes; goes on over links before this one as far as "
           "the approach does",
    .value = cycle_queue },
  { .name = "queue_max_vehicles", .dims = "cycle", .type = ART_H5_INT32, .unit = "1",
    .long_name = "back of queue, vehicles of a lane",
    .how = "place of such a vehicle in its lane, those that crossed in this green included; the longest of the lanes",
    .value = cycle_queue_vehicles },
  { .name = "left_over", .dims = "cycle", .type = ART_H5_INT32, .unit = "1",
    .long_name = "vehicles that had stopped before the end of green and were not through at the begin of red",
    .value = cycle_left_over },
  { .name = "split_failure", .dims = "cycle", .type = ART_H5_INT8, .long_name = "whether there were any",
    .value = cycle_failed, .flags = "no yes" },
  { .name = "saturation_flow", .dims = "cycle", .type = ART_H5_FLOAT, .unit = "h-1",
    .long_name = "saturation flow of a lane",
    .how = "from the headways of queues of 8 vehicles and more as green began, from the 4th to the last that crossed on "
           "green; missing without such a queue", .value = cycle_saturation },
  { .name = "startup_lost_time", .dims = "cycle", .type = ART_H5_FLOAT, .unit = "s", .long_name = "start-up lost time",
    .how = "time of the 4th vehicle of these queues since the begin of green, less 4 such headways",
    .value = cycle_lost },
  { .name = "green_used", .dims = "cycle", .type = ART_H5_FLOAT, .unit = "s", .long_name = "green that vehicles used",
    .how = "gaps before those that crossed on green, each at most 3 s; the busiest lane", .value = cycle_used },
};

static double passage_time(view *v, int64_t i) { return (double)v->passages[i].time_ms / 1000.0; }
static double passage_arrival(view *v, int64_t i) { return (double)v->passages[i].arrival_ms / 1000.0; }
static double passage_approach(view *v, int64_t i) { return v->passages[i].group; }
static double passage_lane(view *v, int64_t i) { return v->passages[i].lane; }
static double passage_trip(view *v, int64_t i) { return (double)(v->passages[i].trip - v->first_trip); }

static const art_result_var passage_vars[] = {
  APPROACH_OF,
  { .name = "passage", .dims = "passage", .type = ART_H5_INT32, .unit = "1", .long_name = "number of the row",
    .value = art_value_index },
  { .name = "passage_time", .dims = "passage", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "when the front crossed the stop line", .value = passage_time, .standard_name = "time" },
  { .name = "arrival_time", .dims = "passage", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME,
    .long_name = "when it would have crossed without delay", .how = "passage_time less what it lost on the approach, after having regained its speed behind the signal before; a "
           "point of the Purdue coordination diagram",
    .value = passage_arrival },
  { .name = "passage_approach", .dims = "passage", .type = ART_H5_INT32, .unit = "1", .long_name = "lane group",
    .how = "index into approach", .value = passage_approach },
  { .name = "lane", .dims = "passage", .type = ART_H5_INT32, .unit = "1", .long_name = "lane that it left",
    .how = "index into lane of /network", .value = passage_lane },
  { .name = "trip", .dims = "passage", .type = ART_H5_INT32, .unit = "1", .long_name = "trip",
    .how = "index into trip of /trips", .value = passage_trip },
};

static const char *approach_id(view *v, int64_t i)
{
  const int32_t first = v->groups.first_lane[i], last = v->groups.first_lane[i + 1] - 1;
  const int a = art_net_lane_index(v->net, v->groups.lane[first]), b = art_net_lane_index(v->net, v->groups.lane[last]);
  char **text = &v->approach_text[i];
  const size_t size = strlen(v->net->link_id[v->groups.link[i]]) + 32;
  free(*text);
  *text = ART_NEW(char, size);
  if (a == b) snprintf(*text, size, "%s:%d", v->net->link_id[v->groups.link[i]], a);
  else snprintf(*text, size, "%s:%d-%d", v->net->link_id[v->groups.link[i]], a, b);
  return *text;
}
static const struct art_approach_total *total(view *v, int64_t i) { return &v->approach_total[i]; }
#define TOTAL(sum, n) ratio((double)total(v, i)->sum, (double)total(v, i)->n)
static const char *approach_link(view *v, int64_t i) { return v->net->link_id[v->groups.link[i]]; }
static const char *approach_signal(view *v, int64_t i) { return v->net->signal_id[v->groups.signal[i]]; }
static const char *approach_turns(view *v, int64_t i)
{
  char turns[8];
  art_lane_group_turns(v->net, &v->groups, (int32_t)i, turns);
  char **text = &v->approach_text[i];
  free(*text);
  *text = art_strdup(turns);
  return *text;
}
static double approach_lanes(view *v, int64_t i) { return v->groups.first_lane[i + 1] - v->groups.first_lane[i]; }
static double approach_length(view *v, int64_t i) { return art_lane_group_length(v->net, &v->groups, (int32_t)i); }
static double total_cycles(view *v, int64_t i) { return (double)total(v, i)->cycles; }
static double total_cycle(view *v, int64_t i) { return TOTAL(cycle_ms, cycles) / 1000.0; }
static double total_green(view *v, int64_t i) { return TOTAL(green_ms, cycle_ms); }
static double total_used(view *v, int64_t i) { return TOTAL(used_ms, green_ms); }
static double total_volume(view *v, int64_t i) { return (double)total(v, i)->volume; }
static double total_flow(view *v, int64_t i) { return TOTAL(volume, cycle_ms) * 3.6e6; }
static double total_delay(view *v, int64_t i) { return TOTAL(delay_ms, volume) / 1000.0; }
static double total_level(view *v, int64_t i) { return level_of(total_delay(v, i)); }
static double total_on_green(view *v, int64_t i) { return TOTAL(on_green, volume); }
static double total_stopped(view *v, int64_t i) { return TOTAL(stopped, volume); }
static double total_stops(view *v, int64_t i) { return TOTAL(stops, volume); }
static double queue_95(view *v, int64_t i) { return percentile(total(v, i)->queue_m, total(v, i)->cycles, 0.95); }
static double queue_most(view *v, int64_t i) { return percentile(total(v, i)->queue_m, total(v, i)->cycles, 1.0); }
static double queue_vehicles_95(view *v, int64_t i)
{
  return percentile(total(v, i)->queue_vehicles, total(v, i)->cycles, 0.95);
}
static double total_failed(view *v, int64_t i) { return TOTAL(failed, cycles); }
static double total_saturation(view *v, int64_t i)
{
  return saturation_vph(total(v, i)->headways, total(v, i)->headway_ms);
}
static double total_lost(view *v, int64_t i)
{
  const struct art_approach_total *t = total(v, i);
  return lost_s(t->fourths, t->fourth_ms, t->headways, t->headway_ms);
}
static double queue_mean(view *v, int64_t i)
{
  double sum = 0.0;
  for (int64_t k = 0; k < total(v, i)->cycles; ++k) sum += total(v, i)->queue_m[k];
  return ratio(sum, (double)total(v, i)->cycles);
}

static const art_result_var approach_vars[] = {
  APPROACH_OF,
  { .name = "link", .dims = "approach", .type = ART_H5_STRING,
    .long_name = "link of its lanes", .text = approach_link },
  { .name = "signal", .dims = "approach", .type = ART_H5_STRING,
    .long_name = "signal at its end", .text = approach_signal },
  { .name = "turns", .dims = "approach", .type = ART_H5_STRING, .long_name = "directions",
    .how = "s straight, t turn back, l left, r right, L R partly", .text = approach_turns },
  { .name = "lanes", .dims = "approach", .type = ART_H5_INT32, .unit = "1",
    .long_name = "its lanes", .value = approach_lanes },
  { .name = "approach_length", .dims = "approach", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "length of the approach",
    .how = "over links before its own as far back as nothing but turning back joins and no signal stands",
    .value = approach_length },
  { .name = "cycles", .dims = "approach", .type = ART_H5_INT32, .unit = "1", .long_name = "cycles counted",
    .how = "complete ones that begin after the warm-up; all that follows is of these", .value = total_cycles },
  { .name = "cycle_time", .dims = "approach", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "mean cycle", .value = total_cycle },
  { .name = "green_share", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of time with green",
    .value = total_green },
  { .name = "green_used_share", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of green that vehicles used", .how = "green_used of /cycles", .value = total_used },
  { .name = "volume", .dims = "approach", .type = ART_H5_INT32, .unit = "1", .long_name = "vehicles over the stop line",
    .value = total_volume },
  { .name = "flow", .dims = "approach", .type = ART_H5_FLOAT, .unit = "h-1", .long_name = "the same per hour",
    .value = total_flow },
  { .name = "delay", .dims = "approach", .type = ART_H5_FLOAT, .unit = "s", .long_name = "control delay of a vehicle",
    .how = "mean over vehicles; see /cycles", .value = total_delay },
  { .name = "level_of_service", .dims = "approach", .type = ART_H5_INT8, .long_name = "level of service of that delay",
    .how = "Highway Capacity Manual; -1 without vehicles; degrees of saturation above 1, which are F, are not looked at",
    .value = total_level, .flags = "A B C D E F" },
  { .name = "arrivals_on_green", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of vehicles that came on green", .value = total_on_green },
  { .name = "stopped", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of vehicles that stopped",
    .value = total_stopped },
  { .name = "stops", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1", .long_name = "stops of a vehicle",
    .value = total_stops },
  { .name = "queue_max_mean", .dims = "approach", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "back of queue, mean over cycles", .value = queue_mean },
  { .name = "queue_max_95", .dims = "approach", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "back of queue, 95th percentile over cycles", .value = queue_95 },
  { .name = "queue_max", .dims = "approach", .type = ART_H5_FLOAT, .unit = "m", .long_name = "back of queue, longest",
    .value = queue_most },
  { .name = "queue_max_vehicles_95", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "back of queue, vehicles of a lane, 95th percentile over cycles", .value = queue_vehicles_95 },
  { .name = "split_failures", .dims = "approach", .type = ART_H5_FLOAT, .unit = "1",
    .long_name = "share of cycles with vehicles left over", .value = total_failed },
  { .name = "saturation_flow", .dims = "approach", .type = ART_H5_FLOAT, .unit = "h-1",
    .long_name = "saturation flow of a lane", .how = "see /cycles; missing without queues of 8 vehicles",
    .value = total_saturation },
  { .name = "startup_lost_time", .dims = "approach", .type = ART_H5_FLOAT, .unit = "s",
    .long_name = "start-up lost time", .how = "likewise", .value = total_lost },
};
// clang-format on

const art_result_group art_group_cycles = { "cycles", "Lane groups before signals, cycle by cycle.", NULL,
                                            sizeof cycle_vars / sizeof *cycle_vars, cycle_vars };
const art_result_group art_group_passages = { "passages",
                                              "Every vehicle that crossed the stop line of a signal.", NULL,
                                              sizeof passage_vars / sizeof *passage_vars, passage_vars };
const art_result_group art_group_approaches = {
  "approaches",
  "Lane groups before signals, over all cycles: lanes of a link that lead to "
  "the same links and see the same lights.",
  NULL, sizeof approach_vars / sizeof *approach_vars, approach_vars
};
