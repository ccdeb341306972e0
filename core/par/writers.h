/// \file writers.h
/// Which of many ranks write one file together: few of them, as a disk serves few better than many.
#ifndef ART_CORE_PAR_WRITERS_H
#define ART_CORE_PAR_WRITERS_H
#include <stdint.h>

typedef struct art_writers {
  int32_t count;
  int32_t *rank;  ///< ascending; the first one is rank 0. Free it
  int handle;  ///< the writers' communicator as MPI_Comm_c2f gives it, so that only who needs MPI's types includes them;
      ///< -1 for others, and if there is one writer
} art_writers;

/// `wanted` writers; 0: one a node. They lie on as many nodes as can be. The communicator stays until MPI ends. Collective.
art_writers art_par_writers(int32_t wanted);

#endif  // ART_CORE_PAR_WRITERS_H
