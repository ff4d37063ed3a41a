"""What differs between the twins: a case of hanseníase followed up in two ways, and the check, from the program's rows, that
every field marked as identity or clinical was given two values, or stands here with the reason why it cannot be."""
import functools
import re
import subprocess

from lib.server import binary
from lib.walk import DOCUMENT, resolved

COUNTED = "counted by indicators, which are open to who sees no case: another value is another count"
PLAN = "follows from what indicators count (class, form, smear, days of doses)"
# (component, field): why both sides hold the same.
EQUAL = {
    **{(kind, field): COUNTED for kind in ("HansenCase", "ListedCase") for field in (
        "municipality", "entryMode", "detectionMode", "clinicalForm", "initialClass", "operationalClass", "smear", "ageGroup",
        "gifDiagnosis", "gifDischarge", "reaction", "discharge")},
    **{(kind, field): PLAN for kind in ("HansenCase", "ListedCase") for field in ("regimen", "plannedDoses", "windowMonths")},
    **{("BoardItem", field): PLAN for field in (
        "operationalClass", "clinicalForm", "attendance", "doses", "plannedDoses", "nextDoseOn", "windowEndsOn", "fits")},
    **{("BulletinItem", field): COUNTED for field in (
        "classNow", "regimenNow", "gradeNow", "doses", "reaction", "contacts", "contactsExamined", "discharge")},
    **{("CaseComputed", field): PLAN for field in ("classByRule", "classReason", "gif")},
    ("CaseComputed", "flags"): PLAN,
    ("CaseFindings", "severeReactionTo"): PLAN,
    ("CaseView", "attendance"): PLAN,
    ("BreakGlass", "patientName"): "only who reviews is shown it, and no more than the part that is equal",
    ("Patient", "identifiers"): "only an import makes them; masked as a whole, as every list is",
    ("Assessment", "gif"): COUNTED,
    ("StateChange", "discharge"): COUNTED,
    ("StateChange", "clinicalEvaluation"): COUNTED,
    ("StateChange", "outsideWindow"): COUNTED,
    ("HansenContact", "examinedOn"): COUNTED,
    ("HansenContact", "result"): COUNTED,
    ("ContactExam", "result"): COUNTED,
    ("ContactExam", "examinedOn"): COUNTED,
    ("Dose", "takenOn"): PLAN,
    ("Dose", "flags"): PLAN,
    ("Reaction", "type"): COUNTED,
}

NO_SITES = dict.fromkeys(("olhoD", "olhoE", "maoD", "maoE", "peD", "peE"), 0)
SIDES = (
    {"findings": {"lesionCount": 7, "nerveCount": 1, "weightKg": "60", "race": "PARDA", "notes": "zxkovarbiose",
                  "lesions": [{"site": "antebraco", "side": "D", "count": 7, "note": "zxkovarbiose"}], "smearSites": [3, 2],
                  "disability": {**NO_SITES, "maoD": 1, "olhoD": 1, "peD": 1}, "pregnant": False, "breastfeeding": True},
     "notify": {"sinanNumber": "1111111"},
     "dose": {"weightKg": "60", "selfTaken": 1, "note": "zxkovarbiose", "earlyReason": "zxkovarbiose"},
     "assess": {"sites": {**NO_SITES, "maoE": 1, "olhoE": 1, "peE": 1}, "complaints": "zxkovarbiose", "note": "zxkovarbiose", "reason": "QUEIXA",
                "assessedOn": "2026-03-01",
                "nerves": [{"nerve": "ULNAR", "side": "D", "thickened": True, "painful": False, "sensoryLoss": True, "strength": 4}]},
     "reaction": {"startedOn": "2026-02-01", "neuritis": False, "weightKg": "60", "treatment": "zxkovarbiose", "note": "zxkovarbiose",
                  "neutrophils": 3000, "contraceptiveMethods": 0, "pregnancyTestHours": 12, "reproductivePotential": "NAO",
                  "pregnant": "NAO", "breastfeeding": "NAO", "corticoid": "NAO"},
     "reaction_end": {"endedOn": "2026-03-01", "treatment": "zxkovarbiose", "note": "zxkovarbiose"},
     "adverse": {"on": "2026-02-20", "drug": "zxkovarbiose", "severity": "LEVE", "description": "zxkovarbiose", "action": "zxkovarbiose",
                 "reported": False},
     "contact": {"kind": "SOCIAL", "name": "zxkovarbiose", "relation": "zxkovarbiose", "birthDate": "1960-01-01", "phone": "81988880101",
                 "note": "zxkovarbiose"},
     "exam": {"bcgScars": 0, "ageMonths": 400, "bcgContraindication": "NENHUMA", "bcgGiven": False, "note": "zxkovarbiose"},
     "leave": {"reason": "zxkovarbiose", "destination": "zxkovarbiose"}, "back": {"reason": "zxkovarbiose voltou"}},
    {"findings": {"lesionCount": 9, "nerveCount": 2, "weightKg": "71.5", "race": "PRETA", "notes": "zxmelitrofia há muito tempo",
                  "lesions": [{"site": "perna", "side": "E", "count": 9, "note": "zxmelitrofia há muito tempo"}], "smearSites": [4, 1, 5],
                  "disability": {**NO_SITES, "maoE": 1, "olhoE": 1}, "pregnant": True, "breastfeeding": False},
     "notify": {"sinanNumber": "2222222"},
     "dose": {"weightKg": "29.9", "selfTaken": 27, "note": "zxmelitrofia há muito tempo", "earlyReason": "zxmelitrofia há muito tempo"},
     "assess": {"sites": {**NO_SITES, "maoD": 1, "olhoD": 1, "peD": 1, "maoE": 1}, "complaints": "zxmelitrofia há muito tempo", "note": "zxmelitrofia",
                "reason": "CIRURGIA", "assessedOn": "2026-03-05",
                "nerves": [{"nerve": "FIBULAR", "side": "E", "thickened": False, "painful": True, "sensoryLoss": False, "strength": 2}]},
     "reaction": {"startedOn": "2026-02-03", "neuritis": True, "weightKg": "71.5", "treatment": "zxmelitrofia há muito tempo", "note": "zxmelitrofia",
                  "neutrophils": 1800, "contraceptiveMethods": 2, "pregnancyTestHours": 20, "reproductivePotential": "SIM",
                  "pregnant": "SIM", "breastfeeding": "SIM", "corticoid": "SIM"},
     "reaction_end": {"endedOn": "2026-03-04", "treatment": "zxmelitrofia há muito tempo", "note": "zxmelitrofia"},
     "adverse": {"on": "2026-02-22", "drug": "zxmelitrofia", "severity": "GRAVE", "description": "zxmelitrofia há muito tempo", "action": "zxmelitrofia",
                 "reported": True},
     "contact": {"kind": "DOMICILIAR", "name": "Joana Zxprado", "relation": "irmã", "birthDate": "1990-07-01", "phone": "81977770202",
                 "note": "zxmelitrofia há muito tempo"},
     "exam": {"bcgScars": 1, "ageMonths": 700, "bcgContraindication": "GESTANTE", "bcgGiven": True, "note": "zxmelitrofia há muito tempo"},
     "leave": {"reason": "zxmelitrofia há muito tempo", "destination": "zxmelitrofia"}, "back": {"reason": "zxmelitrofia há muito tempo"}},
)


def _both(common, part):
    return tuple({**common, **side[part]} for side in SIDES)


def hansen(pair, patients):
    """A case followed up in two ways. What is counted is the same: indicators are open to who sees no case."""
    opening = {"patientId": patients, "diagnosedOn": "2026-01-10", "entryMode": "CASO_NOVO", "clinicalForm": "DIMORFA", "smear": "POSITIVA"}
    case = pair.make("doctor2", "/api/hansen/cases", tuple({**opening, "findings": side["findings"]} for side in SIDES))
    path = ["/api/hansen/cases/", case]
    pair.do("doctor2", "POST", [*path, "/notification"], _both({"notifiedOn": "2026-01-11"}, "notify"))
    for taken in ("2026-01-11", "2026-02-08"):
        pair.do("doctor2", "POST", [*path, "/doses"], _both({"takenOn": taken}, "dose"))
    pair.do("doctor2", "POST", [*path, "/assessments"], _both({}, "assess"))
    reaction = pair.make("doctor2", [*path, "/reactions"], _both({"type": "TIPO_1"}, "reaction"))
    pair.do("doctor2", "PUT", ["/api/hansen/reactions/", reaction],
            tuple({**side["reaction_end"], "version": 1} for side in SIDES))
    pair.do("doctor2", "POST", [*path, "/adverse-events"], _both({}, "adverse"))
    contact = pair.make("doctor2", [*path, "/contacts"], _both({}, "contact"))
    pair.do("doctor2", "PUT", ["/api/hansen/contacts/", contact],
            _both({"examinedOn": "2026-02-01", "result": "DESCARTADO", "version": 1}, "exam"))
    pair.do("doctor2", "POST", [*path, "/discharge"], _both({"on": "2026-03-10", "discharge": "TRANSFERENCIA_OUTRO_MUNICIPIO"}, "leave"))
    pair.do("doctor2", "POST", [*path, "/reopen"], _both({"on": "2026-03-12"}, "back"))
    return {"cases": [case], "reactions": [reaction], "contacts": [contact]}


# ---- the rows

@functools.cache
def sensitive():
    """{component: {fields}} marked as identity or clinical, of what the doors answer."""
    text = subprocess.run([binary(), "privacy", "dictionary"], capture_output=True, check=True, text=True, encoding="utf-8").stdout
    marked = {}
    for section in text.split("\n## ")[1:]:
        component = "".join(word.capitalize() for word in section.split()[0].split("_"))
        fields = set(re.findall(r"^\| `(\w+)` \| (?:identificação|clínico) \|", section, re.M))
        if fields and "properties" in DOCUMENT["components"]["schemas"].get(component, ()):   # one without is a bare number
            marked[component] = fields
    return marked


def _component(schema):
    return schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else next(
        (_component(s) for s in schema.get("oneOf", schema.get("anyOf", ())) if "$ref" in s), None)


def leaves(schema, value, out):
    """{(component, field): [values]} of an answer; what holds other objects is looked into instead."""
    component = _component(schema)
    shape = DOCUMENT["components"]["schemas"][component] if component else resolved(schema)
    if isinstance(value, list):
        for one in value:
            leaves(shape.get("items", {}), one, out)
    elif isinstance(value, dict):
        for name, inside in value.items():
            below = shape.get("properties", {}).get(name, {})
            if isinstance(inside, dict) or (isinstance(inside, list) and any(isinstance(i, dict) for i in inside)):
                leaves(below, inside, out)
            else:
                out.setdefault((component, name), []).append(inside)
    return out


def _answers():
    """Every component that some door answers, and what its answers are made of."""
    found = set()

    def walk(schema):
        name = _component(schema)
        if name and name not in found:
            found.add(name)
            walk(DOCUMENT["components"]["schemas"][name])
        for below in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else []),
                      *schema.get("oneOf", ()), *schema.get("anyOf", ())]:
            walk(below)
    for item in DOCUMENT["paths"].values():
        for operation in item.values():
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    walk(content["schema"])
    return found


def is_container(component, field):
    """It holds other objects, whose own fields are marked."""
    shape = resolved(DOCUMENT["components"]["schemas"][component]["properties"][field])
    inside = DOCUMENT["components"]["schemas"][component]["properties"][field]
    items = shape.get("items", {})
    return bool(_component(inside)) or "properties" in resolved(items) or shape.get("type") == "object"


def not_different(pair, doors):
    """What is marked and was not given two values: asked as those who see all of it, [(who, route, path)]."""
    both = ({}, {})
    for who, route, path in doors:
        answers = pair.send(who, "GET", path)
        for side, answer in enumerate(answers):
            assert answer.status_code == 200, f"{path}: {answer.text}"
            leaves(DOCUMENT["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]["schema"], answer.json(), both[side])
    wanted = {(c, f) for c in sensitive().keys() & _answers() for f in sensitive()[c] if not is_container(c, f)}
    differ = {key for key in wanted if both[0].get(key) != both[1].get(key)}
    return sorted(wanted - differ - EQUAL.keys()), sorted(EQUAL.keys() & differ), sorted(EQUAL.keys() - wanted)


