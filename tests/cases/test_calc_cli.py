"""`plantao calc`: every vector file through the command line, whole and with its input columns alone."""
import csv
import io
import json
import os
import subprocess

import pytest

from lib.process import ROOT, plain_environment
from lib.vectors import VECTORS, inputs_of, read

PROGRAM = os.environ.get("TESTED_PROGRAM", os.path.join(ROOT, "build", "plantao"))


def run(*args, data=b""):
    return subprocess.run([PROGRAM, "calc", *args], input=data, capture_output=True, timeout=60, env=plain_environment())


def answer(name, text):
    done = run(name, data=text.encode())
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def write(header, records, ending):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=ending)
    writer.writerow(header)
    writer.writerows(records)
    return out.getvalue()


@pytest.mark.parametrize("path", VECTORS, ids=lambda p: p.stem)
class TestVectors:
    def test_whole_file_comes_back(self, path):
        data = path.read_bytes()
        done = run(path.stem, data=data)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout == data

    def test_line_ends_of_unix(self, path):
        data = path.read_bytes().replace(b"\r\n", b"\n")
        assert run(path.stem, data=data).stdout == data

    @pytest.mark.parametrize("ending", ("\r\n", "\n"), ids=("crlf", "lf"))
    def test_inputs_alone(self, path, ending):
        header, records = read(path)
        wanted = inputs_of(path.stem, header)
        kept = [header.index(h) for h in wanted]
        out = answer(path.stem, write(wanted, [[r[i] for i in kept] for r in records], ending))
        assert out.count("\r\n") == (len(records) + 1 if ending == "\r\n" else 0)
        got_header, *got = csv.reader(io.StringIO(out, newline=""))
        assert got_header == header
        assert len(got) == len(records)
        compared = [i for i, h in enumerate(header) if h not in ("note", "source")]
        assert [[r[i] for i in compared] for r in got] == [[r[i] for i in compared] for r in records]
        assert all(r[header.index("source")] for r in got)

    def test_wrong_results_are_overwritten(self, path):
        header, records = read(path)
        wanted = inputs_of(path.stem, header)
        spoiled = [[c if h in wanted or h in ("note", "source") else "spoiled" for h, c in zip(header, r)] for r in records]
        assert answer(path.stem, write(header, spoiled, "\r\n")) == write(header, records, "\r\n")

    def test_columns_in_another_order_and_more_of_them(self, path):
        header, records = read(path)
        turned = header[::-1] + ["id"]
        text = write(turned, [r[::-1] + [f"no {i}, x"] for i, r in enumerate(records)], "\n")
        assert answer(path.stem, text) == text


def test_list_names_every_vector_file():
    done = run("--list")
    names = done.stdout.decode().split()
    assert done.returncode == 0 and names == sorted(names)
    assert {p.stem for p in VECTORS} <= set(names)
    listed = json.loads(run("--list", "--json").stdout)
    assert [c["name"] for c in listed] == names
    for path in VECTORS:
        columns = {c["name"] for c in listed[names.index(path.stem)]["inputs"]}
        assert set(inputs_of(path.stem, read(path)[0])) <= columns


def test_called_wrongly():
    for args in ((), ("nothing",), ("pqtu_dose", "cpf"), ("--list", "cpf"), ("--what",), ("--json",), ("pqtu_dose.csv",), ("",)):
        done = run(*args)
        assert done.returncode == 2, args
        assert done.stderr and not done.stdout


def test_help_has_an_example():
    for args in (("--help",), ("pqtu_dose", "--help")):
        done = run(*args)
        assert done.returncode == 0 and b"example:" in done.stdout
    assert b"weight_kg" in run("--describe", "pqtu_dose").stdout


def test_needs_no_configuration(tmp_path):
    done = subprocess.run([PROGRAM, "calc", "cpf"], input=b"input\n529.982.247-25\n", capture_output=True, cwd=tmp_path,
                          timeout=60, env=plain_environment(PLANTAO_LISTEN="nonsense"))
    assert done.returncode == 0 and b"\n529.982.247-25,valid" in done.stdout
    assert not list(tmp_path.iterdir())


REFUSED = (("", "MB"), ("-5", "MB"), ("0", "MB"), ("70000", "MB"), ("seventy", "MB"), ("1e2", "PB"), ("70kg", "PB"),
           ("2.5", "PB"), ("400", "MB"), ("70", ""), ("70", "XB"), ("70", "REVISAR_MB"))


def test_refusals_are_rows_without_doses():
    out = rows(answer("pqtu_dose", write(["weight_kg", "class"], REFUSED, "\n")))
    assert len(out) == len(REFUSED)
    for row, given in zip(out, REFUSED):
        assert (row["weight_kg"], row["class"]) == given
        assert row["flags"].startswith("INVALIDO|")
        assert not any(row[c] for c in row if c not in ("weight_kg", "class", "flags", "source"))


def test_adult_below_30_kg_is_refused():
    out = rows(answer("pqtu_dose", "weight_kg,class,idade_anos\n28,MB,40\n28,MB,8\n28,MB,\n"))
    assert "ADULTO_MENOR_30KG" in out[0]["flags"] and "CONSULTAR_PROFISSIONAL" in out[0]["flags"]
    assert out[0]["rifampicina_mensal_mg"] == ""
    assert [r["rifampicina_mensal_mg"] for r in out[1:]] == ["280.0", "280.0"]


@pytest.mark.parametrize("name", ("idade", "age", "age_years", "idade_anos"))
def test_age_is_not_overlooked(name):
    out = rows(answer("pqtu_dose", f"{name},class,weight_kg\n40,MB,28\n8,MB,28\n"))
    assert ["ADULTO_MENOR_30KG" in r["flags"] for r in out] == [True, False]


def test_every_calculator_says_what_is_wrong():
    listed = json.loads(run("--list", "--json").stdout)
    for calculator in listed:
        header = [c["name"] for c in calculator["inputs"]]
        out = rows(answer(calculator["name"], write(header, [["?"] * len(header), [""] * len(header)], "\n")))
        assert len(out) == 2
        for row in out:
            said = [row[c["name"]] for c in calculator["results"] if row[c["name"]]]
            assert said[0].startswith("INVALIDO|") or said[0] == "invalid", calculator["name"]


def test_quotes_and_line_ends_inside_fields():
    text = 'note,input,"a ""b"", c"\n"two\nlines",529.982.247-25,"x,y"\n,"529.982.247-25",""\n'
    out = rows(answer("cpf", text))
    assert [r["expected"] for r in out] == ["valid", "valid"]
    assert out[0]["note"] == "two\nlines" and out[0]['a "b", c'] == "x,y"
    assert out[1]["note"] == ""


def test_byte_order_mark_and_last_line_without_end():
    assert "\n529.982.247-25,valid" in answer("cpf", "\ufeffinput\n529.982.247-25")


def test_blank_lines():
    assert len(answer("cpf", "input\n\n1\n\n").splitlines()) == 4
    assert len(answer("cpf_dv", "base9,id\n045844222,1\n\n\n142889755,2\n").splitlines()) == 3


def test_malformed_rows_are_answered():
    out = rows(answer("cpf", 'input,id\n529.982.247-25\n529.982.247-25,1,2\n"529.982.247-25"x,3\n529.982.247-25,4\n'))
    assert [r["expected"] for r in out] == ["INVALIDO|LINHA_MALFORMADA"] * 3 + ["valid"]


def test_what_cannot_be_read():
    for data, said in ((b"", b"first line"), (b"\n", b"first line"), (b"weight,class\n70,MB\n", b"weight_kg"),
                       (b"weight_kg;class\n70;MB\n", b"weight_kg"), (b"weight_kg,class,class\n70,MB,MB\n", b"twice"),
                       (b'weight_kg,class\n70,"MB\n', b"quoted"), (b"weight_kg,class\n" + b"x" * (2 << 20), b"1 MiB")):
        done = run("pqtu_dose", data=data)
        assert done.returncode == 1 and said in done.stderr, data[:40]


def test_rows_before_the_end_of_a_broken_file_come_out():
    done = run("pqtu_dose", data=b'weight_kg,class\n70,MB\n70,"MB\n')
    assert done.returncode == 1 and b"\n70,MB,ADULTO," in done.stdout


def test_output_that_cannot_be_written():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "calc", "cpf"], input=b"input\n1\n", stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and b"written" in done.stderr


def test_many_rows():
    count = 100_000
    text = "weight_kg,class\n" + "".join(f"{30 + i % 100},MB\n" for i in range(count))
    out = answer("pqtu_dose", text).splitlines()
    assert len(out) == count + 1
    assert out[1].startswith("30,MB,INFANTIL_30_50,450.0,") and out[-1].startswith("129,MB,ADULTO,600.0,")


def test_explain():
    done = run("pqtu_dose", "--explain", data=b"weight_kg,class\n29.9,MB\n-1,MB\n")
    first, second = rows(done.stdout.decode())
    assert first["situacao"] == "RESPONDIDO" and second["situacao"] == "INVALIDO"
    assert "10 mg/kg × 29,9 kg = 299 mg" in first["passos"]
    assert first["versao_protocolo"].startswith("PCDT-2022.")
    assert "PCDT" in first["source"] and "p. 58" in first["source"]
    assert second["avisos"] == "INVALIDO|PESO_NAO_POSITIVO:weight_kg"
