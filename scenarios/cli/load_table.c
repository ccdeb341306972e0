#include "scenarios/cli/load_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

art_status art_load_table_write(const char *path, const art_net *net, const art_trips_report *report,
                                art_error *err)
{
  FILE *file = fopen(path, "w");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", path, strerror(errno));
  fprintf(file, "node,from_link,from_lane,to_link,to_lane,volume_vph,capacity_vph,lane_share\n");
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (!(report->vph[c] > 0.0)) continue;
    const int32_t from = net->connector_from[c], to = net->connector_to[c];
    fprintf(file, "\"%s\",\"%s\",%d,\"%s\",%d,%.1f,%.1f,%.4f\n", net->node_id[net->connector_node[c]],
            net->link_id[net->lane_link[from]], art_net_lane_index(net, from),
            net->link_id[net->lane_link[to]], art_net_lane_index(net, to), report->vph[c],
            report->capacity_vph[c], report->lane_share[c]);
  }
  const int failed = ferror(file);
  if (fclose(file) != 0 || failed)
    return art_fail(err, ART_E_IO, "%s: cannot be written: %s", path, strerror(errno));
  return ART_OK;
}
