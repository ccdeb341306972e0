#!/usr/bin/env python3
"""The layer rules of the source tree: who may include whom, where third-party headers may stand, no include cycles,
headers that compile on their own, libraries that neither print nor exit, no mutable globals.

The checker is tried on a temporary tree of violations first: each of them must be found."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LAYERS = ("core", "models", "io", "scenarios", "tests")
MAY_SEE = {
    "core": {"core"},
    "models": {"core", "models"},
    "io": {"core", "io"},
    "scenarios": {"core", "models", "io", "scenarios"},
    "tests": set(LAYERS),
}
# Third-party header -> folders of the product where it may stand. Tests may include anything.
OUTSIDE = [
    (re.compile(r"mpi\.h"), ("core/par",)),
    (re.compile(r"metis\.h"), ("core/par",)),
    (re.compile(r"(hdf5|H5\w*|hdf5_hl)\.h"), ("io",)),
    (re.compile(r"proj(_api)?\.h"), ("io/geo",)),
    (re.compile(r"geos_c\.h"), ("io/geo",)),
    (re.compile(r"(expat|yaml|zlib|csv|readosm|zip)\.h"), ("io",)),
    (re.compile(r"(nlopt\.h|gsl/.*|cblas\.h)"), ("scenarios",)),
    (re.compile(r"jansson\.h"), ("io", "scenarios")),
    (re.compile(r"argp\.h"), ("scenarios",)),
    (re.compile(r"cmocka\.h"), ()),
]
# Public headers are narrower: whoever includes them must not need these libraries.
OUTSIDE_IN_PUBLIC_HEADERS = [
    (re.compile(r"mpi\.h"), ("core/par",)),
    (re.compile(r"(hdf5|H5\w*|hdf5_hl)\.h"), ("io/h5",)),
    (re.compile(r"(proj|geos_c)\.h"), ("io/geo",)),
]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
# Printing and exiting is for the command. Running out of memory at set-up, and ending all ranks, are the exceptions.
NOISE = re.compile(r"(?<![\w.>])(?:printf|puts|putchar|perror|exit|_exit|abort)\s*\(|fprintf\s*\(\s*std(?:err|out)\b")
MAY_END_THE_PROCESS = {"core/base/memory.c", "core/par/par_mpi.c", "core/par/par_serial.c"}
# MPI is one per process, and so are the facts that are asked of it once; so is HDF5, which cannot be shut down safely after
# a failed close.
MAY_KEEP_STATE = {("par_mpi.c.o", "process"), ("h5.c.o", "is_broken")}


def sources(root):
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.[ch]")):
            yield path.relative_to(root)


def strip_comments_and_strings(text):
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: " " if m.group().startswith("/") else '""', text, flags=re.S)


def is_under(path, folders):
    return any(str(path.parent) == folder or str(path).startswith(folder + "/") for folder in folders)


def check_own_include(root, path, target):
    """Problems of one #include "target"."""
    layer = path.parts[0]
    other = Path(target)
    if not (root / other).is_file():
        return [f'{path}: includes "{target}", which is not a path from the root']
    if other.suffix != ".h":
        return [f"{path}: includes {target}; only headers are included"]
    if other.parts[0] not in MAY_SEE[layer]:
        return [f"{path}: {layer} must not include {other.parts[0]} ({target})"]
    if other.stem.endswith("_internal") and other.parent != path.parent and layer != "tests":
        return [f"{path}: {target} is private to {other.parent}"]
    return []


def check_outside_include(path, target):
    """Problems of one #include <target>."""
    layer = path.parts[0]
    problems = []
    if layer == "tests":
        return problems
    is_public_header = path.suffix == ".h" and not path.stem.endswith("_internal")
    tables = [OUTSIDE, OUTSIDE_IN_PUBLIC_HEADERS] if is_public_header else [OUTSIDE]
    for table in tables:
        for pattern, folders in table:
            if pattern.fullmatch(target) and not is_under(path, folders):
                where = " and ".join(folders) or "tests"
                problems.append(f"{path}: <{target}> may stand in {where} only")
                return problems
    return problems


def find_cycle(graph):
    """One cycle of a graph {node: set of nodes}, as a list, or None."""
    state = {}

    def visit(node, trail):
        state[node] = 1
        for following in sorted(graph.get(node, ())):
            if state.get(following) == 1:
                return trail[trail.index(following):] + [following] if following in trail else [node, following]
            if following not in state:
                found = visit(following, trail + [following])
                if found:
                    return found
        state[node] = 2
        return None

    for start in sorted(graph):
        if start not in state:
            found = visit(start, [start])
            if found:
                return found
    return None


def check_tree(root):
    """All problems of includes, cycles and noise, as sentences."""
    problems = []
    files, folders = {}, {}
    for path in sources(root):
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        files[str(path)] = set()
        for kind, target in INCLUDE.findall(text):
            if kind == "<":
                problems += check_outside_include(path, target)
                if target.split("/")[0] in LAYERS:
                    problems.append(f'{path}: project headers are included with quotes ("{target}")')
                continue
            problems += check_own_include(root, path, target)
            files[str(path)].add(target)
            if path.parts[0] == target.split("/")[0] == "models" and path.parent != Path(target).parent:
                folders.setdefault(str(path.parent), set()).add(str(Path(target).parent))
        if path.parts[0] in ("core", "models", "io") and str(path) not in MAY_END_THE_PROCESS:
            for number, line in enumerate(strip_comments_and_strings(text).splitlines(), 1):
                found = NOISE.search(line)
                if found:
                    problems.append(f"{path}:{number}: libraries neither print nor exit ({found.group().strip()}...)")
    for graph, what in ((files, "includes"), (folders, "folders of models")):
        cycle = find_cycle(graph)
        if cycle:
            problems.append(f"{what} go in a circle: {' -> '.join(cycle)}")
    return problems


def compile_flags():
    flags = ["-std=c17", "-D_GNU_SOURCE", "-fopenmp", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c"]
    for command in (["mpicc", "--showme:compile"], ["pkg-config", "--cflags", "hdf5-openmpi"],
                    ["pkg-config", "--cflags", "hdf5-serial"]):
        if shutil.which(command[0]):
            found = subprocess.run(command, capture_output=True, text=True)
            if found.returncode == 0:
                flags += found.stdout.split()
                if "hdf5" in command[-1]:
                    break
    return flags


def check_headers_compile(root):
    """Every header must compile alone, and twice in a row (its guard works)."""
    flags = compile_flags()

    def check(path):
        program = f'#include "{path}"\n#include "{path}"\nint art_nothing_else(void);\n'
        done = subprocess.run(["gcc", *flags, f"-I{root}", "-"], input=program, capture_output=True, text=True)
        if done.returncode == 0:
            return None
        first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[:200])
        return f"{path}: does not compile on its own: {first}"

    headers = [path for path in sources(root) if path.suffix == ".h"]
    with ThreadPoolExecutor(2) as pool:
        return [problem for problem in pool.map(check, headers) if problem]


def check_globals(build):
    """Writable data in the libraries of the build folder; sanitizers add their own, so those builds are left out."""
    cache = build / "CMakeCache.txt"
    if not cache.is_file():
        return []
    text = cache.read_text()
    if re.search(r"^ARTERIAL_SANITIZE:\w+=.+$", text, re.M) or re.search(r"^ARTERIAL_FUZZ:BOOL=ON$", text, re.M):
        return []
    problems = []
    for layer in ("core", "models", "io"):
        library = build / f"libart_{layer}.a"
        if not library.is_file():
            continue
        listing = subprocess.run(["nm", "-A", "-f", "sysv", str(library)], capture_output=True, text=True).stdout
        for line in listing.splitlines():
            fields = [field.strip() for field in line.split("|")]
            if len(fields) < 7 or not re.fullmatch(r"\.(bss|data)(\.(?!rel\.ro).*)?", fields[6]):
                continue
            member = re.search(r"([^:\[/]+\.o)\]?:", fields[0])
            name = fields[0].rsplit(":", 1)[-1]
            member = member.group(1) if member else "?"
            if (member, name.split(".")[0]) not in MAY_KEEP_STATE:
                problems.append(f"{library.name}({member}): '{name}' is a mutable global")
    return problems


VIOLATIONS = [
    # file, text, words that the report must have
    ("core/net/a.c", '#include "models/idm/b.h"\n', "core must not include models"),
    ("core/net/c.c", '#include "io/geo/c.h"\n', "core must not include io"),
    ("core/net/d.c", "#include <mpi.h>\n", "<mpi.h> may stand in core/par only"),
    ("core/net/e.c", "#  include <hdf5.h>\n", "<hdf5.h> may stand in io only"),
    ("core/step/f.c", "#include <metis.h>\n", "<metis.h> may stand in core/par only"),
    ("core/net/g.c", '#include "b.h"\n', "not a path from the root"),
    ("models/idm/h.c", '#include "io/geo/c.h"\n', "models must not include io"),
    ("models/idm/i.c", '#include "scenarios/run/s.h"\n', "models must not include scenarios"),
    ("io/h5/j.c", '#include "models/idm/b.h"\n', "io must not include models"),
    ("io/sumo/k.c", "#include <proj.h>\n", "<proj.h> may stand in io/geo only"),
    ("io/sumo/l.c", "#include <geos_c.h>\n", "<geos_c.h> may stand in io/geo only"),
    ("io/city/m.h", "#include <hdf5.h>\n", "io/city/m.h: <hdf5.h> may stand in io/h5 only"),
    ("io/sumo/n.c", '#include "core/step/o_internal.h"\n', "private to core/step"),
    ("scenarios/run/p.c", '#include "tests/support/q.h"\n', "scenarios must not include tests"),
    ("scenarios/run/r.c", "#include <core/net/u.h>\n", "with quotes"),
    ("core/net/t.c", 'void f(void)\n{\n  printf("x");\n}\n', "core/net/t.c:3: libraries neither print nor exit"),
    ("io/sumo/v.c", "void f(void) { exit(1); }\n", "io/sumo/v.c:1: libraries neither print nor exit"),
    ("models/loop/w.h", '#include "models/loop/x.h"\n', "includes go in a circle"),
    ("models/loop/x.h", '#include "models/loop/w.h"\n', "models/loop/w.h -> models/loop/x.h"),
    ("models/one/y.c", '#include "models/two/z.h"\n', "folders of models go in a circle"),
    ("models/two/y.c", '#include "models/one/z.h"\n', "models/one -> models/two"),
]
INNOCENT = [
    ("models/idm/b.h", '#include "core/net/u.h"\n'), ("io/geo/c.h", "#include <proj.h>\n"),
    ("core/net/u.h", "#include <stdint.h>\n"), ("core/step/o_internal.h", "\n"), ("scenarios/run/s.h", "\n"),
    ("tests/support/q.h", '#include "core/step/o_internal.h"\n#include <mpi.h>\n'),
    ("core/par/par_mpi.c", "#include <mpi.h>\nvoid f(void) { exit(1); }\n"),
    ("io/h5/h.h", "#include <hdf5.h>\n"), ("io/city/city_internal.h", "#include <hdf5.h>\n"),
    ("models/one/z.h", "\n"), ("models/two/z.h", "\n"),
    ("core/net/quiet.c", '// printf("no")\nconst char *f(void) { return "exit(1)"; }\nvoid g(void) { x.exit(1); }\n'),
]


def self_test():
    """The checker finds every violation, and nothing in innocent files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        def write(name, text):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)

        for name, text in INNOCENT:
            write(name, text)
        assert check_tree(root) == [], f"innocent files are blamed: {check_tree(root)}"
        for name, text, _ in VIOLATIONS:
            write(name, text)
        report = "\n".join(check_tree(root))
        for name, _, words in VIOLATIONS:
            assert words in report, f"not found in {name}: '{words}' in\n{report}"

        write("core/net/needy.h", "uint32_t lacks_an_include(void);\n")
        write("core/net/unguarded.h", "struct twice { int x; };\n")
        problems = "\n".join(check_headers_compile(root))
        assert "core/net/needy.h: does not compile" in problems, problems
        assert "core/net/unguarded.h: does not compile" in problems, problems
        assert "core/net/u.h" not in problems, problems

        # A library with a counter, and one with constants only.
        build = root / "build"
        build.mkdir()
        (build / "CMakeCache.txt").write_text("ARTERIAL_SANITIZE:STRING=\n")
        write("x.c", "static int counter;\nint f(void);\nint f(void) { return ++counter; }\n"
              'const char *const names[] = { "a" };\n')
        subprocess.run(["gcc", "-c", "x.c", "-o", "x.o"], cwd=root, check=True)
        subprocess.run(["ar", "rcs", build / "libart_core.a", "x.o"], cwd=root, check=True)
        found = check_globals(build)
        assert len(found) == 1 and "'counter' is a mutable global" in found[0], found


def main():
    root = Path(os.environ.get("ARTERIAL_SOURCE_DIR", Path(__file__).resolve().parents[2]))
    self_test()
    problems = check_tree(root) + check_headers_compile(root)
    if "ARTERIAL_BINARY_DIR" in os.environ:
        problems += check_globals(Path(os.environ["ARTERIAL_BINARY_DIR"]))
    for problem in problems:
        print(problem)
    count = len(list(sources(root)))
    print(f"layers: {count} files checked, {len(problems)} problem{'s' if len(problems) != 1 else ''}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
