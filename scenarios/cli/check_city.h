/// \file check_city.h
/// What is odd in a valid city: nothing that stops a run, but often a mistake of the import or of the source.
#ifndef ART_SCENARIOS_CLI_CHECK_CITY_H
#define ART_SCENARIOS_CLI_CHECK_CITY_H
#include <stdint.h>

#include "core/net/network.h"

/// Called once per finding, with "entity: value: bound".
typedef void (*art_finding)(void *context, const char *message);

/// Lanes without a way out, dead and unreachable links, very short links, signals with conflicting or missing
/// greens and without yellow. Returns the number of findings. The net must have passed art_net_check.
int32_t art_check_city(const art_net *net, art_finding report, void *context);

#endif  // ART_SCENARIOS_CLI_CHECK_CITY_H
