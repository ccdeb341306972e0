#include "scenarios/run/kernels.h"

#include "models/junction/grants.h"
#include "models/lateral/mobil.h"
#include "models/longitudinal/idm.h"

const art_kernels *art_models_kernels(void)
{
  static const art_kernels kernels = {
    .follow = { [ART_MODEL_IIDM] = art_iidm_follow, [ART_MODEL_IDM] = art_idm_follow },
    .accel = { [ART_MODEL_IIDM] = art_iidm_accel, [ART_MODEL_IDM] = art_idm_accel },
    .change = art_mobil_change,
    .decide = art_grants_decide,
  };
  return &kernels;
}
