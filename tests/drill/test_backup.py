"""Backups of the cluster: read from the standby, archived by whichever node is primary, proven on a node."""
import json
import time


def backup(lab, node, *words, check=True):
    return lab.x(node, lab.program, "backup", *words, "--config", lab.dir / "etc" / node / "plantao/plantao.conf", check=check, timeout=300)


def wait(what, timeout_s=120):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError("it did not happen in time")


def sets(lab, node):
    return json.loads(backup(lab, node, "list", "--json").stdout)


def test_the_standby_takes_them_and_the_primary_archives(lab):
    wait(lambda: sets(lab, lab.standby()))   # the service's first
    refused = backup(lab, lab.leader(), "run", check=False)
    assert refused.returncode == 1 and "takes the backups" in refused.stderr
    former = lab.leader()
    lab.switchover()
    wait(lambda: lab.leader() not in (None, former) and lab.standby() == former)
    lab.wait_healthy()
    label = backup(lab, former, "run", "diff").stdout.strip().splitlines()[-1]
    assert sets(lab, former)[0]["name"] == label == sets(lab, lab.leader())[0]["name"], "both see the same repository"
    proof = json.loads(backup(lab, former, "verify", "--json").stdout.splitlines()[-1])
    assert proof["proven"] and proof["source"] and proof["keys"] and proof["backup"] == label
    conf = lab.dir / "etc" / former / "plantao/ca.pem"
    health = lab.x(former, "curl", "-s", "--cacert", conf, f"https://{lab.address(former)}:8443/health")
    assert json.loads(health.stdout)["checks"]["backup"]["status"] == "ok"
