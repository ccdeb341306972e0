// Axes of datasets as HDF5's "Dimension Scale Specification" has them: an axis says that it is one (CLASS, NAME) and where it
// is used (REFERENCE_LIST), a dataset lists its axes (DIMENSION_LIST). HDF5's own functions for that read and write the list of
// an axis again for each dataset upon it, which took a quarter of the time that a city's file takes. Here it is written once.
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/h5_internal.h"

/// A dataset upon an axis, as REFERENCE_LIST holds it.
typedef struct use {
  hobj_ref_t dataset;
  int32_t dimension;
} use;

struct art_h5_axis {
  char *path;
  hobj_ref_t reference;
  use *use;
  int32_t use_count, use_capacity;
};

/// Text of a fixed length, as the specification wants it.
static int add_fixed_text(hid_t owner, const char *name, const char *text)
{
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, strlen(text) + 1);
  const hid_t attribute = H5Acreate2(owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const int ok = attribute >= 0 && H5Awrite(attribute, type, text) >= 0;
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
  return ok;
}

void art_h5_make_axis(art_h5 *f, hid_t dataset, const char *path)
{
  struct art_h5_axis axis = { .path = art_strdup(path) };
  const int ok = add_fixed_text(dataset, "CLASS", "DIMENSION_SCALE") &&
                 add_fixed_text(dataset, "NAME", strrchr(path, '/') + 1) &&
                 H5Rcreate(&axis.reference, dataset, ".", H5R_OBJECT, -1) >= 0;
  ART_PUSH(f->axis, f->axis_count, f->axis_capacity, axis);
  if (!ok) art_h5_fail(f, ART_E_IO, path, "cannot be made an axis");
}

/// 1 if `path` is the axis that a dataset calls `name`: an absolute path, or the last part of one in its own group.
static int is_named(const char *path, const char *dataset, const char *name)
{
  if (name[0] == '/') return strcmp(path, name) == 0;
  const size_t folder = (size_t)(strrchr(dataset, '/') - dataset) + 1;
  return strncmp(path, dataset, folder) == 0 && strcmp(path + folder, name) == 0;
}

static struct art_h5_axis *find_axis(art_h5 *f, const char *dataset, const char *name)
{
  for (int32_t i = f->axis_count - 1; i >= 0; --i)  // mostly the last one
    if (is_named(f->axis[i].path, dataset, name)) return &f->axis[i];
  const int folder = name[0] == '/' ? 0 : (int)(strrchr(dataset, '/') - dataset) + 1;
  art_h5_fail(f, ART_E_INTERNAL, dataset, "its axis %.*s%s does not exist", folder, dataset, name);
  return NULL;
}

/// Writes one attribute of `count` values.
static int add_list(hid_t owner, const char *name, hid_t stored_type, hid_t memory_type, hsize_t count, const void *values)
{
  const hid_t space = H5Screate_simple(1, &count, NULL);
  const hid_t attribute = H5Acreate2(owner, name, stored_type, space, H5P_DEFAULT, H5P_DEFAULT);
  const int ok = attribute >= 0 && H5Awrite(attribute, memory_type, values) >= 0;
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  return ok;
}

void art_h5_attach_axes(art_h5 *f, hid_t dataset, const char *path, const char *const name[2], int rank)
{
  hvl_t list[2] = { { 0 } };
  use here = { 0 };
  if ((!name[0] && !name[1]) || f->error.status != ART_OK) return;
  int ok = H5Rcreate(&here.dataset, dataset, ".", H5R_OBJECT, -1) >= 0;
  for (int i = 0; i < rank && ok; ++i) {
    if (!name[i]) continue;
    struct art_h5_axis *axis = find_axis(f, path, name[i]);
    if (!axis) return;
    list[i] = (hvl_t){ .len = 1, .p = &axis->reference };
    here.dimension = i;
    ART_PUSH(axis->use, axis->use_count, axis->use_capacity, here);
  }
  const hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
  ok = ok && add_list(dataset, "DIMENSION_LIST", type, type, (hsize_t)rank, list);
  H5Tclose(type);
  if (!ok) art_h5_fail(f, ART_E_IO, path, "its axes cannot be attached");
}

/// The type of a use, in the file (`is_stored`, without gaps) or in memory.
static hid_t use_type(int is_stored)
{
  const size_t dimension_at = is_stored ? sizeof(hobj_ref_t) : offsetof(use, dimension);
  const hid_t type = H5Tcreate(H5T_COMPOUND, is_stored ? dimension_at + sizeof(int32_t) : sizeof(use));
  H5Tinsert(type, "dataset", 0, H5T_STD_REF_OBJ);
  H5Tinsert(type, "dimension", dimension_at, is_stored ? H5T_STD_I32LE : H5T_NATIVE_INT32);
  return type;
}

void art_h5_finish_axes(art_h5 *f)
{
  if (!f->axis_count || f->error.status != ART_OK) return;
  const hid_t stored = use_type(1), memory = use_type(0);
  for (int32_t i = 0; i < f->axis_count; ++i) {
    const struct art_h5_axis *axis = &f->axis[i];
    if (!axis->use_count) continue;
    const hid_t dataset = H5Dopen2(f->file, axis->path, H5P_DEFAULT);
    if (dataset < 0 || !add_list(dataset, "REFERENCE_LIST", stored, memory, (hsize_t)axis->use_count, axis->use))
      art_h5_fail(f, ART_E_IO, axis->path, "its uses as an axis cannot be written");
    if (dataset >= 0) H5Dclose(dataset);
  }
  H5Tclose(memory);
  H5Tclose(stored);
  art_h5_free_axes(f);
}

void art_h5_free_axes(art_h5 *f)
{
  for (int32_t i = 0; i < f->axis_count; ++i) {
    free(f->axis[i].path);
    free(f->axis[i].use);
  }
  free(f->axis);
  f->axis = NULL;
  f->axis_count = f->axis_capacity = 0;
}
