// Which models can be fitted, and by which of their parameters.
#include <stdio.h>
#include <string.h>

#include "scenarios/calibrate/drivers.h"

static const art_driver_param params[] = {
#define X(suffix, name, units, field, lowest, highest, sentence) \
  { name, units, sentence, offsetof(art_vtype, field), lowest, highest },
  ART_DRIVER_PARAM_LIST(X)
#undef X
};

enum { BALLISTIC, EULER };
#define MODEL(suffix, update, ...)                                  \
  {                                                                 \
    ART_MODEL_##suffix, update, sizeof((uint8_t[]){ __VA_ARGS__ }), \
    {                                                               \
      __VA_ARGS__                                                   \
    }                                                               \
  }
#define P(suffix) ART_DRIVER_##suffix
static const art_driver_model models[] = {
  MODEL(IIDM, BALLISTIC, P(SPEED), P(TIME_GAP), P(MIN_GAP), P(ACCEL), P(DECEL)),
  MODEL(IDM, BALLISTIC, P(SPEED), P(TIME_GAP), P(MIN_GAP), P(ACCEL), P(DECEL)),
};
enum { MODEL_COUNT = sizeof models / sizeof *models };

const art_driver_param *art_driver_param_of(int id)
{
  return &params[id];
}

const art_driver_model *art_driver_model_find(const char *name)
{
  const int model = art_model_find(name);
  for (int i = 0; i < MODEL_COUNT; ++i) {
    if (models[i].model == model) return &models[i];
  }
  return NULL;
}

void art_driver_model_names(char *out, size_t size)
{
  size_t used = 0;
  for (int i = 0; i < MODEL_COUNT && used < size; ++i)
    used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", art_model_name(models[i].model));
}

art_vtype art_driver_vtype(const art_driver_model *model, const double *value)
{
  art_vtype type = art_vtype_default();
  type.model = model->model;
  for (int p = 0; p < model->count; ++p) {
    const float v = (float)value[p];
    memcpy((char *)&type + params[model->param[p]].offset, &v, sizeof v);
  }
  return type;
}
