#!/usr/bin/python3
"""A run whose results cannot be written ends: exit code 5, a message that names the file, and nothing is left of it.

A limit on the size of files (ulimit -f), as users have them or for a full disk. It is met by the thread that writes while the run steps (small intervals
of links), by its temporary file (trajectories), and by the last rows when the file is closed. Without a limit the same runs
succeed.
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

BLOCK = 1 << 20
# what is asked for, limit in MiB, words of the message
CASES = {
    "links": (["--set", "time.end=120s", "--set", "outputs.links.every=1s"], 4, "cannot be written"),
    "trajectories": (["--set", "time.end=220s", "--set", "outputs.links=false", "--set", "outputs.trajectories.every=0.5s"],
                     4, "temporary file cannot be written"),  # it comes into use after two million rows
    "closing": (["--set", "time.end=30s", "--set", "outputs.links=false"], 1, "cannot be"),
}


def run(arguments, limit_mib=None):
    def limit():
        if limit_mib:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_mib * BLOCK, limit_mib * BLOCK))

    return subprocess.run([os.environ["ARTERIAL"], *map(str, arguments)], capture_output=True, text=True, preexec_fn=limit)


def main():
    # MPI keeps a file of several MiB of its own for processes on one machine; single runs do without.
    os.environ["PMIX_MCA_gds"] = "hash"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = run(["generate", "grid", "--size", "16", "--vehicles", "6000", "--duration", "300",
                    "-o", folder / "g.city.h5", "--demand-output", folder / "g.demand.h5", "--scenario", folder / "g.yaml"])
        assert made.returncode == 0, made.stderr
        inputs = set(folder.iterdir())
        for case, (outputs, limit_mib, words) in CASES.items():
            arguments = ["run", folder / "g.yaml", "--quiet", *outputs, "-o", folder / "r.h5"]
            failed = run(arguments, limit_mib)
            assert failed.returncode == 5, (case, failed.returncode, failed.stderr)
            assert words in failed.stderr, (case, failed.stderr)
            assert "r.h5" in failed.stderr or "trajectories" in failed.stderr, (case, failed.stderr)
            assert set(folder.iterdir()) == inputs, (case, sorted(folder.iterdir()))
            done = run(arguments)
            assert done.returncode == 0 and (folder / "r.h5").stat().st_size > limit_mib * BLOCK, (case, done.stderr)
            (folder / "r.h5").unlink()


if __name__ == "__main__":
    sys.exit(main())
