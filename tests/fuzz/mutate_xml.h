/// \file mutate_xml.h
/// Mutations that keep XML well-formed more often than flipping bytes does: they change one attribute's value, copy a
/// value to another attribute, or repeat or drop an element. Included by fuzz targets of XML readers.
#ifndef ART_TESTS_FUZZ_MUTATE_XML_H
#define ART_TESTS_FUZZ_MUTATE_XML_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static unsigned int mutate_next(unsigned int *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/// Replaces data[at .. at + old) by `text`; returns the new size, or the old one if there is no room.
static size_t mutate_splice(uint8_t *data, size_t size, size_t max_size, size_t at, size_t old,
                            const char *text, size_t length)
{
  if (size - old + length > max_size) return size;
  memmove(data + at + length, data + at + old, size - at - old);
  memcpy(data + at, text, length);
  return size - old + length;
}

/// Start and length of the k-th text between the two marks; returns how many there are.
static size_t mutate_find(const uint8_t *data, size_t size, char open, char close, size_t k, size_t *at,
                          size_t *length)
{
  size_t count = 0;
  for (size_t i = 0; i < size; ++i) {
    if (data[i] != (uint8_t)open) continue;
    size_t end = i + 1;
    while (end < size && data[end] != (uint8_t)close) ++end;
    if (end == size) break;
    if (count++ == k) {
      *at = i + 1;
      *length = end - i - 1;
    }
    i = open == close ? end : i;
  }
  return count;
}

static size_t mutate_value(uint8_t *data, size_t size, size_t max_size, unsigned int *state)
{
  static const char *const values[] = { "",        "0",           "-1",     "1",       "2",  "100",
                                        "1e9",     "-0.5",        "nan",    "1:00:00", "a",  "a b",
                                        "all",     "true",        "random", "G",       "01", "3,4",
                                        "0,0 1,1", "99999999999", "stop",   "exp(1)" };
  size_t at = 0, length = 0, from = 0, other = 0;
  const size_t count = mutate_find(data, size, '"', '"', SIZE_MAX, &at, &length);
  if (!count) return LLVMFuzzerMutate(data, size, max_size);
  mutate_find(data, size, '"', '"', mutate_next(state) % count, &at, &length);
  char buffer[256];
  switch (mutate_next(state) % 4) {
  case 0: snprintf(buffer, sizeof buffer, "%d", (int)(mutate_next(state) % 300) - 20); break;
  case 1:
    mutate_find(data, size, '"', '"', mutate_next(state) % count, &from, &other);
    other = other < sizeof buffer ? other : sizeof buffer - 1;
    memcpy(buffer, data + from, other);
    buffer[other] = '\0';
    break;
  default:
    snprintf(buffer, sizeof buffer, "%s", values[mutate_next(state) % (sizeof values / sizeof *values)]);
  }
  return mutate_splice(data, size, max_size, at, length, buffer, strlen(buffer));
}

static size_t mutate_element(uint8_t *data, size_t size, size_t max_size, unsigned int *state)
{
  size_t at = 0, length = 0;
  const size_t count = mutate_find(data, size, '<', '>', SIZE_MAX, &at, &length);
  if (!count) return LLVMFuzzerMutate(data, size, max_size);
  mutate_find(data, size, '<', '>', mutate_next(state) % count, &at, &length);
  if (mutate_next(state) % 2) return mutate_splice(data, size, max_size, at - 1, length + 2, "", 0);
  char buffer[1024];
  if (length + 2 > sizeof buffer) return size;
  memcpy(buffer, data + at - 1, length + 2);
  mutate_find(data, size, '<', '>', mutate_next(state) % count, &at, &length);
  size_t copied = 0;
  while (buffer[copied] != '>') ++copied;
  return mutate_splice(data, size, max_size, at - 1, 0, buffer, copied + 1);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
  unsigned int state = seed;
  switch (mutate_next(&state) % 8) {
  case 0: return LLVMFuzzerMutate(data, size, max_size);
  case 1:
  case 2: return mutate_element(data, size, max_size, &state);
  default: return mutate_value(data, size, max_size, &state);
  }
}

#endif  // ART_TESTS_FUZZ_MUTATE_XML_H
