// A run on several ranks.
#include "scenarios/run/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/par.h"
#include "core/step/ranks.h"
#include "scenarios/run/requests.h"

int art_run_is_first(const art_case *c)
{
  return !c->group || c->group->rank == 0;
}

art_status art_run_agree(const art_group *group, art_status status, art_error *err)
{
  int64_t words[1 + ART_REQUEST_WORDS] = { status };
  art_requests_tell(words + 1);
  group->reduce(group, ART_REDUCE_MAX, 1 + ART_REQUEST_WORDS, words);
  art_requests_hear(words + 1);
  return words[0] == ART_OK ? ART_OK : art_group_agree(group, status, err);
}

/// Nodes that a step decides together stay together, whatever a file says.
static art_status read_partition(art_case *c, const char *path, art_error *err)
{
  const art_net *net = c->city->net;
  c->node_rank = ART_NEW(int32_t, net->node_count);
  art_status status = art_partition_read(path, net, c->group->size, c->node_rank, err);
  if (status != ART_OK) return status;
  const art_sim_setup setup = { .net = net, .demand = c->demand, .approaches = c->scenario->approaches || c->scenario->passages };
  int32_t *asked = ART_NEW(int32_t, net->node_count), moved = 0;
  if (net->node_count > 0) memcpy(asked, c->node_rank, (size_t)net->node_count * sizeof *asked);
  art_ranks_mend(&setup, c->node_rank);
  for (int32_t n = 0; n < net->node_count; ++n) moved += asked[n] != c->node_rank[n];
  if (moved && c->group->rank == 0)
    fprintf(stderr,
            "note: %s: %d nodes go to other parts, to be with those that are decided together with them\n",
            path, (int)moved);
  free(asked);
  return ART_OK;
}

art_status art_run_share_out(art_case *c, const art_run_options *options, art_error *err)
{
  c->group = art_par_group();
  if (options->partition_path && !c->group)
    return art_fail(err, ART_E_USAGE, "--partition: there is one rank only; start with mpirun -n N");
  return options->partition_path ? read_partition(c, options->partition_path, err) : ART_OK;
}
