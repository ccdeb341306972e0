/// \file batch.h
/// Scenarios times seeds: each member is one run in its own process and one result file DIR/<scenario>/seed_<n>.h5.
/// Members whose result is complete and current are skipped, so that a batch resumes where it stopped.
#ifndef ART_SCENARIOS_BATCH_BATCH_H
#define ART_SCENARIOS_BATCH_BATCH_H
#include <stdint.h>

#include "io/config/scenario.h"

/// X(suffix, name in the manifest)
#define ART_MEMBER_STATE_LIST(X)                                                          \
  X(MISSING, "missing") /* not run yet */                                                 \
  X(FOUND, "found")     /* a current result was there already */                          \
  X(STALE, "stale")     /* a result of another configuration, input or program version */ \
  X(RUNNING, "running")                                                                   \
  X(DONE, "done")                                                                         \
  X(FAILED, "failed")                                                                     \
  X(STOPPED, "stopped")
typedef enum art_member_state {
#define X(suffix, name) ART_MEMBER_##suffix,
  ART_MEMBER_STATE_LIST(X)
#undef X
} art_member_state;
const char *art_member_state_name(art_member_state state);

typedef struct art_member {
  int32_t scenario;  ///< index into art_batch_plan.scenario
  uint64_t seed;
  char *path;  ///< of the result
  art_member_state state;
  int exit_code;      ///< of the run; 0 unless failed
  double wall_s;      ///< NAN: not run now
  char hash[20];      ///< of the result; "" if there is none
  char message[512];  ///< why it failed or is stale
} art_member;

/// A batch laid out. Members are ordered by scenario, then seed. Owned; free with art_batch_plan_free().
typedef struct art_batch_plan {
  char *output_dir;
  int32_t scenario_count;
  art_scenario **scenario;
  char **name;  ///< file name of the scenario without extension
  int32_t member_count;
  art_member *member;
} art_batch_plan;

typedef struct art_batch_options {
  int threads;          ///< of all jobs together; 0: default
  int jobs;             ///< members at once, >= 1
  int32_t only;         ///< index of the one member to run; -1: all
  int force;            ///< run stale and finished members again
  int quiet;            ///< no progress of single runs
  const char *command;  ///< for provenance
  void (*progress)(void *context, const art_batch_plan *plan,
                   const art_member *member);  ///< on every change; may be NULL
  void *context;
} art_batch_options;

/// Reads and checks every scenario with the overrides and looks at what is there already. Two scenario files of one name are
/// ART_E_INPUT.
art_status art_batch_plan_make(const art_batch *batch, int set_count, char *const *sets, art_batch_plan **out,
                               art_error *err);
void art_batch_plan_free(art_batch_plan *plan);

/// Runs what is missing and writes DIR/manifest.csv. Failed members do not stop the others. ART_E_EXISTS: stale members are
/// there and force is 0 (nothing was run); ART_E_STOPPED: SIGINT, SIGTERM or SIGUSR1 came; else the status of the first
/// failed member. Runs members in child processes: call it before any thread was started.
art_status art_batch_run(art_batch_plan *plan, const art_batch_options *options, art_error *err);

/// Writes DIR/manifest.csv from the states in `plan`.
art_status art_batch_write_manifest(const art_batch_plan *plan, art_error *err);

#endif  // ART_SCENARIOS_BATCH_BATCH_H
