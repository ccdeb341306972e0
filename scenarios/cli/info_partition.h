// What a city looks like cut into parts, one for each rank of a run.
#ifndef ART_SCENARIOS_CLI_INFO_PARTITION_H
#define ART_SCENARIOS_CLI_INFO_PARTITION_H
#include <jansson.h>

#include "core/base/status.h"

/// Adds "partition" to the description of a city, or of a scenario, whose demand counts then: balance, what is cut, and how
/// much of other parts each has to watch. `write_path` NULL: the parts are not written to a file.
art_status art_describe_partition(json_t *object, const char *path, int32_t parts, const char *write_path, art_error *err);

#endif  // ART_SCENARIOS_CLI_INFO_PARTITION_H
