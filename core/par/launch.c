#include "core/par/launch.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/par/par_internal.h"

/// A whole number from `lowest` on, at the start of the variable; `otherwise` if there is none.
static int number_of(const char *variable, int lowest, int otherwise)
{
  const char *text = getenv(variable);
  char *end = NULL;
  if (!text) return otherwise;
  const long value = strtol(text, &end, 10);
  return end != text && value >= lowest && value <= 1 << 24 ? (int)value : otherwise;
}

/// Slurm's list "4(x2),3": the count on the node with this index, 0 if the text is not one.
static int slurm_tasks_on_node(const char *text, int node)
{
  int first = 0;  // node that the present entry begins with
  while (text && *text) {
    char *end = NULL;
    const long tasks = strtol(text, &end, 10);
    long nodes = 1;
    if (end == text || tasks < 1) return 0;
    if (strncmp(end, "(x", 2) == 0) {
      nodes = strtol(end + 2, &end, 10);
      if (*end != ')' || nodes < 1) return 0;
      ++end;
    }
    if (node < first + nodes) return (int)tasks;
    first += (int)nodes;
    text = *end == ',' ? end + 1 : NULL;
  }
  return 0;
}

/// A step started by srun, not the batch script itself: there the step's id is missing or names the script.
static int is_slurm_step(void)
{
  return getenv("SLURM_PROCID") && number_of("SLURM_STEP_ID", 0, -1) >= 0 &&
         number_of("SLURM_STEP_NUM_TASKS", 1, 0) >= 1;
}

static void look_at_slurm(art_par_launch *out)
{
  if (!out->launcher) {
    out->launcher = "Slurm";
    out->is_mute = 1;
  }
  if (!out->ranks) out->ranks = number_of("SLURM_STEP_NUM_TASKS", 1, 0);
  if (!out->node_ranks)
    out->node_ranks =
        slurm_tasks_on_node(getenv("SLURM_STEP_TASKS_PER_NODE"), number_of("SLURM_NODEID", 0, 0));
  const char *binding = getenv("SLURM_CPU_BIND_TYPE");
  out->is_bound = binding && *binding && strcmp(binding, "none") != 0;
}

static art_status apply_wish(art_par_launch *out, art_error *err)
{
  const char *wish = getenv(ART_PAR_START_VARIABLE);
  out->wants_mpi = out->ranks != 1;
  if (!wish || !*wish || !strcmp(wish, "auto")) return ART_OK;
  const int is_yes = !strcmp(wish, "yes");
  if (!is_yes && strcmp(wish, "no") != 0)
    return art_fail(err, ART_E_USAGE, ART_PAR_START_VARIABLE "=%s in the environment; accepted: auto, yes, no", wish);
  out->wants_mpi = is_yes;
  out->is_wish = 1;
  return ART_OK;
}

art_status art_par_launch_look(art_par_launch *out, art_error *err)
{
  *out = (art_par_launch){ 0 };
  if (getenv("OMPI_COMM_WORLD_SIZE")) {
    out->launcher = "Open MPI";
    out->ranks = number_of("OMPI_COMM_WORLD_SIZE", 1, 0);
    out->node_ranks = number_of("OMPI_COMM_WORLD_LOCAL_SIZE", 1, 0);
    out->is_bound = number_of("OMPI_MCA_orte_bound_at_launch", 0, 0) == 1;
  } else {
    if (getenv("PMI_RANK")) {  // MPICH, Intel MPI, srun --mpi=pmi2
      out->launcher = "PMI";
      out->ranks = number_of("PMI_SIZE", 1, 0);
      out->node_ranks = number_of("MPI_LOCALNRANKS", 1, 0);
    } else if (getenv("PMIX_RANK")) {
      out->launcher = "PMIx";
    }
    if (is_slurm_step()) look_at_slurm(out);
  }
  if (!out->launcher) out->ranks = out->node_ranks = 1;
  return apply_wish(out, err);
}

int art_par_launch_is_crowded(const art_par_launch *launch, int threads)
{
  const int mine = art_par_own_cores();
  const int sharing = launch->is_bound || launch->node_ranks < 1 ? 1 : launch->node_ranks;
  return threads > mine || (int64_t)threads * sharing > mine;
}

void art_par_launch_unpin(void)
{
  cpu_set_t mine;
  art_par_own_mask(&mine);
  sched_setaffinity(0, sizeof mine, &mine);  // where that fails, the run is only slower
}
