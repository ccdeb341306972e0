"""Tables of what scripts/bench measured: for the terminal, for release notes, and as docs/performance.md."""
import textwrap
from statistics import median

from networks import FULL_NODES, grid_lanes

MILLIONS_COLUMNS = 300
MILLIONS = (3000000, grid_lanes(MILLIONS_COLUMNS))  # vehicles, link lanes
# Phases by what their time grows with, as `arterial run --timings` names them: (title, phases, lanes, updates)
GROUPS = (
    ("settle links", ("settle_links",), "link_lanes", "link_updates"),
    ("move links", ("move_links",), "link_lanes", "link_updates"),
    ("settle connectors", ("settle_nodes",), "connectors", "connector_updates"),
    ("move connectors", ("move_nodes",), "connectors", "connector_updates"),
    ("decide nodes", ("decide",), "nodes", None),
    ("wait", ("settle_wait", "decide_wait", "move_wait"), None, None),
    ("serial", ("changes", "signals", "departures", "rotation", "detectors", "accounts"), None, None),
    ("wake", ("fork",), None, None),
)


# ---- looking up ------------------------------------------------------------------------------------------------------

def rows(data, **wanted):
    return [r for r in data["runs"] if all(r[key] == value for key, value in wanted.items())]


def middle(found, key):
    """Median of a figure over runs; None: there are none, or it is not known."""
    values = [r[key] for r in found if r.get(key) is not None]
    return median(values) if values else None


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
    """(a running vehicle, a link lane with its share of connectors and nodes) as the engine counts them."""
    memory, timing = row["memory"], row["timing"]
    vehicle = over(memory["hot_vehicle_bytes"], memory["vehicles"])
    return vehicle, over(memory["hot_lane_bytes"] + memory["hot_node_bytes"], timing["link_lanes"]), \
        over(memory["hot_lane_bytes"], memory["lanes"])


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
    table = [
        ("updates/s, 120,000 vehicles, one thread", 80e6, one, "at least"),
        ("updates/s, 120,000 vehicles, two threads", 150e6, two, "at least"),
        ("updates/s, 600,000 vehicles, two threads", 100e6, rate(data, case="a", network=big, threads=2), "at least"),
        ("two threads over one, 120,000 vehicles", 1.9, over(two, one), "at least"),
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
        ("trajectories at 1 Hz besides, share of run time", 0.30, output_cost(data, "trajectories", 1), "at most"),
    ]
    def met(text, wanted, reached, side):
        is_real = "Bologna" in text or "Cologne" in text
        is_full = data["settings"]["real_seconds"] is None if is_real else data["settings"]["grid"] == FULL_NODES
        if reached is None or not is_full:
            return None
        return reached >= wanted if side == "at least" else reached <= wanted

    return [{"goal": text, "side": side, "wanted": wanted, "reached": reached, "met": met(text, wanted, reached, side)}
            for text, wanted, reached, side in table]


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


def output_cost(data, name, threads):
    """What an output adds, as a share of the time without any; trajectories: over link statistics alone."""
    def seconds(outputs):
        found = rows(data, case="e", threads=threads, outputs=outputs)
        return median(loop_s(r) for r in found) if found else None

    base, less, more = seconds("none"), seconds({"trajectories": "links"}.get(name, "none")), seconds(name)
    return (more - less) / base if base and more is not None and less is not None else None


# ---- tables ----------------------------------------------------------------------------------------------------------

def table(headers, lines, left=1):
    """Markdown that reads well as it is: `left` columns to the left, others to the right."""
    lines = [["-" if cell is None else str(cell) for cell in line] for line in lines]
    widths = [max(3, *(len(line[i]) for line in [headers, *lines])) for i in range(len(headers))]

    def row(cells):
        return "| " + " | ".join(c.ljust(w) if i < left else c.rjust(w)
                                 for i, (c, w) in enumerate(zip(cells, widths))) + " |"

    rule = "|" + "|".join("-" * (w + 2) if i < left else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([row(headers), rule, *(row(line) for line in lines)]) + "\n"


def figure(value, digits=3):
    """Three digits that count; thousands apart."""
    if value is None:
        return None
    if value == 0:
        return "0"
    for decimals, least in ((0, 100.0), (1, 10.0), (2, 1.0), (3, 0.1)):
        if abs(value) >= least:
            return f"{value:,.{decimals}f}"
    return f"{value:.{digits}g}"


def millions(value):
    return figure(value / 1e6) if value is not None else None


def percent(value):
    return f"{100.0 * value:.1f} %" if value is not None else None


def ordered(data, cases):
    """Keys of the networks of these cases, as measured."""
    out = []
    for r in data["runs"]:
        if r["case"] in cases and r["network"] not in out:
            out.append(r["network"])
    return out


def title(data, key):
    network = data["networks"][key]
    return network["title"] + (f": {network['vehicles']:,}" if network["vehicles"] else "")


def speed_table(data):
    threads, lines = data["settings"]["threads"], []
    for case, keys in (("a", ordered(data, "a")), ("b", ordered(data, "b")), ("c", ordered(data, "c"))):
        for key in keys:
            by = {t: rows(data, case=case, network=key, program="arterial", threads=t) for t in threads}
            rates = [middle(by[t], "updates_per_s") for t in threads]
            best = max((r["updates_per_s"] for t in threads for r in by[t]), default=None)
            ns = over(1e9, rates[0]) if threads[0] == 1 else None
            gain = over(rates[-1], rates[0]) if len(threads) > 1 else None
            lines.append([title(data, key), f"{data['networks'][key]['facts']['link_lanes']:,}",
                          figure(middle(by[threads[0]], "mean_vehicles")), *map(millions, rates), millions(best),
                          figure(ns), figure(gain)])
    if not lines:
        return ""
    names = [f"{t} thread" + "s" * (t > 1) for t in threads]
    return "## Vehicle updates, million a second\n\n" + table(
        ["network", "link lanes", "on the road", *names, "best", "ns an update, 1 thread", "gain by threads"], lines)


def sumo_table(data):
    lines = []
    for case in "dc":
        for key in ordered(data, case):
            for t in data["settings"]["threads"]:
                mine, other = (rows(data, case=case, network=key, program=p, threads=t) for p in ("arterial", "sumo"))
                if not mine or not other:
                    continue
                a, s = middle(mine, "updates_per_s"), middle(other, "updates_per_s")
                vehicles = [middle(found, "mean_vehicles") for found in (mine, other)]
                process = [middle(found, "process_s") for found in (mine, other)]
                peaks = [middle(found, "peak_kib") / 1024.0 for found in (mine, other)]
                # On grids the process is mostly loading, and few steps.
                wall = [figure(p) for p in process] + [figure(process[1] / process[0])] if case == "c" else [None] * 3
                lines.append([title(data, key), t, millions(a), millions(s), figure(a / s), *map(figure, vehicles),
                              percent(vehicles[0] / vehicles[1] - 1.0), *wall, *map(figure, peaks)])
    if not lines:
        return ""
    window = data["settings"]["sumo_window_s"]
    model = {"default": "each program's default car-following", "idm": "IDM in both"}[data["settings"]["sumo_model"]]
    return f"## Against SUMO {data['sumo_version']}\n\n" + table(
        ["network", "threads", "M updates/s", "SUMO", "times", "on the road", "SUMO", "apart", "process s", "SUMO",
         "times", "peak MiB", "SUMO"], lines) + "\n" + paragraph(
        f"On grids both programs have the same network, vehicles, routes and places at the start, IDM in SUMO's types, and "
        f"the steps from {window[0]:g} to {window[1]:g} s count: SUMO needs seconds for each. Real networks: whole runs, "
        f"{model}, result files written by both, loading included in the process.")[:-1]


def output_table(data):
    lines = []
    names = {"none": "none", "links": "link statistics, 60 s", "trajectories": "and trajectories, 1 s",
             "all": "all: movements, approaches, passages, trips"}
    for t in data["settings"]["threads"]:
        base = None
        for name, text in names.items():
            found = rows(data, case="e", threads=t, outputs=name)
            if not found:
                continue
            seconds = median(loop_s(r) for r in found)
            base = base or seconds
            lines.append([text, t, figure(seconds), percent(seconds / base - 1.0) if name != "none" else None,
                          figure(middle(found, "file_bytes") / 2**20)])
    if not lines:
        return ""
    key = ordered(data, "e")[0]
    return f"## Outputs\n\nOn the {title(data, key)} vehicles, {data['settings']['window_s'][1]:g} s; from the first step to the closed file.\n\n" + table(
        ["output", "threads", "s", "more than none", "file MiB"], lines)


def memory_table(data):
    lines = []
    for key in ordered(data, "f"):
        r = middle_row(rows(data, case="f", network=key))
        memory, lanes = r["memory"], r["timing"]["link_lanes"]
        hot = hot_bytes(r)
        lines.append([title(data, key), f"{lanes:,}", figure(r["peak_kib"] / 1024.0), figure(hot[0]), figure(hot[2]),
                      figure(hot[1]), figure(over(memory["hot_spare_bytes"], memory["vehicles"])),
                      figure(over(memory["cold_trip_bytes"] + memory["result_trip_bytes"], memory["trips"])),
                      figure(r["timing"]["load_s"]), figure(r["timing"]["setup_s"])])
    if not lines:
        return ""
    text = "## Memory\n\n" + table(["network", "link lanes", "peak MiB", "hot B a vehicle", "hot B a lane",
                                    "hot B a link lane all told", "spare B a vehicle", "records B a trip", "load s", "set up s"], lines)
    model = memory_model(data["runs"], data["networks"])
    if model:
        text += "\n" + paragraph(f"From the differences of the peaks: {figure(model[0] * 1024.0)} B a vehicle with its trip and route, "
                 f"{figure(model[1] * 1024.0)} B a link lane with its share of network, connectors and nodes; three "
                 f"million vehicles on {MILLIONS[1]:,} link lanes: {figure(kib_of(model, *MILLIONS) / 2**20)} GiB.")
    return text + paragraph("Hot are the columns of vehicles and what is published by lane; a link lane \"all told\" bears its connectors "
                   "and its node. Records hold the way ahead and what results need.")[:-1]


def timed(data):
    """(title, middle row) of the networks whose steps are broken down: one thread, and all threads on the large grid."""
    out = []
    for case in "abg":
        for key in ordered(data, case):
            for t in data["settings"]["threads"]:
                r = middle_row(rows(data, case=case, network=key, program="arterial", threads=t))
                if r and (t == 1 or (case == "a" and data["networks"][key]["vehicles"] > r["timing"]["link_lanes"])):
                    out.append((title(data, key) + (f", {t} threads" if t > 1 else ""), r))
    return out


def seconds_of(row, phases):
    return sum(row["timing"][f"{p}_s"] for p in phases)


def phase_table(data):
    found = timed(data)
    if not found:
        return ""
    units = [group for group in GROUPS if group[2]]
    shares, by_unit, by_vehicle = [], [], []
    for name, r in found:
        t = r["timing"]
        whole = sum(seconds_of(r, group[1]) for group in GROUPS)
        # Waits excepted, threads add up to the work that there is.
        shares.append([name, figure(over(t["step_s"] * 1e6, t["steps"])),
                       *(percent(over(seconds_of(r, group[1]), whole)) for group in GROUPS)])
        by_unit.append([name, *(figure(over(seconds_of(r, g[1]) * 1e9, t["steps"] * t[g[2]])) for g in units)])
        by_vehicle.append([name, *(figure(over(seconds_of(r, g[1]) * 1e9, t[g[3]] if g[3] else r["updates"]))
                                   for g in units)])
    heads = [group[0] for group in units]
    return ("## Where a step's time goes\n\nThreads added up, shares of their time. Links are lanes of links; connectors lie in "
            "nodes.\n\n" + table(["share", "µs a step", *(group[0] for group in GROUPS)], shares)
            + "\nNanoseconds a step, by lane of a link, by connector, by node:\n\n" + table(["", *heads], by_unit)
            + "\nNanoseconds a step, by vehicle on these lanes or connectors; decide: by vehicle anywhere:\n\n"
            + table(["", *heads], by_vehicle))


def bound_table(data):
    """What bounds the step: costs by lane and by vehicle, and bytes against the bandwidth."""
    lines = []
    for name, phases, units, _ in GROUPS:
        if units and lane_and_vehicle_ns(data, phases, units):
            lane, vehicle = lane_and_vehicle_ns(data, phases, units)
            lines.append([name, figure(lane), figure(vehicle)])
    text = ""
    if lines:
        every = tuple(p for group in GROUPS for p in group[1])
        lane, vehicle = lane_and_vehicle_ns(data, every, "link_lanes")
        lines.append(["all of a step, by link lane", figure(lane), figure(vehicle)])
        few, many = (title(data, grid_key(data, 200, n)) for n in (12000, 120000))
        text = ("## What bounds it\n\nA step costs so much for each lane or node, even where nobody drives, and so much more "
                f"for each vehicle anywhere: the line through {few} and {many} vehicles, one thread."
                + (" Where the first is negative, vehicles cost more the more there are."
                   if any(line[1].startswith("-") for line in lines) else "") + "\n\n") + table(
            ["", "ns a lane or node", "ns a vehicle"], lines)
    traffic = []
    for name, r in timed(data):
        bandwidth, memory = data["bandwidth_gb_per_s"].get(str(r["threads"])), r["memory"]
        if not bandwidth:
            continue
        size = (memory["hot_vehicle_bytes"] + memory["hot_lane_bytes"] + memory["hot_node_bytes"]) / r["mean_vehicles"]
        used = 2.0 * size * r["updates_per_s"] / 1e9
        traffic.append([name, figure(size), figure(used), figure(bandwidth), percent(used / bandwidth)])
    if traffic:
        text += ("" if lines else "## What bounds it\n") + (
            "\nMemory traffic if every hot byte is read and written once a step, against the triad's in the same run:\n\n"
        ) + table(["", "hot B an update", "GB/s", "measured GB/s", "share"], traffic)
    return text


def goal_table(data):
    lines = []
    for g in data["goals"]:
        shares = g["wanted"] < 1.0
        show = percent if shares else millions if g["wanted"] >= 1e6 else figure
        unit = " M" if g["wanted"] >= 1e6 else ""
        reached = show(g["reached"])
        met = {True: "yes", False: "**no**", None: "not measured" if g["reached"] is None else "on less"}[g["met"]]
        lines.append([g["goal"], f"{'≥' if g['side'] == 'at least' else '≤'} {show(g['wanted'])}{unit}",
                      reached + unit if reached else None, met])
    return "## Goals\n\n" + table(["", "goal", "reached", "met"], lines)


def machine_text(data):
    m, s = data["machine"], data["settings"]
    cpu, build = m["lscpu"], m["build"]
    rates = ", ".join(f"{figure(rate)} GB/s with {t} thread{'s' * (t != '1')}"
                      for t, rate in data["bandwidth_gb_per_s"].items())
    # Of runs long enough that starting and waiting for the disk do not count.
    shares = [r["cpu_s"] / r["process_s"] for r in rows(data, program="arterial", threads=1) if r["process_s"] > 5.0]
    lines = [["processor", f"{cpu.get('Model name', '?')}, {cpu.get('Socket(s)', '?')} × {cpu.get('Core(s) per socket', '?')}"
              f" cores × {cpu.get('Thread(s) per core', '?')} threads"
              + (f", virtual ({cpu['Hypervisor vendor']})" if "Hypervisor vendor" in cpu else "")],
             ["caches", ", ".join(f"{name[:-6]} {cpu[name]}" for name in ("L1d cache", "L2 cache", "L3 cache")
                                  if name in cpu)],
             ["instructions", ", ".join(m["simd"])],
             ["memory", f"{m['memory_kib'] / 2**20:.1f} GiB, {cpu.get('NUMA node(s)', '?')} NUMA node"],
             ["bandwidth, measured in the same run", rates],
             ["kernel", m["kernel"]],
             ["compiler", build.get("compiler", "?")],
             ["flags", build.get("flags", "?")],
             ["arterial", f"{build.get('version', '?')}, commit {build.get('commit', '?')}"
              + (" with changes" if build.get("dirty") == "1" else "")],
             ["SUMO", data["sumo_version"] or "none"],
             ["environment", " ".join(f"{k}={v}" for k, v in m["openmp"].items()) or "no OMP_ variables"],
             ["measured", f"{data['begun'][:16].replace('T', ' ')} UTC, {data['minutes']:.0f} min; load {m['load_before']:.1f} "
              f"before, {m['load_after']:.1f} after; {percent(m['stolen_share'])} of the processor time stolen"
              + (f"; runs with one thread had a processor for {percent(median(shares))} of their time" if shares else "")],
             ["runs", f"{s['repeats']} of each, by turns; grids: steps from {s['window_s'][0]:g} to {s['window_s'][1]:g} s; "
              f"step {s['step_s']:g} s"]]
    return "## Machine\n\n" + table(["", ""], lines, left=2)


def tables(data, notes=""):
    parts = [goal_table(data), notes.strip() + "\n" if notes.strip() else "", speed_table(data), sumo_table(data),
             output_table(data), memory_table(data), phase_table(data), bound_table(data), machine_text(data)]
    skipped = "".join(f"Skipped: {reason}\n" for reason in data["skipped"])
    return "\n".join(part for part in parts if part) + (f"\n{skipped}" if skipped else "")


def paragraph(text):
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False) + "\n\n"


def about_grids(data):
    network = data["networks"].get(grid_key(data, 200, 120000))
    if not network:
        return ""
    facts = network["facts"]
    return paragraph(
        f"The grid of {facts['nodes']:,} nodes has {facts['link_lanes']:,} lanes of links and {facts['connectors']:,} connectors. "
        f"{percent(1.0 - facts['signals'] / facts['nodes'])} of its nodes have no signals; with those whose signals permit "
        "turns against oncoming traffic, vehicles find gaps for themselves at "
        f"{percent(facts['share_without_signals_or_with_permitted_turns'])} of the nodes. Every vehicle drives for the whole time, "
        "so the number on the road is held. Five times as many vehicles are 21 on each lane of 200 m, mostly queues; those that "
        "find no room wait outside and do not count.")


def document(data, notes=""):
    """The page; `notes` stands behind the goals: the place to explain what is missed."""
    return ("# Performance\n\n" + paragraph(
        "An update is one vehicle on the road over one step of 0.5 s; vehicles that wait outside do not count, and the clock is "
        "that of the steps. All that the networks have is on: lane changes, conflicts, signals, statistics. This page is written "
        "by `scripts/bench`; to do it again:")
        + "```sh\nscripts/bench -o results --document docs/performance.md   # an hour, most of it SUMO's; --quick: two minutes\n"
          "```\n\n" + about_grids(data) + tables(data, notes))
