/// \file check_quality.h
/// How good a city is, junction by junction: what an import often gets wrong and a run survives.
#ifndef ART_SCENARIOS_CLI_CHECK_QUALITY_H
#define ART_SCENARIOS_CLI_CHECK_QUALITY_H
#include <stdint.h>

#include "io/city/city.h"
#include "scenarios/cli/check_city.h"

typedef struct art_quality {
  int32_t findings;
  int32_t parts, largest_part;  ///< strongly connected parts of links, gates aside, and links of the largest
  int32_t core_links;           ///< links that lie between junctions, which these parts are of
  int32_t junctions;            ///< nodes that are scored: those with connectors, joints aside
  double mean_score;
  float *score;  ///< by node: 100 good, 0 bad, -1 not scored. The caller frees it
} art_quality;

/// Reports absurd speeds and numbers of lanes, exits that nobody may take, links that one only leaves by turning back,
/// connections of one link that cross each other, greens too short to be of use, several lanes that lead into one. Each
/// finding costs its junction points. The net must have passed art_net_check. Messages as art_check_city()'s.
art_quality art_check_quality(const art_net *net, art_finding report, void *context);

/// A map of the findings of a city as GeoJSON: each message at the link, lane, junction or signal that it names first, and
/// every scored junction with its score.
art_status art_quality_map(const art_city *city, const art_quality *quality, int32_t count,
                           char *const *messages, const char *path, art_error *err);

#endif  // ART_SCENARIOS_CLI_CHECK_QUALITY_H
