// A way: its kind and class, names and heights; the parts do the rest.
#include <stdlib.h>
#include <string.h>

#include "io/osm/tags_internal.h"

const char *art_osm_directed(const art_osm_way_work *w, art_osm_key key, int backward)
{
  const char *value = art_osm_tag_get(w->tags, key | (backward ? ART_OSM_OF_BACKWARD : ART_OSM_OF_FORWARD));
  return value ? value : art_osm_tag_get(w->tags, key);
}

art_osm_lane *art_osm_insert_lane(art_osm_side *side, int at_kerb)
{
  if (side->lane_count == ART_OSM_MAX_LANES) return NULL;
  if (at_kerb) memmove(side->lane + 1, side->lane, (size_t)side->lane_count * sizeof *side->lane);
  art_osm_lane *lane = &side->lane[at_kerb ? 0 : side->lane_count];
  ++side->lane_count;
  *lane = (art_osm_lane){ .change = ART_OSM_CHANGE_BOTH };
  return lane;
}

void art_osm_side_sum(art_osm_side *side)
{
  side->allowed = side->destination = 0;
  side->has_turns = 0;
  for (int32_t i = 0; i < side->lane_count; ++i) {
    side->allowed |= side->lane[i].allowed;
    side->destination |= side->lane[i].destination;
    side->has_turns |= (side->lane[i].turns & ~ART_OSM_TURN_NONE) != 0;
  }
  side->destination &= ~side->allowed;
}

/// Class of a value of highway=*, -1 if it is no road; *is_known tells values that mean something else from
/// strange ones.
static int class_of(const char *value, int *is_known)
{
  static const struct {
    const char *word;
    int road_class;
  } aliases[] = {
    { "road", ART_OSM_CLASS_UNCLASSIFIED },
    { "minor", ART_OSM_CLASS_UNCLASSIFIED },
    { "crossing", ART_OSM_CLASS_FOOTWAY },
    { "corridor", -1 },
    { "platform", -1 },
    { "services", -1 },
    { "rest_area", -1 },
    { "raceway", -1 },
    { "escape", -1 },
    { "emergency_bay", -1 },
    { "elevator", -1 },
    { "via_ferrata", -1 },
    { "abandoned", -1 },
    { "razed", -1 },
    { "disused", -1 },
    { "planned", -1 },
    { "construction", -1 },
    { "proposed", -1 },
    { "no", -1 },
    { "bus_stop", -1 },
    { "traffic_island", -1 },
    { "street_lamp", -1 },
    { "ladder", -1 },
    { "trailhead", -1 },
  };
  *is_known = 1;
  const int found = art_osm_class_find(value);
  if (found >= 0) return found;
  for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; ++i)
    if (strcmp(aliases[i].word, value) == 0) return aliases[i].road_class;
  *is_known = 0;
  return -1;
}

static art_osm_kind kind_of_class(int road_class)
{
  if (road_class < ART_OSM_CLASS_BUSWAY) return ART_OSM_KIND_ROAD;
  return road_class <= ART_OSM_CLASS_BUS_GUIDEWAY ? ART_OSM_KIND_BUSWAY : ART_OSM_KIND_PATH;
}

static art_osm_kind kind_of_railway(const char *value)
{
  static const struct {
    const char *word;
    art_osm_kind kind;
  } kinds[] = {
    { "tram", ART_OSM_KIND_TRAM },      { "light_rail", ART_OSM_KIND_LIGHT_RAIL },
    { "subway", ART_OSM_KIND_SUBWAY },  { "monorail", ART_OSM_KIND_SUBWAY },
    { "rail", ART_OSM_KIND_RAIL },      { "narrow_gauge", ART_OSM_KIND_RAIL },
    { "funicular", ART_OSM_KIND_RAIL }, { "preserved", ART_OSM_KIND_RAIL },
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i)
    if (art_osm_is(value, kinds[i].word)) return kinds[i].kind;
  return ART_OSM_KIND_NONE;
}

/// What a way under construction or proposed will be: "highway=construction" with "construction=primary".
static const char *future_of(art_osm_tags tags, const char *value)
{
  if (art_osm_is(value, "construction")) return art_osm_tag_get(tags, ART_OSM_CONSTRUCTION);
  if (art_osm_is(value, "proposed")) return art_osm_tag_get(tags, ART_OSM_PROPOSED);
  return NULL;
}

static void set_kind(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  const char *highway = art_osm_tag_get(w->tags, ART_OSM_HIGHWAY),
             *railway = art_osm_tag_get(w->tags, ART_OSM_RAILWAY);
  road->road_class = -1;
  if (highway) {
    const char *future = future_of(w->tags, highway);
    int is_known = 1;
    road->road_class = class_of(future ? future : highway, &is_known);
    if (!is_known && !future) art_osm_note_add(w->notes, ART_OSM_NOTE_CLASS, "highway", highway);
    if (road->road_class >= 0) {
      road->is_closed = future != NULL;
      road->kind = kind_of_class(road->road_class);
      return;
    }
  }
  if (railway) {
    const char *future = future_of(w->tags, railway);
    road->kind = kind_of_railway(future ? future : railway);
    road->is_closed = road->kind && future;
    if (road->kind) return;
  }
  if (art_osm_is(art_osm_tag_get(w->tags, ART_OSM_ROUTE), "ferry")) road->kind = ART_OSM_KIND_FERRY;
}

int art_osm_is_way(art_osm_tags tags)
{
  const char *highway = art_osm_tag_get(tags, ART_OSM_HIGHWAY);
  if (highway) {
    const char *future = future_of(tags, highway);
    int is_known;
    if (class_of(future ? future : highway, &is_known) >= 0 || !is_known) return 1;
  }
  const char *railway = art_osm_tag_get(tags, ART_OSM_RAILWAY);
  if (railway) {
    const char *future = future_of(tags, railway);
    if (kind_of_railway(future ? future : railway)) return 1;
  }
  return art_osm_is(art_osm_tag_get(tags, ART_OSM_ROUTE), "ferry");
}

static int is_set(const art_osm_way_work *w, art_osm_key key)
{
  const char *value = art_osm_tag_get(w->tags, key);
  return value && !art_osm_is_no(value);
}

static void set_layer(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  road->is_bridge = (uint8_t)is_set(w, ART_OSM_BRIDGE);
  road->is_tunnel = (uint8_t)is_set(w, ART_OSM_TUNNEL);
  road->layer = road->is_bridge ? 1 : road->is_tunnel ? -1 : 0;
  const char *text = art_osm_tag_get(w->tags, ART_OSM_LAYER);
  if (!text) return;
  char *end;
  const long value = strtol(text, &end, 10);
  if (end != text && *end == '\0' && value >= -20 && value <= 20) {
    road->layer = (int32_t)value;
  } else {
    road->layer = 0;
    art_osm_note_add(w->notes, ART_OSM_NOTE_LAYER, "layer", text);
  }
}

static int is_minor_service(const char *service)
{
  static const char *const words[] = { "driveway", "parking_aisle", "drive-through", "emergency_access",
                                       "yard",     "siding",        "spur",          "crossover" };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i)
    if (art_osm_is(service, words[i])) return 1;
  return 0;
}

static void set_facts(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  const art_osm_tags tags = w->tags;
  const char *junction = art_osm_tag_get(tags, ART_OSM_JUNCTION),
             *footway = art_osm_tag_get(tags, ART_OSM_FOOTWAY);
  const char *limit;
  road->name = art_osm_tag_get(tags, ART_OSM_NAME);
  road->ref = art_osm_tag_get(tags, ART_OSM_REF);
  road->surface = art_osm_tag_get(tags, ART_OSM_SURFACE);
  road->is_area = (uint8_t)art_osm_is_yes(art_osm_tag_get(tags, ART_OSM_AREA));
  road->is_roundabout = art_osm_is(junction, "roundabout") || art_osm_is(junction, "circular");
  road->is_crossing = art_osm_is(footway, "crossing") ||
                      art_osm_is(art_osm_tag_get(tags, ART_OSM_CYCLEWAY), "crossing") ||
                      art_osm_is(art_osm_tag_get(tags, ART_OSM_HIGHWAY), "crossing");
  road->is_sidewalk = (uint8_t)art_osm_is(footway, "sidewalk");
  road->is_service_minor = (uint8_t)is_minor_service(art_osm_tag_get(tags, ART_OSM_SERVICE));
  road->is_priority_road = (uint8_t)is_set(w, ART_OSM_PRIORITY_ROAD);
  road->is_cyclestreet = (uint8_t)(is_set(w, ART_OSM_CYCLESTREET) || is_set(w, ART_OSM_BICYCLE_ROAD));
  road->is_motorroad = (uint8_t)is_set(w, ART_OSM_MOTORROAD);
  road->is_dual_carriageway = (uint8_t)is_set(w, ART_OSM_DUAL_CARRIAGEWAY);
  road->is_toll = (uint8_t)is_set(w, ART_OSM_TOLL);
  road->has_embedded_rails = (uint8_t)is_set(w, ART_OSM_EMBEDDED_RAILS);
  if ((limit = art_osm_tag_get(tags, ART_OSM_MAXWEIGHT)))
    road->max_weight_t = art_osm_weight(limit, strlen(limit));
  if ((limit = art_osm_tag_get(tags, ART_OSM_MAXHEIGHT)))
    road->max_height_m = art_osm_length(limit, strlen(limit));
  if ((limit = art_osm_tag_get(tags, ART_OSM_WIDTH))) road->width_m = art_osm_length(limit, strlen(limit));
  if (road->road_class >= 0) {
    const char *name = art_osm_class_name((art_osm_class)road->road_class);
    const size_t length = strlen(name);
    road->is_link = length > 5 && strcmp(name + length - 5, "_link") == 0;
  }
}

void art_osm_way(art_osm_tags tags, const art_osm_options *options, art_osm_road *out, art_osm_notes *notes)
{
  *out = (art_osm_road){ .road_class = -1, .built_up = -1 };
  art_osm_way_work w = { .tags = tags, .options = options, .road = out, .notes = notes };
  set_kind(&w);
  if (out->kind == ART_OSM_KIND_NONE) return;
  set_facts(&w);
  set_layer(&w);
  art_osm_way_access(&w);
  art_osm_way_oneway(&w);
  art_osm_way_lanes(&w);
  art_osm_way_speeds(&w);
  art_osm_way_lane_lists(&w);
  art_osm_way_buses(&w);
  art_osm_way_cycles(&w);
  art_osm_way_rails(&w);
  art_osm_way_sidewalks(&w);
  art_osm_way_conditionals(&w);
  art_osm_side_sum(&out->forward);
  art_osm_side_sum(&out->backward);
}
