"""Quotas: 429, Retry-After, and who counts against whom."""
from lib.client import PASSWORD, USERS, problem


def limited(make_server, **quotas):
    return make_server(settings={f"rate_limit_{k}_per_min": v for k, v in quotas.items()})


def write(client):
    return client.post("/api/medical-records", {})   # refused with 422, and counted all the same


def test_writes(make_server):
    server = limited(make_server, write=20)
    doctor, nurse = server.client("doctor"), server.client("nurse")
    codes = [write(doctor).status_code for _ in range(21)]
    assert codes == [422] * 20 + [429]
    answer = write(doctor)
    problem(answer, 429, "RATE")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "RateLimit" in answer.headers and "RateLimit-Policy" in answer.headers
    assert doctor.get("/api/auth/me").status_code == 200, "reads have a quota of their own"
    assert write(nurse).status_code == 422, "another user has a quota of their own"


def test_reads(make_server):
    doctor = limited(make_server, read=5).client("doctor")
    codes = [doctor.get("/api/patients").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


def test_sign_ins_by_address(make_server):
    nobody = limited(make_server, login=3).client()
    codes = [nobody.post("/api/auth/login", {"email": USERS["doctor"], "password": PASSWORD}).status_code for _ in range(4)]
    assert codes == [200] * 3 + [429]


def test_an_address_has_a_multiple(make_server):
    server = make_server(settings={"rate_limit_read_per_min": 4, "rate_limit_address_factor": 2})
    codes = [server.client(who).get("/api/auth/me").status_code for who in ("doctor", "nurse", "admin") for _ in range(4)]
    assert codes == [200] * 8 + [429] * 4


def test_health_is_never_limited(make_server):
    nobody = limited(make_server, read=1).client()
    assert {nobody.get("/live").status_code for _ in range(30)} == {200}
