/// \file verbs.h
/// One function per verb of the command, each in its own file `verb_<name>.c`. They parse with argp, print results to
/// stdout and problems to stderr, and return the process exit code.
#ifndef ART_SCENARIOS_CLI_VERBS_H
#define ART_SCENARIOS_CLI_VERBS_H

/// X(name, function, sentence for the help)
#define ART_VERB_LIST(X)                                                                              \
  X("import", art_verb_import, "read an outside format into *.city.h5, *.demand.h5, *.feed.h5")       \
  X("generate", art_verb_generate, "make a synthetic city or a demand")                               \
  X("check", art_verb_check, "validate files and list every problem")                                 \
  X("info", art_verb_info, "say what is in a file")                                                   \
  X("plan", art_verb_plan, "predict time and memory of a run on several ranks")                       \
  X("run", art_verb_run, "simulate a scenario")                                                       \
  X("calibrate", art_verb_calibrate, "fit the demand to counts, drivers to trajectories")             \
  X("optimize", art_verb_optimize, "make a signal plan")                                              \
  X("batch", art_verb_batch, "run scenarios x seeds")                                                 \
  X("compare", art_verb_compare, "paired differences between runs")                                   \
  X("export", art_verb_export, "write a city and a demand for another program")                      \
  X("reference", art_verb_reference, "print the reference of keys, parameters and result variables")

#define X(name, function, sentence) int function(int argc, char **argv);
ART_VERB_LIST(X)
#undef X

/// The command line as one string, set by main before a verb runs; for provenance.
const char *art_command_line(void);

#endif  // ART_SCENARIOS_CLI_VERBS_H
