#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/real.h"
#include "io/config/apply_internal.h"
#include "io/config/quantity.h"
#include "io/config/utf8_internal.h"

void art_text_add(art_text *text, const char *format, ...)
{
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  const size_t wanted = text->size + (length > 0 ? (size_t)length : 0) + 1;
  if (wanted > text->capacity) {
    text->capacity = wanted + text->capacity + 256;
    text->text = art_renew(text->text, text->capacity, 1);
  }
  vsnprintf(text->text + text->size, text->capacity - text->size, format, again);
  va_end(again);
  text->size = wanted - 1;
}

void art_text_add_quoted(art_text *text, const char *value)
{
  art_text_add(text, "\"");
  for (const char *p = value; *p;) {
    uint32_t code;
    const int bytes = art_utf8_decode(p, &code);
    if (bytes == 0) code = 0xfffd;  // YAML cannot hold it; the replacement character says so
    if (code == '"' || code == '\\')
      art_text_add(text, "\\%c", (char)code);
    else if (bytes && art_utf8_is_printable(code))
      art_text_add(text, "%.*s", bytes, p);
    else
      art_text_add(text, "\\U%08X", (unsigned)code);
    p += bytes ? bytes : 1;
  }
  art_text_add(text, "\"");
}

void art_text_add_comment(art_text *text, const char *comment)
{
  for (const char *p = comment; p && *p;) {
    art_text_add(text, "#%s", *p == '\n' ? "" : " ");
    while (*p && *p != '\n') {
      uint32_t code;
      const int bytes = art_utf8_decode(p, &code);
      if (bytes && (code == '\t' || art_utf8_is_printable(code)))
        art_text_add(text, "%.*s", bytes, p);
      else
        art_text_add(text, "?");
      p += bytes ? bytes : 1;
    }
    art_text_add(text, "\n");
    p += *p == '\n';
  }
}

const char *art_keys_relative(const char *dir, const char *path)
{
  const size_t length = strlen(dir);
  if (length == 0 || strncmp(path, dir, length) != 0) return path;
  if (dir[length - 1] == '/') return path;  // the root: all its paths are absolute anyway
  return path[length] == '/' && path[length + 1] != '/' && path[length + 1] ? path + length + 1 : path;
}

#define MEMBER(type, base, where) ((const type *)(const void *)((const char *)(base) + (where)))

static void add_time(const art_key *key, art_tick value, art_text *out)
{
  char text[ART_QUANTITY_TEXT];
  if (key->word && value == (art_tick)key->word_value)
    snprintf(text, sizeof text, "%s", key->word);
  else if (key->type == ART_KEY_INSTANT)
    art_quantity_print_clock(value, text);
  else
    art_quantity_print_duration(value, text);
  art_text_add(out, "%s", text);
}

static void add_list(const art_key *key, const void *base, const char *dir, art_text *out)
{
  const int32_t count = *MEMBER(int32_t, base, key->count_offset);
  art_text_add(out, "[");
  for (int32_t i = 0; i < count; ++i) {
    if (i) art_text_add(out, ", ");
    if (key->type == ART_KEY_DURATIONS) {
      add_time(key, (*MEMBER(art_tick *, base, key->offset))[i], out);
      continue;
    }
    const char *value = (*MEMBER(char **, base, key->offset))[i];
    art_text_add_quoted(out, key->type == ART_KEY_INPUTS ? art_keys_relative(dir, value) : value);
  }
  art_text_add(out, "]");
}

static void add_number(const art_key *key, const void *base, art_text *out)
{
  char text[ART_QUANTITY_TEXT];
  double value;
  if (key->type == ART_KEY_SPEED) {
    art_quantity_print_float(*MEMBER(float, base, key->offset), text);
    art_text_add(out, "%s m/s", text);
    return;
  }
  value =
      key->type == ART_KEY_INTEGER ? *MEMBER(int32_t, base, key->offset) : *MEMBER(double, base, key->offset);
  if (key->word && value == key->word_value)
    snprintf(text, sizeof text, "%s", key->word);
  else
    art_quantity_print_double(value, text);
  art_text_add(out, "%s", text);
}

static void add_value(const art_key *key, const void *base, const char *dir, art_text *out)
{
  const void *at = key->offset == ART_KEY_NOWHERE ? NULL : MEMBER(char, base, key->offset);
  switch (key->type) {
  case ART_KEY_SCHEMA: art_text_add(out, "1"); break;
  case ART_KEY_TEXT:
  case ART_KEY_DATE:
  case ART_KEY_TIMEZONE: art_text_add_quoted(out, *(char *const *)at); break;
  case ART_KEY_PATH:
  case ART_KEY_INPUT: art_text_add_quoted(out, art_keys_relative(dir, *(char *const *)at)); break;
  case ART_KEY_TEXTS:
  case ART_KEY_INPUTS:
  case ART_KEY_DATES:
  case ART_KEY_DURATIONS: add_list(key, base, dir, out); break;
  case ART_KEY_DURATION:
  case ART_KEY_INSTANT: add_time(key, *(const art_tick *)at, out); break;
  case ART_KEY_STEP: add_time(key, *(const int32_t *)at, out); break;
  case ART_KEY_SEED: art_text_add(out, "%llu", (unsigned long long)*(const uint64_t *)at); break;
  case ART_KEY_BOOL: art_text_add(out, "%s", *(const int *)at ? "true" : "false"); break;
  case ART_KEY_CHOICE: art_text_add(out, "%s", key->choices[*(const int32_t *)at]); break;
  case ART_KEY_INTEGER:
  case ART_KEY_REAL:
  case ART_KEY_SPEED: add_number(key, base, out); break;
  case ART_KEY_SAMPLING:
  case ART_KEY_SECTION: break;
  }
}

/// "false", or the interval. The interval of what has a flag of its own may be a word for 0.
static void add_sampling(const art_key *key, const void *base, art_text *out)
{
  const art_tick every = *MEMBER(art_tick, base, key[1].offset);
  const int is_on = key->offset != ART_KEY_NOWHERE ? *MEMBER(int, base, key->offset) : every != 0;
  if (!is_on) {
    art_text_add(out, "false");
    return;
  }
  art_text_add(out, "{every: ");
  add_time(&key[1], every, out);
  art_text_add(out, "}");
}

static int has_value(const art_key *key, const void *base)
{
  if (key->type == ART_KEY_SECTION) return 0;
  const int is_list = key->count_offset != ART_KEY_NOWHERE;
  if (is_list) return *MEMBER(int32_t, base, key->count_offset) > 0;
  const int is_text = key->type == ART_KEY_TEXT || key->type == ART_KEY_PATH || key->type == ART_KEY_INPUT ||
                      key->type == ART_KEY_DATE || key->type == ART_KEY_TIMEZONE;
  return !is_text || *MEMBER(char *, base, key->offset) != NULL;
}

void art_keys_write(const art_key_table *table, const void *base, const char *dir, int indent, art_text *out)
{
  char section[64] = "";
  for (int i = 0; i < table->count; ++i) {
    const art_key *key = &table->key[i];
    if (!has_value(key, base)) continue;
    const char *point = strchr(key->path, '.');
    const int length = point ? (int)(point - key->path) : 0;
    if (point && (strncmp(section, key->path, (size_t)length) != 0 || section[length])) {
      snprintf(section, sizeof section, "%.*s", length, key->path);
      art_text_add(out, "%*s%s:\n", indent, "", section);
    }
    const char *name = point ? point + 1 : key->path;
    const char *deeper = strchr(name, '.');  // as in outputs.totals.every: written as totals: {every: ...}
    const int name_length = deeper ? (int)(deeper - name) : (int)strlen(name);
    art_text_add(out, "%*s%.*s: ", indent + (point ? 2 : 0), "", name_length, name);
    if (deeper) art_text_add(out, "{%s: ", deeper + 1);
    if (key->type == ART_KEY_SAMPLING) {
      add_sampling(key, base, out);
      ++i;  // its `every` is written
    } else {
      add_value(key, base, dir, out);
    }
    art_text_add(out, "%s\n", deeper ? "}" : "");
  }
}
