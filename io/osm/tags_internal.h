/// \file tags_internal.h
/// Parts of the reading of tags: words, levels of access, numbers.
#ifndef ART_IO_OSM_TAGS_INTERNAL_H
#define ART_IO_OSM_TAGS_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

#include "io/osm/tags.h"

#define ART_OSM_BIT(name) (1u << ART_VCLASS_##name)
#define ART_OSM_BICYCLE_BIT ART_OSM_BIT(BICYCLE)
#define ART_OSM_FOOT_BIT ART_OSM_BIT(PEDESTRIAN)
#define ART_OSM_CARS                                                                       \
  (ART_OSM_BIT(PRIVATE) | ART_OSM_BIT(AUTHORITY) | ART_OSM_BIT(ARMY) | ART_OSM_BIT(VIP) |  \
   ART_OSM_BIT(PASSENGER) | ART_OSM_BIT(HOV) | ART_OSM_BIT(TAXI) | ART_OSM_BIT(EVEHICLE) | \
   ART_OSM_BIT(CUSTOM1) | ART_OSM_BIT(CUSTOM2))
#define ART_OSM_TRUCKS (ART_OSM_BIT(TRUCK) | ART_OSM_BIT(TRAILER))
/// Everything with a motor on roads; emergency vehicles are apart, since hardly any sign binds them.
#define ART_OSM_MOTOR                                                                              \
  (ART_OSM_CARS | ART_OSM_TRUCKS | ART_OSM_BIT(BUS) | ART_OSM_BIT(COACH) | ART_OSM_BIT(DELIVERY) | \
   ART_OSM_BIT(MOTORCYCLE) | ART_OSM_BIT(MOPED))
#define ART_OSM_RAILS                                                                             \
  (ART_OSM_BIT(TRAM) | ART_OSM_BIT(RAIL_URBAN) | ART_OSM_BIT(RAIL) | ART_OSM_BIT(RAIL_ELECTRIC) | \
   ART_OSM_BIT(RAIL_FAST))
#define ART_OSM_BUS_LANE_GUESTS (ART_OSM_BIT(EMERGENCY) | ART_OSM_BIT(AUTHORITY))

/// One mode of the access chain. Their order is that of rising specificity.
typedef struct art_osm_mode {
  art_osm_key key;
  uint32_t classes;
} art_osm_mode;
enum { ART_OSM_MODE_COUNT = 19 };
extern const art_osm_mode art_osm_modes[ART_OSM_MODE_COUNT];
/// Index into art_osm_modes of a base word, or -1.
int art_osm_mode_find(uint32_t word);

/// What each class may do.
typedef struct art_osm_access {
  uint32_t allowed, destination;
} art_osm_access;
void art_osm_access_set(art_osm_access *access, uint32_t classes, art_osm_level level);

/// Level of an access value; of a list the most permissive. Returns 0 if nothing of it is known.
int art_osm_level_parse(const char *text, size_t length, art_osm_level *out);
/// 1 if the text (perhaps a list by ';') holds the word.
int art_osm_has_word(const char *text, const char *word);
int art_osm_is(const char *text, const char *word);  ///< equal; NULL is nothing
int art_osm_is_piece(art_osm_piece piece, const char *word);
int art_osm_is_yes(const char *text);  ///< yes, true, 1
int art_osm_is_no(const char *text);   ///< no, false, 0, none
/// The next piece up to `separator`; returns 0 behind the last. Blanks around it are taken off. Start with
/// *at = text.
int art_osm_next_piece(const char **at, char separator, art_osm_piece *out);

/// A number with decimal point or comma at the start; returns what follows it, NULL if there is none.
const char *art_osm_number(const char *text, size_t length, double *out);
/// "3.5", "3.5 t", "7500 kg", "8 st", "16000 lbs": metric tons; 0 if not understood.
float art_osm_weight(const char *text, size_t length);
/// "2.5", "2.5 m", "12'6\"", "10 ft": metres; 0 if not understood.
float art_osm_length(const char *text, size_t length);

/// One speed, without lists and conditions.
typedef enum art_osm_speed_kind {
  ART_OSM_SPEED_BAD,
  ART_OSM_SPEED_VALUE,   ///< a number
  ART_OSM_SPEED_SYMBOL,  ///< by a country's symbol
  ART_OSM_SPEED_SILENT   ///< "signals", "variable": understood, and no number in it
} art_osm_speed_kind;
art_osm_speed_kind art_osm_speed_parse(const char *text, size_t length, const art_osm_defaults *defaults,
                                       float *out);
/// 1 for a symbol of built-up areas, 0 of others, -1 if it does not tell.
int art_osm_symbol_built_up(const char *text);

// ---- what the parts of art_osm_way() share ---------------------------------------------------------------------------

typedef struct art_osm_way_work {
  art_osm_tags tags;
  const art_osm_options *options;
  art_osm_road *road;
  art_osm_notes *notes;
  art_osm_access access[2];  ///< forward, backward: of the way as a whole
  uint32_t contraflow;       ///< classes that may go against the one-way
  int8_t first, second;      ///< motor traffic runs forward / backward
  int has_opposite_lane;     ///< the contraflow has a lane of its own
} art_osm_way_work;

static inline int art_osm_left_hand(const art_osm_way_work *w)
{
  return w->options->defaults->left_hand;
}
static inline art_osm_side *art_osm_side_of(art_osm_way_work *w, int backward)
{
  return backward ? &w->road->backward : &w->road->forward;
}
/// Value of a key with the suffix of a direction, or without any.
const char *art_osm_directed(const art_osm_way_work *w, art_osm_key key, int backward);

void art_osm_way_access(art_osm_way_work *w);
void art_osm_way_oneway(art_osm_way_work *w);
void art_osm_way_lanes(art_osm_way_work *w);
void art_osm_way_lane_lists(art_osm_way_work *w);
void art_osm_way_speeds(art_osm_way_work *w);
void art_osm_way_buses(art_osm_way_work *w);
void art_osm_way_cycles(art_osm_way_work *w);
void art_osm_way_sidewalks(art_osm_way_work *w);
void art_osm_way_conditionals(art_osm_way_work *w);
void art_osm_way_rails(art_osm_way_work *w);
/// Inserts a lane at the kerb (`at_kerb`) or towards the middle; returns it, NULL if there are too many.
art_osm_lane *art_osm_insert_lane(art_osm_side *side, int at_kerb);
/// Unions of the lanes.
void art_osm_side_sum(art_osm_side *side);

#endif  // ART_IO_OSM_TAGS_INTERNAL_H
