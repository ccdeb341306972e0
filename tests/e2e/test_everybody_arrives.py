#!/usr/bin/python3
"""Every vehicle of the joined Bologna arrives within the time of its scenario, with several seeds and models.

The city has what makes vehicles stand for ever when a rule is wrong: rings of short links, lanes that lead nowhere,
buses that need a lane they cannot reach. Needs ARTERIAL_DATA/sumo/bologna/joined; without it the test is skipped.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
CONFIG = pathlib.Path(os.environ.get("ARTERIAL_DATA", "/nonexistent")) / "sumo/bologna/joined/run.sumocfg"
PROGRAM = os.environ.get("ARTERIAL", "")
TRIPS = 11176  # as SUMO inserts them
RUNS = [(seed, model) for model in ("idm", "iidm") for seed in (1, 2, 3)] + [(1, "krauss")]


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def main():
    if not CONFIG.exists() or not os.path.exists(PROGRAM):
        print(f"SKIP: {CONFIG} or the program is missing")
        return SKIPPED
    left = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run("import", "sumo", CONFIG, "-o", folder)
        for seed, model in RUNS:
            text = run("run", folder / "scenario.yaml", "--seed", seed, "--set", f"models.car_following={model}",
                       "--set", "outputs.links=false", "-o", folder / f"{model}_{seed}.h5")
            line = next(row for row in text.splitlines() if row.startswith("summary:"))
            figures = dict(word.split("=") for word in line.split()[1:])
            print(f"{model} seed {seed}: arrived {figures['arrived']}, mean travel time {figures['mean_travel_time_s']} s")
            if int(figures["arrived"]) != TRIPS or int(figures["removed"]) != 0:
                left.append(f"{model} seed {seed}: {figures['arrived']} of {TRIPS} arrived, removed {figures['removed']}")
    assert not left, "\n".join(left)
    return 0


if __name__ == "__main__":
    sys.exit(main())
