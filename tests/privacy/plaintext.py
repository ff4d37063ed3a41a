"""Looks for what is known of persons in every byte of some directories, in the forms in which a program leaves things
behind: as typed, without accents, in any case, in UTF-8, Latin-1, UTF-16, base64 at each alignment, hex, and word by word."""
import base64
import bisect
import itertools
import os
import pathlib
import re
import subprocess
import tempfile
import unicodedata

WORD = 6        # shorter words are anybody's
SLICES = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def folded(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _base64(raw):
    """The characters that stand for raw wherever it begins in a longer text."""
    for lead in range(3):
        coded = base64.b64encode(bytes(lead) + raw).decode().rstrip("=")
        core = coded[(0, 2, 3)[lead]:len(coded) - (1 if (lead + len(raw)) % 3 else 0)]
        if len(core) >= 8:
            yield core
            yield core.translate(str.maketrans("+/", "-_"))


class Needles:
    """needles.add("Maria das Dores"); needles.found(directory) → what was found where."""

    def __init__(self):
        self.any_case, self.exact = {}, {}

    def add(self, text):
        forms = {text, folded(text)}
        for form in forms:
            for raw in {form.encode(), form.encode("latin-1", "replace")}:
                self.any_case[raw.lower()] = text
                self.any_case[raw.hex().encode()] = text
                for coded in _base64(raw):
                    self.exact[coded.encode()] = text
        return self

    def add_words(self, text, but=()):
        for word in re.findall(r"\w+", folded(text).lower()):
            if len(word) >= WORD and word not in but and not word.isdigit():
                self.any_case[word.encode()] = word
        return self

    def forget(self, words):
        for word in set(words):
            assert word.encode() in self.any_case and len(word.split()) == 1, f"{word!r} is no word"
            del self.any_case[word.encode()]

    def __len__(self):
        return len(self.any_case) + len(self.exact)

    def found(self, *directories):
        """{(file, needle)}.  All files are one text for grep, which then knows the needles' automaton once; it is
        looked at as it is, in lower case, and without NUL bytes, so that UTF-16 reads as Latin-1."""
        files = [f for d in directories for f in sorted(pathlib.Path(d).rglob("*")) if f.is_file() and not f.is_symlink()]
        raw = []
        for file in files:
            try:
                raw.append(file.read_bytes())
            except FileNotFoundError:   # a journal may end while one looks
                raw.append(b"")
        low = [r.lower() for r in raw]
        return {(str(files[i]), needle)
                for texts, table in ((raw, self.exact), (low, self.any_case), ([t.replace(b"\0", b"") for t in low], self.any_case))
                for i, needle in _grep(texts, table)}


def _grep(texts, table):
    """(number of the text, needle)"""
    starts = list(itertools.accumulate((len(t) + 1 for t in texts), initial=0))
    with tempfile.TemporaryDirectory() as scratch:
        patterns, text = pathlib.Path(scratch) / "patterns", pathlib.Path(scratch) / "text"
        patterns.write_bytes(b"\n".join(k for k in table if b"\n" not in k))
        text.write_bytes(b"\n".join(texts))
        done = subprocess.run(["grep", "-a", "-o", "-b", "-F", "-f", patterns, text], capture_output=True, env=SLICES)
    assert done.returncode in (0, 1), done.stderr
    for line in done.stdout.splitlines():
        offset, _, what = line.partition(b":")
        yield bisect.bisect_right(starts, int(offset)) - 1, table.get(what, what)
