// Shortest ways against Floyd and Warshall on small random nets.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/net/route.h"
#include "tests/property/random_city.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/seed.h"

/// Time of link l at free flow, as the search counts it: its first lane.
static double link_s(const art_net *net, int32_t l)
{
  const int32_t lane = net->link_first_lane[l];
  return (double)net->lane_length_m[lane] / (double)net->lane_speed_mps[lane];
}

/// Least time from link to link; `from` costs nothing itself. time[from * links + to], INFINITY where there is no way.
static double *all_pairs(const art_net *net, int32_t vclass, const uint8_t *closed, const float *extra_s)
{
  const int32_t n = net->link_count;
  double *time = art_new((size_t)n * (size_t)n, sizeof *time);
  for (int32_t i = 0; i < n * n; ++i) time[i] = INFINITY;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t from = net->connector_from[c], to = net->connector_to[c],
                  path = art_net_lane_of_connector(net, c);
    if (!ART_PERMITS(net->lane_allowed[from], vclass) || !ART_PERMITS(net->lane_allowed[to], vclass) ||
        !ART_PERMITS(net->lane_allowed[path], vclass) || (closed && closed[net->lane_link[to]]))
      continue;
    double *cell = &time[net->lane_link[from] * n + net->lane_link[to]];
    *cell = fmin(*cell, (double)net->lane_length_m[path] / (double)net->lane_speed_mps[path] +
                            (extra_s ? (double)extra_s[c] : 0.0) + link_s(net, net->lane_link[to]));
  }
  for (int32_t i = 0; i < n; ++i) time[i * n + i] = 0.0;
  for (int32_t k = 0; k < n; ++k)
    for (int32_t i = 0; i < n; ++i)
      for (int32_t j = 0; j < n; ++j) {
        // A closed link may be left by who is on it, but not passed through.
        if (closed && closed[k] && k != i) continue;
        time[i * n + j] = fmin(time[i * n + j], time[i * n + k] + time[k * n + j]);
      }
  return time;
}

/// The way is connected for the class and takes the time that it should.
static void check_way(const art_net *net, int32_t vclass, const uint8_t *closed, const float *extra_s,
                      const int32_t *links, int32_t count, double expected)
{
  double time = 0.0;
  for (int32_t h = 1; h < count; ++h) {
    double least = INFINITY;
    for (int32_t c = 0; c < net->connector_count; ++c) {
      const int32_t path = art_net_lane_of_connector(net, c);
      if (net->lane_link[net->connector_from[c]] != links[h - 1] ||
          net->lane_link[net->connector_to[c]] != links[h] ||
          !ART_PERMITS(net->lane_allowed[net->connector_from[c]], vclass) ||
          !ART_PERMITS(net->lane_allowed[net->connector_to[c]], vclass))
        continue;
      least = fmin(least, (double)net->lane_length_m[path] / (double)net->lane_speed_mps[path] +
                              (extra_s ? (double)extra_s[c] : 0.0));
    }
    assert_true(least < INFINITY);
    assert_false(closed && closed[links[h]]);
    time += least + link_s(net, links[h]);
  }
  assert_float_equal(time, expected, 1e-9 * fmax(expected, 1.0));
}

static void ways_are_the_shortest(void **state)
{
  (void)state;
  int found_ways = 0, no_ways = 0;
  for (int i = 0; i < 60; ++i) {
    const uint64_t seed = art_hash2(art_test_seed(), 1000 + (uint64_t)i);
    city_traits traits = city_traits_of(seed);
    traits.trips = 1;
    random_city city = city_build(seed, &traits);
    const art_net *net = city.net;
    const int32_t n = net->link_count, vclass = i % 2 ? ART_VCLASS_BUS : ART_VCLASS_PASSENGER;
    uint8_t *closed = ART_NEW(uint8_t, n);
    for (int32_t l = 0; l < n; ++l) closed[l] = art_hash2(seed, (uint64_t)l) % 8 == 0;
    float *extra_s = ART_NEW(float, net->connector_count);
    for (int32_t c = 0; c < net->connector_count; ++c)
      extra_s[c] = (float)(art_hash2(seed + 1, (uint64_t)c) % 20);
    for (int variant = 0; variant < 4; ++variant) {
      const uint8_t *shut = variant & 1 ? closed : NULL;
      const float *extra = variant & 2 ? extra_s : NULL;
      double *time = all_pairs(net, vclass, shut, extra);
      for (int32_t from = 0; from < n; ++from)
        for (int32_t to = 0; to < n; ++to) {
          int32_t *links, count;
          const int found = extra ? art_route_find_with(net, from, to, vclass, shut, extra, &links, &count)
                                  : art_route_find(net, from, to, vclass, shut, &links, &count);
          assert_int_equal(found, time[from * n + to] < INFINITY);
          if (!found) {
            assert_null(links);
            ++no_ways;
            continue;
          }
          assert_int_equal(links[0], from);
          assert_int_equal(links[count - 1], to);
          check_way(net, vclass, shut, extra, links, count, time[from * n + to]);
          free(links);
          ++found_ways;
        }
      free(time);
    }
    free(extra_s);
    free(closed);
    city_free(&city);
  }
  assert_true(found_ways > 1000 && no_ways > 100);
}

static void ties_go_to_the_lower_link(void **state)
{
  (void)state;
  // A ring is passed the one way there is; from a link to itself is the link alone.
  art_net *ring = art_test_net_ring(4, 2, 100.0f, 10.0f);
  int32_t *links, count;
  assert_true(art_route_find(ring, 3, 2, ART_VCLASS_PASSENGER, NULL, &links, &count));
  assert_int_equal(count, 4);
  for (int32_t h = 0; h < 4; ++h) assert_int_equal(links[h], (3 + h) % 4);
  free(links);
  assert_true(art_route_find(ring, 1, 1, ART_VCLASS_PASSENGER, NULL, &links, &count));
  assert_int_equal(count, 1);
  free(links);
  art_net_free(ring);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(ways_are_the_shortest),
                                      cmocka_unit_test(ties_go_to_the_lower_link) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
