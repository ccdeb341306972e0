/// \file signal_tables.h
/// `arterial import signals` and `arterial export signals`.
#ifndef ART_SCENARIOS_CLI_SIGNAL_TABLES_H
#define ART_SCENARIOS_CLI_SIGNAL_TABLES_H

/// argv[0] is the name for messages, the rest are what follows it. Return the exit code.
int art_verb_import_signals(int argc, char **argv);
int art_verb_export_signals(int argc, char **argv);

#endif  // ART_SCENARIOS_CLI_SIGNAL_TABLES_H
