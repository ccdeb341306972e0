/// \file user_control.h
/// Controllers that users bring along as shared libraries (core/step/user_control.h), by signal.
#ifndef ART_SCENARIOS_RUN_USER_CONTROL_H
#define ART_SCENARIOS_RUN_USER_CONTROL_H
#include "core/net/network.h"
#include "core/step/control.h"
#include "io/config/scenario.h"

typedef struct art_user_controls art_user_controls;

/// Opens the libraries of a scenario's controllers; *out is NULL if there are none. Errors name file and line. The
/// scenario must outlive the result.
art_status art_user_controls_open(const art_scenario *scenario, const art_net *net, art_user_controls **out, art_error *err);
void art_user_controls_free(art_user_controls *controls);

/// art_sim_setup.user_control with `context` an art_user_controls. Signals without a library run by the clock. Keeps
/// nothing: simulations may share the context.
void art_user_controls_run(void *context, art_control_view *view);

#endif  // ART_SCENARIOS_RUN_USER_CONTROL_H
