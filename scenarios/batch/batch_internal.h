/// \file batch_internal.h
/// What laying out, running and reporting a batch share.
#ifndef ART_SCENARIOS_BATCH_BATCH_INTERNAL_H
#define ART_SCENARIOS_BATCH_BATCH_INTERNAL_H
#include "scenarios/batch/batch.h"

/// SHA-256 of every file that a scenario reads (city, demand, plans), one hex text each. Owned by the caller.
typedef struct batch_inputs {
  int32_t count;
  char (*sha256)[65];
} batch_inputs;
art_status batch_inputs_read(const art_scenario *scenario, batch_inputs *out, art_error *err);
void batch_inputs_clear(batch_inputs *inputs);

/// Looks at the member's file: MISSING, FOUND or STALE (then `message` says what differs); fills `hash`.
void batch_look(const art_scenario *scenario, const batch_inputs *inputs, art_member *member);

/// What the last attempt left behind, if it failed: state, exit code and message.
void batch_read_failure(art_member *member);

/// Text file beside a result that says why the member failed last; removed when it succeeds. Free the name.
char *batch_failure_path(const art_member *member);

#endif  // ART_SCENARIOS_BATCH_BATCH_INTERNAL_H
