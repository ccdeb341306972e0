from pathlib import Path

from spack.package import *


class Arterial(CMakePackage):
    """Microscopic traffic simulation of cities: imports road networks, drives every vehicle lane by lane, calibrates,
    plays scenarios and compares them. Results are self-describing HDF5."""

    # The sources are those of the clone that this recipe lies in.
    git = "file://" + str(Path(__file__).resolve().parents[4])
    license("Apache-2.0")

    version("main", branch="main")

    variant("mpi", default=True, description="Several ranks, parallel HDF5")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    generator("ninja")

    depends_on("mpi", when="+mpi")
    depends_on("hdf5@1.10.3:+hl+mpi", when="+mpi")
    depends_on("hdf5@1.10.3:+hl~mpi", when="~mpi")
    depends_on("proj@7:")
    depends_on("geos@3.9:")
    depends_on("metis@5.1:")
    depends_on("libyaml")
    depends_on("expat")
    depends_on("zlib-api")
    depends_on("libdeflate")
    depends_on("jansson")
    depends_on("libcsv")
    depends_on("nlopt")
    depends_on("gsl")

    # For the scripts that draw and fit.
    depends_on("python@3.9:", type="run")
    depends_on("py-numpy", type="run")
    depends_on("py-scipy", type="run")
    depends_on("py-h5py", type="run")
    depends_on("py-matplotlib", type="run")

    def cmake_args(self):
        return [
            self.define_from_variant("ARTERIAL_MPI", "mpi"),
            self.define("BUILD_TESTING", False),  # they need readosm, which Spack does not have
        ]

    @run_after("install")
    def check_program(self):
        Executable(self.prefix.bin.arterial)("--version")
