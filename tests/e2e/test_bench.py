#!/usr/bin/python3
"""scripts/bench on the smallest of networks: what it measures, counts and writes. Nothing about speed."""
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
ROOT = pathlib.Path(os.environ["ARTERIAL_SOURCE_DIR"])
PROGRAM = os.environ.get("ARTERIAL", "")
SMALL = ("--quick", "--grid", "4", "--window", "2,4", "--sumo-window", "1,3", "--triad-mib", "8", "--seconds", "60")


def bench(*arguments, code=0):
    run = subprocess.run([sys.executable, ROOT / "scripts/bench", "--arterial", PROGRAM, *map(str, arguments)],
                         capture_output=True, text=True, timeout=600)
    assert run.returncode == code, f"bench {arguments}: exit code {run.returncode}\n{run.stdout}\n{run.stderr}"
    return run


def is_about(value, wanted, share=1e-9):
    return abs(value - wanted) <= share * abs(wanted)


def check_arterial(data, row):
    """Figures of a row that follow from one another, and what was counted."""
    timing, memory = row["timing"], row["memory"]
    assert row["updates"] > 0
    assert is_about(row["updates_per_s"], row["updates"] / row["steps_s"])
    assert is_about(row["mean_vehicles"], row["updates"] / row["steps"])
    assert timing["link_lanes"] == data["networks"][row["network"]]["facts"]["link_lanes"]
    assert memory["hot_vehicle_bytes"] >= 0 and memory["hot_lane_bytes"] > 0
    assert row["peak_kib"] > 1000 and len(row["hash"]) == 16
    assert ("settle_links_s" in timing) == (row["case"] not in "ch")
    if row["case"] in "ch":
        return
    assert row["updates"] == timing["link_updates"] + timing["connector_updates"]
    for phase in ("settle_links", "settle_nodes", "decide", "move_links", "move_nodes"):
        assert 0.0 < timing[f"{phase}_s"] < row["threads"] * row["steps_s"], (phase, timing)


def steps_are_those_asked_for(data):
    """Grid of 4 x 4 nodes: 96 lanes of links, and as many vehicles a lane as the full one, all of them on the road."""
    a = [r for r in data["runs"] if r["case"] == "a"]
    assert sorted({r["threads"] for r in a}) == [1, 2]
    for r in a:
        assert r["timing"]["link_lanes"] == 96 and r["steps"] == 4 and r["after_s"] == 2.0
    vehicles = {r["network"]: r["mean_vehicles"] for r in a}
    assert vehicles["grid4_200m_407"] == 407, vehicles  # 120,000 / 28,320 * 96
    assert vehicles["grid4_200m_41"] == 41, vehicles
    assert 407 < vehicles["grid4_200m_2034"] <= 2034, vehicles
    facts = data["networks"]["grid4_200m_407"]["facts"]
    assert facts["nodes"] == 16 and 0 < facts["signals"] < 16
    assert facts["share_without_signals_or_with_permitted_turns"] >= 0.3


def sumo_has_the_same_traffic(data):
    rows = [r for r in data["runs"] if r["case"] == "d" and r["network"] == "grid4_200m_407"]
    order = [r["program"] for r in rows if r["threads"] == 1]
    assert order == ["arterial", "sumo", "arterial"], order
    for r in rows:
        assert r["steps"] == 4, r  # from 1 s to 3 s
        assert is_about(r["mean_vehicles"], 407, 0.15), r


def tables_are_there(text, titles):
    for title in titles:
        assert f"## {title}\n" in text, f"{title} is not in\n{text}"
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|"), line


def grids_and_sumo(folder):
    run = bench(*SMALL, "--only", "a,b,d,g", "-o", folder / "out", "--document", folder / "page.md")
    data = json.loads((folder / "out" / "bench.json").read_text(encoding="utf-8"))
    assert data["schema"] == "arterial-bench 1"
    assert data["machine"]["lscpu"]["CPU(s)"] and data["machine"]["build"]["compiler"]
    assert all(rate > 0 for rate in data["bandwidth_gb_per_s"].values()) and "1" in data["bandwidth_gb_per_s"]
    for row in data["runs"]:
        if row["program"] == "arterial":
            check_arterial(data, row)
    steps_are_those_asked_for(data)
    assert {r["network"] for r in data["runs"] if r["case"] == "b"} == {"grid4_90m_407", "grid4_90m_678"}
    has_sumo = shutil.which("sumo") is not None
    if has_sumo:
        sumo_has_the_same_traffic(data)
    assert all(goal["met"] is None for goal in data["goals"]), "goals are those of the full grid"
    titles = ["Goals", "Vehicle updates, million a second", "Where a step's time goes", "What bounds it", "Machine"]
    tables_are_there(run.stdout, titles + (["Against SUMO " + data["sumo_version"]] if has_sumo else []))
    assert (folder / "out" / "bench.md").read_text(encoding="utf-8") == run.stdout
    page = (folder / "page.md").read_text(encoding="utf-8")
    assert page.startswith("# Performance\n") and page.endswith(run.stdout)
    again = bench("--from", folder / "out" / "bench.json")
    assert again.stdout == run.stdout, "the same figures give the same tables"


def several_ranks(folder):
    """The same traffic by all numbers of ranks; a row counts what all of its ranks did."""
    if not shutil.which("mpirun"):
        return
    run = bench(*SMALL, "--only", "i", "-o", folder / "ranks")
    data = json.loads((folder / "ranks" / "bench.json").read_text(encoding="utf-8"))
    assert [(r["ranks"], r["threads"]) for r in data["runs"]] == [(1, 1), (1, 2), (2, 1), (4, 1)], data["runs"]
    assert len({r["hash"] for r in data["runs"]}) == 1
    assert {r["mean_vehicles"] for r in data["runs"]} == {407.0}, [r["mean_vehicles"] for r in data["runs"]]
    reached = {goal["goal"]: goal["reached"] for goal in data["goals"]}
    assert reached["two ranks over two threads, 120,000 vehicles"] > 0.0
    tables_are_there(run.stdout, ["Goals", "Ranks, million updates a second", "Machine"])


def the_rest(folder):
    """Real networks (one of SUMO's own, if it is there), outputs, memory; without SUMO, which is said aloud."""
    run = bench(*SMALL, "--only", "c,e,f,g", "--threads", "1", "--sumo", "no_such_program", "-o", folder / "rest",
                "--data", folder)
    data = json.loads((folder / "rest" / "bench.json").read_text(encoding="utf-8"))
    assert "SUMO: no_such_program is not installed" in data["skipped"] or not any(
        r["case"] == "c" for r in data["runs"]), data["skipped"]
    assert any(reason.startswith("Cologne 8: ") for reason in data["skipped"]), data["skipped"]
    assert "Skipped: Cologne 8: " in run.stdout and "bench: skipped: Cologne 8: " in run.stderr
    for row in data["runs"]:
        check_arterial(data, row)
        if row["case"] in "cg":
            assert row["network"] == "bologna" and row["steps"] == 120
    outputs = {r["outputs"]: r for r in data["runs"] if r["case"] == "e"}
    assert list(outputs) == ["none", "links", "trajectories", "all"]
    assert len({r["hash"] for r in outputs.values()}) == 1
    sizes = [r["file_bytes"] for r in outputs.values()]
    assert sizes[0] == 0 and sizes[1] > 0 and sizes[2] > sizes[1] and sizes[3] > sizes[2], sizes
    reached = {goal["goal"]: goal["reached"] for goal in data["goals"]}
    for name in ("hot bytes a running vehicle", "hot bytes a lane", "GiB for three million vehicles"):
        assert reached[name] is not None and math.isfinite(reached[name]), reached
    tables_are_there(run.stdout, ["Goals", "Outputs", "Memory", "Machine"])


def maps(folder):
    """The town of the examples is always there; extracts that are not are named."""
    run = bench(*SMALL, "--only", "h", "-o", folder / "maps", "--data", folder)
    data = json.loads((folder / "maps" / "bench.json").read_text(encoding="utf-8"))
    assert any(reason.startswith("Monaco: ") for reason in data["skipped"]), data["skipped"]
    assert "Skipped: Monaco: " in run.stdout and "bench: skipped: Monaco: " in run.stderr
    assert {(r["network"], r["threads"]) for r in data["runs"]} == {("little_town", 1), ("little_town", 2)}
    for row in data["runs"]:
        check_arterial(data, row)
        assert row["import"]["wall_s"] > 0.0 and row["import"]["peak_kib"] > 1000 and row["arrived"] >= 0
        assert (row["netconvert"] is not None) == (shutil.which("netconvert") is not None)
    assert len({r["hash"] for r in data["runs"]}) == 1
    tables_are_there(run.stdout, ["Import of OpenStreetMap", "Machine"])


def mistakes_are_told():
    assert "--only" in bench("--only", "a,x", code=2).stderr
    assert "FROM < TO" in bench("--window", "9,9", code=2).stderr
    assert "is not there" in subprocess.run([sys.executable, ROOT / "scripts/bench", "--arterial", "/no/such/program"],
                                            capture_output=True, text=True, timeout=60).stderr
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write('{"schema": "other"}')
        file.flush()
        assert "schema 'other'" in bench("--from", file.name, code=1).stderr


def failures_are_kept(folder):
    """A program that fails fails its case; what else was measured is written."""
    fails = folder / "fails"
    fails.write_text("#!/bin/sh\necho cannot >&2\nexit 7\n")
    fails.chmod(0o755)
    run = bench(*SMALL, "--only", "d,f", "--threads", "1", "--sumo", fails, "-o", folder / "half", code=1)
    data = json.loads((folder / "half" / "bench.json").read_text(encoding="utf-8"))
    assert len(data["failed"]) == 1 and data["failed"][0].startswith("case d: ") and "exit code 7" in data["failed"][0]
    assert "Failed: case d: " in run.stdout and "cannot" in run.stderr
    assert any(r["case"] == "f" for r in data["runs"])


def main():
    if not PROGRAM or not (pathlib.Path(PROGRAM).parent / "tests" / "bench_triad").exists():
        print("skipped: needs arterial and bench_triad")
        return SKIPPED
    mistakes_are_told()
    with tempfile.TemporaryDirectory(prefix="test_bench_") as folder:
        grids_and_sumo(pathlib.Path(folder))
        several_ranks(pathlib.Path(folder))
        the_rest(pathlib.Path(folder))
        maps(pathlib.Path(folder))
        failures_are_kept(pathlib.Path(folder))
    print("bench measures what it says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
