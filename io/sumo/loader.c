// Reads additional and route files and hands every element to whom it belongs.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/demand_internal.h"
#include "io/sumo/report_internal.h"

art_loader *art_loader_new(art_city *city, art_raw_signals *signals, art_import_report *report)
{
  art_loader *l = ART_NEW(art_loader, 1);
  l->city = city;
  l->net = city->net;
  l->signals = signals;
  l->report = report;
  l->trip_limit = 100000000;
  art_idmap **const maps[] = { &l->link_ids,       &l->lane_ids,   &l->stop_names,
                               &l->detector_names, &l->type_names, &l->route_names };
  for (size_t i = 0; i < sizeof maps / sizeof *maps; ++i) *maps[i] = art_idmap_new();
  for (int32_t link = 0; link < l->net->link_count; ++link) {
    art_idmap_put(l->link_ids, l->net->link_id[link]);
    const size_t size = strlen(l->net->link_id[link]) + 16;
    char *id = ART_NEW(char, size);
    for (int32_t lane = l->net->link_first_lane[link]; lane < l->net->link_first_lane[link + 1]; ++lane) {
      snprintf(id, size, "%s_%d", l->net->link_id[link], lane - l->net->link_first_lane[link]);
      art_idmap_put(l->lane_ids, id);
    }
    free(id);
  }
  l->open_type = l->open_type_mix = l->open_route = l->open_route_mix = l->open_vehicle = l->open_detector =
      -1;
  return l;
}

void art_loader_free(art_loader *l)
{
  if (!l) return;
  art_idmap *const maps[] = { l->link_ids,       l->lane_ids,   l->stop_names,
                              l->detector_names, l->type_names, l->route_names };
  for (size_t i = 0; i < sizeof maps / sizeof *maps; ++i) art_idmap_free(maps[i]);
  for (int32_t i = 0; i < l->detector_count; ++i) free(l->detector[i].id);
  for (int32_t i = 0; i < l->route_count; ++i) free(l->route[i].problem);
  for (int32_t i = 0; i < l->stop_count; ++i) free(l->stop[i].problem);
  for (int32_t i = 0; i < l->vehicle_count; ++i) {
    free(l->vehicle[i].id);
    free(l->vehicle[i].problem);
  }
  void *const owned[] = { l->bus_stop, l->detector,  l->point,        l->type, l->type_mix, l->type_member,
                          l->route,    l->route_mix, l->route_member, l->link, l->stop,     l->vehicle };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  free(l);
}

static int on_start(void *context, art_xml *xml, const char *element)
{
  art_loader *l = context;
  if (!l->has_root) {
    l->has_root = 1;
    static const char *const roots[] = { "additional", "additionals", "add",      "routes",
                                         "vTypes",     "tls",         "detectors" };
    for (size_t i = 0; i < sizeof roots / sizeof *roots; ++i)
      if (strcmp(element, roots[i]) == 0) {
        art_xml_ignore_all(xml);
        return 1;
      }
    if (strcmp(element, "net") == 0 || strcmp(element, "configuration") == 0) {
      art_xml_fail(
          xml, "not an additional or route file: accepted: a file that starts with <additional> or <routes>");
      return 1;
    }
    art_xml_ignore_all(xml);  // SUMO does not mind the name of the root
    return 1;
  }
  if (art_raw_signals_start(l->signals, xml, element, l->report)) return 1;
  if (art_additional_start(l, xml, element)) return 1;
  if (l->skip_demand) return 0;
  return art_types_start(l, xml, element) || art_vehicles_start(l, xml, element);
}

static void on_end(void *context, art_xml *xml, const char *element)
{
  art_loader *l = context;
  art_raw_signals_end(l->signals, xml, element, l->report);
  art_additional_end(l, xml, element);
  art_types_end(l, element);
  art_vehicles_end(l, element);
}

art_status art_loader_read(art_loader *l, const char *path, const art_sumo_text *text, art_error *err)
{
  const art_xml_handler handler = { .context = l, .start = on_start, .end = on_end };
  l->has_root = 0;
  return text ? art_xml_read_text(text, &handler, l->report, err)
              : art_xml_read_file(path, &handler, l->report, err);
}
