// `arterial import gmns DIR -o CITY.city.h5`
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/gmns/gmns.h"
#include "scenarios/cli/import_network_internal.h"

static void print_report(const art_gmns_report *r)
{
  printf("read: %" PRId64 " nodes, %" PRId64 " links, %" PRId64 " lanes, %" PRId64 " segments, %" PRId64
         " movements, %" PRId64 " signal programs\n",
         r->nodes, r->links, r->lanes, r->segments, r->movements, r->programs);
  if (r->crs_guessed) printf("note: no crs is named; coordinates were taken as longitude and latitude\n");
  if (r->lengths_are_short)
    printf("note: by the geometry, lengths are in the short unit (%.4g m), not in the long one as config.csv "
           "says\n",
           r->length_unit_m);
  art_import_note(r->walk_links, "links for walking only, left out");
  art_import_note(r->side_lanes, "lanes for walking or parking, left out");
  art_import_note(r->pockets, "links divided where lanes begin or end");
  art_import_note(r->lanes_guessed, "links that do not say how many lanes they have");
  art_import_note(r->speeds_guessed, "links without a speed, taken as 50 km/h");
  art_import_note(r->lanes_moved, "lanes of movements that do not exist, replaced by the nearest");
  art_import_note(r->lost_movements, "movements of links that vehicles do not use, left out");
  art_import_note(r->unknown_uses, "names of uses that nobody defines, taken as nobody");
  art_import_note(r->phases_without_movement, "timing plans of signals none of whose movements they serve");
  art_import_note(r->plans_refused, "timing plans that would let crossing streams go together, left out");
  if (r->plans_refused) printf("      first: %s\n", r->refused_plan);
  art_import_print_sketch(&r->sketch);
}

art_status art_import_gmns(const art_import_arguments *a, art_error *err)
{
  const art_gmns_options options = { .crs = a->crs, .left_hand = a->left_hand };
  art_gmns_report report;
  art_city *city = NULL;
  art_status status = art_gmns_read(a->input[0], &options, &city, &report, err);
  char *file[32];
  int count = 0;
  for (int i = 0; art_gmns_tables[i] && status == ART_OK; ++i) {
    char *path = ART_NEW(char, strlen(a->input[0]) + strlen(art_gmns_tables[i]) + 8);
    sprintf(path, "%s/%s.csv", a->input[0], art_gmns_tables[i]);
    if (access(path, R_OK) == 0)
      file[count++] = path;
    else
      free(path);
  }
  if (status == ART_OK) status = art_import_write_city(a, city, count, file, err);
  if (status == ART_OK) print_report(&report);
  for (int i = 0; i < count; ++i) free(file[i]);
  art_city_free(city);
  return status;
}
