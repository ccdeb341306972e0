#!/usr/bin/python3
"""Left-hand traffic is right-hand traffic in the mirror: the same trips on the mirrored net give the same totals.

A grid of 3 x 3 junctions of each kind is made by SUMO's netgenerate for both hands, routes of the one are mirrored for the
other (columns A and C, left and right change places), and both are imported and run, with kinematic gaps and with those of
the capacity manual.
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
KINDS = ("right_before_left", "priority", "allway_stop", "traffic_light")
CONFIG = """<configuration><input><net-file value="{0}.net.xml"/><route-files value="{0}.rou.xml"/></input>
<time><begin value="0"/><end value="3600"/></time></configuration>
"""


def mirrored(edge):
    swap = {"A": "C", "B": "B", "C": "A", "left": "right", "right": "left"}
    edge = re.sub(r"left|right", lambda m: swap[m[0]], edge)
    edge = re.sub(r"(top|bottom)(\d)", lambda m: m[1] + str(2 - int(m[2])), edge)
    return re.sub(r"([ABC])(\d)", lambda m: swap[m[1]] + m[2], edge)


def write_routes(folder, seed):
    net = (folder / "r.net.xml").read_text()
    links = re.findall(r'<edge id="(\w+)" from="(\w+)" to="(\w+)"', net)
    after = {}
    for row in re.finditer(r'<connection from="([A-Za-z]\w*)" to="(\w+)"[^>]* dir="([slr])"', net):
        after.setdefault(row[1], []).append(row[2])
    starts = sorted(link for link, begin, _ in links if not re.fullmatch(r"[ABC]\d", begin))
    draw = random.Random(seed)
    files = {name: (folder / f"{name}.rou.xml").open("w") for name in "rl"}
    for file in files.values():
        file.write("<routes>\n")
    for i in range(800):
        way = [draw.choice(starts)]
        while after.get(way[-1]) and len(way) < 8:
            way.append(draw.choice(sorted(after[way[-1]])))
        for name, file in files.items():
            edges = " ".join(way if name == "r" else map(mirrored, way))
            file.write(f'<vehicle id="t{i}" depart="{i * 2.5}"><route edges="{edges}"/></vehicle>\n')
    for file in files.values():
        file.write("</routes>\n")
        file.close()


def totals(program, folder, name, gaps):
    run = subprocess.run([program, "run", str(folder / name / "scenario.yaml"), "--force", "-o", str(folder / "r.h5"),
                          "--set", f"models.gap_acceptance={gaps}"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    words = dict(word.split("=", 1) for word in (run.stdout + run.stderr).split() if "=" in word)
    return tuple(words[key] for key in ("arrived", "running", "mean_travel_time_s", "mean_time_loss_s"))


def main():
    program = os.environ.get("ARTERIAL", "")
    if not program or not shutil.which("netgenerate"):
        print("skipped: needs the program and SUMO's netgenerate")
        return SKIPPED
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for seed, kind in enumerate(KINDS):
            for name, hand in (("r", []), ("l", ["--lefthand"])):
                grid = ["--grid.number", "3", "--grid.length", "200", "--grid.attach-length", "150"]
                subprocess.run(["netgenerate", "--grid", *grid, "-L", "1", *hand, "--default-junction-type", kind,
                                "-o", str(folder / f"{name}.net.xml")], check=True, capture_output=True, timeout=120)
                (folder / f"{name}.sumocfg").write_text(CONFIG.format(name))
            write_routes(folder, seed)
            for name in "rl":
                run = subprocess.run([program, "import", "sumo", str(folder / f"{name}.sumocfg"), "-o",
                                      str(folder / name), "--force"], capture_output=True, text=True, timeout=120)
                assert run.returncode == 0, run.stderr
            for gaps in ("city", "hcm"):
                right, left = (totals(program, folder, name, gaps) for name in "rl")
                print(kind, gaps, right, left)
                assert right == left, f"{kind}, {gaps}: right-hand {right}, left-hand {left}"
                assert right[1] == "0", f"{kind}: vehicles still on the road"
    return 0


if __name__ == "__main__":
    sys.exit(main())
