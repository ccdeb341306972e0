// The transport of MPI builds. Before art_par_start() and after art_par_stop() it behaves like one rank, so
// that unit tests need no MPI runtime.
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "core/par/launch.h"
#include "core/par/par.h"
#include "core/par/par_internal.h"
#include "core/par/writers.h"

/// Facts about the process, found once by art_par_start(); MPI itself is one per process, so these are too.
static struct {
  double core_share;  // 0: not found yet
  int node_size;
  int has_agreed;  // all ranks end with the same status
  char library[MPI_MAX_LIBRARY_VERSION_STRING];
  MPI_Request *request;  // of the exchange under way
  int request_count, request_capacity;
  art_group group;
} process = { .core_share = 0.0, .node_size = 1 };

static int is_running(void)
{
  int started = 0, stopped = 0;
  MPI_Initialized(&started);
  if (started) MPI_Finalized(&stopped);
  return started && !stopped;
}

/// A core that n ranks of this node may run on counts 1/n: right both for bound ranks and for ranks that
/// share a mask.
static void look_at_node(void)
{
  cpu_set_t mine;
  art_par_own_mask(&mine);
  MPI_Comm node;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &process.node_size);
  cpu_set_t *all = ART_NEW(cpu_set_t, process.node_size);
  MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, all, (int)sizeof mine, MPI_BYTE, node);
  double share = 0.0;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &mine)) continue;
    int users = 0;
    for (int rank = 0; rank < process.node_size; ++rank) users += CPU_ISSET(core, &all[rank]) ? 1 : 0;
    share += 1.0 / users;
  }
  process.core_share = share;
  free(all);
  MPI_Comm_free(&node);
}

/// The launcher speaks no language of this MPI: every process would believe to be alone.
static art_status refuse_strangers(const art_par_launch *launch, art_error *err)
{
  return art_fail(err, ART_E_USAGE,
                  "%s started %d processes that MPI (%s) cannot join: start them with the mpirun of that MPI or with "
                  "'srun --mpi=pmix' ('srun --mpi=list' tells what there is), or set " ART_PAR_START_VARIABLE
                  "=no for runs of their own",
                  launch->launcher, launch->ranks, art_par_library());
}

art_status art_par_start(int *argc, char ***argv, art_error *err)
{
  art_par_launch launch;
  const art_status looked = art_par_launch_look(&launch, err);
  if (looked != ART_OK || !launch.wants_mpi) return looked;
  if (launch.is_mute && !launch.is_wish) return refuse_strangers(&launch, err);
  int provided = MPI_THREAD_SINGLE, size = 1;
  if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
    return art_fail(err, ART_E_INTERNAL, "MPI could not start");
  if (provided < MPI_THREAD_FUNNELED)
    return art_fail(err, ART_E_INTERNAL, "MPI gives thread level %d; FUNNELED (%d) is needed", provided,
                    MPI_THREAD_FUNNELED);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size == 1 && launch.ranks > 1) return refuse_strangers(&launch, err);
  look_at_node();
  if (art_par_size() > 1) prctl(PR_SET_TIMERSLACK, 1000UL);  // pauses are short; where that is refused, they last longer
  return ART_OK;
}

void art_par_stop(void)
{
  if (is_running()) MPI_Finalize();
}

int art_par_rank(void)
{
  int rank = 0;
  if (is_running()) MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int art_par_size(void)
{
  int size = 1;
  if (is_running()) MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

const char *art_par_library(void)
{
  int length = 0;
  if (!process.library[0]) MPI_Get_library_version(process.library, &length);  // allowed before MPI is started
  process.library[strcspn(process.library, "\r\n")] = '\0';
  return process.library;
}

void art_par_note_agreed(void)
{
  process.has_agreed = 1;
}

void art_par_leave(int exit_code)
{
  if (exit_code != 0 && !process.has_agreed && is_running() && art_par_size() > 1) MPI_Abort(MPI_COMM_WORLD, exit_code);
  art_par_stop();
}

void art_par_abort(int exit_code)
{
  if (is_running() && art_par_size() > 1) MPI_Abort(MPI_COMM_WORLD, exit_code);
  art_par_stop();
  exit(exit_code);
}

double art_par_core_share(void)
{
  if (process.core_share > 0.0) return process.core_share;
  return (double)art_par_own_cores();
}

int art_par_node_size(void)
{
  return process.node_size;
}

// --- the group of all ranks ------------------------------------------------------------------------------------------

/// MPI counts in int. What is longer goes in pieces of this size; the first piece that is shorter is the last one.
enum { PIECE = 1 << 30, TAG = 1 };

// Waiting. MPI's own calls spin until what they wait for comes: right as long as every rank has a core for itself, and a loss
// of whole time slices where it has not, also to other programs. So ranks ask by themselves: for a while as fast as they can,
// then with pauses.

enum { SPINS = 2000, PAUSE_NS = 20000 };

static void pause_after(int *spins)
{
  if (++*spins < SPINS) return;
  const struct timespec pause = { 0, PAUSE_NS };
  nanosleep(&pause, NULL);
}

static void wait_for(MPI_Request *request)
{
  int is_done = 0, spins = 0;
  for (MPI_Test(request, &is_done, MPI_STATUS_IGNORE); !is_done; MPI_Test(request, &is_done, MPI_STATUS_IGNORE)) pause_after(&spins);
}

static void begin(const art_group *group, int32_t count, const int32_t *peer, const art_bytes *send)
{
  (void)group;
  for (int32_t p = 0; p < count; ++p)
    for (size_t at = 0;; at += PIECE) {
      const size_t left = send[p].count - at;
      const int size = left < PIECE ? (int)left : PIECE;
      MPI_Request request;
      MPI_Isend(size > 0 ? send[p].data + at : NULL, size, MPI_BYTE, peer[p], TAG, MPI_COMM_WORLD, &request);
      ART_PUSH(process.request, process.request_count, process.request_capacity, request);
      if (size < PIECE) break;
    }
}

static void finish(const art_group *group, int32_t count, const int32_t *peer, art_bytes *receive)
{
  (void)group;
  for (int32_t p = 0; p < count; ++p) {
    int size = PIECE;
    for (receive[p].count = 0; size == PIECE;) {
      MPI_Message message;
      MPI_Status status;
      int is_there = 0, spins = 0;
      for (;;) {
        MPI_Improbe(peer[p], TAG, MPI_COMM_WORLD, &is_there, &message, &status);
        if (is_there) break;
        pause_after(&spins);
      }
      MPI_Get_count(&status, MPI_BYTE, &size);
      MPI_Mrecv(art_bytes_room(&receive[p], (size_t)size), size, MPI_BYTE, &message, &status);
    }
  }
  for (int i = 0; i < process.request_count; ++i) wait_for(&process.request[i]);
  process.request_count = 0;
}

static void reduce(const art_group *group, art_reduction how, int64_t count, int64_t *values)
{
  (void)group;
  const MPI_Op op = how == ART_REDUCE_SUM ? MPI_SUM : how == ART_REDUCE_MAX ? MPI_MAX : MPI_MIN;
  const MPI_Datatype type = how == ART_REDUCE_SUM ? MPI_UINT64_T : MPI_INT64_T;
  for (int64_t at = 0; at < count; at += PIECE / 8) {
    const int64_t left = count - at;
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, values + at, left < PIECE / 8 ? (int)left : PIECE / 8, type, op, MPI_COMM_WORLD, &request);
    wait_for(&request);
  }
}

static void gather(const art_group *group, const art_bytes *mine, art_bytes *all, int64_t *first)
{
  const int64_t count = (int64_t)mine->count;
  first[0] = 0;
  MPI_Request request;
  MPI_Iallgather(&count, 1, MPI_INT64_T, first + 1, 1, MPI_INT64_T, MPI_COMM_WORLD, &request);
  wait_for(&request);
  for (int32_t r = 0; r < group->size; ++r) first[r + 1] += first[r];
  all->count = 0;
  uint8_t *room = art_bytes_room(all, (size_t)first[group->size]);
  if (first[group->size] == 0) return;
  if (first[group->size] > PIECE) {
    if (count > 0) memcpy(room + first[group->rank], mine->data, (size_t)count);
    for (int32_t r = 0; r < group->size; ++r)
      for (int64_t at = first[r]; at < first[r + 1]; at += PIECE) {
        const int64_t left = first[r + 1] - at;
        MPI_Ibcast(room + at, left < PIECE ? (int)left : PIECE, MPI_BYTE, r, MPI_COMM_WORLD, &request);
        wait_for(&request);
      }
    return;
  }
  int *counts = ART_NEW(int, group->size), *places = ART_NEW(int, group->size);
  for (int32_t r = 0; r < group->size; ++r) {
    counts[r] = (int)(first[r + 1] - first[r]);
    places[r] = (int)first[r];
  }
  MPI_Iallgatherv(mine->data, (int)count, MPI_BYTE, room, counts, places, MPI_BYTE, MPI_COMM_WORLD, &request);
  wait_for(&request);
  free(counts);
  free(places);
}

const art_group *art_par_group(void)
{
  if (art_par_size() == 1) return NULL;
  process.group = (art_group){ art_par_rank(), art_par_size(), NULL, begin, finish, reduce, gather };
  return &process.group;
}

// --- writers --------------------------------------------------------------------------------------------------------

/// The first rank of each node, ascending. Collective; free it.
static int32_t *find_leaders(int32_t *count)
{
  const int size = art_par_size();
  MPI_Comm node;
  int place = 0, is_leader = 0;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_rank(node, &place);
  MPI_Comm_free(&node);
  int *leads = ART_NEW(int, size);
  is_leader = place == 0;
  MPI_Allgather(&is_leader, 1, MPI_INT, leads, 1, MPI_INT, MPI_COMM_WORLD);
  int32_t *list = ART_NEW(int32_t, size);
  *count = 0;
  for (int32_t r = 0; r < size; ++r)
    if (leads[r]) list[(*count)++] = r;
  free(leads);
  return list;
}

art_writers art_par_writers(int32_t wanted)
{
  art_writers w = { 1, ART_NEW(int32_t, art_par_size()), -1 };
  if (art_par_size() == 1) return w;
  int32_t leaders = 0, *leader = find_leaders(&leaders);
  w.count = wanted > 0 ? wanted : leaders;
  if (w.count > art_par_size()) w.count = art_par_size();
  int is_writer = 0;
  for (int32_t i = 0; i < w.count; ++i) {
    w.rank[i] = w.count <= leaders ? leader[(int64_t)i * leaders / w.count]
                                   : (int32_t)((int64_t)i * art_par_size() / w.count);
    is_writer |= w.rank[i] == art_par_rank();
  }
  free(leader);
  MPI_Comm together = MPI_COMM_NULL;
  if (w.count > 1) MPI_Comm_split(MPI_COMM_WORLD, is_writer ? 0 : MPI_UNDEFINED, 0, &together);
  if (together == MPI_COMM_NULL) return w;
  MPI_Comm_set_errhandler(together, MPI_ERRORS_RETURN);  // a disk that is full is for HDF5 to tell
  w.handle = (int)MPI_Comm_c2f(together);
  return w;
}
