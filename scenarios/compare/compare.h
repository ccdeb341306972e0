/// \file compare.h
/// Two scenarios run with the same seeds: paired differences of indicators, links and movements with confidence intervals.
/// Holm's correction over the indicators, Benjamini and Hochberg's over links and movements.
#ifndef ART_SCENARIOS_COMPARE_COMPARE_H
#define ART_SCENARIOS_COMPARE_COMPARE_H
#include <stdint.h>

#include "scenarios/compare/runs.h"
#include "scenarios/compare/statistics.h"

typedef struct art_compare_options {
  double level;            ///< of confidence, 0.95; 1 - level is the error rate of the corrections
  double precision;        ///< wanted half width relative to the base mean, 0.01; for the number of seeds
  int32_t headline_count;  ///< indicators that are judged, with Holm's correction over them
  const char *const *headline;  ///< their names; the others are shown with their intervals, without a verdict
} art_compare_options;
/// Headlines: total_delay_h, mean_travel_time_s, p95_travel_time_s, mean_insertion_delay_s, trips_unfinished,
/// network_speed_mps, stops_per_vehicle. Few, because the correction pays for each; none says the same as another.
art_compare_options art_compare_options_default(void);

typedef struct art_compare_kpi {
  int32_t base_index, alt_index;  ///< into kpi_name
  const char *unit;               ///< borrowed
  int better;                     ///< -1 less is better, +1 more, 0 neither
  art_paired paired;
  int is_headline;
  double p_adjusted;  ///< Holm; NAN: not tested (no headline, equal in every pair, or one seed)
  int is_significant;
  int64_t seeds_needed;  ///< for the wanted precision; -1: more than a million; 0: unknown
} art_compare_kpi;

/// One measure of one link or movement.
typedef struct art_compare_place {
  art_paired paired;
  double p_adjusted;
  int is_significant;
} art_compare_place;

/// Owned; borrows both sets of runs.
typedef struct art_comparison {
  const art_runs *base, *alt;
  int32_t kpi_count;
  art_compare_kpi *kpi;                        ///< indicators that both have: headlines, then the others
  int32_t link_count;                          ///< 0: no /links in both, or other links
  art_compare_place *link[ART_LINK_MEASURES];  ///< [link_count]; NULL: none
  int32_t *link_order;                         ///< by change of delay; significant ones that matter first
  int64_t movement_count;
  art_compare_place *movement;  ///< flows; NULL: none
  int64_t *movement_order;
  char warning[1024];  ///< why the comparison may mislead, one line each; ""
} art_comparison;

/// ART_E_INPUT: seeds without a partner, a headline that the results do not have.
art_status art_compare(const art_runs *base, const art_runs *alt, const art_compare_options *options,
                       art_comparison **out, art_error *err);
void art_comparison_free(art_comparison *comparison);

/// "better", "worse", "changed" or "" by sign and significance.
const char *art_compare_verdict(const art_compare_kpi *kpi);

/// Writes kpi.csv, runs.csv, links.csv, movements.csv and links.geojson into the folder (made if missing); parts that the
/// results do not have are left out. `force` 0: files that exist are ART_E_EXISTS.
art_status art_compare_write(const char *folder, int32_t count, art_comparison *const *comparisons,
                             const art_compare_options *options, int force, art_error *err);

#endif  // ART_SCENARIOS_COMPARE_COMPARE_H
