#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/real.h"
#include "scenarios/calibrate/drivers.h"

static const char *const scope_names[] = {
#define X(suffix, name, sentence) name,
  ART_DRIVER_SCOPE_LIST(X)
#undef X
};

const char *art_driver_scope_name(int scope)
{
  return scope_names[scope];
}

static int compare_reals(const void *pa, const void *pb)
{
  const double a = *(const double *)pa, b = *(const double *)pb;
  return a < b ? -1 : a > b;
}

/// Of sorted values, linear between order statistics; NAN of none.
static double quantile(int32_t count, const double *sorted, double share)
{
  if (count == 0) return NAN;
  const double at = share * (count - 1);
  const int32_t low = (int32_t)at;
  return low + 1 < count ? sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]) : sorted[count - 1];
}

static int is_in(const art_driver_study *s, int32_t f, int32_t group)
{
  return group >= s->group_count || strcmp(s->fit[f].group, s->group[group]) == 0;
}

/// 1 if the error of i's parameters on j's data belongs to the scope.
static int is_meant(const art_driver_study *s, int32_t i, int32_t j, int scope)
{
  const art_driver_fit *a = &s->fit[i], *b = &s->fit[j];
  const int same_group = strcmp(a->group, b->group) == 0, same_driver = strcmp(a->driver, b->driver) == 0;
  switch (scope) {
  case ART_DRIVER_SCOPE_OWN: return i == j;
  case ART_DRIVER_SCOPE_OTHERS: return same_group && !same_driver;
  case ART_DRIVER_SCOPE_SELF: return same_driver && i != j;
  default: return 0;
  }
}

art_error_summary art_drivers_errors(const art_driver_study *s, int32_t group, int scope)
{
  const int32_t n = s->fit_count;
  double *error = ART_NEW(double, (size_t)n *(size_t)n), sum = 0.0;
  art_error_summary out = { 0 };
  int32_t collided = 0;
  for (int32_t j = 0; j < n; ++j) {
    if (!is_in(s, j, group)) continue;
    if (scope == ART_DRIVER_SCOPE_POOLED)
      error[out.count++] = s->pooled_cross[(size_t)group * (size_t)n + (size_t)j];
    for (int32_t i = 0; i < n; ++i) {
      if (!is_meant(s, i, j, scope)) continue;
      const size_t at = (size_t)i * (size_t)n + (size_t)j;
      error[out.count++] = s->cross[at];
      collided += s->cross_collided[at];
    }
  }
  art_sort(error, (size_t)out.count, sizeof *error, compare_reals);
  for (int32_t k = 0; k < out.count; ++k) sum += error[k];
  out.mean = out.count ? sum / out.count : NAN;
  out.median = quantile(out.count, error, 0.5);
  out.low = quantile(out.count, error, 0.1);
  out.high = quantile(out.count, error, 0.9);
  out.collided_share = out.count ? (double)collided / out.count : NAN;
  free(error);
  return out;
}

static int is_known(const art_driver_fit *fit, int p)
{
  return !fit->at_bound[p] && !fit->is_weak[p];
}

art_param_summary art_drivers_param(const art_driver_study *s, int32_t group, int p, int only_known)
{
  double *value = ART_NEW(double, s->fit_count);
  art_param_summary out = { 0 };
  for (int32_t f = 0; f < s->fit_count; ++f) {
    if (is_in(s, f, group) && (!only_known || is_known(&s->fit[f], p)))
      value[out.count++] = s->fit[f].value[p];
  }
  art_sort(value, (size_t)out.count, sizeof *value, compare_reals);
  out.median = quantile(out.count, value, 0.5);
  out.low = quantile(out.count, value, 0.05);
  out.lower = quantile(out.count, value, 0.25);
  out.upper = quantile(out.count, value, 0.75);
  out.high = quantile(out.count, value, 0.95);
  free(value);
  return out;
}

double art_drivers_correlation(const art_driver_study *s, int32_t group, int p, int q, int32_t *count)
{
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
  for (int32_t f = 0; f < s->fit_count; ++f) {
    const art_driver_fit *fit = &s->fit[f];
    if (!is_in(s, f, group) || !is_known(fit, p) || !is_known(fit, q)) continue;
    const double a = art_log(fit->value[p]), b = art_log(fit->value[q]);
    n += 1.0;
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  if (count) *count = (int32_t)n;
  const double vx = n * xx - x * x, vy = n * yy - y * y;
  return n >= 3.0 && vx > 0.0 && vy > 0.0 ? (n * xy - x * y) / sqrt(vx * vy) : NAN;
}
