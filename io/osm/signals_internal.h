/// \file signals_internal.h
/// Guessed signals of imported maps, in three steps: stages out of conflicts (signal_stages.c), cycles, greens and offsets
/// (signal_times.c), programs (signals.c). Private to io/osm.
#ifndef ART_IO_OSM_SIGNALS_INTERNAL_H
#define ART_IO_OSM_SIGNALS_INTERNAL_H
#include "io/osm/map_internal.h"

enum { ART_SIGNAL_APPROACHES = 32, ART_SIGNAL_STAGES = 24 };  ///< most of a junction

/// One junction with lights.
typedef struct art_signal_control {
  int32_t junction, count;  // connectors = groups
  const int32_t *connector;
  int32_t approach_count, approach[ART_SIGNAL_APPROACHES];
  int32_t *approach_of;
  uint8_t *conflict;  // [count * count]: 0 none, 1 one yields, 2 never together
  int32_t stage_count;
  uint8_t *green;  // [stage * count]
  uint8_t is_left[ART_SIGNAL_STAGES];
  double load[ART_SIGNAL_STAGES];
  int green_s[ART_SIGNAL_STAGES], yellow_s, red_s, foot_s;
  int cycle_s, offset_s, fixed_cycle_s;
  int32_t first_foot, foot_count;  // crossings of people
} art_signal_control;

/// All of a map.
typedef struct art_signal_planner {
  art_map *plan;
  art_net *net;
  art_signal_control *control;
  int32_t count, capacity;
  int32_t *of_junction;  // control of a junction, -1: none
} art_signal_planner;

/// Movement of a connector.
static inline const art_map_movement *art_signal_movement(const art_signal_planner *p, int32_t c)
{
  return &p->plan->movement[p->plan->connector[c].movement];
}

/// Vehicles an hour and lane that a road of a link's class is built for in town.
double art_signal_lane_load(const art_map *plan, int32_t link);
/// Links that lead to the junction, and which of them each connector is on.
void art_signal_approaches(const art_signal_planner *p, art_signal_control *k);
/// Which connectors must not, or only with one of them yielding, have green together.
void art_signal_conflicts(const art_signal_planner *p, art_signal_control *k);
/// Who has green together: the heaviest approach first, with all that go along with it.
void art_signal_stages(const art_signal_planner *p, art_signal_control *k);

/// Yellow, all red, and green of people of one junction, then its cycle: Webster 1958 from the loads that classes suggest.
void art_signal_cycle(const art_signal_planner *p, art_signal_control *k);
/// Cycles shared along streets, greens and offsets of all.
void art_signal_times(art_signal_planner *p);

#endif  // ART_IO_OSM_SIGNALS_INTERNAL_H
