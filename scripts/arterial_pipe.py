"""For scripts that print: `script | head` closes the pipe early, which is the reader's right and no error."""
import os
import sys


class Quiet:
    """A stream whose reader may go away: what nobody reads is thrown away, and the script goes on to its end, to the
    files that it writes and the exit code that it gives."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        try:
            return self.stream.write(text)
        except BrokenPipeError:
            self.let_go()
            return len(text)

    def flush(self):
        try:
            self.stream.flush()
        except BrokenPipeError:
            self.let_go()

    def let_go(self):
        """What is still buffered goes nowhere, and so does all that follows."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name):
        return getattr(self.stream, name)


def run(main):
    """Calls main() with such a standard output, and returns its exit code."""
    sys.stdout = Quiet(sys.stdout)
    try:
        return main()
    finally:
        sys.stdout.flush()
