#include "io/city/city.h"

#include <stdlib.h>

#include "core/base/memory.h"

art_city *art_city_new(void)
{
  art_city *city = ART_NEW(art_city, 1);
  city->net = art_net_new();
  return city;
}

void art_city_free(art_city *city)
{
  if (!city) return;
  if (city->link_name && city->net)
    for (int32_t i = 0; i < city->net->link_count; ++i) free(city->link_name[i]);
  for (int32_t i = 0; i < city->source_count; ++i) free(city->source[i].path);
  void *const owned[] = { city->title,        city->crs_wkt,          city->node_x,
                          city->node_y,       city->lane_first_point, city->point_x,
                          city->point_y,      city->node_first_point, city->node_point_x,
                          city->node_point_y, city->link_name,        city->source };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  art_net_free(city->net);
  free(city);
}

void art_city_forget_drawing(art_city *city, int keeps_counts)
{
  int64_t **const first[] = { &city->lane_first_point, &city->node_first_point };
  for (size_t i = 0; !keeps_counts && i < sizeof first / sizeof *first; ++i) {
    free(*first[i]);
    *first[i] = NULL;
  }
  double **const drawn[] = { &city->point_x, &city->point_y, &city->node_point_x, &city->node_point_y };
  for (size_t i = 0; i < sizeof drawn / sizeof *drawn; ++i) {
    free(*drawn[i]);
    *drawn[i] = NULL;
  }
}
