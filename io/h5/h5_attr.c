// Attributes of groups and datasets.
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/h5.h"
#include "io/h5/h5_internal.h"

/// Adds `count` values (-1: a scalar) to an open object that has no attribute of that name. Values are converted from
/// `memory_type`.
static void add_attribute(art_h5 *f, hid_t owner, const char *object, const char *name, hid_t stored_type,
                          hid_t memory_type, int64_t count, const void *values)
{
  const hsize_t size = count < 0 ? 1 : (hsize_t)count;
  const hid_t space = count < 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL);
  const hid_t attribute = H5Acreate2(owner, name, stored_type, space, f->attribute_list, H5P_DEFAULT);
  if (attribute < 0)
    art_h5_fail(f, ART_E_IO, object, "attribute '%s' cannot be created", name);
  else if (size > 0 && H5Awrite(attribute, memory_type, values) < 0)
    art_h5_fail(f, ART_E_IO, object, "attribute '%s' cannot be written", name);
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
}

/// The same by the name of the object, replacing an attribute of that name.
static art_status write_attribute(art_h5 *f, const char *object, const char *name, hid_t stored_type,
                                  hid_t memory_type, int64_t count, const void *values)
{
  if (f->error.status != ART_OK) return f->error.status;
  const hid_t owner = H5Oopen(f->file, object, H5P_DEFAULT);
  if (owner < 0) return art_h5_fail(f, ART_E_IO, object, "attribute '%s' cannot be created", name);
  if (H5Aexists(owner, name) > 0) H5Adelete(owner, name);
  add_attribute(f, owner, object, name, stored_type, memory_type, count, values);
  H5Oclose(owner);
  return f->error.status;
}

void art_h5_add_text(art_h5 *f, hid_t owner, const char *object, const char *name, const char *text)
{
  if (text && f->error.status == ART_OK)
    add_attribute(f, owner, object, name, f->string_type, f->string_type, -1, &text);
}

art_status art_h5_set_text(art_h5 *f, const char *object, const char *name, const char *text)
{
  const char *value = text ? text : "";
  return write_attribute(f, object, name, f->string_type, f->string_type, -1, &value);
}

art_status art_h5_set_real(art_h5 *f, const char *object, const char *name, double value)
{
  return write_attribute(f, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, -1, &value);
}

art_status art_h5_set_int(art_h5 *f, const char *object, const char *name, int64_t value)
{
  const hid_t stored = value >= INT32_MIN && value <= INT32_MAX ? H5T_STD_I32LE : H5T_STD_I64LE;
  return write_attribute(f, object, name, stored, H5T_NATIVE_INT64, -1, &value);
}

art_status art_h5_set_array(art_h5 *f, const char *object, const char *name, art_h5_type type, int64_t count,
                            const void *values)
{
  const char **texts = NULL;
  if (type == ART_H5_STRING) {
    char *const *given = values;
    texts = ART_NEW(const char *, count);
    for (int64_t i = 0; i < count; ++i) texts[i] = given[i] ? given[i] : "";
    values = texts;
  }
  write_attribute(f, object, name, art_h5_stored_type(f, type), art_h5_memory_type(f, type), count, values);
  free(texts);
  return f->error.status;
}

void art_h5_add_flags(art_h5 *f, hid_t owner, const char *object, art_h5_type type, int are_bits, int count,
                      const char *const *meanings)
{
  int64_t *values = ART_NEW(int64_t, count);
  size_t bytes = 1;
  for (int i = 0; i < count; ++i) {
    values[i] = are_bits ? (int64_t)1 << i : i;
    bytes += strlen(meanings[i]) + 1;
  }
  char *text = ART_NEW(char, bytes), *end = text;
  for (int i = 0; i < count; ++i) {
    if (i) *end++ = ' ';
    end = stpcpy(end, meanings[i]);
  }
  // CF wants them in the variable's own type.
  if (f->error.status == ART_OK)
    add_attribute(f, owner, object, are_bits ? "flag_masks" : "flag_values", art_h5_stored_type(f, type), H5T_NATIVE_INT64,
                  count, values);
  art_h5_add_text(f, owner, object, "flag_meanings", text);
  free(text);
  free(values);
}

art_status art_h5_set_flags(art_h5 *f, const char *object, int count, const char *const *meanings)
{
  art_h5_type type;
  if (art_h5_type_of(f, object, &type) != ART_OK) return f->error.status;
  const hid_t owner = H5Oopen(f->file, object, H5P_DEFAULT);
  if (owner < 0) return art_h5_fail(f, ART_E_IO, object, "attributes cannot be created");
  art_h5_add_flags(f, owner, object, type, 0, count, meanings);
  H5Oclose(owner);
  return f->error.status;
}

/// H5Aread with the signature of H5Dread.
static herr_t read_attribute(hid_t source, hid_t memory_type, hid_t memory_space, hid_t file_space,
                             hid_t transfer, void *out)
{
  (void)memory_space, (void)file_space, (void)transfer;
  return H5Aread(source, memory_type, out);
}

/// Attributes know no transfer list, so their strings come from HDF5's own allocator: copy, then give back.
static int read_attribute_strings(hid_t attribute, hid_t type, hid_t space, int64_t count, char **out)
{
  if (H5Tis_variable_str(type) <= 0)
    return art_h5_read_strings(attribute, read_attribute, type, H5S_ALL, H5S_ALL, count, out, NULL);
  char **raw = ART_NEW(char *, count);
  const hid_t memory_type = H5Tcopy(H5T_C_S1);
  H5Tset_size(memory_type, H5T_VARIABLE);
  H5Tset_cset(memory_type, H5Tget_cset(type));
  const int ok = H5Aread(attribute, memory_type, raw) >= 0;
  for (int64_t i = 0; ok && i < count; ++i) out[i] = art_strdup(raw[i] ? raw[i] : "");
  if (ok) H5Dvlen_reclaim(memory_type, space, H5P_DEFAULT, raw);
  H5Tclose(memory_type);
  free(raw);
  return ok;
}

enum { ATTRIBUTE_VALUES_MAX = 1 << 24 };

/// Reads an open attribute; 0 if its type is none of ours (references, compounds) or it is damaged.
static int load_attribute(art_h5 *f, hid_t attribute, const char *name, art_h5_attr *out)
{
  const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  const hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  int ok = type >= 0 && count >= 0 && count <= ATTRIBUTE_VALUES_MAX && art_h5_type_from(type, &out->type);
  if (ok) {
    out->count = count;
    out->values = art_new((size_t)count, art_h5_type_size(out->type));
    if (count > 0 && out->type == ART_H5_STRING)
      ok = read_attribute_strings(attribute, type, space, count, out->values);
    else if (count > 0)
      ok = H5Aread(attribute, art_h5_memory_type(f, out->type), out->values) >= 0;
    if (ok)
      out->name = art_strdup(name);
    else
      free(out->values);
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return ok;
}

static void clear_attribute(art_h5_attr *attr)
{
  if (attr->type == ART_H5_STRING)
    art_h5_free_strings(attr->values, attr->count);
  else
    free(attr->values);
  free(attr->name);
}

/// Loads one attribute by name; 0 if there is none.
static int find_attribute(art_h5 *f, const char *object, const char *name, art_h5_attr *out)
{
  *out = (art_h5_attr){ 0 };
  if (f->error.status != ART_OK || art_h5_kind_of(f, object) == ART_H5_NOTHING) return 0;
  if (H5Aexists_by_name(f->file, object, name, H5P_DEFAULT) <= 0) return 0;
  const hid_t attribute = H5Aopen_by_name(f->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return 0;
  const int ok = load_attribute(f, attribute, name, out);
  H5Aclose(attribute);
  return ok;
}

char *art_h5_get_text(art_h5 *f, const char *object, const char *name)
{
  art_h5_attr attr;
  if (!find_attribute(f, object, name, &attr)) return NULL;
  char *text = NULL;
  if (attr.type == ART_H5_STRING && attr.count == 1) text = art_strdup(((char **)attr.values)[0]);
  clear_attribute(&attr);
  return text;
}

static double real_of(const art_h5_attr *attr)
{
  switch (attr->type) {
  case ART_H5_INT8: return *(const int8_t *)attr->values;
  case ART_H5_UINT8: return *(const uint8_t *)attr->values;
  case ART_H5_INT16: return *(const int16_t *)attr->values;
  case ART_H5_INT32: return *(const int32_t *)attr->values;
  case ART_H5_UINT32: return *(const uint32_t *)attr->values;
  case ART_H5_INT64: return (double)*(const int64_t *)attr->values;
  case ART_H5_UINT64: return (double)*(const uint64_t *)attr->values;
  case ART_H5_FLOAT: return (double)*(const float *)attr->values;
  case ART_H5_DOUBLE: return *(const double *)attr->values;
  case ART_H5_STRING:
  case ART_H5_TYPE_COUNT: break;
  }
  return 0;
}

int art_h5_get_real(art_h5 *f, const char *object, const char *name, double *value)
{
  art_h5_attr attr;
  if (!find_attribute(f, object, name, &attr)) return 0;
  const int ok = attr.type != ART_H5_STRING && attr.count == 1;
  if (ok) *value = real_of(&attr);
  clear_attribute(&attr);
  return ok;
}

int art_h5_get_int(art_h5 *f, const char *object, const char *name, int64_t *value)
{
  art_h5_attr attr;
  if (!find_attribute(f, object, name, &attr)) return 0;
  const int ok = attr.count == 1 && attr.type < ART_H5_FLOAT;
  if (ok && attr.type == ART_H5_INT64)
    *value = *(const int64_t *)attr.values;
  else if (ok && attr.type == ART_H5_UINT64)
    *value = (int64_t) * (const uint64_t *)attr.values;
  else if (ok)
    *value = (int64_t)real_of(&attr);
  clear_attribute(&attr);
  return ok;
}

/// What dimension scales keep on the objects they join; of no use to a reader of contents.
static int is_bookkeeping(const char *name)
{
  static const char *const names[] = { "CLASS",          "NAME",          "DIMENSION_LIST",
                                       "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates",
                                       "_nc3_strict",    "_NCProperties" };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (!strcmp(name, names[i])) return 1;
  return 0;
}

typedef struct name_list {
  char **names;
  int32_t count, capacity;
} name_list;

static herr_t take_name(hid_t object, const char *name, const H5A_info_t *info, void *user)
{
  (void)object, (void)info;
  name_list *list = user;
  if (is_bookkeeping(name)) return 0;
  char *copy = art_strdup(name);
  ART_PUSH(list->names, list->count, list->capacity, copy);
  return 0;
}

art_status art_h5_attrs(art_h5 *f, const char *object, art_h5_attr **out, int32_t *count)
{
  *out = NULL;
  *count = 0;
  if (f->error.status != ART_OK) return f->error.status;
  if (art_h5_kind_of(f, object) == ART_H5_NOTHING) return art_h5_refuse(f, object, "is missing");
  name_list list = { NULL, 0, 0 };
  const hid_t id = H5Oopen(f->file, object, H5P_DEFAULT);
  if (id >= 0 && H5Aiterate2(id, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, take_name, &list) < 0) {
    for (int32_t i = 0; i < list.count; ++i) free(list.names[i]);
    list.count = 0;
    H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, NULL, take_name,
                &list);  // the order of creation is not tracked
  }
  if (id >= 0) H5Oclose(id);
  int32_t capacity = 0;
  for (int32_t i = 0; i < list.count; ++i) {
    art_h5_attr attr;
    if (find_attribute(f, object, list.names[i], &attr)) ART_PUSH(*out, *count, capacity, attr);
  }
  art_h5_free_strings(list.names, list.count);
  return f->error.status;
}

void art_h5_free_attrs(art_h5_attr *attrs, int32_t count)
{
  if (!attrs) return;
  for (int32_t i = 0; i < count; ++i) clear_attribute(&attrs[i]);
  free(attrs);
}
