/// \file describe.h
/// What a file holds, as a JSON object that `info` prints as text or as JSON.
#ifndef ART_SCENARIOS_CLI_DESCRIBE_H
#define ART_SCENARIOS_CLI_DESCRIBE_H
#include <jansson.h>

#include "core/base/status.h"

/// Kinds of files that the command knows. X(suffix, name, what it is)
#define ART_FILE_KIND_LIST(X)                         \
  X(UNKNOWN, "unknown", "not a file of this program") \
  X(CITY, "city", "city")                             \
  X(DEMAND, "demand", "demand")                       \
  X(FEED, "feed", "feed")                             \
  X(RESULT, "result", "result of a run")              \
  X(HDF5, "hdf5", "other HDF5 file")                  \
  X(SCENARIO, "scenario", "scenario")                 \
  X(BATCH, "batch", "batch")                          \
  X(CALIBRATION, "calibration", "calibration")        \
  X(PLAN, "plan", "signal plan")                      \
  X(CHECKPOINT, "checkpoint", "checkpoint of a run")
typedef enum art_file_kind {
#define X(suffix, name, text) ART_FILE_##suffix,
  ART_FILE_KIND_LIST(X)
#undef X
} art_file_kind;
const char *art_file_kind_name(art_file_kind kind);

/// Looks into the file: schema attribute of HDF5, top-level keys of YAML. ART_E_OPEN if it cannot be read.
art_status art_file_recognise(const char *path, art_file_kind *kind, art_error *err);

/// Describes a file of any kind; *out is a new reference. The file is read and checked as far as it can be
/// alone.
art_status art_describe(const char *path, json_t **out, art_error *err);

#endif  // ART_SCENARIOS_CLI_DESCRIBE_H
