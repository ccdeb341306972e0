#include "models/estimation/following.h"

#include <math.h>
#include <string.h>

#include "core/num/real.h"

/// Nearer than this no model is asked (as in the engine).
#define NEAREST_GAP_M 0.05

void art_follow_leader(const art_follower *f, const art_episode *e, int32_t substeps, double *gap_m,
                       double *speed_mps)
{
  const double h = e->step_s / substeps, hardest = f->types->emergency_decel_mps2[f->type];
  double x = e->leader_rear_m[0] - e->gap_m[0], v = e->speed_mps[0];
  gap_m[0] = e->gap_m[0];
  if (speed_mps) speed_mps[0] = v;
  for (int32_t k = 1; k < e->count; ++k) {
    for (int32_t s = 0; s < substeps; ++s) {
      const double w = (double)s / substeps;
      const double rear = e->leader_rear_m[k - 1] + w * (e->leader_rear_m[k] - e->leader_rear_m[k - 1]);
      const double lead =
          e->leader_speed_mps[k - 1] + w * (e->leader_speed_mps[k] - e->leader_speed_mps[k - 1]);
      const double gap = rear - x > NEAREST_GAP_M ? rear - x : NEAREST_GAP_M;
      double a = f->accel(f->types, f->type, (float)v, f->desired_mps, (float)gap, (float)lead);
      if (!(a >= -hardest)) a = -hardest;
      const double next = v + a * h;
      if (f->is_euler)
        x += next >= 0.0 ? next * h : 0.0;
      else
        x += next >= 0.0 ? 0.5 * (v + next) * h : -0.5 * v * v / a;  // a < 0 where it stops
      v = next >= 0.0 ? next : 0.0;
    }
    gap_m[k] = e->leader_rear_m[k] - x;
    if (speed_mps) speed_mps[k] = v;
  }
}

void art_gap_sums_add(art_gap_sums *sums, const art_episode *e, const double *gap_m)
{
  for (int32_t k = 1; k < e->count; ++k) {
    const double s = e->gap_m[k], d = gap_m[k] - s;
    ++sums->rows;
    sums->gap_m += s;
    sums->square_m2 += d * d;
    sums->ratio_m += d * d / s;
    sums->ratio2 += d / s * (d / s);
    if (gap_m[k] > 0.0) continue;
    ++sums->collided;
    sums->overlap_m -= gap_m[k];
  }
}

static const char *const error_names[] = {
#define X(suffix, name) name,
  ART_GAP_ERROR_LIST(X)
#undef X
};

int art_gap_error_find(const char *name)
{
  for (int i = 0; i < ART_GAP_ERROR_COUNT; ++i) {
    if (strcmp(error_names[i], name) == 0) return i;
  }
  return -1;
}

const char *art_gap_error_name(int error)
{
  return error_names[error];
}

static double square_of_error(const art_gap_sums *s, int error)
{
  const double n = (double)s->rows;
  if (s->rows == 0) return NAN;
  switch (error) {
  case ART_GAP_ERROR_RELATIVE: return s->ratio2 / n;
  case ART_GAP_ERROR_ABSOLUTE: return s->square_m2 * n / (s->gap_m * s->gap_m);
  default: return s->ratio_m / s->gap_m;
  }
}

double art_gap_error_of(const art_gap_sums *sums, int error)
{
  return sqrt(square_of_error(sums, error));
}

double art_gap_rmse(const art_gap_sums *sums)
{
  return sums->rows ? sqrt(sums->square_m2 / (double)sums->rows) : NAN;
}

double art_gap_objective(const art_gap_sums *sums, int error)
{
  const double square = square_of_error(sums, error);
  return sums->collided ? square + 1.0 + sums->overlap_m / (double)sums->rows : square;
}
