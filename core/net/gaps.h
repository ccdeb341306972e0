/// \file gaps.h
/// Critical gaps and follow-up times by movement and control, for nets that have none of their own.
#ifndef ART_CORE_NET_GAPS_H
#define ART_CORE_NET_GAPS_H
#include "core/net/network.h"

/// Where gap acceptance comes from. X(suffix, name in files)
#define ART_GAP_SOURCE_LIST(X) \
  X(CITY, "city")              \
  X(HCM, "hcm")
typedef enum art_gap_source {
#define X(name, text) ART_GAPS_##name,
  ART_GAP_SOURCE_LIST(X)
#undef X
      ART_GAP_SOURCE_COUNT
} art_gap_source;

/// Base values of the Highway Capacity Manual, 7th edition (major street of two lanes, single-lane roundabout, all-way
/// stop of group 1), in seconds.
typedef struct art_gap_pair {
  float critical_s, follow_up_s;
} art_gap_pair;
#define ART_GAP_MAJOR_LEFT ((art_gap_pair){ 4.1f, 2.2f })
#define ART_GAP_MINOR_RIGHT ((art_gap_pair){ 6.2f, 3.3f })
#define ART_GAP_MINOR_THROUGH ((art_gap_pair){ 6.5f, 4.0f })
#define ART_GAP_MINOR_LEFT ((art_gap_pair){ 7.1f, 3.5f })
#define ART_GAP_AT_T_LESS 0.7f  ///< off the critical gap of a minor left where nobody comes from opposite
#define ART_GAP_ROUNDABOUT ((art_gap_pair){ 4.976f, 2.609f })
#define ART_GAP_PERMITTED_LEFT ((art_gap_pair){ 4.5f, 2.5f })  ///< at a green light
#define ART_GAP_ALLWAY ((art_gap_pair){ 0.0f, 3.9f })
#define ART_GAP_ALLWAY_ACROSS_S 0.2f  ///< on top, for turns across the opposing stream
#define ART_GAP_ALLWAY_NEAR_S (-0.6f)  ///< for turns towards the kerb

/// The pair for connector c, by its node's kind, its right of way and its direction; zeros where the manual has none
/// (right before left, uncontrolled, zipper, right on red) and where c yields to nobody. In left-hand traffic left and
/// right change places.
art_gap_pair art_net_gaps_of(const art_net *net, int32_t c, int left_hand);

/// Fills critical gaps and follow-up times of all connectors that have neither. Returns how many it gave one.
int32_t art_net_prescribe_gaps(art_net *net, int left_hand);

#endif  // ART_CORE_NET_GAPS_H
