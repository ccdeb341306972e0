#!/usr/bin/python3
"""The first run of the README, command by command: what it promises of the last line is what comes."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
PROGRAM = pathlib.Path(os.environ["ARTERIAL"])
ROOT = pathlib.Path(os.environ["ARTERIAL_SOURCE_DIR"])
NETWORK = "/usr/share/sumo/tools/sumolib/scenario/scenarios/RealWorld/joined"


def first_run(text):
    """(commands without the line that sets up, the summary's beginning as the text has it)."""
    section = text.split("## A first run", 1)[1].split("\n## ", 1)[0]
    commands = re.search(r"```sh\n(.*?)```", section, re.DOTALL).group(1).splitlines()
    setup = [line for line in commands if line.startswith("scripts/setup")]
    assert len(setup) == 1, commands
    promised = re.search(r"`(inserted=[^`]*?) \.\.\.`", " ".join(section.split())).group(1)
    assert "mean_travel_time_s=" in promised, promised
    return [line for line in commands if line not in setup], promised


def main():
    if not pathlib.Path(NETWORK).is_dir():
        print(f"SKIPPED: {NETWORK} is not there (package sumo-tools)")
        return SKIPPED
    commands, promised = first_run((ROOT / "README.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{PROGRAM.parent}:{ROOT / 'scripts'}:/usr/bin:{os.environ['PATH']}"
        done = subprocess.run(["bash", "-eu"], input="\n".join(commands), cwd=folder, env={**os.environ, "PATH": path},
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        summary = re.search(r"^summary: (.*)$", done.stdout + done.stderr, re.MULTILINE).group(1)
        assert summary.startswith(promised), f"README: {promised}\nthe run: {summary}"
        assert (pathlib.Path(folder) / "delay.png").stat().st_size > 10000
        print(done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
