#define ART_WIDE_NAME baseline
#define ART_WIDE_WIDTH ART_WIDTH_BASELINE
#include "core/step/wide_loops_internal.h"
