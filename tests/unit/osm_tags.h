/// \file osm_tags.h
/// Tags for tests from one text: "highway=primary, lanes=3". Values hold no comma followed by a blank.
#ifndef ART_TESTS_UNIT_OSM_TAGS_H
#define ART_TESTS_UNIT_OSM_TAGS_H
#include <stdio.h>
#include <string.h>

#include "io/osm/tags.h"

enum { TEST_TAGS = 32, TEST_TEXT = 1024 };

typedef struct test_tags {
  char text[TEST_TEXT];
  art_osm_tag tag[TEST_TAGS];
  int32_t count;
} test_tags;

/// Keys that the importer does not know are left out, as a reader does.
static inline art_osm_tags tags_of_text(test_tags *out, const char *text)
{
  snprintf(out->text, sizeof out->text, "%s", text);
  out->count = 0;
  for (char *at = out->text; at && *at;) {
    char *next = strstr(at, ", "), *equals = strchr(at, '=');
    if (next) *next = '\0', next += 2;
    const art_osm_key key = art_osm_key_parse(at, (size_t)(equals - at));
    if (key) out->tag[out->count++] = (art_osm_tag){ key, equals + 1 };
    at = next;
  }
  return (art_osm_tags){ out->count, out->tag };
}

/// A way in a country; `notes` may be NULL.
static inline art_osm_road road_in(const char *country, const char *text, art_osm_notes *notes)
{
  static art_osm_road road;
  test_tags tags;
  art_osm_defaults defaults;
  art_osm_defaults_find(country, &defaults);
  const art_osm_options options = { .defaults = &defaults };
  art_osm_way(tags_of_text(&tags, text), &options, &road, notes);
  // Their texts go with the tags.
  road.name = road.ref = road.surface = NULL;
  return road;
}
static inline art_osm_road road_of(const char *text)
{
  return road_in("DE", text, NULL);
}

#define BIT(name) (1u << ART_VCLASS_##name)
#define CAN(mask, name) (((mask)&BIT(name)) != 0)
#define KMH(value) ((value) / 3.6f)

#endif  // ART_TESTS_UNIT_OSM_TAGS_H
