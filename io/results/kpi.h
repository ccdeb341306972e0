/// \file kpi.h
/// Indicators of one run: scalars with unit and formula. One table names them, computes them and documents
/// them.
#ifndef ART_IO_RESULTS_KPI_H
#define ART_IO_RESULTS_KPI_H
#include "core/fleet/demand.h"
#include "core/step/sim.h"

/// Trips count if their planned departure lies in [from_ms, to_ms): the run without its warm-up.
typedef struct art_kpi_input {
  const art_demand *demand;
  const art_trip_row *trips;  ///< [demand->trip_count]
  art_ledger ledger;
  art_tick begin_ms;        ///< of the run
  art_tick from_ms, to_ms;  ///< window of departures that are counted
  art_tick now_ms;          ///< trips that are not over are counted up to here
} art_kpi_input;

typedef struct art_kpi_info {
  const char *name;  ///< with unit suffix, e.g. mean_travel_time_s
  const char *unit;  ///< UDUNITS
  const char *long_name;
  const char *how;  ///< formula
  int better;       ///< -1: less is better, +1: more is better, 0: neither
} art_kpi_info;

int art_kpi_count(void);
/// Row `i` of the table; static storage.
const art_kpi_info *art_kpi_row(int i);
/// Row of a name, or -1.
int art_kpi_find(const char *name);
/// Fills value[art_kpi_count()]; NAN where there is nothing to average.
void art_kpi_compute(const art_kpi_input *input, double *value);

/// The q-quantile (0..1) of sorted values by linear interpolation; NAN if there are none.
double art_quantile(const double *sorted, int64_t count, double q);

#endif  // ART_IO_RESULTS_KPI_H
