"""Cities and demands that are measured: generated grids, and real ones as far as their files are there."""
import gzip
import re
import shutil
import xml.etree.ElementTree as ET
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import h5py
import numpy as np

from programs import Failed, run

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = Path("/usr/share/sumo/tools/sumolib/scenario/scenarios/RealWorld")
SIGNALISED = 0.7  # of the grid's nodes; the others have priority roads
FULL_NODES = 60


def script(name):
    """A script of scripts/ as a module."""
    loader = SourceFileLoader(name, str(ROOT / "scripts" / name))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


class Skipped(Exception):
    """Data or a program that is not there."""


class Network:
    """What is simulated: a scenario of arterial, a configuration of SUMO, and the window."""

    def __init__(self, key, title, scenario, config=None, begin_s=0.0, end_s=0.0):
        self.key, self.title, self.scenario, self.config = key, title, Path(scenario), config
        self.begin_s, self.end_s = begin_s, end_s
        self.vehicles = None   # asked for; None: as the demand has them
        self.facts = {}


def counts(program, city):
    """Nodes, lanes and so on of a city, from the file that arterial writes."""
    with h5py.File(city) as file:
        state = file["connectors/state"][:]
        facts = {"nodes": int(len(file["nodes/kind"])), "links": int(len(file["links/lane_count"])),
                 "link_lanes": int(file["links/lane_count"][:].sum()), "connectors": int(len(state)),
                 "signals": int(len(file["signals/signal"]))}
        facts["share_without_signals_or_with_permitted_turns"] = undecided_share(file)
    return facts


def undecided_share(file):
    """Share of the nodes where ways meet at which vehicles decide themselves when to go: nodes without signals, and
    those where some green is not protected (letter g in a phase of the program in force)."""
    node, signal = file["connectors/node"][:], file["connectors/signal"][:]
    nodes = len(file["nodes/kind"])
    meets = np.zeros(nodes, bool)
    meets[node[file["connectors/conflict_count"][:] > 0]] = True
    first_phase = np.concatenate(([0], np.cumsum(file["signals/programs/phase_count"][:])))
    state = file["signals/phases/state"][:]
    permits = np.array([any(b"g" in text for text in state[first_phase[p]:first_phase[p + 1]])
                        for p in file["signals/active_program"][:]], bool)
    undecided = meets.copy()
    with_signal = signal >= 0
    undecided[node[with_signal]] = False
    allowing = node[with_signal][permits[signal[with_signal]]] if len(permits) else []
    undecided[allowing] = True
    return float((undecided & meets).sum() / max(1, meets.sum()))


def grid_lanes(columns):
    """Link lanes of a square grid of two-lane streets, both directions."""
    return 8 * columns * (columns - 1)


def grid(program, folder, columns, block_m, vehicles, duration_s):
    """A grid city and its vehicles, generated once."""
    key = f"grid{columns}_{block_m:g}m_{vehicles}"
    city, scenario = folder / f"{key}.city.h5", folder / f"{key}.yaml"
    if not scenario.exists():
        run([program, "generate", "grid", "--size", columns, "--lanes", 2, "--block", f"{block_m:g}", "--signals",
             SIGNALISED, "--vehicles", vehicles, "--duration", f"{duration_s:g}", "-o", city, "--scenario", scenario])
    network = Network(key, f"grid {columns}×{columns}, {block_m:g} m", scenario)
    network.end_s = duration_s
    network.vehicles = vehicles
    network.facts = counts(program, city)
    return network


def export(program, network):
    """Writes a grid for SUMO, network and routes as they are; fills network.config."""
    folder = network.scenario.with_suffix("")
    if not (folder / "run.sumocfg").exists():
        base = str(network.scenario)[:-len(".yaml")]
        run([program, "export", "sumo", base + ".city.h5", "--demand", base + ".demand.h5", "-o", folder, "--force"])
    network.config = folder / "run.sumocfg"


def scenario_time(scenario):
    """(begin, end) of a scenario that `import sumo` wrote."""
    text = Path(scenario).read_text(encoding="utf-8")
    found = [re.search(rf"^ *{key}: ([\d.]+) s$", text, re.MULTILINE) for key in ("begin", "end")]
    if not all(found):
        raise Failed(f"{scenario}: no begin and end in seconds")
    return tuple(float(f.group(1)) for f in found)


def imported(program, key, title, config, folder, end_s=None):
    """A network of SUMO, imported."""
    run([program, "import", "sumo", config, "-o", folder / key, "--force"])
    scenario = folder / key / "scenario.yaml"
    network = Network(key, title, scenario, Path(config))
    network.begin_s, network.end_s = scenario_time(scenario)
    network.end_s = end_s or network.end_s
    network.facts = counts(program, folder / key / "city.h5")
    return network


def from_sumo(program, key, title, source, folder, idm):
    """A configuration of SUMO, its types with SUMO's default car-following unless `idm`."""
    reference = script("sumo_reference")
    if not Path(source).exists():
        raise Skipped(f"{title}: {source} is not there")
    try:
        config = reference.write_inputs(reference.find_config(source), folder / f"{key}_sumo",
                                        "IDM" if idm else None, 1)
    except reference.InputError as error:
        raise Failed(str(error)) from None
    return imported(program, key, title, config, folder)


def wildau(program, data, folder, idm):
    """Wildau's flows are given by origin, destination and places on the way: duarouter makes them routes for both."""
    source = Path(data) / "counts" / "wildau"
    if not source.is_dir():
        raise Skipped(f"Wildau: {source} is not there")
    if not shutil.which("duarouter"):
        raise Skipped("Wildau: duarouter is not installed")
    target = folder / "wildau_sumo"
    target.mkdir(parents=True, exist_ok=True)
    (target / "net.net.xml").write_bytes(gzip.decompress((source / "net.net.xml.gz").read_bytes()))
    run(["duarouter", "-n", target / "net.net.xml", "-r", source / "flows_SUMOV2.2.rou.xml", "-o",
         target / "all.rou.xml", "--ignore-errors", "--no-warnings", "--seed", 1, "--no-step-log",
         "--xml-validation", "never"])
    tree = ET.parse(target / "all.rou.xml")
    root = tree.getroot()
    for person in root.findall("person"):
        root.remove(person)
    for vtype in root.iter("vType"):
        if idm:
            vtype.set("carFollowModel", "IDM")
    tree.write(target / "routes.rou.xml", encoding="utf-8", xml_declaration=True)
    config = target / "run.sumocfg"
    config.write_text("<configuration><input><net-file value=\"net.net.xml\"/><route-files value=\"routes.rou.xml\"/>"
                      "</input><time><begin value=\"54000\"/><end value=\"61200\"/><step-length value=\"0.5\"/></time>"
                      "</configuration>\n", encoding="utf-8")
    return imported(program, "wildau", "Wildau", config, folder)


def real(program, data, folder, idm, configs=()):
    """(networks, sentences about what was skipped). `data`: folder of real data, or None; `configs`: others instead."""
    data = Path(data) if data else Path("/nonexistent")
    joined = data / "sumo" / "bologna" / "joined"
    wanted = [("bologna", "Bologna", joined if joined.exists() else DEBIAN / "joined"),
              ("cologne8", "Cologne 8", data / "sumo" / "cologne" / "cologne8")]
    if configs:
        places = [Path(path).resolve() for path in configs]
        wanted = [(f"config{i}", path.parent.name if path.is_file() else path.name, path)
                  for i, path in enumerate(places, 1)]
    networks, skipped = [], []
    for key, title, source in wanted:
        try:
            networks.append(from_sumo(program, key, title, source, folder, idm))
        except Skipped as reason:
            skipped.append(str(reason))
    try:
        if not configs:
            networks.append(wildau(program, data, folder, idm))
    except Skipped as reason:
        skipped.append(str(reason))
    return networks, skipped
