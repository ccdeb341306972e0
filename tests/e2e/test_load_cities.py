#!/usr/bin/python3
"""scripts/load_cities on the little town of the examples: as full as asked for, everybody arrives, and the table says so."""
import csv
import os
import pathlib
import subprocess
import tempfile

import h5py

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

        # The table of its turns tells where time is lost; one of another city is refused.
        find = [SOURCE / "scripts" / "find_bottlenecks", folder / "little_town_x1.2_1.h5"]
        worst = subprocess.run([*find, folder / "little_town.load.csv", "-o", folder / "worst.csv"], capture_output=True, text=True)
        assert worst.returncode == 0 and worst.stdout.startswith("link\tnode\tlost_h\t"), worst.stdout + worst.stderr
        with open(folder / "worst.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        with h5py.File(folder / "little_town_x1.2_1.h5") as run:
            lost_h = float(run["links/delay"][:].sum()) / 3600.0
        hours = [float(row["lost_h"]) for row in rows]
        assert rows and hours == sorted(hours, reverse=True) and 0.5 * lost_h < sum(hours) <= lost_h + 0.05 * len(rows), (hours, lost_h)
        assert all(float(row["capacity_vph"]) >= float(row["volume_vph"]) for row in rows if row["capacity_vph"]), rows
        (folder / "wrong.csv").write_text("node,from_link,from_lane,to_link,to_lane,volume_vph,capacity_vph,lane_share\nn,nowhere,0,b,0,1,1,1\n")
        wrong = subprocess.run([*find, folder / "wrong.csv"], capture_output=True, text=True)
        assert wrong.returncode == 3 and "'nowhere' is not in the result" in wrong.stderr, wrong.stderr
        table = (folder / "little_town.load.csv").read_text().splitlines()
        (folder / "wrong.csv").write_text("\n".join([table[0], table[1].rsplit(",", 1)[0] + ",much"]) + "\n")
        wrong = subprocess.run([*find, folder / "wrong.csv"], capture_output=True, text=True)
        assert wrong.returncode == 3 and "is no number" in wrong.stderr and "Traceback" not in wrong.stderr, wrong.stderr

        # A city is taken as it is, and files that are neither are named.
        again = called(folder / "little_town.city.h5", "-o", folder / "again", "--load", "0.4", "--hours", "0.25",
                       "--scales", "1", "--tail", "0.25")
        assert again.returncode == 0 and again.stdout.splitlines() == [lines[2]], again.stdout + again.stderr
        wrong = called(SOURCE / "README.md", "-o", folder)
        assert wrong.returncode == 3 and "README.md: neither a map" in wrong.stderr, wrong.stderr
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
