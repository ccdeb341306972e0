/// \file memory_file.h
/// A file in memory with a name, for readers that take a path.
#ifndef ART_TESTS_FUZZ_MEMORY_FILE_H
#define ART_TESTS_FUZZ_MEMORY_FILE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/// The file, whose name goes into `path`. One for all inputs: art_memory_file_fill() gives it other bytes.
static inline int art_memory_file(char path[64])
{
  const int file = memfd_create("fuzz", 0);
  if (file < 0) abort();
  snprintf(path, 64, "/proc/self/fd/%d", file);
  return file;
}

static inline void art_memory_file_fill(int file, const void *data, size_t size)
{
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) abort();
}

#endif  // ART_TESTS_FUZZ_MEMORY_FILE_H
