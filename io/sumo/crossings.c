// Pedestrian crossings: which connectors they lie over, and where. Files know edges with a function, a lane that is the
// middle line of the crossing, and connections from walking areas that tell the light or the right of way.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

#define STEP_M 0.2
/// HCM 7 takes 1.07 m/s for planning, 1.2 m/s is usual in Europe.
#define WALK_MPS 1.2

static double distance_to_line(const double *x, const double *y, int32_t count, double px, double py)
{
  double least = INFINITY;
  for (int32_t i = 0; i + 1 < count; ++i) {
    const double dx = x[i + 1] - x[i], dy = y[i + 1] - y[i], square = dx * dx + dy * dy;
    const double t =
        square > 0.0 ? fmin(fmax(((px - x[i]) * dx + (py - y[i]) * dy) / square, 0.0), 1.0) : 0.0;
    least = fmin(least, hypot(px - x[i] - t * dx, py - y[i] - t * dy));
  }
  return least;
}

/// Stretch of connector c within `reach` of the crossing's middle line, driven metres. Returns 0 if there is none.
static int find_zone(const art_city *city, int32_t c, const art_raw_net *raw, const art_raw_lane *lane,
                     double reach, float *enter_m, float *exit_m)
{
  const int32_t path = art_net_lane_of_connector(city->net, c);
  const int64_t first = city->lane_first_point[path], end = city->lane_first_point[path + 1];
  const double *x = raw->x + lane->first_point, *y = raw->y + lane->first_point;
  double s = 0.0, enter = -1.0, leave = -1.0;
  for (int64_t i = first; i + 1 < end; ++i) {
    const double dx = city->point_x[i + 1] - city->point_x[i], dy = city->point_y[i + 1] - city->point_y[i];
    const double part = hypot(dx, dy);
    const int32_t steps = (int32_t)ceil(part / STEP_M);
    for (int32_t n = 0; n <= steps && steps > 0; ++n) {
      const double t = (double)n / (double)steps;
      if (distance_to_line(x, y, lane->point_count, city->point_x[i] + t * dx, city->point_y[i] + t * dy) >
          reach)
        continue;
      if (enter < 0.0) enter = s + t * part;
      leave = s + t * part;
    }
    s += part;
  }
  if (enter < 0.0 || s <= 0.0) return 0;
  const double scale = (double)city->net->lane_length_m[path] / s;
  *enter_m = (float)(enter * scale);
  *exit_m = (float)(leave * scale);
  return 1;
}

/// The node of a crossing called ":node_c7"; -1 if there is none.
static int32_t node_of(const art_raw_net *raw, const int32_t *node_of_junction, const char *id)
{
  const char *mark = strrchr(id, '_');
  if (id[0] != ':' || !mark || mark[1] != 'c') return -1;
  char *name = art_strdup(id + 1);
  name[mark - id - 1] = '\0';
  const int32_t found = art_idmap_find(raw->names, name);
  free(name);
  const int32_t junction = found < 0 ? -1 : raw->junction_of_name[found];
  return junction < 0 ? -1 : node_of_junction[junction];
}

/// The connection that leads onto the crossing, or NULL.
static const art_raw_connection *connection_to(const art_raw_net *raw, const art_raw_edge *edge)
{
  for (int32_t i = 0; i < raw->connection_count; ++i)
    if (raw->connection[i].to == edge->id) return &raw->connection[i];
  return NULL;
}

typedef struct lists {
  int32_t rows, row_capacity;
  int32_t *connector;
  float *enter_m, *exit_m;
} lists;

static void add_rows(const art_raw_net *raw, const art_city *city, int32_t node, const art_raw_lane *lane,
                     lists *out)
{
  const art_net *net = city->net;
  for (int32_t k = net->node_first_connector[node]; k < net->node_first_connector[node + 1]; ++k) {
    float enter, leave;
    if (!find_zone(city, net->node_connector[k], raw, lane, 0.5 * lane->width_m, &enter, &leave)) continue;
    int32_t capacities[2] = { out->row_capacity, out->row_capacity }, counts[2] = { out->rows, out->rows };
    ART_PUSH(out->connector, counts[0], capacities[0], net->node_connector[k]);
    ART_PUSH(out->enter_m, counts[1], capacities[1], enter);
    ART_PUSH(out->exit_m, out->rows, out->row_capacity, leave);
  }
}

void art_crossings_build(const art_raw_net *raw, const int32_t *node_of_junction, const art_idmap *signal_ids,
                         art_city *city, art_import_report *report)
{
  art_net *net = city->net;
  int32_t most = 0;
  for (int32_t e = 0; e < raw->edge_count; ++e) most += raw->edge[e].function == ART_RAW_CROSSING;
  if (!most) return;
  net->crossing_id = ART_NEW(char *, most);
  net->crossing_node = ART_NEW(int32_t, most);
  net->crossing_signal = ART_NEW(int32_t, most);
  net->crossing_signal_group = ART_NEW(int32_t, most);
  net->crossing_walk_s = ART_NEW(float, most);
  net->crossing_flow_per_h = ART_NEW(float, most);
  net->crossing_first = ART_NEW(int32_t, most + 1);
  lists rows = { 0 };
  for (int32_t e = 0; e < raw->edge_count; ++e) {
    const art_raw_edge *edge = &raw->edge[e];
    if (edge->function != ART_RAW_CROSSING) continue;
    const char *id = art_idmap_id(raw->names, edge->id);
    const int32_t node = node_of(raw, node_of_junction, id);
    const art_raw_connection *connection = connection_to(raw, edge);
    if (node < 0 || edge->lane_count != 1 || raw->lane[edge->first_lane].point_count < 2) {
      art_tally(&report->notes, "pedestrian crossing without a junction or a lane is left out");
      continue;
    }
    const int is_signalised = connection && connection->signal >= 0;
    if (connection && !is_signalised && connection->state != 'M') {
      art_tally(&report->notes, "pedestrian crossing where vehicles have the right of way is left out");
      continue;
    }
    const art_raw_lane *lane = &raw->lane[edge->first_lane];
    const int32_t x = net->crossing_count++;
    net->crossing_id[x] = art_strdup(id);
    net->crossing_node[x] = node;
    net->crossing_signal[x] =
        is_signalised ? art_idmap_find(signal_ids, art_idmap_id(raw->names, connection->signal)) : -1;
    net->crossing_signal_group[x] = net->crossing_signal[x] >= 0 ? connection->group : -1;
    net->crossing_walk_s[x] = (float)fmin(fmax(lane->length_m / WALK_MPS, 1.0), 600.0);
    add_rows(raw, city, node, lane, &rows);
    net->crossing_first[x + 1] = rows.rows;
  }
  net->crossing_row_count = rows.rows;
  net->crossing_connector = rows.connector;
  net->crossing_enter_m = rows.enter_m;
  net->crossing_exit_m = rows.exit_m;
  report->foot_crossings = net->crossing_count;
}
