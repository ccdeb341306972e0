// The text of a document, a chunk at a time: where elements end, their attributes, numbers in them.
#include "io/osm/xml_scan_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/xml_plain_internal.h"

enum { CHUNK = 1 << 18, LONGEST_ELEMENT = 1 << 24 };

void art_osm_xml_scan_begin(art_osm_xml_scan *s, art_osm_bytes *bytes, art_error *err)
{
  *s = (art_osm_xml_scan){ .bytes = bytes, .err = err, .capacity = 2 * CHUNK };
  s->is_borrowed = bytes->owned && bytes->at == 0;
  if (s->is_borrowed) {  // all of it is in memory already, and nobody else's
    s->buffer = (char *)bytes->owned;
    s->end = bytes->at = bytes->size;
    bytes->total += (int64_t)bytes->size;
    s->is_all = 1;
  } else {
    s->buffer = art_new(s->capacity + 1, 1);
  }
}

void art_osm_xml_scan_end(art_osm_xml_scan *s)
{
  if (!s->is_borrowed) free(s->buffer);
}

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

static int64_t line_of(const art_osm_xml_scan *s, size_t at)
{
  return s->lines_before + 1 + lines_in(s->buffer, at < s->end ? at : s->end);
}

int art_osm_xml_fail(art_osm_xml_scan *s, size_t at, const char *format, ...)
{
  if (s->status != ART_OK) return 0;
  char message[512];
  va_list list;
  va_start(list, format);
  vsnprintf(message, sizeof message, format, list);
  va_end(list);
  s->status =
      art_fail(s->err, ART_E_INPUT, "%s:%lld: %s", s->bytes->name, (long long)line_of(s, at), message);
  return 0;
}

int art_osm_xml_refill(art_osm_xml_scan *s)
{
  if (s->is_all || s->status != ART_OK) return 0;
  s->lines_before += lines_in(s->buffer, s->begin);
  memmove(s->buffer, s->buffer + s->begin, s->end - s->begin);
  s->end -= s->begin;
  s->begin = 0;
  if (s->capacity - s->end < CHUNK) {
    if (s->end > LONGEST_ELEMENT) return art_osm_xml_fail(s, 0, "an element or comment is longer than 16 MB");
    s->capacity = 2 * s->capacity;
    s->buffer = art_renew(s->buffer, s->capacity + 1, 1);
  }
  size_t got = 0;
  s->status = art_osm_bytes_read(s->bytes, s->buffer + s->end, s->capacity - s->end, &got, s->err);
  if (s->status != ART_OK) return 0;
  s->is_all = got < s->capacity - s->end;
  s->end += got;
  s->buffer[s->end] = '\0';
  return got > 0;
}

size_t art_osm_xml_find(art_osm_xml_scan *s, const char *mark)
{
  const size_t length = strlen(mark);
  size_t done = 0;  // bytes behind `begin` that hold no mark
  for (;;) {
    const char *found = memmem(s->buffer + s->begin + done, s->end - s->begin - done, mark, length);
    if (found) return (size_t)(found - s->buffer);
    done = s->end - s->begin < length ? 0 : s->end - s->begin - length + 1;
    if (!art_osm_xml_refill(s)) return SIZE_MAX;
  }
}

/// Offset of the '>' that ends the element at `begin`, if it is as nearly all are: all in the buffer, <name a="..." b="...">
/// or "/>", one blank between, '"' round values. Lists its attributes on the way. SIZE_MAX for any other.
static size_t find_plain_end(art_osm_xml_scan *s)
{
  char *const text = s->buffer, *const end = text + s->end;
  char *at = text + s->begin + 1;
  s->listed_count = s->listed_next = 0;
  while (!art_osm_xml_ends_name(*at)) ++at;  // a NUL stands at the end
  while (*at == ' ' && at[1] != '/' && at[1] != '>' && s->listed_count < ART_OSM_XML_LISTED) {
    art_osm_xml_attribute *a = &s->listed[s->listed_count];
    a->name = ++at;
    while (!art_osm_xml_ends_name(*at)) ++at;
    a->name_length = (size_t)(at - a->name);
    if (!a->name_length || at[0] != '=' || at[1] != '"') return s->listed_count = -1, SIZE_MAX;
    a->value = at + 2;
    at = memchr(a->value, '"', (size_t)(end - a->value));
    if (!at) return s->listed_count = -1, SIZE_MAX;
    a->length = (size_t)(at++ - a->value);
    ++s->listed_count;
  }
  if (*at == ' ') ++at;
  if (*at == '/') ++at;
  if (*at == '>') return (size_t)(at - text);
  s->listed_count = -1;
  return SIZE_MAX;
}

size_t art_osm_xml_find_tag_end(art_osm_xml_scan *s)
{
  size_t at = 1;
  char quote = 0;
  for (;;) {
    const char *text = s->buffer + s->begin;
    const size_t size = s->end - s->begin;
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
        return s->begin + at;
      } else {
        if (text[at] == '"' || text[at] == '\'') quote = text[at];
        ++at;
      }
    }
    if (!art_osm_xml_refill(s)) return SIZE_MAX;
  }
}

size_t art_osm_xml_find_element_end(art_osm_xml_scan *s)
{
  const size_t plain = find_plain_end(s);
  return plain != SIZE_MAX ? plain : art_osm_xml_find_tag_end(s);
}

int art_osm_xml_next_attribute(art_osm_xml_scan *s, size_t *at, size_t end, art_osm_xml_attribute *out)
{
  if (s->listed_count >= 0) {
    if (s->listed_next == s->listed_count) return 0;
    *out = s->listed[s->listed_next++];
    out->value[out->length] = '\0';
    return 1;
  }
  char *text = s->buffer;
  size_t i = *at;
  while (i < end && art_osm_xml_is_blank(text[i])) ++i;
  if (i == end || (text[i] == '/' && i + 1 == end)) return 0;
  out->name = text + i;
  const size_t from = i;
  while (i < end && !art_osm_xml_ends_name(text[i])) ++i;
  out->name_length = i - from;
  while (i < end && art_osm_xml_is_blank(text[i])) ++i;
  if (!out->name_length || i >= end || text[i] != '=')
    return art_osm_xml_fail(s, from, "an attribute without a value"), -1;
  ++i;
  while (i < end && art_osm_xml_is_blank(text[i])) ++i;
  if (i >= end || (text[i] != '"' && text[i] != '\''))
    return art_osm_xml_fail(s, i, "an attribute's value without quotes"), -1;
  out->value = text + i + 1;
  char *close = memchr(out->value, text[i], end - i - 1);
  if (!close) return art_osm_xml_fail(s, i, "an attribute's value does not end"), -1;
  out->length = (size_t)(close - out->value);
  *close = '\0';
  *at = (size_t)(close - text) + 1;
  return 1;
}

int art_osm_xml_resolve_value(art_osm_xml_scan *s, art_osm_xml_attribute *a)
{
  const char *unknown = art_osm_xml_resolve(a->value, &a->length);
  if (!unknown) return 1;
  return art_osm_xml_fail(s, (size_t)(unknown - s->buffer), "a reference is not known: %.12s", unknown);
}

int art_osm_xml_read_id(art_osm_xml_scan *s, const char *element, const art_osm_xml_attribute *a,
                        int64_t *out)
{
  const char *p = a->value;
  const int is_negative = *p == '-';
  p += is_negative;
  uint64_t value = 0;
  const char *digits = p;
  while (*p >= '0' && *p <= '9' && p - digits < 18) value = 10 * value + (uint64_t)(*p++ - '0');
  if (p == digits || p != a->value + a->length)
    return art_osm_xml_fail(s, (size_t)(a->value - s->buffer),
                            "%s: %.*s=%.40s: accepted: an integer of up to 18 digits", element,
                            (int)a->name_length, a->name, a->value);
  *out = is_negative ? -(int64_t)value : (int64_t)value;
  return 1;
}

int art_osm_xml_read_degrees(art_osm_xml_scan *s, const art_osm_xml_attribute *a, double limit, double *out)
{
  const char *p = art_osm_xml_plain_number(a->value, out);
  if (p != a->value + a->length) {
    char *end;
    *out = strtod(a->value, &end);
    if (end == a->value || end != a->value + a->length) *out = 1000.0;
  }
  if (!(*out >= -limit && *out <= limit))
    return art_osm_xml_fail(s, (size_t)(a->value - s->buffer),
                            "node: %.*s=%.40s: accepted: a number in [%g, %g]", (int)a->name_length, a->name,
                            a->value, -limit, limit);
  return 1;
}
