#!/usr/bin/env python3
"""eval.py [--persona P] [--verbose]: the assistant against tests/eval/questions.json.

Prints citation precision and recall, refusals right and wrong, broken must-say and
must-not-say, and latency.  Exit 1 below the limits."""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("PLANTAO_BIN", str(ROOT / "build" / "plantao"))
QUESTIONS = ROOT / "tests" / "eval" / "questions.json"
PRECISION_MIN = RECALL_MIN = 0.95
P99_MAX_MS = 20


def ask(questions, persona):
    text = "".join(q["question"] + "\n" for q in questions)
    done = subprocess.run([PROGRAM, "ask", "--json", "--persona", persona], input=text.encode(),
                          capture_output=True, timeout=120, check=True)
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
        if not a["guard"] or a["guard"] not in a["answer"] or not a["deterministic"]:
            forbidden.append(f"no guard: {q['question']}")
    return {"precision": right / cited if cited else 0.0, "recall": found / expected if expected else 0.0,
            "refused_right": refused_right, "refused_wrong": refused_wrong, "refusals_missed": missed,
            "unsaid": unsaid, "forbidden": forbidden, "notes": notes}


def latency_ms(answers, share):
    times = sorted(a["timeUs"] for a in answers[1:])   # the first one makes the index
    return times[min(len(times) - 1, int(len(times) * share))] / 1000


def failures(result, answers):
    if result["precision"] < PRECISION_MIN:
        yield f"citation precision below {PRECISION_MIN}"
    if result["recall"] < RECALL_MIN:
        yield f"citation recall below {RECALL_MIN}"
    if result["forbidden"]:
        yield "something was said that must not be"
    if result["refusals_missed"]:
        yield "something was answered that must be refused"
    if latency_ms(answers, 0.99) > P99_MAX_MS:
        yield f"p99 above {P99_MAX_MS} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persona", choices=("dr_gasnelio", "ga"))
    parser.add_argument("--verbose", action="store_true", help="also every question that went wrong")
    args = parser.parse_args()
    questions = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    bad = []
    for persona in [args.persona] if args.persona else ["dr_gasnelio", "ga"]:
        answers = ask(questions, persona)
        r = judge(questions, answers, persona)
        print(f"{persona}: {len(questions)} questions\n"
              f"  citations: precision {r['precision']:.3f}, recall {r['recall']:.3f}\n"
              f"  refusals: {r['refused_right']} right, {r['refused_wrong']} wrong, {r['refusals_missed']} missed\n"
              f"  must-say broken: {len(r['unsaid'])}; must-not-say broken: {len(r['forbidden'])}\n"
              f"  latency: p50 {latency_ms(answers, 0.5):.2f} ms, p99 {latency_ms(answers, 0.99):.2f} ms")
        for line in r["forbidden"] + (r["unsaid"] + r["notes"] if args.verbose else []):
            print(f"  - {line}")
        bad += [f"{persona}: {why}" for why in failures(r, answers)]
    if bad:
        sys.exit("\n".join(bad))


if __name__ == "__main__":
    main()
