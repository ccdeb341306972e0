"""Running arterial and SUMO, and reading what they print about time and memory."""
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

SUMO_OPTIONS = ("--time-to-teleport", "-1", "--no-warnings", "--duration-log.statistics", "--xml-validation", "never")


class Failed(Exception):
    """A program that did not finish, or did not print what it should."""


class Done:
    """One process that ended well."""

    def __init__(self, text, wall_s, cpu_s, peak_kib):
        self.text, self.wall_s, self.cpu_s, self.peak_kib = text, wall_s, cpu_s, peak_kib


def peak_of(pid):
    """VmHWM of a running process in KiB; 0: it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def run(command, threads=1, cwd=None, environment=None):
    """Runs to the end; looks at the peak of memory ten times a second."""
    command = [str(word) for word in command]
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), **(environment or {}))
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, env=environment, stdout=out, stderr=subprocess.STDOUT)
        peak = 0
        try:
            while True:
                # Not Popen.wait: only wait4 tells the processor time of this one child.
                pid, status, usage = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    break
                peak = max(peak, peak_of(child.pid))
                time.sleep(0.002 if time.perf_counter() - started < 0.5 else 0.1)
        except BaseException:
            child.kill()
            child.wait()
            raise
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if child.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit code {child.returncode}\n{text.strip()[-2000:]}")
    return Done(text, wall, usage.ru_utime + usage.ru_stime, peak)


def key_values(text, name):
    """The values of the line "name: key=value ..."."""
    line = re.search(rf"^{name}: (.*)$", text, re.MULTILINE)
    if not line:
        raise Failed(f"the program printed no line \"{name}: ...\":\n{text[-2000:]}")
    return dict(word.split("=", 1) for word in line.group(1).split() if "=" in word)


def number(text):
    return float(text) if any(c in text for c in ".en") else int(text)


def launcher(ranks, threads):
    """(words before the program, environment) that bind ranks and threads to cores of their own, as long as there are as many."""
    cores = len(os.sched_getaffinity(0))
    as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    if ranks == 1:
        return [], {"OMP_PLACES": "cores", "OMP_PROC_BIND": "close"} if threads <= cores else {}
    bound = ["--bind-to", "core"] if ranks * threads <= cores else ["--oversubscribe", "--bind-to", "none"]
    return ["mpirun", *bound, "-n", ranks], as_root


def arterial(program, scenario, threads, seed=1, after_s=0.0, sets=(), output=None, phases=True, ranks=None):
    """One run as a row. Counted are the steps from after_s on; with phases, `timing` breaks them down. With `ranks` they and
    their threads are bound to cores; the row then says how many there were."""
    command = [program, "run", scenario, "--threads", threads, "--seed", seed, "--quiet",
               "--timings=phases" if phases else "--timings=total", "--timings-after", f"{after_s:g}",
               *(["-o", output, "--force"] if output else ["--no-output"])]
    for pair in sets:
        command += ["--set", pair]
    before, environment = launcher(ranks or 1, threads)
    done = run([*before, *command], threads, environment=environment)
    timing = {key: number(value) for key, value in key_values(done.text, "timings").items()}
    memory = {key: number(value) for key, value in key_values(done.text, "memory").items()}
    summary = key_values(done.text, "summary")
    updates = timing.get("all_updates", timing["updates"])  # of all ranks, if there are several
    if not timing["steps"] or not updates:
        raise Failed(f"{scenario}: nothing was simulated after {after_s:g} s")
    return {"program": "arterial", "threads": threads, "seed": seed, "after_s": after_s,
            "updates": updates, "steps": timing["steps"], "steps_s": timing["step_s"],
            "updates_per_s": updates / timing["step_s"], "mean_vehicles": updates / timing["steps"],
            "process_s": done.wall_s, "cpu_s": done.cpu_s, "peak_kib": memory["peak_kib"],
            "mean_travel_time_s": float(summary["mean_travel_time_s"]), "arrived": int(summary["arrived"]),
            "hash": summary["hash"], "timing": timing, "memory": memory, **({"ranks": ranks} if ranks else {})}


def sumo_statistics(text):
    """(seconds, updates a second, last simulated second) of the run as a whole."""
    duration = re.search(r"^ *Duration: ([\d.]+) ?(ms|s)\s*$", text, re.MULTILINE)
    rate = re.search(r"^ *UPS: ([\d.]+)", text, re.MULTILINE)
    end = re.search(r"^Simulation ended at time: ([\d.]+)", text, re.MULTILINE)
    if not duration or not rate or not end:
        raise Failed(f"sumo printed no statistics:\n{text[-2000:]}")
    return float(duration.group(1)) * (0.001 if duration.group(2) == "ms" else 1.0), float(rate.group(1)), \
        float(end.group(1))


def sumo_window(text, from_s):
    """(steps, seconds, updates) of the steps that begin at from_s or later, from the step log.

    It rounds each step to milliseconds: only for networks where a step takes many."""
    steps, milliseconds, updates = 0, 0, 0
    for at, ms, active in re.findall(r"Step #([\d.]+) \((\d+)ms .*?ACT (\d+)", text):
        if float(at) >= from_s:
            steps, milliseconds, updates = steps + 1, milliseconds + int(ms), updates + int(active)
    if not steps or not milliseconds:
        raise Failed(f"sumo's step log has no steps from {from_s:g} s on:\n{text[-500:]}")
    return steps, milliseconds / 1000.0, updates


def sumo(program, config, threads, step_s, begin_s, end_s, seed=1, after_s=None, output=None):
    """One run as a row; counted are the steps after begin_s + after_s (None: all, as SUMO's statistics say)."""
    config = Path(config)
    log = ["--no-step-log"] if after_s is None else ["--step-log.period", "1"]
    command = [program, "-c", config.name, "--step-length", f"{step_s:g}", "--begin", f"{begin_s:g}", "--end",
               f"{end_s:g}", "--seed", seed, "--threads", threads, *SUMO_OPTIONS, *log,
               *(["--tripinfo-output", output] if output else [])]
    done = run(command, threads, cwd=config.parent)
    seconds, rate, ended_s = sumo_statistics(done.text)
    steps, updates = round((ended_s - begin_s) / step_s), rate * seconds
    if after_s is not None:
        steps, seconds, updates = sumo_window(done.text.replace("\r", "\n"), begin_s + after_s)
    # The first "Duration" is the clock's, the second one the mean travel time of those that arrived.
    travel = re.findall(r"^ *Duration: ([\d.]+)$", done.text, re.MULTILINE)
    arrived = re.search(r"Statistics \(avg of (\d+)\)", done.text)
    return {"program": "sumo", "threads": threads, "seed": seed, "after_s": after_s or 0.0, "updates": updates,
            "steps": steps, "steps_s": seconds, "updates_per_s": updates / seconds,
            "mean_vehicles": updates / steps, "process_s": done.wall_s, "cpu_s": done.cpu_s,
            "peak_kib": done.peak_kib, "mean_travel_time_s": float(travel[-1]) if travel else None,
            "arrived": int(arrived.group(1)) if arrived else None}
