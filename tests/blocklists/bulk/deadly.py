"""Work that kills its worker at one block."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.bulk import part

if TYPE_CHECKING:
    from blocklists.bulk.block import Block, Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadly:
    """Kills whoever does block `at`."""

    at: int

    def __call__(self, block: Block, folder: str) -> Done:
        if block.number == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return part.write(folder, block.number, [(b"%d\n" % block.number, True)])
