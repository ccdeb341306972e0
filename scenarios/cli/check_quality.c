#include "scenarios/cli/check_quality.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/base/memory.h"
#include "io/geo/geojson.h"
#include "scenarios/generate/components.h"

#define SLOWEST_KMH 3.0
#define FASTEST_KMH 160.0
#define SHORTEST_GREEN_SHARE 0.04  // of the cycle
#define TIGHTEST_TURN_M 2.5        // a turn that is shorter has no radius worth the name
enum { MOST_LANES = 8 };

/// Points that a finding takes from its junction.
enum {
  COST_SPEED = 5,
  COST_LANES = 10,
  COST_NO_EXIT = 40,
  COST_LANE = 15,
  COST_NEVER_ENTERED = 25,
  COST_ONLY_BACK = 15,
  COST_CROSSING = 5,
  COST_CROSSINGS_MOST = 50,
  COST_GREEN = 10,
  COST_FUNNEL = 10,
  COST_TIGHT = 5
};

typedef struct checker {
  const art_net *net;
  art_finding report;
  void *context;
  art_quality q;
  int32_t *first_in, *in, *first_out, *out;  // links by node
  uint8_t *passes;                           // by node: some way leads on, not only back
} checker;

static void found(checker *c, int32_t node, int cost, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void found(checker *c, int32_t node, int cost, const char *format, ...)
{
  char message[700];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (node >= 0 && c->q.score[node] >= 0.0f) c->q.score[node] = fmaxf(c->q.score[node] - (float)cost, 0.0f);
  if (!c->report) return;
  c->report(c->context, message);
  ++c->q.findings;
}

/// Costs points, but art_check_city() tells it.
static void told(checker *c, int32_t node, int cost)
{
  if (c->q.score[node] >= 0.0f) c->q.score[node] = fmaxf(c->q.score[node] - (float)cost, 0.0f);
}

static void index_links(const art_net *net, const int32_t *end, int32_t **first_of, int32_t **list)
{
  int32_t *first = ART_NEW(int32_t, net->node_count + 2), *links = ART_NEW(int32_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) ++first[end[l] + 2];
  for (int32_t i = 0; i < net->node_count; ++i) first[i + 2] += first[i + 1];
  for (int32_t l = 0; l < net->link_count; ++l) links[first[end[l] + 1]++] = l;
  *first_of = first;
  *list = links;
}

// ---- links -------------------------------------------------------------------------------------------------------------

static void check_link(checker *c, int32_t l)
{
  const art_net *net = c->net;
  const int32_t lane = net->link_first_lane[l], lanes = art_net_link_lanes(net, l);
  const double kmh = 3.6 * (double)net->lane_speed_mps[lane];
  if (kmh < SLOWEST_KMH || kmh > FASTEST_KMH)
    found(c, net->link_to[l], COST_SPEED, "link '%.200s': speed limit %.4g km/h: usual are %g to %g",
          net->link_id[l], kmh, SLOWEST_KMH, FASTEST_KMH);
  if (lanes > MOST_LANES)
    found(c, net->link_to[l], COST_LANES, "link '%.200s': %" PRId32 " lanes: usual are at most %d",
          net->link_id[l], lanes, MOST_LANES);
}

/// Ways out of a link and ways into it, as far as they are not the way back.
static void check_ends(checker *c, int32_t l)
{
  const art_net *net = c->net;
  const int32_t to = net->link_to[l], from = net->link_from[l];
  int leads = 0, leads_on = 0, others_leave = 0, is_entered = 0, others_arrive = 0, closed_lanes = 0;
  for (int32_t lane = net->link_first_lane[l]; lane < net->link_first_lane[l + 1]; ++lane) {
    closed_lanes += net->lane_first_out[lane] == net->lane_first_out[lane + 1];
    for (int32_t k = net->lane_first_out[lane]; k < net->lane_first_out[lane + 1]; ++k) {
      leads = 1;
      leads_on |= net->link_to[net->lane_link[net->connector_to[k]]] != from;
    }
    is_entered |= net->lane_first_in[lane] < net->lane_first_in[lane + 1];
  }
  for (int32_t k = c->first_out[to]; k < c->first_out[to + 1]; ++k)
    others_leave |= net->link_to[c->out[k]] != from;
  for (int32_t k = c->first_in[from]; k < c->first_in[from + 1]; ++k)
    others_arrive |= net->link_from[c->in[k]] != to;
  if (net->node_kind[to] != ART_NODE_DEAD_END && others_leave) {
    if (!leads) told(c, to, COST_NO_EXIT);
    if (leads)
      for (int i = 0; i < closed_lanes; ++i) told(c, to, COST_LANE);
    if (leads && !leads_on &&
        c->passes[to])  // where nobody passes, as at the centre of a zone, that is how it is meant
      found(c, to, COST_ONLY_BACK,
            "link '%.200s': one can only turn back at node '%.200s', though other links leave it",
            net->link_id[l], net->node_id[to]);
  }
  if (net->node_kind[from] != ART_NODE_DEAD_END && others_arrive && !is_entered)
    found(c, from, COST_NEVER_ENTERED,
          "link '%.200s': no connection leads into it at node '%.200s', though links end there",
          net->link_id[l], net->node_id[from]);
}

// ---- junctions ---------------------------------------------------------------------------------------------------------

/// Connections of one link that cross: lanes that are assigned the wrong way round, or drawn so. One finding a junction.
static void check_crossings(checker *c, int32_t node)
{
  const art_net *net = c->net;
  int32_t pairs = 0, first_a = -1, first_b = -1;
  for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
    const int32_t a = net->node_connector[i], link = net->lane_link[net->connector_from[a]];
    for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1]; ++k) {
      const int32_t b = net->conflict_other[k];
      if (b < a || net->conflict_kind[k] != ART_CONFLICT_CROSS ||
          net->lane_link[net->connector_from[b]] != link)
        continue;
      const uint32_t both = net->lane_allowed[art_net_lane_of_connector(net, a)] &
                            net->lane_allowed[art_net_lane_of_connector(net, b)];
      if (!ART_PERMITS(both, ART_VCLASS_PASSENGER)) continue;  // beside a lane for bicycles that is how it is
      if (!pairs++) first_a = a, first_b = b;
    }
  }
  if (!pairs) return;
  const int cost = pairs * COST_CROSSING < COST_CROSSINGS_MOST ? pairs * COST_CROSSING : COST_CROSSINGS_MOST;
  found(c, node, cost,
        "junction '%.100s': ways out of one link cross in %" PRId32 " pairs, such as lane %" PRId32
        " of '%.100s' to '%.100s' "
        "and lane %" PRId32 " to '%.100s'",
        net->node_id[node], pairs, art_net_lane_index(net, net->connector_from[first_a]),
        net->link_id[net->lane_link[net->connector_from[first_a]]],
        net->link_id[net->lane_link[net->connector_to[first_a]]],
        art_net_lane_index(net, net->connector_from[first_b]),
        net->link_id[net->lane_link[net->connector_to[first_b]]]);
}

static void check_tightness(checker *c, int32_t a)
{
  const art_net *net = c->net;
  const int turn = net->connector_turn[a];
  const float length = net->lane_length_m[art_net_lane_of_connector(net, a)];
  if ((turn == ART_TURN_LEFT || turn == ART_TURN_RIGHT) && (double)length < TIGHTEST_TURN_M)
    told(c, net->connector_node[a], COST_TIGHT);
}

/// Three or more lanes of a link with a single way on, into one lane.
static void check_funnel(checker *c, int32_t l)
{
  const art_net *net = c->net;
  int32_t target = -1;
  const int32_t lanes = art_net_link_lanes(net, l);
  if (lanes < 3) return;
  for (int32_t lane = net->link_first_lane[l]; lane < net->link_first_lane[l + 1]; ++lane)
    for (int32_t k = net->lane_first_out[lane]; k < net->lane_first_out[lane + 1]; ++k) {
      if (target >= 0 && target != net->connector_to[k]) return;
      target = net->connector_to[k];
    }
  if (target >= 0)
    found(c, net->link_to[l], COST_FUNNEL,
          "link '%.200s': its %" PRId32 " lanes all lead into lane '%.200s_%" PRId32 "'", net->link_id[l],
          lanes, net->link_id[net->lane_link[target]], art_net_lane_index(net, target));
}

/// Groups with a green of hardly any use in the program by the clock that runs.
static void check_greens(checker *c, int32_t s, const int32_t *node_of_signal)
{
  const art_net *net = c->net;
  const int32_t p = net->signal_active[s], first = net->program_first_phase[p],
                end = net->program_first_phase[p + 1];
  if (net->program_control[p] != ART_CONTROL_FIXED) return;
  int64_t cycle = 0;
  for (int32_t f = first; f < end; ++f) cycle += net->phase_duration_ms[f];
  for (int32_t g = 0; g < net->signal_group_count[s]; ++g) {
    int64_t green = 0;
    for (int32_t f = first; f < end; ++f)
      if (art_letter_goes(net->phase_state[net->phase_first_state[f] + g]))
        green += net->phase_duration_ms[f];
    if (green && (double)green < SHORTEST_GREEN_SHARE * (double)cycle)
      found(c, node_of_signal[s], COST_GREEN,
            "signal '%.200s': group %" PRId32 " is green for %.3g s of %.4g s", net->signal_id[s], g,
            (double)green / 1000.0, (double)cycle / 1000.0);
  }
}

static void check_signals(checker *c)
{
  const art_net *net = c->net;
  int32_t *node = ART_NEW(int32_t, net->signal_count);
  for (int32_t s = 0; s < net->signal_count; ++s) node[s] = -1;
  for (int32_t k = 0; k < net->connector_count; ++k)
    if (net->connector_signal[k] >= 0) node[net->connector_signal[k]] = net->connector_node[k];
  for (int32_t s = 0; s < net->signal_count; ++s) check_greens(c, s, node);
  free(node);
}

/// Parts of the links between junctions: those that neither begin nor end at a gate or the end of a one-way street.
static void find_parts(checker *c)
{
  const art_net *net = c->net;
  int32_t *number = ART_NEW(int32_t, net->link_count), n = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t from = net->link_from[l], to = net->link_to[l];
    const int is_rim = net->node_kind[from] == ART_NODE_DEAD_END || net->node_kind[to] == ART_NODE_DEAD_END ||
                       c->first_in[from] == c->first_in[from + 1] || c->first_out[to] == c->first_out[to + 1];
    number[l] = is_rim ? -1 : n++;
  }
  int32_t *first = ART_NEW(int32_t, n + 2), *to = ART_NEW(int32_t, net->connector_count);
  for (int32_t k = 0; k < net->connector_count; ++k) {
    const int32_t a = number[net->lane_link[net->connector_from[k]]],
                  b = number[net->lane_link[net->connector_to[k]]];
    if (a >= 0 && b >= 0) ++first[a + 2];
  }
  for (int32_t i = 0; i < n; ++i) first[i + 2] += first[i + 1];
  for (int32_t k = 0; k < net->connector_count; ++k) {
    const int32_t a = number[net->lane_link[net->connector_from[k]]],
                  b = number[net->lane_link[net->connector_to[k]]];
    if (a >= 0 && b >= 0) to[first[a + 1]++] = b;
  }
  int32_t *part = ART_NEW(int32_t, n);
  c->q.core_links = n;
  c->q.parts = art_components(n, first, to, part);
  int32_t *size = ART_NEW(int32_t, c->q.parts);
  for (int32_t i = 0; i < n; ++i) ++size[part[i]];
  for (int32_t i = 0; i < c->q.parts; ++i)
    if (size[i] > c->q.largest_part) c->q.largest_part = size[i];
  free(size);
  free(part);
  free(to);
  free(first);
  free(number);
}

/// Nodes where something is decided: several links end or begin.
static void choose_junctions(checker *c)
{
  const art_net *net = c->net;
  c->passes = ART_NEW(uint8_t, net->node_count);
  for (int32_t k = 0; k < net->connector_count; ++k) {
    const int32_t in = net->lane_link[net->connector_from[k]], out = net->lane_link[net->connector_to[k]];
    if (net->link_to[out] != net->link_from[in]) c->passes[net->connector_node[k]] = 1;
  }
  c->q.score = ART_NEW(float, net->node_count);
  for (int32_t i = 0; i < net->node_count; ++i) {
    const int32_t in = c->first_in[i + 1] - c->first_in[i], out = c->first_out[i + 1] - c->first_out[i];
    c->q.score[i] = in && out && in + out >= 3 && net->node_kind[i] != ART_NODE_DEAD_END ? 100.0f : -1.0f;
  }
}

art_quality art_check_quality(const art_net *net, art_finding report, void *context)
{
  checker c = { .net = net, .report = report, .context = context };
  index_links(net, net->link_to, &c.first_in, &c.in);
  index_links(net, net->link_from, &c.first_out, &c.out);
  choose_junctions(&c);
  for (int32_t l = 0; l < net->link_count; ++l) {
    check_link(&c, l);
    check_ends(&c, l);
    check_funnel(&c, l);
  }
  for (int32_t a = 0; a < net->connector_count; ++a) check_tightness(&c, a);
  for (int32_t node = 0; node < net->node_count; ++node) check_crossings(&c, node);
  check_signals(&c);
  find_parts(&c);
  for (int32_t i = 0; i < net->node_count; ++i) {
    if (c.q.score[i] < 0.0f) continue;
    ++c.q.junctions;
    c.q.mean_score += (double)c.q.score[i];
  }
  if (c.q.junctions) c.q.mean_score /= c.q.junctions;
  free(c.first_in), free(c.in), free(c.first_out), free(c.out), free(c.passes);
  return c.q;
}

// ---- map ---------------------------------------------------------------------------------------------------------------

typedef struct finder {
  const art_city *city;
  art_idmap *links, *nodes, *signals;
  int32_t *node_of_signal;
} finder;

/// The thing that a message names first, as "link 'x'", "lane 'x_0'", "junction 'x'" or "signal 'x'": a lane, or a node.
static void locate(const finder *f, const char *message, int32_t *lane, int32_t *node)
{
  const art_net *net = f->city->net;
  const char *quote = strchr(message, '\''), *end = quote ? strchr(quote + 1, '\'') : NULL;
  *lane = *node = -1;
  if (!end) return;
  char id[512];
  snprintf(id, sizeof id, "%.*s", (int)(end - quote - 1), quote + 1);
  int32_t index = 0;
  if (strncmp(message, "lane ", 5) == 0 && strrchr(id, '_')) {
    index = (int32_t)strtol(strrchr(id, '_') + 1, NULL, 10);
    *strrchr(id, '_') = '\0';
  }
  const int is_lane = strncmp(message, "lane ", 5) == 0, is_link = strncmp(message, "link ", 5) == 0;
  const int32_t link = is_lane || is_link ? art_idmap_find(f->links, id) : -1;
  if (link >= 0) *lane = net->link_first_lane[link] + (index < art_net_link_lanes(net, link) ? index : 0);
  if (strncmp(message, "junction ", 9) == 0) *node = art_idmap_find(f->nodes, id);
  if (strncmp(message, "signal ", 7) == 0) {
    const int32_t s = art_idmap_find(f->signals, id);
    *node = s >= 0 ? f->node_of_signal[s] : -1;
  }
}

static art_idmap *map_of(char *const *ids, int32_t count)
{
  art_idmap *map = art_idmap_new();
  for (int32_t i = 0; i < count; ++i) art_idmap_put(map, ids[i]);
  return map;
}

static void add_finding(const finder *f, art_geojson *g, const char *message, const double *lon,
                        const double *lat, const double *node_lon, const double *node_lat)
{
  int32_t lane, node;
  locate(f, message, &lane, &node);
  json_t *properties = json_pack("{s:s, s:s}", "kind", "finding", "message", message);
  char *text = properties ? json_dumps(properties, JSON_COMPACT) : NULL;
  if (lane >= 0) {
    const int64_t first = f->city->lane_first_point[lane],
                  count = f->city->lane_first_point[lane + 1] - first;
    art_geojson_add(g, "LineString", count, lon + first, lat + first, text ? text : "{}");
  } else if (node >= 0) {
    art_geojson_add(g, "Point", 1, node_lon + node, node_lat + node, text ? text : "{}");
  }
  free(text);
  json_decref(properties);
}

static void add_scores(const finder *f, const art_quality *q, art_geojson *g, const double *lon,
                       const double *lat)
{
  for (int32_t i = 0; i < f->city->net->node_count; ++i) {
    if (q->score[i] < 0.0f) continue;
    json_t *properties = json_pack("{s:s, s:s, s:f}", "kind", "junction", "id", f->city->net->node_id[i],
                                   "score", (double)q->score[i]);
    char *text = properties ? json_dumps(properties, JSON_COMPACT) : NULL;
    art_geojson_add(g, "Point", 1, lon + i, lat + i, text ? text : "{}");
    free(text);
    json_decref(properties);
  }
}

art_status art_quality_map(const art_city *city, const art_quality *quality, int32_t count,
                           char *const *messages, const char *path, art_error *err)
{
  const art_net *net = city->net;
  const int64_t points = city->lane_first_point[net->lane_count];
  double *lon = ART_NEW(double, points), *lat = ART_NEW(double, points);
  double *node_lon = ART_NEW(double, net->node_count), *node_lat = ART_NEW(double, net->node_count);
  art_status status = art_city_lonlat(city, points, city->point_x, city->point_y, lon, lat, err);
  if (status == ART_OK)
    status = art_city_lonlat(city, net->node_count, city->node_x, city->node_y, node_lon, node_lat, err);
  art_geojson *g = NULL;
  if (status == ART_OK) status = art_geojson_begin(path, &g, err);
  if (status == ART_OK) {
    finder f = { city, map_of(net->link_id, net->link_count), map_of(net->node_id, net->node_count),
                 map_of(net->signal_id, net->signal_count), NULL };
    f.node_of_signal = ART_NEW(int32_t, net->signal_count);
    for (int32_t k = 0; k < net->connector_count; ++k)
      if (net->connector_signal[k] >= 0) f.node_of_signal[net->connector_signal[k]] = net->connector_node[k];
    add_scores(&f, quality, g, node_lon, node_lat);
    for (int32_t i = 0; i < count; ++i) add_finding(&f, g, messages[i], lon, lat, node_lon, node_lat);
    status = art_geojson_finish(g, 1, err);
    art_idmap_free(f.links);
    art_idmap_free(f.nodes);
    art_idmap_free(f.signals);
    free(f.node_of_signal);
  }
  free(lon), free(lat), free(node_lon), free(node_lat);
  return status;
}
