#include "models/lateral/strategic.h"

#include "core/num/real.h"

#define REACH_M 150.0f       // for one change at the usual eagerness
#define LEAST_REACH_M 20.0f  // those without eagerness wake up here
#define LEAST_NEED 0.1f

float art_strategic_need(const art_change_view *view)
{
  const float eagerness = view->types->lc_strategic[view->self.type];
  const float reach =
      art_maxf(REACH_M * eagerness, LEAST_REACH_M) * (float)(view->changes > 1 ? view->changes : 1);
  return art_minf(art_maxf(1.0f - view->to_end_m / reach, LEAST_NEED), 1.0f);
}
