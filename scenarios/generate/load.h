/// \file load.h
/// How loaded a network is by volumes on its ways, before anything drives: capacities by formula of every path through
/// a node, by the greens of the running programs and the gaps in the streams that it yields to; volumes by lane, as
/// drivers choose lanes. Static: no queues, no time of day.
#ifndef ART_SCENARIOS_GENERATE_LOAD_H
#define ART_SCENARIOS_GENERATE_LOAD_H
#include "core/fleet/block.h"
#include "core/net/network.h"
#include "scenarios/generate/rows_internal.h"

#define ART_LOAD_SATURATION_VPH 1800.0  ///< what a lane lets through straight on that yields to nobody

/// What a percentile counts: junctions, where anybody yields or waits for a signal, each as often as somebody passes it
/// and as full as its fullest approach (the degree of saturation of a junction, as Webster and Cobbe 1966 and what
/// followed them have it); or links that somebody drives on, each once.
typedef enum art_load_population { ART_LOAD_OF_JUNCTIONS, ART_LOAD_OF_LINKS } art_load_population;

typedef struct art_load_place {
  double share, weight;
} art_load_place;

typedef struct art_load {
  const art_net *net;
  const art_hops *hops;
  double hours;          ///< how long the volumes flow
  double *vph;           ///< by connector: the caller's
  double *link_vph;      ///< by link: the caller's, all that drive on it
  double *capacity_vph;  ///< by connector, as if it had its lane to itself; art_load_update()
  double *lane_share;    ///< by lane: volumes over capacities of all that leave from it
  double *share;         ///< by link: that of its fullest lane
  double *delay_s;       ///< by hop, of control and queue
  double *pressure;      ///< by connector: the fullest lane that gives way to it
  int32_t *hop_of;       ///< by connector; -1: the class does not use it
  int32_t *first_meet;   ///< by connector and one more: where its exit is short, there is a row for each way on from there,
  double *meets_s;       ///< of its green in a cycle, what meets green for it
  double *cycle_s, *green_s;  ///< by connector, of its signal; 0: it has none
  int32_t *feeders;           ///< by lane: connectors into it
  uint8_t *yields;            ///< by connector: to anybody
  uint8_t *is_junction;       ///< by node
  double *wait_s;             ///< scratch, by connector
  float *lane_cost;           ///< scratch, by link of a way: costs of its lanes without a change there and with the best
  art_load_place *sorted;     ///< scratch, by link or by node
} art_load;

art_load art_load_new(const art_net *net, const art_hops *hops, double hours);
void art_load_free(art_load *load);
/// Capacities, shares and delays at the present volumes.
void art_load_update(art_load *load);
/// The share that `part` (0 to 1) of the population stays at or below; 0 without volumes.
double art_load_percentile(art_load *load, double part, art_load_population population);

/// What a connector lets through at the present volumes, alone on its lane, and how long it waits for green on average.
double art_load_capacity(const art_load *load, int32_t connector, double *wait_s);
double art_load_cycle(const art_net *net, int32_t connector);
double art_load_green(const art_net *net, int32_t connector);  ///< seconds a cycle
/// Is the exit of a connector short, and does it end at a signal of the same cycle?
int art_load_has_short_exit(const art_net *net, int32_t connector);
/// Of the green of a connector in a cycle, the seconds that meet green for `next`, a way on from its exit.
double art_load_meets_green(const art_net *net, int32_t connector, int32_t next);
/// Which connectors a trip along `count` hops takes: lanes that cost the fewest changes, by length of the links (what the
/// engine's drivers go by), of equal ones within reach the emptiest (drivers choose lanes so that these are equally full).
void art_load_choose(art_load *load, const int32_t *hop, int32_t count, double trip_vph, int32_t *connector);

#endif  // ART_SCENARIOS_GENERATE_LOAD_H
