/// \file models.h
/// All car-following models, for the table of kernels. X(suffix of ART_MODEL_, prefix of the functions, integration,
/// columns needed)
#ifndef ART_MODELS_LONGITUDINAL_MODELS_H
#define ART_MODELS_LONGITUDINAL_MODELS_H
#include "models/longitudinal/acc.h"
#include "models/longitudinal/gipps.h"
#include "models/longitudinal/idm.h"
#include "models/longitudinal/krauss.h"
#include "models/longitudinal/newell.h"
#include "models/longitudinal/wiedemann99.h"

/// CACC shares its function for one vehicle with ACC: what it asks of others does not depend on who leads.
#define art_cacc_accel art_acc_accel

#define ART_LONGITUDINAL_MODELS(X)                                         \
  X(IIDM, iidm, ART_BALLISTIC, 0)                                          \
  X(IDM, idm, ART_BALLISTIC, 0)                                            \
  X(IDM_PLUS, idm_plus, ART_BALLISTIC, 0)                                  \
  X(ACC, acc, ART_BALLISTIC, ART_NEEDS_LEAD_ACCEL)                         \
  X(CACC, cacc, ART_BALLISTIC, ART_NEEDS_LEAD_ACCEL | ART_NEEDS_CONNECTED) \
  X(KRAUSS, krauss, ART_EULER, ART_NEEDS_DRAW)                             \
  X(GIPPS, gipps, ART_BALLISTIC, 0)                                        \
  X(W99, w99, ART_BALLISTIC, ART_NEEDS_LEAD_ACCEL | ART_NEEDS_OWN_ACCEL)   \
  X(NEWELL, newell, ART_EULER, 0)

#endif  // ART_MODELS_LONGITUDINAL_MODELS_H
