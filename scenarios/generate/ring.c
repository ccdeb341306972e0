// A closed road.
#include <math.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

#define JOINT_M 2.0  // of the ring inside each node
#define TWO_PI 6.283185307179586
enum { ARC_POINTS = 16 };

art_status art_generate_ring(const art_ring_options *o, art_city **out, art_error *err)
{
  *out = NULL;
  art_status status = art_street_check(&o->street, err);
  if (status == ART_OK) status = art_generate_range("links", o->links, 2, 10000, err);
  if (status == ART_OK) status = art_generate_range("length (m)", o->length_m, 10.0 * o->links, 1e6, err);
  if (status != ART_OK) return status;
  art_street_options street = o->street;
  street.turn_bays = 0;
  art_drawing plan = { .options = &street };
  plan.title = art_drawing_text("ring of %g m", o->length_m);
  // The innermost lane is the drawn axis; outer lanes are drawn longer than they are driven.
  const double radius = o->length_m / TWO_PI, step = TWO_PI / o->links, gap = 0.5 * JOINT_M / radius;
  for (int32_t i = 0; i < o->links; ++i) {
    art_drawing_add_node(&plan, art_drawing_text("n%d", i), radius * cos(i * step), radius * sin(i * step),
                         ART_DRAWING_JOINT);
    plan.node[i].radius_m = 0.5 * JOINT_M;
  }
  for (int32_t i = 0; i < o->links; ++i) {
    const int32_t l =
        art_drawing_add_link(&plan, art_drawing_text("ring%d", i), i, (i + 1) % o->links, o->street.lanes, 1);
    art_drawing_link *link = &plan.link[l];
    link->length_m = o->length_m / o->links - JOINT_M;
    link->point_count = ARC_POINTS;
    link->x = ART_NEW(double, ARC_POINTS);
    link->y = ART_NEW(double, ARC_POINTS);
    for (int k = 0; k < ARC_POINTS; ++k) {
      const double angle = i * step + gap + (step - 2.0 * gap) * k / (ARC_POINTS - 1);
      link->x[k] = radius * cos(angle);
      link->y[k] = radius * sin(angle);
    }
  }
  status = art_drawing_build(&plan, out, err);
  art_drawing_clear(&plan);
  if (status != ART_OK) return status;
  // Once round is the length asked for, along every lane, and nobody slows down at a joint.
  art_net *net = (*out)->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t lane = art_net_lane_of_connector(net, c);
    net->lane_length_m[lane] = (float)JOINT_M;
    net->lane_speed_mps[lane] = (float)o->street.speed_mps;
  }
  return ART_OK;
}
