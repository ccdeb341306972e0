/// \file omx.h
/// Open Matrix 0.2 (OMX): matrices between zones in an HDF5 file. Root attributes OMX_VERSION and SHAPE, matrices under
/// /data, zone numbers under /lookup.
#ifndef ART_IO_H5_OMX_H
#define ART_IO_H5_OMX_H
#include <stdint.h>

#include "core/base/status.h"

/// An open file, matrices still in it. Owned by the caller: art_omx_close().
typedef struct art_omx {
  struct art_h5 *file;
  int32_t rows, columns;
  int32_t matrix_count, lookup_count;
  char **matrix;      ///< names of those of the right shape
  char **lookup;      ///< names of lookups, of any kind
  int32_t odd_count;  ///< members of /data that are no matrices of this shape, left out
} art_omx;

/// Opens for reading and lists what is there. ART_E_INPUT if version, shape or data group are missing or wrong. Attributes
/// of other programs (PyTables, Visum) are tolerated.
art_status art_omx_open(const char *path, art_omx **out, art_error *err);
void art_omx_close(art_omx *omx);
/// Rows [first, first + count) of a matrix, count x columns values; missing ones (attribute NA, or no number) are 0.
art_status art_omx_rows(art_omx *omx, const char *matrix, int32_t first, int32_t count, double *values,
                        art_error *err);
/// Zone names of rows or columns by a lookup, as text; name NULL: 1 to n. Each is owned by the caller, as the array.
art_status art_omx_zones(art_omx *omx, const char *lookup, char ***zones, int32_t *count, art_error *err);

/// Gives rows [first, first + count) of matrix `index` for writing.
typedef void art_omx_source(void *context, int32_t index, int32_t first, int32_t count, double *values);
/// Writes `matrix_count` square matrices between `zones`, float64, chunked by rows, deflate 1, under a temporary name and
/// renamed. Lookup "zone_number" holds the zones as int32 where all of them are whole numbers, else as text.
art_status art_omx_write(const char *path, int32_t zone_count, char *const *zones, int32_t matrix_count,
                         const char *const *names, art_omx_source *source, void *context, int force,
                         art_error *err);

#endif  // ART_IO_H5_OMX_H
