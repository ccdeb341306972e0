/// \file city_file.h
/// `*.city.h5` and `*.demand.h5`: read, write, recognise. Files name links and lanes by id, so a demand fits
/// every city that has the links it uses. Serial: rank 0 calls these.
#ifndef ART_IO_CITY_CITY_FILE_H
#define ART_IO_CITY_CITY_FILE_H
#include "io/city/city.h"

/// Writes to a temporary name and renames. `force` 0: an existing file is ART_E_EXISTS. `command` goes to
/// `history`.
art_status art_city_write(const char *path, const art_city *city, const char *command, int force,
                          art_error *err);
/// *out is owned by the caller. Every index and range is checked.
art_status art_city_read(const char *path, art_city **out, art_error *err);

/// Links and lanes are written by id through `net`.
art_status art_demand_write(const char *path, const art_demand *demand, const art_net *net,
                            const char *command, int source_count, const art_source *source, int force,
                            art_error *err);
/// Resolves ids in `net`; an unknown link is an error that names trip, link and file.
art_status art_demand_read(const char *path, const art_net *net, art_demand **out, art_error *err);

/// Takes one problem; the message is borrowed during the call and begins with the file.
typedef void (*art_on_problem)(void *context, const char *message);
/// Reports every index out of range in a file and, for a demand, every link that the city lacks; then the
/// first problem that reading it meets. Returns how many were reported; 0: the file is valid.
int64_t art_city_problems(const char *path, art_on_problem report, void *context);
int64_t art_demand_problems(const char *path, const art_net *net, art_on_problem report, void *context);

/// Hash of the contents of a city: all arrays in a fixed order and the reference system, without title and
/// sources. Equal cities hash equal whatever file they came from. Likewise of a demand, with links and lanes
/// by id.
uint64_t art_city_hash(const art_city *city);
uint64_t art_demand_hash(const art_demand *demand, const art_net *net);

/// What a demand file tells without its city. Owned by the caller; free with art_demand_summary_clear().
typedef struct art_demand_summary {
  char *title;
  int64_t types, sets, routes, trips, stops, links;  ///< links that routes and stops use
  int64_t first_depart_ms, last_depart_ms;           ///< -1 without trips
  uint64_t hash;                                     ///< art_demand_hash of the contents
  int32_t source_count;
  art_source *source;
} art_demand_summary;
art_status art_demand_summarize(const char *path, art_demand_summary *out, art_error *err);
void art_demand_summary_clear(art_demand_summary *summary);

/// Bytes that a city takes, its network included, without the allocator's own share.
int64_t art_city_bytes(const art_city *city);

/// SHA-256 of a file's bytes as 64 hex digits and a terminator.
art_status art_file_sha256(const char *path, char hex[65], art_error *err);

#endif  // ART_IO_CITY_CITY_FILE_H
