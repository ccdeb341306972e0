/// \file load_table.h
/// How full a city is of generated trips, as a table.
#ifndef ART_SCENARIOS_CLI_LOAD_TABLE_H
#define ART_SCENARIOS_CLI_LOAD_TABLE_H
#include "core/base/status.h"
#include "core/net/network.h"
#include "scenarios/generate/generate.h"

/// Writes a row for each path through a junction that anybody takes, as comma-separated values: from which lane of which link
/// to which, volume and capacity in vehicles an hour, and how full the lane is that it leaves. Overwrites. `report` is one of
/// art_generate_trips() with a load.
art_status art_load_table_write(const char *path, const art_net *net, const art_trips_report *report,
                                art_error *err);

#endif  // ART_SCENARIOS_CLI_LOAD_TABLE_H
