// Statistical practice: V68 number of replications, V69 pairing (the formula; the engine's part is in test_pairing.c),
// V70 warm-up, V71 queues that random numbers must reproduce.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "core/num/real.h"
#include "scenarios/compare/statistics.h"
#include "tests/support/known_answer.h"
#include "tests/support/seed.h"

static void v68_replications(void **state)
{
  (void)state;
  const double sd = 12.0, half_width = 5.0;
  const double few = art_stats_t(.95, 9) * sd / half_width, many = art_stats_t(.95, 24) * sd / half_width;
  // The case computes with quantiles of three digits: 2.262 and 2.064, each uncertain by 0.0005.
  art_answer(ART_GATE_HARD, "V68", "replications by the quantile of 9 degrees, s = 12, eps = 5", "runs",
             29.47, few * few, 2.0 * few * 0.0005 * sd / half_width + 5e-3);
  art_answer(ART_GATE_HARD, "V68", "the same by that of 24 degrees", "runs", 24.54, many * many,
             2.0 * many * 0.0005 * sd / half_width + 5e-3);
  art_answer(ART_GATE_HARD, "V68", "replications, iterated", "runs", 25,
             (double)art_stats_replications(sd, half_width, .95, 100000), 0.0);
  art_answer(ART_GATE_HARD, "V68", "half width with 10 runs", "units of s", 8.5837,
             art_stats_t(.95, 9) * sd / sqrt(10.0), 0.0005 * sd / sqrt(10.0));
}

/// Base and alternative with standard deviation 10 each and correlation .8: alt = .8 u + .6 v with u, v uncorrelated.
static void v69_pairing(void **state)
{
  (void)state;
  const double scale = sqrt(3.0) / 2.0;  // makes the sample variance of four values +-1 one
  const double u[] = { 1, 1, -1, -1 }, v[] = { 1, -1, 1, -1 };
  double base[4], alt[4];
  for (int i = 0; i < 4; ++i) {
    base[i] = 100 + 10 * scale * u[i];
    alt[i] = 97 + 10 * scale * (.8 * u[i] + .6 * v[i]);
  }
  const art_paired r = art_stats_paired(4, base, alt, .95);
  art_answer(ART_GATE_HARD, "V69", "correlation of the example", "1", .8, r.correlation, 1e-9);
  art_answer(ART_GATE_HARD, "V69", "standard deviation of paired differences", "units of s", 6.3246,
             r.difference_sd, 5e-5);
  art_answer(ART_GATE_HARD, "V69", "standard deviation without pairing", "units of s", 14.1421,
             sqrt(r.gain) * r.difference_sd, 5e-5);
}

static void v70_warm_up(void **state)
{
  (void)state;
  double x[500];
  for (int sign = 1; sign >= -1; sign -= 2) {
    for (int i = 0; i < 500; ++i) x[i] = 10.0 * art_exp(-i / 20.0) + sign * (i % 2 ? -1.0 : 1.0);
    art_answer(ART_GATE_HARD, "V70", sign > 0 ? "MSER-5, decay plus (-1)^i" : "MSER-5, decay minus (-1)^i",
               "observations", sign > 0 ? 75 : 80, (double)art_stats_mser5(500, x), 0.0);
  }
}

// ---- V71 -------------------------------------------------------------------------------------------------------------

/// Mean wait of M/G/1 before service, by Pollaczek and Khinchine.
static double mean_wait(double arrivals_vps, double service_s, double service_variance_s2)
{
  const double load = arrivals_vps * service_s;
  return arrivals_vps * (service_variance_s2 + service_s * service_s) / (2.0 * (1.0 - load));
}

static double exponential(uint64_t seed, uint64_t customer, art_purpose purpose, double mean)
{
  return -mean * art_log(1.0 - art_uniform(art_rng(seed, customer, 0, purpose)));
}

/// Mean wait of `customers` in a queue with one server, by Lindley's recursion, with draws keyed as those of vehicles.
static double simulated_wait(uint64_t seed, int64_t customers, double gap_s, double service_s,
                             int service_varies)
{
  double wait_s = 0.0, sum_s = 0.0;
  for (int64_t i = 0; i < customers; ++i) {
    const uint64_t key = (uint64_t)i;
    sum_s += wait_s;
    const double busy_s = service_varies ? exponential(seed, key, ART_FOR_TYPE, service_s) : service_s;
    wait_s = fmax(0.0, wait_s + busy_s - exponential(seed, key, ART_FOR_FLOW, gap_s));
  }
  return sum_s / (double)customers;
}

static void v71_queues(void **state)
{
  (void)state;
  enum { CUSTOMERS = 6000000 };  // the standard error of M/M/1 is then 0.4 %
  const double gap_s = 3600.0 / 600.0, service_s = 3600.0 / 800.0;
  const double constant_s = mean_wait(1.0 / gap_s, service_s, 0.0);
  const double exponential_s = mean_wait(1.0 / gap_s, service_s, service_s * service_s);
  art_answer(ART_GATE_HARD, "V71", "M/D/1, formula, mean wait", "s", 6.75, constant_s, 1e-9);
  art_answer(ART_GATE_HARD, "V71", "M/M/1, formula, mean wait", "s", 13.50, exponential_s, 1e-9);
  const uint64_t seed = art_test_seed();
  art_answer(ART_GATE_HARD, "V71", "M/D/1, random numbers of the engine", "s", 6.75,
             simulated_wait(seed, CUSTOMERS, gap_s, service_s, 0), 0.02 * 6.75);
  art_answer(ART_GATE_HARD, "V71", "M/M/1, random numbers of the engine", "s", 13.50,
             simulated_wait(seed, CUSTOMERS, gap_s, service_s, 1), 0.02 * 13.50);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v68_replications),
    cmocka_unit_test(v69_pairing),
    cmocka_unit_test(v70_warm_up),
    cmocka_unit_test(v71_queues),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
