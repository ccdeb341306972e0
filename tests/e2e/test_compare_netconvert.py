#!/usr/bin/python3
"""The little town of the examples, imported by arterial and by SUMO's netconvert, stands up to the comparison of the two.

The map itself is decoded a second time by the script; what arterial makes of it may break no one-way and no restriction,
and must join every pair of places that the map joins. A network with a link turned round must be found out. Skipped
where netconvert is missing.
"""
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np

SKIPPED = 77
SOURCE = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
ARTERIAL = os.environ.get("ARTERIAL", "arterial")
TOWN = SOURCE / "docs" / "examples" / "little_town.osm"


def script():
    """The script as a module."""
    sys.path.insert(0, str(SOURCE / "scripts"))
    loader = importlib.machinery.SourceFileLoader("compare_netconvert", str(SOURCE / "scripts" / "compare_netconvert"))
    spec = importlib.util.spec_from_loader("compare_netconvert", loader)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def main():
    if not shutil.which("netconvert") or not os.path.exists("/usr/bin/time"):
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        done = subprocess.run([SOURCE / "scripts" / "compare_netconvert", TOWN, "--arterial", ARTERIAL, "--defaults", "DE",
                               "--trips", "60", "--hours", "0.2", "--places", "20", "--rounds", "1", "-o", folder],
                              capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        row = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]]
               for line in done.stdout.splitlines() if line.startswith("| ")}
        assert row["movements that the map allows"][0].startswith("100.00 %"), row["movements that the map allows"]
        share = lambda label, column: float(re.match(r"[\d.]+", row[label][column]).group())
        assert share("pairs of places joined", 0) >= share("pairs that the map joins", 0), row
        assert share("arrived", 0) == share("arrived", 1) == 100.0, row["arrived"]
        assert 0 < share("import: peak memory", 0) < 500

        compare = script()
        net = compare.Net(folder / "little_town" / "arterial.city.h5")
        truth = compare.Truth(TOWN, net.zone)
        one_way = [link for link, line in net.shape.items()
                   if (m := truth.match(*compare.end_of(line, True))) and truth.directions(m) != (True, True)]
        if one_way:  # driven the wrong way it must show
            for link in one_way:
                net.shape[link] = net.shape[link][::-1].copy()
            judged = compare.judge(net, truth)
            assert judged["wrong_way"] and judged["legal"] < 1.0, judged
        # Known places of UTM: the meridian itself, and Greenwich at the equator's zone 31
        x, y = compare.utm(np.array([9.0, 3.0]), np.array([48.0, 0.0]), np.array([32, 31]))
        assert abs(x[0] - 500000) < 1e-3 and abs(y[0] - 5316300.2) < 1.0 and abs(y[1]) < 1e-6, (x, y)
    return 0


if __name__ == "__main__":
    sys.exit(main())
