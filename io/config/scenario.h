/// \file scenario.h
/// Scenario, batch and calibration files (YAML), parsed and checked. Everything is in SI and ticks; paths are resolved
/// against the file that names them. Each key is a row of a table (io/config/keys.h) with unit, range, default and sentence.
#ifndef ART_IO_CONFIG_SCENARIO_H
#define ART_IO_CONFIG_SCENARIO_H
#include <stdint.h>
#include <stdio.h>

#include "core/base/status.h"
#include "core/net/control.h"
#include "core/num/real.h"

typedef enum art_intervention_kind {
  ART_INTERVENTION_RETIME,
  ART_INTERVENTION_CLOSE,
  ART_INTERVENTION_SPEED,
  ART_INTERVENTION_PERMIT,
  ART_INTERVENTION_SWITCH
} art_intervention_kind;

/// One timed change, by ids; scenarios/run resolves it against a city. `line` is where it stands in the file.
typedef struct art_intervention {
  art_intervention_kind kind;
  int line;
  char *signal;               ///< retime, switch
  char *program;              ///< switch
  art_tick cycle_ms;          ///< -1: keep
  art_tick offset_ms;         ///< -1: keep
  int32_t link_count;         ///< close, speed
  char **links;
  int32_t lane;               ///< -1: all lanes
  art_tick from_ms, to_ms;    ///< default: the whole run
  float speed_mps;            ///< speed
  int32_t class_count;        ///< permit
  char **classes;
  uint32_t permitted;         ///< the same as a mask of art_vclass
} art_intervention;

/// A signal plan: replaces durations and offset of the program that runs. From `*.signals.yaml`.
typedef struct art_plan_signal {
  char *signal;
  char *program;              ///< NULL: the active one
  art_tick offset_ms;
  int32_t phase_count;        ///< must equal the program's
  art_tick *duration_ms;
  int line;
} art_plan_signal;
typedef struct art_plan {
  char *path;
  int32_t signal_count;
  art_plan_signal *signal;
} art_plan;

/// Who decides at some signals. -1 or NULL: as the city has it.
typedef struct art_controller {
  int line;
  int32_t signal_count;
  char **signals;             ///< ids, or "all"
  char *program;
  int32_t control;            ///< art_control + 1; 0: as it is
  char *library, *options;    ///< control user
  art_tick cycle_ms, offset_ms;
  art_tick min_green_ms, max_green_ms, passage_ms, yellow_ms, all_red_ms;  ///< of all its stages
  int32_t coordinated;        ///< stage that ends at its place in the cycle
  int32_t recall;             ///< art_controller_recall
  int32_t skip;               ///< 0: as it is, 1: stages are not left out, 2: they are if nobody calls
  int32_t own_sensors;        ///< 1: none are added
  double sensor_line_m, sensor_upstream_m;    ///< before the stop line; 0: none there
  double setting[ART_CONTROL_VALUE_COUNT];
} art_controller;
typedef enum art_controller_recall {
  ART_RECALL_KEEP,
  ART_RECALL_NONE,
  ART_RECALL_LEAST,
  ART_RECALL_MOST
} art_controller_recall;

typedef struct art_scenario {
  char *path;                 ///< of the scenario file
  char *title;
  char *city_path;
  int32_t demand_count;
  char **demand_paths;
  char *date;                 ///< "2024-02-13" or NULL
  char *timezone;             ///< "Europe/Rome" or NULL (UTC)
  art_tick begin_ms, end_ms;  ///< since midnight of `date`; demand departures use the same clock
  art_tick demand_shift_ms;   ///< added to departures (`time: {demand_start: 08:00:00}` puts tick 0 of the demand there)
  double demand_scale;        ///< trips of the demand times this
  art_tick demand_repeat_ms;  ///< the demand departs again every so often; 0: once
  art_tick warmup_ms;         ///< excluded from KPIs
  int32_t step_ms;
  uint64_t seed;
  int32_t model;              ///< art_model
  int32_t gap_source;         ///< art_gap_source
  double reroute_share;       ///< of drivers who look for faster ways on the road
  art_tick reroute_period_ms; ///< how often
  double people_per_h;        ///< over each pedestrian crossing without a flow of its own
  int32_t threads;            ///< 0: default
  art_tick links_every_ms;    ///< 0: off
  art_tick movements_every_ms;///< 0: off
  art_tick detectors_every_ms;///< 0: each detector's own period
  art_tick totals_every_ms;
  art_tick trajectories_every_ms;  ///< 0: off
  int trips, signals, detectors;   ///< write these groups
  int approaches, passages;        ///< likewise
  int32_t intervention_count;
  art_intervention *intervention;
  int32_t plan_count;
  art_plan *plan;
  int32_t controller_count;
  art_controller *controller;
  char *config_text;          ///< the resolved configuration as YAML, for provenance and --print-config
} art_scenario;

/// Reads and checks. `set_count` overrides of the form "key=value" or "a.b=value" (as --set gives) win over the file.
/// An unknown key, wrong unit or value out of range is ART_E_INPUT with "file:line:column: ..." and the accepted range.
art_status art_scenario_read(const char *path, int set_count, char *const *sets, art_scenario **out, art_error *err);
/// ART_E_USAGE if `output` (NULL: none) is a file that the scenario is read from: itself, its city, a demand, a plan.
art_status art_scenario_check_output(const art_scenario *scenario, const char *output, art_error *err);
void art_scenario_free(art_scenario *scenario);

art_status art_plan_read(const char *path, art_plan *out, art_error *err);
/// Writes a plan that art_plan_read accepts. `comment` is put on top, one '#' line each.
art_status art_plan_write(const char *path, const art_plan *plan, const char *comment, int force, art_error *err);
void art_plan_clear(art_plan *plan);

typedef struct art_batch {
  char *path;
  int32_t scenario_count;
  char **scenario_paths;
  int32_t seed_count;
  uint64_t *seeds;            ///< `1..20` or a list
  char *output_dir;
} art_batch;
art_status art_batch_read(const char *path, art_batch **out, art_error *err);
void art_batch_free(art_batch *batch);

typedef struct art_calibration {
  char *path;
  char *scenario_path, *feed_path;
  int weekdays_only;          ///< `select: {days: weekdays}`; other values: all
  int32_t exclude_date_count;
  char **exclude_dates;       ///< `select: {exclude: [2024-01-01, ...]}`
  art_tick from_ms, to_ms;    ///< scored window of the day, `hours: ["08:00-09:00"]`
  art_tick lead_ms;           ///< prior demand extended backward by this much, `lead: 30 min`
  int32_t min_days;           ///< stations with fewer days of data are left out
  int32_t exclude_station_count;
  char **exclude_stations;    ///< named with a reason in the map file or here
  double holdout_share;
  uint64_t holdout_seed;
  int32_t iterations;         ///< simulator runs in the loop
  int32_t replications;       ///< seeds averaged per evaluation
  double prior_weight;        ///< strength of staying near the prior, >= 0
  double accept_geh5_fitted, accept_geh5_heldout, accept_median_geh;  ///< < 0: not asked for
  char *demand_out, *fit_csv_out, *fit_h5_out;
} art_calibration;
art_status art_calibration_read(const char *path, art_calibration **out, art_error *err);
void art_calibration_free(art_calibration *calibration);

/// What kind of configuration file this is, told by its top-level keys. Unreadable files are ART_CONFIG_UNKNOWN.
typedef enum art_config_file {
  ART_CONFIG_UNKNOWN,
  ART_CONFIG_SCENARIO,
  ART_CONFIG_BATCH,
  ART_CONFIG_CALIBRATION,
  ART_CONFIG_PLAN
} art_config_file;
art_config_file art_config_kind(const char *path);

/// Checks a configuration file of any kind and calls `report` for every problem found, not only the first. Returns
/// their number; 0: the file is valid. `message` is borrowed during the call.
int art_config_check(const char *path, void (*report)(void *context, const char *message), void *context);

/// Prints the reference of all keys as Markdown (docs/reference are generated by this).
void art_config_print_reference(FILE *file);

#endif  // ART_IO_CONFIG_SCENARIO_H
