/// \file utf8_internal.h
/// UTF-8, strictly: what ids and paths of other files hold may be anything.
#ifndef ART_IO_CONFIG_UTF8_INTERNAL_H
#define ART_IO_CONFIG_UTF8_INTERNAL_H
#include <stdint.h>

/// Decodes one character of a text that ends with NUL. Returns its bytes, 0 if they are not UTF-8.
static inline int art_utf8_decode(const char *text, uint32_t *code)
{
  static const uint32_t lowest[] = { 0, 0x80, 0x800, 0x10000 };
  const unsigned char *p = (const unsigned char *)text;
  const int more = *p < 0x80             ? 0
                   : (*p & 0xe0) == 0xc0 ? 1
                   : (*p & 0xf0) == 0xe0 ? 2
                   : (*p & 0xf8) == 0xf0 ? 3
                                         : -1;
  if (more < 0) return 0;
  *code = more ? *p & (0x3fu >> more) : *p;
  for (int i = 1; i <= more; ++i) {
    if ((p[i] & 0xc0) != 0x80) return 0;  // a NUL stops here too
    *code = *code << 6 | (p[i] & 0x3fu);
  }
  if (*code < lowest[more] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)) return 0;
  return more + 1;
}

/// 1 if YAML lets the character stand as it is within one line: printable and not a line break.
static inline int art_utf8_is_printable(uint32_t c)
{
  if (c == 0x2028 || c == 0x2029 || c == 0xfeff) return 0;
  return (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
         c >= 0x10000;
}

/// 1 if the whole text is UTF-8.
static inline int art_utf8_decodes(const char *text)
{
  uint32_t code;
  for (int bytes; *text; text += bytes) {
    bytes = art_utf8_decode(text, &code);
    if (bytes == 0) return 0;
  }
  return 1;
}

/// 1 if the whole text is printable UTF-8.
static inline int art_utf8_is_clean(const char *text)
{
  uint32_t code;
  for (int bytes; *text; text += bytes) {
    bytes = art_utf8_decode(text, &code);
    if (bytes == 0 || !art_utf8_is_printable(code)) return 0;
  }
  return 1;
}

#endif  // ART_IO_CONFIG_UTF8_INTERNAL_H
