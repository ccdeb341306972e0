// Speed limits: numbers with units, words, symbols of countries, lists; by direction and for trucks and buses.
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "io/osm/tags_internal.h"

static const double kmh = 1.0 / 3.6, mph = 0.44704, knot = 1852.0 / 3600.0;
static const float slowest = 1.0f / 3.6f, fastest = 200.0f / 3.6f;

static int is_unit(art_osm_piece unit, const char *word)
{
  return strlen(word) == unit.length && strncasecmp(unit.text, word, unit.length) == 0;
}

/// m/s of one unit; 0 if it is unknown.
static double unit_speed(art_osm_piece unit)
{
  static const struct {
    const char *word;
    double speed;
  } units[] = { { "", kmh },    { "km/h", kmh }, { "kmh", kmh },    { "kph", kmh },   { "kmph", kmh },
                { "mph", mph }, { "mp/h", mph }, { "knots", knot }, { "knot", knot }, { "kn", knot } };
  while (unit.length && unit.text[0] == ' ') ++unit.text, --unit.length;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; ++i)
    if (is_unit(unit, units[i].word)) return units[i].speed;
  return 0.0;
}

art_osm_speed_kind art_osm_speed_parse(const char *text, size_t length, const art_osm_defaults *defaults,
                                       float *out)
{
  static const char *const silent[] = { "signals",  "signal",   "variable", "sign",
                                        "unposted", "implicit", "default",  "posted" };
  static const char *const walks[] = { "walk", "walking", "5 (walk)" };
  while (length && text[0] == ' ') ++text, --length;
  while (length && text[length - 1] == ' ') --length;
  const art_osm_piece piece = { text, length };
  char copy[48];
  double value;
  if (!length || length >= sizeof copy) return ART_OSM_SPEED_BAD;
  const char *rest = art_osm_number(text, length, &value);
  if (rest) {
    const double unit = unit_speed((art_osm_piece){ rest, (size_t)(text + length - rest) });
    if (unit == 0.0) return ART_OSM_SPEED_BAD;
    *out = (float)(value * unit);
    return ART_OSM_SPEED_VALUE;
  }
  if (art_osm_is_piece(piece, "none") || art_osm_is_piece(piece, "unlimited")) {
    *out = defaults->unlimited_mps;
    return ART_OSM_SPEED_VALUE;
  }
  for (size_t i = 0; i < sizeof walks / sizeof walks[0]; ++i)
    if (art_osm_is_piece(piece, walks[i])) {
      *out = defaults->walk_mps;
      return ART_OSM_SPEED_VALUE;
    }
  for (size_t i = 0; i < sizeof silent / sizeof silent[0]; ++i)
    if (art_osm_is_piece(piece, silent[i])) return ART_OSM_SPEED_SILENT;
  memcpy(copy, text, length);
  copy[length] = '\0';
  *out = art_osm_zone_speed(copy, defaults);
  return *out > 0.0f ? ART_OSM_SPEED_SYMBOL : ART_OSM_SPEED_BAD;
}

static int looks_like_symbol(const char *text)
{
  return isalpha((unsigned char)text[0]) && isalpha((unsigned char)text[1]) &&
         (text[2] == ':' || text[2] == '-');
}

/// The lowest of a list such as "50;30": of two ways joined into one, the careful reading. Notes what is wrong.
static art_osm_speed_kind read_speed(art_osm_way_work *w, art_osm_key key, const char *text, float *out)
{
  art_osm_speed_kind kind = ART_OSM_SPEED_BAD;
  art_osm_piece piece;
  const char separator = strchr(text, ';') ? ';' : strchr(text, '|') ? '|' : ';';
  for (const char *at = text; art_osm_next_piece(&at, separator, &piece);) {
    float value = 0.0f;
    const art_osm_speed_kind found =
        art_osm_speed_parse(piece.text, piece.length, w->options->defaults, &value);
    if (found == ART_OSM_SPEED_BAD || (kind != ART_OSM_SPEED_BAD && found == ART_OSM_SPEED_SILENT)) continue;
    if (kind == ART_OSM_SPEED_BAD || kind == ART_OSM_SPEED_SILENT || value < *out) {
      kind = found;
      *out = value;
    }
  }
  const char *name = art_osm_key_text(key);
  if (kind == ART_OSM_SPEED_BAD) {
    art_osm_note_add(w->notes, looks_like_symbol(text) ? ART_OSM_NOTE_SPEED_ZONE : ART_OSM_NOTE_SPEED, name,
                     text);
  } else if (kind != ART_OSM_SPEED_SILENT && (*out < slowest || *out > fastest)) {
    art_osm_note_add(w->notes, ART_OSM_NOTE_SPEED_ODD, name, text);
    kind = ART_OSM_SPEED_BAD;
  }
  return kind;
}

/// Speed by the tags that name a zone or a rule instead of a number; 0 if there is none.
static float speed_by_rule(art_osm_way_work *w)
{
  static const art_osm_key keys[] = { ART_OSM_ZONE_MAXSPEED, ART_OSM_MAXSPEED_TYPE, ART_OSM_SOURCE_MAXSPEED,
                                      ART_OSM_ZONE_TRAFFIC };
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
    const char *value = art_osm_tag_get(w->tags, keys[i]);
    if (!value) continue;
    float speed = 0.0f;
    if (looks_like_symbol(value) || strncmp(value, "zone", 4) == 0)
      speed = art_osm_zone_speed(value, w->options->defaults);
    // zone:maxspeed=DE:30 and zone:maxspeed=30 are both written.
    else if (keys[i] == ART_OSM_ZONE_MAXSPEED)
      art_osm_speed_parse(value, strlen(value), w->options->defaults, &speed);
    if (speed >= slowest && speed <= fastest) return speed;
    if (looks_like_symbol(value))
      art_osm_note_add(w->notes, ART_OSM_NOTE_SPEED_ZONE, art_osm_key_text(keys[i]), value);
  }
  return 0.0f;
}

static void find_built_up(art_osm_way_work *w)
{
  static const art_osm_key keys[] = { ART_OSM_MAXSPEED, ART_OSM_ZONE_TRAFFIC, ART_OSM_MAXSPEED_TYPE,
                                      ART_OSM_SOURCE_MAXSPEED, ART_OSM_ZONE_MAXSPEED };
  for (size_t i = 0; i < sizeof keys / sizeof keys[0] && w->road->built_up < 0; ++i) {
    const char *value = art_osm_tag_get(w->tags, keys[i]);
    if (value) w->road->built_up = (int8_t)art_osm_symbol_built_up(value);
  }
}

static float default_speed(const art_osm_way_work *w)
{
  static const float ferry = 5.0f, tram = 50.0f / 3.6f, urban_rail = 80.0f / 3.6f, rail = 120.0f / 3.6f;
  const art_osm_road *road = w->road;
  switch (road->kind) {
  case ART_OSM_KIND_TRAM: return tram;
  case ART_OSM_KIND_LIGHT_RAIL:
  case ART_OSM_KIND_SUBWAY: return urban_rail;
  case ART_OSM_KIND_RAIL: return rail;
  case ART_OSM_KIND_FERRY: return ferry;
  default: break;
  }
  const art_osm_class_defaults *c = &w->options->defaults->by_class[road->road_class];
  const int is_rural = road->built_up == 0 || (road->built_up < 0 && w->options->assume_rural);
  float speed = is_rural ? c->rural_mps : c->urban_mps;
  if (road->is_cyclestreet && road->kind == ART_OSM_KIND_ROAD) {
    char symbol[32] = "";
    strcat(strcat(symbol, w->options->defaults->country), ":bicycle_road");
    const float limit = art_osm_zone_speed(symbol, w->options->defaults);
    if (limit > 0.0f && limit < speed) speed = limit;
  }
  return speed;
}

/// Limit of a class of vehicles in a direction; 0 if none is written.
static float special_speed(art_osm_way_work *w, art_osm_key key, int backward)
{
  const char *value = art_osm_directed(w, key, backward);
  float speed = 0.0f;
  if (!value) return 0.0f;
  const art_osm_speed_kind kind = read_speed(w, key, value, &speed);
  return kind == ART_OSM_SPEED_VALUE || kind == ART_OSM_SPEED_SYMBOL ? speed : 0.0f;
}

void art_osm_way_speeds(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  art_osm_notes *notes = w->notes;
  find_built_up(w);
  const float by_rule = speed_by_rule(w);
  road->speed_source = by_rule > 0.0f ? ART_OSM_SPEED_ZONE : ART_OSM_SPEED_DEFAULT;
  const float otherwise = by_rule > 0.0f ? by_rule : default_speed(w);
  for (int d = 0; d < 2; ++d) {
    art_osm_side *side = art_osm_side_of(w, d);
    const char *value = art_osm_directed(w, ART_OSM_MAXSPEED, d);
    // A value for both directions is complained about once.
    w->notes = d && value == art_osm_directed(w, ART_OSM_MAXSPEED, 0) ? NULL : notes;
    side->speed_mps = otherwise;
    float speed;
    const int is_open = d ? w->second : w->first;
    const art_osm_speed_kind kind =
        value ? read_speed(w, ART_OSM_MAXSPEED, value, &speed) : ART_OSM_SPEED_SILENT;
    if (kind == ART_OSM_SPEED_VALUE || kind == ART_OSM_SPEED_SYMBOL) {
      side->speed_mps = speed;
      if (is_open)
        road->speed_source = kind == ART_OSM_SPEED_VALUE ? ART_OSM_SPEED_TAGGED : ART_OSM_SPEED_ZONE;
    }
    side->hgv_speed_mps = special_speed(w, ART_OSM_MAXSPEED_HGV, d);
    side->bus_speed_mps = special_speed(w, ART_OSM_MAXSPEED_BUS, d);
    if (side->bus_speed_mps == 0.0f) side->bus_speed_mps = special_speed(w, ART_OSM_MAXSPEED_PSV, d);
    for (int32_t i = 0; i < side->lane_count; ++i) side->lane[i].speed_mps = side->speed_mps;
  }
  w->notes = notes;
}
