"""Exports under a passphrase: age itself opens what we seal, `plantao open` opens what age seals, and nothing of them is
readable without."""
import json

import pytest

from lib.age import PHRASE, age, opened
from lib.client import bad_fields, problem
from lib.store import Store


@pytest.fixture
def phrase_file(tmp_path):
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    return tmp_path / "phrase"


def test_a_chart_leaves_under_a_passphrase(server, doctor, patient, tmp_path, phrase_file, engine, request):
    path = f"/api/patients/{patient['id']}"
    answer = doctor.post(f"{path}/encrypted-export", {"format": "fhir", "passphrase": PHRASE})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/octet-stream", answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="prontuario.json.age"'
    sealed = tmp_path / "chart.age"
    sealed.write_bytes(answer.content)
    assert patient["name"].encode() not in answer.content

    said = opened(sealed)
    assert json.loads(said["document"])["resourceType"] == "Bundle" and patient["name"] in said["document"]
    assert said["signature"] and said["publicKey"]
    by_us = server.run("open", sealed, "--passphrase-file", phrase_file)
    assert by_us.returncode == 0 and json.loads(by_us.stdout) == said
    assert opened(sealed, phrase="uma outra frase bem longa") is None

    store = Store(server, request.getfixturevalue("postgres") if engine == "postgres" else None)
    entry, = store.audit(answer.headers["X-Request-Id"])
    assert entry["event"] == "chart.export" and PHRASE not in str(entry)
    assert PHRASE not in server.log_path.read_text(encoding="utf-8")
    assert bad_fields(doctor.post(f"{path}/encrypted-export", {"passphrase": "curta"})) == {"passphrase": "too_short"}
    problem(server.client("doctor2").post(f"{path}/encrypted-export", {"passphrase": PHRASE}), 404)
    problem(server.client("admin").post(f"{path}/encrypted-export", {"passphrase": PHRASE}), 403)


def test_what_age_seals_and_what_is_no_such_file(server, tmp_path, phrase_file):
    (tmp_path / "plain").write_text("Prontuário de alguém\n")
    assert age(tmp_path, "-p", "-o", "sealed", "plain") == 0
    done = server.run("open", tmp_path / "sealed", "--passphrase-file", phrase_file)
    assert (done.returncode, done.stdout) == (0, "Prontuário de alguém\n"), done.stderr
    phrase_file.write_text("uma outra frase bem longa")
    done = server.run("open", tmp_path / "sealed", "--passphrase-file", phrase_file)
    assert done.returncode == 1 and done.stdout == "" and "another one" in done.stderr
    cut = (tmp_path / "sealed").read_bytes()[:-1]
    (tmp_path / "sealed").write_bytes(cut)
    phrase_file.write_text(PHRASE)
    done = server.run("open", tmp_path / "sealed", "--passphrase-file", phrase_file)
    assert done.returncode == 1 and done.stdout == "" and "cut or changed" in done.stderr
    assert server.run("open", tmp_path / "plain", "--passphrase-file", phrase_file).returncode == 1
    assert server.run("open", tmp_path / "plain").returncode == 2
    phrase_file.write_text("curta")
    assert "at least 12" in server.run("open", tmp_path / "sealed", "--passphrase-file", phrase_file).stderr
