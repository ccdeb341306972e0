// A whole import from OpenStreetMap's XML: whatever it says, the result is an error with a sentence or a valid network.
#include <stdint.h>
#include <stdlib.h>

#include "io/osm/import.h"
#include "tests/fuzz/mutate_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0 || data[0] == 0) return -1;  // what looks like PBF is for another target
  const art_osm_import_options options = { .left_hand = data[size - 1] & 1,
                                           .moment = size & 1 ? "We 08:00" : NULL,
                                           .with_bicycles = size >> 1 & 1,
                                           .with_rails = size >> 2 & 1,
                                           .people_per_h = size & 8 ? 100.0 : 0.0 };
  // At the begin: messages may quote the input.
  static const char not_valid[] = "the city made of the extract is not valid";
  art_city *city = NULL;
  art_error err = { ART_OK, "" };
  art_osm_report report = { 0 };
  const art_status status = art_osm_import_text("fuzz", data, size, NULL, &options, &city, &report, &err);
  if ((status == ART_OK) != (city != NULL)) abort();
  if (status != ART_OK && !err.message[0]) abort();
  if (status == ART_OK && art_net_check(city->net, &err) != ART_OK) abort();
  // The planner is to make valid networks of any map: a net that the check refuses is a fault of ours.
  if (status != ART_OK && strncmp(err.message, not_valid, sizeof not_valid - 1) == 0) abort();
  art_city_free(city);
  return 0;
}
