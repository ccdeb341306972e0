/// \file read.h
/// Streams OpenStreetMap files (.osm, .osm.gz, .osm.pbf) into a store of what traffic may need. Ways that
/// nobody moves on, nodes of no kept way and tags of unknown keys are dropped while reading.
///
/// Memory: while all nodes fit into `node_budget` they are kept until the ways are known (one pass). Beyond
/// it, or with a box, the file is read a second time for the nodes of the kept ways only, so that memory
/// follows what is kept.
#ifndef ART_IO_OSM_READ_H
#define ART_IO_OSM_READ_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "io/osm/keys.h"
#include "io/osm/tags.h"

typedef struct art_osm_node_row {
  int64_t id;
  double lon, lat;  ///< degrees, WGS 84
  int32_t tag_first, tag_count;
} art_osm_node_row;

typedef struct art_osm_way_row {
  int64_t id;
  int64_t ref_first;
  int32_t ref_count;
  int32_t tag_first, tag_count;
} art_osm_way_row;

typedef struct art_osm_relation_row {
  int64_t id;
  int64_t member_first;
  int32_t member_count;
  int32_t tag_first, tag_count;
} art_osm_relation_row;

/// Rows are sorted by id, each id once. Owned by whoever read it; texts live as long as the store.
typedef struct art_osm_store {
  int64_t node_count, way_count, relation_count;
  art_osm_node_row *node;
  art_osm_way_row *way;
  art_osm_relation_row *relation;
  int64_t ref_count;
  int64_t *ref;        ///< node ids of ways, in their order; no id twice in a row
  int64_t *ref_node;   ///< index of that node, -1: the file does not hold it
  int64_t member_count;
  art_osm_member *member;
  int64_t tag_count;
  art_osm_tag *tag;
  // what the file held, kept or not
  int64_t nodes_read, ways_read, relations_read;
  int64_t nodes_missing;  ///< references of kept ways to nodes that the file does not hold
  int64_t bytes_read;     ///< of the text for XML (inflated), of the file for PBF; all passes
  int passes;
  double min_lon, min_lat, max_lon, max_lat;  ///< of the kept nodes
  void *texts;            ///< owner of the values
} art_osm_store;

typedef struct art_osm_read_options {
  int with_box;  ///< 1: keep ways with at least one node inside
  double min_lon, min_lat, max_lon, max_lat;
  int64_t node_budget;   ///< nodes kept in one pass; 0: 16 million (0.5 GB)
  int keep_routes;       ///< 1: relations type=route of public transport too, for their order of ways
  int keep_built_up;     ///< 1: closed ways of landuse and building too (nodes included), to tell town from country
} art_osm_read_options;

/// Reads a file; the format is recognised by content. `options` may be NULL. On failure *out is NULL.
art_status art_osm_read(const char *path, const art_osm_read_options *options, art_osm_store **out, art_error *err);
/// The same from memory, for tests and fuzzing: XML or PBF, plain. `name` is for messages.
art_status art_osm_read_text(const char *name, const void *data, size_t size, const art_osm_read_options *options,
                             art_osm_store **out, art_error *err);
void art_osm_store_free(art_osm_store *store);

/// Index of an id by bisection, or -1.
int64_t art_osm_find_node(const art_osm_store *store, int64_t id);
int64_t art_osm_find_way(const art_osm_store *store, int64_t id);
int64_t art_osm_find_relation(const art_osm_store *store, int64_t id);

static inline art_osm_tags art_osm_tags_of(const art_osm_store *store, int32_t first, int32_t count)
{
  return (art_osm_tags){ count, store->tag + first };
}

#endif  // ART_IO_OSM_READ_H
