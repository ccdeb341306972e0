#include "io/city/demand_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/city/demand_internal.h"

enum {
  MARK = 4096,       ///< rows between two marks
  PIECE = 1 << 18,   ///< rows read at once when all of a column is looked at
  GAP_ROUTES = 8192,    ///< routes that are not wanted, but read, because two readings would cost more
  SPAN_ROUTES = 1 << 18 ///< read at once
};

/// Sums of a column of counts at every MARK-th row.
typedef struct marks {
  const char *path;
  int64_t rows;
  int64_t *sum;  ///< [rows / MARK + 2]; the last is the sum of all
} marks;

struct art_demand_rows {
  art_h5 *file;
  const art_net *net;
  char *path;
  int32_t trip_count;
  marks route_links, stops;
  art_tick *depart_ms;  ///< of every MARK-th trip
  int32_t *link;        ///< of the city, by place in /link_ids
  char **link_id;
  int64_t link_count;
};

// ---- marks

static void read_marks(art_h5 *f, const char *path, int64_t rows, const char *target, marks *out)
{
  out->path = path;
  out->rows = art_h5_rows(f, path);
  if (art_h5_status(f, NULL) == ART_OK && out->rows != rows)
    art_h5_refuse(f, path, "has %" PRId64 " values, expected %" PRId64, out->rows, rows);
  out->sum = ART_NEW(int64_t, out->rows / MARK + 2);
  int32_t *count = ART_NEW(int32_t, PIECE);
  int64_t sum = 0;
  for (int64_t first = 0; first < out->rows && art_h5_status(f, NULL) == ART_OK; first += PIECE) {
    const int64_t part = out->rows - first < PIECE ? out->rows - first : PIECE;
    art_h5_get_rows(f, path, ART_H5_INT32, first, part, 0, count);
    for (int64_t i = 0; i < part && art_h5_status(f, NULL) == ART_OK; ++i) {
      if ((first + i) % MARK == 0) out->sum[(first + i) / MARK] = sum;
      sum += count[i];
      if (count[i] < 0) art_h5_refuse(f, path, "row %" PRId64 ": count %" PRId32 " is out of range", first + i, count[i]);
    }
  }
  out->sum[(out->rows + MARK - 1) / MARK] = sum;
  free(count);
  const int64_t length = art_h5_rows(f, target);
  if (art_h5_status(f, NULL) == ART_OK && length != sum)
    art_h5_refuse(f, path, "counts add up to %" PRId64 ", but %s has %" PRId64 " rows", sum, target, length);
}

/// Sum of the counts before a row.
static int64_t sum_before(art_h5 *f, const marks *m, int64_t row)
{
  int64_t sum = m->sum[row / MARK];
  if (row == m->rows) return m->sum[(m->rows + MARK - 1) / MARK];
  int32_t count[MARK];
  const int64_t first = row / MARK * MARK;
  if (art_h5_get_rows(f, m->path, ART_H5_INT32, first, row - first, 0, count) != ART_OK) return 0;
  for (int64_t i = 0; i < row - first; ++i) sum += count[i];
  return sum;
}

static void read_departures(art_demand_rows *r)
{
  art_h5 *f = r->file;
  art_tick *depart_ms = ART_NEW(art_tick, PIECE), last = INT64_MIN;
  r->depart_ms = ART_NEW(art_tick, r->trip_count / MARK + 1);
  for (int64_t first = 0; first < r->trip_count && art_h5_status(f, NULL) == ART_OK; first += PIECE) {
    const int64_t part = r->trip_count - first < PIECE ? r->trip_count - first : PIECE;
    art_h5_get_rows(f, "/trips/depart", ART_H5_INT64, first, part, 0, depart_ms);
    for (int64_t i = 0; i < part && art_h5_status(f, NULL) == ART_OK; ++i) {
      if (depart_ms[i] < last)
        art_h5_refuse(f, "/trips/depart", "row %" PRId64 ": %" PRId64 " ms after %" PRId64 "; trips must ascend by departure",
                      first + i, depart_ms[i], last);
      last = depart_ms[i];
      if ((first + i) % MARK == 0) r->depart_ms[(first + i) / MARK] = last;
    }
  }
  free(depart_ms);
}

// ---- open and close

art_status art_demand_rows_open(const char *path, const art_net *net, art_demand_rows **out, art_error *err)
{
  *out = NULL;
  art_h5 *f;
  art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  art_demand_rows *r = ART_NEW(art_demand_rows, 1);
  r->file = f;
  r->net = net;
  r->path = art_strdup(path);
  art_h5_check_schema(f, "demand", ART_DEMAND_VERSION);
  const int64_t trips = art_h5_rows(f, "/trips/trip");
  if (trips > INT32_MAX - 1) art_h5_refuse(f, "/trips/trip", "has %" PRId64 " rows, at most %d are possible", trips, INT32_MAX - 1);
  if (art_h5_status(f, NULL) == ART_OK) {
    r->trip_count = (int32_t)trips;
    read_marks(f, "/routes/link_count", art_h5_rows(f, "/routes/route"), ART_DEMAND_ROUTE_LINKS, &r->route_links);
    read_marks(f, "/trips/stop_count", trips, "/stops/stop", &r->stops);
    if (art_h5_status(f, NULL) == ART_OK && sum_before(f, &r->stops, trips) > INT32_MAX)
      art_h5_refuse(f, "/trips/stop_count", "counts add up to more than %d", INT32_MAX);
    read_departures(r);
    r->link = art_demand_find_links(f, net, &r->link_id, &r->link_count);
  }
  status = art_h5_status(f, err);
  if (status == ART_OK)
    *out = r;
  else
    art_demand_rows_close(r);
  return status;
}

void art_demand_rows_close(art_demand_rows *r)
{
  if (!r) return;
  art_h5_discard(r->file);
  free(r->route_links.sum);
  free(r->stops.sum);
  free(r->depart_ms);
  free(r->link);
  art_h5_free_strings(r->link_id, r->link_count);
  free(r->path);
  free(r);
}

int32_t art_demand_rows_count(const art_demand_rows *r)
{
  return r->trip_count;
}

art_status art_demand_rows_find(art_demand_rows *r, art_tick depart_ms, int32_t *trip, art_error *err)
{
  int32_t low = 0, high = r->trip_count / MARK + (r->trip_count % MARK > 0);  // marks
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (r->depart_ms[middle] < depart_ms)
      low = middle + 1;
    else
      high = middle;
  }
  // The mark before `low` departs earlier, the one at `low` does not: the trip lies between them.
  art_tick part[MARK];
  const int32_t first = low > 0 ? (low - 1) * MARK : 0;
  const int32_t count = low == 0 ? 0 : r->trip_count - first < MARK ? r->trip_count - first : MARK;
  art_h5_get_rows(r->file, "/trips/depart", ART_H5_INT64, first, count, 0, part);
  int32_t i = 0;
  while (i < count && part[i] < depart_ms) ++i;
  *trip = first + i;
  return art_h5_status(r->file, err);
}

// ---- read

static int by_number(const void *a, const void *b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/// The routes of the trips, ascending, each once; trips get their places in it.
static int32_t *number_routes(art_demand *d, int32_t *count)
{
  int32_t *list = ART_NEW(int32_t, d->trip_count);
  int is_sorted = 1;
  for (int32_t t = 0; t < d->trip_count; ++t) {
    list[t] = d->trip_route[t];
    is_sorted &= t == 0 || list[t] >= list[t - 1];
  }
  if (!is_sorted) art_sort(list, (size_t)d->trip_count, sizeof *list, by_number);
  *count = 0;
  for (int32_t i = 0; i < d->trip_count; ++i)
    if (i == 0 || list[i] != list[*count - 1]) list[(*count)++] = list[i];
  for (int32_t t = 0, at = 0; t < d->trip_count; ++t) {
    if (is_sorted) {
      at += list[at] != d->trip_route[t];
    } else {
      const int32_t *found = bsearch(&d->trip_route[t], list, (size_t)*count, sizeof *list, by_number);
      at = (int32_t)(found - list);
    }
    d->trip_route[t] = at;
  }
  return list;
}

/// Adds routes list[0 .. count), which lie close together in the file, to the demand.
static void read_routes(art_demand_rows *r, art_demand *d, const int32_t *list, int32_t count)
{
  art_h5 *f = r->file;
  const int32_t first = list[0], span = list[count - 1] - first + 1;
  int32_t *links = ART_NEW(int32_t, span);
  int64_t *at = ART_NEW(int64_t, span + 1);
  if (art_h5_get_rows(f, r->route_links.path, ART_H5_INT32, first, span, 0, links) == ART_OK)
    for (int32_t i = 0; i < span; ++i) at[i + 1] = at[i] + links[i];
  const int64_t begin = sum_before(f, &r->route_links, first);
  int32_t *place = ART_NEW(int32_t, at[span]);
  if (art_h5_status(f, NULL) == ART_OK)
    art_h5_get_rows(f, ART_DEMAND_ROUTE_LINKS, ART_H5_INT32, begin, at[span], 0, place);
  int64_t sum = d->route_first[d->route_count];
  for (int32_t k = 0; k < count; ++k) sum += links[list[k] - first];
  d->route_link = art_renew(d->route_link, (size_t)sum, sizeof *d->route_link);
  for (int32_t k = 0; k < count; ++k) {
    const int32_t i = list[k] - first;
    const int64_t to = d->route_first[d->route_count];
    memcpy(d->route_link + to, place + at[i], (size_t)links[i] * sizeof *place);
    d->route_first[++d->route_count] = to + links[i];
  }
  free(place);
  free(at);
  free(links);
}

static void read_all_routes(art_demand_rows *r, art_demand *d)
{
  int32_t count;
  int32_t *list = number_routes(d, &count);
  d->route_first = ART_NEW(int64_t, count + 1);
  d->route_link = ART_NEW(int32_t, 1);
  for (int32_t first = 0, end; first < count && art_h5_status(r->file, NULL) == ART_OK; first = end) {
    for (end = first + 1; end < count && list[end] - list[end - 1] <= GAP_ROUTES && list[end] - list[first] < SPAN_ROUTES;)
      ++end;
    read_routes(r, d, list + first, end - first);
  }
  free(list);
}

static void read_part(art_demand_rows *r, art_demand *d, int32_t first, int32_t count)
{
  art_h5 *f = r->file;
  void *const owner[1] = { d };
  for (int i = ART_DEMAND_TYPES; i <= ART_DEMAND_MEMBERS && art_h5_status(f, NULL) == ART_OK; ++i)
    art_table_read(f, &art_demand_tables[i], owner);
  if (art_h5_status(f, NULL) == ART_OK) art_demand_read_types(f, d);
  art_table_read_rows(f, &art_demand_tables[ART_DEMAND_TRIPS], owner, first, count);
  if (art_h5_status(f, NULL) != ART_OK) return;
  const int64_t stops = sum_before(f, &r->stops, first);
  art_table_read_rows(f, &art_demand_tables[ART_DEMAND_STOPS], owner, stops, d->trip_first_stop[count]);
  for (int i = 0; i < ART_DEMAND_TABLES && art_h5_status(f, NULL) == ART_OK; ++i)
    if (i != ART_DEMAND_ROUTES) art_table_check(f, &art_demand_tables[i], owner, NULL, NULL);
  if (art_h5_status(f, NULL) != ART_OK) return;
  d->trip_key = ART_NEW(uint64_t, count);
  for (int32_t t = 0; t < count; ++t) d->trip_key[t] = art_trip_key(d->trip_id[t]);
  read_all_routes(r, d);
  if (art_h5_status(f, NULL) != ART_OK) return;
  art_demand_resolve_routes(f, d, r->link, r->link_id, r->link_count);
  art_demand_resolve_stops(f, d, r->net, r->link, r->link_id, r->link_count, stops);
}

art_status art_demand_rows_read(art_demand_rows *r, int32_t first, int32_t count, art_demand **out, art_error *err)
{
  *out = NULL;
  if (first < 0 || count < 0 || first > r->trip_count - count)
    return art_fail(err, ART_E_INTERNAL, "%s: has %" PRId32 " trips, expected %" PRId32 " from row %" PRId32, r->path,
                    r->trip_count, count, first);
  art_demand *d = art_demand_new();
  read_part(r, d, first, count);
  art_status status = art_h5_status(r->file, err);
  if (status == ART_OK) {
    status = art_demand_check(d, r->net, err);
    if (status != ART_OK) art_fail_prefix(err, "%s: ", r->path);
  }
  if (status == ART_OK)
    *out = d;
  else
    art_demand_free(d);
  return status;
}
