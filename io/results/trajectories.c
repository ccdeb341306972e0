// /trajectories: snapshots go to a temporary file as they come, and are sorted by (vehicle, time) at the end
// in passes
// over ranges of trips, so that memory stays bounded however long the run.
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/results/table_internal.h"

typedef struct sample {
  int64_t time_ms;
  int32_t trip, lane;
  float pos_m, speed_mps;
} sample;

enum { PASS_SAMPLES = 4 << 20, READ_SAMPLES = 1 << 15 };  // 96 MiB a pass

struct art_spill {
  FILE *file;
  int64_t count;
  // of the pass being written
  sample *sorted;
  int64_t sorted_count;
};

struct art_spill *art_spill_new(const char *beside, art_error *err)
{
  char *name = ART_NEW(char, strlen(beside) + 32);
  sprintf(name, "%s.trajectories.XXXXXX", beside);
  const int fd = mkstemp(name);
  FILE *file = fd >= 0 ? fdopen(fd, "w+b") : NULL;
  if (fd >= 0) unlink(name);  // the file goes with the process, whatever happens
  if (!file) {
    if (fd >= 0) close(fd);
    art_fail(err, ART_E_OPEN, "%s: cannot be created for trajectories", name);
    free(name);
    return NULL;
  }
  free(name);
  struct art_spill *spill = ART_NEW(struct art_spill, 1);
  spill->file = file;
  return spill;
}

void art_spill_free(struct art_spill *spill)
{
  if (!spill) return;
  fclose(spill->file);
  free(spill->sorted);
  free(spill);
}

art_status art_spill_add(struct art_spill *spill, art_tick now_ms, const art_snapshot *s, art_error *err)
{
  for (int64_t i = 0; i < s->count; ++i) {
    sample one;
    memset(&one, 0, sizeof one);
    one.time_ms = now_ms;
    one.trip = s->trip[i];
    one.lane = s->lane[i];
    one.pos_m = s->pos_m[i];
    one.speed_mps = s->speed_mps[i];
    if (fwrite(&one, sizeof one, 1, spill->file) != 1)
      return art_fail(err, ART_E_IO, "trajectories: the temporary file cannot be written; is the disk full?");
  }
  spill->count += s->count;
  return ART_OK;
}

typedef const art_result_view view;
static const sample *sample_of(view *v, int64_t i)
{
  return (const sample *)v->samples + i;
}

// One value or one row a line.
// clang-format off
static const char *trip_id(view *v, int64_t i) { return v->demand->trip_id[v->trajectory_trip[i]]; }
static const char *lane_id(view *v, int64_t i) { return v->lane_id[i]; }
static double row_size(view *v, int64_t i) { return (double)v->trajectory_size[i]; }
static double sample_time(view *v, int64_t i) { return (double)sample_of(v, i)->time_ms / 1000.0; }
static double sample_lane(view *v, int64_t i) { return sample_of(v, i)->lane; }
static double sample_pos(view *v, int64_t i) { return (double)sample_of(v, i)->pos_m; }
static double sample_speed(view *v, int64_t i) { return (double)sample_of(v, i)->speed_mps; }
static double sample_x(view *v, int64_t i)
{
  double x, y;
  art_point_on_lane(v->city, sample_of(v, i)->lane, (double)sample_of(v, i)->pos_m, &x, &y);
  return art_view_x(v, x);
}
static double sample_y(view *v, int64_t i)
{
  double x, y;
  art_point_on_lane(v->city, sample_of(v, i)->lane, (double)sample_of(v, i)->pos_m, &x, &y);
  return art_view_y(v, y);
}

static const art_result_var trajectory_vars[] = {
  { .name = "trajectory", .dims = "trajectory", .type = ART_H5_STRING, .long_name = "id of the trip",
    .text = trip_id, .cf_role = "trajectory_id" },
  { .name = "lane", .dims = "lane", .type = ART_H5_STRING, .long_name = "id of the lane, as in /network",
    .text = lane_id },
  { .name = "obs", .dims = "obs", .type = ART_H5_INT32, .unit = "1", .long_name = "number of the observation",
    .value = art_value_index },
  { .name = "row_size", .dims = "trajectory", .type = ART_H5_INT32, .unit = "1",
    .long_name = "observations of the trip", .how = "observations stand trip by trip, each in order of time",
    .value = row_size },
  { .name = "obs_time", .dims = "obs", .type = ART_H5_DOUBLE, .unit = ART_UNIT_TIME, .long_name = "time",
    .value = sample_time, .standard_name = "time" },
  { .name = "obs_lane", .dims = "obs", .type = ART_H5_INT32, .unit = "1",
    .long_name = "lane or connector of the front bumper", .how = "index into lane", .value = sample_lane },
  { .name = "position", .dims = "obs", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "front bumper from the lane's start", .value = sample_pos },
  { .name = "speed", .dims = "obs", .type = ART_H5_FLOAT, .unit = "m s-1", .long_name = "speed",
    .value = sample_speed, .standard_name = "platform_speed_wrt_ground" },
  { .name = "x", .dims = "obs", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "front bumper, east",
    .value = sample_x },
  { .name = "y", .dims = "obs", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "front bumper, north",
    .value = sample_y },
};
// clang-format on

const art_result_group art_group_trajectories = {
  "trajectories",
  "Vehicles at instants: a CF contiguous ragged array, by trip and time. Planned by outputs.trajectories.",
  "trajectory", sizeof trajectory_vars / sizeof *trajectory_vars, trajectory_vars
};

/// Observations by trip of the demand.
static int64_t *count_by_trip(struct art_spill *spill, int32_t trip_count, sample *buffer)
{
  int64_t *count = ART_NEW(int64_t, trip_count);
  rewind(spill->file);
  for (size_t got; (got = fread(buffer, sizeof *buffer, READ_SAMPLES, spill->file)) > 0;)
    for (size_t i = 0; i < got; ++i) count[buffer[i].trip]++;
  return count;
}

/// Sorts the samples of trips [first, last) into spill->sorted; they lie in order of time in the file
/// already.
static void sort_pass(struct art_spill *spill, int32_t first, int32_t last, const int64_t *count,
                      sample *buffer)
{
  int64_t *at = ART_NEW(int64_t, last - first + 1);
  for (int32_t t = first; t < last; ++t) at[t - first + 1] = at[t - first] + count[t];
  spill->sorted_count = at[last - first];
  spill->sorted = art_renew(spill->sorted, (size_t)spill->sorted_count, sizeof *spill->sorted);
  rewind(spill->file);
  for (size_t got; (got = fread(buffer, sizeof *buffer, READ_SAMPLES, spill->file)) > 0;)
    for (size_t i = 0; i < got; ++i)
      if (buffer[i].trip >= first && buffer[i].trip < last)
        spill->sorted[at[buffer[i].trip - first]++] = buffer[i];
  free(at);
}

void art_trajectories_write(art_results *r)
{
  struct art_spill *spill = r->spill;
  art_result_view *v = &r->view;
  const int32_t trips = v->demand->trip_count;
  sample *buffer = ART_NEW(sample, READ_SAMPLES);
  int64_t *count = count_by_trip(spill, trips, buffer);
  v->trajectory_trip = ART_NEW(int64_t, trips);
  v->trajectory_size = ART_NEW(int64_t, trips);
  for (int32_t t = 0; t < trips; ++t) {
    if (count[t] == 0) continue;
    v->trajectory_trip[v->trajectory_count] = t;
    v->trajectory_size[v->trajectory_count++] = count[t];
  }
  art_group_create(r, &art_group_trajectories);
  art_h5_set_text(r->file, "/trajectories/row_size", "sample_dimension", "obs");
  v->grown = 0;
  for (int32_t first = 0, last; first < trips; first = last) {
    int64_t samples = count[first];
    for (last = first + 1; last < trips && samples + count[last] <= PASS_SAMPLES; ++last)
      samples += count[last];
    if (samples == 0) continue;
    sort_pass(spill, first, last, count, buffer);
    v->samples = spill->sorted;
    art_group_append(r, &art_group_trajectories, spill->sorted_count);
    v->grown += spill->sorted_count;
  }
  if (ferror(spill->file)) art_h5_refuse(r->file, "/trajectories", "the temporary file cannot be read");
  v->grown = 0;
  free(count);
  free(buffer);
}
