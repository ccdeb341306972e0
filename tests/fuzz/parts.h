/// \file parts.h
/// Several files in one fuzzed buffer, separated by lines of "----".
#ifndef ART_TESTS_FUZZ_PARTS_H
#define ART_TESTS_FUZZ_PARTS_H
#include <stddef.h>
#include <string.h>

/// End of the part that begins at `text`; *next is where the following one begins.
static inline const char *art_part_end(const char *text, const char *end, const char **next)
{
  static const char mark[] = "\n----\n";
  const size_t size = sizeof mark - 1;
  for (const char *p = text; p + size <= end; ++p) {
    if (memcmp(p, mark, size) != 0) continue;
    *next = p + size;
    return p + 1;
  }
  *next = end;
  return end;
}

#endif  // ART_TESTS_FUZZ_PARTS_H
