/// \file xml_plain_internal.h
/// What nearly all elements of files look like, read in one go. Texts end with a NUL. Anything else is no failure: it is read
/// the long way (xml_scan_internal.h), which knows all of XML and says what is wrong. Private to io/osm.
#ifndef ART_IO_OSM_XML_PLAIN_INTERNAL_H
#define ART_IO_OSM_XML_PLAIN_INTERNAL_H
#include "io/osm/xml_scan_internal.h"

/// Digits, at most 18; returns what stands behind them, NULL if there are none.
const char *art_osm_xml_plain_id(const char *p, int64_t *out);
/// A decimal number of up to 15 digits, an integer over a power of ten, both exact, so that one division rounds as strtod does.
/// Returns what stands behind it, NULL if it has no digit.
const char *art_osm_xml_plain_number(const char *p, double *out);
/// <node id="1" ... lat="..." ... lon="..." .../>, neither deleted nor with other elements in it; `end` is the end of what is
/// read of the file. Returns its length, 0 for anything else.
size_t art_osm_xml_plain_node(const char *text, const char *end, int64_t *id, double *lon, double *lat);
/// <tag k="..." v="..."/>; its two attributes end with a NUL then.
size_t art_osm_xml_plain_tag(char *text, const char *end, art_osm_xml_attribute *key, art_osm_xml_attribute *value);

#endif  // ART_IO_OSM_XML_PLAIN_INTERNAL_H
