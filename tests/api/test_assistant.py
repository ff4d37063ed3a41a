"""The assistant over HTTP: cited answers, doses from the calculators, refusals, who may ask, and the audit entry."""
import pytest

from lib.client import bad_fields

ASK = "/api/assistant/ask"


def ask(client, question, persona=None):
    answer = client.post(ASK, {"question": question, **({"persona": persona} if persona else {})})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("persona", (None, "ga", "dr_gasnelio"))
def test_answer_cites(server, persona):
    said = ask(server.client("doctor"), "Quanto tempo dura o tratamento MB?", persona)
    assert said["persona"] == (persona or "ga")
    assert [s["passage"] for s in said["statements"]] == ["pqtu.duracao_mb"]
    citation = said["statements"][0]["citations"][0]
    assert "PCDT" in citation["document"] and citation["section"] and citation["page"] == "58"
    assert "12 doses" in said["answer"] and said["guard"] in said["answer"]
    assert said["deterministic"] is True and said["refused"] is False and said["reason"] is None


def test_dose_is_the_calculators(server):
    client = server.client("doctor")
    said = ask(client, "Qual a dose para 29,9 kg MB?")
    computed = client.post("/api/hansen/calculators/pqtu_dose", {"weightKg": "29,9", "class": "MB"}).json()["result"]
    for name in ("rifampicinaMensalMg", "clofaziminaDiaria", "dapsonaDiariaMg", "clofaziminaSemanalMg"):
        spoken = computed[name].replace(".", ",").replace(",0", "")   # as Portuguese writes it
        assert spoken in said["answer"] and computed[name] not in said["answer"].replace(spoken, "")


def test_refusal_is_an_answer(server):
    said = ask(server.client("doctor"), "Dose para o paciente José Santos, CPF 529.982.247-25, 60 kg")
    assert said["refused"] is True and said["reason"] == "NAMED_PERSON" and said["statements"] == []
    assert "José" not in said["question"] and "529" not in said["question"]


def test_bad_requests(server):
    client = server.client("doctor")
    assert bad_fields(client.post(ASK, {"persona": "outra", "question": "MB?"})).keys() == {"persona"}
    assert bad_fields(client.post(ASK, {"question": " "})) == {"question": "required"}
    assert bad_fields(client.post(ASK, {"question": "a" * 2001})).keys() == {"question"}


def test_who_may_ask(server):
    for role in ("doctor", "nurse", "patient", "admin"):
        assert ask(server.client(role), "Quantas doses no MB?")["refused"] is False
    assert server.client("auditor").post(ASK, {"question": "Quantas doses no MB?"}).status_code == 403


def test_is_audited_without_the_question(server):
    ask(server.client("nurse"), "A clofazimina escurece a pele?")
    entries = server.client("auditor").get("/api/audit?event=assistant.ask")
    assert entries.status_code == 200, entries.text
    assert entries.json()["items"]
    assert "clofazimina" not in entries.text
