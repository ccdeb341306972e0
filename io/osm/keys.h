/// \file keys.h
/// Keys of OpenStreetMap tags as numbers: a base word and modifiers. A key such as
/// "maxspeed:lanes:forward:conditional" is taken apart once, when its tag is read; everything behind compares
/// integers.
#ifndef ART_IO_OSM_KEYS_H
#define ART_IO_OSM_KEYS_H
#include <stddef.h>
#include <stdint.h>

/// X(enumerator suffix, key as written)
#define ART_OSM_KEY_LIST(X)                    \
  X(HIGHWAY, "highway")                        \
  X(RAILWAY, "railway")                        \
  X(ROUTE, "route")                            \
  X(JUNCTION, "junction")                      \
  X(AREA, "area")                              \
  X(CONSTRUCTION, "construction")              \
  X(PROPOSED, "proposed")                      \
  X(SERVICE, "service")                        \
  X(SURFACE, "surface")                        \
  X(SMOOTHNESS, "smoothness")                  \
  X(TRACKTYPE, "tracktype")                    \
  X(NAME, "name")                              \
  X(REF, "ref")                                \
  X(LAYER, "layer")                            \
  X(LEVEL, "level")                            \
  X(BRIDGE, "bridge")                          \
  X(TUNNEL, "tunnel")                          \
  X(COVERED, "covered")                        \
  X(ELE, "ele")                                \
  X(INCLINE, "incline")                        \
  X(WIDTH, "width")                            \
  X(LIT, "lit")                                \
  X(TOLL, "toll")                              \
  X(NOEXIT, "noexit")                          \
  X(ONEWAY, "oneway")                          \
  X(ONEWAY_BICYCLE, "oneway:bicycle")          \
  X(ONEWAY_BUS, "oneway:bus")                  \
  X(ONEWAY_PSV, "oneway:psv")                  \
  X(ONEWAY_MOTOR_VEHICLE, "oneway:motor_vehicle") \
  X(ONEWAY_MOPED, "oneway:moped")              \
  X(ONEWAY_TAXI, "oneway:taxi")                \
  X(DUAL_CARRIAGEWAY, "dual_carriageway")      \
  X(LANES, "lanes")                            \
  X(LANES_BUS, "lanes:bus")                    \
  X(LANES_PSV, "lanes:psv")                    \
  X(LANES_HOV, "lanes:hov")                    \
  X(LANE_MARKINGS, "lane_markings")            \
  X(TURN, "turn")                              \
  X(CHANGE, "change")                          \
  X(MAXSPEED, "maxspeed")                      \
  X(MAXSPEED_HGV, "maxspeed:hgv")              \
  X(MAXSPEED_BUS, "maxspeed:bus")              \
  X(MAXSPEED_PSV, "maxspeed:psv")              \
  X(MAXSPEED_TYPE, "maxspeed:type")            \
  X(MAXSPEED_ADVISORY, "maxspeed:advisory")    \
  X(MAXSPEED_PRACTICAL, "maxspeed:practical")  \
  X(MAXSPEED_VARIABLE, "maxspeed:variable")    \
  X(SOURCE_MAXSPEED, "source:maxspeed")        \
  X(ZONE_MAXSPEED, "zone:maxspeed")            \
  X(ZONE_TRAFFIC, "zone:traffic")              \
  X(MINSPEED, "minspeed")                      \
  X(ACCESS, "access")                          \
  X(VEHICLE, "vehicle")                        \
  X(MOTOR_VEHICLE, "motor_vehicle")            \
  X(MOTORCAR, "motorcar")                      \
  X(MOTORCYCLE, "motorcycle")                  \
  X(MOPED, "moped")                            \
  X(MOFA, "mofa")                              \
  X(HGV, "hgv")                                \
  X(HGV_ARTICULATED, "hgv_articulated")        \
  X(TRAILER, "trailer")                        \
  X(GOODS, "goods")                            \
  X(PSV, "psv")                                \
  X(BUS, "bus")                                \
  X(MINIBUS, "minibus")                        \
  X(SHARE_TAXI, "share_taxi")                  \
  X(TOURIST_BUS, "tourist_bus")                \
  X(COACH, "coach")                            \
  X(TAXI, "taxi")                              \
  X(HOV, "hov")                                \
  X(EMERGENCY, "emergency")                    \
  X(BICYCLE, "bicycle")                        \
  X(FOOT, "foot")                              \
  X(TRAM, "tram")                              \
  X(TRAIN, "train")                            \
  X(SUBWAY, "subway")                          \
  X(LIGHT_RAIL, "light_rail")                  \
  X(MAXWEIGHT, "maxweight")                    \
  X(MAXHEIGHT, "maxheight")                    \
  X(MAXLENGTH, "maxlength")                    \
  X(MAXWIDTH, "maxwidth")                      \
  X(MOTORROAD, "motorroad")                    \
  X(EXPRESSWAY, "expressway")                  \
  X(BICYCLE_ROAD, "bicycle_road")              \
  X(CYCLESTREET, "cyclestreet")                \
  X(LIVING_STREET, "living_street")            \
  X(SEGREGATED, "segregated")                  \
  X(CYCLEWAY, "cycleway")                      \
  X(CYCLEWAY_LANE, "cycleway:lane")            \
  X(CYCLEWAY_LEFT_LANE, "cycleway:left:lane")  \
  X(CYCLEWAY_RIGHT_LANE, "cycleway:right:lane") \
  X(CYCLEWAY_BOTH_LANE, "cycleway:both:lane")  \
  X(CYCLEWAY_LEFT_ONEWAY, "cycleway:left:oneway") \
  X(CYCLEWAY_RIGHT_ONEWAY, "cycleway:right:oneway") \
  X(CYCLEWAY_BOTH_ONEWAY, "cycleway:both:oneway") \
  X(CYCLEWAY_WIDTH, "cycleway:width")          \
  X(BUSWAY, "busway")                          \
  X(SIDEWALK, "sidewalk")                      \
  X(FOOTWAY, "footway")                        \
  X(PARKING_LANE, "parking:lane")              \
  X(PARKING, "parking")                        \
  X(TRACKS, "tracks")                          \
  X(ELECTRIFIED, "electrified")                \
  X(USAGE, "usage")                            \
  X(HIGHSPEED, "highspeed")                    \
  X(GAUGE, "gauge")                            \
  X(EMBEDDED_RAILS, "embedded_rails")          \
  X(PREFERRED_DIRECTION, "railway:preferred_direction") \
  X(BIDIRECTIONAL, "railway:bidirectional")    \
  X(TRAFFIC_SIGNALS, "traffic_signals")        \
  X(TRAFFIC_SIGNALS_DIRECTION, "traffic_signals:direction") \
  X(DIRECTION, "direction")                    \
  X(STOP, "stop")                              \
  X(GIVE_WAY, "give_way")                      \
  X(PRIORITY_ROAD, "priority_road")            \
  X(CROSSING, "crossing")                      \
  X(CROSSING_ISLAND, "crossing:island")        \
  X(CROSSING_MARKINGS, "crossing:markings")    \
  X(CROSSING_SIGNALS, "crossing:signals")      \
  X(CROSSING_REF, "crossing_ref")              \
  X(TRAFFIC_CALMING, "traffic_calming")        \
  X(BARRIER, "barrier")                        \
  X(LOCKED, "locked")                          \
  X(PUBLIC_TRANSPORT, "public_transport")      \
  X(ENTRANCE, "entrance")                      \
  X(TYPE, "type")                              \
  X(RESTRICTION, "restriction")                \
  X(RESTRICTION_HGV, "restriction:hgv")        \
  X(RESTRICTION_HGV_ARTICULATED, "restriction:hgv_articulated") \
  X(RESTRICTION_BUS, "restriction:bus")        \
  X(RESTRICTION_PSV, "restriction:psv")        \
  X(RESTRICTION_TAXI, "restriction:taxi")      \
  X(RESTRICTION_TRAILER, "restriction:trailer") \
  X(RESTRICTION_CARAVAN, "restriction:caravan") \
  X(RESTRICTION_MOTORCAR, "restriction:motorcar") \
  X(RESTRICTION_MOTORCYCLE, "restriction:motorcycle") \
  X(RESTRICTION_MOTOR_VEHICLE, "restriction:motor_vehicle") \
  X(RESTRICTION_VEHICLE, "restriction:vehicle") \
  X(RESTRICTION_BICYCLE, "restriction:bicycle") \
  X(RESTRICTION_FOOT, "restriction:foot")      \
  X(RESTRICTION_EMERGENCY, "restriction:emergency") \
  X(RESTRICTION_HAZMAT, "restriction:hazmat")  \
  X(EXCEPT, "except")                          \
  X(DAY_ON, "day_on")                          \
  X(DAY_OFF, "day_off")                        \
  X(HOUR_ON, "hour_on")                        \
  X(HOUR_OFF, "hour_off")                      \
  X(NETWORK, "network")                        \
  X(OPERATOR, "operator")                      \
  X(COLOUR, "colour")                          \
  X(FROM, "from")                              \
  X(TO, "to")                                  \
  X(INTERVAL, "interval")                      \
  X(BUILDING, "building")                      \
  X(LANDUSE, "landuse")                        \
  X(AMENITY, "amenity")                        \
  X(PLACE, "place")                            \
  X(BOUNDARY, "boundary")

typedef enum art_osm_word {
  ART_OSM_NO_KEY,  ///< a key that nothing is taken from
#define X(name, text) ART_OSM_##name,
  ART_OSM_KEY_LIST(X)
#undef X
      ART_OSM_KEY_COUNT
} art_osm_word;

// Modifiers behind the base word, in any order: "turn:lanes:forward" is ART_OSM_TURN | ART_OSM_OF_LANES |
// ..FORWARD.
#define ART_OSM_OF_LANES 0x00010000u
#define ART_OSM_OF_FORWARD 0x00020000u
#define ART_OSM_OF_BACKWARD 0x00040000u
#define ART_OSM_OF_BOTH_WAYS 0x00080000u
#define ART_OSM_OF_LEFT 0x00100000u
#define ART_OSM_OF_RIGHT 0x00200000u
#define ART_OSM_OF_BOTH 0x00400000u
#define ART_OSM_OF_CONDITIONAL 0x00800000u

/// A base word in the low half, modifiers above; 0 for keys that nothing is taken from.
typedef uint32_t art_osm_key;

/// The longest known key that `text` begins with, the rest being modifiers; 0 if it is none. Thread-safe.
art_osm_key art_osm_key_parse(const char *text, size_t length);
/// The base word of a key, as written.
const char *art_osm_key_text(art_osm_key key);

/// One tag. `value` is borrowed from where the tags were read.
typedef struct art_osm_tag {
  art_osm_key key;
  const char *value;
} art_osm_tag;

/// Tags of one node, way or relation; borrowed.
typedef struct art_osm_tags {
  int32_t count;
  const art_osm_tag *tag;
} art_osm_tags;

/// Value of a key, or NULL.
static inline const char *art_osm_tag_get(art_osm_tags tags, art_osm_key key)
{
  for (int32_t i = 0; i < tags.count; ++i)
    if (tags.tag[i].key == key) return tags.tag[i].value;
  return NULL;
}

#endif  // ART_IO_OSM_KEYS_H
