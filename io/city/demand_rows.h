/// \file demand_rows.h
/// A demand file in parts: trips by rows, which are in order of departure, with the types, routes and stops that they
/// need. So that a run may take in its trips as their time comes instead of holding them all.
///
///     art_demand_rows_open -> (art_demand_rows_find, art_demand_rows_read)* -> art_demand_rows_close
///
/// Serial, and HDF5 is called: one thread at a time in the whole process (see io/h5/h5.h).
#ifndef ART_IO_CITY_DEMAND_ROWS_H
#define ART_IO_CITY_DEMAND_ROWS_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "core/num/real.h"

typedef struct art_demand_rows art_demand_rows;

/// Opens a file for trips on `net`, which is borrowed until close. Keeps some bytes for every 4096 trips and routes, and
/// the table of links. Departures must ascend.
art_status art_demand_rows_open(const char *path, const art_net *net, art_demand_rows **out, art_error *err);
/// NULL is fine.
void art_demand_rows_close(art_demand_rows *rows);
int32_t art_demand_rows_count(const art_demand_rows *rows);  ///< trips of the file
/// The first trip that departs at `depart_ms` or later; art_demand_rows_count() if there is none.
art_status art_demand_rows_find(art_demand_rows *rows, art_tick depart_ms, int32_t *trip, art_error *err);
/// Trips [first, first + count) as a demand of their own, checked, with the types and sets of the file and with only the
/// routes and stops that they use. Its trips stand in the order of the file, its routes too. Owned by the caller.
/// What only the whole file can show is not looked at: ids that occur again outside of these rows.
art_status art_demand_rows_read(art_demand_rows *rows, int32_t first, int32_t count, art_demand **out, art_error *err);

/// The trips of a file that depart in [from_ms, to_ms), for a run of that time: read in parts and held in less memory
/// (core/fleet/demand_gather.h). outside[0] depart before, outside[1] after; of those only their departures are looked at.
/// *out is owned by the caller.
art_status art_demand_read_between(const char *path, const art_net *net, art_tick from_ms, art_tick to_ms, art_demand **out,
                                   int64_t outside[2], art_error *err);

#endif  // ART_IO_CITY_DEMAND_ROWS_H
