/// \file import_osm.h
#ifndef ART_SCENARIOS_CLI_IMPORT_OSM_H
#define ART_SCENARIOS_CLI_IMPORT_OSM_H

/// `arterial import osm`; returns the exit code.
int art_verb_import_osm(int argc, char **argv);

#endif  // ART_SCENARIOS_CLI_IMPORT_OSM_H
