// OSM's XML, a chunk at a time. Of XML it takes what such files consist of: elements, attributes, the five
// named and the numeric references, comments, UTF-8. Document types are refused (and with them entities of
// their own), so that no file is larger inside than outside.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/read_internal.h"

enum { CHUNK = 1 << 18, LONGEST_ELEMENT = 1 << 24, DEEPEST = 32, NAME_KEPT = 16 };

typedef struct xml_tag {
  art_osm_key key;
  uint32_t text;  ///< where the value stands in `texts`
} xml_tag;

typedef struct xml_member {
  int64_t id;
  uint8_t type;
  uint32_t text;
} xml_member;

typedef enum xml_entity { NO_ENTITY, A_NODE, A_WAY, A_RELATION } xml_entity;

/// An attribute of the element at `begin`.
typedef struct xml_attribute {
  const char *name;
  size_t name_length;
  char *value;  ///< ends with NUL once it was handed out, references still in it
  size_t length;
} xml_attribute;

enum { LISTED = 12 };  // of an element; one with more is read the long way

typedef struct xml_reader {
  art_osm_bytes *bytes;
  art_osm_key_cache *cache;
  const art_osm_sink *sink;
  art_error *err;
  art_status status;
  char *buffer;  ///< [begin, end) is not yet read; a NUL stands at [end]
  size_t capacity, begin, end;
  int is_all;            ///< the source has no more bytes
  int64_t lines_before;  ///< line ends of what left the buffer
  int depth;
  struct {
    size_t length;
    char text[NAME_KEPT];
  } open[DEEPEST];
  int has_root;
  xml_attribute listed[LISTED];  ///< of the element at hand, if it was plain
  int listed_count, listed_next; ///< listed_count -1: it was not, next_attribute() takes it apart
  // the entity that is open
  xml_entity entity;
  int is_wanted;
  int64_t id;
  double lon, lat;
  int32_t ref_count, ref_capacity, tag_count, tag_capacity, member_count, member_capacity;
  int64_t *ref;
  xml_tag *tag;
  xml_member *member;
  char *texts;
  size_t text_size, text_capacity;
  art_osm_tag *out_tag;
  art_osm_member *out_member;
  int32_t out_tag_capacity, out_member_capacity;
} xml_reader;

static int64_t lines_in(const char *text, size_t size)
{
  int64_t lines = 0;
  for (size_t done = 0; done < size;) {  // in small counts, for the compiler's vectors
    const size_t end = size - done < 255 ? size : done + 255;
    uint8_t count = 0;
    for (; done < end; ++done) count = (uint8_t)(count + (text[done] == '\n'));
    lines += count;
  }
  return lines;
}

static int64_t line_of(const xml_reader *r, size_t at)
{
  return r->lines_before + 1 + lines_in(r->buffer, at < r->end ? at : r->end);
}

static int fail(xml_reader *r, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int fail(xml_reader *r, size_t at, const char *format, ...)
{
  if (r->status != ART_OK) return 0;
  char message[512];
  va_list list;
  va_start(list, format);
  vsnprintf(message, sizeof message, format, list);
  va_end(list);
  r->status =
      art_fail(r->err, ART_E_INPUT, "%s:%lld: %s", r->bytes->name, (long long)line_of(r, at), message);
  return 0;
}

/// Moves what is unread to the front and reads on. Returns 0 at the end of the source and on errors.
static int refill(xml_reader *r)
{
  if (r->is_all || r->status != ART_OK) return 0;
  r->lines_before += lines_in(r->buffer, r->begin);
  memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
  r->end -= r->begin;
  r->begin = 0;
  if (r->capacity - r->end < CHUNK) {
    if (r->end > LONGEST_ELEMENT) return fail(r, 0, "an element or comment is longer than 16 MB");
    r->capacity = 2 * r->capacity;
    r->buffer = art_renew(r->buffer, r->capacity + 1, 1);
  }
  size_t got = 0;
  r->status = art_osm_bytes_read(r->bytes, r->buffer + r->end, r->capacity - r->end, &got, r->err);
  if (r->status != ART_OK) return 0;
  r->is_all = got < r->capacity - r->end;
  r->end += got;
  r->buffer[r->end] = '\0';
  return got > 0;
}

/// Offset of `mark` from `begin` on, reading on as needed; SIZE_MAX at the end. Offsets count from the
/// buffer's begin.
static size_t find_mark(xml_reader *r, const char *mark)
{
  const size_t length = strlen(mark);
  size_t done = 0;  // bytes behind `begin` that hold no mark
  for (;;) {
    const char *found = memmem(r->buffer + r->begin + done, r->end - r->begin - done, mark, length);
    if (found) return (size_t)(found - r->buffer);
    done = r->end - r->begin < length ? 0 : r->end - r->begin - length + 1;
    if (!refill(r)) return SIZE_MAX;
  }
}

static int is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static int is_name_end(char c)
{
  static const uint8_t ends[256] = { ['\0'] = 1, ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, [' '] = 1,
                                     ['/'] = 1,  ['<'] = 1,  ['='] = 1,  ['>'] = 1 };
  return ends[(uint8_t)c];
}

/// Offset of the '>' that ends the element at `begin`, if it is as nearly all are: all in the buffer, <name a="..." b="...">
/// or "/>", one blank between, '"' round values. Lists its attributes on the way. SIZE_MAX for any other.
static size_t find_plain_end(xml_reader *r)
{
  char *const text = r->buffer, *const end = text + r->end;
  char *at = text + r->begin + 1;
  r->listed_count = r->listed_next = 0;
  while (!is_name_end(*at)) ++at;  // a NUL stands at the end
  while (*at == ' ' && at[1] != '/' && at[1] != '>' && r->listed_count < LISTED) {
    xml_attribute *a = &r->listed[r->listed_count];
    a->name = ++at;
    while (!is_name_end(*at)) ++at;
    a->name_length = (size_t)(at - a->name);
    if (!a->name_length || at[0] != '=' || at[1] != '"') return r->listed_count = -1, SIZE_MAX;
    a->value = at + 2;
    at = memchr(a->value, '"', (size_t)(end - a->value));
    if (!at) return r->listed_count = -1, SIZE_MAX;
    a->length = (size_t)(at++ - a->value);
    ++r->listed_count;
  }
  if (*at == ' ') ++at;
  if (*at == '/') ++at;
  if (*at == '>') return (size_t)(at - text);
  r->listed_count = -1;
  return SIZE_MAX;
}

/// The same of any element, outside quotes; SIZE_MAX if the file ends before.
static size_t find_element_end(xml_reader *r)
{
  size_t at = 1;
  char quote = 0;
  for (;;) {
    const char *text = r->buffer + r->begin;
    const size_t size = r->end - r->begin;
    while (at < size) {
      if (quote) {
        const char *found = memchr(text + at, quote, size - at);
        if (!found) {
          at = size;
          break;
        }
        at = (size_t)(found - text) + 1;
        quote = 0;
      } else if (text[at] == '>') {
        return r->begin + at;
      } else {
        if (text[at] == '"' || text[at] == '\'') quote = text[at];
        ++at;
      }
    }
    if (!refill(r)) return SIZE_MAX;
  }
}

/// The next attribute from *at on, before `end`. Returns 1, 0 at the element's end, -1 on an error.
static int next_attribute(xml_reader *r, size_t *at, size_t end, xml_attribute *out)
{
  if (r->listed_count >= 0) {
    if (r->listed_next == r->listed_count) return 0;
    *out = r->listed[r->listed_next++];
    out->value[out->length] = '\0';
    return 1;
  }
  char *text = r->buffer;
  size_t i = *at;
  while (i < end && is_blank(text[i])) ++i;
  if (i == end || (text[i] == '/' && i + 1 == end)) return 0;
  out->name = text + i;
  const size_t from = i;
  while (i < end && !is_name_end(text[i])) ++i;
  out->name_length = i - from;
  while (i < end && is_blank(text[i])) ++i;
  if (!out->name_length || i >= end || text[i] != '=')
    return fail(r, from, "an attribute without a value"), -1;
  ++i;
  while (i < end && is_blank(text[i])) ++i;
  if (i >= end || (text[i] != '"' && text[i] != '\''))
    return fail(r, i, "an attribute's value without quotes"), -1;
  out->value = text + i + 1;
  char *close = memchr(out->value, text[i], end - i - 1);
  if (!close) return fail(r, i, "an attribute's value does not end"), -1;
  out->length = (size_t)(close - out->value);
  *close = '\0';
  *at = (size_t)(close - text) + 1;
  return 1;
}

static int is_named(const xml_attribute *a, const char *name)
{
  return strlen(name) == a->name_length && memcmp(a->name, name, a->name_length) == 0;
}

/// Replaces references in place.
static int resolve(xml_reader *r, xml_attribute *a)
{
  const char *unknown = art_osm_xml_resolve(a->value, &a->length);
  if (!unknown) return 1;
  return fail(r, (size_t)(unknown - r->buffer), "a reference is not known: %.12s", unknown);
}

static int read_id(xml_reader *r, const char *element, const xml_attribute *a, int64_t *out)
{
  const char *p = a->value;
  const int is_negative = *p == '-';
  p += is_negative;
  uint64_t value = 0;
  const char *digits = p;
  while (*p >= '0' && *p <= '9' && p - digits < 18) value = 10 * value + (uint64_t)(*p++ - '0');
  if (p == digits || p != a->value + a->length)
    return fail(r, (size_t)(a->value - r->buffer), "%s: %.*s=%.40s: accepted: an integer of up to 18 digits",
                element, (int)a->name_length, a->name, a->value);
  *out = is_negative ? -(int64_t)value : (int64_t)value;
  return 1;
}

/// A decimal number of up to 15 digits is an integer over a power of ten, both exact: one division rounds as
/// strtod does.
static int read_degrees(xml_reader *r, const xml_attribute *a, double limit, double *out)
{
  static const double power[] = { 1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
  const char *p = a->value;
  const int is_negative = *p == '-';
  p += is_negative;
  int64_t mantissa = 0;
  int digits = 0, decimals = 0;
  for (; *p >= '0' && *p <= '9' && digits < 15; ++p, ++digits) mantissa = 10 * mantissa + (*p - '0');
  if (*p == '.')
    for (++p; *p >= '0' && *p <= '9' && digits < 15; ++p, ++digits, ++decimals)
      mantissa = 10 * mantissa + (*p - '0');
  if (digits && p == a->value + a->length) {
    *out = (double)mantissa / power[decimals];
    if (is_negative) *out = -*out;
  } else {
    char *end;
    *out = strtod(a->value, &end);
    if (end == a->value || end != a->value + a->length) *out = 1000.0;
  }
  if (!(*out >= -limit && *out <= limit))
    return fail(r, (size_t)(a->value - r->buffer), "node: %.*s=%.40s: accepted: a number in [%g, %g]",
                (int)a->name_length, a->name, a->value, -limit, limit);
  return 1;
}

/// Copies a text into the store of the open entity; returns where.
static uint32_t keep_text(xml_reader *r, const char *text, size_t length)
{
  if (r->text_size + length + 1 > r->text_capacity) {
    r->text_capacity = 2 * (r->text_size + length + 1);
    r->texts = art_renew(r->texts, r->text_capacity, 1);
  }
  const size_t at = r->text_size;
  memcpy(r->texts + at, text, length);
  r->texts[at + length] = '\0';
  r->text_size += length + 1;
  return (uint32_t)at;
}

static int check_text(xml_reader *r, const xml_attribute *a)
{
  const size_t at = (size_t)(a->value - r->buffer);
  if (a->length > ART_OSM_MOST_TEXT) return fail(r, at, "a value of more than %d bytes", ART_OSM_MOST_TEXT);
  if (!art_osm_is_utf8(a->value, a->length)) return fail(r, at, "a value is not UTF-8 text");
  return 1;
}

static int start_entity(xml_reader *r, xml_entity entity, size_t at, size_t end)
{
  static const unsigned wanted[] = { 0, ART_OSM_NODES, ART_OSM_WAYS, ART_OSM_RELATIONS };
  static const char *const name[] = { "", "node", "way", "relation" };
  const size_t from = at;
  int has_id = 0, has_lon = 0, has_lat = 0, is_deleted = 0, more;
  xml_attribute a;
  while ((more = next_attribute(r, &at, end, &a)) > 0) {
    if (is_named(&a, "id")) {
      if (!read_id(r, name[entity], &a, &r->id)) return 0;
      has_id = 1;
    } else if (entity == A_NODE && is_named(&a, "lat")) {
      if (!read_degrees(r, &a, 90.0, &r->lat)) return 0;
      has_lat = 1;
    } else if (entity == A_NODE && is_named(&a, "lon")) {
      if (!read_degrees(r, &a, 180.0, &r->lon)) return 0;
      has_lon = 1;
    } else if (is_named(&a, "visible")) {
      is_deleted |= strcmp(a.value, "false") == 0;
    } else if (is_named(&a, "action")) {
      is_deleted |= strcmp(a.value, "delete") == 0;
    }
  }
  if (more < 0) return 0;
  if (!has_id) return fail(r, from, "%s: id is missing", name[entity]);
  if (entity == A_NODE && !is_deleted && !(has_lon && has_lat))
    return fail(r, from, "node %lld: lat or lon is missing", (long long)r->id);
  r->entity = entity;
  r->is_wanted = !is_deleted && (r->sink->wants & wanted[entity]);
  r->ref_count = r->tag_count = r->member_count = 0;
  r->text_size = 0;
  return 1;
}

static int add_tag(xml_reader *r, size_t at, size_t end)
{
  const size_t from = at;
  xml_attribute a, key = { 0 }, value = { 0 };
  int more;
  while ((more = next_attribute(r, &at, end, &a)) > 0) {
    if (is_named(&a, "k"))
      key = a;
    else if (is_named(&a, "v"))
      value = a;
  }
  if (more < 0) return 0;
  if (!key.value || !value.value) return fail(r, from, "tag: k or v is missing");
  if (!resolve(r, &key)) return 0;
  const art_osm_key word = art_osm_key_cached(r->cache, key.value, key.length);
  if (!word) return 1;
  if (!resolve(r, &value) || !check_text(r, &value)) return 0;
  if (r->tag_count == ART_OSM_MOST_TAGS) return fail(r, from, "more than %d tags", ART_OSM_MOST_TAGS);
  const xml_tag tag = { word, keep_text(r, value.value, value.length) };
  ART_PUSH(r->tag, r->tag_count, r->tag_capacity, tag);
  return 1;
}

static int add_ref(xml_reader *r, size_t at, size_t end)
{
  const size_t from = at;
  xml_attribute a;
  int64_t id = 0;
  int has_id = 0, more;
  while ((more = next_attribute(r, &at, end, &a)) > 0) {
    if (!is_named(&a, "ref")) continue;
    if (!read_id(r, "nd", &a, &id)) return 0;
    has_id = 1;
  }
  if (more < 0) return 0;
  if (!has_id) return fail(r, from, "nd: ref is missing");
  if (r->ref_count == ART_OSM_MOST_REFS)
    return fail(r, from, "more than %d nodes in a way", ART_OSM_MOST_REFS);
  ART_PUSH(r->ref, r->ref_count, r->ref_capacity, id);
  return 1;
}

static int add_member(xml_reader *r, size_t at, size_t end)
{
  const size_t from = at;
  xml_attribute a;
  xml_member member = { 0 };
  int has_id = 0, has_type = 0, has_role = 0, more;
  while ((more = next_attribute(r, &at, end, &a)) > 0) {
    if (is_named(&a, "ref")) {
      if (!read_id(r, "member", &a, &member.id)) return 0;
      has_id = 1;
    } else if (is_named(&a, "type")) {
      has_type = 1;
      if (strcmp(a.value, "node") == 0)
        member.type = ART_OSM_MEMBER_NODE;
      else if (strcmp(a.value, "way") == 0)
        member.type = ART_OSM_MEMBER_WAY;
      else if (strcmp(a.value, "relation") == 0)
        member.type = ART_OSM_MEMBER_RELATION;
      else
        return fail(r, from, "member: type=%.40s: accepted: node, way, relation", a.value);
    } else if (is_named(&a, "role")) {
      if (!resolve(r, &a) || !check_text(r, &a)) return 0;
      member.text = keep_text(r, a.value, a.length);
      has_role = 1;
    }
  }
  if (more < 0) return 0;
  if (!has_id || !has_type) return fail(r, from, "member: type or ref is missing");
  if (!has_role) member.text = keep_text(r, "", 0);
  if (r->member_count == ART_OSM_MOST_REFS) return fail(r, from, "more than %d members", ART_OSM_MOST_REFS);
  ART_PUSH(r->member, r->member_count, r->member_capacity, member);
  return 1;
}

static void end_entity(xml_reader *r)
{
  if (r->is_wanted) {
    if (r->tag_count > r->out_tag_capacity) {
      r->out_tag_capacity = 2 * r->tag_count;
      r->out_tag = art_renew(r->out_tag, (size_t)r->out_tag_capacity, sizeof *r->out_tag);
    }
    for (int32_t i = 0; i < r->tag_count; ++i)
      r->out_tag[i] = (art_osm_tag){ r->tag[i].key, r->texts + r->tag[i].text };
    const art_osm_tags tags = { r->tag_count, r->out_tag };
    if (r->entity == A_NODE) {
      r->sink->node(r->sink->context, r->id, r->lon, r->lat, tags);
    } else if (r->entity == A_WAY) {
      r->sink->way(r->sink->context, r->id, r->ref_count, r->ref, tags);
    } else {
      if (r->member_count > r->out_member_capacity) {
        r->out_member_capacity = 2 * r->member_count;
        r->out_member = art_renew(r->out_member, (size_t)r->out_member_capacity, sizeof *r->out_member);
      }
      for (int32_t i = 0; i < r->member_count; ++i)
        r->out_member[i] =
            (art_osm_member){ r->member[i].id, r->member[i].type, r->texts + r->member[i].text };
      r->sink->relation(r->sink->context, r->id, r->member_count, r->out_member, tags);
    }
  }
  r->entity = NO_ENTITY;
}

/// 1 if buffer[at .. at + length) is `name`.
static int is_element(const xml_reader *r, size_t at, size_t length, const char *name)
{
  return strlen(name) == length && memcmp(r->buffer + at, name, length) == 0;
}

/// What an element at its depth means. `at` is behind the name.
static int start_element(xml_reader *r, size_t name, size_t length, size_t at, size_t end)
{
  if (r->depth == 0) {
    if (r->has_root) return fail(r, name, "a second root element");
    if (!is_element(r, name, length, "osm"))
      return fail(r, name, "the root element is %.*s; accepted: osm", length < 40 ? (int)length : 40,
                  r->buffer + name);
    r->has_root = 1;
  } else if (r->depth == 1) {
    const xml_entity entity = is_element(r, name, length, "node")       ? A_NODE
                              : is_element(r, name, length, "way")      ? A_WAY
                              : is_element(r, name, length, "relation") ? A_RELATION
                                                                        : NO_ENTITY;
    if (entity) return start_entity(r, entity, at, end);
  } else if (r->depth == 2 && r->is_wanted && r->entity) {
    if (is_element(r, name, length, "tag")) return add_tag(r, at, end);
    if (r->entity == A_WAY && is_element(r, name, length, "nd")) return add_ref(r, at, end);
    if (r->entity == A_RELATION && is_element(r, name, length, "member")) return add_member(r, at, end);
  }
  xml_attribute a;
  int more;
  while ((more = next_attribute(r, &at, end, &a)) > 0) continue;
  return more == 0;
}

static int open_element(xml_reader *r, size_t end)
{
  const size_t name = r->begin + 1;
  size_t at = name;
  while (at < end && !is_name_end(r->buffer[at])) ++at;
  const size_t length = at - name;
  if (!length) return fail(r, name, "an element without a name");
  const int is_closed = r->buffer[end - 1] == '/';
  if (!start_element(r, name, length, at, end)) return 0;
  if (is_closed) {
    if (r->depth == 1 && r->entity) end_entity(r);
    return 1;
  }
  if (r->depth == DEEPEST) return fail(r, name, "elements within elements, more than %d deep", DEEPEST);
  r->open[r->depth].length = length;
  memcpy(r->open[r->depth].text, r->buffer + name, length < NAME_KEPT ? length : NAME_KEPT);
  ++r->depth;
  return 1;
}

static int close_element(xml_reader *r, size_t end)
{
  const size_t name = r->begin + 2;
  size_t length = 0;
  while (name + length < end && !is_blank(r->buffer[name + length])) ++length;
  if (!r->depth || r->open[r->depth - 1].length != length ||
      memcmp(r->open[r->depth - 1].text, r->buffer + name, length < NAME_KEPT ? length : NAME_KEPT) != 0)
    return fail(r, name, "</%.*s> closes what is not open", length < 40 ? (int)length : 40, r->buffer + name);
  --r->depth;
  if (r->depth == 1 && r->entity) end_entity(r);
  return 1;
}

/// "<?xml ... encoding='...'?>": only UTF-8 and its subset are read.
static int check_declaration(xml_reader *r, size_t end)
{
  static const char word[] = "encoding";
  const char *found = memmem(r->buffer + r->begin, end - r->begin, word, sizeof word - 1);
  if (!found) return 1;
  found += sizeof word - 1;
  while (is_blank(*found) || *found == '=' || *found == '"' || *found == '\'') ++found;
  if (strncasecmp(found, "utf-8", 5) == 0 || strncasecmp(found, "us-ascii", 8) == 0) return 1;
  return fail(r, r->begin, "the encoding is not UTF-8: %.12s", found);
}

/// What begins with "<!": comments and literal text are skipped.
static int skip_special(xml_reader *r)
{
  while (r->end - r->begin < 9 && refill(r)) continue;
  const char *text = r->buffer + r->begin;
  const char *mark = strncmp(text, "<!--", 4) == 0        ? "-->"
                     : strncmp(text, "<![CDATA[", 9) == 0 ? "]]>"
                                                          : NULL;
  if (!mark) return fail(r, r->begin, "a document type or another declaration, which is not read");
  r->begin += 4;
  const size_t end = find_mark(r, mark);
  if (end == SIZE_MAX) return fail(r, r->begin, "the file ends within a comment");
  r->begin = end + 3;
  return 1;
}

/// <nd ref="..."/> of a way as nearly all are, which is every second element of a file: taken at once. Returns 0 for any
/// other, which is then read the long way.
static int take_plain_ref(xml_reader *r)
{
  static const char head[] = "<nd ref=\"", tail[] = "\"/>";
  const char *text = r->buffer + r->begin, *digits = text + sizeof head - 1, *p = digits;
  if (r->depth != 2 || r->entity != A_WAY || strncmp(text, head, sizeof head - 1) != 0) return 0;
  int64_t id = 0;
  while (*p >= '0' && *p <= '9' && p - digits < 18) id = 10 * id + (*p++ - '0');
  if (p == digits || strncmp(p, tail, sizeof tail - 1) != 0 || r->ref_count == ART_OSM_MOST_REFS) return 0;
  if (r->is_wanted) ART_PUSH(r->ref, r->ref_count, r->ref_capacity, id);
  r->begin += (size_t)(p - text) + sizeof tail - 1;
  return 1;
}

/// One element, comment or declaration; 0 at the end of the file and on errors.
static int next_element(xml_reader *r)
{
  for (;;) {
    const char *found = memchr(r->buffer + r->begin, '<', r->end - r->begin);
    if (found) {
      r->begin = (size_t)(found - r->buffer);
      break;
    }
    r->begin = r->end;
    if (!refill(r)) return 0;
  }
  if (take_plain_ref(r)) return 1;
  if (r->end - r->begin < 2) refill(r);
  if (r->status != ART_OK) return 0;
  const char second = r->buffer[r->begin + 1];
  if (second == '!') return skip_special(r);
  if (second == '?') {
    const size_t end = find_mark(r, "?>");
    if (end == SIZE_MAX) return fail(r, r->begin, "the file ends within a declaration");
    if (!check_declaration(r, end)) return 0;
    r->begin = end + 2;
    return 1;
  }
  const size_t plain = second == '/' ? SIZE_MAX : find_plain_end(r), end = plain != SIZE_MAX ? plain : find_element_end(r);
  if (end == SIZE_MAX) return fail(r, r->begin, "the file ends within an element");
  if (!(second == '/' ? close_element(r, end) : open_element(r, end))) return 0;
  r->begin = end + 1;
  return 1;
}

art_status art_osm_xml_decode(art_osm_bytes *bytes, art_osm_key_cache *cache, const art_osm_sink *sink,
                              art_error *err)
{
  xml_reader r = { .bytes = bytes, .cache = cache, .sink = sink, .err = err, .capacity = 2 * CHUNK };
  const int is_whole = bytes->owned && bytes->at == 0;
  if (is_whole) {  // all of it is in memory already, and nobody else's
    r.buffer = (char *)bytes->owned;
    r.end = bytes->at = bytes->size;
    bytes->total += (int64_t)bytes->size;
    r.is_all = 1;
  } else {
    r.buffer = art_new(r.capacity + 1, 1);
  }
  while (next_element(&r)) continue;
  if (r.status == ART_OK && !r.has_root) fail(&r, r.begin, "no osm element");
  if (r.status == ART_OK && r.depth) fail(&r, r.begin, "the file ends before its elements do");
  if (!is_whole) free(r.buffer);
  free(r.ref);
  free(r.tag);
  free(r.member);
  free(r.texts);
  free(r.out_tag);
  free(r.out_member);
  return r.status;
}
