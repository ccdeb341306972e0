#include "core/par/each.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/memory.h"

typedef struct share {
  atomic_int_least64_t next;  // the first piece that nobody has taken
  int32_t count, batch;
  art_each_work work;
  void *context;
} share;

typedef struct worker {
  share *all;
  int number;
  pthread_t thread;
} worker;

static void *do_share(void *argument)
{
  const worker *me = argument;
  share *all = me->all;
  for (;;) {
    const int64_t first = atomic_fetch_add(&all->next, all->batch);
    if (first >= all->count) return NULL;
    const int64_t end = first + all->batch < all->count ? first + all->batch : all->count;
    for (int64_t i = first; i < end; ++i) all->work(all->context, me->number, (int32_t)i);
  }
}

void art_each(int threads, int32_t count, int32_t batch, art_each_work work, void *context)
{
  share all = { .count = count, .batch = batch < 1 ? 1 : batch, .work = work, .context = context };
  const int64_t batches = ((int64_t)count + all.batch - 1) / all.batch;
  if (threads > batches) threads = (int)batches;
  if (threads < 1) threads = 1;
  worker *list = ART_NEW(worker, threads);
  sigset_t signals, before;  // are for the thread that was there before
  sigfillset(&signals);
  pthread_sigmask(SIG_SETMASK, &signals, &before);
  int started = 1;
  for (; started < threads; ++started) {
    list[started] = (worker){ .all = &all, .number = started };
    if (pthread_create(&list[started].thread, NULL, do_share, &list[started]) != 0) break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  list[0] = (worker){ .all = &all };
  do_share(&list[0]);
  for (int i = 1; i < started; ++i) pthread_join(list[i].thread, NULL);
  free(list);
}
