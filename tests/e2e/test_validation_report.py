#!/usr/bin/python3
"""scripts/validation_report: collects comparisons of test programs, writes a stable report, notices what has changed.

Works on a small build folder of its own: two scripts stand in for test programs.
"""
import os
import pathlib
import stat
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("ARTERIAL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
REPORT = SOURCE / "scripts" / "validation_report"

# case, what, unit, expected, obtained, tolerance, gate, state
FIRST = [("V24", "late case", "s", "9.6", "9.60000012", "1e-06", "hard", "pass"),
         ("V07", "a | b", "m", "1 to 2", "1.5", "", "soft", "pass")]
SECOND = [("V07", "second program", "m/s", "20", "19.123456789", "0.1", "soft", "fail")]


def call(*arguments, expected=0):
    command = [str(REPORT), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == expected, f"{command}: exit code {run.returncode}\n{run.stdout}{run.stderr}"
    return run.stdout


def write_program(path, rows, code=0):
    lines = "".join("\t".join(row) + "\n" for row in rows)
    path.write_text(f"#!/bin/sh\nprintf '%s' '{lines}' >> \"$ARTERIAL_VALIDATION_REPORT\"\nexit {code}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def write_build(folder, programs):
    """What CTest needs to list tests: their names, commands and labels."""
    text = ""
    for name, path in programs.items():
        text += f'add_test(validation/test_{name} "{path}")\n'
        text += f'set_tests_properties(validation/test_{name} PROPERTIES LABELS validation)\n'
    (folder / "CTestTestfile.cmake").write_text(text)


def check_report(folder):
    b, a = folder / "b_program", folder / "a_program"
    write_program(b, FIRST)
    write_program(a, SECOND)
    write_build(folder, {"b": b, "a": a})
    report, notes = folder / "validation.md", folder / "notes"
    notes.mkdir()
    (notes / "V07.md").write_text("Why the second program misses.\n")
    (notes / "V50.md").write_text("Not compared, but explained.\n")
    arguments = ("--build", folder, "-o", report, "--notes", notes)
    call(*arguments)
    text = report.read_text()
    order = [text.index(part) for part in ("### V07", "| second program", "a \\| b", "Why the second", "### V24",
                                           "### V50", "but explained", "## Not covered")]
    assert order == sorted(order), text
    assert "| cases compared | 2 of 72 |" in text and "| soft comparisons | 2, 1 passed |" in text, text
    assert "| second program | 20 | 19.12 | m/s | 0.1 | soft | miss |" in text, text
    assert "- V07, soft: second program" in text and "- V50 " in text, text
    call(*arguments)
    assert report.read_text() == text, "the second report is another one"

    call(*arguments, "--check")
    write_program(a, [(*SECOND[0][:4], "19.11", *SECOND[0][5:])])  # within what may move
    call(*arguments, "--check")
    assert report.read_text() == text, "--check wrote"
    write_program(a, [(*SECOND[0][:4], "19.99", "0.1", "soft", "pass")])
    assert "+ V07 | second program" in call(*arguments, "--check", expected=1)
    write_program(a, [], code=77)
    assert "without a, skipped" in call(*arguments, "--check"), "what was skipped counts as a difference"
    write_program(a, [])
    assert "- V07 | second program" in call(*arguments, "--check", expected=1)


def check_failures(folder):
    report, notes = folder / "failing.md", folder / "none"
    program = folder / "failing"
    write_program(program, [("V01", "wrong", "m", "1", "2", "0.1", "hard", "fail")], code=1)
    write_build(folder, {"failing": program})
    arguments = ("--build", folder, "-o", report, "--notes", notes)
    call(*arguments, expected=1)
    text = report.read_text()
    assert "| hard | **fail** |" in text and "`failing` ended with an error" in text, text
    write_program(program, [("V99", "no such case", "m", "1", "1", "0.1", "hard", "pass")])
    call(*arguments, expected=1)
    assert report.read_text() == text, "a broken run must not replace the report"
    call("--check", "--only", "x", expected=2)


def check_closed_pipe():
    """A reader that goes away early makes no traceback, and leaves the exit code as it is."""
    program = ("import sys; sys.path.insert(0, sys.argv[1]); import arterial_pipe\n"
               "def main():\n    for i in range(100000): print(i)\n    return 6\n"
               "sys.exit(arterial_pipe.run(main))")
    command = [sys.executable, "-c", program, str(SOURCE / "scripts")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        run.stdout.readline()
        run.stdout.close()
        errors = run.stderr.read()
    assert run.returncode == 6 and not errors, (run.returncode, errors)
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 6 and run.stdout.endswith("99999\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_report(pathlib.Path(folder))
        check_failures(pathlib.Path(folder))
    check_closed_pipe()
    print("validation_report: order, notes, digits, --check and failures as documented")
    return 0


if __name__ == "__main__":
    sys.exit(main())
