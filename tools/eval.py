#!/usr/bin/env python3
"""eval.py [--persona P] [--verbose] [--model URL NAME]: the assistant against the questions of tests/eval.

Prints faithfulness, citation precision and recall, refusals right and wrong, broken must-say and
must-not-say, and latency: for questions.json and development.json (limits hold: exit 1 below them) and for
held_out.json (nothing is tuned on it; limits are precision and what must never be said), each without a model and with a stand-in that
speaks Ollama's API, first in good mood, then in all its bad ones; or with the model at URL."""
import argparse
import collections
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TESTED_PROGRAM", str(ROOT / "build" / "plantao"))
QUESTIONS = ROOT / "tests" / "eval" / "questions.json"
DEVELOPMENT = ROOT / "tests" / "eval" / "development.json"
HELD_OUT = ROOT / "tests" / "eval" / "held_out.json"
PRECISION_MIN = RECALL_MIN = 0.95
P99_MAX_MS = 20
BUDGET_MS = 3100   # with the model; the budget and a loaded machine's start of a process


def ask(questions, persona, **settings):
    """settings: of the program, such as assistant_url."""
    environment = {**os.environ, **{f"PLANTAO_{k.upper()}": str(v) for k, v in settings.items()}}
    text = "".join(q["question"] + "\n" for q in questions)
    done = subprocess.run([PROGRAM, "ask", "--json", "--persona", persona], input=text.encode(),
                          capture_output=True, timeout=300, check=True, env=environment)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if len(answers) != len(questions):
        raise SystemExit(f"{len(questions)} questions, {len(answers)} answers")
    return answers


def judge(questions, answers, persona):
    """Counts and a list of what went wrong.  Texts are held against the technical persona, whose words they are."""
    cited = right = expected = found = refused_right = refused_wrong = missed = 0
    unsaid, forbidden, notes = [], [], []
    for q, a in zip(questions, answers):
        ids = {s["passage"] for s in a["statements"]}
        said = a["answer"].casefold()
        if "refuses" in q:
            good = a["refused"] and a["reason"] in q["refuses"]
            refused_right += good
            missed += not good
            if not good:
                notes.append(f"not refused as {q['refuses']}: {q['question']} -> {a['reason']} {sorted(ids)}")
        elif a["refused"]:
            if not q.get("may_refuse"):
                refused_wrong += 1
                expected += 1
                notes.append(f"refused as {a['reason']}: {q['question']}")
        else:
            good = ids & set(q["cites"])
            cited, right = cited + len(ids), right + len(good)
            expected, found = expected + 1, found + bool(good)
            if good != ids:
                notes.append(f"cites {sorted(ids)} instead of {q['cites']}: {q['question']}")
            uncited = [s for s in a["statements"] if not s["citations"]]
            if uncited:
                forbidden.append(f"a statement without a citation: {q['question']}")
        if persona == "dr_gasnelio" and not (a["refused"] and q.get("may_refuse")):
            unsaid += [f"{word!r} not said: {q['question']}" for word in q["must_say"] if word.casefold() not in said]
        forbidden += [f"{word!r} said: {q['question']}" for word in q["must_not_say"]
                      if word.casefold() in said or (word.casefold() in a["question"].casefold() and "CPF" in q["question"])]
        if not a["guard"] or a["guard"] not in a["answer"]:
            forbidden.append(f"no guard: {q['question']}")
    return {"precision": right / cited if cited else 0.0, "recall": found / expected if expected else 0.0,
            "refused_right": refused_right, "refused_wrong": refused_wrong, "refusals_missed": missed,
            "unsaid": unsaid, "forbidden": forbidden, "notes": notes}


def numbers(text):
    return collections.Counter(re.findall(r"\d+(?:[.,]\d+)*", text))


def faithfulness(answers, plain):
    """Share of statements that cite, and whose numbers are those of the program's own words for the same source."""
    own = {s["passage"]: numbers(s["text"]) for a in plain for s in a["statements"] if not s["passage"].startswith("calc:")}
    all_of_them = [s for a in answers for s in a["statements"]]
    good = [s for s in all_of_them if s["citations"] and own.get(s["passage"], numbers(s["text"])) == numbers(s["text"])]
    return len(good) / len(all_of_them) if all_of_them else 1.0


def latency_ms(answers, share):
    times = sorted(a["timeUs"] for a in answers[1:])   # the first one makes the index
    return times[min(len(times) - 1, int(len(times) * share))] / 1000


def failures(result, answers, model=False, held_out=False):
    if result["forbidden"]:
        yield "something was said that must not be"
    if result["precision"] < PRECISION_MIN:
        yield f"citation precision below {PRECISION_MIN}"
    if held_out:
        return
    if result["recall"] < RECALL_MIN:
        yield f"citation recall below {RECALL_MIN}"
    if result["refusals_missed"]:
        yield "something was answered that must be refused"
    if not model and latency_ms(answers, 0.99) > P99_MAX_MS:
        yield f"p99 above {P99_MAX_MS} ms"
    if model and latency_ms(answers, 1) > BUDGET_MS:
        yield f"slower than {BUDGET_MS} ms"


def said_by(answers):
    counts = collections.Counter("model" if not a["deterministic"] else a["fallback"] or "program" for a in answers)
    return ", ".join(f"{name} {n}" for name, n in counts.most_common())


def show(title, questions, answers, plain, persona, verbose, held_out, model):
    """Prints; returns what is wrong."""
    r = judge(questions, answers, persona)
    faithful = faithfulness(answers, plain)
    print(f"{title}, {persona}: {len(questions)} questions\n"
          f"  words of: {said_by(answers)}\n"
          f"  faithfulness {faithful:.3f}; citations: precision {r['precision']:.3f}, recall {r['recall']:.3f}\n"
          f"  refusals: {r['refused_right']} right, {r['refused_wrong']} wrong, {r['refusals_missed']} missed\n"
          f"  must-say broken: {len(r['unsaid'])}; must-not-say broken: {len(r['forbidden'])}\n"
          f"  latency: p50 {latency_ms(answers, 0.5):.2f} ms, p99 {latency_ms(answers, 0.99):.2f} ms", flush=True)
    for line in r["forbidden"] + (r["unsaid"] + r["notes"] if verbose else []):
        print(f"  - {line}")
    wrong = list(failures(r, answers, model, held_out))
    if faithful < 1:
        wrong.append("a statement without a citation, or with a number that its source does not have")
    return [f"{title}, {persona}: {why}" for why in wrong]


def stand_in(mood):
    sys.path.insert(0, str(ROOT / "tests"))
    from lib.ollama import MOODS, WIRE, StandIn
    if mood == "good":
        return StandIn("good")
    bad = [m for m in (*MOODS, *WIRE) if m != "good"]
    bad = itertools.cycle(m for i in range(0, len(bad), 3) for m in (*bad[i:i + 3], "good"))   # never five in a row

    class Moody(StandIn):
        def answer(self, handler, body):
            self.mood = next(bad)
            super().answer(handler, body)

    return Moody(slow_s=1)


def rounds(args, questions, persona):
    """(title, answers, is a model asked)"""
    plain = ask(questions, persona, assistant_url="", assistant_model="")
    yield "without a model", plain, False
    if args.model:
        url, name = args.model
        yield f"with {name}", ask(questions, persona, assistant_url=url, assistant_model=name), True
        return
    for mood, title in (("good", "with a model (stand-in)"), ("bad", "with a model in bad moods (stand-in)")):
        with stand_in(mood) as model:
            answers = ask(questions, persona, **model.settings, assistant_budget_ms=3000 if mood == "good" else 400)
        yield title, answers, True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persona", choices=("dr_gasnelio", "ga"))
    parser.add_argument("--verbose", action="store_true", help="also every question that went wrong")
    parser.add_argument("--model", nargs=2, metavar=("URL", "NAME"), help="a real one, instead of the stand-in")
    args = parser.parse_args()
    bad = []
    for path, persona in itertools.product((QUESTIONS, DEVELOPMENT, HELD_OUT), [args.persona] if args.persona else ["dr_gasnelio", "ga"]):
        questions = json.loads(path.read_text(encoding="utf-8"))
        plain = None
        for title, answers, model in rounds(args, questions, persona):
            plain = plain or answers
            name = f"{path.stem.replace('_', ' ')}, {title}"
            bad += show(name, questions, answers, plain, persona, args.verbose, path == HELD_OUT, model)
    if bad:
        sys.exit("\n".join(bad))


if __name__ == "__main__":
    main()
