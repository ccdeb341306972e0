/// \file launch.h
/// How this process was started: by itself or as one of several by a launcher. Reads the environment, starts nothing.
#ifndef ART_CORE_PAR_LAUNCH_H
#define ART_CORE_PAR_LAUNCH_H
#include "core/base/status.h"

/// Says whether MPI is started: "auto" (the default: if a launcher started more than one process), "yes", "no".
#define ART_PAR_START_VARIABLE "ARTERIAL_START_MPI"

typedef struct art_par_launch {
  const char *launcher;  ///< "Open MPI", "PMI", "PMIx", "Slurm"; NULL: no launcher. Static storage
  int is_mute;           ///< the launcher gives its processes no way to find one another, so MPI would see one
  int ranks;             ///< processes that it started together; 0: it does not say; 1 without a launcher
  int node_ranks;        ///< those on this node; 0: it does not say
  int is_bound;          ///< the launcher gave each process cores of its own
  int wants_mpi;         ///< the environment's wish, or else ranks != 1
  int is_wish;           ///< it was the environment's
} art_par_launch;

/// A batch script under Slurm or PBS is no launcher: what it starts without mpirun or srun is one process. Fails
/// (ART_E_USAGE) if ART_PAR_START_VARIABLE has another value.
art_status art_par_launch_look(art_par_launch *out, art_error *err);

/// 1 if `threads` threads in each of the processes on this node are more than the cores they may use, as far as that can be
/// told before they talk to each other.
int art_par_launch_is_crowded(const art_par_launch *launch, int threads);

/// Lets the calling thread run on every core that the process was given. With OMP_PROC_BIND the runtime has pinned the first
/// thread to one of them, and a program that it starts would inherit that as all there is.
void art_par_launch_unpin(void);

#endif  // ART_CORE_PAR_LAUNCH_H
