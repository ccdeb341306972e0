/// \file adaptive_internal.h
/// Memory of the adaptive control, and the part of it that looks for an offset.
#ifndef ART_MODELS_SIGNAL_ADAPTIVE_INTERNAL_H
#define ART_MODELS_SIGNAL_ADAPTIVE_INTERNAL_H
#include "core/step/control.h"

enum {
  ADAPT_STAGES = 8,   ///< that may change; the others last as the program says
  ADAPT_LANES = 24,   ///< looked at for splits
  ADAPT_STREAMS = 4,  ///< links that lead here, and as many that lead on
  ADAPT_BINS = 32     ///< of a cycle
};

/// Words of a controller's memory.
enum {
  ADAPT_BEGUN,
  ADAPT_CYCLE_BEGIN,  ///< from the begin of the run, ms
  ADAPT_SHIFT,        ///< of the running cycle's end, ms
  ADAPT_CYCLES,
  ADAPT_LOOKED,  ///< last call, from the begin of the run, ms
  ADAPT_BIN,     ///< of the last call
  ADAPT_GREEN,                              ///< by stage, ms
  ADAPT_SEEN = ADAPT_GREEN + ADAPT_STAGES,  ///< by stream: departures when last looked
  ADAPT_SERVED = ADAPT_SEEN + 2 * ADAPT_STREAMS,  ///< by stream that leads on: bins in which it is green there
  ADAPT_LANE = ADAPT_SERVED + ADAPT_STREAMS,      ///< two lanes a word: passages at the last cycle's end, demand
  ADAPT_PROFILE = ADAPT_LANE + ADAPT_LANES / 2,   ///< by stream, four bins a word: departures by place in the cycle
  ADAPT_WORDS = ADAPT_PROFILE + 2 * ADAPT_STREAMS * ADAPT_BINS / 4
};
_Static_assert((int)ADAPT_WORDS <= (int)ART_CONTROL_WORDS, "the memory of a controller is too small");

/// The `bits`-wide field number i of fields packed into words.
static inline uint32_t adapt_field(const int64_t *word, int32_t i, int32_t bits)
{
  const int32_t per = 64 / bits;
  return (uint32_t)((uint64_t)word[i / per] >> (i % per * bits)) & (uint32_t)((UINT64_C(1) << bits) - 1);
}
static inline void adapt_set_field(int64_t *word, int32_t i, int32_t bits, uint32_t value)
{
  const int32_t per = 64 / bits, at = i % per * bits;
  const uint64_t mask = ((UINT64_C(1) << bits) - 1) << at;
  word[i / per] = (int64_t)(((uint64_t)word[i / per] & ~mask) | ((uint64_t)value << at & mask));
}

/// The running cycle: its phases, of which some may change.
typedef struct adapt_plan {
  int32_t phase_count, stage_count;
  int32_t stage[ADAPT_STAGES];
  int32_t longest;    ///< stage that takes the shift
  art_tick cycle_ms;  ///< without it
} adapt_plan;
adapt_plan adapt_plan_of(const art_control_view *view);
/// Duration of a phase, without the shift.
art_tick adapt_phase_ms(const art_control_view *view, const adapt_plan *plan, int32_t phase);

/// Counts departures, and greens of the neighbours, into the profiles. Once a call.
void adapt_observe(art_control_view *view, art_tick cycle_ms);
/// The shift of this signal with the least delay, in (-cycle / 2, cycle / 2]; 0 where it saves nothing worth it.
art_tick adapt_best_shift(const art_control_view *view, const adapt_plan *plan);

#endif  // ART_MODELS_SIGNAL_ADAPTIVE_INTERNAL_H
