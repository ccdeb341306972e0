/// \file inputs.h
/// The files that a run reads, with SHA-256: for provenance, and to tell whether a checkpoint belongs to them.
#ifndef ART_SCENARIOS_RUN_INPUTS_H
#define ART_SCENARIOS_RUN_INPUTS_H
#include "io/city/city.h"
#include "io/config/scenario.h"

typedef struct art_run_inputs {
  int32_t count;
  art_source *list;  ///< the city first, then demands, plans, and the scenario
  int32_t identity_count;
  art_source *identity;  ///< without the scenario, but with the libraries of controllers; shares no memory with `list`
} art_run_inputs;

art_status art_run_inputs_read(const art_scenario *scenario, art_run_inputs *out, art_error *err);
void art_run_inputs_clear(art_run_inputs *inputs);

#endif  // ART_SCENARIOS_RUN_INPUTS_H
