#include "core/net/lane_groups.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

static int by_value(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/// Where a connector leads, and all that its light ever shows.
static uint64_t connector_mark(const art_net *net, int32_t c)
{
  const int32_t s = net->connector_signal[c];
  uint64_t mark = art_hash2((uint64_t)net->lane_link[net->connector_to[c]], (uint64_t)(int64_t)s);
  if (s < 0) return mark;
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
    for (int32_t phase = net->program_first_phase[p]; phase < net->program_first_phase[p + 1]; ++phase)
      mark = art_hash2(
          mark, (uint64_t)(unsigned char)net->phase_state[net->phase_first_state[phase] + net->connector_signal_group[c]]);
  return mark;
}

/// Equal for lanes of a link that belong together; 0: no signal, or nobody but people on foot.
static uint64_t lane_mark(const art_net *net, int32_t lane)
{
  const int32_t first = net->lane_first_out[lane], n = net->lane_first_out[lane + 1] - first;
  int has_signal = 0;
  for (int32_t k = 0; k < n; ++k) has_signal |= net->connector_signal[first + k] >= 0;
  if (!has_signal || !(net->lane_allowed[lane] & ~(1u << ART_VCLASS_PEDESTRIAN))) return 0;
  uint64_t *marks = ART_NEW(uint64_t, n), mark = 1;
  for (int32_t k = 0; k < n; ++k) marks[k] = connector_mark(net, first + k);
  art_sort(marks, (size_t)n, sizeof *marks, by_value);
  for (int32_t k = 0; k < n; ++k)
    if (k == 0 || marks[k] != marks[k - 1]) mark = art_hash2(mark, marks[k]);
  free(marks);
  return mark ? mark : 1;
}

static int32_t signal_of(const art_net *net, int32_t lane)
{
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] >= 0) return net->connector_signal[c];
  return -1;
}

static void find_links_before(const art_net *net, art_lane_groups *out)
{
  out->link_before = ART_NEW(int32_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) {
    int32_t before = -1, usable = 1;
    for (int32_t lane = net->link_first_lane[l]; lane < net->link_first_lane[l + 1]; ++lane)
      for (int32_t k = net->lane_first_in[lane]; k < net->lane_first_in[lane + 1]; ++k) {
        const int32_t c = net->lane_in[k], from = net->lane_link[net->connector_from[c]];
        if (net->connector_turn[c] == ART_TURN_U || net->link_from[from] == net->link_to[l]) continue;
        usable &= (before < 0 || before == from) && net->connector_signal[c] < 0 && from != l;
        before = from;
      }
    out->link_before[l] = usable ? before : -1;
  }
}

void art_lane_groups_build(const art_net *net, art_lane_groups *out)
{
  memset(out, 0, sizeof *out);
  out->of_lane = ART_NEW(int32_t, net->link_lane_count);
  out->lane = ART_NEW(int32_t, net->link_lane_count);
  out->link = ART_NEW(int32_t, net->link_lane_count);
  out->signal = ART_NEW(int32_t, net->link_lane_count);
  out->first_lane = ART_NEW(int32_t, net->link_lane_count + 1);
  uint64_t *mark = ART_NEW(uint64_t, net->link_lane_count);
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    mark[lane] = lane_mark(net, lane);
    out->of_lane[lane] = -1;
  }
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    if (mark[lane] == 0 || out->of_lane[lane] >= 0) continue;
    const int32_t link = net->lane_link[lane], group = out->count++;
    out->link[group] = link;
    out->signal[group] = signal_of(net, lane);
    for (int32_t other = lane; other < net->link_first_lane[link + 1]; ++other) {
      if (mark[other] != mark[lane]) continue;
      out->of_lane[other] = group;
      out->lane[out->lane_count++] = other;
    }
    out->first_lane[group + 1] = out->lane_count;
  }
  free(mark);
  find_links_before(net, out);
}

void art_lane_groups_free(art_lane_groups *groups)
{
  free(groups->link);
  free(groups->signal);
  free(groups->first_lane);
  free(groups->lane);
  free(groups->of_lane);
  free(groups->link_before);
  memset(groups, 0, sizeof *groups);
}

void art_lane_group_turns(const art_net *net, const art_lane_groups *groups, int32_t group, char turns[8])
{
  static const char letters[] = "stlrLR";
  int n = 0;
  uint32_t seen = 0;
  for (int32_t k = groups->first_lane[group]; k < groups->first_lane[group + 1]; ++k)
    for (int32_t c = net->lane_first_out[groups->lane[k]]; c < net->lane_first_out[groups->lane[k] + 1]; ++c)
      seen |= 1u << net->connector_turn[c];
  for (int t = 0; t < 6; ++t)
    if (seen >> t & 1u) turns[n++] = letters[t];
  turns[n] = '\0';
}

double art_lane_group_length(const art_net *net, const art_lane_groups *groups, int32_t group)
{
  double length = 0.0;
  int32_t link = groups->link[group];
  for (int depth = 0; link >= 0 && depth < 64; ++depth) {
    length += (double)net->lane_length_m[net->link_first_lane[link]];
    link = groups->link_before[link];
  }
  return length;
}
