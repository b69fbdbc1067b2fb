"""The model of a worker: read once from its file in each process, never sent, and the one that was asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from classifiers.taxonomy import ModelError
from classifiers.wordlist import load_model

if TYPE_CHECKING:
    from classifiers.model import Model

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Which model judges: its file (empty for the shipped one), the operator's word list, and the version of both."""

    file: str
    wordlist: str
    version: str

    @classmethod
    def of(cls, file: Path | None, wordlist: Path | None) -> Named:
        """Name a model, which is loaded for that.

        Raises:
            ModelError: it cannot be used.
        """
        where = [str(path.absolute()) if path else "" for path in (file, wordlist)]
        return cls(file=where[0], wordlist=where[1], version=_loaded(*where).version)

    def load(self) -> Model:
        """The model, loaded the first time that a process asks.

        Raises:
            ModelError: it cannot be used, or this machine has another one.
        """
        with _LOCK:
            model = _loaded(self.file, self.wordlist)
        if model.version != self.version:
            where = self.file or "the shipped model"
            raise ModelError(f"{where}: this worker has {model.version}, asked for is {self.version}; install the same")
        return model


@lru_cache(maxsize=1)
def _loaded(file: str, wordlist: str) -> Model:
    return load_model(Path(file) if file else None, Path(wordlist) if wordlist else None)
