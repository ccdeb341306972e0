// Records of a journal as bytes. Private to io/results; tests may look.
#ifndef ART_IO_RESULTS_JOURNAL_INTERNAL_H
#define ART_IO_RESULTS_JOURNAL_INTERNAL_H
#include "io/results/journal.h"

typedef enum art_journal_type {
  ART_JOURNAL_LEFTOVER = 1,
  ART_JOURNAL_LINKS,
  ART_JOURNAL_MOVEMENTS,
  ART_JOURNAL_DETECTORS,
  ART_JOURNAL_SIGNALS,
  ART_JOURNAL_CYCLES,
  ART_JOURNAL_PASSAGES,
  ART_JOURNAL_TOTALS,
  ART_JOURNAL_SNAPSHOT,
  ART_JOURNAL_PARTS
} art_journal_type;

/// Before the payload of each record. The payload is padded with zeros to a multiple of 8 bytes, parts of it likewise.
typedef struct art_journal_head {
  uint32_t type, crc;  ///< CRC-32 of the payload
  uint64_t size;       ///< of the payload in bytes, padding included
} art_journal_head;

typedef struct art_journal_part {
  const void *data;
  size_t size;
} art_journal_part;

/// Appends one record made of the parts.
art_status art_journal_add(art_journal *journal, art_journal_type type, int count, const art_journal_part *part,
                           art_error *err);

/// Gives one record to the results. ART_E_INPUT: it does not fit them.
art_status art_journal_apply(art_results *results, art_journal_type type, const void *payload, size_t size,
                             art_error *err);

#endif  // ART_IO_RESULTS_JOURNAL_INTERNAL_H
