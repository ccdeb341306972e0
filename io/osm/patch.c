#include "io/osm/patch.h"

#include <stdlib.h>

void art_osm_patch_free(art_osm_patch *patch)
{
  if (!patch) return;
  for (int32_t i = 0; i < patch->join_count; ++i) free(patch->join[i].node);
  free(patch->way);
  free(patch->turn);
  free(patch->join);
  free(patch->signal);
  free(patch);
}

art_patch_way *art_osm_patch_way(const art_osm_patch *patch, int64_t id)
{
  for (int32_t i = 0; patch && i < patch->way_count; ++i)
    if (patch->way[i].id == id) return &patch->way[i];
  return NULL;
}

art_patch_signal *art_osm_patch_signal(const art_osm_patch *patch, int64_t node)
{
  for (int32_t i = 0; patch && i < patch->signal_count; ++i)
    if (patch->signal[i].node == node) return &patch->signal[i];
  return NULL;
}
