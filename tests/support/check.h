/// \file check.h
/// Assertions that several test programs use. Include after cmocka.h.
#ifndef ART_TESTS_SUPPORT_CHECK_H
#define ART_TESTS_SUPPORT_CHECK_H
#include <string.h>

#include "core/base/status.h"

/// The call succeeded; otherwise its message is shown.
#define assert_ok(status, err)                                     \
  do {                                                             \
    if ((status) != ART_OK) fail_msg("failed: %s", (err).message); \
  } while (0)

/// The call failed with `expected`, and its message has all of the words.
#define assert_refused(status, expected, err, ...)                                                   \
  do {                                                                                               \
    const char *const words_[] = { __VA_ARGS__ };                                                    \
    if ((status) != (expected)) fail_msg("status %d, wanted %d", (int)(status), (int)(expected));    \
    for (size_t w_ = 0; w_ < sizeof words_ / sizeof *words_; ++w_)                                   \
      if (!strstr((err).message, words_[w_])) fail_msg("no '%s' in: %s", words_[w_], (err).message); \
  } while (0)

#endif  // ART_TESTS_SUPPORT_CHECK_H
