// art_net_check: every index, order and range of a network, one entity kind after the other. Whatever passes
// here can be stepped without further checks.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/control_check_internal.h"
#include "core/net/network.h"

/// Positions come from files with two decimals and from sums of floats; beyond an end by this much is still
/// the end.
static const float slack_m = 0.1f;

/// Name of a lane for messages: "lane a12_0", or "connector 7 (a12_0 -> b3_1)".
typedef struct lane_name {
  char text[320];
} lane_name;

static lane_name name_of_link_lane(const art_net *net, int32_t lane)
{
  lane_name name;
  const int32_t link = net->lane_link[lane];
  snprintf(name.text, sizeof name.text, "%.140s_%d", net->link_id[link], lane - net->link_first_lane[link]);
  return name;
}

/// The connector's ends must have been checked.
static lane_name name_of_connector(const art_net *net, int32_t c)
{
  lane_name name;
  const lane_name from = name_of_link_lane(net, net->connector_from[c]),
                  to = name_of_link_lane(net, net->connector_to[c]);
  snprintf(name.text, sizeof name.text, "connector %d (%.140s -> %.140s)", c, from.text, to.text);
  return name;
}

static lane_name name_of_lane(const art_net *net, int32_t lane)
{
  if (art_net_is_connector(net, lane)) return name_of_connector(net, art_net_connector_of_lane(net, lane));
  lane_name name;
  snprintf(name.text, sizeof name.text, "lane %.300s", name_of_link_lane(net, lane).text);
  return name;
}

static int is_within(float value, float lowest, float highest)
{
  return value >= lowest && value <= highest;
}

typedef struct required {
  const void *array;
  const char *name;
  int32_t count;
} required;

static art_status check_present(const art_net *net, art_error *err)
{
  const struct {
    const char *name;
    int32_t count;
  } counts[] = {
    { "node_count", net->node_count },           { "link_count", net->link_count },
    { "link_lane_count", net->link_lane_count }, { "lane_count", net->lane_count },
    { "connector_count", net->connector_count }, { "conflict_count", net->conflict_count },
    { "signal_count", net->signal_count },       { "program_count", net->program_count },
    { "phase_count", net->phase_count },         { "stop_count", net->stop_count },
    { "detector_count", net->detector_count },   { "detector_point_count", net->detector_point_count },
  };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i)
    if (counts[i].count < 0)
      return art_fail(err, ART_E_INPUT, "net: %s is %d; it must be at least 0", counts[i].name,
                      counts[i].count);
  if ((int64_t)net->link_lane_count + net->connector_count != net->lane_count)
    return art_fail(err, ART_E_INPUT,
                    "net: lane_count is %d; it must be link_lane_count + connector_count = %lld",
                    net->lane_count, (long long)net->link_lane_count + net->connector_count);

#define NEED(field, count)      \
  (required)                    \
  {                             \
    net->field, #field, (count) \
  }
  const required arrays[] = {
    NEED(node_id, net->node_count),
    NEED(node_kind, net->node_count),
    NEED(link_id, net->link_count),
    NEED(link_from, net->link_count),
    NEED(link_to, net->link_count),
    NEED(link_first_lane, net->link_count),
    NEED(link_priority, net->link_count),
    NEED(link_in_roundabout, net->link_count),
    NEED(lane_link, net->lane_count),
    NEED(lane_length_m, net->lane_count),
    NEED(lane_speed_mps, net->lane_count),
    NEED(lane_width_m, net->lane_count),
    NEED(lane_allowed, net->lane_count),
    NEED(lane_change_left, net->link_lane_count),
    NEED(lane_change_right, net->link_lane_count),
    NEED(connector_from, net->connector_count),
    NEED(connector_to, net->connector_count),
    NEED(connector_node, net->connector_count),
    NEED(connector_turn, net->connector_count),
    NEED(connector_state, net->connector_count),
    NEED(connector_signal, net->connector_count),
    NEED(connector_signal_group, net->connector_count),
    NEED(connector_hold_m, net->connector_count),
    NEED(connector_keep_clear, net->connector_count),
    NEED(connector_cont, net->connector_count),
    NEED(connector_critical_gap_s, net->connector_count),
    NEED(connector_follow_up_s, net->connector_count),
    NEED(connector_sight_m, net->connector_count),
    NEED(lane_first_out, net->link_lane_count),
    NEED(lane_first_in, net->link_lane_count),
    NEED(lane_in, net->connector_count),
    NEED(node_first_connector, net->node_count),
    NEED(node_connector, net->connector_count),
    NEED(conflict_first, net->connector_count),
    NEED(conflict_other, net->conflict_count),
    NEED(conflict_kind, net->conflict_count),
    NEED(conflict_yield, net->conflict_count),
    NEED(conflict_enter_m, net->conflict_count),
    NEED(conflict_exit_m, net->conflict_count),
    NEED(conflict_other_enter_m, net->conflict_count),
    NEED(conflict_other_exit_m, net->conflict_count),
    NEED(signal_id, net->signal_count),
    NEED(signal_group_count, net->signal_count),
    NEED(signal_first_program, net->signal_count),
    NEED(signal_active, net->signal_count),
    NEED(program_id, net->program_count),
    NEED(program_offset_ms, net->program_count),
    NEED(program_first_phase, net->program_count),
    NEED(phase_duration_ms, net->phase_count),
    NEED(phase_min_ms, net->phase_count),
    NEED(phase_max_ms, net->phase_count),
    NEED(phase_first_state, net->phase_count),
    NEED(phase_state, net->phase_count),
    NEED(stop_id, net->stop_count),
    NEED(stop_lane, net->stop_count),
    NEED(stop_start_m, net->stop_count),
    NEED(stop_end_m, net->stop_count),
    NEED(detector_id, net->detector_count),
    NEED(detector_kind, net->detector_count),
    NEED(detector_first_point, net->detector_count),
    NEED(detector_period_ms, net->detector_count),
    NEED(detector_lane, net->detector_point_count),
    NEED(detector_pos_m, net->detector_point_count),
    NEED(detector_end_m, net->detector_point_count),
    NEED(detector_role, net->detector_point_count),
  };
#undef NEED
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i)
    if (arrays[i].count > 0 && !arrays[i].array)
      return art_fail(err, ART_E_INPUT, "net: array %s is missing; it must hold %d values", arrays[i].name,
                      arrays[i].count);
  return ART_OK;
}

/// Ids must be there, not empty, and differ. The first problem is told.
static art_status check_ids(char *const *ids, int32_t count, const char *kind, art_error *err)
{
  int32_t earlier = -1;
  const int32_t twice = art_ids_find_twice(ids, count, &earlier);
  for (int32_t i = 0; i < count && (twice < 0 || i < twice); ++i)
    if (!ids[i] || !ids[i][0])
      return art_fail(err, ART_E_INPUT, "%s %d: has no id; ids must not be empty", kind, i);
  if (twice < 0) return ART_OK;
  return art_fail(err, ART_E_INPUT, "%s '%s': the id occurs twice (indices %d and %d); ids must differ", kind, ids[twice],
                  earlier, twice);
}

/// first[0] = 0, first[count] = total, and every row has at least `least` items.
static art_status check_rows(const int32_t *first, int32_t count, int32_t total, int32_t least,
                             char *const *ids, const char *kind, const char *items, art_error *err)
{
  if (!first) return ART_OK;  // nothing to index: check_present() has seen to it
  if (first[0] != 0)
    return art_fail(err, ART_E_INPUT, "net: the first %s of %s 0 is %d; it must be 0", items, kind, first[0]);
  for (int32_t i = 0; i < count; ++i) {
    const int64_t have = (int64_t)first[i + 1] - first[i];
    if (have >= least && first[i + 1] <= total) continue;
    if (ids)
      return art_fail(err, ART_E_INPUT, "%s '%s': has %lld %ss (%d to %d of %d); it must have at least %d",
                      kind, ids[i], (long long)have, items, first[i], first[i + 1], total, least);
    return art_fail(err, ART_E_INPUT, "%s %d: has %lld %ss (%d to %d of %d); it must have at least %d", kind,
                    i, (long long)have, items, first[i], first[i + 1], total, least);
  }
  if (first[count] != total)
    return art_fail(err, ART_E_INPUT, "net: %ss of the last %s end at %d; they must end at %d", items, kind,
                    first[count], total);
  return ART_OK;
}

static art_status check_nodes(const art_net *net, art_error *err)
{
  return check_ids(net->node_id, net->node_count, "node", err);
}

static art_status check_node(const art_net *net, int32_t i, art_error *err)
{
  if (net->node_kind[i] >= ART_NODE_KIND_COUNT)
    return art_fail(err, ART_E_INPUT, "node '%s': kind is %d; it must be 0 to %d", net->node_id[i],
                    net->node_kind[i], ART_NODE_KIND_COUNT - 1);
  return ART_OK;
}

static art_status check_links(const art_net *net, art_error *err)
{
  art_status status = check_ids(net->link_id, net->link_count, "link", err);
  if (status == ART_OK)
    status = check_rows(net->link_first_lane, net->link_count, net->link_lane_count, 1, net->link_id, "link",
                        "lane", err);
  return status;
}

static art_status check_link(const art_net *net, int32_t i, art_error *err)
{
  const struct {
    const char *name;
    int32_t node;
  } ends[2] = { { "from", net->link_from[i] }, { "to", net->link_to[i] } };
  for (int k = 0; k < 2; ++k)
    if (ends[k].node < 0 || ends[k].node >= net->node_count)
      return art_fail(err, ART_E_INPUT, "link '%s': its %s node is %d; it must be 0 to %d", net->link_id[i],
                      ends[k].name, ends[k].node, net->node_count - 1);
  for (int32_t lane = net->link_first_lane[i]; lane < net->link_first_lane[i + 1]; ++lane)
    if (net->lane_link[lane] != i)
      return art_fail(err, ART_E_INPUT, "lane %d: names link %d; it stands among the lanes of link '%s' (%d)",
                      lane, net->lane_link[lane], net->link_id[i], i);
  return ART_OK;
}

static art_status check_link_values(const art_net *net, int32_t i, art_error *err)
{
  if (net->link_in_roundabout[i] > 1)
    return art_fail(err, ART_E_INPUT, "link '%s': the roundabout mark is %d; it must be 0 or 1",
                    net->link_id[i], net->link_in_roundabout[i]);
  return ART_OK;
}

/// After the ends of connectors, so that all lanes can be named.
static art_status check_lane_values(const art_net *net, int32_t lane, art_error *err)
{
  const struct {
    const char *name;
    float value, lowest, highest;
  } values[] = {
    { "length (m)", net->lane_length_m[lane], 1e-3f, 1e6f },
    { "speed limit (m/s)", net->lane_speed_mps[lane], 1e-3f, 500.0f },
    { "width (m)", net->lane_width_m[lane], 1e-3f, 200.0f },
    { "grade", net->lane_grade ? net->lane_grade[lane] : 0.0f, -1.0f, 1.0f },
    { "factor on speeds", net->lane_speed_factor ? net->lane_speed_factor[lane] : 1.0f, 0.1f, 10.0f },
    { "factor on time gaps", net->lane_gap_factor ? net->lane_gap_factor[lane] : 1.0f, 0.1f, 10.0f },
  };
  for (size_t k = 0; k < sizeof values / sizeof *values; ++k)
    if (!is_within(values[k].value, values[k].lowest, values[k].highest))
      return art_fail(err, ART_E_INPUT, "%s: %s is %g; it must be %g to %g", name_of_lane(net, lane).text,
                      values[k].name, (double)values[k].value, (double)values[k].lowest,
                      (double)values[k].highest);
  return ART_OK;
}

static art_status check_connector_ends(const art_net *net, int32_t c, art_error *err)
{
  const int32_t from = net->connector_from[c], to = net->connector_to[c], node = net->connector_node[c];
  if (from < 0 || from >= net->link_lane_count || to < 0 || to >= net->link_lane_count)
    return art_fail(err, ART_E_INPUT, "connector %d: leads from lane %d to lane %d; both must be 0 to %d", c,
                    from, to, net->link_lane_count - 1);
  if (node < 0 || node >= net->node_count)
    return art_fail(err, ART_E_INPUT, "%s: its node is %d; it must be 0 to %d",
                    name_of_connector(net, c).text, node, net->node_count - 1);
  if (net->link_to[net->lane_link[from]] != node || net->link_from[net->lane_link[to]] != node)
    return art_fail(
        err, ART_E_INPUT,
        "%s: lies in node '%s', but its links end in '%s' and start in '%s'; all must be the same",
        name_of_connector(net, c).text, net->node_id[node], net->node_id[net->link_to[net->lane_link[from]]],
        net->node_id[net->link_from[net->lane_link[to]]]);
  if (net->lane_link[art_net_lane_of_connector(net, c)] != -1)
    return art_fail(err, ART_E_INPUT, "%s: names link %d; a connector has none (-1)",
                    name_of_connector(net, c).text, net->lane_link[art_net_lane_of_connector(net, c)]);
  return ART_OK;
}

/// After the ends of all connectors, so that both can be named.
static art_status check_connector_order(const art_net *net, int32_t c, art_error *err)
{
  if (c == 0) return ART_OK;
  const int32_t from = net->connector_from[c], to = net->connector_to[c];
  const int32_t last_from = net->connector_from[c - 1], last_to = net->connector_to[c - 1];
  if (from < last_from || (from == last_from && to <= last_to))
    return art_fail(err, ART_E_INPUT,
                    "%s: does not come after %s; connectors must ascend by (from, to) and differ",
                    name_of_connector(net, c).text, name_of_connector(net, c - 1).text);
  return ART_OK;
}

static art_status check_connector_signal(const art_net *net, int32_t c, art_error *err)
{
  const int32_t signal = net->connector_signal[c], group = net->connector_signal_group[c];
  if (signal == -1) return ART_OK;
  if (signal < -1 || signal >= net->signal_count)
    return art_fail(err, ART_E_INPUT, "%s: its signal is %d; it must be -1 to %d",
                    name_of_connector(net, c).text, signal, net->signal_count - 1);
  const int32_t groups = net->signal_group_count[signal];
  if (groups >= 1 && (group < 0 || group >= groups))  // check_programs has told of fewer
    return art_fail(err, ART_E_INPUT, "%s: its group of signal '%s' is %d; it must be 0 to %d",
                    name_of_connector(net, c).text, net->signal_id[signal], group, groups - 1);
  return ART_OK;
}

static art_status check_crossings(const art_net *net, art_error *err)
{
  if (net->crossing_count == 0) return ART_OK;
  if (net->crossing_count < 0 || !net->crossing_id || !net->crossing_node || !net->crossing_signal ||
      !net->crossing_signal_group || !net->crossing_walk_s || !net->crossing_flow_per_h ||
      !net->crossing_first || net->crossing_first[0] != 0 ||
      net->crossing_first[net->crossing_count] != net->crossing_row_count ||
      (net->crossing_row_count > 0 &&
       (!net->crossing_connector || !net->crossing_enter_m || !net->crossing_exit_m)))
    return art_fail(err, ART_E_INPUT, "crossings: arrays are missing or do not match their count (%d)",
                    (int)net->crossing_count);
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    const char *id = net->crossing_id[x];
    const int32_t signal = net->crossing_signal[x], group = net->crossing_signal_group[x];
    if (net->crossing_node[x] < 0 || net->crossing_node[x] >= net->node_count)
      return art_fail(err, ART_E_INPUT, "crossing %.140s: node is %d; it must be 0 to %d", id,
                      (int)net->crossing_node[x], (int)net->node_count - 1);
    if (signal < -1 || signal >= net->signal_count ||
        (signal >= 0 && (group < 0 || group >= net->signal_group_count[signal])))
      return art_fail(err, ART_E_INPUT, "crossing %.140s: group %d of signal %d does not exist", id,
                      (int)group, (int)signal);
    if (!is_within(net->crossing_walk_s[x], 0.1f, 600.0f))
      return art_fail(err, ART_E_INPUT, "crossing %.140s: walking time is %g s; it must be 0.1 to 600", id,
                      (double)net->crossing_walk_s[x]);
    if (!is_within(net->crossing_flow_per_h[x], 0.0f, 1e5f))
      return art_fail(err, ART_E_INPUT,
                      "crossing %.140s: flow is %g persons per hour; it must be 0 to 100000", id,
                      (double)net->crossing_flow_per_h[x]);
    if (net->crossing_first[x + 1] < net->crossing_first[x] ||
        net->crossing_first[x + 1] > net->crossing_row_count)
      return art_fail(err, ART_E_INPUT, "crossing %.140s: its rows end before they begin", id);
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r) {
      const int32_t c = net->crossing_connector[r];
      if (c < 0 || c >= net->connector_count || net->connector_node[c] != net->crossing_node[x])
        return art_fail(err, ART_E_INPUT, "crossing %.140s: connector %d is none of its node", id, (int)c);
      const float length = net->lane_length_m[art_net_lane_of_connector(net, c)];
      if (!is_within(net->crossing_enter_m[r], 0.0f, length + slack_m) ||
          !is_within(net->crossing_exit_m[r], net->crossing_enter_m[r], length + slack_m))
        return art_fail(err, ART_E_INPUT, "crossing %.140s: zone %g to %g m on a connector of %g m", id,
                        (double)net->crossing_enter_m[r], (double)net->crossing_exit_m[r], (double)length);
    }
  }
  return ART_OK;
}

static art_status check_connector_gaps(const art_net *net, int32_t c, art_error *err)
{
  const struct {
    const char *name, *unit;
    float value, most;
  } columns[] = { { "critical gap", "s", net->connector_critical_gap_s[c], 60.0f },
                  { "follow-up time", "s", net->connector_follow_up_s[c], 60.0f },
                  { "sight distance", "m", net->connector_sight_m[c], 1e5f } };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i)
    if (!is_within(columns[i].value, 0.0f, columns[i].most))
      return art_fail(err, ART_E_INPUT, "%s: the %s is %g %s; it must be 0 (none) to %g",
                      name_of_connector(net, c).text, columns[i].name, (double)columns[i].value,
                      columns[i].unit, (double)columns[i].most);
  return ART_OK;
}

static art_status check_connector_values(const art_net *net, int32_t c, art_error *err)
{
  const char state = net->connector_state[c];
  const float hold = net->connector_hold_m[c], length = net->lane_length_m[art_net_lane_of_connector(net, c)];
  if (net->connector_turn[c] > ART_TURN_PART_RIGHT)
    return art_fail(err, ART_E_INPUT, "%s: turn is %d; it must be 0 to %d", name_of_connector(net, c).text,
                    net->connector_turn[c], ART_TURN_PART_RIGHT);
  if (!state || !strchr("MmOo=-swZ", state))
    return art_fail(err, ART_E_INPUT, "%s: right of way is '%c' (%d); it must be one of M m O o = - s w Z",
                    name_of_connector(net, c).text, state ? state : '?', state);
  art_status status = check_connector_gaps(net, c, err);
  if (status == ART_OK) status = check_connector_signal(net, c, err);
  if (status != ART_OK) return status;
  if (!(hold < 0.0f) && !is_within(hold, 0.0f, length + slack_m))
    return art_fail(err, ART_E_INPUT,
                    "%s: the holding point is at %g m; it must be negative (none) or 0 to %g",
                    name_of_connector(net, c).text, (double)hold, (double)length);
  if (net->connector_keep_clear[c] > 1 || net->connector_cont[c] > 1)
    return art_fail(err, ART_E_INPUT, "%s: keep_clear is %d and cont is %d; both must be 0 or 1",
                    name_of_connector(net, c).text, net->connector_keep_clear[c], net->connector_cont[c]);
  return ART_OK;
}

/// Compares one derived index with what the connectors say: items of row k ascend and have key k.
static art_status check_index(const int32_t *key, int32_t items, const int32_t *first, const int32_t *member,
                              int32_t rows, const char *name, art_error *err)
{
  if (rows == 0) return ART_OK;
  int32_t seen = 0;
  for (int32_t k = 0; k < rows; ++k) {
    if (first[k] != seen)
      return art_fail(err, ART_E_INPUT, "net: %s[%d] is %d; it must be %d (call art_net_index)", name, k,
                      first[k], seen);
    if (first[k + 1] < seen || first[k + 1] > items)
      return art_fail(err, ART_E_INPUT, "net: %s[%d] is %d; it must be %d to %d (call art_net_index)", name,
                      k + 1, first[k + 1], seen, items);
    for (; seen < first[k + 1]; ++seen) {
      const int32_t item = member ? member[seen] : seen;
      if (item < 0 || item >= items || key[item] != k ||
          (member && seen > first[k] && member[seen - 1] >= item))
        return art_fail(
            err, ART_E_INPUT,
            "net: row %d of %s holds connector %d, which does not belong there (call art_net_index)", k, name,
            item);
    }
  }
  if (seen != items)
    return art_fail(err, ART_E_INPUT, "net: %s ends at %d; it must end at %d (call art_net_index)", name,
                    seen, items);
  return ART_OK;
}

static art_status check_indices(const art_net *net, art_error *err)
{
  const int32_t n = net->connector_count;
  art_status status = check_index(net->connector_from, n, net->lane_first_out, NULL, net->link_lane_count,
                                  "lane_first_out", err);
  if (status == ART_OK)
    status = check_index(net->connector_to, n, net->lane_first_in, net->lane_in, net->link_lane_count,
                         "lane_first_in", err);
  if (status == ART_OK)
    status = check_index(net->connector_node, n, net->node_first_connector, net->node_connector,
                         net->node_count, "node_first_connector", err);
  return status;
}

/// The row of `other` that mirrors row k of c.
static int has_mirror(const art_net *net, int32_t c, int32_t k)
{
  const int32_t other = net->conflict_other[k];
  for (int32_t m = net->conflict_first[other]; m < net->conflict_first[other + 1]; ++m)
    if (net->conflict_other[m] == c && net->conflict_kind[m] == net->conflict_kind[k] &&
        net->conflict_enter_m[m] == net->conflict_other_enter_m[k] &&
        net->conflict_exit_m[m] == net->conflict_other_exit_m[k] &&
        net->conflict_other_enter_m[m] == net->conflict_enter_m[k] &&
        net->conflict_other_exit_m[m] == net->conflict_exit_m[k])
      return 1;
  return 0;
}

static art_status check_conflict(const art_net *net, int32_t c, int32_t k, art_error *err)
{
  const int32_t other = net->conflict_other[k];
  if (other < 0 || other >= net->connector_count || other == c)
    return art_fail(err, ART_E_INPUT, "%s: conflicts with connector %d; it must be another one of 0 to %d",
                    name_of_connector(net, c).text, other, net->connector_count - 1);
  if (net->connector_node[other] != net->connector_node[c])
    return art_fail(err, ART_E_INPUT, "%s: conflicts with %s of another node ('%s' and '%s')",
                    name_of_connector(net, c).text, name_of_connector(net, other).text,
                    net->node_id[net->connector_node[c]], net->node_id[net->connector_node[other]]);
  const int kind = net->conflict_kind[k];
  if (kind > ART_CONFLICT_DIVERGE || net->conflict_yield[k] > 1)
    return art_fail(err, ART_E_INPUT,
                    "%s: a conflict has kind %d and yield %d; they must be 0 to %d and 0 to 1",
                    name_of_connector(net, c).text, kind, net->conflict_yield[k], ART_CONFLICT_DIVERGE);
  if ((kind == ART_CONFLICT_MERGE && net->connector_to[c] != net->connector_to[other]) ||
      (kind == ART_CONFLICT_DIVERGE && net->connector_from[c] != net->connector_from[other]))
    return art_fail(err, ART_E_INPUT, "%s: is said to %s with %s; then both must %s the same lane",
                    name_of_connector(net, c).text, kind == ART_CONFLICT_MERGE ? "merge" : "diverge",
                    name_of_connector(net, other).text, kind == ART_CONFLICT_MERGE ? "end in" : "start in");
  const float length = net->lane_length_m[art_net_lane_of_connector(net, c)];
  const float enter = net->conflict_enter_m[k], leave = net->conflict_exit_m[k];
  if (!is_within(enter, 0.0f, length + slack_m) || !is_within(leave, enter, length + slack_m))
    return art_fail(err, ART_E_INPUT,
                    "%s: its conflict with %s lies from %g to %g m; it must lie in order within 0 to %g",
                    name_of_connector(net, c).text, name_of_connector(net, other).text, (double)enter,
                    (double)leave, (double)length);
  return ART_OK;
}

static art_status check_conflict_rows(const art_net *net, art_error *err)
{
  return check_rows(net->conflict_first, net->connector_count, net->conflict_count, 0, NULL, "connector",
                    "conflict", err);
}

static art_status check_conflicts(const art_net *net, int32_t c, art_error *err)
{
  art_status status = ART_OK;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1] && status == ART_OK; ++k)
    status = check_conflict(net, c, k, err);
  return status;
}

/// After check_conflicts, since it follows the rows to the other connector.
static art_status check_mirrors(const art_net *net, int32_t c, art_error *err)
{
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    if (!has_mirror(net, c, k))
      return art_fail(err, ART_E_INPUT,
                      "%s: its conflict with %s has no matching row there; every pair has two rows",
                      name_of_connector(net, c).text, name_of_connector(net, net->conflict_other[k]).text);
  return ART_OK;
}

static art_status check_phase(const art_net *net, int32_t signal, int32_t program, int32_t phase,
                              art_error *err)
{
  const int64_t duration = net->phase_duration_ms[phase];
  const int64_t least = net->phase_min_ms[phase], most = net->phase_max_ms[phase];
  const int32_t number = phase - net->program_first_phase[program];
  const char *signal_id = net->signal_id[signal], *program_id = net->program_id[program];
  const int64_t day_ms = 86400000;
  if (duration <= 0 || duration > day_ms)
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: lasts %lld ms; it must last 1 to %lld", signal_id,
                    program_id, number, (long long)duration, (long long)day_ms);
  if (least < 0 || most < least)
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: lasts %lld to %lld ms; that must ascend from 0",
                    signal_id, program_id, number, (long long)least, (long long)most);
  const int64_t begin = net->phase_first_state[phase], end = net->phase_first_state[phase + 1];
  if (begin < 0 || end - begin != net->signal_group_count[signal])
    return art_fail(err, ART_E_INPUT,
                    "signal '%s' program '%s' phase %d: its state has %lld letters; it must have %d",
                    signal_id, program_id, number, (long long)(end - begin), net->signal_group_count[signal]);
  for (int64_t i = begin; i < end; ++i) {
    const char letter = net->phase_state[i];
    if (!letter || !strchr("rygGsuoO", letter))
      return art_fail(err, ART_E_INPUT,
                      "signal '%s' program '%s' phase %d: letter %lld is '%c'; it must be one of rygGsuoO",
                      signal_id, program_id, number, (long long)(i - begin), letter ? letter : '?');
  }
  return ART_OK;
}

static art_status check_programs(const art_net *net, int32_t s, art_error *err)
{
  const int32_t begin = net->signal_first_program[s], end = net->signal_first_program[s + 1];
  if (net->signal_group_count[s] < 1)
    return art_fail(err, ART_E_INPUT, "signal '%s': has %d groups; it must have at least 1",
                    net->signal_id[s], net->signal_group_count[s]);
  if (net->signal_active[s] < begin || net->signal_active[s] >= end)
    return art_fail(err, ART_E_INPUT, "signal '%s': program %d runs; it must be one of its own, %d to %d",
                    net->signal_id[s], net->signal_active[s], begin, end - 1);
  art_error detail;
  const art_status status = check_ids(net->program_id + begin, end - begin, "program", &detail);
  if (status != ART_OK)
    return art_fail(err, status, "signal '%s': %.900s", net->signal_id[s], detail.message);
  for (int32_t p = begin; p < end; ++p)
    for (int32_t phase = net->program_first_phase[p]; phase < net->program_first_phase[p + 1]; ++phase) {
      const art_status phase_status = check_phase(net, s, p, phase, err);
      if (phase_status != ART_OK) return phase_status;
    }
  return ART_OK;
}

/// Before the connectors, which point into the groups of signals.
static art_status check_signals(const art_net *net, art_error *err)
{
  art_status status = check_ids(net->signal_id, net->signal_count, "signal", err);
  if (status == ART_OK)
    status = check_rows(net->signal_first_program, net->signal_count, net->program_count, 1, net->signal_id,
                        "signal", "program", err);
  if (status == ART_OK)
    status = check_rows(net->program_first_phase, net->program_count, net->phase_count, 1, net->program_id,
                        "program", "phase", err);
  if (status == ART_OK && net->phase_count > 0 && net->phase_first_state[0] != 0)
    status = art_fail(err, ART_E_INPUT, "net: states of phase 0 begin at %lld; they must begin at 0",
                      (long long)net->phase_first_state[0]);
  return status;
}

static art_status check_stops(const art_net *net, art_error *err)
{
  return check_ids(net->stop_id, net->stop_count, "stop", err);
}

static art_status check_stop(const art_net *net, int32_t i, art_error *err)
{
  const int32_t lane = net->stop_lane[i];
  if (lane < 0 || lane >= net->link_lane_count)
    return art_fail(err, ART_E_INPUT, "stop '%s': lies on lane %d; it must be 0 to %d", net->stop_id[i], lane,
                    net->link_lane_count - 1);
  const float start = net->stop_start_m[i], end = net->stop_end_m[i], length = net->lane_length_m[lane];
  if (!is_within(start, 0.0f, length + slack_m) || !is_within(end, start, length + slack_m))
    return art_fail(err, ART_E_INPUT,
                    "stop '%s': lies from %g to %g m; it must lie in order within 0 to %g of %s",
                    net->stop_id[i], (double)start, (double)end, (double)length,
                    name_of_lane(net, lane).text);
  return ART_OK;
}

static art_status check_detector_point(const art_net *net, int32_t d, int32_t p, art_error *err)
{
  const char *id = net->detector_id[d];
  const int32_t lane = net->detector_lane[p];
  if (lane < 0 || lane >= net->lane_count)
    return art_fail(err, ART_E_INPUT, "detector '%s': lies on lane %d; it must be 0 to %d", id, lane,
                    net->lane_count - 1);
  const float pos = net->detector_pos_m[p], end = net->detector_end_m[p], length = net->lane_length_m[lane];
  if (!is_within(pos, 0.0f, length + slack_m) || !is_within(end, pos, length + slack_m))
    return art_fail(err, ART_E_INPUT,
                    "detector '%s': lies from %g to %g m; it must lie in order within 0 to %g of %s", id,
                    (double)pos, (double)end, (double)length, name_of_lane(net, lane).text);
  if (net->detector_kind[d] == ART_DETECTOR_POINT && end != pos)
    return art_fail(err, ART_E_INPUT,
                    "detector '%s': is a point, but lies from %g to %g m; both must be equal", id,
                    (double)pos, (double)end);
  if (net->detector_role[p] > (net->detector_kind[d] == ART_DETECTOR_ENTRY_EXIT ? 1 : 0))
    return art_fail(err, ART_E_INPUT,
                    "detector '%s': a role is %d; it must be 0, or 1 for the exit of an entry-exit pair", id,
                    net->detector_role[p]);
  return ART_OK;
}

static art_status check_detectors(const art_net *net, art_error *err)
{
  art_status status = check_ids(net->detector_id, net->detector_count, "detector", err);
  if (status == ART_OK)
    status = check_rows(net->detector_first_point, net->detector_count, net->detector_point_count, 1,
                        net->detector_id, "detector", "point", err);
  return status;
}

static art_status check_detector(const art_net *net, int32_t d, art_error *err)
{
  if (net->detector_kind[d] > ART_DETECTOR_ENTRY_EXIT)
    return art_fail(err, ART_E_INPUT, "detector '%s': kind is %d; it must be 0 to %d", net->detector_id[d],
                    net->detector_kind[d], ART_DETECTOR_ENTRY_EXIT);
  if (net->detector_period_ms[d] <= 0)
    return art_fail(err, ART_E_INPUT, "detector '%s': its period is %lld ms; it must be at least 1",
                    net->detector_id[d], (long long)net->detector_period_ms[d]);
  art_status status = ART_OK;
  for (int32_t p = net->detector_first_point[d]; p < net->detector_first_point[d + 1] && status == ART_OK;
       ++p)
    status = check_detector_point(net, d, p, err);
  return status;
}

/// One step of the check: something about the whole net, or about each of `count` entities of a kind.
typedef struct check {
  art_status (*whole)(const art_net *, art_error *);
  art_status (*each)(const art_net *, int32_t, art_error *);
  int32_t count;
  int is_basis;  ///< later steps rely on it: with a problem here they are left out
} check;

/// Problems found; the first `most` are told.
typedef struct findings {
  art_net_report report;
  void *context;
  int32_t most, count;
} findings;

static void note(findings *f, const art_error *err)
{
  if (f->count++ < f->most) f->report(f->context, err->message);
}

int32_t art_net_problems(const art_net *net, int32_t most, art_net_report report, void *context)
{
  // Each step trusts those above it: names in messages need checked ends.
  const check checks[] = {
    { check_present, NULL, 0, 1 },
    { check_nodes, check_node, net->node_count, 0 },
    { check_links, check_link, net->link_count, 1 },
    { NULL, check_link_values, net->link_count, 0 },
    { check_signals, check_programs, net->signal_count, 0 },
    { NULL, check_connector_ends, net->connector_count, 1 },
    { NULL, check_connector_order, net->connector_count, 0 },
    { NULL, check_lane_values, net->lane_count, 0 },
    { NULL, check_connector_values, net->connector_count, 0 },
    { check_indices, NULL, 0, 0 },
    { check_conflict_rows, check_conflicts, net->connector_count, 1 },
    { NULL, check_mirrors, net->connector_count, 0 },
    { check_stops, check_stop, net->stop_count, 0 },
    { check_detectors, check_detector, net->detector_count, 0 },
    { check_crossings, NULL, 0, 0 },
    { art_control_check_rows, art_control_check_signal, art_control_groups_fit(net) ? net->signal_count : 0, 0 },
  };
  findings f = { report, context, most, 0 };
  for (size_t i = 0; i < sizeof checks / sizeof *checks; ++i) {
    const check *step = &checks[i];
    art_error err = { ART_OK, "" };
    const int32_t before = f.count;
    if (step->whole && step->whole(net, &err) != ART_OK) {
      note(&f, &err);  // ids or rows are not to be relied on
      break;
    }
    for (int32_t k = 0; step->each && k < step->count; ++k)
      if (step->each(net, k, &err) != ART_OK) note(&f, &err);
    if (step->is_basis && f.count > before) break;
  }
  return f.count;
}

static void keep_first(void *context, const char *message)
{
  art_fail(context, ART_E_INPUT, "%s", message);
}

art_status art_net_check(const art_net *net, art_error *err)
{
  return art_net_problems(net, 1, keep_first, err) > 0 ? ART_E_INPUT : ART_OK;
}
