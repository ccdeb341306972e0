/// \file read.h
/// Reads result files: what `compare`, `info` and tests need. Serial; one thread per file.
#ifndef ART_IO_RESULTS_READ_H
#define ART_IO_RESULTS_READ_H
#include <stdint.h>

#include "core/base/status.h"

/// An open result. The fields are read at open and owned by it; arrays are read on demand.
typedef struct art_result {
  char *path;
  char *title;        ///< of the scenario
  char *scenario;     ///< scenario file as the run named it
  char *scenario_id;  ///< SHA-256 of the resolved configuration without seed: equal for replications
  char *city_sha256;
  char *hash;        ///< result hash, 16 hex digits
  char *summary;     ///< the summary line of the run
  char *config;      ///< resolved configuration, YAML
  char *crs_wkt;     ///< NULL: x and y only
  char *time_units;  ///< "seconds since ..."
  uint64_t seed;
  int complete;           ///< 0: the run was interrupted
  int has_date;           ///< 0: times count from 1970-01-01 because the scenario has no date
  double begin_s, end_s;  ///< the scenario's span on the time axis
  double now_s;           ///< how far the run came

  int32_t kpi_count;
  char **kpi_name, **kpi_unit;
  double *kpi_value;  ///< NAN: nothing to average

  int32_t link_count;
  char **link_id;
  int64_t trip_count;  ///< rows of /trips; 0 if the group is missing
  struct art_result_file *file;
} art_result;

/// ART_E_OPEN if it is no HDF5 file, ART_E_INPUT if it is no result of this program.
art_status art_result_open(const char *path, art_result **out, art_error *err);
void art_result_close(art_result *r);
/// 1 if the file is a result (looks at its attribute only); 0 otherwise, also for files that do not exist.
int art_result_is(const char *path);

/// Value of an indicator; ART_E_INPUT names it and the file if there is none.
art_status art_result_kpi(const art_result *r, const char *name, double *value, art_error *err);

/// 1 if the group is in the file ("links", "movements", "detectors", "signals", "trips", "trajectories",
/// "totals").
int art_result_has(const art_result *r, const char *group);
/// Intervals of a group with a time axis: seconds on the time axis (since midnight of the date). Free
/// *begin_s and *end_s.
art_status art_result_times(const art_result *r, const char *group, int64_t *count, double **begin_s,
                            double **end_s, art_error *err);
/// A numeric variable, whole, as doubles in C order; missing values are NAN. `shape` gets rank sizes (up to
/// 2; 1 where absent).
/// E.g. ("links", "flow"): [time][link]; ("trips", "travel_time"): [trip]. Free *values.
art_status art_result_read(const art_result *r, const char *group, const char *name, int64_t shape[2],
                           double **values, art_error *err);
/// A text variable, whole. E.g. ("trips", "trip"), ("detectors", "detector"). Free with
/// art_result_free_texts.
art_status art_result_read_texts(const art_result *r, const char *group, const char *name, int64_t *count,
                                 char ***texts, art_error *err);
void art_result_free_texts(char **texts, int64_t count);
/// Unit of a variable, "" if it has none. Free it.
char *art_result_unit(const art_result *r, const char *group, const char *name);

/// Drawing of the links, from /network. Points of link l: first_point[l] <= k < first_point[l + 1].
typedef struct art_result_map {
  int32_t link_count;
  int64_t *first_point;
  double *x, *y;
  double *length_m, *lanes, *speed_mps;
} art_result_map;
art_status art_result_read_map(const art_result *r, art_result_map *out, art_error *err);
void art_result_map_clear(art_result_map *map);

#endif  // ART_IO_RESULTS_READ_H
