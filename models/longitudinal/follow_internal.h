/// \file follow_internal.h
/// Reading the optional columns of a view. Private to models/longitudinal.
#ifndef ART_MODELS_LONGITUDINAL_FOLLOW_INTERNAL_H
#define ART_MODELS_LONGITUDINAL_FOLLOW_INTERNAL_H
#include <math.h>

#include "core/num/real.h"
#include "core/step/kernels.h"

static inline float art_column_at(const float *column, int32_t i, float without)
{
  return column ? column[i] : without;
}

static inline float art_time_gap_at(const art_type_table *types, const art_follow_view *view, int32_t i)
{
  return types->time_gap_s[view->type[i]] * art_column_at(view->time_gap_factor, i, 1.0f);
}

#endif  // ART_MODELS_LONGITUDINAL_FOLLOW_INTERNAL_H
