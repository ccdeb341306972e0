// SUMO networks from a buffer. Oracle: what is refused is refused by the reader, with the file's name in the message,
// never by the checks of the finished network.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/import.h"
#include "tests/fuzz/mutate_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char name[] = "fuzz.net.xml";
  const art_sumo_text text = { .name = name, .text = (const char *)data, .size = size };
  art_import_report report = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_error err;
  const art_status status = art_sumo_import_texts(&text, 1, NULL, 1000, &city, &demand, &report, &err);
  if (status == ART_OK) {
    if (!city || !demand || city->net->link_count < 1) abort();
  } else if (status != ART_E_INPUT || strncmp(err.message, name, sizeof name - 1) != 0) {
    abort();
  }
  art_demand_free(demand);
  art_city_free(city);
  art_import_report_clear(&report);
  return 0;
}
