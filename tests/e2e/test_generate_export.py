#!/usr/bin/python3
"""`arterial generate` and `arterial export sumo`: generated cities hold the number of vehicles that was asked for, equal
seeds give equal files, and a generated city that goes out to SUMO runs there with everybody arriving and comes back the
same. Travel times of both programs are printed beside each other. The part with SUMO is skipped loudly where it is missing.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import h5py
import numpy as np

SKIPPED = 77
PROGRAM = os.environ.get("ARTERIAL", "")


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def facts(path):
    return json.loads(run("info", "--json", path))


def equal_seeds_give_equal_files(folder):
    hashes = []
    for number, seed in enumerate((5, 5, 6)):
        city, demand = folder / f"grid{number}.city.h5", folder / f"grid{number}.demand.h5"
        run("generate", "grid", "--size", 4, "--signals", 0.5, "--vehicles", 30, "--seed", seed, "-o", city)
        hashes.append((facts(city)["hash"], facts(demand)["hash"]))
    assert hashes[0] == hashes[1], "equal seeds, other data"
    assert hashes[0][0] != hashes[2][0] and hashes[0][1] != hashes[2][1], "another seed, the same data"
    assert "0 warnings" in run("check", city) and "ok" in run("check", demand, "--city", city)


def mistakes_are_told(folder):
    city = folder / "grid0.city.h5"
    before = city.read_bytes()
    assert "--force" in run("generate", "grid", "--size", 3, "-o", city, code=5)
    assert city.read_bytes() == before
    run("generate", "grid", "--size", 3, "-o", city, "--force")
    out = folder / "never.city.h5"
    for words, code, told in (
        (("grid", "-o", out), 2, "--size"), (("grid", "--size", "0", "-o", out), 2, "1 to 2000"),
        (("grid", "--size", "3"), 2, "-o FILE"), (("maze", "-o", out), 2, "accepted: grid"),
        (("ring", "--length", "5 miles", "-o", out), 2, "length"), (("ring", "--torus", "-o", out), 2, "torus"),
        (("grid", "--size", "3", "--block", "20", "-o", out), 3, "block (m) is 20"),
        (("grid", "--size", "3", "--vehicles", "100000", "-o", out), 3, "accepted: 0 to"),
        (("demand", folder / "gone.h5", "--trips", "3", "-o", out), 5, "gone.h5"),
    ):
        message = run("generate", *words, code=code)
        assert told in message, f"{words}: {message}"
        assert not out.exists()
    other = folder / "grid1.city.h5"
    assert "--force" in run("generate", "demand", city, "--trips", 5, "-o", other, code=5)
    for words, told in ((("--trips", 5, "--load", 0.5), "exclude each other"), (("--trips", 5, "--most-load", 0.5), "--load SHARE"),
                        (("--trips", 5, "--class", "tank"), "accepted: private, ")):
        assert told in run("generate", "demand", city, *words, "-o", out, code=2)
        assert not out.exists()
    assert "Example" in run("generate", "corridor", "--help")


def fleets_hold_their_number(folder):
    kinds = {"grid": ("--size", 5, "--vehicles", 300), "torus": ("--size", 4, "--torus", "--vehicles", 400),
             "ring": ("--length", 1000, "--lanes", 2, "--vehicles", 60),
             "corridor": ("--links", 6, "--lanes", 2, "--block", 300, "--signals", 1, "--vehicles", 80),
             "pipe": ("--links", 4, "--lanes", 3, "--block", 800, "--one-way", "--vehicles", 200),
             "random": ("--nodes", 40, "--lanes", 2, "--vehicles", 300)}
    for name, options in kinds.items():
        kind = {"torus": "grid", "pipe": "corridor"}.get(name, name)
        wanted, scenario, result = options[-1], folder / f"{name}.yaml", folder / f"{name}.h5"
        run("generate", kind, *options, "--duration", "30 min", "-o", folder / f"{name}.city.h5", "--scenario", scenario)
        run("run", scenario, "--quiet", "-o", result)
        with h5py.File(result) as f:
            running = np.array(f["totals/running"])[1:]
        mean, low, high = running.mean(), running.min(), running.max()
        print(f"{name}: {wanted} asked for, {mean:.0f} on average, {low} to {high}")
        assert abs(mean / wanted - 1) < 0.1, f"{name}: {running}"
        if kind != "corridor":
            assert low > 0.98 * wanted and high <= wanted, f"{name}: {running}"


def shape_of(path):
    with h5py.File(path) as f:
        link_of = f["lanes/link"][:]
        lanes = link_of >= 0
        return {"nodes": f["nodes/node"].shape[0], "links": f["links/link"].shape[0], "lanes": int(lanes.sum()),
                "connectors": int((~lanes).sum()), "signals": f["signals/signal"].shape[0],
                "length": f["lanes/length"][:], "conflicts": facts(path)["counts"]["conflicts"]}


def sumo_runs_what_is_exported(folder):
    sumo, netconvert = shutil.which("sumo"), shutil.which("netconvert")
    if not sumo or not netconvert:
        print("SKIPPED: sumo or netconvert is missing, nothing was exported to it (install package sumo)")
        return False
    city, demand, scenario = folder / "town.city.h5", folder / "town.demand.h5", folder / "town.yaml"
    run("generate", "grid", "--size", 3, "--lanes", 2, "--arms", 150, "--detectors", "-o", city)
    run("generate", "demand", city, "--trips", 600, "--duration", "10 min", "-o", demand)
    for zipped in (False, True):
        out = folder / f"sumo{int(zipped)}"
        run("export", "sumo", city, "--demand", demand, "-o", out, *(["--gzip"] if zipped else []))
        assert "--force" in run("export", "sumo", city, "-o", out, code=5)
        run("import", "sumo", out / "run.sumocfg", "-o", folder / f"back{int(zipped)}")
        before, after = shape_of(city), shape_of(folder / f"back{int(zipped)}" / "city.h5")
        lengths = before.pop("length"), after.pop("length")
        assert before == after, f"{before} went out, {after} came back"
        assert np.allclose(*lengths, rtol=0.01)
        assert facts(folder / f"back{int(zipped)}" / "demand.h5")["counts"]["trips"] == 600
    out = folder / "sumo0"
    subprocess.run([netconvert, "-s", out / "city.net.xml", "-o", folder / "converted.net.xml", "--xml-validation", "never"],
                   check=True, capture_output=True, timeout=120)
    tripinfo = folder / "tripinfo.xml"
    done = subprocess.run([sumo, "-c", out / "run.sumocfg", "--tripinfo-output", tripinfo, "--no-step-log",
                           "--no-warnings", "--xml-validation", "never"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    trips = ElementTree.parse(tripinfo).getroot().findall("tripinfo")
    assert len(trips) == 600, f"{len(trips)} of 600 arrived in SUMO"
    scenario.write_text("arterial: 1\ntitle: town\ncity: town.city.h5\ndemand: [town.demand.h5]\n"
                        "time: {begin: 0 s, end: 3600 s}\nmodels: {car_following: idm}\noutputs: {trips: true}\n")
    summary = dict(word.split("=") for word in run("run", scenario, "--quiet", "-o", folder / "town.h5").split()
                   if "=" in word)
    assert summary["arrived"] == "600"
    means = {name: np.mean([float(t.get(name)) for t in trips]) for name in ("duration", "routeLength")}
    own = float(summary["mean_travel_time_s"]), float(summary["mean_route_length_m"])
    print(f"mean travel time, IDM: arterial {own[0]:.1f} s, SUMO {means['duration']:.1f} s, "
          f"ratio {own[0] / means['duration']:.2f}")
    # The same way is driven; times differ as models of junctions do.
    assert abs(own[1] / means["routeLength"] - 1) < 0.01
    assert 0.7 < own[0] / means["duration"] < 1.3
    return True


def main():
    if not PROGRAM:
        print("SKIPPED: ARTERIAL names no program")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        equal_seeds_give_equal_files(folder)
        mistakes_are_told(folder)
        fleets_hold_their_number(folder)
        with_sumo = sumo_runs_what_is_exported(folder)
    return 0 if with_sumo else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
