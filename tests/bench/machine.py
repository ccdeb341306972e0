"""What machine and build the figures come from, and its memory bandwidth."""
import os
import platform
import re
import subprocess
from pathlib import Path

from programs import Failed, run

LSCPU = ("Model name", "CPU(s)", "Thread(s) per core", "Core(s) per socket", "Socket(s)", "L1d cache", "L2 cache",
         "L3 cache", "NUMA node(s)", "Hypervisor vendor")


def steal():
    """(ticks stolen by the hypervisor, ticks in all) since the machine started."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return fields[7], sum(fields)


def describe(program):
    text = subprocess.run(["lscpu"], capture_output=True, text=True, env=dict(os.environ, LC_ALL="C")).stdout
    pairs = dict(re.match(r"\s*([^:]+):\s*(.*)", line).groups() for line in text.splitlines() if ":" in line)
    flags = pairs.get("Flags", "").split()
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    version = dict(line.split("=", 1) for line in run([program, "--version"]).text.splitlines() if "=" in line)
    return {"lscpu": {key: pairs[key] for key in LSCPU if key in pairs},
            "simd": [f for f in ("sse4_2", "avx", "avx2", "avx512f") if f in flags],
            "cores_allowed": len(os.sched_getaffinity(0)), "memory_kib": int(memory.group(1)) if memory else 0,
            "kernel": platform.release(), "build": version,
            "openmp": {key: value for key, value in os.environ.items() if key.startswith(("OMP_", "GOMP_"))}}


def available_kib():
    found = re.search(r"MemAvailable:\s*(\d+)", Path("/proc/meminfo").read_text())
    return int(found.group(1)) if found else 0


def bandwidth(triad, threads, array_mib):
    """GB/s by number of threads, from bench_triad."""
    text = run([triad, array_mib, 8], threads).text
    found = {int(t): float(rate) for t, rate in re.findall(r"threads=(\d+) .*gb_per_s=([\d.]+)", text)}
    if not found:
        raise Failed(f"{triad} printed no rates:\n{text}")
    return found
