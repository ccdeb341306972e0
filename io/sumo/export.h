/// \file export.h
/// Writes a city and a demand as SUMO reads them: a network with internal lanes, requests and signal programs, that needs no
/// netconvert and has every length exactly; stops and detectors; vehicle types, routes and vehicles.
#ifndef ART_IO_SUMO_EXPORT_H
#define ART_IO_SUMO_EXPORT_H
#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "io/city/city.h"

/// Paths that end in .gz are compressed. An existing file is replaced once the new one is complete; on failure nothing is
/// left. ART_E_INPUT where SUMO has no means to say it: more than 256 connectors in a node.
art_status art_sumo_export_net(const art_city *city, const char *path, art_error *err);
/// What of signals SUMO has no means to say.
typedef struct art_sumo_signal_losses {
  int32_t programs;  ///< of a kind that it does not know: their stages stand there with fixed times
  int32_t sensors;   ///< of phases: it takes one a lane, loops for actuated programs and areas for NEMA programs
} art_sumo_signal_losses;

/// Bus stops, detectors, and signals that do not just run by the clock: their programs need the detectors, which SUMO must
/// have read before. *count receives how many of these there are; without any, no file is written.
art_status art_sumo_export_additional(const art_city *city, const char *path, int32_t *count,
                                      art_sumo_signal_losses *losses, art_error *err);
/// Types that name no model get `model`, such as "IDM" (NULL: SUMO's default, Krauss).
art_status art_sumo_export_routes(const art_city *city, const art_demand *demand, const char *model,
                                  const char *path, art_error *err);
/// A configuration that runs them: file names as they should stand in it, NULL where there is none. Ends when everybody has
/// arrived.
art_status art_sumo_export_config(const char *net, const char *additional, const char *routes,
                                  int64_t begin_ms, int64_t step_ms, const char *path, art_error *err);

#endif  // ART_IO_SUMO_EXPORT_H
