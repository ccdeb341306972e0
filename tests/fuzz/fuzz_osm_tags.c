// Tags from lines "key=value", read as those of a way, a node and a turn restriction.
#include <stdint.h>

#include "core/base/memory.h"
#include "tests/fuzz/osm_oracle.h"

enum { MOST_TAGS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const art_osm_member member[] = { { 1, ART_OSM_MEMBER_WAY, "from" },
                                           { 2, ART_OSM_MEMBER_NODE, "via" },
                                           { 3, ART_OSM_MEMBER_WAY, "to" } };
  art_osm_tag tag[MOST_TAGS];
  int32_t count = 0;
  char *text = ART_NEW(char, size + 1);
  memcpy(text, data, size);
  for (char *line = text; line && count < MOST_TAGS;) {
    char *next = strchr(line, '\n'), *equals;
    if (next) *next++ = '\0';
    equals = strchr(line, '=');
    if (equals) {
      const art_osm_key key = art_osm_key_parse(line, (size_t)(equals - line));
      if (key) tag[count++] = (art_osm_tag){ key, equals + 1 };
    }
    line = next;
  }
  const art_osm_tags tags = { count, tag };
  oracle_way(tags, 0);
  oracle_way(tags, 1);
  oracle_node(tags);
  oracle_restriction(tags, 3, member);
  free(text);
  return 0;
}
