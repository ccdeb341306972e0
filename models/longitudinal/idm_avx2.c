#if defined(__x86_64__)
#define ART_IDM_NAME avx2
#include "models/longitudinal/idm_loops_internal.h"
#endif
