// Files, types, failures. Datasets are in h5_write.c and h5_read.c, attributes in h5_attr.c.
#include "io/h5/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/h5/h5_internal.h"

/// Above this, opening a file would wait for the disk; `check` still looks at all of it.
enum { VERIFIED_BYTES = 1 << 28 };

// ---- types

size_t art_h5_type_size(art_h5_type type)
{
  static const size_t sizes[] = {
#define X(name, ctype, text) sizeof(ctype),
    ART_H5_TYPE_LIST(X)
#undef X
  };
  return sizes[type];
}

const char *art_h5_type_name(art_h5_type type)
{
  static const char *const names[] = {
#define X(name, ctype, text) text,
    ART_H5_TYPE_LIST(X)
#undef X
  };
  return (unsigned)type < ART_H5_TYPE_COUNT ? names[type] : "unknown type";
}

hid_t art_h5_memory_type(const art_h5 *f, art_h5_type type)
{
  switch (type) {
  case ART_H5_INT8: return H5T_NATIVE_INT8;
  case ART_H5_UINT8: return H5T_NATIVE_UINT8;
  case ART_H5_INT16: return H5T_NATIVE_INT16;
  case ART_H5_INT32: return H5T_NATIVE_INT32;
  case ART_H5_UINT32: return H5T_NATIVE_UINT32;
  case ART_H5_INT64: return H5T_NATIVE_INT64;
  case ART_H5_UINT64: return H5T_NATIVE_UINT64;
  case ART_H5_FLOAT: return H5T_NATIVE_FLOAT;
  case ART_H5_DOUBLE: return H5T_NATIVE_DOUBLE;
  case ART_H5_STRING:
  case ART_H5_TYPE_COUNT: break;
  }
  return f->string_type;
}

hid_t art_h5_stored_type(const art_h5 *f, art_h5_type type)
{
  switch (type) {
  case ART_H5_INT8: return H5T_STD_I8LE;
  case ART_H5_UINT8: return H5T_STD_U8LE;
  case ART_H5_INT16: return H5T_STD_I16LE;
  case ART_H5_INT32: return H5T_STD_I32LE;
  case ART_H5_UINT32: return H5T_STD_U32LE;
  case ART_H5_INT64: return H5T_STD_I64LE;
  case ART_H5_UINT64: return H5T_STD_U64LE;
  case ART_H5_FLOAT: return H5T_IEEE_F32LE;
  case ART_H5_DOUBLE: return H5T_IEEE_F64LE;
  case ART_H5_STRING:
  case ART_H5_TYPE_COUNT: break;
  }
  return f->string_type;
}

int art_h5_type_from(hid_t type, art_h5_type *out)
{
  const size_t size = H5Tget_size(type);
  switch (H5Tget_class(type)) {
  case H5T_STRING: *out = ART_H5_STRING; return 1;
  case H5T_FLOAT: *out = size == 4 ? ART_H5_FLOAT : ART_H5_DOUBLE; return size == 4 || size == 8;
  case H5T_INTEGER: {
    const int is_signed = H5Tget_sign(type) == H5T_SGN_2;
    switch (size) {
    case 1: *out = is_signed ? ART_H5_INT8 : ART_H5_UINT8; return 1;
    case 2: *out = is_signed ? ART_H5_INT16 : ART_H5_INT32; return 1;  // uint16 needs 32 bits with a sign
    case 4: *out = is_signed ? ART_H5_INT32 : ART_H5_UINT32; return 1;
    case 8: *out = is_signed ? ART_H5_INT64 : ART_H5_UINT64; return 1;
    default: return 0;
    }
  }
  default: return 0;
  }
}

int art_h5_fits(art_h5_type stored, art_h5_type wanted)
{
  // Per integer type: bits of magnitude and whether it has a sign.
  static const struct {
    signed char bits, sign;
  } range[] = {
    [ART_H5_INT8] = { 7, 1 },    [ART_H5_UINT8] = { 8, 0 },   [ART_H5_INT16] = { 15, 1 },
    [ART_H5_INT32] = { 31, 1 },  [ART_H5_UINT32] = { 32, 0 }, [ART_H5_INT64] = { 63, 1 },
    [ART_H5_UINT64] = { 64, 0 },
  };
  if (stored == wanted) return 1;
  if (stored == ART_H5_FLOAT) return wanted == ART_H5_DOUBLE;
  if (stored >= ART_H5_FLOAT || wanted >= ART_H5_FLOAT) return 0;
  return range[stored].bits <= range[wanted].bits && range[stored].sign <= range[wanted].sign;
}

const char *art_h5_library(void)
{
  return H5_VERS_INFO + sizeof "HDF5 library version: " - 1;
}

// ---- failures

enum { REASON_BYTES = 400 };

/// Keeps the innermost reason: that is where HDF5 says what the system answered, among times and addresses,
/// which go.
static herr_t take_reason(unsigned depth, const H5E_error2_t *entry, void *out)
{
  static const char before[] = "error message = '";
  if (depth > 0 || !entry->desc) return 0;
  const char *words = strstr(entry->desc, before);
  if (words) {
    words += sizeof before - 1;
    snprintf(out, REASON_BYTES, "%.*s", (int)strcspn(words, "'"), words);
  } else {
    snprintf(out, REASON_BYTES, "%.*s", (int)strcspn(entry->desc, "\n"), entry->desc);
  }
  return 0;
}

art_status art_h5_fail(art_h5 *f, art_status status, const char *object, const char *format, ...)
{
  if (f->error.status != ART_OK) return f->error.status;
  char reason[REASON_BYTES] = "", text[400];
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_reason, reason);
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return art_fail(&f->error, status, "%s%s%s: %s%s%s%s", f->path, object ? ":" : "", object ? object : "",
                  text, reason[0] ? " (" : "", reason, reason[0] ? ")" : "");
}

art_status art_h5_refuse(art_h5 *f, const char *object, const char *format, ...)
{
  if (f->error.status != ART_OK) return f->error.status;
  char text[700];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return art_fail(&f->error, ART_E_INPUT, "%s%s%s: %s", f->path, object ? ":" : "", object ? object : "",
                  text);
}

art_status art_h5_status(const art_h5 *f, art_error *err)
{
  if (f->error.status != ART_OK && err) *err = f->error;
  return f->error.status;
}

const char *art_h5_path(const art_h5 *f)
{
  return f->path;
}

// ---- files

/// HDF5 is one per process, and so is this. A file that could not be closed (the disk is full) stays in its
/// lists half torn down, and its clean-up at exit or in MPI_Finalize would crash over it.
static int is_broken;

int art_h5_is_broken(void)
{
  return is_broken;
}

art_h5 *art_h5_new_handle(const char *path)
{
  H5dont_atexit();  // files are closed one by one; has an effect only before HDF5's first use
  // HDF5 would print every error on stderr by itself; its reasons go into our messages instead.
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  art_h5 *f = ART_NEW(art_h5, 1);
  f->file = f->link_list = f->attribute_list = H5I_INVALID_HID;
  f->path = art_strdup(path);
  f->string_type = H5Tcopy(H5T_C_S1);
  H5Tset_size(f->string_type, H5T_VARIABLE);
  H5Tset_cset(f->string_type, H5T_CSET_UTF8);
  return f;
}

void art_h5_free_handle(art_h5 *f)
{
  for (int32_t i = 0; i < f->growing_count; ++i) {
    free(f->growing[i].path);
    free(f->growing[i].waiting);
  }
  free(f->growing);
  art_h5_free_packers(f);
  art_h5_free_axes(f);
  if (f->string_type >= 0) H5Tclose(f->string_type);
  if (f->link_list >= 0) H5Pclose(f->link_list);
  if (f->attribute_list >= 0) H5Pclose(f->attribute_list);
  free(f->path);
  free(f->temp);
  free(f);
}

/// Bounds that 1.8-era readers understand, and no refusal on file systems that cannot lock.
static hid_t access_list(void)
{
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(list, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);  // a failed path can leave no object open behind the file
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(list, 1, 1);
#endif
  return list;
}

/// An output may replace only a regular file, and that only if asked to.
static art_status check_output(const char *path, int force, art_error *err)
{
  struct stat info;
  if (stat(path, &info) != 0) return ART_OK;
  if (!S_ISREG(info.st_mode)) return art_fail(err, ART_E_OPEN, "%s: not a regular file", path);
  if (!force) return art_fail(err, ART_E_EXISTS, "%s: exists already; --force overwrites it", path);
  return ART_OK;
}

char *art_h5_temporary(const char *path, long pid)
{
  const size_t size = strlen(path) + 32;
  char *text = ART_NEW(char, size);
  snprintf(text, size, "%s.tmp-%ld", path, pid);
  return text;
}

art_status art_h5_create(const char *path, int force, art_h5 **out, art_error *err)
{
  *out = NULL;
  if (check_output(path, force, err) != ART_OK) return err ? err->status : ART_E_EXISTS;
  art_h5 *f = art_h5_new_handle(path);
  f->force = force;
  f->temp = art_h5_temporary(path, (long)getpid());

  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  const hid_t access = access_list(), creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_link_creation_order(creation, order);
  H5Pset_attr_creation_order(creation, order);
  H5Pset_obj_track_times(creation, 0);
  errno = 0;
  f->file = H5Fcreate(f->temp, H5F_ACC_TRUNC, creation, access);
  const int reason = errno;
  H5Pclose(creation);
  H5Pclose(access);
  if (f->file < 0) {
    const art_status status = art_fail(err, ART_E_OPEN, "%s: cannot be created: %s", path,
                                       reason ? strerror(reason) : "HDF5 gives no reason");
    unlink(f->temp);  // a full disk still takes an empty file
    art_h5_free_handle(f);
    return status;
  }
  f->link_list = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(f->link_list, 1);
  H5Pset_char_encoding(f->link_list, H5T_CSET_UTF8);
  f->attribute_list = H5Pcreate(H5P_ATTRIBUTE_CREATE);
  H5Pset_char_encoding(f->attribute_list, H5T_CSET_UTF8);
  *out = f;
  return ART_OK;
}

art_status art_h5_open(const char *path, art_h5 **out, art_error *err)
{
  *out = NULL;
  // The system's own words first: HDF5 mixes "no such file" and "not HDF5".
  const int plain = open(path, O_RDONLY | O_CLOEXEC);
  if (plain < 0) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  struct stat info;
  const int is_file = fstat(plain, &info) == 0 && S_ISREG(info.st_mode);
  close(plain);
  if (!is_file) return art_fail(err, ART_E_OPEN, "%s: not a regular file", path);

  const art_status sealed = art_h5_verify(path, VERIFIED_BYTES, err);
  if (sealed != ART_OK) return sealed;

  art_h5 *f = art_h5_new_handle(path);
  const hid_t access = access_list();
  f->file = H5Fopen(path, H5F_ACC_RDONLY, access);
  if (f->file < 0) art_h5_fail(f, ART_E_INPUT, NULL, "not a readable HDF5 file");
  H5Pclose(access);
  if (f->file < 0) {
    const art_status status = art_h5_status(f, err);
    art_h5_free_handle(f);
    return status;
  }
  *out = f;
  return ART_OK;
}

/// Closes the HDF5 side. What HDF5 had buffered reaches the disk here, so a full disk may show only now.
static void close_file(art_h5 *f)
{
  if (f->file < 0) return;  // handed over
  for (int32_t i = 0; i < f->growing_count; ++i) {
    if (H5Dclose(f->growing[i].grid.dataset) < 0)
      art_h5_fail(f, ART_E_IO, f->growing[i].path, "cannot be written");
  }
  if (f->temp && H5Fflush(f->file, H5F_SCOPE_LOCAL) < 0) art_h5_fail(f, ART_E_IO, NULL, "cannot be written");
  if (H5Fclose(f->file) < 0) {
    is_broken = 1;
    art_h5_fail(f, ART_E_IO, NULL, f->temp ? "cannot be written" : "cannot be closed");
  }
  f->file = H5I_INVALID_HID;
}

/// Forces a file, or the entry of a file in its directory, to the disk.
static int sync_path(const char *path)
{
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  const int result = fsync(descriptor);
  close(descriptor);
  return result;
}

static art_status publish(art_h5 *f)
{
  art_error err = { ART_OK, "" };
  if (art_h5_seal(f->temp, &err) != ART_OK || check_output(f->path, f->force, &err) != ART_OK) {
    f->error = err;
    return err.status;
  }
  if (rename(f->temp, f->path) != 0)
    return art_h5_fail(f, ART_E_IO, NULL, "cannot be renamed to: %s", strerror(errno));
  char *directory = art_strdup(f->path);
  char *slash = strrchr(directory, '/');
  if (slash) slash[slash == directory] = '\0';
  sync_path(slash ? directory : ".");  // not every file system can; the rename itself has happened
  free(directory);
  return ART_OK;
}

art_status art_h5_commit(art_h5 *f, art_error *err)
{
  art_h5_finish_growing(f);
  art_h5_finish_axes(f);
  close_file(f);
  H5Eclear2(H5E_DEFAULT);
  if (f->temp) {
    if (f->error.status == ART_OK) publish(f);
    if (f->error.status != ART_OK) unlink(f->temp);
  }
  const art_status status = art_h5_status(f, err);
  art_h5_free_handle(f);
  return status;
}

const char *art_h5_hand_over(art_h5 *f)
{
  art_h5_finish_growing(f);
  art_h5_finish_axes(f);
  close_file(f);
  for (int32_t i = 0; i < f->growing_count; ++i) {
    free(f->growing[i].path);
    free(f->growing[i].waiting);
  }
  f->growing_count = 0;
  return f->error.status == ART_OK ? f->temp : NULL;
}

void art_h5_discard(art_h5 *f)
{
  if (!f) return;
  close_file(f);
  H5Eclear2(H5E_DEFAULT);
  if (f->temp) unlink(f->temp);
  art_h5_free_handle(f);
}
