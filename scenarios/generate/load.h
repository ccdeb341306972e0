/// \file load.h
/// How loaded a network is by volumes on its ways, before anything drives: capacities of lanes by formula, greens of the
/// running programs, gaps in the streams that a movement yields to. Static: no queues, no time of day.
#ifndef ART_SCENARIOS_GENERATE_LOAD_H
#define ART_SCENARIOS_GENERATE_LOAD_H
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
  double *volume_vph;      ///< by hop; the caller's
  double *link_vph;        ///< by link: the caller's, all that drive on it
  double *capacity_vph;    ///< by hop, of all its lanes; art_load_update()
  double *share;           ///< by link: volume over capacity
  double *delay_s;         ///< by hop, of control and queue
  double *pressure;        ///< by hop: the highest volume over capacity of the movements that give way to it
  int32_t *hop_of;         ///< by connector; -1: the class does not use it
  int32_t *connectors;     ///< by hop: how many
  int32_t *lanes;          ///< by hop: from how many lanes
  uint8_t *is_junction;    ///< by node
  art_load_place *sorted;  ///< scratch, by link or by node
  double hours;            ///< how long the volumes flow
} art_load;

art_load art_load_new(const art_net *net, const art_hops *hops, double hours);
void art_load_free(art_load *load);
/// Capacities, shares and delays at the present volumes.
void art_load_update(art_load *load);
/// The share that `part` (0 to 1) of the population stays at or below; 0 without volumes.
double art_load_percentile(art_load *load, double part, art_load_population population);

#endif  // ART_SCENARIOS_GENERATE_LOAD_H
