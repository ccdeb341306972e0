/// \file xml_scan_internal.h
/// What of XML files of OpenStreetMap consist: elements, attributes, the five named and the numeric references, comments.
/// Private to io/osm.
#ifndef ART_IO_OSM_XML_SCAN_INTERNAL_H
#define ART_IO_OSM_XML_SCAN_INTERNAL_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "io/osm/read_internal.h"

/// An attribute of the element at `begin`.
typedef struct art_osm_xml_attribute {
  const char *name;
  size_t name_length;
  char *value;  ///< ends with NUL once it was handed out, references still in it
  size_t length;
} art_osm_xml_attribute;

enum { ART_OSM_XML_LISTED = 12 };  // of an element; one with more is read the long way

/// A document and how far it is read. Offsets count from the begin of the buffer and hold until more is read.
typedef struct art_osm_xml_scan {
  art_osm_bytes *bytes;
  art_error *err;
  art_status status;
  char *buffer;  ///< [begin, end) is not yet read; a NUL stands at [end]
  size_t capacity, begin, end;
  int is_all;            ///< the source has no more bytes
  int is_borrowed;       ///< the buffer is the source's memory
  int64_t lines_before;  ///< line ends of what left the buffer
  art_osm_xml_attribute listed[ART_OSM_XML_LISTED];  ///< of the element at hand, if it was plain
  int listed_count, listed_next;             ///< listed_count -1: it was not, art_osm_xml_next_attribute() takes it apart
} art_osm_xml_scan;

/// The document is read from `bytes`; messages go to `err` (both borrowed).
void art_osm_xml_scan_begin(art_osm_xml_scan *s, art_osm_bytes *bytes, art_error *err);
void art_osm_xml_scan_end(art_osm_xml_scan *s);

/// Keeps the first failure, with the file and the line of an offset. Returns 0.
int art_osm_xml_fail(art_osm_xml_scan *s, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/// Moves what is unread to the front and reads on. Returns 0 at the end of the source and on errors.
int art_osm_xml_refill(art_osm_xml_scan *s);
/// Offset of `mark` from `begin` on, reading on as needed; SIZE_MAX at the end.
size_t art_osm_xml_find(art_osm_xml_scan *s, const char *mark);
/// Offset of the '>' of the element that starts at `begin`; SIZE_MAX if the file ends before. Its attributes can be asked
/// for then.
size_t art_osm_xml_find_element_end(art_osm_xml_scan *s);
/// The same where there are no attributes to ask for.
size_t art_osm_xml_find_tag_end(art_osm_xml_scan *s);
/// The next attribute from *at on, before `end`. Returns 1, 0 at the element's end, -1 on an error.
int art_osm_xml_next_attribute(art_osm_xml_scan *s, size_t *at, size_t end, art_osm_xml_attribute *out);
/// Replaces references in the value, in place. Returns 0 where one is not known.
int art_osm_xml_resolve_value(art_osm_xml_scan *s, art_osm_xml_attribute *a);
/// An integer of up to 18 digits; `element` is for the message. Returns 0 for anything else.
int art_osm_xml_read_id(art_osm_xml_scan *s, const char *element, const art_osm_xml_attribute *a, int64_t *out);
/// A number from -limit to limit, as strtod reads it. Returns 0 for anything else.
int art_osm_xml_read_degrees(art_osm_xml_scan *s, const art_osm_xml_attribute *a, double limit, double *out);

static inline int art_osm_xml_is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static inline int art_osm_xml_ends_name(char c)
{
  static const uint8_t ends[256] = { ['\0'] = 1, ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, [' '] = 1,
                                     ['/'] = 1,  ['<'] = 1,  ['='] = 1,  ['>'] = 1 };
  return ends[(uint8_t)c];
}
static inline int art_osm_xml_is_named(const art_osm_xml_attribute *a, const char *name)
{
  return strlen(name) == a->name_length && memcmp(a->name, name, a->name_length) == 0;
}

#endif  // ART_IO_OSM_XML_SCAN_INTERNAL_H
