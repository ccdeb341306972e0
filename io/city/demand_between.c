#include "core/fleet/demand_gather.h"
#include "io/city/demand_rows.h"

/// Trips read at once: few enough to need little memory beside those that are held, and not so few that a file whose routes
/// lie in no order is read many times.
enum { PIECE_TRIPS = 1 << 17, MOST_PIECES = 16 };

static art_status gather(art_demand_rows *rows, const char *path, int32_t first, int32_t end, art_demand **out, art_error *err)
{
  const int32_t share = (end - first) / MOST_PIECES + 1, piece = share > PIECE_TRIPS ? share : PIECE_TRIPS;
  art_demand_gather *all = art_demand_gather_new(end - first);
  art_status status = ART_OK;
  do {  // once at least, for the types
    art_demand *part = NULL;
    const int32_t count = end - first < piece ? end - first : piece;
    status = art_demand_rows_read(rows, first, count, &part, err);
    if (status == ART_OK) art_demand_gather_add(all, part);
    first += count;
  } while (first < end && status == ART_OK);
  if (status != ART_OK) {
    (void)art_demand_gather_end(all, NULL, NULL);
    return status;
  }
  status = art_demand_gather_end(all, out, err);
  return status == ART_OK ? status : art_fail_prefix(err, "%s: ", path);
}

art_status art_demand_read_between(const char *path, const art_net *net, art_tick from_ms, art_tick to_ms, art_demand **out,
                                   int64_t outside[2], art_error *err)
{
  *out = NULL;
  art_demand_rows *rows;
  art_status status = art_demand_rows_open(path, net, &rows, err);
  if (status != ART_OK) return status;
  int32_t first = 0, end = 0;
  status = art_demand_rows_find(rows, from_ms, &first, err);
  if (status == ART_OK) status = art_demand_rows_find(rows, to_ms > from_ms ? to_ms : from_ms, &end, err);
  if (status == ART_OK) {
    outside[0] = first;
    outside[1] = art_demand_rows_count(rows) - end;
    status = gather(rows, path, first, end, out, err);
  }
  art_demand_rows_close(rows);
  return status;
}
