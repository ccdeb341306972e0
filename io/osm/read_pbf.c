// OSM's binary format: blobs of protocol buffers, each inflated and walked on its own. Every length and index
// is checked against what holds it; sums run in unsigned arithmetic, where they cannot overflow.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/read_internal.h"

/// The format's own limits.
enum { LARGEST_HEADER = 64 << 10, LARGEST_BLOB = 32 << 20 };

/// A message that is being walked.
typedef struct pbf_message {
  const uint8_t *at, *end;
} pbf_message;

/// One field: a number, or a message.
typedef struct pbf_field {
  uint32_t number;
  int is_message;
  uint64_t value;
  pbf_message inside;
} pbf_field;

typedef enum pbf_text_state { TEXT_NEW, TEXT_GOOD, TEXT_BAD } pbf_text_state;
static const art_osm_key key_unknown_yet = UINT32_MAX;

typedef struct pbf_string {
  uint32_t at, length;  ///< in the blob
  art_osm_key key;      ///< what it means as a key; key_unknown_yet
  uint8_t state;        ///< pbf_text_state
} pbf_string;

typedef struct pbf_reader {
  art_osm_bytes *bytes;
  art_osm_key_cache *cache;
  const art_osm_sink *sink;
  art_error *err;
  art_status status;
  int64_t blob_at;  ///< where the blob begins in the file
  int has_header;
  uint8_t *packed, *blob;  ///< as it stands in the file; inflated, one byte longer than its data
  size_t packed_capacity, blob_capacity, blob_size;
  pbf_string *string;
  int32_t string_count, string_capacity;
  pbf_message *group;
  int32_t group_count, group_capacity;
  int64_t granularity, lat_offset, lon_offset;
  art_osm_tag *tag;
  int32_t tag_count, tag_capacity;
  int64_t *ref;
  int32_t ref_count, ref_capacity;
  art_osm_member *member;
  int32_t member_count, member_capacity;
} pbf_reader;

static int fail(pbf_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(pbf_reader *r, const char *format, ...)
{
  if (r->status != ART_OK) return 0;
  char message[400];
  va_list list;
  va_start(list, format);
  vsnprintf(message, sizeof message, format, list);
  va_end(list);
  r->status = art_fail(r->err, ART_E_INPUT, "%s: block at byte %lld: %s", r->bytes->name,
                       (long long)r->blob_at, message);
  return 0;
}

static int broken(pbf_reader *r)
{
  return fail(r, "broken data (a length or number leads out of its message)");
}

// ---- protocol buffers ------------------------------------------------------------------------------------------------

static int read_varint(pbf_message *m, uint64_t *out)
{
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && m->at < m->end; shift += 7) {
    const uint8_t byte = *m->at++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *out = value;
      return 1;
    }
  }
  return 0;
}

static int64_t zigzag(uint64_t value)
{
  return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

/// Returns 1, 0 at the end, -1 if the message is broken.
static int next_field(pbf_message *m, pbf_field *out)
{
  if (m->at == m->end) return 0;
  uint64_t tag;
  if (!read_varint(m, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX) return -1;
  *out = (pbf_field){ .number = (uint32_t)(tag >> 3) };
  size_t size = 0;
  switch (tag & 7) {
  case 0: return read_varint(m, &out->value) ? 1 : -1;
  case 1: size = 8; break;
  case 2:
    if (!read_varint(m, &out->value) || out->value > (uint64_t)(m->end - m->at)) return -1;
    size = (size_t)out->value;
    out->is_message = 1;
    out->inside = (pbf_message){ m->at, m->at + size };
    break;
  case 5: size = 4; break;
  default: return -1;
  }
  if (size > (size_t)(m->end - m->at)) return -1;
  m->at += size;
  return 1;
}

// ---- blobs -----------------------------------------------------------------------------------------------------------

static uint8_t *make_room(uint8_t **buffer, size_t *capacity, size_t size)
{
  if (size > *capacity) {
    *capacity = size + size / 4;
    *buffer = art_renew(*buffer, *capacity, 1);
  }
  return *buffer;
}

static int inflate_blob(pbf_reader *r, pbf_message data, uint64_t raw_size)
{
  if (raw_size > LARGEST_BLOB)
    return fail(r, "raw_size=%llu: accepted: up to 32 MB", (unsigned long long)raw_size);
  make_room(&r->blob, &r->blob_capacity, (size_t)raw_size + 1);
  if (!art_osm_inflate(data.at, (size_t)(data.end - data.at), r->blob, (size_t)raw_size))
    return fail(r, "the compressed data are broken");
  r->blob_size = (size_t)raw_size;
  return 1;
}

/// Takes the blob of `size` bytes that comes next in the file apart, into r->blob.
static int read_blob(pbf_reader *r, size_t size)
{
  static const char *const other[] = { "", "", "", "", "lzma", "bzip2", "lz4", "zstd" };
  size_t got = 0;
  make_room(&r->packed, &r->packed_capacity, size + 1);
  r->status = art_osm_bytes_read(r->bytes, r->packed, size, &got, r->err);
  if (r->status != ART_OK) return 0;
  if (got < size) return fail(r, "the file ends within a block");
  pbf_message m = { r->packed, r->packed + size }, raw = { 0 }, packed = { 0 };
  uint64_t raw_size = 0;
  int has_size = 0, more;
  pbf_field f;
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number == 1 && f.is_message)
      raw = f.inside;
    else if (f.number == 2 && !f.is_message)
      raw_size = f.value, has_size = 1;
    else if (f.number == 3 && f.is_message)
      packed = f.inside;
    else if (f.number >= 4 && f.number <= 7)
      return fail(r, "the compression %s is not read; write the file with zlib", other[f.number]);
  }
  if (more < 0) return broken(r);
  if (packed.at) return has_size ? inflate_blob(r, packed, raw_size) : fail(r, "raw_size is missing");
  if (!raw.at) return fail(r, "a block without data");
  r->blob_size = (size_t)(raw.end - raw.at);
  make_room(&r->blob, &r->blob_capacity, r->blob_size + 1);
  memcpy(r->blob, raw.at, r->blob_size);
  return 1;
}

static int read_header_block(pbf_reader *r)
{
  static const char *const known[] = { "OsmSchema-V0.6", "DenseNodes" };
  pbf_message m = { r->blob, r->blob + r->blob_size };
  pbf_field f;
  int more;
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number != 4 || !f.is_message) continue;
    const size_t length = (size_t)(f.inside.end - f.inside.at);
    int is_known = 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i)
      is_known |= strlen(known[i]) == length && memcmp(known[i], f.inside.at, length) == 0;
    if (!is_known && art_osm_is_utf8((const char *)f.inside.at, length))
      return fail(r, "required feature %.*s is not read", length < 60 ? (int)length : 60,
                  (const char *)f.inside.at);
    if (!is_known) return broken(r);
  }
  r->has_header = 1;
  return more == 0 ? 1 : broken(r);
}

// ---- tags and texts --------------------------------------------------------------------------------------------------

static int read_strings(pbf_reader *r, pbf_message table)
{
  pbf_field f;
  int more;
  while ((more = next_field(&table, &f)) > 0) {
    if (f.number != 1 || !f.is_message) continue;
    const pbf_string string = { .at = (uint32_t)(f.inside.at - r->blob),
                                .length = (uint32_t)(f.inside.end - f.inside.at),
                                .key = key_unknown_yet };
    ART_PUSH(r->string, r->string_count, r->string_capacity, string);
  }
  return more == 0 ? 1 : broken(r);
}

/// The text of a string, checked at first use; NULL on an error.
static const char *text_of(pbf_reader *r, uint64_t i)
{
  if (i >= (uint64_t)r->string_count) return broken(r), NULL;
  pbf_string *string = &r->string[i];
  const char *text = (const char *)r->blob + string->at;
  if (string->state == TEXT_NEW)
    string->state =
        string->length <= ART_OSM_MOST_TEXT && art_osm_is_utf8(text, string->length) ? TEXT_GOOD : TEXT_BAD;
  if (string->state == TEXT_GOOD) return text;
  fail(r, "a text is longer than %d bytes or not UTF-8", ART_OSM_MOST_TEXT);
  return NULL;
}

static int add_tag(pbf_reader *r, uint64_t key, uint64_t value)
{
  if (key >= (uint64_t)r->string_count || value >= (uint64_t)r->string_count) return broken(r);
  pbf_string *string = &r->string[key];
  if (string->key == key_unknown_yet)
    string->key = art_osm_key_cached(r->cache, (const char *)r->blob + string->at, string->length);
  if (!string->key) return 1;
  const char *text = text_of(r, value);
  if (!text) return 0;
  if (r->tag_count == ART_OSM_MOST_TAGS) return fail(r, "more than %d tags", ART_OSM_MOST_TAGS);
  const art_osm_tag tag = { string->key, text };
  ART_PUSH(r->tag, r->tag_count, r->tag_capacity, tag);
  return 1;
}

static int read_tags(pbf_reader *r, pbf_message keys, pbf_message values)
{
  r->tag_count = 0;
  while (keys.at < keys.end) {
    uint64_t key, value;
    if (!read_varint(&keys, &key) || !read_varint(&values, &value)) return broken(r);
    if (!add_tag(r, key, value)) return 0;
  }
  return values.at == values.end ? 1 : broken(r);
}

static art_osm_tags tags_of(const pbf_reader *r)
{
  return (art_osm_tags){ r->tag_count, r->tag };
}

// ---- nodes, ways, relations ------------------------------------------------------------------------------------------

/// Nanodegrees of a coordinate in degrees; the range keeps the product from overflowing.
static int read_degrees(pbf_reader *r, int64_t value, int64_t offset, double limit, double *out)
{
  static const int64_t most = (int64_t)1 << 40;
  if (value < -most || value > most) return fail(r, "a coordinate is out of range");
  *out = (double)(offset + value * r->granularity) / 1e9;
  if (!(*out >= -limit && *out <= limit))
    return fail(r, "a node at %.7f degrees: accepted: [%g, %g]", *out, -limit, limit);
  return 1;
}

static int emit_node(pbf_reader *r, int64_t id, int64_t lat, int64_t lon)
{
  double y = 0.0, x = 0.0;
  if (!read_degrees(r, lat, r->lat_offset, 90.0, &y) || !read_degrees(r, lon, r->lon_offset, 180.0, &x))
    return 0;
  r->sink->node(r->sink->context, id, x, y, tags_of(r));
  return 1;
}

static int read_node(pbf_reader *r, pbf_message m)
{
  pbf_message keys = { 0 }, values = { 0 };
  int64_t id = 0, lat = 0, lon = 0;
  int has = 0, more;
  pbf_field f;
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number == 1 && !f.is_message)
      id = zigzag(f.value), has |= 1;
    else if (f.number == 2 && f.is_message)
      keys = f.inside;
    else if (f.number == 3 && f.is_message)
      values = f.inside;
    else if (f.number == 8 && !f.is_message)
      lat = zigzag(f.value), has |= 2;
    else if (f.number == 9 && !f.is_message)
      lon = zigzag(f.value), has |= 4;
  }
  if (more < 0 || has != 7) return broken(r);
  return read_tags(r, keys, values) && emit_node(r, id, lat, lon);
}

/// Tags of the next dense node: pairs up to a 0. An empty list means that no node of the group has any.
static int read_dense_tags(pbf_reader *r, pbf_message *pairs, int has_pairs)
{
  r->tag_count = 0;
  while (has_pairs) {
    uint64_t key, value;
    if (!read_varint(pairs, &key)) return broken(r);
    if (key == 0) break;
    if (!read_varint(pairs, &value)) return broken(r);
    if (!add_tag(r, key, value)) return 0;
  }
  return 1;
}

static int read_dense(pbf_reader *r, pbf_message m)
{
  pbf_message ids = { 0 }, lats = { 0 }, lons = { 0 }, pairs = { 0 };
  int more;
  pbf_field f;
  while ((more = next_field(&m, &f)) > 0) {
    if (!f.is_message) continue;
    if (f.number == 1)
      ids = f.inside;
    else if (f.number == 8)
      lats = f.inside;
    else if (f.number == 9)
      lons = f.inside;
    else if (f.number == 10)
      pairs = f.inside;
  }
  if (more < 0) return broken(r);
  uint64_t id = 0, lat = 0, lon = 0;
  const int has_pairs = pairs.at < pairs.end;
  while (ids.at < ids.end) {
    uint64_t a, b, c;
    if (!read_varint(&ids, &a) || !read_varint(&lats, &b) || !read_varint(&lons, &c)) return broken(r);
    id += (uint64_t)zigzag(a);
    lat += (uint64_t)zigzag(b);
    lon += (uint64_t)zigzag(c);
    if (!read_dense_tags(r, &pairs, has_pairs) || !emit_node(r, (int64_t)id, (int64_t)lat, (int64_t)lon))
      return 0;
  }
  return lats.at == lats.end && lons.at == lons.end && pairs.at == pairs.end ? 1 : broken(r);
}

static int read_way(pbf_reader *r, pbf_message m)
{
  pbf_message keys = { 0 }, values = { 0 }, refs = { 0 };
  int64_t id = 0;
  int has_id = 0, more;
  pbf_field f;
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number == 1 && !f.is_message)
      id = (int64_t)f.value, has_id = 1;
    else if (f.number == 2 && f.is_message)
      keys = f.inside;
    else if (f.number == 3 && f.is_message)
      values = f.inside;
    else if (f.number == 8 && f.is_message)
      refs = f.inside;
  }
  if (more < 0 || !has_id) return broken(r);
  if (!read_tags(r, keys, values)) return 0;
  r->ref_count = 0;
  for (uint64_t sum = 0, step; refs.at < refs.end;) {
    if (!read_varint(&refs, &step)) return broken(r);
    sum += (uint64_t)zigzag(step);
    if (r->ref_count == ART_OSM_MOST_REFS) return fail(r, "more than %d nodes in a way", ART_OSM_MOST_REFS);
    ART_PUSH(r->ref, r->ref_count, r->ref_capacity, (int64_t)sum);
  }
  r->sink->way(r->sink->context, id, r->ref_count, r->ref, tags_of(r));
  return 1;
}

static int read_members(pbf_reader *r, pbf_message roles, pbf_message ids, pbf_message types)
{
  r->member_count = 0;
  for (uint64_t sum = 0, step, role, type; ids.at < ids.end;) {
    if (!read_varint(&ids, &step) || !read_varint(&roles, &role) || !read_varint(&types, &type))
      return broken(r);
    sum += (uint64_t)zigzag(step);
    const char *text = text_of(r, role);
    if (!text) return 0;
    if (type > ART_OSM_MEMBER_RELATION)
      return fail(r, "member: type %llu: accepted: 0 to 2", (unsigned long long)type);
    if (r->member_count == ART_OSM_MOST_REFS) return fail(r, "more than %d members", ART_OSM_MOST_REFS);
    const art_osm_member member = { (int64_t)sum, (uint8_t)type, text };
    ART_PUSH(r->member, r->member_count, r->member_capacity, member);
  }
  return roles.at == roles.end && types.at == types.end ? 1 : broken(r);
}

static int read_relation(pbf_reader *r, pbf_message m)
{
  pbf_message keys = { 0 }, values = { 0 }, roles = { 0 }, ids = { 0 }, types = { 0 };
  int64_t id = 0;
  int has_id = 0, more;
  pbf_field f;
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number == 1 && !f.is_message) id = (int64_t)f.value, has_id = 1;
    if (!f.is_message) continue;
    if (f.number == 2)
      keys = f.inside;
    else if (f.number == 3)
      values = f.inside;
    else if (f.number == 8)
      roles = f.inside;
    else if (f.number == 9)
      ids = f.inside;
    else if (f.number == 10)
      types = f.inside;
  }
  if (more < 0 || !has_id) return broken(r);
  if (!read_tags(r, keys, values) || !read_members(r, roles, ids, types)) return 0;
  r->sink->relation(r->sink->context, id, r->member_count, r->member, tags_of(r));
  return 1;
}

static int read_group(pbf_reader *r, pbf_message group)
{
  int more;
  pbf_field f;
  while ((more = next_field(&group, &f)) > 0) {
    if (!f.is_message) continue;
    int is_good = 1;
    if (f.number == 1 && (r->sink->wants & ART_OSM_NODES))
      is_good = read_node(r, f.inside);
    else if (f.number == 2 && (r->sink->wants & ART_OSM_NODES))
      is_good = read_dense(r, f.inside);
    else if (f.number == 3 && (r->sink->wants & ART_OSM_WAYS))
      is_good = read_way(r, f.inside);
    else if (f.number == 4 && (r->sink->wants & ART_OSM_RELATIONS))
      is_good = read_relation(r, f.inside);
    if (!is_good) return 0;
  }
  return more == 0 ? 1 : broken(r);
}

/// Finds the parts of a block first: strings may stand behind the groups that use them, and they are ended
/// with a NUL in place, over the byte behind them, which has been read by then.
static int read_data_block(pbf_reader *r)
{
  pbf_message m = { r->blob, r->blob + r->blob_size };
  r->granularity = 100;
  r->lat_offset = r->lon_offset = 0;
  r->string_count = r->group_count = 0;
  int more;
  pbf_field f;
  pbf_message strings = { 0 };
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number == 1 && f.is_message) {
      if (strings.at) return fail(r, "two tables of strings in a block");
      strings = f.inside;
    } else if (f.number == 2 && f.is_message) {
      ART_PUSH(r->group, r->group_count, r->group_capacity, f.inside);
    } else if (f.number == 17 && !f.is_message) {
      r->granularity = (int64_t)f.value;
    } else if (f.number == 19 && !f.is_message) {
      r->lat_offset = (int64_t)f.value;
    } else if (f.number == 20 && !f.is_message) {
      r->lon_offset = (int64_t)f.value;
    }
  }
  static const int64_t half_circle = 180000000000;
  if (more < 0) return broken(r);
  if (r->granularity < 1 || r->granularity > 1000000)
    return fail(r, "granularity=%lld: accepted: 1 to 1000000", (long long)r->granularity);
  if (r->lat_offset < -half_circle || r->lat_offset > half_circle || r->lon_offset < -half_circle ||
      r->lon_offset > half_circle)
    return fail(r, "an offset of coordinates is out of range");
  if (strings.at && !read_strings(r, strings)) return 0;
  for (int32_t i = 0; i < r->string_count; ++i) r->blob[r->string[i].at + r->string[i].length] = '\0';
  for (int32_t i = 0; i < r->group_count; ++i)
    if (!read_group(r, r->group[i])) return 0;
  return 1;
}

/// Type and size of the next blob; returns 0 at the end of the file and on errors.
static int read_blob_header(pbf_reader *r, char type[16], size_t *size)
{
  uint8_t length[4], header[LARGEST_HEADER];
  size_t got = 0;
  r->blob_at = r->bytes->total;
  r->status = art_osm_bytes_read(r->bytes, length, 4, &got, r->err);
  if (r->status != ART_OK || got == 0) return 0;
  if (got < 4) return fail(r, "the file ends within a block");
  const uint32_t count =
      (uint32_t)length[0] << 24 | (uint32_t)length[1] << 16 | (uint32_t)length[2] << 8 | length[3];
  if (count > LARGEST_HEADER) return fail(r, "a header of %u bytes: accepted: up to 65536", count);
  r->status = art_osm_bytes_read(r->bytes, header, count, &got, r->err);
  if (r->status != ART_OK) return 0;
  if (got < count) return fail(r, "the file ends within a block");
  pbf_message m = { header, header + count };
  pbf_field f;
  uint64_t data_size = 0;
  int has_size = 0, more;
  type[0] = '\0';
  while ((more = next_field(&m, &f)) > 0) {
    if (f.number == 1 && f.is_message) {
      const size_t n = (size_t)(f.inside.end - f.inside.at);
      if (n < 16) memcpy(type, f.inside.at, n), type[n] = '\0';
    } else if (f.number == 3 && !f.is_message) {
      data_size = f.value;
      has_size = 1;
    }
  }
  if (more < 0 || !has_size) return broken(r);
  if (data_size > LARGEST_BLOB)
    return fail(r, "datasize=%llu: accepted: up to 32 MB", (unsigned long long)data_size);
  *size = (size_t)data_size;
  return 1;
}

art_status art_osm_pbf_decode(art_osm_bytes *bytes, art_osm_key_cache *cache, const art_osm_sink *sink,
                              art_error *err)
{
  pbf_reader r = { .bytes = bytes, .cache = cache, .sink = sink, .err = err };
  char type[16];
  size_t size = 0;
  while (read_blob_header(&r, type, &size) && read_blob(&r, size)) {
    const int is_header = strcmp(type, "OSMHeader") == 0;
    if (is_header ? !read_header_block(&r) : strcmp(type, "OSMData") != 0) {
      if (r.status != ART_OK) break;
      continue;  // blocks of other types are to be skipped
    }
    if (is_header) continue;
    if (!r.has_header ? !fail(&r, "data without a header before") : !read_data_block(&r)) break;
  }
  if (r.status == ART_OK && !r.has_header) fail(&r, "no header");
  free(r.packed);
  free(r.blob);
  free(r.string);
  free(r.group);
  free(r.tag);
  free(r.ref);
  free(r.member);
  return r.status;
}
