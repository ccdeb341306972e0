#!/usr/bin/python3
"""`arterial import sumo` on real networks against sumolib, SUMO's own reader, and against plain counts in the files.

Looks for networks in ARTERIAL_DATA (sumo/...) and in Debian's sumo-tools; what is not there is skipped loudly.
"""
import collections
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import h5py

SKIPPED = 77
TOOLS = pathlib.Path("/usr/share/sumo/tools")
DATA = pathlib.Path(os.environ.get("ARTERIAL_DATA", "/nonexistent"))
PROGRAM = os.environ.get("ARTERIAL", "")


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def texts(values):
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def read_city(path):
    """Links, lanes and connectors of a city by id, straight from the file."""
    with h5py.File(path) as f:
        links = texts(f["links/link"][:])
        lane_link = f["lanes/link"][:]
        # Link lanes come first, in order of links and lanes.
        names, seen = [], collections.Counter()
        for link in lane_link[lane_link >= 0]:
            names.append(f"{links[link]}_{seen[link]}")
            seen[link] += 1
        count = len(names)
        lanes = dict(zip(names, zip(f["lanes/length"][:count], f["lanes/speed_limit"][:count], f["lanes/width"][:count])))
        pairs = zip(f["connectors/from_lane"][:], f["connectors/to_lane"][:])
        connectors = {(names[a], names[b]): float(f["lanes/length"][count + i]) for i, (a, b) in enumerate(pairs)}
        return {"links": set(links), "nodes": set(texts(f["nodes/node"][:])), "lanes": lanes, "connectors": connectors}


def expected(net):
    """The same from sumolib."""
    links = {e.getID() for e in net.getEdges(withInternal=False) if e.getFunction() in ("", "normal")}
    lanes, connectors = {}, {}
    for edge in net.getEdges(withInternal=False):
        if edge.getID() not in links:
            continue
        for lane in edge.getLanes():
            lanes[lane.getID()] = (lane.getLength(), lane.getSpeed(), lane.getWidth())
            for connection in lane.getOutgoing():
                end = connection.getToLane()
                if end.getEdge().getID() not in links:
                    continue
                length, via = 0.0, connection.getViaLaneID()
                while via:
                    inner = net.getLane(via)
                    length += inner.getLength()
                    onward = [c for c in inner.getOutgoing() if c.getToLane() == end]
                    via = onward[0].getViaLaneID() if onward else ""
                connectors[lane.getID(), end.getID()] = length
    nodes = {n.getID() for n in net.getNodes() if n.getType() != "internal"}
    return {"links": links, "nodes": nodes, "lanes": lanes, "connectors": connectors}


def compare(path, folder):
    import sumolib

    city = folder / "net.city.h5"
    run("import", "sumo", path, "-o", city, "--force")
    got, wanted = read_city(city), expected(sumolib.net.readNet(str(path), withInternal=True, withPrograms=True))
    for what in ("links", "nodes"):
        assert got[what] == wanted[what], f"{path}: {what} differ: {sorted(got[what] ^ wanted[what])[:5]}"
    for what in ("lanes", "connectors"):
        assert got[what].keys() == wanted[what].keys(), (
            f"{path}: {what} differ: {sorted(got[what].keys() ^ wanted[what].keys())[:5]}")
    for lane, (length, speed, width) in wanted["lanes"].items():
        for mine, theirs, least in zip(got["lanes"][lane], (length, speed, width), (0.1, 0.1, 0.1)):
            assert abs(mine - max(theirs, least)) <= 1e-5 * max(1.0, theirs), f"{path}: lane {lane}: {mine}, not {theirs}"
    for pair, length in wanted["connectors"].items():
        if length > 0.0:  # networks without internal lanes have no length to compare
            assert abs(got["connectors"][pair] - max(length, 0.1)) < 1e-3, f"{path}: connector {pair}"
    print(f"{path}: {len(got['links'])} links, {len(got['lanes'])} lanes, {len(got['connectors'])} connectors agree")


def count_in(path, tag):
    """Elements of that name in a file; comments do not count."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as file:
        return sum(1 for _, e in ElementTree.iterparse(file) if e.tag == tag)


def signals_of(path):
    with h5py.File(path) as f:
        return texts(f["signals/signal"][:])


def check_bologna(config, folder):
    """A whole configuration: all vehicles, stops, detectors, signals; the scenario is valid."""
    base = config.parent
    out = folder / "bologna"
    report = run("import", "sumo", config, "-o", out)
    names = re.findall(r"[\w./]+\.xml", config.read_text())
    files = [base / n for n in names if (base / n).exists()]
    vehicles = sum(count_in(f, "vehicle") for f in files)
    assert f"demand: {vehicles} trips" in report, report
    assert f"detectors: {sum(count_in(f, 'e1Detector') for f in files)} points" in report, report
    assert f"bus stops: {sum(count_in(f, 'busStop') for f in files)}\n" in report, report
    for name in ("city.h5", "demand.h5", "scenario.yaml"):
        assert (out / name).exists(), name
    run("check", out / "scenario.yaml", out / "city.h5")
    refused = run("import", "sumo", config, "-o", out, code=5)
    assert "--force" in refused, refused
    run("import", "sumo", config, "-o", out, "--force")
    print(f"{config}: {vehicles} vehicles, {len(signals_of(out / 'city.h5'))} signals")


def check_debian_bologna(folder):
    """The older network of sumo-tools: no projection, buses among the additional files."""
    base = TOOLS / "sumolib/scenario/scenarios/RealWorld/acosta"
    arguments = []
    for kind in ("bus_stops", "detectors", "vtypes", "tls", "busses"):
        arguments += ["--additional", base / f"acosta_{kind}.add.xml"]
    city = folder / "acosta.city.h5"
    report = run("import", "sumo", base / "acosta_buslanes.net.xml", *arguments, "--routes", base / "acosta.rou.xml", "-o", city)
    vehicles = count_in(base / "acosta.rou.xml", "vehicle") + count_in(base / "acosta_busses.add.xml", "vehicle")
    assert f"demand: {vehicles} trips" in report, report
    assert "no projection" in report, report
    assert (folder / "acosta.demand.h5").exists()
    with h5py.File(city) as f:
        assert not any("crs_wkt" in v.attrs for v in f.values()), "a reference system out of nowhere"
    report = run("import", "sumo", base / "acosta_buslanes.net.xml", "-o", city, "--crs", "EPSG:32632", "--force")
    assert "no projection" not in report, report
    print(f"{base}: {vehicles} vehicles")


def check_trips_without_routes(config, folder):
    """Trips that name only their ends are all routed, and their ends are those of the file."""
    out = folder / "routed"
    report = run("import", "sumo", config, "-o", out)
    routes = config.parent / config.name.replace(".sumocfg", ".rou.xml")
    wanted = {e.get("id"): (e.get("from"), e.get("to"))
              for _, e in ElementTree.iterparse(routes) if e.tag in ("trip", "vehicle")}
    assert f"demand: {len(wanted)} trips" in report and "rejected" not in report, report
    routed = 0
    with h5py.File(out / "demand.h5") as f:
        links, at = texts(f["link_ids"][:]), f["routes/links/link"][:]
        end = f["routes/link_count"][:].cumsum()
        for trip, route in zip(texts(f["trips/trip"][:]), f["trips/route"][:]):
            ends = links[at[end[route] - f["routes/link_count"][route]]], links[at[end[route] - 1]]
            if wanted[trip][0]:
                assert ends == wanted[trip], f"{trip}: {ends}, not {wanted[trip]}"
                routed += 1
    print(f"{config}: {len(wanted)} trips, {routed} of them routed")


def check_refusals(folder):
    config = folder / "missing.sumocfg"
    config.write_text("<configuration><net-file value='a.net.xml'/><route-files value='b.rou.xml'/></configuration>")
    message = run("import", "sumo", config, "-o", folder / "x", code=3)
    assert "2 files" in message and "a.net.xml" in message and "b.rou.xml" in message, message
    broken = folder / "broken.net.xml"
    broken.write_text("<net>\n<edge id='a' from='b'\n</net>")
    message = run("import", "sumo", broken, "-o", folder / "x.city.h5", code=3)
    assert "broken.net.xml:" in message and "broken XML" in message, message
    assert not (folder / "x.city.h5").exists()
    assert "arterial import sumo" in run("import", "--help")
    assert "Example" in run("import", "sumo", "--help")
    run("import", "nonsense", code=2)


def main():
    if not PROGRAM or not os.path.exists(PROGRAM):
        print("ARTERIAL names no program: skipped")
        return SKIPPED
    skipped = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_refusals(folder)
        nets = sorted(DATA.glob("sumo/**/*.net.xml"))
        configs = sorted(DATA.glob("sumo/bologna/*/run.sumocfg"))
        if TOOLS.exists():
            sys.path.insert(0, str(TOOLS))
            nets += sorted(TOOLS.glob("game/**/*.net.xml")) + sorted(TOOLS.glob("sumolib/scenario/scenarios/**/*.net.xml"))
            for net in nets:
                compare(net, folder)
            check_debian_bologna(folder)
        else:
            print("SKIP: sumo-tools are not installed")
            skipped = True
        for i, config in enumerate(configs):
            (folder / str(i)).mkdir()
            check_bologna(config, folder / str(i))
        if not configs:
            print("SKIP: no Bologna in ARTERIAL_DATA")
        for config in sorted(DATA.glob("sumo/cologne/cologne[18]/*.sumocfg")):
            (folder / config.stem).mkdir()
            check_trips_without_routes(config, folder / config.stem)
    return SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
