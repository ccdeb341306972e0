#!/usr/bin/python3
"""`arterial calibrate drivers` from the command line: tables of pairs in, parameters, errors and plots out. The drivers
are IDM with known parameters, simulated here; what the program finds, what its files say and what its summary prints must
agree. Bad input is refused with the right exit code and sentence."""
import csv
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import xarray

PROGRAM = os.environ["ARTERIAL"]
ROOT = Path(os.environ.get("ARTERIAL_SOURCE_DIR", Path(__file__).resolve().parents[2]))
NAMES = ["desired_speed_mps", "time_gap_s", "min_gap_m", "accel_mps2", "decel_mps2"]
# group, run, follower: v0, T, s0, a, b
DRIVERS = {
    ("calm", 1, 11): (22.0, 1.6, 2.5, 1.0, 1.6),
    ("calm", 2, 11): (20.0, 1.3, 2.0, 1.2, 1.8),
    ("fast", 1, 11): (27.0, 0.9, 1.8, 1.8, 2.4),
}


def run(*words, code=0, threads=None):
    env = dict(os.environ, **({"OMP_NUM_THREADS": str(threads)} if threads else {}))
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=300, env=env)
    assert done.returncode == code, f"{words}: exit code {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
    return done.stdout, done.stderr


def leader_speed(t, v0):
    """Away, back, waves, a stop, a start."""
    at = [(0, 0), (10, 1.25), (40, 1.25), (55, 0.3), (80, 0.5), (95, 0.25), (108, 0.6), (120, 0), (132, 0), (145, 0.7),
          (160, 0.7)]
    return v0 * float(np.interp(t, *zip(*at)))


def trajectory(parameters, step=0.1, noise=None):
    v0, T, s0, a, b = parameters
    lead, x, v = s0 + 1 + 5.0, 0.0, 0.0
    for k in range(1600):
        t = k * step
        u = leader_speed(t, v0)
        gap = lead - 5.0 - x
        yield t, lead, u, x + (noise.normal(0, 0.5) if noise else 0.0), v
        wanted = s0 + max(0.0, v * T + v * (v - u) / (2 * math.sqrt(a * b)))
        accel = a * (1 - (v / v0) ** 4 - (wanted / gap) ** 2)
        lead += 0.5 * (u + leader_speed(t + step, v0)) * step
        new = v + accel * step
        x += 0.5 * (v + new) * step if new >= 0 else -0.5 * v * v / accel
        v = max(new, 0.0)


def write_tables(folder):
    """One file a driver, as recordings name their columns; two rows of the first file are bad."""
    files = []
    for (group, run_no, follower), parameters in DRIVERS.items():
        path = folder / group / f"pair_{run_no}.csv"
        path.parent.mkdir(exist_ok=True)
        with open(path, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["run_no", "timestamp", "xLeaderReal", "vLeaderReal", "xFollowerReal", "vFollowerReal",
                           "follower_id", "leader_id"])
            for t, lead, u, x, v in trajectory(parameters):
                rows.writerow([run_no, f"{t:.1f}", f"{lead:.6f}", f"{u:.6f}", f"{x:.6f}", f"{v:.6f}", follower, 7])
            if not files:
                rows.writerow([run_no, "far", 0, 0, 0, 0, follower, 7])
                rows.writerow([run_no, "200.0", 10, 1, 9, 1, follower, 7])
            # an episode that is too short to be used
            for t in (300.0, 300.1, 300.2):
                rows.writerow([run_no, t, 60 + 10 * (t - 300), 10, 20 + 10 * (t - 300), 10, follower, 8])
        files.append(path)
    return files


def check_file(path, printed):
    truth = np.array(list(DRIVERS.values()))
    with h5py.File(path) as file:
        assert file.attrs["arterial_schema"] == "drivers" and file.attrs["model"] == "idm"
        drivers = file["drivers"]
        names = [x.decode() for x in drivers["driver"][:]]
        assert names == ["calm:1/11", "calm:2/11", "fast:1/11"], names
        for i, name in enumerate(NAMES):
            assert np.allclose(drivers[name][:], truth[:, i], rtol=0.005), (name, drivers[name][:])
            assert drivers[name].attrs["units"] in (b"m s-1", b"s", b"m", b"m s-2", "m s-1", "s", "m", "m s-2")
            assert not drivers[f"{name}_state"][:].any()
        assert (drivers["error_mixed"][:] < 1e-3).all() and (drivers["rows"][:] == 1600).all()
        assert file.attrs["episodes_left_out"] == 3
        # errors again from the rows that are written
        gap, simulated = file["rows/gap"][:], file["rows/simulated_gap"][:]
        for i in range(3):
            s, d = gap[1600 * i + 1:1600 * (i + 1)], (simulated - gap)[1600 * i + 1:1600 * (i + 1)]
            mixed = math.sqrt(np.mean(d * d / s) / np.mean(s))
            assert abs(mixed - drivers["error_mixed"][i]) < 1e-9
            assert abs(math.sqrt(np.mean(d * d)) - drivers["gap_rmse"][i]) < 1e-7
        cross = file["cross/error"][:]
        assert np.allclose(np.diag(cross), drivers["error_mixed"][:], atol=1e-12) and cross[0, 1] > 0.02
        table = list(zip(file["errors/group"][:], file["errors/scope"][:], file["errors/count"][:],
                         file["errors/median"][:]))
        found = {(g.decode(), s.decode()): (n, m) for g, s, n, m in table}
        assert found["calm", "others"][0] == 2 and found["fast", "others"][0] == 0
        assert abs(found["calm", "others"][1] - np.median([cross[0, 1], cross[1, 0]])) < 1e-12
        assert found["calm", "self_elsewhere"][0] == 1  # run 1, follower 11 stands in both folders
        assert found["calm", "self_elsewhere"][1] == cross[2, 0]
        shown = float(re.search(r"calm +others +2 +([\d.]+)", printed).group(1))
        assert abs(shown - 100 * np.mean([cross[0, 1], cross[1, 0]])) < 0.051
    for group in ("drivers", "cross", "errors", "distribution", "correlation", "episodes", "rows", "inputs"):
        for engine in ("netcdf4", "h5netcdf"):
            with xarray.open_dataset(path, group=group, engine=engine) as data:
                assert data.sizes, (group, engine)


def check_refusals(folder, files):
    base = [PROGRAM, "calibrate", "drivers"]
    out = ["-o", folder / "no.h5"]
    bad = folder / "bad.csv"
    bad.write_text("time_s,leader_speed\n1,2\n")
    for words, code, sentence in [
        ([files[0]], 2, "needs FILE.csv and -o"),
        ([files[0], *out, "--model", "idn"], 2, "--model 'idn': accepted are iidm, idm"),
        ([files[0], *out, "--minimise", "x"], 2, "accepted are mixed, relative, absolute"),
        ([files[0], *out, "--restarts", "0"], 2, "--restarts '0', expected 1 to 1000"),
        ([files[0], *out, "--step", "0.15"], 3, "step 0.15 s: rows of the data are 0.1 s apart"),
        ([files[0], *out, "--min-duration", "1000"], 3, "none of the 2 episodes is at least 1000 s long"),
        ([bad, *out], 3, "bad.csv:1: no column of the gap"),
        ([folder / "none.csv", *out], 5, "none.csv"),
        ([files[0], "-o", bad], 5, "exists already"),
        ([files[0], "-o", files[0], "--force"], 2, "is an input"),
    ]:
        stdout, stderr = run(*base, *words, code=code)
        assert sentence in stderr, (words, stderr)
        assert not (folder / "no.h5").exists()


def check_assignment(folder):
    """The drivers of the prior-free fit become types of a real demand, where Debian's SUMO has it."""
    acosta = Path("/usr/share/sumo/tools/sumolib/scenario/scenarios/RealWorld/acosta")
    if not (acosta / "acosta.rou.xml").exists():
        print("calibrate drivers: SKIPPED scripts/assign_drivers: sumo-tools is not installed")
        return
    city, demand, out = folder / "city.h5", folder / "in.demand.h5", folder / "out.demand.h5"
    run(PROGRAM, "import", "sumo", acosta / "acosta_buslanes.net.xml", "--additional",
        f"{acosta}/acosta_vtypes.add.xml,{acosta}/acosta_bus_stops.add.xml", "--routes",
        f"{acosta}/acosta.rou.xml,{acosta}/acosta_busses.add.xml", "-o", city, "--demand-output", demand)
    script = ROOT / "scripts" / "assign_drivers"
    words = [demand, folder / "one.h5", "--type", "passenger1", "--type", "passenger3", "--group", "calm", "-o", out]
    said, _ = run(script, *words)
    assert "drivers=2 types=4 model=idm memberships_replaced=2 from_pooled=0 kept_from_type=0" in said, said
    run(PROGRAM, "check", out, "--city", city)
    with h5py.File(demand) as old, h5py.File(out) as new:
        before, after = old["types/type"][:].tolist(), new["types/type"][:].tolist()
        added = [b"passenger1@calm:1/11", b"passenger1@calm:2/11", b"passenger3@calm:1/11", b"passenger3@calm:2/11"]
        assert after == before + added
        for column in old["types"]:
            assert np.array_equal(new[f"types/{column}"][:len(before)], old[f"types/{column}"][:])
        for place, name in enumerate(added, len(before)):
            source = before.index(name.split(b"@")[0])
            v0, T, s0, a, b = DRIVERS["calm", int(name.split(b":")[1].split(b"/")[0]), 11]
            for column, value in (("time_gap_s", T), ("min_gap_m", s0), ("accel_mps2", a), ("decel_mps2", b)):
                assert abs(new[f"types/{column}"][place] / value - 1) < 0.005
            for column in ("length_m", "max_speed_mps", "speed_factor_mean", "emergency_decel_mps2"):
                assert new[f"types/{column}"][place] == old[f"types/{column}"][source]
            assert new["types/model"][place] == b"idm"
        # probabilities of a set still add up, and what was replaced is drawn no more
        counts, kinds = new["sets/member_count"][:], new["sets/members/type"][:]
        share, at = new["sets/members/probability"][:], 0
        for n in counts:
            assert abs(share[at:at + n].sum() - 1) < 1e-5
            at += n
        assert at == len(kinds) and not {before.index(b"passenger1"), before.index(b"passenger3")} & set(kinds.tolist())
        assert np.array_equal(new["trips/set"][:], old["trips/set"][:])
    scenario = folder / "assigned.yaml"
    scenario.write_text("arterial: 1\ncity: city.h5\ndemand: out.demand.h5\ntime: {end: 300 s}\noutputs: {links: false}\n")
    ran, _ = run(PROGRAM, "run", scenario, "-o", folder / "run.h5")
    assert int(re.search(r"arrived=(\d+)", ran).group(1)) > 50
    for more, sentence in ((["--force", "--type", "tank"], "no type 'tank'"), (["--force", "--group", "no"], "no group 'no'"),
                           ([], "exists already")):
        _, stderr = run(script, *words, *more, code=1)
        assert sentence in stderr and "Traceback" not in stderr, stderr


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_tables(folder)
        command = [PROGRAM, "calibrate", "drivers", *files, "--model", "idm", "--restarts", "1"]
        printed, log = run(*command, "-o", folder / "one.h5", "--csv", folder / "one.csv", threads=1)
        assert "pair_1.csv:1602: the time is 'far', expected a number" in log
        assert "pair_1.csv:1603: the gap is -4 m" in log
        assert "files=3 rows=4811 accepted=4809 rejected=2 episodes=6 step=0.1 s" in printed
        check_file(folder / "one.h5", printed)

        # the same with another number of threads, bit by bit.
        run(*command, "-o", folder / "two.h5", "--csv", folder / "two.csv", "--threads", "3")
        assert (folder / "one.csv").read_bytes() == (folder / "two.csv").read_bytes()
        with h5py.File(folder / "one.h5") as one, h5py.File(folder / "two.h5") as two:
            for group in one:
                for dataset in one[group]:
                    a, b = one[group][dataset][()], two[group][dataset][()]
                    assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), (group, dataset)

        rows = list(csv.DictReader(open(folder / "one.csv")))
        for row, parameters in zip(rows, DRIVERS.values()):
            for column, value in zip(NAMES, parameters):
                assert abs(float(row[column]) / value - 1) < 0.005
        assert [r["driver"] for r in rows] == ["calm:1/11", "calm:2/11", "fast:1/11"]

        # A coarser step sees every fifth row; half the step simulates in between. Both still find the drivers.
        for step, rows_wanted in (("0.5", 320), ("0.05", 1600)):
            run(*command, "-o", folder / "step.h5", "--step", step, "-fq")
            with h5py.File(folder / "step.h5") as file:
                assert (file["drivers/rows"][:] == rows_wanted).all()
                assert (file["drivers/error_mixed"][:] < 0.03).all()
                assert np.allclose(file["drivers/desired_speed_mps"][:], [22, 20, 27], rtol=0.02)

        # An overwhelming prior makes all drivers of a group the pooled one.
        run(*command, "-o", folder / "prior.h5", "--prior", "1000", "-fq")
        with h5py.File(folder / "prior.h5") as file:
            gaps = file["drivers/time_gap_s"][:]
            pooled = {(g.decode(), p.decode()): v for g, p, v in
                      zip(file["distribution/group"], file["distribution/parameter"], file["distribution/pooled"])}
            assert abs(gaps[0] - gaps[1]) < 0.01 and abs(gaps[0] - pooled["calm", "time_gap_s"]) < 0.01
            assert abs(gaps[2] - 0.9) < 0.01

        info, _ = run(PROGRAM, "info", folder / "one.h5")
        assert "arterial_schema: drivers" in info and "model: idm" in info
        check_refusals(folder, files)
        check_assignment(folder)

        drawn, _ = run(ROOT / "scripts" / "plot_driver_fit", folder / "one.h5", "-o", folder / "plots")
        for file in ("gaps.png", "parameters.png", "errors.png"):
            assert f"drawn: {folder / 'plots' / file}" in drawn
            assert (folder / "plots" / file).stat().st_size > 20000
        _, stderr = run(ROOT / "scripts" / "plot_driver_fit", folder / "one.csv", "-o", folder / "plots", code=1)
        assert "one.csv" in stderr and "Traceback" not in stderr
    print("calibrate drivers: parameters, files, threads, steps, prior, refusals, types and plots are right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
