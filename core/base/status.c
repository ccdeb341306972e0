#include "core/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

art_status art_fail(art_error *err, art_status status, const char *format, ...)
{
  if (!err) return status;
  err->status = status;
  va_list args;
  va_start(args, format);
  vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  return status;
}

art_status art_fail_prefix(art_error *err, const char *format, ...)
{
  if (!err) return ART_E_INTERNAL;
  char old[sizeof err->message];
  memcpy(old, err->message, sizeof old);
  va_list args;
  va_start(args, format);
  int used = vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  if (used < 0) used = 0;
  if ((size_t)used < sizeof err->message)
    snprintf(err->message + used, sizeof err->message - (size_t)used, "%s", old);
  return err->status;
}

int art_status_exit_code(art_status status)
{
  static const int codes[] = {
#define X(name, exit_code, sentence) exit_code,
    ART_STATUS_LIST(X)
#undef X
  };
  return (unsigned)status < sizeof codes / sizeof *codes ? codes[status] : 4;
}

const char *art_status_text(art_status status)
{
  static const char *const texts[] = {
#define X(name, exit_code, sentence) sentence,
    ART_STATUS_LIST(X)
#undef X
  };
  return (unsigned)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}
