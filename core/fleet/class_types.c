/// Default vehicle types by class.
#include "core/fleet/demand.h"

#include <stddef.h>

/// What differs from the passenger car. Dimensions are those that SUMO gives its classes, so that networks made for one
/// serve the other. Accelerations are what loaded vehicles reach from a stop in a city, time gaps what their length and
/// brakes ask for; climbing, they lose what gravity takes.
typedef struct class_row {
  int vclass;
  float length_m, width_m, min_gap_m, max_speed_mps, accel_mps2, decel_mps2, emergency_decel_mps2, time_gap_s,
      speed_factor_dev, startup_delay_s, grade_share;
} class_row;

#define KMH(x) ((float)((x) / 3.6))
static const class_row rows[] = {
  { ART_VCLASS_BUS, 12.0f, 2.5f, 2.5f, KMH(85), 1.0f, 1.8f, 7.0f, 1.5f, 0.05f, 0.5f, 0.7f },
  { ART_VCLASS_COACH, 14.0f, 2.6f, 2.5f, KMH(100), 1.0f, 1.8f, 7.0f, 1.5f, 0.05f, 0.5f, 0.7f },
  { ART_VCLASS_DELIVERY, 6.5f, 2.16f, 2.0f, KMH(160), 1.5f, 2.0f, 9.0f, 1.2f, 0.1f, 0.3f, 0.2f },
  { ART_VCLASS_TRUCK, 7.1f, 2.4f, 2.5f, KMH(100), 1.0f, 1.8f, 7.0f, 1.5f, 0.05f, 0.5f, 0.7f },
  { ART_VCLASS_TRAILER, 16.5f, 2.55f, 2.5f, KMH(90), 0.8f, 1.8f, 7.0f, 1.6f, 0.05f, 0.5f, 1.0f },
  { ART_VCLASS_TRAM, 22.0f, 2.4f, 2.5f, KMH(70), 1.0f, 1.2f, 3.0f, 2.0f, 0.0f, 0.5f, 0.5f },
  { ART_VCLASS_MOTORCYCLE, 2.2f, 0.9f, 1.5f, KMH(180), 2.5f, 2.5f, 9.0f, 1.1f, 0.1f, 0.0f, 0.0f },
  { ART_VCLASS_MOPED, 2.1f, 0.78f, 1.5f, KMH(45), 1.2f, 2.0f, 7.0f, 1.1f, 0.1f, 0.0f, 0.5f },
  { ART_VCLASS_BICYCLE, 1.8f, 0.65f, 1.0f, KMH(22), 0.8f, 1.5f, 5.0f, 1.0f, 0.15f, 0.0f, 0.5f },
};

art_vtype art_vtype_of_class(int vclass)
{
  art_vtype type = art_vtype_default();
  type.vclass = vclass;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    const class_row *row = &rows[i];
    if (row->vclass != vclass) continue;
    type.length_m = row->length_m;
    type.width_m = row->width_m;
    type.min_gap_m = row->min_gap_m;
    type.max_speed_mps = row->max_speed_mps;
    type.accel_mps2 = row->accel_mps2;
    type.decel_mps2 = row->decel_mps2;
    type.emergency_decel_mps2 = row->emergency_decel_mps2;
    type.time_gap_s = row->time_gap_s;
    type.speed_factor_dev = row->speed_factor_dev;
    type.startup_delay_s += row->startup_delay_s;
    type.grade_share = row->grade_share;
  }
  return type;
}
