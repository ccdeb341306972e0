"""Drawings that the scripts of this folder share: maps of links and comparisons of runs."""
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.collections import LineCollection  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402

# Okabe and Ito's colours, told apart by colour-blind readers too
BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#8C8C8C", "#222222"
BASE = "#D9D9D9"

plt.rcParams.update({
    "font.size": 9, "axes.titlesize": 11, "axes.labelsize": 9, "axes.spines.top": False,
    "axes.spines.right": False, "axes.edgecolor": "#555555", "axes.labelcolor": INK, "text.color": INK,
    "xtick.color": "#555555",
    "ytick.color": "#555555", "legend.frameon": False, "savefig.dpi": 160, "figure.dpi": 100,
    "axes.grid": True, "grid.color": "#E8E8E8", "grid.linewidth": 0.8, "axes.axisbelow": True,
})


def save(figure, path):
    """PNG without a time stamp, so that equal inputs give equal files."""
    figure.savefig(path, metadata={"Software": None}, facecolor="white")
    plt.close(figure)
    return path


def robust_limits(values, symmetric=False, low=2.0, high=98.0):
    """Limits of a colour scale that a few extreme links do not spoil; zero belongs to non-negative data."""
    values = values[np.isfinite(values)]
    if not values.size:
        return (-1.0, 1.0) if symmetric else (0.0, 1.0)
    if symmetric:
        bound = float(np.percentile(np.abs(values), high)) or float(np.max(np.abs(values))) or 1.0
        return -bound, bound
    lowest, highest = np.percentile(values, [low, high])
    if values.min() >= 0:
        lowest = 0.0
    if highest <= lowest:
        highest = values.max() if values.max() > lowest else lowest + 1.0
    return float(lowest), float(highest)


def round_below(x):
    """The largest of 1, 2, 5 x 10^n that is not above x."""
    power = 10.0 ** np.floor(np.log10(x))
    return float(max(m * power for m in (1, 2, 5) if m * power <= x * 1.0001))


def scale_bar(ax, extent):
    """A bar of a round length, bottom left; `extent` is (x0, x1, y0, y1) in metres."""
    x0, x1, y0, y1 = extent
    length = round_below(0.22 * (x1 - x0))
    x, y = x0 + 0.02 * (x1 - x0), y0 + 0.025 * (y1 - y0)
    tick = 0.008 * (y1 - y0)
    ax.plot([x, x, x + length, x + length], [y + tick, y, y, y + tick], color=INK, lw=1.4,
            solid_capstyle="butt", solid_joinstyle="miter")
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    ax.text(x + length / 2, y + 1.5 * tick, label, ha="center", va="bottom", fontsize=8)


def north_arrow(ax):
    """Up is north in projected coordinates."""
    ax.annotate("", xy=(0.975, 0.985), xytext=(0.975, 0.915), xycoords="axes fraction",
                arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.4, "mutation_scale": 13})
    ax.text(0.975, 0.905, "N", transform=ax.transAxes, ha="center", va="top", fontsize=9, fontweight="bold")


def map_axes(lines, height=7.0):
    """A figure in the shape of the network, with room for a colour bar at the right."""
    points = np.concatenate(lines)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    pad = 0.03 * max(x1 - x0, y1 - y0, 1.0)
    extent = (x0 - pad, x1 + pad, y0 - pad, y1 + pad)
    aspect = (extent[1] - extent[0]) / (extent[3] - extent[2])
    width = float(np.clip(height * aspect, 5.0, 12.0))
    figure = plt.figure(figsize=(width + 1.3, width / aspect + 0.8))
    total_w, total_h = figure.get_size_inches()
    ax = figure.add_axes([0.15 / total_w, 0.12 / total_h, width / total_w, width / aspect / total_h])
    bar = figure.add_axes([(width + 0.35) / total_w, 0.12 / total_h + 0.25 * width / aspect / total_h,
                           0.16 / total_w, 0.55 * width / aspect / total_h])
    ax.set_xlim(extent[0], extent[1])
    ax.set_ylim(extent[2], extent[3])
    ax.set_aspect("equal")
    ax.set_axis_off()
    return figure, ax, bar, extent


def link_widths(amount, limit, thin=0.9, thick=5.5):
    """Line widths in points; the area of a line, not its square, follows the amount."""
    share = np.clip(np.nan_to_num(np.abs(amount)) / (limit or 1.0), 0.0, 1.0)
    return thin + (thick - thin) * share


def shifted(line, distance):
    """A line moved to the right of its direction (left if negative), corners mitred."""
    steps = np.diff(line, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    keep = lengths > 1e-9
    if not keep.any():
        return line
    line = np.concatenate([line[:1], line[1:][keep]])
    steps = steps[keep] / lengths[keep][:, None]
    right = np.stack([steps[:, 1], -steps[:, 0]], axis=1)
    normal = np.concatenate([right[:1], right[:-1] + right[1:], right[-1:]])
    size = np.hypot(normal[:, 0], normal[:, 1])
    normal[size > 1e-9] /= size[size > 1e-9][:, None]
    # a mitre grows with the corner; four times the shift is enough
    cosine = np.concatenate([[1.0], np.sum(normal[1:-1] * right[:-1], axis=1), [1.0]])
    return line + distance * normal / np.maximum(cosine, 0.25)[:, None]


def opposite_of(lines):
    """For each line the one that runs back between the same places, or -1."""
    ends = np.array([[line[0], line[-1]] for line in lines])
    lengths = np.array([np.sum(np.hypot(*np.diff(line, axis=0).T)) for line in lines])
    out = np.full(len(lines), -1)
    for i in range(len(lines)):
        there = np.hypot(*(ends[:, 0] - ends[i, 1]).T)
        back = np.hypot(*(ends[:, 1] - ends[i, 0]).T)
        worst = np.maximum(there, back)
        worst[i] = np.inf
        j = int(np.argmin(worst))
        if worst[j] < min(30.0, 0.5 * lengths[i]):
            out[i] = j
    return out


def gap_to_right(line, other):
    """Distance from the middle of a line to another line; positive if that lies to the left."""
    k = max(len(line) // 2, 1)
    middle, along = (line[k - 1] + line[k]) / 2, line[k] - line[k - 1]
    a, b = other[:-1], other[1:]
    step = b - a
    square = np.maximum(np.sum(step * step, axis=1), 1e-12)
    share = np.clip(np.sum((middle - a) * step, axis=1) / square, 0, 1)
    away = a + share[:, None] * step - middle
    nearest = away[np.argmin(np.hypot(away[:, 0], away[:, 1]))]
    distance = float(np.hypot(*nearest))
    return distance if along[0] * nearest[1] - along[1] * nearest[0] >= 0 else -distance


def apart(lines, widths_m, clearance_m):
    """Moves the two directions of a street so far apart that their lines, as wide as drawn, do not overlap."""
    lines = [np.asarray(line, dtype=float) for line in lines]
    out = list(lines)
    for i, j in enumerate(opposite_of(lines)):
        if j < 0:
            continue
        gap = gap_to_right(lines[i], lines[j])
        missing = (widths_m[i] + widths_m[j]) / 2 + clearance_m - abs(gap)
        if missing > 0:
            out[i] = shifted(lines[i], missing / 2 if gap >= 0 else -missing / 2)
    return out


def draw_map(lines, values, path, title, subtitle="", label="", diverging=False, colours=None, limits=None,
             width_values=None, width_label="", note=""):
    """Draws links coloured by `values` and as wide as `width_values` (the values themselves if None).
    `lines`: one (n, 2) array of metres a link. Links without a value are grey."""
    values = np.asarray(values, dtype=float)
    limits = limits or robust_limits(values, symmetric=diverging)
    own_width = width_values is None
    amount = np.asarray(values if own_width else width_values, dtype=float)
    width_limit = max(abs(limits[0]), abs(limits[1])) if own_width else robust_limits(amount)[1]
    figure, ax, bar_axes, extent = map_axes(lines)
    known = np.isfinite(values)
    widths = link_widths(amount, width_limit)
    metres_per_point = (extent[1] - extent[0]) / (ax.get_position().width * figure.get_size_inches()[0] * 72)
    lines = apart(lines, np.where(known, widths, 1.0) * metres_per_point, metres_per_point)
    shape = {"capstyle": "round", "joinstyle": "round"}
    ax.add_collection(LineCollection(lines, colors=BASE, linewidths=1.0, zorder=1, **shape))
    # what matters most is drawn last
    weight = np.abs(values) if diverging or own_width else np.nan_to_num(amount)
    order = [i for i in np.argsort(np.nan_to_num(weight), kind="stable") if known[i]]
    colours = colours or ("RdBu_r" if diverging else "viridis_r")
    drawn = [lines[i] for i in order]
    collection = LineCollection(drawn, cmap=colours, zorder=2, linewidths=widths[order], **shape)
    # a dark rim keeps pale colours readable on white
    rim = LineCollection(drawn, colors="#4A4A4A", zorder=1.5, linewidths=widths[order] + 0.7, **shape)
    collection.set_array(values[order])
    collection.set_clim(*limits)
    ax.add_collection(rim)
    ax.add_collection(collection)
    finite = values[known]
    extend = "neither"
    if finite.size:
        below, above = finite.min() < limits[0] - 1e-9, finite.max() > limits[1] + 1e-9
        extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[int(below), int(above)]
    bar = figure.colorbar(collection, cax=bar_axes, extend=extend)
    bar.set_label(label)
    bar.outline.set_visible(False)
    bar_axes.grid(False)
    if not own_width and width_limit > 0:
        steps = [round_below(width_limit * s) for s in (0.25, 1.0)]
        handles = [Line2D([], [], color=GREY, lw=float(link_widths(np.array([s]), width_limit)[0]),
                          label=f"{s:g}", solid_capstyle="round") for s in dict.fromkeys(steps)]
        figure.legend(handles=handles, title=width_label, loc="lower right", fontsize=8, title_fontsize=8,
                      alignment="left", borderaxespad=0.8)
    scale_bar(ax, extent)
    north_arrow(ax)
    height = figure.get_size_inches()[1]
    figure.text(0.02, 1 - 0.22 / height, title, fontsize=12, fontweight="bold", va="center")
    if subtitle:
        figure.text(0.02, 1 - 0.46 / height, subtitle, fontsize=9, va="center", color="#555555")
    if note:
        ax.text(0.02, 0.99, note, transform=ax.transAxes, fontsize=8, va="top", color="#555555")
    return save(figure, path)


def state_over_time(run, grid):
    """Planned, inserted and arrived trips up to each instant."""
    out = []
    for name in ("planned_s", "insert_s", "arrival_s"):
        times = np.sort(run.trips[name][np.isfinite(run.trips[name])])
        out.append(np.searchsorted(times, grid, side="right"))
    return out


def band(ax, grid, rows, colour, label):
    rows = np.array(rows)
    ax.fill_between(grid / 60, rows.min(axis=0), rows.max(axis=0), color=colour, alpha=0.18, lw=0)
    ax.plot(grid / 60, rows.mean(axis=0), color=colour, lw=1.8, label=label)


def comparison(ours, theirs, figures, args, folder):
    """All pictures of compare_sumo; returns their paths."""
    folder = Path(folder)
    paths = [flow_scatter(ours, theirs, args, folder / "link_flows.png"),
             over_time(ours, theirs, folder / "arrivals.png", "arrivals"),
             over_time(ours, theirs, folder / "running.png", "running")]
    if any(len(run.begin_s) > 1 for run in ours.runs):
        paths.append(queues(ours, theirs, figures, folder / "queues.png"))
    if any(not row["inside"] for rows in figures["ratios"].values() for row in rows):
        paths.append(outside_band(ours, theirs, figures, args, folder / "outside_band.png"))
    drawing = next((run.map for side in (ours, theirs) for run in side.runs if run.map is not None), None)
    if drawing is not None:
        paths.append(time_map(ours, theirs, args, drawing, folder / "travel_time_map.png"))
    return paths


def flow_scatter(ours, theirs, args, path):
    a, b = ours.outflow.mean(axis=0), theirs.outflow.mean(axis=0)
    chosen = b >= args.min_vehicles
    figure, ax = plt.subplots(figsize=(5.4, 5.2), constrained_layout=True)
    top = 1.05 * max(a.max(), b.max(), 1.0)
    ax.plot([0, top], [0, top], color=GREY, lw=1)
    ax.fill_between([0, top], [0, 0.95 * top], [0, 1.05 * top], color=GREY, alpha=0.15, lw=0,
                    label="within 5 %")
    ax.scatter(b[~chosen], a[~chosen], s=7, color=GREY, alpha=0.5, lw=0,
               label=f"fewer than {args.min_vehicles:g}")
    colours = plt.get_cmap("viridis")(np.linspace(0.05, 0.9, len(a)))
    for k in range(len(a)):
        ax.scatter(b[k][chosen[k]], a[k][chosen[k]], s=13, color=colours[k], alpha=0.8, lw=0,
                   label=f"{k * args.every / 60:g}-{(k + 1) * args.every / 60:g} min")
    r = np.corrcoef(a[chosen], b[chosen])[0, 1] if chosen.sum() > 1 else np.nan
    median = np.median(np.abs(a - b)[chosen] / b[chosen]) if chosen.any() else np.nan
    ax.set(xlim=(0, top), ylim=(0, top), aspect="equal",
           xlabel=f"{theirs.name}, vehicles per {args.every:g} s",
           ylabel=f"{ours.name}, vehicles per {args.every:g} s")
    ax.set_title("Vehicles leaving each link", loc="left", fontweight="bold")
    ax.text(0.97, 0.04, f"r = {r:.4f}\nmedian |difference| = {100 * median:.1f} %\n{int(chosen.sum())} pairs",
            transform=ax.transAxes, ha="right", va="bottom")
    ax.legend(loc="upper left", fontsize=8, markerscale=1.5)
    return save(figure, path)


def over_time(ours, theirs, path, what):
    last = max(np.nanmax(run.trips["arrival_s"]) for side in (ours, theirs) for run in side.runs)
    grid = np.arange(0, last + 30, 15.0)
    figure, ax = plt.subplots(figsize=(7.2, 4.2), constrained_layout=True)
    for side, colour in ((theirs, ORANGE), (ours, BLUE)):
        states = [state_over_time(run, grid) for run in side.runs]
        seeds = f"{side.name}, {len(side.runs)} seed{'s' if len(side.runs) != 1 else ''}"
        if what == "arrivals":
            band(ax, grid, [arrived for _, _, arrived in states], colour, seeds)
        else:
            running = [inserted - arrived for _, inserted, arrived in states]
            band(ax, grid, running, colour, f"{seeds}, on the road")
            waiting = np.mean([planned - inserted for planned, inserted, _ in states], axis=0)
            ax.plot(grid / 60, waiting, color=colour, lw=1.2, ls=(0, (4, 2)), label="waiting to enter")
    if what == "arrivals":
        planned = state_over_time(theirs.runs[0], grid)[0]
        ax.plot(grid / 60, planned, color=GREY, lw=1.2, ls=(0, (4, 2)), label="planned departures")
        ax.set_title("Trips that have arrived", loc="left", fontweight="bold")
    else:
        ax.set_title("Vehicles in the network", loc="left", fontweight="bold")
    ax.set(xlabel="time (min)", ylabel="trips" if what == "arrivals" else "vehicles", xlim=(0, grid[-1] / 60))
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=8)
    ax.text(1.0, 1.02, "band: lowest and highest seed", transform=ax.transAxes, ha="right", fontsize=8,
            color="#555555")
    return save(figure, path)


def queues(ours, theirs, figures, path, count=6):
    """Standing vehicles over time on the links that differ most: what explains a difference of travel times.
    Both sides are averaged over the longest interval in the files, 5 min or more, so that red phases do not show."""
    runs = ours.runs + theirs.runs
    every = max(300.0, max(float((run.end_s - run.begin_s).max()) for run in runs))
    links = [row["link"] for row in figures["links"][:count]]
    last = max(np.nanmax(run.trips["arrival_s"]) for run in runs)
    minutes = (np.arange(np.ceil(last / every)) + 0.5) * every / 60
    columns = 2 if len(links) > 1 else 1
    rows = -(-len(links) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.2 * columns, 2.0 * rows + 0.6), sharex=True, squeeze=False,
                                constrained_layout=True)
    for side, colour in ((theirs, ORANGE), (ours, BLUE)):
        for k, run in enumerate(side.runs):
            counts = run.aligned("waiting_s", links, every, len(minutes) * every) / every
            for i, link in enumerate(links):
                ax = axes[i // columns, i % columns]
                ax.plot(minutes, counts[:, i], color=colour, lw=1.0, alpha=0.75, label=side.name if k == 0 else None)
    for ax, link in zip(axes.flat, links):
        ax.set_title(link, loc="left", fontsize=9)
        ax.set(xlim=(0, last / 60), ylim=(0, max(1.05 * ax.dataLim.y1, 1.0)))
    for ax in axes.flat[len(links):]:
        ax.set_axis_off()
    for ax in axes[-1]:
        ax.set_xlabel("time (min)")
    axes[0, 0].legend(fontsize=8, loc="upper left")
    figure.suptitle("Standing vehicles on the links that differ most, each seed", x=0.01, ha="left", fontweight="bold",
                    fontsize=11)
    return save(figure, path)


def outside_band(ours, theirs, figures, args, path, count=10):
    """Why ratios of places are outside the band: vehicles that left the approach so far (solid) and vehicles standing on
    it (dashed), every seed. Parting solid lines are a difference of capacity; a queue with equal outflow is one of
    arrivals or of storage farther on."""
    links = []
    for row in (row for key in ("movements", "delay", "standing") for row in figures["ratios"][key]
                if not row["inside"]):
        link = row["place"].split(" > ")[0]
        if link not in links and link in ours.ids:
            links.append(link)
    worst = {row["link"]: abs(row["vehicle_hours_difference"]) for row in figures["links"]}
    links = sorted(links, key=lambda link: -worst.get(link, 0.0))[:count]
    columns = 2 if len(links) > 1 else 1
    rows = -(-len(links) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.6 * columns, 2.1 * rows + 0.6), sharex=True, squeeze=False,
                                constrained_layout=True)
    minutes = np.arange(1, int(round(args.until / args.every)) + 1) * args.every / 60
    for i, link in enumerate(links):
        ax = axes[i // columns, i % columns]
        other = ax.twinx()
        other.spines["right"].set_visible(True)
        other.grid(False)
        for side, colour in ((theirs, ORANGE), (ours, BLUE)):
            k = side.ids.index(link)
            for n in range(len(side.runs)):
                ax.plot(minutes, np.cumsum(side.outflow[n, :, k]), color=colour, lw=1.2,
                        label=side.name if n == 0 else None)
                other.plot(minutes - args.every / 120, side.waiting_s[n, :, k] / args.every, color=colour, lw=0.9,
                           ls=(0, (4, 2)))
        ax.set_ylim(bottom=0)
        other.set_ylim(bottom=0)
        ax.set_title(link, loc="left", fontsize=9)
    for ax in axes.flat[len(links):]:
        ax.set_axis_off()
    for ax in axes[-1]:
        ax.set_xlabel("time (min)")
    axes[0, 0].legend(fontsize=8, loc="upper left")
    figure.suptitle("Approaches outside the band: vehicles that left (solid, left scale), standing (dashed, right scale)",
                    x=0.01, ha="left", fontweight="bold", fontsize=10)
    return save(figure, path)


def time_map(ours, theirs, args, drawing, path):
    """Difference of the time that a vehicle spends on each link."""
    index = {link: i for i, link in enumerate(drawing.link_id)}
    lines = drawing.lines
    values, flow = np.full(len(lines), np.nan), np.full(len(lines), np.nan)
    mine, other = ours.outflow.sum(axis=1).mean(axis=0), theirs.outflow.sum(axis=1).mean(axis=0)
    for k, link in enumerate(ours.ids):
        if mine[k] >= args.min_vehicles and other[k] >= args.min_vehicles and link in index:
            values[index[link]] = (ours.vehicle_s[:, :, k].sum(axis=1).mean() / mine[k]
                                   - theirs.vehicle_s[:, :, k].sum(axis=1).mean() / other[k])
            flow[index[link]] = other[k] * 3600 / args.until
    return draw_map(lines, values, path, f"Time on each link: {ours.name} minus {theirs.name}",
                    f"first {args.until / 60:g} min, mean of {len(ours.runs)} and {len(theirs.runs)} seeds; "
                    f"grey: fewer than {args.min_vehicles:g} vehicles",
                    label="difference per vehicle (s)", diverging=True, width_values=flow,
                    width_label=f"{theirs.name}, vehicles/h")


def approach(sides, args):
    """Way over time of vehicles on one link: one row of panels a lane, one column a simulator."""
    lanes = sorted({piece.lane for _, pieces in sides for piece in pieces})
    top = max(piece.position_m.max() for _, pieces in sides for piece in pieces)
    figure, axes = plt.subplots(len(lanes), len(sides), figsize=(4.7 * len(sides), 2.3 * len(lanes) + 0.7), sharex=True,
                                sharey=True, squeeze=False, constrained_layout=True)
    for column, (name, pieces) in enumerate(sides):
        colour = BLUE if column == 0 else ORANGE
        for row, lane in enumerate(lanes):
            ax = axes[row, column]
            here = [piece for piece in pieces if piece.lane == lane]
            ax.add_collection(LineCollection([np.column_stack([p.time_s, p.position_m]) for p in here], colors=colour,
                                             linewidths=0.7))
            ax.set(xlim=(args.begin, args.until), ylim=(0, 1.02 * top))
            left = sum(piece.leaves for piece in here)
            ax.set_title(f"{name}, lane {lane}: {left} left", loc="left", fontsize=9)
            if column == 0:
                ax.set_ylabel("position (m)")
    for ax in axes[-1]:
        ax.set_xlabel("time (s)")
    figure.suptitle(args.title or f"Link {args.link}", x=0.01, ha="left", fontweight="bold", fontsize=10)
    figure.savefig(args.output, metadata={"Software": None}, facecolor="white", dpi=110)
    plt.close(figure)
    return args.output
