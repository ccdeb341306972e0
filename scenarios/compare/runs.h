/// \file runs.h
/// The replications of one scenario: indicators and sums per link and movement of every run, ordered by seed. Warm-up is
/// left out everywhere.
#ifndef ART_SCENARIOS_COMPARE_RUNS_H
#define ART_SCENARIOS_COMPARE_RUNS_H
#include <stdint.h>

#include "core/base/status.h"
#include "io/results/read.h"

/// What is compared on links and movements. X(suffix, name, unit, better: -1 less, 0 neither, sentence)
#define ART_LINK_MEASURE_LIST(X)                                             \
  X(DELAY, "delay", "h", -1, "time lost by all vehicles")                    \
  X(FLOW, "flow", "veh/h", 0, "vehicles that drove off the link or arrived") \
  X(SPEED, "speed", "m/s", 1, "space mean speed")                            \
  X(QUEUE, "queue_max", "m", -1, "farthest standing vehicle from the end of the link, mean over intervals")
typedef enum art_link_measure {
#define X(suffix, name, unit, better, sentence) ART_LINK_##suffix,
  ART_LINK_MEASURE_LIST(X)
#undef X
      ART_LINK_MEASURES
} art_link_measure;

typedef struct art_replication {
  char *path;
  uint64_t seed;
  char *hash;
  double *kpi;                      ///< [kpi_count]
  double *link[ART_LINK_MEASURES];  ///< [link_count]; NULL: the run has no /links
  double *movement_vph;             ///< [movement_count]; NULL: the run has no /movements
} art_replication;

/// Owned; free with art_runs_free().
typedef struct art_runs {
  char *name;  ///< for people: the argument without path and extension, or the scenario's title
  char *argument;
  char *title, *scenario_id, *city_sha256, *scenario;
  double begin_s, end_s, warmup_s;
  double
      filling_s;  ///< longest time that a run needed to fill, by MSER-5 on the running vehicles; 0: not known
  int32_t count;
  art_replication *run;  ///< ascending seeds
  int32_t kpi_count;
  char **kpi_name, **kpi_unit;
  int32_t link_count;
  char **link_id;
  int64_t movement_count;
  char **movement_id;  ///< "from link>to link"
  int32_t incomplete;  ///< runs that were interrupted
} art_runs;

/// `argument`: a result file, or a folder whose *.h5 are results of one scenario. ART_E_INPUT: no result, results of several
/// scenarios in one folder, one seed twice.
art_status art_runs_read(const char *argument, art_runs **out, art_error *err);
void art_runs_free(art_runs *runs);

/// Checks that both hold the same seeds; the error names those without a partner. ART_E_INPUT.
art_status art_runs_check_pairs(const art_runs *base, const art_runs *alt, art_error *err);

#endif  // ART_SCENARIOS_COMPARE_RUNS_H
