// From the store to a graph: ways that are driven on, cut where they meet, in metres.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/geo/area.h"
#include "io/geo/projection.h"
#include "io/osm/map_internal.h"

#define SIMPLE_M 0.15
static const uint32_t point_controls = ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL |
                                       ART_OSM_NODE_STOP | ART_OSM_NODE_STOP_ALL | ART_OSM_NODE_GIVE_WAY;

typedef struct grapher {
  art_map *plan;
  const art_osm_store *store;
  uint8_t *use;      // by store node: 0 unused, 1 inside one way, 2 a vertex
  int32_t *vertex;   // plan node by store node, -1
  int64_t *way_row;  // store way by plan way
  art_area *area;
  int64_t rim_count;
} grapher;

static int in_area(const grapher *g, double lon, double lat)
{
  const art_osm_import_options *o = g->plan->options;
  if (o->with_box && (lon < o->min_lon || lon > o->max_lon || lat < o->min_lat || lat > o->max_lat)) return 0;
  return !g->area || art_area_contains(g->area, lon, lat);
}

/// Who is a vertex: ends of ways, nodes of two ways or twice of one, and barriers.
static void mark_vertices(grapher *g)
{
  const art_map *plan = g->plan;
  const art_osm_store *store = g->store;
  g->use = ART_NEW(uint8_t, store->node_count);
  for (int32_t w = 0; w < plan->way_count; ++w) {
    const art_osm_way_row *way = &store->way[g->way_row[w]];
    int is_broken = 0;
    for (int32_t i = 0; i < way->ref_count; ++i) {
      const int64_t node = store->ref_node[way->ref_first + i];
      is_broken |= node < 0;
      if (node < 0) continue;
      const int is_end = i == 0 || i + 1 == way->ref_count || store->ref_node[way->ref_first + i - 1] < 0;
      g->use[node] = is_end || g->use[node] ? 2 : 1;
    }
    for (int32_t i = 0; i + 1 < way->ref_count; ++i) {
      const int64_t node = store->ref_node[way->ref_first + i];
      if (node >= 0 && store->ref_node[way->ref_first + i + 1] < 0) g->use[node] = 2;
    }
    plan->report->broken_ways += is_broken;
  }
}

/// The middle of the kept nodes says which zone.
static art_status project(grapher *g, art_city *city, art_error *err)
{
  art_map *plan = g->plan;
  const art_osm_store *store = g->store;
  const int64_t n = store->node_count;
  const int with_byways = plan->options->with_bicycles || plan->options->with_rails;
  double *lon = ART_NEW(double, n), *lat = ART_NEW(double, n);
  double sum_lon = 0.0, sum_lat = 0.0;
  int64_t count = 0;
  plan->store_inside = ART_NEW(uint8_t, n);
  for (int64_t i = 0; i < n; ++i) {
    lon[i] = store->node[i].lon;
    lat[i] = store->node[i].lat;
    if (!g->use[i] && !with_byways) continue;
    plan->store_inside[i] = (uint8_t)in_area(g, lon[i], lat[i]);
    if (!plan->store_inside[i] || !g->use[i]) continue;
    sum_lon += lon[i];
    sum_lat += lat[i];
    ++count;
  }
  art_status status = ART_OK;
  if (!count)
    status = art_fail(err, ART_E_INPUT, "no road of the extract lies in the area that was asked for");
  char definition[64];
  const char *crs = plan->options->crs;
  if (status == ART_OK && !crs) {
    art_crs_utm(sum_lon / (double)count, sum_lat / (double)count, definition, sizeof definition);
    crs = definition;
  }
  if (status == ART_OK) {
    snprintf(plan->report->crs, sizeof plan->report->crs, "%.60s", crs);
    status = art_crs_wkt(crs, &city->crs_wkt, err);
  }
  plan->store_x = ART_NEW(double, n);
  plan->store_y = ART_NEW(double, n);
  if (status == ART_OK) status = art_crs_project(city->crs_wkt, n, lon, lat, plan->store_x, plan->store_y, err);
  // Small numbers from a corner: what is drawn keeps its millimetres in any reader.
  double x = INFINITY, y = INFINITY;
  for (int64_t i = 0; status == ART_OK && i < n; ++i) {
    if (!g->use[i] || !plan->store_inside[i]) continue;
    x = fmin(x, plan->store_x[i]);
    y = fmin(y, plan->store_y[i]);
  }
  city->offset_x = -floor(x);
  city->offset_y = -floor(y);
  for (int64_t i = 0; status == ART_OK && i < n; ++i) {
    plan->store_x[i] += city->offset_x;
    plan->store_y[i] += city->offset_y;
    if (plan->mirrored) plan->store_y[i] = -plan->store_y[i];
  }
  free(lon);
  free(lat);
  return status;
}

static int32_t vertex_of(grapher *g, int64_t node)
{
  if (g->vertex[node] >= 0) return g->vertex[node];
  art_map *plan = g->plan;
  const art_osm_node_row *row = &g->store->node[node];
  const int32_t v = g->vertex[node] = art_map_add_store_node(plan, node);
  plan->report->notes.entity = 'n';
  plan->report->notes.id = row->id;
  const art_osm_point point = art_map_point_of(plan, node, &plan->report->notes);
  plan->node[v].what = point.what;
  plan->node[v].signal_direction = point.signal_direction;
  plan->node[v].sign_direction = point.sign_direction;
  plan->node[v].closed = point.closed;
  plan->node[v].height_m = point.height_m;
  plan->report->gates += (point.closed & art_osm_motor_classes()) == art_osm_motor_classes();
  return v;
}

/// Barriers inside a way cut it; other things are told along the piece.
static void look_at_inner_nodes(grapher *g)
{
  const art_osm_store *store = g->store;
  for (int64_t i = 0; i < store->node_count; ++i) {
    if (g->use[i] != 1 || !store->node[i].tag_count) continue;
    const art_osm_point point = art_map_point_of(g->plan, i, NULL);
    if ((point.closed & art_osm_motor_classes()) || (point.what & ART_OSM_NODE_MINI_ROUNDABOUT))
      g->use[i] = 2;
  }
}

/// A point on the edge of the area, between a node inside and one outside.
static void cut_at_area(const grapher *g, int64_t inside, int64_t outside, double *x, double *y)
{
  const art_osm_node_row *a = &g->store->node[inside], *b = &g->store->node[outside];
  double low = 0.0, high = 1.0;
  for (int i = 0; i < 30; ++i) {
    const double t = 0.5 * (low + high);
    if (in_area(g, a->lon + t * (b->lon - a->lon), a->lat + t * (b->lat - a->lat)))
      low = t;
    else
      high = t;
  }
  const double *store_x = g->plan->store_x, *store_y = g->plan->store_y;
  *x = store_x[inside] + low * (store_x[outside] - store_x[inside]);
  *y = store_y[inside] + low * (store_y[outside] - store_y[inside]);
}

static int32_t rim_node(grapher *g, int64_t inside, int64_t outside)
{
  double x, y;
  cut_at_area(g, inside, outside, &x, &y);
  const int32_t v = art_map_add_node(g->plan, -++g->rim_count, x, y);
  g->plan->node[v].is_rim = 1;
  return v;
}

static void add_event(grapher *g, int32_t piece, int64_t node, double at_m)
{
  art_map *plan = g->plan;
  const art_osm_node_row *row = &g->store->node[node];
  const art_osm_point point = art_map_point_of(plan, node, NULL);
  const uint32_t kept = point_controls | (plan->options->people_per_h > 0.0 ? ART_OSM_NODE_CROSSING | ART_OSM_NODE_ZEBRA : 0);
  if (!(point.what & kept)) return;
  const uint32_t signs = ART_OSM_NODE_STOP | ART_OSM_NODE_STOP_ALL | ART_OSM_NODE_GIVE_WAY;
  const int told = (point.what & signs) ? point.sign_direction : point.signal_direction;
  art_map_event event = { .at_m = at_m,
                          .node = row->id,
                          .what = point.what & kept,
                          .direction = { (uint8_t)(told != ART_OSM_DIRECTION_BACKWARD),
                                         (uint8_t)(told != ART_OSM_DIRECTION_FORWARD) },
                          .is_told = told != ART_OSM_DIRECTION_UNKNOWN,
                          .next = plan->piece[piece].first_event };
  plan->piece[piece].first_event = plan->event_count;
  ART_PUSH(plan->event, plan->event_count, plan->event_capacity, event);
}

/// One piece from a run of references; `rim` cuts its ends at the area.
static void add_piece(grapher *g, int32_t way, int64_t first, int64_t last, int cut_first, int cut_last)
{
  art_map *plan = g->plan;
  const int64_t *node = g->store->ref_node;
  art_map_piece piece = art_map_new_piece(plan, way, plan->point_count);
  piece.node[0] = cut_first ? rim_node(g, node[first + 1], node[first]) : vertex_of(g, node[first]);
  piece.node[1] = cut_last ? rim_node(g, node[last - 1], node[last]) : vertex_of(g, node[last]);
  for (int64_t i = first; i <= last; ++i) {
    const int is_rim = (i == first && cut_first) || (i == last && cut_last);
    const art_map_node *rim = &plan->node[piece.node[i == last]];
    const double x = is_rim ? rim->x : plan->store_x[node[i]], y = is_rim ? rim->y : plan->store_y[node[i]];
    if (i > first && i < last && plan->x[plan->point_count - 1] == x && plan->y[plan->point_count - 1] == y)
      continue;
    art_map_add_point(plan, x, y);
  }
  piece.point_count = (int32_t)(plan->point_count - piece.first_point);
  ART_PUSH(plan->piece, plan->piece_count, plan->piece_capacity, piece);
  const int32_t p = plan->piece_count - 1;
  plan->piece[p].length_m = art_line_length(art_map_line(plan, p));
  for (int64_t i = first + 1; i < last; ++i) {
    double along = 0.0;
    if (!g->store->node[node[i]].tag_count) continue;
    art_line_distance(art_map_line(plan, p), plan->store_x[node[i]], plan->store_y[node[i]], &along);
    add_event(g, p, node[i], along);
  }
  const int is_one_place = plan->piece[p].length_m < 1e-3;  // under two ids
  if (is_one_place || art_map_is_absurd(plan, plan->piece[p].length_m)) --plan->piece_count;
}

static void cut_way(grapher *g, int32_t way)
{
  const art_osm_way_row *row = &g->store->way[g->way_row[way]];
  const int64_t begin = row->ref_first, end = begin + row->ref_count;
  const int64_t *node = g->store->ref_node;
  const uint8_t *is_inside = g->plan->store_inside;
  int64_t first = -1;
  int cut_first = 0;
  for (int64_t i = begin; i < end; ++i) {
    const int here = node[i] >= 0 && is_inside[node[i]];
    const int before = i > begin && node[i - 1] >= 0 && is_inside[node[i - 1]];
    if (here && first < 0) {
      cut_first = i > begin && node[i - 1] >= 0;
      first = cut_first ? i - 1 : i;
      if (cut_first && g->use[node[i]] == 2) {
        add_piece(g, way, first, i, 1, 0);
        first = i;
        cut_first = 0;
      }
      continue;
    }
    if (first < 0) continue;
    if (!here) {
      if (before && node[i] >= 0)
        add_piece(g, way, first, i, cut_first, 1);
      else if (i - 1 > first)
        add_piece(g, way, first, i - 1, cut_first, 0);
      first = -1;
      cut_first = 0;
    } else if (g->use[node[i]] == 2) {
      add_piece(g, way, first, i, cut_first, 0);
      first = i;
      cut_first = 0;
    }
  }
}

art_status art_map_graph(art_map *plan, art_city *city, art_error *err)
{
  const art_osm_store *store = plan->store;
  grapher g = { .plan = plan, .store = store };
  art_osm_moment moment;
  art_status status = plan->options->clip ? art_area_read(plan->options->clip, &g.area, err) : ART_OK;
  if (status == ART_OK) status = art_map_roads(plan, &moment, &g.way_row, err);
  if (status == ART_OK) {
    mark_vertices(&g);
    status = project(&g, city, err);
  }
  if (status == ART_OK) {
    look_at_inner_nodes(&g);
    g.vertex = ART_NEW(int32_t, store->node_count);
    for (int64_t i = 0; i < store->node_count; ++i) g.vertex[i] = -1;
    for (int32_t w = 0; w < plan->way_count; ++w) cut_way(&g, w);
    plan->report->rim = g.rim_count;
    art_map_bans(plan, g.vertex, &moment);
    for (int32_t p = 0; p < plan->piece_count; ++p) {
      art_map_piece *piece = &plan->piece[p];
      piece->point_count = art_line_simplify(plan->x + piece->first_point, plan->y + piece->first_point,
                                             piece->point_count, SIMPLE_M);
    }
    if (!plan->piece_count)
      status = art_fail(err, ART_E_INPUT, "the extract has no road with two nodes in it");
  }
  art_map_index_arms(plan);
  art_area_free(g.area);
  if (!plan->options->with_bicycles && !plan->options->with_rails) art_map_forget_store(plan);
  void *const owned[] = { g.use, g.vertex, g.way_row };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
