#!/usr/bin/python3
"""A result file opens in every reader that users have, says what its numbers mean, and its groups agree with each other.

A junction of two roads with a signal, an hour's worth of cars in ten minutes, made here as SUMO files with a reference
system. Opened with xarray by both engines, netCDF4, h5py, and R where its package hdf5r is installed.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings

import h5py
import netCDF4
import numpy as np
import xarray as xr

warnings.filterwarnings("ignore", category=RuntimeWarning, module="xarray")  # of times that are missing
SKIPPED = 77
SOURCE = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "docs" / "examples"))
GROUPS = ["network", "links", "movements", "detectors", "signals", "approaches", "cycles", "passages", "trips",
          "trajectories", "totals", "kpi"]

NET = """<net version="1.9">
  <location netOffset="-686000.00,-4929000.00" convBoundary="0.00,0.00,400.00,400.00"
            origBoundary="11.34,44.49,11.35,44.50"
            projParameter="+proj=utm +zone=32 +ellps=WGS84 +datum=WGS84 +units=m +no_defs"/>
  <edge id=":M_0" function="internal"><lane id=":M_0_0" index="0" speed="13.89" length="20.00" shape="190.00,198.40 210.00,198.40"/></edge>
  <edge id=":M_1" function="internal"><lane id=":M_1_0" index="0" speed="7.00" length="15.00" shape="201.60,190.00 203.00,197.00 210.00,198.40"/></edge>
  <edge id="west" from="W" to="M" priority="1"><lane id="west_0" index="0" speed="13.89" length="190.00" shape="0.00,198.40 190.00,198.40"/></edge>
  <edge id="south" from="S" to="M" priority="1"><lane id="south_0" index="0" speed="13.89" length="190.00" shape="201.60,0.00 201.60,190.00"/></edge>
  <edge id="east" from="M" to="E" priority="1"><lane id="east_0" index="0" speed="13.89" length="190.00" shape="210.00,198.40 400.00,198.40"/></edge>
  <tlLogic id="M" type="static" programID="0" offset="0">
    <phase duration="25" state="Gr"/><phase duration="4" state="yr"/><phase duration="27" state="rG"/><phase duration="4" state="ry"/>
  </tlLogic>
  <junction id="W" type="dead_end" x="0.00" y="200.00" incLanes="" intLanes="" shape="0.00,200.00 0.00,196.80"/>
  <junction id="S" type="dead_end" x="200.00" y="0.00" incLanes="" intLanes="" shape="200.00,0.00 203.20,0.00"/>
  <junction id="E" type="dead_end" x="400.00" y="200.00" incLanes="east_0" intLanes="" shape="400.00,196.80 400.00,200.00"/>
  <junction id="M" type="traffic_light" x="200.00" y="200.00" incLanes="west_0 south_0" intLanes=":M_0_0 :M_1_0" shape="190.00,190.00 210.00,190.00 210.00,200.00 190.00,200.00">
    <request index="0" response="00" foes="10" cont="0"/><request index="1" response="01" foes="01" cont="0"/>
  </junction>
  <connection from="west" to="east" fromLane="0" toLane="0" via=":M_0_0" tl="M" linkIndex="0" dir="s" state="O"/>
  <connection from="south" to="east" fromLane="0" toLane="0" via=":M_1_0" tl="M" linkIndex="1" dir="r" state="o"/>
  <connection from=":M_0" to="east" fromLane="0" toLane="0" dir="s" state="M"/>
  <connection from=":M_1" to="east" fromLane="0" toLane="0" dir="r" state="M"/>
</net>
"""
ROUTES = """<routes><vType id="car" length="5" accel="1.7" decel="2.0" tau="1.2" speedFactor="normc(1,0.1,0.6,1.4)"/>
  <route id="we" edges="west east"/><route id="se" edges="south east"/>
  <flow id="w" type="car" route="we" begin="0" end="500" period="5" departPos="base" departSpeed="max"/>
  <flow id="s" type="car" route="se" begin="2" end="500" period="10" departPos="base" departSpeed="max"/></routes>
"""
DETECTORS = """<additional><inductionLoop id="loop west" lane="west_0" pos="150" period="60" file="x"/>
  <inductionLoop id="loop \u00f6st" lane="east_0" pos="50" period="60" file="x"/></additional>
"""
SCENARIO = """arterial: 1
title: A junction
city: j.city.h5
demand: [j.demand.h5]
time: {date: 2024-02-13, timezone: Europe/Rome, begin: 08:00:00, end: 08:10:00, step: 0.5 s, demand_start: 08:00:00}
outputs:
  links: {every: 60 s}
  movements: {every: 60 s}
  detectors: {every: 60 s}
  totals: {every: 30 s}
  trajectories: {every: 10 s}
  trips: true
  signals: true
  approaches: true
  passages: true
seed: 3
"""


def call(command, accepted=(0,)):
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode in accepted, (
        f"{' '.join(command)}: exit code {done.returncode}, expected {accepted}\n{done.stdout}{done.stderr}")
    return done


def make_inputs(folder, program):
    for name, text in (("j.net.xml", NET), ("j.rou.xml", ROUTES), ("j.add.xml", DETECTORS), ("j.yaml", SCENARIO)):
        (folder / name).write_text(text, encoding="utf-8")
    call([program, "import", "sumo", folder / "j.net.xml", "--additional", folder / "j.add.xml", "--routes", folder / "j.rou.xml",
          "-o", folder / "j.city.h5", "--demand-output", folder / "j.demand.h5"])


def check_xarray(path, engine):
    for group in GROUPS:
        with xr.open_dataset(path, group=group, engine=engine) as data:
            for name, variable in data.variables.items():
                if variable.dtype == object:
                    continue  # text
                assert "long_name" in variable.attrs, f"{engine}: /{group}/{name} has no long_name"
                has_unit = "units" in variable.attrs or "units" in variable.encoding or "flag_meanings" in variable.attrs
                assert has_unit or name in ("mesh", "lane_geometry", "crs"), f"{engine}: /{group}/{name} has no unit"
    with xr.open_dataset(path, group="links", engine=engine) as links:
        assert links.sizes["link"] == 3 and links.sizes["time"] >= 8, links.sizes
        # 08:00 in Rome in winter is 07:00 UTC
        assert links["time"].values[0] == np.datetime64("2024-02-13T07:00:00"), links["time"].values[0]
        assert links["time"].values[1] - links["time"].values[0] == np.timedelta64(60, "s")
        assert links["flow"].attrs["units"] == "h-1" and links["flow"].dims == ("time", "link")
        assert {"x", "y", "lon", "lat"} <= set(links["flow"].coords), list(links["flow"].coords)
        assert abs(float(links["lon"].sel(link="west")) - 11.34) < 0.02 and abs(float(links["lat"].sel(link="west")) - 44.49) < 0.02
        assert abs(float(links["x"].sel(link="west")) - (686000 + 95)) < 1e-6
        assert float(links["left"].sel(link="west").sum()) == 100
    with xr.open_dataset(path, group="trips", engine=engine) as trips:
        assert trips.sizes["trip"] == 150
        assert trips["arrival"].dtype == np.dtype("datetime64[ns]")
        assert bool((trips["arrival"] > trips["insert"]).all())
    with xr.open_dataset(path, group="detectors", engine=engine) as detectors:
        assert list(detectors["detector"].values) == ["loop west", "loop \u00f6st"]
        assert float(detectors["count"].sel(detector="loop \u00f6st").sum()) == 150


def check_netcdf4(path):
    with netCDF4.Dataset(path) as data:
        assert data.Conventions.startswith("CF-1.11")
        assert data.complete == 1 and len(data.result_hash) == 16
        assert "city_sha256" in data.ncattrs() and len(data.city_sha256) == 64
        for group in GROUPS:
            for name, variable in data[group].variables.items():
                variable[...]
                for axis in variable.dimensions:
                    assert not axis.startswith("phony"), f"/{group}/{name} has an axis without a name"
        assert data["trajectories"].featureType == "trajectory" and data["detectors"].featureType == "timeSeries"
        assert data["network"]["mesh"].cf_role == "mesh_topology"
        assert "32N" in data["network"]["crs"].crs_wkt or "zone 32" in data["network"]["crs"].crs_wkt


def check_groups_agree(path):
    """What is counted twice is counted equally."""
    with h5py.File(path) as f:
        links, trips, totals, ragged = f["links"], f["trips"], f["totals"], f["trajectories"]
        arrived = int(np.sum(trips["state"][:] == 3))
        assert arrived == 150 == int(totals["arrived"][-1]) == int(links["arrived"][:].sum()) == int(f["kpi/arrived"][()])
        assert int(links["departed"][:].sum()) == 150 == int(totals["inserted"][-1])
        # A vehicle enters or departs, and leaves or arrives, once per link.
        assert int(links["entered"][:].sum()) == int(links["left"][:].sum()) == 150 == int(f["movements/count"][:].sum())
        # Distance and time of all trips, by trip and by interval.
        assert abs(trips["route_length"][:].sum() / 1000 - totals["vkt"][:].sum()) < 0.02 * totals["vkt"][:].sum()
        assert abs(trips["travel_time"][:].sum() / 3600 - totals["vht"][:].sum()) < 0.02 * totals["vht"][:].sum()
        assert abs(f["kpi/vkt_km"][()] - trips["route_length"][:].sum() / 1000) < 1e-3
        # density x length x time is time spent; flow x time is count
        bounds = links["time_bnds"][:]
        hours = (bounds[:, 1] - bounds[:, 0])[:, None] / 3600
        assert np.allclose(links["flow"][:] * hours, links["left"][:] + links["arrived"][:], atol=1e-3)
        assert np.allclose(links["density"][:] * links["length"][:] / 1000 * hours * 3600, links["vehicle_time"][:], rtol=1e-4, atol=1e-3)
        # The signal: green for west of 60 s for 25 s, from the log.
        first = f["signals/event_phase"][:] == 0
        assert np.all(np.diff(f["signals/event_time"][:][first]) == 60)
        assert f["signals/program_text"][0].decode() == "offset 0; 25 Gr; 4 yr; 27 rG; 4 ry"
        check_approaches(f)
        # Ragged rows: sorted by time within a vehicle, on the road within its lane.
        assert int(ragged["row_size"][:].sum()) == ragged["obs_time"].shape[0]
        first = 0
        for size in ragged["row_size"][:]:
            assert np.all(np.diff(ragged["obs_time"][first:first + size]) == 10)
            first += size
        length = f["network/lane_length"][:][ragged["obs_lane"][:]]
        assert np.all(ragged["position"][:] <= length + 1e-3) and np.all(ragged["speed"][:] >= 0)


def check_approaches(f):
    """Two lane groups; every vehicle crosses one stop line; cycles add up to passages and to the summary."""
    groups, cycles, passages, trips = f["approaches"], f["cycles"], f["passages"], f["trips"]
    assert [text.decode() for text in groups["approach"][:]] == ["west:0", "south:0"]
    assert [text.decode() for text in groups["turns"][:]] == ["s", "r"]
    assert len(passages["passage"]) == 150 == int(cycles["volume"][:].sum())
    assert np.all(np.diff(passages["passage_time"][:]) >= 0) and np.all(np.diff(cycles["cycle"][:]) == 1)
    approach, volume, complete = cycles["cycle_approach"][:], cycles["volume"][:], cycles["complete"][:] == 1
    for k, link in enumerate(("west", "south")):
        rows = (approach == k) & complete
        assert int(groups["cycles"][k]) == rows.sum() and int(groups["volume"][k]) == volume[rows].sum()
        assert np.allclose(cycles["end"][:][rows] - cycles["begin"][:][rows], 60)
        assert np.allclose((cycles["yellow"][:] - cycles["green"][:])[rows], (25, 27)[k])
        assert abs(groups["green_share"][k] - (25, 27)[k] / 60) < 1e-6
        used = rows & (volume > 0)
        delay = (cycles["delay"][:][used] * volume[used]).sum() / volume[used].sum()
        assert abs(groups["delay"][k] - delay) < 1e-3
        assert abs(groups["queue_max_95"][k] - np.percentile(cycles["queue_max"][:][rows], 95)) < 1e-3
        mine = passages["passage_approach"][:] == k
        origin = [f["links/link"][:][i].decode() for i in trips["origin"][:][passages["trip"][:][mine]]]
        assert set(origin) == {link}
        # No way to the line is shorter than the undelayed one.
        assert np.all(passages["passage_time"][:][mine] - passages["arrival_time"][:][mine] > -0.05)
    # Nothing else delays anybody but those who drive at different speeds behind one another.
    lost = trips["time_loss"][:].sum()
    control = np.nansum(cycles["delay"][:] * volume)
    assert 0.8 * lost < control < 1.02 * lost, (control, lost)


def check_pictures(folder, result):
    script = SOURCE / "scripts" / "plot_signals"
    for more, words in ((["corridor", "--first", "west", "--last", "east"], "1 signals"),
                        (["arrivals", "--approach", "west:0"], "% on green"),
                        (["splits", "--signal", "M", "--from", "60"], "2 lane groups")):
        picture = folder / f"{more[0]}.png"
        done = call([script, result, *more, "-o", picture])
        assert words in done.stdout, done.stdout
        assert picture.stat().st_size > 10000 and picture.read_bytes()[1:4] == b"PNG"
    assert "west:0 (straight)" in call([script, result, "list"]).stdout
    refused = call([script, result, "arrivals", "--approach", "nowhere:0", "-o", folder / "x.png"], accepted=(3,))
    assert "nowhere:0" in refused.stderr and not (folder / "x.png").exists()


def check_equal_runs(folder, program, first):
    """Another number of threads: everything but /provenance is equal, to the attribute."""
    second = folder / "second.h5"
    call([program, "run", folder / "j.yaml", "-o", second, "--threads", 2, "--quiet"])
    if shutil.which("h5diff"):
        done = call(["h5diff", "--exclude-path=/provenance", first, second])
        assert done.stdout.strip() == "", done.stdout
    with h5py.File(first) as a, h5py.File(second) as b:
        names = []
        a.visit(names.append)
        for name in ["/"] + [n for n in names if not n.startswith("provenance")]:
            assert list(a[name].attrs) == list(b[name].attrs), name
            for key in a[name].attrs:
                if key not in ("DIMENSION_LIST", "REFERENCE_LIST"):
                    assert repr(a[name].attrs[key]) == repr(b[name].attrs[key]), f"{name}@{key}"


def check_example(path):
    import join_trips_links
    for engine in ("netcdf4", "h5netcdf"):
        table = join_trips_links.by_origin(join_trips_links.join(path, engine))
        assert dict(table["trips"]) == {"west": 100, "south": 50}, table
    call([sys.executable, SOURCE / "docs" / "examples" / "join_trips_links.py", path, "-o", path.parent / "origins.csv"])
    assert len((path.parent / "origins.csv").read_text().splitlines()) == 3


def check_interrupted(folder, program):
    """A signal ends the run early; the file is whole, says so, and the exit code too."""
    long_run = folder / "long.yaml"
    long_run.write_text(SCENARIO.replace("end: 08:10:00", "end: 20:00:00"))
    (folder / "long.rou.xml").write_text(ROUTES.replace('end="500"', 'end="43000"'))
    call([program, "import", "sumo", folder / "j.net.xml", "--additional", folder / "j.add.xml", "--routes", folder / "long.rou.xml",
          "-o", folder / "j.city.h5", "--demand-output", folder / "j.demand.h5", "--force"])
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        output = folder / f"stopped_{code}.h5"
        run = subprocess.Popen([program, "run", str(long_run), "-o", str(output), "--set", "time.step=0.05 s"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert run.stderr.readline().startswith("t=")  # it steps
        run.send_signal(number)
        out, log = run.communicate(timeout=120)
        if run.returncode == 0:
            print("the run was over before the signal came")
            continue
        assert run.returncode == code, (run.returncode, out, log)
        assert out.startswith("summary: "), out
        with xr.open_dataset(output, group="links") as links, h5py.File(output) as f:
            assert f.attrs["complete"] == 0 and f.attrs["now_s"] < 72000
            assert links.sizes["time"] >= 1
        assert not list(folder.glob(f"stopped_{code}.h5?*")), "a temporary file was left behind"


def check_refusals(folder, program, result):
    assert "exists" in call([program, "run", folder / "j.yaml", "-o", result, "--quiet"], accepted=(5,)).stderr
    broken = folder / "broken.yaml"
    broken.write_text(SCENARIO + 'interventions:\n  - retime: {signal: "nowhere", cycle: 80 s}\n')
    message = call([program, "run", broken, "--quiet"], accepted=(3,)).stderr
    assert "broken.yaml:18" in message and "nowhere" in message, message
    broken.write_text(SCENARIO + 'interventions:\n  - retime: {signal: "M", cycle: 9 s}\n')
    message = call([program, "run", broken, "--quiet"], accepted=(3,)).stderr
    assert "18 s and more" in message, message  # 8 s of yellow and twice 5 s of green
    assert "trips=150" in call([program, "run", folder / "j.yaml", "--dry-run"]).stdout
    assert "A junction" in call([program, "run", folder / "j.yaml", "--print-config"]).stdout


def check_r(path):
    if not shutil.which("Rscript"):
        print("R is not installed: not tried")
        return
    if subprocess.run(["Rscript", "-e", "library(hdf5r)"], capture_output=True).returncode != 0:
        print("R has no hdf5r: not tried")
        return
    script = (f'library(hdf5r); f <- H5File$new("{path}", "r"); x <- f[["links/flow"]][,]; '
              'stopifnot(dim(x)[1] == 3); stopifnot(f[["links/link"]][][1] %in% c("west", "south", "east")); cat("ok")')
    assert call(["Rscript", "-e", script]).stdout.endswith("ok")


def main():
    program = os.environ.get("ARTERIAL", "")
    if not program or not os.path.exists(program):
        print("ARTERIAL does not name the program: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="results_readers_") as folder:
        folder = pathlib.Path(folder)
        make_inputs(folder, program)
        result = folder / "first.h5"
        done = call([program, "run", folder / "j.yaml", "-o", result, "--threads", 1])
        assert done.stdout.splitlines()[-1].startswith("summary: inserted=150 arrived=150 running=0 waiting=0 removed=0 "), done.stdout
        assert "t=08:" in done.stderr and "\r" not in done.stderr, done.stderr
        for engine in ("netcdf4", "h5netcdf"):
            check_xarray(result, engine)
        check_netcdf4(result)
        check_groups_agree(result)
        check_pictures(folder, result)
        check_equal_runs(folder, program, result)
        check_example(result)
        check_r(result)
        check_refusals(folder, program, result)
        check_interrupted(folder, program)
    print("readers: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
