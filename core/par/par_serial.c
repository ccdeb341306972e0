// The transport of builds without MPI: one rank.
#include <sched.h>
#include <stdlib.h>

#include "core/par/group.h"
#include "core/par/par.h"
#include "core/par/par_internal.h"

art_status art_par_start(int *argc, char ***argv, art_error *err)
{
  (void)argc;
  (void)argv;
  (void)err;
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
  cpu_set_t mine;
  CPU_ZERO(&mine);
  return sched_getaffinity(0, sizeof mine, &mine) == 0 ? (double)CPU_COUNT(&mine) : 1.0;
}

int art_par_node_size(void)
{
  return 1;
}

void art_par_broadcast_int32(int32_t *values, int32_t count)
{
  (void)values;
  (void)count;
}

const art_group *art_par_group(void)
{
  return NULL;
}
