// A city as a *.net.xml. Each connector becomes an internal edge of one lane, or two in a row with an internal junction
// between them where it has a holding point.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/geo/projection.h"
#include "io/sumo/export_internal.h"

enum { MOST_CONNECTORS = 256 };  // SUMO's requests are bit sets of this size

typedef struct writer {
  const art_city *city;
  const art_net *net;
  art_xml_out *out;
  int32_t *row;            // [connector] place within its node
  int32_t *second;         // [connector] number of its second internal edge, -1: none
  int32_t *first_in, *in;  // links by the node they lead to
} writer;

static int is_split(const art_net *net, int32_t c)
{
  const float length = net->lane_length_m[art_net_lane_of_connector(net, c)], hold = net->connector_hold_m[c];
  return net->connector_cont[c] && hold > 0.1f && hold < length - 0.1f;
}

static void number_connectors(writer *w)
{
  const art_net *net = w->net;
  w->row = ART_NEW(int32_t, net->connector_count);
  w->second = ART_NEW(int32_t, net->connector_count);
  for (int32_t node = 0; node < net->node_count; ++node) {
    const int32_t first = net->node_first_connector[node], end = net->node_first_connector[node + 1];
    int32_t number = end - first;
    for (int32_t i = first; i < end; ++i) {
      const int32_t c = net->node_connector[i];
      w->row[c] = i - first;
      w->second[c] = is_split(net, c) ? number++ : -1;
    }
  }
}

static void index_links(writer *w)
{
  const art_net *net = w->net;
  w->first_in = ART_NEW(int32_t, net->node_count + 2);
  w->in = ART_NEW(int32_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) ++w->first_in[net->link_to[l] + 2];
  for (int32_t i = 0; i < net->node_count; ++i) w->first_in[i + 2] += w->first_in[i + 1];
  for (int32_t l = 0; l < net->link_count; ++l) w->in[w->first_in[net->link_to[l] + 1]++] = l;
}

static const char *node_of(const writer *w, int32_t c)
{
  return w->net->node_id[w->net->connector_node[c]];
}

static void put_location(const writer *w)
{
  const art_city *city = w->city;
  double lo[2] = { 0.0, 0.0 }, hi[2] = { 0.0, 0.0 };
  for (int64_t i = 0; i < city->lane_first_point[w->net->lane_count]; ++i) {
    const double at[2] = { city->point_x[i], city->point_y[i] };
    for (int k = 0; k < 2; ++k) {
      lo[k] = i ? fmin(lo[k], at[k]) : at[k];
      hi[k] = i ? fmax(hi[k], at[k]) : at[k];
    }
  }
  char *projection = city->crs_wkt ? art_crs_proj_text(city->crs_wkt) : NULL;
  art_xml_out_open(w->out, "location");
  art_xml_out_begin(w->out, "netOffset");
  art_xml_out_add(w->out, "%.3f,%.3f", city->offset_x, city->offset_y);
  art_xml_out_end(w->out);
  art_xml_out_begin(w->out, "convBoundary");
  art_xml_out_add(w->out, "%.2f,%.2f,%.2f,%.2f", lo[0], lo[1], hi[0], hi[1]);
  art_xml_out_end(w->out);
  art_xml_out_begin(w->out, "origBoundary");
  art_xml_out_add(w->out, "%.2f,%.2f,%.2f,%.2f", lo[0] - city->offset_x, lo[1] - city->offset_y,
                  hi[0] - city->offset_x, hi[1] - city->offset_y);
  art_xml_out_end(w->out);
  art_xml_out_text(w->out, "projParameter", projection ? projection : "!");
  art_xml_out_close(w->out);
  free(projection);
}

/// Whichever list is shorter.
static void put_permissions(art_xml_out *out, uint32_t mask)
{
  const uint32_t known = (1u << ART_VCLASS_COUNT) - 1u;
  if ((mask & known) == known) return;
  if (!(mask & known)) {
    art_xml_out_text(out, "disallow", "all");
    return;
  }
  const int allows = __builtin_popcount(mask & known) <= ART_VCLASS_COUNT / 2;
  const char *space = "";
  art_xml_out_begin(out, allows ? "allow" : "disallow");
  for (int vclass = 0; vclass < ART_VCLASS_COUNT; ++vclass)
    if ((int)(mask >> vclass & 1u) == allows) {
      art_xml_out_add(out, "%s%s", space, art_vclass_name(vclass));
      space = " ";
    }
  art_xml_out_end(out);
}

/// Classes that may change lanes; nothing stands for all of them.
static void put_change(art_xml_out *out, const char *attribute, uint32_t mask)
{
  const uint32_t known = (1u << ART_VCLASS_COUNT) - 1u;
  if ((mask & known) == known) return;
  const char *space = "";
  art_xml_out_begin(out, attribute);
  for (int vclass = 0; vclass < ART_VCLASS_COUNT; ++vclass)
    if (mask >> vclass & 1u) {
      art_xml_out_add(out, "%s%s", space, art_vclass_name(vclass));
      space = " ";
    }
  if (!*space) art_xml_out_add(out, "none");
  art_xml_out_end(out);
}

/// The part of a drawn lane from `from` to `to`, shares of its length.
static void put_shape(const writer *w, int32_t lane, double from, double to)
{
  const art_city *city = w->city;
  const int64_t first = city->lane_first_point[lane], end = city->lane_first_point[lane + 1];
  double total = 0.0, at = 0.0;
  for (int64_t i = first + 1; i < end; ++i)
    total += hypot(city->point_x[i] - city->point_x[i - 1], city->point_y[i] - city->point_y[i - 1]);
  const double begin_m = from * total, end_m = to * total;
  const char *space = "";
  art_xml_out_begin(w->out, "shape");
  for (int64_t i = first; i < end; ++i) {
    const double x = city->point_x[i], y = city->point_y[i];
    if (i > first) {
      const double dx = x - city->point_x[i - 1], dy = y - city->point_y[i - 1], part = hypot(dx, dy);
      const double cut[2] = { begin_m, end_m };
      for (int k = 0; k < 2; ++k)
        if (part > 0.0 && cut[k] > at && cut[k] < at + part) {
          const double t = (cut[k] - at) / part - 1.0;
          art_xml_out_add(w->out, "%s%.4f,%.4f", space, x + t * dx, y + t * dy);
          space = " ";
        }
      at += part;
    }
    // Rounding must not lose the last point.
    const int is_last = i + 1 == end && to == 1.0;
    if ((at < begin_m || at > end_m) && !is_last) continue;
    art_xml_out_add(w->out, "%s%.4f,%.4f", space, x, y);
    space = " ";
  }
  art_xml_out_end(w->out);
}

static void put_lane(const writer *w, int32_t lane, double from, double to, int index)
{
  const art_net *net = w->net;
  art_xml_out_integer(w->out, "index", index);
  put_permissions(w->out, net->lane_allowed[lane]);
  art_xml_out_number(w->out, "speed", (double)net->lane_speed_mps[lane]);
  art_xml_out_number(w->out, "length", (to - from) * (double)net->lane_length_m[lane]);
  art_xml_out_number(w->out, "width", (double)net->lane_width_m[lane]);
  put_shape(w, lane, from, to);
}

static double hold_share(const art_net *net, int32_t c)
{
  return (double)net->connector_hold_m[c] / (double)net->lane_length_m[art_net_lane_of_connector(net, c)];
}

static void put_internal_edge(const writer *w, int32_t c, int32_t number, double from, double to)
{
  art_xml_out_open(w->out, "edge");
  art_xml_out_begin(w->out, "id");
  art_xml_out_add(w->out, ":%s_%d", node_of(w, c), number);
  art_xml_out_end(w->out);
  art_xml_out_text(w->out, "function", "internal");
  art_xml_out_open(w->out, "lane");
  art_xml_out_begin(w->out, "id");
  art_xml_out_add(w->out, ":%s_%d_0", node_of(w, c), number);
  art_xml_out_end(w->out);
  put_lane(w, art_net_lane_of_connector(w->net, c), from, to, 0);
  art_xml_out_close(w->out);
  art_xml_out_close(w->out);
}

static void put_internal_edges(const writer *w)
{
  const art_net *net = w->net;
  for (int32_t node = 0; node < net->node_count; ++node)
    for (int pass = 0; pass < 2; ++pass)
      for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
        const int32_t c = net->node_connector[i];
        const double share = w->second[c] >= 0 ? hold_share(net, c) : 1.0;
        if (pass == 0)
          put_internal_edge(w, c, w->row[c], 0.0, share);
        else if (w->second[c] >= 0)
          put_internal_edge(w, c, w->second[c], share, 1.0);
      }
}

static void put_edges(const writer *w)
{
  const art_net *net = w->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    art_xml_out_open(w->out, "edge");
    art_xml_out_text(w->out, "id", net->link_id[l]);
    art_xml_out_text(w->out, "from", net->node_id[net->link_from[l]]);
    art_xml_out_text(w->out, "to", net->node_id[net->link_to[l]]);
    art_xml_out_text(w->out, "name", w->city->link_name ? w->city->link_name[l] : NULL);
    art_xml_out_integer(w->out, "priority", net->link_priority[l]);
    const int32_t first = net->link_first_lane[l], end = net->link_first_lane[l + 1];
    for (int32_t lane = first; lane < end; ++lane) {
      art_xml_out_open(w->out, "lane");
      art_xml_out_begin(w->out, "id");
      art_xml_out_add(w->out, "%s_%d", net->link_id[l], lane - first);
      art_xml_out_end(w->out);
      if (lane + 1 < end) put_change(w->out, "changeLeft", net->lane_change_left[lane]);
      if (lane > first) put_change(w->out, "changeRight", net->lane_change_right[lane]);
      put_lane(w, lane, 0.0, 1.0, lane - first);
      art_xml_out_close(w->out);
    }
    art_xml_out_close(w->out);
  }
}

static void put_requests(const writer *w, int32_t node)
{
  const art_net *net = w->net;
  const int32_t first = net->node_first_connector[node], n = net->node_first_connector[node + 1] - first;
  char response[MOST_CONNECTORS + 1], foes[MOST_CONNECTORS + 1];
  for (int32_t i = 0; i < n; ++i) {
    const int32_t c = net->node_connector[first + i];
    memset(response, '0', (size_t)n);
    memset(foes, '0', (size_t)n);
    response[n] = foes[n] = '\0';
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
      if (net->conflict_kind[k] == ART_CONFLICT_DIVERGE) continue;
      const int32_t column = n - 1 - w->row[net->conflict_other[k]];  // written from right to left
      foes[column] = '1';
      if (net->conflict_yield[k]) response[column] = '1';
    }
    art_xml_out_open(w->out, "request");
    art_xml_out_integer(w->out, "index", i);
    art_xml_out_text(w->out, "response", response);
    art_xml_out_text(w->out, "foes", foes);
    art_xml_out_integer(w->out, "cont", w->second[c] >= 0);
    art_xml_out_close(w->out);
  }
}

static void put_junction(const writer *w, int32_t node)
{
  const art_net *net = w->net;
  const art_city *city = w->city;
  art_xml_out_open(w->out, "junction");
  art_xml_out_text(w->out, "id", net->node_id[node]);
  // SUMO wants a right of way at all nodes but dead ends.
  const int is_passed = net->node_first_connector[node + 1] > net->node_first_connector[node];
  art_xml_out_text(w->out, "type", art_node_kind_name(is_passed ? net->node_kind[node] : ART_NODE_DEAD_END));
  art_xml_out_begin(w->out, "x");
  art_xml_out_add(w->out, "%.4f", city->node_x[node]);
  art_xml_out_end(w->out);
  art_xml_out_begin(w->out, "y");
  art_xml_out_add(w->out, "%.4f", city->node_y[node]);
  art_xml_out_end(w->out);
  const char *space = "";
  art_xml_out_begin(w->out, "incLanes");
  for (int32_t i = w->first_in[node]; i < w->first_in[node + 1]; ++i)
    for (int32_t k = 0; k < art_net_link_lanes(net, w->in[i]); ++k) {
      art_xml_out_add(w->out, "%s%s_%d", space, net->link_id[w->in[i]], k);
      space = " ";
    }
  art_xml_out_end(w->out);
  space = "";
  art_xml_out_begin(w->out, "intLanes");
  for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
    const int32_t c = net->node_connector[i];
    art_xml_out_add(w->out, "%s:%s_%d_0", space, net->node_id[node],
                    w->second[c] >= 0 ? w->second[c] : w->row[c]);
    space = " ";
  }
  art_xml_out_end(w->out);
  space = "";
  art_xml_out_begin(w->out, "shape");
  for (int64_t i = city->node_first_point[node]; i < city->node_first_point[node + 1]; ++i) {
    art_xml_out_add(w->out, "%s%.4f,%.4f", space, city->node_point_x[i], city->node_point_y[i]);
    space = " ";
  }
  art_xml_out_end(w->out);
  put_requests(w, node);
  art_xml_out_close(w->out);
}

/// Where a vehicle waits inside: the streams that it yields to beyond that place.
static void put_internal_junction(const writer *w, int32_t c)
{
  const art_net *net = w->net;
  const char *id = node_of(w, c);
  art_xml_out_open(w->out, "junction");
  art_xml_out_begin(w->out, "id");
  art_xml_out_add(w->out, ":%s_%d_0", id, w->second[c]);
  art_xml_out_end(w->out);
  art_xml_out_text(w->out, "type", "internal");
  const int64_t at = w->city->lane_first_point[art_net_lane_of_connector(net, c)];
  art_xml_out_begin(w->out, "x");
  art_xml_out_add(w->out, "%.4f", w->city->point_x[at]);
  art_xml_out_end(w->out);
  art_xml_out_begin(w->out, "y");
  art_xml_out_add(w->out, "%.4f", w->city->point_y[at]);
  art_xml_out_end(w->out);
  for (int pass = 0; pass < 2; ++pass) {
    art_xml_out_begin(w->out, pass ? "intLanes" : "incLanes");
    if (!pass) art_xml_out_add(w->out, ":%s_%d_0", id, w->row[c]);
    const char *space = pass ? "" : " ";
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
      const int32_t foe = net->conflict_other[k], from = net->connector_from[foe];
      if (net->conflict_kind[k] == ART_CONFLICT_DIVERGE || !net->conflict_yield[k]) continue;
      if (pass)
        art_xml_out_add(w->out, "%s:%s_%d_0", space, id, w->second[foe] >= 0 ? w->second[foe] : w->row[foe]);
      else {
        int32_t before = net->conflict_first[c];  // a lane is named once
        while (before < k &&
               (net->conflict_kind[before] == ART_CONFLICT_DIVERGE || !net->conflict_yield[before] ||
                net->connector_from[net->conflict_other[before]] != from))
          ++before;
        if (before < k) continue;
        art_xml_out_add(w->out, "%s%s_%d", space, net->link_id[net->lane_link[from]],
                        art_net_lane_index(net, from));
      }
      space = " ";
    }
    art_xml_out_end(w->out);
  }
  art_xml_out_close(w->out);
}

static void put_junctions(const writer *w)
{
  const art_net *net = w->net;
  for (int32_t node = 0; node < net->node_count; ++node) put_junction(w, node);
  for (int32_t node = 0; node < net->node_count; ++node)
    for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i)
      if (w->second[net->node_connector[i]] >= 0) put_internal_junction(w, net->node_connector[i]);
}

/// `part` 0: from the link; 1 and 2: from the first or second internal edge.
static void put_connection(const writer *w, int32_t c, int part)
{
  static const char directions[] = "stlrLR";  // as art_turn
  const art_net *net = w->net;
  const int32_t from = net->connector_from[c], to = net->connector_to[c];
  const char dir[2] = { directions[net->connector_turn[c]], '\0' };
  const int goes_on = part == 0 || (part == 1 && w->second[c] >= 0);
  const char state[2] = { part == 0 ? net->connector_state[c] : goes_on ? 'm' : 'M', '\0' };
  art_xml_out_open(w->out, "connection");
  art_xml_out_begin(w->out, "from");
  if (part)
    art_xml_out_add(w->out, ":%s_%d", node_of(w, c), part == 1 ? w->row[c] : w->second[c]);
  else
    art_xml_out_add(w->out, "%s", net->link_id[net->lane_link[from]]);
  art_xml_out_end(w->out);
  art_xml_out_text(w->out, "to", net->link_id[net->lane_link[to]]);
  art_xml_out_integer(w->out, "fromLane", part ? 0 : art_net_lane_index(net, from));
  art_xml_out_integer(w->out, "toLane", art_net_lane_index(net, to));
  if (goes_on) {
    art_xml_out_begin(w->out, "via");
    art_xml_out_add(w->out, ":%s_%d_0", node_of(w, c), part ? w->second[c] : w->row[c]);
    art_xml_out_end(w->out);
  }
  if (part == 0 && net->connector_signal[c] >= 0) {
    art_xml_out_text(w->out, "tl", net->signal_id[net->connector_signal[c]]);
    art_xml_out_integer(w->out, "linkIndex", net->connector_signal_group[c]);
  }
  art_xml_out_text(w->out, "dir", dir);
  art_xml_out_text(w->out, "state", state);
  if (part == 0 && !net->connector_keep_clear[c]) art_xml_out_text(w->out, "keepClear", "0");
  art_xml_out_close(w->out);
}

static void put_connections(const writer *w)
{
  const art_net *net = w->net;
  for (int32_t c = 0; c < net->connector_count; ++c) put_connection(w, c, 0);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    put_connection(w, c, 1);
    if (w->second[c] >= 0) put_connection(w, c, 2);
  }
}

/// Links of roundabouts, followed round.
static void put_roundabouts(const writer *w)
{
  const art_net *net = w->net;
  uint8_t *is_done = ART_NEW(uint8_t, net->link_count);
  int32_t *ring = ART_NEW(int32_t, net->link_count);
  for (int32_t start = 0; start < net->link_count; ++start) {
    int32_t count = 0;
    for (int32_t l = start; l >= 0 && net->link_in_roundabout[l] && !is_done[l];) {
      is_done[l] = 1;
      ring[count++] = l;
      int32_t next = -1;
      for (int32_t lane = net->link_first_lane[l]; lane < net->link_first_lane[l + 1]; ++lane)
        for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
          const int32_t other = net->lane_link[net->connector_to[c]];
          if (net->link_in_roundabout[other] && !is_done[other]) next = other;
        }
      l = next;
    }
    if (!count) continue;
    art_xml_out_open(w->out, "roundabout");
    for (int pass = 0; pass < 2; ++pass) {
      art_xml_out_begin(w->out, pass ? "edges" : "nodes");
      for (int32_t i = 0; i < count; ++i)
        art_xml_out_add(w->out, "%s%s", i ? " " : "",
                        pass ? net->link_id[ring[i]] : net->node_id[net->link_from[ring[i]]]);
      art_xml_out_end(w->out);
    }
    art_xml_out_close(w->out);
  }
  free(is_done);
  free(ring);
}

static art_status check_nodes(const art_net *net, art_error *err)
{
  for (int32_t node = 0; node < net->node_count; ++node) {
    const int32_t n = net->node_first_connector[node + 1] - net->node_first_connector[node];
    if (n > MOST_CONNECTORS)
      return art_fail(err, ART_E_INPUT, "node \"%s\" has %d connectors: accepted by SUMO: at most %d",
                      net->node_id[node], n, (int)MOST_CONNECTORS);
  }
  return ART_OK;
}

art_status art_sumo_export_net(const art_city *city, const char *path, art_error *err)
{
  art_status status = check_nodes(city->net, err);
  if (status != ART_OK) return status;
  writer w = { .city = city, .net = city->net, .out = art_xml_out_new(path, err) };
  if (!w.out) return err->status;
  number_connectors(&w);
  index_links(&w);
  art_xml_out_open(w.out, "net");
  art_xml_out_text(w.out, "version", "1.9");
  if (city->left_hand) art_xml_out_text(w.out, "lefthand", "true");
  put_location(&w);
  put_internal_edges(&w);
  put_edges(&w);
  art_sumo_put_net_signals(w.out, w.net);
  put_junctions(&w);
  put_connections(&w);
  put_roundabouts(&w);
  status = art_xml_out_finish(w.out, 1, err);
  void *const owned[] = { w.row, w.second, w.first_in, w.in };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
