"""Reading result files of arterial and reference files of sumo_reference, for the scripts of this folder.

Both kinds are read into the same shape, a `Run`: figures of the whole run, `trips` (arrays over trips, sorted by
id), `links` (arrays [interval, link]) and `totals` (arrays over time). Times are seconds from the run's begin.
"""
from pathlib import Path

import h5py
import numpy as np

REFERENCE_SCHEMA = "arterial-sumo-reference"


class ResultError(Exception):
    """A sentence about a file that is not what it should be."""


class Run:
    """One run. `links` belong to `link_id` and to the intervals `begin_s` .. `end_s`."""

    def __init__(self, path):
        self.path = Path(path)
        self.label = self.path.name
        self.seed = None
        self.figures = {}
        self.trips = {}
        self.link_id = []
        self.link_length_m = np.zeros(0)
        self.begin_s = np.zeros(0)
        self.end_s = np.zeros(0)
        self.links = {}
        self.movements = {}  # (from link, to link) -> vehicles per interval
        self.totals = {}
        self.time_units = ""  # of the file's time axis, which begins at offset_s
        self.offset_s = 0.0
        self.map = None  # Drawing, where the file has one

    def aligned(self, name, ids, every_s, until_s):
        """Link variable summed into intervals of `every_s` up to `until_s`, columns in the order of `ids`."""
        if name not in self.links:
            raise ResultError(f"{self.path}: /links has no {name}")
        index = {link: i for i, link in enumerate(self.link_id)}
        missing = [link for link in ids if link not in index]
        if missing:
            raise ResultError(f"{self.path}: has no link {missing[0]} ({len(missing)} links missing)")
        return self.summed(self.links[name][:, [index[link] for link in ids]], every_s, until_s)

    def moved(self, pairs, every_s, until_s):
        """Vehicles of movements, (from link, to link), summed into intervals of `every_s` up to `until_s`."""
        none = np.zeros(len(self.begin_s))
        columns = [self.movements.get(pair, none) for pair in pairs]
        return self.summed(np.array(columns).reshape(len(pairs), len(none)).T, every_s, until_s)

    def summed(self, columns, every_s, until_s):
        """Rows of the file's intervals added up into intervals of `every_s`."""
        count = int(round(until_s / every_s))
        out = np.zeros((count, columns.shape[1]))
        for k, (begin, end) in enumerate(zip(self.begin_s, self.end_s)):
            slot = int(np.floor(begin / every_s + 1e-6))
            if end > (slot + 1) * every_s + 1e-6:
                raise ResultError(f"{self.path}: interval {begin:g}..{end:g} s does not fit into "
                                  f"{every_s:g} s")
            if slot < count:
                out[slot] += np.nan_to_num(columns[k])
        return out


class Drawing:
    """Where links lie: ids and one (n, 2) array of metres each."""

    def __init__(self, link_id, lines):
        self.link_id = list(link_id)
        self.lines = [np.asarray(line, dtype=float) for line in lines]
        self.length_m = self.lanes = np.zeros(0)


def texts(dataset):
    """A text dataset as a list of str, whether strings or a matrix of single bytes."""
    if dataset.dtype.kind == "S" and dataset.ndim == 2:
        return [b"".join(row).rstrip(b"\0 ").decode() for row in dataset[:]]
    return [v.decode() if isinstance(v, bytes) else str(v) for v in dataset[:]]


def attribute_text(item, name, default=""):
    value = item.attrs.get(name, default)
    return value.decode() if isinstance(value, bytes) else str(value)


def attributes(item):
    """All attributes; texts as str."""
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in item.attrs.items()}


def values(dataset):
    """Numbers as float64, fill values as NAN."""
    data = np.asarray(dataset[:], dtype=np.float64)
    fill = dataset.attrs.get("_FillValue")
    if fill is not None:
        fill = float(np.ravel(fill)[0])
        if np.isfinite(fill):
            data[data == fill] = np.nan
    return data


def open_file(path):
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise ResultError(f"{path}: not a readable HDF5 file ({error})") from None


def load(path):
    """A run of either kind."""
    with open_file(path) as file:
        if attribute_text(file, "schema").startswith(REFERENCE_SCHEMA):
            return load_reference(path, file)
        if "links" not in file and "trips" not in file:
            raise ResultError(f"{path}: neither a result of arterial nor a reference file")
        return load_result(path, file)


def load_reference(path, file):
    run = Run(path)
    run.figures = attributes(file)
    run.seed = int(run.figures["seed"])
    run.label = f"SUMO {run.figures['model']} {run.figures['step_s']:g} s"
    group = file["links"]
    run.link_id = texts(group["id"])
    run.link_length_m, run.begin_s, run.end_s = (values(group[n]) for n in ("length_m", "begin_s", "end_s"))
    # SUMO's times are those of the configuration's clock; its first interval begins with the run
    run.offset_s = float(run.begin_s[0]) if len(run.begin_s) else 0.0
    run.begin_s, run.end_s = run.begin_s - run.offset_s, run.end_s - run.offset_s
    for name, dataset in file["trips"].items():
        run.trips[name] = np.array(texts(dataset)) if dataset.dtype.kind == "O" else values(dataset)
    for name in ("planned_s", "insert_s", "arrival_s"):
        run.trips[name] = run.trips[name] - run.offset_s
    for name in ("entered", "left", "departed", "arrived", "sampled_s", "waiting_s", "time_loss_s"):
        run.links[name] = values(group[name])
    run.links["outflow"] = run.links["left"] + run.links["arrived"]
    if "movements" in file:
        group = file["movements"]
        pairs = zip(texts(group["from_link"]), texts(group["to_link"]))
        run.movements = dict(zip(pairs, values(group["count"]).T))
    for name, dataset in file["totals"].items():
        run.totals[name] = values(dataset) - (run.offset_s if name == "time_s" else 0.0)
    return run


# /links variable -> name in Run.links
RESULT_LINKS = {"entered": "entered", "left": "left", "departed": "departed", "arrived": "arrived",
                "vehicle_time": "sampled_s", "waiting_time": "waiting_s", "delay": "time_loss_s",
                "distance": "distance_m", "queue_max": "queue_max_m", "occupancy": "occupancy"}
RESULT_TRIPS = {"depart": "planned_s", "insert": "insert_s", "arrival": "arrival_s",
                "travel_time": "duration_s", "time_loss": "time_loss_s", "waiting_time": "waiting_s",
                "stop_time": "stop_s", "insertion_delay": "depart_delay_s", "route_length": "route_length_m"}


def load_result(path, file):
    run = Run(path)
    run.figures = attributes(file)
    run.label = attribute_text(file, "title") or Path(path).stem
    if "seed" in file.attrs:
        run.seed = int(np.ravel(file.attrs["seed"])[0])
    run.map = load_drawing(file)
    if "links" in file:
        group = file["links"]
        run.link_id = texts(group["link"])
        run.link_length_m = values(group["length"])
        bounds = values(group["time_bnds"])
        run.time_units = attribute_text(group["time"], "units")
        run.offset_s = float(file.attrs.get("begin_s", bounds[0, 0] if len(bounds) else 0.0))
        run.begin_s, run.end_s = bounds[:, 0] - run.offset_s, bounds[:, 1] - run.offset_s
        for name, here in RESULT_LINKS.items():
            if name in group:
                run.links[here] = values(group[name])
        run.links["outflow"] = run.links["left"] + run.links["arrived"]
        check_balance(run)
        if "movements" in file:
            run.movements = link_movements(file["movements"])
    if "trips" in file:
        group = file["trips"]
        trips = {here: values(group[name]) for name, here in RESULT_TRIPS.items() if name in group}
        for name in ("planned_s", "insert_s", "arrival_s"):
            trips[name] -= run.offset_s
        ids = np.array(texts(group["trip"]))
        order = np.argsort(ids, kind="stable")
        run.trips = {name: column[order] for name, column in trips.items()}
        run.trips["id"] = ids[order]
    return run


def link_movements(group):
    """Counts from lane to lane, added up from link to link."""
    ids = texts(group["link"])
    counts = values(group["count"])
    out = {}
    for k, (here, after) in enumerate(zip(group["from_link"][:], group["to_link"][:])):
        pair = ids[here], ids[after]
        out[pair] = out[pair] + counts[:, k] if pair in out else counts[:, k].copy()
    return out


def check_balance(run):
    """No link lets out more vehicles than came in."""
    came = (run.links["entered"] + run.links["departed"]).sum(axis=0)
    went = run.links["outflow"].sum(axis=0)
    wrong = np.flatnonzero((went > came) | (run.links["left"].min(axis=0, initial=0) < 0))
    if len(wrong):
        i = wrong[0]
        raise ResultError(f"{run.path}: link {run.link_id[i]}: {went[i]:.0f} vehicles left, but {came[i]:.0f} came")


def load_drawing(file):
    """The links as /network draws them; None if the file has no drawing."""
    group = file.get("network")
    if group is None or "lane_point_x" not in group:
        return None
    points = np.stack([values(group["lane_point_x"]), values(group["lane_point_y"])], axis=1)
    first = np.concatenate([[0], np.cumsum(group["lane_points"][:].astype(np.int64))])
    lines = [points[first[lane]:first[lane + 1]] for lane in group["link_drawn_lane"][:]]
    drawing = Drawing(texts(group["link"]), lines)
    drawing.length_m = values(group["link_length"])
    drawing.lanes = values(group["link_lanes"])
    return drawing


class LinkPath:
    """A vehicle on one lane of a link: instants, positions, and whether it was last seen there before the end of the
    window, which means that it drove on or changed lanes."""

    def __init__(self, trip, lane, times, positions):
        self.trip, self.lane = trip, lane
        self.time_s, self.position_m = times, positions
        self.leaves = False


def load_trajectories(path, link, begin_s, until_s):
    """Paths on the lanes of a link between two instants, seconds from the run's begin, of a result or a reference."""
    with open_file(path) as file:
        if "trajectories" not in file:
            raise ResultError(f"{path}: has no /trajectories (outputs.trajectories, or sumo_reference --trajectories)")
        is_reference = attribute_text(file, "schema").startswith(REFERENCE_SCHEMA)
        rows = reference_rows(file, link) if is_reference else result_rows(file, link)
    times, trips, lanes, positions = rows
    chosen = (times >= begin_s) & (times <= until_s)
    out, last_lane = [], {}
    order = np.lexsort((times[chosen], trips[chosen]))
    times, trips, lanes, positions = (column[chosen][order] for column in (times, trips, lanes, positions))
    breaks = np.flatnonzero((trips[1:] != trips[:-1]) | (lanes[1:] != lanes[:-1])) + 1
    for part in np.split(np.arange(len(times)), breaks) if len(times) else []:
        piece = LinkPath(trips[part[0]], lanes[part[0]], times[part], positions[part])
        last_lane[piece.trip] = piece
        out.append(piece)
    for piece in last_lane.values():
        piece.leaves = piece.time_s[-1] < until_s - 2.0
    return out


def reference_rows(file, link):
    group = file["trajectories"]
    lanes = np.array(texts(group["lane"]))
    chosen = np.array([lane.rpartition("_")[0] == link for lane in lanes], dtype=bool)
    offset = float(file["links"]["begin_s"][0])
    return (values(group["time_s"])[chosen] - offset, np.array(texts(group["trip"]))[chosen],
            np.array([int(lane.rpartition("_")[2]) for lane in lanes[chosen]], dtype=int),
            values(group["position_m"])[chosen])


def result_rows(file, link):
    group = file["trajectories"]
    ids = texts(group["lane"])
    # connectors are called from>to; links' own lanes link_index
    index = {k: int(lane.rpartition("_")[2]) for k, lane in enumerate(ids)
             if ">" not in lane and lane.rpartition("_")[0] == link}
    lanes = group["obs_lane"][:]
    chosen = np.isin(lanes, list(index))
    trips = np.repeat(np.array(texts(group["trajectory"])), group["row_size"][:])
    begin = float(file.attrs.get("begin_s", 0.0))
    return (values(group["obs_time"])[chosen] - begin, trips[chosen],
            np.array([index[lane] for lane in lanes[chosen]], dtype=int), values(group["position"])[chosen])
