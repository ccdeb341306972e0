#!/usr/bin/python3
"""Every number of a result file, computed again from the trajectories of every step.

A road with a signal, a side street without one behind it, a link shorter than a bus, bus stops in the lane and beside it,
limits that change while people drive, detectors of all kinds. The run ends in the middle of intervals, dwells and trips.
Nothing of the program is used here but its file: places and speeds of all vehicles, trips, the network.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import h5py
import numpy as np

SKIPPED = 77
DT, END, WARMUP, DEPART_M = 0.5, 633.5, 60.0, 20.0
CAR_M, BUS_M, BUS_MPS = 5.0, 18.0, 12.0
LIMITS = {"east": [(200.0, 350.0, 30 / 3.6)], "west": [(450.0, END, 30 / 3.6)]}
WAY = {"west": (0.0, 200.0), "mid": (210.0, 250.0), "gap": (260.0, 270.0), "east": (272.0, 520.0)}
ZONES = 5  # one more than a vehicle may be in at once

EDGE = '<edge id="{0}" from="{1}" to="{2}" priority="{3}">{4}</edge>'
LANE = '<lane id="{0}_{1}" index="{1}" speed="13.89" length="{2:.2f}" shape="{3:.2f},{4:.2f} {5:.2f},{4:.2f}"/>'
INNER = ('<edge id=":{0}_{1}" function="internal"><lane id=":{0}_{1}_0" index="0" speed="{2}" length="{3:.2f}" '
         'shape="{4}"/></edge>')


def edge(name, start, end, priority, lanes, place):
    x0, x1 = place
    rows = [LANE.format(name, k, x1 - x0, x0, -1.6 - 3.2 * (lanes - 1 - k), x1) for k in range(lanes)]
    return EDGE.format(name, start, end, priority, "".join(rows))


def network():
    inner = [INNER.format("M", 0, 13.89, 10, "200,-1.6 210,-1.6"), INNER.format("M", 1, 7, 14, "205,-20 210,-1.6"),
             INNER.format("N", 0, 13.89, 10, "250,-1.6 260,-1.6"), INNER.format("N", 1, 7, 14, "255,-20 260,-1.6"),
             INNER.format("P", 0, 13.89, 2, "270,-1.6 272,-4.8"), INNER.format("P", 1, 13.89, 2, "270,-1.6 272,-1.6")]
    edges = [edge("west", "W", "M", 2, 1, WAY["west"]), edge("mid", "M", "N", 2, 1, WAY["mid"]),
             edge("gap", "N", "P", 2, 1, WAY["gap"]), edge("east", "P", "E", 2, 2, WAY["east"]),
             EDGE.format("up", "U", "M", 1, '<lane id="up_0" index="0" speed="13.89" length="150.00" shape="205,-170 205,-20"/>'),
             EDGE.format("side", "S", "N", 1, '<lane id="side_0" index="0" speed="13.89" length="150.00" shape="255,-170 255,-20"/>')]
    signal = ('<tlLogic id="M" type="static" programID="0" offset="0"><phase duration="25" state="Gr"/><phase duration="4" '
              'state="yr"/><phase duration="17" state="rG"/><phase duration="4" state="ry"/></tlLogic>')
    node = '<junction id="{0}" type="{1}" x="{2}" y="{3}" incLanes="{4}" intLanes="{5}" shape="{2},{3} {2},{3}">{6}</junction>'
    nodes = [node.format(n, "dead_end", x, y, "", "", "") for n, x, y in (("W", 0, 0), ("U", 205, -170), ("S", 255, -170))]
    nodes.append(node.format("E", "dead_end", 520, 0, "east_0 east_1", "", ""))
    two = '<request index="0" response="{0}" foes="10" cont="0"/><request index="1" response="{1}" foes="01" cont="0"/>'
    nodes.append(node.format("M", "traffic_light", 205, 0, "west_0 up_0", ":M_0_0 :M_1_0", two.format("00", "01")))
    nodes.append(node.format("N", "priority", 255, 0, "mid_0 side_0", ":N_0_0 :N_1_0", two.format("00", "01")))
    free = '<request index="0" response="00" foes="00" cont="0"/><request index="1" response="00" foes="00" cont="0"/>'
    nodes.append(node.format("P", "priority", 271, 0, "gap_0", ":P_0_0 :P_1_0", free))
    link = '<connection from="{0}" to="{1}" fromLane="0" toLane="{2}" via=":{3}_{4}_0" {5} dir="s" state="{6}"/>'
    links = [link.format("west", "mid", 0, "M", 0, 'tl="M" linkIndex="0"', "O"),
             link.format("up", "mid", 0, "M", 1, 'tl="M" linkIndex="1"', "o"), link.format("mid", "gap", 0, "N", 0, "", "M"),
             link.format("side", "gap", 0, "N", 1, "", "m"), link.format("gap", "east", 0, "P", 0, "", "M"),
             link.format("gap", "east", 1, "P", 1, "", "M")]
    return '<net version="1.9">' + "\n".join(inner + edges + [signal] + nodes + links) + "</net>"


def demand():
    stops = ('<stop busStop="in lane" duration="20"/><stop busStop="in bay" duration="50" parking="true"/>')
    flow = '<flow id="{0}" type="{1}" route="{2}" begin="{3}" end="700" period="{4}" departPos="20" departSpeed="0">{5}</flow>'
    flows = [flow.format("a", "car", "we", 0, 7, ""), flow.format("b", "bus", "we", 1, 39, stops),
             flow.format("s", "car", "se", 2, 20, ""), flow.format("u", "car", "ue", 3, 15, "")]
    return (f'<routes><vType id="car" length="{CAR_M}" accel="1.7" decel="2.5" tau="1.2" sigma="0" '
            'speedFactor="normc(1,0.1,0.7,1.3)"/>'
            f'<vType id="bus" vClass="bus" length="{BUS_M}" maxSpeed="{BUS_MPS}" accel="1" decel="2" tau="1.2" sigma="0" '
            'speedFactor="1"/><route id="we" edges="west mid gap east"/><route id="se" edges="side gap east"/>'
            '<route id="ue" edges="up mid gap east"/>' + "".join(flows) + "</routes>")


def additional():
    loop = '<inductionLoop id="{0}" lane="{0}_0" pos="{1}" period="60" file="x"/>'
    zone = ('<entryExitDetector id="zone {0}" period="60" file="x"><detEntry lane="west_0" pos="{1}"/>'
            '<detExit lane="east_0" pos="{2}"/><detExit lane="east_1" pos="{2}"/></entryExitDetector>')
    return ('<additional><busStop id="in lane" lane="west_0" startPos="60" endPos="85"/>'
            '<busStop id="in bay" lane="east_0" startPos="100" endPos="140"/>'
            + loop.format("west", 190) + loop.format("mid", 0) + loop.format("side", 145)
            + '<laneAreaDetector id="area" lane="west_0" pos="100" endPos="199" period="60" file="x"/>'
            + "".join(zone.format(k, 30 + k, 20 + k) for k in range(ZONES)) + "</additional>")


def scenario():
    speed = "".join(f'  - speed: {{links: ["{link}"], limit: {v * 3.6:.6f} km/h, from: {a} s, to: {b + (b == END):g} s}}\n'
                    for link, changes in LIMITS.items() for a, b, v in changes)
    return f"""arterial: 1
title: Everything
city: r.city.h5
demand: [r.demand.h5]
time: {{begin: 0 s, end: {END} s, step: {DT} s, warmup: {WARMUP} s}}
outputs: {{links: {{every: 35 s}}, movements: {{every: 35 s}}, detectors: {{every: 50 s}}, totals: {{every: 20 s}},
          trajectories: {{every: {DT} s}}, approaches: true, passages: true}}
interventions:
{speed}controllers: [{{signals: all, control: actuated}}]
"""


def call(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def texts(data):
    return [item.decode() if isinstance(item, bytes) else item for item in data[:]]


def near(what, got, expected, absolute, relative=0.0):
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    wrong = np.abs(got - expected) > absolute + relative * np.abs(expected)
    wrong |= np.isnan(got) != np.isnan(expected)
    assert not wrong.any(), (f"{what}: {wrong.sum()} of {wrong.size} differ, first at {np.argwhere(wrong)[0]}: file "
                             f"{got[wrong][0]}, computed {expected[wrong][0]}")


class Vehicle:
    """What one trip did: its way in metres from its first lane's start, at every instant, and the lanes it was on."""

    def __init__(self, run, k, rows, insert, arrival):
        self.k, self.is_bus = k, run.type[k] == "bus"
        self.length, self.most = (BUS_M, BUS_MPS) if self.is_bus else (CAR_M, 1e9)
        self.factor = run.trips["speed_factor"][k]
        self.steps = []   # begin, lane, way at begin and end, speed at end, start of the lane in the way
        self.bays = []    # begin, end
        self.lanes = []   # lane, where its start lies in the way, first step on it
        time, lane = [insert] + list(run.time[rows]), [run.lane_at[rows][0]] + list(run.lane_at[rows])
        place, speed = [DEPART_M] + list(run.place[rows]), [0.0] + list(run.speed[rows])
        while run.link_of[lane[0]] != run.origin[k]: lane[0] = run.before[lane[0]]
        if not np.isnan(arrival):  # a last step, to the end of the last lane
            time.append(arrival), lane.append(-1), place.append(0.0), speed.append(0.0)
        start = 0.0  # of the present lane, in the way
        self.lanes.append((lane[0], start, 0))
        for i in range(1, len(time)):
            t, at = time[i] - DT, lane[i - 1]
            if time[i] - time[i - 1] > DT + 1e-6:
                self.bays.append((time[i - 1], t))
            way = start + place[i - 1]
            if lane[i] == -1:
                ahead = run.ahead(at, None)
            else:
                ahead = run.ahead(at, lane[i])
            if ahead[0] != at: self.lanes.append((ahead[0], start, len(self.steps)))  # changed lanes, then crossed
            at, behind = ahead[0], start
            for here, there in zip(ahead, ahead[1:]):
                start += run.length[here]
                self.lanes.append((there, start, len(self.steps)))
            if lane[i] == -1: start += run.length[ahead[-1]]
            if len(ahead) == 1 and lane[i] not in (-1, at): self.lanes.append((lane[i], start, len(self.steps)))
            self.steps.append((t, at, way, start + place[i], speed[i], behind))
        if np.isnan(arrival) and END - time[-1] > 1e-6: self.bays.append((time[-1], END))

    def desired(self, run, lane, t):
        limit = run.limit[lane]
        for begin, end, value in LIMITS.get(run.link_name(lane), []):
            if begin <= t < end: limit = value
        return min(limit * self.factor, self.most)

    def instant(self, way):
        """When its front was so far, evenly accelerated in each step, and how fast; None if it never was."""
        for t, _, begin, end, speed, _ in self.steps:
            if begin < way <= end:
                first = 2 * (end - begin) / DT - speed
                if first < 0: return t + (way - begin) / (end - begin) * DT, (end - begin) / DT
                root = np.sqrt(max(first * first + 2 * (speed - first) / DT * (way - begin), 0.0))
                return t + 2 * (way - begin) / (first + root), root
        return None


class Run:
    def __init__(self, path):
        self.file = f = h5py.File(path, "r")
        self.lane = texts(f["network/lane"])
        self.link = texts(f["links/link"])
        self.link_of, self.length = f["network/lane_link"][:], f["network/lane_length"][:].astype(float)
        self.limit = f["network/lane_speed"][:].astype(float)
        self.index = {name: k for k, name in enumerate(self.lane)}
        lanes = {}  # by link and place
        for k, link in enumerate(self.link_of):
            if link >= 0: lanes.setdefault(int(link), []).append(k)
        self.lanes_of = lanes
        m = f["movements"]
        self.next, self.before, self.movement = {}, {}, {}
        for k, name in enumerate(texts(m["movement"])):
            path_lane, a = self.index[name], lanes[m["from_link"][k]][m["from_lane"][k]]
            b = lanes[m["to_link"][k]][m["to_lane"][k]]
            self.next.setdefault(a, []).append(path_lane)
            self.next[path_lane], self.before[path_lane], self.before[b] = [b], a, path_lane
            self.movement[path_lane] = k
        t = f["trips"]
        self.trips = {name: t[name][:] for name in t if name not in ("link", "vehicle_type", "trip")}
        kinds = texts(t["vehicle_type"])
        self.type = [kinds[k] for k in self.trips["type"]]
        self.origin = self.trips["origin"]
        order = {name: k for k, name in enumerate(texts(t["trip"]))}
        j = f["trajectories"]
        self.time, self.lane_at = j["obs_time"][:], j["obs_lane"][:]
        self.place, self.speed = j["position"][:].astype(float), j["speed"][:].astype(float)
        self.vehicles, first = [], 0
        for name, rows in zip(texts(j["trajectory"]), j["row_size"][:]):
            k = order[name]
            self.vehicles.append(Vehicle(self, k, slice(first, first + rows), self.trips["insert"][k], self.trips["arrival"][k]))
            first += rows

    def link_name(self, lane):
        return self.link[self.link_of[lane]] if self.link_of[lane] >= 0 else ""

    def ahead(self, at, goal):
        """Lanes from the link or path `at` to the lane `goal` (None: to the last lane ahead), the shortest way."""
        if goal is not None and self.link_of[goal] >= 0 and self.link_of[goal] == self.link_of[at]: return [at]
        starts = self.lanes_of[self.link_of[at]] if self.link_of[at] >= 0 else [at]
        ways = [[at]] + [[k] for k in starts if k != at]
        for _ in range(9):
            for way in ways:
                if way[-1] == goal or (goal is None and way[-1] not in self.next): return way
            ways = [way + [k] for way in ways for k in self.next.get(way[-1], [])]
        raise AssertionError(f"no way from {self.lane[at]} to {self.lane[goal]}")

    def intervals(self, group):
        return self.file[group]["time_bnds"][:]


def spread(bounds, begin, end):
    """Parts of a time in the intervals."""
    return np.clip(np.minimum(end, bounds[:, 1]) - np.maximum(begin, bounds[:, 0]), 0.0, None)


def check_links(run):
    g, bounds = run.file["links"], run.intervals("links")
    names = ("entered", "left", "departed", "arrived", "vehicle_time", "distance", "delay", "waiting_time", "body", "queue_max")
    sums = {name: np.zeros((len(bounds), len(run.link))) for name in names}
    moved = np.zeros((len(run.intervals("movements")), len(run.movement)))

    def row(t):
        return int(np.searchsorted(bounds[:, 1], t + 1e-6))
    other_delay = other_way = 0.0
    for v in run.vehicles:
        sums["departed"][row(run.trips["insert"][v.k]), run.origin[v.k]] += 1
        if not np.isnan(run.trips["arrival"][v.k]):
            sums["arrived"][row(run.trips["arrival"][v.k] - DT), run.trips["destination"][v.k]] += 1
        crossed = {}
        for (a, _, _), (b, _, i) in zip(v.lanes, v.lanes[1:]):
            if run.link_of[a] != run.link_of[b] or run.link_of[a] < 0: crossed.setdefault(i, []).append((a, b))
        for i, (t, lane, begin, end, speed, behind) in enumerate(v.steps):
            for a, b in crossed.get(i, []):
                if run.link_of[a] >= 0: sums["left"][row(t), run.link_of[a]] += 1
                if run.link_of[b] >= 0: sums["entered"][row(t), run.link_of[b]] += 1
                else: moved[row(t), run.movement[b]] += 1
            loss = DT - (end - begin) / v.desired(run, lane, t)
            last = i == len(v.steps) - 1 and not np.isnan(run.trips["arrival"][v.k])
            # a stop in the lane: it stands at the place of the stop, still and not for the light
            if v.is_bus and end - begin == 0.0 and run.at_stop(v, t): loss = 0.0
            if run.link_of[lane] < 0:
                other_delay, other_way = other_delay + loss, other_way + end - begin
                continue
            link, k = run.link_of[lane], row(t)
            sums["vehicle_time"][k, link] += DT
            sums["distance"][k, link] += end - begin
            sums["delay"][k, link] += loss
            sums["body"][k, link] += DT * v.length
            if speed < 0.1 and not last:
                sums["waiting_time"][k, link] += DT
                sums["queue_max"][k, link] = max(sums["queue_max"][k, link], run.length[lane] - (end - behind) + v.length)
    for name in ("entered", "left", "departed", "arrived"): near(f"links {name}", g[name][:], sums[name], 0)
    near("movements", run.file["movements/count"][:], moved, 0)
    near("links vehicle_time", g["vehicle_time"][:], sums["vehicle_time"], 1e-3)
    near("links waiting_time", g["waiting_time"][:], sums["waiting_time"], 1e-3)
    near("links distance", g["distance"][:], sums["distance"], 0.05, 1e-4)
    near("links delay", g["delay"][:], sums["delay"], 0.1, 2e-3)
    near("links queue_max", g["queue_max"][:], sums["queue_max"], 0.51)
    hours = (bounds[:, 1] - bounds[:, 0])[:, None] / 3600
    near("links flow", g["flow"][:], (sums["left"] + sums["arrived"]) / hours, 1e-3, 1e-6)
    near("links density", g["density"][:], sums["vehicle_time"] / 3600 / hours / g["length"][:] * 1000, 1e-4, 1e-5)
    room = np.array([sum(run.length[k] for k in run.lanes_of[link]) for link in range(len(run.link))])
    near("links occupancy", g["occupancy"][:], sums["body"] / 3600 / hours / room, 1e-5, 1e-5)
    with np.errstate(divide="ignore", invalid="ignore"):
        near("links speed", g["speed"][:], sums["distance"] / sums["vehicle_time"], 2e-3, 1e-3)
    return other_delay, other_way


def check_trips_and_sums(run, other_delay, other_way, summary):
    t, totals, links = run.trips, run.file["totals"], run.file["links"]
    in_bay = np.zeros(len(t["insert"]))
    for v in run.vehicles:
        standing = sum(DT for step in v.steps[:None if np.isnan(t["arrival"][v.k]) else -1] if step[4] < 0.1)
        in_bay[v.k] = sum(end - begin for begin, end in v.bays)
        near("waiting_time and stop_time", t["waiting_time"][v.k] + t["stop_time"][v.k], standing + in_bay[v.k], 1e-3)
        near("route_length", t["route_length"][v.k], v.steps[-1][3] - DEPART_M, 0.02)
        free = sum((end - begin) / v.desired(run, lane, at) for at, lane, begin, end, _, _ in v.steps)
        # a step belongs to the lane where it began: where limits differ by lane, that is a fraction of a second
        near("time_loss", t["time_loss"][v.k], len(v.steps) * DT + in_bay[v.k] - t["stop_time"][v.k] - free, 1.0)
        fast, stops = False, 0
        for step in v.steps:
            if step[4] > 15 / 3.6: fast = True
            if step[4] < 5 / 3.6 and fast and not (np.isnan(t["arrival"][v.k]) is False and step is v.steps[-1]):
                fast, stops = False, stops + 1
        assert abs(int(t["stops"][v.k]) - stops) <= 2 * v.is_bus + (not np.isnan(t["arrival"][v.k])), (v.k, t["stops"][v.k], stops)
    inside = ~np.isnan(t["insert"])
    near("arrival", t["travel_time"], t["arrival"] - t["insert"], 1e-3)
    on_road = np.where(np.isnan(t["arrival"]), END, t["arrival"]) - t["insert"]
    way = t["route_length"][inside].astype(float).sum()
    near("distance of trips, of totals", totals["vkt"][:].sum() * 1000, way, 0.5, 1e-5)
    near("distance of links and nodes", links["distance"][:].astype(float).sum() + other_way, way, 0.5, 1e-4)
    near("time of trips, of totals", totals["vht"][:].sum() * 3600, on_road[inside].sum(), 1e-3)
    waits_in_bays = in_bay.sum() - sum(max(0.0, min(50.0, end - begin)) for v in run.vehicles for begin, end in v.bays)
    lost = t["time_loss"][inside].astype(float).sum()
    near("delay of links, nodes and bays", links["delay"][:].astype(float).sum() + other_delay + waits_in_bays, lost, 2.0, 2e-3)
    for k, now in enumerate(totals["time"][:]):
        here = np.abs(run.time - now) < 1e-6
        bays = sum(begin <= now - DT and now - DT < end for v in run.vehicles for begin, end in v.bays)
        near("halting", totals["halting"][k], (run.speed[here] < 0.1).sum(), 0)
        near("running", totals["running"][k], here.sum() + bays, 0)
        near("arrived", totals["arrived"][k], (t["arrival"] <= now + 1e-6).sum(), 0)
        near("loaded", totals["loaded"][k], (t["depart"] <= now - DT + 1e-6).sum(), 0)
    check_indicators(run, t, on_road, summary)


def check_indicators(run, t, on_road, summary):
    kpi = {name: float(run.file["kpi"][name][()]) for name in run.file["kpi"]}
    c = (t["depart"] >= WARMUP) & (t["depart"] < END)
    inside, arrived = c & ~np.isnan(t["insert"]), c & ~np.isnan(t["arrival"])
    loss, way = t["time_loss"].astype(float), t["route_length"].astype(float)
    out = t["insertion_delay"].astype(float)
    free = on_road - t["stop_time"] - loss
    mine = {"trips": c.sum(), "trips_arrived": arrived.sum(), "trips_not_inserted": (c & ~inside).sum(),
            "mean_travel_time_s": on_road[arrived].mean(), "median_travel_time_s": np.median(on_road[arrived]),
            "p95_travel_time_s": np.percentile(on_road[arrived], 95), "mean_time_loss_s": loss[arrived].mean(),
            "mean_route_length_m": way[arrived].mean(), "mean_speed_mps": way[arrived].sum() / on_road[arrived].sum(),
            "mean_insertion_delay_s": out[inside].mean(), "total_delay_h": (out[c].sum() + loss[inside].sum()) / 3600,
            "vkt_km": way[inside].sum() / 1000, "vht_h": on_road[inside].sum() / 3600,
            "network_speed_mps": way[inside].sum() / on_road[inside].sum(), "stops_per_vehicle": t["stops"][inside].mean(),
            "mean_waiting_time_s": t["waiting_time"][inside].astype(float).mean(),
            "mean_stop_time_s": t["stop_time"][inside].astype(float).mean(),
            "travel_time_index": (on_road - t["stop_time"])[arrived].sum() / free[arrived].sum()}
    for name, value in mine.items(): near(f"indicator {name}", kpi[name], value, 1e-4, 1e-5)
    for name in ("mean_travel_time_s", "mean_time_loss_s", "mean_route_length_m", "mean_speed_mps", "mean_insertion_delay_s"):
        near(f"summary {name}", float(summary[name]), kpi[name], 0.006)


def check_control_delay(run):
    """Passages, cycles and the delay of each, until 95 % of the desired speed is regained, over the next node, too."""
    p, c = run.file["passages"], run.file["cycles"]
    passed = {int(k): (t, a) for k, t, a in zip(p["trip"][:], p["passage_time"][:], p["arrival_time"][:])}
    assert len(passed) == len(p["trip"]) == int(c["volume"][:].sum())
    lines = texts(p["approach"])
    delays, shown = np.zeros(len(c["begin"])), 0
    for v in run.vehicles:
        first = run.link[run.origin[v.k]]
        if first == "side": continue
        found = v.instant(run.length[run.lanes_of[run.origin[v.k]][0]])
        assert (found is not None) == (v.k in passed), f"trip {v.k}: its passage of the line"
        if not found: continue
        near("passage_time", passed[v.k][0], found[0], 2e-3)
        lost, fastest, line = 0.0, -1.0, run.length[run.lanes_of[run.origin[v.k]][0]]
        for t, lane, begin, end, speed, _ in v.steps:
            if run.link_name(lane) not in (first, "") and fastest >= 0 and speed < fastest - 1.0: break
            desired = v.desired(run, lane, t)
            if not (v.is_bus and end - begin == 0.0 and run.at_stop(v, t)): lost += DT - (end - begin) / desired
            out = end >= line + run.length[run.next[run.lanes_of[run.origin[v.k]][0]][0]]
            if not out: continue
            fastest = max(fastest, speed)
            if speed >= 0.95 * v.desired(run, lane if begin >= line else run.lanes_of[run.link.index("mid")][0], t): break
            if t > found[0] + 60: break
        at = [k for k in range(len(delays)) if lines[c["cycle_approach"][k]].startswith(first + ":")
              and c["begin"][k] < found[0] <= (END if np.isnan(c["end"][k]) else c["end"][k])]
        delays[at[0]] += lost
        shown += lost > 5.0
    assert shown > 20, "the signal should delay somebody"
    near("control delay of all", np.nansum(c["delay"][:] * c["volume"][:]), delays.sum(), 2.0, 0.02)


def check_detectors(run):
    g, bounds = run.file["detectors"], run.intervals("detectors")
    names = texts(g["detector"])

    def count(t):
        return np.searchsorted(bounds[:, 1], t - 1e-9)
    for name, pos in (("west", 190.0), ("mid", 0.0), ("side", 145.0)):
        lane = run.lanes_of[run.link.index(name)][0]
        number, speed, over = np.zeros(len(bounds)), np.zeros(len(bounds)), np.zeros(len(bounds))
        for v in run.vehicles:
            for at, start, _ in v.lanes:
                if at != lane: continue
                front, rear = v.instant(start + pos), v.instant(start + pos + v.length)
                if not front: continue
                number[count(front[0])] += 1
                speed[count(front[0])] += front[1]
                over += spread(bounds, front[0], rear[0] if rear else END)
        k = names.index(name)
        near(f"loop {name} count", g["count"][:, k], number, 0)
        near(f"loop {name} speed", g["speed"][:, k] * number, np.where(number > 0, speed, np.nan), 0.01, 1e-3)
        near(f"loop {name} occupancy", g["occupancy"][:, k], over / (bounds[:, 1] - bounds[:, 0]), 2e-4, 1e-3)
    lane = run.lanes_of[run.link.index("west")][0]
    inside = sum(spread(bounds, v.instant(100.0)[0], (v.instant(199.0 + v.length) or (END,))[0]) for v in run.vehicles
                 if v.lanes[0][0] == lane and v.instant(100.0))
    near("area vehicle_time", g["vehicle_time"][:, names.index("area")], inside, 0.05, 1e-3)
    for k in range(ZONES):
        entered, left, travel = np.zeros(len(bounds)), np.zeros(len(bounds)), np.zeros(len(bounds))
        for v in run.vehicles:
            begin = v.instant(30.0 + k) if v.lanes[0][0] == lane else None
            end = v.instant(WAY["east"][0] + 20.0 + k) if begin else None
            if begin: entered[count(begin[0])] += 1
            if end and k > 0:  # the first was given up for the last one
                left[count(end[0])] += 1
                travel[count(end[0])] += end[0] - begin[0]
        d = names.index(f"zone {k}")
        near(f"zone {k} entered", g["entered"][:, d], entered, 0)
        near(f"zone {k} count", g["count"][:, d], left, 0)
        near(f"zone {k} travel_time", np.nan_to_num(g["travel_time"][:, d]) * left, travel, 0.05, 1e-4)


def same_values(a, b, groups):
    for group in groups:
        for name in a[group]:
            x, y = a[group][name][()], b[group][name][()]
            assert np.array_equal(x, y, equal_nan=x.dtype.kind == "f") if x.dtype != object else list(x) == list(y), f"/{group}/{name}"


def at_stop(run):
    """Buses dwell in the lane for 20 s from the first step that they begin at rest, at most 3 m before the stop's end."""
    since = {}
    for v in run.vehicles:
        before = 1.0
        for t, lane, begin, _, speed, _ in v.steps if v.is_bus else []:
            if run.link_name(lane) == "west" and before < 0.1 and 82.0 <= begin <= 85.5: since.setdefault(v.k, t)
            before = speed
    return lambda v, t: v.k in since and since[v.k] <= t < since[v.k] + 20.0 - 1e-6


def main():
    program = os.environ.get("ARTERIAL", "")
    if not program or not os.path.exists(program):
        print("ARTERIAL does not name the program: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="results_recomputed_") as folder:
        folder = pathlib.Path(folder)
        for name, text in (("r.net.xml", network()), ("r.rou.xml", demand()), ("r.add.xml", additional()), ("r.yaml", scenario())):
            (folder / name).write_text(text, encoding="utf-8")
        call([program, "import", "sumo", folder / "r.net.xml", "--additional", folder / "r.add.xml", "--routes",
              folder / "r.rou.xml", "-o", folder / "r.city.h5", "--demand-output", folder / "r.demand.h5"])
        out = call([program, "run", folder / "r.yaml", "-o", folder / "r.h5", "--threads", 2, "--quiet"])
        run = Run(folder / "r.h5")
        run.at_stop = at_stop(run)
        buses = [v for v in run.vehicles if v.is_bus]
        assert any(v.bays and v.bays[-1][1] == END for v in buses), "the run should end while a bus is in its bay"
        assert any(run.link_name(v.steps[-1][1]) == "west" for v in run.vehicles if np.isnan(run.trips["arrival"][v.k]))
        other = check_links(run)
        check_trips_and_sums(run, *other, dict(word.split("=") for word in out.split() if "=" in word))
        check_control_delay(run)
        check_detectors(run)
        # What is measured changes nothing else, and several ranks say the same.
        call([program, "run", folder / "r.yaml", "-o", folder / "few.h5", "--quiet", "--set", "outputs.approaches=false", "--set",
              "outputs.passages=false", "--set", "outputs.trajectories=false"])
        groups = ["links", "movements", "detectors", "trips", "totals", "kpi"]
        same_values(run.file, h5py.File(folder / "few.h5"), groups)
        if shutil.which("mpirun") and "mpi=none" not in call([program, "--version"]):
            call(["mpirun", "-n", 2, "--bind-to", "none", program, "run", folder / "r.yaml", "-o", folder / "two.h5", "--threads", 1,
                  "--quiet"])
            same_values(run.file, h5py.File(folder / "two.h5"), groups + ["cycles", "approaches", "passages", "trajectories"])
        print(f"{len(run.vehicles)} vehicles, {len(run.time)} places: computed again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
