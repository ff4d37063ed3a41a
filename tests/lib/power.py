"""The day the power fails: of what tests/fault/power.c noted, everything that was synced is on disk, and of the rest any part."""
import os
import random
import struct

HEAD = struct.Struct("=IIIIQqq")
WRITE, TRUNCATE, SYNCED = 1, 2, 3
SECTOR = 512


def read_notes(path):
    """[(position, what, inode, at, size before, bytes before, bytes after)]; the last one may be cut."""
    data, at, notes = path.read_bytes(), 0, []
    while at + HEAD.size <= len(data):
        what, before_n, after_n, _, inode, place, size = HEAD.unpack_from(data, at)
        body = at + HEAD.size
        if body + before_n + after_n > len(data):
            break
        notes.append((at, what, inode, place, size, data[body:body + before_n], data[body + before_n:body + before_n + after_n]))
        at = body + before_n + after_n
    return notes


def unsynced(notes):
    """{inode: the notes whose effect no sync had promised}"""
    pending = {}
    for note in notes:
        position, what, inode, place = note[:4]
        if what == SYNCED:
            pending[inode] = [n for n in pending.get(inode, []) if n[0] >= place]
        else:
            pending.setdefault(inode, []).append(note)
    return pending


def undo(file, notes):
    for _, what, _, place, size, before, _ in reversed(notes):
        if what == WRITE:
            file.seek(place)
            file.write(before)
        file.truncate(size)


def torn(after):
    """Some of its sectors, in no order: a disk writes them as it likes."""
    return [(i, after[i:i + SECTOR]) for i in range(0, len(after), SECTOR) if random.random() < 0.5]


def redo_some(file, notes):
    for _, what, _, place, _, _, after in notes:
        fate = random.random()
        if fate < 0.4:
            continue
        if what == TRUNCATE:
            file.truncate(place)
        elif fate < 0.7:
            file.seek(place)
            file.write(after)
        else:
            for i, part in torn(after):
                file.seek(place + i)
                file.write(part)


def fail(notes_path, files):
    """Leaves the files as a disk might after the power failed; how many writes were in doubt."""
    pending = unsynced(read_notes(notes_path))
    doubtful = 0
    for path in files:
        if not path.exists():
            continue
        notes = pending.get(os.stat(path).st_ino, [])
        doubtful += len(notes)
        with open(path, "r+b") as file:
            undo(file, notes)
            redo_some(file, notes)
    return doubtful
