#include "io/osm/import.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "core/par/each.h"
#include "core/par/par.h"
#include "io/city/city_file.h"
#include "io/config/osm_defaults.h"
#include "io/config/osm_patch.h"
#include "io/geo/area.h"
#include "io/osm/map_internal.h"

/// "monaco.osm.gz" is titled "monaco".
static char *title_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *title = art_strdup(slash ? slash + 1 : path);
  static const char *const endings[] = { ".gz", ".pbf", ".xml", ".osm" };
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    const size_t length = strlen(title), ending = strlen(endings[i]);
    if (length > ending && strcmp(title + length - ending, endings[i]) == 0) title[length - ending] = '\0';
  }
  return title;
}

/// Counts one correction; one that meets nothing becomes a note, so that a mistyped id is found.
static void count_correction(art_osm_report *report, int is_used, char entity, int64_t id, const char *what)
{
  if (is_used) {
    ++report->patched;
    return;
  }
  report->notes.entity = entity;
  report->notes.id = id;
  art_osm_note_add(&report->notes, ART_OSM_NOTE_PATCH, "patch", what);
}

static void count_patch(const art_osm_patch *patch, art_osm_report *report)
{
  if (!patch) return;
  for (int32_t i = 0; i < patch->way_count; ++i)
    count_correction(report, patch->way[i].is_used, 'w', patch->way[i].id, "ways");
  for (int32_t i = 0; i < patch->turn_count; ++i) {
    const art_patch_turn *turn = &patch->turn[i];
    char what[80];
    snprintf(what, sizeof what, "turns, via %" PRId64 " to %" PRId64, turn->via, turn->to);
    count_correction(report, turn->is_used, 'w', turn->from, what);
  }
  for (int32_t i = 0; i < patch->join_count; ++i)
    count_correction(report, patch->join[i].is_used, 'n', patch->join[i].node[0], "joins");
  for (int32_t i = 0; i < patch->signal_count; ++i)
    count_correction(report, patch->signal[i].is_used, 'n', patch->signal[i].node, "signals");
}

static art_status make_city_on(const art_terrain *terrain, const art_osm_store *store, const art_osm_defaults *defaults,
                            const art_osm_patch *patch, const art_osm_import_options *options, art_city **out,
                            art_osm_report *report, art_error *err)
{
  art_map plan = { .options = options,
                   .defaults = defaults,
                   .store = store,
                   .patch = patch,
                   .report = report,
                   .mirrored = defaults->left_hand };
  art_city *city = art_city_new();
  report->nodes_read = store->nodes_read;
  report->ways_read = store->ways_read;
  report->relations_read = store->relations_read;
  report->bytes_read = store->bytes_read;
  art_status status = art_map_graph(&plan, city, err);
  if (status == ART_OK) {
    art_map_prune(&plan);
    art_map_guess_rings(&plan);
    art_map_narrow_forks(&plan);
    art_map_simplify(&plan);
    art_map_control(&plan);
    art_map_cluster(&plan);
    if (options->with_bicycles || options->with_rails) art_map_byways(&plan);
    art_map_trim(&plan);
    if (art_map_cluster_cramped(&plan)) art_map_trim(&plan);
    for (int round = 0; round < 4; ++round) {
      art_map_links(&plan);
      art_map_movements(&plan);
      if (!art_map_prune_links(&plan)) break;
    }
    art_map_drop_empty(&plan);
    art_map_lanes(&plan);
    if (options->with_bicycles || options->with_rails) art_map_overlay(&plan);
    art_map_rules(&plan);
    art_map_build(&plan, city);
    art_map_heights(&plan, terrain, city);
    count_patch(patch, report);
    status = art_net_check(city->net, err);
    if (status != ART_OK) art_fail_prefix(err, "the city made of the extract is not valid: ");
  }
  art_map_clear(&plan);
  *out = status == ART_OK ? city : NULL;
  if (status != ART_OK) art_city_free(city);
  return status;
}

static art_status make_city(const art_osm_store *store, const art_osm_defaults *defaults, const art_osm_patch *patch,
                            const art_osm_import_options *options, art_city **out, art_osm_report *report,
                            art_error *err)
{
  art_terrain *terrain = NULL;
  art_status status = options->elevation ? art_terrain_read(options->elevation, &terrain, err) : ART_OK;
  if (status == ART_OK) status = make_city_on(terrain, store, defaults, patch, options, out, report, err);
  art_terrain_free(terrain);
  return status;
}

static int ends_with(const char *text, const char *ending)
{
  const size_t length = strlen(text), size = strlen(ending);
  return length >= size && strcmp(text + length - size, ending) == 0;
}

/// A built-in country or a YAML file.
static art_status read_defaults(const char *name, art_osm_defaults *out, art_error *err)
{
  art_osm_defaults_find("generic", out);
  if (!name || art_osm_defaults_find(name, out)) return ART_OK;
  if (ends_with(name, ".yaml") || ends_with(name, ".yml")) return art_osm_defaults_read(name, out, err);
  char names[200] = "";
  for (int32_t i = 0; art_osm_defaults_name(i); ++i) {
    const size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", art_osm_defaults_name(i));
  }
  return art_fail(err, ART_E_INPUT, "defaults \"%.100s\" are unknown: accepted: %s, or a YAML file", name,
                  names);
}

/// Options, country and patch before the file: what is wrong there is told at once.
static art_status prepare(const art_osm_import_options *options, const char *patch_text,
                          art_osm_defaults *defaults, art_osm_patch **patch, art_osm_report *report,
                          art_error *err)
{
  *patch = NULL;
  if (options->with_box && !(options->min_lon < options->max_lon && options->min_lat < options->max_lat &&
                             options->min_lon >= -180.0 && options->max_lon <= 180.0 &&
                             options->min_lat >= -90.0 && options->max_lat <= 90.0))
    return art_fail(
        err, ART_E_INPUT,
        "box %g,%g,%g,%g: accepted: west,south,east,north in degrees, west below east and south below north",
        options->min_lon, options->min_lat, options->max_lon, options->max_lat);
  art_status status = read_defaults(options->defaults, defaults, err);
  if (status != ART_OK) return status;
  if (options->left_hand) defaults->left_hand = 1;
  memcpy(report->country, defaults->country, sizeof report->country);
  if (patch_text) return art_osm_patch_read("patch", patch_text, patch, err);
  return options->patch ? art_osm_patch_read(options->patch, NULL, patch, err) : ART_OK;
}

enum { SOURCES = 4 };
/// Files below this many bytes are read, and summed, before another thread has started.
enum { LEAST_SHARED = 1 << 20 };

/// What is done at once at the beginning: the extract is read, and the checksums are taken of all files that the city
/// comes from.
typedef struct intake {
  const char *const *path;
  const art_osm_read_options *read;
  art_osm_store *store;
  char (*sha256)[65];
  art_status status[2];
  art_error err[2];
} intake;

static void take_in(void *context, int thread, int32_t index)
{
  intake *in = context;
  (void)thread;
  if (index == 0) in->status[0] = art_osm_read(in->path[0], in->read, &in->store, &in->err[0]);
  if (index == 0) return;
  for (int i = 0; i < SOURCES && in->status[1] == ART_OK; ++i)
    if (in->path[i]) in->status[1] = art_file_sha256(in->path[i], in->sha256[i], &in->err[1]);
}

static art_status read_all(const char *const path[SOURCES], const art_osm_read_options *read, art_osm_store **store,
                           char sha256[SOURCES][65], art_error *err)
{
  intake in = { .path = path, .read = read, .sha256 = sha256 };
  struct stat info;
  const int is_small = stat(path[0], &info) == 0 && S_ISREG(info.st_mode) && info.st_size < LEAST_SHARED;
  art_each(is_small ? 1 : art_par_default_threads(), 2, 1, take_in, &in);
  *store = in.store;
  const int failed = in.status[0] != ART_OK ? 0 : 1;
  if (in.status[failed] != ART_OK) *err = in.err[failed];
  return in.status[failed];
}

/// What of a file is read at all: nothing outside of the box and of the box round the clip, so that the memory that a
/// part of a country takes is that of the part.
static art_status choose_box(const art_osm_import_options *options, art_osm_read_options *read, art_error *err)
{
  *read = (art_osm_read_options){ .with_box = options->with_box,
                                  .min_lon = options->min_lon,
                                  .min_lat = options->min_lat,
                                  .max_lon = options->max_lon,
                                  .max_lat = options->max_lat };
  if (!options->clip) return ART_OK;
  art_area *area = NULL;
  const art_status status = art_area_read(options->clip, &area, err);
  if (status != ART_OK) return status;
  double west, south, east, north;
  art_area_box(area, &west, &south, &east, &north);
  art_area_free(area);
  read->min_lon = options->with_box ? fmax(west, options->min_lon) : west;
  read->min_lat = options->with_box ? fmax(south, options->min_lat) : south;
  read->max_lon = options->with_box ? fmin(east, options->max_lon) : east;
  read->max_lat = options->with_box ? fmin(north, options->max_lat) : north;
  read->with_box = 1;
  return ART_OK;
}

art_status art_osm_import(const char *path, const art_osm_import_options *options, art_city **city,
                          art_osm_report *report, art_error *err)
{
  *city = NULL;
  art_osm_defaults defaults;
  art_osm_patch *patch = NULL;
  art_osm_store *store = NULL;
  art_osm_read_options read;
  art_status status = prepare(options, NULL, &defaults, &patch, report, err);
  if (status == ART_OK) status = choose_box(options, &read, err);
  const char *const files[SOURCES] = { path, options->patch, options->clip, options->elevation };
  char sha256[SOURCES][65];
  if (status == ART_OK) status = read_all(files, &read, &store, sha256, err);
  if (status == ART_OK) {
    status = make_city(store, &defaults, patch, options, city, report, err);
    if (status != ART_OK) art_fail_prefix(err, "%s: ", path);
  }
  if (status == ART_OK) {
    (*city)->title = title_of(path);
    (*city)->source = ART_NEW(art_source, SOURCES);
    for (int i = 0; i < SOURCES; ++i) {
      if (!files[i]) continue;
      art_source *source = &(*city)->source[(*city)->source_count++];
      source->path = art_strdup(files[i]);
      memcpy(source->sha256, sha256[i], sizeof source->sha256);
    }
  }
  art_osm_store_free(store);
  art_osm_patch_free(patch);
  return status;
}

art_status art_osm_import_text(const char *name, const void *data, size_t size, const char *patch_text,
                               const art_osm_import_options *options, art_city **city, art_osm_report *report,
                               art_error *err)
{
  *city = NULL;
  art_osm_defaults defaults;
  art_osm_patch *patch = NULL;
  art_osm_store *store = NULL;
  art_status status = prepare(options, patch_text, &defaults, &patch, report, err);
  if (status == ART_OK) status = art_osm_read_text(name, data, size, NULL, &store, err);
  if (status == ART_OK) status = make_city(store, &defaults, patch, options, city, report, err);
  if (status == ART_OK) (*city)->title = title_of(name);
  art_osm_store_free(store);
  art_osm_patch_free(patch);
  return status;
}
