/// \file import_network.h
/// The verbs of network formats other than SUMO's: `arterial import gmns|cityflow|tntp|utdf|omx|geojson`, and the exports.
#ifndef ART_SCENARIOS_CLI_IMPORT_NETWORK_H
#define ART_SCENARIOS_CLI_IMPORT_NETWORK_H

/// 1: the format is one of these, and *exit_code is that of the verb, which has run; argv[1] is the format.
int art_import_network(int argc, char **argv, int *exit_code);
int art_export_network(int argc, char **argv, int *exit_code);

/// Lines of the overviews of `arterial import` and `arterial export`.
extern const char art_import_network_overview[];
extern const char art_export_network_overview[];

#endif  // ART_SCENARIOS_CLI_IMPORT_NETWORK_H
