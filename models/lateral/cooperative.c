#include "models/lateral/cooperative.h"

#include <math.h>

#include "core/num/real.h"

#define ALIGN_DECEL_MPS2 2.0f  // while waiting for a gap
#define YIELD_DECEL_MPS2 2.0f  // what one who is asked for a gap will brake

static float follow(const art_change_view *view, const art_peer *who, float gap_m, float lead_mps)
{
  return view->accel[view->types->model[who->type]](view->types, who->type, who->speed_mps, who->desired_mps,
                                                    art_maxf(gap_m, 0.05f), lead_mps);
}

float art_cooperative_let_in(const art_change_view *view, const art_peer *driver, float gap_m, float mps)
{
  if (view->types->lc_cooperative[driver->type] <= 0.0f) return INFINITY;
  return art_maxf(follow(view, driver, gap_m, mps), -YIELD_DECEL_MPS2);
}

float art_cooperative_align(const art_change_view *view)
{
  return art_maxf(follow(view, &view->self, view->new_gap_m, view->new_lead_mps), -ALIGN_DECEL_MPS2);
}
