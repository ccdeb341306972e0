// Words and numbers in values of tags: road users, levels of access, lists, weights, lengths.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/osm/tags_internal.h"

const art_osm_mode art_osm_modes[ART_OSM_MODE_COUNT] = {
  { ART_OSM_ACCESS, ART_OSM_MOTOR | ART_OSM_BICYCLE_BIT | ART_OSM_FOOT_BIT },
  { ART_OSM_VEHICLE, ART_OSM_MOTOR | ART_OSM_BICYCLE_BIT },
  { ART_OSM_MOTOR_VEHICLE, ART_OSM_MOTOR },
  { ART_OSM_MOTORCAR, ART_OSM_CARS },
  { ART_OSM_MOTORCYCLE, ART_OSM_BIT(MOTORCYCLE) },
  { ART_OSM_MOPED, ART_OSM_BIT(MOPED) },
  { ART_OSM_GOODS, ART_OSM_BIT(DELIVERY) },
  { ART_OSM_HGV, ART_OSM_TRUCKS },
  { ART_OSM_HGV_ARTICULATED, ART_OSM_BIT(TRAILER) },
  { ART_OSM_TRAILER, ART_OSM_BIT(TRAILER) },
  { ART_OSM_PSV, ART_OSM_BIT(BUS) | ART_OSM_BIT(TAXI) },
  { ART_OSM_BUS, ART_OSM_BIT(BUS) },
  { ART_OSM_TOURIST_BUS, ART_OSM_BIT(COACH) },
  { ART_OSM_COACH, ART_OSM_BIT(COACH) },
  { ART_OSM_TAXI, ART_OSM_BIT(TAXI) },
  { ART_OSM_HOV, ART_OSM_BIT(HOV) },
  { ART_OSM_EMERGENCY, ART_OSM_BIT(EMERGENCY) },
  { ART_OSM_BICYCLE, ART_OSM_BICYCLE_BIT },
  { ART_OSM_FOOT, ART_OSM_FOOT_BIT },
};

int art_osm_mode_find(uint32_t word)
{
  for (int i = 0; i < ART_OSM_MODE_COUNT; ++i)
    if (art_osm_modes[i].key == word) return i;
  return -1;
}

uint32_t art_osm_motor_classes(void)
{
  return ART_OSM_MOTOR | ART_OSM_BIT(EMERGENCY);
}
uint32_t art_osm_vehicle_classes(void)
{
  return art_osm_motor_classes() | ART_OSM_BICYCLE_BIT;
}
uint32_t art_osm_rail_classes(void)
{
  return ART_OSM_RAILS;
}

uint32_t art_osm_classes_of(const char *word, int32_t length)
{
  // Words that are no key of the access chain, or that mean less there.
  static const struct {
    const char *word;
    uint32_t classes;
  } more[] = {
    { "minibus", ART_OSM_BIT(BUS) },     { "share_taxi", ART_OSM_BIT(TAXI) },
    { "mofa", ART_OSM_BIT(MOPED) },      { "carpool", ART_OSM_BIT(HOV) },
    { "caravan", ART_OSM_BIT(TRAILER) }, { "motorhome", ART_OSM_CARS },
    { "trolleybus", ART_OSM_BIT(BUS) },  { "tram", ART_OSM_BIT(TRAM) },
    { "pedestrian", ART_OSM_FOOT_BIT },  { "delivery", ART_OSM_BIT(DELIVERY) },
    { "private", ART_OSM_CARS },         { "cars", ART_OSM_CARS },
  };
  const art_osm_piece piece = { word, (size_t)length };
  for (int i = 0; i < ART_OSM_MODE_COUNT; ++i)
    if (art_osm_is_piece(piece, art_osm_key_text(art_osm_modes[i].key)))
      return i <= 2 ? art_osm_modes[i].classes | ART_OSM_BIT(EMERGENCY) : art_osm_modes[i].classes;
  for (size_t i = 0; i < sizeof more / sizeof more[0]; ++i)
    if (art_osm_is_piece(piece, more[i].word)) return more[i].classes;
  return 0;
}

void art_osm_access_set(art_osm_access *access, uint32_t classes, art_osm_level level)
{
  access->allowed &= ~classes;
  access->destination &= ~classes;
  if (level == ART_OSM_LEVEL_YES) access->allowed |= classes;
  if (level == ART_OSM_LEVEL_DESTINATION) access->destination |= classes;
}

int art_osm_is(const char *text, const char *word)
{
  return text && strcmp(text, word) == 0;
}

int art_osm_is_piece(art_osm_piece piece, const char *word)
{
  return strlen(word) == piece.length && memcmp(piece.text, word, piece.length) == 0;
}

int art_osm_is_yes(const char *text)
{
  return art_osm_is(text, "yes") || art_osm_is(text, "true") || art_osm_is(text, "1");
}

int art_osm_is_no(const char *text)
{
  return art_osm_is(text, "no") || art_osm_is(text, "false") || art_osm_is(text, "0") ||
         art_osm_is(text, "none");
}

int art_osm_next_piece(const char **at, char separator, art_osm_piece *out)
{
  const char *from = *at;
  if (!from) return 0;
  const char *end = strchr(from, separator);
  *at = end ? end + 1 : NULL;
  if (!end) end = from + strlen(from);
  while (from < end && (*from == ' ' || *from == '\t')) ++from;
  while (end > from && (end[-1] == ' ' || end[-1] == '\t')) --end;
  *out = (art_osm_piece){ from, (size_t)(end - from) };
  return 1;
}

int art_osm_has_word(const char *text, const char *word)
{
  art_osm_piece piece;
  while (art_osm_next_piece(&text, ';', &piece))
    if (art_osm_is_piece(piece, word)) return 1;
  return 0;
}

static int one_level(art_osm_piece piece, art_osm_level *out)
{
  static const struct {
    const char *word;
    art_osm_level level;
  } table[] = {
    { "yes", ART_OSM_LEVEL_YES },
    { "no", ART_OSM_LEVEL_NO },
    { "designated", ART_OSM_LEVEL_YES },
    { "permissive", ART_OSM_LEVEL_YES },
    { "destination", ART_OSM_LEVEL_DESTINATION },
    { "private", ART_OSM_LEVEL_DESTINATION },
    { "customers", ART_OSM_LEVEL_DESTINATION },
    { "delivery", ART_OSM_LEVEL_DESTINATION },
    { "official", ART_OSM_LEVEL_YES },
    { "public", ART_OSM_LEVEL_YES },
    { "allowed", ART_OSM_LEVEL_YES },
    { "true", ART_OSM_LEVEL_YES },
    { "1", ART_OSM_LEVEL_YES },
    { "variable", ART_OSM_LEVEL_YES },
    { "discouraged", ART_OSM_LEVEL_YES },
    { "optional_sidepath", ART_OSM_LEVEL_YES },
    { "limited", ART_OSM_LEVEL_YES },
    { "only", ART_OSM_LEVEL_YES },
    { "use_sidepath", ART_OSM_LEVEL_NO },
    { "separate", ART_OSM_LEVEL_NO },
    { "dismount", ART_OSM_LEVEL_NO },
    { "agricultural", ART_OSM_LEVEL_NO },
    { "forestry", ART_OSM_LEVEL_NO },
    { "military", ART_OSM_LEVEL_NO },
    { "restricted", ART_OSM_LEVEL_NO },
    { "emergency", ART_OSM_LEVEL_NO },
    { "psv", ART_OSM_LEVEL_NO },
    { "bus", ART_OSM_LEVEL_NO },
    { "false", ART_OSM_LEVEL_NO },
    { "0", ART_OSM_LEVEL_NO },
    { "none", ART_OSM_LEVEL_NO },
    { "prohibited", ART_OSM_LEVEL_NO },
    { "permit", ART_OSM_LEVEL_DESTINATION },
    { "residents", ART_OSM_LEVEL_DESTINATION },
    { "resident", ART_OSM_LEVEL_DESTINATION },
    { "employees", ART_OSM_LEVEL_DESTINATION },
    { "members", ART_OSM_LEVEL_DESTINATION },
    { "visitors", ART_OSM_LEVEL_DESTINATION },
    { "students", ART_OSM_LEVEL_DESTINATION },
    { "guests", ART_OSM_LEVEL_DESTINATION },
    { "authorized", ART_OSM_LEVEL_DESTINATION },
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i)
    if (art_osm_is_piece(piece, table[i].word)) {
      *out = table[i].level;
      return 1;
    }
  return 0;
}

int art_osm_level_parse(const char *text, size_t length, art_osm_level *out)
{
  int is_known = 0;
  const char *end = text + length;
  *out = ART_OSM_LEVEL_NO;
  while (text <= end) {
    const char *stop = memchr(text, ';', (size_t)(end - text));
    if (!stop) stop = end;
    const char *last = stop;
    while (text < last && *text == ' ') ++text;
    while (last > text && last[-1] == ' ') --last;
    art_osm_level level;
    if (one_level((art_osm_piece){ text, (size_t)(last - text) }, &level)) {
      is_known = 1;
      if (level > *out) *out = level;
    }
    text = stop + 1;
  }
  return is_known;
}

const char *art_osm_number(const char *text, size_t length, double *out)
{
  double value = 0.0, scale = 1.0;
  size_t i = 0, digits = 0;
  while (i < length && text[i] == ' ') ++i;
  for (; i < length && text[i] >= '0' && text[i] <= '9' && digits < 9; ++i, ++digits)
    value = 10.0 * value + (text[i] - '0');
  if (i < length && (text[i] == '.' || text[i] == ','))
    for (++i; i < length && text[i] >= '0' && text[i] <= '9' && digits < 15; ++i, ++digits) {
      value = 10.0 * value + (text[i] - '0');
      scale *= 10.0;
    }
  if (!digits) return NULL;
  *out = value / scale;
  return text + i;
}

/// What stands behind a number, without blanks around.
static art_osm_piece unit_of(const char *rest, const char *end)
{
  while (rest < end && *rest == ' ') ++rest;
  while (end > rest && end[-1] == ' ') --end;
  return (art_osm_piece){ rest, (size_t)(end - rest) };
}

float art_osm_weight(const char *text, size_t length)
{
  double value;
  const char *rest = art_osm_number(text, length, &value);
  if (!rest) return 0.0f;
  const art_osm_piece unit = unit_of(rest, text + length);
  if (!unit.length || art_osm_is_piece(unit, "t")) return (float)value;
  if (art_osm_is_piece(unit, "kg")) return (float)(value * 0.001);
  if (art_osm_is_piece(unit, "st")) return (float)(value * 0.90718474);
  if (art_osm_is_piece(unit, "lt")) return (float)(value * 1.0160469);
  if (art_osm_is_piece(unit, "lbs") || art_osm_is_piece(unit, "lb")) return (float)(value * 0.00045359237);
  return 0.0f;
}

float art_osm_length(const char *text, size_t length)
{
  static const double foot_m = 0.3048, inch_m = 0.0254;
  double value, inches = 0.0;
  const char *rest = art_osm_number(text, length, &value), *end = text + length;
  if (!rest) return 0.0f;
  const art_osm_piece unit = unit_of(rest, end);
  if (!unit.length || art_osm_is_piece(unit, "m")) return (float)value;
  if (art_osm_is_piece(unit, "cm")) return (float)(value * 0.01);
  if (art_osm_is_piece(unit, "ft")) return (float)(value * foot_m);
  if (unit.text[0] != '\'') return 0.0f;
  if (unit.length > 1) {
    rest = art_osm_number(unit.text + 1, unit.length - 1, &inches);
    if (!rest || !art_osm_is_piece(unit_of(rest, unit.text + unit.length), "\"")) return 0.0f;
  }
  return (float)(value * foot_m + inches * inch_m);
}
