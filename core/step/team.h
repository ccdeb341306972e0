/// \file team.h
/// How many threads work on a step. Wakes few where little is to be done, and none where they cannot be had: on a machine that
/// others keep busy a thread that has lost its core holds up all the rest, which for a step of 100 us costs more than it brings.
/// Results do not depend on any of it.
#ifndef ART_CORE_STEP_TEAM_H
#define ART_CORE_STEP_TEAM_H
#include <stdint.h>

/// What teams of several threads were worth lately; all zero at first.
typedef struct art_team {
  int32_t steps, pause, rest;  ///< of the trial under way; of the last pause; that are left of the present one
  int was_bad;                 ///< the trial before
  double waited_s, worked_s;   ///< by the first thread, in the trial under way
} art_team;

/// Threads for the next step, of which `fair` have enough to do, after `size` of them; 1 while the team rests. They become fewer
/// only if `may_shrink`, or to rest: to end and to make threads takes time. One thread calls, once a step.
int32_t art_team_choose(art_team *team, int32_t size, int32_t fair, int may_shrink);

/// What the first thread of a team of several did in part of a step: seconds that it waited for others at barriers, and those
/// that it worked. Where it has waited for longer than it worked, over some steps, it alone would have been faster: the team rests
/// for a while, and for twice as long if it is no better after that.
void art_team_note(art_team *team, double waited_s, double worked_s);

#endif  // ART_CORE_STEP_TEAM_H
