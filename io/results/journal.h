/// \file journal.h
/// What a result file was given, in the order in which it was given, so that a run that goes on from a checkpoint can make
/// the file again from its begin: a result file that is open when the process ends is of no use.
///
///     art_journal_open -> art_journal_start -> (records by art_results_add_*, art_journal_sync at a checkpoint)*
///     art_journal_open -> art_journal_cut   -> art_results_open, art_journal_replay, then as above
///
/// Of several ranks each but the first has a journal of its own for its vehicles, a part: "<journal>.<rank>". The first one's
/// journal notes at every checkpoint how far the parts had come, so that its mark vouches for them, too. A part may outlive
/// its rank: whoever goes on with fewer ranks reads it, and leaves it as it is.
///
/// A journal is a row of records: type, CRC-32 and size, then the values as they stand in memory. A checkpoint notes how far
/// the journal had come and the SHA-256 of the heads of its records up to there; what stands behind is cut off at a restart.
/// Thread rule: one thread at a time.
#ifndef ART_IO_RESULTS_JOURNAL_H
#define ART_IO_RESULTS_JOURNAL_H
#include "io/results/results.h"

typedef struct art_journal art_journal;

/// How far a journal has come.
typedef struct art_journal_mark {
  int64_t bytes, records;
  char sha256[65];  ///< of the heads of the records, which hold the checksums of the rest
} art_journal_mark;

/// Opens for writing and makes the file if there is none; its contents stay. ART_E_OPEN: another process writes it.
art_status art_journal_open(const char *path, art_journal **out, art_error *err);
/// Empties it.
art_status art_journal_start(art_journal *journal, art_error *err);
/// Checks what the mark is about and cuts off what stands behind. ART_E_INPUT as art_journal_check; then nothing was cut.
art_status art_journal_cut(art_journal *journal, const art_journal_mark *mark, art_error *err);
/// Forces everything to the disk and tells how far it came.
art_status art_journal_sync(art_journal *journal, art_journal_mark *mark, art_error *err);
/// Notes the name of a file that the next process shall remove if this one cannot.
art_status art_journal_add_leftover(art_journal *journal, const char *path, art_error *err);
/// NULL is fine.
void art_journal_close(art_journal *journal);

/// Parts 1 to count of a journal; one that was never written has no bytes. Start with {0}; free `mark`.
typedef struct art_journal_parts {
  int32_t count;
  art_journal_mark *mark;  ///< part k has mark[k - 1]
} art_journal_parts;
/// Owned by the caller.
char *art_journal_part_path(const char *path, int32_t part);
/// Notes how far the parts have come.
art_status art_journal_add_parts(art_journal *journal, const art_journal_parts *parts, art_error *err);
/// The parts that were noted last before the mark.
art_status art_journal_find_parts(const char *path, const art_journal_mark *mark, art_journal_parts *out, art_error *err);

/// ART_E_INPUT with the reason: the journal or one of its parts ends too early, is damaged, or is not that of the mark.
art_status art_journal_check(const char *path, const art_journal_mark *mark, art_error *err);
/// Gives the records up to the mark to `results`, which is new. Memory: one record.
art_status art_journal_replay(const char *path, const art_journal_mark *mark, art_results *results, art_error *err);
/// Removes the files of art_journal_add_leftover, up to the first record that is not whole. A missing journal has none.
void art_journal_remove_leftovers(const char *path);

// Records, one function for each of art_results_add_*; those call them.
art_status art_journal_add_links(art_journal *j, const art_link_sums *sums, art_error *err);
art_status art_journal_add_movements(art_journal *j, int32_t connector_count, art_tick begin_ms, art_tick end_ms,
                                     const int32_t *count, const int32_t *out, const int64_t *delay_ms, art_error *err);
art_status art_journal_add_detectors(art_journal *j, const art_detector_sums *sums, art_error *err);
art_status art_journal_add_signals(art_journal *j, int64_t count, const art_signal_event *events, int64_t letter_count,
                                   const char *letters, art_error *err);
art_status art_journal_add_cycles(art_journal *j, int64_t count, const art_signal_cycle *cycles, art_error *err);
art_status art_journal_add_passages(art_journal *j, int64_t count, const art_line_passage *passages, art_error *err);
art_status art_journal_add_totals(art_journal *j, const art_totals_row *row, art_error *err);
art_status art_journal_add_snapshot(art_journal *j, art_tick now_ms, const art_snapshot *snapshot, art_error *err);

#endif  // ART_IO_RESULTS_JOURNAL_H
