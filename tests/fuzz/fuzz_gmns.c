// GMNS folders from a buffer: tables in a fixed order, separated by lines of "----".
// Oracle: a city that comes out passes art_net_check (the reader runs it) and can be written; what is read again has as
// many links, lanes and connectors; everything refused has a message.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/gmns/gmns.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tables[] = { "node",
                                      "link",
                                      "movement",
                                      "lane",
                                      "config",
                                      "segment",
                                      "segment_lane",
                                      "signal_controller",
                                      "signal_timing_plan",
                                      "signal_timing_phase",
                                      "signal_phase_mvmt",
                                      "signal_coordination",
                                      "use_group",
                                      "geometry" };
enum { TABLES = sizeof tables / sizeof *tables };

static void write_table(const char *folder, const char *table, const char *text, size_t size)
{
  char path[200];
  snprintf(path, sizeof path, "%s/%s.csv", folder, table);
  unlink(path);
  if (!size) return;
  FILE *file = fopen(path, "wb");
  if (!file) abort();
  fwrite(text, 1, size, file);
  fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static char folder[64], again[64];
  if (!*folder) {
    snprintf(folder, sizeof folder, P_tmpdir "/fuzz_gmns_XXXXXX");
    snprintf(again, sizeof again, P_tmpdir "/fuzz_gmns_XXXXXX");
    if (!mkdtemp(folder) || !mkdtemp(again)) abort();
  }
  const char *text = (const char *)data, *end = text + size, *next;
  for (int i = 0; i < TABLES; ++i) {
    const char *stop = art_part_end(text, end, &next);
    write_table(folder, tables[i], text, (size_t)(stop - text));
    text = next;
  }
  const art_gmns_options options = { 0 };
  art_gmns_report report;
  art_gmns_losses losses;
  art_error err = { 0 };
  art_city *city = NULL, *second = NULL;
  const art_status status = art_gmns_read(folder, &options, &city, &report, &err);
  if (status != ART_OK && !err.message[0]) abort();
  if (status == ART_E_INTERNAL) abort();
  if (status == ART_OK) {
    for (int i = 0; art_gmns_tables[i]; ++i) write_table(again, art_gmns_tables[i], "", 0);
    if (art_gmns_write(city, again, &losses, &err) != ART_OK) abort();
    // Coordinates of millions of metres may stretch beyond what a city holds the second time.
    const art_status twice = art_gmns_read(again, &options, &second, &report, &err);
    if (twice != ART_OK && (twice == ART_E_INTERNAL || !err.message[0])) abort();
    if (twice == ART_OK && (second->net->link_count != city->net->link_count ||
                            second->net->lane_count != city->net->lane_count))
      abort();
  }
  art_city_free(city);
  art_city_free(second);
  return 0;
}
