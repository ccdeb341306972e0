#!/usr/bin/python3
"""The committed reference of configuration keys is what the program prints today.

After a change of the tables: arterial reference configuration > docs/reference/configuration.md
"""
import difflib
import os
import pathlib
import subprocess
import sys

SKIPPED = 77


def main():
    program = os.environ.get("ARTERIAL", "")
    if not program or not os.path.exists(program):
        print("ARTERIAL names no program: skipped")
        return SKIPPED
    source = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
    committed = source / "docs" / "reference" / "configuration.md"
    run = subprocess.run([program, "reference", "configuration"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, f"arterial reference configuration: exit code {run.returncode}\n{run.stderr}"
    for key in ("`time.step`", "`interventions`", "`holdout.share`", "`durations`", "`seeds`"):
        assert key in run.stdout, f"{key} is not in the reference"
    old = committed.read_text(encoding="utf-8")
    if old != run.stdout:
        sys.stdout.writelines(
            difflib.unified_diff(old.splitlines(True), run.stdout.splitlines(True), str(committed), "the program")
        )
        print("docs/reference/configuration.md is out of date; write it again with 'arterial reference configuration'")
        return 1
    print("docs/reference/configuration.md is what the program prints")
    return 0


if __name__ == "__main__":
    sys.exit(main())
