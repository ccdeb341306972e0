/// \file output.h
/// What is asked for as output, looked at before the work: a run of an hour should not end at a file that cannot be written.
#ifndef ART_CORE_BASE_OUTPUT_H
#define ART_CORE_BASE_OUTPUT_H
#include <stdint.h>

#include "core/base/status.h"

/// Whether a file may be written at `path` (NULL: none is asked for). ART_E_EXISTS if one stands there and `force` is 0;
/// ART_E_OPEN if `path` is a folder, or its folder is not there or may not be written to. Thread-safe. Not collective.
art_status art_output_check(const char *path, int force, art_error *err);

/// Whether `path` (NULL: none is asked for) is another file than each of `inputs[0 .. count)`, of which some may be NULL.
/// Names do not matter: links to one file are that file. ART_E_USAGE if it is the same, even where overwriting is asked
/// for, since an input would be lost. Thread-safe. Not collective.
art_status art_output_check_apart(const char *path, int32_t count, const char *const *inputs, art_error *err);

#endif  // ART_CORE_BASE_OUTPUT_H
