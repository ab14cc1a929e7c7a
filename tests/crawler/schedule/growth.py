"""Memory and open files of this process over a long time."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from pathlib import Path

_WARM = 1 / 4
_MOST_KIB = 4096


@dataclass(kw_only=True)
class Growth:
    """What was seen at each look: resident memory in KiB, open files."""

    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        """One look now."""
        gc.collect()
        status = Path("/proc/self/status").read_text().partition("VmRSS:")[2]
        self.memory.append(int(status.split()[0]))
        self.files.append(len(list(Path("/proc/self/fd").iterdir())))

    def check(self) -> None:
        """Fails where the last looks saw more than those after the first quarter, in which all is loaded once."""
        warm = int(len(self.memory) * _WARM)
        assert self.files[-1] <= self.files[warm], self.files
        assert self.memory[-1] - self.memory[warm] <= _MOST_KIB, self.memory

    def __str__(self) -> str:
        warm = int(len(self.memory) * _WARM)
        memory = [f"{self.memory[at] / 1024:.1f} MiB" for at in (warm, -1)]
        early = f"after a quarter of the time {memory[0]} and {self.files[warm]} open files"
        return f"{early}, at its end {memory[1]} and {self.files[-1]}"
