// The tables of result variables and what their value functions see. Private to io/results.
#ifndef ART_IO_RESULTS_TABLE_INTERNAL_H
#define ART_IO_RESULTS_TABLE_INTERNAL_H
#include "core/step/approaches.h"
#include "io/h5/h5.h"
#include "io/h5/h5_shared.h"
#include "io/results/results.h"
#include "io/results/spill.h"

/// A unit that stands for the time axis of the run: "seconds since ..." with a calendar.
#define ART_UNIT_TIME "@time"

enum {
  ART_VAR_NEEDS_CRS = 1,  ///< left out where the city has no reference system
  ART_VAR_AUXILIARY = 2,  ///< named in the `coordinates` of the group's data variables
  ART_VAR_MAPPED = 4      ///< gets grid_mapping where there is one
};

/// Everything that a value function may look at; members that do not belong to the group being written are
/// NULL.
typedef struct art_result_view {
  const art_city *city;
  const art_net *net;
  const art_demand *demand;
  art_tick begin_ms, end_ms;  ///< of the interval being added; now_ms of a finished run in end_ms
  const art_link_sums *links;
  const art_detector_sums *detectors;
  const int32_t *movements, *movement_out;
  const int64_t *movement_delay_ms;
  const art_signal_cycle *cycles;
  const art_line_passage *passages;
  const art_totals_row *totals;
  const art_signal_event *events;
  char **event_state;  ///< of these events
  const art_trip_row *trips;
  int64_t first_trip;  ///< of /trips: trips of the demand before it are not part of the run
  int64_t grown;       ///< rows that a growing group has already
  // made once at open, owned by the writer
  char **lane_id, **program_text, **programs_of;
  double *link_x, *link_y;  ///< middle of the drawn link, city coordinates
  double *detector_x, *detector_y;
  double *node_lon, *node_lat, *link_lon, *link_lat, *detector_lon,
      *detector_lat;         ///< NULL without a reference system
  double *link_lane_area_m;  ///< length of all lanes of a link added up
  // made at open where approaches are asked for
  art_lane_groups groups;
  struct art_approach_total *approach_total;
  char **approach_text;       ///< [groups.count], the last text made for each
  art_tick measured_from_ms;  ///< end of the warm-up
  // trajectories, made at close
  int64_t *trajectory_trip;
  int64_t *trajectory_size;
  int64_t trajectory_count;
  int64_t *sample_first;         ///< [demand->trip_count + 1]: rows of all ranks before those of a trip
  const art_spill_row *samples;  ///< of the pass being written
  const double *sample_x, *sample_y;
  art_tick sample_from_ms;       ///< instants of samples count from here on ...
  int32_t sample_step_ms;        ///< ... in these units
  int64_t trip_count;   ///< rows of /trips
} art_result_view;

/// One dataset. Either `value` or `text` computes entry i (of a matrix in C order; of a growing group: of one
/// row's columns,
/// or row i of a 1-D variable).
typedef struct art_result_var {
  const char *name;
  const char *dims;  ///< one or two axes; a variable named like its only axis is that axis
  art_h5_type type;
  const char *unit;  ///< NULL for text
  const char *long_name;
  const char *how;  ///< how it is computed or coded; NULL: the name says it
  double (*value)(const art_result_view *v, int64_t i);
  /// Entries [first, first + count) in the variable's own type; the same as `value`, without a call for each. NULL: none.
  void (*range)(const art_result_view *v, int64_t first, int64_t count, void *out);
  const char *(*text)(const art_result_view *v, int64_t i);
  const char *cell_methods, *standard_name;
  const char *flags;  ///< meanings of 0, 1, ... separated by spaces
  const char *cf_role;
  int options;  ///< ART_VAR_*
} art_result_var;

/// Makes the range function of a value function in the same file. `type` is that of the variable.
#define ART_RANGE(function, type)                                                                          \
  static void function##_range(const art_result_view *v, int64_t first, int64_t count, void *out)         \
  {                                                                                                        \
    type *to = out;                                                                                        \
    for (int64_t i = 0; i < count; ++i) to[i] = (type)function(v, first + i);                              \
  }

typedef struct art_result_group {
  const char *name;  ///< "links"
  const char *title;
  const char *feature_type;  ///< CF featureType or NULL
  int var_count;
  const art_result_var *var;
} art_result_group;

extern const art_result_group art_group_network, art_group_links, art_group_movements, art_group_detectors,
    art_group_signals, art_group_trips, art_group_cycles, art_group_passages, art_group_approaches, art_group_trajectories, art_group_totals;

/// A writer; see results.c.
struct art_results {
  art_h5 *file;
  art_results_setup setup;  ///< strings of the caller, borrowed until close
  char time_units[64];
  art_result_view view;
  int64_t rows_links, rows_movements, rows_detectors, rows_totals, rows_events, rows_cycles, rows_passages;
  art_spill *spill;  ///< trajectories; NULL: off
  int is_part;       ///< one of several ranks, not the first: it has no file, and a spill for its own vehicles
  struct art_journal *journal;  ///< borrowed; gets what is added, before the file does; NULL: none
  int threads;       ///< that compute and compress; one while the run steps
};

/// Length of an axis that does not grow; -1: it grows ("time", "event", "obs").
int64_t art_axis_length(const art_result_view *v, const char *axis);
/// Makes the group: writes what is fixed, defines what grows.
void art_group_create(art_results *r, const art_result_group *group);
/// Adds `rows` rows to all variables that grow in the group.
void art_group_append(art_results *r, const art_result_group *group, int64_t rows);
/// Sets the length of all variables that grow in the group, which are empty.
void art_group_reserve(art_results *r, const art_result_group *group, int64_t rows);
/// Writes rows [first, first + rows) of them into a file that several ranks have open. Collective; `rows` may be 0.
art_status art_group_write_shared(art_results *r, const art_result_group *group, art_h5_shared *file, int64_t first,
                                  int64_t rows, art_error *err);

// Values that several groups share.
double art_value_time(const art_result_view *v, int64_t i);  ///< begin of the interval
double art_value_bounds(const art_result_view *v, int64_t i);
double art_value_index(const art_result_view *v, int64_t i);  ///< number of the entry, from 0

// network.c
art_status art_view_prepare(art_result_view *v, art_error *err);
void art_view_release(art_result_view *v);
/// Point at `distance_m` along a lane, city coordinates: the drawing is scaled to the length that vehicles
/// drive.
void art_point_on_lane(const art_city *city, int32_t lane, double distance_m, double *x, double *y);
/// Adds the mesh and geometry variables to /network.
void art_network_finish(art_results *r);
/// Projected coordinates where the city has a reference system, else the city's own.
double art_view_x(const art_result_view *v, double x);
double art_view_y(const art_result_view *v, double y);

// approaches.c
void art_approaches_prepare(art_result_view *v);
void art_approaches_release(art_result_view *v);
void art_approaches_add(art_result_view *v, const art_signal_cycle *cycle);
/// When the last cycle has been added.
void art_approaches_sort(art_result_view *v);

// provenance.c
void art_provenance_begin(art_results *r);
void art_provenance_end(art_results *r, const art_results_end *end);

// points.c
/// Metres from the begin of its lane to each point of the drawings; the caller frees them.
double *art_points_measure(const art_city *city);
/// Places of rows as the file has them: projected coordinates where the city has a reference system, to 1/1024 m, which leaves
/// no noise behind what counts. `along_m` is what art_points_measure returned. Thread-safe.
void art_points_of(const art_result_view *v, const double *along_m, int64_t count, const art_spill_row *row, double *x, double *y);

// trajectories.c: by all ranks that have a spill.
extern const art_result_group art_group_trajectories;
/// Adds up the rows of all ranks and makes the group, still without them. Collective.
art_status art_trajectories_create(art_results *r, art_error *err);
// trajectories_merge.c
/// Brings the rows of all ranks into the file. Collective. *is_torn: a writer failed in the middle of what several do together,
/// so that nothing can be agreed on any more: the process has to end all ranks.
art_status art_trajectories_merge(art_results *r, int *is_torn, art_error *err);

#endif  // ART_IO_RESULTS_TABLE_INTERNAL_H
