// The transport of MPI builds. Before art_par_start() and after art_par_stop() it behaves like one rank, so
// that unit tests need no MPI runtime.
#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "core/par/launch.h"
#include "core/par/par.h"
#include "core/par/par_internal.h"
#include "core/par/shared.h"
#include "core/par/writers.h"

/// MPI counts in int. What is longer goes in pieces; the first piece that is shorter is the last one.
#define PIECE_BYTES (INT64_C(1) << 30)
/// Of messages of one exchange and process that go through shared memory, if the computer has so much of it.
#define SHARED_BYTES (INT64_C(1) << 20)
#define SHARED_LEAST_BYTES (INT64_C(1) << 16)

/// Facts about the process, found once by art_par_start(); MPI itself is one per process, so these are too.
static struct {
  double core_share;  // 0: not found yet
  int node_size;
  int has_agreed;  // all ranks end with the same status
  char library[MPI_MAX_LIBRARY_VERSION_STRING];
  MPI_Request *request;  // of the exchange under way
  int request_count, request_capacity;
  art_group group;
  art_shared *shared;  // NULL: there is none
  int32_t *place;      // by rank: among the processes of this node; -1: it is on another one
  int64_t piece_bytes;
  uint8_t *comes;      // by peer of the exchange under way
  int32_t comes_capacity;
} process = { .core_share = 0.0, .node_size = 1, .piece_bytes = PIECE_BYTES };

static int is_running(void)
{
  int started = 0, stopped = 0;
  MPI_Initialized(&started);
  if (started) MPI_Finalized(&stopped);
  return started && !stopped;
}

static int all_have(MPI_Comm node, int has)
{
  int all = 0;
  MPI_Allreduce(&has, &all, 1, MPI_INT, MPI_MIN, node);
  return all;
}

/// Tries smaller segments where the computer has little of such memory; in the end ranks do without.
static void open_shared(MPI_Comm node)
{
  int place = 0, rank = 0;
  MPI_Comm_rank(node, &place);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int *ranks = ART_NEW(int, process.node_size);
  MPI_Allgather(&rank, 1, MPI_INT, ranks, 1, MPI_INT, node);
  process.place = ART_NEW(int32_t, art_par_size());
  for (int r = 0; r < art_par_size(); ++r) process.place[r] = -1;
  for (int p = 0; p < process.node_size; ++p) process.place[ranks[p]] = p;
  free(ranks);
  for (int64_t bytes = SHARED_BYTES; process.node_size > 1 && !process.shared && bytes >= SHARED_LEAST_BYTES; bytes /= 4) {
    char name[64] = { 0 };
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (place == 0) {
      snprintf(name, sizeof name, "/arterial-%ld-%lld-%ld", (long)getpid(), (long long)now.tv_sec, now.tv_nsec);
      process.shared = art_shared_open(name, process.node_size, place, (size_t)bytes, 1);
    }
    MPI_Bcast(name, (int)sizeof name, MPI_CHAR, 0, node);
    const int is_made = all_have(node, place != 0 || process.shared != NULL);
    if (is_made && place != 0) process.shared = art_shared_open(name, process.node_size, place, (size_t)bytes, 0);
    const int is_open = all_have(node, process.shared != NULL);
    if (is_made && place == 0) art_shared_unlink(name);
    if (is_open) break;
    art_shared_close(process.shared);
    process.shared = NULL;
  }
  if (process.shared) art_shared_set_crowded(process.shared, process.core_share < 0.99);
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
  open_shared(node);
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
  art_shared_close(process.shared);
  process.shared = NULL;
  free(process.place);
  process.place = NULL;
  free(process.request);
  process.request = NULL;
  process.request_capacity = 0;
  free(process.comes);
  process.comes = NULL;
  process.comes_capacity = 0;
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

enum { TAG = 1 };

// Waiting. MPI's own calls spin until what they wait for comes: right as long as every rank has a core for itself, and a loss
// of whole time slices where it has not, also to other programs. So ranks ask by themselves: for a while as fast as they can,
// then with pauses that grow. Ranks of one node sleep until they are woken (shared.c).

enum { SPINS = 2000, PAUSE_NS = 20000, PAUSE_MOST_NS = 200000, PAUSE_GROWS = 16 };

static void pause_after(int *spins)
{
  const int limit = process.core_share < 0.99 ? SPINS / 100 : SPINS;
  if (++*spins < limit) return;
  const long ns = PAUSE_NS + (long)(*spins - limit) * (PAUSE_NS / PAUSE_GROWS);
  const struct timespec pause = { 0, ns < PAUSE_MOST_NS ? ns : PAUSE_MOST_NS };
  nanosleep(&pause, NULL);
}

static void wait_for(MPI_Request *request)
{
  int is_done = 0, spins = 0;
  for (MPI_Test(request, &is_done, MPI_STATUS_IGNORE); !is_done; MPI_Test(request, &is_done, MPI_STATUS_IGNORE)) pause_after(&spins);
}

static void send_by_mpi(int32_t to, const art_bytes *message)
{
  const size_t piece = (size_t)process.piece_bytes;
  for (size_t at = 0;; at += piece) {
    const size_t left = message->count - at, size = left < piece ? left : piece;
    MPI_Request request;
    MPI_Isend(size > 0 ? message->data + at : NULL, (int)size, MPI_BYTE, to, TAG, MPI_COMM_WORLD, &request);
    ART_PUSH(process.request, process.request_count, process.request_capacity, request);
    if (size < piece) break;
  }
}

/// Takes the next piece of a message, if it is there. Returns 1 once the last one has come.
static int take_piece(int32_t from, art_bytes *message, int *spins)
{
  int is_there = 0, size = 0;
  MPI_Message piece;
  MPI_Status status;
  MPI_Improbe(from, TAG, MPI_COMM_WORLD, &is_there, &piece, &status);
  if (!is_there) return 0;
  *spins = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  MPI_Mrecv(art_bytes_room(message, (size_t)size), size, MPI_BYTE, &piece, &status);
  return size < process.piece_bytes;
}

/// Not every launcher ends the others when a rank is killed, and what it would have sent never comes.
static void end_if_lost(void)
{
  if (art_shared_lost(process.shared) >= 0) art_par_abort(art_status_exit_code(ART_E_INTERNAL));
}

static int is_near(int32_t rank)
{
  return process.shared && process.place[rank] >= 0;
}

static void begin(const art_group *group, int32_t count, const int32_t *peer, const art_bytes *send)
{
  (void)group;
  if (process.shared) art_shared_begin(process.shared);
  for (int32_t p = 0; p < count; ++p)
    if (!is_near(peer[p]) || !art_shared_send(process.shared, process.place[peer[p]], &send[p])) send_by_mpi(peer[p], &send[p]);
}

/// How a message is to come.
enum { THROUGH_MEMORY, THROUGH_MPI, IS_HERE };

/// Looks for one message; returns how it stands.
static uint8_t look_for(int32_t from, uint8_t how, art_bytes *message, int *spins)
{
  if (how == THROUGH_MEMORY) {
    const int taken = art_shared_take(process.shared, process.place[from], message);
    if (taken >= 0) return taken ? IS_HERE : THROUGH_MEMORY;
    how = THROUGH_MPI;
  }
  return take_piece(from, message, spins) ? IS_HERE : how;
}

static void finish(const art_group *group, int32_t count, const int32_t *peer, art_bytes *receive)
{
  (void)group;
  int spins = 0;
  if (count > process.comes_capacity) {
    process.comes_capacity = count;
    process.comes = art_renew(process.comes, (size_t)count, 1);
  }
  for (int32_t p = 0; p < count; ++p) {
    process.comes[p] = is_near(peer[p]) ? THROUGH_MEMORY : THROUGH_MPI;
    receive[p].count = 0;
  }
  for (;;) {
    const uint32_t bell = process.shared ? art_shared_bell(process.shared) : 0;
    int32_t left = 0, through_mpi = process.request_count;  // who sends through MPI has to call it, too
    for (int32_t p = 0; p < count; ++p) {
      if (process.comes[p] != IS_HERE) process.comes[p] = look_for(peer[p], process.comes[p], &receive[p], &spins);
      left += process.comes[p] != IS_HERE;
      through_mpi += process.comes[p] == THROUGH_MPI;
    }
    if (left == 0) break;
    if (through_mpi)
      pause_after(&spins);
    else if (!art_shared_wait(process.shared, bell))
      end_if_lost();
  }
  for (int i = 0; i < process.request_count; ++i) wait_for(&process.request[i]);
  process.request_count = 0;
}

static void reduce(const art_group *group, art_reduction how, int64_t count, int64_t *values)
{
  if (process.shared && process.node_size == group->size && count <= ART_SHARED_VALUES) {
    if (!art_shared_reduce(process.shared, how, (int32_t)count, values)) end_if_lost();
    return;
  }
  const int64_t piece = process.piece_bytes / 8;
  const MPI_Op op = how == ART_REDUCE_SUM ? MPI_SUM : how == ART_REDUCE_MAX ? MPI_MAX : MPI_MIN;
  const MPI_Datatype type = how == ART_REDUCE_SUM ? MPI_UINT64_T : MPI_INT64_T;
  for (int64_t at = 0; at < count; at += piece) {
    const int64_t left = count - at;
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, values + at, left < piece ? (int)left : (int)piece, type, op, MPI_COMM_WORLD, &request);
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
  const int64_t piece = process.piece_bytes;
  if (first[group->size] > piece) {
    if (count > 0) memcpy(room + first[group->rank], mine->data, (size_t)count);
    for (int32_t r = 0; r < group->size; ++r)
      for (int64_t at = first[r]; at < first[r + 1]; at += piece) {
        const int64_t left = first[r + 1] - at;
        MPI_Ibcast(room + at, left < piece ? (int)left : (int)piece, MPI_BYTE, r, MPI_COMM_WORLD, &request);
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

void art_par_bound_messages(int64_t piece_bytes, int64_t shared_bytes)
{
  process.piece_bytes = piece_bytes >= 8 && piece_bytes < PIECE_BYTES ? piece_bytes : PIECE_BYTES;
  if (process.shared) art_shared_set_most(process.shared, (size_t)(shared_bytes > 0 ? shared_bytes : SHARED_BYTES));
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
