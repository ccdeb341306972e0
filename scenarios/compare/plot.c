#include "scenarios/compare/plot.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char helper[] = "plot_compare";

/// 1 and the path if `folder` + `/` + `inside` holds the helper.
static int look_in(const char *folder, const char *inside, char *path, size_t size)
{
  const int length = snprintf(path, size, "%s%s%s/%s", folder, inside[0] ? "/" : "", inside, helper);
  return length > 0 && (size_t)length < size && access(path, R_OK) == 0;
}

static int find_helper(char *path, size_t size)
{
  const char *named = getenv("ARTERIAL_SCRIPTS");
  if (named && named[0] && look_in(named, "", path, size)) return 1;
  char program[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return 0;
  program[length] = '\0';
  char *slash = strrchr(program, '/');
  if (!slash) return 0;
  *slash = '\0';
  if (look_in(program, "../share/arterial/scripts", path, size)) return 1;
  // a build folder lies somewhere below the source tree
  for (int up = 0; up < 4; ++up) {
    slash = strrchr(program, '/');
    if (!slash) return 0;
    *slash = '\0';
    if (look_in(program, "scripts", path, size)) return 1;
  }
  return 0;
}

/// Exit code of a command, -1 if it could not be started. Its output goes nowhere if `silent`.
static int run(char *const *words, int silent)
{
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status = 0;
  posix_spawn_file_actions_init(&actions);
  if (silent) {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
  }
  const int failed = posix_spawn(&pid, words[0], &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed) return -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int art_compare_plot(const char *folder, char *reason, int size)
{
  char script[PATH_MAX], python[] = "/usr/bin/python3", option[] = "-c", probe[] = "import matplotlib, numpy";
  if (!find_helper(script, sizeof script)) {
    snprintf(reason, (size_t)size, "the helper scripts/%s was not found; set ARTERIAL_SCRIPTS to its folder",
             helper);
    return 0;
  }
  if (access(python, X_OK) != 0) {
    snprintf(reason, (size_t)size, "%s is not there", python);
    return 0;
  }
  char *const probe_words[] = { python, option, probe, NULL };
  if (run(probe_words, 1) != 0) {
    snprintf(reason, (size_t)size, "%s has no matplotlib (Debian: python3-matplotlib)", python);
    return 0;
  }
  char *const words[] = { python, script, (char *)(size_t)folder, NULL };
  const int code = run(words, 0);
  if (code != 0) snprintf(reason, (size_t)size, "%s ended with code %d", script, code);
  return code == 0;
}
