// `arterial import omx` and `arterial export omx`.
#include "scenarios/cli/matrix_trips.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"
#include "io/feed/csv_columns.h"
#include "io/feed/csv_table.h"
#include "io/h5/omx.h"
#include "scenarios/cli/import_network_internal.h"
#include "scenarios/generate/matrix.h"

// ---- zones -------------------------------------------------------------------------------------------------------------

typedef struct zone_table {
  art_csv_columns columns;
  art_idmap *zones;       // by name; NULL while any name is new
  int32_t *zone_of_node;  // -1: none
  art_idmap *nodes;
  int is_open;  // 1: zones that are not known yet are added
} zone_table;

static art_status zone_header(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  static const char *const name[] = { "node", "zone" };
  (void)line;
  zone_table *t = user;
  return art_csv_bind(&t->columns, name, 2, 2, count, field, err);
}

static art_status zone_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  zone_table *t = user;
  const char *node = art_csv_text(&t->columns, 0, count, field),
             *zone = art_csv_text(&t->columns, 1, count, field);
  const int32_t n = art_idmap_find(t->nodes, node);
  if (n < 0)
    return art_fail(err, ART_E_INPUT, "node \"%.60s\": accepted: the id of a node of the city", node);
  const int32_t z = t->is_open ? art_idmap_put(t->zones, zone) : art_idmap_find(t->zones, zone);
  if (z < 0) return art_fail(err, ART_E_INPUT, "zone \"%.60s\": accepted: a zone of the matrix", zone);
  t->zone_of_node[n] = z;
  return ART_OK;
}

/// Which zone each node belongs to, by a table or by its own name. `names` NULL: zones are what the table, or the nodes, say.
static art_status read_zones(const char *path, const art_net *net, char *const *names, int32_t count,
                             zone_table *t, art_error *err)
{
  *t = (zone_table){ .zones = art_idmap_new(), .nodes = art_idmap_new(), .is_open = !names };
  t->zone_of_node = ART_NEW(int32_t, net->node_count);
  for (int32_t i = 0; i < net->node_count; ++i) {
    art_idmap_put(t->nodes, net->node_id[i]);
    t->zone_of_node[i] = -1;
  }
  for (int32_t z = 0; z < count; ++z)
    if (art_idmap_put(t->zones, names[z]) != z)
      return art_fail(err, ART_E_INPUT, "zone \"%.60s\" stands twice in the lookup", names[z]);
  if (path) return art_csv_walk(path, ',', zone_header, zone_row, t, err);
  for (int32_t i = 0; i < net->node_count; ++i)
    t->zone_of_node[i] =
        names ? art_idmap_find(t->zones, net->node_id[i]) : art_idmap_put(t->zones, net->node_id[i]);
  return ART_OK;
}

static void zone_table_clear(zone_table *t)
{
  art_idmap_free(t->zones);
  art_idmap_free(t->nodes);
  free(t->zone_of_node);
}

static art_zone_nodes zone_nodes(const zone_table *t, int32_t zones, int32_t nodes)
{
  art_zone_nodes z = { .count = zones,
                       .first = ART_NEW(int32_t, zones + 2),
                       .node = ART_NEW(int32_t, nodes) };
  for (int32_t i = 0; i < nodes; ++i)
    if (t->zone_of_node[i] >= 0) ++z.first[t->zone_of_node[i] + 2];
  for (int32_t k = 0; k < zones; ++k) z.first[k + 2] += z.first[k + 1];
  for (int32_t i = 0; i < nodes; ++i)
    if (t->zone_of_node[i] >= 0) z.node[z.first[t->zone_of_node[i] + 1]++] = i;
  return z;
}

// ---- matrix to trips ---------------------------------------------------------------------------------------------------

typedef struct row_source {
  art_omx *omx;
  const char *matrix;
} row_source;

static art_status give_row(void *context, int32_t row, double *flow, art_error *err)
{
  row_source *s = context;
  return art_omx_rows(s->omx, s->matrix, row, 1, flow, err);
}

static art_status choose(const char *what, const char *wanted, char *const *names, int32_t count,
                         const char **chosen, art_error *err)
{
  *chosen = wanted ? wanted : count == 1 ? names[0] : NULL;
  if (*chosen || (!count && strcmp(what, "lookup") == 0)) return ART_OK;
  char list[400] = "";
  for (int32_t i = 0; i < count && strlen(list) < 300; ++i)
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%.60s", i ? ", " : "", names[i]);
  return art_fail(err, ART_E_USAGE, "the file has %d of /%s: name one with --%s: %s", count, what, what,
                  list);
}

static void print_report(const art_import_arguments *a, const art_matrix_report *r, const art_omx *omx)
{
  printf("demand: %s: %" PRId64 " trips of %.6g wanted\n", a->output, r->trips, r->wanted);
  art_import_note(omx->odd_count, "members of /data that are no matrices of the file's shape, left out");
  if (r->trips_inside > 0.0) printf("note: trips inside zones, left out: %.6g\n", r->trips_inside);
  if (r->pairs_lost)
    printf("note: pairs of zones that no way joins, or without a node: %" PRId64 ", with %.6g trips\n",
           r->pairs_lost, r->trips_lost);
}

art_status art_import_omx(const art_import_arguments *a, art_error *err)
{
  if (!a->city) return art_fail(err, ART_E_USAGE, "--city CITY.city.h5 is missing");
  art_omx *omx = NULL;
  art_city *city = NULL;
  art_demand *demand = NULL;
  const char *matrix = NULL, *lookup = NULL;
  char **names = NULL;
  int32_t count = 0;
  zone_table table = { 0 };
  art_status status = art_city_read(a->city, &city, err);
  if (status == ART_OK) status = art_omx_open(a->input[0], &omx, err);
  if (status == ART_OK && omx->rows != omx->columns)
    status = art_fail(err, ART_E_INPUT, "%s: %d rows and %d columns: accepted: as many", a->input[0],
                      omx->rows, omx->columns);
  if (status == ART_OK) status = choose("matrix", a->matrix, omx->matrix, omx->matrix_count, &matrix, err);
  if (status == ART_OK) status = choose("lookup", a->lookup, omx->lookup, omx->lookup_count, &lookup, err);
  if (status == ART_OK) status = art_omx_zones(omx, lookup, &names, &count, err);
  if (status == ART_OK) status = read_zones(a->zones, city->net, names, count, &table, err);
  if (status == ART_OK) {
    const art_matrix_options o = { .begin_s = a->begin_s,
                                   .duration_s = 3600.0 * a->hours,
                                   .scale = a->scale,
                                   .vclass = ART_VCLASS_PASSENGER,
                                   .seed = (uint64_t)a->seed };
    art_zone_nodes zones = zone_nodes(&table, count, city->net->node_count);
    row_source source = { omx, matrix };
    art_matrix_report report;
    status = art_matrix_trips(city->net, &zones, &o, give_row, &source, &demand, &report, err);
    if (status == ART_OK && report.trips == 0 && report.trips_lost > 0.0)
      status = art_fail(err, ART_E_INPUT,
                        "%s: none of its %.6g trips goes between places of %s: accepted: zones called after nodes, such "
                        "as '%.60s', or a table that says which nodes they have (--zones)",
                        a->input[0], report.trips_lost, a->city, city->net->node_id[0]);
    if (status == ART_OK) {
      art_source inputs[2] = { { .path = (char *)a->input[0] }, { .path = (char *)a->city } };
      for (int i = 0; i < 2 && status == ART_OK; ++i)
        status = art_file_sha256(inputs[i].path, inputs[i].sha256, err);
      if (status == ART_OK)
        status = art_demand_write(a->output, demand, city->net, a->command, 2, inputs, a->force, err);
    }
    if (status == ART_OK) print_report(a, &report, omx);
    free(zones.first);
    free(zones.node);
  }
  if (table.zones) zone_table_clear(&table);
  for (int32_t i = 0; i < count && names; ++i) free(names[i]);
  free(names);
  art_demand_free(demand);
  art_omx_close(omx);
  art_city_free(city);
  return status;
}

// ---- trips to matrix ---------------------------------------------------------------------------------------------------

typedef struct pair {
  int32_t from, to;
} pair;

static int compare_pairs(const void *left, const void *right)
{
  const pair *a = left, *b = right;
  if (a->from != b->from) return a->from < b->from ? -1 : 1;
  return a->to < b->to ? -1 : a->to > b->to;
}

typedef struct counted {
  const pair *pairs;
  int32_t count, zones;
} counted;

static void give_rows(void *context, int32_t index, int32_t first, int32_t count, double *values)
{
  (void)index;
  const counted *c = context;
  memset(values, 0, (size_t)count * (size_t)c->zones * sizeof *values);
  int32_t low = 0, high = c->count;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (c->pairs[middle].from < first)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < c->count && c->pairs[low].from < first + count; ++low)
    values[(size_t)(c->pairs[low].from - first) * (size_t)c->zones + (size_t)c->pairs[low].to] += 1.0;
}

static art_idmap *used_nodes(const art_net *net, const art_demand *demand)
{
  uint8_t *is_used = ART_NEW(uint8_t, net->node_count);
  for (int32_t i = 0; i < demand->trip_count; ++i) {
    const int32_t route = demand->trip_route[i];
    is_used[net->link_from[demand->route_link[demand->route_first[route]]]] = 1;
    is_used[net->link_to[demand->route_link[demand->route_first[route + 1] - 1]]] = 1;
  }
  art_idmap *used = art_idmap_new();
  for (int32_t i = 0; i < net->node_count; ++i)
    if (is_used[i]) art_idmap_put(used, net->node_id[i]);
  free(is_used);
  return used;
}

art_status art_matrix_from_trips(const char *demand_path, const char *city_path, const char *zones,
                                 const char *output, int force, art_error *err)
{
  art_city *city = NULL;
  art_demand *demand = NULL;
  zone_table table = { 0 };
  art_status status = art_city_read(city_path, &city, err);
  if (status == ART_OK) status = art_demand_read(demand_path, city->net, &demand, err);
  if (status == ART_OK) status = read_zones(zones, city->net, NULL, 0, &table, err);
  if (status == ART_OK) {
    // Of nodes only those where trips begin or end become zones, in the order of the city.
    art_idmap *used = zones ? table.zones : used_nodes(city->net, demand);
    pair *pairs = ART_NEW(pair, demand->trip_count);
    int32_t count = 0;
    for (int32_t i = 0; i < demand->trip_count; ++i) {
      const int64_t first = demand->route_first[demand->trip_route[i]],
                    last = demand->route_first[demand->trip_route[i] + 1] - 1;
      const int32_t end[2] = { city->net->link_from[demand->route_link[first]],
                               city->net->link_to[demand->route_link[last]] };
      int32_t z[2];
      for (int k = 0; k < 2; ++k)
        z[k] = zones ? table.zone_of_node[end[k]] : art_idmap_find(used, city->net->node_id[end[k]]);
      if (z[0] >= 0 && z[1] >= 0) pairs[count++] = (pair){ z[0], z[1] };
    }
    art_sort(pairs, (size_t)count, sizeof *pairs, compare_pairs);
    const int32_t n = art_idmap_count(used);
    char **name = ART_NEW(char *, n);
    for (int32_t i = 0; i < n; ++i) name[i] = (char *)art_idmap_id(used, i);
    counted c = { pairs, count, n };
    const char *const matrix[] = { "trips" };
    status = art_omx_write(output, n, name, 1, matrix, give_rows, &c, force, err);
    if (status == ART_OK) {
      printf("matrix: %s: %" PRId32 " zones, %" PRId32 " trips\n", output, n, count);
      art_import_note(demand->trip_count - count, "trips that begin or end outside of all zones, left out");
    }
    free(name);
    free(pairs);
    if (!zones) art_idmap_free(used);
  }
  if (table.zones) zone_table_clear(&table);
  art_demand_free(demand);
  art_city_free(city);
  return status;
}
