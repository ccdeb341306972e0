#!/usr/bin/python3
"""Link flows of a real city agree with those of Eclipse SUMO, and the scripts that compare the two measure well.

The measures are tried on small files with known answers first. Then Bologna as Debian packages it runs in both
programs, one seed, and the flows leaving each link in the first half hour must correlate with r >= 0.95 (single
seeds of SUMO among each other: above 0.998; two of its car-following models: about 0.99). Skipped where SUMO is
missing.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SKIPPED = 77
SOURCE = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SCRIPTS = SOURCE / "scripts"
WINDOW_S = 1800


def call(command, accepted=(0,), **more):
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **more)
    assert done.returncode in accepted, (
        f"{' '.join(command)}: exit code {done.returncode}, expected {accepted}\n{done.stdout}{done.stderr}")
    return done


def small_reference(path, seed, left, duration, moved, waiting=0.0, begin=0.0):
    """Two links, four intervals of 900 s, four trips, two movements; `begin`: the clock at which the run begins."""
    text = h5py.string_dtype()
    left = np.array(left, dtype=float)
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = "arterial-sumo-reference 2"
        file.attrs.update({"model": "idm", "step_s": 0.5, "seed": seed})
        trips = file.create_group("trips")
        trips.create_dataset("id", data=["p", "q", "r", "s"], dtype=text)
        planned = begin + np.array([0.0, 10.0, 20.0, 30.0])
        trips["planned_s"], trips["insert_s"] = planned, planned + 1
        trips["arrival_s"] = planned + 1 + np.array(duration, dtype=float)
        trips["duration_s"] = np.array(duration, dtype=float)
        trips["depart_delay_s"], trips["route_length_m"] = np.ones(4), np.full(4, 500.0)
        trips["time_loss_s"] = np.array(duration, dtype=float) / 2
        links = file.create_group("links")
        links.create_dataset("id", data=["a", "b"], dtype=text)
        links["length_m"] = [100.0, 200.0]
        links["begin_s"], links["end_s"] = begin + np.arange(4) * 900.0, begin + np.arange(4) * 900.0 + 900
        links["left"], links["entered"] = left, left
        for name in ("departed", "arrived"):
            links[name] = np.zeros_like(left)
        links["waiting_s"] = np.full_like(left, waiting)
        links["time_loss_s"] = left * [10.0, 0.1 * waiting]
        links["sampled_s"] = left * 30
        movements = file.create_group("movements")
        movements.create_dataset("from_link", data=["a", "b"], dtype=text)
        movements.create_dataset("to_link", data=["b", "a"], dtype=text)
        movements["count"] = np.array([moved] * 4, dtype=float)
        file.create_group("totals")


def check_measures(folder):
    """Flows of the result are 10 % above the reference on one link, equal on the other; times 1.5 times."""
    reference, result = folder / "reference.h5", folder / "result.h5"
    small_reference(reference, 1, [[100, 50], [100, 60], [100, 70], [100, 10]], [100, 100, 100, 100],
                    moved=[50, 40], waiting=1800.0, begin=25200.0)
    small_reference(result, 1, [[110, 50], [110, 60], [110, 70], [110, 40]], [150, 150, 150, 150],
                    moved=[60, 44], waiting=900.0)
    compare = SCRIPTS / "compare_sumo"
    call([compare, result, "--reference", reference, "-o", folder / "out"])
    figures = json.loads((folder / "out" / "comparison.json").read_text())
    # the pair with 10 vehicles is below 20: seven pairs, four of them 10 % apart
    assert figures["flow_pairs"] == 7, figures["flow_pairs"]
    assert abs(figures["flow_median_difference"] - 0.10) < 1e-12
    expected = np.corrcoef([110, 110, 110, 110, 50, 60, 70], [100, 100, 100, 100, 50, 60, 70])[0, 1]
    assert abs(figures["flow_correlation"] - expected) < 1e-12
    assert abs(figures["ratio_duration_s"] - 1.5) < 1e-12 and figures["trips_in_both"] == 4
    assert abs(figures["ratio_route_length_m"] - 1.0) < 1e-12
    # 60 and 44 vehicles an interval against 50 and 40; one standing vehicle against two
    places = {key: {row["place"]: (round(row["ratio"], 9), row["inside"]) for row in rows}
              for key, rows in figures["ratios"].items()}
    assert places["movements"] == {"a > b": (1.2, False), "b > a": (1.1, True)}, places
    assert places["standing"] == {"a": (0.5, False), "b": (0.5, False)}, places
    assert places["delay"] == {"a": (1.0, True), "b": (0.5, False)}, places
    for picture in ("outside_band.png", "link_flows.png", "arrivals.png", "running.png"):
        assert (folder / "out" / picture).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n", picture

    both = [compare, result, "--reference", reference]
    call([*both, "--max-flow-difference", 0.11, "--max-travel-time", 0.51])
    for bound in (("--max-flow-difference", 0.09), ("--max-travel-time", 0.49), ("--min-correlation", 0.9999)):
        done = call([*both, *bound], accepted=(6,))
        assert "outside bounds" in done.stdout
    broken = folder / "broken.h5"
    broken.write_bytes(b"not HDF5")
    assert "broken.h5" in call([compare, broken, "--reference", reference], accepted=(3,)).stderr


def check_trajectories(folder):
    """Two vehicles on a_0, of which one goes on and one stays; a third on another link does not count."""
    reference = folder / "ways.h5"
    small_reference(reference, 1, [[100, 50]] * 4, [100] * 4, moved=[50, 40], begin=25200.0)
    text = h5py.string_dtype()
    rows = [(25210 + t, "p", "a_0", 10.0 * t) for t in range(5)] + [(25210 + t, "q", "a_0", 5.0) for t in range(40)]
    rows.append((25212, "r", "b_0", 1.0))
    with h5py.File(reference, "r+") as file:
        group = file.create_group("trajectories")
        for column, name in enumerate(("time_s", "trip", "lane", "position_m")):
            group.create_dataset(name, data=[row[column] for row in rows], dtype=text if column in (1, 2) else float)
    plot = [SCRIPTS / "plot_approach", reference, "--reference", reference, "--link", "a", "-o", folder / "ways.png"]
    done = call([*plot, "--from", 5, "--until", 40])
    assert done.stdout.count("0: 1 left") == 2, done.stdout
    assert (folder / "ways.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "nobody drives" in call([*plot, "--from", 100, "--until", 200], accepted=(3,)).stderr
    assert "/trajectories" in call([*plot[:1], folder / "result.h5", *plot[2:]], accepted=(3,)).stderr


def check_city(folder, program):
    reference = SCRIPTS / "sumo_reference"
    call([reference, "--seeds", 1, "--end", WINDOW_S, "-o", folder])
    call([reference, "--model", "idm", "--export-inputs", folder / "inputs"])
    call([program, "import", "sumo", folder / "inputs" / "run.sumocfg", "-o", folder / "city"])
    scenario = next((folder / "city").glob("*.yaml"))
    result = folder / "run.h5"
    call([program, "run", scenario, "-o", result, "--seed", 1, "--set", f"time.end={WINDOW_S} s"])
    found = sorted(folder.glob("sumo_idm_*.h5"))
    done = call([SCRIPTS / "compare_sumo", result, "--reference", *found, "--until", WINDOW_S,
                 "--min-correlation", 0.95, "-o", folder / "comparison"], accepted=(0, 6))
    print(done.stdout)
    call([SCRIPTS / "plot_map", result, "--variable", "delay", "-o", folder / "delay.png"])
    assert (folder / "comparison" / "travel_time_map.png").exists()
    return done.returncode


def main():
    with tempfile.TemporaryDirectory(prefix="compare_sumo_") as folder:
        folder = pathlib.Path(folder)
        check_measures(folder)
        print("measures: ok")
        check_trajectories(folder)
        print("trajectories: ok")
        program = os.environ.get("ARTERIAL", "")
        if not shutil.which("sumo") or not program or not os.path.exists(program):
            print("SUMO or the program is missing: skipped")
            return SKIPPED
        return check_city(folder, program)


if __name__ == "__main__":
    sys.exit(main())
