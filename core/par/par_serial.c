// The transport of builds without MPI: one rank.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "core/par/launch.h"
#include "core/par/par.h"
#include "core/par/par_internal.h"
#include "core/par/writers.h"

art_status art_par_start(int *argc, char ***argv, art_error *err)
{
  (void)argc;
  (void)argv;
  art_par_launch launch;
  const art_status status = art_par_launch_look(&launch, err);
  if (status != ART_OK) return status;
  if (launch.wants_mpi && launch.ranks == 1)
    return art_fail(err, ART_E_USAGE, ART_PAR_START_VARIABLE "=yes, but this build has no MPI");
  if (launch.wants_mpi)  // or several processes would write one file
    return art_fail(err, ART_E_USAGE,
                    "%s started %d processes%s, and this build has no MPI: each would do all of the work and write "
                    "the same files. Start one, or set " ART_PAR_START_VARIABLE "=no for runs of their own",
                    launch.launcher, launch.ranks, launch.ranks ? "" : " or more");
  return ART_OK;
}

void art_par_stop(void) {}
int art_par_rank(void)
{
  return 0;
}
int art_par_size(void)
{
  return 1;
}
const char *art_par_library(void)
{
  return "serial";
}
void art_par_note_agreed(void) {}
void art_par_leave(int exit_code)
{
  (void)exit_code;
}
void art_par_abort(int exit_code)
{
  exit(exit_code);
}

double art_par_core_share(void)
{
  return (double)art_par_own_cores();
}

int art_par_node_size(void)
{
  return 1;
}

void art_par_bound_messages(int64_t piece_bytes, int64_t shared_bytes)
{
  (void)piece_bytes, (void)shared_bytes;
}

const art_group *art_par_group(void)
{
  return NULL;
}

art_writers art_par_writers(int32_t wanted)
{
  (void)wanted;
  return (art_writers){ 1, ART_NEW(int32_t, 1), -1 };
}
