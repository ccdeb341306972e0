#include "scenarios/cli/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/par/launch.h"
#include "core/par/par.h"

/// Threads that the command line asks for, or else OMP_NUM_THREADS; 0: neither, so there will be one per core allowed.
static int threads_asked(int argc, char **argv)
{
  static const char option[] = "--threads";
  const size_t length = sizeof option - 1;
  int threads = 0;
  for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; ++i) {
    if (strncmp(argv[i], option, length) != 0) continue;
    if (argv[i][length] == '=') threads = atoi(argv[i] + length + 1);
    if (argv[i][length] == '\0' && i + 1 < argc) threads = atoi(argv[i + 1]);
  }
  return threads > 0 || !getenv("OMP_NUM_THREADS") ? threads : art_par_default_threads();
}

void art_start_wait_politely(int argc, char **argv)
{
  if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") || getenv("KMP_BLOCKTIME")) return;
  art_par_launch launch;
  const int is_known = art_par_launch_look(&launch, NULL) == ART_OK;
  if (is_known && art_par_launch_is_crowded(&launch, threads_asked(argc, argv))) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
  } else {
    setenv("GOMP_SPINCOUNT", "1000", 1);
    setenv("KMP_BLOCKTIME", "0", 1);
  }
  art_par_launch_unpin();
  execv("/proc/self/exe", argv);  // where that fails the run is only slower
}

/// 1 if waiting threads leave their core to others.
static int waits_passively(void)
{
  const char *policy = getenv("OMP_WAIT_POLICY");
  return policy && strcasecmp(policy, "passive") == 0;
}

void art_start_warn_of_threads(int threads)
{
  art_par_launch launch;
  if (art_par_rank() != 0 || art_par_launch_look(&launch, NULL) != ART_OK || !launch.launcher) return;
  const int cores = art_par_allowed_cores();
  if (threads <= cores) return;
  fprintf(stderr,
          "arterial: warning: %d threads in each process, which may use %d core%s%s: %s. Fewer threads%s are faster; "
          "results are the same\n",
          threads, cores, cores == 1 ? "" : "s", launch.is_bound ? " (the launcher binds it)" : "",
          waits_passively() ? "they wait for one another without spinning"
                            : "they spin while they wait; OMP_WAIT_POLICY=passive set before the start helps",
          launch.is_bound ? ", or 'mpirun --bind-to none' (srun: --cpus-per-task)," : "");
}
