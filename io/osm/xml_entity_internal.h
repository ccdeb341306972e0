/// \file xml_entity_internal.h
/// A node, way or relation of an XML file, from its begin to its end, when it goes to the sink. Private to io/osm.
#ifndef ART_IO_OSM_XML_ENTITY_INTERNAL_H
#define ART_IO_OSM_XML_ENTITY_INTERNAL_H
#include "io/osm/xml_scan_internal.h"

/// A tag, and a member, of the entity that is open.
typedef struct art_osm_xml_tag {
  art_osm_key key;
  uint32_t text;  ///< where the value stands in `texts`
} art_osm_xml_tag;

typedef struct art_osm_xml_member {
  int64_t id;
  uint8_t type;
  uint32_t text;
} art_osm_xml_member;

typedef enum art_osm_xml_kind { ART_OSM_XML_NONE, ART_OSM_XML_NODE, ART_OSM_XML_WAY, ART_OSM_XML_RELATION } art_osm_xml_kind;

/// The entity that is open, if kind is not NONE, and room for it. Set scan, cache and sink (borrowed), the rest to zero.
typedef struct art_osm_xml_entity {
  art_osm_xml_scan *scan;
  art_osm_key_cache *cache;
  const art_osm_sink *sink;
  art_osm_xml_kind kind;
  int is_wanted;
  int64_t id;
  double lon, lat;
  int32_t ref_count, ref_capacity, tag_count, tag_capacity, member_count, member_capacity;
  int64_t *ref;
  art_osm_xml_tag *tag;
  art_osm_xml_member *member;
  char *texts;
  size_t text_size, text_capacity;
  art_osm_tag *out_tag;
  art_osm_member *out_member;
  int32_t out_tag_capacity, out_member_capacity;
} art_osm_xml_entity;

// What an element says, whose attributes stand from `at` up to `end`. They return 0 after a failure, which the scan keeps.
int art_osm_xml_entity_start(art_osm_xml_entity *e, art_osm_xml_kind kind, size_t at, size_t end);
int art_osm_xml_entity_add_tag(art_osm_xml_entity *e, size_t at, size_t end);
/// The same with the attributes k and v.
int art_osm_xml_entity_put_tag(art_osm_xml_entity *e, art_osm_xml_attribute *key, art_osm_xml_attribute *value);
int art_osm_xml_entity_add_ref(art_osm_xml_entity *e, size_t at, size_t end);
int art_osm_xml_entity_add_member(art_osm_xml_entity *e, size_t at, size_t end);
/// 1: whoever takes the entity that is open, a relation, wants its members.
int art_osm_xml_entity_asks_members(art_osm_xml_entity *e);
/// Hands the entity over.
void art_osm_xml_entity_end(art_osm_xml_entity *e);
void art_osm_xml_entity_clear(art_osm_xml_entity *e);

#endif  // ART_IO_OSM_XML_ENTITY_INTERNAL_H
