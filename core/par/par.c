#include "core/par/par.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/par_internal.h"

/// CPU quota of one cgroup v2 file in cores, 0 if there is none.
static double quota_of_v2(const char *path)
{
  FILE *file = fopen(path, "r");
  if (!file) return 0.0;
  long long quota = 0, period = 0;
  const int fields =
      fscanf(file, "%lld %lld", &quota, &period);  // "max 100000" when unlimited: no number first
  fclose(file);
  return fields == 2 && quota > 0 && period > 0 ? (double)quota / (double)period : 0.0;
}

static double quota_of_v1(void)
{
  long long value[2] = { 0, 0 };
  static const char *const paths[2] = { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
                                        "/sys/fs/cgroup/cpu/cpu.cfs_period_us" };
  for (int i = 0; i < 2; ++i) {
    FILE *file = fopen(paths[i], "r");
    if (!file) return 0.0;
    const int fields = fscanf(file, "%lld", &value[i]);
    fclose(file);
    if (fields != 1) return 0.0;
  }
  return value[0] > 0 && value[1] > 0 ? (double)value[0] / (double)value[1] : 0.0;
}

/// The tightest quota on the way from this process's cgroup to the root, in cores; 0: none.
static double cgroup_quota(void)
{
  char group[600] = "";
  FILE *file = fopen("/proc/self/cgroup", "r");
  if (file) {
    char line[600];
    while (fgets(line, sizeof line, file)) {
      line[strcspn(line, "\n")] = '\0';
      if (strncmp(line, "0::", 3) == 0) snprintf(group, sizeof group, "%s", line + 3);
    }
    fclose(file);
  }
  double tightest = quota_of_v1();
  for (;;) {
    char path[640];
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", strcmp(group, "/") == 0 ? "" : group);
    const double quota = quota_of_v2(path);
    if (quota > 0.0 && (tightest == 0.0 || quota < tightest)) tightest = quota;
    char *slash = strrchr(group, '/');
    if (!slash) break;
    *slash = '\0';
  }
  return tightest;
}

void art_par_own_mask(cpu_set_t *mask)
{
  CPU_ZERO(mask);
  if (sched_getaffinity(0, sizeof *mask, mask) != 0) CPU_SET(0, mask);
#ifdef _OPENMP
  // With OMP_PROC_BIND the runtime has pinned the first thread before main: the places are what it had.
  for (int place = 0; place < omp_get_num_places(); ++place) {
    const int count = omp_get_place_num_procs(place);
    int *core = ART_NEW(int, count);
    omp_get_place_proc_ids(place, core);
    for (int i = 0; i < count; ++i)
      if (core[i] >= 0 && core[i] < CPU_SETSIZE) CPU_SET(core[i], mask);
    free(core);
  }
#endif
}

int art_par_own_cores(void)
{
  cpu_set_t mine;
  art_par_own_mask(&mine);
  return CPU_COUNT(&mine);
}

int art_par_allowed_cores(void)
{
  double cores = art_par_core_share();
  const double quota = cgroup_quota() / art_par_node_size();
  if (quota > 0.0 && quota < cores) cores = quota;
  const int whole = (int)(cores + 1e-6);  // thirds and the like add up to a hair less than a whole
  return whole < 1 ? 1 : whole;
}

int art_par_default_threads(void)
{
  const char *text = getenv("OMP_NUM_THREADS");  // may be a list for nested levels; the first one counts here
  if (text) {
    char *end = NULL;
    const long threads = strtol(text, &end, 10);
    if (end != text && threads >= 1 && threads <= 4096) return (int)threads;
  }
  return art_par_allowed_cores();
}
