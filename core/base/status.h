/// \file status.h
/// Status codes and error messages: every function that can fail returns an art_status and fills an art_error.
#ifndef ART_CORE_BASE_STATUS_H
#define ART_CORE_BASE_STATUS_H

/// X(name, process exit code, sentence). The exit codes are part of the command's interface.
#define ART_STATUS_LIST(X)                                                   \
  X(ART_OK, 0, "no error")                                                   \
  X(ART_E_USAGE, 2, "the command line is wrong")                             \
  X(ART_E_INPUT, 3, "an input is invalid")                                   \
  X(ART_E_INTERNAL, 4, "an internal check failed")                           \
  X(ART_E_IO, 5, "a file could not be read or written")                      \
  X(ART_E_OPEN, 5, "a file could not be opened")                             \
  X(ART_E_EXISTS, 5, "the output exists already")                            \
  X(ART_E_MEMORY, 4, "out of memory")                                        \
  X(ART_E_NOT_ACCEPTED, 6, "finished, but the wanted acceptance was missed") \
  X(ART_E_STOPPED, 75, "stopped early")

typedef enum art_status {
#define X(name, exit_code, sentence) name,
  ART_STATUS_LIST(X)
#undef X
} art_status;

/// Filled on failure. The message names file or entity, value and accepted range. Owned by the caller, no heap inside.
typedef struct art_error {
  art_status status;
  char message[1024];
} art_error;

/// Writes the message (printf style) into `err` (NULL allowed) and returns `status`.
art_status art_fail(art_error *err, art_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/// Puts a prefix such as "file.xml:12: " before the message that is already in `err`. Returns err->status.
art_status art_fail_prefix(art_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// The process exit code that belongs to a status.
int art_status_exit_code(art_status status);
/// The sentence that belongs to a status; static storage.
const char *art_status_text(art_status status);

#endif  // ART_CORE_BASE_STATUS_H
