#include "models/estimation/fit_measures.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"

double art_geh(double modelled, double observed)
{
  const double sum = modelled + observed, off = modelled - observed;
  return sum > 0.0 ? sqrt(2.0 * off * off / sum) : 0.0;
}

static int compare_doubles(const void *pa, const void *pb)
{
  const double a = *(const double *)pa, b = *(const double *)pb;
  return a < b ? -1 : a > b;
}

double art_median(int32_t count, double *values)
{
  if (count <= 0) return NAN;
  art_sort(values, (size_t)count, sizeof *values, compare_doubles);
  return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

art_fit_measures art_fit_measures_of(int32_t count, const double *modelled, const double *observed,
                                     const uint8_t *use)
{
  art_fit_measures f = { 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
  double *geh = ART_NEW(double, count);
  int32_t n = 0, under = 0;
  double sum_m = 0.0, sum_c = 0.0, residual = 0.0, largest = 0.0;
  for (int32_t i = 0; i < count; ++i) {
    if (use && !use[i]) continue;
    const double g = art_geh(modelled[i], observed[i]), off = modelled[i] - observed[i];
    geh[n++] = g;
    under += g < 5.0;
    if (g > largest) largest = g;
    sum_m += modelled[i];
    sum_c += observed[i];
    residual += off * off;
  }
  if (n > 0) {
    const double mean_m = sum_m / n, mean_c = sum_c / n;
    double mm = 0.0, cc = 0.0, mc = 0.0;
    for (int32_t i = 0; i < count; ++i) {
      if (use && !use[i]) continue;
      mm += (modelled[i] - mean_m) * (modelled[i] - mean_m);
      cc += (observed[i] - mean_c) * (observed[i] - mean_c);
      mc += (modelled[i] - mean_m) * (observed[i] - mean_c);
    }
    f = (art_fit_measures){ .count = n,
                            .geh5_share = (double)under / n,
                            .geh_median = art_median(n, geh),
                            .geh_max = largest,
                            .rmse = sqrt(residual / n),
                            .bias = mean_m - mean_c,
                            .r2 = cc > 0.0 ? 1.0 - residual / cc : NAN,
                            .correlation = mm > 0.0 && cc > 0.0 ? mc / sqrt(mm * cc) : NAN };
  }
  free(geh);
  return f;
}

typedef struct point {
  double value, a, b;
} point;

static int compare_points(const void *pa, const void *pb)
{
  const double a = ((const point *)pa)->value, b = ((const point *)pb)->value;
  return a < b ? -1 : a > b;
}

double art_weighted_ks(int32_t count, const double *values, const double *weight_a, const double *weight_b)
{
  double total_a = 0.0, total_b = 0.0, below_a = 0.0, below_b = 0.0, largest = 0.0;
  point *p = ART_NEW(point, count);
  for (int32_t i = 0; i < count; ++i) {
    p[i] = (point){ values[i], weight_a[i], weight_b[i] };
    total_a += weight_a[i];
    total_b += weight_b[i];
  }
  art_sort(p, (size_t)count, sizeof *p, compare_points);
  for (int32_t i = 0; i < count && total_a > 0.0 && total_b > 0.0; ++i) {
    below_a += p[i].a;
    below_b += p[i].b;
    if (i + 1 < count && p[i + 1].value == p[i].value) continue;  // shares count at whole values only
    const double off = fabs(below_a / total_a - below_b / total_b);
    if (off > largest) largest = off;
  }
  free(p);
  return largest;
}
