"""Figures of what scripts/bench measured: medians, costs by lane and vehicle, memory, goals. `data` is its JSON."""
from statistics import median

from networks import FULL_NODES, grid_lanes

MILLIONS_COLUMNS = 300
RANKS = ((1, 1), (1, 2), (2, 1), (4, 1))  # ranks and threads of case i
MILLIONS = (3000000, grid_lanes(MILLIONS_COLUMNS))  # vehicles, link lanes


# ---- looking up ------------------------------------------------------------------------------------------------------

def rows(data, **wanted):
    return [r for r in data["runs"] if all(r.get(key) == value for key, value in wanted.items())]


def middle(found, key):
    """Median of a figure over runs; None: there are none, or it is not known."""
    values = [r[key] for r in found if r.get(key) is not None]
    return median(values) if values else None


def ordered(data, cases):
    """Keys of the networks of these cases, as measured."""
    out = []
    for r in data["runs"]:
        if r["case"] in cases and r["network"] not in out:
            out.append(r["network"])
    return out


def grid_key(data, block_m, vehicles_of_full, columns=None):
    columns = columns or data["settings"]["grid"]
    return f"grid{columns}_{block_m}m_{round(vehicles_of_full * grid_lanes(columns) / grid_lanes(FULL_NODES))}"


def over(a, b):
    return a / b if a is not None and b else None


def rate(data, **wanted):
    return middle(rows(data, program="arterial", **wanted), "updates_per_s")


def middle_row(found):
    """The run whose rate is the median's nearest."""
    if not found:
        return None
    wanted = middle(found, "updates_per_s")
    return min(found, key=lambda r: abs(r["updates_per_s"] - wanted))


# ---- figures ---------------------------------------------------------------------------------------------------------

def hot_bytes(row):
    """(a running vehicle, a link lane that bears its connectors and nodes, a lane of either kind) as the engine counts
    them; lanes with their share of nodes."""
    memory, timing = row["memory"], row["timing"]
    vehicle = over(memory["hot_vehicle_bytes"], memory["vehicles"])
    standing = memory["hot_lane_bytes"] + memory["hot_node_bytes"]
    return vehicle, over(standing, timing["link_lanes"]), over(standing, memory["lanes"])


def memory_model(runs, networks):
    """(KiB a vehicle with its trip, KiB a link lane with its share of all else, KiB besides), from peaks of case f."""
    points = sorted((networks[r["network"]]["facts"]["link_lanes"], networks[r["network"]]["vehicles"], r["peak_kib"])
                    for r in runs if r["case"] == "f")
    points = [p for p in points if p[0] != MILLIONS[1]]
    if len(points) < 3 or points[0][0] == points[-1][0]:
        return None
    lanes, least, most = points[-1][0], None, None
    same = [p for p in points if p[0] == lanes]
    least, most = same[0], same[-1]
    vehicle = (most[2] - least[2]) / (most[1] - least[1])
    small = points[0]
    lane = (least[2] - small[2] - vehicle * (least[1] - small[1])) / (lanes - small[0])
    return vehicle, lane, small[2] - vehicle * small[1] - lane * small[0]


def kib_of(model, vehicles, lanes):
    return model[0] * vehicles + model[1] * lanes + model[2]


def lane_and_vehicle_ns(data, phases, lanes_key):
    """(ns a lane, ns a vehicle) and step of phases on grid a, from runs with few and with 120,000 vehicles: what the
    lanes cost even where nobody drives, and what each vehicle adds. Vehicles are those anywhere."""
    found = [middle_row(rows(data, case="a", program="arterial", threads=1, network=grid_key(data, 200, n)))
             for n in (12000, 120000)]
    if None in found:
        return None
    costs = [sum(r["timing"][f"{p}_s"] for p in phases) / r["timing"]["steps"] * 1e9 for r in found]
    vehicles = [r["mean_vehicles"] for r in found]
    slope = (costs[1] - costs[0]) / (vehicles[1] - vehicles[0])
    lanes = found[0]["timing"][lanes_key]
    return (costs[0] - slope * vehicles[0]) / lanes, slope


def rounds(data, case):
    return sorted({r["repeat"] for r in rows(data, case=case)})


def by_turns(data, a, b, **wanted):
    """Median over rounds of the rate of runs `a` over that of runs `b` in the same round: what disturbs both is left out."""
    ratios = [over(rate(data, repeat=n, **wanted, **a), rate(data, repeat=n, **wanted, **b))
              for n in rounds(data, wanted["case"])]
    ratios = [ratio for ratio in ratios if ratio is not None]
    return median(ratios) if ratios else None


def goals(data):
    """What the engine is to reach, and what it reached; `met` is None where it was not measured on the full grid."""
    a, big = grid_key(data, 200, 120000), grid_key(data, 200, 600000)
    sumo = {(case, network): over(middle(rows(data, case=case, program="arterial", threads=1, network=network),
                                         "updates_per_s"),
                                  middle(rows(data, case=case, program="sumo", threads=1, network=network),
                                         "updates_per_s"))
            for case, network in (("d", a), ("c", "bologna"), ("c", "cologne8"))}
    wall = {program: middle(rows(data, case="c", program=program, threads=1, network="bologna"), "process_s")
            for program in ("sumo", "arterial")}
    one, two = (rate(data, case="a", network=a, threads=t) for t in (1, 2))
    memory = middle_row(rows(data, case="a", program="arterial", network=big)) or \
        middle_row(rows(data, case="f", program="arterial", network=big))
    hot = hot_bytes(memory) if memory else (None, None, None)
    densities = [density_ratio(data, case, key) for case in "cd" for key in ordered(data, case)]
    apart = [abs(d - 1.0) for d in densities if d is not None]
    facts = data["networks"].get(a, {}).get("facts", {})
    two_threads = {"ranks": 1, "threads": 2}
    table = [
        ("updates/s, 120,000 vehicles, one thread", 80e6, one, "at least"),
        ("updates/s, 120,000 vehicles, two threads", 150e6, two, "at least"),
        ("updates/s, 600,000 vehicles, two threads", 100e6, rate(data, case="a", network=big, threads=2), "at least"),
        ("two threads over one, 120,000 vehicles", 1.9, by_turns(data, {"threads": 2}, {"threads": 1}, case="a", network=a), "at least"),
        ("two ranks over two threads, 120,000 vehicles", 0.95,
         by_turns(data, {"ranks": 2, "threads": 1}, two_threads, case="i", network=a), "at least"),
        ("four ranks on two cores over two threads, 120,000 vehicles", 0.85,
         by_turns(data, {"ranks": 4, "threads": 1}, two_threads, case="i", network=a), "at least"),
        ("updates/s over SUMO's, grid, one thread", 1000.0, sumo["d", a], "at least"),
        ("updates/s over SUMO's, Bologna, one thread", 100.0, sumo["c", "bologna"], "at least"),
        ("updates/s over SUMO's, Cologne 8, one thread", 100.0, sumo["c", "cologne8"], "at least"),
        ("SUMO's whole process over arterial's, Bologna", 50.0, over(wall["sumo"], wall["arterial"]), "at least"),
        ("vehicles on the road against SUMO's, apart by", 0.15, max(apart) if apart else None, "at most"),
        ("nodes without signals or with permitted turns", 0.30,
         facts.get("share_without_signals_or_with_permitted_turns"), "at least"),
        ("hot bytes a running vehicle", 64.0, hot[0], "at most"),
        ("hot bytes a lane", 256.0, hot[2], "at most"),
        ("GiB for three million vehicles", 2.0, over(millions_kib(data), 2**20), "at most"),
        ("link statistics every 60 s, share of run time", 0.03, output_cost(data, "links", 1), "at most"),
        ("trajectories at 1 Hz besides, share of run time", 0.30, output_cost(data, "trajectories", 1, "links"), "at most"),
        ("netconvert's time over that of an import, least of the extracts", 10.0, import_ratio(data), "at least"),
    ]
    def met(text, wanted, reached, side):
        is_real = any(word in text for word in ("Bologna", "Cologne", "extracts"))
        is_full = data["settings"]["real_seconds"] is None if is_real else data["settings"]["grid"] == FULL_NODES
        if reached is None or not is_full:
            return None
        return reached >= wanted if side == "at least" else reached <= wanted

    return [{"goal": text, "side": side, "wanted": wanted, "reached": reached, "met": met(text, wanted, reached, side)}
            for text, wanted, reached, side in table]


def import_ratio(data):
    """netconvert's wall time over ours, with the most threads; of the extract where it is least."""
    ratios = []
    for key in ordered(data, "h"):
        found = [r for r in rows(data, case="h", network=key, threads=max(data["settings"]["threads"])) if r["netconvert"]]
        if key != "little_town":  # invented
            ratios.append(over(middle([r["netconvert"] for r in found], "wall_s"),
                               middle([r["import"] for r in found], "wall_s")))
    ratios = [ratio for ratio in ratios if ratio is not None]
    return min(ratios) if ratios else None


def density_ratio(data, case, network):
    vehicles = [middle(rows(data, case=case, program=p, threads=1, network=network), "mean_vehicles")
                for p in ("arterial", "sumo")]
    return over(*vehicles)


def millions_kib(data):
    """Measured, else by the model."""
    measured = [r["peak_kib"] for r in rows(data, case="f")
                if data["networks"][r["network"]]["facts"]["link_lanes"] == MILLIONS[1]]
    if measured:
        return min(measured)
    model = memory_model(data["runs"], data["networks"])
    return kib_of(model, *MILLIONS) if model else None


def loop_s(row):
    """From the first step to the closed file."""
    t = row["timing"]
    return t["run_s"] - t["load_s"] - t["setup_s"]


def output_cost(data, name, threads, over_name="none"):
    """What an output adds to another set of outputs, as a share of the time without any: median over rounds, so that what
    disturbs all runs of a round is left out."""
    def seconds(outputs, repeat):
        found = rows(data, case="e", threads=threads, outputs=outputs, repeat=repeat)
        return loop_s(found[0]) if found else None

    costs = []
    for n in rounds(data, "e"):
        base, less, more = seconds("none", n), seconds(over_name, n), seconds(name, n)
        if base and less is not None and more is not None:
            costs.append((more - less) / base)
    return median(costs) if costs else None
