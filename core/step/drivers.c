/// The type table of a run: parameters as columns, and variants of types whose drivers differ.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

/// Variants are the middles of nine equally likely parts of a normal distribution; the first one is the mean driver, so
/// that row t itself is type t.
#define VARIANTS 9
static const float quantile[VARIANTS] = { 0.0f,       -1.5932188f, -0.9674216f, -0.5894558f, -0.2822161f,
                                          0.2822161f, 0.5894558f,  0.9674216f,  1.5932188f };
#define LEAST_FACTOR 0.3f

int32_t art_driver_variants(const art_demand *demand)
{
  for (int32_t t = 0; t < demand->type_count; ++t)
    if (demand->type[t].time_gap_dev > 0.0f) return VARIANTS;
  return 1;
}

void art_types_build(art_sim *sim)
{
  const art_demand *demand = sim->demand;
  art_type_table *table = &sim->types;
  sim->variants = art_driver_variants(demand);
  table->count = demand->type_count * sim->variants;
  table->step_s = sim->step_s;
  table->width = sim->wide->width;
#define X(name, unit, initial, lowest, highest, sentence) \
  table->name = art_new_aligned((size_t)table->count, sizeof(float));
  ART_TYPE_PARAM_LIST(X)
#undef X
  table->vclass = ART_NEW(int32_t, table->count);
  table->model = ART_NEW(int32_t, table->count);
  for (int32_t row = 0; row < table->count; ++row) {
    const art_vtype *type = &demand->type[row % demand->type_count];
#define X(name, unit, initial, lowest, highest, sentence) table->name[row] = type->name;
    ART_TYPE_PARAM_LIST(X)
#undef X
    table->vclass[row] = type->vclass;
    table->model[row] = type->model == ART_MODEL_DEFAULT ? sim->model : type->model;
    table->time_gap_s[row] *=
        art_maxf(1.0f + type->time_gap_dev * quantile[row / demand->type_count], LEAST_FACTOR);

    const int model = table->model[row];
    sim->models_used |= 1u << model;
    sim->needs |= sim->kernels->needs[model];
    sim->any_euler |= sim->kernels->integration[model] == ART_EULER;
    sim->any_noise |= type->noise_mps2 > 0.0f;
    sim->any_startup |= type->startup_delay_s > 0.0f;
    sim->any_action |= type->action_step_s > sim->step_s;
    sim->any_grade |= sim->net->lane_grade && type->grade_share > 0.0f;
  }
}

void art_types_free(art_sim *sim)
{
#define X(name, unit, initial, lowest, highest, sentence) free(sim->types.name);
  ART_TYPE_PARAM_LIST(X)
#undef X
  free(sim->types.vclass);
  free(sim->types.model);
}

uint16_t art_driver_of(const art_sim *sim, int32_t trip)
{
  const int32_t type = sim->row[trip].type;
  if (sim->variants == 1 || !(sim->demand->type[type].time_gap_dev > 0.0f)) return (uint16_t)type;
  const uint64_t draw = art_rng(sim->seed, sim->demand->trip_key[trip], 0, ART_FOR_DRIVER);
  return (uint16_t)(type + sim->demand->type_count * (int32_t)(draw % VARIANTS));
}
