/// \file xml_out_internal.h
/// Writes XML as a stream, plain or gzip, to a temporary name that becomes the real one at the end. Failures are kept until
/// art_xml_out_finish().
#ifndef ART_IO_SUMO_XML_OUT_INTERNAL_H
#define ART_IO_SUMO_XML_OUT_INTERNAL_H
#include "core/base/status.h"

typedef struct art_xml_out art_xml_out;

/// A path that ends in .gz is compressed. NULL with `err` set if the file cannot be opened.
art_xml_out *art_xml_out_new(const char *path, art_error *err);
/// Opens an element inside the one that is open. `element` must live until it is closed.
void art_xml_out_open(art_xml_out *out, const char *element);
void art_xml_out_close(art_xml_out *out);
/// An attribute of the element just opened, escaped. NULL writes nothing.
void art_xml_out_text(art_xml_out *out, const char *attribute, const char *value);
void art_xml_out_integer(art_xml_out *out, const char *attribute, long long value);
/// As many digits as a float needs to come back the same.
void art_xml_out_number(art_xml_out *out, const char *attribute, double value);
/// Milliseconds as seconds.
void art_xml_out_time(art_xml_out *out, const char *attribute, long long value_ms);
/// An attribute in pieces: begin, pieces (escaped) and end.
void art_xml_out_begin(art_xml_out *out, const char *attribute);
void art_xml_out_add(art_xml_out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void art_xml_out_end(art_xml_out *out);
/// Closes what is open, and the file, and frees `out`. If anything failed, or `keep` is 0, the file is removed.
art_status art_xml_out_finish(art_xml_out *out, int keep, art_error *err);

#endif  // ART_IO_SUMO_XML_OUT_INTERNAL_H
