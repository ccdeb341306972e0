/// \file state_rig.h
/// Saved states in tests: taking them, comparing them, restoring them. Include after cmocka.h.
#ifndef ART_TESTS_SUPPORT_STATE_RIG_H
#define ART_TESTS_SUPPORT_STATE_RIG_H
#include <stdint.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/step/sim_internal.h"
#include "core/step/state.h"

/// The state of now in `out`, which is emptied first; without the time that the steps took, which nothing depends on.
static inline void state_take(art_sim *sim, art_bytes *out)
{
  sim->ledger.step_seconds = 0.0;
  out->count = 0;
  art_sim_save(sim, out);
}

/// Where two states begin to differ: name of the section, byte within it. 0: they do not differ.
static inline int state_differs(const art_bytes *a, const art_bytes *b, char section[5], size_t *at)
{
  enum { HEAD = 24 };  // bytes before a section: tag, version, count, sum
  for (size_t from = 0; from + HEAD <= a->count;) {
    uint64_t count;
    memcpy(section, a->data + from, 4);
    section[4] = 0;
    memcpy(&count, a->data + from + 8, sizeof count);
    const size_t end = from + HEAD + (size_t)count;
    for (size_t i = from; i < end; ++i)
      if (i >= b->count || (a->data[i] != b->data[i] && (i < from + 16 || i >= from + HEAD))) {
        *at = i - from;
        return 1;
      }
    from = end;
  }
  *at = a->count;
  return a->count != b->count;
}

#endif  // ART_TESTS_SUPPORT_STATE_RIG_H
