// Feeds of a few stations with edits that a buffer chooses (edit_h5.h). Oracle: a feed is refused with a message that names the
// file, or passes the check of feeds and is written and read as it is; `info` tells of it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/feed.h"
#include "scenarios/cli/describe.h"
#include "tests/fuzz/edit_h5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static h5_sample sample;
static char again_path[80];

static void remove_files(void)
{
  h5_sample_clear(&sample);
  unlink(again_path);
}

static void start(void)
{
  enum { STATIONS = 3, OBSERVATIONS = 6 };
  static const char *const names[STATIONS] = { "s0", "s1", "s2" }, *const links[STATIONS] = { "a", "b", "" };
  art_feed *f = art_feed_new();
  f->timezone = art_strdup("Europe/Rome");
  f->station_count = STATIONS;
  f->station_id = ART_NEW(char *, STATIONS);
  f->station_link = ART_NEW(char *, STATIONS);
  f->station_source = ART_NEW(char *, STATIONS);
  f->station_exclude = ART_NEW(char *, STATIONS);
  f->station_kind = ART_NEW(uint8_t, STATIONS);
  f->station_rank = ART_NEW(int32_t, STATIONS);
  f->station_distance_m = ART_NEW(float, STATIONS);
  f->station_lanes = ART_NEW(int32_t, STATIONS);
  for (int i = 0; i < STATIONS; ++i) {
    f->station_id[i] = art_strdup(names[i]);
    f->station_link[i] = art_strdup(links[i]);
    f->station_source[i] = art_strdup("nearest");
    f->station_exclude[i] = art_strdup(i == 1 ? "broken" : "");
  }
  f->observation_count = OBSERVATIONS;
  f->observation_station = ART_NEW(int32_t, OBSERVATIONS);
  f->observation_date = ART_NEW(int32_t, OBSERVATIONS);
  f->observation_begin_s = ART_NEW(int32_t, OBSERVATIONS);
  f->observation_length_s = ART_NEW(int32_t, OBSERVATIONS);
  f->observation_flow_vph = ART_NEW(float, OBSERVATIONS);
  f->observation_quality = ART_NEW(float, OBSERVATIONS);
  for (int i = 0; i < OBSERVATIONS; ++i) {
    f->observation_station[i] = i / 2;
    f->observation_date[i] = 19000;
    f->observation_begin_s[i] = 28800 + 900 * (i % 2);
    f->observation_length_s[i] = 900;
    f->observation_flow_vph[i] = 120.0f;
    f->observation_quality[i] = 1.0f;
  }
  art_error err = { 0 };
  const art_feed_source source = { "counts.csv", "00" };
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  h5_sample_name(&sample);
  if (art_feed_write(sample.path, f, "fuzz", 1, &source, 1, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  art_feed_free(f);
  h5_sample_take(&sample);
  snprintf(again_path, sizeof again_path, "%s.again", sample.path);
  atexit(remove_files);
}

static int is_same(const art_feed *a, const art_feed *b)
{
  if (a->station_count != b->station_count || a->observation_count != b->observation_count) return 0;
  for (int32_t i = 0; i < a->station_count; ++i)
    if (strcmp(a->station_id[i], b->station_id[i]) != 0 ||
        strcmp(a->station_link[i], b->station_link[i]) != 0)
      return 0;
  const size_t n = (size_t)a->observation_count;
  return n == 0 ||
         (memcmp(a->observation_flow_vph, b->observation_flow_vph, n * sizeof *a->observation_flow_vph) ==
              0 &&
          memcmp(a->observation_begin_s, b->observation_begin_s, n * sizeof *a->observation_begin_s) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!sample.bytes) start();
  if (size < H5_EDIT_BYTES) return 0;
  h5_sample_write(&sample, data, size);
  art_feed *feed = NULL, *again = NULL;
  json_t *told = NULL;
  art_error err = { 0 };
  const art_status status = art_feed_read(sample.path, &feed, &err);
  if (status == ART_OK ? !feed : feed || status == ART_E_INTERNAL || !strstr(err.message, sample.path)) {
    fprintf(stderr, "status %d, \"%s\"\n", (int)status, err.message);
    abort();
  }
  if (feed) {
    if (art_feed_check(feed, &err) != ART_OK ||
        art_feed_write(again_path, feed, "fuzz", 0, NULL, 1, &err) != ART_OK ||
        art_feed_read(again_path, &again, &err) != ART_OK || !is_same(feed, again)) {
      fprintf(stderr, "%s\n", err.message);
      abort();
    }
    if (art_describe(sample.path, &told, &err) != ART_OK && !err.message[0]) abort();
    json_decref(told);
  }
  art_feed_free(feed);
  art_feed_free(again);
  return 0;
}
