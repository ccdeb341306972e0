// What kind of file it is, and in which version of its layout.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/build.h"
#include "core/base/memory.h"
#include "io/h5/h5.h"

art_status art_h5_set_schema(art_h5 *f, const char *schema, int version, const char *title,
                             const char *command)
{
  char source[128] = "arterial ";
  strncat(source, art_build_version(), 60);
  strcat(source, " (");
  strncat(source, art_build_commit(), 40);
  strcat(source, art_build_is_dirty() ? "-dirty)" : ")");
  art_h5_set_text(f, "/", "Conventions", "CF-1.11");
  if (title) art_h5_set_text(f, "/", "title", title);
  art_h5_set_text(f, "/", "arterial_schema", schema);
  art_h5_set_int(f, "/", "arterial_schema_version", version);
  art_h5_set_text(f, "/", "source", source);
  if (command) art_h5_set_text(f, "/", "history", command);
  return art_h5_status(f, NULL);
}

art_status art_h5_check_schema(art_h5 *f, const char *schema, int version)
{
  if (art_h5_status(f, NULL) != ART_OK) return art_h5_status(f, NULL);
  char *found = art_h5_get_text(f, "/", "arterial_schema");
  int64_t found_version = -1;
  if (!found) {
    art_h5_refuse(f, NULL, "is not a %s file: the root attribute arterial_schema is missing", schema);
  } else if (strcmp(found, schema) != 0) {
    art_h5_refuse(f, NULL, "is a %.100s file, expected a %s file", found, schema);
  } else if (!art_h5_get_int(f, "/", "arterial_schema_version", &found_version)) {
    art_h5_refuse(f, NULL, "the root attribute arterial_schema_version is missing");
  } else if (found_version != version) {
    art_h5_refuse(f, NULL, "has version %" PRId64 " of the %s layout, this program reads version %d",
                  found_version, schema, version);
  }
  free(found);
  return art_h5_status(f, NULL);
}

char *art_h5_schema_of(const char *path)
{
  art_h5 *f;
  if (art_h5_open(path, &f, NULL) != ART_OK) return NULL;
  char *schema = art_h5_get_text(f, "/", "arterial_schema");
  art_h5_discard(f);
  return schema;
}
