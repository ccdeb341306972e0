// Bytes of files and memory, the cache of keys, the check of texts: what both decoders need.
#include <string.h>
#include <zlib.h>

#include "io/osm/read_internal.h"

art_status art_osm_bytes_read(art_osm_bytes *bytes, void *buffer, size_t size, size_t *got, art_error *err)
{
  *got = 0;
  if (!bytes->gz) {
    const size_t left = bytes->size - bytes->at;
    *got = left < size ? left : size;
    if (*got) memcpy(buffer, bytes->data + bytes->at, *got);
    bytes->at += *got;
  } else {
    while (*got < size) {
      const size_t rest = size - *got;
      const int count = gzread(bytes->gz, (char *)buffer + *got, rest > 1u << 30 ? 1u << 30 : (unsigned)rest);
      int code = Z_OK;
      const char *text = gzerror(bytes->gz, &code);
      if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
        return code == Z_ERRNO ? art_fail(err, ART_E_IO, "%s: cannot be read", bytes->name)
                               : art_fail(err, ART_E_INPUT, "%s: the compressed data are broken (%s)",
                                          bytes->name, text && text[0] ? text : "unknown error");
      if (count == 0) break;
      *got += (size_t)count;
    }
  }
  bytes->total += (int64_t)*got;
  return ART_OK;
}

/// FNV-1a over at most the length of a cached text.
static uint32_t hash_text(const char *text, size_t length)
{
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; ++i) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
  return hash ^ (hash >> 15);
}

art_osm_key art_osm_key_cached(art_osm_key_cache *cache, const char *text, size_t length)
{
  // A key that is too long to remember is taken apart each time; there are hardly any.
  if (length == 0 || length > ART_OSM_CACHE_TEXT) return art_osm_key_parse(text, length);
  const uint32_t i = hash_text(text, length) % ART_OSM_CACHE_SLOTS;
  if (cache->slot[i].length != length || memcmp(cache->slot[i].text, text, length) != 0) {
    cache->slot[i].length = (uint16_t)length;
    cache->slot[i].key = art_osm_key_parse(text, length);
    memcpy(cache->slot[i].text, text, length);
  }
  return cache->slot[i].key;
}

int art_osm_is_utf8(const char *text, size_t length)
{
  const uint8_t *p = (const uint8_t *)text, *end = p + length;
  while (p < end) {
    const uint8_t c = *p;
    if (c < 0x80) {
      if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return 0;
      ++p;
      continue;
    }
    const int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || end - p <= more) return 0;
    uint32_t code = c & (0x3fu >> more);
    for (int i = 1; i <= more; ++i) {
      if ((p[i] & 0xc0) != 0x80) return 0;
      code = code << 6 | (p[i] & 0x3fu);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code < 0xe000))
      return 0;
    p += more + 1;
  }
  return 1;
}
