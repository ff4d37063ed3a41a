"""The calculators' test vectors: files of tests/data/vectors, and which of their columns are inputs."""
import csv
import pathlib

from .process import ROOT

VECTORS = sorted(pathlib.Path(ROOT, "tests/data/vectors").glob("*.csv"))
# Where the inputs end, in files that do not name all their results expected_...; see vectors/README.md.
LAST_INPUT = {"pqtu_dose": "class", "prednisona_desmame": "weight_kg", "clofazimina_enh_crianca": "mes", "ibs_cbs_2026": "pRedAliq"}
NO_INPUT = {"kind", "investigar_resistencia", "note", "source"}


def read(path):
    """The header and the records."""
    with open(path, encoding="utf-8", newline="") as f:
        header, *records = csv.reader(f)
    return header, records


def inputs_of(name, header):
    if name in LAST_INPUT:
        return header[:header.index(LAST_INPUT[name]) + 1]
    return [h for h in header if not h.startswith("expected") and h not in NO_INPUT]
