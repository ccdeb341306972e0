#include "io/sumo/xml_internal.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>
#include <zlib.h>

#include "core/base/memory.h"
#include "io/sumo/report_internal.h"

enum { CHUNK_BYTES = 1 << 16, MAX_DEPTH = 200 };

struct art_xml {
  const char *file;
  const art_xml_handler *handler;
  art_import_report *report;
  art_error *err;
  XML_Parser parser;
  const char *element;
  const char **attribute;  // of the element that starts now: name, value, name, value, ..., NULL
  unsigned char *is_read;
  int attribute_count, attribute_capacity;
  int depth, skip_depth;  // skip_depth > 0: inside an unknown element
  int failed;
};

static int find_attribute(art_xml *xml, const char *name)
{
  for (int i = 0; i < xml->attribute_count; ++i)
    if (strcmp(xml->attribute[2 * i], name) == 0) return i;
  return -1;
}

int art_xml_line(const art_xml *xml)
{
  return (int)XML_GetCurrentLineNumber(xml->parser);
}
const char *art_xml_file(const art_xml *xml)
{
  return xml->file;
}
int art_xml_failed(const art_xml *xml)
{
  return xml->failed;
}

void art_xml_fail(art_xml *xml, const char *format, ...)
{
  if (xml->failed) return;  // the first problem is the one to tell
  char message[900];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  art_fail(xml->err, ART_E_INPUT, "%s:%d: %s: %s", xml->file, art_xml_line(xml),
           xml->element ? xml->element : "", message);
  xml->failed = 1;
  XML_StopParser(xml->parser, XML_FALSE);
}

void art_xml_fail_value(art_xml *xml, const char *attribute, const char *value, const char *accepted)
{
  art_xml_fail(xml, "%s=\"%.200s\": accepted: %s", attribute, value, accepted);
}

const char *art_xml_text(art_xml *xml, const char *attribute)
{
  const int i = find_attribute(xml, attribute);
  if (i < 0) return NULL;
  xml->is_read[i] = 1;
  return xml->attribute[2 * i + 1];
}

void art_xml_ignore(art_xml *xml, const char *attribute)
{
  (void)art_xml_text(xml, attribute);
}
void art_xml_ignore_all(art_xml *xml)
{
  if (xml->attribute_count) memset(xml->is_read, 1, (size_t)xml->attribute_count);
}

const char *art_xml_need(art_xml *xml, const char *attribute)
{
  const char *text = art_xml_text(xml, attribute);
  if (text) return text;
  art_xml_fail(xml, "attribute %s is missing", attribute);
  return "";
}

const char *art_xml_need_id(art_xml *xml, const char *attribute)
{
  const char *text = art_xml_need(xml, attribute);
  if (!*text) art_xml_fail_value(xml, attribute, text, "a text that is not empty");
  return text;
}

int art_parse_number(const char *text, double *out)
{
  while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') ++text;
  if (!strchr("+-.0123456789", *text) || !*text) return 0;  // strtod would take "inf", "nan" and more
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) return 0;
  char *end = NULL;
  const double value = strtod(text, &end);
  while (*end == ' ' || *end == '\t' || *end == '\n' || *end == '\r') ++end;
  if (end == text || *end || !isfinite(value)) return 0;
  *out = value;
  return 1;
}

int art_parse_time(const char *text, int64_t *out_ms)
{
  double part[4] = { 0.0 };
  int count = 0;
  char buffer[64];
  if (strlen(text) >= sizeof buffer) return 0;
  strcpy(buffer, text);
  char *at = buffer;
  for (;;) {
    char *colon = strchr(at, ':');
    if (colon) *colon = '\0';
    if (count == 4 || !art_parse_number(at, &part[count])) return 0;
    ++count;
    if (!colon) break;
    at = colon + 1;
  }
  double seconds = part[0];
  if (count == 2) return 0;
  if (count > 2) {
    const int negative = buffer[0] == '-';
    const double days = count == 4 ? part[0] : 0.0;
    const double hours = part[count - 3], minutes = part[count - 2], rest = part[count - 1];
    if (minutes < 0.0 || minutes >= 60.0 || rest < 0.0 || rest >= 60.0) return 0;
    seconds = fabs(days) * 86400.0 + fabs(hours) * 3600.0 + minutes * 60.0 + rest;
    if (negative) seconds = -seconds;
  }
  if (fabs(seconds) > 1e12) return 0;
  *out_ms = (int64_t)floor(seconds * 1000.0 + 0.5);
  return 1;
}

double art_xml_number(art_xml *xml, const char *attribute, double initial, double lo, double hi)
{
  const char *text = art_xml_text(xml, attribute);
  if (!text) return initial;
  double value = 0.0;
  if (art_parse_number(text, &value) && value >= lo && value <= hi) return value;
  char accepted[96];
  snprintf(accepted, sizeof accepted, "a number from %g to %g", lo, hi);
  art_xml_fail_value(xml, attribute, text, accepted);
  return initial;
}

double art_xml_need_number(art_xml *xml, const char *attribute, double lo, double hi)
{
  if (!*art_xml_need(xml, attribute) && xml->failed) return lo;
  return art_xml_number(xml, attribute, lo, lo, hi);
}

int64_t art_xml_integer(art_xml *xml, const char *attribute, int64_t initial, int64_t lo, int64_t hi)
{
  const char *text = art_xml_text(xml, attribute);
  if (!text) return initial;
  double value = 0.0;
  if (art_parse_number(text, &value) && value >= (double)lo && value <= (double)hi && value == floor(value))
    return (int64_t)value;
  char accepted[96];
  snprintf(accepted, sizeof accepted, "a whole number from %lld to %lld", (long long)lo, (long long)hi);
  art_xml_fail_value(xml, attribute, text, accepted);
  return initial;
}

int64_t art_xml_need_integer(art_xml *xml, const char *attribute, int64_t lo, int64_t hi)
{
  if (!*art_xml_need(xml, attribute) && xml->failed) return lo;
  return art_xml_integer(xml, attribute, lo, lo, hi);
}

int art_xml_flag(art_xml *xml, const char *attribute, int initial)
{
  static const char *const yes[] = { "true", "1", "yes", "x", "on", "True", "opportunistic" };
  static const char *const no[] = { "false", "0", "no", "-", "off", "False" };
  const char *text = art_xml_text(xml, attribute);
  if (!text) return initial;
  for (size_t i = 0; i < sizeof yes / sizeof *yes; ++i)
    if (strcmp(text, yes[i]) == 0) return 1;
  for (size_t i = 0; i < sizeof no / sizeof *no; ++i)
    if (strcmp(text, no[i]) == 0) return 0;
  art_xml_fail_value(xml, attribute, text, "true or false");
  return initial;
}

int64_t art_xml_time(art_xml *xml, const char *attribute, int64_t initial, int64_t lo, int64_t hi)
{
  const char *text = art_xml_text(xml, attribute);
  if (!text) return initial;
  int64_t value = 0;
  if (art_parse_time(text, &value) && value >= lo && value <= hi) return value;
  char accepted[128];
  snprintf(accepted, sizeof accepted, "seconds from %g to %g, HH:MM:SS or D:HH:MM:SS", (double)lo / 1000.0,
           (double)hi / 1000.0);
  art_xml_fail_value(xml, attribute, text, accepted);
  return initial;
}

const char *art_next_word(const char *text, char *word, size_t size)
{
  static const char blanks[] = " \t\r\n";
  text += strspn(text, blanks);
  if (!*text) return NULL;
  const size_t length = strcspn(text, blanks);
  const size_t kept = length < size ? length : size - 1;
  memcpy(word, text, kept);
  word[kept] = '\0';
  return text + length;
}

static void on_start(void *user, const XML_Char *element, const XML_Char **attribute)
{
  art_xml *xml = user;
  if (xml->failed) return;
  ++xml->depth;
  xml->element = element;
  if (xml->depth > MAX_DEPTH) {
    art_xml_fail(xml, "nested too deeply: accepted: at most %d levels", (int)MAX_DEPTH);
    return;
  }
  if (xml->skip_depth) return;
  int count = 0;
  while (attribute[2 * count]) ++count;
  if (count > xml->attribute_capacity) {
    xml->attribute_capacity = count;
    xml->is_read = art_renew(xml->is_read, (size_t)count, 1);
  }
  xml->attribute = attribute;
  xml->attribute_count = count;
  if (count) memset(xml->is_read, 0, (size_t)count);
  const int known = xml->handler->start(xml->handler->context, xml, element);
  if (xml->failed) return;
  if (!known) {
    art_tally(&xml->report->skipped_elements, "%.100s", element);
    xml->skip_depth = xml->depth;
    return;
  }
  for (int i = 0; i < count; ++i)
    if (!xml->is_read[i] && !strchr(attribute[2 * i], ':'))  // xmlns:xsi and friends are no content
      art_tally(&xml->report->skipped_attributes, "%.100s@%.100s", element, attribute[2 * i]);
}

static void on_end(void *user, const XML_Char *element)
{
  art_xml *xml = user;
  if (xml->failed) return;
  xml->element = element;
  xml->attribute_count = 0;
  if (!xml->skip_depth && xml->handler->end) xml->handler->end(xml->handler->context, xml, element);
  if (xml->skip_depth == xml->depth) xml->skip_depth = 0;
  --xml->depth;
}

static void open_parser(art_xml *xml, const char *file, const art_xml_handler *handler,
                        art_import_report *report, art_error *err)
{
  *xml = (art_xml){ .file = file, .handler = handler, .report = report, .err = err };
  xml->parser = XML_ParserCreate(NULL);
  XML_SetUserData(xml->parser, xml);
  XML_SetElementHandler(xml->parser, on_start, on_end);
}

/// Feeds one piece; on broken XML tells where.
static art_status feed(art_xml *xml, const char *data, int size, int is_last)
{
  const enum XML_Status status = XML_Parse(xml->parser, data, size, is_last);
  if (xml->failed) return ART_E_INPUT;
  if (status == XML_STATUS_OK) return ART_OK;
  xml->failed = 1;
  return art_fail(xml->err, ART_E_INPUT, "%s:%d: broken XML: %s", xml->file, art_xml_line(xml),
                  XML_ErrorString(XML_GetErrorCode(xml->parser)));
}

static void close_parser(art_xml *xml)
{
  XML_ParserFree(xml->parser);
  free(xml->is_read);
}

art_status art_xml_read_file(const char *path, const art_xml_handler *handler, art_import_report *report,
                             art_error *err)
{
  const gzFile file = gzopen(path, "rb");  // passes plain files through
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be opened: %s", path, strerror(errno));
  art_xml xml;
  open_parser(&xml, path, handler, report, err);
  char *buffer = ART_NEW(char, CHUNK_BYTES);
  art_status status = ART_OK;
  for (int size = 1; status == ART_OK && size > 0;) {
    size = gzread(file, buffer, CHUNK_BYTES);
    if (size < 0) {
      int code = 0;
      status = art_fail(err, ART_E_INPUT, "%s: cannot be read: %s", path, gzerror(file, &code));
      break;
    }
    status = feed(&xml, buffer, size, size == 0);
  }
  const int closed = gzclose(file);
  if (status == ART_OK && closed != Z_OK)
    status = art_fail(err, ART_E_INPUT, "%s: the compressed file ends too early", path);
  close_parser(&xml);
  free(buffer);
  return status;
}

art_status art_xml_read_text(const art_sumo_text *text, const art_xml_handler *handler,
                             art_import_report *report, art_error *err)
{
  art_xml xml;
  open_parser(&xml, text->name, handler, report, err);
  art_status status = ART_OK;
  size_t done = 0;
  do {
    const size_t size = text->size - done < CHUNK_BYTES ? text->size - done : CHUNK_BYTES;
    status = feed(&xml, text->text + done, (int)size, done + size == text->size);
    done += size;
  } while (status == ART_OK && done < text->size);
  close_parser(&xml);
  return status;
}
