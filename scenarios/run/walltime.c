#include "scenarios/run/walltime.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/config/quantity.h"

/// "1-12:00:00" has a day before the clock.
static const char *read_duration(const char *text, double *seconds)
{
  art_tick value_ms = 0;
  int64_t days = 0;
  const char *dash = strchr(text, '-');
  if (dash && dash != text && strspn(text, "0123456789") == (size_t)(dash - text) && dash - text < 6) {
    days = strtol(text, NULL, 10);
    text = dash + 1;
  }
  const char *problem = art_quantity_time(text, &value_ms);
  if (!problem && value_ms <= 0 && days == 0) problem = "leaves no time";
  *seconds = (double)value_ms / 1000.0 + 86400.0 * (double)days;
  return problem;
}

static art_status left_by_system(double since_start_s, double *left_s, art_error *err)
{
  const char *end = getenv("SLURM_JOB_END_TIME"), *length = getenv("PBS_WALLTIME");
  if (end && *end) {
    char *rest = NULL;
    const double at_s = strtod(end, &rest);
    struct timespec now;
    if (*rest != '\0' || !(at_s > 0.0))
      return art_fail(err, ART_E_INPUT, "SLURM_JOB_END_TIME is '%.60s', expected seconds since 1970", end);
    clock_gettime(CLOCK_REALTIME, &now);
    *left_s = at_s - ((double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
  } else if (length && *length) {
    double seconds = 0.0;
    const char *problem = read_duration(length, &seconds);
    if (problem) return art_fail(err, ART_E_INPUT, "PBS_WALLTIME is '%.60s', which %s", length, problem);
    *left_s = seconds - since_start_s;
  }
  return ART_OK;
}

art_status art_walltime_left(const char *text, double since_start_s, double *left_s, art_error *err)
{
  *left_s = INFINITY;
  if (!text) return ART_OK;
  if (strcmp(text, "auto") == 0) return left_by_system(since_start_s, left_s, err);
  double seconds = 0.0;
  const char *problem = read_duration(text, &seconds);
  if (problem)
    return art_fail(err, ART_E_USAGE, "--walltime: '%.60s' %s (accepted: HH:MM:SS, D-HH:MM:SS, 90 min, auto)", text,
                    problem);
  *left_s = seconds - since_start_s;
  return ART_OK;
}
