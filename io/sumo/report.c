#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/sumo/import.h"
#include "io/sumo/report_internal.h"

enum { EXAMPLES_PER_REASON = 10, NAMES_KEPT = 1000 };

/// Adds one to a row and returns the new count. Rows are few: linear search.
static int64_t add(art_import_tally *tally, const char *name)
{
  for (int32_t i = 0; i < tally->count; ++i)
    if (strcmp(tally->name[i], name) == 0) return ++tally->times[i];
  if (tally->count == NAMES_KEPT - 1) name = "(others)";
  if (tally->count == NAMES_KEPT) return ++tally->times[NAMES_KEPT - 1];
  if (tally->count == tally->capacity) {
    tally->capacity = tally->capacity ? 2 * tally->capacity : 16;
    tally->name = art_renew(tally->name, (size_t)tally->capacity, sizeof *tally->name);
    tally->times = art_renew(tally->times, (size_t)tally->capacity, sizeof *tally->times);
  }
  tally->name[tally->count] = art_strdup(name);
  tally->times[tally->count++] = 1;
  return 1;
}

void art_tally(art_import_tally *tally, const char *format, ...)
{
  char name[300];
  va_list args;
  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  add(tally, name);
}

void art_reject(art_import_report *report, const char *file, int line, const char *what, const char *id,
                const char *reason, const char *detail)
{
  char name[300];
  snprintf(name, sizeof name, "%.40s: %.250s", what, reason);
  if (add(&report->rejected, name) > EXAMPLES_PER_REASON) return;
  char text[900];
  snprintf(text, sizeof text, "%.300s:%d: %s \"%.120s\": %.150s%s%.200s", file, line, what, id, reason,
           *detail ? ": " : "", detail);
  ART_PUSH(report->example, report->example_count, report->example_capacity, art_strdup(text));
}

void art_tally_clear(art_import_tally *tally)
{
  for (int32_t i = 0; i < tally->count; ++i) free(tally->name[i]);
  free(tally->name);
  free(tally->times);
  *tally = (art_import_tally){ 0 };
}

void art_import_report_clear(art_import_report *report)
{
  art_tally_clear(&report->skipped_elements);
  art_tally_clear(&report->skipped_attributes);
  art_tally_clear(&report->notes);
  art_tally_clear(&report->rejected);
  for (int32_t i = 0; i < report->example_count; ++i) free(report->example[i]);
  free(report->example);
  *report = (art_import_report){ 0 };
}

static int64_t total(const art_import_tally *tally)
{
  int64_t sum = 0;
  for (int32_t i = 0; i < tally->count; ++i) sum += tally->times[i];
  return sum;
}

/// "name 3, other 5", on one line.
static void print_tally_line(const char *title, const art_import_tally *tally, FILE *file)
{
  if (!tally->count) return;
  fprintf(file, "%s: %" PRId64 " (", title, total(tally));
  for (int32_t i = 0; i < tally->count; ++i)
    fprintf(file, "%s%s %" PRId64, i ? ", " : "", tally->name[i], tally->times[i]);
  fprintf(file, ")\n");
}

void art_import_report_print(const art_import_report *r, FILE *file)
{
  fprintf(file, "network: %" PRId64 " nodes, %" PRId64 " links, %" PRId64 " lanes, %" PRId64 " connectors\n",
          r->nodes, r->links, r->lanes, r->connectors);
  fprintf(file,
          "conflicts: %" PRId64 " crossings, %" PRId64 " merges, %" PRId64 " diverges, %" PRId64
          " holding points\n",
          r->crossings, r->merges, r->diverges, r->holding_points);
  if (r->foot_crossings) fprintf(file, "pedestrian crossings: %" PRId64 "\n", r->foot_crossings);
  if (r->foes_not_meeting || r->meeting_not_foes)
    fprintf(file,
            "right of way against geometry: %" PRId64 " foes that do not meet (no conflict), %" PRId64
            " that meet but are no foes (kept)\n",
            r->foes_not_meeting, r->meeting_not_foes);
  if (r->lanes_without_exit) fprintf(file, "lanes without a way out: %" PRId64 "\n", r->lanes_without_exit);
  fprintf(file, "signals: %" PRId64 " with %" PRId64 " programs\n", r->signals, r->programs);
  fprintf(file, "bus stops: %" PRId64 "\n", r->stops);
  fprintf(file, "detectors: %" PRId64 " points, %" PRId64 " areas, %" PRId64 " entry-exit\n",
          r->point_detectors, r->area_detectors, r->entry_exit_detectors);
  if (r->types || r->trips)
    fprintf(file,
            "demand: %" PRId64 " trips, %" PRId64 " routes, %" PRId64 " types, %" PRId64 " stops to serve\n",
            r->trips, r->routes, r->types, r->trip_stops);
  print_tally_line("skipped elements", &r->skipped_elements, file);
  print_tally_line("skipped attributes", &r->skipped_attributes, file);
  for (int32_t i = 0; i < r->notes.count; ++i)
    fprintf(file, "note: %s: %" PRId64 "\n", r->notes.name[i], r->notes.times[i]);
  for (int32_t i = 0; i < r->rejected.count; ++i)
    fprintf(file, "rejected: %s: %" PRId64 "\n", r->rejected.name[i], r->rejected.times[i]);
  for (int32_t i = 0; i < r->example_count; ++i) fprintf(file, "  %s\n", r->example[i]);
}
