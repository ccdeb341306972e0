/// \file movements.h
/// What controllers that weigh traffic share: which phases of a program are stages, what a movement can discharge, how
/// the vehicles of a lane divide, whether there is room behind the node, and how a stage is asked for. Pure.
#ifndef ART_MODELS_SIGNAL_MOVEMENTS_H
#define ART_MODELS_SIGNAL_MOVEMENTS_H
#include "core/step/control.h"

enum { ART_STAGES_MOST = 24 };  ///< of one program; later ones are never served

/// Letter of a group in a phase, which counts within the program.
static inline char art_stage_letter(const art_net *net, int32_t program, int32_t phase, int32_t group)
{
  return net->phase_state[net->phase_first_state[net->program_first_phase[program] + phase] + group];
}

/// Phases that serve somebody and show no yellow and no red-yellow, in the order of the program. Returns how many.
int32_t art_stages_find(const art_net *net, int32_t program, int32_t stage[ART_STAGES_MOST]);

/// Time between the end of a stage's green and the next green, as the program writes it out or states it.
art_tick art_stage_clearance_ms(const art_net *net, int32_t program, int32_t phase);
/// Shortest green: the minimum where the program states a range, otherwise 5 s.
art_tick art_stage_least_ms(const art_net *net, int32_t program, int32_t phase);
/// Longest green: the maximum where the program states a range, otherwise 0 for none.
art_tick art_stage_most_ms(const art_net *net, int32_t program, int32_t phase);

/// Vehicles a second that a connector passes from a queue under green: 1850 veh/h, less in curves by 1 / (1 + 1.5 / r)
/// (RR67), the radius taken from the turning speed as SUMO makes it, v = sqrt(5.5 m/s2 r).
float art_movement_saturation_vps(const art_net *net, int32_t connector);
/// What is left of it under this letter: all, half where the movement yields, nothing under red.
float art_movement_part(char letter);
/// Share of its lane's vehicles that take this connector: (counted + 1) over the same of all connectors of the lane, so
/// equal shares before anybody was counted.
float art_movement_share(const art_control_view *view, int32_t connector);
/// Share of its link's vehicles that leave by this lane, likewise. 0 where nobody leaves, at the end of the network.
float art_lane_share(const art_control_view *view, int32_t lane);
/// Vehicles on the lane, and its share of those on the links before it as far as nothing joins or branches, until 150 m are
/// covered: lanes before a light are often too short for a queue.
float art_lane_queue(const art_control_view *view, int32_t lane);
/// 1: vehicles stand so near the begin of the lane it leads to that nobody can enter.
int art_movement_is_blocked(const art_control_view *view, int32_t connector);
/// 1: somebody wants to cross where the phase would let people cross.
int art_stage_is_called_on_foot(const art_control_view *view, int32_t phase);

/// Asks for a stage. Returns since when drivers see it, or -1 as long as the guard is on the way to it; sets `phase`
/// likewise. `arrived` keeps the instant between the calls, in a word of the controller that starts as 0.
art_tick art_stage_show(art_control_view *view, int32_t phase, int64_t *arrived);

#endif  // ART_MODELS_SIGNAL_MOVEMENTS_H
