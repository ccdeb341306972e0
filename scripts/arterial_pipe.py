"""For scripts that print: `script | head` closes the pipe early, which is the reader's right and no error."""
import os
import sys

BROKEN_PIPE = 141  # what a shell reports of a program that SIGPIPE ended


def run(main):
    """Calls main() and returns its exit code; ends quietly when nobody reads on."""
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit, which would fail again: let it write to nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
