/// \file build_net.h
/// Small hand-made networks and demands for tests; all of them pass art_net_check() and art_demand_check().
#ifndef ART_TESTS_SUPPORT_BUILD_NET_H
#define ART_TESTS_SUPPORT_BUILD_NET_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"

/// A straight road of `links` links "l0", "l1", ... with nodes "n0" ... "n<links>"; lane i leads to lane i
/// through a connector of 1 m. Free with art_net_free().
art_net *art_test_net_road(int32_t links, int32_t lanes, float length_m, float speed_mps);

/// A ring of such links: the last one leads to the first again. At least 2 links.
art_net *art_test_net_ring(int32_t links, int32_t lanes, float length_m, float speed_mps);

/// Four arms at node "mid": links "w_in" (from "w"), "s_in" (from "s"), "e_out" (to "e"), "n_out" (to "n"),
/// one lane of 200 m and 13.89 m/s each. Connectors 0: w_in -> e_out, 1: w_in -> n_out (left turn), 2: s_in
/// -> n_out, 10 m each. They cross (0, 2), merge (1, 2) and diverge (0, 1). Signal "mid" has one program "0":
/// 30 s green for w, 3 s yellow, 30 s green for s, 3 s yellow; groups are connector indices. Bus stop "halt"
/// on e_out, 100 to 120 m. Detectors "loop" (point on w_in at 190 m), "zone" (area on s_in, 150 to 200 m),
/// "gate" (entry on w_in, exit on e_out).
art_net *art_test_net_crossing(void);

/// Trips "t0", "t1", ... of the default passenger type on the route given, the first at `begin_ms`, then
/// every `headway_ms`; drivers differ by desired speed only and have no noise; rear bumper at the start of the best lane, highest safe speed, to the end. Free with
/// art_demand_free().
art_demand *art_test_demand_flow(const art_net *net, int32_t route_links, const int32_t *route, int32_t trips,
                                 int64_t begin_ms, int64_t headway_ms);

#endif  // ART_TESTS_SUPPORT_BUILD_NET_H
