// Counts tables from a buffer: map, station table and counts table, separated by lines of "----".
// Oracle: a feed that comes out passes its own check (the importer runs it), and everything refused has a message.
#include <stdint.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/net/network.h"
#include "io/feed/counts_import.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// A net of two links is all that the importer looks at.
static art_net *two_links(void)
{
  art_net *net = art_net_new();
  net->link_count = 2;
  net->link_id = ART_NEW(char *, 2);
  net->link_id[0] = art_strdup("a");
  net->link_id[1] = art_strdup("b");
  return net;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *map_text = (const char *)data, *end = map_text + size, *stations, *table, *rest;
  const char *map_end = art_part_end(map_text, end, &stations);
  const char *stations_end = art_part_end(stations, end, &table);
  const char *table_end = art_part_end(table, end, &rest);
  art_counts_map *map;
  art_error err = { 0 };
  if (art_counts_map_parse("map", map_text, (size_t)(map_end - map_text), &map, &err) != ART_OK) {
    if (!err.message[0]) abort();
    return 0;
  }
  art_net *net = two_links();
  art_reject_report report;
  art_feed *feed;
  const art_status status =
      art_counts_import_text(table, (size_t)(table_end - table), stations, (size_t)(stations_end - stations),
                             map, net, &report, &feed, &err);
  if (status == ART_OK ? art_feed_check(feed, &err) != ART_OK : !err.message[0]) abort();
  if (status == ART_E_INTERNAL) abort();
  art_feed_free(feed);
  art_reject_report_clear(&report);
  art_net_free(net);
  art_counts_map_free(map);
  return 0;
}
