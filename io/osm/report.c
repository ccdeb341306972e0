#include <inttypes.h>

#include "io/osm/import.h"

void art_osm_report_print(const art_osm_report *r, FILE *file)
{
  fprintf(file, "read: %" PRId64 " nodes, %" PRId64 " ways, %" PRId64 " relations\n", r->nodes_read,
          r->ways_read, r->relations_read);
  fprintf(file, "coordinates: %s; defaults: %s\n", r->crs, r->country);
  fprintf(file,
          "network: %" PRId64 " nodes, %" PRId64 " links, %" PRId64 " lanes (%.1f km), %" PRId64
          " connectors\n",
          r->nodes, r->links, r->lanes, r->length_km, r->connectors);
  fprintf(file,
          "conflicts: %" PRId64 " crossings, %" PRId64 " merges, %" PRId64 " diverges, %" PRId64
          " holding points\n",
          r->crossings, r->merges, r->diverges, r->holding_points);
  fprintf(file, "signals: %" PRId64 ", of these %" PRId64 " for crossings of people; timing guessed\n",
          r->signals, r->foot_signals);
  const struct {
    int64_t count;
    const char *text;
  } rows[] = {
#define X(name, text) { r->name, text },
    ART_OSM_COUNT_LIST(X)
#undef X
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    if (rows[i].count) fprintf(file, "%s: %" PRId64 "\n", rows[i].text, rows[i].count);
  for (int k = 0; k < ART_OSM_NOTE_COUNT; ++k) {
    if (!r->notes.count[k]) continue;
    fprintf(file, "note: %s: %" PRId64 "\n", art_osm_note_text((art_osm_note)k), r->notes.count[k]);
    for (int e = 0; e < ART_OSM_NOTE_EXAMPLES && e < r->notes.count[k]; ++e) {
      const art_osm_example *example = &r->notes.example[k][e];
      fprintf(file, "  %s %" PRId64 ": %s\n",
              example->entity == 'n'   ? "node"
              : example->entity == 'w' ? "way"
                                       : "relation",
              example->id, example->text);
    }
  }
}
