// Nodes: signals, signs, crossings, barriers.
#include <math.h>
#include <string.h>

#include "io/osm/tags_internal.h"

/// 1 if a list by ';' holds one of the words.
static int has_any(const char *text, const char *const *words, size_t count)
{
  for (size_t i = 0; text && i < count; ++i)
    if (art_osm_has_word(text, words[i])) return 1;
  return 0;
}

int art_osm_is_node(art_osm_tags tags)
{
  for (int32_t i = 0; i < tags.count; ++i) switch (tags.tag[i].key) {
    case ART_OSM_HIGHWAY:
    case ART_OSM_RAILWAY:
    case ART_OSM_BARRIER:
    case ART_OSM_CROSSING:
    case ART_OSM_TRAFFIC_SIGNALS:
    case ART_OSM_TRAFFIC_CALMING:
    case ART_OSM_PUBLIC_TRANSPORT:
    case ART_OSM_STOP:
    case ART_OSM_GIVE_WAY:
    case ART_OSM_ELE:
    case ART_OSM_NOEXIT: return 1;
    default: break;
    }
  return 0;
}

static art_osm_direction read_direction(const char *value, art_osm_notes *notes)
{
  if (!value) return ART_OSM_DIRECTION_UNKNOWN;
  if (strcmp(value, "forward") == 0) return ART_OSM_DIRECTION_FORWARD;
  if (strcmp(value, "backward") == 0) return ART_OSM_DIRECTION_BACKWARD;
  if (strcmp(value, "both") == 0) return ART_OSM_DIRECTION_BOTH;
  art_osm_note_add(notes, ART_OSM_NOTE_DIRECTION, "direction", value);
  return ART_OSM_DIRECTION_UNKNOWN;
}

static unsigned signal_kinds(const char *highway, const char *signals, const char *crossing,
                             art_osm_tags tags)
{
  static const char *const blinking[] = { "blinker", "blink_mode", "flashing" };
  // Britain names crossings with signals after birds.
  static const char *const signalled[] = { "traffic_signals", "pelican", "puffin", "toucan", "pegasus" };
  const int is_signal = art_osm_has_word(highway, "traffic_signals");
  unsigned what = 0;
  if (is_signal) {
    if (signals && art_osm_has_word(signals, "ramp_meter"))
      what |= ART_OSM_NODE_RAMP_METER;
    else if (has_any(signals, blinking, 3))
      what |= ART_OSM_NODE_BLINKER;
    else if (signals && art_osm_has_word(signals, "pedestrian_crossing"))
      what |= ART_OSM_NODE_CROSSING_SIGNAL;
    else if (signals && art_osm_has_word(signals, "level_crossing"))
      what |= ART_OSM_NODE_LEVEL_CROSSING;
    else
      what |= ART_OSM_NODE_SIGNAL;
  }
  const int on_crossing = art_osm_is_yes(art_osm_tag_get(tags, ART_OSM_CROSSING_SIGNALS)) ||
                          has_any(crossing, signalled, sizeof signalled / sizeof signalled[0]);
  if (on_crossing) what |= ART_OSM_NODE_CROSSING_SIGNAL | ART_OSM_NODE_CROSSING;
  return what;
}

static unsigned crossing_kinds(const char *highway, const char *crossing, art_osm_tags tags)
{
  static const char *const marked[] = { "marked", "zebra", "uncontrolled", "tiger" };
  static const char *const none[] = { "no", "none" };
  unsigned what = 0;
  if (has_any(crossing, none, 2)) return 0;
  if (!art_osm_has_word(highway, "crossing") && !crossing) return 0;
  what |= ART_OSM_NODE_CROSSING;
  const char *markings = art_osm_tag_get(tags, ART_OSM_CROSSING_MARKINGS),
             *ref = art_osm_tag_get(tags, ART_OSM_CROSSING_REF);
  if (has_any(crossing, marked, 4) || art_osm_is(ref, "zebra") ||
      (markings && art_osm_has_word(markings, "zebra")))
    what |= ART_OSM_NODE_ZEBRA;
  if (art_osm_is_yes(art_osm_tag_get(tags, ART_OSM_CROSSING_ISLAND)) ||
      (crossing && art_osm_has_word(crossing, "island")))
    what |= ART_OSM_NODE_ISLAND;
  return what;
}

static unsigned sign_kinds(const char *highway, art_osm_tags tags)
{
  static const char *const turning[] = { "turning_circle", "turning_loop" };
  const char *stop = art_osm_tag_get(tags, ART_OSM_STOP),
             *platform = art_osm_tag_get(tags, ART_OSM_PUBLIC_TRANSPORT);
  const char *railway = art_osm_tag_get(tags, ART_OSM_RAILWAY),
             *calming = art_osm_tag_get(tags, ART_OSM_TRAFFIC_CALMING);
  unsigned what = 0;
  if (art_osm_has_word(highway, "stop") || (!highway && art_osm_is_yes(stop))) what |= ART_OSM_NODE_STOP;
  if (art_osm_has_word(highway, "stop") && art_osm_is(stop, "all")) what |= ART_OSM_NODE_STOP_ALL;
  if (art_osm_has_word(highway, "give_way") || art_osm_is_yes(art_osm_tag_get(tags, ART_OSM_GIVE_WAY)))
    what |= ART_OSM_NODE_GIVE_WAY;
  if (art_osm_has_word(highway, "mini_roundabout")) what |= ART_OSM_NODE_MINI_ROUNDABOUT;
  if (has_any(highway, turning, 2)) what |= ART_OSM_NODE_TURNING;
  if (art_osm_has_word(highway, "motorway_junction")) what |= ART_OSM_NODE_EXIT;
  if (art_osm_has_word(highway, "bus_stop") || art_osm_is(platform, "stop_position"))
    what |= ART_OSM_NODE_BUS_STOP;
  if (art_osm_is(railway, "level_crossing") || art_osm_is(railway, "tram_level_crossing"))
    what |= ART_OSM_NODE_LEVEL_CROSSING;
  if (calming && !art_osm_is_no(calming)) what |= ART_OSM_NODE_CALMING;
  return what;
}

/// Whom a barrier keeps out where its own tags are silent: closed, or for the first and last leg only.
typedef struct barrier_row {
  const char *word;
  uint32_t closed, destination;
} barrier_row;

static const barrier_row *find_barrier(const char *word)
{
#define ALL_MOTOR (ART_OSM_MOTOR | ART_OSM_BIT(EMERGENCY))
#define GATE 0, ART_OSM_MOTOR
#define NO_MOTOR ALL_MOTOR, 0
#define NO_VEHICLE ALL_MOTOR | ART_OSM_BICYCLE_BIT, 0
  static const barrier_row barriers[] = {
    { "gate", GATE },
    { "swing_gate", GATE },
    { "sliding_gate", GATE },
    { "lift_gate", GATE },
    { "hampshire_gate", GATE },
    { "wicket_gate", NO_MOTOR },
    { "bollard", NO_MOTOR },
    { "block", NO_MOTOR },
    { "jersey_barrier", NO_MOTOR },
    { "planter", NO_MOTOR },
    { "log", NO_MOTOR },
    { "debris", NO_MOTOR },
    { "chain", NO_MOTOR },
    { "rope", NO_MOTOR },
    { "tyres", NO_MOTOR },
    { "cycle_barrier", NO_MOTOR },
    { "motorcycle_barrier", NO_MOTOR },
    { "horse_stile", NO_VEHICLE },
    { "kissing_gate", NO_VEHICLE },
    { "stile", NO_VEHICLE },
    { "turnstile", NO_VEHICLE },
    { "full-height_turnstile", NO_VEHICLE },
    { "wall", NO_VEHICLE },
    { "fence", NO_VEHICLE },
    { "hedge", NO_VEHICLE },
    { "retaining_wall", NO_VEHICLE },
    { "guard_rail", NO_VEHICLE },
    { "ditch", NO_VEHICLE },
    // Too wide for cars, not for buses.
    { "bus_trap", ART_OSM_CARS | ART_OSM_BIT(MOTORCYCLE) | ART_OSM_BIT(MOPED) | ART_OSM_BIT(DELIVERY), 0 },
    { "sump_buster", ART_OSM_CARS | ART_OSM_BIT(DELIVERY), 0 },
    { "toll_booth", 0, 0 },
    { "border_control", 0, 0 },
    { "cattle_grid", 0, 0 },
    { "entrance", 0, 0 },
    { "height_restrictor", 0, 0 },
    { "kerb", 0, 0 },
    { "checkpoint", 0, 0 },
    { "sally_port", 0, 0 },
    { "coupure", 0, 0 },
    { "no", 0, 0 },
  };
#undef ALL_MOTOR
#undef GATE
#undef NO_MOTOR
#undef NO_VEHICLE
  for (size_t i = 0; i < sizeof barriers / sizeof barriers[0]; ++i)
    if (strcmp(barriers[i].word, word) == 0) return &barriers[i];
  return NULL;
}

static void read_barrier(art_osm_tags tags, const char *word, art_osm_point *out, art_osm_notes *notes)
{
  static const uint32_t all = ART_OSM_MOTOR | ART_OSM_BIT(EMERGENCY) | ART_OSM_BICYCLE_BIT | ART_OSM_FOOT_BIT;
  const barrier_row *barrier = find_barrier(word);
  if (!barrier) art_osm_note_add(notes, ART_OSM_NOTE_BARRIER, "barrier", word);
  art_osm_access access = { all, 0 };
  if (barrier) {
    art_osm_access_set(&access, barrier->closed, ART_OSM_LEVEL_NO);
    art_osm_access_set(&access, barrier->destination, ART_OSM_LEVEL_DESTINATION);
  }
  if (art_osm_is_yes(art_osm_tag_get(tags, ART_OSM_LOCKED)))
    art_osm_access_set(&access, ART_OSM_MOTOR | ART_OSM_BICYCLE_BIT, ART_OSM_LEVEL_NO);
  for (int mode = 0; mode < ART_OSM_MODE_COUNT; ++mode) {
    const char *value = art_osm_tag_get(tags, art_osm_modes[mode].key);
    art_osm_level level;
    if (value && art_osm_level_parse(value, strlen(value), &level))
      art_osm_access_set(&access, art_osm_modes[mode].classes, level);
  }
  out->what |= ART_OSM_NODE_BARRIER;
  out->closed = all & ~(access.allowed | access.destination);
  out->destination = access.destination;
}

static int8_t roundabout_turns(const char *direction)
{
  if (art_osm_is(direction, "clockwise")) return 1;
  if (art_osm_is(direction, "anticlockwise") || art_osm_is(direction, "anti_clockwise") ||
      art_osm_is(direction, "counterclockwise"))
    return -1;
  return 0;
}

void art_osm_node(art_osm_tags tags, art_osm_point *out, art_osm_notes *notes)
{
  static const unsigned signals =
      ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL | ART_OSM_NODE_RAMP_METER;
  *out = (art_osm_point){ .height_m = NAN };
  if (!tags.count) return;
  const char *highway = art_osm_tag_get(tags, ART_OSM_HIGHWAY),
             *crossing = art_osm_tag_get(tags, ART_OSM_CROSSING);
  const char *barrier = art_osm_tag_get(tags, ART_OSM_BARRIER), *height = art_osm_tag_get(tags, ART_OSM_ELE);
  const char *direction = art_osm_tag_get(tags, ART_OSM_DIRECTION);
  out->name = art_osm_tag_get(tags, ART_OSM_NAME);
  out->ref = art_osm_tag_get(tags, ART_OSM_REF);
  out->what = signal_kinds(highway, art_osm_tag_get(tags, ART_OSM_TRAFFIC_SIGNALS), crossing, tags) |
              crossing_kinds(highway, crossing, tags) | sign_kinds(highway, tags);
  if (out->what & signals) {
    const char *own = art_osm_tag_get(tags, ART_OSM_TRAFFIC_SIGNALS_DIRECTION);
    out->signal_direction = (uint8_t)read_direction(own ? own : direction, notes);
  }
  if (out->what & (ART_OSM_NODE_STOP | ART_OSM_NODE_GIVE_WAY))
    out->sign_direction = (uint8_t)read_direction(direction, notes);
  if (out->what & ART_OSM_NODE_MINI_ROUNDABOUT) out->roundabout_turns = roundabout_turns(direction);
  if (barrier) read_barrier(tags, barrier, out, notes);
  if (height) {
    double value;
    const int is_negative = height[0] == '-';
    if (art_osm_number(height + is_negative, strlen(height + is_negative), &value) && value < 9000.0)
      out->height_m = (float)(is_negative ? -value : value);
  }
}
