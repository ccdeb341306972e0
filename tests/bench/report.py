"""Tables of what scripts/bench measured: for the terminal, for release notes, and as docs/performance.md."""
import textwrap
from statistics import median

from figures import (MILLIONS, RANKS, by_turns, grid_key, hot_bytes, kib_of, lane_and_vehicle_ns, loop_s, memory_model, middle,
                     middle_row, ordered, output_cost, over, rows)

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
            gain = [figure(over(rates[-1], rates[0]))] if len(threads) > 1 else []
            lines.append([title(data, key), f"{data['networks'][key]['facts']['link_lanes']:,}",
                          figure(middle(by[threads[0]], "mean_vehicles")), *map(millions, rates), millions(best),
                          figure(ns), *gain])
    if not lines:
        return ""
    names = [f"{t} thread" + "s" * (t > 1) for t in threads]
    return "## Vehicle updates, million a second\n\n" + table(
        ["network", "link lanes", "on the road", *names, "best", "ns an update, 1 thread",
         *(["gain by threads"] if len(threads) > 1 else [])], lines)


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
    window, seconds = data["settings"]["sumo_window_s"], data["settings"]["real_seconds"]
    span = f"the first {seconds:g} s" if seconds else "whole runs"
    model = {"default": "each program's default car-following", "idm": "IDM in both"}[data["settings"]["sumo_model"]]
    return f"## Against SUMO {data['sumo_version']}\n\n" + table(
        ["network", "threads", "M updates/s", "SUMO", "times", "on the road", "SUMO", "apart", "process s", "SUMO",
         "times", "peak MiB", "SUMO"], lines) + "\n" + paragraph(
        f"On grids both programs have the same network, vehicles, routes and places at the start, IDM in SUMO's "
        f"types, and the steps from {window[0]:g} to {window[1]:g} s count: SUMO needs seconds for each. Real "
        f"networks: {span}, "
        f"{model}, result files written by both, loading included in the process.")[:-1]


def output_table(data):
    lines = []
    names = {"none": "none", "links": "link statistics, 60 s", "trajectories": "and trajectories, 1 s",
             "all": "all: movements, approaches, passages, trips"}
    for t in data["settings"]["threads"]:
        for name, text in names.items():
            found = rows(data, case="e", threads=t, outputs=name)
            if not found:
                continue
            cost = output_cost(data, name, t) if name != "none" else None
            lines.append([text, t, figure(median(loop_s(r) for r in found)), percent(cost) if cost is not None else None,
                          figure(middle(found, "file_bytes") / 2**20)])
    if not lines:
        return ""
    key = ordered(data, "e")[0]
    return (f"## Outputs\n\nOn the {title(data, key)} vehicles, {data['settings']['window_s'][1]:g} s; from the first "
            "step to the closed file. Shares are medians over rounds of what a run took more than the one without of its round.\n\n") + table(
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
                                    "hot B a link lane all told", "spare B a vehicle", "records B a trip", "load s",
                                    "set up s"], lines)
    model = memory_model(data["runs"], data["networks"])
    if model:
        text += "\n" + paragraph(
                 f"From the differences of the peaks: {figure(model[0] * 1024.0)} B a vehicle with its trip and route, "
                 f"{figure(model[1] * 1024.0)} B a link lane with its share of network, connectors and nodes; three "
                 f"million vehicles on {MILLIONS[1]:,} link lanes: {figure(kib_of(model, *MILLIONS) / 2**20)} GiB.")
    return text + paragraph("Hot are, as the engine counts its arrays, the columns of vehicles and what is published "
                            "by lane and node. A lane is one of a link or a connector; a link lane \"all told\" bears "
                            "its connectors. Records hold the way ahead and what results need. "
                            "Connectors with the same conflicts share their rows, and signals with the same rules "
                            "theirs: grids have few kinds of both, real cities many.")[:-1]


def timed(data):
    """(title, middle row) of the networks whose steps are broken down; with more threads the busy ones of a only."""
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


def rank_table(data):
    key = grid_key(data, 200, 120000)
    lines = []
    for ranks, threads in RANKS:
        found = rows(data, case="i", network=key, ranks=ranks, threads=threads)
        if found:
            each = [r["updates_per_s"] for r in found]
            lines.append([ranks, threads, millions(middle(found, "updates_per_s")), millions(max(each)),
                          figure(by_turns(data, {"ranks": ranks, "threads": threads}, {"ranks": 1, "threads": 2}, case="i",
                                          network=key))])
    if not lines:
        return ""
    return "## Ranks, million updates a second\n\n" + paragraph(
        f"The {title(data, key)} vehicles. Ranks and threads that have a core to themselves are bound to it (mpirun --bind-to "
        "core, OMP_PROC_BIND). The last column is the median over rounds.") + table(
            ["ranks", "threads of each", "median", "best", "over one rank, two threads"], lines, left=0)


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
    return ("## Where a step's time goes\n\nThreads added up, shares of their time. Links are lanes of links; "
            "connectors lie in nodes.\n\n" + table(["share", "µs a step", *(group[0] for group in GROUPS)], shares)
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
        text = ("## What bounds it\n\nA step costs so much for each lane or node, even where nobody drives, and so "
                f"much more for each vehicle anywhere: the line through {few} and {many} vehicles, one thread."
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
            "\nMemory traffic if every hot byte is read and written once a step, against that of a triad in the same "
            "run:\n\n"
        ) + table(["", "hot B an update", "GB/s", "measured GB/s", "share"], traffic)
    return text


def goal_table(data):
    lines = []
    is_all = set(data["settings"]["only"]) == set("abcdefg")
    for g in data["goals"]:
        if g["reached"] is None and not is_all:
            continue
        shares = g["wanted"] < 1.0
        show = percent if shares else millions if g["wanted"] >= 1e6 else figure
        unit = " M" if g["wanted"] >= 1e6 else ""
        reached = show(g["reached"])
        met = {True: "yes", False: "**no**", None: "not measured" if g["reached"] is None else "on less"}[g["met"]]
        lines.append([g["goal"], f"{'≥' if g['side'] == 'at least' else '≤'} {show(g['wanted'])}{unit}",
                      reached + unit if reached else None, met])
    if not lines:
        return ""
    return "## Goals\n\n" + table(["", "goal", "reached", "met"], lines)


def machine_text(data):
    m, s = data["machine"], data["settings"]
    cpu, build = m["lscpu"], m["build"]
    rates = ", ".join(f"{figure(rate)} GB/s with {t} thread{'s' * (t != '1')}"
                      for t, rate in data["bandwidth_gb_per_s"].items())
    # Of runs long enough that starting and waiting for the disk do not count.
    shares = [r["cpu_s"] / r["process_s"] for r in rows(data, program="arterial", threads=1) if r["process_s"] > 5.0]
    lines = [["processor", f"{cpu.get('Model name', '?')}, {cpu.get('Socket(s)', '?')} × "
              f"{cpu.get('Core(s) per socket', '?')} cores × {cpu.get('Thread(s) per core', '?')} threads"
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
             ["measured", f"{data['begun'][:16].replace('T', ' ')} UTC, {data['minutes']:.0f} min; load "
              f"{m['load_before']:.1f} before, {m['load_after']:.1f} after; {percent(m['stolen_share'])} of the "
              "processor time stolen"
              + (f"; runs with one thread had a processor for {percent(median(shares))} of their time" if shares
                 else "")],
             ["runs", f"{s['repeats']} of each, by turns; grids: steps from {s['window_s'][0]:g} to "
              f"{s['window_s'][1]:g} s; step {s['step_s']:g} s"]]
    return "## Machine\n\n" + table(["", ""], lines, left=2)


def cautions(data):
    """What a reader must know before the figures."""
    m, text = data["machine"], ""
    if data["settings"]["quick"]:
        text += paragraph("**Small networks and short windows (`--quick`): for a first look.**")
    if m["load_before"] > 0.25 * m["cores_allowed"]:
        text += paragraph(f"**The machine was busy with other work (load {m['load_before']:.1f} on "
                          f"{m['cores_allowed']} cores before the first run): the programs are faster than that.**")
    return text.rstrip("\n") + "\n" if text else ""


def import_table(data):
    """Case h: medians over the repeats."""
    lines = []
    for key in ordered(data, "h"):
        found = rows(data, case="h", network=key)
        for threads in sorted({r["threads"] for r in found}):
            mine = [r for r in found if r["threads"] == threads]
            ours = {name: middle([r["import"] for r in mine], name) for name in ("file_mb", "wall_s", "cpu_s", "peak_kib")}
            wall, cpu, peak = (middle([r["netconvert"] for r in mine if r["netconvert"]], name)
                               for name in ("wall_s", "cpu_s", "peak_kib"))
            lines.append([title(data, key), f"{data['networks'][key]['facts']['links']:,}", threads, figure(ours["wall_s"]),
                          figure(ours["cpu_s"]), figure(ours["peak_kib"] / 1024), figure(wall), figure(cpu),
                          figure(peak / 1024 if peak else None), figure(over(wall, ours["wall_s"])),
                          millions(middle(mine, "updates_per_s"))])
    if not lines:
        return ""
    return "## Import of OpenStreetMap\n\n" + table(
        ["city", "links", "threads", "wall s", "processor s", "peak MiB", "netconvert: wall s", "processor s", "peak MiB",
         "times faster", "M updates/s"], lines)


def tables(data, notes=""):
    parts = [cautions(data), goal_table(data), notes.strip() + "\n" if notes.strip() else "", speed_table(data),
             sumo_table(data), import_table(data), output_table(data), memory_table(data), phase_table(data),
             bound_table(data), rank_table(data), machine_text(data)]
    skipped = "".join(f"Skipped: {reason}\n" for reason in data["skipped"])
    skipped += "".join(f"Failed: {reason.splitlines()[0]}\n" for reason in data["failed"])
    return "\n".join(part for part in parts if part) + (f"\n{skipped}" if skipped else "")


def paragraph(text):
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False) + "\n\n"


def about_grids(data):
    network = data["networks"].get(grid_key(data, 200, 120000))
    if not network:
        return ""
    facts = network["facts"]
    return paragraph(
        f"The grid of {facts['nodes']:,} nodes has {facts['link_lanes']:,} lanes of links and {facts['connectors']:,} "
        f"connectors. {percent(1.0 - facts['signals'] / facts['nodes'])} of its nodes have no signals; with those "
        "whose signals permit turns against oncoming traffic, vehicles find gaps for themselves at "
        f"{percent(facts['share_without_signals_or_with_permitted_turns'])} of the nodes. Every vehicle drives for the "
        "whole time, so the number on the road is held. Five times as many vehicles are 21 on each lane of 200 m, "
        "mostly queues; those that find no room wait outside and do not count.")


def document(data, notes=""):
    """The page; `notes` stands behind the goals: the place to explain what is missed."""
    return ("# Performance\n\n" + paragraph(
        "An update is one vehicle on the road over one step of 0.5 s; vehicles that wait outside do not count, and the "
        "clock is that of the steps. All that the networks have is on: lane changes, conflicts, signals, "
        "statistics. This page is written by `scripts/bench`; to do it again:")
        + "```sh\nscripts/bench -o results --document docs/performance.md   # an hour, most of it SUMO's; --quick: two "
          "minutes\n"
          "```\n\n" + about_grids(data) + tables(data, notes))
