/// \file audit.h
/// Which counting stations may be fitted to, decided before any fit and never by its error; every decision has a reason.
#ifndef ART_SCENARIOS_CALIBRATE_AUDIT_H
#define ART_SCENARIOS_CALIBRATE_AUDIT_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "io/config/scenario.h"
#include "io/feed/feed.h"

/// What becomes of a station. X(suffix, name in files)
#define ART_STATION_USE_LIST(X) \
  X(EXCLUDED, "excluded")       \
  X(FITTED, "fitted")           \
  X(HELD_OUT, "held_out")
typedef enum art_station_use {
#define X(name, text) ART_STATION_USE_##name,
  ART_STATION_USE_LIST(X)
#undef X
      ART_STATION_USE_COUNT
} art_station_use;
const char *art_station_use_name(int use);

typedef struct art_audit_row {
  int32_t station;      ///< of the feed
  int32_t link;         ///< of the net; -1: none
  int32_t days;         ///< that count
  double observed_vph;  ///< median over days of the flow in the window; NAN without days
  double spread_vph;    ///< half of the range that holds the middle 68 % of days; NAN below 4 days
  int use;              ///< art_station_use
  char reason[256];     ///< why excluded, or what to know about it; "": nothing
} art_audit_row;

/// One row a station of the feed, in its order. Owned; free with art_audit_clear().
typedef struct art_audit {
  int32_t count;
  art_audit_row *row;
  int32_t used;  ///< fitted or held out
} art_audit;

/// In this order: reasons stated with the feed, stations named in the calibration file, unknown links, too few days
/// (weekdays only, dates left out), no traffic, another station preferred on the same link (rank of source, then days,
/// then id), no prior route over the link. What is left is fitted. Contradictions between stations (on one link, along
/// a road without branches, at a junction whose arms are all counted) are noted, not excluded.
void art_audit_stations(const art_feed *feed, const art_calibration *calibration, const art_net *net,
                        const art_demand *demand, art_audit *out);
/// Turns fitted stations into held-out ones: links in the order of a hash of (seed, link id); the first `share` of them
/// (rounded), or, if folds > 1, those whose place in that order modulo `folds` is `fold`.
void art_audit_hold_out(art_audit *audit, const art_net *net, uint64_t seed, double share, int folds,
                        int fold);
void art_audit_clear(art_audit *audit);

#endif  // ART_SCENARIOS_CALIBRATE_AUDIT_H
