#include "scenarios/cli/check_city.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

typedef struct checker {
  const art_net *net;
  art_finding report;
  void *context;
  int32_t count;
} checker;

static void found(checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void found(checker *c, const char *format, ...)
{
  char message[600];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  c->report(c->context, message);
  ++c->count;
}

static int has_way_out(const art_net *net, int32_t lane)
{
  return net->lane_first_out[lane + 1] > net->lane_first_out[lane];
}

// ---- links and lanes

/// Where the links that leave a node go: nowhere, to one node, or to several.
enum { GOES_NOWHERE = -1, GOES_TO_MANY = -2 };

/// `goes_to` by node. A node with nothing but the way back is the end of a street, not a mistake.
static void check_ways_out(checker *c, const int32_t *goes_to)
{
  const art_net *net = c->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t first = net->link_first_lane[l], last = net->link_first_lane[l + 1];
    int32_t open = 0;
    for (int32_t lane = first; lane < last; ++lane) open += has_way_out(net, lane);
    const int32_t target = goes_to[net->link_to[l]];
    if (open == 0 && target != GOES_NOWHERE && target != net->link_from[l])
      found(c, "link '%.200s': dead end: no connection leads on, though links leave node '%.200s'",
            net->link_id[l], net->node_id[net->link_to[l]]);
    for (int32_t lane = first; open > 0 && lane < last; ++lane)
      if (!has_way_out(net, lane))
        found(c, "lane '%.200s_%" PRId32 "': no way out, though other lanes of the link lead on",
              net->link_id[l], lane - first);
  }
}

static void check_lengths(checker *c)
{
  const art_net *net = c->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const float length = net->lane_length_m[net->link_first_lane[l]];
    if (length < 1.0f)
      found(c, "link '%.200s': length %.3g m: shorter than 1 m", net->link_id[l], (double)length);
  }
}

// ---- reachability

/// Marks all links that can be reached from the marked ones, forward (`back` 0) or backward. `stack` holds
/// the marked.
static int32_t spread(const art_net *net, int back, uint8_t *mark, int32_t *stack, int32_t height)
{
  int32_t reached = height;
  while (height > 0) {
    const int32_t link = stack[--height];
    for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane) {
      const int32_t *first = back ? net->lane_first_in : net->lane_first_out;
      for (int32_t k = first[lane]; k < first[lane + 1]; ++k) {
        const int32_t next =
            net->lane_link[back ? net->connector_from[net->lane_in[k]] : net->connector_to[k]];
        if (mark[next]) continue;
        mark[next] = 1;
        stack[height++] = next;
        ++reached;
      }
    }
  }
  return reached;
}

/// Links of the largest part in which every link reaches every other. Parts are found by spreading forward
/// and backward from a link that has none yet; a city is one large part and crumbs, so few rounds do; at most
/// `ROUNDS_MAX` are made.
static void mark_core(const art_net *net, uint8_t *core, int32_t *stack)
{
  enum { ROUNDS_MAX = 64 };
  const int32_t n = net->link_count;
  uint8_t *seen = ART_NEW(uint8_t, n), *ahead = ART_NEW(uint8_t, n), *behind = ART_NEW(uint8_t, n);
  int32_t best = 0, rounds = 0;
  for (int32_t start = 0; start < n && rounds < ROUNDS_MAX && best <= n / 2; ++start) {
    if (seen[start]) continue;
    ++rounds;
    memset(ahead, 0, (size_t)n);
    memset(behind, 0, (size_t)n);
    ahead[start] = behind[start] = 1;
    stack[0] = start;
    spread(net, 0, ahead, stack, 1);
    stack[0] = start;
    spread(net, 1, behind, stack, 1);
    int32_t size = 0;
    for (int32_t l = 0; l < n; ++l) {
      const uint8_t both = ahead[l] & behind[l];
      size += both;
      seen[l] |= both;
    }
    if (size <= best) continue;
    best = size;
    for (int32_t l = 0; l < n; ++l) core[l] = ahead[l] & behind[l];
  }
  free(behind);
  free(ahead);
  free(seen);
}

/// A link is reachable if it lies behind an entry of the network (a link whose node no link enters) or behind
/// its core.
static void check_reachable(checker *c, const uint8_t *node_has_entry)
{
  const art_net *net = c->net;
  const int32_t n = net->link_count;
  uint8_t *mark = ART_NEW(uint8_t, n);
  int32_t *stack = ART_NEW(int32_t, n), height = 0;
  mark_core(net, mark, stack);
  for (int32_t l = 0; l < n; ++l) {
    if (!node_has_entry[net->link_from[l]]) mark[l] = 1;
    if (mark[l]) stack[height++] = l;
  }
  spread(net, 0, mark, stack, height);
  for (int32_t l = 0; l < n; ++l)
    if (!mark[l])
      found(c, "link '%.200s': unreachable: only trips that start there or on its neighbours can use it",
            net->link_id[l]);
  free(stack);
  free(mark);
}

static void check_links(checker *c)
{
  const art_net *net = c->net;
  int32_t *goes_to = ART_NEW(int32_t, net->node_count);
  uint8_t *has_entry = ART_NEW(uint8_t, net->node_count);
  for (int32_t i = 0; i < net->node_count; ++i) goes_to[i] = GOES_NOWHERE;
  for (int32_t l = 0; l < net->link_count; ++l) {
    int32_t *target = &goes_to[net->link_from[l]];
    *target = *target == GOES_NOWHERE || *target == net->link_to[l] ? net->link_to[l] : GOES_TO_MANY;
    has_entry[net->link_to[l]] = 1;
  }
  for (int32_t i = 0; i < net->node_count; ++i) {
    if (net->node_kind[i] != ART_NODE_DEAD_END) continue;
    goes_to[i] = GOES_NOWHERE;
    has_entry[i] = 0;
  }
  check_ways_out(c, goes_to);
  check_lengths(c);
  check_reachable(c, has_entry);
  free(has_entry);
  free(goes_to);
}

// ---- signals

static char letter(const art_net *net, int32_t phase, int32_t group)
{
  return net->phase_state[net->phase_first_state[phase] + group];
}

/// Two crossing connectors that both have protected green in one phase: reported once per pair and program.
static void check_pair(checker *c, int32_t a, int32_t b)
{
  const art_net *net = c->net;
  const int32_t s = net->connector_signal[a], ga = net->connector_signal_group[a],
                gb = net->connector_signal_group[b];
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
    for (int32_t phase = net->program_first_phase[p]; phase < net->program_first_phase[p + 1]; ++phase) {
      if (letter(net, phase, ga) != 'G' || letter(net, phase, gb) != 'G') continue;
      found(c,
            "signal '%.100s' program '%.60s' phase %" PRId32 ": groups %" PRId32 " and %" PRId32
            " both have protected green and their paths cross",
            net->signal_id[s], net->program_id[p], phase - net->program_first_phase[p], ga, gb);
      break;
    }
}

static void check_conflicting_greens(checker *c)
{
  const art_net *net = c->net;
  for (int32_t a = 0; a < net->connector_count; ++a)
    for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1]; ++k) {
      const int32_t b = net->conflict_other[k], s = net->connector_signal[a];
      const int is_pair = a < b && net->conflict_kind[k] == ART_CONFLICT_CROSS && s >= 0 &&
                          net->connector_signal[b] == s &&
                          net->connector_signal_group[a] != net->connector_signal_group[b];
      if (is_pair) check_pair(c, a, b);
    }
}

/// Yellow is written out: of other programs the guard makes it.
static int shows_yellow(const art_net *net, int32_t p)
{
  if (net->program_control[p] == ART_CONTROL_FIXED) return 1;
  const int64_t first = net->phase_first_state[net->program_first_phase[p]],
                end = net->phase_first_state[net->program_first_phase[p + 1]];
  return memchr(net->phase_state + first, 'y', (size_t)(end - first)) != NULL;
}

/// A group that lets nobody pass in any phase, and one that turns from green to red at once.
static void check_group(checker *c, int32_t s, int32_t p, int32_t group)
{
  const art_net *net = c->net;
  const int32_t first = net->program_first_phase[p], last = net->program_first_phase[p + 1];
  int passes = 0, jumps = -1;
  for (int32_t phase = first; phase < last; ++phase) {
    const char now = letter(net, phase, group),
               then = letter(net, phase + 1 < last ? phase + 1 : first, group);
    passes |= strchr("gGoOs", now) != NULL;
    if ((now == 'g' || now == 'G') && then == 'r' && jumps < 0 && shows_yellow(net, p)) jumps = phase - first;
  }
  if (!passes)
    found(c, "signal '%.100s' program '%.60s' group %" PRId32 ": never green in %" PRId32 " phases",
          net->signal_id[s], net->program_id[p], group, last - first);
  if (jumps >= 0)
    found(c,
          "signal '%.100s' program '%.60s' group %" PRId32
          ": from green to red without yellow after phase %d",
          net->signal_id[s], net->program_id[p], group, jumps);
}

/// Programs that listen, with nothing to listen to.
static void check_sensors(checker *c, int32_t s, int32_t p)
{
  const art_net *net = c->net;
  const int control = net->program_control[p];
  if (control != ART_CONTROL_ACTUATED && control != ART_CONTROL_NEMA && control != ART_CONTROL_STAGES) return;
  const int32_t first = net->program_first_phase[p], end = net->program_first_phase[p + 1];
  if (net->phase_first_sensor[first] != net->phase_first_sensor[end]) return;
  for (int32_t k = first; k < end; ++k)
    if (net->phase_flags[k] & (ART_PHASE_RECALL_MIN | ART_PHASE_RECALL_MAX | ART_PHASE_RECALL_FOOT)) return;
  found(c, "signal '%.100s' program '%.60s': %s, but no phase has a sensor or a recall", net->signal_id[s],
        net->program_id[p], art_control_name(control));
}

static void check_groups(checker *c)
{
  const art_net *net = c->net;
  for (int32_t s = 0; s < net->signal_count; ++s) {
    uint8_t *is_used = ART_NEW(uint8_t, net->signal_group_count[s]);
    for (int32_t k = 0; k < net->connector_count; ++k)
      if (net->connector_signal[k] == s) is_used[net->connector_signal_group[k]] = 1;
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
      for (int32_t group = 0; group < net->signal_group_count[s]; ++group)
        if (is_used[group]) check_group(c, s, p, group);
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p) check_sensors(c, s, p);
    free(is_used);
  }
}

int32_t art_check_city(const art_net *net, art_finding report, void *context)
{
  checker c = { net, report, context, 0 };
  check_links(&c);
  check_conflicting_greens(&c);
  check_groups(&c);
  return c.count;
}
