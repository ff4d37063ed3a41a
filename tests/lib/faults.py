"""The program with a switch (tests/fault/fault.c): what it calls fails when a test says so."""
import mmap
import os
import pathlib
import struct

from .server import Plantao, binary

MEMORY, SYSTEM, STATEMENT, LIBRARY_MEMORY, DISK = range(1, 6)
KINDS = {"memory": MEMORY, "system call": SYSTEM, "statement": STATEMENT, "library's memory": LIBRARY_MEMORY, "disk": DISK}
LAYOUT = "=IIiIIII64sIIII"


class FaultyPlantao(Plantao):
    """arm("memory", 3): the fourth allocation from now on fails; disarm() says whether any did."""

    def __init__(self, *args, **more):
        super().__init__(*args, program=os.environ.get("PLANTAO_FAULTS", str(pathlib.Path(binary()).parent / "tests" / "plantao_faults")), **more)
        self.plan_path = self.dir / "plan"
        self.plan_path.write_bytes(bytes(struct.calcsize(LAYOUT)))
        with open(self.plan_path, "r+b") as f:
            self.plan = mmap.mmap(f.fileno(), 0)
        self.notes_path = self.dir / "notes"

    def environment(self):
        return {**super().environment(), "PLANTAO_TEST_FAULTS": str(self.plan_path), "PLANTAO_TEST_POWER": str(self.notes_path)}

    def _set(self, *values):
        self.plan[:] = struct.pack(LAYOUT, *(values + (0,) * 7)[:7], b"", 0, 0, 0, 0)

    def arm(self, kind, n, from_on=False):
        self._set(0, int(from_on), n)
        self.plan[0:4] = struct.pack("=I", KINDS[kind])   # last: it begins now

    def disarm(self):
        """(calls met, calls failed, the last one's name)"""
        _, _, _, met, failed, _, _, last, *_ = struct.unpack(LAYOUT, self.plan[:])
        self._set()
        return met, failed, last.split(b"\0")[0].decode(errors="replace")

    def failed(self):
        """How many failed since it was armed."""
        return struct.unpack(LAYOUT, self.plan[:])[4]

    def count(self):
        """What is done from now on is counted; what was until now: (statements, steps, sealed bytes opened)."""
        *_, queries, steps, opened = struct.unpack(LAYOUT, self.plan[:])
        self.plan[:] = struct.pack(LAYOUT, *(0,) * 7, b"", 1, 0, 0, 0)
        return queries, steps, opened

    def note_writes(self, lying=False):
        self._set(0, 0, 0, 0, 0, 1, int(lying))
