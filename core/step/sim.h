/// \file sim.h
/// A simulation: one handle that owns the moving state of a run. Several may live in one process.
///
///     art_sim_create -> (art_sim_advance -> collect what is wanted)* -> art_sim_free
///
/// The simulation borrows network and demand; both must outlive it and stay unchanged, except through interventions.
/// Thread rule: one thread calls; inside, OpenMP threads work. Results do not depend on their number.
#ifndef ART_CORE_STEP_SIM_H
#define ART_CORE_STEP_SIM_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "core/num/real.h"

typedef struct art_sim art_sim;
struct art_kernels;       // core/step/kernels.h
struct art_control_view;  // core/step/control.h
struct art_group;         // core/par/group.h

/// A timed change of the city. Times are ticks of the run.
typedef enum art_change_kind {
  ART_CHANGE_CLOSE_LINK,
  ART_CHANGE_SPEED_LIMIT,  ///< of changes that overlap the last one listed counts
  ART_CHANGE_PERMISSIONS,  ///< lanes are for `classes` only; of changes that overlap the last one listed counts
  ART_CHANGE_PROGRAM       ///< signal `link` runs `program`; of changes that overlap the last one listed counts
} art_change_kind;
typedef struct art_change {
  art_change_kind kind;
  int32_t link;
  int32_t lane;  ///< index in the link; -1: all lanes. A closed lane is left and no longer entered.
  art_tick from_ms, to_ms;  ///< [from, to)
  float value;              ///< speed limit in m/s
  uint32_t classes;         ///< mask of art_vclass
  int32_t program;          ///< absolute index
} art_change;

typedef struct art_sim_setup {
  const art_net *net;
  const struct art_ways *ways;  ///< of the net (core/step/ways.h), borrowed as it is; NULL: the simulation makes its own. Its
                                ///< conflicts are read from here, not from the net.
  const art_demand *demand;
  const struct art_kernels *kernels;  ///< the models; scenarios/run fills it
  uint64_t seed;
  int32_t step_ms;            ///< divides 1000, 50 .. 1000
  art_tick begin_ms, end_ms;  ///< trips that depart in [begin, end) are simulated
  int32_t threads;
  int32_t thread_vehicles;   ///< a step wakes one more thread for each so many on the road, a block counting as
                             ///< some; 0: always all
  const char *instructions;  ///< set that loops are compiled for (core/step/wide.h); NULL: the widest there is
  int32_t model;  ///< art_model for types that name none
  int32_t change_count;
  const art_change *change;  ///< copied
  /// Control of programs of kind `user`, called as often as it says in next_ms; NULL: they run by the clock.
  void (*user_control)(void *context, struct art_control_view *view);
  void *user_context;
  double reroute_share;      ///< of drivers who look for faster ways on the road, 0 .. 1 (core/step/reroute.c) ...
  art_tick reroute_period_ms;  ///< ... so often
  int approaches;            ///< 1: measure at signals (core/step/approaches.h)
  /// Ranks that step the simulation together; NULL: alone. With several, creating and stepping are calls that all make with the
  /// same set-up, and everything that is asked of a simulation tells of this rank's part (core/step/ranks.h has the sums).
  const struct art_group *group;
  const int32_t *node_rank;  ///< [node_count]: who owns what; NULL: parts of equal load with few lanes between them
} art_sim_setup;

art_status art_sim_create(const art_sim_setup *setup, art_sim **out, art_error *err);
void art_sim_free(art_sim *sim);

/// Steps until `until_ms` or until nobody is left (no trip running, waiting or still to come), whichever is first.
/// ART_E_INTERNAL if the ledger does not balance or bodies overlap in a debug build.
art_status art_sim_advance(art_sim *sim, art_tick until_ms, art_error *err);
art_tick art_sim_now(const art_sim *sim);
int art_sim_is_finished(const art_sim *sim);  ///< nobody running or waiting, nobody to come

/// Where every loaded trip is. loaded = waiting + running + arrived + removed, always.
/// Trips with departure before `now` that are not on the road yet are waiting.
typedef struct art_ledger {
  int64_t loaded;   ///< trips of the demand whose departure time has come
  int64_t waiting;  ///< outside, for room or for a route
  int64_t running;
  int64_t beside;  ///< of the running: in bays, at planned stops
  int64_t arrived;
  int64_t removed;   ///< taken off the road before their route ended; always 0, here so that a defect shows
  int64_t inserted;  ///< ever put on the road
  int64_t no_route;  ///< of the waiting: no way to the destination is left (closures)
  int64_t missed_turns, rotations;
  int64_t hard_brakings;  ///< vehicle updates braking harder than 6 m/s2
  int64_t updates;        ///< vehicles that drive or stand on the road x steps
  int64_t beside_steps;   ///< vehicles in bays x steps
  int64_t longest_standstill_ms;
  int64_t longest_standstill_trip;  ///< trip index, -1 none
  int64_t distance_mm;              ///< driven by all vehicles, connectors included
  // What drivers saw at signals against the rules of the guard; all 0, here so that a defect shows.
  int64_t short_yellows, short_greens, short_intergreens, conflicting_greens;
  double step_seconds;  ///< wall clock of the step loop
} art_ledger;
art_ledger art_sim_ledger(const art_sim *sim);

/// Order-independent hash of all that has happened (see the engine's documentation).
uint64_t art_sim_hash(const art_sim *sim);

/// Sums over one interval, per link; integers, so that order never matters. Lanes of a link are added up.
/// A vehicle belongs to the link (or to the connector, not counted here) where its front bumper is.
typedef struct art_link_sums {
  int32_t link_count;
  art_tick begin_ms, end_ms;
  int64_t *vehicle_ms;                           ///< time spent on the link
  int64_t *distance_mm;                          ///< driven on the link
  int64_t *waiting_ms;                           ///< below 0.1 m/s
  int64_t
      *loss_ms;  ///< time, planned stops excluded, less that of the same way at the driver's desired speed
  int64_t *occupied_mm_ms;                       ///< vehicle length x time
  int32_t *entered, *left, *departed, *arrived;  ///< left: at the link's end or by arriving on it
  int32_t *
      queue_max_m;  ///< rear of the farthest standing vehicle from the lane's end, metres, maximum over the interval
} art_link_sums;
/// Moves the sums since the last call into `out` (arrays allocated on first use; free with art_link_sums_free).
void art_sim_take_links(art_sim *sim, art_link_sums *out);
void art_link_sums_free(art_link_sums *sums);

/// The same for movements: vehicles that passed each connector's start in the interval. count[connector_count].
void art_sim_take_movements(art_sim *sim, int32_t *count);
/// Vehicles that came to each connector's end since the last call, and the time that they had lost against their desired
/// speeds on the approach (core/net/lane_groups.h) and in the node. Both [connector_count].
void art_sim_take_movement_delays(art_sim *sim, int32_t *count, int64_t *delay_ms);

/// Classes that detectors tell apart. X(suffix, name, sentence)
#define ART_COUNT_CLASS_LIST(X)                                        \
  X(CARS, "cars", "passenger cars, taxis and all others not named")    \
  X(VANS, "vans", "delivery vans")                                     \
  X(TRUCKS, "trucks", "trucks and trailers")                           \
  X(BUSES, "buses", "buses and coaches")                               \
  X(MOTORCYCLES, "motorcycles", "motorcycles and mopeds")              \
  X(BICYCLES, "bicycles", "bicycles")                                  \
  X(RAIL, "rail", "trams and trains")
enum {
#define X(suffix, name, sentence) ART_COUNT_##suffix,
  ART_COUNT_CLASS_LIST(X)
#undef X
      ART_COUNT_CLASSES
};
/// The one that an art_vclass belongs to.
int art_count_class_of(int vclass);

/// Sums of a detector over one interval. Instants inside a step are interpolated.
/// Point: passages of the front bumper, time that a body lies over it. Area: vehicle-time and distance inside (from when the
/// front reaches its begin until the rear leaves its end), and jams: vehicles slower than 5 km/h for 1 s or more, with less
/// than 10 m between them. Entry-exit: from the front over the entry to the front over the exit.
typedef struct art_detector_sums {
  int32_t detector_count;
  art_tick begin_ms, end_ms;
  int64_t *count;            ///< point: vehicles; area: fronts over its begin; entry-exit: vehicles that left
  int32_t *class_count;      ///< [detector_count * ART_COUNT_CLASSES], the same by class
  int64_t *speed_sum_mmps;   ///< over `count`, as the front passed
  int64_t *slowness_sum_us;  ///< point and area: the inverse of it, microseconds per metre
  int64_t *occupied_ms;      ///< point: a body over it, lanes added up; area and entry-exit: vehicle-time inside
  int64_t *distance_mm;      ///< area: driven inside
  int64_t *travel_ms;        ///< entry-exit: of those that left
  int64_t *halts;            ///< entry-exit: times that those that left had come to a halt inside
  int32_t *entered, *inside; ///< entry-exit: fronts over the entry; vehicles inside at the end
  int64_t *halting_ms;       ///< area: time of those that halt
  int64_t *jam_mm_ms, *jam_vehicles_ms;     ///< area: length and vehicles of the longest jam, times time
  int32_t *jam_max_mm, *jam_vehicles_max;   ///< area: the most of both
} art_detector_sums;
void art_sim_take_detectors(art_sim *sim, art_detector_sums *out);
void art_detector_sums_free(art_detector_sums *sums);

/// One row per trip of the demand, by trip index; valid while the simulation lives. Times -1: has not happened.
typedef enum art_trip_state {
  ART_TRIP_TO_COME,
  ART_TRIP_WAITING,
  ART_TRIP_RUNNING,
  ART_TRIP_ARRIVED,
  ART_TRIP_NO_ROUTE
} art_trip_state;
typedef struct art_trip_row {
  art_tick insert_ms, arrival_ms;  ///< actual; insertion delay = insert - planned departure
  int64_t route_mm;                ///< driven so far
  int32_t free_ms;                 ///< time that the driven route takes at the driver's desired speed
  int32_t waiting_ms;              ///< below 0.1 m/s, planned stops excluded
  int32_t stop_ms;                 ///< at planned stops
  int32_t stops;                   ///< times it came to a halt (fell below 5 km/h after having been above 15)
  int32_t type;                    ///< index of the type drawn
  int32_t depart_lane, arrival_lane;  ///< lanes of the net
  float speed_factor;
  int32_t longest_standstill_ms;
  uint16_t missed_turns, missed_stops, rotations, reroutes;
  uint8_t state;  ///< art_trip_state
  uint8_t is_made;  ///< 0: nobody has asked for it; all of it is 0 then
} art_trip_row;
const art_trip_row *art_sim_trips(art_sim *sim);

/// Log of signal state changes since the last call; rows are owned by the simulation until the next call. Of several ranks the
/// first one gets all rows, the others none. Collective.
typedef struct art_signal_event {
  art_tick time_ms;
  int32_t signal;
  int32_t phase;    ///< index within the running program; -1: on the way between two
  int32_t program;  ///< absolute index
  int64_t letters;  ///< where in art_sim_signal_letters the state that drivers see begins
  int32_t sensor_count;  ///< fronts over the sensors of the program since its last event
  int32_t call_count;    ///< priority calls at that time
} art_signal_event;
int64_t art_sim_take_signal_events(art_sim *sim, const art_signal_event **events);
/// States of the events taken last, one letter a group, without terminators. Valid as long as those.
const char *art_sim_signal_letters(const art_sim *sim);

/// Vehicles on the road (not those in bays) at this instant. Arrays grow as needed.
#define ART_HALTING_MPS 0.1f  ///< slower than this stands
typedef struct art_snapshot {
  int64_t count, capacity;
  int32_t *trip, *lane;
  float *pos_m, *speed_mps;
} art_snapshot;
/// In no particular order, which depends neither on threads nor on anything but the state: the cheap way, for results.
void art_sim_gather(const art_sim *sim, art_snapshot *out);
/// Sorted by trip index, for comparisons and tests.
void art_sim_snapshot(const art_sim *sim, art_snapshot *out);
/// How many of them stand.
int64_t art_sim_halting(const art_sim *sim);
void art_snapshot_free(art_snapshot *snapshot);

/// Prints what keeps vehicles from moving: chains and cycles of vehicles that wait for one another.
/// For diagnosis; `limit` rows. Writes to `file` (a FILE *).
void art_sim_report_blocked(const art_sim *sim, void *file, int limit);

#endif  // ART_CORE_STEP_SIM_H
