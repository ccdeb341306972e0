#include "core/step/team.h"

#define TRIAL_STEPS 64
#define PAUSE_LEAST (16 * TRIAL_STEPS)  // so that trials cost percents where no thread can be had
#define PAUSE_MOST (256 * TRIAL_STEPS)

/// One bad trial may be a moment's disturbance: the first pause takes two of them, the next ones one each.
static void look_back(art_team *team)
{
  const int is_bad = team->waited_s > team->worked_s;
  if (is_bad && (team->was_bad || team->pause > 0)) {
    team->pause = team->pause == 0 ? PAUSE_LEAST : team->pause < PAUSE_MOST ? 2 * team->pause : PAUSE_MOST;
    team->rest = team->pause;
  }
  if (!is_bad) team->pause = 0;
  team->was_bad = is_bad;
  team->steps = 0;
  team->waited_s = team->worked_s = 0.0;
}

int32_t art_team_choose(art_team *team, int32_t size, int32_t fair, int may_shrink)
{
  if (team->steps == TRIAL_STEPS) look_back(team);
  if (team->rest > 0) {
    --team->rest;
    return 1;
  }
  const int32_t chosen = fair > size || may_shrink ? fair : size;
  if (chosen > 1) ++team->steps;
  return chosen;
}

void art_team_note(art_team *team, double waited_s, double worked_s)
{
  team->waited_s += waited_s;
  team->worked_s += worked_s;
}
