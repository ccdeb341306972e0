// CityFlow files from a buffer: roadnet and flow, separated by a line of "----".
// Oracle: cities and demands that come out are checked by the readers; everything refused has a message.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/cityflow/cityflow.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *net = (const char *)data, *end = net + size, *flow;
  const char *net_end = art_part_end(net, end, &flow);
  art_error err = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_cityflow_report report;
  art_status status = art_cityflow_parse_net("net", net, (size_t)(net_end - net), 0, &city, &report, &err);
  if (status == ART_OK && flow < end) {
    FILE *file = fmemopen((void *)flow, (size_t)(end - flow), "r");
    if (!file) abort();
    status = art_cityflow_parse_flow("flow", file, city->net, 600.0, &demand, &report, &err);
    fclose(file);
  }
  if (status == ART_E_INTERNAL || (status != ART_OK && !err.message[0])) abort();
  art_demand_free(demand);
  art_city_free(city);
  return 0;
}
