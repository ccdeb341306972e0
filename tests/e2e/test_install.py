#!/usr/bin/python3
"""`cmake --install` gives a tree that works by itself: program, tools, job scripts, and arterial.pc, by which a signal
controller and a program of one's own are compiled. The recipes of packages name options and files that exist."""
import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["ARTERIAL_SOURCE_DIR"])
BINARY = pathlib.Path(os.environ["ARTERIAL_BINARY_DIR"])
OWN = """#include <stdio.h>
#include "core/par/par.h"
#include "io/city/city_file.h"
int main(int argc, char **argv)
{
  art_error err;
  art_city *city = NULL;
  if (art_par_start(&argc, &argv, &err) != ART_OK || art_city_read(argv[1], &city, &err) != ART_OK) return puts(err.message), 1;
  printf("nodes=%d\\n", (int)city->net->node_count);
  art_city_free(city);
  art_par_stop();
  return 0;
}
"""


def call(words, folder, environment=None, code=0):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == code, (words, done.returncode, done.stdout[-1000:], done.stderr[-3000:])
    return done.stdout


def check_tree(prefix, work, environment):
    """Program and tools, with nothing of the source tree on the way."""
    call(["arterial", "generate", "grid", "--size", "4", "--vehicles", "100", "--duration", "60", "-o", "g.city.h5", "--scenario",
          "g.yaml"], work, environment)
    call(["arterial", "run", "g.yaml", "--quiet", "-o", "g.h5"], work, environment)
    call(["plot_map", "g.h5", "-o", "g.png"], work, environment)
    assert (work / "g.png").stat().st_size > 1000
    tools = prefix / "share" / "arterial" / "scripts"
    for tool in sorted(tools.glob("*")):
        if tool.is_file() and tool.suffix == "" and tool.name != "bench_messages":
            assert os.access(tool, os.X_OK), tool
            call([tool, "--help"], work, environment)
    for name in ("slurm/run.sbatch", "slurm/batch.sbatch", "slurm/chain.sbatch", "pbs/run.pbs", "pbs/batch.pbs", "pbs/chain.pbs"):
        call(["bash", "-n", tools / name], work, environment)
    assert os.access(tools / "slurm" / "submit_batch", os.X_OK)
    assert (prefix / "share" / "arterial" / "library" / "bologna_base.yaml").exists()
    assert (prefix / "share" / "doc" / "arterial" / "docs" / "cluster.md").exists()
    headers = list((prefix / "include").glob("**/*.h"))
    assert headers and not [header for header in headers if header.name.endswith("_internal.h")]
    for text in tools.glob("**/*"):
        if text.is_file() and text.name != "bench_messages":
            assert str(ROOT) not in text.read_text(encoding="utf-8", errors="replace"), text


def flags(environment, work, *words):
    return call(["pkg-config", *words, "arterial"], work, environment).split()


def check_pkg_config(prefix, work, environment):
    assert flags(environment, work, "--modversion")[0].count(".") == 2
    shutil.copy(ROOT / "docs" / "examples" / "user_controller.c", work)
    call(["gcc", "-shared", "-fPIC", *flags(environment, work, "--cflags"), "-o", "mine.so", "user_controller.c"], work, environment)
    if "-fsanitize" in call(["arterial", "--version"], work, environment):
        print("built with sanitizers: linking is not tried")
        return
    (work / "own.c").write_text(OWN)
    call(["gcc", "own.c", "-o", "own", *flags(environment, work, "--cflags", "--libs")], work, environment)
    assert call(["./own", "g.city.h5"], work, environment) == "nodes=16\n"


def check_recipes():
    for recipe in (ROOT / "packaging" / "spack" / "packages").glob("*/package.py"):
        ast.parse(recipe.read_text(), str(recipe))
    options = (ROOT / "CMakeLists.txt").read_text()
    recipe = (ROOT / "packaging" / "spack" / "packages" / "arterial" / "package.py").read_text()
    for option in re.findall(r'define(?:_from_variant)?\("(\w+)"', recipe):
        assert option == "BUILD_TESTING" or f"option({option} " in options, option
    image = (ROOT / "packaging" / "apptainer" / "arterial.def").read_text()
    for name in re.findall(r"^    (\S+) /opt/source/", image, re.MULTILINE):
        assert (ROOT / name).exists(), name
    copied = set(re.findall(r"^    (\S+) /opt/source/", image, re.MULTILINE))
    for name in ("core", "models", "io", "scenarios", "cmake", "scripts", "docs", "CMakeLists.txt"):
        assert name in copied, name
    debian = set(re.search(r"^packages=\((.*?)^\)", (ROOT / "scripts" / "setup").read_text(), re.MULTILINE | re.DOTALL)
                 .group(1).split())
    wanted = re.search(r"--no-install-recommends \\\n(.*?)\n    cmake ", image, re.DOTALL).group(1).replace("\\", "").split()
    assert len(wanted) > 20 and not set(wanted) - debian, set(wanted) - debian


def main():
    if not (BINARY / "cmake_install.cmake").exists():
        return 77
    with tempfile.TemporaryDirectory() as name:
        prefix, work = pathlib.Path(name) / "prefix", pathlib.Path(name) / "work"
        work.mkdir()
        call(["cmake", "--install", BINARY, "--prefix", prefix], work)
        path = f"{prefix / 'bin'}:{prefix / 'share' / 'arterial' / 'scripts'}:{os.environ['PATH']}"
        pc = next(prefix.glob("lib*/**/arterial.pc"))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("ARTERIAL")}
        environment.update(PATH=path, PKG_CONFIG_PATH=str(pc.parent))
        check_tree(prefix, work, environment)
        check_pkg_config(prefix, work, environment)
    check_recipes()
    return 0


if __name__ == "__main__":
    sys.exit(main())
