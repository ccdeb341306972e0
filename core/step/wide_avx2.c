#if defined(__x86_64__)
#define ART_WIDE_NAME avx2
#include "core/step/wide_loops_internal.h"
#endif
