// From the store to a graph: ways that are driven on, cut where they meet, in metres.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/geo/area.h"
#include "io/geo/projection.h"
#include "io/osm/map_internal.h"

#define PRIVATE_MPS \
  (20.0f / 3.6f)  // ways for the first or last leg only are slower, so that through traffic avoids them
#define SIMPLE_M 0.15
#define LONGEST_M 300000.0  // no road between two junctions; its nodes are wrong
static const uint32_t point_controls = ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL |
                                       ART_OSM_NODE_STOP | ART_OSM_NODE_STOP_ALL | ART_OSM_NODE_GIVE_WAY;

typedef struct grapher {
  art_map *plan;
  const art_osm_store *store;
  int32_t *node_of_ref;  // store index by reference, -1: not in the file
  uint8_t *use;          // by store node: 0 unused, 1 inside one way, 2 a vertex
  uint8_t *is_inside;    // by store node: within the clipped area
  int32_t *vertex;       // plan node by store node, -1
  double *x, *y;         // by store node
  int64_t *way_row;      // store way by plan way
  art_area *area;
  int64_t rim_count;
} grapher;

// ---- ways --------------------------------------------------------------------------------------------------------------

static uint16_t mirrored_turns(uint16_t turns)
{
  static const uint16_t pair[][2] = { { ART_OSM_TURN_SHARP_LEFT, ART_OSM_TURN_SHARP_RIGHT },
                                      { ART_OSM_TURN_LEFT, ART_OSM_TURN_RIGHT },
                                      { ART_OSM_TURN_SLIGHT_LEFT, ART_OSM_TURN_SLIGHT_RIGHT },
                                      { ART_OSM_TURN_MERGE_LEFT, ART_OSM_TURN_MERGE_RIGHT } };
  uint16_t out = turns & (ART_OSM_TURN_NONE | ART_OSM_TURN_THROUGH | ART_OSM_TURN_REVERSE);
  for (size_t i = 0; i < sizeof pair / sizeof *pair; ++i) {
    if (turns & pair[i][0]) out |= pair[i][1];
    if (turns & pair[i][1]) out |= pair[i][0];
  }
  return out;
}

/// Lanes by the patch: as many as it says, those that are added like the one in the middle, without arrows.
static void patch_lanes(art_map *plan, art_map_side *side, int32_t wanted)
{
  if (side->lane_count == 0 || wanted == side->lane_count) return;
  const int32_t first = plan->lane_count, last = side->first_lane + side->lane_count - 1;
  for (int32_t i = 0; i < wanted; ++i) {
    art_map_lane lane = plan->lane[i < side->lane_count ? side->first_lane + i : last];
    lane.turns = 0;
    lane.change = ART_OSM_CHANGE_BOTH;
    ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, lane);
  }
  side->first_lane = first;
  side->lane_count = wanted;
  side->has_turns = 0;
}

static void add_side(art_map *plan, const art_osm_side *from, float default_width_m, float speed_mps,
                     art_map_side *side)
{
  *side = (art_map_side){ .first_lane = plan->lane_count };
  const uint32_t motor = art_osm_motor_classes();
  if (from->lane_count && !((from->allowed | from->destination) & motor)) {
    if (plan->options->with_bicycles && (from->allowed >> ART_VCLASS_BICYCLE & 1u))
      art_map_note_cycle_lane(side, &from->lane[0], speed_mps);
    else
      ++plan->report->contraflow;
    return;
  }
  for (int32_t i = 0; i < from->lane_count; ++i) {
    const art_osm_lane *in = &from->lane[i];
    const uint32_t allowed = in->allowed | in->destination;
    if (!(allowed & motor)) {
      if (plan->options->with_bicycles && (allowed >> ART_VCLASS_BICYCLE & 1u))
        art_map_note_cycle_lane(side, in, speed_mps);
      else
        ++plan->report->bicycle_lanes;
      continue;
    }
    art_map_lane lane = { .allowed = allowed,
                          .speed_mps = speed_mps > 0.0f ? speed_mps : fmaxf(in->speed_mps, 1.0f),
                          .width_m = in->width_m > 0.0f ? in->width_m : default_width_m,
                          .turns = plan->mirrored ? mirrored_turns(in->turns) : in->turns,
                          .change = in->change };
    // Emergency vehicles may drive there, which makes it no through road.
    const uint32_t through = motor & ~(1u << ART_VCLASS_EMERGENCY);
    if (!(in->allowed & through) && (allowed & through)) lane.speed_mps = fminf(lane.speed_mps, PRIVATE_MPS);
    if (plan->mirrored)
      lane.change = (uint8_t)(((in->change & ART_OSM_CHANGE_LEFT) ? ART_OSM_CHANGE_RIGHT : 0) |
                              ((in->change & ART_OSM_CHANGE_RIGHT) ? ART_OSM_CHANGE_LEFT : 0));
    side->has_turns |= lane.turns != 0;
    if (side->cycle_inner) {  // between lanes for motor traffic: taken as at the kerb
      side->cycle_inner = 0;
      side->cycle_kerb = 1;
    }
    ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, lane);
    ++side->lane_count;
  }
}

static void count_left_out(art_osm_report *report, const art_osm_road *road)
{
  if (road->kind == ART_OSM_KIND_PATH)
    ++report->paths;
  else if (road->kind > ART_OSM_KIND_PATH)
    ++report->rails;
}

/// Rings without a number of lanes have one: defaults of one-way roads are for straight ones.
static void narrow_ring(art_map *plan, art_map_way *way)
{
  for (int d = 0; d < 2; ++d) {
    if (way->side[d].lane_count < 2) continue;
    way->side[d].lane_count = 1;
    way->side[d].width_m = plan->lane[way->side[d].first_lane].width_m;
  }
}

/// Adds a way if motor vehicles drive on it.
static int add_way(grapher *g, int64_t row, const art_osm_options *tag_options, const art_osm_moment *moment)
{
  art_map *plan = g->plan;
  art_osm_report *report = plan->report;
  const art_osm_way_row *in = &g->store->way[row];
  art_osm_road road;
  report->notes.entity = 'w';
  report->notes.id = in->id;
  art_osm_way(art_osm_tags_of(g->store, in->tag_first, in->tag_count), tag_options, &road, &report->notes);
  if (road.kind != ART_OSM_KIND_ROAD && road.kind != ART_OSM_KIND_BUSWAY) {
    count_left_out(report, &road);
    return 0;
  }
  art_patch_way *patch = art_osm_patch_way(plan->patch, in->id);
  if (patch) patch->is_used = 1;
  if (patch && patch->is_dropped) return 0;
  report->unbuilt += road.is_closed;
  report->areas += !road.is_closed && road.is_area;
  if (road.is_closed || road.is_area || in->ref_count < 2) return 0;
  if (moment->day >= 0)
    art_osm_road_at(&road, moment);
  else
    report->conditionals += road.conditional_count > 0;
  const float width = plan->defaults->by_class[road.road_class].lane_width_m;
  art_map_way way = { .id = in->id,
                      .road_class = (int8_t)road.road_class,
                      .is_link = road.is_link,
                      .in_ring = road.is_roundabout,
                      .is_priority_road = road.is_priority_road,
                      .is_minor_service = road.is_service_minor,
                      .middle_m = (float)road.middle_lanes * width,
                      .grade = art_osm_grade(art_osm_tags_of(g->store, in->tag_first, in->tag_count)),
                      .name = road.name };
  const float speed = patch && patch->speed_mps > 0.0 ? (float)patch->speed_mps : 0.0f;
  add_side(plan, &road.forward, width, speed, &way.side[0]);
  add_side(plan, &road.backward, width, speed, &way.side[1]);
  for (int d = 0; d < 2; ++d) {
    if (patch && patch->lanes[d] >= 0) patch_lanes(plan, &way.side[d], patch->lanes[d]);
    for (int32_t i = 0; i < way.side[d].lane_count; ++i)
      way.side[d].width_m += plan->lane[way.side[d].first_lane + i].width_m;
  }
  const art_osm_tags tags = art_osm_tags_of(g->store, in->tag_first, in->tag_count);
  way.is_lanes_told = art_osm_tag_get(tags, ART_OSM_LANES) || way.side[0].has_turns || way.side[1].has_turns ||
                      (patch && (patch->lanes[0] >= 0 || patch->lanes[1] >= 0));
  if (way.in_ring && !way.is_lanes_told) narrow_ring(plan, &way);
  if (way.side[0].lane_count + way.side[1].lane_count == 0) {
    ++report->no_motor;
    return 0;
  }
  report->middle_lanes += road.middle_lanes > 0;
  report->varies += road.varies;
  ++report->roads;
  ART_PUSH(plan->way, plan->way_count, plan->way_capacity, way);
  return 1;
}

static int parse_moment(const char *text, art_osm_moment *out)
{
  static const char *const days[] = { "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH" };
  *out = (art_osm_moment){ .day = -1 };
  if (!text) return 1;
  int hour = 0, minute = 0, used = 0;
  for (int d = 0; d < 8; ++d)
    if (strncmp(text, days[d], 2) == 0) out->day = d;
  if (out->day < 0 || sscanf(text + 2, " %d:%d%n", &hour, &minute, &used) != 2 || text[2 + used]) return 0;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return 0;
  out->minute = 60 * hour + minute;
  return 1;
}

static art_status read_ways(grapher *g, art_osm_moment *moment, art_error *err)
{
  const art_map *plan = g->plan;
  const art_osm_options tag_options = { .defaults = plan->defaults };
  if (!parse_moment(plan->options->moment, moment))
    return art_fail(err, ART_E_INPUT,
                    "moment \"%.60s\": accepted: a day (Mo to Su, PH) and an hour, such as \"We 08:00\"",
                    plan->options->moment);
  int32_t capacity = 0;
  for (int64_t row = 0; row < g->store->way_count; ++row) {
    const int32_t count = plan->way_count;
    if (!add_way(g, row, &tag_options, moment)) continue;
    if (count >= capacity)
      g->way_row = art_renew(g->way_row, (size_t)(capacity = 2 * capacity + 64), sizeof *g->way_row);
    g->way_row[count] = row;
  }
  if (!plan->way_count)
    return art_fail(err, ART_E_INPUT,
                    "%s has no roads that motor vehicles drive on (of %lld ways in the file)",
                    plan->options->with_box || plan->options->clip ? "the area that was asked for" : "the extract",
                    (long long)plan->report->ways_read);
  return ART_OK;
}

// ---- nodes -------------------------------------------------------------------------------------------------------------

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
      const int64_t node = art_osm_find_node(store, store->ref[way->ref_first + i]);
      g->node_of_ref[way->ref_first + i] = (int32_t)node;
      is_broken |= node < 0;
      if (node < 0) continue;
      const int is_end = i == 0 || i + 1 == way->ref_count || g->node_of_ref[way->ref_first + i - 1] < 0;
      g->use[node] = is_end || g->use[node] ? 2 : 1;
    }
    for (int32_t i = 0; i + 1 < way->ref_count; ++i) {
      const int32_t node = g->node_of_ref[way->ref_first + i];
      if (node >= 0 && g->node_of_ref[way->ref_first + i + 1] < 0) g->use[node] = 2;
    }
    plan->report->broken_ways += is_broken;
  }
}

/// The middle of the kept nodes says which zone.
static art_status project(grapher *g, art_city *city, art_error *err)
{
  const art_osm_store *store = g->store;
  const int64_t n = store->node_count;
  const int with_byways = g->plan->options->with_bicycles || g->plan->options->with_rails;
  double *lon = ART_NEW(double, n), *lat = ART_NEW(double, n);
  double sum_lon = 0.0, sum_lat = 0.0;
  int64_t count = 0;
  g->is_inside = ART_NEW(uint8_t, n);
  for (int64_t i = 0; i < n; ++i) {
    lon[i] = store->node[i].lon;
    lat[i] = store->node[i].lat;
    if (!g->use[i] && !with_byways) continue;
    g->is_inside[i] = (uint8_t)in_area(g, lon[i], lat[i]);
    if (!g->is_inside[i] || !g->use[i]) continue;
    sum_lon += lon[i];
    sum_lat += lat[i];
    ++count;
  }
  art_status status = ART_OK;
  if (!count)
    status = art_fail(err, ART_E_INPUT, "no road of the extract lies in the area that was asked for");
  char definition[64];
  const char *crs = g->plan->options->crs;
  if (status == ART_OK && !crs) {
    art_crs_utm(sum_lon / (double)count, sum_lat / (double)count, definition, sizeof definition);
    crs = definition;
  }
  if (status == ART_OK) {
    snprintf(g->plan->report->crs, sizeof g->plan->report->crs, "%.60s", crs);
    status = art_crs_wkt(crs, &city->crs_wkt, err);
  }
  g->x = ART_NEW(double, n);
  g->y = ART_NEW(double, n);
  if (status == ART_OK) status = art_crs_project(city->crs_wkt, n, lon, lat, g->x, g->y, err);
  // Small numbers from a corner: what is drawn keeps its millimetres in any reader.
  double x = INFINITY, y = INFINITY;
  for (int64_t i = 0; status == ART_OK && i < n; ++i) {
    if (!g->use[i] || !g->is_inside[i]) continue;
    x = fmin(x, g->x[i]);
    y = fmin(y, g->y[i]);
  }
  city->offset_x = -floor(x);
  city->offset_y = -floor(y);
  for (int64_t i = 0; status == ART_OK && i < n; ++i) {
    g->x[i] += city->offset_x;
    g->y[i] += city->offset_y;
    if (g->plan->mirrored) g->y[i] = -g->y[i];
  }
  free(lon);
  free(lat);
  return status;
}

static int32_t vertex_of(grapher *g, int32_t node)
{
  if (g->vertex[node] >= 0) return g->vertex[node];
  art_map *plan = g->plan;
  const art_osm_node_row *row = &g->store->node[node];
  const int32_t v = g->vertex[node] = art_map_add_node(plan, row->id, g->x[node], g->y[node]);
  art_osm_point point;
  plan->report->notes.entity = 'n';
  plan->report->notes.id = row->id;
  art_osm_node(art_osm_tags_of(g->store, row->tag_first, row->tag_count), &point, &plan->report->notes);
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
    art_osm_point point;
    art_osm_node(art_osm_tags_of(store, store->node[i].tag_first, store->node[i].tag_count), &point, NULL);
    if ((point.closed & art_osm_motor_classes()) || (point.what & ART_OSM_NODE_MINI_ROUNDABOUT))
      g->use[i] = 2;
  }
}

// ---- pieces ------------------------------------------------------------------------------------------------------------

/// A point on the edge of the area, between a node inside and one outside.
static void cut_at_area(const grapher *g, int32_t inside, int32_t outside, double *x, double *y)
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
  *x = g->x[inside] + low * (g->x[outside] - g->x[inside]);
  *y = g->y[inside] + low * (g->y[outside] - g->y[inside]);
}

static int32_t rim_node(grapher *g, int32_t inside, int32_t outside)
{
  double x, y;
  cut_at_area(g, inside, outside, &x, &y);
  const int32_t v = art_map_add_node(g->plan, -++g->rim_count, x, y);
  g->plan->node[v].is_rim = 1;
  return v;
}

static void add_event(grapher *g, int32_t piece, int32_t node, double at_m)
{
  art_map *plan = g->plan;
  const art_osm_node_row *row = &g->store->node[node];
  art_osm_point point;
  art_osm_node(art_osm_tags_of(g->store, row->tag_first, row->tag_count), &point, NULL);
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
  const art_map_way *w = &plan->way[way];
  const int32_t *node = g->node_of_ref;
  art_map_piece piece = { .first_point = plan->point_count,
                          .way = { way, way },
                          .end_way = { way, way },
                          .way_side = { 0, 1 },
                          .lanes = { (uint8_t)w->side[0].lane_count, (uint8_t)w->side[1].lane_count },
                          .first_event = -1,
                          .link = { -1, -1 },
                          .in_ring = w->in_ring };
  piece.node[0] = cut_first ? rim_node(g, node[first + 1], node[first]) : vertex_of(g, node[first]);
  piece.node[1] = cut_last ? rim_node(g, node[last - 1], node[last]) : vertex_of(g, node[last]);
  for (int64_t i = first; i <= last; ++i) {
    const int is_rim = (i == first && cut_first) || (i == last && cut_last);
    const art_map_node *rim = &plan->node[piece.node[i == last]];
    const double x = is_rim ? rim->x : g->x[node[i]], y = is_rim ? rim->y : g->y[node[i]];
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
    art_line_distance(art_map_line(plan, p), g->x[node[i]], g->y[node[i]], &along);
    add_event(g, p, node[i], along);
  }
  if (plan->piece[p].length_m < 1e-3) --plan->piece_count;  // one place under two ids
  if (plan->piece[p].length_m > LONGEST_M) {
    --plan->piece_count;
    ++plan->report->absurd;
  }
}

static void cut_way(grapher *g, int32_t way)
{
  const art_osm_way_row *row = &g->store->way[g->way_row[way]];
  const int64_t begin = row->ref_first, end = begin + row->ref_count;
  const int32_t *node = g->node_of_ref;
  int64_t first = -1;
  int cut_first = 0;
  for (int64_t i = begin; i < end; ++i) {
    const int here = node[i] >= 0 && g->is_inside[node[i]];
    const int before = i > begin && node[i - 1] >= 0 && g->is_inside[node[i - 1]];
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

// ---- turn restrictions -------------------------------------------------------------------------------------------------

/// Ways of the plan stand in the order of their ids.
static int32_t find_way(const art_map *plan, int64_t id)
{
  int32_t low = 0, high = plan->way_count;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (plan->way[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < plan->way_count && plan->way[low].id == id ? low : -1;
}

static int fill_ban(grapher *g, const art_osm_restriction *r, art_map_ban *ban)
{
  art_map *plan = g->plan;
  ban->via_node = -1;
  ban->first_via = plan->ban_via_count;
  if (!r->via_is_way) {
    const int64_t node = art_osm_find_node(g->store, r->via[0]);
    ban->via_node = node < 0 ? -1 : g->vertex[node];
    return ban->via_node >= 0;
  }
  for (int32_t i = 0; i < r->via_count; ++i) {
    const int32_t way = find_way(plan, r->via[i]);
    if (way < 0) return 0;
    ART_PUSH(plan->ban_via, plan->ban_via_count, plan->ban_via_capacity, way);
    ++ban->via_count;
  }
  return 1;
}

static void read_ban(grapher *g, int64_t relation, const art_osm_restriction *r, const art_osm_moment *moment)
{
  art_map *plan = g->plan;
  if (r->is_conditional && (moment->day < 0 || !art_osm_condition_holds(&r->condition, moment))) {
    plan->report->bans_conditional += moment->day < 0;
    return;
  }
  if (!(r->classes & art_osm_motor_classes())) return;
  for (int32_t f = 0; f < r->from_count; ++f)
    for (int32_t t = 0; t < r->to_count; ++t) {
      art_map_ban ban = { .relation = relation,
                          .from = find_way(plan, r->from[f]),
                          .to = find_way(plan, r->to[t]),
                          .classes = r->classes,
                          .is_only = r->is_only,
                          .is_u_turn = r->ban == ART_OSM_BAN_U };
      if (ban.from < 0 || ban.to < 0 || !fill_ban(g, r, &ban)) {
        ++plan->report->bans_outside;
        continue;
      }
      ART_PUSH(plan->ban, plan->ban_count, plan->ban_capacity, ban);
    }
}

static void read_bans(grapher *g, const art_osm_moment *moment)
{
  const art_osm_store *store = g->store;
  for (int64_t i = 0; i < store->relation_count; ++i) {
    const art_osm_relation_row *row = &store->relation[i];
    const art_osm_tags tags = art_osm_tags_of(store, row->tag_first, row->tag_count);
    if (!art_osm_is_restriction(tags)) continue;
    art_osm_restriction found[ART_OSM_MAX_BANS];
    art_osm_notes *notes = &g->plan->report->notes;
    notes->entity = 'r';
    notes->id = row->id;
    const int32_t n =
        art_osm_restrictions(tags, row->member_count, store->member + row->member_first, found, notes);
    for (int32_t k = 0; k < n; ++k) read_ban(g, row->id, &found[k], moment);
  }
}

// ---- all of it ---------------------------------------------------------------------------------------------------------

art_status art_map_graph(art_map *plan, art_city *city, art_error *err)
{
  const art_osm_store *store = plan->store;
  grapher g = { .plan = plan, .store = store };
  art_osm_moment moment;
  g.node_of_ref = ART_NEW(int32_t, store->ref_count);
  art_status status = plan->options->clip ? art_area_read(plan->options->clip, &g.area, err) : ART_OK;
  if (status == ART_OK) status = read_ways(&g, &moment, err);
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
    read_bans(&g, &moment);
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
  plan->road_way_count = plan->way_count;
  if (plan->options->with_bicycles || plan->options->with_rails) {
    plan->store_x = g.x;
    plan->store_y = g.y;
    plan->store_inside = g.is_inside;
    g.x = g.y = NULL;
    g.is_inside = NULL;
  }
  void *const owned[] = { g.node_of_ref, g.use, g.is_inside, g.vertex, g.x, g.y, g.way_row };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
