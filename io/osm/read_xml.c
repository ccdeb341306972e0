// OSM's XML: the document, its elements one in another. Of XML it takes what such files consist of (xml_scan_internal.h), in
// UTF-8. Document types are refused (and with them entities of their own), so that no file is larger inside than outside.
#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/xml_entity_internal.h"
#include "io/osm/xml_plain_internal.h"

enum { DEEPEST = 32, NAME_KEPT = 16 };

typedef struct xml_reader {
  art_osm_xml_scan scan;
  art_osm_xml_entity entity;
  int depth;
  struct {
    size_t length;
    char text[NAME_KEPT];
  } open[DEEPEST];
  int has_root;
  size_t members_begin, members_end;  ///< of the open relation: passed over until its tags are known
} xml_reader;

/// 1 if buffer[at .. at + length) is `name`.
static int is_element(const xml_reader *r, size_t at, size_t length, const char *name)
{
  return strlen(name) == length && memcmp(r->scan.buffer + at, name, length) == 0;
}

/// 1 if all quotes in a text are '"' and none is open at its end: then a '>' there ends the element.
static int is_outside_quotes(const char *text, size_t size)
{
  unsigned quotes = 0, others = 0;
  for (size_t i = 0; i < size; ++i) {
    quotes += text[i] == '"';
    others += text[i] == '\'';
  }
  return quotes % 2 == 0 && !others;
}

/// Most relations are of no use, most of what they say are members, and their tags stand behind those. So members that come
/// first, as nearly all are (<member .../>), are passed over. Returns where they end, at the next element; `at` if there are
/// none, or if they are written in any other way.
static size_t pass_members(const xml_reader *r, size_t at)
{
  static const char head[] = "<member ";
  const char *const text = r->scan.buffer, *const end = text + r->scan.end, *p = text + at;
  for (;;) {
    while (p < end && art_osm_xml_is_blank(*p)) ++p;
    if (p == end || *p != '<') return at;  // a value with a '>' in it, for instance
    if (strncmp(p, head, sizeof head - 1) != 0) return (size_t)(p - text);
    const char *close = memchr(p, '>', (size_t)(end - p));
    if (!close || close[-1] != '/' || !is_outside_quotes(p, (size_t)(close - p))) return at;
    p = close + 1;
  }
}

/// Takes the members that were passed over, if they are wanted.
static int take_members(xml_reader *r)
{
  art_osm_xml_scan *s = &r->scan;
  const size_t resume = s->begin, stop = r->members_end;
  r->members_end = 0;
  s->begin = r->members_begin;
  while (s->status == ART_OK) {
    while (s->begin < stop && s->buffer[s->begin] != '<') ++s->begin;
    if (s->begin >= stop) break;
    const size_t end = art_osm_xml_find_element_end(s);
    if (end == SIZE_MAX || !art_osm_xml_entity_add_member(&r->entity, s->begin + sizeof "<member" - 1, end))
      break;
    s->begin = end + 1;
  }
  s->begin = resume;
  return s->status == ART_OK;
}

/// The entity that is open has come to its end.
static int finish_entity(xml_reader *r)
{
  if (r->members_end && r->entity.is_wanted && art_osm_xml_entity_asks_members(&r->entity) &&
      !take_members(r))
    return 0;
  r->members_end = 0;
  art_osm_xml_entity_end(&r->entity);
  return 1;
}

/// What an element at its depth means. `at` is behind the name.
static int start_element(xml_reader *r, size_t name, size_t length, size_t at, size_t end)
{
  if (r->depth == 0) {
    if (r->has_root) return art_osm_xml_fail(&r->scan, name, "a second root element");
    if (!is_element(r, name, length, "osm"))
      return art_osm_xml_fail(&r->scan, name, "the root element is %.*s; accepted: osm",
                              length < 40 ? (int)length : 40, r->scan.buffer + name);
    r->has_root = 1;
  } else if (r->depth == 1) {
    const art_osm_xml_kind kind = is_element(r, name, length, "node")       ? ART_OSM_XML_NODE
                                  : is_element(r, name, length, "way")      ? ART_OSM_XML_WAY
                                  : is_element(r, name, length, "relation") ? ART_OSM_XML_RELATION
                                                                            : ART_OSM_XML_NONE;
    if (kind) return art_osm_xml_entity_start(&r->entity, kind, at, end);
  } else if (r->depth == 2 && r->entity.is_wanted && r->entity.kind) {
    if (is_element(r, name, length, "tag")) return art_osm_xml_entity_add_tag(&r->entity, at, end);
    if (r->entity.kind == ART_OSM_XML_WAY && is_element(r, name, length, "nd"))
      return art_osm_xml_entity_add_ref(&r->entity, at, end);
    if (r->entity.kind == ART_OSM_XML_RELATION && is_element(r, name, length, "member")) {
      if (r->members_end) {  // others came before it
        if (!take_members(r)) return 0;
        (void)art_osm_xml_find_element_end(&r->scan);
      }
      return art_osm_xml_entity_add_member(&r->entity, at, end);
    }
  }
  art_osm_xml_attribute a;
  int more;
  while ((more = art_osm_xml_next_attribute(&r->scan, &at, end, &a)) > 0) continue;
  return more == 0;
}

/// Moves *element_end behind members that are passed over.
static int open_element(xml_reader *r, size_t *element_end)
{
  const size_t end = *element_end;
  const size_t name = r->scan.begin + 1;
  size_t at = name;
  while (at < end && !art_osm_xml_ends_name(r->scan.buffer[at])) ++at;
  const size_t length = at - name;
  if (!length) return art_osm_xml_fail(&r->scan, name, "an element without a name");
  const int is_closed = r->scan.buffer[end - 1] == '/';
  if (!start_element(r, name, length, at, end)) return 0;
  if (is_closed) {
    return r->depth != 1 || !r->entity.kind || finish_entity(r);
  }
  if (r->depth == DEEPEST)
    return art_osm_xml_fail(&r->scan, name, "elements within elements, more than %d deep", DEEPEST);
  r->open[r->depth].length = length;
  memcpy(r->open[r->depth].text, r->scan.buffer + name, length < NAME_KEPT ? length : NAME_KEPT);
  if (r->depth++ == 1 && r->entity.kind == ART_OSM_XML_RELATION && r->scan.is_all) {
    r->members_begin = end + 1;
    r->members_end = pass_members(r, end + 1);
    if (r->members_end == end + 1) r->members_end = 0;
    if (r->members_end) *element_end = r->members_end - 1;
  }
  return 1;
}

static int close_element(xml_reader *r, size_t end)
{
  const size_t name = r->scan.begin + 2;
  size_t length = 0;
  while (name + length < end && !art_osm_xml_is_blank(r->scan.buffer[name + length])) ++length;
  if (!r->depth || r->open[r->depth - 1].length != length ||
      memcmp(r->open[r->depth - 1].text, r->scan.buffer + name, length < NAME_KEPT ? length : NAME_KEPT) != 0)
    return art_osm_xml_fail(&r->scan, name, "</%.*s> closes what is not open", length < 40 ? (int)length : 40,
                            r->scan.buffer + name);
  --r->depth;
  return r->depth != 1 || !r->entity.kind || finish_entity(r);
}

/// "<?xml ... encoding='...'?>": only UTF-8 and its subset are read.
static int check_declaration(xml_reader *r, size_t end)
{
  static const char word[] = "encoding";
  const char *found = memmem(r->scan.buffer + r->scan.begin, end - r->scan.begin, word, sizeof word - 1);
  if (!found) return 1;
  found += sizeof word - 1;
  while (art_osm_xml_is_blank(*found) || *found == '=' || *found == '"' || *found == '\'') ++found;
  if (strncasecmp(found, "utf-8", 5) == 0 || strncasecmp(found, "us-ascii", 8) == 0) return 1;
  return art_osm_xml_fail(&r->scan, r->scan.begin, "the encoding is not UTF-8: %.12s", found);
}

/// What begins with "<!": comments and literal text are skipped.
static int skip_special(xml_reader *r)
{
  while (r->scan.end - r->scan.begin < 9 && art_osm_xml_refill(&r->scan)) continue;
  const char *text = r->scan.buffer + r->scan.begin;
  const char *mark = strncmp(text, "<!--", 4) == 0        ? "-->"
                     : strncmp(text, "<![CDATA[", 9) == 0 ? "]]>"
                                                          : NULL;
  if (!mark)
    return art_osm_xml_fail(&r->scan, r->scan.begin,
                            "a document type or another declaration, which is not read");
  r->scan.begin += 4;
  const size_t end = art_osm_xml_find(&r->scan, mark);
  if (end == SIZE_MAX) return art_osm_xml_fail(&r->scan, r->scan.begin, "the file ends within a comment");
  r->scan.begin = end + 3;
  return 1;
}

/// <nd ref="..."/> of a way as nearly all are, which is every second element of a file: taken at once. Returns 0 for any
/// other, which is then read the long way.
static int take_plain_ref(xml_reader *r)
{
  static const char head[] = "<nd ref=\"";
  const char *const text = r->scan.buffer + r->scan.begin;
  int64_t id;
  if (r->entity.kind != ART_OSM_XML_WAY || r->scan.end - r->scan.begin < sizeof head ||
      memcmp(text, head, sizeof head - 1) != 0)
    return 0;
  const char *const p = art_osm_xml_plain_id(text + sizeof head - 1, &id);
  if (!p || p[0] != '"' || p[1] != '/' || p[2] != '>' || r->entity.ref_count == ART_OSM_MOST_REFS) return 0;
  if (r->entity.is_wanted) ART_PUSH(r->entity.ref, r->entity.ref_count, r->entity.ref_capacity, id);
  r->scan.begin += (size_t)(p + 3 - text);
  return 1;
}

/// The same for <tag k="..." v="..."/>. A failure is kept in the scan.
static int take_plain_tag(xml_reader *r)
{
  art_osm_xml_attribute key, value;
  char *const text = r->scan.buffer + r->scan.begin;
  if (!r->entity.kind || !r->entity.is_wanted || text[1] != 't') return 0;
  const size_t length = art_osm_xml_plain_tag(text, r->scan.buffer + r->scan.end, &key, &value);
  if (length == 0) return 0;
  if (art_osm_xml_entity_put_tag(&r->entity, &key, &value)) r->scan.begin += length;
  return 1;
}

/// The same for a node without tags.
static int take_plain_node(xml_reader *r)
{
  art_osm_xml_entity *e = &r->entity;
  const char *const text = r->scan.buffer + r->scan.begin;
  const size_t length = art_osm_xml_plain_node(text, r->scan.buffer + r->scan.end, &e->id, &e->lon, &e->lat);
  if (length == 0) return 0;
  if (e->sink->wants & ART_OSM_NODES) e->sink->node(e->sink->context, e->id, e->lon, e->lat, (art_osm_tags){ 0 });
  r->scan.begin += length;
  return 1;
}

/// One element, comment or declaration; 0 at the end of the file and on errors.
static int next_element(xml_reader *r)
{
  for (;;) {
    const char *found = memchr(r->scan.buffer + r->scan.begin, '<', r->scan.end - r->scan.begin);
    if (found) {
      r->scan.begin = (size_t)(found - r->scan.buffer);
      break;
    }
    r->scan.begin = r->scan.end;
    if (!art_osm_xml_refill(&r->scan)) return 0;
  }
  if (r->depth == 2 ? take_plain_ref(r) || take_plain_tag(r) : r->depth == 1 && take_plain_node(r))
    return r->scan.status == ART_OK;
  if (r->scan.end - r->scan.begin < 2) art_osm_xml_refill(&r->scan);
  if (r->scan.status != ART_OK) return 0;
  const char second = r->scan.buffer[r->scan.begin + 1];
  if (second == '!') return skip_special(r);
  if (second == '?') {
    const size_t end = art_osm_xml_find(&r->scan, "?>");
    if (end == SIZE_MAX)
      return art_osm_xml_fail(&r->scan, r->scan.begin, "the file ends within a declaration");
    if (!check_declaration(r, end)) return 0;
    r->scan.begin = end + 2;
    return 1;
  }
  size_t end = second == '/' ? art_osm_xml_find_tag_end(&r->scan) : art_osm_xml_find_element_end(&r->scan);
  if (end == SIZE_MAX) return art_osm_xml_fail(&r->scan, r->scan.begin, "the file ends within an element");
  if (!(second == '/' ? close_element(r, end) : open_element(r, &end))) return 0;
  r->scan.begin = end + 1;
  return 1;
}

art_status art_osm_xml_decode(art_osm_bytes *bytes, art_osm_key_cache *cache, const art_osm_sink *sink,
                              art_error *err)
{
  xml_reader r = { .entity = { .scan = &r.scan, .cache = cache, .sink = sink } };
  art_osm_xml_scan_begin(&r.scan, bytes, err);
  while (next_element(&r)) continue;
  if (r.scan.status == ART_OK && !r.has_root) art_osm_xml_fail(&r.scan, r.scan.begin, "no osm element");
  if (r.scan.status == ART_OK && r.depth)
    art_osm_xml_fail(&r.scan, r.scan.begin, "the file ends before its elements do");
  art_osm_xml_scan_end(&r.scan);
  art_osm_xml_entity_clear(&r.entity);
  return r.scan.status;
}
