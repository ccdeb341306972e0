// `arterial import cityflow ROADNET.json [FLOW.json] -o CITY.city.h5`
#include <inttypes.h>
#include <stdio.h>

#include "io/cityflow/cityflow.h"
#include "scenarios/cli/import_network_internal.h"

art_status art_import_cityflow(const art_import_arguments *a, art_error *err)
{
  art_cityflow_report report;
  art_city *city = NULL;
  art_demand *demand = NULL;
  char *file[2] = { (char *)a->input[0], (char *)a->input[1] };
  art_status status = art_cityflow_read_net(a->input[0], a->left_hand, &city, &report, err);
  if (status == ART_OK && a->input[1])
    status = art_cityflow_read_flow(a->input[1], city->net, 3600.0 * a->hours, &demand, &report, err);
  if (status == ART_OK) status = art_import_write_city(a, city, 1, file, err);
  if (status == ART_OK && demand) status = art_import_write_demand(a, demand, city, 2, file, err);
  if (status == ART_OK) {
    printf("read: %" PRId64 " intersections, %" PRId64 " roads, %" PRId64 " lane links, %" PRId64
           " signals\n",
           report.intersections, report.roads, report.lane_links, report.signals);
    art_import_note(report.idle_phases, "phases without any time, left out");
    art_import_note(report.completed,
                    "routes of roads that do not follow each other, joined by the fastest way");
    art_import_note(report.lost, "vehicles whose roads no way joins, left out");
    art_import_print_sketch(&report.sketch);
  }
  art_demand_free(demand);
  art_city_free(city);
  return status;
}
