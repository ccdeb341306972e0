// The group of MPI ranks: every message arrives, sums and agreements are the same everywhere, however long messages are against
// what MPI and shared memory take at once.
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
  // All through shared memory; what is longer in pieces through MPI; nearly everything that way, in small pieces.
  static const int64_t bounds[][2] = { { 0, 0 }, { 4096, 512 }, { 64, 8 } };
  int failures = group ? 0 : art_par_size() != 1;
  for (int i = 0; group && i < 3; ++i) {
    art_par_bound_messages(bounds[i][0], bounds[i][1]);
    failures += art_check_group(group);
  }
  printf("rank %d of %d: %d failures\n", art_par_rank(), art_par_size(), failures);
  if (failures || !group) art_par_abort(1);
  art_par_stop();
  return 0;
}
