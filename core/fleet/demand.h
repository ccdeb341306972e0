/// \file demand.h
/// Vehicle types, routes and trips: what drives. Immutable while a run steps.
#ifndef ART_CORE_FLEET_DEMAND_H
#define ART_CORE_FLEET_DEMAND_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/net/network.h"

/// Car-following models. X(suffix, name in files)
#define ART_MODEL_LIST(X) \
  X(IIDM, "iidm")         \
  X(IDM, "idm")           \
  X(IDM_PLUS, "idm_plus") \
  X(ACC, "acc")           \
  X(CACC, "cacc")         \
  X(KRAUSS, "krauss")     \
  X(GIPPS, "gipps")       \
  X(W99, "wiedemann99")   \
  X(NEWELL, "newell")
typedef enum art_model {
  ART_MODEL_DEFAULT = -1,  ///< the scenario decides
#define X(name, text) ART_MODEL_##name,
  ART_MODEL_LIST(X)
#undef X
      ART_MODEL_COUNT
} art_model;
int art_model_find(const char *name);  ///< -1 if unknown
const char *art_model_name(int model);

/// Parameters of a vehicle type. X(name, unit, default, lowest, highest, sentence); all are float.
/// Struct, HDF5 columns, checks and reference docs come from this list.
#define ART_TYPE_PARAM_LIST(X)                                                                                        \
  X(length_m, "m", 5.0f, 0.2f, 200.0f, "Length, bumper to bumper.")                                                   \
  X(width_m, "m", 1.8f, 0.2f, 10.0f, "Width.")                                                                        \
  X(min_gap_m, "m", 2.0f, 0.0f, 50.0f, "Gap to the leader at standstill (s0).")                                       \
  X(time_gap_s, "s", 1.05f, 0.0f, 20.0f, "Desired time gap to the leader (T).")                                       \
  X(accel_mps2, "m s-2", 1.7f, 0.01f, 100.0f, "Maximum acceleration (a).")                                            \
  X(decel_mps2, "m s-2", 2.0f, 0.01f, 100.0f, "Comfortable deceleration, positive (b).")                              \
  X(emergency_decel_mps2, "m s-2", 9.0f, 0.01f, 100.0f, "Hardest deceleration, positive.")                            \
  X(max_speed_mps, "m s-1", 55.55f, 0.01f, 500.0f, "Highest speed of the vehicle.")                                   \
  X(speed_factor_mean, "1", 1.0f, 0.01f, 10.0f, "Mean of desired speed over speed limit.")                            \
  X(speed_factor_dev, "1", 0.1f, 0.0f, 5.0f, "Standard deviation of that factor between drivers.")                    \
  X(speed_factor_min, "1", 0.2f, 0.0f, 10.0f, "Lowest factor; draws are clipped here.")                               \
  X(speed_factor_max, "1", 2.0f, 0.01f, 10.0f, "Highest factor.")                                                     \
  X(sigma, "1", 0.5f, 0.0f, 1.0f, "Driver imperfection as SUMO defines it; Krauss only.")                             \
  X(time_gap_dev, "1", 0.2f, 0.0f, 1.0f, "Standard deviation of the time gap between drivers, over its mean.")        \
  X(noise_mps2, "m s-2", 0.2f, 0.0f, 5.0f, "Standard deviation of a driver's random acceleration; all models.")       \
  X(action_step_s, "s", 0.0f, 0.0f, 10.0f, "Interval between a driver's decisions; 0: every step.")                   \
  X(yellow_decel_mps2, "m s-2", 3.0f, 0.1f, 100.0f, "Who can stop with this deceleration stops at yellow.")           \
  X(grade_share, "1", 0.0f, 0.0f, 2.0f, "Share of the weight component on a climb that acceleration loses.")          \
  X(coolness, "1", 0.99f, 0.0f, 1.0f, "Trust in a leader not to brake hard (c); ACC and CACC only.")                  \
  X(coop_time_gap_s, "s", 0.6f, 0.0f, 20.0f, "Time gap behind a leader that is connected; CACC only.")                \
  X(w99_cc2_m, "m", 4.0f, 0.0f, 100.0f, "Width of the following band (CC2); Wiedemann 99 only, as those below.")      \
  X(w99_cc3_s, "s", -8.0f, -100.0f, 0.0f, "Begin of deceleration before the safety distance (CC3).")                  \
  X(w99_cc4_mps, "m s-1", -0.35f, -10.0f, 0.0f, "Tolerated speed difference, closing (CC4).")                         \
  X(w99_cc5_mps, "m s-1", 0.35f, 0.0f, 10.0f, "Tolerated speed difference, opening (CC5).")                           \
  X(w99_cc6, "1e-4 m-1 s-1", 11.44f, 0.0f, 1000.0f, "Growth of the tolerance with the square of the gap (CC6).")      \
  X(w99_cc7_mps2, "m s-2", 0.25f, 0.01f, 10.0f, "Acceleration of the oscillation in following (CC7).")                \
  X(w99_cc9_mps2, "m s-2", 1.5f, 0.01f, 100.0f, "Desired acceleration at 80 km/h (CC9).")                             \
  X(startup_delay_s, "s", 0.0f, 0.0f, 60.0f, "Extra delay before moving off from a stop.")                            \
  X(impatience, "1", 0.0f, -1.0f, 1.0f, "Willingness to impede prioritised vehicles.")                                \
  X(lc_strategic, "1", 1.0f, -1.0f, 100.0f, "Eagerness for changes that the route needs.")                            \
  X(lc_cooperative, "1", 1.0f, -1.0f, 1.0f, "Willingness to open gaps for others.")                                   \
  X(lc_speed_gain, "1", 1.0f, 0.0f, 100.0f, "Eagerness to change for speed.")                                         \
  X(lc_keep_right, "1", 1.0f, 0.0f, 100.0f, "Eagerness to keep to the kerbside lane.")                                \
  X(lc_politeness, "1", 0.3f, 0.0f, 10.0f, "What others gain or lose counts this much (MOBIL's p).")                  \
  X(lc_threshold_mps2, "m s-2", 0.2f, 0.0f, 10.0f, "Advantage below which nobody changes for speed.")                 \
  X(lc_safe_decel_mps2, "m s-2", 2.5f, 0.1f, 20.0f, "Braking that a change for speed may impose on others.")          \
  X(lc_pass_kerbside, "1", 0.0f, 0.0f, 1.0f, "Chance that a driver passes on the kerb side on fast roads.")  \
  X(lc_opposite, "1", 0.0f, 0.0f, 1.0f, "Readiness to pass a stopped vehicle through the opposite lane; 0: never.")

typedef struct art_vtype {
#define X(name, unit, initial, lowest, highest, sentence) float name;
  ART_TYPE_PARAM_LIST(X)
#undef X
  int32_t vclass;  ///< art_vclass
  int32_t model;   ///< art_model, ART_MODEL_DEFAULT if the type names none
} art_vtype;
/// The urban default passenger car.
art_vtype art_vtype_default(void);
/// The urban default of a class: dimensions, speeds and accelerations of heavy vehicles, trams, motorcycles, bicycles;
/// any other class drives as the passenger car.
art_vtype art_vtype_of_class(int vclass);
/// Checks ranges; `err` names the parameter and the bound.
art_status art_vtype_check(const art_vtype *type, const char *id, art_error *err);

/// Special values of trip_depart_lane; values >= 0 are lane indices.
enum { ART_LANE_BEST = -1, ART_LANE_FIRST = -2, ART_LANE_RANDOM = -3, ART_LANE_FREE = -4, ART_LANE_ALLOWED = -5 };
/// Special values of trip_depart_pos_m (real positions are in metres; negative ones from the end, down to -1e6).
#define ART_POS_BASE (-2e6f)    ///< the rear bumper at the lane's start
#define ART_POS_LAST (-3e6f)    ///< behind the last vehicle
#define ART_POS_RANDOM (-4e6f)
#define ART_POS_FREE (-5e6f)
/// Special values of trip_depart_speed_mps.
#define ART_SPEED_MAX (-1.0f)    ///< as fast as safe and allowed
#define ART_SPEED_DESIRED (-2.0f)
#define ART_SPEED_LIMIT (-3.0f)
#define ART_SPEED_LAST (-4.0f)
#define ART_SPEED_AVG (-5.0f)
#define ART_SPEED_RANDOM (-6.0f)
/// trip_arrival_pos_m: end of the last lane.
#define ART_POS_END (-1e6f)

/// Owned by whoever made it; art_demand_free() frees all of it. Rows of trips are sorted by (depart, key).
typedef struct art_demand {
  int32_t type_count;
  char **type_id;
  art_vtype *type;

  /// A set is a distribution of types; a trip draws its type by (seed, key). Single types are sets of one.
  int32_t set_count;
  char **set_id;
  int32_t *set_first;          ///< [set_count + 1], into member arrays
  int32_t *set_type;
  float *set_probability;      ///< adds up to 1 within a set

  int32_t route_count;
  int64_t *route_first;        ///< [route_count + 1], into route_link
  int32_t *route_link;         ///< links of the city

  int32_t trip_count;
  char **trip_id;
  struct art_pool *trip_id_pool;  ///< where all ids of trips lie; NULL: each is memory of its own
  uint64_t *trip_key;          ///< identity everywhere: hash of the id, unique
  int32_t *trip_set;
  int32_t *trip_route;
  int64_t *trip_depart_ms;
  int32_t *trip_depart_lane;
  float *trip_depart_pos_m;
  float *trip_depart_speed_mps;
  float *trip_arrival_pos_m;

  int32_t *trip_first_stop;    ///< [trip_count + 1], into stop arrays
  int32_t stop_count;
  int32_t *stop_lane;          ///< link lane of the city
  float *stop_start_m, *stop_end_m;
  int64_t *stop_duration_ms;
  int64_t *stop_until_ms;      ///< leave not before this time of day; -1: none
  int32_t *stop_place;         ///< bus stop of the city, or -1
  uint8_t *stop_beside;        ///< 1: dwells in a bay beside the lane; NULL: nobody does

  /// What all trips have in common where the column is NULL (core/fleet/demand_pack.h). Those who simulate and write results
  /// read by the functions below.
  struct {
    int32_t set, depart_lane;
    float depart_pos_m, depart_speed_mps, arrival_pos_m;
  } same;
} art_demand;

static inline int32_t art_trip_set(const art_demand *d, int32_t trip)
{
  return d->trip_set ? d->trip_set[trip] : d->same.set;
}
static inline int32_t art_trip_depart_lane(const art_demand *d, int32_t trip)
{
  return d->trip_depart_lane ? d->trip_depart_lane[trip] : d->same.depart_lane;
}
static inline float art_trip_depart_pos_m(const art_demand *d, int32_t trip)
{
  return d->trip_depart_pos_m ? d->trip_depart_pos_m[trip] : d->same.depart_pos_m;
}
static inline float art_trip_depart_speed_mps(const art_demand *d, int32_t trip)
{
  return d->trip_depart_speed_mps ? d->trip_depart_speed_mps[trip] : d->same.depart_speed_mps;
}
static inline float art_trip_arrival_pos_m(const art_demand *d, int32_t trip)
{
  return d->trip_arrival_pos_m ? d->trip_arrival_pos_m[trip] : d->same.arrival_pos_m;
}
/// As trip_first_stop, up to trip_count.
static inline int32_t art_trip_first_stop(const art_demand *d, int32_t trip)
{
  return d->trip_first_stop ? d->trip_first_stop[trip] : 0;
}

art_demand *art_demand_new(void);
void art_demand_free(art_demand *demand);
/// Columns for so many trips and stops, all zero, and their counts; for a demand that has none yet.
void art_demand_new_trips(art_demand *demand, int32_t trips, int32_t stops);
/// Checks all indices, ranges, sorting, unique keys, and that routes are connected for their classes in `net`.
/// A route whose links are not connected is invalid. On failure `err` names the trip or route.
art_status art_demand_check(const art_demand *demand, const art_net *net, art_error *err);
/// Parts of that check, for who takes in a demand bit by bit: is a trip in order behind the one before it, and do all keys differ?
art_status art_demand_check_order(const art_demand *demand, int32_t trip, art_error *err);
art_status art_demand_check_keys(const art_demand *demand, art_error *err);
/// The key of a trip id.
uint64_t art_trip_key(const char *id);

#endif  // ART_CORE_FLEET_DEMAND_H
