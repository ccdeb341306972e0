/// \file results.h
/// The result file of a run: one HDF5 file that xarray, netCDF4, h5py, R and MATLAB open without help.
///
///     art_results_open -> (art_results_add_* at the end of every interval)* -> art_results_close
///
/// Every variable is a row of the tables behind art_results_print_reference(): name, dimensions, unit,
/// sentence, how it is
/// computed; datasets, attributes and the reference document come from there. Intervals are labelled by their
/// begin, states
/// (group /totals) by their instant; both have bounds. The file is written under a temporary name beside its
/// destination and
/// renamed by art_results_close. Rank 0 calls these, from one thread; the others have parts of it, see art_results_open_part.
#ifndef ART_IO_RESULTS_RESULTS_H
#define ART_IO_RESULTS_RESULTS_H
#include <stdint.h>
#include <stdio.h>

#include "core/par/writers.h"
#include "core/step/approaches.h"
#include "core/step/sim.h"
#include "io/city/city.h"
#include "io/config/scenario.h"
#include "io/results/kpi.h"

typedef struct art_results art_results;
struct art_journal;  // io/results/journal.h

typedef struct art_results_setup {
  const char *path;
  int force;                     ///< 0: an existing file is ART_E_EXISTS
  const art_scenario *scenario;  ///< borrowed until close, like city and demand
  const art_city *city;
  const art_demand *demand;
  uint64_t seed;                ///< of this run; the scenario's is only its default
  art_tick detectors_every_ms;  ///< the common interval, see art_detector_interval; 0: no /detectors
  int32_t input_count;          ///< every file that the run read, with SHA-256; the city is the first
  const art_source *input;
  const char *command;  ///< command line; NULL: unknown
  const struct art_group *group;  ///< ranks that write together; NULL: this one alone. Borrowed
  art_writers writers;            ///< those of them that write trajectories; count 0: the first one
  int threads;          ///< that the run uses
} art_results_setup;

/// Creates the file with /network and the frames of all groups that the scenario asks for.
art_status art_results_open(const art_results_setup *setup, art_results **out, art_error *err);
/// Of several ranks all but the first: no file, but a segment for the vehicles of this rank; art_results_add_snapshot and
/// art_results_close are all that may be called. Only where the scenario asks for trajectories.
art_status art_results_open_part(const art_results_setup *setup, art_results **out, art_error *err);

/// From now on everything that is added goes to the journal, too (io/results/journal.h). Borrowed; NULL: none.
void art_results_set_journal(art_results *r, struct art_journal *journal);

/// One interval [begin_ms, end_ms) of the sums. Each is a no-op if the scenario did not ask for the group.
art_status art_results_add_links(art_results *r, const art_link_sums *sums, art_error *err);
art_status art_results_add_movements(art_results *r, art_tick begin_ms, art_tick end_ms, const int32_t *count,
                                     const int32_t *out, const int64_t *delay_ms, art_error *err);
art_status art_results_add_detectors(art_results *r, const art_detector_sums *sums, art_error *err);
/// `letters`: art_sim_signal_letters of these events.
art_status art_results_add_signals(art_results *r, int64_t count, const art_signal_event *events,
                                   const char *letters, art_error *err);

/// Rows of /cycles, which also make /approaches, and of /passages.
art_status art_results_add_cycles(art_results *r, int64_t count, const art_signal_cycle *cycles, art_error *err);
art_status art_results_add_passages(art_results *r, int64_t count, const art_line_passage *passages, art_error *err);

/// State of the whole network at an instant, and what was driven since the instant before.
typedef struct art_totals_row {
  art_tick begin_ms, now_ms;
  art_ledger ledger;
  int64_t halting;                  ///< running slower than 0.1 m/s at now_ms
  int64_t distance_mm, vehicle_ms;  ///< driven and spent on the road in [begin_ms, now_ms)
} art_totals_row;
art_status art_results_add_totals(art_results *r, const art_totals_row *row, art_error *err);

/// Running vehicles at an instant, for /trajectories. Kept in a temporary file until close, which sorts by
/// vehicle and time. Each rank adds its own vehicles.
art_status art_results_add_snapshot(art_results *r, art_tick now_ms, const art_snapshot *snapshot,
                                    art_error *err);

typedef struct art_results_end {
  art_tick now_ms;  ///< how far the run came
  int complete;     ///< 0: interrupted
  art_ledger ledger;
  const art_trip_row *trips;  ///< [demand->trip_count]
  uint64_t hash;
  double wall_s, updates_per_s, real_time_factor;
  int32_t restarts;     ///< how often the run went on from a checkpoint
  const char *summary;  ///< the summary line
  int *is_torn;         ///< see art_results_close; NULL: there is one writer
} art_results_end;

/// Writes /trips, /trajectories, /kpi and provenance, and gives the file its name. Frees `r` whatever
/// happens; on failure
/// nothing is left behind. With trajectories of several ranks collective over all of them, who then fail together, but for
/// *is_torn: one of several writers failed in the middle of HDF5; nothing can be agreed on any more, and the process has to end
/// all ranks with its message.
art_status art_results_close(art_results *r, const art_results_end *end, art_error *err);
/// Throws away what was written. NULL is fine.
void art_results_abandon(art_results *r);

/// The interval of /detectors: detectors have periods of their own, the file has one time axis. It is the
/// scenario's
/// `outputs: detectors: every` if given; else the most common period of the detectors (of equals the
/// shorter); 300 s if none
/// has a period. 0 if the scenario wants no detectors or the city has none.
art_tick art_detector_interval(const art_scenario *scenario, const art_net *net);

/// "seconds since 2024-02-13T00:00:00+01:00" for the scenario's date and time zone; 1970-01-01 without a
/// date. The offset is
/// the zone's at begin_ms, so that clock times are right in the run. Sets and restores TZ: not thread-safe.
/// ART_E_INPUT if date or zone are unknown. Zones: names of the tz database, "UTC", "+01:00".
art_status art_time_units(const char *date, const char *timezone, art_tick begin_ms, char *text, int size,
                          art_error *err);

/// Prints all groups and variables as Markdown.
void art_results_print_reference(FILE *file);

#endif  // ART_IO_RESULTS_RESULTS_H
