"""What an OpenStreetMap extract itself says of roads and turns, decoded apart from arterial's importer (which is C and
shares nothing with this), to judge imported networks by. XML only, plain or gzipped.

Judged are private cars at no particular time: conditional restrictions and restrictions of other vehicles do not count.
"""
import gzip
import math
import xml.etree.ElementTree as ET

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

CAR_ROADS = {base + link for base in ("motorway", "trunk", "primary", "secondary", "tertiary")
             for link in ("", "_link")} | {"unclassified", "residential", "living_street", "service", "road", "track"}
CLOSED = {"no", "agricultural", "forestry", "agricultural;forestry", "emergency", "bus", "psv", "military"}
ACCESS_CHAIN = ("motorcar", "motor_vehicle", "vehicle", "access")
EVERY_M = 4.0  # distance of the samples of ways that places are matched with
WRONG_WAY_M = 6.0  # a carriageway in the right direction is taken instead of one in the wrong, up to so much farther


def access_of(tags):
    """The most special word of the access chain."""
    for key in ACCESS_CHAIN:
        if key in tags:
            return tags[key]
    return "no" if tags.get("highway") in ("pedestrian",) else "yes"


def directions_of(tags):
    """(along, against) the order of nodes, for cars."""
    if access_of(tags) in CLOSED:
        return False, False
    word = tags.get("oneway:motor_vehicle", tags.get("oneway"))
    if word in ("yes", "true", "1"):
        return True, False
    if word in ("-1", "reverse"):
        return False, True
    if word is None and (tags.get("junction") in ("roundabout", "circular") or
                         tags["highway"] in ("motorway", "motorway_link")):
        return True, False
    return True, True


def utm(lon, lat, zone, south=False):
    """Transverse Mercator on WGS 84 (Krueger's series to the third order: millimetres within a zone)."""
    a, f, k0 = 6378137.0, 1 / 298.257223563, 0.9996
    n = f / (2 - f)
    big_a = a / (1 + n) * (1 + n * n / 4 + n ** 4 / 64)
    alpha = (n / 2 - 2 * n * n / 3 + 5 * n ** 3 / 16, 13 * n * n / 48 - 3 * n ** 3 / 5, 61 * n ** 3 / 240)
    phi, lam = np.radians(lat), np.radians(np.asarray(lon) - (6 * zone - 183))
    e = 2 * math.sqrt(n) / (1 + n)
    t = np.sinh(np.arctanh(np.sin(phi)) - e * np.arctanh(e * np.sin(phi)))
    xi, eta = np.arctan2(t, np.cos(lam)), np.arctanh(np.sin(lam) / np.sqrt(1 + t * t))
    x = eta + sum(al * np.cos(2 * (j + 1) * xi) * np.sinh(2 * (j + 1) * eta) for j, al in enumerate(alpha))
    y = xi + sum(al * np.sin(2 * (j + 1) * xi) * np.cosh(2 * (j + 1) * eta) for j, al in enumerate(alpha))
    return 500000 + k0 * big_a * x, k0 * big_a * y + (1e7 if south else 0)


class Truth:
    """Roads for cars with their nodes in metres (UTM), directions and turn restrictions."""

    def __init__(self, path, zone):
        self.node, self.way, self.rule, self.blocked = {}, {}, [], set()
        with (gzip.open if str(path).endswith(".gz") else open)(path, "rb") as file:
            self._read(file)
        used = sorted({n for nodes, _ in self.way.values() for n in nodes})
        lon, lat = (np.array([self.node[n][k] for n in used]) for k in (0, 1))
        x, y = utm(lon, lat, zone)
        self.at = {n: (a, b) for n, a, b in zip(used, x, y)}
        self._sample()
        self._index_rules()

    def _read(self, file):
        for _, item in ET.iterparse(file):
            if item.tag == "node":
                barrier = {t.get("v") for t in item.iter("tag") if t.get("k") == "barrier"}
                if barrier & {"bollard", "block", "jersey_barrier", "cycle_barrier", "log"}:
                    self.blocked.add(item.get("id"))
                self.node[item.get("id")] = float(item.get("lon")), float(item.get("lat"))
            elif item.tag == "way":
                tags = {t.get("k"): t.get("v") for t in item.iter("tag")}
                nodes = [n.get("ref") for n in item.iter("nd") if n.get("ref") in self.node]
                if tags.get("highway") in CAR_ROADS and tags.get("area") != "yes" and len(nodes) > 1:
                    self.way[item.get("id")] = nodes, tags
            elif item.tag == "relation":
                self._read_relation(item)
            if item.tag in ("node", "way", "relation"):
                item.clear()

    def _read_relation(self, item):
        tags = {t.get("k"): t.get("v") for t in item.iter("tag")}
        what = tags.get("restriction:motorcar", tags.get("restriction"))
        if tags.get("type") != "restriction" or what is None or "motorcar" in tags.get("except", ""):
            return
        roles = {}
        for member in item.iter("member"):
            roles.setdefault(member.get("role"), []).append((member.get("type"), member.get("ref")))
        via = roles.get("via", [])
        if len(via) != 1 or via[0][0] != "node":
            return  # over ways: judged by nobody here
        for _, start in roles.get("from", []):
            for _, end in roles.get("to", []):
                self.rule.append((item.get("id"), start, via[0][1], end, what.startswith("only_")))

    def _sample(self):
        rows, x, y, dx, dy = [], [], [], [], []
        for way, (nodes, tags) in self.way.items():
            for i in range(len(nodes) - 1):
                (x0, y0), (x1, y1) = self.at[nodes[i]], self.at[nodes[i + 1]]
                length = math.hypot(x1 - x0, y1 - y0)
                count = int(length / EVERY_M) + 1
                for k in range(count if length > 0 else 0):
                    f = (k + 0.5) / count
                    rows.append((way, i))
                    x.append(x0 + f * (x1 - x0))
                    y.append(y0 + f * (y1 - y0))
                    dx.append((x1 - x0) / length)
                    dy.append((y1 - y0) / length)
        self.rows, self.xy = rows, np.stack([x, y], axis=1)
        self.heading = np.stack([dx, dy], axis=1)
        self.tree = cKDTree(self.xy)

    def _index_rules(self):
        self.rules_from = {}
        for rule in self.rule:
            if rule[1] in self.way and rule[3] in self.way and rule[2] in self.at:
                self.rules_from.setdefault(rule[1], []).append(rule)

    def match(self, x, y, dx, dy):
        """(way, segment, +1 along or -1 against its nodes) that a vehicle at a place drives on, or None."""
        best, least = None, 18.0
        distances, found = self.tree.query([x, y], k=24, distance_upper_bound=18.0)
        for distance, k in zip(distances, found):
            if not np.isfinite(distance):
                break
            along = dx * self.heading[k, 0] + dy * self.heading[k, 1]
            if abs(along) < 0.8:
                continue
            way, segment = self.rows[k]
            side = 1 if along > 0 else -1
            open_to = directions_of(self.way[way][1])
            cost = distance + 15 * (1 - abs(along)) + (0 if open_to[side < 0] else WRONG_WAY_M)
            if cost < least:
                best, least = (way, segment, side), cost
        return best

    def directions(self, matched):
        return directions_of(self.way[matched[0]][1])

    def is_open(self, matched):
        return self.directions(matched)[matched[2] < 0]

    def ahead(self, matched, node, within_m=80.0):
        """Whether one that drives there comes to a node of the same way, or comes from it (side reversed)."""
        way, segment, side = matched
        nodes = self.way[way][0]
        i, gone = (segment + 1 if side > 0 else segment), 0.0
        while 0 <= i < len(nodes):
            if nodes[i] == node:
                return True
            j = i + side
            if not 0 <= j < len(nodes):
                return False
            (x0, y0), (x1, y1) = self.at[nodes[i]], self.at[nodes[j]]
            gone += math.hypot(x1 - x0, y1 - y0)
            if gone > within_m:
                return False
            i = j
        return False

    def forbids(self, arrives, leaves, places, ways_out):
        """The restriction that a turn breaks, or None. `places`: the drawn turn; `ways_out`: ways that leave the junction."""
        for rule in self.rules_from.get(arrives[0], []):
            _, _, via, to, is_only = rule
            if not self.ahead(arrives, via):
                continue
            x, y = self.at[via]
            near = np.min(np.hypot(places[:, 0] - x, places[:, 1] - y))
            takes = leaves[0] == to and self.ahead((leaves[0], leaves[1], -leaves[2]), via)
            if rule[1] == to and takes:  # no turning back: another direction of the same way
                takes = leaves[2] != arrives[2]
            if not is_only and takes and near < 40.0:
                return rule
            if is_only and not takes and to in ways_out and near < 12.0:
                return rule
        return None

    def points(self, count, rng):
        """Places (rows of `xy`) on roads that cars may use freely, evenly by length."""
        fit = np.array([any(directions_of(self.way[w][1])) and
                        access_of(self.way[w][1]) not in ("private", "delivery", "customers")
                        and self.way[w][1]["highway"] not in ("service", "track") for w, _ in self.rows])
        return rng.choice(np.flatnonzero(fit), count)

    def joins(self, origins, destinations):
        """joins[o][d]: whether the map's ways lead from one place to the other; one-ways, closed roads and bollards
        count, turn restrictions do not."""
        slot = {n: i for i, n in enumerate(self.at)}
        edges = [[], []]
        for nodes, tags in self.way.values():
            along, against = directions_of(tags)
            for a, b in zip(nodes[:-1], nodes[1:]):
                if a in self.blocked or b in self.blocked:
                    continue
                for is_open, start, end in ((along, a, b), (against, b, a)):
                    if is_open:
                        edges[0].append(slot[start])
                        edges[1].append(slot[end])
        graph = csr_matrix((np.ones(len(edges[0])), edges), shape=(len(slot), len(slot)))
        starts, ends = [], []
        for rows, out, first in ((origins, starts, 1), (destinations, ends, 0)):
            for way, i in (self.rows[k] for k in rows):
                nodes, open_to = self.way[way][0], directions_of(self.way[way][1])
                out.append([slot[nodes[i + (first if d == 0 else 1 - first)]] for d in (0, 1) if open_to[d]])
        sources = sorted({n for s in starts for n in s})
        reached = np.isfinite(dijkstra(graph, indices=sources, unweighted=True))
        row = {n: k for k, n in enumerate(sources)}
        return [[any(reached[row[a], b] for a in s for b in e) for e in ends] for s in starts]
