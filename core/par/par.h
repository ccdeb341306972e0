/// \file par.h
/// The only door to MPI. A serial and an MPI source stand behind it.
#ifndef ART_CORE_PAR_PAR_H
#define ART_CORE_PAR_PAR_H
#include <stdint.h>

#include "core/base/status.h"

/// Starts MPI (thread level FUNNELED) if a launcher started several processes, see launch.h; else there is one rank and MPI
/// stays as it is: starting it takes some tenths of a second. Call once, first thing in main. Collective.
art_status art_par_start(int *argc, char ***argv, art_error *err);
/// Ends it. Collective.
void art_par_stop(void);
int art_par_rank(void);
int art_par_size(void);
/// "serial" or the MPI library's version line, whether it was started or not; static storage.
const char *art_par_library(void);
/// All ranks end now, with one status that they have agreed on (art_group_agree): art_par_leave need not end the others.
void art_par_note_agreed(void);
/// The last call of a process: with an exit code other than 0 that was not agreed on, it ends all ranks.
void art_par_leave(int exit_code);
/// Ends all ranks with the exit code.
void art_par_abort(int exit_code);

/// Cores this process may use.
int art_par_allowed_cores(void);
/// OMP_NUM_THREADS if set, else the cores allowed.
int art_par_default_threads(void);

#endif  // ART_CORE_PAR_PAR_H
