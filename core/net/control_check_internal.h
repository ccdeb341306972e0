// Check of what decides at signals. Private to core/net.
#ifndef ART_CORE_NET_CONTROL_CHECK_INTERNAL_H
#define ART_CORE_NET_CONTROL_CHECK_INTERNAL_H
#include "core/net/network.h"

/// Rows of control over the whole net; those of signals and programs must have been checked.
art_status art_control_check_rows(const art_net *net, art_error *err);
/// Whether the groups of all signals are those that art_net_index counted. If not, the programs have been told, whose
/// states do not fit, and the controls of signals cannot be looked at.
int art_control_groups_fit(const art_net *net);
/// Everything about the control of one signal.
art_status art_control_check_signal(const art_net *net, int32_t signal, art_error *err);

#endif  // ART_CORE_NET_CONTROL_CHECK_INTERNAL_H
