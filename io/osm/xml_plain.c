// Nodes without tags, which are most of a file, and tags, taken at once.
#include "io/osm/xml_plain_internal.h"

#include <string.h>

/// 1 if `text` begins with `word`, which the caller knows the length of at compile time.
#define BEGINS(text, word) (memcmp((text), (word), sizeof(word) - 1) == 0)

enum { LONGEST_NAME = 16 };  // so many bytes can be looked at where an attribute begins

const char *art_osm_xml_plain_id(const char *p, int64_t *out)
{
  const char *const digits = p;
  int64_t id = 0;
  while (*p >= '0' && *p <= '9' && p - digits < 18) id = 10 * id + (*p++ - '0');
  *out = id;
  return p == digits ? NULL : p;
}

const char *art_osm_xml_plain_number(const char *p, double *out)
{
  static const double power[] = { 1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
  const int is_negative = *p == '-';
  const char *const begin = p += is_negative;
  int64_t mantissa = 0;
  while (*p >= '0' && *p <= '9' && p - begin < 15) mantissa = 10 * mantissa + (*p++ - '0');
  const char *const point = p;
  if (*p == '.')
    for (++p; *p >= '0' && *p <= '9' && p - begin < 16; ++p) mantissa = 10 * mantissa + (*p - '0');
  const int decimals = p > point ? (int)(p - point) - 1 : 0;
  const double value = (double)mantissa / power[decimals];
  *out = is_negative ? -value : value;
  return point + decimals == begin ? NULL : p;  // no digit
}

/// A number from -limit to limit and the '"' behind it; NULL for anything else.
static const char *take_degrees(const char *p, double limit, double *out)
{
  p = art_osm_xml_plain_number(p, out);
  return p && *p == '"' && *out >= -limit && *out <= limit ? p + 1 : NULL;
}

size_t art_osm_xml_plain_node(const char *text, const char *end, int64_t *id, double *lon, double *lat)
{
  static const char head[] = "<node id=\"";
  if (end - text < LONGEST_NAME || !BEGINS(text, "<node id=\"")) return 0;
  const char *p = art_osm_xml_plain_id(text + sizeof head - 1, id);
  int has_lon = 0, has_lat = 0;
  if (!p || *p++ != '"') return 0;
  while (end - p >= LONGEST_NAME && p[0] == ' ') {
    if (BEGINS(p, " lat=\"")) {
      has_lat = 1;
      p = take_degrees(p + sizeof " lat=\"" - 1, 90.0, lat);
    } else if (BEGINS(p, " lon=\"")) {
      has_lon = 1;
      p = take_degrees(p + sizeof " lon=\"" - 1, 180.0, lon);
    } else if (BEGINS(p, " visible=\"true\"")) {
      p += sizeof " visible=\"true\"" - 1;
    } else if (BEGINS(p, " visible=") || BEGINS(p, " action=") || BEGINS(p, " id=")) {
      return 0;  // it may be deleted, or have two ids
    } else {
      const char *name = ++p;
      while (!art_osm_xml_ends_name(*p)) ++p;
      if (p == name || p[0] != '=' || p[1] != '"') return 0;
      p = memchr(p + 2, '"', (size_t)(end - p - 2));
      if (p) ++p;
    }
    if (!p) return 0;
  }
  return has_lon && has_lat && p[0] == '/' && p[1] == '>' ? (size_t)(p + 2 - text) : 0;
}

size_t art_osm_xml_plain_tag(char *text, const char *end, art_osm_xml_attribute *key, art_osm_xml_attribute *value)
{
  static const char head[] = "<tag k=\"", middle[] = "\" v=\"";
  if (end - text < LONGEST_NAME || !BEGINS(text, "<tag k=\"")) return 0;
  char *const k = text + sizeof head - 1, *const k_end = memchr(k, '"', (size_t)(end - k));
  if (!k_end || end - k_end < LONGEST_NAME || !BEGINS(k_end, "\" v=\"")) return 0;
  char *const v = k_end + sizeof middle - 1, *const v_end = memchr(v, '"', (size_t)(end - v));
  if (!v_end || v_end[1] != '/' || v_end[2] != '>') return 0;
  *k_end = *v_end = '\0';
  *key = (art_osm_xml_attribute){ .value = k, .length = (size_t)(k_end - k) };
  *value = (art_osm_xml_attribute){ .value = v, .length = (size_t)(v_end - v) };
  return (size_t)(v_end + 3 - text);
}
