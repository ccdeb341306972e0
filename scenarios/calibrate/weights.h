/// \file weights.h
/// From measured flows to better weights: one linear step of the calibration, and the static bound of what weights can do.
#ifndef ART_SCENARIOS_CALIBRATE_WEIGHTS_H
#define ART_SCENARIOS_CALIBRATE_WEIGHTS_H
#include "models/estimation/bounded_fit.h"
#include "scenarios/calibrate/measure.h"

/// What the fit weighs against what. Defaults in art_weight_settings_default().
typedef struct art_weight_settings {
  /// Of the distance of a weight from 1 per trip of the group, against squared GEH.
  double prior_weight;
  /// How the distance is measured.
  art_prior_distance distance;
  /// Bound of a weight.
  double highest;
  /// Misfit from which a station pulls with constant force.
  double robust_geh;
  /// Standard deviation of the prior's level: the factor between all of its trips and the true ones. Routes that no
  /// station sees follow the level of those that are seen. 0: the level is known.
  double level_sd;
  /// Standard deviation of the mean trip length, share of the prior's; 0: free.
  double length_sd;
} art_weight_settings;
art_weight_settings art_weight_settings_default(void);

/// The linear model: flow of row i = base_i + sum over entries of share x trips of the group x weight.
typedef struct art_weight_problem {
  const art_incidence *incidence;
  const art_trip_groups *groups;
  const double *observed;    ///< [rows] veh/h
  const uint8_t *is_fitted;  ///< [rows]
  const double *share;       ///< [entries] passages per hour and trip of the group
  const double *base;        ///< [rows] flow that no weight changes, veh/h
  /// What queues ask for (queues.h); NULL and 0: nothing. Sum over entries of floor_share x trips x weight >= floor_i.
  const double *floor_share;  ///< [entries]
  const double *floor;        ///< [rows] veh/h; 0: none
  /// Trips of all groups with ceiling_row[group] = c, times their weights <= ceiling[c].
  int32_t ceiling_count;
  const int32_t *ceiling_row;  ///< [groups] -1: none
  const double *ceiling;       ///< [ceiling_count] trips
} art_weight_problem;

/// Fills weight[groups] and, unless NULL, fitted[rows].
art_status art_weights_solve(const art_weight_problem *problem, const art_weight_settings *settings,
                             double *weight, double *fitted, art_error *err);

/// Share of the fitted rows with GEH below 5 that free non-negative weights reach with these shares, no prior, no
/// simulator: rows that cannot be met are given up one after another, so it is a lower bound of the true maximum.
art_status art_weights_best_share(const art_weight_problem *problem, double *share, double *median_geh,
                                  art_error *err);

#endif  // ART_SCENARIOS_CALIBRATE_WEIGHTS_H
