#include "io/gmns/gmns_internal.h"

art_status art_gmns_read(const char *folder, const art_gmns_options *options, art_city **city,
                         art_gmns_report *report, art_error *err)
{
  *city = NULL;
  *report = (art_gmns_report){ 0 };
  art_gmns_net net = { .folder = folder, .options = options, .report = report };
  art_sketch *sketch = art_sketch_new();
  art_status status = art_gmns_read_tables(&net, err);
  if (status == ART_OK) status = art_gmns_draw(&net, sketch, err);
  if (status == ART_OK && (status = art_sketch_build(sketch, city, &report->sketch, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", folder);
  if (status == ART_OK) status = art_gmns_read_signals(&net, sketch, (*city)->net, err);
  if (status == ART_OK) art_net_index((*city)->net);
  if (status == ART_OK && (status = art_net_check((*city)->net, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", folder);
  if (status != ART_OK) {
    art_city_free(*city);
    *city = NULL;
  }
  art_sketch_free(sketch);
  art_gmns_net_clear(&net);
  return status;
}
