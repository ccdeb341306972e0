// Cities as GMNS tables.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/geo/plane.h"
#include "io/gmns/gmns_internal.h"

const char *const art_gmns_tables[] = { "config",
                                        "node",
                                        "link",
                                        "geometry",
                                        "lane",
                                        "segment",
                                        "segment_lane",
                                        "movement",
                                        "use_group",
                                        "use_definition",
                                        "signal_controller",
                                        "signal_timing_plan",
                                        "signal_timing_phase",
                                        "signal_phase_mvmt",
                                        "signal_coordination",
                                        NULL };

/// A field in quotes where it needs them.
static void put_text(FILE *file, const char *text)
{
  if (!text[strcspn(text, ",\"\n\r")]) {
    fputs(text, file);
    return;
  }
  putc('"', file);
  for (; *text; ++text) {
    if (*text == '"') putc('"', file);
    putc(*text, file);
  }
  putc('"', file);
}

static FILE *open_table(const char *folder, const char *table, const char *header, art_status *status,
                        art_error *err)
{
  if (*status != ART_OK) return NULL;
  char *path = art_gmns_path(folder, table, 1);
  FILE *file = fopen(path, "w");
  if (file)
    fprintf(file, "%s\n", header);
  else
    *status = art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", path, strerror(errno));
  free(path);
  return file;
}

static void close_table(FILE *file, const char *folder, const char *table, art_status *status, art_error *err)
{
  if (!file) return;
  const int failed = ferror(file);
  if (fclose(file) != 0 || failed)
    *status = art_fail(err, ART_E_IO, "%s/%s.csv: cannot be written", folder, table);
}

static void write_config(const art_city *city, const char *folder, art_status *status, art_error *err)
{
  FILE *file = open_table(
      folder, "config",
      "dataset_name,short_length,long_length,speed,crs,geometry_field_format,currency,version_number,"
      "id_type",
      status, err);
  if (!file) return;
  char *crs = city->crs_wkt ? art_plane_name(city->crs_wkt) : NULL;
  put_text(file, city->title ? city->title : "arterial");
  fputs(",meter,kilometer,kph,", file);
  put_text(file, crs ? crs : "");
  fputs(",wkt,,0.96,string\n", file);
  free(crs);
  close_table(file, folder, "config", status, err);
}

static const char *control_of(int kind)
{
  switch (kind) {
  case ART_NODE_TRAFFIC_LIGHT:
  case ART_NODE_TRAFFIC_LIGHT_UNREGULATED:
  case ART_NODE_TRAFFIC_LIGHT_RIGHT_ON_RED: return "signal";
  case ART_NODE_ALLWAY_STOP: return "4_stop";
  case ART_NODE_PRIORITY_STOP: return "2_stop";
  default: return "none";
  }
}

/// A place where nothing happens but a change of lanes: nobody has to keep it clear.
static int is_joint(const art_net *net, int32_t node)
{
  const int32_t first = net->node_first_connector[node], end = net->node_first_connector[node + 1];
  for (int32_t i = first; i < end; ++i)
    if (net->connector_keep_clear[net->node_connector[i]]) return 0;
  return end > first && net->node_kind[node] == ART_NODE_PRIORITY;
}

static void write_nodes(const art_city *city, const char *folder, art_status *status, art_error *err)
{
  FILE *file = open_table(folder, "node",
                          "node_id,name,x_coord,y_coord,z_coord,node_type,ctrl_type,zone_id,parent_node_id",
                          status, err);
  const art_net *net = city->net;
  for (int32_t i = 0; i < net->node_count && file; ++i) {
    put_text(file, net->node_id[i]);
    fprintf(file, ",,%.6f,%.6f,,%s,%s,,\n", city->node_x[i] - city->offset_x,
            city->node_y[i] - city->offset_y,
            net->node_kind[i] == ART_NODE_DEAD_END ? "external"
            : is_joint(net, i)                     ? "joint"
                                                   : "intersection",
            control_of(net->node_kind[i]));
  }
  close_table(file, folder, "node", status, err);
}

/// The middle of the lanes of a link: mean of its outermost edges, point by point where the lanes have as many points.
static void write_geometry(const art_city *city, int32_t link, FILE *file)
{
  const art_net *net = city->net;
  const int32_t first = net->link_first_lane[link], last = net->link_first_lane[link + 1] - 1;
  const int64_t a = city->lane_first_point[first], n = city->lane_first_point[first + 1] - a;
  const int64_t b = city->lane_first_point[last], m = city->lane_first_point[last + 1] - b;
  // Lanes of different widths: from the middle of the outermost lanes to the middle of the outermost edges.
  const double half = 0.25 * ((double)net->lane_width_m[first] - (double)net->lane_width_m[last]);
  fputs("\"LINESTRING (", file);
  for (int64_t i = 0; i < n; ++i) {
    double x = city->point_x[a + i], y = city->point_y[a + i];
    if (n == m && last > first) {
      const double dx = x - city->point_x[b + i], dy = y - city->point_y[b + i], length = hypot(dx, dy);
      x += -0.5 * dx + (length > 0.0 ? half * dx / length : 0.0);
      y += -0.5 * dy + (length > 0.0 ? half * dy / length : 0.0);
    }
    fprintf(file, "%s%.6f %.6f", i ? "," : "", x - city->offset_x, y - city->offset_y);
  }
  fputs(")\"", file);
}

/// The type of facility is "rank_<priority>": names of facilities cannot tell all priorities.
static void write_links(const art_city *city, const char *folder, art_status *status, art_error *err)
{
  FILE *file =
      open_table(folder, "link",
                 "link_id,name,from_node_id,to_node_id,directed,geometry_id,geometry,parent_link_id,dir_flag,"
                 "length,grade,facility_type,capacity,free_speed,lanes,bike_facility,ped_facility,parking,"
                 "allowed_uses,toll,jurisdiction,row_width",
                 status, err);
  const art_net *net = city->net;
  for (int32_t l = 0; l < net->link_count && file; ++l) {
    const int32_t lane = net->link_first_lane[l];
    put_text(file, net->link_id[l]);
    putc(',', file);
    put_text(file, city->link_name && city->link_name[l] ? city->link_name[l] : "");
    putc(',', file);
    put_text(file, net->node_id[net->link_from[l]]);
    putc(',', file);
    put_text(file, net->node_id[net->link_to[l]]);
    fputs(",1,,", file);
    write_geometry(city, l, file);
    uint32_t allowed = 0;
    for (int32_t i = lane; i < net->link_first_lane[l + 1]; ++i) allowed |= net->lane_allowed[i];
    char uses[400];
    art_gmns_use_names(allowed, uses, sizeof uses);
    fprintf(file, ",,1,%.9g,%.7g,rank_%" PRId32 ",,%.9g,%" PRId32 ",,,,",
            (double)net->lane_length_m[lane] / 1000.0,
            net->lane_grade ? 100.0 * (double)net->lane_grade[lane] : 0.0, net->link_priority[l],
            (double)net->lane_speed_mps[lane] * 3.6, art_net_link_lanes(net, l));
    put_text(file, uses);
    fputs(",,,\n", file);
  }
  close_table(file, folder, "link", status, err);
}

/// Lanes are numbered from the left.
static int32_t lane_num(const art_city *city, int32_t lane)
{
  const art_net *net = city->net;
  const int32_t index = art_net_lane_index(net, lane);
  return city->left_hand ? index + 1 : art_net_link_lanes(net, net->lane_link[lane]) - index;
}

static void write_lanes(const art_city *city, const char *folder, art_status *status, art_error *err)
{
  FILE *file = open_table(folder, "lane", "lane_id,link_id,lane_num,allowed_uses,r_barrier,l_barrier,width",
                          status, err);
  const art_net *net = city->net;
  for (int32_t i = 0; i < net->link_lane_count && file; ++i) {
    char uses[400];
    art_gmns_use_names(net->lane_allowed[i], uses, sizeof uses);
    fprintf(file, "%" PRId32 ",", i + 1);
    put_text(file, net->link_id[net->lane_link[i]]);
    fprintf(file, ",%" PRId32 ",", lane_num(city, i));
    put_text(file, uses);
    fprintf(file, ",none,none,%.7g\n", (double)net->lane_width_m[i]);
  }
  close_table(file, folder, "lane", status, err);
}

static const char *type_of(int turn)
{
  switch (turn) {
  case ART_TURN_U: return "uturn";
  case ART_TURN_LEFT: return "left";
  case ART_TURN_RIGHT: return "right";
  case ART_TURN_PART_LEFT: return "part_left";
  case ART_TURN_PART_RIGHT: return "part_right";
  default: return "thru";
  }
}

static void write_movements(const art_city *city, const char *folder, art_status *status, art_error *err)
{
  FILE *file = open_table(
      folder, "movement",
      "mvmt_id,node_id,name,ib_link_id,start_ib_lane,end_ib_lane,ob_link_id,start_ob_lane,end_ob_lane,"
      "type,penalty,capacity,ctrl_type",
      status, err);
  const art_net *net = city->net;
  for (int32_t c = 0; c < net->connector_count && file; ++c) {
    const int32_t from = net->connector_from[c], to = net->connector_to[c], in = lane_num(city, from),
                  out = lane_num(city, to);
    fprintf(file, "%" PRId32 ",", c + 1);
    put_text(file, net->node_id[net->connector_node[c]]);
    fputs(",,", file);
    put_text(file, net->link_id[net->lane_link[from]]);
    fprintf(file, ",%" PRId32 ",%" PRId32 ",", in, in);
    put_text(file, net->link_id[net->lane_link[to]]);
    fprintf(file, ",%" PRId32 ",%" PRId32 ",%s,,,%s\n", out, out, type_of(net->connector_turn[c]),
            net->connector_signal[c] >= 0 ? "signal" : "none");
  }
  close_table(file, folder, "movement", status, err);
}

static void write_uses(const char *folder, art_status *status, art_error *err)
{
  FILE *file = open_table(folder, "use_definition",
                          "use,persons_per_vehicle,pce,special_conditions,description", status, err);
  for (int c = 0; c < ART_VCLASS_COUNT && file; ++c) {
    char name[64];
    art_gmns_use_names(1u << c, name, sizeof name);
    fprintf(file, "%s,1,1,,\n", name);
  }
  close_table(file, folder, "use_definition", status, err);
}

art_status art_gmns_write(const art_city *city, const char *folder, art_gmns_losses *losses, art_error *err)
{
  *losses = (art_gmns_losses){ 0 };
  art_status status = ART_OK;
  write_config(city, folder, &status, err);
  write_nodes(city, folder, &status, err);
  write_links(city, folder, &status, err);
  write_lanes(city, folder, &status, err);
  write_movements(city, folder, &status, err);
  write_uses(folder, &status, err);
  if (status == ART_OK && city->net->signal_count)
    status = art_gmns_write_signals(city->net, folder, losses, err);
  return status;
}
