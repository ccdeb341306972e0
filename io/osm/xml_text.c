// References in XML's texts.
#include <stdlib.h>
#include <string.h>

#include "io/osm/read_internal.h"

/// Writes one character as UTF-8; returns its bytes, 0 if there is no such character.
static size_t put_utf8(char *out, unsigned long code)
{
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
  if (code < 0x80) return out[0] = (char)code, 1;
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
  out[0] = (char)(lead[more] | (code >> (6 * more)));
  for (int i = 1; i <= more; ++i) out[i] = (char)(0x80 | ((code >> (6 * (more - i))) & 0x3f));
  return (size_t)more + 1;
}

/// Length of the reference at `text` and what it stands for, at most 4 bytes; 0 if it is none.
static size_t read_reference(const char *text, char *out, size_t *out_length)
{
  static const struct {
    const char *name;
    char value;
  } named[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
  for (size_t i = 0; i < sizeof named / sizeof named[0]; ++i) {
    const size_t length = strlen(named[i].name);
    if (strncmp(text, named[i].name, length) != 0) continue;
    out[0] = named[i].value;
    *out_length = 1;
    return length;
  }
  if (text[1] != '#') return 0;
  const int is_hex = text[2] == 'x';
  const char *digits = text + 2 + is_hex;
  if (!(is_hex ? strspn(digits, "0123456789abcdefABCDEF") : strspn(digits, "0123456789"))) return 0;
  char *end;
  const unsigned long code = strtoul(digits, &end, is_hex ? 16 : 10);
  if (*end != ';' || end - digits > 8) return 0;
  *out_length = put_utf8(out, code);
  return *out_length ? (size_t)(end - text) + 1 : 0;
}

const char *art_osm_xml_resolve(char *value, size_t *length)
{
  char *from = memchr(value, '&', *length);
  if (!from) return NULL;
  char *to = from, *end = value + *length;
  while (from < end) {
    if (*from != '&') {
      *to++ = *from++;
      continue;
    }
    char decoded[4];
    size_t size = 0;
    const size_t taken = read_reference(from, decoded, &size);
    if (!taken) return from;
    memcpy(to, decoded, size);
    to += size;
    from += taken;
  }
  *to = '\0';
  *length = (size_t)(to - value);
  return NULL;
}
