// The store of an OSM file: one pass while the nodes fit, otherwise a second one for the nodes that the kept
// ways use.
#include "io/osm/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/memory.h"
#include "io/osm/read_internal.h"
#include "io/osm/text_pool_internal.h"

static const int64_t usual_budget = 16 << 20;

typedef struct store_build {
  art_osm_store *store;
  const art_osm_read_options *options;
  int64_t budget;
  int64_t node_capacity, way_capacity, relation_capacity, ref_capacity, member_capacity, tag_capacity;
  int drops_ways_early;   ///< ways out of the box are dropped as they come
  int has_dropped_nodes;  ///< out of the box, or beyond the budget
  int is_over_budget;
  int has_dropped_ways;  ///< for lack of a node in the box
  int has_node_after_way;
  int nodes_unsorted, ways_unsorted, relations_unsorted;
  int64_t *wanted;  ///< second pass: sorted ids
  int64_t wanted_count, wanted_at;
} store_build;

static int is_inside(const art_osm_read_options *o, double lon, double lat)
{
  return lon >= o->min_lon && lon <= o->max_lon && lat >= o->min_lat && lat <= o->max_lat;
}

static int32_t keep_tags(store_build *b, art_osm_tags tags)
{
  art_osm_store *s = b->store;
  const int32_t first = (int32_t)s->tag_count;
  for (int32_t i = 0; i < tags.count; ++i) {
    const art_osm_tag tag = { tags.tag[i].key, art_osm_text_pool_put(s->texts, tags.tag[i].value) };
    ART_PUSH(s->tag, s->tag_count, b->tag_capacity, tag);
  }
  return first;
}

static void keep_node(store_build *b, int64_t id, double lon, double lat, art_osm_tags tags)
{
  art_osm_store *s = b->store;
  art_osm_node_row row = { .id = id, .lon = lon, .lat = lat };
  if (tags.count && art_osm_is_node(tags)) {
    row.tag_first = keep_tags(b, tags);
    row.tag_count = tags.count;
  }
  if (s->node_count && s->node[s->node_count - 1].id >= id) b->nodes_unsorted = 1;
  ART_PUSH(s->node, s->node_count, b->node_capacity, row);
}

static void take_node(void *context, int64_t id, double lon, double lat, art_osm_tags tags)
{
  store_build *b = context;
  ++b->store->nodes_read;
  if (b->store->ways_read) b->has_node_after_way = 1;
  if (b->options->with_box && !is_inside(b->options, lon, lat)) {
    b->has_dropped_nodes = 1;
    return;
  }
  if (!b->options->with_box && b->store->node_count >= b->budget) {
    b->is_over_budget = b->has_dropped_nodes = 1;
    free(b->store->node);
    b->store->node = NULL;
    b->store->node_count = b->node_capacity = 0;
  }
  if (!b->is_over_budget) keep_node(b, id, lon, lat, tags);
}

static int by_id(const void *a, const void *b)
{
  // Rows of all three kinds begin with their id.
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/// Second pass. Files list nodes by id, so that the place of the next one is near that of the last.
static void take_wanted_node(void *context, int64_t id, double lon, double lat, art_osm_tags tags)
{
  store_build *b = context;
  int64_t i = b->wanted_at;
  if (i >= b->wanted_count || b->wanted[i] > id) {
    if (i == 0 || b->wanted[i - 1] < id) return;
    const int64_t *found = bsearch(&id, b->wanted, (size_t)b->wanted_count, sizeof id, by_id);
    if (!found) return;
    i = found - b->wanted;
  }
  while (i < b->wanted_count && b->wanted[i] < id) ++i;
  b->wanted_at = i;
  if (i < b->wanted_count && b->wanted[i] == id) keep_node(b, id, lon, lat, tags);
}

static int64_t find_row(const void *rows, int64_t count, size_t size, int64_t id)
{
  if (!count) return -1;
  const char *found = bsearch(&id, rows, (size_t)count, size, by_id);
  return found ? (found - (const char *)rows) / (int64_t)size : -1;
}

int64_t art_osm_find_node(const art_osm_store *store, int64_t id)
{
  return find_row(store->node, store->node_count, sizeof *store->node, id);
}
int64_t art_osm_find_way(const art_osm_store *store, int64_t id)
{
  return find_row(store->way, store->way_count, sizeof *store->way, id);
}
int64_t art_osm_find_relation(const art_osm_store *store, int64_t id)
{
  return find_row(store->relation, store->relation_count, sizeof *store->relation, id);
}

static int has_node(const art_osm_store *s, int32_t count, const int64_t *ref)
{
  for (int32_t i = 0; i < count; ++i)
    if (art_osm_find_node(s, ref[i]) >= 0) return 1;
  return 0;
}

static int is_built_up(art_osm_tags tags)
{
  return art_osm_tag_get(tags, ART_OSM_BUILDING) || art_osm_tag_get(tags, ART_OSM_LANDUSE);
}

static void sort_nodes(store_build *b)
{
  if (b->nodes_unsorted)
    art_sort(b->store->node, (size_t)b->store->node_count, sizeof *b->store->node, by_id);
  b->nodes_unsorted = 0;
}

static void take_way(void *context, int64_t id, int32_t ref_count, const int64_t *ref, art_osm_tags tags)
{
  store_build *b = context;
  art_osm_store *s = b->store;
  ++s->ways_read;
  const int is_kept = art_osm_is_way(tags) || (b->options->keep_built_up && is_built_up(tags));
  if (!is_kept) return;
  if (b->options->with_box && b->drops_ways_early) {
    sort_nodes(b);
    if (!has_node(s, ref_count, ref)) {
      b->has_dropped_ways = 1;
      return;
    }
  }
  const int64_t first = s->ref_count;
  for (int32_t i = 0; i < ref_count; ++i)
    if (i == 0 || ref[i] != ref[i - 1]) ART_PUSH(s->ref, s->ref_count, b->ref_capacity, ref[i]);
  if (s->ref_count - first < 2) {
    s->ref_count = first;
    return;
  }
  const art_osm_way_row row = { .id = id,
                                .ref_first = first,
                                .ref_count = (int32_t)(s->ref_count - first),
                                .tag_first = keep_tags(b, tags),
                                .tag_count = tags.count };
  if (s->way_count && s->way[s->way_count - 1].id >= id) b->ways_unsorted = 1;
  ART_PUSH(s->way, s->way_count, b->way_capacity, row);
}

static int is_route(art_osm_tags tags)
{
  static const char *const kinds[] = { "bus",        "trolleybus", "tram",  "subway",
                                       "light_rail", "train",      "ferry", "monorail" };
  const char *type = art_osm_tag_get(tags, ART_OSM_TYPE), *route = art_osm_tag_get(tags, ART_OSM_ROUTE);
  if (!type || !route || strcmp(type, "route") != 0) return 0;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i)
    if (strcmp(route, kinds[i]) == 0) return 1;
  return 0;
}

static int is_relation_kept(const store_build *b, art_osm_tags tags)
{
  return art_osm_is_restriction(tags) || (b->options->keep_routes && is_route(tags));
}

static int asks_members(void *context, art_osm_tags tags)
{
  return is_relation_kept(context, tags);
}

static void take_relation(void *context, int64_t id, int32_t count, const art_osm_member *member,
                          art_osm_tags tags)
{
  store_build *b = context;
  art_osm_store *s = b->store;
  ++s->relations_read;
  if (!is_relation_kept(b, tags)) return;
  const art_osm_relation_row row = { .id = id,
                                     .member_first = s->member_count,
                                     .member_count = count,
                                     .tag_first = keep_tags(b, tags),
                                     .tag_count = tags.count };
  for (int32_t i = 0; i < count; ++i) {
    const art_osm_member kept = { member[i].id, member[i].type,
                                  art_osm_text_pool_put(s->texts, member[i].role) };
    ART_PUSH(s->member, s->member_count, b->member_capacity, kept);
  }
  if (s->relation_count && s->relation[s->relation_count - 1].id >= id) b->relations_unsorted = 1;
  ART_PUSH(s->relation, s->relation_count, b->relation_capacity, row);
}

// ---- from rows as they came to rows in order -------------------------------------------------------------------------

/// Sorts rows that begin with their id and keeps one of each. Equal ids come from merged extracts: the rows
/// are equal but for their version, and the order of equal rows would depend on the sort; so the place they
/// came from decides.
static int64_t order_rows(void *rows, int64_t count, size_t size, int is_unsorted)
{
  if (!is_unsorted || !count) return count;
  char *row = rows, *out = ART_NEW(char, (size_t)count *size);
  struct place {
    int64_t id, from;
  } *place = art_new((size_t)count, sizeof *place);
  for (int64_t i = 0; i < count; ++i) {
    memcpy(&place[i].id, row + (size_t)i * size, sizeof place[i].id);
    place[i].from = i;
  }
  art_sort(place, (size_t)count, sizeof *place, by_id);
  int64_t kept = 0;
  for (int64_t i = 0; i < count;) {
    int64_t end = i, best = place[i].from;
    for (; end < count && place[end].id == place[i].id; ++end)
      if (place[end].from > best) best = place[end].from;  // the last one written
    memcpy(out + (size_t)kept++ * size, row + (size_t)best * size, size);
    i = end;
  }
  memcpy(rows, out, (size_t)kept * size);
  free(out);
  free(place);
  return kept;
}

/// Drops ways that have no node in the box (nodes at hand are those inside), then relations that have no kept
/// way.
static void drop_outside(store_build *b)
{
  art_osm_store *s = b->store;
  int64_t kept = 0;
  for (int64_t i = 0; i < s->way_count; ++i)
    if (b->drops_ways_early || has_node(s, s->way[i].ref_count, s->ref + s->way[i].ref_first))
      s->way[kept++] = s->way[i];
  s->way_count = kept;
  kept = 0;
  for (int64_t i = 0; i < s->relation_count; ++i) {
    const art_osm_member *member = s->member + s->relation[i].member_first;
    int is_kept = 0;
    for (int32_t k = 0; k < s->relation[i].member_count && !is_kept; ++k)
      is_kept = member[k].type == ART_OSM_MEMBER_WAY && art_osm_find_way(s, member[k].id) >= 0;
    if (is_kept) s->relation[kept++] = s->relation[i];
  }
  s->relation_count = kept;
}

/// A hash table from id to row: slots hold row + 1, 0 is free.
typedef struct node_index {
  uint32_t *slot;
  size_t mask;
} node_index;

static size_t hash_id(int64_t id)
{
  uint64_t x = (uint64_t)id * 0x9e3779b97f4a7c15u;
  return (size_t)(x ^ (x >> 29));
}

static node_index index_nodes(const art_osm_store *s)
{
  size_t slots = 16;
  while (slots < 2 * (size_t)s->node_count) slots *= 2;
  node_index index = { ART_NEW(uint32_t, slots), slots - 1 };
  for (int64_t i = 0; i < s->node_count; ++i) {
    size_t at = hash_id(s->node[i].id) & index.mask;
    while (index.slot[at]) at = (at + 1) & index.mask;
    index.slot[at] = (uint32_t)i + 1;
  }
  return index;
}

static int64_t find_indexed(const art_osm_store *s, const node_index *index, int64_t id)
{
  for (size_t at = hash_id(id) & index->mask; index->slot[at]; at = (at + 1) & index->mask)
    if (s->node[index->slot[at] - 1].id == id) return (int64_t)index->slot[at] - 1;
  return -1;
}

/// Resolves references and drops nodes that no kept way uses.
static void finish_nodes(store_build *b)
{
  art_osm_store *s = b->store;
  node_index index = index_nodes(s);
  int32_t *rank = ART_NEW(int32_t, s->node_count + 1);
  s->ref_node = ART_NEW(int64_t, s->ref_count + 1);
  for (int64_t i = 0; i < s->ref_count; ++i) s->ref_node[i] = -1;
  for (int64_t w = 0; w < s->way_count; ++w)
    for (int64_t i = s->way[w].ref_first; i < s->way[w].ref_first + s->way[w].ref_count; ++i) {
      s->ref_node[i] = find_indexed(s, &index, s->ref[i]);
      if (s->ref_node[i] < 0)
        ++s->nodes_missing;
      else
        rank[s->ref_node[i]] = 1;
    }
  int32_t kept = 0;
  s->min_lon = s->min_lat = 1000.0;
  s->max_lon = s->max_lat = -1000.0;
  for (int64_t i = 0; i < s->node_count; ++i) {
    if (!rank[i]) continue;
    const art_osm_node_row row = s->node[i];
    rank[i] = kept;
    s->node[kept++] = row;
    if (row.lon < s->min_lon) s->min_lon = row.lon;
    if (row.lon > s->max_lon) s->max_lon = row.lon;
    if (row.lat < s->min_lat) s->min_lat = row.lat;
    if (row.lat > s->max_lat) s->max_lat = row.lat;
  }
  s->node_count = kept;
  for (int64_t i = 0; i < s->ref_count; ++i)
    if (s->ref_node[i] >= 0) s->ref_node[i] = rank[s->ref_node[i]];
  free(rank);
  free(index.slot);
}

/// Sorted ids of the nodes that kept ways use.
static void list_wanted(store_build *b)
{
  const art_osm_store *s = b->store;
  b->wanted = ART_NEW(int64_t, s->ref_count + 1);
  int64_t count = 0, kept = 0;
  for (int64_t w = 0; w < s->way_count; ++w)
    for (int32_t i = 0; i < s->way[w].ref_count; ++i) b->wanted[count++] = s->ref[s->way[w].ref_first + i];
  art_sort(b->wanted, (size_t)count, sizeof *b->wanted, by_id);
  for (int64_t i = 0; i < count; ++i)
    if (i == 0 || b->wanted[i] != b->wanted[i - 1]) b->wanted[kept++] = b->wanted[i];
  b->wanted_count = kept;
}

// ---- the source ------------------------------------------------------------------------------------------------------

/// A file or a text that can be read more than once.
typedef struct osm_source {
  const char *name;
  const void *data;  ///< NULL: the file `name`
  size_t size;
} osm_source;

static art_status open_source(const osm_source *source, art_osm_bytes *bytes, art_error *err)
{
  *bytes = (art_osm_bytes){ .name = source->name, .data = source->data, .size = source->size };
  if (source->data) return ART_OK;
  bytes->data = bytes->owned = art_osm_inflate_file(source->name, &bytes->size);
  if (bytes->owned) return ART_OK;
  bytes->gz = gzopen(source->name, "rb");
  if (!bytes->gz)
    return art_fail(err, ART_E_OPEN, "%s: cannot be opened: %s", source->name,
                    strerror(errno ? errno : ENOMEM));
  gzbuffer(bytes->gz, 1 << 17);
  return ART_OK;
}

/// PBF begins with the length of a header whose first field is the text "OSMHeader"; XML with '<', perhaps
/// behind a byte order mark and blanks.
static art_status look_at_format(art_osm_bytes *bytes, int *is_pbf, art_error *err)
{
  static const char mark[] = "\x0a\x09OSMHeader";
  unsigned char head[64];
  size_t got = 0, at = 0;
  const art_status status = art_osm_bytes_read(bytes, head, sizeof head, &got, err);
  if (status != ART_OK) return status;
  if (bytes->gz) gzrewind(bytes->gz);
  bytes->at = 0;
  bytes->total = 0;
  *is_pbf = got >= 4 + sizeof mark - 1 && head[0] == 0 && memcmp(head + 4, mark, sizeof mark - 1) == 0;
  if (*is_pbf) return ART_OK;
  if (got >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) at = 3;
  while (at < got && (head[at] == ' ' || head[at] == '\t' || head[at] == '\n' || head[at] == '\r')) ++at;
  if (at < got ? head[at] == '<' : got == sizeof head) return ART_OK;
  return art_fail(err, ART_E_INPUT, "%s: neither OpenStreetMap XML (plain or gzip) nor PBF", bytes->name);
}

static art_status one_pass(const osm_source *source, store_build *b, const art_osm_sink *sink, art_error *err)
{
  art_osm_bytes bytes;
  art_status status = open_source(source, &bytes, err);
  if (status != ART_OK) return status;
  art_osm_key_cache *cache = ART_NEW(art_osm_key_cache, 1);
  int is_pbf = 0;
  status = look_at_format(&bytes, &is_pbf, err);
  if (status == ART_OK)
    status =
        is_pbf ? art_osm_pbf_decode(&bytes, cache, sink, err) : art_osm_xml_decode(&bytes, cache, sink, err);
  b->store->bytes_read += bytes.total;
  ++b->store->passes;
  if (bytes.gz) gzclose(bytes.gz);
  free(bytes.owned);
  free(cache);
  return status;
}

static void empty_store(store_build *b)
{
  art_osm_store *s = b->store;
  s->node_count = s->way_count = s->relation_count = s->ref_count = s->member_count = s->tag_count = 0;
  s->nodes_read = s->ways_read = s->relations_read = 0;
  b->has_dropped_nodes = b->has_dropped_ways = b->has_node_after_way = 0;
  b->nodes_unsorted = b->ways_unsorted = b->relations_unsorted = 0;
}

static art_status first_pass(const osm_source *source, store_build *b, art_error *err)
{
  const art_osm_sink sink = { .context = b,
                              .wants = ART_OSM_NODES | ART_OSM_WAYS | ART_OSM_RELATIONS,
                              .node = take_node,
                              .way = take_way,
                              .relation = take_relation,
                              .asks_members = asks_members };
  b->drops_ways_early = 1;
  art_status status = one_pass(source, b, &sink, err);
  if (status != ART_OK || !b->has_dropped_ways || !b->has_node_after_way) return status;
  // Nodes came behind ways: which ways touch the box can only be told at the end.
  empty_store(b);
  b->drops_ways_early = 0;
  return one_pass(source, b, &sink, err);
}

static art_status build_store(const osm_source *source, store_build *b, art_error *err)
{
  art_osm_store *s = b->store;
  art_status status = first_pass(source, b, err);
  if (status != ART_OK) return status;
  s->node_count = order_rows(s->node, s->node_count, sizeof *s->node, b->nodes_unsorted);
  s->way_count = order_rows(s->way, s->way_count, sizeof *s->way, b->ways_unsorted);
  s->relation_count = order_rows(s->relation, s->relation_count, sizeof *s->relation, b->relations_unsorted);
  if (b->options->with_box) drop_outside(b);
  if (b->has_dropped_nodes) {
    list_wanted(b);
    s->node_count = 0;
    b->nodes_unsorted = 0;
    const art_osm_sink sink = { .context = b, .wants = ART_OSM_NODES, .node = take_wanted_node };
    status = one_pass(source, b, &sink, err);
    if (status != ART_OK) return status;
    s->node_count = order_rows(s->node, s->node_count, sizeof *s->node, b->nodes_unsorted);
  }
  if (s->node_count >= INT32_MAX)
    return art_fail(err, ART_E_INPUT, "%s: more than 2^31 nodes are used: read a part of it, by a box",
                    source->name);
  finish_nodes(b);
  return ART_OK;
}

static art_status read_source(const osm_source *source, const art_osm_read_options *options,
                              art_osm_store **out, art_error *err)
{
  static const art_osm_read_options nothing_special = { 0 };
  *out = NULL;
  store_build b = { .options = options ? options : &nothing_special };
  b.budget = b.options->node_budget > 0 ? b.options->node_budget : usual_budget;
  b.store = ART_NEW(art_osm_store, 1);
  b.store->texts = art_osm_text_pool_new();
  // Never NULL, not even in an empty store: pieces are addressed as array + first.
  b.tag_capacity = b.ref_capacity = b.member_capacity = 16;
  b.store->tag = ART_NEW(art_osm_tag, b.tag_capacity);
  b.store->ref = ART_NEW(int64_t, b.ref_capacity);
  b.store->member = ART_NEW(art_osm_member, b.member_capacity);
  const art_status status = build_store(source, &b, err);
  free(b.wanted);
  if (status != ART_OK) {
    art_osm_store_free(b.store);
    return status;
  }
  *out = b.store;
  return ART_OK;
}

art_status art_osm_read(const char *path, const art_osm_read_options *options, art_osm_store **out,
                        art_error *err)
{
  return read_source(&(osm_source){ .name = path }, options, out, err);
}

art_status art_osm_read_text(const char *name, const void *data, size_t size,
                             const art_osm_read_options *options, art_osm_store **out, art_error *err)
{
  return read_source(&(osm_source){ .name = name, .data = data ? data : "", .size = size }, options, out,
                     err);
}

void art_osm_store_free(art_osm_store *store)
{
  if (!store) return;
  art_osm_text_pool_free(store->texts);
  free(store->node);
  free(store->way);
  free(store->relation);
  free(store->ref);
  free(store->ref_node);
  free(store->member);
  free(store->tag);
  free(store);
}
