// The time axis: midnight of the scenario's date in its time zone.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/results/results.h"

static int days_of_month(int year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

static int parse_date(const char *text, int *year, int *month, int *day)
{
  int used = 0;
  return sscanf(text, "%4d-%2d-%2d%n", year, month, day, &used) == 3 && text[used] == '\0' &&
         strlen(text) == 10 && *year >= 1900 && *month >= 1 && *month <= 12 && *day >= 1 &&
         *day <= days_of_month(*year, *month);
}

/// "+01:00" or "-0330": minutes east of Greenwich. 0 if it is not of this form.
static int parse_offset(const char *text, int *minutes)
{
  if (text[0] != '+' && text[0] != '-') return 0;
  int hours = 0, rest = 0, used = 0;
  if ((sscanf(text + 1, "%2d:%2d%n", &hours, &rest, &used) != 2 || text[1 + used]) &&
      (used = 0, sscanf(text + 1, "%2d%2d%n", &hours, &rest, &used) != 2 || text[1 + used]))
    return 0;
  if (hours < 0 || hours > 15 || rest < 0 || rest > 59) return 0;
  *minutes = (hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
  return 1;
}

/// Names are taken only if the tz database has them: the C library reads unknown ones as UTC without a word.
static int zone_exists(const char *name)
{
  const char *dir = getenv("TZDIR");
  if (!name[0] || name[0] == '/' || strstr(name, "..")) return 0;
  for (const char *p = name; *p; ++p)
    if (!isalnum((unsigned char)*p) && !strchr("/_+-", *p)) return 0;
  char path[512];
  snprintf(path, sizeof path, "%s/%s", dir && dir[0] ? dir : "/usr/share/zoneinfo", name);
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  char magic[4] = "";
  const int is_zone = fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0;
  fclose(file);
  return is_zone;
}

/// Offset of a zone at a local clock time, in minutes east of Greenwich. Sets and restores TZ.
static int zone_offset(const char *zone, struct tm local)
{
  char *before = art_strdup(getenv("TZ"));
  setenv("TZ", zone, 1);
  tzset();
  local.tm_isdst = -1;
  const time_t at = mktime(&local);
  struct tm there;
  localtime_r(&at, &there);
  const long seconds = there.tm_gmtoff;
  if (before)
    setenv("TZ", before, 1);
  else
    unsetenv("TZ");
  tzset();
  free(before);
  return (int)(seconds / 60);
}

art_status art_time_units(const char *date, const char *timezone, art_tick begin_ms, char *text, int size,
                          art_error *err)
{
  int year = 1970, month = 1, day = 1, minutes = 0;
  if (date && !parse_date(date, &year, &month, &day))
    return art_fail(err, ART_E_INPUT, "date '%s' is not a day of the form 2024-02-13", date);
  if (timezone && !parse_offset(timezone, &minutes) && strcmp(timezone, "UTC") != 0) {
    if (!zone_exists(timezone))
      return art_fail(err, ART_E_INPUT,
                      "time zone '%s' is unknown; expected a name of the tz database such as Europe/Rome "
                      "(package tzdata), "
                      "UTC, or an offset such as +01:00",
                      timezone);
    const int64_t seconds = begin_ms / 1000;
    const struct tm begin = { .tm_year = year - 1900,
                              .tm_mon = month - 1,
                              .tm_mday = day + (int)(seconds / 86400),
                              .tm_hour = (int)(seconds % 86400 / 3600),
                              .tm_min = (int)(seconds % 3600 / 60),
                              .tm_sec = (int)(seconds % 60) };
    if (date) minutes = zone_offset(timezone, begin);
  }
  if (!date) minutes = 0;  // without a date there is no instant to be right about
  snprintf(text, (size_t)size, "seconds since %04d-%02d-%02dT00:00:00%c%02d:%02d", year, month, day,
           minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
  return ART_OK;
}
