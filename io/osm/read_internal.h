/// \file read_internal.h
/// What the decoders of XML and PBF hand over, and where they take their bytes from.
#ifndef ART_IO_OSM_READ_INTERNAL_H
#define ART_IO_OSM_READ_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "io/osm/keys.h"
#include "io/osm/tags.h"

/// Limits that no real file reaches: a way has at most 2000 nodes, a relation some 30 000 members.
enum { ART_OSM_MOST_REFS = 1 << 20, ART_OSM_MOST_TAGS = 1 << 15, ART_OSM_MOST_TEXT = 1 << 16 };

enum { ART_OSM_NODES = 1, ART_OSM_WAYS = 2, ART_OSM_RELATIONS = 4 };

/// Takes decoded entities, tags of unknown keys left out. All pointers are valid during the call only.
typedef struct art_osm_sink {
  void *context;
  unsigned wants;  ///< ART_OSM_NODES ...: others may be skipped undecoded
  void (*node)(void *context, int64_t id, double lon, double lat, art_osm_tags tags);
  void (*way)(void *context, int64_t id, int32_t ref_count, const int64_t *ref, art_osm_tags tags);
  void (*relation)(void *context, int64_t id, int32_t member_count, const art_osm_member *member,
                   art_osm_tags tags);
  int (*asks_members)(void *context, art_osm_tags tags);  ///< 0: members of such a relation may be left out undecoded; NULL:
                                                          ///< of none
} art_osm_sink;

/// Bytes of a plain or gzip file, or of memory.
typedef struct art_osm_bytes {
  const char *name;
  void *gz;  ///< gzFile, NULL: memory
  const uint8_t *data;
  uint8_t *owned;   ///< the memory, where it is not borrowed; a NUL stands behind it, and decoders may write into it
  size_t size, at;  ///< of the memory
  int64_t total;    ///< bytes handed out
} art_osm_bytes;
/// Inflates zlib's format from memory to memory. Returns 1 if that gives `plain_size` bytes exactly.
int art_osm_inflate(const void *packed, size_t packed_size, void *plain, size_t plain_size);
/// The text of a gzip file in memory, for the caller to free; NULL where it must be read piece by piece: it is large, it has
/// several members, it is broken or no gzip, or the build has no fast way.
uint8_t *art_osm_inflate_file(const char *path, size_t *size);
/// Up to `size` bytes; *got < size at the end only.
art_status art_osm_bytes_read(art_osm_bytes *bytes, void *buffer, size_t size, size_t *got, art_error *err);

/// Keys met before, by their text: a small direct-mapped table, so that taking a key apart is rare.
enum { ART_OSM_CACHE_SLOTS = 4096, ART_OSM_CACHE_TEXT = 44 };
typedef struct art_osm_key_cache {
  struct {
    uint16_t length;  ///< 0: free
    art_osm_key key;
    char text[ART_OSM_CACHE_TEXT];
  } slot[ART_OSM_CACHE_SLOTS];
} art_osm_key_cache;
art_osm_key art_osm_key_cached(art_osm_key_cache *cache, const char *text, size_t length);

/// Replaces the five named and the numeric references in a text that ends with NUL, in place. Returns NULL, or where one
/// stands that is not known.
const char *art_osm_xml_resolve(char *value, size_t *length);

/// 1 if the bytes are well-formed UTF-8 without control characters but tab and line ends.
int art_osm_is_utf8(const char *text, size_t length);

art_status art_osm_xml_decode(art_osm_bytes *bytes, art_osm_key_cache *cache, const art_osm_sink *sink,
                              art_error *err);
art_status art_osm_pbf_decode(art_osm_bytes *bytes, art_osm_key_cache *cache, const art_osm_sink *sink,
                              art_error *err);

#endif  // ART_IO_OSM_READ_INTERNAL_H
