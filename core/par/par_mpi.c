// The transport of MPI builds. Before art_par_start() and after art_par_stop() it behaves like one rank, so
// that unit tests need no MPI runtime.
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/launch.h"
#include "core/par/par.h"
#include "core/par/par_internal.h"

/// Facts about the process, found once by art_par_start(); MPI itself is one per process, so these are too.
static struct {
  double core_share;  // 0: not found yet
  int node_size;
  char library[MPI_MAX_LIBRARY_VERSION_STRING];
} process = { 0.0, 1, "" };

static int is_running(void)
{
  int started = 0, stopped = 0;
  MPI_Initialized(&started);
  if (started) MPI_Finalized(&stopped);
  return started && !stopped;
}

/// A core that n ranks of this node may run on counts 1/n: right both for bound ranks and for ranks that
/// share a mask.
static void look_at_node(void)
{
  cpu_set_t mine;
  art_par_own_mask(&mine);
  MPI_Comm node;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &process.node_size);
  cpu_set_t *all = ART_NEW(cpu_set_t, process.node_size);
  MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, all, (int)sizeof mine, MPI_BYTE, node);
  double share = 0.0;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &mine)) continue;
    int users = 0;
    for (int rank = 0; rank < process.node_size; ++rank) users += CPU_ISSET(core, &all[rank]) ? 1 : 0;
    share += 1.0 / users;
  }
  process.core_share = share;
  free(all);
  MPI_Comm_free(&node);
}

/// The launcher speaks no language of this MPI: every process would believe to be alone.
static art_status refuse_strangers(const art_par_launch *launch, art_error *err)
{
  return art_fail(err, ART_E_USAGE,
                  "%s started %d processes that MPI (%s) cannot join: start them with the mpirun of that MPI or with "
                  "'srun --mpi=pmix' ('srun --mpi=list' tells what there is), or set " ART_PAR_START_VARIABLE
                  "=no for runs of their own",
                  launch->launcher, launch->ranks, art_par_library());
}

art_status art_par_start(int *argc, char ***argv, art_error *err)
{
  art_par_launch launch;
  const art_status looked = art_par_launch_look(&launch, err);
  if (looked != ART_OK || !launch.wants_mpi) return looked;
  if (launch.is_mute && !launch.is_wish) return refuse_strangers(&launch, err);
  int provided = MPI_THREAD_SINGLE, size = 1;
  if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
    return art_fail(err, ART_E_INTERNAL, "MPI could not start");
  if (provided < MPI_THREAD_FUNNELED)
    return art_fail(err, ART_E_INTERNAL, "MPI gives thread level %d; FUNNELED (%d) is needed", provided,
                    MPI_THREAD_FUNNELED);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size == 1 && launch.ranks > 1) return refuse_strangers(&launch, err);
  look_at_node();
  return ART_OK;
}

void art_par_stop(void)
{
  if (is_running()) MPI_Finalize();
}

int art_par_rank(void)
{
  int rank = 0;
  if (is_running()) MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int art_par_size(void)
{
  int size = 1;
  if (is_running()) MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

const char *art_par_library(void)
{
  int length = 0;
  if (!process.library[0]) MPI_Get_library_version(process.library, &length);  // allowed before MPI is started
  process.library[strcspn(process.library, "\r\n")] = '\0';
  return process.library;
}

void art_par_abort(int exit_code)
{
  if (is_running() && art_par_size() > 1) MPI_Abort(MPI_COMM_WORLD, exit_code);
  art_par_stop();
  exit(exit_code);
}

double art_par_core_share(void)
{
  if (process.core_share > 0.0) return process.core_share;
  return (double)art_par_own_cores();
}

int art_par_node_size(void)
{
  return process.node_size;
}

void art_par_broadcast_int32(int32_t *values, int32_t count)
{
  if (is_running()) MPI_Bcast(values, count, MPI_INT32_T, 0, MPI_COMM_WORLD);
}
