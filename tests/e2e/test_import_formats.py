#!/usr/bin/env python3
"""Networks in GMNS, CityFlow, TNTP and UTDF: each imports, passes the check, goes out and back where the format is written,
and carries a demand of moderate load to its ends; as a SUMO network, SUMO counts the same flows."""
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import h5py
import numpy as np

ARTERIAL = os.environ["ARTERIAL"]
DATA = Path(os.environ.get("ARTERIAL_DATA", "/nowhere"))


def run(*arguments, code=0):
    done = subprocess.run([ARTERIAL, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}, wanted {code}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def checked(city):
    """Passes the check; returns the mean score of its junctions."""
    text = run("check", city)
    assert f"{city}: ok, city" in text, text
    return float(re.search(r"mean score ([\d.]+)", text)[1])


def simulate(folder, name, city, demand, end, every="1 h"):
    scenario = folder / f"{name}.yaml"
    scenario.write_text(f"arterial: 1\ntitle: {name}\ncity: {city.name}\ndemand: [{demand.name}]\n"
                        f"time:\n  begin: 0 s\n  end: {end}\nseed: 1\noutputs:\n  links: {{every: {every}}}\n")
    text = run("run", scenario, "-o", folder / f"{name}.h5")
    numbers = dict(re.findall(r"(\w+)=([\d.]+)", text[text.index("summary:"):]))
    assert numbers["arrived"] == numbers["inserted"], text
    assert numbers["running"] == numbers["waiting"] == numbers["removed"] == "0", text
    return int(numbers["arrived"]), folder / f"{name}.h5"


def arrays(path, names):
    with h5py.File(path) as f:
        return {name: f[name][:] for name in names}


# What must survive the way out to GMNS and back, exactly or to so many metres.
SAME = {"nodes/node": None, "nodes/kind": None, "links/link": None, "links/priority": None, "links/lane_count": None,
        "lanes/allowed": None, "connectors/from_lane": None, "connectors/to_lane": None, "connectors/turn": None,
        "lanes/length": 0.01, "nodes/x": 0.001, "nodes/y": 0.001}


def gmns(folder, name, trips, least_score):
    city, demand = folder / f"{name}.city.h5", folder / f"{name}.demand.h5"
    text = run("import", "gmns", DATA / "gmns" / name, "-o", city)
    score = checked(city)
    assert score >= least_score, (name, score)
    run("export", "gmns", city, "-o", folder / f"{name}_gmns")
    run("import", "gmns", folder / f"{name}_gmns", "-o", folder / f"{name}_back.city.h5")
    with h5py.File(city) as f:
        present = [key for key in SAME if key in f]
    assert len(present) >= 10, present
    before, after = arrays(city, present), arrays(folder / f"{name}_back.city.h5", present)
    for key in present:
        assert before[key].shape == after[key].shape, key
        if SAME[key] is None:
            assert np.array_equal(before[key], after[key]), key
        else:
            assert np.abs(before[key] - after[key]).max() <= SAME[key], (key, np.abs(before[key] - after[key]).max())
    with open(folder / f"{name}_gmns" / "config.csv", encoding="utf-8") as f:
        assert next(csv.DictReader(f))["version_number"] == "0.96"
    run("generate", "demand", city, "--trips", trips, "--duration", "1h", "--seed", 3, "-o", demand)
    arrived, _ = simulate(folder, name, city, demand, "3 h")
    print(f"{name}: {arrived} arrived, score {score}, {'lengths in the short unit' if 'short unit' in text else 'units as stated'}")
    return city


def geojson(folder, city):
    path, found = folder / "map.geojson", folder / "found.geojson"
    run("export", "geojson", city, "-o", path)
    features = json.loads(path.read_text())["features"]
    kinds = {feature["properties"]["kind"] for feature in features}
    assert kinds == {"link", "lane", "connector", "junction"}, kinds
    lon, lat = features[0]["geometry"]["coordinates"][0]
    assert -84.8 < lon < -83.5 and 40.4 < lat < 41.2, (lon, lat)  # Lima, Ohio
    assert re.search(r"\[-\d+\.\d{7},\d+\.\d{7}\]", path.read_text()[:2000])
    run("check", city, "--geojson", found, "-q")
    scores = [f["properties"]["score"] for f in json.loads(found.read_text())["features"] if f["properties"]["kind"] == "junction"]
    assert len(scores) > 1500 and all(0 <= s <= 100 for s in scores)


def cityflow(folder):
    source, city = DATA / "cityflow" / "jinan_3x4", folder / "jinan.city.h5"
    run("import", "cityflow", source / "roadnet_3_4.json", source / "anon_3_4_jinan_real.json", "-o", city)
    assert checked(city) == 100.0
    arrived, _ = simulate(folder, "jinan", city, folder / "jinan.demand.h5", "3 h")
    assert arrived == len(json.loads((source / "anon_3_4_jinan_real.json").read_text()))
    print(f"jinan: {arrived} arrived")


def sumo_flows(folder, city, demand, begin_s, end_s):
    """Vehicles that left each link in SUMO between two times, or None without SUMO."""
    if not shutil.which("sumo"):
        return None
    out = folder / "sumo"
    run("export", "sumo", city, "--demand", demand, "-o", out)
    (out / "edges.add.xml").write_text(
        f'<additional><edgeData id="e" file="edges.xml" begin="{begin_s}" end="{end_s}"/></additional>')
    done = subprocess.run(["sumo", "-c", "run.sumocfg", "-a", "edges.add.xml", "--no-step-log", "--no-warnings", "-e", str(end_s),
                           "--xml-validation", "never"], cwd=out, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and "Error" not in done.stderr, done.stderr
    return {e.get("id"): float(e.get("left")) + float(e.get("arrived"))
            for e in ElementTree.parse(out / "edges.xml").getroot().iter("edge")}


def tntp(folder):
    source = DATA / "tntp"
    city, demand = folder / "sioux.city.h5", folder / "sioux.demand.h5"
    run("import", "tntp", source / "SiouxFalls/SiouxFalls_net.tntp", source / "SiouxFalls/SiouxFalls_trips.tntp", "--nodes",
        source / "SiouxFalls/SiouxFalls_node.tntp", "-o", city)
    assert checked(city) > 95.0
    with h5py.File(folder / "sioux.omx") as f:
        assert f["data/trips"][:].sum() == 360600.0 and list(f["lookup/zone_number"][:]) == list(range(1, 25))
        scaled = f["data/trips"][:] * 0.02
    run("import", "omx", folder / "sioux.omx", "--city", city, "--scale", 0.02, "--hours", 1, "-o", demand)
    arrived, result = simulate(folder, "sioux", city, demand, "3 h")
    assert abs(arrived - scaled.sum()) < 4 * np.sqrt(24 * 24 / 4), arrived  # rounding of each pair by chance
    # A matrix of another city is an error, not a demand without trips.
    run("generate", "grid", "--size", 2, "--arms", 200, "-o", folder / "other.city.h5")
    text = run("import", "omx", folder / "sioux.omx", "--city", folder / "other.city.h5", "-o", folder / "none.demand.h5", code=3)
    assert "none of its" in text and "--zones" in text and not (folder / "none.demand.h5").exists(), text
    run("export", "omx", demand, "--city", city, "-o", folder / "again.omx")
    with h5py.File(folder / "again.omx") as f:
        assert f.attrs["OMX_VERSION"] == b"0.2" and np.abs(f["data/trips"][:] - scaled).max() <= 1.0
    theirs = sumo_flows(folder, city, demand, 0, 3600)
    if theirs is not None:
        with h5py.File(result) as f:
            ours = dict(zip([t.decode() for t in f["links/link"][:]], f["links/left"][0] + f["links/arrived"][0]))
        a = np.array([ours[key] for key in ours])
        b = np.array([theirs.get(key, 0.0) for key in ours])
        print(f"sioux: {a.sum():.0f} link passages in the first hour, SUMO {b.sum():.0f}; "
              f"single links differ by {np.abs(a - b).sum():.0f} in all")
        assert abs(a.sum() - b.sum()) <= 0.05 * b.sum()
        assert np.abs(a - b).sum() <= 0.05 * b.sum()
    run("import", "tntp", source / "Anaheim/Anaheim_net.tntp", "-o", folder / "anaheim.city.h5")
    checked(folder / "anaheim.city.h5")
    text = run("import", "tntp", source / "Anaheim/Anaheim_net.tntp", "--length-unit", "km", "-o", folder / "wrong.city.h5", code=3)
    assert "m/s" in text and not (folder / "wrong.city.h5").exists()
    print(f"sioux: {arrived} arrived")


def check_optimize_and_export(folder, city):
    """Signals that react get no plan, which is told before any simulation; SUMO's netconvert takes the network."""
    done = subprocess.run([ARTERIAL, "optimize", city, "--demand", folder / "utdf.demand.h5", "-o", folder / "no.yaml"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 3 and "is nema" in done.stderr and "simulating" not in done.stderr, done.stderr
    run("export", "sumo", city, "-o", folder / "utdf_sumo")
    if shutil.which("netconvert"):
        subprocess.run(["netconvert", "-s", folder / "utdf_sumo" / "city.net.xml", "-o", folder / "utdf.net.xml",
                        "--xml-validation", "never"], check=True, capture_output=True)


def utdf(folder):
    source, city = DATA / "utdf" / "bullhead_city", folder / "utdf.city.h5"
    text = run("import", "utdf", source / "UTDF.csv", "--control-points", source / "reference_node.csv", "--demand-output",
               folder / "utdf.demand.h5", "--counts-output", folder / "utdf.feed.h5", "--scale", 0.15, "-o", city)
    assert "8 signals, 8 of them with a timing plan" in text, text
    # Told before anything is written.
    text_of_date = run("import", "utdf", source / "UTDF.csv", "--date", "2026-13-01", "--counts-output", folder / "no.feed.h5",
                       "-o", folder / "no.city.h5", code=2)
    assert "2026-13-01" in text_of_date and not (folder / "no.city.h5").exists(), text_of_date
    assert checked(city) == 100.0
    assert "ok, feed" in run("check", folder / "utdf.feed.h5", "--city", city)
    # The file has 7,732 vehicles an hour straight on over two lanes. Trips are a share of them, volumes are not.
    assert "approaches with more volume" in text and "first: from " in text and " vehicles/h on " in text, text
    check_optimize_and_export(folder, city)
    arrived, _ = simulate(folder, "utdf", city, folder / "utdf.demand.h5", "3 h")
    print(f"utdf: {arrived} arrived")


def main():
    if not (DATA / "gmns" / "lima").is_dir():
        print("no data: skipped")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gmns(folder, "arlington_signals", 600, 99.0)
        geojson(folder, gmns(folder, "lima", 400, 99.0))
        cityflow(folder)
        tntp(folder)
        utdf(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
