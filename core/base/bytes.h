/// \file bytes.h
/// A growing string of bytes to which state is written, and a reader that never goes past its end: messages between ranks,
/// checkpoints. Values stand in the byte order of the machine; both sides run on the same kind.
#ifndef ART_CORE_BASE_BYTES_H
#define ART_CORE_BASE_BYTES_H
#include <stddef.h>
#include <stdint.h>

/// Start with {0}; keeps its memory when it is emptied (count = 0). Free `data` with free().
typedef struct art_bytes {
  uint8_t *data;
  size_t count, capacity;
} art_bytes;

/// Appends `size` bytes; returns where they stand, valid until the next call.
void *art_bytes_put(art_bytes *bytes, const void *value, size_t size);
/// The same without a value to copy: room to fill in.
void *art_bytes_room(art_bytes *bytes, size_t size);

/// Where a reader stands. Once something was asked for that is not there, is_short stays 1 and all that follows is zeros: look
/// at it once, at the end.
typedef struct art_byte_reader {
  const uint8_t *data;
  size_t count, at;
  int is_short;
} art_byte_reader;

/// Copies the next `size` bytes to `value`.
void art_bytes_get(art_byte_reader *reader, void *value, size_t size);
/// The next `count` items of `size` bytes, in place; not aligned. NULL where they are not there, or are none.
const void *art_bytes_take(art_byte_reader *reader, uint64_t count, size_t size);

/// One value of a type of fixed size.
#define ART_PUT(bytes, value) ((void)art_bytes_put((bytes), &(value), sizeof(value)))
#define ART_GET(reader, value) art_bytes_get((reader), &(value), sizeof(value))

#endif  // ART_CORE_BASE_BYTES_H
