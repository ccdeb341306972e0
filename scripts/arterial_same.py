#!/usr/bin/python3
"""Whether result files hold the same.    scripts/arterial_same.py A.h5 B.h5

Compares every group, dataset (type, shape, every bit) and attribute, in their order, but not the attributes of /provenance,
which say who made a file, where and when. Exit code 0: the same; 1: what differs is printed.
"""
import sys

import h5py
import numpy as np

VOLATILE = "provenance"
REFERENCES = ("DIMENSION_LIST", "REFERENCE_LIST")  # addresses; the names of axes are compared instead


def _same_values(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind in "OSU":
        return bool(np.all(a == b))
    return a.tobytes() == b.tobytes()  # bits, so that NaN equals NaN and 0 does not equal -0


def _compare_attributes(a, b, name, found):
    if list(a.attrs) != list(b.attrs):
        found.append(f"{name}: attributes {sorted(set(a.attrs) ^ set(b.attrs)) or 'in another order'}")
        return
    if name.strip("/") == VOLATILE:
        return
    found.extend(f"{name}: attribute {key}" for key in a.attrs
                 if key not in REFERENCES and not _same_values(a.attrs[key], b.attrs[key]))


def _axes(dataset):
    return [[scale.name for scale in axis.values()] for axis in dataset.dims]


def _compare(a, b, name, found):
    _compare_attributes(a, b, name, found)
    if isinstance(a, h5py.Dataset) != isinstance(b, h5py.Dataset):
        found.append(f"{name}: a dataset in one, a group in the other")
    elif isinstance(a, h5py.Dataset):
        if a.dtype != b.dtype or a.shape != b.shape:
            found.append(f"{name}: {a.dtype}{a.shape} and {b.dtype}{b.shape}")
        elif _axes(a) != _axes(b):
            found.append(f"{name}: axes {_axes(a)} and {_axes(b)}")
        elif not _same_values(a[()], b[()]):
            found.append(f"{name}: values")
    elif list(a) != list(b):
        found.append(f"{name}: members {sorted(set(a) ^ set(b)) or 'in another order'}")
    else:
        for key in a:
            _compare(a[key], b[key], f"{name.rstrip('/')}/{key}", found)


def differences(first, second):
    """What differs between two files, one sentence each."""
    found = []
    with h5py.File(first) as a, h5py.File(second) as b:
        _compare(a, b, "/", found)
    return found


def main():
    if len(sys.argv) != 3:
        print(__doc__.split("\n\n")[0], file=sys.stderr)
        return 2
    found = differences(sys.argv[1], sys.argv[2])
    print("\n".join(found) if found else "the same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
