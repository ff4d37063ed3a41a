"""The assistant against its questions, by the same judge as `make eval`; and what the judge must notice."""
import copy
import importlib.util
import json
import subprocess

import pytest

from lib.process import ROOT

SPEC = importlib.util.spec_from_file_location("eval_tool", f"{ROOT}/tools/eval.py")
EVAL = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(EVAL)
QUESTIONS = json.loads(EVAL.QUESTIONS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=("dr_gasnelio", "ga"))
def round_of(request):
    return request.param, EVAL.ask(QUESTIONS, request.param)


def one(question, persona="dr_gasnelio"):
    return EVAL.ask([{"question": question}], persona)[0]


def test_there_are_questions_enough():
    assert len(QUESTIONS) >= 150
    assert len({q["question"] for q in QUESTIONS}) == len(QUESTIONS)


def test_limits_hold(round_of):
    persona, answers = round_of
    result = EVAL.judge(QUESTIONS, answers, persona)
    assert list(EVAL.failures(result, answers)) == [], result
    assert result["unsaid"] == []


@pytest.mark.parametrize("path, held_out", ((EVAL.DEVELOPMENT, False), (EVAL.HELD_OUT, True)))
def test_limits_hold_in_other_words(path, held_out):
    questions = json.loads(path.read_text(encoding="utf-8"))
    answers = EVAL.ask(questions, "dr_gasnelio")
    result = EVAL.judge(questions, answers, "dr_gasnelio")
    assert list(EVAL.failures(result, answers, held_out=held_out)) == [], result


@pytest.mark.parametrize("slip, word", (("rifanpicina em jejum", "rifampicina em jejum"),
                                        ("clofaizmina escurece a pele", "clofazimina escurece a pele"),
                                        ("efeito da talidomda", "efeito da talidomida")))
def test_a_slip_of_one_letter_is_understood(slip, word):
    assert one(slip)["statements"] == one(word)["statements"] != []


@pytest.mark.parametrize("other", ("Posso beber álcool durante o tratamento?", "Como é a dapsonoterapia ocular?",
                                   "Rifapentina em jejum ou com refeição?"))
def test_another_word_is_not_taken_for_a_slip(other):
    assert one(other)["reason"] == "NOT_FOUND"


def test_judge_notices_a_wrong_citation(round_of):
    persona, answers = round_of
    wrong = copy.deepcopy(answers)
    for answer in wrong:
        for statement in answer["statements"]:
            statement["passage"] = "outra"
    assert EVAL.judge(QUESTIONS, wrong, persona)["precision"] == 0


def test_judge_notices_what_must_not_be_said(round_of):
    persona, answers = round_of
    wrong = copy.deepcopy(answers)
    at = next(i for i, q in enumerate(QUESTIONS) if q["must_not_say"])
    wrong[at]["answer"] += QUESTIONS[at]["must_not_say"][0]
    assert EVAL.judge(QUESTIONS, wrong, persona)["forbidden"]


@pytest.mark.parametrize("text, hidden", (
    ("CPF 529.982.247-25: quanto tempo dura o tratamento PB?", "529"),
    ("CNS 700 5049 4323 7650, quanto dura o tratamento PB?", "5049"),
    ("Meu e-mail é ana@exemplo.org. Quanto dura o tratamento PB?", "ana@"),
    ("A paciente Joana Dark de Lima tem PB; quanto tempo dura?", "Joana"),
    ("O sr. Élcio Ramos é contato: precisa de BCG?", "lcio"),
    ("A paciente chama-se Joana Lima; precisa de BCG?", "Joana"),
))
def test_identifying_data_goes_nowhere(text, hidden):
    answer = one(text)
    assert hidden not in json.dumps(answer, ensure_ascii=False)
    assert "[dado]" in answer["question"]


def test_what_is_no_name_stays():
    assert one("Paciente Gestante com MB: quanto tempo dura?")["question"].startswith("Paciente Gestante")


def test_line_that_is_not_text_is_refused():
    done = subprocess.run([EVAL.PROGRAM, "ask", "--json"], input=b"\xff\xfe\nQuantas doses no MB?\n",
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert b"line 1" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_called_wrongly():
    assert subprocess.run([EVAL.PROGRAM, "ask", "--persona", "outra"], capture_output=True, timeout=60,
                          check=False, input=b"").returncode == 2
