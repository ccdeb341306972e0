/// \file notes.h
/// What the tags did not say as they should have: counts by kind, with the first examples.
#ifndef ART_IO_OSM_NOTES_H
#define ART_IO_OSM_NOTES_H
#include <stdint.h>

/// X(enumerator suffix, sentence about one such entity)
#define ART_OSM_NOTE_LIST(X)                                                          \
  X(SPEED, "a speed is not understood: the default of the class stands")              \
  X(SPEED_ZONE, "a country's symbol for a speed is unknown: the default of the class stands") \
  X(SPEED_ODD, "a speed is below 1 or above 200 km/h")                                \
  X(LANES, "a number of lanes is not understood or out of range: the default stands") \
  X(LANES_FRACTION, "a number of lanes is a fraction or a list: rounded down, the first taken") \
  X(LANES_MISMATCH, "the number of lanes and a list per lane differ: the list is kept where it can be") \
  X(TURN, "a turn arrow is not understood: taken as unspecified")                     \
  X(ACCESS, "an access value is not understood: taken as not written")                \
  X(ONEWAY, "a one-way value is not understood: taken as not written")                \
  X(ONEWAY_VARIES, "a one-way changes with time: both directions are kept, closed when its condition says so") \
  X(LAYER, "a layer is not understood: 0 is taken")                                   \
  X(CONDITION, "a condition is not understood: its clause is left out")               \
  X(CONDITION_MANY, "more conditional clauses than are kept: the rest is left out")   \
  X(CLASS, "a road class is unknown: the way is left out")                            \
  X(RESTRICTION_KIND, "a turn restriction of an unknown kind is left out")            \
  X(RESTRICTION_MEMBERS, "a turn restriction without its from, via or to members is left out") \
  X(RESTRICTION_MANY, "a turn restriction with several members where one is allowed is left out") \
  X(RESTRICTION_OUTSIDE, "a turn restriction reaches outside the extract and is left out") \
  X(EXCEPT, "an exception of a turn restriction is not understood")                   \
  X(BARRIER, "a barrier of an unknown kind is taken as open")                         \
  X(DIRECTION, "a direction of a sign or signal is not understood: the next junction decides") \
  X(PATCH, "a correction of the patch meets nothing")

typedef enum art_osm_note {
#define X(name, text) ART_OSM_NOTE_##name,
  ART_OSM_NOTE_LIST(X)
#undef X
      ART_OSM_NOTE_COUNT
} art_osm_note;

enum { ART_OSM_NOTE_EXAMPLES = 4, ART_OSM_NOTE_TEXT = 96 };

typedef struct art_osm_example {
  char entity;  ///< 'n', 'w' or 'r'
  int64_t id;
  char text[ART_OSM_NOTE_TEXT];  ///< "key=value", shortened where needed
} art_osm_example;

/// Zero-initialise; no heap inside. `entity` and `id` say who is looked at, set by whoever calls the parsers.
typedef struct art_osm_notes {
  char entity;
  int64_t id;
  int64_t count[ART_OSM_NOTE_COUNT];
  art_osm_example example[ART_OSM_NOTE_COUNT][ART_OSM_NOTE_EXAMPLES];
} art_osm_notes;

/// Counts one; `notes` may be NULL.
void art_osm_note_add(art_osm_notes *notes, art_osm_note kind, const char *key, const char *value);
const char *art_osm_note_text(art_osm_note kind);

#endif  // ART_IO_OSM_NOTES_H
