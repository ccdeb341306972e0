/// Where the wall clock of a run goes.
#include <string.h>

#include "core/step/sim_internal.h"
#include "core/step/timing_internal.h"

static const struct {
  const char *name, *sentence;
  int part;
} phases[ART_PHASE_COUNT] = {
#define X(suffix, name, part, sentence) { name, sentence, part },
  ART_PHASE_LIST(X)
#undef X
};

const char *art_phase_name(art_phase phase)
{
  return phases[phase].name;
}
int art_phase_part(art_phase phase)
{
  return phases[phase].part;
}
const char *art_phase_sentence(art_phase phase)
{
  return phases[phase].sentence;
}

static void restart(art_timer *timer)
{
  memset(timer, 0, sizeof *timer);
  timer->is_on = 1;
  timer->phase = ART_PHASE_NONE;
}

void art_sim_timing_start(art_sim *sim)
{
  restart(&sim->timer);
  for (int32_t t = 0; t < sim->threads; ++t) restart(&sim->worker[t].timer);
}

art_timing art_sim_timing(const art_sim *sim)
{
  art_timing out = { .steps = sim->timer.steps,
                     .threads = sim->threads,
                     .link_lanes = sim->net->link_lane_count,
                     .connectors = sim->net->connector_count,
                     .nodes = sim->net->node_count };
  memcpy(out.seconds, sim->timer.seconds, sizeof out.seconds);
  memcpy(out.cpu_seconds, sim->timer.cpu_seconds, sizeof out.cpu_seconds);
  for (int p = 0; p < ART_PHASE_COUNT; ++p) out.step_seconds += sim->timer.seconds[p];
  // The first thread's time in a pass, its wait included, is the pass's own: from barrier to barrier.
  for (int p = 0; p < ART_PHASE_COUNT; ++p)
    if (phases[p].part > 0) out.pass_seconds[phases[p].part - 1] += sim->worker[0].timer.seconds[p];
  for (int32_t t = 0; t < sim->threads; ++t) {
    const art_timer *timer = &sim->worker[t].timer;
    for (int p = 0; p < ART_PHASE_COUNT; ++p) {
      out.seconds[p] += timer->seconds[p];
      out.cpu_seconds[p] += timer->cpu_seconds[p];
      if (t == 0 && phases[p].part > 0) out.cpu_seconds[ART_PHASE_FORK] -= timer->cpu_seconds[p];
    }
    out.link_updates += timer->updates[0];
    out.connector_updates += timer->updates[1];
  }
  // The calling thread is the first of the workers: what it did in the passes is not spent on waking and leaving.
  for (int pass = 0; pass < ART_PASS_COUNT; ++pass) out.seconds[ART_PHASE_FORK] -= out.pass_seconds[pass];
  if (out.seconds[ART_PHASE_FORK] < 0.0) out.seconds[ART_PHASE_FORK] = 0.0;
  if (out.cpu_seconds[ART_PHASE_FORK] < 0.0) out.cpu_seconds[ART_PHASE_FORK] = 0.0;
  return out;
}
