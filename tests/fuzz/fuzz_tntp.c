// TNTP files from a buffer: net, node and trips files, separated by lines of "----".
// Oracle: a city that comes out is checked by the builder; the sum of a trip table is that of its cells; everything refused
// has a message.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "io/tntp/tntp.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *open_part(const char *text, const char *end)
{
  FILE *file = fmemopen((void *)text, (size_t)(end - text), "r");
  if (!file) abort();
  return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *net_text = (const char *)data, *end = net_text + size, *nodes, *trips_text, *rest;
  const char *net_end = art_part_end(net_text, end, &nodes),
             *nodes_end = art_part_end(nodes, end, &trips_text),
             *trips_end = art_part_end(trips_text, end, &rest);
  if (net_end == net_text) return 0;
  art_error err = { 0 };
  art_tntp_net net;
  FILE *file = open_part(net_text, net_end);
  art_status status = art_tntp_read_net("net", file, &net, &err);
  fclose(file);
  double *xy = NULL;
  if (status == ART_OK && nodes_end > nodes && net.nodes < 100000) {
    file = open_part(nodes, nodes_end);
    if (art_tntp_read_nodes("nodes", file, net.nodes, &xy, &err) != ART_OK && !err.message[0]) abort();
    fclose(file);
  }
  if (status == ART_OK && net.nodes < 20000) {
    const art_tntp_options o = { .lane_capacity = 1800.0, .lanes_most = 4, .signals = 1, .title = "fuzz" };
    art_tntp_report report;
    art_city *city = NULL;
    status = art_tntp_build(&net, xy, &o, &city, &report, &err);
    art_city_free(city);
  }
  if (status == ART_E_INTERNAL || (status != ART_OK && !err.message[0])) abort();
  art_tntp_net_clear(&net);
  free(xy);
  if (trips_end > trips_text) {
    art_tntp_trips trips;
    file = open_part(trips_text, trips_end);
    if (art_tntp_read_trips("trips", file, &trips, &err) == ART_OK && trips.zones < 500) {
      double sum = 0.0;
      for (int32_t i = 0; i < trips.zones * trips.zones; ++i) sum += trips.flow[i];
      if (fabs(sum - trips.total) > 1e-6 * (1.0 + fabs(sum))) abort();
    }
    fclose(file);
    art_tntp_trips_clear(&trips);
  }
  return 0;
}
