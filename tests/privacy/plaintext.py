"""Looks for what is known of persons in every byte of some directories, in the forms in which a program leaves things
behind: as typed, without accents, in any case, in UTF-8, Latin-1, UTF-16, base64 at each alignment, hex, and word by word."""
import base64
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
                self.any_case[raw] = text
                self.any_case[raw.hex().encode()] = text
                for coded in _base64(raw):
                    self.exact[coded.encode()] = text
        return self

    def add_words(self, text, but=()):
        for word in re.findall(r"\w+", folded(text).lower()):
            if len(word) >= WORD and word not in but and not word.isdigit():
                self.any_case[word.encode()] = word
        return self

    def __len__(self):
        return len(self.any_case) + len(self.exact)

    def found(self, *directories):
        """{(file, needle)}; NUL bytes are taken out in a second look, so that UTF-16 reads as Latin-1."""
        hits = set()
        with tempfile.TemporaryDirectory() as scratch:
            lists = {}
            for name, table, flag in (("any", self.any_case, "-i"), ("exact", self.exact, "")):
                path = pathlib.Path(scratch) / name
                path.write_bytes(b"\n".join(k for k in table if b"\n" not in k))
                lists[path] = (flag, {k.lower() if flag else k: v for k, v in table.items()})
            for path, (flag, table) in lists.items():
                options = ["-a", "-o", "-F", *([flag] if flag else []), "-f", str(path)]
                for directory in directories:
                    hits |= self._grep(["grep", "-r", "-H", "-Z", *options, str(directory)], table, flag)
                    for file in (f for f in pathlib.Path(directory).rglob("*") if f.is_file() and not f.is_symlink()):
                        hits |= self._without_nul(file, options, table, flag)
        return hits

    @staticmethod
    def _grep(command, table, flag):
        done = subprocess.run(command, capture_output=True, env=SLICES)
        hits = set()
        for line in done.stdout.split(b"\n"):
            file, nul, what = line.rpartition(b"\0")
            if nul:
                hits.add((file.decode(errors="replace"), table.get(what.lower() if flag else what, what)))
        return hits

    @staticmethod
    def _without_nul(file, options, table, flag):
        try:
            raw = file.read_bytes()
        except FileNotFoundError:
            return set()   # a journal may end while one looks
        if b"\0" not in raw:
            return set()
        done = subprocess.run(["grep", *options], input=re.sub(b"\0+", lambda m: b"" if len(m[0]) == 1 else b"\n", raw),
                              capture_output=True, env=SLICES)
        return {(str(file), table.get(w.lower() if flag else w, w)) for w in done.stdout.split(b"\n") if w}
