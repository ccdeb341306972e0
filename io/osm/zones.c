// Speeds by symbols such as "DE:urban": the general limits of the countries' traffic rules for passenger cars.
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "io/osm/tags_internal.h"

typedef struct zone_row {
  char country[3];
  char mph;
  /// In the order of ART_OSM_ZONE_LIST, km/h or mph: urban, rural, trunk, motorway, living street, bicycle
  /// road, school, pedestrian zone. 0: no such rule.
  short speed[ART_OSM_ZONE_COUNT];
} zone_row;

static const zone_row rows[] = {
  { "AD", 0, { 50, 90, 90, 120, 20, 30, 30, 20 } },  { "AL", 0, { 40, 80, 90, 110, 20, 0, 30, 0 } },
  { "AM", 0, { 60, 90, 90, 110, 20, 0, 0, 0 } },     { "AR", 0, { 40, 110, 120, 130, 20, 0, 20, 0 } },
  { "AT", 0, { 50, 100, 100, 130, 5, 30, 30, 5 } },  { "AU", 0, { 50, 100, 100, 110, 10, 0, 40, 10 } },
  { "AZ", 0, { 60, 90, 90, 110, 20, 0, 0, 0 } },     { "BA", 0, { 50, 80, 100, 130, 10, 0, 30, 0 } },
  { "BE", 0, { 50, 70, 120, 120, 20, 30, 30, 5 } },  { "BG", 0, { 50, 90, 120, 140, 20, 0, 0, 20 } },
  { "BR", 0, { 60, 100, 80, 110, 20, 30, 30, 0 } },  { "BY", 0, { 60, 90, 90, 110, 20, 0, 0, 0 } },
  { "CA", 0, { 50, 80, 90, 100, 0, 0, 30, 0 } },     { "CH", 0, { 50, 80, 100, 120, 20, 30, 0, 20 } },
  { "CL", 0, { 50, 100, 100, 120, 20, 0, 30, 0 } },  { "CN", 0, { 50, 70, 80, 120, 20, 15, 30, 5 } },
  { "CO", 0, { 50, 90, 90, 120, 0, 0, 30, 0 } },     { "CY", 0, { 50, 80, 80, 100, 0, 0, 0, 0 } },
  { "CZ", 0, { 50, 90, 110, 130, 20, 30, 0, 20 } },  { "DE", 0, { 50, 100, 100, 0, 7, 30, 30, 7 } },
  { "DK", 0, { 50, 80, 80, 130, 15, 30, 30, 15 } },  { "EE", 0, { 50, 90, 110, 110, 20, 0, 0, 20 } },
  { "ES", 0, { 50, 90, 90, 120, 20, 30, 30, 20 } },  { "FI", 0, { 50, 80, 100, 120, 20, 0, 0, 20 } },
  { "FR", 0, { 50, 80, 110, 130, 20, 30, 30, 20 } }, { "GB", 1, { 30, 60, 70, 70, 20, 0, 20, 0 } },
  { "GE", 0, { 60, 90, 110, 110, 20, 0, 0, 20 } },   { "GR", 0, { 50, 90, 110, 130, 20, 0, 0, 20 } },
  { "HK", 0, { 50, 50, 70, 110, 0, 0, 0, 0 } },      { "HR", 0, { 50, 90, 110, 130, 10, 0, 30, 5 } },
  { "HU", 0, { 50, 90, 110, 130, 20, 0, 30, 10 } },  { "IE", 0, { 50, 80, 100, 120, 0, 0, 0, 0 } },
  { "IL", 0, { 50, 80, 90, 110, 30, 0, 0, 0 } },     { "IN", 0, { 70, 70, 100, 120, 0, 0, 25, 0 } },
  { "IS", 0, { 50, 90, 90, 90, 15, 0, 0, 15 } },     { "IT", 0, { 50, 90, 110, 130, 20, 30, 30, 20 } },
  { "JP", 0, { 60, 60, 60, 100, 0, 0, 30, 0 } },     { "KG", 0, { 60, 90, 90, 110, 20, 0, 0, 0 } },
  { "KR", 0, { 50, 60, 90, 100, 20, 0, 30, 0 } },    { "KZ", 0, { 60, 90, 110, 140, 20, 0, 0, 0 } },
  { "LT", 0, { 50, 90, 120, 130, 20, 0, 0, 20 } },   { "LU", 0, { 50, 90, 90, 130, 20, 30, 30, 20 } },
  { "LV", 0, { 50, 90, 90, 100, 20, 0, 0, 20 } },    { "MC", 0, { 50, 50, 50, 50, 20, 0, 30, 20 } },
  { "MD", 0, { 50, 90, 110, 110, 20, 0, 0, 20 } },   { "ME", 0, { 50, 80, 100, 130, 10, 0, 30, 0 } },
  { "MK", 0, { 50, 80, 110, 130, 10, 0, 30, 0 } },   { "MT", 0, { 50, 80, 80, 80, 20, 0, 0, 0 } },
  { "MX", 0, { 50, 90, 80, 110, 20, 0, 20, 0 } },    { "MY", 0, { 50, 90, 90, 110, 0, 0, 30, 0 } },
  { "NL", 0, { 50, 80, 100, 130, 15, 30, 30, 15 } }, { "NO", 0, { 50, 80, 80, 110, 5, 0, 0, 5 } },
  { "NZ", 0, { 50, 100, 100, 100, 10, 0, 40, 0 } },  { "PE", 0, { 50, 90, 80, 100, 20, 0, 30, 0 } },
  { "PL", 0, { 50, 90, 100, 140, 20, 0, 0, 20 } },   { "PT", 0, { 50, 90, 100, 120, 20, 0, 0, 20 } },
  { "RO", 0, { 50, 90, 100, 130, 20, 0, 0, 5 } },    { "RS", 0, { 50, 80, 100, 130, 10, 0, 30, 10 } },
  { "RU", 0, { 60, 90, 90, 110, 20, 20, 0, 20 } },   { "SE", 0, { 50, 70, 90, 110, 7, 30, 30, 7 } },
  { "SG", 0, { 50, 60, 70, 90, 0, 0, 40, 0 } },      { "SI", 0, { 50, 90, 110, 130, 10, 0, 30, 5 } },
  { "SK", 0, { 50, 90, 90, 130, 20, 0, 0, 20 } },    { "TH", 0, { 80, 90, 90, 120, 0, 0, 30, 0 } },
  { "TR", 0, { 50, 90, 110, 130, 20, 0, 30, 20 } },  { "TW", 0, { 50, 60, 80, 100, 0, 0, 30, 0 } },
  { "UA", 0, { 50, 90, 110, 130, 20, 0, 0, 20 } },   { "US", 1, { 25, 55, 55, 65, 15, 0, 20, 0 } },
  { "UZ", 0, { 60, 90, 100, 110, 20, 0, 30, 0 } },   { "VN", 0, { 50, 80, 90, 120, 0, 0, 0, 0 } },
  { "XK", 0, { 50, 80, 110, 130, 10, 0, 30, 0 } },   { "ZA", 0, { 60, 100, 120, 120, 20, 0, 30, 0 } },
};

static const char *const zone_words[ART_OSM_ZONE_COUNT] = {
#define X(name, text) text,
  ART_OSM_ZONE_LIST(X)
#undef X
};

static const zone_row *row_of(const char *country)
{
  if (strncasecmp(country, "UK", 2) == 0) country = "GB";
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
    if (strncasecmp(rows[i].country, country, 2) == 0) return &rows[i];
  return NULL;
}

static float to_mps(double value, int mph)
{
  return (float)(mph ? value * 0.44704 : value / 3.6);
}

/// "zone30", "zone:30", "30": the number, 0 if it is none.
static double number_of(const char *word)
{
  if (strncmp(word, "zone", 4) == 0) word += 4;
  if (*word == ':') ++word;
  double value = 0.0;
  const char *rest = art_osm_number(word, strlen(word), &value);
  return rest && (!*rest || strcmp(rest, " mph") == 0 || strcmp(rest, "mph") == 0) ? value : 0.0;
}

static int zone_of(const char *word)
{
  for (int i = 0; i < ART_OSM_ZONE_COUNT; ++i)
    if (strcmp(zone_words[i], word) == 0) return i;
  return -1;
}

/// The word behind the country: "DE:urban", "US:TX:urban", "BE-WAL:rural"; NULL if there is no country.
static const char *word_of(const char *text)
{
  if (!isalpha((unsigned char)text[0]) || !isalpha((unsigned char)text[1])) return NULL;
  const char *colon = strchr(text, ':');
  if (!colon || (text[2] != ':' && text[2] != '-')) return NULL;
  // A region of capitals may follow the country.
  const char *next = strchr(colon + 1, ':');
  if (next && isupper((unsigned char)colon[1])) colon = next;
  return colon + 1;
}

float art_osm_zone_speed(const char *text, const art_osm_defaults *defaults)
{
  const char *word = word_of(text);
  if (!word) {  // "zone:30" without a country
    const double value = strncmp(text, "zone", 4) == 0 ? number_of(text) : 0.0;
    return to_mps(value, defaults->mph);
  }
  const zone_row *row = row_of(text);
  const int is_own = strlen(defaults->country) == 2 && strncasecmp(text, defaults->country, 2) == 0;
  const int mph = strstr(word, "mph") ? 1 : row ? row->mph : is_own && defaults->mph;
  const double value = number_of(word);
  if (value > 0.0) return to_mps(value, mph);
  if (row && strcmp(row->country, "GB") == 0 && strncmp(word, "nsl_", 4) == 0) {
    if (strcmp(word, "nsl_single") == 0) return to_mps(60, 1);
    if (strcmp(word, "nsl_dual") == 0) return to_mps(70, 1);
    return strcmp(word, "nsl_restricted") == 0 ? to_mps(30, 1) : 0.0f;
  }
  const int zone = zone_of(word);
  if (zone < 0) return 0.0f;
  if (is_own && defaults->zone_mps[zone] > 0.0f) return defaults->zone_mps[zone];
  if (!row) return 0.0f;
  if (strcmp(row->country, "DE") == 0 && zone == ART_OSM_ZONE_MOTORWAY) return defaults->unlimited_mps;
  if (strncasecmp(text, "BE-WAL", 6) == 0 && zone == ART_OSM_ZONE_RURAL) return to_mps(90, 0);
  return to_mps(row->speed[zone], row->mph);
}

int art_osm_symbol_built_up(const char *text)
{
  const char *word = word_of(text);
  if (!word) return strncmp(text, "zone", 4) == 0 ? 1 : -1;
  if (strncmp(word, "zone", 4) == 0) return 1;
  switch (zone_of(word)) {
  case ART_OSM_ZONE_URBAN:
  case ART_OSM_ZONE_LIVING_STREET:
  case ART_OSM_ZONE_SCHOOL:
  case ART_OSM_ZONE_PEDESTRIAN_ZONE: return 1;
  case ART_OSM_ZONE_RURAL:
  case ART_OSM_ZONE_MOTORWAY: return 0;
  default: return -1;
  }
}
