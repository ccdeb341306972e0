/// \file following.h
/// A model driver behind a recorded leader, and how far its gap is from the recorded one (Kesting and Treiber 2008,
/// Transportation Research Record 2088, arXiv 0803.4063). Gaps are compared, not speeds or accelerations: errors of
/// position add up, so a fit to gaps also fits the mean of the speeds, not the other way round.
#ifndef ART_MODELS_ESTIMATION_FOLLOWING_H
#define ART_MODELS_ESTIMATION_FOLLOWING_H
#include <stdint.h>

#include "core/step/kernels.h"

/// Recorded rows of an even step. Borrowed.
typedef struct art_episode {
  int32_t count;  ///< at least 2
  double step_s;
  const double *leader_rear_m;  ///< rear bumper of the leader
  const double *leader_speed_mps;
  const double *gap_m;      ///< observed, > 0
  const double *speed_mps;  ///< observed, of the follower
} art_episode;

/// One driver: an acceleration function as in art_kernels.accel, the type table and row that it reads, and the speed it
/// wants on a free road.
typedef struct art_follower {
  float (*accel)(const art_type_table *types, int32_t type, float speed_mps, float desired_mps, float gap_m,
                 float lead_mps);
  const art_type_table *types;
  int32_t type;
  float desired_mps;
  int is_euler;  ///< 1: the new speed holds for the whole step (Krauss, Gipps, Newell); 0: ballistic
} art_follower;

/// Drives behind the leader from the follower's first recorded row, as the engine does: gap as the kernels see it at
/// least 5 cm, braking at most the type's emergency deceleration, a stop inside a step ends at rest. `substeps` >= 1 parts a row's step;
/// the leader's position and speed are interpolated in between. Writes gap_m[0 .. count), and speed_mps if not NULL. A
/// gap at or below 0 is a collision; the driver goes on behind the leader, or inside it. Pure.
void art_follow_leader(const art_follower *follower, const art_episode *episode, int32_t substeps,
                       double *gap_m, double *speed_mps);

/// Sums over compared rows; add episodes one after the other. Start from { 0 }.
typedef struct art_gap_sums {
  int64_t rows;      ///< the first row of an episode is given, not simulated, and not counted
  int64_t collided;  ///< rows with a simulated gap at or below 0
  double overlap_m;  ///< sum of -gap over those
  double gap_m;      ///< observed
  double square_m2;  ///< (simulated - observed)^2
  double ratio_m;    ///< (simulated - observed)^2 / observed
  double ratio2;     ///< ((simulated - observed) / observed)^2
} art_gap_sums;
void art_gap_sums_add(art_gap_sums *sums, const art_episode *episode, const double *gap_m);

/// X(suffix, name)
#define ART_GAP_ERROR_LIST(X) \
  X(MIXED, "mixed")           \
  X(RELATIVE, "relative")     \
  X(ABSOLUTE, "absolute")
typedef enum art_gap_error {
#define X(suffix, name) ART_GAP_ERROR_##suffix,
  ART_GAP_ERROR_LIST(X)
#undef X
      ART_GAP_ERROR_COUNT
} art_gap_error;
int art_gap_error_find(const char *name);  ///< -1 if unknown
const char *art_gap_error_name(int error);

/// The paper's measures, as shares (0.2 is 20 %), with <> the mean over rows, s the observed and d the difference:
/// mixed sqrt(<d^2 / s> / <s>), relative sqrt(<(d / s)^2>), absolute sqrt(<d^2>) / <s>. NAN without rows.
double art_gap_error_of(const art_gap_sums *sums, int error);
/// sqrt(<d^2>), m.
double art_gap_rmse(const art_gap_sums *sums);
/// What a fit minimises: the square of the error, and if there was a collision 1 more and the mean overlap in metres, so
/// that no set of parameters that collides beats one that fits.
double art_gap_objective(const art_gap_sums *sums, int error);

#endif  // ART_MODELS_ESTIMATION_FOLLOWING_H
