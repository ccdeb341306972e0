#define ART_WIDE_NAME baseline
#include "core/step/wide_loops_internal.h"
