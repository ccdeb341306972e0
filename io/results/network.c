// /network: the graph as a UGRID 1-D mesh, lanes and their drawing; and what other groups borrow from
// geometry.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/results/table_internal.h"

typedef const art_result_view view;

double art_view_x(view *v, double x)
{
  return v->city->crs_wkt ? x - v->city->offset_x : x;
}
double art_view_y(view *v, double y)
{
  return v->city->crs_wkt ? y - v->city->offset_y : y;
}

/// The lane whose drawing stands for the link: the middle one.
static int32_t drawn_lane(const art_net *net, int64_t link)
{
  return net->link_first_lane[link] + (art_net_link_lanes(net, (int32_t)link) - 1) / 2;
}

void art_point_on_lane(const art_city *city, int32_t lane, double distance_m, double *x, double *y)
{
  const int64_t first = city->lane_first_point[lane], last = city->lane_first_point[lane + 1] - 1;
  double drawn = 0.0;
  for (int64_t k = first; k < last; ++k)
    drawn += hypot(city->point_x[k + 1] - city->point_x[k], city->point_y[k + 1] - city->point_y[k]);
  double rest = distance_m / (double)city->net->lane_length_m[lane] * drawn;
  *x = city->point_x[first];
  *y = city->point_y[first];
  for (int64_t k = first; k < last; ++k) {
    const double dx = city->point_x[k + 1] - city->point_x[k], dy = city->point_y[k + 1] - city->point_y[k];
    const double step = hypot(dx, dy);
    if (rest <= step || k + 1 == last) {
      const double share = step > 0.0 ? fmin(fmax(rest / step, 0.0), 1.0) : 0.0;
      *x = city->point_x[k] + share * dx;
      *y = city->point_y[k] + share * dy;
      return;
    }
    rest -= step;
  }
}

static char *joined(const char *a, const char *b, const char *c)
{
  char *text = ART_NEW(char, strlen(a) + strlen(b) + strlen(c) + 1);
  strcpy(text, a);
  strcat(text, b);
  return strcat(text, c);
}

/// Names of lanes as SUMO makes them ("link_0"); a connector is "from lane>to lane".
static void name_lanes(art_result_view *v)
{
  const art_net *net = v->net;
  v->lane_id = ART_NEW(char *, net->lane_count);
  char index[16];
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    snprintf(index, sizeof index, "%d", art_net_lane_index(net, lane));
    v->lane_id[lane] = joined(net->link_id[net->lane_link[lane]], "_", index);
  }
  for (int32_t c = 0; c < net->connector_count; ++c)
    v->lane_id[net->link_lane_count + c] =
        joined(v->lane_id[net->connector_from[c]], ">", v->lane_id[net->connector_to[c]]);
}

static char *text_of_program(const art_net *net, int32_t signal)
{
  const int32_t p = net->signal_active[signal];
  size_t size = 0;
  char *text = NULL;
  FILE *out = open_memstream(&text, &size);
  if (!out) return art_strdup("");
  fprintf(out, "offset %g", (double)net->program_offset_ms[p] / 1000.0);
  for (int32_t k = net->program_first_phase[p]; k < net->program_first_phase[p + 1]; ++k) {
    const int64_t first = net->phase_first_state[k];
    fprintf(out, "; %g %.*s", (double)net->phase_duration_ms[k] / 1000.0,
            (int)(net->phase_first_state[k + 1] - first), net->phase_state + first);
  }
  fclose(out);
  return text;
}

static void to_lonlat(const art_city *city, int64_t count, const double *x, const double *y, double **lon,
                      double **lat, art_status *status, art_error *err)
{
  *lon = ART_NEW(double, count);
  *lat = ART_NEW(double, count);
  if (*status == ART_OK) *status = art_city_lonlat(city, count, x, y, *lon, *lat, err);
}

/// Ids of the programs of a signal, separated by spaces; spaces within an id become underscores.
static char *ids_of_programs(const art_net *net, int32_t signal)
{
  size_t length = 1;
  const int32_t first = net->signal_first_program[signal], end = net->signal_first_program[signal + 1];
  for (int32_t p = first; p < end; ++p) length += strlen(net->program_id[p]) + 1;
  char *text = ART_NEW(char, length), *at = text;
  for (int32_t p = first; p < end; ++p) {
    if (p > first) *at++ = ' ';
    for (const char *c = net->program_id[p]; *c; ++c) *at++ = *c == ' ' ? '_' : *c;
  }
  return text;
}

art_status art_view_prepare(art_result_view *v, art_error *err)
{
  const art_net *net = v->net;
  const art_city *city = v->city;
  name_lanes(v);
  v->program_text = ART_NEW(char *, net->signal_count);
  v->programs_of = ART_NEW(char *, net->signal_count);
  for (int32_t s = 0; s < net->signal_count; ++s) {
    v->program_text[s] = text_of_program(net, s);
    v->programs_of[s] = ids_of_programs(net, s);
  }
  v->link_x = ART_NEW(double, net->link_count);
  v->link_y = ART_NEW(double, net->link_count);
  v->link_lane_area_m = ART_NEW(double, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t lane = drawn_lane(net, l);
    art_point_on_lane(city, lane, 0.5 * (double)net->lane_length_m[lane], &v->link_x[l], &v->link_y[l]);
    for (int32_t k = net->link_first_lane[l]; k < net->link_first_lane[l + 1]; ++k)
      v->link_lane_area_m[l] += (double)net->lane_length_m[k];
  }
  v->detector_x = ART_NEW(double, net->detector_count);
  v->detector_y = ART_NEW(double, net->detector_count);
  for (int32_t d = 0; d < net->detector_count; ++d) {
    const int32_t k = net->detector_first_point[d];
    v->detector_x[d] = v->detector_y[d] = NAN;
    if (k < net->detector_first_point[d + 1])
      art_point_on_lane(city, net->detector_lane[k], (double)net->detector_pos_m[k], &v->detector_x[d],
                        &v->detector_y[d]);
  }
  if (!city->crs_wkt) return ART_OK;
  art_status status = ART_OK;
  to_lonlat(city, net->node_count, city->node_x, city->node_y, &v->node_lon, &v->node_lat, &status, err);
  to_lonlat(city, net->link_count, v->link_x, v->link_y, &v->link_lon, &v->link_lat, &status, err);
  to_lonlat(city, net->detector_count, v->detector_x, v->detector_y, &v->detector_lon, &v->detector_lat,
            &status, err);
  return status;
}

void art_view_release(art_result_view *v)
{
  for (int32_t k = 0; v->lane_id && k < v->net->lane_count; ++k) free(v->lane_id[k]);
  for (int32_t s = 0; v->program_text && s < v->net->signal_count; ++s) {
    free(v->program_text[s]);
    free(v->programs_of[s]);
  }
  double *const columns[] = { v->link_x,     v->link_y,       v->link_lane_area_m, v->detector_x,
                              v->detector_y, v->node_lon,     v->node_lat,         v->link_lon,
                              v->link_lat,   v->detector_lon, v->detector_lat };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i) free(columns[i]);
  free(v->lane_id);
  free(v->program_text);
  free(v->programs_of);
  free(v->trajectory_trip);
  free(v->trajectory_size);
}

// One value or one row a line.
// clang-format off
static const char *node_id(view *v, int64_t i) { return v->net->node_id[i]; }
static const char *link_id(view *v, int64_t i) { return v->net->link_id[i]; }
static const char *lane_id(view *v, int64_t i) { return v->lane_id[i]; }
static double node_x(view *v, int64_t i) { return art_view_x(v, v->city->node_x[i]); }
static double node_y(view *v, int64_t i) { return art_view_y(v, v->city->node_y[i]); }
static double node_lon(view *v, int64_t i) { return v->node_lon[i]; }
static double node_lat(view *v, int64_t i) { return v->node_lat[i]; }
static double node_kind(view *v, int64_t i) { return v->net->node_kind[i]; }
static double link_nodes(view *v, int64_t i)
{
  return i % 2 ? v->net->link_to[i / 2] : v->net->link_from[i / 2];
}
static const char *link_name(view *v, int64_t i) { return v->city->link_name ? v->city->link_name[i] : ""; }
static double link_lanes(view *v, int64_t i) { return art_net_link_lanes(v->net, (int32_t)i); }
static double link_length(view *v, int64_t i)
{
  return (double)v->net->lane_length_m[v->net->link_first_lane[i]];
}
static double link_drawn_lane(view *v, int64_t i) { return drawn_lane(v->net, i); }
static double link_speed(view *v, int64_t i)
{
  double fastest = 0.0;
  for (int32_t k = v->net->link_first_lane[i]; k < v->net->link_first_lane[i + 1]; ++k)
    fastest = fmax(fastest, (double)v->net->lane_speed_mps[k]);
  return fastest;
}
static double lane_link(view *v, int64_t i)
{
  return i < v->net->link_lane_count ? v->net->lane_link[i] : -1;
}
static double lane_length(view *v, int64_t i) { return (double)v->net->lane_length_m[i]; }
static double lane_speed(view *v, int64_t i) { return (double)v->net->lane_speed_mps[i]; }
static double lane_width(view *v, int64_t i) { return (double)v->net->lane_width_m[i]; }
static double lane_points(view *v, int64_t i)
{
  return (double)(v->city->lane_first_point[i + 1] - v->city->lane_first_point[i]);
}
static double point_x(view *v, int64_t i) { return art_view_x(v, v->city->point_x[i]); }
static double point_y(view *v, int64_t i) { return art_view_y(v, v->city->point_y[i]); }

static const char node_kinds[] =
#define X(name, text) " " text
    ART_NODE_KIND_LIST(X)
#undef X
    ;

static const art_result_var network_vars[] = {
  { .name = "node", .dims = "node", .type = ART_H5_STRING, .long_name = "id of the node", .text = node_id },
  { .name = "link", .dims = "link", .type = ART_H5_STRING, .long_name = "id of the link", .text = link_id },
  { .name = "lane", .dims = "lane", .type = ART_H5_STRING, .long_name = "id of the lane",
    .how = "lanes of links first, then connectors: paths through junctions, named from lane>to lane",
    .text = lane_id },
  { .name = "lane_point", .dims = "lane_point", .type = ART_H5_INT32, .unit = "1",
    .long_name = "number of the drawn point", .value = art_value_index },
  { .name = "two", .dims = "two", .type = ART_H5_INT32, .unit = "1", .long_name = "begin and end",
    .value = art_value_index },
  { .name = "node_x", .dims = "node", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "node, east",
    .how = "coordinates of the reference system crs, or of the city if it has none", .value = node_x,
    .options = ART_VAR_MAPPED },
  { .name = "node_y", .dims = "node", .type = ART_H5_DOUBLE, .unit = "m", .long_name = "node, north",
    .value = node_y, .options = ART_VAR_MAPPED },
  { .name = "node_lon", .dims = "node", .type = ART_H5_DOUBLE, .unit = "degrees_east",
    .long_name = "node, longitude (WGS 84)", .value = node_lon, .standard_name = "longitude",
    .options = ART_VAR_NEEDS_CRS },
  { .name = "node_lat", .dims = "node", .type = ART_H5_DOUBLE, .unit = "degrees_north",
    .long_name = "node, latitude (WGS 84)", .value = node_lat, .standard_name = "latitude",
    .options = ART_VAR_NEEDS_CRS },
  { .name = "node_kind", .dims = "node", .type = ART_H5_INT8, .long_name = "how the node arbitrates",
    .value = node_kind, .flags = node_kinds + 1 },
  { .name = "link_nodes", .dims = "link two", .type = ART_H5_INT32, .unit = "1",
    .long_name = "first and last node of the link", .how = "index into node", .value = link_nodes,
    .cf_role = "edge_node_connectivity" },
  { .name = "link_name", .dims = "link", .type = ART_H5_STRING, .long_name = "street name",
    .how = "empty where unknown", .text = link_name },
  { .name = "link_length", .dims = "link", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "length of the link", .value = link_length },
  { .name = "link_lanes", .dims = "link", .type = ART_H5_INT32, .unit = "1", .long_name = "lanes of the link",
    .value = link_lanes },
  { .name = "link_speed", .dims = "link", .type = ART_H5_FLOAT, .unit = "m s-1",
    .long_name = "speed limit of the link", .how = "of its fastest lane", .value = link_speed },
  { .name = "link_drawn_lane", .dims = "link", .type = ART_H5_INT32, .unit = "1",
    .long_name = "lane whose drawing stands for the link", .how = "index into lane; the middle one",
    .value = link_drawn_lane },
  { .name = "lane_link", .dims = "lane", .type = ART_H5_INT32, .unit = "1", .long_name = "link of the lane",
    .how = "index into link; -1 for a connector", .value = lane_link },
  { .name = "lane_length", .dims = "lane", .type = ART_H5_FLOAT, .unit = "m",
    .long_name = "length that vehicles drive", .how = "may differ from the drawn one", .value = lane_length },
  { .name = "lane_speed", .dims = "lane", .type = ART_H5_FLOAT, .unit = "m s-1",
    .long_name = "speed limit of the lane", .value = lane_speed },
  { .name = "lane_width", .dims = "lane", .type = ART_H5_FLOAT, .unit = "m", .long_name = "width of the lane",
    .value = lane_width },
  { .name = "lane_points", .dims = "lane", .type = ART_H5_INT32, .unit = "1",
    .long_name = "drawn points of the lane",
    .how = "the points of all lanes stand one after another on the axis lane_point", .value = lane_points },
  { .name = "lane_point_x", .dims = "lane_point", .type = ART_H5_DOUBLE, .unit = "m",
    .long_name = "drawn point, east", .value = point_x, .options = ART_VAR_MAPPED },
  { .name = "lane_point_y", .dims = "lane_point", .type = ART_H5_DOUBLE, .unit = "m",
    .long_name = "drawn point, north", .value = point_y, .options = ART_VAR_MAPPED },
};
// clang-format on

const art_result_group art_group_network = {
  "network",
  "The road network: a UGRID mesh of nodes and links, lanes, and their drawing "
  "(variables mesh, lane_geometry and, where known, crs describe it).",
  NULL, sizeof network_vars / sizeof *network_vars, network_vars
};

void art_network_finish(art_results *r)
{
  art_h5 *f = r->file;
  const int32_t none = 0;
  const art_city *city = r->view.city;
  static const char mesh[] = "/network/mesh", geometry[] = "/network/lane_geometry", crs[] = "/network/crs";
  art_h5_put_scalar(f, mesh, ART_H5_INT32, &none);
  art_h5_set_text(f, mesh, "cf_role", "mesh_topology");
  art_h5_set_text(f, mesh, "long_name", "nodes and links");
  art_h5_set_int(f, mesh, "topology_dimension", 1);
  art_h5_set_text(f, mesh, "node_coordinates",
                  city->crs_wkt ? "node_lon node_lat node_x node_y" : "node_x node_y");
  art_h5_set_text(f, mesh, "edge_node_connectivity", "link_nodes");
  art_h5_set_text(f, mesh, "edge_dimension", "link");
  art_h5_set_int(f, "/network/link_nodes", "start_index", 0);
  art_h5_set_text(f, "/network/lane_points", "sample_dimension", "lane_point");
  art_h5_put_scalar(f, geometry, ART_H5_INT32, &none);
  art_h5_set_text(f, geometry, "long_name", "drawing of the lanes");
  art_h5_set_text(f, geometry, "geometry_type", "line");
  art_h5_set_text(f, geometry, "node_count", "lane_points");
  art_h5_set_text(f, geometry, "node_coordinates", "lane_point_x lane_point_y");
  if (!city->crs_wkt) return;
  art_h5_put_scalar(f, crs, ART_H5_INT32, &none);
  art_h5_set_text(f, crs, "long_name", "reference system of x and y");
  art_h5_set_text(f, crs, "crs_wkt", city->crs_wkt);
  art_h5_set_real(f, crs, "city_offset_x", city->offset_x);
  art_h5_set_real(f, crs, "city_offset_y", city->offset_y);
}
