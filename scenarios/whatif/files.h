/// \file files.h
/// Small helpers for folders and tables that several verbs write.
#ifndef ART_SCENARIOS_WHATIF_FILES_H
#define ART_SCENARIOS_WHATIF_FILES_H
#include <stdio.h>

#include "core/base/status.h"

/// Makes a folder and those above it; fine if it exists.
art_status art_folder_make(const char *folder, art_error *err);
/// A CSV field (RFC 4180), in quotes where it needs them.
void art_csv_print(FILE *file, const char *text);

#endif  // ART_SCENARIOS_WHATIF_FILES_H
