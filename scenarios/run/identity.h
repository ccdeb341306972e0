/// \file identity.h
/// Whether a checkpoint belongs to a run: city, demand, seed, models, step, begin and outputs have to be the same. The end, the
/// path of the result file, threads and ranks may differ.
#ifndef ART_SCENARIOS_RUN_IDENTITY_H
#define ART_SCENARIOS_RUN_IDENTITY_H
#include "io/checkpoint/checkpoint.h"

/// `path` names the checkpoint in the message; `run` holds the run's identity and times. ART_E_INPUT names what differs.
art_status art_identity_check(const char *path, const art_checkpoint *saved, const art_checkpoint *run, art_error *err);

/// Compares two resolved configurations. 1: equal but for what may differ. 0: `difference` says where not.
int art_identity_config(const char *saved, const char *run, char *difference, int size);

#endif  // ART_SCENARIOS_RUN_IDENTITY_H
