/// \file nema_rows.h
/// Programs of rings and barriers as timing sheets state them, for the signals of a network.
#ifndef ART_IO_SIGNALS_NEMA_ROWS_H
#define ART_IO_SIGNALS_NEMA_ROWS_H
#include <stdint.h>

#include "core/net/network.h"

/// One phase. Times in seconds. `letters` has one letter a group of the signal: G protected, g permitted, r not served.
typedef struct art_nema_row {
  int32_t number, ring, barrier, position;  ///< rings from 0; phases of a ring run by barrier, then position
  double min_s, max_s, extension_s, yellow_s, red_s, walk_s, foot_clearance_s,
      split_s;     ///< split 0: by the maximum
  uint32_t flags;  ///< art_phase_flag
  char *letters;
} art_nema_row;

typedef struct art_nema_plan {
  const char *id;
  int is_coordinated;
  double cycle_s, offset_s;
  int32_t count;
  art_nema_row *row;
} art_nema_plan;

/// Letters of protected groups that yield to others of their own phase, or of phases that may run beside it, become
/// permitted. ART_E_INPUT if two that would stay protected cross: then the rings are not what they seem.
art_status art_nema_plan_settle(const art_net *net, int32_t signal, art_nema_plan *plan, art_error *err);
/// Adds the plan to the signal, with sensors on all lanes that its phases serve, and makes it the one that runs. Sorts the
/// rows. Needs art_net_index() before and after.
art_status art_nema_plan_add(art_net *net, int32_t signal, art_nema_plan *plan, art_error *err);

#endif  // ART_IO_SIGNALS_NEMA_ROWS_H
