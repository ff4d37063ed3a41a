#!/usr/bin/env python3
"""prove-privacy.py: runs every proof of what is promised of personal data and prints one line a promise."""
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"   # the one Debian's python3-* packages belong to
# What is promised, and the tests that fail when it does not hold.
PROOFS = [
    ("masked: no answer depends on what is hidden", "privacy/test_masks.py"),
    ("no timing class: hidden values cost no work", "privacy/test_work.py"),
    ("no way in by a password one set", "api/test_resets.py"),
    ("sealed: nothing readable on disk", "privacy/test_plaintext.py"),
    ("keys: master key in Vault, refusals, rotation", "privacy/test_vault.py"),
    ("keys: lost or wrong key is refused", "badday/test_refused_starts.py"),
    ("kept by law: break-glass, consents, erasure", "privacy/test_rights.py"),
    ("anonymised: k and l recounted", "privacy/test_extract.py"),
    ("audited: every kind of tampering is named", "audit/test_audit_verify.py"),
    ("encrypted: exports under a passphrase, opened by age", "privacy/test_encrypted.py"),
    ("seen: doctor --privacy notices each breach", "privacy/test_doctor.py"),
    ("written: documents name proofs that exist", "privacy/test_documents.py"),
]


def run(path):
    report = ROOT / "build" / "test-logs" / "prove-privacy.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    done = subprocess.run([PYTHON, "-m", "pytest", "-q", f"--junit-xml={report}", path], cwd=ROOT / "tests",
                          capture_output=True, text=True, check=False)
    passed = failed = 0
    if report.exists():
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            bad = case.find("failure") is not None or case.find("error") is not None
            failed, passed = failed + bad, passed + (not bad and case.find("skipped") is None)
    if done.returncode != 0 and not failed or not passed:
        failed += 1
    return passed, failed, done.stdout


def main():
    total = 0
    for promise, path in PROOFS:
        print(f"...     {promise}", end="\r", flush=True)
        passed, failed, text = run(path)
        total += failed
        print(f"{'ok' if not failed else 'NOT OK':7} {promise:52} {passed:4} passed  {path}")
        if failed:
            print("\n".join(re.findall(r"^(?:FAILED|ERROR|E  ).*", text, re.M)[:20]))
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
