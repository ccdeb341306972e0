// Built-in tables. Speeds are the general limits of the countries' traffic rules for passenger cars; in
// towns, where the class tells more than the rule (urban China, Brazil), what such streets are usually signed
// with.
#include "io/osm/defaults.h"

#include <string.h>
#include <strings.h>

static const char *const class_names[ART_OSM_CLASS_COUNT] = {
#define X(name, text) text,
  ART_OSM_CLASS_LIST(X)
#undef X
};

const char *art_osm_class_name(art_osm_class road_class)
{
  return (unsigned)road_class < ART_OSM_CLASS_COUNT ? class_names[road_class] : "";
}

int art_osm_class_find(const char *name)
{
  for (int i = 0; i < ART_OSM_CLASS_COUNT; ++i)
    if (strcmp(class_names[i], name) == 0) return i;
  return -1;
}

/// Speeds in km/h (mph where `mph` is set): in town, out of town.
typedef struct speed_pair {
  short urban, rural;
} speed_pair;

typedef struct country_row {
  const char *country;
  int left_hand, mph, taxis;
  short unlimited_kmh;
  speed_pair motorway, motorway_link, trunk, trunk_link, primary, secondary, tertiary, unclassified,
      residential;
  short living_street, service;
  /// Lanes of a one-way street and of one direction of others: motorway, trunk, primary, secondary, tertiary.
  char oneway_lanes[5], direction_lanes[5];
} country_row;

static const country_row countries[] = {
  { "generic",
    0,
    0,
    0,
    130,
    { 100, 120 },
    { 60, 60 },
    { 70, 100 },
    { 50, 60 },
    { 50, 90 },
    { 50, 90 },
    { 50, 80 },
    { 50, 70 },
    { 50, 50 },
    15,
    20,
    { 2, 2, 2, 1, 1 },
    { 2, 1, 1, 1, 1 } },
  { "AD",
    0,
    0,
    1,
    120,
    { 100, 120 },
    { 60, 60 },
    { 50, 90 },
    { 50, 60 },
    { 50, 90 },
    { 50, 90 },
    { 50, 90 },
    { 50, 70 },
    { 40, 50 },
    20,
    20,
    { 2, 2, 2, 1, 1 },
    { 2, 1, 1, 1, 1 } },
  { "BR",
    0,
    0,
    0,
    110,
    { 80, 110 },
    { 60, 60 },
    { 80, 100 },
    { 60, 60 },
    { 60, 100 },
    { 60, 100 },
    { 40, 60 },
    { 40, 60 },
    { 30, 30 },
    20,
    20,
    { 2, 2, 2, 2, 2 },
    { 2, 2, 1, 1, 1 } },
  { "CN",
    0,
    0,
    0,
    120,
    { 100, 120 },
    { 40, 60 },
    { 80, 80 },
    { 40, 60 },
    { 60, 80 },
    { 50, 70 },
    { 40, 60 },
    { 30, 40 },
    { 30, 30 },
    20,
    20,
    { 3, 3, 3, 2, 1 },
    { 3, 2, 2, 1, 1 } },
  { "DE",
    0,
    0,
    1,
    140,
    { 120, 140 },
    { 60, 60 },
    { 50, 100 },
    { 50, 60 },
    { 50, 100 },
    { 50, 100 },
    { 50, 100 },
    { 50, 100 },
    { 50, 50 },
    7,
    20,
    { 2, 2, 2, 1, 1 },
    { 2, 1, 1, 1, 1 } },
  { "ES",
    0,
    0,
    1,
    120,
    { 100, 120 },
    { 60, 60 },
    { 50, 90 },
    { 50, 60 },
    { 50, 90 },
    { 50, 90 },
    { 50, 90 },
    { 30, 70 },
    { 30, 30 },
    20,
    20,
    { 2, 2, 2, 1, 1 },
    { 2, 1, 1, 1, 1 } },
  { "FR",
    0,
    0,
    1,
    130,
    { 110, 130 },
    { 70, 70 },
    { 50, 110 },
    { 50, 70 },
    { 50, 80 },
    { 50, 80 },
    { 50, 80 },
    { 50, 80 },
    { 50, 50 },
    20,
    20,
    { 2, 2, 2, 1, 1 },
    { 2, 1, 1, 1, 1 } },
  { "GB",
    1,
    1,
    1,
    113,
    { 70, 70 },
    { 50, 50 },
    { 40, 70 },
    { 30, 50 },
    { 30, 60 },
    { 30, 60 },
    { 30, 60 },
    { 30, 60 },
    { 30, 30 },
    20,
    10,
    { 3, 2, 2, 1, 1 },
    { 3, 1, 1, 1, 1 } },
  { "MC",
    0,
    0,
    1,
    130,
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    { 50, 50 },
    20,
    20,
    { 2, 2, 2, 1, 1 },
    { 2, 1, 1, 1, 1 } },
  { "US",
    0,
    1,
    0,
    113,
    { 55, 65 },
    { 35, 45 },
    { 45, 55 },
    { 35, 45 },
    { 35, 55 },
    { 35, 55 },
    { 30, 45 },
    { 30, 45 },
    { 25, 25 },
    15,
    15,
    { 3, 2, 2, 2, 1 },
    { 3, 2, 2, 1, 1 } },
};
enum { COUNTRY_COUNT = (int)(sizeof countries / sizeof countries[0]) };

const char *art_osm_defaults_name(int32_t i)
{
  return i >= 0 && i < COUNTRY_COUNT ? countries[i].country : NULL;
}

static float to_mps(double value, int mph)
{
  return (float)(mph ? value * 0.44704 : value / 3.6);
}

static void set_class(art_osm_defaults *d, int first, int last, const country_row *row, speed_pair speed,
                      int oneway_lanes, int direction_lanes, double width_m)
{
  for (int i = first; i <= last; ++i)
    d->by_class[i] = (art_osm_class_defaults){ .urban_mps = to_mps(speed.urban, row->mph),
                                               .rural_mps = to_mps(speed.rural, row->mph),
                                               .lanes_oneway = oneway_lanes,
                                               .lanes_per_direction = direction_lanes,
                                               .lane_width_m = (float)width_m };
}

static void fill_classes(art_osm_defaults *d, const country_row *row)
{
  const char *one = row->oneway_lanes, *each = row->direction_lanes;
  const speed_pair slow = { row->service, row->service }, living = { row->living_street, row->living_street };
  const speed_pair track = row->mph ? (speed_pair){ 15, 15 } : (speed_pair){ 20, 20 };
  const speed_pair bus = row->mph ? (speed_pair){ 30, 40 } : (speed_pair){ 50, 60 };
  const speed_pair bike = row->mph ? (speed_pair){ 15, 15 } : (speed_pair){ 25, 25 };
  const speed_pair walk = row->mph ? (speed_pair){ 4, 4 } : (speed_pair){ 6, 6 };
  set_class(d, ART_OSM_CLASS_MOTORWAY, ART_OSM_CLASS_MOTORWAY, row, row->motorway, one[0], each[0], 3.75);
  set_class(d, ART_OSM_CLASS_MOTORWAY_LINK, ART_OSM_CLASS_MOTORWAY_LINK, row, row->motorway_link, 1, 1, 3.5);
  set_class(d, ART_OSM_CLASS_TRUNK, ART_OSM_CLASS_TRUNK, row, row->trunk, one[1], each[1], 3.5);
  set_class(d, ART_OSM_CLASS_TRUNK_LINK, ART_OSM_CLASS_TRUNK_LINK, row, row->trunk_link, 1, 1, 3.5);
  set_class(d, ART_OSM_CLASS_PRIMARY, ART_OSM_CLASS_PRIMARY, row, row->primary, one[2], each[2], 3.25);
  set_class(d, ART_OSM_CLASS_PRIMARY_LINK, ART_OSM_CLASS_PRIMARY_LINK, row, row->primary, 1, 1, 3.25);
  set_class(d, ART_OSM_CLASS_SECONDARY, ART_OSM_CLASS_SECONDARY, row, row->secondary, one[3], each[3], 3.25);
  set_class(d, ART_OSM_CLASS_SECONDARY_LINK, ART_OSM_CLASS_SECONDARY_LINK, row, row->secondary, 1, 1, 3.25);
  set_class(d, ART_OSM_CLASS_TERTIARY, ART_OSM_CLASS_TERTIARY, row, row->tertiary, one[4], each[4], 3.25);
  set_class(d, ART_OSM_CLASS_TERTIARY_LINK, ART_OSM_CLASS_TERTIARY_LINK, row, row->tertiary, 1, 1, 3.25);
  set_class(d, ART_OSM_CLASS_UNCLASSIFIED, ART_OSM_CLASS_UNCLASSIFIED, row, row->unclassified, 1, 1, 3.0);
  set_class(d, ART_OSM_CLASS_RESIDENTIAL, ART_OSM_CLASS_RESIDENTIAL, row, row->residential, 1, 1, 3.0);
  set_class(d, ART_OSM_CLASS_LIVING_STREET, ART_OSM_CLASS_LIVING_STREET, row, living, 1, 1, 3.0);
  set_class(d, ART_OSM_CLASS_SERVICE, ART_OSM_CLASS_SERVICE, row, slow, 1, 1, 3.0);
  set_class(d, ART_OSM_CLASS_TRACK, ART_OSM_CLASS_TRACK, row, track, 1, 1, 2.75);
  set_class(d, ART_OSM_CLASS_BUSWAY, ART_OSM_CLASS_BUS_GUIDEWAY, row, bus, 1, 1, 3.25);
  set_class(d, ART_OSM_CLASS_PEDESTRIAN, ART_OSM_CLASS_PEDESTRIAN, row, walk, 1, 1, 3.0);
  set_class(d, ART_OSM_CLASS_CYCLEWAY, ART_OSM_CLASS_CYCLEWAY, row, bike, 1, 1, 1.5);
  set_class(d, ART_OSM_CLASS_FOOTWAY, ART_OSM_CLASS_STEPS, row, walk, 1, 1, 1.5);
  set_class(d, ART_OSM_CLASS_PATH, ART_OSM_CLASS_PATH, row, bike, 1, 1, 1.5);
  d->by_class[ART_OSM_CLASS_MOTORWAY].is_oneway = d->by_class[ART_OSM_CLASS_MOTORWAY_LINK].is_oneway = 1;
}

int art_osm_defaults_find(const char *country, art_osm_defaults *out)
{
  const country_row *row = &countries[0];
  int is_found = 0;
  for (int i = 0; i < COUNTRY_COUNT && !is_found; ++i)
    if (strcasecmp(countries[i].country, country) == 0) {
      row = &countries[i];
      is_found = 1;
    }
  *out = (art_osm_defaults){ .left_hand = row->left_hand,
                             .mph = row->mph,
                             .unlimited_mps = to_mps(row->unlimited_kmh, 0),
                             .walk_mps = to_mps(5, 0),
                             .bus_lanes_serve_taxis = row->taxis };
  strcpy(out->country, row->country);
  fill_classes(out, row);
  return is_found;
}

/// `what` is a value of a class or of the whole.
static art_status check_speed(const art_osm_defaults *d, const char *what, const char *word, float value,
                              art_error *err)
{
  if (value >= 0.5f && value <= 60.0f) return ART_OK;
  return art_fail(err, ART_E_INPUT, "defaults of %s: %s %s=%g m/s: accepted: 0.5 to 60 (1.8 to 216 km/h)",
                  d->country, what, word, (double)value);
}

art_status art_osm_defaults_check(const art_osm_defaults *d, art_error *err)
{
  art_status status = check_speed(d, "", "unlimited", d->unlimited_mps, err);
  if (status == ART_OK) status = check_speed(d, "", "walk", d->walk_mps, err);
  for (int i = 0; i < ART_OSM_ZONE_COUNT && status == ART_OK; ++i)
    if (d->zone_mps[i] != 0.0f) status = check_speed(d, "symbol", "", d->zone_mps[i], err);
  for (int i = 0; i < ART_OSM_CLASS_COUNT && status == ART_OK; ++i) {
    const art_osm_class_defaults *c = &d->by_class[i];
    status = check_speed(d, class_names[i], "urban speed", c->urban_mps, err);
    if (status == ART_OK) status = check_speed(d, class_names[i], "rural speed", c->rural_mps, err);
    if (status != ART_OK) break;
    if (c->lanes_oneway < 1 || c->lanes_oneway > 8 || c->lanes_per_direction < 1 ||
        c->lanes_per_direction > 8)
      return art_fail(err, ART_E_INPUT, "defaults of %s: %s: lanes %d and %d: accepted: 1 to 8", d->country,
                      class_names[i], c->lanes_oneway, c->lanes_per_direction);
    if (!(c->lane_width_m >= 0.5f && c->lane_width_m <= 10.0f))
      return art_fail(err, ART_E_INPUT, "defaults of %s: %s: lane width %g m: accepted: 0.5 to 10",
                      d->country, class_names[i], (double)c->lane_width_m);
  }
  return status;
}
