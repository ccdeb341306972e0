// The command `arterial`: starts the parallel runtime, hands over to a verb, and makes sure that what was
// printed arrived.
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/build.h"
#include "core/base/memory.h"
#include "core/base/status.h"
#include "core/par/par.h"
#include "io/h5/h5.h"
#include "scenarios/cli/start.h"
#include "scenarios/cli/verbs.h"

typedef struct verb {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *sentence;
} verb;

static const verb verbs[] = {
#define X(name, function, sentence) { name, function, sentence },
  ART_VERB_LIST(X)
#undef X
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

/// Set once before a verb runs; one process has one command line.
static char *command_line;

const char *art_command_line(void)
{
  return command_line ? command_line : "arterial";
}

/// 1 if a shell would leave the word as it is.
static int is_plain(const char *word)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  return *word && word[strspn(word, plain)] == '\0';
}

/// Appends the word so that a shell would read it back; returns the new end.
static char *append_word(char *out, const char *word)
{
  if (is_plain(word)) return stpcpy(out, word);
  *out++ = '\'';
  for (; *word; ++word) {
    if (*word == '\'')
      out = stpcpy(out, "'\\''");
    else
      *out++ = *word;
  }
  *out++ = '\'';
  *out = '\0';
  return out;
}

static char *join_words(int argc, char **argv)
{
  size_t size = sizeof "arterial";
  for (int i = 1; i < argc; ++i) size += 4 * strlen(argv[i]) + 3;
  char *line = ART_NEW(char, size), *end = stpcpy(line, "arterial");
  for (int i = 1; i < argc; ++i) {
    *end++ = ' ';
    end = append_word(end, argv[i]);
  }
  return line;
}

static void print_help(FILE *file)
{
  fprintf(file, "Usage: arterial VERB [OPTION...]\n\nMicroscopic traffic simulation of cities.\n\n");
  for (int i = 0; i < VERB_COUNT; ++i) fprintf(file, "  %-10s %s\n", verbs[i].name, verbs[i].sentence);
  fprintf(file, "\n  arterial VERB --help   says more about a verb, with an example\n"
                "  arterial --version     versions, one key=value a line\n\nExit codes:");
  static const struct {
    int code;
    const char *sentence;
  } codes[] = {
    { 0, "done" },
    { 2, "wrong usage" },
    { 3, "invalid input" },
    { 4, "internal check failed" },
    { 5, "reading or writing failed" },
    { 6, "finished, but the wanted acceptance was missed" },
    { 75, "stopped early, run again" },
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; ++i)
    fprintf(file, "%s %d %s", i ? "," : "", codes[i].code, codes[i].sentence);
  fprintf(file, ".\n");
}

static void print_version(void)
{
  printf("program=arterial\nversion=%s\ncommit=%s\ndirty=%d\nbuild=%s\ncompiler=%s\nflags=%s\n",
         art_build_version(), art_build_commit(), art_build_is_dirty(), art_build_type(),
         art_build_compiler(), art_build_flags());
  printf("mpi=%s\nhdf5=%s\n", art_par_library(), art_h5_library());
}

/// Runs at every exit, also those that argp takes. Output that never arrived is a failure, though all else
/// went well.
static void leave(int code, void *unused)
{
  (void)unused;
  const int is_lost = fflush(stdout) != 0 || ferror(stdout);
  const int reason = errno;
  if (is_lost) fprintf(stderr, "arterial: standard output could not be written: %s\n", strerror(reason));
  if (is_lost && code == 0) code = art_status_exit_code(ART_E_IO);
  if (art_h5_is_broken()) _exit(code);
  if (code == art_status_exit_code(ART_E_USAGE)) art_par_note_agreed();  // all have read the same command line
  art_par_leave(code);
  free(command_line);
  command_line = NULL;
  if (is_lost) _exit(code);
}

static int run_verb(const verb *v, int argc, char **argv)
{
  char name[64];
  snprintf(name, sizeof name, "arterial %s", v->name);
  argv[0] = name;  // what argp puts before messages and into the usage
  return v->run(argc, argv);
}

static int unknown_verb(const char *word)
{
  fprintf(stderr, "arterial: unknown verb '%s'; accepted:", word);
  for (int i = 0; i < VERB_COUNT; ++i) fprintf(stderr, "%s %s", i ? "," : "", verbs[i].name);
  fprintf(stderr, "\n");
  return art_status_exit_code(ART_E_USAGE);
}

static int dispatch(int argc, char **argv)
{
  if (argc < 2) {
    print_help(stderr);
    return art_status_exit_code(ART_E_USAGE);
  }
  const char *word = argv[1];
  if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
    print_version();
    return 0;
  }
  char help[] = "--help";
  const int is_help =
      !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "-?");
  if (is_help && argc == 2) {
    print_help(stdout);
    return 0;
  }
  if (is_help) word = argv[2];
  for (int i = 0; i < VERB_COUNT; ++i) {
    if (strcmp(word, verbs[i].name) != 0) continue;
    char *asked[3] = { argv[0], help, NULL };
    return is_help ? run_verb(&verbs[i], 2, asked) : run_verb(&verbs[i], argc - 1, argv + 1);
  }
  return unknown_verb(word);
}

/// 1: the verb steps, and only then threads wait for one another often enough to settle how.
static int does_step(int argc, char **argv)
{
  static const char *const stepping[] = { "run", "calibrate", "optimize", "batch" };
  for (size_t i = 0; argc > 1 && i < sizeof stepping / sizeof *stepping; ++i)
    if (!strcmp(argv[1], stepping[i])) return 1;
  return 0;
}

int main(int argc, char **argv)
{
  if (does_step(argc, argv)) art_start_wait_politely(argc, argv);
  signal(SIGXFSZ, SIG_IGN);  // a file over the limit (ulimit -f) is a write that fails, and gets its message
  art_error err = { ART_OK, "" };
  const art_status status = art_par_start(&argc, &argv, &err);
  on_exit(leave, NULL);
  if (status != ART_OK) {
    fprintf(stderr, "arterial: %s\n", err.message);
    return art_status_exit_code(status);
  }
  if (art_par_rank() > 0 && !freopen("/dev/null", "w", stdout)) return art_status_exit_code(ART_E_IO);  // the first one talks
  if (art_par_size() > 1 && (argc < 2 || strcmp(argv[1], "run") != 0)) {  // or several processes would write one file
    art_par_note_agreed();
    if (art_par_rank() == 0)
      fprintf(stderr, "arterial: of all verbs only 'run' works on several ranks; %d were started. Use mpirun -n 1, or no mpirun\n",
              art_par_size());
    return art_status_exit_code(ART_E_USAGE);
  }
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  command_line = join_words(argc, argv);
  return dispatch(argc, argv);
}
