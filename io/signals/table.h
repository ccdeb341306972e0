/// \file table.h
/// Signals as traffic engineers tabulate them, in one CSV file: groups with their clearance times, the matrix of
/// intergreens, stages, programs, times of day. docs/signal-tables.md describes the format.
#ifndef ART_IO_SIGNALS_TABLE_H
#define ART_IO_SIGNALS_TABLE_H
#include <stddef.h>
#include <stdint.h>

#include "core/net/network.h"

typedef struct art_signal_table_report {
  int32_t signals, programs;  ///< read
  int32_t replaced;           ///< of the programs, that stood in the net under the same name
} art_signal_table_report;

/// Brings a table into a net: programs of the same name are replaced, others added; groups, matrix and schedule replace
/// those of the signal where the table has them. The net is complete before and after (art_net_check is the caller's). On
/// failure, with file and line, the net is to be thrown away.
art_status art_signal_table_read(const char *path, art_net *net, art_signal_table_report *report, art_error *err);
art_status art_signal_table_read_text(const char *name, const char *text, size_t size, art_net *net,
                                      art_signal_table_report *report, art_error *err);
/// Writes all signals of a net, phases by their states; reading it into the same net changes nothing.
art_status art_signal_table_write(const char *path, const art_net *net, art_error *err);

#endif  // ART_IO_SIGNALS_TABLE_H
