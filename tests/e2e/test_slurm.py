#!/usr/bin/python3
"""The job scripts under a real Slurm, which scripts/slurm/one_node sets up on this machine.

A run; a batch as a job array, with the job behind it that completes the manifest; processes that srun starts side by side;
a chain of jobs with requeue. Results are those of the same commands without Slurm. Skipped where Slurm is not installed.
"""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(os.environ["ARTERIAL_SOURCE_DIR"])
PROGRAM = os.environ["ARTERIAL"]
SCRIPTS = ROOT / "scripts" / "slurm"
# Does what `arterial run` does with checkpoints, in seconds instead of steps: counts in a file, saves when told to.
STAND_IN = """#!/bin/bash
echo "start $*" >>calls
while [ $# -gt 0 ]; do [ "$1" = --checkpoint-dir ] && folder=$2; shift; done
n=$(cat "$folder"/count 2>/dev/null || echo 0)
trap 'echo "$n" >"$folder/count"; echo "USR1 at $n" >>calls' USR1
trap 'echo "$n" >"$folder/count"; echo "USR2 at $n" >>calls; exit 75' USR2
while [ "$n" -lt 8 ]; do sleep 0.5 & wait $!; n=$((n + 1)); [ -e hold ] && n=$((n - 1)); done
echo "done" >>calls
"""


def load_one_node():
    loader = importlib.machinery.SourceFileLoader("one_node", str(SCRIPTS / "one_node"))
    sys.dont_write_bytecode = True
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("one_node", loader))
    loader.exec_module(module)
    return module


class Work:
    """Commands in a folder, under the Slurm given."""

    def __init__(self, slurm, folder):
        self.slurm, self.folder = slurm, folder

    def call(self, *words, **extra):
        return subprocess.run([*map(str, words)], capture_output=True, text=True, cwd=self.folder,
                              env={**self.slurm.environment, "ARTERIAL": PROGRAM, **extra}, check=False)

    def submit(self, *words, **extra):
        done = self.call(*words, **extra)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_idle(self, seconds):
        assert self.slurm.wait_idle(seconds), self.call("squeue", "--long").stdout + self.logs()

    def wait_until(self, what, is_so, seconds=30):
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, f"{what}\n{self.call('squeue', '--long').stdout}{self.logs()}"
            time.sleep(0.1)

    def logs(self):
        return "".join(f"--- {log.name}\n{log.read_text()}" for log in sorted(self.folder.glob("*.log")))


def word_of(text, key):
    words = [word for word in text.split() if word.startswith(key + "=")]
    assert words, (key, text)
    return words[-1]


def check_run(work, expected):
    """The script gives the run its cores, its words and its exit code."""
    job = work.submit("sbatch", "--wait", "--cpus-per-task=2", SCRIPTS / "run.sbatch", "g.yaml", "-o", "slurm.h5",
                      SHOW_BINDING="1").split()[-1]
    log = (work.folder / f"arterial-{job}.log").read_text()
    assert word_of(log, "hash") == expected, log
    assert "cpu-bind" in log and "mask" in log, log  # the table of who runs where
    facts = work.call(PROGRAM, "info", "--json", "slurm.h5").stdout
    assert '"threads": 2' in facts and '"ranks": 1' in facts, facts
    wrong = work.call("sbatch", "--wait", SCRIPTS / "run.sbatch", "missing.yaml")
    assert wrong.returncode == 5, (wrong.returncode, work.logs())
    refused = work.call("sbatch", "--wait", SCRIPTS / "run.sbatch", "g.yaml", ARTERIAL_LAUNCH="rsh")
    assert refused.returncode == 2 and "accepted: srun, mpirun" in work.logs(), work.logs()


def check_ranks(work, expected):
    """Two processes that srun starts, each with a core of its own, and two that mpirun starts within the job."""
    if "this version runs on one rank" in work.call("srun", "--mpi=pmix", "--ntasks=2", PROGRAM, "run", "g.yaml").stderr:
        print("this version runs on one rank: several are not tried")
        return
    for launcher in ("srun", "mpirun"):
        job = work.submit("sbatch", "--wait", "--ntasks=2", SCRIPTS / "run.sbatch", "g.yaml", "-o", f"{launcher}.h5",
                          ARTERIAL_LAUNCH=launcher).split()[-1]
        log = (work.folder / f"arterial-{job}.log").read_text()
        assert word_of(log, "hash") == expected and "warning" not in log, log
        facts = work.call(PROGRAM, "info", "--json", f"{launcher}.h5").stdout
        assert '"threads": 1' in facts and '"ranks": 2' in facts, facts


def check_strangers(work):
    """Without PMIx every process would be the only one, and write the same file."""
    done = work.call("srun", "--mpi=none", "--ntasks=2", PROGRAM, "run", "g.yaml", "-o", "strangers.h5")
    assert done.returncode == 2 and "Slurm started 2 processes" in done.stderr, (done.returncode, done.stderr)
    assert not (work.folder / "strangers.h5").exists()


def check_batch(work):
    (work.folder / "b.yaml").write_text("arterial: 1\nscenarios: [g.yaml]\nseeds: 1..5\noutput: out\n")
    said = work.submit(SCRIPTS / "submit_batch", "-m", "2", "-j", "2", "b.yaml", "--time=00:10:00")
    assert said.startswith("5 members in 3 tasks"), said
    work.wait_idle(120)
    rows = (work.folder / "out" / "manifest.csv").read_text().splitlines()
    assert len(rows) == 6 and all(",found," in row for row in rows[1:]), (rows, work.logs())
    assert len(list((work.folder / "out" / "g").glob("seed_*.h5"))) == 5
    alone = work.call(PROGRAM, "run", "g.yaml", "--seed", "3", "--quiet", "--no-output")
    assert word_of(alone.stdout, "hash").split("=")[1] in rows[3], (alone.stdout, rows[3])
    assert sorted(log.name.split("_")[-1] for log in work.folder.glob("arterial-batch-*.log")) == ["0.log", "1.log", "2.log"]


def check_chain_mechanism(work):
    """Signals reach the program through batch script and srun; 75 queues the job again under its number; 0 ends it."""
    program = work.folder / "stand_in"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    calls = work.folder / "calls"
    (work.folder / "hold").touch()
    job = work.submit("sbatch", "--parsable", "--begin=now", SCRIPTS / "chain.sbatch", "g.yaml", "-o", "chain.h5",
                      ARTERIAL=str(program), CHECKPOINT_EVERY="60s").strip()
    words = f"start run g.yaml -o chain.h5 --threads 1 --checkpoint-every 60s --checkpoint-dir checkpoints-{job} --restart auto"
    work.wait_until("the first part has started", lambda: calls.exists() and words in calls.read_text())
    time.sleep(0.7)
    work.submit("scancel", "--batch", "--signal=USR1", job)
    work.wait_until("USR1 has arrived", lambda: "USR1" in calls.read_text())
    work.submit("scancel", "--batch", "--signal=USR2", job)
    work.wait_until("USR2 has arrived", lambda: "USR2" in calls.read_text())
    (work.folder / "hold").unlink()
    log = work.folder / f"arterial-chain-{job}.log"
    start_again(work, job, 0, log)
    work.wait_idle(120)
    lines = calls.read_text().splitlines()
    text = log.read_text()
    assert [line.split()[0] for line in lines] == ["start", "USR1", "USR2", "start", "done"], (lines, text)
    assert "part 0 ended with 75" in text and "part 1 ended with 0" in text, text


def state_of(work, job):
    return work.call("squeue", "-h", "-j", job, "-o", "%T").stdout.strip()


def start_again(work, job, part, log):
    """Slurm lets two minutes pass before a job that was running starts again; the test does not, but for the old script's end."""
    work.wait_until("the job is queued again", lambda: state_of(work, job) == "PENDING" and
                    log.read_text().count("DUE TO JOB REQUEUE") == part + 1)
    time.sleep(2)

    def is_started():
        work.call("scontrol", "update", f"JobId={job}", "StartTime=now")  # fails while the old part is being cleared away
        return state_of(work, job) in ("RUNNING", "COMPLETING", "")

    work.wait_until("the job has started again", is_started, 60)
    work.wait_until("the next part has begun", lambda: f"part {part + 1} on" in log.read_text())


def check_chain(work):
    """A run that is stopped twice, with other numbers of threads, is the run that never was: hash and content of the file."""
    options = ("--set", "time.step=0.1s", "--set", "outputs.trajectories.every=5s")
    whole = work.submit(PROGRAM, "run", "g.yaml", "--quiet", "-o", "whole.h5", *options)
    job = work.submit("sbatch", "--parsable", "--cpus-per-task=2", SCRIPTS / "chain.sbatch", "g.yaml", "--quiet", "-o", "parts.h5",
                      *options, CHECKPOINT_EVERY="5s", CHECKPOINTS="saved").strip()
    folder, log = work.folder / "saved", work.folder / f"arterial-chain-{job}.log"
    for part in range(2):
        seen = set(os.listdir(folder)) if folder.exists() else set()
        work.wait_until("a checkpoint", lambda: folder.exists() and set(os.listdir(folder)) - seen, 60)
        work.submit("scancel", "--batch", "--signal=USR2", job)
        work.wait_until("the part has ended", lambda: f"part {part} ended with 75" in log.read_text())
        start_again(work, job, part, log)
    work.wait_idle(120)
    text = log.read_text()
    assert "part 2 ended with 0" in text and "warning" not in text, text
    assert word_of(text, "hash") == word_of(whole, "hash"), text
    same = work.call(sys.executable, ROOT / "scripts" / "arterial_same.py", "whole.h5", "parts.h5")
    assert same.returncode == 0, same.stdout


def main():
    one_node = load_one_node()
    missing = [name for name in one_node.NEEDED if not one_node.program(name)]
    if missing:
        print(f"not installed: {', '.join(missing)}")
        return 77
    with tempfile.TemporaryDirectory() as daemons, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with one_node.Slurm(daemons, cores=2) as slurm:
            work = Work(slurm, folder)
            work.submit(PROGRAM, "generate", "grid", "--size", "5", "--vehicles", "700", "--duration", "300", "-o", "g.city.h5",
                        "--demand-output", "g.demand.h5", "--scenario", "g.yaml")
            expected = word_of(work.submit(PROGRAM, "run", "g.yaml", "--quiet", "--no-output"), "hash")
            check_run(work, expected)
            check_ranks(work, expected)
            check_strangers(work)
            check_batch(work)
            check_chain_mechanism(work)
            check_chain(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
