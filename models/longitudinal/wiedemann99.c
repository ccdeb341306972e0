#include "models/longitudinal/wiedemann99.h"

#include "models/longitudinal/follow_internal.h"

#define FAST_MPS (80.0f / 3.6f)  // speed that CC9 refers to
#define HARDEST_MPS2 10.0f
#define HARD_LEADER_MPS2 1.0f  // a leader that brakes harder than this is no measure of the safety distance
#define STAND_MPS 0.1f
#define UNSEEN_M 250.0f  // beyond it a leader has no influence

typedef struct situation {
  float v, gap, opening;  // opening: leader's speed minus one's own
  float lead_accel, own_accel;
} situation;

/// Desired acceleration: CC8 from a stand, CC9 from 80 km/h on.
static inline float free_accel(const art_type_table *types, int32_t t, float v)
{
  const float a0 = types->accel_mps2[t], a80 = types->w99_cc9_mps2[t];
  return a0 + (a80 - a0) * art_minf(v / FAST_MPS, 1.0f);
}

/// Nearer than the safety distance and not falling back: brakes at least CC7.
static inline float too_close(const art_type_table *types, int32_t t, const situation *s, float tolerance)
{
  const float least = -types->w99_cc7_mps2[t], hardest = -HARDEST_MPS2 + 0.5f * sqrtf(s->v);
  float accel = 0.0f;
  if (s->v > 0.0f && s->opening < 0.0f) {
    const float beyond = s->gap - types->min_gap_m[t];
    const float wanted = beyond > 0.0f ? s->lead_accel - s->opening * s->opening / beyond
                                       : s->lead_accel + 0.5f * (s->opening - tolerance);
    accel = art_minf(wanted, s->own_accel);
  }
  return accel > least ? least : art_maxf(accel, hardest);
}

static float w99(const art_type_table *types, int32_t t, const situation *s, float v0, float time_gap,
                 float band)
{
  const float headroom = v0 - s->v, fastest = art_minf(free_accel(types, t, s->v), headroom);
  if (!(s->gap < UNSEEN_M)) return fastest;
  const float vl = s->v + s->opening, cc7 = types->w99_cc7_mps2[t];
  const float slower = s->opening >= 0.0f || s->lead_accel < -HARD_LEADER_MPS2 ? s->v : vl;
  const float safe = types->min_gap_m[t] + time_gap * art_maxf(slower, 0.0f);                  // SDX_c
  const float band_end = safe + band;                                                          // SDX_o
  const float reacts = band_end + types->w99_cc3_s[t] * (s->opening - types->w99_cc4_mps[t]);  // SDX_v
  const float sense = types->w99_cc6[t] * 1e-4f * s->gap * s->gap;                             // SDV
  const float closes = vl > 0.0f ? types->w99_cc4_mps[t] - sense : 0.0f;                       // SDV_c
  const float opens = s->v > types->w99_cc5_mps[t] ? sense + types->w99_cc5_mps[t] : sense;    // SDV_o

  if (s->opening < opens && s->gap <= safe) return art_minf(too_close(types, t, s, opens), headroom);
  if (s->opening < closes && s->gap < reacts) {
    // Slows down to the leader's speed until the safety distance; from within it the first rule does.
    const float left = art_maxf(s->gap - safe, 0.0f) + 0.1f;
    return art_minf(art_maxf(-0.5f * s->opening * s->opening / left, -HARDEST_MPS2), headroom);
  }
  if (s->opening < opens && s->gap < band_end) {
    // One who stands is not following: closes up, or all of a standing queue might wait for one another.
    if (s->v < STAND_MPS) return art_minf(cc7, s->gap - safe);
    return art_minf(s->own_accel <= 0.0f ? -cc7 : cc7, headroom);
  }
  if (s->gap <= safe) return art_minf(0.0f, headroom);
  if (s->gap < band_end) return art_minf(s->opening * s->opening / (band_end - s->gap), fastest);
  return art_minf(fastest, art_maxf(s->gap - safe, 0.0f));  // closes up gently where there is no band
}

void art_w99_follow(const art_type_table *types, const art_follow_view *view)
{
  for (int32_t i = 0; i < view->count; ++i) {
    const situation s = { .v = view->speed_mps[i],
                          .gap = view->gap_m[i],
                          .opening = view->lead_speed_mps[i] - view->speed_mps[i],
                          .lead_accel = art_column_at(view->lead_accel_mps2, i, 0.0f),
                          .own_accel = art_column_at(view->own_accel_mps2, i, 0.0f) };
    view->accel_mps2[i] = w99(types, view->type[i], &s, view->desired_mps[i], art_time_gap_at(types, view, i),
                              types->w99_cc2_m[view->type[i]]);
  }
}

float art_w99_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap, float lead)
{
  const situation s = { .v = speed, .gap = gap, .opening = lead - speed };
  return w99(types, t, &s, desired, types->time_gap_s[t], 0.0f);
}
