// How long messages between two processes take: run with `mpirun -n 2`. Prints the time of a small one and the speed of large
// ones, both as halves of the way there and back; the best of several rounds, since other work only ever adds.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"

enum { SMALL = 64, LARGE = 4 << 20, ROUNDS = 20 };

static double half_way_s(char *buffer, int bytes, int times, int rank)
{
  double best_s = 1e9;
  for (int round = 0; round < ROUNDS; ++round) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double began_s = MPI_Wtime();
    for (int i = 0; i < times; ++i) {
      if (rank == 0) MPI_Send(buffer, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
      if (rank < 2) MPI_Recv(buffer, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      if (rank == 1) MPI_Send(buffer, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    }
    const double took_s = (MPI_Wtime() - began_s) / (2.0 * times);
    if (took_s < best_s) best_s = took_s;
  }
  return best_s;
}

int main(int argc, char **argv)
{
  int rank = 0, size = 1;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size < 2) {
    fprintf(stderr, "bench_messages: start it with mpirun -n 2\n");
    MPI_Finalize();
    return 2;
  }
  char *buffer = ART_NEW(char, LARGE);
  const double small_s = half_way_s(buffer, SMALL, 2000, rank), large_s = half_way_s(buffer, LARGE, 10, rank);
  if (rank == 0)
    printf("messages: latency_us=%.3f bandwidth_gbps=%.3f\n", 1e6 * small_s, LARGE / (large_s - small_s) / 1e9);
  free(buffer);
  MPI_Finalize();
  return 0;
}
