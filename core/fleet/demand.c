#include "core/fleet/demand.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

static const char *const model_names[] = {
#define X(name, text) text,
  ART_MODEL_LIST(X)
#undef X
};

int art_model_find(const char *name)
{
  for (int i = 0; i < ART_MODEL_COUNT; ++i)
    if (strcmp(name, model_names[i]) == 0) return i;
  return -1;
}

const char *art_model_name(int model)
{
  if (model == ART_MODEL_DEFAULT) return "default";
  return model >= 0 && model < ART_MODEL_COUNT ? model_names[model] : "unknown";
}

art_vtype art_vtype_default(void)
{
  return (art_vtype){
#define X(name, unit, initial, lowest, highest, sentence) .name = initial,
    ART_TYPE_PARAM_LIST(X)
#undef X
        .vclass = ART_VCLASS_PASSENGER,
    .model = ART_MODEL_DEFAULT,
  };
}

art_status art_vtype_check(const art_vtype *type, const char *id, art_error *err)
{
  // Written so that NaN fails.
#define X(name, unit, initial, lowest, highest, sentence)                                               \
  if (!(type->name >= (lowest) && type->name <= (highest)))                                             \
    return art_fail(err, ART_E_INPUT, "type '%s': " #name " is %g; it must be %g to %g (unit: %s)", id, \
                    (double)type->name, (double)(lowest), (double)(highest), unit);
  ART_TYPE_PARAM_LIST(X)
#undef X
  if (type->speed_factor_min > type->speed_factor_max)
    return art_fail(err, ART_E_INPUT,
                    "type '%s': speed_factor_min is %g; it must be at most speed_factor_max (%g)", id,
                    (double)type->speed_factor_min, (double)type->speed_factor_max);
  if (type->vclass < 0 || type->vclass >= ART_VCLASS_COUNT)
    return art_fail(err, ART_E_INPUT, "type '%s': its class is %d; it must be 0 to %d", id, type->vclass,
                    ART_VCLASS_COUNT - 1);
  if (type->model < ART_MODEL_DEFAULT || type->model >= ART_MODEL_COUNT)
    return art_fail(err, ART_E_INPUT, "type '%s': its car-following model is %d; it must be %d to %d", id,
                    type->model, ART_MODEL_DEFAULT, ART_MODEL_COUNT - 1);
  return ART_OK;
}

art_demand *art_demand_new(void)
{
  return ART_NEW(art_demand, 1);
}

static void free_ids(char **ids, int32_t count)
{
  if (!ids) return;
  for (int32_t i = 0; i < count; ++i) free(ids[i]);
  free(ids);
}

void art_demand_new_trips(art_demand *demand, int32_t trips, int32_t stops)
{
  art_demand *d = demand;
  d->trip_count = trips;
  d->trip_id = ART_NEW(char *, trips);
  d->trip_key = ART_NEW(uint64_t, trips);
  d->trip_set = ART_NEW(int32_t, trips);
  d->trip_route = ART_NEW(int32_t, trips);
  d->trip_depart_ms = ART_NEW(int64_t, trips);
  d->trip_depart_lane = ART_NEW(int32_t, trips);
  d->trip_depart_pos_m = ART_NEW(float, trips);
  d->trip_depart_speed_mps = ART_NEW(float, trips);
  d->trip_arrival_pos_m = ART_NEW(float, trips);
  d->trip_first_stop = ART_NEW(int32_t, trips + 1);
  d->stop_count = stops;
  d->stop_lane = ART_NEW(int32_t, stops);
  d->stop_start_m = ART_NEW(float, stops);
  d->stop_end_m = ART_NEW(float, stops);
  d->stop_duration_ms = ART_NEW(int64_t, stops);
  d->stop_until_ms = ART_NEW(int64_t, stops);
  d->stop_place = ART_NEW(int32_t, stops);
  d->stop_beside = ART_NEW(uint8_t, stops);
}

void art_demand_free(art_demand *demand)
{
  if (!demand) return;
  free_ids(demand->type_id, demand->type_count);
  free_ids(demand->set_id, demand->set_count);
  if (!demand->trip_id_pool) free_ids(demand->trip_id, demand->trip_count);
  if (demand->trip_id_pool) free(demand->trip_id);
  art_pool_free(demand->trip_id_pool);
  void *const arrays[] = {
    demand->type,
    demand->set_first,
    demand->set_type,
    demand->set_probability,
    demand->route_first,
    demand->route_link,
    demand->trip_key,
    demand->trip_set,
    demand->trip_route,
    demand->trip_depart_ms,
    demand->trip_depart_lane,
    demand->trip_depart_pos_m,
    demand->trip_depart_speed_mps,
    demand->trip_arrival_pos_m,
    demand->trip_first_stop,
    demand->stop_lane,
    demand->stop_start_m,
    demand->stop_end_m,
    demand->stop_duration_ms,
    demand->stop_until_ms,
    demand->stop_place,
    demand->stop_beside,
  };
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i) free(arrays[i]);
  free(demand);
}

uint64_t art_trip_key(const char *id)
{
  // FNV-1a, 64 bit (Fowler, Noll, Vo), then mixed: ids often differ in the last digit only.
  uint64_t h = 0xcbf29ce484222325u;
  for (; *id; ++id) h = (h ^ (unsigned char)*id) * 0x100000001b3u;
  return art_mix64(h);
}
