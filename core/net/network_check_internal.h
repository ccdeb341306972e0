/// \file network_check_internal.h
/// Parts of art_net_check(): what several of them need, and the steps that stand in sources of their own. All are pure;
/// those that return a status fill `err` (which may be NULL) with one sentence. Private to core/net.
#ifndef ART_CORE_NET_NETWORK_CHECK_INTERNAL_H
#define ART_CORE_NET_NETWORK_CHECK_INTERNAL_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/net/network.h"

/// Positions come from files with two decimals and from sums of floats; beyond an end by this much is still
/// the end.
#define ART_CHECK_SLACK_M 0.1f

/// Name of a lane for messages: "lane a12_0", or "connector 7 (a12_0 -> b3_1)".
typedef struct art_lane_name {
  char text[320];
} art_lane_name;

art_lane_name art_name_of_link_lane(const art_net *net, int32_t lane);
/// The connector's ends must have been checked.
art_lane_name art_name_of_connector(const art_net *net, int32_t c);
art_lane_name art_name_of_lane(const art_net *net, int32_t lane);

static inline int art_check_is_within(float value, float lowest, float highest)
{
  return value >= lowest && value <= highest;
}

/// Ids must be there, not empty, and differ. The first problem is told.
art_status art_check_ids(char *const *ids, int32_t count, const char *kind, art_error *err);
/// first[0] = 0, first[count] = total, and every row has at least `least` items.
art_status art_check_rows(const int32_t *first, int32_t count, int32_t total, int32_t least, char *const *ids,
                          const char *kind, const char *items, art_error *err);

/// Signals as a whole, before the connectors, which point into their groups; the programs of one.
art_status art_check_signals(const art_net *net, art_error *err);
art_status art_check_programs(const art_net *net, int32_t s, art_error *err);
/// What lies on lanes, whose lengths have been checked.
art_status art_check_stops(const art_net *net, art_error *err);
art_status art_check_stop(const art_net *net, int32_t i, art_error *err);
art_status art_check_detectors(const art_net *net, art_error *err);
art_status art_check_detector(const art_net *net, int32_t d, art_error *err);
art_status art_check_crossings(const art_net *net, art_error *err);

#endif  // ART_CORE_NET_NETWORK_CHECK_INTERNAL_H
