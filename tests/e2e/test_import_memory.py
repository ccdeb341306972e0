#!/usr/bin/python3
"""Memory of `arterial import osm` with a part of a large file: that of the part, whatever the size of the file, and the same
city. The file is made here: many towns in a row, all alike; the first is asked for. Against it stands the import of all.
And a city does not depend on how many threads made it."""
import gzip
import json
import os
import pathlib
import resource
import sys
import tempfile

PROGRAM = os.environ.get("ARTERIAL", "")
SIDE, TOWNS = 10, (5, 4000)
SHARED_SIDE = 40  # of a town with work for several threads
STEP = 0.002  # degrees between streets
SLACK_MB = 8.0  # buffers, and what the allocator rounds


def write(path, towns, side=SIDE):
    """Streets in a square of side x side nodes for each town, at its own place."""
    with (gzip.open(path, "wt", compresslevel=1) if path.suffix == ".gz" else open(path, "w")) as out:
        out.write("<osm version='0.6'>\n")
        for t in range(towns):
            south, west = 40.0 + 0.03 * (t // 100), 5.0 + 0.03 * (t % 100)
            out.write("".join(f"<node id='{1 + t * side * side + k}' lat='{south + STEP * (k // side):.4f}' "
                              f"lon='{west + STEP * (k % side):.4f}' version='1' user='somebody'/>\n" for k in range(side * side)))
        for t in range(towns):
            first = 1 + t * side * side
            for k in range(2 * side):
                nodes = [first + (side * k + i if k < side else side * i + k - side) for i in range(side)]
                references = "".join(f"<nd ref='{n}'/>" for n in nodes)
                out.write(f"<way id='{1 + t * 2 * side + k}'>{references}"
                          f"<tag k='highway' v='residential'/><tag k='name' v='Street {k} of town {t}'/></way>\n")
        out.write("</osm>\n")


def peak_mb(*arguments):
    """Runs the program to its end; the most memory that it had, or this script before it, which therefore stays small."""
    child = os.posix_spawn(PROGRAM, [PROGRAM, *map(str, arguments)], os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, arguments
    return usage.ru_maxrss / 1024


def contents(path):
    """All that a city file holds, but when and how it was made."""
    import h5py  # large: not before memory is measured
    found = {}

    def take(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
            values = item[()]
            found[name] = values.tolist() if values.dtype == object else values.tobytes()

    with h5py.File(path) as f:
        f.visititems(take)
    return found


def threads_make_the_same(folder):
    source, cities = folder / "shared.osm", {}
    write(source, 1, SHARED_SIDE)
    for threads in (1, 2, 5):
        os.environ["OMP_NUM_THREADS"] = str(threads)
        city = folder / f"threads{threads}.city.h5"
        peak_mb("import", "osm", source, "-o", city)
        cities[threads] = contents(city)
    del os.environ["OMP_NUM_THREADS"]
    assert len(cities[1]["links/link"]) > 3 * SHARED_SIDE**2, "streets are missing"
    assert cities[1] == cities[2] == cities[5], "threads change a city"


def parts_take_their_own_memory(folder):
    small, large, packed = (folder / n for n in ("small.osm", "large.osm", "large.osm.gz"))
    write(small, TOWNS[0])
    write(large, TOWNS[1])
    write(packed, TOWNS[1])
    area = folder / "area.geojson"
    west, south, east, north = 4.999, 39.999, 5.0 + STEP * SIDE, 40.0 + STEP * SIDE
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [
        [[west, south], [east, south], [east, north], [west, north], [west, south]]]}))
    cities = []
    for part, words in (("bbox", ("--bbox", f"{west},{south},{east},{north}")), ("clip", ("--clip", area))):
        peaks = {}
        for path in (small, large, packed):
            cities.append(folder / f"{part}-{path.name}.city.h5")
            peaks[path] = peak_mb("import", "osm", path, *words, "-o", cities[-1])
        print(f"{part}: " + ", ".join(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB) {mb:.1f} MB"
                                      for path, mb in peaks.items()))
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert own < peaks[small], f"this script has {own:.1f} MB and hides what the program has"
        assert max(peaks.values()) < peaks[small] + SLACK_MB, peaks
    everything = peak_mb("import", "osm", large, "-o", folder / "all.city.h5")
    print(f"all of it: {everything:.1f} MB")
    assert everything > peaks[small] + 10 * SLACK_MB, "the file is too small to tell"
    same = [contents(city) for city in cities]
    assert all(city == same[0] for city in same), "the part depends on the file that it is taken from"


def main():
    with tempfile.TemporaryDirectory() as name:
        parts_take_their_own_memory(pathlib.Path(name))
        threads_make_the_same(pathlib.Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
