// Messages between processes of one computer through shared memory, by real processes: each has its own handle and mapping.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/par/shared.h"

enum { MOST = 5 };

/// What each process does; returns how much went wrong.
typedef int body(art_shared *shared, int32_t place, int32_t size);

static const char *fresh_name(void)
{
  static char name[64];
  static int count;
  snprintf(name, sizeof name, "/arterial-test-%ld-%d", (long)getpid(), count++);
  return name;
}

/// All open the segment, its name goes away, and each does its part. The first is this process.
static int open_and_do(const char *name, int32_t place, int32_t size, art_shared *shared, body *part)
{
  if (!shared) return 1;
  int64_t all = 1;
  int wrong = !art_shared_reduce(shared, ART_REDUCE_SUM, 1, &all) || all != size;
  if (place == 0) art_shared_unlink(name);
  wrong += part(shared, place, size);
  art_shared_close(shared);
  return wrong;
}

static void run_processes(int32_t size, size_t bytes, body *part)
{
  const char *name = fresh_name();
  art_shared *shared = art_shared_open(name, size, 0, bytes, 1);
  assert_non_null(shared);
  pid_t child[MOST] = { 0 };
  for (int32_t place = 1; place < size; ++place) {
    child[place] = fork();
    if (child[place] == 0) _exit(open_and_do(name, place, size, art_shared_open(name, size, place, bytes, 0), part) != 0);
    assert_true(child[place] > 0);
  }
  const int wrong = open_and_do(name, 0, size, shared, part);
  for (int32_t place = 1; place < size; ++place) {
    int status = -1;
    assert_int_equal(waitpid(child[place], &status, 0), child[place]);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
  }
  assert_int_equal(wrong, 0);
}

/// What `from` tells `to` in a round.
static void compose(art_bytes *out, size_t count, int32_t from, int32_t to, int32_t round)
{
  out->count = 0;
  uint8_t *at = count ? art_bytes_room(out, count) : NULL;
  const uint32_t begin = (uint32_t)(from * 31 + to * 17 + round * 7);
  for (size_t i = 0; i < count; ++i) at[i] = (uint8_t)(begin + (uint32_t)(i * 2654435761u >> 13));
}

static int take(art_shared *shared, int32_t from, art_bytes *message)
{
  for (;;) {
    const uint32_t bell = art_shared_bell(shared);
    const int taken = art_shared_take(shared, from, message);
    if (taken) return taken;
    (void)art_shared_wait(shared, bell);
  }
}

static int differs(const art_bytes *a, const art_bytes *b)
{
  return a->count != b->count || (a->count > 0 && memcmp(a->data, b->data, a->count) != 0);
}

/// One exchange of all with all; returns what went wrong. size_of: bytes of a message; expected: does it go through memory?
static int exchange(art_shared *shared, int32_t place, int32_t size, int32_t round,
                    size_t (*size_of)(int32_t from, int32_t to, int32_t round),
                    int (*fits)(int32_t from, int32_t to, int32_t round))
{
  art_bytes message = { 0 }, wanted = { 0 };
  int wrong = 0;
  art_shared_begin(shared);
  for (int32_t to = 0; to < size; ++to) {
    if (to == place) continue;
    compose(&message, size_of(place, to, round), place, to, round);
    wrong += art_shared_send(shared, to, &message) != fits(place, to, round);
  }
  for (int32_t n = 1; n < size; ++n) {
    const int32_t from = (place + n) % size;
    const int fit = fits(from, place, round), taken = take(shared, from, &message);
    compose(&wanted, size_of(from, place, round), from, place, round);
    wrong += taken != (fit ? 1 : -1);
    wrong += fit && differs(&message, &wanted);
  }
  free(message.data);
  free(wanted.data);
  return wrong;
}

static int always(int32_t from, int32_t to, int32_t round)
{
  (void)from, (void)to, (void)round;
  return 1;
}

// --- many small ones ------------------------------------------------------------------------------------------------

static size_t small(int32_t from, int32_t to, int32_t round)
{
  return (size_t)((from + 3 * to + round) % 9);  // empty ones among them
}

static int many_rounds(art_shared *shared, int32_t place, int32_t size)
{
  int wrong = 0;
  for (int32_t round = 0; round < 1500; ++round) wrong += exchange(shared, place, size, round, small, always);
  return wrong;
}

static int many_crowded_rounds(art_shared *shared, int32_t place, int32_t size)
{
  art_shared_set_crowded(shared, 1);
  return many_rounds(shared, place, size);
}

static void many_small_and_empty_ones_arrive(void **state)
{
  (void)state;
  run_processes(2, 256, many_rounds);
  run_processes(4, 256, many_crowded_rounds);
}

// --- room -----------------------------------------------------------------------------------------------------------

enum { ROOM = 4096 };

/// Two receivers, who share the room of their sender: together too long, each too long, all of it, nothing.
static size_t any_size(int32_t from, int32_t to, int32_t round)
{
  static const size_t sizes[] = { 0, 1, 63, 64, 65, 1000, ROOM / 2, ROOM / 2 + 1, ROOM - 64, ROOM, ROOM + 1, 3 * ROOM };
  return sizes[(size_t)(7 * from + 5 * to + round) % (sizeof sizes / sizeof *sizes)];
}

static int fits_room(int32_t from, int32_t to, int32_t round)
{
  size_t used = 0;
  for (int32_t other = 0; other < 3; ++other) {
    const size_t count = any_size(from, other, round);
    if (other == from) continue;
    const int fits = used + count <= ROOM;
    if (other == to) return fits;
    if (fits) used += (count + 63) / 64 * 64;
  }
  return 0;
}

static int all_sizes(art_shared *shared, int32_t place, int32_t size)
{
  int wrong = 0;
  for (int32_t round = 0; round < 600; ++round) wrong += exchange(shared, place, size, round, any_size, fits_room);
  return wrong;
}

static void what_is_longer_than_the_room_is_said_to_come_another_way(void **state)
{
  (void)state;
  run_processes(3, ROOM, all_sizes);
}


static size_t bounded_size(int32_t from, int32_t to, int32_t round)
{
  return any_size(from, to, round) % 200;
}

static int fits_bounded(int32_t from, int32_t to, int32_t round)
{
  return bounded_size(from, to, round) <= 64;
}

static int bounded(art_shared *shared, int32_t place, int32_t size)
{
  int wrong = 0;
  art_shared_set_most(shared, 64);
  for (int32_t round = 0; round < 200; ++round) wrong += exchange(shared, place, size, round, bounded_size, fits_bounded);
  return wrong;
}

static void a_bound_on_messages_is_kept(void **state)
{
  (void)state;
  run_processes(3, ROOM, bounded);
}

// --- somebody is slow -----------------------------------------------------------------------------------------------

static void sleep_ms(long ms)
{
  const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
  nanosleep(&pause, NULL);
}

/// The first process sends as fast as it is let, without hearing anything; the second takes its time.
static int slow_reader(art_shared *shared, int32_t place, int32_t size)
{
  (void)size;
  art_bytes message = { 0 }, wanted = { 0 };
  int wrong = 0;
  for (int32_t round = 0; round < 40; ++round) {
    compose(&wanted, 700, 0, 1, round);
    if (place == 0) {
      art_shared_begin(shared);
      wrong += art_shared_send(shared, 1, &wanted) != 1;
    } else {
      if (round % 10 == 0) sleep_ms(20);
      wrong += take(shared, 0, &message) != 1 || differs(&message, &wanted);
    }
  }
  free(message.data);
  free(wanted.data);
  return wrong;
}

static void who_is_ahead_overwrites_nothing(void **state)
{
  (void)state;
  run_processes(2, 1024, slow_reader);
}

// --- reductions -----------------------------------------------------------------------------------------------------

static int reductions(art_shared *shared, int32_t place, int32_t size)
{
  int wrong = 0;
  for (int32_t round = 0; round < 2000; ++round) {
    const art_reduction how = (art_reduction)(round % 3);
    int64_t value[ART_SHARED_VALUES], wanted[ART_SHARED_VALUES];
    const int32_t count = 1 + round % ART_SHARED_VALUES;
    for (int32_t i = 0; i < count; ++i) {
      value[i] = (int64_t)(place * 1000 - i * round);
      for (int32_t p = 0; p < size; ++p) {
        const int64_t other = (int64_t)(p * 1000 - i * round);
        wanted[i] = p ? art_reduction_of(how, wanted[i], other) : other;
      }
    }
    wrong += !art_shared_reduce(shared, how, count, value);
    for (int32_t i = 0; i < count; ++i) wrong += value[i] != wanted[i];
  }
  return wrong;
}

static void reductions_are_the_same_for_all(void **state)
{
  (void)state;
  run_processes(2, 64, reductions);
  run_processes(5, 64, reductions);
}

// --- somebody ends --------------------------------------------------------------------------------------------------

static int64_t cpu_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/// The last process sends something and is killed; the others take that, and find out while they wait for more.
static int one_is_killed(art_shared *shared, int32_t place, int32_t size)
{
  const int32_t victim = size - 1;
  art_bytes message = { 0 }, wanted = { 0 };
  int64_t value = 0;
  int wrong = 0;
  art_shared_begin(shared);
  for (int32_t to = 0; to < size; ++to) {
    compose(&message, 900, place, to, 1);
    if (to != place) wrong += !art_shared_send(shared, to, &message);
  }
  if (place == victim) {
    sleep_ms(50);
    raise(SIGKILL);
  }
  for (int32_t from = 0; from < size; ++from) {
    if (from == place) continue;
    compose(&wanted, 900, from, place, 1);
    wrong += take(shared, from, &message) != 1 || differs(&message, &wanted);
  }
  const int64_t before_ms = cpu_ms();
  for (int looks = 0; art_shared_lost(shared) < 0 && looks < 100; ++looks) (void)art_shared_wait(shared, art_shared_bell(shared));
  wrong += art_shared_lost(shared) != victim;
  wrong += cpu_ms() - before_ms > 50;            // it slept
  wrong += art_shared_take(shared, victim, &message) != 0;  // nothing that was not sent
  wrong += art_shared_reduce(shared, ART_REDUCE_SUM, 1, &value) != 0;
  for (int round = 0; round < 3; ++round) {  // nobody takes these: the sender does not wait for ever
    art_shared_begin(shared);
    compose(&message, 10, place, victim, round);
    (void)art_shared_send(shared, victim, &message);
  }
  wrong += art_shared_lost(shared) != victim;
  free(message.data);
  free(wanted.data);
  return wrong;
}

static void who_is_killed_is_missed(void **state)
{
  (void)state;
  run_processes(2, 1024 * 4, one_is_killed);
  run_processes(4, 1024 * 4, one_is_killed);
}

/// All but the first close in order and end.
static int others_leave(art_shared *shared, int32_t place, int32_t size)
{
  (void)size;
  if (place != 0) return 0;
  int wrong = 0;
  for (int n = 0; n < 3; ++n) {
    wrong += art_shared_lost(shared) != -1;
    (void)art_shared_wait(shared, art_shared_bell(shared));
  }
  return wrong;
}

static void who_closes_is_not_missed(void **state)
{
  (void)state;
  run_processes(3, 64, others_leave);
}

// --- opening --------------------------------------------------------------------------------------------------------

static void what_cannot_be_opened_leaves_nothing_behind(void **state)
{
  (void)state;
  const char *name = fresh_name();
  assert_null(art_shared_open(name, 2, 1, 64, 0));                      // nobody has made it
  assert_null(art_shared_open(name, 2, 0, (size_t)1 << 55, 1));         // more than there is
  art_shared *first = art_shared_open(name, 2, 0, 64, 1);               // and the name is free
  assert_non_null(first);
  assert_null(art_shared_open(name, 2, 0, 64, 1));                      // twice
  art_shared_unlink(name);
  assert_null(art_shared_open(name, 2, 1, 64, 0));
  assert_int_equal(art_shared_lost(first), -1);  // who has not come yet is not lost
  art_shared_close(first);
  art_shared_close(NULL);
}

int main(void)
{
  alarm(300);  // processes that wait for one another for ever are a failure, too
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(many_small_and_empty_ones_arrive),
    cmocka_unit_test(what_is_longer_than_the_room_is_said_to_come_another_way),
    cmocka_unit_test(a_bound_on_messages_is_kept),
    cmocka_unit_test(who_is_ahead_overwrites_nothing),
    cmocka_unit_test(reductions_are_the_same_for_all),
    cmocka_unit_test(who_is_killed_is_missed),
    cmocka_unit_test(who_closes_is_not_missed),
    cmocka_unit_test(what_cannot_be_opened_leaves_nothing_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
