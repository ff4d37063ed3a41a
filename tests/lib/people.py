"""Invented people with right check digits, never the same twice in a run."""
import random
import uuid

_random = random.SystemRandom()
_given = set()


def _cpf_digit(digits):
    rest = sum(d * w for d, w in zip(digits, range(len(digits) + 1, 1, -1))) % 11
    return 0 if rest < 2 else 11 - rest


def cpf():
    while True:
        digits = [_random.randrange(10) for _ in range(9)]
        digits.append(_cpf_digit(digits))
        digits.append(_cpf_digit(digits))
        text = "".join(map(str, digits))
        if text not in _given and len(set(text)) > 1:
            _given.add(text)
            return text


def cns():
    """A provisional one: begins with 7, its weighted sum is a multiple of 11."""
    while True:
        digits = [7] + [_random.randrange(10) for _ in range(13)]
        rest = -sum(d * w for d, w in zip(digits, range(15, 1, -1))) % 11
        if rest < 10:
            return "".join(map(str, digits + [rest]))


def word():
    """A word that stands in no other text of the run, whose stem is itself."""
    return "zx" + "".join(_random.choice("bcdfghjkmpqvwx") for _ in range(10))


def patient(**more):
    return {"name": f"Paciente {word()}", "birthDate": "1980-02-29", "sex": "F", "cpf": cpf(), **more}


def record(patient_id, **more):
    return {"patientId": patient_id, "title": "Consulta", "diagnosis": "Hanseníase", **more}


def nobody():
    """An id that names nothing."""
    return str(uuid.UUID(int=(0x018cc251f400 << 80) | 0x7 << 76 | 0x8 << 60 | _random.getrandbits(60)))
