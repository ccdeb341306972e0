#!/usr/bin/python3
"""Time arterial and Eclipse SUMO on the same network, demand and step, one thread each, in alternating runs.

Alternating runs meet the same disturbances of a shared machine; medians and best values of both are printed.
SUMO runs without outputs but detectors, arterial writes its result file: the whole-process times favour SUMO.

*Updates* are running vehicles x steps over the wall time of the simulation alone: ours from the summary line,
SUMO's as it prints them (UPS). A slow result never fails a build: the exit code is 0 whenever both programs finish.

Example:
  tests/bench/bench_sumo.py joined/ --arterial build/release/arterial --repeats 5 --json bench.json
"""
import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77


def script(name):
    """A script of scripts/ as a module."""
    loader = SourceFileLoader(name, str(ROOT / "scripts" / name))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


class Failed(Exception):
    """A program that did not finish."""


def run(command, cwd=None, cpu=None):
    """(wall seconds, text printed) of one process."""
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
    started = time.perf_counter()
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, preexec_fn=pin,
                          capture_output=True, text=True)
    wall = time.perf_counter() - started
    if done.returncode != 0:
        text = " ".join(map(str, command))
        raise Failed(f"{text}: exit code {done.returncode}\n{done.stderr.strip()[-2000:]}")
    return wall, done.stdout + done.stderr


def run_sumo(args, config, seed):
    command = [args.sumo, "-c", config.name, "--step-length", f"{args.step:g}", "--time-to-teleport", "-1",
               "--seed", seed, "--no-step-log", "--no-warnings", "--duration-log.statistics",
               "--xml-validation", "never", "--end", f"{args.end:g}"]
    if args.sumo_trips:
        command += ["--tripinfo-output", "trips.xml"]
    wall, text = run(command, cwd=config.parent, cpu=args.cpu)
    duration = re.search(r"Performance:\s*Duration: ([\d.]+) ?(ms|s)", text)
    ups = re.search(r"UPS: ([\d.]+)", text)
    travel = re.search(r"^ *Duration: ([\d.]+)$", text, re.MULTILINE)
    if not duration or not ups:
        raise Failed(f"{args.sumo} printed no statistics:\n{text[-2000:]}")
    seconds = float(duration.group(1)) * (0.001 if duration.group(2) == "ms" else 1)
    return {"program": "sumo", "seed": seed, "wall_s": wall, "simulation_s": seconds,
            "updates_per_s": float(ups.group(1)), "updates": float(ups.group(1)) * seconds,
            "mean_travel_time_s": float(travel.group(1)) if travel else None}


def run_arterial(args, scenario, folder, seed):
    output = folder / "bench.h5"
    wall, text = run([args.arterial, "run", scenario, "-o", output, "--threads", 1, "--seed", seed, "--force",
                      *[word for pair in args.set for word in ("--set", pair)]], cpu=args.cpu)
    line = re.search(r"^summary: (.*)$", text, re.MULTILINE)
    if not line:
        raise Failed(f"arterial printed no summary line:\n{text[-2000:]}")
    values = dict(word.split("=", 1) for word in line.group(1).split())
    rate, updates = float(values["updates_per_s"]), float(values["updates"])
    return {"program": "arterial", "seed": seed, "wall_s": wall,
            "simulation_s": updates / rate if rate else None, "updates_per_s": rate, "updates": updates,
            "mean_travel_time_s": float(values["mean_travel_time_s"])}


def summarize(rows):
    out = {}
    for program in ("arterial", "sumo"):
        mine = [row for row in rows if row["program"] == program]
        out[program] = {
            "updates_per_s_median": statistics.median(r["updates_per_s"] for r in mine),
            "updates_per_s_best": max(r["updates_per_s"] for r in mine),
            "wall_s_median": statistics.median(r["wall_s"] for r in mine),
            "wall_s_best": min(r["wall_s"] for r in mine),
            "updates_median": statistics.median(r["updates"] for r in mine),
        }
    a, s = out["arterial"], out["sumo"]
    out["ratio"] = {
        "updates_per_s_median": a["updates_per_s_median"] / s["updates_per_s_median"],
        "updates_per_s_best": a["updates_per_s_best"] / s["updates_per_s_best"],
        "wall_median": s["wall_s_median"] / a["wall_s_median"],
        "wall_best": s["wall_s_best"] / a["wall_s_best"],
    }
    return out


def print_table(rows, summary):
    print(f"{'run':>3}  {'program':<9}{'updates/s':>14}{'updates':>13}{'simulation s':>14}{'process s':>11}"
          f"{'travel time s':>15}")
    for i, row in enumerate(rows):
        simulation = f"{row['simulation_s']:.2f}" if row["simulation_s"] else "-"
        travel = f"{row['mean_travel_time_s']:.1f}" if row["mean_travel_time_s"] else "-"
        print(f"{i // 2 + 1:>3}  {row['program']:<9}{row['updates_per_s']:>14,.0f}{row['updates']:>13,.0f}"
              f"{simulation:>14}{row['wall_s']:>11.2f}{travel:>15}")
    ratio = summary["ratio"]
    print(f"\n{'':<28}{'arterial':>14}{'sumo':>14}{'ratio':>9}")
    for key, title, name in (("updates_per_s_median", "updates/s, median", "updates_per_s_median"),
                             ("updates_per_s_best", "updates/s, best", "updates_per_s_best"),
                             ("wall_s_median", "whole process s, median", "wall_median"),
                             ("wall_s_best", "whole process s, best", "wall_best")):
        digits = 0 if "updates" in key else 2
        print(f"{title:<28}{summary['arterial'][key]:>14,.{digits}f}{summary['sumo'][key]:>14,.{digits}f}"
              f"{ratio[name]:>8.1f}x")


def parse_arguments(argv, reference):
    parser = argparse.ArgumentParser(prog="bench_sumo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default=reference.ACOSTA,
                        help="SUMO configuration or its folder (default: Bologna/acosta of sumo-tools)")
    parser.add_argument("--arterial", default="arterial", metavar="FILE", help="program (default: arterial)")
    parser.add_argument("--sumo", default="sumo", metavar="FILE", help="program (default: sumo)")
    parser.add_argument("--model", choices=("idm", "default"), default="idm",
                        help="SUMO's car-following (default idm); arterial's is the scenario's or --set")
    parser.add_argument("--step", type=float, default=0.5, metavar="S", help="step length (default 0.5)")
    parser.add_argument("--end", type=float, default=10800, metavar="S",
                        help="last second for SUMO (default 10800)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="runs of each (default 3)")
    parser.add_argument("--cpu", type=int, metavar="N", help="pin both to this processor")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="passed on to `arterial run`")
    parser.add_argument("--sumo-trips", action="store_true",
                        help="let SUMO write its trips, as arterial does")
    parser.add_argument("--json", metavar="FILE", help="write all runs and the summary here")
    args = parser.parse_args(argv)
    if args.repeats < 1:
        parser.error("--repeats must be at least 1")
    return args


def main(argv=None):
    reference = script("sumo_reference")
    args = parse_arguments(argv, reference)
    try:
        version = reference.sumo_version(args.sumo)
    except reference.InputError as error:
        print(f"skipped: {error}")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="bench_sumo_") as folder:
        folder = Path(folder)
        model = {"idm": "IDM", "default": None}[args.model]
        config = reference.write_inputs(reference.find_config(args.config), folder / "sumo", model, 1)
        run([args.arterial, "import", "sumo", config, "-o", folder / "city"])
        scenario = next((folder / "city").glob("*.yaml"))
        args.set.insert(0, f"time.step={args.step:g} s")
        rows = []
        for i in range(args.repeats):
            rows.append(run_arterial(args, scenario, folder, i + 1))
            rows.append(run_sumo(args, config, i + 1))
    summary = summarize(rows)
    print(f"{args.config}: step {args.step:g} s, SUMO {version} ({args.model}), one thread each")
    print_table(rows, summary)
    if args.json:
        Path(args.json).write_text(json.dumps(
            {"config": str(args.config), "step_s": args.step, "sumo_version": version, "model": args.model,
             "runs": rows, "summary": summary}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end quietly after "... | head"
    try:
        sys.exit(main())
    except Failed as error:
        print(f"bench_sumo: {error}", file=sys.stderr)
        sys.exit(1)
