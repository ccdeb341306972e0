// Collective writes. MPI's types come with the header of a parallel HDF5; nothing of MPI is called here but the way back from
// the handle of a communicator.
#include "io/h5/h5_shared.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/h5_internal.h"

#ifdef H5_HAVE_PARALLEL

/// A dataset stays open until the end: closing it is collective, too.
typedef struct opened {
  char *path;
  hid_t dataset;
} opened;

struct art_h5_shared {
  art_h5 *f;  ///< for messages and types
  hid_t file, transfer;
  opened *item;
  int32_t count, capacity;
};

int art_h5_can_share(void)
{
  return 1;
}

/// As all files are, but through MPI, with one rank asking for metadata that all need.
static hid_t shared_access(int handle)
{
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(list, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
  H5Pset_fapl_mpio(list, MPI_Comm_f2c((MPI_Fint)handle), MPI_INFO_NULL);
  H5Pset_all_coll_metadata_ops(list, 1);
  H5Pset_coll_metadata_write(list, 1);
  return list;
}

art_status art_h5_shared_open(const char *path, int handle, art_h5_shared **out, art_error *err)
{
  art_h5_shared *s = ART_NEW(art_h5_shared, 1);
  *out = s;
  s->f = art_h5_new_handle(path);
  const hid_t access = shared_access(handle);
  s->file = H5Fopen(path, H5F_ACC_RDWR, access);
  H5Pclose(access);
  s->transfer = H5Pcreate(H5P_DATASET_XFER);
  H5Pset_dxpl_mpio(s->transfer, H5FD_MPIO_COLLECTIVE);
  if (s->file < 0) art_h5_fail(s->f, ART_E_IO, NULL, "cannot be opened by several writers");
  return art_h5_status(s->f, err);
}

static hid_t open_dataset(art_h5_shared *s, const char *path)
{
  for (int32_t i = 0; i < s->count; ++i)
    if (strcmp(s->item[i].path, path) == 0) return s->item[i].dataset;
  const opened one = { art_strdup(path), H5Dopen2(s->file, path, H5P_DEFAULT) };
  ART_PUSH(s->item, s->count, s->capacity, one);
  if (one.dataset < 0) art_h5_fail(s->f, ART_E_IO, path, "cannot be opened by several writers");
  return one.dataset;
}

art_status art_h5_shared_write(art_h5_shared *s, const char *path, art_h5_type type, int64_t first,
                               int64_t rows, const void *data, art_error *err)
{
  if (s->f->error.status != ART_OK) return art_h5_status(s->f, err);
  const hsize_t start = (hsize_t)first, count = (hsize_t)rows;
  const hid_t dataset = open_dataset(s, path);
  if (dataset < 0) return art_h5_status(s->f, err);
  const hid_t file_space = H5Dget_space(dataset), memory_space = H5Screate_simple(1, &count, NULL);
  if (rows > 0) {
    H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start, NULL, &count, NULL);
  } else {
    H5Sselect_none(file_space);
    H5Sselect_none(memory_space);
  }
  if (H5Dwrite(dataset, art_h5_memory_type(s->f, type), memory_space, file_space, s->transfer, data) < 0)
    art_h5_fail(s->f, ART_E_IO, path, "cannot be written");
  H5Sclose(memory_space);
  H5Sclose(file_space);
  return art_h5_status(s->f, err);
}

art_status art_h5_shared_close(art_h5_shared *s, art_error *err)
{
  for (int32_t i = 0; i < s->count; ++i) {
    if (H5Dclose(s->item[i].dataset) < 0) art_h5_fail(s->f, ART_E_IO, s->item[i].path, "cannot be written");
    free(s->item[i].path);
  }
  free(s->item);
  if (H5Fflush(s->file, H5F_SCOPE_GLOBAL) < 0 || H5Fclose(s->file) < 0)
    art_h5_fail(s->f, ART_E_IO, NULL, "cannot be written");
  const art_status status = art_h5_status(s->f, err);
  H5Pclose(s->transfer);
  art_h5_free_handle(s->f);
  free(s);
  return status;
}

#else  // one writer, always

int art_h5_can_share(void)
{
  return 0;
}

art_status art_h5_shared_open(const char *path, int handle, art_h5_shared **out, art_error *err)
{
  (void)handle;
  *out = NULL;
  return art_fail(err, ART_E_INTERNAL, "%s: this HDF5 is not parallel", path);
}

art_status art_h5_shared_write(art_h5_shared *f, const char *path, art_h5_type type, int64_t first,
                               int64_t rows, const void *data, art_error *err)
{
  (void)f, (void)type, (void)first, (void)rows, (void)data;
  return art_fail(err, ART_E_INTERNAL, "%s: this HDF5 is not parallel", path);
}

art_status art_h5_shared_close(art_h5_shared *f, art_error *err)
{
  (void)f, (void)err;
  return ART_OK;
}

#endif
