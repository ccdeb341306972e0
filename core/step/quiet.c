/// Vehicles that nothing can happen to at a junction: those that are planning ahead but too far away to ask, and those
/// before a red light. Their passage would be refused whatever the others do, and nobody else's depends on it, so nothing
/// is published of them and nothing of their cold record is read. Results are the same as without (docs/engine.md).
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

#define CLOSE_EXIT_M 30.0f  // behind shorter links the next node is asked together with this one (publish.c)
#define RED_QUIET_MS 60000  // how long a red light keeps vehicles quiet, and ...
#define STANDS_QUIET_MS \
  40000  // ... how long they may have stood before: who waits longer counts in other rules

/// May the red of all turns of a lane silence those who come up on it?
static int stops_all(const art_sim *sim, int32_t lane)
{
  const art_net *net = sim->net;
  const int32_t first = net->lane_first_out[lane], end = net->lane_first_out[lane + 1];
  for (int32_t c = first; c < end; ++c)
    if (!sim->ways.way[c].only_light) return 0;
  return end > first;
}

void art_quiet_build(art_sim *sim)
{
  const art_net *net = sim->net;
  sim->lane_stops_all = ART_NEW(uint8_t, net->link_lane_count);
  sim->lane_red_ms = ART_NEW(art_tick, net->link_lane_count);
  sim->lane_onward_m = ART_NEW(float, net->link_lane_count);
  sim->lane_exit_m = ART_NEW(float, net->link_lane_count);
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    sim->lane_red_ms[lane] = ART_NOT_RED;
    sim->lane_stops_all[lane] = (uint8_t)stops_all(sim, lane);
    sim->lane_onward_m[lane] = sim->lane_exit_m[lane] = INFINITY;
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
      const float exit = net->lane_length_m[net->connector_to[c]];
      const float onward = net->lane_length_m[art_net_lane_of_connector(net, c)] + exit;
      sim->lane_exit_m[lane] = art_minf(sim->lane_exit_m[lane], exit);
      sim->lane_onward_m[lane] = art_minf(sim->lane_onward_m[lane], onward);
    }
  }
}

void art_quiet_free(art_sim *sim)
{
  free(sim->lane_stops_all);
  free(sim->lane_red_ms);
  free(sim->lane_onward_m);
  free(sim->lane_exit_m);
}

void art_quiet_lights(art_sim *sim, int32_t signal)
{
  const art_signals *signals = sim->signals;
  int32_t done = -1;
  for (int32_t i = signals->first_connector[signal]; i < signals->first_connector[signal + 1]; ++i) {
    const int32_t lane = sim->net->connector_from[signals->connector[i]];
    if (lane == done || !sim->lane_stops_all[lane]) continue;
    done = lane;
    if (!art_lane_is_red(sim, lane))
      sim->lane_red_ms[lane] = ART_NOT_RED;
    else if (sim->lane_red_ms[lane] == ART_NOT_RED)
      sim->lane_red_ms[lane] = sim->now_ms;
  }
}

static int is_silenced(const art_sim *sim, int32_t lane)
{
  const art_tick red = sim->lane_red_ms[lane];
  const int32_t node = sim->net->link_to[sim->net->lane_link[lane]];
  return red != ART_NOT_RED && sim->now_ms - red <= RED_QUIET_MS && !art_is_long_waited(sim, node);
}

/// Is the next junction the only one that can concern it, however fast it drives? Behind short links more is asked for at
/// once.
static int sees_one_node(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t lane = block->lane[block->lane8[i]], type = block->type[i];
  const float body = sim->types.length_m[type] + sim->types.min_gap_m[type];
  const float fastest = art_maxf(art_desired(sim, lane, type, art_factor(block->speed_factor[i])), block->speed_mps[i]);
  return sim->lane_exit_m[lane] >= art_maxf(CLOSE_EXIT_M, body) &&
         sim->lane_onward_m[lane] > art_announce_distance(fastest, sim->announce_s);
}

/// Too far away for the node of its own lane to look at it, though others see as far? Then nobody is told of it, and as long
/// as it is granted nothing, nothing changes for it.
static int is_unseen(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t lane = block->lane[block->lane8[i]];
  const float start = sim->net->lane_length_m[lane] - block->pos_m[i];
  return start > art_announce_distance(block->speed_mps[i], sim->lane_announce_s[lane]) && sees_one_node(sim, block, i);
}

int art_stays_quiet(const art_sim *sim, const art_block *block, int32_t i, int is_far)
{
  if (is_far) return 1;
  if ((block->flags[i] & ART_FLAG_SEES_RED) && is_silenced(sim, block->lane[block->lane8[i]])) return 1;
  return is_unseen(sim, block, i);
}

/// Does nothing but the light of its own lane concern it?
static int sees_only_red(const art_sim *sim, const art_block *block, int32_t i, const art_vehicle *vehicle)
{
  const int32_t lane = block->lane[block->lane8[i]];
  if (!is_silenced(sim, lane) || art_track_of(vehicle, 0)->refusal != ART_REFUSED_ASPECT || vehicle->track_count != 1)
    return 0;
  if (art_stood_ms(sim, block, i) > STANDS_QUIET_MS) return 0;
  return sees_one_node(sim, block, i);
}

void art_quiet_mark(const art_sim *sim, art_block *block, int32_t i, int is_far)
{
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  const art_track *next = art_track_of(vehicle, 0);
  uint32_t flags = block->flags[i] & ~(uint32_t)(ART_FLAG_WAY | ART_FLAG_QUIET | ART_FLAG_SEES_RED |
                                                 ART_FLAG_BOUND | ART_FLAG_DETOUR);
  if (vehicle->track_count > 0) {
    flags |= ART_FLAG_WAY;
    const int is_granted =
        vehicle->track_ahead > 0 || next->grant != ART_GRANT_NONE || next->new_grant != ART_GRANT_NONE;
    if (!block->is_node && !is_granted && !next->committed && !next->new_committed && !next->detours) {
      if (is_far || (vehicle->track_count == 1 && is_unseen(sim, block, i))) flags |= ART_FLAG_QUIET;
      if (!is_far && sees_only_red(sim, block, i, vehicle)) flags |= ART_FLAG_QUIET | ART_FLAG_SEES_RED;
    }
  }
  block->flags[i] = (uint16_t)flags;
}
