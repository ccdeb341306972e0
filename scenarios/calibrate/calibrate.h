/// \file calibrate.h
/// Fits the demand of a scenario to counts with the simulator in the loop. Per iteration: simulate, measure flows and who
/// contributed to them, solve for weights of the route groups, make whole trips of them.
#ifndef ART_SCENARIOS_CALIBRATE_CALIBRATE_H
#define ART_SCENARIOS_CALIBRATE_CALIBRATE_H
#include <stdint.h>
#include <stdio.h>

#include "io/config/scenario.h"
#include "io/feed/feed.h"
#include "models/estimation/fit_measures.h"
#include "scenarios/calibrate/audit.h"
#include "scenarios/calibrate/queues.h"
#include "scenarios/calibrate/trip_groups.h"
#include "scenarios/calibrate/weights.h"
#include "scenarios/run/run.h"

typedef struct art_calibrate_options {
  int threads;      ///< 0: default
  int folds;        ///< > 1: hold out every fold of the links once, in calibrations of their own
  int fresh_seeds;  ///< runs of the result with seeds that the fit never used; 0: none, `fresh` stays empty
  FILE *progress;   ///< one key=value line an iteration; NULL: none
} art_calibrate_options;

/// One row a used station, parallel to art_fit.row.
typedef struct art_fit_row {
  int32_t audit_row;
  double observed_vph, before_vph, after_vph;
  double fresh_vph;    ///< after, with seeds that the fit never used
  double queue_share;  ///< of the window in which a queue covered the link, after
} art_fit_row;

/// Figures of one demand beside the prior.
typedef struct art_demand_figures {
  double vehicles, kilometres, mean_length_m;  ///< of trips that depart in the scored demand (lead excluded)
  double waiting, mean_delay_s;                ///< outside at the window's end; insertion delay
} art_demand_figures;

/// What one calibration found. Owned; free with art_fit_clear().
typedef struct art_fit {
  int32_t count;
  art_fit_row *row;
  int32_t group_count, fixed_trips;
  double *weight;  ///< [groups] of the best iterate
  int32_t best_iteration, iterations;
  art_fit_measures before[2], after[2], fresh[2];  ///< [0] fitted, [1] held out
  double best_static_share, best_static_geh;  ///< what any non-negative weights reach on the fitted stations
  art_demand_figures prior, posterior;
  double length_distance;  ///< Kolmogorov-Smirnov distance of the trip-length distributions
  double moved_share;      ///< sum of |new - old trips of a group| over trips
} art_fit;
void art_fit_clear(art_fit *fit);

/// Everything read and prepared for a calibration; fits may be made from it with different stations held out.
typedef struct art_calibrator {
  const art_calibration *calibration;  ///< borrowed
  art_scenario *scenario;
  art_feed *feed;
  art_case *c;
  art_demand *prior;  ///< extended backward
  int32_t lead_trips;
  art_trip_groups groups;
  art_window window;
  art_audit audit;
  art_incidence incidence;
  int32_t *row_station;  ///< [rows] audit row of a counted link
} art_calibrator;
art_status art_calibrator_load(const art_calibration *calibration, art_calibrator **out, art_error *err);
void art_calibrator_free(art_calibrator *calibrator);

/// Fits with the held-out stations that the audit names now. Errors are those of the simulator.
art_status art_calibrator_fit(const art_calibrator *calibrator, const art_calibrate_options *options,
                              art_fit *out, art_error *err);
/// The demand of a fit, in the clock of the scenario's demand files. Owned by the caller.
art_demand *art_calibrator_demand(const art_calibrator *calibrator, const art_fit *fit);

/// Fit tables. NULL paths are skipped; outputs are renamed into place; `force` 0: an existing one is ART_E_EXISTS.
art_status art_fit_write_csv(const char *path, const art_calibrator *calibrator, const art_fit *fit,
                             int force, art_error *err);
art_status art_fit_write_h5(const char *path, const art_calibrator *calibrator, const art_fit *fit,
                            const char *command, int force, art_error *err);

#endif  // ART_SCENARIOS_CALIBRATE_CALIBRATE_H
