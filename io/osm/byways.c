// Ways that no motor vehicle uses: cycleways, and rails. They are laid upon the junctions that motor traffic made, so that
// those stay as they are: where a byway meets a road between two junctions, the road is cut there; where it meets one near
// a junction, it ends in that.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define ON_ROAD_M 0.8  // a node of a road lies on its piece, which has lost a few points
#define AT_JUNCTION_M \
  16.0                   // where a byway meets a road nearer to its end than this, it belongs to the junction
#define CONTRACT_M 10.0  // shorter byways than this are part of a junction
#define LOOP_M 40.0      // byways within one junction that are longer lead somewhere
#define LEAST_M 0.5
#define CYCLE_MPS (25.0f / 3.6f)
#define CYCLE_WIDTH_M 1.5f
#define RAIL_WIDTH_M 3.0f

/// A run of one way between two vertices.
typedef struct run {
  int32_t way;        // of the plan
  int32_t vertex[2];  // nodes of the store
  int64_t first;
  int32_t count;  // points
  uint8_t lanes[2], is_gone;
} run;

/// Where a vertex lies on a road.
typedef struct place {
  int32_t vertex, piece;
  double at_m;
} place;

typedef struct layer {
  art_map *plan;
  int32_t row_count, row_capacity;
  int64_t *row;      // ways of the store
  uint8_t *use;      // by node of the store: how many runs end or pass there, at most 3; 3 on roads
  uint8_t *on_road;  // by node of the store
  int32_t *node;     // plan node by store node, -1
  int32_t run_count, run_capacity;
  run *run;
  int32_t place_count, place_capacity;
  place *place;
  int32_t *parent;    // of plan nodes
  int32_t old_nodes;  // plan nodes before this step
} layer;

// ---- which ways --------------------------------------------------------------------------------------------------------

static int is_word(art_osm_tags tags, art_osm_key key, const char *const *words, int count)
{
  const char *value = art_osm_tag_get(tags, key);
  for (int i = 0; value && i < count; ++i)
    if (strcmp(value, words[i]) == 0) return 1;
  return 0;
}

/// Ways for bicycles by name; footways and paths only where a tag tells so, and roads that are closed to motors.
static uint32_t classes_on(const art_map *plan, const art_osm_road *road, art_osm_tags tags)
{
  static const char *const open[] = { "yes", "designated", "permissive", "official" };
  static const char *const idle[] = { "yard", "siding", "spur" };
  const uint32_t bicycle = 1u << ART_VCLASS_BICYCLE;
  if (road->is_closed || road->is_area) return 0;
  switch (road->kind) {
  case ART_OSM_KIND_PATH:
    if (!plan->options->with_bicycles || road->road_class == ART_OSM_CLASS_STEPS) return 0;
    return road->road_class == ART_OSM_CLASS_CYCLEWAY || is_word(tags, ART_OSM_BICYCLE, open, 4) ? bicycle
                                                                                                 : 0;
  case ART_OSM_KIND_ROAD:
  case ART_OSM_KIND_BUSWAY: return plan->options->with_bicycles ? bicycle : 0;
  case ART_OSM_KIND_TRAM:
  case ART_OSM_KIND_LIGHT_RAIL:
  case ART_OSM_KIND_SUBWAY:
  case ART_OSM_KIND_RAIL:
    if (!plan->options->with_rails || is_word(tags, ART_OSM_SERVICE, idle, 3)) return 0;
    return art_osm_rail_classes();
  default: return 0;
  }
}

static void add_side(art_map *plan, const art_osm_side *from, uint32_t classes, art_map_side *side)
{
  const int is_rail = (classes & art_osm_rail_classes()) != 0;
  *side = (art_map_side){ .first_lane = plan->lane_count };
  if (!from->lane_count || !(from->allowed & classes)) return;
  const int32_t count = is_rail ? from->lane_count : 1;
  for (int32_t i = 0; i < count; ++i) {
    const art_osm_lane *in = &from->lane[i];
    const float width = in->width_m > 0.0f ? in->width_m : is_rail ? RAIL_WIDTH_M : CYCLE_WIDTH_M;
    art_map_lane lane = { .allowed = from->allowed & classes, .width_m = width };
    lane.speed_mps = is_rail ? fmaxf(in->speed_mps, 1.0f) : CYCLE_MPS;
    ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, lane);
    side->width_m += width;
    ++side->lane_count;
  }
}

static void find_ways(layer *l)
{
  art_map *plan = l->plan;
  const art_osm_store *store = plan->store;
  const art_osm_options tag_options = { .defaults = plan->defaults };
  for (int64_t row = 0; row < store->way_count; ++row) {
    const art_osm_way_row *in = &store->way[row];
    const art_osm_tags tags = art_osm_tags_of(store, in->tag_first, in->tag_count);
    art_osm_road road;
    if (in->ref_count < 2 || art_map_find_way(plan, in->id) >= 0) continue;
    art_patch_way *patch = art_osm_patch_way(plan->patch, in->id);
    if (patch) patch->is_used = 1;
    if (patch && patch->is_dropped) continue;
    art_osm_way(tags, &tag_options, &road, NULL);
    const uint32_t classes = classes_on(plan, &road, tags);
    art_map_way way = { .id = in->id,
                        .road_class = (int8_t)road.road_class,
                        .is_lanes_told = 1,
                        .grade = art_osm_grade(tags),
                        .name = road.name };
    if (!classes) continue;
    add_side(plan, &road.forward, classes, &way.side[0]);
    add_side(plan, &road.backward, classes, &way.side[1]);
    if (way.side[0].lane_count + way.side[1].lane_count == 0) continue;
    const int is_rail = (classes & art_osm_rail_classes()) != 0;
    if (is_rail) {
      way.road_class =
          ART_OSM_CLASS_BUSWAY;  // no class of roads is theirs; rules.c looks at who drives there
      ++plan->report->rail_ways;
      --plan->report->rails;
    } else {
      ++plan->report->cycle_ways;
      if (road.kind == ART_OSM_KIND_PATH)
        --plan->report->paths;
      else
        --plan->report->no_motor;
    }
    if (l->row_count >= l->row_capacity)
      l->row = art_renew(l->row, (size_t)(l->row_capacity = 2 * l->row_capacity + 64), sizeof *l->row);
    l->row[l->row_count++] = row;
    ART_PUSH(plan->way, plan->way_count, plan->way_capacity, way);
  }
}

// ---- runs --------------------------------------------------------------------------------------------------------------

static void mark_roads(layer *l)
{
  const art_map *plan = l->plan;
  const art_osm_store *store = plan->store;
  for (int32_t w = 0; w < plan->road_way_count; ++w) {
    const int64_t row = art_osm_find_way(store, plan->way[w].id);
    for (int32_t i = 0; row >= 0 && i < store->way[row].ref_count; ++i) {
      const int64_t node = store->ref_node[store->way[row].ref_first + i];
      if (node >= 0) l->on_road[node] = 1;
    }
  }
}

static void mark_uses(layer *l)
{
  const art_osm_store *store = l->plan->store;
  for (int32_t w = 0; w < l->row_count; ++w) {
    const art_osm_way_row *way = &store->way[l->row[w]];
    for (int32_t i = 0; i < way->ref_count; ++i) {
      const int64_t node = store->ref_node[way->ref_first + i];
      if (node >= 0 && l->use[node] < 3) ++l->use[node];
    }
  }
}

static int is_there(const layer *l, int64_t node)
{
  return node >= 0 && l->plan->store_inside[node];
}

static void add_run(layer *l, int32_t way, int64_t first, int64_t last)
{
  art_map *plan = l->plan;
  const int64_t *node = plan->store->ref_node;
  const art_map_way *w = &plan->way[way];
  run r = { .way = way, .vertex = { (int32_t)node[first], (int32_t)node[last] }, .first = plan->point_count };
  for (int d = 0; d < 2; ++d) r.lanes[d] = (uint8_t)w->side[d].lane_count;
  for (int64_t i = first; i <= last; ++i)
    art_map_add_point(plan, plan->store_x[node[i]], plan->store_y[node[i]]);
  r.count = (int32_t)(plan->point_count - r.first);
  ART_PUSH(l->run, l->run_count, l->run_capacity, r);
}

static void cut_ways(layer *l)
{
  art_map *plan = l->plan;
  for (int32_t w = 0; w < l->row_count; ++w) {
    const art_osm_way_row *row = &plan->store->way[l->row[w]];
    int64_t first = -1;
    for (int64_t i = row->ref_first; i < row->ref_first + row->ref_count; ++i) {
      const int64_t node = plan->store->ref_node[i];
      if (!is_there(l, node)) {
        if (first >= 0 && i - 1 > first) add_run(l, plan->road_way_count + w, first, i - 1);
        first = -1;
        continue;
      }
      const int is_end = i == row->ref_first + row->ref_count - 1;
      if (first >= 0 && (is_end || l->use[node] > 1 || l->on_road[node])) {
        add_run(l, plan->road_way_count + w, first, i);
        first = i;
      } else if (first < 0)
        first = i;
    }
  }
}

static int same_lanes(const art_map *plan, const run *a, int da, const run *b, int db)
{
  if (a->lanes[da] != b->lanes[db]) return 0;
  const art_map_lane *p = plan->lane + plan->way[a->way].side[da].first_lane,
                     *q = plan->lane + plan->way[b->way].side[db].first_lane;
  for (int i = 0; i < a->lanes[da]; ++i)
    if (p[i].allowed != q[i].allowed || fabsf(p[i].speed_mps - q[i].speed_mps) > 0.3f) return 0;
  return 1;
}

/// Two runs that meet where nothing else does become one, if they are alike.
static void join_runs(layer *l)
{
  art_map *plan = l->plan;
  int32_t(*at)[3] = art_renew(NULL, (size_t)plan->store->node_count + 1, sizeof *at);  // count and two ends
  memset(at, 0, ((size_t)plan->store->node_count + 1) * sizeof *at);
  for (int32_t i = 0; i < l->run_count; ++i)
    for (int end = 0; end < 2; ++end) {
      int32_t *here = at[l->run[i].vertex[end]];
      if (here[0]++ < 2) here[here[0]] = 2 * i + end;
    }
  for (int64_t v = 0; v < plan->store->node_count; ++v) {
    if (at[v][0] != 2 || l->on_road[v]) continue;
    const int32_t arm_a = at[v][1], arm_b = at[v][2];
    run *a = &l->run[arm_a >> 1], *b = &l->run[arm_b >> 1];
    const int forward_a = arm_a & 1, forward_b = !(arm_b & 1);
    // Directions and lanes are those of the first way, so it has to run on in its own direction.
    if (a == b || forward_a != 1 || forward_b != 1 || !same_lanes(plan, a, 0, b, 0) ||
        !same_lanes(plan, a, 1, b, 1))
      continue;
    const int64_t first = plan->point_count;
    for (int32_t i = 0; i < a->count; ++i)
      art_map_add_point(plan, plan->x[a->first + i], plan->y[a->first + i]);
    for (int32_t i = 1; i < b->count; ++i)
      art_map_add_point(plan, plan->x[b->first + i], plan->y[b->first + i]);
    a->first = first;
    a->count += b->count - 1;
    a->vertex[1] = b->vertex[1];
    b->is_gone = 1;
    int32_t *far = at[b->vertex[1]];
    for (int k = 1; k < 3; ++k)
      if (far[k] == (arm_b ^ 1) && far[0] >= k) far[k] = arm_a;
  }
  free(at);
}

// ---- where they meet roads -----------------------------------------------------------------------------------------------

static int32_t add_node(layer *l, int32_t vertex)
{
  art_map *plan = l->plan;
  const int32_t node = art_map_add_store_node(plan, vertex);
  plan->node[node].what =
      art_map_point_of(plan, vertex, NULL).what & ~(uint32_t)(ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL);
  return node;
}

static int compare_places(const void *left, const void *right)
{
  const place *a = left, *b = right;
  if (a->piece != b->piece) return a->piece < b->piece ? -1 : 1;
  if (a->at_m != b->at_m) return a->at_m > b->at_m ? -1 : 1;  // from the far end, so that distances hold
  return a->vertex < b->vertex ? -1 : a->vertex > b->vertex;
}

/// Ends of runs on roads: at a junction, or where the road is cut for them.
static void meet_roads(layer *l)
{
  art_map *plan = l->plan;
  art_map_piece_index *index = art_map_index_pieces(plan);
  for (int32_t i = 0; i < l->run_count; ++i)
    for (int end = 0; end < 2; ++end) {
      const int32_t v = l->run[i].vertex[end];
      place here = { .vertex = v };
      if (l->run[i].is_gone || !l->on_road[v] || l->node[v] != -1) continue;
      here.piece = art_map_nearest_piece(index, plan->store_x[v], plan->store_y[v], ON_ROAD_M, &here.at_m);
      if (here.piece < 0) continue;
      l->node[v] = -2;
      ART_PUSH(l->place, l->place_count, l->place_capacity, here);
    }
  art_map_piece_index_free(index);
  art_sort(l->place, (size_t)l->place_count, sizeof *l->place, compare_places);
  int32_t cut_piece = -1, cut_node = -1;
  double cut_m = 0.0;
  for (int32_t i = 0; i < l->place_count; ++i) {
    const place *here = &l->place[i];
    const art_map_piece *piece = &plan->piece[here->piece];
    const int32_t p = here->piece;
    if (cut_piece != p) cut_node = -1;
    cut_piece = p;
    const double rest = cut_node >= 0 ? cut_m - here->at_m : piece->length_m - here->at_m;
    if (piece->is_inside || here->at_m < AT_JUNCTION_M || rest < AT_JUNCTION_M) {
      // Of a piece that was cut, node[1] is the cut.
      const int near = here->at_m <= rest ? 0 : 1;
      l->node[here->vertex] = piece->node[near];
      continue;
    }
    (void)art_map_split(plan, p, here->at_m, plan->store->node[here->vertex].id);
    l->node[here->vertex] = cut_node = plan->node_count - 1;
    plan->node[cut_node].what =
        art_map_point_of(plan, here->vertex, NULL).what & (ART_OSM_NODE_CROSSING | ART_OSM_NODE_ZEBRA | ART_OSM_NODE_LEVEL_CROSSING);
    cut_m = here->at_m;
  }
}

// ---- into the plan -------------------------------------------------------------------------------------------------------

static int32_t root_of(layer *l, int32_t node)
{
  while (l->parent[node] != node) node = l->parent[node] = l->parent[l->parent[node]];
  return node;
}

/// Short runs are part of the junction that they lead to; roads' nodes stay, those of byways go.
static void contract(layer *l)
{
  art_map *plan = l->plan;
  const int32_t roads = plan->node_count;
  for (int32_t i = 0; i < l->run_count; ++i)
    for (int end = 0; end < 2 && !l->run[i].is_gone; ++end) {
      const int32_t v = l->run[i].vertex[end];
      if (l->node[v] < 0) l->node[v] = add_node(l, v);
    }
  l->parent = ART_NEW(int32_t, plan->node_count);
  for (int32_t i = 0; i < plan->node_count; ++i) l->parent[i] = i;
  for (int32_t i = 0; i < l->run_count; ++i) {
    const run *r = &l->run[i];
    if (r->is_gone) continue;
    const double length = art_line_length((art_line){ .x = plan->x + r->first, .y = plan->y + r->first, .count = r->count });
    const int32_t a = root_of(l, l->node[r->vertex[0]]), b = root_of(l, l->node[r->vertex[1]]);
    if (length > CONTRACT_M || a == b || (a < roads && b < roads)) continue;
    if (a < b)
      l->parent[b] = a;
    else
      l->parent[a] = b;
  }
}

static void add_pieces(layer *l)
{
  art_map *plan = l->plan;
  for (int32_t i = 0; i < l->run_count; ++i) {
    const run *r = &l->run[i];
    if (r->is_gone) continue;
    art_map_piece piece = art_map_new_piece(plan, r->way, r->first);
    piece.point_count = r->count;
    piece.is_byway = 1;
    for (int end = 0; end < 2; ++end) piece.vertex[end] = r->vertex[end];
    for (int end = 0; end < 2; ++end) piece.node[end] = root_of(l, l->node[r->vertex[end]]);
    piece.length_m = art_line_length((art_line){ .x = plan->x + r->first, .y = plan->y + r->first, .count = r->count });
    const art_map_node *from = &plan->node[piece.node[0]], *to = &plan->node[piece.node[1]];
    const int is_loop =
        piece.node[0] == piece.node[1] || (from->junction >= 0 && from->junction == to->junction);
    if (piece.length_m < (is_loop ? LOOP_M : LEAST_M) || art_map_is_absurd(plan, piece.length_m)) continue;
    ART_PUSH(plan->piece, plan->piece_count, plan->piece_capacity, piece);
    if (!is_loop) continue;
    const int32_t p = plan->piece_count - 1,
                  rest = art_map_split(plan, p, 0.5 * piece.length_m, -1000000 - p);
    plan->piece[p].vertex[1] = plan->piece[rest].vertex[0] = -2 - p;
  }
}

/// Each new node is a junction of its own.
static void add_junctions(layer *l)
{
  art_map *plan = l->plan;
  const int32_t most = plan->junction_count + plan->node_count - l->old_nodes;
  plan->junction = art_renew(plan->junction, (size_t)most, sizeof *plan->junction);
  plan->member = art_renew(plan->member, (size_t)plan->node_count, sizeof *plan->member);
  for (int32_t i = l->old_nodes; i < plan->node_count; ++i) {
    art_map_node *node = &plan->node[i];
    plan->member[i] = i;
    node->junction = plan->junction_count;
    plan->junction[plan->junction_count++] =
        (art_map_junction){ .first_node = i, .node_count = 1, .id = node->id, .x = node->x, .y = node->y };
  }
}

/// Byways that no other byway, nor a road, meets are of no use; crumbs of few runs neither.
static void drop_alone(layer *l)
{
  art_map *plan = l->plan;
  art_map_index_arms(plan);
  int32_t kept = 0;
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    const art_map_piece *piece = &plan->piece[p];
    const int alone = piece->is_byway && plan->node[piece->node[0]].arm_count == 1 &&
                      plan->node[piece->node[1]].arm_count == 1;
    plan->report->byways_alone += alone;
    if (!alone) plan->piece[kept++] = *piece;
  }
  plan->piece_count = kept;
}

void art_map_byways(art_map *plan)
{
  const int64_t n = plan->store->node_count;
  layer l = { .plan = plan,
              .use = ART_NEW(uint8_t, n),
              .on_road = ART_NEW(uint8_t, n),
              .node = ART_NEW(int32_t, n),
              .old_nodes = plan->node_count };
  for (int64_t i = 0; i < n; ++i) l.node[i] = -1;
  find_ways(&l);
  mark_roads(&l);
  mark_uses(&l);
  cut_ways(&l);
  join_runs(&l);
  meet_roads(&l);
  contract(&l);
  add_pieces(&l);
  add_junctions(&l);
  drop_alone(&l);
  art_map_index_arms(plan);
  void *const owned[] = { l.row, l.use, l.on_road, l.node, l.run, l.place, l.parent };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}
