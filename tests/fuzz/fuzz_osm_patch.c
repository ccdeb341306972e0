// Patch files for the OpenStreetMap importer, applied to a town of three streets and a signal.
// Oracle: a patch is refused with a message, or the town with it is a valid network.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NODE(id, lat, lon, tags) "<node id='" #id "' lat='50." #lat "' lon='8." #lon "'>" tags "</node>"
#define TAG(key, value) "<tag k='" key "' v='" value "'/>"
#define ND(id) "<nd ref='" #id "'/>"

static const char town[] =
    "<osm version='0.6'>" NODE(1, 1000, 1000, "") NODE(2, 1000, 1020, TAG("highway", "traffic_signals"))
        NODE(3, 1000, 1040, "") NODE(4, 1015, 1020, "") NODE(5, 985, 1020, "") NODE(6, 1000, 1023, "")
            NODE(7, 1015, 1023, "") "<way id='11'>" ND(1) ND(2) TAG("highway", "primary") TAG("lanes", "4") "</way>"
            "<way id='12'>" ND(2) ND(6) ND(3) TAG("highway", "primary") "</way>"
            "<way id='13'>" ND(4) ND(2) ND(5) TAG("highway", "residential") "</way>"
            "<way id='14'>" ND(6) ND(7) ND(4) TAG("highway", "tertiary") TAG("oneway", "yes") "</way></osm>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *text = ART_NEW(char, size + 1);
  memcpy(text, data, size);
  const art_osm_import_options options = { 0 };
  art_city *city = NULL;
  art_error err = { ART_OK, "" };
  art_osm_report report = { 0 };
  const art_status status = art_osm_import_text("town", town, sizeof town - 1, text, &options, &city, &report, &err);
  if ((status == ART_OK) != (city != NULL)) abort();
  if (status != ART_OK && !err.message[0]) abort();
  if (status == ART_OK && art_net_check(city->net, &err) != ART_OK) abort();
  if (status != ART_OK && strncmp(err.message, "the city made", 13) == 0) abort();
  art_city_free(city);
  free(text);
  return 0;
}
