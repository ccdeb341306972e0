// UTDF files from a buffer. Oracle: a city that comes out is checked by the reader, its trips by theirs; everything refused
// has a message.
#include <stdint.h>
#include <stdlib.h>

#include "io/utdf/utdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const art_utdf_options options = { 0 };
  art_error err = { 0 };
  art_city *city = NULL;
  art_utdf_turn *turns = NULL;
  int32_t count = 0;
  art_utdf_report report;
  art_status status =
      art_utdf_read_text("utdf", (const char *)data, size, &options, &city, &turns, &count, &report, &err);
  if (status == ART_OK && report.volume < 20000.0) {
    art_demand *demand = NULL;
    status = art_utdf_trips(city->net, count, turns, 0.1, 1, &demand, &err);
    art_demand_free(demand);
  }
  if (status == ART_E_INTERNAL || (status != ART_OK && !err.message[0])) abort();
  free(turns);
  art_city_free(city);
  return 0;
}
