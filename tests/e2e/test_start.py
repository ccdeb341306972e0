#!/usr/bin/python3
"""Starting the program: MPI only under a launcher of several processes; threads that wait without spinning where there are
more of them than cores; processes that cannot find one another are refused instead of writing the same file."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["ARTERIAL"]
HOW_TO_WAIT = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OMP_NUM_THREADS")
PLAIN = {name: value for name, value in os.environ.items() if name not in HOW_TO_WAIT}


def run(words, **extra):
    return subprocess.run([*map(str, words)], capture_output=True, text=True, env={**PLAIN, **extra})


def has_mpi():
    return "mpi=serial" not in run([PROGRAM, "--version"]).stdout


def fastest(words, **extra):
    """Seconds, the least of three starts: other work on the machine only ever adds."""
    best = 1e9
    for _ in range(3):
        began = time.monotonic()
        done = run(words, **extra)
        assert done.returncode == 0, done.stderr
        best = min(best, time.monotonic() - began)
    return best


def wait_policy(words, **extra):
    """What the OpenMP runtime says of itself, when it starts for the last time."""
    done = run(words, OMP_DISPLAY_ENV="verbose", **extra)
    lines = [line for line in done.stderr.splitlines() if "OMP_WAIT_POLICY" in line or "GOMP_SPINCOUNT" in line]
    if not lines:  # another runtime than libgomp
        return None
    return " ".join(lines[-2:])


def check_alone(folder, scenario):
    alone = fastest([PROGRAM, "--version"])
    with_mpi = fastest([PROGRAM, "--version"], ARTERIAL_START_MPI="yes") if has_mpi() else None
    print(f"start: {alone:.3f} s alone, {with_mpi or 0.0:.3f} s with MPI")
    if with_mpi:
        assert alone < with_mpi, (alone, with_mpi)
    wrong = run([PROGRAM, "--version"], ARTERIAL_START_MPI="perhaps")
    assert wrong.returncode == 2 and "ARTERIAL_START_MPI=perhaps" in wrong.stderr, wrong.stderr
    # A process that Slurm's srun or MPICH's mpirun started beside others, which MPI does not know of.
    for who, words in {"Slurm": {"SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2"},
                       "PMI": {"PMI_RANK": "0", "PMI_SIZE": "2"}}.items():
        lost = run([PROGRAM, "run", scenario, "-o", folder / "lost.h5"], **words)
        assert lost.returncode == 2 and f"{who} started 2 processes" in lost.stderr, (lost.returncode, lost.stderr)
        assert not (folder / "lost.h5").exists()
        own = run([PROGRAM, "run", scenario, "--quiet", "--no-output"], ARTERIAL_START_MPI="no", **words)
        assert own.returncode == 0, own.stderr


def check_waiting(scenario):
    cores = len(os.sched_getaffinity(0))
    words = [PROGRAM, "run", scenario, "--quiet", "--no-output", "--threads"]
    if wait_policy(words + [1]) is None:
        print("not GNU's OpenMP: how threads wait is not looked at")
        return
    assert "GOMP_SPINCOUNT = '1000'" in wait_policy(words + [1])
    assert "'PASSIVE'" in wait_policy(words + [cores + 1])
    assert "'PASSIVE'" in wait_policy(words[:-1] + [f"--threads={cores + 1}"])
    assert "'PASSIVE'" in wait_policy(words[:-1], OMP_NUM_THREADS=str(cores + 1))
    # Pinning moves the first thread to one core before main; the program still counts all that it was given, and its second
    # start has them too.
    pinned = {"OMP_PROC_BIND": "close", "OMP_PLACES": "cores"}
    assert "GOMP_SPINCOUNT = '1000'" in wait_policy(words + [cores], **pinned)
    places = [line for line in run(words + [cores], OMP_DISPLAY_ENV="true", **pinned).stderr.splitlines() if "OMP_PLACES" in line]
    assert len(places) == 2 and places[0] == places[1] and places[0].count("{") == cores, places
    assert "'ACTIVE'" in wait_policy(words + [cores + 1], OMP_WAIT_POLICY="active"), "the user's wish counts"


def check_mpirun(scenario):
    mpirun = [shutil.which("mpirun"), "-n", "1"]
    summary = run([PROGRAM, "run", scenario, "--quiet", "--no-output", "--threads", "1"]).stdout
    hash_of = [word for word in summary.split() if word.startswith("hash=")]
    words = [PROGRAM, "run", scenario, "--quiet", "--no-output"]
    calm = run([*mpirun, "--bind-to", "core", *words])
    assert calm.returncode == 0 and calm.stderr == "", calm.stderr  # the core that it is bound to is one thread
    crowd = run([*mpirun, "--bind-to", "core", *words, "--threads", "2"])
    assert crowd.returncode == 0 and crowd.stderr.count("warning") == 1, crowd.stderr
    assert "2 threads in each process, which may use 1 core (the launcher binds it)" in crowd.stderr, crowd.stderr
    assert "without spinning" in crowd.stderr, crowd.stderr
    spinning = run([*mpirun, "--bind-to", "core", *words, "--set", "threads=2"], OMP_WAIT_POLICY="active")
    assert spinning.returncode == 0 and "OMP_WAIT_POLICY=passive set before the start helps" in spinning.stderr, spinning.stderr
    for done in (calm, crowd, spinning):
        assert hash_of == [word for word in done.stdout.split() if word.startswith("hash=")], done.stdout


def check_ranks(scenario):
    """Two processes that share the cores: half of them each; more threads give one warning, of the first rank; the same hash.
    A bad input ends all of them with one message."""
    mpirun = [shutil.which("mpirun"), "-n", "2", "--bind-to", "none"]
    words = [PROGRAM, "run", scenario, "--quiet", "--no-output"]
    if "this version runs on one rank" in run([*mpirun, *words]).stderr:
        print("this version runs on one rank: several are not tried")
        return
    alone = run(words)
    cores = len(os.sched_getaffinity(0))
    for extra, warnings in (([], 0), (["--threads", cores], 1 if cores > 1 else 0)):
        done = run([*mpirun, *words, *extra])
        assert done.returncode == 0 and done.stderr.count("warning") == warnings, (extra, done.stderr)
        assert [word for word in done.stdout.split() if word.startswith("hash=")] == \
            [word for word in alone.stdout.split() if word.startswith("hash=")], (done.stdout, alone.stdout)
    failed = run([*mpirun, *words, "--set", "time.step=7"])
    assert failed.returncode == 3, (failed.returncode, failed.stderr)
    assert sum(line.startswith("arterial") for line in failed.stderr.splitlines()) == 1, failed.stderr


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scenario = folder / "g.yaml"
        made = run([PROGRAM, "generate", "grid", "--size", "4", "--vehicles", "100", "--duration", "60",
                    "-o", folder / "g.city.h5", "--demand-output", folder / "g.demand.h5", "--scenario", scenario])
        assert made.returncode == 0, made.stderr
        check_alone(folder, scenario)
        check_waiting(scenario)
        if has_mpi() and shutil.which("mpirun"):
            check_mpirun(scenario)
            check_ranks(scenario)
        else:
            print("no MPI: nothing is started by mpirun")


if __name__ == "__main__":
    sys.exit(main())
