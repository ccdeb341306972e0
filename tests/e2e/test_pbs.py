#!/usr/bin/python3
"""The job scripts for PBS, without a PBS: this test sets what PBS sets, and stands in for qsub and qstat. It shows that the
scripts do what they say given that environment, not that a site's PBS gives it.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SCRIPTS = pathlib.Path(os.environ["ARTERIAL_SOURCE_DIR"]) / "scripts" / "pbs"
PROGRAM = os.environ["ARTERIAL"]
STAND_IN = """#!/bin/bash
echo "start $*" >>calls
while [ $# -gt 0 ]; do [ "$1" = --checkpoint-dir ] && folder=$2; shift; done
n=$(cat "$folder"/count 2>/dev/null || echo 0)
trap 'echo "$n" >"$folder/count"; [ -e stuck ] && rm "$folder/count"; echo "USR2" >>calls; exit 75' USR2
while [ "$n" -lt 10 ]; do sleep 0.2 & wait $!; n=$((n + 1)); done
echo "done" >>calls
"""
QSUB = """#!/bin/bash
echo "$*" >>submitted
exec bash "${@: -1}"
"""
QSTAT = """#!/bin/bash
echo "Job Id: $2"
echo "    Resource_List.select = 1:ncpus=2:ompthreads=2"
"""


class Work:
    def __init__(self, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "nodes").write_text("here\n")
        for name, text in {"stand_in": STAND_IN, "qsub": QSUB, "qstat": QSTAT}.items():
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)

    def job(self, script, **variables):
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "PBS_O_WORKDIR": str(self.folder),
                       "PBS_NODEFILE": str(self.folder / "nodes"), "PBS_JOBID": "7.server", "OMP_NUM_THREADS": "2",
                       "ARTERIAL": PROGRAM, **variables}
        return subprocess.run(["bash", str(SCRIPTS / script)], capture_output=True, text=True, cwd="/", env=environment,
                              timeout=120, check=False)


def word_of(text, key):
    return [word for word in text.split() if word.startswith(key + "=")][-1]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        work = Work(folder)
        subprocess.run([PROGRAM, "generate", "grid", "--size", "3", "--vehicles", "60", "--duration", "60", "-o", "g.city.h5",
                        "--demand-output", "g.demand.h5", "--scenario", "g.yaml"], cwd=folder, check=True, capture_output=True)
        expected = subprocess.run([PROGRAM, "run", "g.yaml", "--quiet", "--no-output"], cwd=folder, check=True,
                                  capture_output=True, text=True).stdout

        done = work.job("run.pbs", RUN="g.yaml -o pbs.h5")
        assert done.returncode == 0 and word_of(done.stdout, "hash") == word_of(expected, "hash"), (done.stdout, done.stderr)
        assert (folder / "pbs.h5").exists()
        missing = work.job("run.pbs")
        assert missing.returncode != 0 and "qsub -v RUN" in missing.stderr, missing.stderr

        (folder / "b.yaml").write_text("arterial: 1\nscenarios: [g.yaml]\nseeds: 1..3\noutput: out\n")
        for task in ("0", "1"):
            done = work.job("batch.pbs", BATCH="b.yaml", PBS_ARRAY_INDEX=task, MEMBERS="3", MEMBERS_PER_TASK="2")
            assert done.returncode == 0, done.stderr
        assert len(list((folder / "out" / "g").glob("seed_*.h5"))) == 3
        beyond = work.job("batch.pbs", BATCH="b.yaml", PBS_ARRAY_INDEX="7")
        assert beyond.returncode == 2 and "there is no member 7" in beyond.stderr, (beyond.returncode, beyond.stderr)

        # Three parts: the stand-in counts for 2 s in all, and a second before the limit of two it has to save.
        chain = {"RUN": "g.yaml -o c.h5", "SECONDS_ALLOWED": "2", "SAVE_BEFORE": "1", "SCRIPT": str(SCRIPTS / "chain.pbs"),
                 "ARTERIAL": str(folder / "bin" / "stand_in")}
        done = work.job("chain.pbs", **chain)
        lines = [line.split()[0] for line in (folder / "calls").read_text().splitlines()]
        assert done.returncode == 75 and lines[-2:] == ["start", "done"] and lines.count("USR2") >= 1, (lines, done.stderr)
        assert lines.count("start") == lines.count("USR2") + 1, lines
        submitted = (folder / "submitted").read_text().splitlines()
        assert len(submitted) == lines.count("USR2"), submitted
        assert "select=1:ncpus=2:ompthreads=2 -l walltime=2" in submitted[0], submitted
        (folder / "calls").unlink()
        (folder / "stuck").touch()  # whoever saves nothing is not submitted again and again
        stuck = work.job("chain.pbs", CHECKPOINTS="stuck_checkpoints", **chain)
        assert stuck.returncode == 75 and "nothing was saved" in stuck.stderr, (stuck.returncode, stuck.stderr)
        assert len((folder / "calls").read_text().splitlines()) == 2  # start, USR2
    return 0


if __name__ == "__main__":
    sys.exit(main())
