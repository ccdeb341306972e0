/// \file keys.h
/// The keys of the configuration files as data: one table per kind of file or section. Parsing, checking, the
/// resolved configuration and the reference documentation all come from these tables.
#ifndef ART_IO_CONFIG_KEYS_H
#define ART_IO_CONFIG_KEYS_H
#include <stddef.h>

/// X(name, what the member of the struct is, words for the reference)
#define ART_KEY_TYPE_LIST(X)                                                                   \
  X(SCHEMA, "nothing; the value must be 1", "schema version")                                  \
  X(TEXT, "char *", "text")                                                                    \
  X(PATH, "char *, resolved", "path")                                                          \
  X(INPUT, "char *, resolved; the file must exist", "path of an input")                        \
  X(TEXTS, "char **, and an int32_t count", "text, or a list of texts")                        \
  X(INPUTS, "char **, and an int32_t count; the files must exist", "path, or a list of paths") \
  X(DATES, "char **, and an int32_t count", "date, or a list of dates")                        \
  X(DATE, "char *", "date")                                                                    \
  X(TIMEZONE, "char *", "time zone")                                                           \
  X(DURATION, "art_tick", "time")                                                              \
  X(DURATIONS, "art_tick *, and an int32_t count", "list of times")                            \
  X(STEP, "int32_t, in ms, divides 1 s", "time")                                               \
  X(INSTANT, "art_tick", "time of day, or time")                                               \
  X(SPEED, "float, in m/s", "speed")                                                           \
  X(INTEGER, "int32_t", "whole number")                                                        \
  X(SEED, "uint64_t", "whole number")                                                          \
  X(REAL, "double", "number")                                                                  \
  X(BOOL, "int", "true or false")                                                              \
  X(CHOICE, "int or int32_t, index of the word", "one of")                                     \
  X(SAMPLING, "int or nothing; the next row is its `every`", "true, false or {every: time}")   \
  X(SECTION, "nothing; read by hand from tables of their own", "as described")

typedef enum art_key_type {
#define X(name, member, words) ART_KEY_##name,
  ART_KEY_TYPE_LIST(X)
#undef X
} art_key_type;

#define ART_KEY_NOWHERE ((size_t)-1)

/// One key. Times are bounded in ms, speeds in m/s.
typedef struct art_key {
  const char *path;  ///< "time.step"
  art_key_type type;
  size_t offset;        ///< of the member; ART_KEY_NOWHERE: not stored
  size_t count_offset;  ///< of the member that counts; lists only
  int is_required;
  const char *initial;         ///< default, as a user would write it; NULL: none
  double lowest, highest;      ///< accepted range of a value
  const char *word;            ///< a word accepted instead of a value, such as "all"; NULL: none
  double word_value;           ///< what it stands for
  const char *const *choices;  ///< CHOICE: the words, NULL at the end
  const char *sentence;
} art_key;

typedef struct art_key_table {
  const char *title;  ///< heading in the reference
  const char *where;  ///< path of the section, "" for a whole file, "interventions[].close."
  const char *intro;  ///< paragraph in the reference
  int count;
  const art_key *key;
} art_key_table;

/// X(name, struct that a table fills)
#define ART_KEY_TABLE_LIST(X)     \
  X(scenario, art_scenario)       \
  X(retime, art_intervention)     \
  X(close, art_intervention)      \
  X(speed, art_intervention)      \
  X(permit, art_intervention)     \
  X(switch, art_intervention)     \
  X(controller, art_controller)   \
  X(plan, art_plan)               \
  X(plan_signal, art_plan_signal) \
  X(batch, art_batch)             \
  X(calibration, art_calibration)
#define X(name, type) extern const art_key_table art_keys_##name;
ART_KEY_TABLE_LIST(X)
#undef X

/// What `from` and `to` hold until they are resolved to the run's begin and end.
#define ART_KEY_WHOLE_RUN (-9e15)

#endif  // ART_IO_CONFIG_KEYS_H
