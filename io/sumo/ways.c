// Ways of trips that name only where they begin, pass and end.
#include <stdio.h>
#include <stdlib.h>

#include "core/net/route.h"
#include "io/sumo/demand_internal.h"

/// SUMO counts this much for each place in a node where one yields without a signal (its option weights.minor-penalty):
/// at its entry, and at the holding point inside, which no signal covers.
#define YIELD_S 1.5f

float *art_yield_times(const art_net *net)
{
  float *yield_s = ART_NEW(float, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const char state = net->connector_state[c];
    const int at_entry = net->connector_signal[c] < 0 && !(state >= 'A' && state <= 'Z');
    yield_s[c] = YIELD_S * (float)(at_entry + (net->connector_cont[c] != 0));
  }
  return yield_s;
}

int32_t *art_way_past(const art_net *net, const float *yield_s, const int32_t *pass, int32_t pass_count,
                      int vclass, int32_t *count, char *detail, size_t size)
{
  int32_t *way = NULL, capacity = 0;
  *count = 0;
  ART_PUSH(way, *count, capacity, pass[0]);
  for (int32_t i = 1; i < pass_count; ++i) {
    int32_t *part, part_count;
    if (!art_route_find_with(net, pass[i - 1], pass[i], vclass, NULL, yield_s, &part, &part_count)) {
      snprintf(detail, size, "%.100s to %.100s for %s", net->link_id[pass[i - 1]], net->link_id[pass[i]],
               art_vclass_name(vclass));
      free(way);
      return NULL;
    }
    for (int32_t k = 1; k < part_count; ++k) ART_PUSH(way, *count, capacity, part[k]);
    free(part);
  }
  return way;
}
