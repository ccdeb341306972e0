// Conditions: "Mo-Fr 07:00-09:00,16:00-18:00", "weight>7.5", "wet", joined by AND, alternatives by OR or ';'.
#include "io/osm/condition.h"

#include <string.h>
#include <strings.h>

#include "io/osm/tags_internal.h"

typedef struct cursor {
  const char *at, *end;
} cursor;

static void skip_blanks(cursor *c)
{
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) ++c->at;
}

static int take(cursor *c, const char *text)
{
  const size_t length = strlen(text);
  if ((size_t)(c->end - c->at) < length || strncasecmp(c->at, text, length) != 0) return 0;
  c->at += length;
  return 1;
}

/// One day: 0 Monday .. 6 Sunday, 7 public holiday, 8 school holiday; -1 if there is none. "Mon" and "Monday"
/// are not of the notation, but they are written.
static int take_day(cursor *c)
{
  static const char *const names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday" };
  size_t run = 0;
  while (c->at + run < c->end && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", c->at[run]) &&
         c->at[run])
    ++run;
  for (int i = 0; i < 7; ++i) {
    if (run != 2 && run != 3 && run != strlen(names[i])) continue;
    if (strncasecmp(c->at, names[i], run) != 0) continue;
    c->at += run;
    return i;
  }
  if (run == 2 && take(c, "PH")) return 7;
  if (run == 2 && take(c, "SH")) return 8;
  return -1;
}

/// "Mo-Fr,Su,PH" as a mask; 0 if there is none.
static unsigned take_days(cursor *c)
{
  unsigned mask = 0;
  for (;;) {
    cursor probe = *c;
    skip_blanks(&probe);
    const int from = take_day(&probe);
    if (from < 0) return mask;
    int to = from;
    cursor range = probe;
    skip_blanks(&range);
    if (from < 7 && take(&range, "-")) {
      skip_blanks(&range);
      to = take_day(&range);
      if (to < 0 || to > 6) return mask;
      probe = range;
    }
    if (from == 7)
      mask |= ART_OSM_PUBLIC_HOLIDAY;
    else if (from < 7)
      for (int day = from;; day = (day + 1) % 7) {
        mask |= 1u << day;
        if (day == to) break;
      }
    *c = probe;
    skip_blanks(&probe);
    if (!take(&probe, ",")) return mask;
    *c = probe;
  }
}

/// "07:30", "7:30", "24:00", "26:00"; -1 if there is none.
static int take_time(cursor *c)
{
  cursor probe = *c;
  int hour = 0, minute = 0, digits = 0;
  for (; probe.at < probe.end && *probe.at >= '0' && *probe.at <= '9' && digits < 2; ++probe.at, ++digits)
    hour = 10 * hour + (*probe.at - '0');
  if (!digits || !(take(&probe, ":") || take(&probe, "."))) return -1;
  for (digits = 0; probe.at < probe.end && *probe.at >= '0' && *probe.at <= '9' && digits < 2;
       ++probe.at, ++digits)
    minute = 10 * minute + (*probe.at - '0');
  if (digits != 2 || hour > 48 || minute > 59) return -1;
  *c = probe;
  return 60 * hour + minute;
}

static int add_window(art_osm_condition *out, unsigned days, int begin, int end)
{
  if (out->window_count == ART_OSM_MAX_WINDOWS) return 0;
  if (end <= begin) end += ART_OSM_MINUTES_OF_DAY;
  if (begin >= ART_OSM_MINUTES_OF_DAY || end > 2 * ART_OSM_MINUTES_OF_DAY) return 0;
  out->window[out->window_count++] = (art_osm_window){ (uint8_t)days, (uint16_t)begin, (uint16_t)end };
  return 1;
}

/// "Mo-Fr 07:00-09:00,16:00-18:00", "Sa,Su", "22:00-06:00", "24/7", "Mo-Fr 7:00-9:00, Sa 8:00-12:00".
static int parse_hours(cursor *c, art_osm_condition *out)
{
  int found = 0;
  for (;;) {
    skip_blanks(c);
    if (c->at == c->end) return found;
    if (found) {
      if (!take(c, ",") && !take(c, ";")) return 0;
      skip_blanks(c);
      if (c->at == c->end) return found;
    }
    if (take(c, "24/7")) {
      if (!add_window(out, ART_OSM_ALL_DAYS | ART_OSM_PUBLIC_HOLIDAY, 0, ART_OSM_MINUTES_OF_DAY)) return 0;
      found = 1;
      continue;
    }
    const unsigned days = take_days(c);
    skip_blanks(c);
    take(c, ":");
    skip_blanks(c);
    int times = 0;
    for (;;) {
      cursor probe = *c;
      const int begin = take_time(&probe);
      if (begin < 0) break;
      skip_blanks(&probe);
      if (!take(&probe, "-") && !take(&probe, "\xe2\x80\x93")) return 0;
      skip_blanks(&probe);
      const int end = take_time(&probe);
      if (end < 0 || !add_window(out, days ? days : ART_OSM_ALL_DAYS | ART_OSM_PUBLIC_HOLIDAY, begin, end))
        return 0;
      *c = probe;
      ++times;
      skip_blanks(&probe);
      if (!take(&probe, ",")) break;
      skip_blanks(&probe);
      cursor ahead = probe;
      if (take_time(&ahead) < 0) break;
      *c = probe;
    }
    if (!times && !days) return 0;
    if (!times && !add_window(out, days, 0, ART_OSM_MINUTES_OF_DAY)) return 0;
    found = 1;
  }
}

/// "weight>7.5", "length >= 12 m", "height>3.8".
static int parse_limit(cursor *c, art_osm_condition *out)
{
  static const struct {
    const char *word;
    int is_weight;
    size_t above, below;  ///< where the limits stand; 0: none
  } limits[] = {
    { "weightrating", 1, offsetof(art_osm_condition, min_weight_t),
      offsetof(art_osm_condition, max_weight_t) },
    { "maxweightrating", 1, offsetof(art_osm_condition, min_weight_t),
      offsetof(art_osm_condition, max_weight_t) },
    { "weight", 1, offsetof(art_osm_condition, min_weight_t), offsetof(art_osm_condition, max_weight_t) },
    { "length", 0, offsetof(art_osm_condition, min_length_m), offsetof(art_osm_condition, max_length_m) },
    { "height", 0, offsetof(art_osm_condition, min_height_m), 0 },
    { "width", 0, offsetof(art_osm_condition, min_width_m), 0 },
  };
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; ++i) {
    cursor probe = *c;
    if (!take(&probe, limits[i].word)) continue;
    skip_blanks(&probe);
    const int is_above = take(&probe, ">");
    if (!is_above && !take(&probe, "<")) continue;
    take(&probe, "=");
    const size_t length = (size_t)(probe.end - probe.at);
    const float value =
        limits[i].is_weight ? art_osm_weight(probe.at, length) : art_osm_length(probe.at, length);
    const size_t where = is_above ? limits[i].above : limits[i].below;
    if (value <= 0.0f || !where) return 0;
    *(float *)((char *)out + where) = value;
    c->at = c->end;
    return 1;
  }
  return 0;
}

/// One part between ANDs.
static int parse_part(cursor c, art_osm_condition *out)
{
  static const char *const weather[] = { "wet", "snow", "winter", "ice", "fog", "rain" };
  static const char *const permits[] = { "destination", "delivery",  "residents",
                                         "permit",      "customers", "loading" };
  while (c.end > c.at && (c.end[-1] == ' ' || c.end[-1] == ')')) --c.end;
  while (c.at < c.end && (*c.at == ' ' || *c.at == '(')) ++c.at;
  if (c.at == c.end) return 0;
  const art_osm_piece piece = { c.at, (size_t)(c.end - c.at) };
  for (size_t i = 0; i < sizeof weather / sizeof weather[0]; ++i)
    if (art_osm_is_piece(piece, weather[i])) return out->needs_weather = 1;
  for (size_t i = 0; i < sizeof permits / sizeof permits[0]; ++i)
    if (art_osm_is_piece(piece, permits[i])) return out->is_by_permission = 1;
  if (parse_limit(&c, out)) return 1;
  return parse_hours(&c, out);
}

int art_osm_condition_parse(const char *text, size_t length, art_osm_condition *out)
{
  *out = (art_osm_condition){ 0 };
  cursor c = { text, text + length };
  int hour_parts = 0;
  out->is_understood = 1;
  while (c.at <= c.end && out->is_understood) {
    // The next AND stands between blanks.
    const char *stop = c.at;
    while (stop < c.end && !(c.end - stop >= 5 && strncasecmp(stop, " and ", 5) == 0)) ++stop;
    const int32_t windows = out->window_count;
    if (!parse_part((cursor){ c.at, stop }, out)) out->is_understood = 0;
    // Windows are alternatives; two lists of them that must both hold are more than is kept.
    if (out->window_count > windows && ++hour_parts > 1) out->is_understood = 0;
    if (stop == c.end) break;
    c.at = stop + 5;
  }
  return out->is_understood;
}

static int is_in_windows(const art_osm_condition *c, int day, int minute)
{
  if (!c->window_count) return 1;
  if (day < 0) return 0;
  const int yesterday = day == 7 ? 6 : (day + 6) % 7;
  for (int32_t i = 0; i < c->window_count; ++i) {
    const art_osm_window *w = &c->window[i];
    if (((w->days >> day) & 1) && minute >= w->begin_min && minute < w->end_min) return 1;
    if (((w->days >> yesterday) & 1) && minute + ART_OSM_MINUTES_OF_DAY < w->end_min) return 1;
  }
  return 0;
}

int art_osm_condition_holds(const art_osm_condition *c, const art_osm_moment *m)
{
  if (!c->is_understood || c->needs_weather || c->is_by_permission) return 0;
  if (c->min_weight_t > 0.0f && !(m->weight_t > c->min_weight_t)) return 0;
  if (c->max_weight_t > 0.0f && !(m->weight_t < c->max_weight_t)) return 0;
  if (c->min_length_m > 0.0f && !(m->length_m > c->min_length_m)) return 0;
  if (c->max_length_m > 0.0f && !(m->length_m < c->max_length_m)) return 0;
  if (c->min_height_m > 0.0f && !(m->height_m > c->min_height_m)) return 0;
  if (c->min_width_m > 0.0f && !(m->width_m > c->min_width_m)) return 0;
  return is_in_windows(c, m->day, m->minute);
}

int art_osm_condition_next(const char **at, art_osm_piece *value, art_osm_piece *condition)
{
  const char *p = *at;
  if (!p) return 0;
  while (*p == ' ' || *p == ';') ++p;
  if (!*p) return 0;
  const char *sign = NULL, *end = p;
  // A clause ends at ';' outside parentheses. Without parentheses around the condition, a ';' can only end it.
  for (int depth = 0; *end; ++end) {
    if (*end == '@' && !sign) sign = end;
    if (*end == '(') ++depth;
    if (*end == ')' && depth) --depth;
    if (*end == ';' && !depth) break;
  }
  *at = *end ? end + 1 : NULL;
  const char *value_end = sign ? sign : end, *from = sign ? sign + 1 : end;
  while (value_end > p && value_end[-1] == ' ') --value_end;
  while (end > from && end[-1] == ' ') --end;
  while (from < end && *from == ' ') ++from;
  if (end - from >= 2 && *from == '(' && end[-1] == ')') ++from, --end;
  *value = (art_osm_piece){ p, (size_t)(value_end - p) };
  *condition = (art_osm_piece){ from, (size_t)(end - from) };
  return 1;
}
