#include "io/feed/feed.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

enum { FIRST_YEAR = 1900, LAST_YEAR = 2199 };  // of dates

art_feed *art_feed_new(void)
{
  return ART_NEW(art_feed, 1);
}

static void free_texts(char **texts, int32_t count)
{
  for (int32_t i = 0; texts && i < count; ++i) free(texts[i]);
  free(texts);
}

void art_feed_free(art_feed *feed)
{
  if (!feed) return;
  free(feed->timezone);
  free_texts(feed->station_id, feed->station_count);
  free_texts(feed->station_link, feed->station_count);
  free_texts(feed->station_source, feed->station_count);
  free_texts(feed->station_exclude, feed->station_count);
  free(feed->station_kind);
  free(feed->station_rank);
  free(feed->station_distance_m);
  free(feed->station_lanes);
  free(feed->observation_station);
  free(feed->observation_date);
  free(feed->observation_begin_s);
  free(feed->observation_length_s);
  free(feed->observation_flow_vph);
  free(feed->observation_quality);
  free(feed);
}

static int is_leap(int year)
{
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  return days[month - 1] + (month == 2 && is_leap(year));
}

/// Days from 1970-01-01 to 1 January of a year.
static int32_t days_before_year(int year)
{
  const int32_t y = year - 1;
  return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static art_status check_stations(const art_feed *feed, art_error *err)
{
  art_status status = ART_OK;
  art_idmap *ids = art_idmap_new();
  for (int32_t s = 0; s < feed->station_count && status == ART_OK; ++s) {
    const char *id = feed->station_id[s];
    if (!id[0] || art_idmap_put(ids, id) != s)
      status = art_fail(err, ART_E_INPUT, "station %" PRId32 " has the id '%s', which is %s", s, id,
                        id[0] ? "not unique" : "empty");
    else if (feed->station_kind[s] >= ART_STATION_KIND_COUNT)
      status = art_fail(err, ART_E_INPUT, "station '%s': kind %d, expected 0 to %d", id,
                        feed->station_kind[s], ART_STATION_KIND_COUNT - 1);
    else if (feed->station_rank[s] < 0 || feed->station_lanes[s] < 0)
      status = art_fail(err, ART_E_INPUT,
                        "station '%s': rank %" PRId32 " and lanes %" PRId32 ", expected 0 or more", id,
                        feed->station_rank[s], feed->station_lanes[s]);
  }
  art_idmap_free(ids);
  return status;
}

/// -1, 0, 1 by (station, date, begin).
static int compare_rows(const art_feed *f, int64_t a, int64_t b)
{
  if (f->observation_station[a] != f->observation_station[b])
    return f->observation_station[a] < f->observation_station[b] ? -1 : 1;
  if (f->observation_date[a] != f->observation_date[b])
    return f->observation_date[a] < f->observation_date[b] ? -1 : 1;
  if (f->observation_begin_s[a] != f->observation_begin_s[b])
    return f->observation_begin_s[a] < f->observation_begin_s[b] ? -1 : 1;
  return 0;
}

art_status art_feed_check(const art_feed *feed, art_error *err)
{
  const art_status status = check_stations(feed, err);
  if (status != ART_OK) return status;
  const int32_t first_day = days_before_year(FIRST_YEAR), last_day = days_before_year(LAST_YEAR + 1) - 1;
  for (int64_t k = 0; k < feed->observation_count; ++k) {
    const int32_t s = feed->observation_station[k];
    if (s < 0 || s >= feed->station_count)
      return art_fail(err, ART_E_INPUT,
                      "observation %" PRId64 ": station %" PRId32 ", expected 0 to %" PRId32, k, s,
                      feed->station_count - 1);
    const int32_t date = feed->observation_date[k];
    if (date < first_day || date > last_day)
      return art_fail(err, ART_E_INPUT,
                      "observation %" PRId64 " of station '%s': date %" PRId32 ", expected %" PRId32
                      " to %" PRId32 " days since 1970-01-01",
                      k, feed->station_id[s], date, first_day, last_day);
    const int32_t begin = feed->observation_begin_s[k], length = feed->observation_length_s[k];
    if (begin < 0 || begin >= 90000 || length <= 0 || length > 86400)  // 25 hours: days with a clock change
      return art_fail(err, ART_E_INPUT,
                      "observation %" PRId64 " of station '%s': begins at %" PRId32 " s and lasts %" PRId32
                      " s, expected 0 to 90000 and 1 to 86400",
                      k, feed->station_id[s], begin, length);
    const float flow = feed->observation_flow_vph[k], quality = feed->observation_quality[k];
    if (!(flow >= 0.0f && flow <= 1e6f) || !(quality >= 0.0f && quality <= 1.0f))
      return art_fail(err, ART_E_INPUT,
                      "observation %" PRId64
                      " of station '%s': flow %g veh/h and quality %g, expected 0 to 1e6 and 0 to 1",
                      k, feed->station_id[s], (double)flow, (double)quality);
    if (k > 0 && compare_rows(feed, k - 1, k) >= 0)
      return art_fail(err, ART_E_INPUT,
                      "observation %" PRId64
                      " of station '%s': expected ascending order by station, date and time",
                      k, feed->station_id[s]);
  }
  return ART_OK;
}

int art_date_parse(const char *text, int32_t *days)
{
  if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return 0;
  for (int i = 0; i < 10; ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return 0;
  }
  const int year = atoi(text), month = atoi(text + 5), day = atoi(text + 8);
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
      day > days_of_month(year, month))
    return 0;
  int32_t count = days_before_year(year) + day - 1;
  for (int m = 1; m < month; ++m) count += days_of_month(year, m);
  *days = count;
  return 1;
}

void art_date_print(int32_t days, char text[16])
{
  int year = 1970 + (int)floor((double)days / 365.2425);
  while (days_before_year(year) > days) --year;
  while (days_before_year(year + 1) <= days) ++year;
  int rest = days - days_before_year(year), month = 1;
  for (; rest >= days_of_month(year, month); ++month) rest -= days_of_month(year, month);
  snprintf(text, 16, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u,
           (unsigned)(rest + 1) % 100u);
}

int art_date_weekday(int32_t days)
{
  const int day = (int)((days + 3) % 7);  // 1970-01-01 was a Thursday
  return day < 0 ? day + 7 : day;
}
