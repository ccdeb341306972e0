/// Memory bandwidth: a[i] = b[i] + s c[i] over arrays much larger than the caches, best of several passes.
/// bench_triad [MiB per array] [passes]; one line per number of threads:
///     triad: threads=1 array_mib=256 passes=10 gb_per_s=16.52
/// Counted are two reads and one write of 8 bytes per element, as is custom; that a written line is first fetched is not.
#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct arrays {
  double *a, *b, *c;
  size_t count;
} arrays;

/// The threads that will read a part touch it first, so that it lies near them.
static void fill(const arrays *x, int threads)
{
#pragma omp parallel for simd num_threads(threads) schedule(static)
  for (size_t i = 0; i < x->count; ++i) {
    x->a[i] = 0.0;
    x->b[i] = 1.0 + (double)(i & 7);
    x->c[i] = 2.0;
  }
}

static double pass_s(const arrays *x, double factor, int threads)
{
  double *restrict a = x->a;
  const double *restrict b = x->b, *restrict c = x->c;
  const double start_s = omp_get_wtime();
#pragma omp parallel for simd num_threads(threads) schedule(static)
  for (size_t i = 0; i < x->count; ++i) a[i] = b[i] + factor * c[i];
  return omp_get_wtime() - start_s;
}

/// GB/s of the best pass, or a negative number if the sums came out wrong or there is no memory.
static double measure(size_t count, int passes, int threads)
{
  arrays x = { .count = count };
  x.a = malloc(count * sizeof(double));
  x.b = malloc(count * sizeof(double));
  x.c = malloc(count * sizeof(double));
  double best_s = -1.0;
  if (x.a && x.b && x.c) {
    fill(&x, threads);
    for (int p = 0; p < passes; ++p) {
      const double s = pass_s(&x, (double)(p + 1), threads);
      if (best_s < 0.0 || s < best_s) best_s = s;
      const size_t k = (count - 1) / (size_t)(p + 1);
      if (x.a[k] != 1.0 + (double)(k & 7) + 2.0 * (double)(p + 1)) best_s = -2.0;
      if (best_s == -2.0) break;
    }
  }
  free(x.a);
  free(x.b);
  free(x.c);
  return best_s > 0.0 ? 24e-9 * (double)count / best_s : -1.0;
}

static long number(const char *text, long fallback, long least, long most)
{
  if (!text) return fallback;
  char *end;
  errno = 0;
  const long value = strtol(text, &end, 10);
  if (errno || *end || end == text || value < least || value > most) {
    fprintf(stderr, "bench_triad: '%s' is not a whole number from %ld to %ld\n", text, least, most);
    exit(2);
  }
  return value;
}

int main(int argc, char **argv)
{
  const long mib = number(argc > 1 ? argv[1] : NULL, 256, 1, 65536);
  const int passes = (int)number(argc > 2 ? argv[2] : NULL, 10, 1, 1000);
  const int most = omp_get_max_threads();
  for (int threads = 1; threads <= most; threads = threads < most && 2 * threads > most ? most : 2 * threads) {
    const double rate = measure((size_t)mib << 17, passes, threads);
    if (rate <= 0.0) {
      fprintf(stderr, "bench_triad: %ld MiB an array: no memory, or wrong sums\n", mib);
      return 1;
    }
    printf("triad: threads=%d array_mib=%ld passes=%d gb_per_s=%.2f\n", threads, mib, passes, rate);
  }
  return 0;
}
