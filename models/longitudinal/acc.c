#include "models/longitudinal/acc.h"

#include "models/longitudinal/follow_internal.h"
#include "models/longitudinal/idm_internal.h"

/// Error below 2e-7.
static inline float hyperbolic_tangent(float x)
{
  return 1.0f - 2.0f / (art_exp2f(2.88539008f * x) + 1.0f);  // 2 / ln 2
}

/// The acceleration with which one just stops behind the leader if both keep theirs.
static inline float heuristic(float v, float gap, float vl, float lead_accel, float a)
{
  const float al = art_minf(lead_accel, a), both = vl * vl - 2.0f * gap * al;
  if (vl * (v - vl) <= -2.0f * gap * al && both > 0.0f) return v * v * al / both;
  const float closing = art_maxf(v - vl, 0.0f);
  return al - closing * closing / (2.0f * gap);
}

static inline float acc(float v, float v0, float gap, float vl, float lead_accel, float s0, float T, float a,
                        float b, float coolness)
{
  const float iidm = art_iidm_one(v, v0, gap, vl, s0, T, a, b);
  if (!(gap < INFINITY)) return iidm;
  const float cah = heuristic(v, gap, vl, lead_accel, a);
  if (iidm >= cah) return iidm;
  return (1.0f - coolness) * iidm + coolness * (cah + b * hyperbolic_tangent((iidm - cah) / b));
}

void art_acc_follow(const art_type_table *types, const art_follow_view *view)
{
  for (int32_t i = 0; i < view->count; ++i) {
    const int32_t t = view->type[i];
    view->accel_mps2[i] =
        acc(view->speed_mps[i], view->desired_mps[i], view->gap_m[i], view->lead_speed_mps[i],
            art_column_at(view->lead_accel_mps2, i, 0.0f), types->min_gap_m[t],
            art_time_gap_at(types, view, i), types->accel_mps2[t], types->decel_mps2[t], types->coolness[t]);
  }
}

/// Share of the leader's acceleration that is followed at once. Disturbances decay from vehicle to vehicle if
/// f_v^2 - f_l^2 >= 2 f_s (1 - share), with the partials of the feedback (validation V03 with the share added).
#define FEED_FORWARD 0.8f

static inline float cacc(float v, float v0, float gap, float vl, float lead_accel, float s0, float T, float a,
                         float b, float coolness)
{
  const float feedback = acc(v, v0, gap, vl, 0.0f, s0, T, a, b, coolness);
  // Only as far as one is following at all, and never beyond what the free road would give.
  const float z = art_minf(art_idm_crowding(v, vl, gap, s0, T, a, b), 1.0f);
  const float both = feedback + FEED_FORWARD * z * z * art_minf(lead_accel, a);
  return art_minf(both, art_maxf(art_iidm_one(v, v0, INFINITY, v, s0, T, a, b), feedback));
}

void art_cacc_follow(const art_type_table *types, const art_follow_view *view)
{
  for (int32_t i = 0; i < view->count; ++i) {
    const int32_t t = view->type[i];
    const int connected = view->lead_is_connected && view->lead_is_connected[i];
    const float scale = art_column_at(view->time_gap_factor, i, 1.0f);
    const float time_gap = (connected ? types->coop_time_gap_s[t] : types->time_gap_s[t]) * scale;
    view->accel_mps2[i] =
        (connected ? cacc : acc)(view->speed_mps[i], view->desired_mps[i], view->gap_m[i],
                                 view->lead_speed_mps[i], art_column_at(view->lead_accel_mps2, i, 0.0f),
                                 types->min_gap_m[t], time_gap, types->accel_mps2[t], types->decel_mps2[t],
                                 types->coolness[t]);
  }
}

float art_acc_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap, float lead)
{
  return acc(speed, desired, gap, lead, 0.0f, types->min_gap_m[t], types->time_gap_s[t], types->accel_mps2[t],
             types->decel_mps2[t], types->coolness[t]);
}
