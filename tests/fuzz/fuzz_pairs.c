// Pair tables from a buffer. Oracle: episodes that come out are even in time, have positive gaps and at least two rows;
// a refused table leaves nothing behind and has a message.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "io/feed/pair_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_episodes(const art_pairs *p)
{
  for (int32_t e = 0; e < p->episode_count; ++e) {
    if (p->first[e + 1] - p->first[e] < 2 || !p->follower[e] || !p->group[e] || !p->leader[e]) abort();
    for (int64_t k = p->first[e]; k < p->first[e + 1]; ++k) {
      if (!(p->gap_m[k] > 0.0) || !isfinite(p->leader_rear_m[k]) || !(p->speed_mps[k] >= 0.0)) abort();
      if (k > p->first[e] && fabs(p->time_s[k] - p->time_s[k - 1] - p->step_s) > 0.13 * p->step_s) abort();
    }
  }
  if (p->first[p->episode_count] != p->row_count) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  art_pairs *pairs = art_pairs_new();
  art_reject_report report = { 0 };
  art_error err = { 0 };
  const art_status status =
      art_pairs_read_text("folder/table.csv", (const char *)data, size, 5.0, pairs, &report, &err);
  if (status == ART_E_INTERNAL) abort();
  if (status != ART_OK && (!err.message[0] || pairs->episode_count != 0)) abort();
  if (status == ART_OK && report.accepted != pairs->row_count) abort();
  if (report.accepted + report.rejected_rows != report.rows) abort();
  check_episodes(pairs);
  art_pairs_free(pairs);
  art_reject_report_clear(&report);
  return 0;
}
