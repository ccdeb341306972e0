#!/usr/bin/python3
"""What `arterial import osm` adds for others than motor traffic is used: bicycles ride on their lanes and ways and nowhere
beside them, trains cross roads without slowing down while cars wait, people stop cars at crossings and still all arrive.
On an invented map; on a real extract where it is there.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

PROGRAM = os.environ.get("ARTERIAL", "")
DATA = pathlib.Path(os.environ.get("ARTERIAL_DATA", "/nowhere"))
NODES = {  # metres from 9 E 48 N
    1: (-400, 0), 2: (0, 0), 3: (400, 0), 4: (0, -300), 5: (0, 300), 6: (200, 0), 7: (200, -300), 8: (200, 300),
    9: (-200, 0), 10: (-200, -1500), 11: (-200, 1500), 12: (100, 0)}
WAYS = {
    1: ("highway=secondary cycleway:both=track lanes=2", (1, 9, 2, 12, 6, 3)),
    2: ("highway=residential oneway=yes oneway:bicycle=no", (4, 2)),
    3: ("highway=residential", (2, 5)),
    4: ("highway=cycleway", (7, 6, 8)),
    5: ("highway=residential", (5, 8)),
    6: ("highway=residential", (4, 7)),
    8: ("highway=residential", (7, 3)),
    7: ("railway=rail maxspeed=100", (10, 9, 11))}
TAGS = {9: "railway=level_crossing", 12: "highway=crossing crossing=zebra"}


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def tags(text):
    return "".join(f"<tag k='{k}' v='{v}'/>" for k, v in (word.split("=") for word in text.split()))


def write_map(path):
    rows = ["<osm version='0.6'>"]
    for key, (x, y) in NODES.items():
        rows.append(f"<node id='{key}' lon='{9 + x / 74610:.8f}' lat='{48 + y / 111200:.8f}'>{tags(TAGS.get(key, ''))}</node>")
    for key, (text, nodes) in WAYS.items():
        rows.append(f"<way id='{key}'>" + "".join(f"<nd ref='{n}'/>" for n in nodes) + tags(text) + "</way>")
    path.write_text("\n".join(rows) + "</osm>")


def demand(folder, city, kind, trips, seed):
    path = folder / f"{kind}{seed}.demand.h5"
    run("generate", "demand", city, "--class", kind, "--trips", trips, "--duration", "1h", "--seed", seed, "-o", path, "--force")
    with h5py.File(path, "r+") as f:  # demands of one run need names of their own
        f["trips/trip"][...] = np.array([kind.encode() + name for name in f["trips/trip"][()]], dtype=object)
    return path


def drive(folder, city, demands, outputs="trips: true"):
    scenario, results = folder / "run.yaml", folder / "run.h5"
    scenario.write_text(f"arterial: 1\ntitle: modes\ncity: {city}\ndemand: [{', '.join(map(str, demands))}]\n"
                        f"time: {{begin: 0 s, end: 5400 s}}\nseed: 1\noutputs: {{{outputs}}}\n")
    line = run("run", scenario, "-o", results, "--quiet", "--force").splitlines()[-1]
    return {k: v for k, v in re.findall(r"(\w+)=(\S+)", line)}, results


class City:
    def __init__(self, path):
        with h5py.File(path) as f:
            self.allowed = f["lanes/allowed"][()]
            self.link = np.array([v.decode() for v in f["links/link"][()]])
            lane_link = f["lanes/link"][()]
            ends = f["connectors/from_lane"][()], f["connectors/to_lane"][()]
            self.lanes = len(self.allowed) - len(ends[0])
            self.way = np.array([re.split("#", v)[0] for v in self.link])
            self.of_lane = np.append(self.way[lane_link[:self.lanes]], np.char.add(self.way[lane_link[ends[0]]], ">"))


def rows_of(results, kind):
    """Lane of each observed moment of the trips of a kind, with its time."""
    with h5py.File(results) as f:
        names = np.array([v.decode() for v in f["trajectories/trajectory"][()]])
        sizes = f["trajectories/row_size"][()]
        is_kind = np.repeat(np.char.startswith(names, kind), sizes)
        return f["trajectories/obs_lane"][()][is_kind], f["trajectories/obs_time"][()][is_kind], f["trajectories/speed"][()][is_kind]


def bicycles_ride_on_their_lanes(folder, osm):
    path = folder / "bicycles.city.h5"
    run("import", "osm", osm, "--bicycles", "-o", path)
    city = City(path)
    facts, results = drive(folder, path, [demand(folder, path, "bicycle", 300, 1), demand(folder, path, "passenger", 500, 2)],
                           "trajectories: {every: 2 s}")
    assert facts["arrived"] == "800" and facts["removed"] == "0", facts
    lane, _, _ = rows_of(results, "bicycle")
    own = city.allowed == city.allowed[city.of_lane == "4"][0]  # what the cycleway is open to
    on = city.of_lane[lane]
    beside = np.isin(on, ["1", "-1"]) & ~own[lane]
    assert np.isin(on, ["1", "-1"]).any() and not beside.any(), "bicycles ride beside their own lane"
    for way in ("1", "-1", "-2", "4", "-4"):
        assert (on == way).sum() > 20, f"hardly a bicycle rides on way {way}"
    lane, _, _ = rows_of(results, "passenger")
    assert not np.isin(city.of_lane[lane], ["4", "-4", "-2"]).any() and not own[lane].any(), "cars ride on cycle tracks"
    print(f"bicycles: {facts['arrived']} arrived")


def trains_go_first(folder, osm):
    path = folder / "rails.city.h5"
    run("import", "osm", osm, "--rails", "-o", path)
    city = City(path)
    facts, results = drive(folder, path, [demand(folder, path, "rail", 30, 3), demand(folder, path, "passenger", 600, 4)],
                           "trajectories: {every: 1 s}")
    assert facts["arrived"] == "630" and facts["removed"] == "0", facts
    lane, at, speed = rows_of(results, "rail")
    with h5py.File(path) as f:
        nodes = np.append(np.full(city.lanes, -1), f["connectors/node"][()])
    place = (set(nodes[city.of_lane == "7>"]) & set(nodes[city.of_lane == "1>"])).pop()
    crossing = nodes[lane] == place
    assert crossing.any() and speed[crossing].min() > 21.0, "trains slow down for cars"
    over = set(at[crossing])
    cars, when, _ = rows_of(results, "passenger")
    on_rails = set(when[nodes[cars] == place])
    assert on_rails and not over & on_rails, f"cars on the crossing while a train passes: {sorted(over & on_rails)[:5]}"
    print(f"trains: {facts['arrived']} arrived, slowest at the crossing {speed[crossing].min():.1f} m/s")


def people_stop_cars(folder, osm):
    losses = []
    for people in (None, 600):
        path = folder / f"people{people}.city.h5"
        run("import", "osm", osm, "-o", path, *(["--people", people] if people else []))
        facts, _ = drive(folder, path, [demand(folder, path, "passenger", 600, 5)])
        assert facts["arrived"] == "600", facts
        losses.append(float(facts["mean_time_loss_s"]))
    assert losses[1] > losses[0] + 1.0, losses
    print(f"people: time loss {losses[0]} s without, {losses[1]} s with them")


def everything_at_once(folder):
    extract = DATA / "osm/monaco/monaco.osm.gz"
    if not extract.exists():
        print("monaco: not there, left out")
        return
    path = folder / "monaco.city.h5"
    run("import", "osm", extract, "--defaults", "MC", "--bicycles", "--rails", "--people", 200, "-o", path)
    assert "ok, city" in run("check", path)
    facts, _ = drive(folder, path, [demand(folder, path, "passenger", 2000, 6), demand(folder, path, "bicycle", 300, 7)])
    print(f"monaco: {facts}")
    assert int(facts["arrived"]) >= 2254 and facts["removed"] == "0", facts


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        osm = folder / "modes.osm"
        write_map(osm)
        bicycles_ride_on_their_lanes(folder, osm)
        trains_go_first(folder, osm)
        people_stop_cars(folder, osm)
        everything_at_once(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
