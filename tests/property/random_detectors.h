/// \file random_detectors.h
/// Detectors anywhere in a random city: loops, areas, and zones from one lane to another. For property tests.
#ifndef ART_TESTS_PROPERTY_RANDOM_DETECTORS_H
#define ART_TESTS_PROPERTY_RANDOM_DETECTORS_H
#include <stdio.h>

#include "core/base/memory.h"
#include "tests/property/random_city.h"

typedef struct detector_numbers {
  int32_t loops, areas, zones;
  int loops_in_nodes;  ///< 1: every third loop may lie on a connector
} detector_numbers;

static inline void city_detectors(art_net *net, const detector_numbers *numbers, dice *d)
{
  const int32_t count = numbers->loops + numbers->areas + numbers->zones, points = count + numbers->zones;
  net->detector_count = count;
  net->detector_point_count = points;
  net->detector_id = ART_NEW(char *, count);
  net->detector_kind = ART_NEW(uint8_t, count);
  net->detector_period_ms = ART_NEW(int64_t, count);
  net->detector_first_point = art_renew(net->detector_first_point, (size_t)count + 1, sizeof(int32_t));
  net->detector_first_point[0] = 0;
  net->detector_lane = ART_NEW(int32_t, points);
  net->detector_pos_m = ART_NEW(float, points);
  net->detector_end_m = ART_NEW(float, points);
  net->detector_role = ART_NEW(uint8_t, points);
  for (int32_t k = 0, q = 0; k < count; ++k) {
    const art_detector_kind kind = k < numbers->loops                    ? ART_DETECTOR_POINT
                                   : k < numbers->loops + numbers->areas ? ART_DETECTOR_AREA
                                                                         : ART_DETECTOR_ENTRY_EXIT;
    const int anywhere = numbers->loops_in_nodes && k % 3 == 0 && kind == ART_DETECTOR_POINT;
    char name[16];
    snprintf(name, sizeof name, "d%d", (int)k);
    net->detector_id[k] = art_strdup(name);
    net->detector_kind[k] = (uint8_t)kind;
    net->detector_period_ms[k] = 60000;
    for (int role = 0; role < (kind == ART_DETECTOR_ENTRY_EXIT ? 2 : 1); ++role, ++q) {
      const int32_t lane = roll_int(d, 0, (anywhere ? net->lane_count : net->link_lane_count) - 1);
      const float length = net->lane_length_m[lane], from = (float)roll(d, 0.0, (double)length);
      net->detector_lane[q] = lane;
      net->detector_pos_m[q] = from;
      net->detector_end_m[q] = kind == ART_DETECTOR_AREA ? (float)roll(d, (double)from, (double)length) : from;
      net->detector_role[q] = (uint8_t)role;
    }
    net->detector_first_point[k + 1] = q;
  }
}

#endif  // ART_TESTS_PROPERTY_RANDOM_DETECTORS_H
