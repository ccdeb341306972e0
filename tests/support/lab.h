/// \file lab.h
/// Traffic laboratories: demands with exact arrival instants, and streams whose headways follow a distribution exactly.
#ifndef ART_TESTS_SUPPORT_LAB_H
#define ART_TESTS_SUPPORT_LAB_H
#include <stdint.h>

#include "core/fleet/demand.h"

typedef struct art_lab_trip {
  int64_t depart_ms;
  float pos_m, speed_mps;  ///< as trip_depart_pos_m and trip_depart_speed_mps
  int32_t route, type;
} art_lab_trip;

enum { ART_LAB_LINKS = 24 };
/// A route is a list of links that ends with -1, at most ART_LAB_LINKS of them.
typedef struct art_lab_route {
  int32_t link[ART_LAB_LINKS + 1];
} art_lab_route;

/// A passenger car whose drivers are all alike and do not waver: a junction's rules can be told from what drivers add.
art_vtype art_lab_car(void);

/// Trips in any order; free with art_demand_free().
art_demand *art_lab_demand(int32_t type_count, const art_vtype *types, int32_t route_count,
                           const art_lab_route *routes, int32_t trip_count, const art_lab_trip *trips);

/// `count` exponential headways with mean `mean_s`, every quantile once, in an order drawn by `seed`: a Poisson stream
/// whose distribution of headways is not subject to chance.
void art_lab_exponential(double mean_s, int32_t count, uint64_t seed, double *headway_s);

/// A trip that passes the place `pos_m` of its first link at exactly `at_s`, driving at `speed_mps`: it departs with the
/// first step of `step_ms` from then on, as far on as it has come by then.
art_lab_trip art_lab_arrival(double at_s, float pos_m, float speed_mps, int32_t step_ms, int32_t route,
                             int32_t type);

#endif  // ART_TESTS_SUPPORT_LAB_H
