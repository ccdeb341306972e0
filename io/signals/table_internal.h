/// \file table_internal.h
/// What the reader of signal tables and the changes of a net share.
#ifndef ART_IO_SIGNALS_TABLE_INTERNAL_H
#define ART_IO_SIGNALS_TABLE_INTERNAL_H
#include <stdint.h>

#include "core/net/network.h"

/// A program as the table states it. Times in milliseconds; rows of phases own their lists.
typedef struct art_table_phase {
  char *letters;  ///< [groups]
  int64_t duration_ms, min_ms, max_ms;
  int64_t time_ms[ART_PHASE_TIME_COUNT];
  uint32_t flags;
  int32_t number;
  uint8_t ring, barrier;
  int32_t next_count, sensor_count;
  int32_t *next, *sensor;
} art_table_phase;

typedef struct art_table_program {
  int32_t signal;
  char *id;
  int control;
  int64_t cycle_ms, offset_ms;
  float value[ART_CONTROL_VALUE_COUNT];
  int32_t phase_count, phase_capacity;
  art_table_phase *phase;
} art_table_program;

void art_table_phase_clear(art_table_phase *phase);
void art_table_program_clear(art_table_program *program);

// table_program.c
/// Column of a time of phases.
const char *art_table_time_column(int time);

// table_edit.c
/// Adds the program to its signal; one of the same name goes, and what ran it or switched to it runs the new one.
/// Returns whether there was one.
int art_table_put_program(art_net *net, const art_table_program *program);
/// Replaces the intergreens of a signal.
void art_table_put_intergreens(art_net *net, int32_t signal, int32_t count, const int32_t *from,
                               const int32_t *to, const int64_t *ms);
/// Replaces the switch times of a signal.
void art_table_put_schedule(art_net *net, int32_t signal, int32_t count, const int64_t *at_ms,
                            const int32_t *program, int64_t period_ms);

// table_stages.c
/// Stages by the clock, written out: the way from each to the next one by yellow, intergreens and red-yellow of the groups.
/// `state` has the letters of each stage one after another, `begin_ms` its switch time in the cycle, ascending. Appends
/// phases to the program. On failure `err` names the stage.
art_status art_table_write_out(const art_net *net, int32_t stage_count, const char *state,
                               const int64_t *begin_ms, int64_t cycle_ms, art_table_program *program,
                               art_error *err);

#endif  // ART_IO_SIGNALS_TABLE_INTERNAL_H
