#!/usr/bin/python3
"""`arterial import osm`: an invented town becomes a city without warnings that carries its trips, the same from plain and
compressed files; a box, a polygon, a patch and left-hand traffic do what they say; mistakes are told. Real extracts, where
they are there, import without a manual fix, pass the check and carry trips.
"""
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

PROGRAM = os.environ.get("ARTERIAL", "")
SOURCE = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", "."))
DATA = pathlib.Path(os.environ.get("ARTERIAL_DATA", "/nowhere"))
TOWN = SOURCE / "docs" / "examples" / "little_town.osm"


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def counts(report):
    """What the report counts, by sentence."""
    rows = (line.rpartition(": ") for line in report.splitlines())
    return {name: int(value) for name, _, value in rows if value.isdigit()}


def drive(folder, city, name, trips, hours, clearing_s=3600):
    """Random trips over the city; returns what became of them."""
    demand, scenario, results = folder / f"{name}.demand.h5", folder / f"{name}.yaml", folder / f"{name}.h5"
    run("generate", "demand", city, "--trips", trips, "--duration", int(3600 * hours), "-o", demand)
    scenario.write_text(f"arterial: 1\ntitle: {name}\ncity: {city}\ndemand: [{demand}]\n"
                        f"time: {{begin: 0 s, end: {int(3600 * hours) + clearing_s} s}}\nseed: 1\n")
    line = run("run", scenario, "-o", results, "--quiet").splitlines()[-1]
    facts = dict(pair.split("=") for pair in line.split()[1:])
    with h5py.File(results) as f:
        given_up = float(f["kpi/missed_turns"][()]) + float(f["kpi/rotations"][()])
    return {"arrived": int(facts["arrived"]) / trips, "removed": int(facts["removed"]), "given_up": given_up / trips,
            "loss_s": float(facts["mean_time_loss_s"]), "hash": facts["hash"]}


def town_drives(folder):
    city = folder / "town.city.h5"
    told = counts(run("import", "osm", TOWN, "--defaults", "DE", "-o", city))
    assert told["turn restrictions applied"] == 2, told
    assert told["turn restrictions over a way between, exact by a copy of its link"] == 1, told
    assert told["links of roundabouts"] == 4 and told["stop and give-way signs used"] == 2, told
    assert "0 warnings" in run("check", city)
    with h5py.File(city) as f:
        signals = len(f["signals/signal"])
        programs = {v.decode() for v in f["signals/programs/name"][:]} if "signals/programs/name" in f else {"guessed"}
        names = {v.decode() for v in f["links/name"][:] if v}
    assert signals == 3 and programs == {"guessed"}, (signals, programs)
    assert {"Ring Road", "Market Circle", "Bridge Street"} <= names
    result = drive(folder, city, "town", 1500, 1, 1800)
    print(f"town: {result}")
    assert result["arrived"] == 1.0 and result["removed"] == 0 and result["given_up"] == 0, result
    # Everybody arrives, and nobody is held up where there is nothing to be held up by.
    assert result["loss_s"] < 90.0, result


def same_from_compressed_file(folder):
    packed = folder / "little_town.osm.gz"
    packed.write_bytes(gzip.compress(TOWN.read_bytes()))
    hashes = []
    for number, path in enumerate((TOWN, packed)):
        city = folder / f"same{number}.city.h5"
        run("import", "osm", path, "--defaults", "DE", "-o", city)
        hashes.append(json.loads(run("info", "--json", city))["hash"])
    assert hashes[0] == hashes[1], hashes


def parts_and_corrections(folder):
    box = folder / "box.city.h5"
    told = counts(run("import", "osm", TOWN, "--bbox", "8.9995,47.9970,9.0045,47.9990", "-o", box))
    assert told["ends of roads where the map is cut"] > 0
    area = folder / "area.geojson"
    area.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [
        [[8.9995, 47.9970], [9.0045, 47.9970], [9.0045, 47.9990], [8.9995, 47.9990], [8.9995, 47.9970]]]}}))
    clipped = folder / "clipped.city.h5"
    run("import", "osm", TOWN, "--clip", area, "-o", clipped)
    with h5py.File(box) as a, h5py.File(clipped) as b:
        assert a["links/link"][:].tolist() == b["links/link"][:].tolist()
        assert np.allclose(a["lanes/length"][:], b["lanes/length"][:], atol=0.01)

    patch = folder / "fixes.yaml"
    patch.write_text("ways:\n  12: {speed: 30 km/h}\nsignals:\n  102: {signal: no}\njoins:\n  - separate: [102]\n")
    patched = folder / "patched.city.h5"
    told = counts(run("import", "osm", TOWN, "--patch", patch, "-o", patched))
    assert told["corrections of the patch applied"] == 3, told
    left = folder / "left.city.h5"
    run("import", "osm", TOWN, "--left-hand", "-o", left)
    with h5py.File(left) as f:
        assert f["crs"].attrs["left_hand_traffic"] == 1
    assert "0 warnings" in run("check", left)
    result = drive(folder, left, "left", 1000, 1, 1800)
    assert result["arrived"] == 1.0 and result["given_up"] == 0, result


def mistakes_are_told(folder):
    out = folder / "never.city.h5"
    broken = folder / "broken.osm"
    broken.write_text("<osm version='0.6'><node id='1' lon='9' lat='48'></osm>")
    patch = folder / "wrong.yaml"
    patch.write_text("ways:\n  1: {lanes: many}\n")
    for words, code, told in (
        ((TOWN,), 2, "-o PATH"), ((folder / "gone.osm", "-o", out), 5, "gone.osm"), ((broken, "-o", out), 3, "broken.osm"),
        ((TOWN, "--bbox", "1,2,3", "-o", out), 2, "west,south,east,north"),
        ((TOWN, "--bbox", "1,1,2,2", "-o", out), 3, "area"), ((TOWN, "--defaults", "XX", "-o", out), 3, "DE"),
        ((TOWN, "--patch", patch, "-o", out), 3, "wrong.yaml:2"), ((TOWN, "--at", "noon", "-o", out), 3, "We 08:00"),
        ((TOWN, "--clip", broken, "-o", out), 3, "polygon"), ((TOWN, "--crs", "EPSG:4326", "-o", out), 3, "metres"),
    ):
        message = run("import", "osm", *words, code=code)
        assert told in message, f"{words}: {message}"
        assert not out.exists()


def real_extracts(folder):
    for name, path, country, trips in (
        ("berlin", "osm/berlin-siegessaeule/berlin-siegessaeule.osm.gz", "DE", 3000),
        ("monaco", "osm/monaco/monaco.osm.gz", "MC", 3000),
        ("andorra", "osm/andorra/andorra.osm.pbf", "AD", 1000),
        ("bad_hersfeld", "osm/bad_hersfeld/osm_bbox.osm.xml.gz", "DE", 1500),
    ):
        if not (DATA / path).exists():
            print(f"{name}: not there, left out")
            continue
        city = folder / f"{name}.city.h5"
        run("import", "osm", DATA / path, "--defaults", country, "-o", city)
        checked = run("check", city)  # warnings are places to look at; what the map says there may be right
        score = re.search(r"mean score ([0-9.]+) of 100", checked)
        assert "ok, city" in checked and score and float(score.group(1)) >= 99.0, (name, checked)
        result = drive(folder, city, name, trips, 1)
        print(f"{name}: {result}")
        assert result["arrived"] >= 0.98 and result["removed"] == 0 and result["given_up"] < 0.005, (name, result)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        town_drives(folder)
        same_from_compressed_file(folder)
        parts_and_corrections(folder)
        mistakes_are_told(folder)
        real_extracts(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
