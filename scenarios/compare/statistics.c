#include "scenarios/compare/statistics.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/base/memory.h"

double art_stats_t(double level, int64_t degrees)
{
  return gsl_cdf_tdist_Pinv(0.5 + 0.5 * level, (double)degrees);
}

/// Sums of squares about the means, over pairs without gaps.
typedef struct pair_sums {
  int64_t count;
  double base, alt;  // sums
  double base2, alt2, cross, difference2;
} pair_sums;

static int is_pair(double base, double alt)
{
  return isfinite(base) && isfinite(alt);
}

static pair_sums sum_pairs(int64_t count, const double *base, const double *alt)
{
  pair_sums s = { 0 };
  for (int64_t i = 0; i < count; ++i) {
    if (!is_pair(base[i], alt[i])) continue;
    ++s.count;
    s.base += base[i];
    s.alt += alt[i];
  }
  if (s.count == 0) return s;
  const double n = (double)s.count, base_mean = s.base / n, alt_mean = s.alt / n;
  for (int64_t i = 0; i < count; ++i) {
    if (!is_pair(base[i], alt[i])) continue;
    const double b = base[i] - base_mean, a = alt[i] - alt_mean;
    s.base2 += b * b;
    s.alt2 += a * a;
    s.cross += a * b;
    s.difference2 += (a - b) * (a - b);
  }
  return s;
}

art_paired art_stats_paired(int64_t count, const double *base, const double *alt, double level)
{
  const pair_sums s = sum_pairs(count, base, alt);
  art_paired r = { .count = s.count,
                   .base_mean = NAN,
                   .alt_mean = NAN,
                   .difference = NAN,
                   .base_sd = NAN,
                   .alt_sd = NAN,
                   .difference_sd = NAN,
                   .low = NAN,
                   .high = NAN,
                   .p = NAN,
                   .correlation = NAN,
                   .gain = NAN };
  if (s.count == 0) return r;
  const double n = (double)s.count;
  r.base_mean = s.base / n;
  r.alt_mean = s.alt / n;
  r.difference = r.alt_mean - r.base_mean;
  if (s.count < 2) return r;
  r.base_sd = sqrt(s.base2 / (n - 1.0));
  r.alt_sd = sqrt(s.alt2 / (n - 1.0));
  r.difference_sd = sqrt(s.difference2 / (n - 1.0));
  // rounding of the means leaves dust where all differences are equal
  const double dust = 1e-12 * (fabs(r.base_mean) + fabs(r.alt_mean));
  if (r.difference_sd <= dust) r.difference_sd = 0.0;
  const double error = r.difference_sd / sqrt(n);
  const double half = art_stats_t(level, s.count - 1) * error;
  r.low = r.difference - half;
  r.high = r.difference + half;
  if (error > 0.0)
    r.p = 2.0 * gsl_cdf_tdist_Q(fabs(r.difference) / error, n - 1.0);
  else
    r.p = fabs(r.difference) <= dust ? 1.0 : 0.0;
  if (s.base2 > 0.0 && s.alt2 > 0.0) r.correlation = s.cross / sqrt(s.base2 * s.alt2);
  r.gain = error > 0.0 ? (s.base2 + s.alt2) / s.difference2 : (s.base2 + s.alt2 > 0.0 ? INFINITY : NAN);
  return r;
}

int64_t art_stats_replications(double sd, double half_width, double level, int64_t most)
{
  if (!(sd > 0.0)) return 2;
  if (!(half_width > 0.0)) return -1;
  for (int64_t n = 2; n <= most; ++n) {
    if (art_stats_t(level, n - 1) * sd / sqrt((double)n) <= half_width) return n;
    // far away: the normal bound can be no larger than the answer
    const double normal = pow(art_stats_t(level, 1000000) * sd / half_width, 2.0);
    if (normal > (double)most) return -1;
    if ((double)(n + 1) < normal) n = (int64_t)normal - 1 > n ? (int64_t)normal - 1 : n;
  }
  return -1;
}

typedef struct ranked {
  double p;
  int64_t index;
} ranked;

static int by_p(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/// p values that are numbers, ascending. Free the result.
static ranked *rank(int64_t count, const double *p, int64_t *used)
{
  ranked *order = ART_NEW(ranked, count > 0 ? count : 1);
  *used = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (!isnan(p[i])) order[(*used)++] = (ranked){ p[i], i };
  }
  art_sort(order, (size_t)*used, sizeof *order, by_p);
  return order;
}

void art_stats_holm(int64_t count, const double *p, double *adjusted)
{
  int64_t used;
  ranked *order = rank(count, p, &used);
  for (int64_t i = 0; i < count; ++i) adjusted[i] = NAN;
  double running = 0.0;
  for (int64_t k = 0; k < used; ++k) {
    running = fmax(running, fmin(1.0, (double)(used - k) * order[k].p));
    adjusted[order[k].index] = running;
  }
  free(order);
}

void art_stats_benjamini_hochberg(int64_t count, const double *p, double *adjusted)
{
  int64_t used;
  ranked *order = rank(count, p, &used);
  for (int64_t i = 0; i < count; ++i) adjusted[i] = NAN;
  double running = 1.0;
  for (int64_t k = used - 1; k >= 0; --k) {
    running = fmin(running, (double)used / (double)(k + 1) * order[k].p);
    adjusted[order[k].index] = running;
  }
  free(order);
}

int64_t art_stats_mser5(int64_t count, const double *values)
{
  const int64_t batches = count / 5;
  if (batches < 2) return 0;
  double *mean = ART_NEW(double, batches);
  for (int64_t k = 0; k < batches; ++k) {
    for (int i = 0; i < 5; ++i) mean[k] += values[5 * k + i] / 5.0;
  }
  double best = INFINITY;
  int64_t cut = 0;
  for (int64_t d = 0; 2 * d < batches; ++d) {
    const double left = (double)(batches - d);
    double average = 0.0, squares = 0.0;
    for (int64_t k = d; k < batches; ++k) average += mean[k] / left;
    for (int64_t k = d; k < batches; ++k) squares += (mean[k] - average) * (mean[k] - average);
    const double error = squares / (left * left);
    if (error < best) {
      best = error;
      cut = d;
    }
  }
  free(mean);
  return 5 * cut;
}
