// SUMO additional and route files from a buffer, on a small network. Oracle: what is refused is refused by the reader,
// with the file's name in the message, never by the checks of the finished demand.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/import.h"
#include "tests/fuzz/little_net.h"
#include "tests/fuzz/mutate_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char name[] = "fuzz.rou.xml";
  const art_sumo_text text[2] = { { .name = "net.xml", .text = little_net, .size = sizeof little_net - 1 },
                                  { .name = name, .text = (const char *)data, .size = size } };
  art_import_report report = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_error err;
  const art_status status = art_sumo_import_texts(text, 2, NULL, 1000, &city, &demand, &report, &err);
  if (status == ART_OK) {
    if (!city || !demand || demand->trip_count > 2000) abort();
  } else if (status != ART_E_INPUT || strncmp(err.message, name, sizeof name - 1) != 0) {
    abort();
  }
  art_demand_free(demand);
  art_city_free(city);
  art_import_report_clear(&report);
  return 0;
}
