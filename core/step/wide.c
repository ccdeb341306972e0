/// Choice of the loops for the processor at hand.
#include "core/step/wide.h"

#include <string.h>

static int has_avx512(void)
{
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return 0;
#endif
}

static int has_avx2(void)
{
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0;
#else
  return 0;
#endif
}

static int has_baseline(void)
{
  return 1;
}

const art_wide *art_wide_find(const char *name)
{
  static const struct {
    const char *name;
    int (*is_there)(void);
    const art_wide *loops;
  } set[] = {
#define X(which) { #which, has_##which, &art_wide_##which },
    ART_WIDE_LIST(X)
#undef X
  };
  (void)has_avx2, (void)has_avx512;
  const art_wide *found = NULL;
  for (size_t i = 0; i < sizeof set / sizeof *set; ++i)
    if (set[i].is_there() && (!name || strcmp(name, set[i].name) == 0)) found = set[i].loops;
  return found;
}
