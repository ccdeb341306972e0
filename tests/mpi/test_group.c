// The group of MPI ranks: every message arrives, sums and agreements are the same everywhere.
#include <stdio.h>

#include "core/par/par.h"
#include "tests/support/group_rig.h"

int main(int argc, char **argv)
{
  art_error err = { 0 };
  if (art_par_start(&argc, &argv, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  const art_group *group = art_par_group();
  const int failures = group ? art_check_group(group) : art_par_size() != 1;
  printf("rank %d of %d: %d failures\n", art_par_rank(), art_par_size(), failures);
  if (failures || !group) art_par_abort(1);
  art_par_stop();
  return 0;
}
