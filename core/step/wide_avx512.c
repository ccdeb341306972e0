#if defined(__x86_64__)
#define ART_WIDE_NAME avx512
#define ART_WIDE_WIDTH ART_WIDTH_AVX512
#include "core/step/wide_loops_internal.h"
#endif
