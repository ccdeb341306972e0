/// \file wide.h
/// The loops of a step that run over the columns of a block without branches. The source (wide.c) is plain C; it is compiled
/// once for every instruction set, and the widest that the processor has is chosen at start. All give the same bits: every
/// operation is rounded by itself (-ffp-contract=off), in the same order.
#ifndef ART_CORE_STEP_WIDE_H
#define ART_CORE_STEP_WIDE_H
#include "core/fleet/block.h"
#include "core/step/kernels.h"

/// Instruction sets that wide.c is compiled for. X(name, what the processor must have)
#if defined(__x86_64__)
#define ART_WIDE_LIST(X) X(baseline) X(avx2) X(avx512)
#else
#define ART_WIDE_LIST(X) X(baseline)
#endif

/// What the lanes of a block are like, by place in the block.
typedef struct art_wide_lanes {
  float length_m[ART_BLOCK_LANES];
  float limit_mps[ART_BLOCK_LANES];
} art_wide_lanes;

/// Constants of a step.
typedef struct art_wide_step {
  float dt_s;
  int32_t dt_ms;
  // driver noise: a draw lasts from one instant of a driver, key % ART_NOISE_PERIOD_MS, to the next
  uint32_t noise_now_ms, noise_before_ms;  ///< now and one step ago, within the period
  uint8_t noise_is_same_period;
  int32_t since_begin_ms;
  uint32_t think_every,
      think_now;  ///< drivers think every so many steps, those with (think_now + key) % think_every == 0 now
} art_wide_step;

/// Sums of a block's step. Lanes' own sums are in the arrays, by place in the block.
typedef struct art_wide_sums {
  int32_t distance_mm;
  int32_t lane_distance_mm[ART_BLOCK_LANES], lane_loss_ms[ART_BLOCK_LANES], lane_waiting[ART_BLOCK_LANES];
  int32_t lane_body_mm[ART_BLOCK_LANES];
} art_wide_sums;

/// Arrays by vehicle that these fill or read have room for a multiple of 16, as columns have; what lies behind the last vehicle
/// means nothing.
typedef struct art_wide {
  art_width width;
  /// Clears what is asked of vehicles anew in every step. Returns 1 if somebody has no plan for its link.
  int (*begin)(art_block *block);
  /// Lists, in order, who may have something to tell a node: those within the asking distance plus announce_s and far_m, and
  /// those farther away who are granted something. Fills near with 1 for the former. Returns how many.
  int32_t (*comers)(const art_wide_lanes *lanes, const art_block *block, float announce_s, float far_m, uint8_t *near,
                    uint8_t *scratch, int32_t *list);
  /// Marks who thinks about changing lanes now: who must, and who may and has its instant. Returns 1 if anybody does.
  int (*thinkers)(const art_wide_step *step, const art_block *block, uint8_t *marked);
  /// Desired speed of everybody; gap and speed of the one ahead. The first of a lane gets nonsense there.
  void (*look)(const art_type_table *types, const art_wide_lanes *lanes, art_block *block);
  /// Marks in busy[] who needs more than its columns; fills way_m with the way that is left to those who are quiet before
  /// a junction (INFINITY: all others), and caps accelerations. Returns 1 if anybody is marked.
  int (*sort_out)(const art_wide_step *step, const art_wide_lanes *lanes, art_block *block, float *way_m,
                  uint8_t *busy);
  /// Speeds after the step and ways in it by constant acceleration (validation V07), cut off at way_m. Marks in short_of_room
  /// who would come nearer to the place of its leader before the step than it may. Returns 1 if anybody is marked.
  int (*advance)(const art_wide_step *step, const art_type_table *types, const art_block *block,
                 const float *way_m, float *speed_mps, float *moved_m, uint8_t *short_of_room,
                 int32_t *hard_brakings);
  /// Takes over new speeds and places; gap_m holds the places before the step from here on.
  void (*take_over)(art_block *block, const float *speed_mps, const float *moved_m);
  /// Marks who begins or ends a standstill or a stop.
  int (*stops)(const art_block *block, uint8_t *marked);
  /// Sums of the block, and of its lanes where these are of links. `scratch` has room for two numbers a vehicle.
  void (*sum)(const art_wide_step *step, const art_type_table *types, const art_block *block, uint64_t *scratch,
              art_wide_sums *sums);
  /// Marks whose random acceleration is to be drawn anew.
  int (*noise_due)(const art_wide_step *step, const art_block *block, uint8_t *marked);
  /// Adds it.
  void (*add_noise)(const art_type_table *types, art_block *block);
} art_wide;

/// Vehicles look ahead for lines at least this far: farther than they can get in this step, also with models that reach the
/// speed they want within one.
#define ART_LOOK_MARGIN_M 5.0f
#define ART_LINE_CLEAR_M 0.05f  // never nearer to a line without a grant
#define ART_HARD_BRAKING_MPS2 6.0f
#define ART_STANDS_MPS 0.1f
#define ART_FAST_MPS (15.0f / 3.6f)
#define ART_STOPS_MPS (5.0f / 3.6f)
#define ART_NOISE_FADE_MPS 5.0f    // below this noise fades: nobody rolls off, or refuses to, by chance
#define ART_NOISE_PERIOD_MS 2000u  // a driver's random acceleration is drawn anew this often
static inline float art_look_ahead(float v, float desired_mps, float dt_s)
{
  const float far = v * v * 0.25f + 2.0f * v + 20.0f, least = desired_mps * dt_s + ART_LOOK_MARGIN_M;
  return far > least ? far : least;
}

#define X(name) extern const art_wide art_wide_##name;
ART_WIDE_LIST(X)
#undef X
/// The widest set that this processor has, or the one of that name if it has it; NULL: unknown or not there.
const art_wide *art_wide_find(const char *name);

#endif  // ART_CORE_STEP_WIDE_H
