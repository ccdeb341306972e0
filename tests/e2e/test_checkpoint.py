#!/usr/bin/python3
"""Runs that are stopped, killed, out of time or out of disk go on from their checkpoints and end as if nothing had been.

Compared are the hash and everything in the result file but /provenance. A small grid with signals, detectors, a closed link,
every group of results, and intervals that do not fit those of the checkpoints.
"""
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import h5py

ROOT = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(ROOT / "scripts"))
import arterial_same  # noqa: E402

PROGRAM = os.environ.get("ARTERIAL", "")
SCENARIO = """arterial: 1
title: grid
city: g.city.h5
demand: [g.demand.h5]
time: {begin: 0 s, end: 1200 s, demand_repeat: 600 s}
rerouting: {share: 0.3}
outputs:
  links: {every: 45 s}
  movements: {every: 70 s}
  approaches: true
  passages: true
  trajectories: {every: 4 s}
interventions:
  - close: {links: ["LINK"], from: 300 s, to: 800 s}
  - speed: {links: ["x2y1e"], limit: 20 km/h, from: 200 s}
"""
EVERY = ("--checkpoint-every", "61s")
STOPPED = 75


def call(*arguments, code=0, words=(), env=None, limit=None):
    """Runs the program; its exit code and words of its messages have to be as expected."""
    def limits():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, preexec_fn=limits,
                          env={**os.environ, **(env or {})})
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, (arguments, word, done.stderr)
    return done


def hash_of(done):
    return re.search(r"^summary: .* hash=([0-9a-f]{16})$", done.stdout, re.M).group(1)


class Place:
    """A folder with a city, and what an uninterrupted run gives."""

    def __init__(self, folder):
        self.folder = folder
        call("generate", "grid", "--size", "5", "--vehicles", "700", "--duration", "600", "--detectors", "-o",
             folder / "g.city.h5", "--demand-output", folder / "g.demand.h5")
        self.scenario = folder / "g.yaml"
        self.scenario.write_text(SCENARIO.replace("LINK", "x1y1e"))
        self.whole = folder / "whole.h5"
        began = time.monotonic()
        self.hash = hash_of(call("run", self.scenario, "--quiet", "-o", self.whole))
        self.life_s = time.monotonic() - began
        self.out, self.saved = folder / "out.h5", folder / "saved"

    def clear(self):
        shutil.rmtree(self.saved, ignore_errors=True)
        self.out.unlink(missing_ok=True)

    def arguments(self, *more, out=None):
        return ["run", self.scenario, "-o", out or self.out, "--checkpoint-dir", self.saved, *more]

    def checkpoints(self):
        return sorted(self.saved.glob("g-1.*.checkpoint"))

    def is_same(self, done, out=None, whole=None):
        if whole is None:
            assert hash_of(done) == self.hash, (hash_of(done), self.hash)
        found = arterial_same.differences(whole or self.whole, out or self.out)
        assert not found, found
        left = [p.name for p in self.folder.rglob("*") if ".tmp" in p.name]
        assert not left, left

    def start(self, *more, **options):
        # With signals as a fresh process has them: whoever runs this test may ignore some.
        def defaults():
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)

        return subprocess.Popen([PROGRAM, *map(str, self.arguments(*more))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, preexec_fn=defaults, **options)

    def wait_for_checkpoint(self, run):
        while run.poll() is None and not self.checkpoints():
            time.sleep(0.005)
        assert run.poll() is None, "the run ended too early for this test"


def nothing_changes_by_saving(p):
    done = call(*p.arguments(*EVERY))
    p.is_same(done)
    names = [c.name for c in p.checkpoints()]
    assert names == ["g-1.000001098000.checkpoint", "g-1.000001159000.checkpoint"], names
    lines = [line for line in done.stderr.splitlines() if line.startswith("checkpoint=")]
    assert len(lines) == 1200 // 61 and all(re.fullmatch(r"checkpoint=\S+ t=\d+\.\d write_s=\d\.\d+", x) for x in lines), lines
    assert any(re.match(r"t=\d\d:\d\d:\d\d step=\d+ veh=\d+ .*hash=[0-9a-f]{16}$", x) for x in done.stderr.splitlines())
    call(*p.arguments(*EVERY, out=p.folder / "new.h5"), code=5, words=("exists already", "--restart auto", "--force"))
    assert [c.name for c in p.checkpoints()] == names


def killed_at_random_moments(p):
    dice = random.Random(int(os.environ.get("ARTERIAL_SEED", "1")))
    kills = 0
    for _ in range(3):
        p.clear()
        while not p.out.exists():
            run = p.start(*EVERY, "--restart", "auto", "--threads", str(dice.choice((1, 2))))
            try:
                run.communicate(timeout=dice.uniform(0.1, 1.0) * p.life_s if kills < 8 else None)
                assert run.returncode == 0, run.returncode
            except subprocess.TimeoutExpired:
                run.kill()
                run.communicate()
                kills += 1
        assert not arterial_same.differences(p.whole, p.out)
    assert kills > 0


def signals_save_and_stop(p):
    for number in (signal.SIGUSR2, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
        p.clear()
        run = p.start(*EVERY)
        p.wait_for_checkpoint(run)
        run.send_signal(number)
        errors = run.communicate()[1]
        assert run.returncode == STOPPED, (number, run.returncode, errors)
        assert "stopped by" in errors and "--restart auto" in errors, errors
        assert not p.out.exists()
        last = float(re.findall(r"^checkpoint=.* t=([0-9.]+)", errors, re.M)[-1])
        assert f"at {last:.1f} s" in errors, errors
        p.is_same(call(*p.arguments(*EVERY, "--restart", "auto"), words=(f"t={last:.1f}",)))


def usr1_saves_and_goes_on(p):
    p.clear()
    run = p.start()
    for _ in range(2):  # the journal stands before signals are looked at; saving follows within a slice
        while run.poll() is None and not (p.saved / "g-1.journal").exists():
            time.sleep(0.005)
        count = len(p.checkpoints())
        run.send_signal(signal.SIGUSR1)
        while run.poll() is None and len(p.checkpoints()) == count:
            time.sleep(0.005)
    output, errors = run.communicate()
    assert run.returncode == 0, (run.returncode, errors)
    assert len(p.checkpoints()) == 2, (p.checkpoints(), errors)
    p.is_same(subprocess.CompletedProcess([], 0, output, errors))


def without_a_folder_signals_are_as_ever(p):
    p.clear()
    run = subprocess.Popen([PROGRAM, "run", p.scenario, "-o", p.out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stderr.readline().startswith("t="), "the run steps when its first line comes"
    run.terminate()
    run.communicate()
    assert run.returncode == 143 and p.out.exists(), run.returncode


def the_wall_time_is_kept(p):
    p.clear()
    sessions = stops = 0
    margin_s = 0.5
    limit_s = margin_s + 0.2  # too short to read the city on a busy machine; grows until it is not
    while not p.out.exists():
        assert sessions < 100
        began = time.monotonic()
        by_slurm = sessions % 2 == 1
        more = ("--walltime", "auto") if by_slurm else ("--walltime", f"{limit_s:.3f} s")
        env = {"SLURM_JOB_END_TIME": f"{time.time() + limit_s:.3f}"} if by_slurm else {}
        done = subprocess.run([PROGRAM, *map(str, p.arguments("--restart", "auto", "--checkpoint-margin", f"{margin_s} s", *more))],
                              capture_output=True, text=True, check=False, env={**os.environ, **env})
        took_s = time.monotonic() - began
        if done.returncode == STOPPED:
            assert "the wall time" in done.stderr and not p.out.exists(), done.stderr
            assert took_s < limit_s + 2.0, (took_s, limit_s)  # the machine may be busy
            stops += 1
            limit_s *= 1.2
        elif done.returncode == 2:
            assert "no time to simulate" in done.stderr, done.stderr
            limit_s *= 1.2
        else:
            assert done.returncode == 0, (done.returncode, done.stderr)
        sessions += 1
    assert stops > 0
    p.is_same(done)
    call(*p.arguments("--force", "--walltime", "00:00:30"), code=2, words=("no time to simulate",))
    call(*p.arguments("--force", "--walltime", "soon"), code=2, words=("'soon'",))


def damage_is_refused(p):
    p.clear()
    call(*p.arguments(*EVERY), code=0)
    p.out.unlink()
    before, last = p.checkpoints()
    sound, journal = last.read_bytes(), p.saved / "g-1.journal"
    journal_bytes = journal.read_bytes()
    dice = random.Random(3)
    for kind in ("changed", "cut", "empty"):
        bad = bytearray(sound)
        if kind == "changed":
            bad[dice.randrange(len(bad))] ^= 1
        last.write_bytes({"changed": bad, "cut": sound[: len(sound) // 2], "empty": b""}[kind])
        call(*p.arguments("--restart", last), code=3, words=(str(last),))
        call("info", last, code=3)
        journal.write_bytes(journal_bytes)
        done = call(*p.arguments("--restart", "auto"), words=("warning", str(last), "taking the one before", "t=1098.0"))
        p.is_same(done)
        assert p.checkpoints() == [before]  # the bad one is gone
        p.out.unlink()
        last.write_bytes(sound)
        journal.write_bytes(journal_bytes)
    # A journal that is cut where the last one needs it, and one that is damaged where both do.
    needed = [int(re.search(r"journal_bytes: (\d+)", call("info", c).stdout).group(1)) for c in (before, last)]
    assert 0 < needed[0] < needed[1] <= len(journal_bytes)
    journal.write_bytes(journal_bytes[: needed[1] - 5])
    done = call(*p.arguments("--restart", "auto"), words=("warning", "truncated", "taking the one before", "t=1098.0"))
    p.is_same(done)
    p.out.unlink()
    last.write_bytes(sound)
    bad = bytearray(journal_bytes)
    bad[needed[0] // 2] ^= 8
    journal.write_bytes(bad)
    call(*p.arguments("--restart", before), code=3, words=(str(before), str(journal), "damaged"))
    done = call(*p.arguments("--restart", "auto"), words=("taking the one before", "no other one is left", "from the begin"))
    p.is_same(done)
    p.out.unlink()
    call(*p.arguments("--restart", p.whole), code=3, words=("not a checkpoint",))
    call(*p.arguments("--restart", p.folder / "nowhere"), code=5, words=("No such file",))


def other_runs_are_refused(p):
    p.clear()
    call(*p.arguments(*EVERY), code=0)
    p.out.unlink()
    last = p.checkpoints()[-1]
    for more, words in (
        (("--set", "models.car_following=idm"), ("'models'", "car_following: idm")),
        (("--set", "time.step=1 s"), ("'time'", "step: 1 s")),
        (("--set", "outputs.links.every=60 s"), ("'outputs'", "every: 60 s")),
        (("--set", "time.end=700 s"), ("time.end, 00:11:40", "lies before")),
        (("--seed", "2"), ("the seed (1 at the checkpoint, 2 now)",)),
    ):
        call(*p.arguments("--restart", last, *more), code=3, words=(*words, str(last)))
    call("run", p.scenario, "--no-output", "--restart", last, code=3, words=("writes no results",))
    other = p.folder / "other.yaml"
    demand = p.folder / "h.demand.h5"
    call("generate", "demand", p.folder / "g.city.h5", "--trips", "700", "--duration", "600", "--seed", "9", "-o", demand)
    other.write_text(p.scenario.read_text().replace("g.demand.h5", "h.demand.h5"))
    call("run", other, "-o", p.out, "--restart", last, code=3, words=("the contents of", "h.demand.h5"))
    moved = p.folder / "moved"
    moved.mkdir(exist_ok=True)
    for name in ("g.city.h5", "g.demand.h5"):
        shutil.copy(p.folder / name, moved / name)
    # Elsewhere, under another name and without a folder for new ones: nothing is changed where the checkpoint is.
    (moved / "x.yaml").write_text(p.scenario.read_text())
    files = {c: c.read_bytes() for c in p.saved.iterdir()}
    done = call("run", moved / "x.yaml", "-o", p.out, "--restart", p.checkpoints()[0], "--threads", "2")
    assert hash_of(done) == p.hash
    found = [d for d in arterial_same.differences(p.whole, p.out) if "attribute scenario" not in d and "attribute inputs" not in d]
    assert not found, found
    assert files == {c: c.read_bytes() for c in p.saved.iterdir()}
    p.out.unlink()
    # Into a new folder, then on from there.
    new = p.folder / "new"
    p.saved, old = new, p.saved
    run = p.start("--checkpoint-every", "10s", "--restart", str(old / last.name))
    p.wait_for_checkpoint(run)
    run.kill()
    run.communicate()
    p.is_same(call(*p.arguments("--restart", "auto")))
    shutil.rmtree(new)
    p.saved = old


def the_end_may_move(p):
    p.clear()
    longer, shorter = p.folder / "longer.h5", p.folder / "shorter.h5"
    text = p.scenario.read_text()
    # Trips until the latest end: whoever stops earlier knows nothing of the last ones, also where a link is closed on their way.
    call("generate", "demand", p.folder / "g.city.h5", "--trips", "900", "--duration", "1200", "-o", p.folder / "late.demand.h5")
    p.scenario.write_text(text.replace(", demand_repeat: 600 s", "").replace("g.demand.h5", "late.demand.h5"))
    for end, whole in ((1200, longer), (850, shorter)):
        call("run", p.scenario, "--set", f"time.end={end} s", "--quiet", "-o", whole)
    call(*p.arguments("--checkpoint-every", "390s", "--set", "time.end=900 s"))
    first = p.checkpoints()[-1]
    assert "780000" in first.name
    for end, whole in ((1200, longer), (850, shorter)):
        out = p.folder / f"moved{end}.h5"
        call("run", p.scenario, "--set", f"time.end={end} s", "-o", out, "--restart", first)
        found = arterial_same.differences(whole, out)
        assert not found, (end, found)
    with h5py.File(longer) as file:
        assert (file["trips/depart"][:] >= 900.0).sum() > 50
    p.scenario.write_text(text)


def a_full_disk_ends_the_run(p):
    p.clear()
    plain = ["run", p.scenario, "--no-output", "--checkpoint-dir", p.saved]
    call(*plain, "--checkpoint-every", "100s", "--set", "time.end=450 s")
    sizes = [c.stat().st_size for c in p.checkpoints()]
    p.clear()
    done = call(*plain, "--checkpoint-every", "100s", code=5, limit=(sizes[0] + sizes[1]) // 2,
                words=("File too large", "remains", "cannot be written"))
    assert "summary:" not in done.stdout
    kept = p.checkpoints()
    assert len(kept) == 2 and not list(p.saved.glob("*.tmp-*")), list(p.saved.iterdir())
    assert hash_of(call(*plain, "--restart", "auto", words=(str(kept[-1]),))) == p.hash
    # The journal, which the writing thread writes while the run steps.
    p.clear()
    call(*p.arguments("--checkpoint-every", "20s"), code=5, limit=1 << 20, words=("cannot be written",))
    assert not p.out.exists() and not list(p.folder.glob("*.tmp-*"))
    p.is_same(call(*p.arguments("--restart", "auto"), words=("restart=",) if p.checkpoints() else ()))
    call("run", p.scenario, "--no-output", "--checkpoint-dir", p.folder / "g.yaml" / "x", code=5, words=("g.yaml",))


def one_run_at_a_time(p):
    p.clear()
    run = p.start(*EVERY)
    p.wait_for_checkpoint(run)
    call(*p.arguments("--restart", "auto", out=p.folder / "second.h5"), code=5, words=("another run is writing it",))
    # Another seed has names of its own.
    call(*p.arguments("--restart", "auto", "--seed", "5", "--set", "time.end=240 s", out=p.folder / "second.h5"))
    (p.folder / "second.h5").unlink()
    output, errors = run.communicate()
    assert run.returncode == 0, errors
    p.is_same(subprocess.CompletedProcess([], 0, output, errors))


def wrong_options_are_refused(p):
    p.clear()
    for more, word in (
        (("--checkpoint-every", "60s"), "needs --checkpoint-dir"),
        (("--checkpoint-every-wall", "60s"), "needs --checkpoint-dir"),
        (("--restart", "auto"), "needs --checkpoint-dir"),
        (("--walltime", "01:00:00"), "needs --checkpoint-dir"),
        (("--checkpoint-dir", p.saved, "--checkpoint-every", "0"), "no interval"),
        (("--checkpoint-dir", p.saved, "--checkpoint-every", "soon"), "'soon'"),
    ):
        call("run", p.scenario, *more, code=2, words=(word,))
    assert not p.saved.exists()


def the_wall_clock_saves(p):
    p.clear()
    done = call(*p.arguments("--checkpoint-every-wall", f"{max(p.life_s / 5, 0.05):.3f} s"))
    assert len(re.findall(r"^checkpoint=", done.stderr, re.M)) >= 1, done.stderr
    p.is_same(done)


def main():
    if not PROGRAM or not os.path.exists(PROGRAM):
        print("ARTERIAL names no program: skipped")
        return 77
    # MPI keeps a file of several MiB of its own for processes on one machine; single runs do without.
    os.environ["PMIX_MCA_gds"] = "hash"
    with tempfile.TemporaryDirectory() as name:
        place = Place(pathlib.Path(name))
        wanted = sys.argv[1:]
        for test in (nothing_changes_by_saving, killed_at_random_moments, signals_save_and_stop, usr1_saves_and_goes_on,
                     without_a_folder_signals_are_as_ever, the_wall_time_is_kept, damage_is_refused, other_runs_are_refused,
                     the_end_may_move, a_full_disk_ends_the_run, one_run_at_a_time, wrong_options_are_refused,
                     the_wall_clock_saves):
            if wanted and test.__name__ not in wanted:
                continue
            began = time.monotonic()
            test(place)
            print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
