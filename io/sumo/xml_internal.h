/// \file xml_internal.h
/// Streaming XML with line numbers, typed attributes and a tally of what nobody read.
#ifndef ART_IO_SUMO_XML_INTERNAL_H
#define ART_IO_SUMO_XML_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "io/sumo/import.h"

typedef struct art_xml art_xml;

/// Called for every element. `start` returns 1 if it knows the element, 0 to skip it with all it contains.
/// `end` is called for known elements only. Errors are raised by art_xml_fail().
typedef struct art_xml_handler {
  void *context;
  int (*start)(void *context, art_xml *xml, const char *element);
  void (*end)(void *context, art_xml *xml, const char *element);
} art_xml_handler;

/// Parses a plain or gzip file. Skipped names go to `report`.
art_status art_xml_read_file(const char *path, const art_xml_handler *handler, art_import_report *report,
                             art_error *err);
art_status art_xml_read_text(const art_sumo_text *text, const art_xml_handler *handler,
                             art_import_report *report, art_error *err);

// The rest is for handlers, while an element starts.

/// The attribute or NULL; it counts as read. Borrowed until the handler returns.
const char *art_xml_text(art_xml *xml, const char *attribute);
/// The same, an error if it is missing (then "" is returned).
const char *art_xml_need(art_xml *xml, const char *attribute);
/// The same, an error also if it is empty.
const char *art_xml_need_id(art_xml *xml, const char *attribute);
/// A number in [lo, hi]; `initial` if the attribute is missing. Anything else is an error (and returns `initial`).
double art_xml_number(art_xml *xml, const char *attribute, double initial, double lo, double hi);
double art_xml_need_number(art_xml *xml, const char *attribute, double lo, double hi);
int64_t art_xml_integer(art_xml *xml, const char *attribute, int64_t initial, int64_t lo, int64_t hi);
int64_t art_xml_need_integer(art_xml *xml, const char *attribute, int64_t lo, int64_t hi);
/// 1/0 from true/false/1/0/yes/no/x/-.
int art_xml_flag(art_xml *xml, const char *attribute, int initial);
/// A time as SUMO writes it (seconds, HH:MM:SS, D:HH:MM:SS) in milliseconds, within [lo, hi].
int64_t art_xml_time(art_xml *xml, const char *attribute, int64_t initial, int64_t lo, int64_t hi);
/// Marks an attribute as read although nothing is taken from it (drawing, for example, is no loss worth counting).
void art_xml_ignore(art_xml *xml, const char *attribute);
void art_xml_ignore_all(art_xml *xml);

/// "file:line: element: attribute=value: accepted: ...".
void art_xml_fail_value(art_xml *xml, const char *attribute, const char *value, const char *accepted);
/// "file:line: element: message".
void art_xml_fail(art_xml *xml, const char *format, ...) __attribute__((format(printf, 2, 3)));
int art_xml_failed(const art_xml *xml);
int art_xml_line(const art_xml *xml);
const char *art_xml_file(const art_xml *xml);

/// Parsers that others need too. Return 1 on success.
int art_parse_number(const char *text, double *out);
int art_parse_time(const char *text, int64_t *out_ms);
/// Copies the next word (split by blanks, and commas if `commas`) into `word`; returns the rest or NULL at the end.
/// A word longer than `size` is an empty result with *too_long set.
const char *art_next_word(const char *text, char *word, size_t size);

#endif  // ART_IO_SUMO_XML_INTERNAL_H
