// A run on several ranks. Private to scenarios/run, but for the partition file.
#ifndef ART_SCENARIOS_RUN_RANKS_H
#define ART_SCENARIOS_RUN_RANKS_H
#include "core/par/group.h"
#include "scenarios/run/run.h"

/// Steps after which ranks tell one another how they fare: failures, signals, progress.
#define ART_RANKS_SLICE_STEPS 20

/// Sets group and node_rank of a case for this process and its options. Bad partition files: ART_E_INPUT.
art_status art_run_share_out(art_case *c, const art_run_options *options, art_error *err);
/// Is this the rank that writes and talks?
int art_run_is_first(const art_case *c);
/// As art_group_agree; what signals asked any rank for counts for all. Collective.
art_status art_run_agree(const art_group *group, art_status status, art_error *err);

/// The part of each node, one line each: node,part. Written for `arterial run --partition`.
art_status art_partition_write(const char *path, const art_net *net, const int32_t *part, art_error *err);
/// Reads such a file; every node must be named once, parts are 0 to `parts` - 1. part[node_count].
art_status art_partition_read(const char *path, const art_net *net, int32_t parts, int32_t *part, art_error *err);

#endif  // ART_SCENARIOS_RUN_RANKS_H
