#include "core/base/bytes.h"

#include <string.h>

#include "core/base/memory.h"

void *art_bytes_room(art_bytes *bytes, size_t size)
{
  if (bytes->capacity - bytes->count < size) {
    size_t capacity = bytes->capacity ? 2 * bytes->capacity : 1024;
    while (capacity - bytes->count < size) capacity *= 2;
    bytes->data = art_renew(bytes->data, capacity, 1);
    bytes->capacity = capacity;
  }
  void *room = bytes->data + bytes->count;
  bytes->count += size;
  return room;
}

void *art_bytes_put(art_bytes *bytes, const void *value, size_t size)
{
  void *room = art_bytes_room(bytes, size);
  if (size > 0) memcpy(room, value, size);
  return room;
}

const void *art_bytes_take(art_byte_reader *reader, uint64_t count, size_t size)
{
  if (reader->is_short || count == 0) return NULL;
  if (count > (reader->count - reader->at) / size) {
    reader->is_short = 1;
    return NULL;
  }
  const void *found = reader->data + reader->at;
  reader->at += (size_t)count * size;
  return found;
}

void art_bytes_get(art_byte_reader *reader, void *value, size_t size)
{
  const void *found = art_bytes_take(reader, size, 1);
  if (found)
    memcpy(value, found, size);
  else if (size > 0)
    memset(value, 0, size);
}
