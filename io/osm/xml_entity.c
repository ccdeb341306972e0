// A node, way or relation while its element is open.
#include "io/osm/xml_entity_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// Copies a text into the store of the open entity; returns where.
static uint32_t keep_text(art_osm_xml_entity *e, const char *text, size_t length)
{
  if (e->text_size + length + 1 > e->text_capacity) {
    e->text_capacity = 2 * (e->text_size + length + 1);
    e->texts = art_renew(e->texts, e->text_capacity, 1);
  }
  const size_t at = e->text_size;
  memcpy(e->texts + at, text, length);
  e->texts[at + length] = '\0';
  e->text_size += length + 1;
  return (uint32_t)at;
}

static int check_text(art_osm_xml_entity *e, const art_osm_xml_attribute *a)
{
  const size_t at = (size_t)(a->value - e->scan->buffer);
  if (a->length > ART_OSM_MOST_TEXT)
    return art_osm_xml_fail(e->scan, at, "a value of more than %d bytes", ART_OSM_MOST_TEXT);
  if (!art_osm_is_utf8(a->value, a->length))
    return art_osm_xml_fail(e->scan, at, "a value is not UTF-8 text");
  return 1;
}

int art_osm_xml_entity_start(art_osm_xml_entity *e, art_osm_xml_kind kind, size_t at, size_t end)
{
  static const unsigned wanted[] = { 0, ART_OSM_NODES, ART_OSM_WAYS, ART_OSM_RELATIONS };
  static const char *const name[] = { "", "node", "way", "relation" };
  const size_t from = at;
  int has_id = 0, has_lon = 0, has_lat = 0, is_deleted = 0, more;
  art_osm_xml_attribute a;
  while ((more = art_osm_xml_next_attribute(e->scan, &at, end, &a)) > 0) {
    if (art_osm_xml_is_named(&a, "id")) {
      if (!art_osm_xml_read_id(e->scan, name[kind], &a, &e->id)) return 0;
      has_id = 1;
    } else if (kind == ART_OSM_XML_NODE && art_osm_xml_is_named(&a, "lat")) {
      if (!art_osm_xml_read_degrees(e->scan, &a, 90.0, &e->lat)) return 0;
      has_lat = 1;
    } else if (kind == ART_OSM_XML_NODE && art_osm_xml_is_named(&a, "lon")) {
      if (!art_osm_xml_read_degrees(e->scan, &a, 180.0, &e->lon)) return 0;
      has_lon = 1;
    } else if (art_osm_xml_is_named(&a, "visible")) {
      is_deleted |= strcmp(a.value, "false") == 0;
    } else if (art_osm_xml_is_named(&a, "action")) {
      is_deleted |= strcmp(a.value, "delete") == 0;
    }
  }
  if (more < 0) return 0;
  if (!has_id) return art_osm_xml_fail(e->scan, from, "%s: id is missing", name[kind]);
  if (kind == ART_OSM_XML_NODE && !is_deleted && !(has_lon && has_lat))
    return art_osm_xml_fail(e->scan, from, "node %lld: lat or lon is missing", (long long)e->id);
  e->kind = kind;
  e->is_wanted = !is_deleted && (e->sink->wants & wanted[kind]);
  e->ref_count = e->tag_count = e->member_count = 0;
  e->text_size = 0;
  return 1;
}

int art_osm_xml_entity_put_tag(art_osm_xml_entity *e, art_osm_xml_attribute *key, art_osm_xml_attribute *value)
{
  if (!art_osm_xml_resolve_value(e->scan, key)) return 0;
  const art_osm_key word = art_osm_key_cached(e->cache, key->value, key->length);
  if (!word) return 1;
  if (!art_osm_xml_resolve_value(e->scan, value) || !check_text(e, value)) return 0;
  if (e->tag_count == ART_OSM_MOST_TAGS)
    return art_osm_xml_fail(e->scan, (size_t)(key->value - e->scan->buffer), "more than %d tags", ART_OSM_MOST_TAGS);
  const art_osm_xml_tag tag = { word, keep_text(e, value->value, value->length) };
  ART_PUSH(e->tag, e->tag_count, e->tag_capacity, tag);
  return 1;
}

int art_osm_xml_entity_add_tag(art_osm_xml_entity *e, size_t at, size_t end)
{
  const size_t from = at;
  art_osm_xml_attribute a, key = { 0 }, value = { 0 };
  int more;
  while ((more = art_osm_xml_next_attribute(e->scan, &at, end, &a)) > 0) {
    if (art_osm_xml_is_named(&a, "k"))
      key = a;
    else if (art_osm_xml_is_named(&a, "v"))
      value = a;
  }
  if (more < 0) return 0;
  if (!key.value || !value.value) return art_osm_xml_fail(e->scan, from, "tag: k or v is missing");
  return art_osm_xml_entity_put_tag(e, &key, &value);
}

int art_osm_xml_entity_add_ref(art_osm_xml_entity *e, size_t at, size_t end)
{
  const size_t from = at;
  art_osm_xml_attribute a;
  int64_t id = 0;
  int has_id = 0, more;
  while ((more = art_osm_xml_next_attribute(e->scan, &at, end, &a)) > 0) {
    if (!art_osm_xml_is_named(&a, "ref")) continue;
    if (!art_osm_xml_read_id(e->scan, "nd", &a, &id)) return 0;
    has_id = 1;
  }
  if (more < 0) return 0;
  if (!has_id) return art_osm_xml_fail(e->scan, from, "nd: ref is missing");
  if (e->ref_count == ART_OSM_MOST_REFS)
    return art_osm_xml_fail(e->scan, from, "more than %d nodes in a way", ART_OSM_MOST_REFS);
  ART_PUSH(e->ref, e->ref_count, e->ref_capacity, id);
  return 1;
}

int art_osm_xml_entity_add_member(art_osm_xml_entity *e, size_t at, size_t end)
{
  const size_t from = at;
  art_osm_xml_attribute a;
  art_osm_xml_member member = { 0 };
  int has_id = 0, has_type = 0, has_role = 0, more;
  while ((more = art_osm_xml_next_attribute(e->scan, &at, end, &a)) > 0) {
    if (art_osm_xml_is_named(&a, "ref")) {
      if (!art_osm_xml_read_id(e->scan, "member", &a, &member.id)) return 0;
      has_id = 1;
    } else if (art_osm_xml_is_named(&a, "type")) {
      has_type = 1;
      if (strcmp(a.value, "node") == 0)
        member.type = ART_OSM_MEMBER_NODE;
      else if (strcmp(a.value, "way") == 0)
        member.type = ART_OSM_MEMBER_WAY;
      else if (strcmp(a.value, "relation") == 0)
        member.type = ART_OSM_MEMBER_RELATION;
      else
        return art_osm_xml_fail(e->scan, from, "member: type=%.40s: accepted: node, way, relation", a.value);
    } else if (art_osm_xml_is_named(&a, "role")) {
      if (!art_osm_xml_resolve_value(e->scan, &a) || !check_text(e, &a)) return 0;
      member.text = keep_text(e, a.value, a.length);
      has_role = 1;
    }
  }
  if (more < 0) return 0;
  if (!has_id || !has_type) return art_osm_xml_fail(e->scan, from, "member: type or ref is missing");
  if (!has_role) member.text = keep_text(e, "", 0);
  if (e->member_count == ART_OSM_MOST_REFS)
    return art_osm_xml_fail(e->scan, from, "more than %d members", ART_OSM_MOST_REFS);
  ART_PUSH(e->member, e->member_count, e->member_capacity, member);
  return 1;
}

/// Valid until more is added.
static art_osm_tags tags_of(art_osm_xml_entity *e)
{
  if (e->tag_count > e->out_tag_capacity) {
    e->out_tag_capacity = 2 * e->tag_count;
    e->out_tag = art_renew(e->out_tag, (size_t)e->out_tag_capacity, sizeof *e->out_tag);
  }
  for (int32_t i = 0; i < e->tag_count; ++i)
    e->out_tag[i] = (art_osm_tag){ e->tag[i].key, e->texts + e->tag[i].text };
  return (art_osm_tags){ e->tag_count, e->out_tag };
}

int art_osm_xml_entity_asks_members(art_osm_xml_entity *e)
{
  return !e->sink->asks_members || e->sink->asks_members(e->sink->context, tags_of(e));
}

void art_osm_xml_entity_end(art_osm_xml_entity *e)
{
  if (e->is_wanted) {
    const art_osm_tags tags = tags_of(e);
    if (e->kind == ART_OSM_XML_NODE) {
      e->sink->node(e->sink->context, e->id, e->lon, e->lat, tags);
    } else if (e->kind == ART_OSM_XML_WAY) {
      e->sink->way(e->sink->context, e->id, e->ref_count, e->ref, tags);
    } else {
      if (e->member_count > e->out_member_capacity) {
        e->out_member_capacity = 2 * e->member_count;
        e->out_member = art_renew(e->out_member, (size_t)e->out_member_capacity, sizeof *e->out_member);
      }
      for (int32_t i = 0; i < e->member_count; ++i)
        e->out_member[i] =
            (art_osm_member){ e->member[i].id, e->member[i].type, e->texts + e->member[i].text };
      e->sink->relation(e->sink->context, e->id, e->member_count, e->out_member, tags);
    }
  }
  e->kind = ART_OSM_XML_NONE;
}

void art_osm_xml_entity_clear(art_osm_xml_entity *e)
{
  void *const owned[] = { e->ref, e->tag, e->member, e->texts, e->out_tag, e->out_member };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}
