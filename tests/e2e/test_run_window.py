#!/usr/bin/python3
"""A run of a part of the day holds the trips of that part only, and drives them as one that has read the whole day."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import arterial_same  # noqa: E402

PROGRAM = os.environ.get("ARTERIAL", "")
TRIPS, HOURS = 60000, 12
BEGIN_S, END_S = 1800, 3000
CLOSED_S, OPEN_S = 1850, 1950
SCENARIO = f"""arterial: 1
title: part of the day
city: town.city.h5
demand: [day.demand.h5]
time: {{begin: {BEGIN_S} s, end: {END_S} s}}
interventions:
  - close: {{links: ["x1y1e"], from: {CLOSED_S} s, to: {OPEN_S} s}}
"""


def call(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.returncode, done.stderr)
    return done


def held(done):
    return int(re.search(r"demand_bytes=(\d+)", done.stdout + done.stderr).group(1))


def main():
    if not PROGRAM or not os.path.exists(PROGRAM):
        print("ARTERIAL names no program: skipped")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        call("generate", "grid", "--size", "6", "-o", folder / "town.city.h5")
        call("generate", "demand", folder / "town.city.h5", "--trips", TRIPS, "--duration", f"{HOURS} h", "-o", folder / "day.demand.h5")
        with h5py.File(folder / "day.demand.h5") as file:
            depart_ms = file["trips/depart"][:]
        before, after = int((depart_ms < 1000 * BEGIN_S).sum()), int((depart_ms >= 1000 * END_S).sum())
        assert before > 1000 and after > 1000

        part = folder / "part.yaml"
        part.write_text(SCENARIO)
        done = call("run", part, "-o", folder / "part.h5", "--timings")
        assert f"note: {before} trips depart before the run and {after} after it" in done.stderr, done.stderr
        with h5py.File(folder / "part.h5") as file:
            assert len(file["trips/depart"]) == TRIPS - before - after

        # To repeat the day after its end needs all of it, and changes nothing before.
        whole = folder / "whole.yaml"
        whole.write_text(SCENARIO.replace("time: {", f"time: {{demand_repeat: {HOURS} h, "))
        all_trips = call("run", whole, "-o", folder / "whole.h5", "--timings")
        assert f"note: {before} trips depart before the run" in all_trips.stderr, all_trips.stderr
        assert 2 * held(done) < held(all_trips), (held(done), held(all_trips))
        found = [d for d in arterial_same.differences(folder / "whole.h5", folder / "part.h5") if not d.startswith("/: attribute")]
        assert not found, found

        # Who departs while a link on the way is closed drives round it, who departs later does not.
        open_all = folder / "open.yaml"
        open_all.write_text(SCENARIO.split("interventions")[0])
        call("run", open_all, "-o", folder / "open.h5")
        ways = []
        for name in ("part", "open"):
            with h5py.File(folder / f"{name}.h5") as file:
                trips = file["trips"]
                ways.append((trips["route_length"][:], (trips["arrival"][:] >= 0) & (trips["missed_turns"][:] == 0)))
                depart = trips["depart"][:]
        sound = ways[0][1] & ways[1][1]
        differ = abs(ways[0][0] - ways[1][0]) > 50.0  # less: other lanes of the same way
        meanwhile, later = sound & (depart >= CLOSED_S) & (depart < OPEN_S), sound & (depart >= OPEN_S)
        assert differ[meanwhile].sum() > 0 and later.sum() > 300, (differ[meanwhile].sum(), later.sum())
        assert not differ[later].any(), differ[later].sum()

        # After all departures; and before nearly all.
        part.write_text(SCENARIO.split("interventions")[0])
        for begin_s in (0, HOURS * 3600 + 60):
            done = call("run", part, "--no-output", "--set", f"time.begin={begin_s} s", "--set", f"time.end={begin_s + 1} s")
            before, after = int((depart_ms < 1000 * begin_s).sum()), int((depart_ms >= 1000 * begin_s + 1000).sum())
            assert f"note: {before} trips depart before the run and {after} after it" in done.stderr, done.stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
