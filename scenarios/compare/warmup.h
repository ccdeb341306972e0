/// \file warmup.h
/// Where the filling of a run ends, judged by its own numbers.
#ifndef ART_SCENARIOS_COMPARE_WARMUP_H
#define ART_SCENARIOS_COMPARE_WARMUP_H
#include "io/results/read.h"

/// One series of /totals under MSER-5.
typedef struct art_warmup_end {
  double end_s;  ///< seconds since begin at which the steady part starts; NAN: too few intervals, or gaps
  int settles;   ///< 0: as much was cut off as the method may, so the series has no steady part
} art_warmup_end;

/// `instant_s[i]` belongs to `value[i]`; values before the first number are left out.
art_warmup_end art_warmup_judge(int64_t count, const double *value, const double *instant_s);

/// Judged from begin until the last trip has departed: afterwards a run empties, which is no steady state either.
typedef struct art_warmup {
  double judged_s;  ///< length of that span; 0: the result has no /totals, or fewer than two rows
  art_warmup_end running, speed;  ///< vehicles on the road; their mean speed, from when somebody drives
} art_warmup;

art_status art_warmup_read(const art_result *result, art_warmup *out, art_error *err);

#endif  // ART_SCENARIOS_COMPARE_WARMUP_H
