#!/usr/bin/python3
"""scripts/load_cities on the little town of the examples: as full as asked for, everybody arrives, and the table says so."""
import csv
import os
import pathlib
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
ARTERIAL = os.environ.get("ARTERIAL", "arterial")
TOWN = SOURCE / "docs" / "examples" / "little_town.osm"


def called(*arguments):
    return subprocess.run([SOURCE / "scripts" / "load_cities", *map(str, arguments), "--arterial", ARTERIAL],
                          capture_output=True, text=True, timeout=600)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        done = called(TOWN, "-o", folder, "--load", "0.4", "--hours", "0.25", "--tail", "0.25")
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        with open(folder / "load.csv", newline="") as file:
            once, more = csv.DictReader(file)
        assert (once["city"], once["scale"], more["scale"]) == ("little_town", "1.0", "1.2"), once
        assert 0.4 <= float(once["load"]) <= 0.48 and float(once["highest"]) >= float(once["load"]), once
        assert int(once["trips"]) > 50 and 1.1 < int(more["trips"]) / int(once["trips"]) < 1.3, (once, more)
        assert once["arrived"] == once["trips"] and once["removed"] == once["waiting"] == once["running"] == "0", once
        lines = (folder / "load.md").read_text().splitlines()
        assert len(lines) == 4 and lines[2].startswith("| little_town | 1 |") and "| 100.0 % |" in lines[2], lines

        # A city is taken as it is, and files that are neither are named.
        again = called(folder / "little_town.city.h5", "-o", folder / "again", "--load", "0.4", "--hours", "0.25",
                       "--scales", "1", "--tail", "0.25")
        assert again.returncode == 0 and again.stdout.splitlines() == [lines[2]], again.stdout + again.stderr
        wrong = called(SOURCE / "README.md", "-o", folder)
        assert wrong.returncode == 3 and "README.md: neither a map" in wrong.stderr, wrong.stderr
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
