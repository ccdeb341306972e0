// Checks of what lies on lanes: stops, detectors, crossings of people.
#include "core/net/network_check_internal.h"

art_status art_check_stops(const art_net *net, art_error *err)
{
  return art_check_ids(net->stop_id, net->stop_count, "stop", err);
}

art_status art_check_stop(const art_net *net, int32_t i, art_error *err)
{
  const int32_t lane = net->stop_lane[i];
  if (lane < 0 || lane >= net->link_lane_count)
    return art_fail(err, ART_E_INPUT, "stop '%s': lies on lane %d; it must be 0 to %d", net->stop_id[i], lane,
                    net->link_lane_count - 1);
  const float start = net->stop_start_m[i], end = net->stop_end_m[i], length = net->lane_length_m[lane];
  if (!art_check_is_within(start, 0.0f, length + ART_CHECK_SLACK_M) || !art_check_is_within(end, start, length + ART_CHECK_SLACK_M))
    return art_fail(err, ART_E_INPUT,
                    "stop '%s': lies from %g to %g m; it must lie in order within 0 to %g of %s",
                    net->stop_id[i], (double)start, (double)end, (double)length,
                    art_name_of_lane(net, lane).text);
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
  if (!art_check_is_within(pos, 0.0f, length + ART_CHECK_SLACK_M) || !art_check_is_within(end, pos, length + ART_CHECK_SLACK_M))
    return art_fail(err, ART_E_INPUT,
                    "detector '%s': lies from %g to %g m; it must lie in order within 0 to %g of %s", id,
                    (double)pos, (double)end, (double)length, art_name_of_lane(net, lane).text);
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

art_status art_check_detectors(const art_net *net, art_error *err)
{
  art_status status = art_check_ids(net->detector_id, net->detector_count, "detector", err);
  if (status == ART_OK)
    status = art_check_rows(net->detector_first_point, net->detector_count, net->detector_point_count, 1,
                        net->detector_id, "detector", "point", err);
  return status;
}

art_status art_check_detector(const art_net *net, int32_t d, art_error *err)
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

art_status art_check_crossings(const art_net *net, art_error *err)
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
    if (!art_check_is_within(net->crossing_walk_s[x], 0.1f, 600.0f))
      return art_fail(err, ART_E_INPUT, "crossing %.140s: walking time is %g s; it must be 0.1 to 600", id,
                      (double)net->crossing_walk_s[x]);
    if (!art_check_is_within(net->crossing_flow_per_h[x], 0.0f, 1e5f))
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
      if (!art_check_is_within(net->crossing_enter_m[r], 0.0f, length + ART_CHECK_SLACK_M) ||
          !art_check_is_within(net->crossing_exit_m[r], net->crossing_enter_m[r], length + ART_CHECK_SLACK_M))
        return art_fail(err, ART_E_INPUT, "crossing %.140s: zone %g to %g m on a connector of %g m", id,
                        (double)net->crossing_enter_m[r], (double)net->crossing_exit_m[r], (double)length);
    }
  }
  return ART_OK;
}
