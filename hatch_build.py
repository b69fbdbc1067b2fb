"""Compiles the kernel of the classifiers when the package is built or installed for editing; needs a C compiler."""

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FLAGS = ("-O3", "-std=c11", "-Wall", "-Wextra", "-fPIC", "-shared", "-ffp-contract=off")  # the same sums everywhere


class CustomBuildHook(BuildHookInterface[Any]):
    """Puts `_kernel.so` beside its sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile; the wheel is then one of this platform.

        Raises:
            RuntimeError: there is no C compiler, or it fails.
        """
        folder = Path(self.root, "classifiers", "kernel")
        compile_kernel(folder, folder / "_kernel.so")
        build_data.update(pure_python=False, infer_tag=True, artifacts=["classifiers/kernel/_kernel.so"])


def compile_kernel(folder: Path, library: Path, *flags: str) -> None:
    """Compile the C files of `folder` into `library`."""
    compiler = os.environ.get("CC", "cc")
    sources = sorted(map(str, folder.glob("*.c")))
    try:
        subprocess.run([compiler, *_FLAGS, *flags, "-o", str(library), *sources, "-lm"], check=True)  # noqa: S603 - ours
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"{compiler}: cannot compile the kernel (apt-get install gcc libc6-dev): {error}") from error
