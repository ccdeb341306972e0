#!/usr/bin/python3
"""One simulation on several MPI ranks: the hash and the content of the result file are those of one rank, with buses, people,
rerouting, closures, detectors and signals of every kind that listens; partitions from a file; restarts from a checkpoint on
another number of ranks; parts that move while a run steps; errors end all ranks with one message and the right exit code.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PROGRAM = os.environ.get("ARTERIAL", "")
OUTPUTS = ["outputs.trajectories.every=60s", "outputs.movements.every=300s", "outputs.totals.every=60s", "outputs.approaches=true",
           "outputs.passages=true", "people.per_crossing=30"]


def call(words, accepted=(0,)):
    environment = dict(os.environ, OMP_WAIT_POLICY="passive")
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode in accepted, f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def mpirun(ranks, *words, accepted=(0,)):
    return call(["mpirun", "--oversubscribe", "--bind-to", "none", "-n", ranks, PROGRAM, *words], accepted)


def make_town(folder):
    call([PROGRAM, "generate", "grid", "--size", "3x3", "--lanes", 1, "--arms", 300, "-o", folder / "town.city.h5", "--scenario",
          folder / "town.yaml"])
    for seed, (name, trips) in enumerate({"passenger": 700, "bus": 60, "emergency": 20}.items()):
        call([PROGRAM, "generate", "demand", folder / "town.city.h5", "--trips", trips, "--duration", "20min", "--class", name, "--seed",
              seed, "-o", folder / f"{name}.demand.h5"])
    import h5py

    for name in ("bus", "emergency"):  # ids of their own
        with h5py.File(folder / f"{name}.demand.h5", "r+") as file:
            ids = file["trips/trip"]
            ids[:] = [name.encode() + text for text in ids[:]]
    text = (folder / "town.yaml").read_text()
    text = text.replace("demand: []", "demand: [passenger.demand.h5, bus.demand.h5, emergency.demand.h5]")
    (folder / "town.yaml").write_text(text.replace("end: 3600 s", "end: 1200 s"))
    return folder / "town.yaml"


def is_equal(folder, first, second):
    if not shutil.which("h5diff"):
        return
    done = call(["h5diff", "--exclude-path=/provenance", folder / first, folder / second], accepted=(0, 1))
    assert done.returncode == 0 and not done.stdout.strip(), f"{first} and {second} differ:\n{done.stdout[:2000]}"


def hash_of(done):
    lines = [line for line in done.stdout.splitlines() if line.startswith("summary:")]
    assert len(lines) == 1, done.stdout  # one rank talks
    return re.search(r"hash=(\w+)", lines[0])[1]


def check_kinds(folder, scenario):
    for ranks, kind in ((2, "actuated"), (3, "adaptive"), (2, "max_pressure"), (4, "sotl")):
        settings = "{priority_reach_m: 150, preemption_reach_m: 150}"
        sets = [f"controllers=[{{signals: all, control: {kind}, settings: {settings}}}]", "rerouting.share=0.3", *OUTPUTS]
        words = [word for text in sets for word in ("--set", text)]
        alone = call([PROGRAM, "run", scenario, "-o", folder / "one.h5", "--force", "--threads", 2, "--quiet", *words])
        together = mpirun(ranks, "run", scenario, "-o", folder / "many.h5", "--force", "--threads", 1, "--quiet", *words)
        assert hash_of(alone) == hash_of(together), f"{kind} on {ranks} ranks: {together.stdout}"
        is_equal(folder, "one.h5", "many.h5")
        print(f"{kind}: {ranks} ranks give {hash_of(together)} as one does")


def check_partition_file(folder, scenario):
    parts = folder / "parts.csv"
    shown = call([PROGRAM, "info", scenario, "--partition", 2, "-o", parts]).stdout
    assert "imbalance:" in shown and "watched_lanes:" in shown and parts.read_text().startswith("node,part\n")
    alone = call([PROGRAM, "run", scenario, "--no-output", "--quiet"])
    lines = parts.read_text().splitlines()
    rows = [line.rsplit(",", 1)[0] + f",{n % 2}" for n, line in enumerate(lines[1:])]  # as bad as can be
    for text in ("\n".join(lines), "\n".join(["node,part", *rows])):
        parts.write_text(text + "\n")
        done = mpirun(2, "run", scenario, "--no-output", "--quiet", "--partition", parts)
        assert hash_of(done) == hash_of(alone)
    for text, message in (("\n".join(lines[:-1]), "has no part"), ("\n".join([*lines, lines[1]]), "for the second time"),
                          ("node,part\nnowhere,0\n", ":2: no node 'nowhere'"), ("\n".join([*lines[:-1], lines[-1][:-1] + "7"]), "part '7'")):
        parts.write_text(text + "\n")
        refused = mpirun(2, "run", scenario, "--no-output", "--partition", parts, accepted=(3,))
        assert message in refused.stderr and refused.stderr.count("arterial run:") == 1, refused.stderr
    call([PROGRAM, "run", scenario, "--no-output", "--partition", parts], accepted=(2,))


def check_rebalance(folder, scenario):
    words = [word for setting in OUTPUTS + ["rerouting.share=0.5"] for word in ("--set", setting)]
    expected = hash_of(call([PROGRAM, "run", scenario, *words, "--quiet", "--force", "-o", folder / "whole.h5"]))
    parts = folder / "parts.csv"
    call([PROGRAM, "info", scenario, "--partition", 2, "-o", parts])
    rows = parts.read_text().splitlines()
    parts.write_text("\n".join([rows[0], *(row.rsplit(",", 1)[0] + ",0" for row in rows[1:])]) + "\n")  # all for one
    run = ["run", scenario, *words, "--threads", 1, "--force", "--partition", parts, "-o", folder / "moved.h5"]
    moved = mpirun(2, *run, "--rebalance", 1.1)
    assert moved.stderr.count("rebalanced t=300.0") == 1, moved.stderr
    assert hash_of(moved) == expected
    is_equal(folder, "whole.h5", "moved.h5")
    never = mpirun(2, *run, "--rebalance", 0)
    assert "rebalanced" not in never.stderr and hash_of(never) == expected, never.stderr


def check_restart(folder, scenario):
    words = [word for setting in OUTPUTS + ["rerouting.share=0.5"] for word in ("--set", setting)]
    run = ["run", scenario, *words, "--threads", 1, "--quiet", "--force"]
    expected = hash_of(call([PROGRAM, *run, "-o", folder / "whole.h5"]))
    keep = ["--checkpoint-dir", folder / "saved", "--checkpoint-every", "400s"]
    for ranks in (2, 3, 1):  # each goes on from where the one before it saved
        restart = ["--restart", min((folder / "saved").glob("*.checkpoint"))] if ranks != 2 else []
        done = mpirun(ranks, *run, *keep, *restart, "-o", folder / "again.h5")
        assert hash_of(done) == expected, f"{ranks} ranks: {done.stdout}"
        is_equal(folder, "whole.h5", "again.h5")
        assert len(list((folder / "saved").glob("*.checkpoint"))) == 2, list((folder / "saved").iterdir())


def check_failures(folder, scenario):
    missing = mpirun(2, "run", folder / "nothing.yaml", accepted=(5,))
    assert missing.stderr.count("nothing.yaml: No such file") == 1, missing.stderr
    exists = mpirun(2, "run", scenario, "-o", folder / "one.h5", accepted=(5,))
    assert exists.stderr.count("arterial run:") == 1 and "exists" in exists.stderr, exists.stderr
    verb = mpirun(2, "info", scenario, accepted=(2,))
    assert "only 'run'" in verb.stderr, verb.stderr
    full = pathlib.Path("/dev/full")
    if full.exists():
        done = mpirun(2, "run", scenario, "-o", full, "--force", "--quiet", accepted=(5,))
        assert done.stderr.count("arterial run:") == 1, done.stderr


def main():
    if not PROGRAM or not os.path.exists(PROGRAM) or not shutil.which("mpirun"):
        print("ARTERIAL names no program, or there is no mpirun: skipped")
        return SKIPPED
    if "mpi=serial" in call([PROGRAM, "--version"]).stdout:
        print("a serial build: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scenario = make_town(folder)
        check_kinds(folder, scenario)
        check_partition_file(folder, scenario)
        check_rebalance(folder, scenario)
        check_restart(folder, scenario)
        check_failures(folder, scenario)
    return 0


if __name__ == "__main__":
    sys.exit(main())
