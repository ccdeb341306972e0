/// \file kernels.h
/// The table of models that the step calls. `models` implement these functions, `scenarios/run` fills the table, `core`
/// knows no model by name. Every function is pure: it writes only what it is told to, keeps nothing, calls nothing back.
#ifndef ART_CORE_STEP_KERNELS_H
#define ART_CORE_STEP_KERNELS_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "core/step/control.h"
#include "core/step/ways.h"

/// Instruction sets that loops are compiled for; all give the same bits.
typedef enum art_width { ART_WIDTH_BASELINE, ART_WIDTH_AVX2, ART_WIDTH_AVX512 } art_width;

/// Parameters of all types as columns, so that kernels gather single values. Owned by the simulation.
typedef struct art_type_table {
  int32_t count;
#define X(name, unit, initial, lowest, highest, sentence) float *name;
  ART_TYPE_PARAM_LIST(X)
#undef X
  int32_t *vclass;
  int32_t *model;
  float step_s;  ///< of the run, for models whose equations give the speed after a step
  art_width width;  ///< art_width: the widest that block kernels may use
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

/// A look at the lane beside one's own. Gaps are bumper to bumper; INFINITY: nobody there. Lane 0 is the kerbside one under
/// either rule of the road, so directions are towards the kerb and away from it, never right and left.
typedef struct art_change_view {
  const art_type_table *types;
  float (*const *accel)(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                        float gap_m, float lead_mps);  ///< by art_model
  art_peer self;                                       ///< desired speed as it would be in the other lane
  float gap_m, lead_mps;                               ///< to the leader in the present lane
  art_peer back;                                       ///< follower in the present lane, where back_gap_m < INFINITY
  float back_gap_m;                                    ///< from its front to one's own rear
  float length_m;                                      ///< one's own
  float new_gap_m, new_lead_mps;                       ///< to the leader in the other lane
  art_peer follower;                                   ///< in the other lane, where follower_gap_m < INFINITY
  float follower_gap_m;                                ///< from its front to one's own rear
  float follower_lead_gap_m, follower_lead_mps;        ///< its present leader
  float limit_mps;                                     ///< speed limit of the link
  float to_end_m;    ///< to where the route needs the last of the changes, or to the link's end
  int32_t changes;   ///< that the route still needs on this link
  int32_t side;      ///< the other lane lies -1: towards the kerb, 1: away from it
  float need;        ///< 0: the route does not need the change; (0, 1]: it does, 1 at the last moment
  float bonus_mps2;  ///< advantage on top of what is gained in speed: room made for somebody
  float draw;        ///< [0, 1), by driver and second
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

/// Who stands this long before a light has had a green, and no room to use it.
#define ART_SKIPPED_S 150.0f

/// What of the nodes before this one.
typedef enum art_prior {
  ART_PRIOR_CLOSED,  ///< one is not granted
  ART_PRIOR_CHAINED,  ///< one is not granted, but the link behind it is too short to wait on: both are asked together
  ART_PRIOR_OPEN  ///< all granted
} art_prior;

/// One vehicle at one node: on its way to it, inside, or with its rear still inside.
typedef struct art_passage {
  // in
  uint64_t key;
  int32_t vehicle;
  int32_t connector;
  int32_t from_lane;
  float front_m;  ///< front bumper past the connector's start; negative: before it
  float speed_mps, desired_mps;
  float length_m, min_gap_m, accel_mps2;
  int32_t type, model;
  float waited_s;     ///< standing time
  float blocked_s;    ///< standing time although it had a grant
  float start_s;       ///< instant of admission by gap acceptance, from now; -INFINITY: has none. Without a grant, at an
                       ///< all-way stop: instant of its stop
  float lane_start_s;  ///< the same of the last one that went in from its lane; -INFINITY: nobody
  int32_t order;      ///< number from the step before; provisional unless committed
  uint8_t grant;      ///< art_grant of the step before
  uint8_t committed;  ///< has an irrevocable number: 1 as far as the holding point, 2 all the way
  uint8_t asks;       ///< 1: near enough to ask; 0: only announces itself
  uint8_t aspect;     ///< art_aspect of its connector
  uint8_t turn_slot;  ///< which entry of the vehicle's track this is
  uint8_t prior;      ///< art_prior
  uint8_t rotates;    ///< 1: member of a cycle of waiting vehicles that is being resolved; 2: moves with it in this step
  uint8_t onward;  ///< 1: it holds a grant for the node after this one, so it will not stay behind this one
  uint8_t needs_room;  ///< 1: must have storage behind the node before it crosses anything
  uint8_t jammed;  ///< 1: stands before the node, and there is no room behind it; other bits belong to the model
  float room_m;        ///< free length behind the node on its path, credits included, without reservations; negative:
                       ///< not looked at yet
  int32_t to_lane;
  // out
  float cap_mps2;  ///< acceleration that keeps it behind those with lower numbers; INFINITY: none
  float stop_m;    ///< where it must stop at the latest, connector coordinates; INFINITY: nowhere
  uint8_t new_grant, new_committed;
  uint8_t refusal;    ///< art_refusal
  int32_t waits_for;  ///< vehicle that stands in the way; -1: none
  int32_t new_order;
  float new_start_s;  ///< as start_s; read only where the junction times its gaps
  float delay_s;      ///< part of this step that it still spends without the grant, in [0, step)
  float turn_s;       ///< working memory of the model
} art_passage;

/// A pedestrian crossing over one connector of the node.
typedef struct art_foot {
  int32_t connector;
  float enter_m, exit_m;
  float closed_s;  ///< vehicles let people cross for so long, from now; 0: nobody crosses or wants to
  uint8_t taken;   ///< 1: somebody is on it
} art_foot;

/// Numbers of working memory that a decision takes for each passage.
#define ART_DECIDE_SCRATCH 8

/// One node and all passages of the step, in no particular order.
typedef struct art_junction {
  const art_net *net;
  const art_ways *ways;  ///< of the net
  const art_type_table *types;
  float (*const *accel)(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                        float gap_m, float lead_mps);
  int32_t node;
  float step_s;
  uint8_t times_gaps;  ///< 1: admissions are timed here (critical gaps, follow-up times, turns at a zipper)
  int32_t next_order;  ///< in and out: next number to give
  int32_t count;
  art_passage *passage;
  int32_t *scratch;  ///< at least ART_DECIDE_SCRATCH * count
  /// Looks at the room of a passage where room_m is negative. NULL: that of all is given.
  float (*room)(const void *of, const art_passage *passage);
  const void *of;
  int32_t foot_count;
  const art_foot *foot;
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
  /// How much the route needs a change, (0, 1], by what is left of the way (to_end_m, changes).
  float (*need)(const art_change_view *view);
  /// 1: the change is safe, and needed (need > 0) or worth it.
  int (*change)(const art_change_view *view);
  /// 1: a driver to whom the kerbside lane is no worse moves there. Asked once a second.
  int (*to_kerb)(const art_change_view *view);
  /// Acceleration at which a driver lets in somebody whose rear is gap_m ahead; INFINITY: does not.
  float (*let_in)(const art_change_view *view, const art_peer *driver, float gap_m, float mps);
  /// Acceleration at which one with no gap yet falls in behind the leader in the other lane.
  float (*align)(const art_change_view *view);
  /// Highest acceleration that does not pass, on the kerb side, one in the lane beside; INFINITY: any.
  float (*behind_faster_lane)(const art_change_view *view);
  /// Orders and grants the passages of one node.
  void (*decide)(art_junction *junction);
  /// Signal programs by art_control; NULL: runs by the clock alone. What each reads: mask of ART_READS_...
  void (*control[ART_CONTROL_COUNT])(art_control_view *view);
  uint8_t control_reads[ART_CONTROL_COUNT];
  /// The guard of a signal (core/step/control.h).
  int32_t (*guard)(art_guard_view *view);
} art_kernels;

#endif  // ART_CORE_STEP_KERNELS_H
