/// \file platoon.h
/// Vehicles in a row or on a ring, driven by one kernel. Places and speeds are doubles, so that only the kernel rounds.
#ifndef ART_TESTS_VALIDATION_PLATOON_H
#define ART_TESTS_VALIDATION_PLATOON_H
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/step/kernels.h"
#include "scenarios/run/kernels.h"

enum { PLATOON_TYPES = 8, PLATOON_MOST = 256 };

/// A type table for kernels, from types.
typedef struct type_store {
#define X(name, unit, initial, lowest, highest, sentence) float name[PLATOON_TYPES];
  ART_TYPE_PARAM_LIST(X)
#undef X
  int32_t vclass[PLATOON_TYPES], model[PLATOON_TYPES];
  art_type_table table;
} type_store;

static inline const art_type_table *store_types(type_store *s, const art_vtype *type, int count,
                                                double step_s)
{
  s->table =
      (art_type_table){ .count = count, .vclass = s->vclass, .model = s->model, .step_s = (float)step_s };
#define X(param, unit, initial, lowest, highest, sentence) \
  s->table.param = s->param;                               \
  for (int t = 0; t < count; ++t) s->param[t] = type[t].param;
  ART_TYPE_PARAM_LIST(X)
#undef X
  for (int t = 0; t < count; ++t) {
    s->vclass[t] = type[t].vclass;
    s->model[t] = type[t].model;
  }
  return &s->table;
}

typedef struct platoon_row {
  int count;
  double x[PLATOON_MOST], v[PLATOON_MOST], accel[PLATOON_MOST];
  double v0, length_m;
  double ring_m;      ///< 0: open, vehicle 0 leads
  int connected;      ///< 1: all tell their acceleration by radio
  double lead_accel;  ///< of vehicle 0 on an open road
} platoon_row;

static inline double platoon_gap(const platoon_row *p, int i)
{
  if (i > 0) return p->x[i - 1] - p->length_m - p->x[i];
  return p->ring_m > 0.0 ? p->x[p->count - 1] + p->ring_m - p->length_m - p->x[0] : (double)INFINITY;
}

/// One step of a model with its own integration. All of one type.
static inline void platoon_step(platoon_row *p, int model, const art_type_table *types, double dt)
{
  static const uint16_t type[PLATOON_MOST] = { 0 };
  float speed[PLATOON_MOST], desired[PLATOON_MOST], gap[PLATOON_MOST], lead[PLATOON_MOST],
      accel[PLATOON_MOST], lead_accel[PLATOON_MOST], own[PLATOON_MOST];
  const art_kernels *k = art_models_kernels();
  const int first = p->ring_m > 0.0 ? 0 : 1;
  for (int i = 0; i < p->count; ++i) {
    const int before = i > 0 ? i - 1 : p->count - 1;
    speed[i] = (float)p->v[i];
    desired[i] = (float)p->v0;
    gap[i] = (float)platoon_gap(p, i);
    lead[i] = (float)p->v[before];
    lead_accel[i] = (float)p->accel[before];
    own[i] = (float)p->accel[i];
  }
  uint8_t connected[PLATOON_MOST];
  memset(connected, p->connected, sizeof connected);
  const art_follow_view view = { .count = p->count - first,
                                 .type = type,
                                 .speed_mps = speed + first,
                                 .desired_mps = desired + first,
                                 .gap_m = gap + first,
                                 .lead_speed_mps = lead + first,
                                 .accel_mps2 = accel + first,
                                 .lead_accel_mps2 = lead_accel + first,
                                 .own_accel_mps2 = own + first,
                                 .lead_is_connected = connected };
  k->follow[model](types, &view);
  if (first) accel[0] = (float)p->lead_accel;
  for (int i = 0; i < p->count; ++i) {
    const double a = (double)accel[i], v = p->v[i], after = fmax(v + a * dt, 0.0);
    if (k->integration[model] == ART_EULER)
      p->x[i] += after * dt;
    else
      p->x[i] += v + a * dt >= 0.0 ? v * dt + 0.5 * a * dt * dt : v > 0.0 ? -0.5 * v * v / a : 0.0;
    p->v[i] = after;
    p->accel[i] = (after - v) / dt;
  }
}

#endif  // ART_TESTS_VALIDATION_PLATOON_H
