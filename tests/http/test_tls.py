"""TLS at the edge itself: the same requests, certificates, what is refused."""
import json
import socket
import ssl
import subprocess
import threading
import time

import pytest

from wire import Wire, chunked, get, post


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "30", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="module")
def secure(certificate):
    from conftest import Edge
    one = Edge(tls_cert=certificate[0], tls_key=certificate[1], header_timeout_ms=1000, threads=2)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def client(certificate):
    return ssl.create_default_context(cafile=str(certificate[0]))


def test_requests(secure, client):
    with secure.wire(tls=client) as wire:
        seen = json.loads(wire.send(get("/echo?a")).answer().body)
        assert seen["tls"] is True and seen["query"] == "a"
        body = b"b" * 200_000
        assert json.loads(wire.send(post("/sum", f"Content-Length: {len(body)}", body=body)).answer().body)["n"] == 200_000
        data = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        assert json.loads(wire.send(chunked("/sum", data)).answer().body)["n"] == 200_000
        assert len(wire.send(get("/big?n=9000000&binary=1")).answer().body) == 9_000_000


def test_200_pipelined(secure, client):
    with secure.wire(tls=client) as wire:
        wire.send(b"".join(get(f"/echo?{i}") for i in range(200)))
        assert [json.loads(wire.answer().body)["query"] for _ in range(200)] == [str(i) for i in range(200)]


def test_byte_by_byte(secure, client):
    with secure.wire(tls=client) as wire:
        assert wire.send_slowly(get("/echo")).answer().status == 200


def test_a_refusal(secure, client):
    with secure.wire(tls=client) as wire:
        answers = wire.send(get("/echo", "Host: b") + get("/hidden")).rest()
    assert [a.status for a in answers] == [400]


def test_many_at_once(secure, client):
    failed = []

    def talk():
        try:
            for _ in range(5):
                with secure.wire(tls=client) as wire:
                    for _ in range(5):
                        assert len(wire.send(get("/big?n=100000&binary=1")).answer().body) == 100_000
        except (AssertionError, OSError) as error:
            failed.append(error)

    clients = [threading.Thread(target=talk) for _ in range(8)]
    for c in clients:
        c.start()
    for c in clients:
        c.join()
    assert failed == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(secure, client, certificate, version):
    one = ssl.create_default_context(cafile=str(certificate[0]))
    one.minimum_version = one.maximum_version = version
    one.set_alpn_protocols(["h2", "http/1.1"])
    with secure.wire(tls=one) as wire:
        assert wire.socket.version() == version.name.replace("_", ".")
        assert wire.socket.selected_alpn_protocol() == "http/1.1"
        assert wire.send(get("/echo")).answer().status == 200


def handshake(edge, *arguments):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("arguments", [["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
                                       ["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"],
                                       ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], ["-alpn", "h2"]])
def test_old_and_weak_is_refused(secure, arguments):
    assert handshake(secure, "-tls1_2").returncode == 0
    assert handshake(secure, *arguments).returncode != 0


def test_plain_http_on_the_tls_port(secure):
    with secure.wire() as wire:
        wire.send(get("/hidden"))
        wire.wait_end()
        assert b"HTTP/" not in wire.got


def test_a_handshake_that_stalls(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=20) as s:
        began = time.monotonic()
        s.sendall(bytes.fromhex("16030100c8010000c40303"))
        assert s.recv(100) == b""
        assert time.monotonic() - began >= 0.9


def test_a_client_that_cuts_the_line(secure, client):
    """No goodbye: what was asked before is done, and nothing stays."""
    for _ in range(20):
        wire = secure.wire(tls=client)
        wire.send(get("/big?n=3000000"))
        wire.socket.detach()
    assert secure.ask("/echo", tls=client)["tls"] is True


def test_the_end_is_announced(secure, client):
    """close_notify: the client knows that nothing was cut off."""
    with Wire(secure.port, tls=client) as wire:
        assert wire.send(get("/echo", "Connection: close")).answer().status == 200
        assert wire.socket.recv(10) == b""   # SSLEOFError without the goodbye


def test_keys_that_do_not_fit(certificate, tmp_path):
    from conftest import Edge
    other, locked = tmp_path / "other.pem", tmp_path / "locked.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", other], check=True, capture_output=True)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-out", locked],
                   check=True, capture_output=True)
    for key in (other, locked):
        with pytest.raises(AssertionError, match="did not start") as failure:
            Edge(tls_cert=certificate[0], tls_key=key)
        assert str(key) in str(failure.value)
