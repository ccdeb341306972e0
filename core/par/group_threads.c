// Ranks that are threads of one process. They copy messages under one lock: made for tests, not for speed.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/group.h"

/// Messages from one rank to another. A sender may be one exchange ahead of its receiver, not more.
enum { MAILS = 2 };
typedef struct mailbox {
  art_bytes mail[MAILS];
  int64_t sent, taken;
} mailbox;

struct art_group_threads {
  int32_t size;
  art_group *group;  ///< by rank
  pthread_mutex_t lock;
  pthread_cond_t changed;
  mailbox *box;  ///< [from * size + to]
  // one collective call at a time: all come in, then all go out
  int32_t arrived, left;
  int64_t *sums;
  art_bytes *part;  ///< by rank
};

static void begin(const art_group *group, int32_t count, const int32_t *peer, const art_bytes *send)
{
  art_group_threads *all = group->context;
  pthread_mutex_lock(&all->lock);
  for (int32_t p = 0; p < count; ++p) {
    mailbox *box = &all->box[group->rank * all->size + peer[p]];
    while (box->sent - box->taken == MAILS) pthread_cond_wait(&all->changed, &all->lock);
    art_bytes *mail = &box->mail[box->sent++ % MAILS];
    mail->count = 0;
    (void)art_bytes_put(mail, send[p].data, send[p].count);
  }
  pthread_cond_broadcast(&all->changed);
  pthread_mutex_unlock(&all->lock);
}

static void finish(const art_group *group, int32_t count, const int32_t *peer, art_bytes *receive)
{
  art_group_threads *all = group->context;
  pthread_mutex_lock(&all->lock);
  for (int32_t p = 0; p < count; ++p) {
    mailbox *box = &all->box[peer[p] * all->size + group->rank];
    while (box->sent == box->taken) pthread_cond_wait(&all->changed, &all->lock);
    const art_bytes *mail = &box->mail[box->taken++ % MAILS];
    receive[p].count = 0;
    (void)art_bytes_put(&receive[p], mail->data, mail->count);
  }
  pthread_cond_broadcast(&all->changed);
  pthread_mutex_unlock(&all->lock);
}

/// Waits until everybody has come in; the lock is held before and after.
static void come_in(art_group_threads *all)
{
  if (++all->arrived == all->size) pthread_cond_broadcast(&all->changed);
  while (all->arrived < all->size) pthread_cond_wait(&all->changed, &all->lock);
}

/// Waits until everybody has taken the result: the next call may begin.
static void go_out(art_group_threads *all)
{
  if (++all->left == all->size) {
    all->arrived = all->left = 0;
    pthread_cond_broadcast(&all->changed);
    return;
  }
  while (all->left > 0) pthread_cond_wait(&all->changed, &all->lock);
}

static void reduce(const art_group *group, art_reduction how, int64_t count, int64_t *values)
{
  art_group_threads *all = group->context;
  pthread_mutex_lock(&all->lock);
  if (all->arrived == 0) {
    all->sums = art_renew(all->sums, (size_t)count, sizeof *all->sums);
    if (count > 0) memcpy(all->sums, values, (size_t)count * sizeof *values);
  } else {
    for (int64_t i = 0; i < count; ++i) all->sums[i] = art_reduction_of(how, all->sums[i], values[i]);
  }
  come_in(all);
  if (count > 0) memcpy(values, all->sums, (size_t)count * sizeof *values);
  go_out(all);
  pthread_mutex_unlock(&all->lock);
}

static void gather(const art_group *group, const art_bytes *mine, art_bytes *out, int64_t *first)
{
  art_group_threads *all = group->context;
  pthread_mutex_lock(&all->lock);
  all->part[group->rank].count = 0;
  (void)art_bytes_put(&all->part[group->rank], mine->data, mine->count);
  come_in(all);
  out->count = 0;
  for (int32_t r = 0; r < all->size; ++r) {
    first[r] = (int64_t)out->count;
    (void)art_bytes_put(out, all->part[r].data, all->part[r].count);
  }
  first[all->size] = (int64_t)out->count;
  go_out(all);
  pthread_mutex_unlock(&all->lock);
}

art_group_threads *art_group_threads_new(int32_t size)
{
  art_group_threads *all = ART_NEW(art_group_threads, 1);
  all->size = size;
  all->group = ART_NEW(art_group, size);
  all->box = ART_NEW(mailbox, size * size);
  all->part = ART_NEW(art_bytes, size);
  pthread_mutex_init(&all->lock, NULL);
  pthread_cond_init(&all->changed, NULL);
  for (int32_t r = 0; r < size; ++r)
    all->group[r] = (art_group){ r, size, all, begin, finish, reduce, gather };
  return all;
}

void art_group_threads_free(art_group_threads *all)
{
  if (!all) return;
  for (int32_t i = 0; i < all->size * all->size; ++i)
    for (int m = 0; m < MAILS; ++m) free(all->box[i].mail[m].data);
  for (int32_t r = 0; r < all->size; ++r) free(all->part[r].data);
  pthread_mutex_destroy(&all->lock);
  pthread_cond_destroy(&all->changed);
  free(all->box);
  free(all->part);
  free(all->group);
  free(all->sums);
  free(all);
}

const art_group *art_group_threads_rank(art_group_threads *all, int32_t rank)
{
  return &all->group[rank];
}
