// String stability of the IDM: V03 (criterion, bands, growth on a ring) and the ring of Sugiyama, V04, with the kernel;
// tests/validation/test_ring.c has it with the whole engine.
#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/known_answer.h"
#include "tests/validation/platoon.h"

typedef struct drivers {
  const char *name;
  double v0, T, s0, a, b;
} drivers;

static const drivers year2000 = { "2000", 120.0 / 3.6, 1.6, 2.0, 0.73, 1.67 };
static const drivers common = { "common", 120.0 / 3.6, 1.5, 2.0, 1.0, 1.5 };
static const drivers lively = { "common with a=1.4, b=2.0", 120.0 / 3.6, 1.5, 2.0, 1.4, 2.0 };
static const drivers highway = { "highway", 120.0 / 3.6, 1.0, 2.0, 1.0, 1.5 };
static const drivers city = { "city", 54.0 / 3.6, 1.0, 2.0, 1.0, 1.5 };
static const drivers city50 = { "city50", 50.0 / 3.6, 1.2, 2.0, 1.5, 2.0 };
static const drivers sugiyama = { "Sugiyama", 40.0 / 3.6, 1.0, 2.0, 0.73, 1.67 };
static const drivers calm = { "common with a=2.0", 120.0 / 3.6, 1.5, 2.0, 2.0, 1.5 };

static double equilibrium_gap(const drivers *d, double v)
{
  return (d->s0 + v * d->T) / sqrt(1.0 - pow(v / d->v0, 4.0));
}

/// Partial derivatives of the acceleration in equilibrium at speed v: by gap, own speed, leader's speed.
typedef struct partials {
  double s, v, l;
} partials;

static partials partials_at(const drivers *d, double v)
{
  const double gap = equilibrium_gap(d, v), wanted = d->s0 + v * d->T, root = 2.0 * sqrt(d->a * d->b);
  const double press = 2.0 * d->a * wanted / (gap * gap);
  return (partials){ .s = press * wanted / gap,
                     .v = -4.0 * d->a * v * v * v / pow(d->v0, 4.0) - press * (d->T + v / root),
                     .l = press * v / root };
}

/// Positive where disturbances decay from vehicle to vehicle.
static double margin(const drivers *d, double v)
{
  const partials f = partials_at(d, v);
  return f.v * f.v - f.l * f.l - 2.0 * f.s;
}

/// Speed between low and high where the margin changes its sign.
static double crossing(const drivers *d, double low, double high)
{
  const int sign = margin(d, low) > 0.0;
  for (int n = 0; n < 200; ++n) {
    const double mid = 0.5 * (low + high);
    if ((margin(d, mid) > 0.0) == sign)
      low = mid;
    else
      high = mid;
  }
  return 0.5 * (low + high);
}

static double least_margin(const drivers *d)
{
  double least = INFINITY;
  for (int k = 0; k < 20000; ++k) least = fmin(least, margin(d, d->v0 * (1e-9 + k / 20000.0)));
  return least;
}

static double least_stable_accel(drivers d)
{
  double low = 0.1, high = 10.0;
  for (int n = 0; n < 60; ++n) {
    d.a = 0.5 * (low + high);
    if (least_margin(&d) >= 0.0)
      high = d.a;
    else
      low = d.a;
  }
  return 0.5 * (low + high);
}

static void v03_unstable_bands(void **state)
{
  (void)state;
  static const struct {
    const drivers *set;
    double from, to, thin, dense, accel;
  } rows[] = { { &year2000, 0, 22.952, 20.416, 0, 1.3311 },
               { &common, 0.908, 18.634, 27.375, 119.58, 1.2765 },
               { &lively, 4.738, 16.413, 30.828, 70.874, 1.5526 },
               { &highway, 0, 20.129, 34.764, 0, 2.0 },
               { &city, 0, 8.934, 59.897, 0, 2.0 },
               { &city50, 1.0, 5.950, 69.94, 121.96, 1.6199 } };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
    const drivers *d = rows[r].set;
    const double inside = rows[r].from + 0.5 * (rows[r].to - rows[r].from);
    assert_true(margin(d, inside) < 0.0);
    const double to = crossing(d, inside, 0.999 * d->v0);
    char what[96];
    snprintf(what, sizeof what, "upper end of the unstable speeds, set %s", d->name);
    art_answer(ART_GATE_HARD, "V03", what, "m/s", rows[r].to, to, 1e-3 * rows[r].to);
    snprintf(what, sizeof what, "density there, set %s", d->name);
    art_answer(ART_GATE_HARD, "V03", what, "veh/km", rows[r].thin, 1000.0 / (equilibrium_gap(d, to) + 5.0),
               1e-3 * rows[r].thin);
    if (rows[r].from > 0.0) {
      const double from = crossing(d, 1e-6, inside);
      snprintf(what, sizeof what, "lower end of the unstable speeds, set %s", d->name);
      art_answer(ART_GATE_HARD, "V03", what, "m/s", rows[r].from, from, 1e-3 * rows[r].from);
      snprintf(what, sizeof what, "density there (dense), set %s", d->name);
      art_answer(ART_GATE_HARD, "V03", what, "veh/km", rows[r].dense,
                 1000.0 / (equilibrium_gap(d, from) + 5.0), 1e-3 * rows[r].dense);
    } else {
      assert_true(margin(d, 1e-6) < 0.0);  // unstable down to standstill
    }
    snprintf(what, sizeof what, "least acceleration that is stable at all speeds, set %s", d->name);
    art_answer(ART_GATE_HARD, "V03", what, "m/s2", rows[r].accel, least_stable_accel(*d),
               1e-3 * rows[r].accel);
  }
}

// --- rings -------------------------------------------------------------------------------------------------------------

typedef struct ring {
  const drivers *set;
  int count;
  double ring_m, length_m;
} ring;
static const ring first_ring = { &sugiyama, 22, 230.0, 4.0 };
static const ring city_ring = { &city, 22, 230.0, 5.0 };
static const ring long_ring = { &year2000, 50, 1000.0, 5.0 };

static double equilibrium_speed(const ring *r)
{
  const double gap = r->ring_m / r->count - r->length_m;
  double low = 0.0, high = r->set->v0;
  for (int n = 0; n < 200; ++n) {
    const double mid = 0.5 * (low + high);
    if (equilibrium_gap(r->set, mid) < gap)
      low = mid;
    else
      high = mid;
  }
  return 0.5 * (low + high);
}

/// The root of L^2 - L (f_v + f_l e^{-ih}) - f_s (e^{-ih} - 1) = 0 that grows fastest, h = 2 pi mode / N.
static double complex growth(const ring *r, int mode)
{
  const partials f = partials_at(r->set, equilibrium_speed(r));
  const double complex e = cexp(-2.0 * I * acos(-1.0) * mode / r->count);
  const double complex p = f.v + f.l * e, root = csqrt(p * p + 4.0 * f.s * (e - 1.0));
  const double complex one = 0.5 * (p + root), two = 0.5 * (p - root);
  return creal(one) > creal(two) ? one : two;
}

static const art_type_table *ring_types(type_store *store, const ring *r, double dt)
{
  art_vtype type = art_vtype_default();
  type.time_gap_s = (float)r->set->T;
  type.min_gap_m = (float)r->set->s0;
  type.accel_mps2 = (float)r->set->a;
  type.decel_mps2 = (float)r->set->b;
  return store_types(store, &type, 1, dt);
}

static platoon_row start_ring(const ring *r, double amplitude_m)
{
  platoon_row p = { .count = r->count, .v0 = r->set->v0, .length_m = r->length_m, .ring_m = r->ring_m };
  const double v = equilibrium_speed(r);
  for (int i = 0; i < p.count; ++i) {
    p.x[i] = -i * r->ring_m / r->count + amplitude_m * cos(2.0 * acos(-1.0) * i / r->count);
    p.v[i] = v;
  }
  return p;
}

/// The same step as platoon_step() with the published formula in double precision.
static void exact_step(platoon_row *p, const drivers *d, double dt)
{
  double accel[PLATOON_MOST];
  for (int i = 0; i < p->count; ++i) {
    const double v = p->v[i], vl = p->v[i > 0 ? i - 1 : p->count - 1];
    const double z =
        (d->s0 + fmax(0.0, v * d->T + v * (v - vl) / (2.0 * sqrt(d->a * d->b)))) / platoon_gap(p, i);
    accel[i] = d->a * (1.0 - pow(v / d->v0, 4.0) - z * z);
  }
  for (int i = 0; i < p->count; ++i) {
    const double v = p->v[i], after = v + accel[i] * dt;
    p->x[i] += after >= 0.0 ? v * dt + 0.5 * accel[i] * dt * dt : -0.5 * v * v / accel[i];
    p->v[i] = fmax(after, 0.0);
  }
}

/// Amplitude of the first mode of the displacements.
static double amplitude(const platoon_row *p)
{
  double mean = 0.0;
  for (int i = 0; i < p->count; ++i) mean += (p->x[i] + i * p->ring_m / p->count) / p->count;
  double complex sum = 0.0;
  for (int i = 0; i < p->count; ++i)
    sum += (p->x[i] + i * p->ring_m / p->count - mean) * cexp(2.0 * I * acos(-1.0) * i / p->count);
  return cabs(sum);
}

static double measured_growth(const ring *r, double dt, int is_kernel)
{
  type_store store;
  const art_type_table *types = ring_types(&store, r, dt);
  platoon_row p = start_ring(r, is_kernel ? 1e-2 : 1e-5);  // floats see no less
  double from = 0.0;
  const int start = (int)(30.0 / dt + 0.5), end = (int)(90.0 / dt + 0.5);
  for (int n = 0; n < end; ++n) {
    if (n == start) from = amplitude(&p);
    if (is_kernel)
      platoon_step(&p, ART_MODEL_IDM, types, dt);
    else
      exact_step(&p, r->set, dt);
  }
  return log(amplitude(&p) / from) / ((end - start) * dt);
}

static void v03_growth_on_rings(void **state)
{
  (void)state;
  const double complex first = growth(&first_ring, 1);
  art_answer(ART_GATE_HARD, "V03", "speed of 22 cars on 230 m, first ring", "m/s", 4.376399,
             equilibrium_speed(&first_ring), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "growth of mode 1, first ring, root", "1/s", 0.029418, creal(first), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "frequency of mode 1, first ring, root", "1/s", 0.208237,
             fabs(cimag(first)), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "speed, city ring", "m/s", 3.446935, equilibrium_speed(&city_ring), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "growth of mode 1, city ring, root", "1/s", 0.022610,
             creal(growth(&city_ring, 1)), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "speed of 50 on 1000 m, set 2000", "m/s", 8.108572,
             equilibrium_speed(&long_ring), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "growth of mode 1, 50 on 1000 m, root", "1/s", 0.007085,
             creal(growth(&long_ring, 1)), 1e-6);
  art_answer(ART_GATE_HARD, "V03", "growth of mode 2, 50 on 1000 m, root", "1/s", 0.013065,
             creal(growth(&long_ring, 2)), 1e-6);

  static const struct {
    const ring *r;
    const char *name;
    double exact, expected[3];
  } rows[] = { { &first_ring, "first ring", 0.029418, { 0.02952, 1.034 * 0.029418, 1.17 * 0.029418 } },
               { &city_ring, "city ring", 0.022610, { 0.02272, 1.048 * 0.022610, 1.25 * 0.022610 } } };
  static const double steps[] = { 0.01, 0.1, 0.5 };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
    double last = 0.0;
    for (int k = 0; k < 3; ++k) {
      const double got = measured_growth(rows[r].r, steps[k], 0),
                   kernel = measured_growth(rows[r].r, steps[k], 1);
      char what[96];
      snprintf(what, sizeof what, "measured growth, %s, step %g s", rows[r].name, steps[k]);
      art_answer(ART_GATE_HARD, "V03", what, "1/s", rows[r].expected[k], got, 0.02 * rows[r].expected[k]);
      snprintf(what, sizeof what, "measured growth, kernel, %s, step %g s", rows[r].name, steps[k]);
      art_answer(ART_GATE_HARD, "V03", what, "1/s", rows[r].expected[k], kernel, 0.02 * rows[r].expected[k]);
      assert_true(got - rows[r].exact > last);  // the error of the step grows with it
      last = got - rows[r].exact;
    }
  }
}

static void v03_stable_ring_calms_down(void **state)
{
  (void)state;
  const ring r = { &calm, 50, 1000.0, 5.0 };
  type_store store;
  const art_type_table *types = ring_types(&store, &r, 0.1);
  platoon_row p = start_ring(&r, 0.0);
  p.x[7] -= 6.0;
  p.v[20] = 0.0;
  for (int n = 0; n < 30000; ++n) platoon_step(&p, ART_MODEL_IDM, types, 0.1);
  double slowest = INFINITY, fastest = 0.0;
  for (int i = 0; i < p.count; ++i) {
    slowest = fmin(slowest, p.v[i]);
    fastest = fmax(fastest, p.v[i]);
  }
  art_answer(ART_GATE_HARD, "V03", "slowest on the stable ring after 3000 s", "m/s", 8.64403, slowest, 1e-3);
  art_answer(ART_GATE_HARD, "V03", "fastest on the stable ring after 3000 s", "m/s", 8.64403, fastest, 1e-3);
}

static void v04_sugiyama_kernel(void **state)
{
  (void)state;
  static const struct {
    double dt, speed, flow;
  } rows[] = { { 0.01, 2.43, 838.0 }, { 0.1, 2.41, 830.0 } };
  for (size_t k = 0; k < 2; ++k) {
    type_store store;
    const double dt = rows[k].dt;
    const art_type_table *types = ring_types(&store, &first_ring, dt);
    platoon_row p = start_ring(&first_ring, 0.01);
    double sum = 0.0, least = INFINITY, most = 0.0;
    int64_t samples = 0;
    const int steps = (int)(3000.0 / dt), settled = (int)(1500.0 / dt);
    for (int n = 0; n < steps; ++n) {
      platoon_step(&p, ART_MODEL_IDM, types, dt);
      if (n < settled) continue;
      for (int i = 0; i < p.count; ++i) {
        sum += p.v[i];
        least = fmin(least, p.v[i]);
        most = fmax(most, p.v[i]);
      }
      samples += p.count;
    }
    const double mean = sum / (double)samples;
    char what[96];
    snprintf(what, sizeof what, "mean speed on the ring, kernel, step %g s", dt);
    art_answer(ART_GATE_HARD, "V04", what, "m/s", rows[k].speed, mean, 0.02 * rows[k].speed);
    snprintf(what, sizeof what, "flow on the ring, kernel, step %g s", dt);
    art_answer(ART_GATE_HARD, "V04", what, "veh/h", rows[k].flow, 3600.0 * mean * 22.0 / 230.0,
               0.02 * rows[k].flow);
    snprintf(what, sizeof what, "lowest speed in the jam, kernel, step %g s", dt);
    art_answer(ART_GATE_HARD, "V04", what, "m/s", 0.0, least, 1e-3);
    snprintf(what, sizeof what, "highest speed on the ring, kernel, step %g s", dt);
    art_answer_within(ART_GATE_HARD, "V04", what, "m/s", 0.98 * 8.44, 1.02 * 8.48, most);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v03_unstable_bands),
    cmocka_unit_test(v03_growth_on_rings),
    cmocka_unit_test(v03_stable_ring_calms_down),
    cmocka_unit_test(v04_sugiyama_kernel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
