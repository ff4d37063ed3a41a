"""The same backups in a bucket: signed, in parts when large, caught up after the bucket was away."""
import json
import time

import pytest

from lib.bucket import Bucket
from lib.server import Plantao
from test_backup import command, ids, plain, wait_shipped, write


@pytest.fixture(scope="module")
def bucket():
    with Bucket() as one:
        yield one


@pytest.fixture
def shipped(bucket, request):
    settings = {**bucket.settings(prefix=request.node.name.replace("[", "-").replace("]", "")), "backup_interval_ms": 100,
                "backup_prove_hours": 0}
    server = Plantao(settings=settings)
    command(server, "backup", "init")
    with server:
        yield server


def figure(server, name):
    text = server.client().get("/metrics").text
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")))


def wait_for(what, timeout_s=40):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def test_what_was_written_comes_back(shipped, bucket, tmp_path):
    made = write(shipped, 3)
    wait_shipped(shipped, time.time())
    assert "proven" in command(shipped, "backup", "verify").stdout
    command(shipped, "restore", "--into", tmp_path / "back")
    assert {plain(m) for m in made} <= ids(tmp_path / "back/plantao.db")
    for path in bucket.files().values():
        assert b"SQLite format" not in path.read_bytes() and b"medical_record" not in path.read_bytes()


def test_a_wrong_secret_is_refused_and_said(bucket, shipped):
    r = command(shipped, "backup", "list", more={"backup_s3_secret": "WRONG"}, fine=False)
    assert r.returncode == 1
    assert "SignatureDoesNotMatch" in r.stderr and "backup_s3_secret" in r.stderr
    assert "WRONG" not in r.stderr


def test_a_server_with_a_wrong_secret_says_so_and_goes_on(bucket):
    right = bucket.settings(prefix="wrong")
    server = Plantao(settings=bucket.settings(prefix="wrong", secret="WRONG"))
    r = command(server, "backup", "init", fine=False)
    assert r.returncode == 1 and "cannot be seen" in r.stderr and "SignatureDoesNotMatch" in r.stderr
    command(server, "backup", "init", more={"backup_s3_secret": right["backup_s3_secret"]})
    with server:
        assert "SignatureDoesNotMatch" in server.wait_log("backup_failing")[0]["why"]
        assert figure(server, "plantao_backup_failing") == 1
        write(server, 1)


def test_a_new_key_beside_backups_is_refused(shipped, tmp_path):
    wait_shipped(shipped, 0)
    shipped.stop()
    other = {"backup_key_file": tmp_path / "other.key"}
    r = command(shipped, "backup", "init", more=other, fine=False)
    assert r.returncode == 1 and "no new key opens" in r.stderr and not (tmp_path / "other.key").exists()
    command(shipped, "backup", "init", "--new-key", more=other)


def test_a_bucket_that_is_not_there(bucket, shipped):
    r = command(shipped, "backup", "list", fine=False,
                more={"backup_s3_url": f"https://localhost:{bucket.port}/nothing"})
    assert r.returncode == 1 and "NoSuchBucket" in r.stderr


@pytest.mark.parametrize("url", ["ftp://localhost/copies", "https://localhost", "https://localhost/", "localhost/copies"])
def test_an_address_that_is_none(shipped, url):
    r = command(shipped, "backup", "list", more={"backup_s3_url": url}, fine=False)
    assert r.returncode == 1 and "https://HOST[:PORT]/BUCKET[/PREFIX]" in r.stderr


def test_two_targets_are_one_too_many(shipped, tmp_path):
    r = command(shipped, "backup", "list", more={"backup_dir": tmp_path}, fine=False)
    assert r.returncode == 1 and "choose one" in r.stderr


def test_an_unknown_certificate_is_refused(shipped):
    r = command(shipped, "backup", "list", more={"backup_s3_ca_file": ""}, fine=False)
    assert r.returncode == 1 and "certificate" in r.stderr.lower()


def test_the_bucket_is_away_and_comes_back(shipped, bucket, tmp_path):
    """Serving goes on, the alarm is up meanwhile, and what was written then is in the backup afterwards."""
    before = write(shipped, 2)
    wait_shipped(shipped, time.time())
    bucket.stop()
    try:
        during = write(shipped, 3)
        wait_for(lambda: figure(shipped, "plantao_backup_failing") == 1)
        checks = shipped.client().get("/health").json()["checks"]
        assert checks["backup"]["status"] == "warn"
    finally:
        bucket.start()
    wait_for(lambda: figure(shipped, "plantao_backup_failing") == 0)
    wait_shipped(shipped, 0)
    command(shipped, "restore", "--into", tmp_path / "back")
    assert {plain(m) for m in before + during} <= ids(tmp_path / "back/plantao.db")
    assert shipped.client().get("/health").json()["checks"]["backup"]["status"] == "ok"


def test_a_large_base_goes_in_parts(bucket, tmp_path):
    """More than two parts of 5 MiB, which is the least that buckets take."""
    server = Plantao(settings={**bucket.settings(prefix="large"), "backup_s3_part_mib": 5})
    server.data_dir.mkdir()
    command(server, "backup", "init")
    command(server, "seed", "--doctors", "2", "--patients", "200", "--records", "32000")
    command(server, "backup", "run")
    base = next(path for name, path in bucket.files().items() if name.startswith("large/") and name.endswith("/base"))
    assert base.stat().st_size > 10 << 20
    assert json.loads(command(server, "backup", "verify", "--json").stdout)["proven"]
    command(server, "restore", "--into", tmp_path / "back")
    assert len(ids(tmp_path / "back/plantao.db")) >= 32000
    server.close()


def test_more_files_than_a_page_of_a_listing(shipped, bucket):
    """A listing comes in pages of 1000: none is lost between them."""
    wait_shipped(shipped, 0)
    shipped.stop()
    folder = next(n for n in bucket.files() if n.endswith("/base") and "more_files" in n).rsplit("/", 1)[0]
    key = bucket.files()[f"{folder}/key"]
    newest = json.loads(command(shipped, "backup", "list", "--json").stdout)[0]
    beside = [p for p in key.parent.iterdir() if p.name.startswith("key._S3rver_")]
    for i in range(1100):
        for p in beside:
            (key.parent / p.name.replace("key.", f"log-0099-{i:08}-001700000000000.")).write_bytes(p.read_bytes())
    again = json.loads(command(shipped, "backup", "list", "--json").stdout)[0]
    assert again["segments"] == newest["segments"] + 1100
    shipped.start()

