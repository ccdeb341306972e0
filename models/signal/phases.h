/// \file phases.h
/// A signal program as its controller reads it: letters and times of phases, what sensors and push buttons say about
/// them, calls that are remembered, places in the cycle. Shared by the controllers that listen to sensors.
#ifndef ART_MODELS_SIGNAL_PHASES_H
#define ART_MODELS_SIGNAL_PHASES_H
#include <stdint.h>

#include "core/step/control.h"

/// Phases beyond are not looked at; groups beyond have no remembered push button.
enum { ART_PHASES_MOST = 64, ART_PHASES_GROUP_WORDS = 4 };
#define ART_PHASES_NEVER (INT64_MAX / 4)
#define ART_PHASES_LONG_AGO (INT64_MIN / 4)

typedef struct art_phases {
  const art_control_view *view;
  const art_net *net;
  int32_t first, count;  ///< phases of the program, absolute index of the first
  int32_t groups;
  uint64_t foot_group[ART_PHASES_GROUP_WORDS];  ///< groups that people walk by
  uint64_t foot_waits[ART_PHASES_GROUP_WORDS];  ///< of these, somebody waits there now
} art_phases;

/// Calls that stay until they are served. Part of a controller's memory; all zeros at the begin.
typedef struct art_calls {
  int64_t vehicles;                      ///< by phase
  int64_t feet[ART_PHASES_GROUP_WORDS];  ///< by group
  int64_t seen_ms;                       ///< when sensors were last read
  int64_t running;                       ///< phases that had green then, by bit
} art_calls;

art_phases art_phases_of(const art_control_view *view);

static inline char art_phases_letter(const art_phases *p, int32_t phase, int32_t group)
{
  return p->net->phase_state[p->net->phase_first_state[p->first + phase] + group];
}
static inline int64_t art_phases_time(const art_phases *p, int32_t phase, int time)
{
  return art_net_phase_time_ms(p->net, time, p->first + phase);
}
static inline int art_phases_has(const art_phases *p, int32_t phase, uint32_t flags)
{
  return (p->net->phase_flags[p->first + phase] & flags) != 0;
}
static inline float art_phases_value(const art_phases *p, int value)
{
  return p->net->program_value[value][p->view->program];
}
static inline int art_phases_is_foot(const art_phases *p, int32_t group)
{
  return group < 64 * ART_PHASES_GROUP_WORDS && ((p->foot_group[group / 64] >> (group % 64)) & 1) != 0;
}

/// Somebody goes and nobody has yellow: all others are transitions.
int art_phases_is_green(const art_phases *p, int32_t phase);
/// Green for this group. 2: with the right of way.
int art_phases_serves(const art_phases *p, int32_t phase, int32_t group);
/// The program has yellow phases of its own; else the guard makes it.
int art_phases_writes_out(const art_phases *p);

/// Shortest and longest green as stated: the duration where nothing is.
int64_t art_phases_min_ms(const art_phases *p, int32_t phase);
int64_t art_phases_max_ms(const art_phases *p, int32_t phase);
/// Yellow after it, and red after that: as stated, else the longest of its groups, else 3 s and none.
int64_t art_phases_yellow_ms(const art_phases *p, int32_t phase);
int64_t art_phases_red_ms(const art_phases *p, int32_t phase);

/// When a sensor of the phase was last crossed or occupied; LONG_AGO: never. Points that are on
/// for longer than inactive_s are broken and left out; they go on calling.
art_tick art_phases_last_ms(const art_phases *p, int32_t phase);
/// Passage time after so much green, which shrinks with volume-density control.
int64_t art_phases_passage_ms(const art_phases *p, int32_t phase, int64_t green_ms);

/// Remembers who called since the last time. `running`: phases that have green, by bit.
void art_calls_listen(art_calls *calls, const art_phases *p, uint64_t running);
/// The phase gets green: its calls are served, and those of phases that have no sensor beside its own.
void art_calls_serve(art_calls *calls, const art_phases *p, int32_t phase);
/// Somebody on foot waits for this phase, or it has a recall for walk.
int art_calls_foot(const art_calls *calls, const art_phases *p, int32_t phase);
/// The phase is to be served: recall, vehicles, people. Without flag OMIT only.
int art_calls_wants(const art_calls *calls, const art_phases *p, int32_t phase);

/// The clock of coordination. Places are times within the cycle, counted from the offset.
typedef struct art_cycle {
  int64_t length_ms;  ///< > 0
  int64_t offset_ms;
} art_cycle;

/// Now, as a place.
int64_t art_cycle_place(const art_cycle *cycle, art_tick now_ms);
/// The last instant of a place that is not after `now_ms`.
art_tick art_cycle_before(const art_cycle *cycle, int64_t place_ms, art_tick now_ms);
/// The first instant of a place that is after `now_ms`.
art_tick art_cycle_after(const art_cycle *cycle, int64_t place_ms, art_tick now_ms);

#endif  // ART_MODELS_SIGNAL_PHASES_H
