/// \file report_internal.h
/// Filling an import report.
#ifndef ART_IO_SUMO_REPORT_INTERNAL_H
#define ART_IO_SUMO_REPORT_INTERNAL_H
#include "io/sumo/import.h"

/// Adds one to the row of that name.
void art_tally(art_import_tally *tally, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Counts a rejected row by `reason`; the first ten of each reason are kept with place and detail (may be "").
void art_reject(art_import_report *report, const char *file, int line, const char *what, const char *id,
                const char *reason, const char *detail);
void art_tally_clear(art_import_tally *tally);

#endif  // ART_IO_SUMO_REPORT_INTERNAL_H
