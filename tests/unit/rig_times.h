/// \file rig_times.h
/// When greens of a signal rig begin and end. For tests of controllers.
#ifndef ART_TESTS_UNIT_RIG_TIMES_H
#define ART_TESTS_UNIT_RIG_TIMES_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/signal_rig.h"

static inline void wait_for(art_rig *rig, int32_t group, int is_green)
{
  for (int k = 0; k < 20000; ++k) {
    if (art_rig_goes(rig, group) == is_green) return;
    art_rig_step(rig);
  }
  fail_msg("group %d never %s", (int)group, is_green ? "got green" : "ended");
}

/// When the green that runs or comes next begins, or ends.
static inline art_tick begins(art_rig *rig, int32_t group)
{
  wait_for(rig, group, 1);
  return rig->green_begin_ms[group];
}
static inline art_tick ends(art_rig *rig, int32_t group)
{
  wait_for(rig, group, 1);
  wait_for(rig, group, 0);
  return rig->green_end_ms[group];
}

/// Checks that nothing unsafe was shown, and frees the rig.
static inline void done(art_rig *rig)
{
  assert_int_equal(art_rig_fault_count(rig), 0);
  free(rig);
}

#endif  // ART_TESTS_UNIT_RIG_TIMES_H
