/// \file drivers.h
/// Fits the parameters of car-following models to recorded leader-follower pairs: each driver is simulated behind the
/// recorded leader, and the error of the gap is minimised, globally first, then locally. Says how well parameters of one
/// driver fit the others.
#ifndef ART_SCENARIOS_CALIBRATE_DRIVERS_H
#define ART_SCENARIOS_CALIBRATE_DRIVERS_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/fleet/demand.h"
#include "io/feed/pair_file.h"
#include "models/estimation/following.h"

/// Parameters that a fit may change. X(suffix, name, unit, field of art_vtype, lowest, highest, sentence). Bounds of the
/// first five are those of Kesting and Treiber 2008. The desired speed stands in max_speed_mps: pairs know no limit.
#define ART_DRIVER_PARAM_LIST(X)                                                                       \
  X(SPEED, "desired_speed_mps", "m s-1", max_speed_mps, 1.0, 70.0, "Speed wanted on a free road (v0)") \
  X(TIME_GAP, "time_gap_s", "s", time_gap_s, 0.1, 5.0, "Desired time gap to the leader (T)")           \
  X(MIN_GAP, "min_gap_m", "m", min_gap_m, 0.1, 8.0, "Gap to the leader at standstill (s0)")            \
  X(ACCEL, "accel_mps2", "m s-2", accel_mps2, 0.1, 6.0, "Maximum acceleration (a)")                    \
  X(DECEL, "decel_mps2", "m s-2", decel_mps2, 0.1, 6.0, "Comfortable deceleration, positive (b)")
typedef enum art_driver_param_id {
#define X(suffix, name, units, field, lowest, highest, sentence) ART_DRIVER_##suffix,
  ART_DRIVER_PARAM_LIST(X)
#undef X
      ART_DRIVER_PARAM_COUNT
} art_driver_param_id;

typedef struct art_driver_param {
  const char *name, *units, *sentence;
  size_t offset;  ///< of the float in art_vtype
  double lowest, highest;
} art_driver_param;
const art_driver_param *art_driver_param_of(int id);

/// A model that can be fitted: its kernel is art_models_kernels()->accel[model].
typedef struct art_driver_model {
  int32_t model;  ///< art_model
  int is_euler;   ///< art_follower.is_euler
  int count;      ///< of free parameters
  uint8_t param[ART_DRIVER_PARAM_COUNT];
} art_driver_model;
/// NULL if the name is unknown or the model cannot be fitted.
const art_driver_model *art_driver_model_find(const char *name);
/// Names of all that can be fitted, "iidm, idm".
void art_driver_model_names(char *out, size_t size);

typedef struct art_driver_options {
  const art_driver_model *model;
  int error;              ///< art_gap_error to minimise
  double step_s;          ///< of the simulation, a whole part or multiple of the data's; 0: the data's
  double min_duration_s;  ///< shorter episodes are left out
  int by_pair;            ///< 1: one fit an episode; 0: one a driver, over all its episodes of a group
  double prior;  ///< added to the squared error: this times the mean over parameters of log2(value / that of
                 ///< the group's pooled fit)^2; 0: none, each driver by its own data alone
  int restarts;  ///< of the global stage, at least 1
  int global_evaluations, local_evaluations;  ///< most per restart; 0: default
  uint64_t seed;
  int threads;     ///< 0: default
  FILE *progress;  ///< one key=value line a fit; NULL: none
} art_driver_options;

/// One fit. Parameters stand in the order of the model's list.
typedef struct art_driver_fit {
  char *id;  ///< "group:run/follower", with a number behind for the second and further episodes of by_pair
  char *group, *driver;
  int32_t first_episode, episode_count;  ///< into art_driver_study.episode
  int64_t rows;
  double duration_s;
  double value[ART_DRIVER_PARAM_COUNT];
  uint8_t at_bound[ART_DRIVER_PARAM_COUNT];  ///< 1: within 1 % of a bound
  uint8_t is_weak
      [ART_DRIVER_PARAM_COUNT];  ///< 1: 20 % more and less alone raise the error by less than 0.005: the
                                 ///< data hardly say what it is
  double error[ART_GAP_ERROR_COUNT], rmse_m;
  int64_t collided;     ///< rows
  int32_t agreeing;     ///< restarts that ended within 1 % of the best error
  int64_t evaluations;  ///< of the objective, all restarts
} art_driver_fit;

/// An episode as it is fitted: columns of the study, thinned to the step.
typedef struct art_study_episode {
  int32_t fit;
  char *leader;
  int64_t first;
  int32_t count;
} art_study_episode;

/// Everything of one study. Owned; free with art_drivers_free().
typedef struct art_driver_study {
  art_driver_options options;
  double row_step_s, step_s;  ///< between rows; of the simulation
  int32_t substeps;
  int32_t left_out;  ///< episodes shorter than asked for
  int32_t group_count;
  char **group;
  int32_t fit_count;
  art_driver_fit *fit;  ///< sorted by group (order of the input), then as in the input
  art_driver_fit
      *pooled;    ///< [group_count + 1]: one set of parameters for all drivers of a group; last: for all
  double *cross;  ///< [fit_count][fit_count], error minimised; [i][j]: parameters of i on the data of j
  uint8_t *cross_collided;  ///< the same shape, 1: a collision
  double *pooled_cross;     ///< [group_count + 1][fit_count]
  int32_t episode_count;
  art_study_episode *episode;
  int64_t row_count;
  double *time_s, *leader_rear_m, *leader_speed_mps, *gap_m, *speed_mps;
  double *simulated_gap_m, *simulated_speed_mps;  ///< with each driver's own parameters
} art_driver_study;

/// Fits all. Results depend on data, options and seed, not on threads. ART_E_INPUT if nothing is long enough or the step
/// does not suit the data.
art_status art_drivers_fit(const art_pairs *pairs, const art_driver_options *options, art_driver_study **out,
                           art_error *err);
void art_drivers_free(art_driver_study *study);
/// The vehicle type that these parameters make; what is not fitted has its default.
art_vtype art_driver_vtype(const art_driver_model *model, const double *value);

// ---- summary

/// Which errors are meant. X(suffix, name, sentence)
#define ART_DRIVER_SCOPE_LIST(X)                                                            \
  X(OWN, "own", "each driver with its own parameters")                                      \
  X(OTHERS, "others", "each driver with the parameters of each other driver of its group")  \
  X(SELF, "self_elsewhere", "the same driver elsewhere: in another group, or another pair") \
  X(POOLED, "pooled", "all drivers of the group with one set of parameters, fitted to all of them")
typedef enum art_driver_scope {
#define X(suffix, name, sentence) ART_DRIVER_SCOPE_##suffix,
  ART_DRIVER_SCOPE_LIST(X)
#undef X
      ART_DRIVER_SCOPE_COUNT
} art_driver_scope;
const char *art_driver_scope_name(int scope);

typedef struct art_error_summary {
  int32_t count;                   ///< of errors; NAN below if 0
  double mean, median, low, high;  ///< low and high: 10th and 90th percentile
  double collided_share;
} art_error_summary;
/// Of group `group`; group_count: of all drivers, whatever their group.
art_error_summary art_drivers_errors(const art_driver_study *study, int32_t group, int scope);

/// Distribution of parameter `p` (place in the model's list) over the drivers of a group, without those at a bound or
/// weak if `only_known`.
typedef struct art_param_summary {
  int32_t count;
  double median, low, lower, upper, high;  ///< 5, 25, 75, 95 %; NAN if count is 0
} art_param_summary;
art_param_summary art_drivers_param(const art_driver_study *study, int32_t group, int p, int only_known);
/// Correlation of the logarithms of two parameters, over drivers where both are known; NAN below 3. *count may be NULL.
double art_drivers_correlation(const art_driver_study *study, int32_t group, int p, int q, int32_t *count);

// ---- files

art_status art_drivers_write_h5(const char *path, const art_driver_study *study, const char *command,
                                int source_count, const char *const *source, int force, art_error *err);
art_status art_drivers_write_csv(const char *path, const art_driver_study *study, int force, art_error *err);

#endif  // ART_SCENARIOS_CALIBRATE_DRIVERS_H
