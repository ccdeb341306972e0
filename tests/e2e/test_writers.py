#!/usr/bin/python3
"""Trajectories of several ranks in one file: the content is that of one rank for any number of ranks and of writers, also when the
run goes on from a checkpoint on other numbers of both; readers open it. A rank that cannot write ends the whole run with one
message and exit code 5, and leaves nothing: in its segment, in its part of the journal, or in the middle of what several writers
do together.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PROGRAM = os.environ.get("ARTERIAL", "")
OUTPUTS = ["--set", "outputs.trajectories.every=0.5s", "--set", "outputs.passages=true", "--threads", 1, "--quiet"]


def call(words, accepted=(0,), extra=None):
    # MPI keeps a file of several MiB of its own for processes on one machine; limits on file sizes would meet that.
    environment = dict(os.environ, OMP_WAIT_POLICY="passive", PMIX_MCA_gds="hash", **(extra or {}))
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode in accepted, f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def mpirun(ranks, *words):
    return call(["mpirun", "--oversubscribe", "--bind-to", "none", "-n", ranks, PROGRAM, *words])


def compare(folder, first, second):
    done = call(["h5diff", "--exclude-path=/provenance", folder / first, folder / second], accepted=(0, 1))
    assert done.returncode == 0 and not done.stdout.strip(), f"{first} and {second} differ:\n{done.stdout[:2000]}"
    call([PROGRAM, "check", folder / second])
    def layout(name):  # chunks, filters, attributes, order of creation; not how large something is packed, and where it lies
        text = call(["h5dump", "-p", "-H", "-q", "creation_order", "-g", "/trajectories", folder / name]).stdout
        return [line for line in text.splitlines() if not line.startswith("HDF5") and "SIZE" not in line and "OFFSET" not in line]
    assert layout(first) == layout(second), f"{first} and {second} are laid out otherwise"


def check_writers(folder, scenario):
    for ranks, writers in ((1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2)):
        mpirun(ranks, "run", scenario, *OUTPUTS, "--writers", writers, "--force", "-o", folder / "many.h5")
        compare(folder, "one.h5", "many.h5")
        print(f"{ranks} ranks, {writers} writers: the content of one rank")


def check_restarts(folder, scenario):
    saved = ["--checkpoint-dir", folder / "saved", "--checkpoint-every", "60s"]
    run = ["run", scenario, *OUTPUTS, "--force", "-o", folder / "again.h5"]
    mpirun(3, *run, *saved)
    parts = {path.name for path in (folder / "saved").glob("*.journal.*")}
    assert len(parts) == 2, parts
    for ranks, writers in ((2, 2), (1, 1), (4, 2)):  # each goes on where the one before saved last but one
        mpirun(ranks, *run, *saved, "--writers", writers, "--restart", min((folder / "saved").glob("*.checkpoint")))
        compare(folder, "one.h5", "again.h5")
        print(f"gone on with {ranks} ranks, {writers} writers: the content of one rank")
    # Without the part of a rank a checkpoint is of no use.
    last = max((folder / "saved").glob("*.checkpoint"))
    part = next((folder / "saved").glob("*.journal.2"))
    part.write_bytes(part.read_bytes()[:1000])
    refused = call([PROGRAM, *run, "--restart", last], accepted=(3,))
    assert "journal.2" in refused.stderr and "truncated" in refused.stderr, refused.stderr
    mpirun(2, *run, *saved)  # anew: old parts go
    assert len(list((folder / "saved").glob("*.journal.*"))) == 1
    compare(folder, "one.h5", "again.h5")


def check_full_disk(folder, scenario):
    parts = folder / "parts.csv"
    call([PROGRAM, "info", scenario, "--partition", 2, "-o", parts])
    head, *rows = parts.read_text().splitlines()
    parts.write_text("\n".join([head, *(row.rsplit(",", 1)[0] + ",1" for row in rows)]) + "\n")  # all for the second rank
    common = ["run", scenario, *OUTPUTS, "--partition", parts, "--rebalance", 0, "-o", folder / "full.h5"]
    saved = ["--checkpoint-dir", folder / "full", "--checkpoint-every", "60s"]
    cases = {  # the limit of the second rank's files in KiB, words of the message
        "segment": ([], 1024, "temporary file cannot be written"),
        "journal": (saved, 512, "journal.1: cannot be written"),
        "writing": (["--writers", 2], 4096, "cannot be written"),
    }
    before = set(folder.iterdir())
    for case, (more, limit, words) in cases.items():
        run = [str(word) for word in [PROGRAM, *common, *more]]
        if case == "segment":
            run += ["--set", "time.end=400s"]  # more rows than are kept in memory
        limited = f"trap '' XFSZ; ulimit -f {limit}; exec \"$@\""
        done = call(["mpirun", "--oversubscribe", "--bind-to", "none", "-n", 1, *run, ":", "-n", 1, "bash", "-c", limited, "bash", *run],
                    accepted=(5,))
        lines = [line for line in done.stderr.splitlines() if line.startswith("arterial run:")]
        assert len(lines) == 1 and words in lines[0], (case, done.stderr)
        assert "summary:" not in done.stdout, done.stdout
        shutil.rmtree(folder / "full", ignore_errors=True)
        assert set(folder.iterdir()) == before, (case, set(folder.iterdir()) - before)
        print(f"{case}: {lines[0]}")


def main():
    if not PROGRAM or not os.path.exists(PROGRAM) or not shutil.which("mpirun") or not shutil.which("h5diff"):
        print("ARTERIAL names no program, or there is no mpirun or h5diff: skipped")
        return SKIPPED
    if "mpi=serial" in call([PROGRAM, "--version"]).stdout:
        print("a serial build: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scenario = folder / "g.yaml"
        call([PROGRAM, "generate", "grid", "--size", "5x5", "-o", folder / "g.city.h5", "--vehicles", 2000, "--scenario", scenario])
        scenario.write_text(scenario.read_text().replace("end: 3600 s", "end: 200 s"))
        call([PROGRAM, "run", scenario, *OUTPUTS, "-o", folder / "one.h5"])  # some slabs of rows
        check_writers(folder, scenario)
        check_full_disk(folder, scenario)
        check_restarts(folder, scenario)
    return 0


if __name__ == "__main__":
    sys.exit(main())
