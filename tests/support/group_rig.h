/// \file group_rig.h
/// What any group of ranks must do, whatever carries its messages. Every rank calls art_check_group; returns failures.
#ifndef ART_TESTS_SUPPORT_GROUP_RIG_H
#define ART_TESTS_SUPPORT_GROUP_RIG_H
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "core/par/group.h"

/// The message of round `round` from one rank to another: any length, empty ones too, and now and then a long one.
static inline size_t art_mail_size(int round, int32_t from, int32_t to)
{
  const uint64_t draw = art_hash2((uint64_t)round, (uint64_t)(from * 64 + to));
  return draw % 4 == 0 ? 0 : draw % 50 == 1 ? 300000 : draw % 700;
}
static inline uint8_t art_mail_byte(int round, int32_t from, int32_t to, size_t at)
{
  return (uint8_t)(round * 31 + from * 7 + to * 3 + (int)at);
}

/// Ranks have those as peers whose number differs by at most 2: not everybody.
static inline int art_check_exchange(const art_group *group, int round)
{
  int32_t peer[4], count = 0, failures = 0;
  for (int32_t r = group->rank - 2; r <= group->rank + 2; ++r)
    if (r >= 0 && r < group->size && r != group->rank) peer[count++] = r;
  art_bytes send[4] = { { 0 } }, receive[4] = { { 0 } };
  for (int32_t p = 0; p < count; ++p) {
    const size_t size = art_mail_size(round, group->rank, peer[p]);
    uint8_t *room = art_bytes_room(&send[p], size);
    for (size_t i = 0; i < size; ++i) room[i] = art_mail_byte(round, group->rank, peer[p], i);
  }
  group->begin(group, count, peer, send);
  group->finish(group, count, peer, receive);
  for (int32_t p = 0; p < count; ++p) {
    failures += receive[p].count != art_mail_size(round, peer[p], group->rank);
    for (size_t i = 0; i < receive[p].count && !failures; ++i)
      failures += receive[p].data[i] != art_mail_byte(round, peer[p], group->rank, i);
    free(send[p].data);
    free(receive[p].data);
  }
  return failures;
}

static inline int art_check_collective(const art_group *group, int round)
{
  const int64_t n = group->size, me = group->rank;
  int64_t sum[3] = { me, INT64_MAX, round }, most[2] = { me, -me }, least[2] = { me, -me };
  int failures = 0;
  group->reduce(group, ART_REDUCE_SUM, 3, sum);
  group->reduce(group, ART_REDUCE_MAX, 2, most);
  group->reduce(group, ART_REDUCE_MIN, 2, least);
  failures += sum[0] != n * (n - 1) / 2 || (uint64_t)sum[1] != (uint64_t)n * (uint64_t)INT64_MAX || sum[2] != n * round;
  failures += most[0] != n - 1 || most[1] != 0 || least[0] != 0 || least[1] != 1 - n;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, n + 1);
  for (int64_t i = 0; i < me * round % 17; ++i) (void)art_bytes_put(&mine, &group->rank, sizeof group->rank);
  group->gather(group, &mine, &all, first);
  failures += first[n] != (int64_t)all.count || first[0] != 0;
  for (int64_t r = 0; r < n; ++r) {
    failures += first[r + 1] - first[r] != 4 * (r * round % 17);
    for (int64_t at = first[r]; at < first[r + 1]; at += 4) failures += memcmp(all.data + at, &(int32_t){ (int32_t)r }, 4) != 0;
  }
  art_group_collect(group, &mine, &all, first);  // the same for the first one alone
  failures += me == 0 ? first[n] != (int64_t)all.count : all.count != 0;
  for (int64_t r = 0; r < n && me == 0; ++r) {
    failures += first[r + 1] - first[r] != 4 * (r * round % 17);
    for (int64_t at = first[r]; at < first[r + 1]; at += 4) failures += memcmp(all.data + at, &(int32_t){ (int32_t)r }, 4) != 0;
  }
  free(first);
  free(mine.data);
  free(all.data);
  return failures;
}

/// All take over what the lowest rank that has failed says.
static inline int art_check_agreement(const art_group *group, int round)
{
  art_error err = { 0 };
  art_status status = ART_OK;
  if (round % 3 && group->rank % 2 == 1) status = art_fail(&err, group->rank == 1 ? ART_E_IO : ART_E_INPUT, "rank %d", (int)group->rank);
  status = art_group_agree(group, status, &err);
  if (round % 3 == 0 || group->size == 1) return status != ART_OK;
  return status != ART_E_IO || strcmp(err.message, "rank 1") != 0;
}

static inline int art_check_group(const art_group *group)
{
  int failures = 0;
  for (int round = 0; round < 200; ++round) {
    failures += art_check_exchange(group, round);
    if (round % 7 == 0) failures += art_check_collective(group, round) + art_check_agreement(group, round);
  }
  return failures;
}

#endif  // ART_TESTS_SUPPORT_GROUP_RIG_H
