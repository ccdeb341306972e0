// City and demand files of a small network with edits that a buffer chooses (edit_h5.h). Oracle: a file is refused with a
// message that names it, or what comes out holds the network's own checks.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/network.h"
#include "io/city/city_file.h"
#include "io/city/demand_rows.h"
#include "io/sumo/import.h"
#include "tests/fuzz/edit_h5.h"
#include "tests/fuzz/little_net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char trips[] =
    "<routes><vType id='car' vClass='passenger'/><vType id='bus' vClass='bus' length='12'/>"
    "<route id='r' edges='a b'/><vehicle id='v0' type='car' route='r' depart='0'/>"
    "<vehicle id='v1' type='bus' route='r' depart='5'><stop lane='a_0' startPos='20' endPos='40' "
    "duration='10'/></vehicle>"
    "<vehicle id='v2' type='car' depart='9'><route edges='a c'/></vehicle></routes>";

enum { CITY, DEMAND, FILES };

static h5_sample samples[FILES];
static art_city *city;

static void remove_files(void)
{
  for (int i = 0; i < FILES; ++i) h5_sample_clear(&samples[i]);
  art_city_free(city);
}

static void start(void)
{
  const art_sumo_text text[2] = { { .name = "net.xml", .text = little_net, .size = sizeof little_net - 1 },
                                  { .name = "rou.xml", .text = trips, .size = sizeof trips - 1 } };
  art_import_report report = { 0 };
  art_demand *demand = NULL;
  art_error err = { 0 };
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  for (int i = 0; i < FILES; ++i) h5_sample_name(&samples[i]);
  if (art_sumo_import_texts(text, 2, NULL, 1000, &city, &demand, &report, &err) != ART_OK ||
      art_city_write(samples[CITY].path, city, "fuzz", 1, &err) != ART_OK ||
      art_demand_write(samples[DEMAND].path, demand, city->net, "fuzz", 0, NULL, 1, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  art_demand_free(demand);
  art_import_report_clear(&report);
  for (int i = 0; i < FILES; ++i) h5_sample_take(&samples[i]);
  atexit(remove_files);
}

static void judge(art_status status, const art_error *err, const char *path, const void *out)
{
  if (status == ART_OK ? !out : out || status == ART_E_INTERNAL || !strstr(err->message, path)) {
    fprintf(stderr, "status %d, \"%s\"\n", (int)status, err->message);
    abort();
  }
}

static void count_problem(void *context, const char *message)
{
  *(int64_t *)context += message[0] != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!city) start();
  if (size < 1 + H5_EDIT_BYTES) return 0;
  const int which = data[0] % FILES;
  const h5_sample *s = &samples[which];
  h5_sample_write(s, data + 1, size - 1);
  art_error err = { 0 };
  int64_t told = 0;
  if (which == CITY) {
    art_city *read = NULL;
    const art_status status = art_city_read(s->path, &read, &err);
    judge(status, &err, s->path, read);
    if (read && art_net_check(read->net, &err) != ART_OK) abort();
    const int64_t problems = art_city_problems(s->path, count_problem, &told);
    if (problems != told || (status == ART_OK) != (problems == 0)) abort();
    art_city_free(read);
    return 0;
  }
  art_demand *read = NULL;
  const art_status status = art_demand_read(s->path, city->net, &read, &err);
  judge(status, &err, s->path, read);
  art_demand_free(read);
  const int64_t problems = art_demand_problems(s->path, city->net, count_problem, &told);
  if (problems != told || (status == ART_OK) != (problems == 0)) abort();
  art_demand_summary summary = { 0 };
  if (art_demand_summarize(s->path, &summary, &err) == ART_OK) art_demand_summary_clear(&summary);
  art_demand_rows *rows = NULL;
  if (art_demand_rows_open(s->path, city->net, &rows, &err) == ART_OK) {
    const int32_t trips_there = art_demand_rows_count(rows);
    art_demand *part = NULL;
    if (art_demand_rows_read(rows, 0, trips_there < 2 ? trips_there : 2, &part, &err) == ART_OK)
      art_demand_free(part);
  }
  art_demand_rows_close(rows);
  int64_t outside[2];
  art_demand *between = NULL;
  if (art_demand_read_between(s->path, city->net, 1000, 600000, &between, outside, &err) == ART_OK) art_demand_free(between);
  return 0;
}
