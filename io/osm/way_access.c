// Who may use a way, by class and by the chain of access tags (the most specific one wins); which way round.
#include <string.h>

#include "io/osm/tags_internal.h"

static art_osm_access access_of_class(const art_osm_road *road)
{
  const uint32_t foot = ART_OSM_FOOT_BIT, bicycle = ART_OSM_BICYCLE_BIT, emergency = ART_OSM_BIT(EMERGENCY);
  art_osm_access access = { 0 };
  switch (road->road_class) {
  case ART_OSM_CLASS_MOTORWAY:
  case ART_OSM_CLASS_MOTORWAY_LINK: access.allowed = (ART_OSM_MOTOR & ~ART_OSM_BIT(MOPED)) | emergency; break;
  case ART_OSM_CLASS_TRACK:  // farm and forest tracks are no way through for motors
    access.allowed = foot | bicycle | emergency;
    access.destination = ART_OSM_MOTOR;
    break;
  case ART_OSM_CLASS_BUSWAY:
  case ART_OSM_CLASS_BUS_GUIDEWAY: access.allowed = ART_OSM_BIT(BUS) | emergency; break;
  case ART_OSM_CLASS_PEDESTRIAN:
  case ART_OSM_CLASS_FOOTWAY:
  case ART_OSM_CLASS_BRIDLEWAY:
  case ART_OSM_CLASS_STEPS: access.allowed = foot; break;
  case ART_OSM_CLASS_CYCLEWAY: access.allowed = bicycle; break;
  case ART_OSM_CLASS_PATH: access.allowed = foot | bicycle; break;
  default: access.allowed = ART_OSM_MOTOR | bicycle | foot | emergency; break;
  }
  if (road->is_motorroad && road->kind == ART_OSM_KIND_ROAD)
    access.allowed &= ~(foot | bicycle | ART_OSM_BIT(MOPED));
  return access;
}

static art_osm_access access_of_kind(const art_osm_way_work *w)
{
  art_osm_access access = { 0 };
  switch (w->road->kind) {
  case ART_OSM_KIND_TRAM: access.allowed = ART_OSM_BIT(TRAM); break;
  case ART_OSM_KIND_LIGHT_RAIL: access.allowed = ART_OSM_BIT(RAIL_URBAN) | ART_OSM_BIT(TRAM); break;
  case ART_OSM_KIND_SUBWAY: access.allowed = ART_OSM_BIT(RAIL_URBAN); break;
  case ART_OSM_KIND_RAIL: {
    const char *wire = art_osm_tag_get(w->tags, ART_OSM_ELECTRIFIED);
    access.allowed = ART_OSM_BIT(RAIL);
    if (wire && !art_osm_is_no(wire)) access.allowed |= ART_OSM_BIT(RAIL_ELECTRIC);
    if (art_osm_is_yes(art_osm_tag_get(w->tags, ART_OSM_HIGHSPEED)))
      access.allowed |= ART_OSM_BIT(RAIL_FAST) | ART_OSM_BIT(RAIL_ELECTRIC);
    break;
  }
  case ART_OSM_KIND_FERRY: access.allowed = ART_OSM_FOOT_BIT; break;
  default: access = access_of_class(w->road); break;
  }
  return access;
}

/// Values that stand in access keys and mean lanes or things, not access.
static int is_no_access_value(const char *value)
{
  static const char *const words[] = { "lane",      "opposite_lane", "unknown", "lanes",
                                       "side_lane", "both",          "left",    "right" };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i)
    if (strcmp(words[i], value) == 0) return 1;
  return 0;
}

typedef struct access_values {
  const char *value[ART_OSM_MODE_COUNT][3];  ///< for both directions, forward, backward
  int has_general;                           ///< a word about all motor traffic is among them
} access_values;

static void collect_values(const art_osm_way_work *w, access_values *out)
{
  memset(out, 0, sizeof *out);
  for (int32_t i = 0; i < w->tags.count; ++i) {
    const art_osm_key key = w->tags.tag[i].key, rest = key & ~0xffffu;
    const int mode = art_osm_mode_find(key & 0xffffu);
    if (mode < 0) continue;
    const int where = rest == 0 ? 0 : rest == ART_OSM_OF_FORWARD ? 1 : rest == ART_OSM_OF_BACKWARD ? 2 : -1;
    if (where < 0) continue;
    out->value[mode][where] = w->tags.tag[i].value;
    if (art_osm_modes[mode].key == ART_OSM_ACCESS || art_osm_modes[mode].key == ART_OSM_VEHICLE ||
        art_osm_modes[mode].key == ART_OSM_MOTOR_VEHICLE || art_osm_modes[mode].key == ART_OSM_MOTORCAR)
      out->has_general = 1;
  }
}

static void apply_value(art_osm_way_work *w, int mode, const char *value, int direction, int is_first_look)
{
  art_osm_level level;
  if (art_osm_level_parse(value, strlen(value), &level)) {
    art_osm_access_set(&w->access[direction], art_osm_modes[mode].classes, level);
  } else if (is_first_look && !is_no_access_value(value) && art_osm_modes[mode].key != ART_OSM_EMERGENCY) {
    art_osm_note_add(w->notes, ART_OSM_NOTE_ACCESS, art_osm_key_text(art_osm_modes[mode].key), value);
  }
}

void art_osm_way_access(art_osm_way_work *w)
{
  static const uint32_t driver_alone = ART_OSM_CARS & ~(ART_OSM_BIT(HOV) | ART_OSM_BIT(TAXI));
  w->access[0] = w->access[1] = access_of_kind(w);
  if (w->road->kind >= ART_OSM_KIND_TRAM && w->road->kind <= ART_OSM_KIND_RAIL) {
    if (art_osm_is(art_osm_tag_get(w->tags, ART_OSM_ACCESS), "no"))
      w->access[0] = w->access[1] = (art_osm_access){ 0 };
    return;
  }
  access_values values;
  collect_values(w, &values);
  const char *cycle_road = art_osm_tag_get(w->tags, ART_OSM_BICYCLE_ROAD);
  for (int d = 0; d < 2; ++d) {
    // Where only bicycles are named, others go to destinations at most; a carriageway for shared cars is for
    // those.
    if (art_osm_is_yes(cycle_road) && !values.has_general)
      art_osm_access_set(&w->access[d], ART_OSM_MOTOR, ART_OSM_LEVEL_DESTINATION);
    const int hov = art_osm_mode_find(ART_OSM_HOV);
    if (art_osm_is(values.value[hov][0], "designated") && !values.has_general)
      art_osm_access_set(&w->access[d], driver_alone, ART_OSM_LEVEL_NO);
  }
  for (int mode = 0; mode < ART_OSM_MODE_COUNT; ++mode)
    for (int d = 0; d < 2; ++d) {
      const char *own = values.value[mode][1 + d], *common = values.value[mode][0];
      if (own || common) apply_value(w, mode, own ? own : common, d, own || d == 0);
    }
}

// ---- which way round -------------------------------------------------------------------------------------------------

typedef enum way_round { ROUND_UNKNOWN, ROUND_BOTH, ROUND_ALONG, ROUND_AGAINST, ROUND_VARIES } way_round;

static way_round parse_oneway(const char *value)
{
  if (art_osm_is_yes(value)) return ROUND_ALONG;
  if (art_osm_is_no(value)) return ROUND_BOTH;
  if (art_osm_is(value, "-1") || art_osm_is(value, "reverse")) return ROUND_AGAINST;
  if (art_osm_is(value, "reversible") || art_osm_is(value, "alternating")) return ROUND_VARIES;
  return ROUND_UNKNOWN;
}

static way_round find_oneway(art_osm_way_work *w)
{
  const art_osm_road *road = w->road;
  const char *value = art_osm_tag_get(w->tags, ART_OSM_ONEWAY);
  if (!value) value = art_osm_tag_get(w->tags, ART_OSM_ONEWAY_MOTOR_VEHICLE);
  if (value) {
    const way_round found = parse_oneway(value);
    if (found == ROUND_VARIES) art_osm_note_add(w->notes, ART_OSM_NOTE_ONEWAY_VARIES, "oneway", value);
    if (found) return found;
    art_osm_note_add(w->notes, ART_OSM_NOTE_ONEWAY, "oneway", value);
  }
  const int implied = road->is_roundabout ||
                      (road->road_class >= 0 && w->options->defaults->by_class[road->road_class].is_oneway);
  if (implied) return ROUND_ALONG;
  const char *train = art_osm_tag_get(w->tags, ART_OSM_PREFERRED_DIRECTION);
  if (train && !art_osm_is(art_osm_tag_get(w->tags, ART_OSM_BIDIRECTIONAL), "regular")) {
    if (art_osm_is(train, "forward")) return ROUND_ALONG;
    if (art_osm_is(train, "backward")) return ROUND_AGAINST;
  }
  return ROUND_BOTH;
}

/// 1 if a direction is opened by name: "bicycle:backward=yes".
static int is_named_open(const art_osm_way_work *w, art_osm_key key, int backward)
{
  const char *value = art_osm_tag_get(w->tags, key | (backward ? ART_OSM_OF_BACKWARD : ART_OSM_OF_FORWARD));
  art_osm_level level;
  return value && art_osm_level_parse(value, strlen(value), &level) && level == ART_OSM_LEVEL_YES;
}

static int has_opposite(const art_osm_way_work *w, art_osm_key base, int *has_lane)
{
  static const art_osm_key sides[] = { 0, ART_OSM_OF_LEFT, ART_OSM_OF_RIGHT, ART_OSM_OF_BOTH };
  int found = 0;
  for (size_t i = 0; i < sizeof sides / sizeof sides[0]; ++i) {
    const char *value = art_osm_tag_get(w->tags, base | sides[i]);
    if (!value || strncmp(value, "opposite", 8) != 0) continue;
    found = 1;
    if (strcmp(value, "opposite_lane") == 0 || strcmp(value, "opposite_track") == 0) *has_lane = 1;
  }
  return found;
}

static int has_lanes(const art_osm_way_work *w, art_osm_key key, int backward)
{
  const char *value = art_osm_tag_get(w->tags, key | (backward ? ART_OSM_OF_BACKWARD : ART_OSM_OF_FORWARD));
  return value && !art_osm_is_no(value);
}

/// Classes that may drive against a one-way whose closed direction is `against`.
static uint32_t find_contraflow(art_osm_way_work *w, int against)
{
  static const uint32_t bus = ART_OSM_BIT(BUS), taxi = ART_OSM_BIT(TAXI), moped = ART_OSM_BIT(MOPED);
  const art_osm_tags tags = w->tags;
  uint32_t classes = 0;
  int bus_lane = 0;
  if (art_osm_is_no(art_osm_tag_get(tags, ART_OSM_ONEWAY_BICYCLE)) ||
      has_opposite(w, ART_OSM_CYCLEWAY, &w->has_opposite_lane) || is_named_open(w, ART_OSM_BICYCLE, against))
    classes |= ART_OSM_BICYCLE_BIT;
  // One-way for motor vehicles only.
  if (!art_osm_tag_get(tags, ART_OSM_ONEWAY) && art_osm_tag_get(tags, ART_OSM_ONEWAY_MOTOR_VEHICLE))
    classes |= ART_OSM_BICYCLE_BIT;
  if (art_osm_is_no(art_osm_tag_get(tags, ART_OSM_ONEWAY_BUS)) ||
      has_opposite(w, ART_OSM_BUSWAY, &bus_lane) || is_named_open(w, ART_OSM_BUS, against) ||
      has_lanes(w, ART_OSM_LANES_BUS, against))
    classes |= bus;
  if (art_osm_is_no(art_osm_tag_get(tags, ART_OSM_ONEWAY_PSV)) || is_named_open(w, ART_OSM_PSV, against) ||
      has_lanes(w, ART_OSM_LANES_PSV, against))
    classes |= bus | taxi;
  if (art_osm_is_no(art_osm_tag_get(tags, ART_OSM_ONEWAY_TAXI))) classes |= taxi;
  if (art_osm_is_no(art_osm_tag_get(tags, ART_OSM_ONEWAY_MOPED))) classes |= moped;
  return classes;
}

void art_osm_way_oneway(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  const way_round found = find_oneway(w);
  w->first = found != ROUND_AGAINST;
  w->second = found != ROUND_ALONG;
  road->varies = found == ROUND_VARIES;
  road->is_oneway = found == ROUND_ALONG || found == ROUND_AGAINST;
  road->is_reversed = found == ROUND_AGAINST;
  if (!road->is_oneway) return;
  const int against = !road->is_reversed;
  w->contraflow =
      road->kind == ART_OSM_KIND_ROAD || road->kind == ART_OSM_KIND_BUSWAY ? find_contraflow(w, against) : 0;
  if (road->kind != ART_OSM_KIND_PATH) return;
  // On paths a one-way binds vehicles; those on foot walk as they like.
  w->contraflow = w->access[against].allowed & ART_OSM_FOOT_BIT;
  if (art_osm_is_no(art_osm_tag_get(w->tags, ART_OSM_ONEWAY_BICYCLE)))
    w->contraflow |= w->access[against].allowed & ART_OSM_BICYCLE_BIT;
}
