#!/usr/bin/python3
"""The committed reference is what the program prints today.

After a change of the tables, for each PART and FILE below: arterial reference PART > docs/reference/FILE
"""
import difflib
import os
import pathlib
import subprocess
import sys

SKIPPED = 77
# part of `arterial reference` -> file, and texts that show that its tables are not empty
PARTS = {
    "configuration": ("configuration.md", ("`time.step`", "`interventions`", "`holdout.share`", "`durations`", "`seeds`")),
    "types": ("parameters.md", ("`time_gap_s`", "`lc_speed_gain`", "`iidm`", "`passenger`")),
    "results": ("results.md", ("`travel_time`", "`queue_max`", "## /trips", "## /links", "`mean_travel_time_s`")),
}


def is_current(program, folder, part):
    name, wanted = PARTS[part]
    run = subprocess.run([program, "reference", part], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, f"arterial reference {part}: exit code {run.returncode}\n{run.stderr}"
    for text in wanted:
        assert text in run.stdout, f"{text} is not in the reference of {part}"
    committed = folder / name
    old = committed.read_text(encoding="utf-8")
    if old == run.stdout:
        print(f"docs/reference/{name} is what the program prints")
        return True
    sys.stdout.writelines(
        difflib.unified_diff(old.splitlines(True), run.stdout.splitlines(True), str(committed), "the program")
    )
    print(f"docs/reference/{name} is out of date; write it again with 'arterial reference {part}'")
    return False


def main():
    program = os.environ.get("ARTERIAL", "")
    if not program or not os.path.exists(program):
        print("ARTERIAL names no program: skipped")
        return SKIPPED
    source = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
    current = [is_current(program, source / "docs" / "reference", part) for part in PARTS]
    return 0 if all(current) else 1


if __name__ == "__main__":
    sys.exit(main())
