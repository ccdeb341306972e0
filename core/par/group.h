/// \file group.h
/// Ranks that step one simulation together, and how they talk: a table of functions, so that the same engine runs over MPI
/// (par_mpi.c) and over threads of one process (group_threads.c), which tests use.
///
/// Each rank has a handle of its own, used by one thread at a time. All calls are made by all ranks in the same order.
#ifndef ART_CORE_PAR_GROUP_H
#define ART_CORE_PAR_GROUP_H
#include <stdint.h>

#include "core/base/bytes.h"
#include "core/base/status.h"

typedef enum art_reduction { ART_REDUCE_SUM, ART_REDUCE_MAX, ART_REDUCE_MIN } art_reduction;

/// Two values made one.
int64_t art_reduction_of(art_reduction how, int64_t a, int64_t b);

typedef struct art_group art_group;
struct art_group {
  int32_t rank, size;
  void *context;
  /// Starts to send send[p] to rank peer[p], any bytes, without waiting; they stay as they are until `finish`. Whoever is a
  /// peer of another has that one as its peer.
  void (*begin)(const art_group *group, int32_t count, const int32_t *peer, const art_bytes *send);
  /// Waits for what each of the same peers has sent with its `begin`; the old content of receive[p] is lost.
  void (*finish)(const art_group *group, int32_t count, const int32_t *peer, art_bytes *receive);
  /// Combines values over all ranks; all get the result. Sums are modulo 2^64.
  void (*reduce)(const art_group *group, art_reduction how, int64_t count, int64_t *values);
  /// Gives everybody the bytes of all ranks, one after the other: those of rank r lie in [first[r], first[r + 1]).
  void (*gather)(const art_group *group, const art_bytes *mine, art_bytes *all, int64_t *first);
};

/// What the lowest rank that has failed says becomes the status and message of all; ART_OK if none has. Collective; `group`
/// NULL: there is one rank.
art_status art_group_agree(const art_group *group, art_status status, art_error *err);

/// Gives rank 0 the bytes of all ranks, one after the other: those of rank r lie in [first[r], first[r + 1]); all[0].count is 0
/// on others. Unlike `gather` nobody else needs room for them. Collective.
void art_group_collect(const art_group *group, const art_bytes *mine, art_bytes *all, int64_t *first);

/// Ranks of one process: each is to be used by a thread of its own. Free with art_group_threads_free, when none is in use.
typedef struct art_group_threads art_group_threads;
art_group_threads *art_group_threads_new(int32_t size);
void art_group_threads_free(art_group_threads *all);
const art_group *art_group_threads_rank(art_group_threads *all, int32_t rank);

/// Bounds on messages of the MPI group: what MPI is given at once, and what goes through memory that processes of one computer
/// share. Longer ones go in pieces, or through MPI. At least 8 bytes; 0: the largest that works. The same on all ranks, between exchanges.
void art_par_bound_messages(int64_t piece_bytes, int64_t shared_bytes);

/// All ranks of this MPI run; NULL if there is only one. Static storage, valid between art_par_start and art_par_stop.
const art_group *art_par_group(void);

#endif  // ART_CORE_PAR_GROUP_H
