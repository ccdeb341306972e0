// Slopes of links: from a grid of heights, else from `incline`, else from the `ele` of the nodes at their ends. Between its
// ends a link climbs evenly, so bridges and tunnels do not follow the ground below or above them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"
#include "io/osm/tags_internal.h"

#define STEEPEST 0.3  // the steepest streets
#define LEAST_M 15.0  // slopes of shorter links are noise of the heights, unless a tag tells them
#define LEVEL 0.002

float art_osm_grade(art_osm_tags tags)
{
  const char *text = art_osm_tag_get(tags, ART_OSM_INCLINE);
  double value;
  if (!text) return NAN;
  const int falls = text[0] == '-';
  if (text[0] == '+' || falls) ++text;
  const char *rest = art_osm_number(text, strlen(text), &value);
  if (!rest) return NAN;  // up and down tell no slope
  while (*rest == ' ') ++rest;
  if (strcmp(rest, "\xc2\xb0") == 0)
    value = tan(value * (M_PI / 180.0));
  else if (strcmp(rest, "%") == 0 || *rest == '\0')
    value *= 0.01;
  else
    return NAN;
  if (!(value <= 1.0)) return NAN;
  return (float)(falls ? -value : value);
}

/// City coordinates of both ends of a link's first lane, as the heights count them.
static void ends_of(const art_city *city, int32_t link, int in_degrees, double x[2], double y[2])
{
  const int32_t lane = city->net->link_first_lane[link];
  const int64_t at[2] = { city->lane_first_point[lane], city->lane_first_point[lane + 1] - 1 };
  for (int end = 0; end < 2; ++end) {
    x[end] = city->point_x[at[end]];
    y[end] = city->point_y[at[end]];
  }
  if (in_degrees) {
    double lon[2], lat[2];
    const double px[2] = { x[0], x[1] }, py[2] = { y[0], y[1] };
    art_error err = { 0 };
    if (art_city_lonlat(city, 2, px, py, lon, lat, &err) != ART_OK) lon[0] = lon[1] = lat[0] = lat[1] = NAN;
    for (int end = 0; end < 2; ++end) x[end] = lon[end], y[end] = lat[end];
    return;
  }
  for (int end = 0; end < 2; ++end) {
    x[end] -= city->offset_x;
    y[end] -= city->offset_y;
  }
}

static double grade_of(const art_map *plan, const art_terrain *terrain, const art_city *city, int32_t l)
{
  const art_map_link *link = &plan->link[l];
  const art_map_piece *piece = &plan->piece[link->piece];
  const double length = (double)city->net->lane_length_m[city->net->link_first_lane[l]];
  if (terrain && length >= LEAST_M) {
    double x[2], y[2];
    ends_of(city, l, art_terrain_is_in_degrees(terrain), x, y);
    const double rise = art_terrain_at(terrain, x[1], y[1]) - art_terrain_at(terrain, x[0], y[0]);
    if (isfinite(rise)) return rise / length;
  }
  const art_map_way *way = art_map_way_of(plan, link->piece, link->direction);
  if (isfinite(way->grade))
    return piece->way_side[link->direction] ? -(double)way->grade : (double)way->grade;
  const double from = (double)plan->node[piece->node[link->direction]].height_m,
               to = (double)plan->node[piece->node[1 - link->direction]].height_m;
  return isfinite(from) && isfinite(to) && piece->length_m >= LEAST_M ? (to - from) / piece->length_m : 0.0;
}

void art_map_heights(const art_map *plan, const art_terrain *terrain, art_city *city)
{
  art_net *net = city->net;
  float *grade = ART_NEW(float, net->lane_count);
  int64_t sloping = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    double value = grade_of(plan, terrain, city, l);
    if (!isfinite(value) || fabs(value) < LEVEL) continue;
    value = fmin(fmax(value, -STEEPEST), STEEPEST);
    ++sloping;
    for (int32_t i = net->link_first_lane[l]; i < net->link_first_lane[l + 1]; ++i) grade[i] = (float)value;
  }
  for (int32_t c = 0; c < net->connector_count; ++c)
    grade[net->link_lane_count + c] = 0.5f * (grade[net->connector_from[c]] + grade[net->connector_to[c]]);
  plan->report->sloping_links = sloping;
  if (sloping)
    net->lane_grade = grade;
  else
    free(grade);
}
