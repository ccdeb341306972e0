#include "io/osm/notes.h"

#include <stdio.h>
#include <string.h>

static const char *const sentences[ART_OSM_NOTE_COUNT] = {
#define X(name, text) text,
  ART_OSM_NOTE_LIST(X)
#undef X
};

/// Cuts a text behind `size - 1` bytes, not within a character of UTF-8.
static void cut_text(char *text, size_t size)
{
  size_t end = strlen(text);
  if (end + 1 < size) return;
  while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80) --end;
  if (end > 0 && ((unsigned char)text[end - 1] & 0x80)) --end;
  text[end] = '\0';
}

void art_osm_note_add(art_osm_notes *notes, art_osm_note kind, const char *key, const char *value)
{
  if (!notes) return;
  const int64_t seen = notes->count[kind]++;
  if (seen >= ART_OSM_NOTE_EXAMPLES) return;
  art_osm_example *example = &notes->example[kind][seen];
  example->entity = notes->entity;
  example->id = notes->id;
  snprintf(example->text, sizeof example->text, "%s=%.80s", key ? key : "", value ? value : "");
  cut_text(example->text, sizeof example->text);
}

const char *art_osm_note_text(art_osm_note kind)
{
  return (unsigned)kind < ART_OSM_NOTE_COUNT ? sentences[kind] : "";
}
