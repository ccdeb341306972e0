/// \file seed.h
/// The seed of property tests: ARTERIAL_SEED, which scripts/soak counts up, or 1.
#ifndef ART_TESTS_SUPPORT_SEED_H
#define ART_TESTS_SUPPORT_SEED_H
#include <stdint.h>
#include <stdlib.h>

static inline uint64_t art_test_seed(void)
{
  const char *text = getenv("ARTERIAL_SEED");
  return text ? strtoull(text, NULL, 10) : 1;
}

#endif  // ART_TESTS_SUPPORT_SEED_H
