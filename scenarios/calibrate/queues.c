#include "scenarios/calibrate/queues.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "models/estimation/fit_measures.h"

/// A queue grows on a link if more vehicles than these are on it or outside before it at the window's end than at its
/// begin; and more than this share of those that passed. Less is the swing of a signal's cycle.
static const double LEAST_GROWTH = 15.0, GROWTH_SHARE = 0.05;
/// A count that is lower than the simulated flow by less than this GEH may still be the capacity.
static const double SAME_GEH = 1.0;
/// Trips outside that are no queue: they came in the last moments of the window.
static const double FEW_OUTSIDE = 3.0;

void art_queue_model_new(const art_incidence *incidence, int32_t group_count, int32_t link_count,
                         art_queue_model *out)
{
  const int64_t entries = incidence->first[group_count];
  const int32_t rows = incidence->row_count;
  *out = (art_queue_model){ .is_held_up = ART_NEW(uint8_t, entries),
                            .share = ART_NEW(double, entries),
                            .base = ART_NEW(double, rows),
                            .floor_share = ART_NEW(double, entries),
                            .floor = ART_NEW(double, rows),
                            .ceiling_row = ART_NEW(int32_t, group_count),
                            .ceiling = ART_NEW(double, link_count) };
}

void art_queue_model_clear(art_queue_model *model)
{
  free(model->is_held_up);
  free(model->share);
  free(model->base);
  free(model->floor_share);
  free(model->floor);
  free(model->ceiling_row);
  free(model->ceiling);
  *model = (art_queue_model){ 0 };
}

/// [links] 1: a queue grows there. The caller frees it.
static uint8_t *find_growth(const art_queue_input *in)
{
  const art_demand *d = in->demand;
  const art_measurement *m = in->measurement;
  double *load = ART_NEW(double, in->net->link_count);  // trips of the window over each link
  for (int32_t g = 0; g < in->groups->count; ++g) {
    const double trips = in->groups->trips[g]
                             ? (double)in->realised[g] * in->groups->main_trips[g] / in->groups->trips[g]
                             : 0.0;
    const int32_t route = in->groups->route[g];
    for (int64_t k = d->route_first[route]; k < d->route_first[route + 1]; ++k)
      load[d->route_link[k]] += trips;
  }
  uint8_t *grows = ART_NEW(uint8_t, in->net->link_count);
  for (int32_t l = 0; l < in->net->link_count; ++l) {
    const double swing = GROWTH_SHARE * load[l];
    grows[l] = m->growth[l] >= (swing > LEAST_GROWTH ? swing : LEAST_GROWTH);
  }
  free(load);
  return grows;
}

/// A queue that grows on the way holds up all that comes behind it. One that stands as it is passes as many as arrive: it
/// says only that its own link is at capacity.
static void mark_entries(const art_queue_input *in, uint8_t *is_held_up)
{
  uint8_t *grows = find_growth(in);
  const art_demand *d = in->demand;
  for (int32_t g = 0; g < in->groups->count; ++g) {
    const int32_t route = in->groups->route[g];
    int64_t entry = in->incidence->first[g];
    int held_up = 0;
    for (int64_t k = d->route_first[route]; k < d->route_first[route + 1]; ++k) {
      const int32_t link = d->route_link[k];
      held_up |= grows[link];
      if (in->incidence->link_row[link] >= 0)
        is_held_up[entry++] = held_up || in->measurement->queue_share[link] >= ART_FULL_LINK_SHARE;
    }
  }
  free(grows);
}

/// Rows: what passed of the held up, and what the rest is.
static void make_rows(const art_queue_input *in, art_queue_model *model)
{
  const art_incidence *inc = in->incidence;
  const art_measurement *m = in->measurement;
  uint8_t *is_lower = ART_NEW(uint8_t, inc->row_count);  // the count is below the flow: there was no queue
  for (int32_t i = 0; i < inc->row_count; ++i) {
    is_lower[i] = m->flow_vph[i] > in->observed[i] && art_geh(m->flow_vph[i], in->observed[i]) >= SAME_GEH;
    model->base[i] = m->flow_vph[i];
    model->floor[i] = 0.0;
  }
  for (int32_t g = 0; g < in->groups->count; ++g) {
    for (int64_t e = inc->first[g]; e < inc->first[g + 1]; ++e) {
      const int32_t row = inc->row[e];
      const double passed = m->passages[e] / in->window_h;
      model->share[e] = in->share[e];
      model->floor_share[e] = 0.0;
      if (!model->is_held_up[e]) {
        model->base[row] -= in->share[e] * in->realised[g];
        continue;
      }
      const double free_share = in->free_share[e] > in->share[e] ? in->free_share[e] : in->share[e];
      if (is_lower[row]) {
        model->share[e] = free_share;
        model->base[row] -= passed;
      } else {
        model->share[e] = 0.0;
        model->floor_share[e] = free_share;
        model->floor[row] += passed;
      }
    }
  }
  free(is_lower);
}

/// One ceiling for each link where more wait outside than with the prior.
static void make_ceilings(const art_queue_input *in, art_queue_model *model)
{
  const art_demand *d = in->demand;
  int32_t *number = ART_NEW(int32_t, in->net->link_count);
  model->ceiling_count = 0;
  for (int32_t l = 0; l < in->net->link_count; ++l) {
    const double excess = in->measurement->outside[l] - in->allowed_outside[l];
    number[l] = excess > FEW_OUTSIDE ? model->ceiling_count++ : -1;
    if (number[l] >= 0) model->ceiling[number[l]] = -excess;
  }
  for (int32_t g = 0; g < in->groups->count; ++g) {
    model->ceiling_row[g] = number[d->route_link[d->route_first[in->groups->route[g]]]];
    if (model->ceiling_row[g] >= 0) model->ceiling[model->ceiling_row[g]] += in->realised[g];
  }
  free(number);
}

void art_queue_model_make(const art_queue_input *input, art_queue_model *model)
{
  mark_entries(input, model->is_held_up);
  make_rows(input, model);
  make_ceilings(input, model);
}
