#include "io/osm/keys.h"

#include <string.h>

typedef struct key_word {
  const char *text;
  size_t length;
} key_word;

static const key_word words[ART_OSM_KEY_COUNT] = {
  { "", 0 },
#define X(name, text) { text, sizeof(text) - 1 },
  ART_OSM_KEY_LIST(X)
#undef X
};

typedef struct key_modifier {
  const char *text;
  size_t length;
  uint32_t flag;
} key_modifier;

#define MODIFIER(text, flag) { text, sizeof(text) - 1, flag }
static const key_modifier modifiers[] = {
  MODIFIER("lanes", ART_OSM_OF_LANES),
  MODIFIER("forward", ART_OSM_OF_FORWARD),
  MODIFIER("backward", ART_OSM_OF_BACKWARD),
  MODIFIER("both_ways", ART_OSM_OF_BOTH_WAYS),
  MODIFIER("left", ART_OSM_OF_LEFT),
  MODIFIER("right", ART_OSM_OF_RIGHT),
  MODIFIER("both", ART_OSM_OF_BOTH),
  MODIFIER("conditional", ART_OSM_OF_CONDITIONAL),
};
enum { MODIFIER_COUNT = (int)(sizeof modifiers / sizeof modifiers[0]) };

/// Flags of ":a:b", or UINT32_MAX if a part is no modifier or stands twice.
static uint32_t parse_modifiers(const char *text, size_t length)
{
  uint32_t flags = 0;
  for (size_t at = 0; at < length;) {
    ++at;  // the colon
    const char *end = memchr(text + at, ':', length - at);
    const size_t size = end ? (size_t)(end - text) - at : length - at;
    uint32_t flag = 0;
    for (int i = 0; i < MODIFIER_COUNT && !flag; ++i)
      if (modifiers[i].length == size && memcmp(modifiers[i].text, text + at, size) == 0)
        flag = modifiers[i].flag;
    if (!flag || (flags & flag)) return UINT32_MAX;
    flags |= flag;
    at += size;
  }
  return flags;
}

art_osm_key art_osm_key_parse(const char *text, size_t length)
{
  art_osm_key best = ART_OSM_NO_KEY;
  size_t best_length = 0;
  if (!length) return ART_OSM_NO_KEY;
  for (uint32_t i = 1; i < ART_OSM_KEY_COUNT; ++i) {
    const key_word *word = &words[i];
    if (word->text[0] != text[0] || word->length > length || word->length <= best_length ||
        memcmp(word->text, text, word->length) != 0)
      continue;
    if (word->length < length && text[word->length] != ':') continue;
    const uint32_t flags = parse_modifiers(text + word->length, length - word->length);
    if (flags == UINT32_MAX) continue;
    best = i | flags;
    best_length = word->length;
  }
  return best;
}

const char *art_osm_key_text(art_osm_key key)
{
  const uint32_t word = key & 0xffffu;
  return word < ART_OSM_KEY_COUNT ? words[word].text : "";
}
