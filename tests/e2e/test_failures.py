#!/usr/bin/python3
"""What a run does when something else fails: inputs cut short, a full disk, paths that cannot be written, a killed process.

One message, the right exit code (3 for inputs, 5 for files), and whole files: a result is there complete or not at all, and
what was there before stays. Limits on the size of files are in test_output_failure.py.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["ARTERIAL"]


def call(*words, cwd=None):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, cwd=cwd, check=False)


def refused(done, code, *wanted):
    """One line from the program, with all of the words."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("arterial")]
    assert done.returncode == code, (done.returncode, done.stderr)
    assert len(lines) == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    for word in wanted:
        assert str(word) in lines[0], (word, done.stderr)
    assert "summary:" not in done.stdout, done.stdout


def hash_of(done):
    assert done.returncode == 0, done.stderr
    return [word for word in done.stdout.split() if word.startswith("hash=")][-1]


def check_cut_inputs(folder):
    for name in ("g.city.h5", "g.demand.h5", "g.yaml"):
        whole = (folder / name).read_bytes()
        # The last 32 bytes are a sum over the rest, which is whole without them.
        lengths = (0, 1, 100, 2048, len(whole) // 2, len(whole) - 33) if name.endswith(".h5") else (0, 12, 30)
        for length in lengths:
            (folder / name).write_bytes(whole[:length])
            refused(call("run", "g.yaml", "--quiet", "-o", "cut.h5", cwd=folder), 3, name)
            assert not list(folder.glob("cut.h5*")), (name, length)
        (folder / name).write_bytes(whole)


def check_paths(folder):
    (folder / "plain").write_text("")
    for path in ("missing/r.h5", "plain/r.h5", "/proc/r.h5", "/dev/full", "."):
        refused(call("run", "g.yaml", "--quiet", "-o", path, cwd=folder), 5, path)
    if os.geteuid() != 0:  # root may write anywhere
        (folder / "closed").mkdir(mode=0o555)
        refused(call("run", "g.yaml", "--quiet", "-o", "closed/r.h5", cwd=folder), 5, "closed/r.h5", "Permission denied")
    refused(call("run", "nowhere.yaml", "--quiet", cwd=folder), 5, "nowhere.yaml")
    # Told before the simulations, which say how far they are.
    for path in ("missing/p.yaml", "plain/p.yaml", "."):
        refused(call("optimize", "--scenario", "g.yaml", "-o", path, cwd=folder), 5, path)


def check_inputs_are_kept(folder):
    """An output that is an input, under whatever name, is refused even with --force, by every verb."""
    shutil.copy(folder / "g.yaml", folder / "other.yaml")
    os.link(folder / "g.city.h5", folder / "same.h5")
    (folder / "town.osm").write_text("<osm version='0.6'></osm>")
    (folder / "table.csv").write_text("station,from,count\n")
    (folder / "map.yaml").write_text("file: x\n")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for output, words in (
        ("g.city.h5", ("run", "g.yaml")), ("same.h5", ("run", "g.yaml")), ("g.demand.h5", ("run", "g.yaml")),
        ("g.yaml", ("run", "g.yaml")), ("./other.yaml", ("run", "other.yaml")),
        ("g.city.h5", ("generate", "demand", "g.city.h5", "--trips", "3")),
        ("g.city.h5", ("optimize", "g.city.h5", "--demand", "g.demand.h5")),
        ("g.demand.h5", ("optimize", "--scenario", "g.yaml")),
        ("town.osm", ("import", "osm", "town.osm")), ("town.osm", ("import", "sumo", "town.osm")),
        ("town.osm", ("import", "cityflow", "town.osm")),
        ("table.csv", ("import", "counts", "table.csv", "--map", "map.yaml", "--city", "g.city.h5")),
        ("map.yaml", ("import", "counts", "table.csv", "--map", "map.yaml", "--city", "g.city.h5")),
        ("g.city.h5", ("export", "geojson", "g.city.h5")),
        ("g.demand.h5", ("export", "omx", "g.demand.h5", "--city", "g.city.h5")),
        ("g.city.h5", ("export", "signals", "g.city.h5")),
        ("table.csv", ("import", "signals", "table.csv", "--city", "g.city.h5")),
        ("table.csv", ("calibrate", "drivers", "table.csv")),
    ):
        refused(call(*words, "-o", output, "--force", cwd=folder), 2, output, "is an input")
    for path, content in before.items():
        assert path.read_bytes() == content, path
    (folder / "same.h5").unlink()


def check_full_disk(folder):
    disk = folder / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(disk)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        print("no disk of 3 MiB can be mounted here: skipped")
        return
    try:
        arguments = ["run", "g.yaml", "--quiet", "-o", "disk/r.h5", "--set", "outputs.trajectories.every=0.5s"]
        refused(call(*arguments, cwd=folder), 5, "disk/r.h5", "No space left")
        assert not list(disk.iterdir()), "something is left of a failed result"
        # A result that was there before is not lost to one that finds no room.
        small = ["run", "g.yaml", "--quiet", "-o", "disk/r.h5", "--set", "time.end=10s"]
        hash_of(call(*small, cwd=folder))
        before = (disk / "r.h5").read_bytes()
        refused(call(*arguments, "--force", cwd=folder), 5, "No space left")
        assert [entry.name for entry in disk.iterdir()] == ["r.h5"] and (disk / "r.h5").read_bytes() == before
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def killed_while_writing(folder, output, *options):
    """Kills a run as soon as its unfinished file is there."""
    with subprocess.Popen([PROGRAM, "run", "g.yaml", "--quiet", "-o", output, "--set", "time.step=0.05s", *options], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + 60
        while not list(folder.glob(f"{output}.tmp-*")):
            assert child.poll() is None and time.monotonic() < end, child.communicate()
            time.sleep(0.01)
        time.sleep(0.2)
        child.send_signal(signal.SIGKILL)
        out, _ = child.communicate()
    assert child.returncode == -signal.SIGKILL and "summary:" not in out


def check_killed(folder):
    killed_while_writing(folder, "k.h5")
    assert not (folder / "k.h5").exists(), "an unfinished result has the name of a finished one"
    hash_of(call("run", "g.yaml", "--quiet", "-o", "k.h5", cwd=folder))
    before = (folder / "k.h5").read_bytes()
    killed_while_writing(folder, "k.h5", "--force")
    assert (folder / "k.h5").read_bytes() == before
    done = call("check", "k.h5", cwd=folder)
    assert done.returncode == 0, done.stderr


def children_of(pid):
    text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in text.split()]


def is_alive(pid):
    """Not gone, and not a dead process that nobody has asked for yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def check_ranks(folder):
    """One rank fails or dies: all end, with the exit code and one message of the program among those of mpirun."""
    mpirun = shutil.which("mpirun")
    if not mpirun or "mpi=serial" in call("--version").stdout:
        print("no mpirun, or a build without MPI: several ranks are not tried")
        return
    launch = [mpirun, "-n", "2", "--bind-to", "none", PROGRAM, "run", "g.yaml", "--quiet"]

    def launched(*words):
        return subprocess.run([*launch, *words], capture_output=True, text=True, cwd=folder, timeout=120, check=False)

    if "this version runs on one rank" in launched("--no-output", "--set", "time.end=1s").stderr:
        print("this version runs on one rank: several are not tried")
        return
    whole = (folder / "g.demand.h5").read_bytes()
    (folder / "g.demand.h5").write_bytes(whole[:5000])
    cases = [(launched("-o", "r.h5"), 3, "g.demand.h5")]
    (folder / "g.demand.h5").write_bytes(whole)
    cases.append((launched("-o", "missing/r.h5"), 5, "missing/r.h5"))
    for done, code, word in cases:
        lines = [line for line in done.stderr.splitlines() if line.startswith("arterial")]
        assert done.returncode == code and len(lines) == 1 and word in lines[0], (done.returncode, done.stderr)
    with subprocess.Popen([*launch, "-o", "r.h5", "--set", "time.step=0.05s"], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + 60
        while not list(folder.glob("r.h5.tmp-*")):
            assert child.poll() is None and time.monotonic() < end, child.communicate()
            time.sleep(0.05)
        ranks = children_of(child.pid)
        assert len(ranks) == 2, ranks
        os.kill(ranks[1], signal.SIGKILL)
        child.communicate(timeout=60)
    assert child.returncode == 128 + signal.SIGKILL, child.returncode
    assert not (folder / "r.h5").exists()
    end = time.monotonic() + 20
    while any(is_alive(pid) for pid in ranks):
        assert time.monotonic() < end, "a rank outlives the run"
        time.sleep(0.1)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = call("generate", "grid", "--size", "8", "--vehicles", "600", "--duration", "300", "-o", "g.city.h5",
                    "--demand-output", "g.demand.h5", "--scenario", "g.yaml", cwd=folder)
        assert made.returncode == 0, made.stderr
        check_cut_inputs(folder)
        check_paths(folder)
        check_inputs_are_kept(folder)
        check_full_disk(folder)
        check_killed(folder)
        check_ranks(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
