/// \file alike.h
/// Strings of bytes of which equal ones are kept once: for tables of which many are alike. Set-up only.
#ifndef ART_CORE_BASE_ALIKE_H
#define ART_CORE_BASE_ALIKE_H
#include <stddef.h>

typedef struct art_alike art_alike;
art_alike *art_alike_new(void);
/// Keeps `count` bytes unless the same ones are there already; where they begin, in bytes. Strings lie one after the other, in
/// the order in which they first came; an empty one begins anywhere.
size_t art_alike_put(art_alike *of, const void *bytes, size_t count);
size_t art_alike_bytes(const art_alike *of);  ///< that are kept
/// All of them; valid until the next one is put.
const void *art_alike_data(const art_alike *of);
void art_alike_free(art_alike *of);

#endif  // ART_CORE_BASE_ALIKE_H
