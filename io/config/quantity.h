/// \file quantity.h
/// Quantities as people write them in configuration files, to SI and ticks and back. Pure functions.
/// A parser returns NULL on success, else a phrase that completes "'<text>' ..."; static storage.
#ifndef ART_IO_CONFIG_QUANTITY_H
#define ART_IO_CONFIG_QUANTITY_H
#include <stddef.h>
#include <stdint.h>

#include "core/num/real.h"

/// "0.5 s", "500 ms", "20 min", "1 h", "2 d", "08:00", "08:00:00", "08:00:00.5", or a plain number of
/// seconds. Exact: what is finer than a millisecond is refused, never rounded.
const char *art_quantity_time(const char *text, art_tick *out);
/// "13.9 m/s", "50 km/h", "30 mph", or a plain number of metres a second.
const char *art_quantity_speed(const char *text, double *mps);
/// A plain number, or a percentage ("20 %" is 0.2).
const char *art_quantity_real(const char *text, double *out);
/// A whole number.
const char *art_quantity_integer(const char *text, int64_t *out);
/// A whole number from 0 to 2^64 - 1.
const char *art_quantity_seed(const char *text, uint64_t *out);
/// "true" or "false" (also yes, no, on, off).
const char *art_quantity_bool(const char *text, int *out);
/// A day of the Gregorian calendar, "2024-02-13".
const char *art_quantity_date(const char *text);

/// Formats that the parsers above read back to the same value. At most 40 bytes with the final NUL.
enum { ART_QUANTITY_TEXT = 40 };
void art_quantity_print_duration(art_tick value_ms, char text[ART_QUANTITY_TEXT]);  ///< "0.5 s"
void art_quantity_print_clock(art_tick value_ms, char text[ART_QUANTITY_TEXT]);     ///< "08:00:00"
void art_quantity_print_pretty(art_tick value_ms,
                               char text[ART_QUANTITY_TEXT]);                ///< "50 ms", "24 h", "366 d"
void art_quantity_print_float(float value, char text[ART_QUANTITY_TEXT]);    ///< shortest that reads back
void art_quantity_print_double(double value, char text[ART_QUANTITY_TEXT]);  ///< shortest that reads back

#endif  // ART_IO_CONFIG_QUANTITY_H
