// art_net_check: every index, order and range of a network, one entity kind after the other. Whatever passes
// here can be stepped without further checks.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/control_check_internal.h"
#include "core/net/network.h"
#include "core/net/network_check_internal.h"

art_lane_name art_name_of_link_lane(const art_net *net, int32_t lane)
{
  art_lane_name name;
  const int32_t link = net->lane_link[lane];
  snprintf(name.text, sizeof name.text, "%.140s_%d", net->link_id[link], lane - net->link_first_lane[link]);
  return name;
}

art_lane_name art_name_of_connector(const art_net *net, int32_t c)
{
  art_lane_name name;
  const art_lane_name from = art_name_of_link_lane(net, net->connector_from[c]),
                  to = art_name_of_link_lane(net, net->connector_to[c]);
  snprintf(name.text, sizeof name.text, "connector %d (%.140s -> %.140s)", c, from.text, to.text);
  return name;
}

art_lane_name art_name_of_lane(const art_net *net, int32_t lane)
{
  if (art_net_is_connector(net, lane)) return art_name_of_connector(net, art_net_connector_of_lane(net, lane));
  art_lane_name name;
  snprintf(name.text, sizeof name.text, "lane %.300s", art_name_of_link_lane(net, lane).text);
  return name;
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

art_status art_check_ids(char *const *ids, int32_t count, const char *kind, art_error *err)
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

art_status art_check_rows(const int32_t *first, int32_t count, int32_t total, int32_t least,
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
  return art_check_ids(net->node_id, net->node_count, "node", err);
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
  art_status status = art_check_ids(net->link_id, net->link_count, "link", err);
  if (status == ART_OK)
    status = art_check_rows(net->link_first_lane, net->link_count, net->link_lane_count, 1, net->link_id, "link",
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
    if (!art_check_is_within(values[k].value, values[k].lowest, values[k].highest))
      return art_fail(err, ART_E_INPUT, "%s: %s is %g; it must be %g to %g", art_name_of_lane(net, lane).text,
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
                    art_name_of_connector(net, c).text, node, net->node_count - 1);
  if (net->link_to[net->lane_link[from]] != node || net->link_from[net->lane_link[to]] != node)
    return art_fail(
        err, ART_E_INPUT,
        "%s: lies in node '%s', but its links end in '%s' and start in '%s'; all must be the same",
        art_name_of_connector(net, c).text, net->node_id[node], net->node_id[net->link_to[net->lane_link[from]]],
        net->node_id[net->link_from[net->lane_link[to]]]);
  if (net->lane_link[art_net_lane_of_connector(net, c)] != -1)
    return art_fail(err, ART_E_INPUT, "%s: names link %d; a connector has none (-1)",
                    art_name_of_connector(net, c).text, net->lane_link[art_net_lane_of_connector(net, c)]);
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
                    art_name_of_connector(net, c).text, art_name_of_connector(net, c - 1).text);
  return ART_OK;
}

static art_status check_connector_signal(const art_net *net, int32_t c, art_error *err)
{
  const int32_t signal = net->connector_signal[c], group = net->connector_signal_group[c];
  if (signal == -1) return ART_OK;
  if (signal < -1 || signal >= net->signal_count)
    return art_fail(err, ART_E_INPUT, "%s: its signal is %d; it must be -1 to %d",
                    art_name_of_connector(net, c).text, signal, net->signal_count - 1);
  const int32_t groups = net->signal_group_count[signal];
  if (groups >= 1 && (group < 0 || group >= groups))  // art_check_programs has told of fewer
    return art_fail(err, ART_E_INPUT, "%s: its group of signal '%s' is %d; it must be 0 to %d",
                    art_name_of_connector(net, c).text, net->signal_id[signal], group, groups - 1);
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
    if (!art_check_is_within(columns[i].value, 0.0f, columns[i].most))
      return art_fail(err, ART_E_INPUT, "%s: the %s is %g %s; it must be 0 (none) to %g",
                      art_name_of_connector(net, c).text, columns[i].name, (double)columns[i].value,
                      columns[i].unit, (double)columns[i].most);
  return ART_OK;
}

static art_status check_connector_values(const art_net *net, int32_t c, art_error *err)
{
  const char state = net->connector_state[c];
  const float hold = net->connector_hold_m[c], length = net->lane_length_m[art_net_lane_of_connector(net, c)];
  if (net->connector_turn[c] > ART_TURN_PART_RIGHT)
    return art_fail(err, ART_E_INPUT, "%s: turn is %d; it must be 0 to %d", art_name_of_connector(net, c).text,
                    net->connector_turn[c], ART_TURN_PART_RIGHT);
  if (!state || !strchr("MmOo=-swZ", state))
    return art_fail(err, ART_E_INPUT, "%s: right of way is '%c' (%d); it must be one of M m O o = - s w Z",
                    art_name_of_connector(net, c).text, state ? state : '?', state);
  art_status status = check_connector_gaps(net, c, err);
  if (status == ART_OK) status = check_connector_signal(net, c, err);
  if (status != ART_OK) return status;
  if (!(hold < 0.0f) && !art_check_is_within(hold, 0.0f, length + ART_CHECK_SLACK_M))
    return art_fail(err, ART_E_INPUT,
                    "%s: the holding point is at %g m; it must be negative (none) or 0 to %g",
                    art_name_of_connector(net, c).text, (double)hold, (double)length);
  if (net->connector_keep_clear[c] > 1 || net->connector_cont[c] > 1)
    return art_fail(err, ART_E_INPUT, "%s: keep_clear is %d and cont is %d; both must be 0 or 1",
                    art_name_of_connector(net, c).text, net->connector_keep_clear[c], net->connector_cont[c]);
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
                    art_name_of_connector(net, c).text, other, net->connector_count - 1);
  if (net->connector_node[other] != net->connector_node[c])
    return art_fail(err, ART_E_INPUT, "%s: conflicts with %s of another node ('%s' and '%s')",
                    art_name_of_connector(net, c).text, art_name_of_connector(net, other).text,
                    net->node_id[net->connector_node[c]], net->node_id[net->connector_node[other]]);
  const int kind = net->conflict_kind[k];
  if (kind > ART_CONFLICT_DIVERGE || net->conflict_yield[k] > 1)
    return art_fail(err, ART_E_INPUT,
                    "%s: a conflict has kind %d and yield %d; they must be 0 to %d and 0 to 1",
                    art_name_of_connector(net, c).text, kind, net->conflict_yield[k], ART_CONFLICT_DIVERGE);
  if ((kind == ART_CONFLICT_MERGE && net->connector_to[c] != net->connector_to[other]) ||
      (kind == ART_CONFLICT_DIVERGE && net->connector_from[c] != net->connector_from[other]))
    return art_fail(err, ART_E_INPUT, "%s: is said to %s with %s; then both must %s the same lane",
                    art_name_of_connector(net, c).text, kind == ART_CONFLICT_MERGE ? "merge" : "diverge",
                    art_name_of_connector(net, other).text, kind == ART_CONFLICT_MERGE ? "end in" : "start in");
  const float length = net->lane_length_m[art_net_lane_of_connector(net, c)];
  const float enter = net->conflict_enter_m[k], leave = net->conflict_exit_m[k];
  if (!art_check_is_within(enter, 0.0f, length + ART_CHECK_SLACK_M) || !art_check_is_within(leave, enter, length + ART_CHECK_SLACK_M))
    return art_fail(err, ART_E_INPUT,
                    "%s: its conflict with %s lies from %g to %g m; it must lie in order within 0 to %g",
                    art_name_of_connector(net, c).text, art_name_of_connector(net, other).text, (double)enter,
                    (double)leave, (double)length);
  return ART_OK;
}

static art_status check_conflict_rows(const art_net *net, art_error *err)
{
  return art_check_rows(net->conflict_first, net->connector_count, net->conflict_count, 0, NULL, "connector",
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
                      art_name_of_connector(net, c).text, art_name_of_connector(net, net->conflict_other[k]).text);
  return ART_OK;
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
    { art_check_signals, art_check_programs, net->signal_count, 0 },
    { NULL, check_connector_ends, net->connector_count, 1 },
    { NULL, check_connector_order, net->connector_count, 0 },
    { NULL, check_lane_values, net->lane_count, 0 },
    { NULL, check_connector_values, net->connector_count, 0 },
    { check_indices, NULL, 0, 0 },
    { check_conflict_rows, check_conflicts, net->connector_count, 1 },
    { NULL, check_mirrors, net->connector_count, 0 },
    { art_check_stops, art_check_stop, net->stop_count, 0 },
    { art_check_detectors, art_check_detector, net->detector_count, 0 },
    { art_check_crossings, NULL, 0, 0 },
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
