/// \file import.h
/// From an OpenStreetMap extract to a city that drives: lane by lane, with junctions, right of way and guessed signals.
#ifndef ART_IO_OSM_IMPORT_H
#define ART_IO_OSM_IMPORT_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/status.h"
#include "io/city/city.h"
#include "io/osm/notes.h"

typedef struct art_osm_import_options {
  const char *crs;       ///< such as EPSG:32632; NULL: the UTM zone of the middle
  const char *defaults;  ///< name of a built-in country, or a YAML file; NULL: generic
  const char *patch;     ///< YAML file with corrections, or NULL
  const char *clip;      ///< GeoJSON file with a polygon, or NULL
  const char *moment;    ///< "We 08:00": conditional tags are applied as they hold then; NULL: never
  const char *elevation; ///< ESRI ASCII grid of heights in the city's coordinate system or in degrees, or NULL
  int left_hand;         ///< 1: whatever the defaults say
  int with_bicycles;     ///< 1: lanes and ways for bicycles too
  int with_rails;        ///< 1: rails and level crossings too
  double people_per_h;   ///< on foot over each crossing; 0: crossings are left out
  int with_box;
  double min_lon, min_lat, max_lon, max_lat;
} art_osm_import_options;

/// X(name, sentence): what the import counts, in the order in which it is told. Zeros are not told.
#define ART_OSM_COUNT_LIST(X)                                                              \
  X(roads, "ways driven on")                                                               \
  X(paths, "ways for feet and bicycles only, left out")                                    \
  X(rails, "ways on rails and ferries, left out")                                          \
  X(unbuilt, "ways under construction or proposed, left out")                              \
  X(areas, "areas, left out")                                                              \
  X(no_motor, "roads closed to all motor vehicles, left out")                              \
  X(bicycle_lanes, "lanes for bicycles only, left out")                                    \
  X(contraflow, "directions for bicycles only, left out")                                  \
  X(middle_lanes, "ways with a lane for both directions, not driven on")                   \
  X(varies, "ways whose direction changes with time, kept as both or as written")          \
  X(conditionals, "ways with conditional tags, taken as unconditional (see --at)")         \
  X(broken_ways, "ways with missing nodes, cut there")                                     \
  X(absurd, "roads, tracks and cycleways of more than 300 km without a junction, left out") \
  X(rim, "ends of roads where the map is cut")                                             \
  X(gates, "barriers that stop motor vehicles")                                            \
  X(joined_pieces, "nodes where nothing changes, dissolved")                               \
  X(specks, "links of parts without connection to the rest, dropped")                      \
  X(trapped, "links from which nothing leads on, dropped")                                 \
  X(unreachable, "links that nothing leads to, dropped")                                   \
  X(stubs, "dead ends too short to drive into, dropped")                                   \
  X(joined_nodes, "nodes joined into common junctions")                                    \
  X(absorbed_links, "short pieces absorbed by junctions")                                  \
  X(forced_joins, "joins forced by the patch")                                             \
  X(short_links, "links shorter than a vehicle and its gap")                               \
  X(u_turns, "turns back at dead ends")                                                    \
  X(bans, "turn restrictions applied")                                                     \
  X(bans_conditional, "turn restrictions that hold at times only, not applied (see --at)") \
  X(bans_outside, "turn restrictions that reach outside the extract, left out")            \
  X(bans_unmet, "turn restrictions that forbid no turn there is")                          \
  X(bans_over_ways, "turn restrictions over a way between, exact by a copy of its link")   \
  X(bans_overruled, "turn restrictions that would leave no way on, not applied")           \
  X(cycle_lanes, "lanes and directions for bicycles alone")                                \
  X(cycle_ways, "ways for bicycles")                                                       \
  X(rail_ways, "ways on rails")                                                            \
  X(level_crossings, "level crossings")                                                    \
  X(byways_alone, "ways for bicycles or on rails without connection, dropped")             \
  X(foot_crossings, "crossings where people go first")                                     \
  X(foot_lights, "crossings with a light for people")                                      \
  X(foot_unmarked, "crossings without marks, where people wait, left out")                 \
  X(sloping_links, "links that climb or fall")                                             \
  X(signs, "stop and give-way signs used")                                                 \
  X(signs_unused, "stop and give-way signs that bind nobody")                              \
  X(signals_used, "signal nodes used")                                                     \
  X(signals_unused, "signal nodes that control nothing")                                   \
  X(mini_roundabouts, "mini-roundabouts")                                                  \
  X(ring_links, "links of roundabouts")                                                    \
  X(guessed_rings, "roundabouts that no tag tells")                                        \
  X(patched, "corrections of the patch applied")

/// What an import met. Zero-initialise; nothing to free.
typedef struct art_osm_report {
  int64_t nodes_read, ways_read, relations_read, bytes_read;
  int64_t nodes, links, lanes, connectors, crossings, merges, diverges, holding_points;
  int64_t signals, foot_signals, programs;
  double length_km;  ///< of all lanes
#define X(name, text) int64_t name;
  ART_OSM_COUNT_LIST(X)
#undef X
  art_osm_notes notes;
  char crs[64], country[8];
} art_osm_report;

/// Short lines, one fact each.
void art_osm_report_print(const art_osm_report *report, FILE *file);

/// Reads an extract into a city, owned by the caller. On failure *city is NULL. Not collective.
art_status art_osm_import(const char *path, const art_osm_import_options *options, art_city **city,
                          art_osm_report *report, art_error *err);
/// The same from memory (tests, fuzzing); `patch` is the text of a patch or NULL. No sources in the city.
art_status art_osm_import_text(const char *name, const void *data, size_t size, const char *patch,
                               const art_osm_import_options *options, art_city **city, art_osm_report *report,
                               art_error *err);

#endif  // ART_IO_OSM_IMPORT_H
