"""Cities out of OpenStreetMap: what their import costs, beside netconvert's in the same minutes, and how fast they run."""
import os
import shutil
from pathlib import Path

from networks import ROOT, Network, counts, script
from programs import run

TRIPS_PER_LINK, HOUR_S = 0.5, 3600.0
EXTRACTS = (("bad_hersfeld", "Bad Hersfeld", "osm/bad_hersfeld/osm_bbox.osm.xml.gz"),
            ("andorra", "Andorra", "osm/andorra/andorra.osm.gz"),
            ("monaco", "Monaco", "osm/monaco/monaco.osm.gz"),
            ("berlin", "Berlin, Siegessäule", "osm/berlin-siegessaeule/berlin-siegessaeule.osm.gz"))


def extracts(data):
    """([(key, title, path)], sentences about what was skipped): the town of the examples is always there."""
    found = [("little_town", "little town", ROOT / "docs" / "examples" / "little_town.osm")]
    skipped = []
    for key, title, name in EXTRACTS:
        path = Path(data or "/nonexistent") / name
        if path.exists():
            found.append((key, title, path))
        else:
            skipped.append(f"{title}: {path} is not there")
    return found, skipped


def cost(done, path):
    """What a program took to import a file."""
    return {"file_mb": path.stat().st_size / 1e6, "wall_s": done.wall_s, "cpu_s": done.cpu_s, "peak_kib": done.peak_kib}


def imported(program, key, title, path, folder, threads):
    """(network with an hour of trips and its scenario, cost of the import)."""
    city, demand, scenario = (folder / f"{key}{end}" for end in (".city.h5", ".demand.h5", ".yaml"))
    done = run([program, "import", "osm", path, "-o", city, "--force"], threads)
    network = Network(key, f"OSM, {title}", scenario)
    network.end_s = HOUR_S
    network.facts = counts(program, city)
    if not scenario.exists():
        trips = max(200, round(TRIPS_PER_LINK * network.facts["links"]))
        run([program, "generate", "demand", city, "--trips", trips, "--duration", f"{HOUR_S:g}", "-o", demand])
        scenario.write_text(f"arterial: 1\ntitle: {key}\ncity: {city}\ndemand: [{demand}]\n"
                            f"time: {{begin: 0 s, end: {HOUR_S:g} s}}\n", encoding="utf-8")
    return network, cost(done, path)


def by_netconvert(path, folder):
    """What SUMO's importer takes for the same file; None: it is not installed."""
    if not shutil.which("netconvert"):
        return None
    options = script("compare_netconvert").NETCONVERT
    home = "SUMO_HOME=" + os.environ.get("SUMO_HOME", "/usr/share/sumo")  # its types of roads are there
    return cost(run(["env", home, "netconvert", "--osm-files", path, "-o", folder / "netconvert.net.xml",
                     *options]), path)
