#!/usr/bin/python3
"""Controllers and switches of a scenario: every kind of control runs on a grid, nobody breaks the rules of a signal,
hashes do not depend on threads, the log of /signals tells what drivers saw, the example of a user's own controller beats
the fixed programs, and mistakes are told.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SKIPPED = 77
PROGRAM = os.environ.get("ARTERIAL", "")
LIBRARY = pathlib.Path(os.environ.get("ARTERIAL_BINARY_DIR", ".")) / "examples" / "user_controller.so"
KINDS = ("static", "actuated", "stages", "max_pressure", "sotl", "adaptive", "off", "flashing")


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def simulate(scenario, result, *options):
    line = next(line for line in run("run", scenario, "-o", result, "--force", *options).splitlines()
                if line.startswith("summary:"))
    return dict(word.split("=") for word in line.split()[1:])


def kpi(result, name):
    text = run("info", result)
    row = next(line for line in text.splitlines() if line.strip().startswith(name + ":"))
    return float(row.split()[1])


def greens_are_safe(result):
    """Yellow after every green of a vehicle group for 3 s or more, from the log alone."""
    with h5py.File(result) as file:
        group = file["signals"]
        times, signals = group["event_time"][:], group["event_signal"][:]
        states = [text.decode() for text in group["event_state"][:]]
    checked = 0
    for signal in np.unique(signals):
        rows = np.flatnonzero(signals == signal)
        last, since = {}, {}
        for row in rows:
            for place, letter in enumerate(states[row]):
                before = last.get(place)
                if letter == before:
                    continue
                if before in ("G", "g") and letter not in "Ggo":
                    assert letter in "yO", f"signal {signal}, group {place}: {before} then {letter} at {times[row]} s"
                    checked += 1
                if before == "y" and since[place] > 0:
                    assert times[row] - since[place] >= 2.99, f"signal {signal}: yellow of {times[row] - since[place]} s"
                last[place], since[place] = letter, times[row]
    return checked


def every_kind_runs(scenario, folder):
    speed = {}
    for kind in KINDS:
        options = ("--set", f"controllers=[{{signals: all, control: {kind}}}]")
        results = [simulate(scenario, folder / "kind.h5", "--threads", threads, *options) for threads in (1, 3)]
        assert len({one["hash"] for one in results}) == 1, f"{kind}: the hash depends on threads"
        assert kpi(folder / "kind.h5", "signal_breaches") == 0
        checked = greens_are_safe(folder / "kind.h5")
        assert checked > 50 or kind in ("off", "flashing"), f"{kind}: {checked} ends of green"
        speed[kind] = kpi(folder / "kind.h5", "network_speed_mps")
        print(f"{kind}: {speed[kind]:.2f} m/s, {checked} ends of green")
    return speed


def a_users_controller_runs(scenario, folder, fixed_mps):
    controller = f"{{signals: all, control: user, library: {LIBRARY}, options: max 50}}"
    options = ("--set", f"controllers=[{controller}]")
    results = [simulate(scenario, folder / "user.h5", "--threads", threads, *options) for threads in (1, 2, 3)]
    assert len({one["hash"] for one in results}) == 1, "the hash depends on threads"
    assert kpi(folder / "user.h5", "signal_breaches") == 0
    assert greens_are_safe(folder / "user.h5") > 50
    with h5py.File(folder / "user.h5") as file:
        assert file["signals/event_sensors"][:].sum() > 1000, "no sensor saw anybody"
        assert all(text.decode().endswith("user") for text in file["signals/program"][:])
    own_mps = kpi(folder / "user.h5", "network_speed_mps")
    print(f"user's controller: {own_mps:.2f} m/s, fixed {fixed_mps:.2f} m/s")
    assert own_mps > fixed_mps, "a controller that sees vehicles is no better than the clock"


def switches_run(scenario, folder, signal):
    options = ("--set", f"interventions=[{{switch: {{signal: {signal}, program: off, from: 300 s, to: 600 s}}}}]")
    simulate(scenario, folder / "switch.h5", *options)
    assert kpi(folder / "switch.h5", "signal_breaches") == 0
    with h5py.File(folder / "switch.h5") as file:
        ids = [text.decode() for text in file["signals/signal"][:]]
        rows = file["signals/event_signal"][:] == ids.index(signal)
        times = file["signals/event_time"][:][rows]
        dark = np.array([text.decode() == "O" * len(text) for text in file["signals/event_state"][:][rows]])
        programs = file["signals/event_program"][:][rows]
    assert dark.sum() == 1 and 303 <= times[dark][0] <= 315, f"dark at {times[dark]}"
    back = times[np.flatnonzero(dark)[0] + 1]
    assert back == 600, f"lit again at {back} s"
    assert set(programs[(times > 300) & (times < 600)]) == {1} and set(programs[times > 600]) == {0}


def mistakes_are_told(scenario, folder, signal):
    text = folder / "no_library.so"
    text.write_text("this is no library")
    for key, value, told in (
        ("controllers", "[{signals: nowhere, control: sotl}]", "no signal 'nowhere'"),
        ("controllers", "[{signals: all, program: nightly}]", "no program 'nightly'"),
        ("controllers", "[{signals: all, control: clever}]", "accepted: keep, static, actuated"),
        ("controllers", "[{signals: all, control: user}]", "needs a 'library'"),
        ("controllers", "[{signals: all, library: a.so}]", "'control: user' only"),
        ("controllers", f"[{{signals: all, control: user, library: {text}}}]", "cannot be loaded"),
        ("controllers", "[{signals: all, control: nema}]", "rings and barriers"),
        ("controllers", "[{signals: all, control: stages, coordinated: 90}]", "stage 90"),
        ("controllers", "[{signals: all, control: stages, min_green: 20 s, max_green: 10 s}]", "shorter than min_green"),
        ("controllers", "[{signals: all, settings: {sotl_reach_m: 0}}]", "sotl_reach_m"),
        ("controllers", "[{control: stages}]", "the key 'signals' is missing"),
        ("interventions", f"[{{switch: {{signal: {signal}, program: weekend}}}}]", "no program 'weekend'"),
        ("interventions", "[{switch: {signal: nowhere, program: off}}]", "no signal 'nowhere'"),
    ):
        message = run("run", scenario, "-o", folder / "never.h5", "--set", f"{key}={value}", code=3)
        assert told in message, f"{value}: {message}"
        assert not (folder / "never.h5").exists()


def main():
    if not PROGRAM or not os.path.exists(PROGRAM):
        print("ARTERIAL names no program: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scenario = folder / "town.yaml"
        run("generate", "grid", "--size", 4, "--lanes", 2, "--signals", 1, "--vehicles", 200, "--seed", 3, "-o",
            folder / "town.city.h5", "--scenario", scenario)
        scenario.write_text(scenario.read_text().replace("end: 3600 s", "end: 900 s"))
        simulate(scenario, folder / "plain.h5")
        with h5py.File(folder / "plain.h5") as file:
            signal = file["signals/signal"][0].decode()
        speed = every_kind_runs(scenario, folder)
        if LIBRARY.exists():
            a_users_controller_runs(scenario, folder, speed["static"])
        switches_run(scenario, folder, signal)
        mistakes_are_told(scenario, folder, signal)
    return 0


if __name__ == "__main__":
    sys.exit(main())
