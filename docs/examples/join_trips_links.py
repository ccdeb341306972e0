#!/usr/bin/python3
"""Joins the trips of a run with the links that they started on.

    docs/examples/join_trips_links.py bologna.h5 [-o origins.csv]

How full was the first link of each trip when the trip wanted to start, and how long did it wait outside the network?
`/trips` names links by their index in the axis `link`, which is the same in `/links`; `/links` is looked up at the
interval that the planned departure lies in. Prints the links with the longest waits; -o writes all of them.

Needs python3-xarray and python3-netcdf4 (or python3-h5netcdf).
"""
import argparse
import signal
import sys

import xarray as xr


def join(path, engine=None):
    """One row per trip: id of its first link, wait outside, density and speed there at its departure."""
    links = xr.open_dataset(path, group="links", engine=engine)
    trips = xr.open_dataset(path, group="trips", engine=engine)

    # Intervals are labelled by their begin: the one that a departure lies in is the last that began before it.
    interval = links.indexes["time"].get_indexer(trips["depart"].values, method="pad")
    inside = (interval >= 0) & (trips["depart"].values < links["time_bnds"].values[interval, 1])
    trips, interval = trips.isel(trip=inside), interval[inside]

    when = xr.DataArray(interval, dims="trip")
    where = trips["origin"].astype(int)
    return xr.Dataset({
        "origin": trips["link"].isel(link=where).drop_vars("link"),
        "insertion_delay": trips["insertion_delay"],
        "density": links["density"].isel(time=when, link=where).drop_vars(["time", "link"]),
        "speed": links["speed"].isel(time=when, link=where).drop_vars(["time", "link"]),
    })


def by_origin(table):
    """One row per first link, the longest mean wait first."""
    frame = table[["origin", "insertion_delay", "density", "speed"]].to_dataframe()
    frame = frame[["origin", "insertion_delay", "density", "speed"]]
    groups = frame.groupby("origin")
    result = groups.mean()
    result.insert(0, "trips", groups.size())
    return result.sort_values(["insertion_delay", "trips"], ascending=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", help="result file of arterial run")
    parser.add_argument("-o", "--output", help="CSV file for all links")
    arguments = parser.parse_args()
    origins = by_origin(join(arguments.result))
    print(origins.head(10).to_string(float_format="%.2f"))
    if arguments.output:
        origins.to_csv(arguments.output, float_format="%.6g")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end quietly after "... | head"
    sys.exit(main())
