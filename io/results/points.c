// Where on the map the rows of trajectories are. Neighbours are mostly on one piece of one lane's drawing.
#include <math.h>

#include "core/base/memory.h"
#include "io/results/table_internal.h"

/// Adding and taking away 1.5 * 2^52 / 1024 rounds what is below 2^41 to multiples of 1/1024.
#define ROUND_M 0x1.8p42

double *art_points_measure(const art_city *city)
{
  const int32_t lanes = city->net->lane_count;
  double *along_m = ART_NEW(double, city->lane_first_point[lanes]);
  for (int32_t lane = 0; lane < lanes; ++lane)
    for (int64_t k = city->lane_first_point[lane]; k + 1 < city->lane_first_point[lane + 1]; ++k)
      along_m[k + 1] =
          along_m[k] + hypot(city->point_x[k + 1] - city->point_x[k], city->point_y[k + 1] - city->point_y[k]);
  return along_m;
}

/// A straight piece of a lane's drawing.
typedef struct piece {
  int32_t lane;
  int64_t first, k, last;          ///< points: of the lane, the piece's begin, the lane's last
  double scale;                    ///< metres of the drawing for one that vehicles drive
  double begin_m, length_m;        ///< along the drawing
  double x, y, east, north;        ///< begin of the piece, and its direction
} piece;

static void enter_piece(const art_result_view *v, const double *along_m, int64_t k, piece *p)
{
  const art_city *city = v->city;
  const int64_t next = k < p->last ? k + 1 : k;
  p->k = k;
  p->begin_m = along_m[k];
  p->length_m = along_m[next] - along_m[k];
  p->x = art_view_x(v, city->point_x[k]);
  p->y = art_view_y(v, city->point_y[k]);
  const double per_m = p->length_m > 0.0 ? 1.0 / p->length_m : 0.0;
  p->east = (city->point_x[next] - city->point_x[k]) * per_m;
  p->north = (city->point_y[next] - city->point_y[k]) * per_m;
}

static void enter_lane(const art_result_view *v, const double *along_m, int32_t lane, piece *p)
{
  p->lane = lane;
  p->first = v->city->lane_first_point[lane];
  p->last = v->city->lane_first_point[lane + 1] - 1;
  const double length_m = (double)v->net->lane_length_m[lane];
  p->scale = length_m > 0.0 ? along_m[p->last] / length_m : 0.0;
  enter_piece(v, along_m, p->first, p);
}

void art_points_of(const art_result_view *v, const double *along_m, int64_t count, const art_spill_row *row, double *x, double *y)
{
  piece p = { .lane = -1 };
  for (int64_t i = 0; i < count; ++i) {
    if (row[i].lane != p.lane) enter_lane(v, along_m, row[i].lane, &p);
    const double at_m = (double)row[i].pos_m * p.scale;
    if (at_m < p.begin_m && p.k > p.first) enter_piece(v, along_m, p.first, &p);
    while (at_m > p.begin_m + p.length_m && p.k + 1 < p.last) enter_piece(v, along_m, p.k + 1, &p);
    const double rest_m = at_m - p.begin_m, past_begin_m = rest_m > 0.0 ? rest_m : 0.0;
    const double into_m = past_begin_m < p.length_m ? past_begin_m : p.length_m;
    x[i] = p.x + into_m * p.east + ROUND_M - ROUND_M;
    y[i] = p.y + into_m * p.north + ROUND_M - ROUND_M;
  }
}
