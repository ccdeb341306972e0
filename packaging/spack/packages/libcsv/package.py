from spack.package import *


class Libcsv(AutotoolsPackage):
    """A small C library that parses and writes comma-separated values."""

    homepage = "https://github.com/rgamble/libcsv"
    git = "https://github.com/rgamble/libcsv.git"
    license("LGPL-2.1-or-later")

    version("master", branch="master")

    depends_on("c", type="build")
