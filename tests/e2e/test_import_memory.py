#!/usr/bin/python3
"""Memory of `arterial import osm` with a part of a large file: that of the part, whatever the size of the file, and the same
city. The file is made here: many towns in a row, all alike; the first is asked for. Against it stands the import of all."""
import gzip
import json
import os
import pathlib
import sys
import tempfile

import h5py

PROGRAM = os.environ.get("ARTERIAL", "")
SIDE, TOWNS = 10, (5, 4000)
STEP = 0.002  # degrees between streets
SLACK_MB = 6.0  # buffers, and what the allocator rounds


def write(path, towns):
    """Streets in a square of SIDE x SIDE nodes for each town, at its own place."""
    with (gzip.open(path, "wt", compresslevel=1) if path.suffix == ".gz" else open(path, "w")) as out:
        out.write("<osm version='0.6'>\n")
        for t in range(towns):
            south, west = 40.0 + 0.03 * (t // 100), 5.0 + 0.03 * (t % 100)
            out.write("".join(f"<node id='{1 + t * SIDE * SIDE + k}' lat='{south + STEP * (k // SIDE):.4f}' "
                              f"lon='{west + STEP * (k % SIDE):.4f}' version='1' user='somebody'/>\n" for k in range(SIDE * SIDE)))
        for t in range(towns):
            first = 1 + t * SIDE * SIDE
            for k in range(2 * SIDE):
                nodes = [first + (SIDE * k + i if k < SIDE else SIDE * i + k - SIDE) for i in range(SIDE)]
                out.write(f"<way id='{1 + t * 2 * SIDE + k}'>{''.join(f'<nd ref={chr(39)}{n}{chr(39)}/>' for n in nodes)}"
                          f"<tag k='highway' v='residential'/><tag k='name' v='Street {k} of town {t}'/></way>\n")
        out.write("</osm>\n")


def peak_mb(*arguments):
    """Runs the program to its end; the most memory that it had."""
    child = os.posix_spawn(PROGRAM, [PROGRAM, *map(str, arguments)], os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, arguments
    return usage.ru_maxrss / 1024


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        small, large, packed = (folder / n for n in ("small.osm", "large.osm", "large.osm.gz"))
        write(small, TOWNS[0])
        write(large, TOWNS[1])
        write(packed, TOWNS[1])
        area = folder / "area.geojson"
        west, south, east, north = 4.999, 39.999, 5.0 + STEP * SIDE, 40.0 + STEP * SIDE
        area.write_text(json.dumps({"type": "Polygon", "coordinates": [
            [[west, south], [east, south], [east, north], [west, north], [west, south]]]}))
        parts = {"bbox": ("--bbox", f"{west},{south},{east},{north}"), "clip": ("--clip", area)}
        everything = peak_mb("import", "osm", large, "-o", folder / "all.city.h5")
        links = set()
        for part, words in parts.items():
            peaks = {}
            for path in (small, large, packed):
                city = folder / f"{part}-{path.name}.city.h5"
                peaks[path.name] = peak_mb("import", "osm", path, *words, "-o", city)
                with h5py.File(city) as f:
                    links.add((f["links/link"].shape[0], f["lanes/length"][:].tobytes()))
            sizes = {path.name: path.stat().st_size / 1e6 for path in (small, large, packed)}
            print(f"{part}: " + ", ".join(f"{n} ({sizes[n]:.1f} MB) {mb:.1f} MB" for n, mb in peaks.items())
                  + f"; all of it {everything:.1f} MB")
            assert max(peaks.values()) < peaks["small.osm"] + SLACK_MB, peaks
        assert len(links) == 1, "the part depends on the file that it is taken from"
        assert everything > peaks["small.osm"] + 10 * SLACK_MB, "the file is too small to tell"
    return 0


if __name__ == "__main__":
    sys.exit(main())
