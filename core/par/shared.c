#include "core/par/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"

#define LINE_BYTES 64
#define SPIN_NS 30000         // somebody with a core of its own asks for so long before it sleeps
#define ASKS_PER_LOOK 64      // at the clock
#define SLEEP_NS 100000000    // and looks again after this at the latest, woken or not
#define TAKE_PAUSE_NS 20000
#define PAUSES_PER_LOOK 5000  // at those who should have taken something

enum { HALVES = 2 };  // messages of an exchange and of the one before it

/// What others tell a process.
typedef struct ear {
  _Alignas(LINE_BYTES) _Atomic uint32_t bell;
  _Atomic uint32_t sleeps;
} ear;

/// A message from one process to another. `number` is written last: it says that the rest is there.
typedef struct letter {
  _Alignas(LINE_BYTES) _Atomic uint32_t number;
  uint32_t goes_elsewhere;
  uint64_t at, size;  ///< in the sender's half
} letter;

/// Written by the receiver: the number of the last message that it took.
typedef struct receipt {
  _Alignas(LINE_BYTES) _Atomic uint32_t number;
} receipt;

/// What a process adds to a reduction.
typedef struct share {
  _Alignas(LINE_BYTES) _Atomic uint32_t number;
  int64_t value[ART_SHARED_VALUES];
} share;

/// A lock that a process holds as long as it is there. If it ends without giving it back, the kernel says so to whoever tries to
/// get it, in whatever namespace of process numbers that is.
typedef struct life {
  _Alignas(LINE_BYTES) pthread_mutex_t lock;
  _Atomic uint32_t state;
} life;
enum { NOT_YET_OR_CLOSED, HELD, LOST };

struct art_shared {
  int32_t size, place, is_crowded;
  size_t half_bytes, map_bytes, most_bytes;
  void *map;
  ear *ear;          ///< by process
  letter *letter;    ///< [(from * size + to) * HALVES + number % HALVES]
  receipt *receipt;  ///< [from * size + to]
  share *share;      ///< [process * HALVES + number % HALVES]
  life *life;        ///< by process
  uint8_t *arena;    ///< [process * HALVES + half], half_bytes each
  uint32_t turn, reductions;
  size_t used;                ///< of the half at hand
  uint32_t *sent, *received;  ///< by process: number of the last message
  uint32_t *sent_in[HALVES];  ///< by process: number of the last message that lies in this half; 0: none
};

static size_t in_lines(size_t bytes)
{
  return (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

static void *carve(uint8_t **at, size_t count, size_t size)
{
  void *here = *at;
  *at += in_lines(count * size);
  return here;
}

/// The parts of the segment; returns its size. `base` may be NULL.
static size_t lay_out(art_shared *s, uint8_t *base)
{
  const size_t n = (size_t)s->size;
  uint8_t *at = base;
  size_t bytes = 0;
  if (base) {
    s->ear = carve(&at, n, sizeof *s->ear);
    s->letter = carve(&at, n * n * HALVES, sizeof *s->letter);
    s->receipt = carve(&at, n * n, sizeof *s->receipt);
    s->share = carve(&at, n * HALVES, sizeof *s->share);
    s->life = carve(&at, n, sizeof *s->life);
    s->arena = at;
  }
  bytes += in_lines(n * sizeof(ear)) + in_lines(n * n * HALVES * sizeof(letter)) + in_lines(n * n * sizeof(receipt));
  return bytes + in_lines(n * HALVES * sizeof(share)) + in_lines(n * sizeof(life)) + n * HALVES * s->half_bytes;
}

/// Memory that is promised but not there would end the process when it is touched: it is asked for at once.
static void *map_segment(const char *name, size_t bytes, int creates)
{
  const int file = shm_open(name, creates ? O_RDWR | O_CREAT | O_EXCL : O_RDWR, 0600);
  if (file < 0) return NULL;
  void *map = MAP_FAILED;
  if (!creates || posix_fallocate(file, 0, (off_t)bytes) == 0)
    map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (map == MAP_FAILED && creates) shm_unlink(name);
  return map == MAP_FAILED ? NULL : map;
}

static void make_lives(art_shared *s)
{
  pthread_mutexattr_t how;
  pthread_mutexattr_init(&how);
  pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
  for (int32_t p = 0; p < s->size; ++p) pthread_mutex_init(&s->life[p].lock, &how);
  pthread_mutexattr_destroy(&how);
}

static void begin_life(art_shared *s)
{
  life *own = &s->life[s->place];
  if (pthread_mutex_lock(&own->lock) == 0) atomic_store(&own->state, HELD);
}

static void end_life(art_shared *s)
{
  life *own = &s->life[s->place];
  if (atomic_exchange(&own->state, NOT_YET_OR_CLOSED) != HELD) return;
  pthread_mutex_unlock(&own->lock);
}

static int is_lost(art_shared *s, int32_t process)
{
  life *other = &s->life[process];
  if (process == s->place || atomic_load(&other->state) == NOT_YET_OR_CLOSED) return 0;
  const int got = pthread_mutex_trylock(&other->lock);
  if (got == EOWNERDEAD) {  // whoever finds it first tells the others
    atomic_store(&other->state, LOST);
    pthread_mutex_consistent(&other->lock);
  }
  if (got == 0 || got == EOWNERDEAD) pthread_mutex_unlock(&other->lock);
  return atomic_load(&other->state) == LOST;
}

int32_t art_shared_lost(art_shared *s)
{
  for (int32_t p = 0; p < s->size; ++p)
    if (is_lost(s, p)) return p;
  return -1;
}

art_shared *art_shared_open(const char *name, int32_t size, int32_t place, size_t bytes, int creates)
{
  art_shared *s = ART_NEW(art_shared, 1);
  s->size = size;
  s->place = place;
  s->half_bytes = s->most_bytes = in_lines(bytes);
  s->map_bytes = lay_out(s, NULL);
  s->map = map_segment(name, s->map_bytes, creates);
  if (!s->map) {
    free(s);
    return NULL;
  }
  (void)lay_out(s, s->map);  // a new segment is all zeros
  if (creates) make_lives(s);
  begin_life(s);
  s->sent = ART_NEW(uint32_t, size);
  s->received = ART_NEW(uint32_t, size);
  for (int h = 0; h < HALVES; ++h) s->sent_in[h] = ART_NEW(uint32_t, size);
  return s;
}

void art_shared_unlink(const char *name)
{
  shm_unlink(name);
}

void art_shared_close(art_shared *s)
{
  if (!s) return;
  end_life(s);
  munmap(s->map, s->map_bytes);
  free(s->sent);
  free(s->received);
  for (int h = 0; h < HALVES; ++h) free(s->sent_in[h]);
  free(s);
}

void art_shared_set_crowded(art_shared *s, int is_crowded)
{
  s->is_crowded = is_crowded;
}

void art_shared_set_most(art_shared *s, size_t bytes)
{
  s->most_bytes = bytes;
}

// --- waiting --------------------------------------------------------------------------------------------------------

static int64_t now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

uint32_t art_shared_bell(const art_shared *s)
{
  return atomic_load_explicit(&s->ear[s->place].bell, memory_order_acquire);
}

static int has_rung(const art_shared *s, uint32_t bell)
{
  return art_shared_bell(s) != bell;
}

int art_shared_wait(art_shared *s, uint32_t bell)
{
  ear *mine = &s->ear[s->place];
  const int64_t until = s->is_crowded ? 0 : now_ns() + SPIN_NS;
  while (until && now_ns() < until)
    for (int i = 0; i < ASKS_PER_LOOK; ++i) {
      if (has_rung(s, bell)) return 1;
      relax();
    }
  const struct timespec most = { 0, SLEEP_NS };
  atomic_store(&mine->sleeps, 1);
  // The kernel looks at the bell once more before it lets anybody sleep. Signals end it early, which does no harm.
  if (!has_rung(s, bell)) syscall(SYS_futex, (void *)&mine->bell, FUTEX_WAIT, bell, &most, NULL, 0);
  atomic_store(&mine->sleeps, 0);
  return has_rung(s, bell);
}

static void ring(art_shared *s, int32_t to)
{
  ear *other = &s->ear[to];
  atomic_fetch_add(&other->bell, 1);
  if (atomic_load(&other->sleeps)) syscall(SYS_futex, (void *)&other->bell, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

// --- messages -------------------------------------------------------------------------------------------------------

static letter *letter_of(const art_shared *s, int32_t from, int32_t to, uint32_t number)
{
  return &s->letter[((size_t)from * (size_t)s->size + (size_t)to) * HALVES + number % HALVES];
}

static receipt *receipt_of(const art_shared *s, int32_t from, int32_t to)
{
  return &s->receipt[(size_t)from * (size_t)s->size + (size_t)to];
}

/// Who sends and hears in turn never has to wait here: whoever has answered has read what it answers to.
/// Nobody waits for somebody who is lost.
static void await_taken(art_shared *s, int32_t to, uint32_t number)
{
  const struct timespec pause = { 0, TAKE_PAUSE_NS };
  const receipt *r = receipt_of(s, s->place, to);
  for (int n = 1; (int32_t)(atomic_load_explicit(&r->number, memory_order_acquire) - number) < 0; ++n) {
    if (n % PAUSES_PER_LOOK == 0 && is_lost(s, to)) return;
    nanosleep(&pause, NULL);
  }
}

void art_shared_begin(art_shared *s)
{
  uint32_t *sent = s->sent_in[++s->turn % HALVES];
  for (int32_t to = 0; to < s->size; ++to) {
    if (sent[to]) await_taken(s, to, sent[to]);
    sent[to] = 0;
  }
  s->used = 0;
}

int art_shared_send(art_shared *s, int32_t to, const art_bytes *message)
{
  const uint32_t half = s->turn % HALVES, number = ++s->sent[to];
  if (number > HALVES) await_taken(s, to, number - HALVES);
  letter *l = letter_of(s, s->place, to, number);
  const int fits = message->count <= s->half_bytes - s->used && message->count <= s->most_bytes;
  l->goes_elsewhere = !fits;
  l->at = s->used;
  l->size = message->count;
  if (fits && message->count > 0) {
    memcpy(s->arena + ((size_t)s->place * HALVES + half) * s->half_bytes + s->used, message->data, message->count);
    s->used += in_lines(message->count);
  }
  l->at += half * s->half_bytes;
  s->sent_in[half][to] = number;
  atomic_store_explicit(&l->number, number, memory_order_release);
  ring(s, to);
  return fits;
}

int art_shared_take(art_shared *s, int32_t from, art_bytes *message)
{
  const uint32_t number = s->received[from] + 1;
  letter *l = letter_of(s, from, s->place, number);
  if (atomic_load_explicit(&l->number, memory_order_acquire) != number) return 0;
  const int is_here = !l->goes_elsewhere;
  message->count = 0;
  if (is_here) (void)art_bytes_put(message, s->arena + (size_t)from * HALVES * s->half_bytes + l->at, l->size);
  s->received[from] = number;
  atomic_store_explicit(&receipt_of(s, from, s->place)->number, number, memory_order_release);
  return is_here ? 1 : -1;
}

// --- reductions -----------------------------------------------------------------------------------------------------

int art_shared_reduce(art_shared *s, art_reduction how, int32_t count, int64_t *values)
{
  // Whoever comes to the reduction after the next has been through the next one, and so has everybody through this one.
  const uint32_t number = ++s->reductions;
  share *mine = &s->share[(size_t)s->place * HALVES + number % HALVES];
  memcpy(mine->value, values, (size_t)count * sizeof *values);
  atomic_store_explicit(&mine->number, number, memory_order_release);
  for (int32_t p = 0; p < s->size; ++p)
    if (p != s->place) ring(s, p);
  for (int32_t p = 0; p < s->size; ++p) {
    if (p == s->place) continue;
    const share *other = &s->share[(size_t)p * HALVES + number % HALVES];
    for (;;) {
      const uint32_t bell = art_shared_bell(s);
      if (atomic_load_explicit(&other->number, memory_order_acquire) == number) break;
      if (!art_shared_wait(s, bell) && art_shared_lost(s) >= 0) return 0;
    }
    for (int32_t i = 0; i < count; ++i) values[i] = art_reduction_of(how, values[i], other->value[i]);
  }
  return 1;
}
