#!/usr/bin/python3
"""Real Bologna with detectors, buses and signals, saved in memory in the middle and gone on with in another simulation on
another number of threads: hash and whole state are those of the run that never stopped. With its own programs, with
controllers of every kind (also one from a shared library), with closures, drivers who look for other ways, and measurements
at signals.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py

SKIPPED = 77
PROGRAM = os.environ.get("ARTERIAL", "")
BUILD = pathlib.Path(os.environ.get("ARTERIAL_BINARY_DIR", "."))
SOURCE = pathlib.Path(os.environ.get("ARTERIAL_DATA", ".")) / "sumo" / "bologna" / "joined" / "run.sumocfg"
SAVER = BUILD / "tests" / "bench_save_state"
LIBRARY = BUILD / "examples" / "user_controller.so"


def call(*arguments):
    done = subprocess.run([*map(str, arguments)], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    assert done.returncode == 0, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def busy_links(city, count):
    """Links with several lanes: some of them will be closed."""
    with h5py.File(city) as file:
        names = [text.decode() for text in file["links/link"][:]]
        lanes = file["links/lane_count"][:]
    return [name for name, several in zip(names, lanes > 1) if several][:count]


def check(scenario, extra, at_s, until_s, before, after):
    path = scenario.parent / "state.yaml"
    path.write_text(scenario.read_text(encoding="utf-8") + extra, encoding="utf-8")
    lines = [line.split() for line in call(SAVER, path, at_s, until_s, before, after).splitlines() if line.startswith("save_state:")]
    first, last = (dict(word.split("=", 1) for word in line[1:]) for line in lines)
    assert int(first["running"]) > 300, first
    assert last["hash"] == last["restored"] and last["states"] == "equal", f"{extra} at {at_s} s: {last}"
    assert float(last["until_s"]) == until_s, last


def main():
    if not PROGRAM or not SOURCE.exists() or not SAVER.exists():
        print(f"SKIP: no {SOURCE} or {SAVER}")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        call(PROGRAM, "import", "sumo", SOURCE, "-o", folder / "bologna")
        scenario = folder / "bologna" / "scenario.yaml"
        text = scenario.read_text(encoding="utf-8")
        assert "outputs:\n" in text
        scenario.write_text(text.replace("outputs:\n", "outputs:\n  approaches: true\n  passages: true\n  signals: true\n"), encoding="utf-8")
        links = busy_links(folder / "bologna" / "city.h5", 3)
        closures = ('rerouting: {share: 40 %, period: 60 s}\ninterventions:\n'
                    f'  - close: {{links: ["{links[0]}"], from: 500 s, to: 1300 s}}\n'
                    f'  - close: {{links: ["{links[1]}"], lane: 1, from: 300 s, to: 1500 s}}\n'
                    f'  - speed: {{links: ["{links[2]}"], limit: 20 km/h, from: 200 s, to: 1400 s}}\n')
        check(scenario, "", 733, 1800, 1, 2)
        check(scenario, closures, 901.5, 1600, 2, 1)
        for at_s, kind in enumerate(("actuated", "stages", "max_pressure", "sotl", "adaptive"), 620):
            check(scenario, f"controllers: [{{signals: all, control: {kind}}}]\n", at_s, 900, 1, 2)
        if LIBRARY.exists():
            check(scenario, f"controllers: [{{signals: all, control: user, library: {LIBRARY}}}]\n" + closures, 777, 1100, 2, 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
