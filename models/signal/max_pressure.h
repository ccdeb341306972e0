/// \file max_pressure.h
/// Max pressure (Varaiya 2013; Tassiulas and Ephremides 1992): green for the stage whose movements have the most before
/// them and the least behind them. It needs to know neither demands nor the other signals, and keeps every queue bounded
/// that any control could keep bounded.
///
/// Pressure of a stage = sum over its movements of s max(0, q_in - sum over the exits of r q_out). A movement is a
/// connector: s its saturation flow times its share of the lane's vehicles (half where it yields), q_in the vehicles of
/// the lane, q_out those of the lanes of the link behind, r the shares of those that leave that link by each. Shares are
/// counted; behind the last link nobody waits.
///
/// The theory has no lost times. Here the running stage is left for one with twice its pressure, that counted only for the
/// part of the time in which it would be served (docs/signals-adaptive.md), or for one that has been called for 120 s.
#ifndef ART_MODELS_SIGNAL_MAX_PRESSURE_H
#define ART_MODELS_SIGNAL_MAX_PRESSURE_H
#include "core/step/control.h"

typedef struct art_pressure_movement {
  float saturation_vps;
  float queue;           ///< before it
  int32_t exit_count;
  const float *exit_share, *exit_queue;  ///< [exit_count], of what it leads into
} art_pressure_movement;
float art_pressure_of(int32_t count, const art_pressure_movement *movement);

/// The same of a phase of the program, from the lanes of the view. In vehicles squared a second.
float art_max_pressure_of_stage(const art_control_view *view, int32_t phase);

/// Decides every decide_every_s, once the green has lasted its minimum. Reads lanes and passages.
void art_max_pressure_control(art_control_view *view);

#endif  // ART_MODELS_SIGNAL_MAX_PRESSURE_H
