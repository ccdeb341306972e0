/// \file text_pool_internal.h
/// Texts kept once each: values of tags repeat all the time.
#ifndef ART_IO_OSM_TEXT_POOL_INTERNAL_H
#define ART_IO_OSM_TEXT_POOL_INTERNAL_H

typedef struct art_osm_text_pool art_osm_text_pool;

art_osm_text_pool *art_osm_text_pool_new(void);
void art_osm_text_pool_free(art_osm_text_pool *pool);
/// The pool's copy of a text; equal texts have equal addresses.
const char *art_osm_text_pool_put(art_osm_text_pool *pool, const char *text);

#endif  // ART_IO_OSM_TEXT_POOL_INTERNAL_H
