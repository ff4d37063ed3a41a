"""plantao ha: what init makes from one small file is accepted by those who read it, and what would lose data is refused."""
import os
import re
import shutil
import stat
import subprocess

import pytest

from lib.process import ROOT, plain_environment
from lib.server import binary

CONF = "node1 = 127.77.1.11\nnode2 = 127.77.1.12\nwitness = 127.77.1.10\n"


def ha(*arguments):
    return subprocess.run([binary(), "ha", *map(str, arguments)], capture_output=True, text=True, env=plain_environment(), timeout=60)


@pytest.fixture
def made(tmp_path):
    """A cluster's three folders in their places."""
    conf = tmp_path / "ha.conf"
    conf.write_text(f"{CONF}config_dir = {tmp_path}/etc/%h\nstate_dir = {tmp_path}/var/%h\nprogram = {binary()}\n"
                    f"plantao_user = postgres\nsite = prontuario.example\n")
    done = ha("init", conf, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for host in ("node1", "node2", "witness"):
        shutil.copytree(tmp_path / "out" / host, tmp_path / "etc" / host)
    return tmp_path


def test_it_says_what_it_made_and_keeps_what_must_stay(made):
    secret, ca = (made / "out/secrets/app_password").read_text(), (made / "out/ca/ca.pem").read_text()
    again = ha("init", made / "ha.conf", "--out", made / "out")
    assert again.returncode == 0 and again.stdout.count("kept") == 2
    assert (made / "out/secrets/app_password").read_text() == secret and (made / "out/ca/ca.pem").read_text() == ca


def test_secrets_are_private(made):
    for path in (made / "out").rglob("*"):
        text = path.read_bytes() if path.is_file() else b""
        if b"PRIVATE KEY" in text or b"assword" in path.name.encode() or re.search(rb"password: \"[0-9a-f]{48}", text) \
                or path.name in ("master.key", "plantao.conf", "post-init.sh"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_nothing_is_left_to_fill_in(made):
    for path in (made / "out").rglob("*"):
        if path.is_file() and path.suffix in (".yml", ".cfg", ".conf", ".service", ".sh"):
            assert not re.search(r"@\w+@", path.read_text()), path


@pytest.mark.parametrize("host,folder,name", [("node1", "etcd", "tls"), ("node2", "patroni", "tls"), ("node1", "plantao", "tls"),
                                              ("witness", "haproxy", "site")])
def test_certificates_are_good_for_their_host(made, host, folder, name):
    folder = made / "out" / host / folder
    done = subprocess.run(["openssl", "verify", "-CAfile", folder / "ca.pem", "-purpose", "sslserver", "-verify_ip",
                           {"node1": "127.77.1.11", "node2": "127.77.1.12", "witness": "127.77.1.10"}[host],
                           folder / f"{name}.pem"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    text = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", folder / f"{name}.pem"],
                          capture_output=True, text=True).stdout
    assert ("prontuario.example" in text) == (name == "site")


def test_those_who_read_it_accept_it(made):
    import yaml
    done = subprocess.run(["haproxy", "-c", "-f", made / "etc/witness/haproxy/haproxy.cfg"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    units = sorted((made / "out").glob("*/systemd/*.service"))
    assert len(units) == 8
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for node in ("node1", "node2"):
        patroni = yaml.safe_load((made / f"out/{node}/patroni/patroni.yml").read_text())
        dcs = patroni["bootstrap"]["dcs"]
        assert "etcd" in patroni and "etcd3" not in patroni
        assert dcs["synchronous_mode"] and dcs["failsafe_mode"] and dcs["postgresql"]["use_pg_rewind"]
        assert all(rule.split()[0] == "hostssl" and rule.endswith("scram-sha-256") for rule in patroni["postgresql"]["pg_hba"]
                   if not rule.startswith("local"))
        etcd = yaml.safe_load((made / f"out/{node}/etcd/etcd.yml").read_text())
        assert etcd["enable-v2"] and etcd["client-transport-security"]["client-cert-auth"]
        checked = subprocess.run([binary(), "conf", "--config", made / f"out/{node}/plantao/plantao.conf"], capture_output=True,
                                 text=True, env=plain_environment())
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("more,said", [
    ("dcs = etcd3\n", "acknowledged writes lost"),
    ("retry_timeout = 9\n", "must not exceed ttl"),
    ("node3 = 10.0.0.1\n", "there is no key"),
    ("web_port = 99999\n", "a port from 1 to 65535"),
    ("state_dir = /var/lib/x; rm\n", "a path without blanks"),
])
def test_what_would_go_wrong_is_refused(tmp_path, more, said):
    conf = tmp_path / "ha.conf"
    conf.write_text(CONF + more)
    done = ha("init", conf, "--out", tmp_path / "out")
    assert done.returncode == 1 and said in done.stderr
    assert not (tmp_path / "out").exists()


def test_three_hosts_are_three_hosts(tmp_path):
    conf = tmp_path / "ha.conf"
    conf.write_text("node1 = 10.0.0.1\nnode2 = 10.0.0.2\nwitness = 10.0.0.1\n")
    assert "three hosts" in ha("init", conf, "--out", tmp_path / "out").stderr
    conf.write_text("node1 = 10.0.0.1\nnode2 = 10.0.0.2\n")
    assert "witness is missing" in ha("init", conf, "--out", tmp_path / "out").stderr


def test_join_checks_before_it_starts_anything(made):
    fine = ha("join", made / "etc/node1", "--check")
    assert fine.returncode == 0, fine.stderr
    assert "v2 API" in fine.stdout and not (made / "var").exists()
    assert "copy it there first" in ha("join", made / "out/node1", "--check").stderr
    patroni = made / "etc/node1/patroni/patroni.yml"
    text = patroni.read_text()
    patroni.write_text(text.replace("\netcd:", "\netcd3:"))
    assert "etcd, not etcd3" in ha("join", made / "etc/node1", "--check").stderr
    patroni.write_text(text)
    conf = made / "etc/node2/ha.conf"
    conf.write_text(conf.read_text().replace("127.77.1.12", "192.0.2.12"))
    assert "does not have 192.0.2.12" in ha("join", made / "etc/node2", "--check").stderr


def test_the_example_is_a_file_init_takes(tmp_path):
    done = ha("init", os.path.join(ROOT, "deploy/ha/ha.conf.example"), "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
