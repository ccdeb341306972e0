#include "io/config/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char not_a_time[] = "is not a time; write 0.5 s, 500 ms, 20 min, 1 h or 08:00:00";
static const char not_a_speed[] = "is not a speed; write 13.9 m/s, 50 km/h or 30 mph";
static const char not_a_number[] = "is not a number";
static const char too_large[] = "is too large";

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}
static const char *skip_space(const char *at)
{
  while (*at == ' ' || *at == '\t') ++at;
  return at;
}

/// A decimal number as mantissa x 10^-decimals, exact. `*at` moves behind it. 0 if there is none or it is too
/// long.
static int read_decimal(const char **at, int64_t *mantissa, int *decimals)
{
  const char *p = *at;
  const int negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  int64_t value = 0;
  int digits = 0, after_point = -1;
  for (;; ++p) {
    if (*p == '.' && after_point < 0) {
      after_point = 0;
      continue;
    }
    if (!is_digit(*p)) break;
    ++digits;
    if (value > (INT64_MAX - 9) / 10) return 0;
    value = 10 * value + (*p - '0');
    if (after_point >= 0) ++after_point;
  }
  if (digits == 0) return 0;
  while (after_point > 0 && value % 10 == 0) {  // trailing zeros carry nothing
    value /= 10;
    --after_point;
  }
  *mantissa = negative ? -value : value;
  *decimals = after_point > 0 ? after_point : 0;
  *at = p;
  return 1;
}

/// mantissa x 10^-decimals x factor, if that is a whole number below 2^53.
static const char *scale_exactly(int64_t mantissa, int decimals, int64_t factor, art_tick *out)
{
  const int64_t limit = INT64_C(1) << 53;
  while (decimals > 0 && factor % 10 == 0) {
    factor /= 10;
    --decimals;
  }
  for (; decimals > 0 && factor % 2 == 0 && mantissa % 5 == 0; --decimals) factor /= 2, mantissa /= 5;
  for (; decimals > 0 && mantissa % 10 == 0; --decimals) mantissa /= 10;
  if (mantissa > limit / factor || mantissa < -limit / factor) return too_large;
  int64_t value = mantissa * factor;
  for (; decimals > 0; --decimals) {
    if (value % 10) return "is finer than 1 ms";
    value /= 10;
  }
  *out = value;
  return NULL;
}

/// "H:MM" or "H:MM:SS[.fff]"; hours may pass 24, minutes and seconds stay below 60.
static const char *read_clock(const char *text, art_tick *out)
{
  int64_t part[3] = { 0, 0, 0 };
  int parts = 0, width[3] = { 0, 0, 0 };
  const char *p = text;
  for (;; ++p) {
    for (; is_digit(*p) && width[parts] < 5; ++p, ++width[parts]) part[parts] = 10 * part[parts] + (*p - '0');
    ++parts;
    if (*p != ':' || parts == 3) break;
  }
  art_tick ms = 0;
  if (parts == 3 && *p == '.') {
    int64_t unit = 100;
    for (++p; is_digit(*p); ++p, unit /= 10) {
      if (unit == 0 && *p != '0') return "is finer than 1 ms";
      ms += unit * (*p - '0');
    }
  }
  if (*p || parts < 2 || width[0] < 1 || width[1] != 2 || (parts == 3 && width[2] != 2)) return not_a_time;
  if (part[1] > 59 || part[2] > 59) return "is not a time of day: minutes and seconds go from 00 to 59";
  *out = ((part[0] * 60 + part[1]) * 60 + part[2]) * 1000 + ms;
  return NULL;
}

const char *art_quantity_time(const char *text, art_tick *out)
{
  static const struct {
    const char *name;
    int64_t ms;
  } units[] = { { "", 1000 },     { "ms", 1 },      { "s", 1000 },
                { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
  const char *at = text;
  int64_t mantissa;
  int decimals;
  if (strchr(text, ':')) return read_clock(text, out);
  if (!read_decimal(&at, &mantissa, &decimals)) return not_a_time;
  at = skip_space(at);
  for (size_t i = 0; i < sizeof units / sizeof *units; ++i)
    if (strcmp(at, units[i].name) == 0) return scale_exactly(mantissa, decimals, units[i].ms, out);
  return is_digit(*at) || *at == '.'
             ? not_a_time
             : "does not have a unit of time; units are ms, s, min, h, d (and 08:00:00)";
}

/// The number in front; `*rest` points behind it and behind blanks.
static const char *read_real(const char *text, double *out, const char **rest)
{
  const char *p = text;
  if (*p == '-' || *p == '+') ++p;
  int digits = 0;
  for (; is_digit(*p); ++p) ++digits;
  if (*p == '.')
    for (++p; is_digit(*p); ++p) ++digits;
  if (digits == 0) return not_a_number;
  if (*p == 'e' || *p == 'E') {
    const char *q = p + 1;
    if (*q == '-' || *q == '+') ++q;
    if (is_digit(*q)) {
      while (is_digit(*q)) ++q;
      p = q;
    }
  }
  char number[64];
  const size_t length = (size_t)(p - text);
  if (length >= sizeof number) return "has too many digits";
  memcpy(number, text, length);
  number[length] = '\0';
  *out = strtod(number, NULL);
  if (!isfinite(*out)) return too_large;
  *rest = skip_space(p);
  return NULL;
}

const char *art_quantity_speed(const char *text, double *mps)
{
  const char *rest;
  double value;
  const char *problem = read_real(text, &value, &rest);
  if (problem) return problem == not_a_number ? not_a_speed : problem;
  if (*rest == '\0' || strcmp(rest, "m/s") == 0)
    *mps = value;
  else if (strcmp(rest, "km/h") == 0)
    *mps = value / 3.6;
  else if (strcmp(rest, "mph") == 0)
    *mps = value * 0.44704;  // international mile, exact
  else
    return "does not have a unit of speed; units are m/s, km/h, mph";
  return NULL;
}

const char *art_quantity_real(const char *text, double *out)
{
  const char *rest;
  double value;
  const char *problem = read_real(text, &value, &rest);
  if (problem) return problem;
  if (*rest == '\0')
    *out = value;
  else if (strcmp(rest, "%") == 0)
    *out = value / 100;
  else
    return "is not a plain number";
  return NULL;
}

const char *art_quantity_integer(const char *text, int64_t *out)
{
  const char *at = text;
  int decimals;
  for (const char *p = text + (*text == '-' || *text == '+'); *p; ++p)
    if (!is_digit(*p)) return "is not a whole number";
  if (!read_decimal(&at, out, &decimals) || *at)
    return strlen(text) > 17 ? too_large : "is not a whole number";
  return NULL;
}

const char *art_quantity_seed(const char *text, uint64_t *out)
{
  static const char expected[] = "is not a seed; seeds are whole numbers from 0 to 18446744073709551615";
  uint64_t value = 0;
  if (!*text) return expected;
  for (const char *p = text; *p; ++p) {
    const unsigned digit = (unsigned)(*p - '0');
    if (!is_digit(*p) || value > (UINT64_MAX - digit) / 10) return expected;
    value = 10 * value + digit;
  }
  *out = value;
  return NULL;
}

const char *art_quantity_bool(const char *text, int *out)
{
  static const char *const words[2][9] = {
    { "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF" },
    { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON" }
  };
  for (int value = 0; value < 2; ++value)
    for (int i = 0; i < 9; ++i)
      if (strcmp(text, words[value][i]) == 0) {
        *out = value;
        return NULL;
      }
  return "is neither true nor false";
}

const char *art_quantity_date(const char *text)
{
  static const char expected[] = "is not a date; write 2024-02-13 (year, month, day)";
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  if (strlen(text) != 10) return expected;
  for (int i = 0; i < 10; ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : !is_digit(text[i])) return expected;
  const int year = atoi(text), month = atoi(text + 5), day = atoi(text + 8);
  if (month < 1 || month > 12) return "is not a date: months go from 01 to 12";
  const int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (year < 1900 || year > 2200) return "is not a date from 1900 to 2200";
  if (day < 1 || day > days[month - 1] + leap) return "is a day that this month does not have";
  return NULL;
}

void art_quantity_print_duration(art_tick value_ms, char text[ART_QUANTITY_TEXT])
{
  const char *sign = value_ms < 0 ? "-" : "";
  const uint64_t size = value_ms < 0 ? 0u - (uint64_t)value_ms : (uint64_t)value_ms;
  char fraction[8] = "";
  if (size % 1000) {
    snprintf(fraction, sizeof fraction, ".%03d", (int)(size % 1000));
    for (size_t end = 3; fraction[end] == '0'; --end) fraction[end] = '\0';
  }
  snprintf(text, ART_QUANTITY_TEXT, "%s%" PRIu64 "%s s", sign, size / 1000, fraction);
}

void art_quantity_print_clock(art_tick value_ms, char text[ART_QUANTITY_TEXT])
{
  if (value_ms <= 0 || value_ms % 1000 || value_ms >= INT64_C(99999) * 3600000) {
    art_quantity_print_duration(value_ms, text);
    return;
  }
  const int64_t s = value_ms / 1000;
  snprintf(text, ART_QUANTITY_TEXT, "%02" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
}

void art_quantity_print_pretty(art_tick value_ms, char text[ART_QUANTITY_TEXT])
{
  static const struct {
    const char *name;
    int64_t ms;
  } units[] = { { "d", 86400000 }, { "h", 3600000 }, { "min", 60000 }, { "s", 1000 }, { "ms", 1 } };
  if (value_ms == 0) {
    snprintf(text, ART_QUANTITY_TEXT, "0 s");
    return;
  }
  size_t i = value_ms % units[0].ms == 0 && llabs(value_ms) < 2 * units[0].ms ? 1 : 0;  // "24 h", not "1 d"
  while (value_ms % units[i].ms) ++i;
  snprintf(text, ART_QUANTITY_TEXT, "%" PRId64 " %s", value_ms / units[i].ms, units[i].name);
}

void art_quantity_print_float(float value, char text[ART_QUANTITY_TEXT])
{
  for (int precision = 6; precision <= 9; ++precision) {
    snprintf(text, ART_QUANTITY_TEXT, "%.*g", precision, (double)value);
    if ((float)strtod(text, NULL) == value) return;
  }
}

void art_quantity_print_double(double value, char text[ART_QUANTITY_TEXT])
{
  for (int precision = 6; precision <= 17; ++precision) {
    snprintf(text, ART_QUANTITY_TEXT, "%.*g", precision, value);
    if (strtod(text, NULL) == value) return;
  }
}
