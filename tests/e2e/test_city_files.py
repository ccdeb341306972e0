#!/usr/bin/python3
"""City and demand files open in h5py, netCDF4 and xarray (both engines), say what they hold, and damage is refused.

A network of three roads is written here as SUMO would, imported, and each number is compared with the text it came from.
Where the real data is at hand, Bologna goes the same way.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import h5py
import netCDF4
import numpy as np
import xarray as xr

SKIPPED = 77
PROGRAM = os.environ.get("ARTERIAL", "")
DATA = pathlib.Path(os.environ.get("ARTERIAL_DATA", "no data"))

NETWORK = """<?xml version="1.0" encoding="UTF-8"?>
<net version="1.16" junctionCornerDetail="5" limitTurnSpeed="5.50">
  <location netOffset="-680000.00,-4928000.00" convBoundary="0.00,0.00,300.00,100.00"
            origBoundary="11.2,44.4,11.3,44.5" projParameter="+proj=utm +zone=32 +ellps=WGS84 +datum=WGS84 +units=m +no_defs"/>
  <edge id=":mid_0" function="internal">
    <lane id=":mid_0_0" index="0" speed="13.89" length="12.00" shape="100.00,-1.60 112.00,-1.60"/>
  </edge>
  <edge id=":mid_1" function="internal">
    <lane id=":mid_1_0" index="0" speed="8.00" length="11.00" shape="100.00,1.60 106.00,3.00 108.00,12.00"/>
  </edge>
  <edge id="in" from="west" to="mid" priority="5" name="Via Riva di Reno">
    <lane id="in_0" index="0" speed="13.89" length="100.00" shape="0.00,-1.60 100.00,-1.60"/>
    <lane id="in_1" index="1" disallow="tram rail" speed="13.89" length="100.00" shape="0.00,1.60 100.00,1.60"/>
  </edge>
  <edge id="on" from="mid" to="east" priority="5">
    <lane id="on_0" index="0" speed="13.89" length="188.00" shape="112.00,-1.60 300.00,-1.60"/>
  </edge>
  <edge id="up" from="mid" to="north" priority="2">
    <lane id="up_0" index="0" speed="8.33" length="88.00" shape="108.00,12.00 108.00,100.00"/>
  </edge>
  <tlLogic id="mid" type="static" programID="0" offset="10">
    <phase duration="40" state="GG"/>
    <phase duration="3" state="yy"/>
    <phase duration="17" state="rr"/>
  </tlLogic>
  <junction id="west" type="dead_end" x="0.00" y="0.00" incLanes="" intLanes="" shape="0.00,-3.20 0.00,3.20"/>
  <junction id="mid" type="traffic_light" x="106.00" y="0.00" incLanes="in_0 in_1" intLanes=":mid_0_0 :mid_1_0"
            shape="100.00,-3.20 100.00,3.20 112.00,3.20 112.00,-3.20">
    <request index="0" response="00" foes="00" cont="0"/>
    <request index="1" response="00" foes="00" cont="0"/>
  </junction>
  <junction id="east" type="dead_end" x="300.00" y="0.00" incLanes="on_0" intLanes="" shape="300.00,-3.20 300.00,0.00"/>
  <junction id="north" type="dead_end" x="108.00" y="100.00" incLanes="up_0" intLanes="" shape="106.00,100.00 110.00,100.00"/>
  <connection from="in" to="on" fromLane="0" toLane="0" via=":mid_0_0" tl="mid" linkIndex="0" dir="s" state="o"/>
  <connection from="in" to="up" fromLane="1" toLane="0" via=":mid_1_0" tl="mid" linkIndex="1" dir="l" state="o"/>
  <connection from=":mid_0" to="on" fromLane="0" toLane="0" dir="s" state="M"/>
  <connection from=":mid_1" to="up" fromLane="0" toLane="0" dir="l" state="M"/>
</net>
"""

ROUTES = """<routes>
  <vType id="car" length="4.5" maxSpeed="30" accel="2.0" vClass="passenger"/>
  <vType id="lorry" length="12" vClass="truck"/>
  <vehicle id="v1" type="car" depart="0.5"><route edges="in on"/></vehicle>
  <vehicle id="v2" type="lorry" depart="7"><route edges="in up"/></vehicle>
  <vehicle id="v3" type="car" depart="7"><route edges="in on"/></vehicle>
</routes>
"""


def call(*words, code=0):
    command = [PROGRAM, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (
        f"{' '.join(command)}: exit code {done.returncode}, expected {code}\n{done.stdout}{done.stderr}")
    return done


def info(path):
    return json.loads(call("info", "--json", path).stdout)


def open_everywhere(path):
    """Every group by every reader; returns the names of the groups."""
    names = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Group) else None)
        for name in names:
            for variable, data in file[name].items():
                if not isinstance(data, h5py.Dataset) or data.ndim == 0 or h5py.h5ds.is_scale(data.id):
                    continue
                for axis in data.dims:
                    assert len(axis) == 1, f"{path}:/{name}/{variable}: axis without a scale"
                assert "long_name" in data.attrs, f"{path}:/{name}/{variable}: no long_name"
                if data.dtype.kind == "f":
                    assert "units" in data.attrs, f"{path}:/{name}/{variable}: no units"
                assert data.dtype.kind not in "SV", f"{path}:/{name}/{variable}: {data.dtype} is no portable type"
        for attribute in ("arterial_schema", "arterial_schema_version", "Conventions", "source", "history"):
            assert attribute in file.attrs, f"{path}: no attribute {attribute}"
    with netCDF4.Dataset(path) as file:
        for name in names:
            for variable in file[name].variables.values():
                variable[...]
    for name in [None, *names]:
        first = xr.open_dataset(path, group=name, engine="netcdf4").load()
        second = xr.open_dataset(path, group=name, engine="h5netcdf").load()
        xr.testing.assert_equal(first, second)
    return names


def small_files(folder):
    (folder / "net.net.xml").write_text(NETWORK)
    (folder / "routes.rou.xml").write_text(ROUTES)
    city, demand = folder / "three.city.h5", folder / "three.demand.h5"
    call("import", "sumo", folder / "net.net.xml", "--routes", folder / "routes.rou.xml", "-o", city, "--demand-output",
         demand)
    return city, demand


def numbers_are_those_of_the_network(city, demand):
    links = xr.open_dataset(city, group="links")
    assert sorted(links.link.values) == ["in", "on", "up"]
    assert int(links.lane_count.sel(link="in")) == 2 and int(links.priority.sel(link="up")) == 2
    assert links.name.sel(link="in").item() == "Via Riva di Reno"
    lanes = xr.open_dataset(city, group="lanes")
    assert sorted(lanes.length.values.round(2)) == [11, 12, 88, 100, 100, 188]
    phases = xr.open_dataset(city, group="signals/phases")
    assert list(phases.state.values) == ["GG", "yy", "rr"] and list(phases.duration.values) == [40000, 3000, 17000]
    with h5py.File(city) as file:
        assert "UTM zone 32N" in file["crs"].attrs["crs_wkt"] and file["crs"].attrs["offset_x"] == -680000
        first = file["nodes/node"].asstr()[...].tolist().index("north")
        assert (file["nodes/x"][first], file["nodes/y"][first]) == (108, 100)
        digest = hashlib.sha256(NETWORK.encode()).hexdigest()
        assert file["provenance/input_sha256"].asstr()[0] == digest
    trips = xr.open_dataset(demand, group="trips")
    assert sorted(trips.trip.values) == ["v1", "v2", "v3"]
    assert list(trips.depart.values) == [500, 7000, 7000]
    types = xr.open_dataset(demand, group="types")
    car = list(types.type.values).index("car")
    assert types.length_m.values[car] == 4.5 and types.vclass.values[car] == "passenger"


def info_tells_what_is_there(city, demand):
    found = info(city)
    assert found["kind"] == "city" and found["layout"] == 1 and len(found["hash"]) == 16
    assert found["counts"]["links"] == 3 and found["counts"]["connectors"] == 2 and found["counts"]["phases"] == 3
    assert "UTM zone 32N" in found["crs"]["name"]
    assert 11.1 < found["extent"]["longitude"][0] < 11.4 and 44.4 < found["extent"]["latitude"][0] < 44.6
    assert found["sha256"] == hashlib.sha256(city.read_bytes()).hexdigest()
    found = info(demand)
    assert found["kind"] == "demand" and found["counts"]["trips"] == 3
    assert found["first_departure"] == "00:00:00.500" and found["last_departure"] == "00:00:07"
    both = json.loads(call("info", "--json", city, demand).stdout)
    assert [each["kind"] for each in both] == ["city", "demand"]
    assert "connectors: 2" in call("info", city).stdout


def equal_imports_give_equal_files(folder, city, demand):
    again = folder / "again"
    again.mkdir()
    hashes = [info(path)["hash"] for path in (city, demand)]
    for path in (city, demand):
        path.rename(again / path.name)
    call("import", "sumo", folder / "net.net.xml", "--routes", folder / "routes.rou.xml", "-o", city, "--demand-output",
         demand)
    assert [info(path)["hash"] for path in (city, demand)] == hashes
    for path in (city, demand):
        assert path.read_bytes() == (again / path.name).read_bytes(), f"{path.name} differs between equal imports"


def checks_pass_and_fail(folder, city, demand):
    good = call("check", city, demand, "--city", city).stdout
    assert f"{city}: ok, city" in good and f"{demand}: ok, demand" in good
    call("check", demand, code=2)  # needs --city
    broken = folder / "broken.h5"

    content = bytearray(city.read_bytes())
    content[len(content) // 2] ^= 0x40
    broken.write_bytes(content)
    assert "checksum" in call("check", broken, code=3).stdout
    assert "checksum" in call("info", broken, code=3).stderr
    broken.write_bytes(city.read_bytes()[:-100])
    call("check", broken, code=3)
    call("check", folder / "missing.h5", code=5)

    # Changed by another program, the file has no checksum any more; the contents are looked at all the same.
    for edit, words in (
        (lambda file: file["links/to_node"].__setitem__(0, 99), "99"),
        (lambda file: file["lanes/length"].__setitem__(0, np.nan), "length"),
        (lambda file: file.__delitem__("nodes/x"), "/nodes/x: is missing"),
        (lambda file: file.attrs.__setitem__("arterial_schema_version", np.int32(7)), "version 7"),
    ):
        broken.write_bytes(city.read_bytes())
        with h5py.File(broken, "r+") as file:
            edit(file)
        text = call("check", broken, code=3).stdout
        assert words in text and str(broken) in text, text

    broken.write_bytes(demand.read_bytes())
    with h5py.File(broken, "r+") as file:
        names = file["link_ids"].asstr()[...]
        file["link_ids"][...] = [name + "x" for name in names]
    text = call("check", broken, "--city", city, code=3).stdout
    assert all(f"link '{name}x': is not in the city" in text for name in names), text


def bologna(folder):
    source = DATA / "sumo" / "bologna" / "joined"
    if not source.is_dir():
        print("no Bologna: that part skipped")
        return
    call("import", "sumo", source / "run.sumocfg", "-o", folder / "bologna")
    city, demand = folder / "bologna" / "city.h5", folder / "bologna" / "demand.h5"
    open_everywhere(city)
    open_everywhere(demand)
    call("check", "--quiet", city, demand, folder / "bologna" / "scenario.yaml", "--city", city)
    edges = [edge for edge in xml.parse(source / "joined_buslanes.net.xml").getroot().iter("edge")
             if edge.get("function", "normal") == "normal"]
    found = info(city)["counts"]
    assert found["links"] == len(edges) and found["lanes"] == sum(len(edge.findall("lane")) for edge in edges)
    assert info(demand)["counts"]["trips"] == 11176


def main():
    if not PROGRAM or not os.path.exists(PROGRAM):
        print("ARTERIAL names no program: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        city, demand = small_files(folder)
        groups = open_everywhere(city)
        assert {"nodes", "links", "lanes", "connectors", "conflicts", "signals", "stops", "detectors", "geometry",
                "provenance"} <= set(groups), groups
        assert {"types", "sets", "routes", "trips", "stops"} <= set(open_everywhere(demand))
        numbers_are_those_of_the_network(city, demand)
        info_tells_what_is_there(city, demand)
        equal_imports_give_equal_files(folder, city, demand)
        checks_pass_and_fail(folder, city, demand)
        bologna(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
