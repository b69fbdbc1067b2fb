"""`python -SE measured.py COMMAND...`: runs a command; prints its wait status and the most memory it held, in KiB.

A process of its own, and a small one: what a child held is told together with what its parent held before.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    _, status, used = os.wait4(child, 0)
    print(status, used.ru_maxrss)
