/// \file import_counts.h
/// `arterial import counts`.
#ifndef ART_SCENARIOS_CLI_IMPORT_COUNTS_H
#define ART_SCENARIOS_CLI_IMPORT_COUNTS_H

/// argv[0] is the name for messages, the rest are what follows `import counts`. Returns the exit code.
int art_verb_import_counts(int argc, char **argv);

#endif  // ART_SCENARIOS_CLI_IMPORT_COUNTS_H
