#include "io/sumo/xml_out_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "core/base/memory.h"

enum { MOST_DEPTH = 16, BUFFER = 1 << 16 };

struct art_xml_out {
  gzFile file;
  char *path, *temporary;
  char buffer[BUFFER];
  size_t used;
  const char *open[MOST_DEPTH];
  int depth, has_children, failed;
};

static void flush(art_xml_out *out)
{
  if (out->used && gzwrite(out->file, out->buffer, (unsigned)out->used) != (int)out->used) out->failed = 1;
  out->used = 0;
}

static void put(art_xml_out *out, const char *text, size_t size)
{
  while (size) {
    if (out->used == BUFFER) flush(out);
    const size_t part = size < BUFFER - out->used ? size : BUFFER - out->used;
    memcpy(out->buffer + out->used, text, part);
    out->used += part;
    text += part;
    size -= part;
  }
}

static void put_text(art_xml_out *out, const char *text)
{
  put(out, text, strlen(text));
}

/// Characters that would end the value, and controls, which XML 1.0 does not have but for three.
static void put_escaped(art_xml_out *out, const char *text)
{
  for (; *text; ++text) {
    const unsigned char c = (unsigned char)*text;
    char code[8];
    switch (c) {
    case '&': put_text(out, "&amp;"); break;
    case '<': put_text(out, "&lt;"); break;
    case '>': put_text(out, "&gt;"); break;
    case '"': put_text(out, "&quot;"); break;
    case '\t':
    case '\n':
    case '\r':
      snprintf(code, sizeof code, "&#%d;", c);
      put_text(out, code);
      break;
    default: put(out, c < 32 ? "?" : text, 1);
    }
  }
}

art_xml_out *art_xml_out_new(const char *path, art_error *err)
{
  art_xml_out *out = ART_NEW(art_xml_out, 1);
  const size_t length = strlen(path);
  const int is_compressed = length > 3 && strcmp(path + length - 3, ".gz") == 0;
  out->path = art_strdup(path);
  out->temporary = ART_NEW(char, length + sizeof ".tmp");
  sprintf(out->temporary, "%s.tmp", path);
  out->file = gzopen(out->temporary, is_compressed ? "wb6" : "wbT");
  if (!out->file) {
    art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", out->temporary, strerror(errno));
    free(out->path);
    free(out->temporary);
    free(out);
    return NULL;
  }
  put_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  return out;
}

static void indent(art_xml_out *out)
{
  for (int i = 0; i < out->depth; ++i) put_text(out, "  ");
}

void art_xml_out_open(art_xml_out *out, const char *element)
{
  if (out->depth && !out->has_children) put_text(out, ">\n");
  indent(out);
  put_text(out, "<");
  put_text(out, element);
  out->open[out->depth++] = element;
  out->has_children = 0;
}

void art_xml_out_close(art_xml_out *out)
{
  --out->depth;
  if (out->has_children) {
    indent(out);
    put_text(out, "</");
    put_text(out, out->open[out->depth]);
    put_text(out, ">\n");
  } else
    put_text(out, "/>\n");
  out->has_children = 1;
}

void art_xml_out_begin(art_xml_out *out, const char *attribute)
{
  put_text(out, " ");
  put_text(out, attribute);
  put_text(out, "=\"");
}

void art_xml_out_end(art_xml_out *out)
{
  put_text(out, "\"");
}

void art_xml_out_add(art_xml_out *out, const char *format, ...)
{
  char text[512];
  va_list values;
  va_start(values, format);
  const int size = vsnprintf(text, sizeof text, format, values);
  va_end(values);
  if (size < (int)sizeof text) {
    put_escaped(out, text);
    return;
  }
  char *whole = ART_NEW(char, (size_t)size + 1);
  va_start(values, format);
  vsnprintf(whole, (size_t)size + 1, format, values);
  va_end(values);
  put_escaped(out, whole);
  free(whole);
}

void art_xml_out_text(art_xml_out *out, const char *attribute, const char *value)
{
  if (!value) return;
  art_xml_out_begin(out, attribute);
  put_escaped(out, value);
  art_xml_out_end(out);
}

void art_xml_out_integer(art_xml_out *out, const char *attribute, long long value)
{
  char text[32];
  snprintf(text, sizeof text, "%lld", value);
  art_xml_out_text(out, attribute, text);
}

void art_xml_out_number(art_xml_out *out, const char *attribute, double value)
{
  char text[32];
  for (int digits = 6; digits <= 9; ++digits) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if ((float)strtod(text, NULL) == (float)value) break;
  }
  art_xml_out_text(out, attribute, text);
}

void art_xml_out_time(art_xml_out *out, const char *attribute, long long value_ms)
{
  char text[32];
  const int digits = value_ms % 1000 ? 3 : 0;
  snprintf(text, sizeof text, "%.*f", digits, (double)value_ms / 1000.0);
  art_xml_out_text(out, attribute, text);
}

art_status art_xml_out_finish(art_xml_out *out, int keep, art_error *err)
{
  while (out->depth) art_xml_out_close(out);
  flush(out);
  if (gzclose(out->file) != Z_OK) out->failed = 1;
  art_status status = ART_OK;
  if (keep && (out->failed || rename(out->temporary, out->path) != 0))
    status = art_fail(err, ART_E_IO, "%s: cannot be written: %s", out->path, strerror(errno));
  if (!keep || status != ART_OK) unlink(out->temporary);
  free(out->path);
  free(out->temporary);
  free(out);
  return status;
}
