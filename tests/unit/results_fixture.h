/// \file results_fixture.h
/// The crossing of tests/support with a drawing, a scenario around it, and two trips per minute from west to
/// east.
#ifndef ART_TESTS_UNIT_RESULTS_FIXTURE_H
#define ART_TESTS_UNIT_RESULTS_FIXTURE_H
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/city/city.h"
#include "io/config/scenario.h"
#include "tests/support/build_net.h"

/// Lanes are straight; the four arms end 10 m from the middle, where (0, 0) is.
static inline art_city *results_city(void)
{
  static const double ends[7][4] = { { -210, 0, -10, 0 }, { 0, -210, 0, -10 }, { 10, 0, 210, 0 },
                                     { 0, 10, 0, 210 },   { -10, 0, 10, 0 },   { -10, 0, 0, 10 },
                                     { 0, -10, 0, 10 } };
  static const double nodes[5][2] = { { 0, 0 }, { -210, 0 }, { 0, -210 }, { 210, 0 }, { 0, 210 } };
  art_city *city = art_city_new();
  if (city->net) art_net_free(city->net);
  city->net = art_test_net_crossing();
  const art_net *net = city->net;
  city->title = art_strdup("crossing");
  city->node_x = ART_NEW(double, net->node_count);
  city->node_y = ART_NEW(double, net->node_count);
  for (int32_t n = 0; n < net->node_count; ++n) {
    city->node_x[n] = nodes[n][0];
    city->node_y[n] = nodes[n][1];
  }
  city->lane_first_point = ART_NEW(int64_t, net->lane_count + 1);
  city->point_x = ART_NEW(double, 2 * net->lane_count);
  city->point_y = ART_NEW(double, 2 * net->lane_count);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    city->lane_first_point[lane + 1] = 2 * (lane + 1);
    for (int k = 0; k < 2; ++k) {
      city->point_x[2 * lane + k] = ends[lane][2 * k];
      city->point_y[2 * lane + k] = ends[lane][2 * k + 1];
    }
  }
  city->node_first_point = ART_NEW(int64_t, net->node_count + 1);
  city->node_point_x = ART_NEW(double, 1);
  city->node_point_y = ART_NEW(double, 1);
  city->link_name = ART_NEW(char *, net->link_count);
  city->link_name[0] = art_strdup("Via dell'Indipendenza");
  return city;
}

static inline art_demand *results_demand(const art_city *city, int64_t begin_ms)
{
  static const int32_t route[2] = { 0, 2 };  // w_in, e_out
  return art_test_demand_flow(city->net, 2, route, 4, begin_ms, 30000);
}

/// 08:00 to 08:03 on a winter day in Bologna, every group on.
static inline art_scenario results_scenario(void)
{
  const art_scenario s = { .path = (char *)"crossing.yaml",
                           .title = (char *)"A crossing",
                           .city_path = (char *)"crossing.city.h5",
                           .date = (char *)"2024-02-13",
                           .timezone = (char *)"Europe/Rome",
                           .begin_ms = 28800000,
                           .end_ms = 28980000,
                           .step_ms = 500,
                           .seed = 7,
                           .links_every_ms = 60000,
                           .movements_every_ms = 60000,
                           .totals_every_ms = 60000,
                           .trajectories_every_ms = 60000,
                           .trips = 1,
                           .signals = 1,
                           .detectors = 1,
                           .config_text = (char *)"title: \"A crossing\"\nseed: 7\n" };
  return s;
}

/// A name in a fresh folder; free it. The folder is left to the temporary directory.
static inline char *results_path(void)
{
  char folder[] = "/tmp/arterial_results_XXXXXX";
  const char *made = mkdtemp(folder);
  char *path = ART_NEW(char, sizeof folder + 16);
  strcpy(path, made ? folder : "/tmp");
  return strcat(path, "/out.h5");
}

static inline void results_remove(char *path)
{
  unlink(path);
  *strrchr(path, '/') = '\0';
  rmdir(path);
  free(path);
}

#endif  // ART_TESTS_UNIT_RESULTS_FIXTURE_H
