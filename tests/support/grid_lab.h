/// \file grid_lab.h
/// A grid with signals under a steady load, the fixed plan that is optimised for it, and what travellers lose under that
/// plan or under another kind of control. For comparisons of kinds of control.
#ifndef ART_TESTS_SUPPORT_GRID_LAB_H
#define ART_TESTS_SUPPORT_GRID_LAB_H
#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "core/net/control.h"
#include "io/city/city.h"

/// From the outer end of every street come `flow_vph` vehicles (on columns `column_part` of it) as a Poisson stream. Of
/// them `turn_part` turn once, half of these left, at a crossing drawn evenly; the others go straight through.
typedef struct art_grid_lab {
  int32_t size, lanes;
  int turn_bays;
  double block_m, flow_vph, column_part, turn_part;
  double hours;       ///< for which vehicles depart; the first sixth is not counted
  int32_t model;      ///< art_model
} art_grid_lab;
art_grid_lab art_grid_lab_default(void);

art_status art_grid_lab_city(const art_grid_lab *lab, art_city **out, art_error *err);
art_demand *art_grid_lab_demand(const art_grid_lab *lab, const art_net *net, uint64_t seed);

typedef struct art_grid_plan {
  double load;     ///< the highest ratio of critical flow to what a cycle of 120 s has room for
  double cycle_s;  ///< the longest
  const char *rule;
  double delay_s;  ///< per trip, simulated
} art_grid_plan;
/// Gives the signals the best plan that art_optimize() finds for the demand of `seed`: cycles by this rule (art_cycle_rule).
art_status art_grid_lab_optimise(const art_grid_lab *lab, art_city *city, uint64_t seed, int rule, art_grid_plan *out,
                                 art_error *err);

/// All signals decide like this from now on.
void art_grid_lab_control(art_net *net, art_control control);

typedef struct art_grid_result {
  double delay_s;      ///< per trip: time from the planned departure to the arrival, less the free time
  double stops;        ///< per trip
  int64_t trips, unfinished;
  double switches_per_h;  ///< of a signal: greens begun by any phase
  int64_t broken;         ///< rules of the guard, as the ledger counts them
  uint64_t hash;
} art_grid_result;
art_status art_grid_lab_run(const art_grid_lab *lab, const art_net *net, uint64_t seed, int threads,
                            art_grid_result *out, art_error *err);

#endif  // ART_TESTS_SUPPORT_GRID_LAB_H
