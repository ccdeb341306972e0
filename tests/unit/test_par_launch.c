// How the program finds out from the environment that a launcher started it, and how many of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/par/launch.h"
#include "core/par/par.h"
#include "core/par/par_internal.h"
#include "tests/support/check.h"

static const char *const variables[] = { "OMPI_COMM_WORLD_SIZE",
                                         "OMPI_COMM_WORLD_LOCAL_SIZE",
                                         "OMPI_MCA_orte_bound_at_launch",
                                         "PMI_RANK",
                                         "PMI_SIZE",
                                         "MPI_LOCALNRANKS",
                                         "PMIX_RANK",
                                         "SLURM_PROCID",
                                         "SLURM_STEP_ID",
                                         "SLURM_STEP_NUM_TASKS",
                                         "SLURM_STEP_TASKS_PER_NODE",
                                         "SLURM_NODEID",
                                         "SLURM_CPU_BIND_TYPE",
                                         ART_PAR_START_VARIABLE };

static int clear(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof variables / sizeof *variables; ++i) unsetenv(variables[i]);
  return 0;
}

/// Sets pairs of name and value until NULL, looks, and clears all again.
static art_par_launch look(const char *name, ...)
{
  va_list pairs;
  va_start(pairs, name);
  for (; name; name = va_arg(pairs, const char *)) setenv(name, va_arg(pairs, const char *), 1);
  va_end(pairs);
  art_par_launch launch;
  art_error err;
  assert_ok(art_par_launch_look(&launch, &err), err);
  clear(NULL);
  return launch;
}

static void alone(void **state)
{
  (void)state;
  const art_par_launch launch = look(NULL);
  assert_null(launch.launcher);
  assert_int_equal(launch.ranks, 1);
  assert_int_equal(launch.node_ranks, 1);
  assert_false(launch.wants_mpi);
}

static void under_mpirun(void **state)
{
  (void)state;
  const art_par_launch two = look("OMPI_COMM_WORLD_SIZE", "6", "OMPI_COMM_WORLD_LOCAL_SIZE", "2", "PMIX_RANK", "1",
                                  "OMPI_MCA_orte_bound_at_launch", "1", NULL);
  assert_string_equal(two.launcher, "Open MPI");
  assert_int_equal(two.ranks, 6);
  assert_int_equal(two.node_ranks, 2);
  assert_true(two.is_bound && two.wants_mpi);
  const art_par_launch one = look("OMPI_COMM_WORLD_SIZE", "1", "OMPI_COMM_WORLD_LOCAL_SIZE", "1", NULL);
  assert_true(one.launcher && !one.wants_mpi && !one.is_bound);
}

static void under_other_launchers(void **state)
{
  (void)state;
  const art_par_launch hydra = look("PMI_RANK", "0", "PMI_SIZE", "4", "MPI_LOCALNRANKS", "4", NULL);
  assert_string_equal(hydra.launcher, "PMI");
  assert_true(hydra.ranks == 4 && hydra.node_ranks == 4 && hydra.wants_mpi);
  const art_par_launch prrte = look("PMIX_RANK", "0", NULL);  // tells no size: MPI will
  assert_string_equal(prrte.launcher, "PMIx");
  assert_true(prrte.ranks == 0 && prrte.node_ranks == 0 && prrte.wants_mpi);
}

static void under_slurm(void **state)
{
  (void)state;
  // The batch script has the numbers of the job, but is no step: what runs there without srun is one process.
  const art_par_launch script = look("SLURM_PROCID", "0", "SLURM_NODEID", "0", "SLURM_JOB_ID", "7", "SLURM_NTASKS", "4",
                                     "SLURM_TASKS_PER_NODE", "4", NULL);
  assert_true(!script.launcher && script.ranks == 1 && !script.wants_mpi);
  const char *const on_nodes = "4(x2),3";
  const int expected[4] = { 4, 4, 3, 0 };
  for (int node = 0; node < 4; ++node) {
    char index[2] = { (char)('0' + node), '\0' };
    const art_par_launch step =
        look("SLURM_PROCID", "3", "SLURM_STEP_ID", "0", "SLURM_STEP_NUM_TASKS", "11", "SLURM_STEP_TASKS_PER_NODE",
             on_nodes, "SLURM_NODEID", index, "SLURM_CPU_BIND_TYPE", "mask_cpu:", NULL);
    assert_string_equal(step.launcher, "Slurm");
    assert_true(step.is_mute);
    assert_int_equal(step.ranks, 11);
    assert_int_equal(step.node_ranks, expected[node]);
    assert_true(step.is_bound && step.wants_mpi);
  }
  const art_par_launch pmix = look("SLURM_PROCID", "1", "SLURM_STEP_ID", "2", "SLURM_STEP_NUM_TASKS", "2", "PMIX_RANK",
                                   "1", "SLURM_STEP_TASKS_PER_NODE", "2(x", "SLURM_CPU_BIND_TYPE", "none", NULL);
  assert_string_equal(pmix.launcher, "PMIx");
  assert_false(pmix.is_mute);
  assert_true(pmix.ranks == 2 && pmix.node_ranks == 0 && !pmix.is_bound && pmix.wants_mpi);
  const art_par_launch single =
      look("SLURM_PROCID", "0", "SLURM_STEP_ID", "0", "SLURM_STEP_NUM_TASKS", "1", "PMIX_RANK", "0", NULL);
  assert_false(single.wants_mpi);
}

static void the_user_decides(void **state)
{
  (void)state;
  assert_true(look(ART_PAR_START_VARIABLE, "yes", NULL).wants_mpi);
  assert_false(look("OMPI_COMM_WORLD_SIZE", "3", ART_PAR_START_VARIABLE, "no", NULL).wants_mpi);
  assert_true(look("OMPI_COMM_WORLD_SIZE", "3", ART_PAR_START_VARIABLE, "auto", NULL).wants_mpi);
  assert_true(look("OMPI_COMM_WORLD_SIZE", "3", ART_PAR_START_VARIABLE, "", NULL).wants_mpi);
  setenv(ART_PAR_START_VARIABLE, "maybe", 1);
  art_par_launch launch;
  art_error err;
  assert_refused(art_par_launch_look(&launch, &err), ART_E_USAGE, err, ART_PAR_START_VARIABLE, "maybe", "auto, yes, no");
  assert_refused(art_par_start(NULL, NULL, &err), ART_E_USAGE, err, "maybe");
  clear(NULL);
}

static void more_threads_than_cores_are_a_crowd(void **state)
{
  (void)state;
  const int cores = art_par_own_cores();
  const art_par_launch free_two = { .launcher = "Open MPI", .ranks = 2, .node_ranks = 2 };
  const art_par_launch bound_two = { .launcher = "Open MPI", .ranks = 2, .node_ranks = 2, .is_bound = 1 };
  const art_par_launch unknown = { .launcher = "PMIx" };
  assert_false(art_par_launch_is_crowded(&bound_two, cores));  // each has these cores for itself
  assert_true(art_par_launch_is_crowded(&bound_two, cores + 1));
  assert_true(art_par_launch_is_crowded(&free_two, cores / 2 + 1));
  assert_false(art_par_launch_is_crowded(&free_two, cores / 2));
  assert_false(art_par_launch_is_crowded(&unknown, cores));
  assert_false(art_par_launch_is_crowded(&free_two, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(alone, clear),
    cmocka_unit_test_setup(under_mpirun, clear),
    cmocka_unit_test_setup(under_other_launchers, clear),
    cmocka_unit_test_setup(under_slurm, clear),
    cmocka_unit_test_setup(the_user_decides, clear),
    cmocka_unit_test_setup(more_threads_than_cores_are_a_crowd, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
