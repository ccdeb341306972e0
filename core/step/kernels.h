/// \file kernels.h
/// The table of models that the step calls. `models` implement these functions, `scenarios/run` fills the table, `core`
/// knows no model by name. Every function is pure: it writes only what it is told to, keeps nothing, calls nothing back.
#ifndef ART_CORE_STEP_KERNELS_H
#define ART_CORE_STEP_KERNELS_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"

/// Parameters of all types as columns, so that kernels gather single values. Owned by the simulation.
typedef struct art_type_table {
  int32_t count;
#define X(name, unit, initial, lowest, highest, sentence) float *name;
  ART_TYPE_PARAM_LIST(X)
#undef X
  int32_t *vclass;
  int32_t *model;
  float step_s;  ///< of the run, for models whose equations give the speed after a step
} art_type_table;

/// How speed and place follow from the acceleration of a step.
typedef enum art_integration {
  ART_BALLISTIC,  ///< constant acceleration over the step
  ART_EULER       ///< the new speed over the whole step
} art_integration;

/// Columns of the view that only some models use; the others find NULL there.
enum { ART_NEEDS_LEAD_ACCEL = 1, ART_NEEDS_OWN_ACCEL = 2, ART_NEEDS_DRAW = 4, ART_NEEDS_CONNECTED = 8 };

/// Columns of one block for car-following. Borrowed; output must not overlap input.
typedef struct art_follow_view {
  int32_t count;
  const uint16_t *type;
  const float *speed_mps;
  const float *desired_mps;     ///< free speed of this driver here, > 0
  const float *gap_m;           ///< to the leader's rear bumper; > 0, INFINITY if none
  const float *lead_speed_mps;  ///< any value where the gap is INFINITY
  float *accel_mps2;            ///< output
  // Each may be NULL.
  const float *time_gap_factor;      ///< on the time gap of the type; NULL: 1
  const float *lead_accel_mps2;      ///< of the last step; NULL: 0
  const float *own_accel_mps2;       ///< likewise
  const float *draw;                 ///< uniform in [0, 1), new in every step; NULL: 0
  const uint8_t *lead_is_connected;  ///< the leader tells its acceleration by radio; NULL: 0
} art_follow_view;

/// A vehicle as a lane-change decision sees it.
typedef struct art_peer {
  uint16_t type;
  float speed_mps, desired_mps;
} art_peer;

/// A wish to move sideways, and what is around. Gaps are bumper to bumper; INFINITY: nobody there.
typedef struct art_change_view {
  const art_type_table *types;
  float (*accel)(const art_type_table *types, int32_t type, float speed_mps, float desired_mps, float gap_m,
                 float lead_mps);
  art_peer self;
  float gap_m, lead_mps;                         ///< to the leader in the present lane
  float new_gap_m, new_lead_mps;                 ///< to the leader in the other lane
  art_peer follower;                             ///< in the other lane; valid where follower_gap_m < INFINITY
  float follower_gap_m;                          ///< from its front to one's own rear
  float follower_lead_gap_m, follower_lead_mps;  ///< its present leader
  float need;  ///< 0: for speed only; (0, 1]: the route needs it, 1 at the lane's end
} art_change_view;

/// Aspect of a connector this step.
typedef enum art_aspect {
  ART_ASPECT_RED,
  ART_ASPECT_YELLOW,
  ART_ASPECT_MINOR,
  ART_ASPECT_MAJOR,
  ART_ASPECT_STOP
} art_aspect;

/// State of a passage through a node.
typedef enum art_grant {
  ART_GRANT_NONE,
  ART_GRANT_HOLD,  ///< may drive up to the holding point
  ART_GRANT_FULL,  ///< may drive through
} art_grant;

/// Why a passage was not granted in this step.
typedef enum art_refusal {
  ART_REFUSED_NOT,      ///< granted, or did not ask
  ART_REFUSED_ASPECT,   ///< red, or yellow and able to stop
  ART_REFUSED_PRIOR,    ///< a node before this one comes first
  ART_REFUSED_LANE,     ///< behind one on its own lane that waits
  ART_REFUSED_ROOM,     ///< no storage behind the node
  ART_REFUSED_CONFLICT  ///< another passage, named by waits_for
} art_refusal;

/// What of the nodes before this one.
typedef enum art_prior {
  ART_PRIOR_CLOSED,  ///< one is not granted
  ART_PRIOR_CHAINED,  ///< one is not granted, but the link behind it is too short to wait on: both are asked together
  ART_PRIOR_OPEN  ///< all granted
} art_prior;

/// One vehicle at one node: on its way to it, inside, or with its rear still inside.
typedef struct art_passage {
  // in
  int32_t vehicle;
  int32_t connector;
  int32_t from_lane;
  uint64_t key;
  float front_m;  ///< front bumper past the connector's start; negative: before it
  float speed_mps, desired_mps;
  float length_m, width_m, min_gap_m, accel_mps2, decel_mps2;
  int32_t type, model;
  float waited_s;     ///< standing time
  float blocked_s;    ///< standing time although it had a grant
  int32_t order;      ///< number from the step before; provisional unless committed
  uint8_t grant;      ///< art_grant of the step before
  uint8_t committed;  ///< has an irrevocable number: 1 as far as the holding point, 2 all the way
  uint8_t asks;       ///< 1: near enough to ask; 0: only announces itself
  uint8_t aspect;     ///< art_aspect of its connector
  uint8_t turn_slot;  ///< which entry of the vehicle's track this is
  uint8_t prior;      ///< art_prior
  uint8_t rotates;    ///< 1: member of a cycle of waiting vehicles that is being resolved
  uint8_t onward;  ///< 1: it holds a grant for the node after this one, so it will not stay behind this one
  uint8_t needs_room;  ///< 1: must have storage behind the node before it crosses anything
  float room_m;        ///< free length behind the node on its path, credits included, without reservations
  int32_t to_lane;
  // out
  float cap_mps2;  ///< acceleration that keeps it behind those with lower numbers; INFINITY: none
  float stop_m;    ///< where it must stop at the latest, connector coordinates; INFINITY: nowhere
  uint8_t new_grant, new_committed;
  uint8_t refusal;    ///< art_refusal
  int32_t waits_for;  ///< vehicle that stands in the way; -1: none
  int32_t new_order;
} art_passage;

/// One node and all passages of the step, in no particular order.
typedef struct art_junction {
  const art_net *net;
  const art_type_table *types;
  float (*const *accel)(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                        float gap_m, float lead_mps);
  int32_t node;
  float step_s;
  int32_t next_order;  ///< in and out: next number to give
  int32_t count;
  art_passage *passage;
  int32_t *scratch;  ///< at least 4 * count
} art_junction;

typedef struct art_kernels {
  /// Car-following over a block, one per model.
  void (*follow[ART_MODEL_COUNT])(const art_type_table *types, const art_follow_view *view);
  /// The same for one vehicle, of which nothing is known but the arguments; where a model needs no optional column,
  /// bit-identical to the block version.
  float (*accel[ART_MODEL_COUNT])(const art_type_table *types, int32_t type, float speed_mps,
                                  float desired_mps, float gap_m, float lead_mps);
  uint8_t integration[ART_MODEL_COUNT];  ///< art_integration
  uint8_t needs[ART_MODEL_COUNT];        ///< ART_NEEDS_...
  /// 1: the change is safe and wanted.
  int (*change)(const art_change_view *view);
  /// Orders and grants the passages of one node.
  void (*decide)(art_junction *junction);
} art_kernels;

#endif  // ART_CORE_STEP_KERNELS_H
