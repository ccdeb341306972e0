// /trajectories: snapshots are collected by instant (spill.h) and written by trip at the end (trajectories_merge.c).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "io/results/spill.h"
#include "io/results/table_internal.h"

typedef const art_result_view view;

// One value or one row a line.
// clang-format off
static const char *trip_id(view *v, int64_t i) { return v->demand->trip_id[v->trajectory_trip[i]]; }
static const char *lane_id(view *v, int64_t i) { return v->lane_id[i]; }
static double row_size(view *v, int64_t i) { return (double)v->trajectory_size[i]; }
static double sample_time(view *v, int64_t i) { return (double)(v->sample_from_ms + (art_tick)v->samples[i].instant * v->sample_step_ms) / 1000.0; }
static double sample_lane(view *v, int64_t i) { return v->samples[i].lane; }
static double sample_pos(view *v, int64_t i) { return (double)v->samples[i].pos_m; }
static double sample_speed(view *v, int64_t i) { return (double)v->samples[i].speed_mps; }
static double sample_x(view *v, int64_t i) { return v->sample_x[i]; }
static double sample_y(view *v, int64_t i) { return v->sample_y[i]; }
ART_RANGE(art_value_index, int64_t)  // a large city has 2^31 observations in some hours
ART_RANGE(sample_time, double)
ART_RANGE(sample_lane, int32_t)
ART_RANGE(sample_pos, float)
ART_RANGE(sample_speed, float)
ART_RANGE(sample_x, double)
ART_RANGE(sample_y, double)

static const art_result_var trajectory_vars[] = {
  { .name = "trajectory", .dims = "trajectory", .type = ART_H5_STRING, .long_name = "id of the trip",
    .text = trip_id, .cf_role = "trajectory_id" },
  { .name = "lane", .dims = "lane", .type = ART_H5_STRING, .long_name = "id of the lane, as in /network",
    .text = lane_id },
  { .name = "obs", .dims = "obs", .type = ART_H5_INT64, .unit = "1", .long_name = "number of the observation",
    .value = art_value_index, .range = art_value_index_range },
  { .name = "row_size", .dims = "trajectory", .type = ART_H5_INT32, .unit = "1",
    .long_name = "observations of the trip", .how = "observations stand trip by trip, each in order of time",
    .value = row_size },
  { .name = "obs_time", .dims = "obs", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME, .long_name = "time",
    .value = sample_time, .range = sample_time_range, .standard_name = "time" },
  { .name = "obs_lane", .dims = "obs", .type = ART_H5_INT32, .unit = "1",
    .long_name = "lane or connector of the front bumper", .how = "index into lane", .value = sample_lane, .range = sample_lane_range },
  { .name = "position", .dims = "obs", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "front bumper from the lane's start", .value = sample_pos, .range = sample_pos_range },
  { .name = "speed", .dims = "obs", .type = ART_H5_FLOAT, .unit = "m s-1", .long_name = "speed",
    .value = sample_speed, .range = sample_speed_range, .standard_name = "platform_speed_wrt_ground" },
  { .name = "x", .dims = "obs", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "front bumper, east",
    .how = "to 1/1024 m", .value = sample_x, .range = sample_x_range },
  { .name = "y", .dims = "obs", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "front bumper, north",
    .how = "to 1/1024 m", .value = sample_y, .range = sample_y_range },
};
// clang-format on

const art_result_group art_group_trajectories = { "trajectories",
                                                  "Vehicles at instants: a CF contiguous ragged array, by "
                                                  "trip and time. Vehicles at stops beside the road are left "
                                                  "out. Planned by outputs.trajectories.",
                                                  "trajectory",
                                                  sizeof trajectory_vars / sizeof *trajectory_vars,
                                                  trajectory_vars };

/// Where the rows of each trip begin, and which trips have any.
static void count_rows(art_result_view *v, const int64_t *count)
{
  const int32_t trips = v->demand->trip_count;
  v->sample_first = ART_NEW(int64_t, (int64_t)trips + 1);
  v->trajectory_trip = ART_NEW(int64_t, trips);
  v->trajectory_size = ART_NEW(int64_t, trips);
  for (int32_t t = 0; t < trips; ++t) {
    v->sample_first[t + 1] = v->sample_first[t] + count[t];
    if (count[t] == 0) continue;
    v->trajectory_trip[v->trajectory_count] = t;
    v->trajectory_size[v->trajectory_count++] = count[t];
  }
}

art_status art_trajectories_create(art_results *r, art_error *err)
{
  const art_group *group = r->setup.group;
  const int32_t trips = r->view.demand->trip_count;
  const int64_t *mine = NULL;
  art_status status = r->file ? art_h5_status(r->file, err) : ART_OK;
  if (status == ART_OK) status = art_spill_finish(r->spill, &mine, err);
  status = art_group_agree(group, status, err);
  if (status != ART_OK) return status;
  int64_t *count = ART_NEW(int64_t, trips);
  if (trips > 0) memcpy(count, mine, (size_t)trips * sizeof *count);
  if (group) group->reduce(group, ART_REDUCE_SUM, trips, count);
  count_rows(&r->view, count);
  free(count);
  if (!r->is_part) {
    art_group_create(r, &art_group_trajectories);
    art_h5_set_text(r->file, "/trajectories/row_size", "sample_dimension", "obs");
    status = art_h5_status(r->file, err);
  }
  return art_group_agree(group, status, err);
}
