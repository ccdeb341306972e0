// What reading a demand as a whole and in parts share. Private to io/city.
#ifndef ART_IO_CITY_DEMAND_INTERNAL_H
#define ART_IO_CITY_DEMAND_INTERNAL_H
#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "io/city/table_internal.h"
#include "io/h5/h5.h"

#define ART_DEMAND_ROUTE_LINKS "/routes/links/link"
enum { ART_DEMAND_VERSION = 1 };
enum {
  ART_DEMAND_TYPES,
  ART_DEMAND_SETS,
  ART_DEMAND_MEMBERS,
  ART_DEMAND_ROUTES,
  ART_DEMAND_TRIPS,
  ART_DEMAND_STOPS,
  ART_DEMAND_TABLES
};
extern const art_table art_demand_tables[ART_DEMAND_TABLES];

/// Parameters and names of the types; their ids and count are there.
void art_demand_read_types(art_h5 *f, art_demand *d);
/// The links of /link_ids in the city by their place, and their ids; -1 where the city has none. Free both.
int32_t *art_demand_find_links(art_h5 *f, const art_net *net, char ***ids, int64_t *count);
/// Turns places in /link_ids, which route_link holds, into links of the city.
void art_demand_resolve_routes(art_h5 *f, art_demand *d, const int32_t *link, char **ids, int64_t count);
/// Reads link, lane and bus stop of the stops of `d`, which begin at row `first` of the file.
void art_demand_resolve_stops(art_h5 *f, art_demand *d, const art_net *net, const int32_t *link, char **ids,
                              int64_t count, int64_t first);

#endif  // ART_IO_CITY_DEMAND_INTERNAL_H
