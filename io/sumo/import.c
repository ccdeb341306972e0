#include "io/sumo/import.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"
#include "io/geo/projection.h"
#include "io/sumo/demand_internal.h"
#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

/// One file of an import, on disk or in memory.
typedef struct input {
  const char *path;
  const art_sumo_text *text;
} input;

/// The reference system: what the user says, else what the net says, else none.
static art_status set_crs(const art_raw_net *raw, const char *crs, art_city *city, art_import_report *report,
                          art_error *err)
{
  if (crs) return art_crs_wkt(crs, &city->crs_wkt, err);
  const char *said = raw->projection;
  if (!said || !*said || strcmp(said, "!") == 0 || strcmp(said, "-") == 0) {
    art_tally(
        &report->notes,
        "the network has no projection: results carry x and y without lon and lat, unless --crs is given");
    return ART_OK;
  }
  art_error why;
  if (art_crs_wkt(said, &city->crs_wkt, &why) != ART_OK)
    art_tally(&report->notes, "the network's projection is not understood (%.150s)", why.message);
  return ART_OK;
}

static char *title_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *title = art_strdup(slash ? slash + 1 : path);
  static const char *const endings[] = { ".gz", ".xml", ".net" };
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    const size_t length = strlen(title), ending = strlen(endings[i]);
    if (length > ending && strcmp(title + length - ending, endings[i]) == 0) title[length - ending] = '\0';
  }
  return title;
}

static art_status load(const input *in, int count, const char *crs, int64_t trip_limit, art_raw_net *raw,
                       art_city **city, art_demand **demand, art_import_report *report, art_error *err)
{
  art_idmap *signal_ids = art_idmap_new();
  art_loader *loader = NULL;
  art_status status = art_raw_net_read(in[0].path, in[0].text, raw, report, err);
  if (status == ART_OK) status = art_city_build(raw, signal_ids, city, report, err);
  if (status == ART_OK) status = set_crs(raw, crs, *city, report, err);
  if (status == ART_OK) {
    loader = art_loader_new(*city, &raw->signals, report);
    if (trip_limit) loader->trip_limit = trip_limit;
    loader->skip_demand = demand == NULL;
  }
  for (int i = 1; status == ART_OK && i < count; ++i)
    status = art_loader_read(loader, in[i].path, in[i].text, err);
  if (status == ART_OK) {
    (*city)->title = title_of(raw->file);
    art_additional_build(loader, (*city)->net);
    status = art_signals_build(&raw->signals, signal_ids, loader->lane_ids, (*city)->net, report, err);
  }
  if (status == ART_OK) status = art_net_check((*city)->net, err);
  if (status == ART_OK && demand) status = art_demand_build(loader, demand, err);
  if (status == ART_OK && demand) status = art_demand_check(*demand, (*city)->net, err);
  art_loader_free(loader);
  art_idmap_free(signal_ids);
  return status;
}

static art_status import(const input *in, int count, const char *crs, int64_t trip_limit, int holds_cycle,
                         art_city **city, art_demand **demand, art_import_report *report, art_error *err)
{
  *city = NULL;
  if (demand) *demand = NULL;
  art_raw_net *raw = art_raw_net_new();
  raw->signals.holds_cycle = holds_cycle;
  const art_status status = load(in, count, crs, trip_limit, raw, city, demand, report, err);
  art_raw_net_free(raw);
  if (status == ART_OK) return ART_OK;
  art_city_free(*city);
  *city = NULL;
  if (demand) {
    art_demand_free(*demand);
    *demand = NULL;
  }
  return status;
}

static art_status add_sources(const input *in, int count, art_city *city, art_error *err)
{
  city->source = ART_NEW(art_source, count);
  for (int i = 0; i < count; ++i) {
    art_source *source = &city->source[city->source_count++];
    source->path = art_strdup(in[i].path);
    const art_status status = art_file_sha256(in[i].path, source->sha256, err);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

art_status art_sumo_import_files(const art_sumo_files *files, const char *crs, art_city **city,
                                 art_demand **demand, art_import_report *report, art_error *err)
{
  const int count = 1 + files->additional_count + files->route_count;
  input *in = ART_NEW(input, count);
  in[0].path = files->net;
  for (int32_t i = 0; i < files->additional_count; ++i) in[1 + i].path = files->additional[i];
  for (int32_t i = 0; i < files->route_count; ++i) in[1 + files->additional_count + i].path = files->route[i];
  art_status status = import(in, count, crs, 0, files->holds_cycle, city, demand, report, err);
  if (status == ART_OK) {
    status = add_sources(in, count, *city, err);
    if (status != ART_OK) {
      art_city_free(*city);
      *city = NULL;
      if (demand) {
        art_demand_free(*demand);
        *demand = NULL;
      }
    }
  }
  free(in);
  return status;
}

art_status art_sumo_import_texts(const art_sumo_text *text, int count, const char *crs, int64_t trip_limit,
                                 art_city **city, art_demand **demand, art_import_report *report,
                                 art_error *err)
{
  input *in = ART_NEW(input, count);
  for (int i = 0; i < count; ++i) in[i].text = &text[i];
  const art_status status = import(in, count, crs, trip_limit, 0, city, demand, report, err);
  free(in);
  return status;
}
