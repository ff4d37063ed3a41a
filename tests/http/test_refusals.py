"""What is not certainly well framed is answered with an error, the connection is
closed, and nothing that stood behind it is carried out."""
import pytest

from wire import chunked, get, post, request

HIDDEN = get("/hidden")
LIMIT = 1 << 20    # body_max of the edge under test
HEADER = 16 << 10  # header_max


def check_refused(edge, data, status):
    if edge.executed():
        pass   # empties the list
    with edge.wire() as wire:
        answers = wire.send(data).rest()
    assert [a.status for a in answers] == [status], answers
    assert answers[0].header("Connection") == "close"
    assert answers[0].header("Content-Type").startswith("application/problem+json")
    assert edge.executed() in ([], None)


def raw(*lines, body=b""):
    """Lines as they are, CRLF behind each."""
    return b"".join(line + b"\r\n" for line in lines) + body


START = b"POST /echo HTTP/1.1"
HOST = b"Host: a"
CHUNKED = b"Transfer-Encoding: chunked"


def length(value):
    return raw(START, HOST, b"Content-Length:" + value, b"", body=b"abcde" + HIDDEN)


def coding(value):
    return raw(START, HOST, b"Transfer-Encoding:" + value, b"", body=b"0\r\n\r\n" + HIDDEN)


def field(line):
    return raw(b"GET /echo HTTP/1.1", HOST, line, b"", body=HIDDEN)


def line(first):
    return raw(first, HOST, b"", body=HIDDEN)


def chunks(body):
    return chunked("/echo", body + HIDDEN)


LENGTHS = {
    "content-length and transfer-encoding": (raw(START, HOST, b"Content-Length: 5", CHUNKED, b"",
                                                 body=b"0\r\n\r\n" + HIDDEN), 400),
    "transfer-encoding and content-length": (raw(START, HOST, CHUNKED, b"Content-Length: 5", b"",
                                                 body=b"0\r\n\r\n" + HIDDEN), 400),
    "content-length 0 and transfer-encoding": (raw(START, HOST, b"Content-Length: 0", CHUNKED, b"",
                                                   body=b"0\r\n\r\n" + HIDDEN), 400),
    "two lengths": (raw(START, HOST, b"Content-Length: 3", b"Content-Length: 4", b"", body=b"abcd" + HIDDEN), 400),
    "the same length twice": (raw(START, HOST, b"Content-Length: 3", b"content-length: 3", b"", body=b"abc"), 400),
    "a list of lengths": (length(b" 5, 5"), 400),
    "a signed length": (length(b" +5"), 400),
    "a negative length": (length(b" -5"), 400),
    "a hexadecimal length": (length(b" 0x5"), 400),
    "a fractional length": (length(b" 5.0"), 400),
    "a length in two parts": (length(b" 5 5"), 400),
    "an empty length": (length(b""), 400),
    "a blank length": (length(b"  "), 400),
    "a quoted length": (length(b' "5"'), 400),
    "a length beyond 64 bits": (length(b" 18446744073709551621"), 400),
    "a length beyond the ceiling": (length(b" %d" % (LIMIT + 1)), 413),
    "an enormous length": (length(b" 999999999999999999"), 413),
}

CODINGS = {
    "a blank before the colon": (raw(START, HOST, b"Transfer-Encoding : chunked", b"", body=b"0\r\n\r\n" + HIDDEN), 400),
    "a tab before the colon": (raw(START, HOST, b"Transfer-Encoding\t: chunked", b"", body=b"0\r\n\r\n" + HIDDEN), 400),
    "a blank before the colon of a length": (raw(START, HOST, b"Content-Length : 5", b"", body=b"abcde" + HIDDEN), 400),
    "xchunked": (coding(b" xchunked"), 400),
    "chunked, identity": (coding(b" chunked, identity"), 400),
    "identity": (coding(b" identity"), 400),
    "identity, chunked": (coding(b" identity, chunked"), 501),
    "gzip, chunked": (coding(b" gzip, chunked"), 501),
    "gzip": (coding(b" gzip"), 400),
    "chunked, chunked": (coding(b" chunked, chunked"), 400),
    "chunked with a comma": (coding(b" chunked,"), 400),
    "Chunked": (coding(b" Chunked"), 400),
    "quoted": (coding(b' "chunked"'), 400),
    "a parameter": (coding(b" chunked;q=1"), 400),
    "nothing": (coding(b""), 400),
    "a vertical tab": (coding(b" \x0bchunked"), 400),
    "twice": (raw(START, HOST, CHUNKED, CHUNKED, b"", body=b"0\r\n\r\n" + HIDDEN), 400),
    "twice, different": (raw(START, HOST, CHUNKED, b"Transfer-encoding: cow", b"", body=b"0\r\n\r\n" + HIDDEN), 400),
    "in HTTP/1.0": (raw(b"POST /echo HTTP/1.0", HOST, CHUNKED, b"", body=b"0\r\n\r\n" + HIDDEN), 400),
}

CHUNKS = {
    "not a number": (chunks(b"zz\r\nabc\r\n0\r\n\r\n"), 400),
    "a prefix": (chunks(b"0x3\r\nabc\r\n0\r\n\r\n"), 400),
    "a sign": (chunks(b"+3\r\nabc\r\n0\r\n\r\n"), 400),
    "negative": (chunks(b"-1\r\nabc\r\n0\r\n\r\n"), 400),
    "no size": (chunks(b"\r\nabc\r\n0\r\n\r\n"), 400),
    "a blank before the size": (chunks(b" 3\r\nabc\r\n0\r\n\r\n"), 400),
    "a blank behind the size": (chunks(b"3 \r\nabc\r\n0\r\n\r\n"), 400),
    "beyond 64 bits": (chunks(b"FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n"), 413),
    "all 64 bits": (chunks(b"FFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n"), 413),
    "beyond the ceiling": (chunks(b"%x\r\nabc" % (LIMIT + 1)), 413),
    "beyond the ceiling together": (chunks(b"80000\r\n" + b"a" * 0x80000 + b"\r\n80001\r\nabc"), 413),
    "a bare LF behind the size": (chunks(b"3\nabc\r\n0\r\n\r\n"), 400),
    "a bare CR behind the size": (chunks(b"3\rabc\r\n0\r\n\r\n"), 400),
    "a bare LF in an extension": (chunks(b"3;x\nabc\r\n0\r\n\r\n"), 400),
    "a bare LF behind the data": (chunks(b"3\r\nabc\n0\r\n\r\n"), 400),
    "a bare LF at the end": (chunks(b"3\r\nabc\r\n0\r\n\n"), 400),
    "longer than its size": (chunks(b"3\r\nabcdef\r\n0\r\n\r\n"), 400),
    "shorter than its size": (chunks(b"8\r\nabc\r\n0\r\n\r\nxx"), 400),
    "a control character in an extension": (chunks(b"3;a=\x01\r\nabc\r\n0\r\n\r\n"), 400),
    "an endless extension": (chunks(b"3;" + b"a" * 5000), 400),
    "an endless size": (chunks(b"0" * 5000), 400),
    "a length in the trailer": (chunks(b"0\r\nContent-Length: 5\r\n\r\n"), 400),
    "a coding in the trailer": (chunks(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400),
    "a host in the trailer": (chunks(b"0\r\nHost: b\r\n\r\n"), 400),
    "a credential in the trailer": (chunks(b"0\r\nAuthorization: Bearer x\r\n\r\n"), 400),
    "a folded trailer": (chunks(b"0\r\nX: a\r\n b\r\n\r\n"), 400),
    "a trailer without a colon": (chunks(b"0\r\nX\r\n\r\n"), 400),
    "a trailer with NUL": (chunks(b"0\r\nX: \0\r\n\r\n"), 400),
    "a large trailer": (chunks(b"0\r\n" + b"X: aaaaaaaaaaaaaaaa\r\n" * 100 + b"\r\n"), 431),
    "a long trailer": (chunks(b"0\r\nX: " + b"a" * 5000), 431),
}

FIELDS = {
    "folded with a blank": (field(b"X: a\r\n b"), 400),
    "folded with a tab": (field(b"X: a\r\n\tb"), 400),
    "a coding folded": (raw(START, HOST, b"Transfer-Encoding:", b" chunked", b"", body=b"0\r\n\r\n" + HIDDEN), 400),
    "a blank before the first": (raw(b"GET /echo HTTP/1.1", b" Host: a", b"", body=HIDDEN), 400),
    "NUL in a value": (field(b"X: a\0b"), 400),
    "NUL in a name": (field(b"X\0: a"), 400),
    "a bare CR in a value": (field(b"X: a\rb"), 400),
    "a bare CR before the CRLF": (field(b"X: a\r"), 400),
    "a bare CR hiding a header": (field(b"X: a\rContent-Length: 9"), 400),
    "a bare CR in a name": (field(b"X\rY: a"), 400),
    "a backspace": (field(b"X: \x08"), 400),
    "a delete": (field(b"X: \x7f"), 400),
    "an escape": (field(b"X: \x1b[0m"), 400),
    "a blank in a name": (field(b"X Y: a"), 400),
    "a blank behind a name": (field(b"X : a"), 400),
    "no name": (field(b": a"), 400),
    "no colon": (field(b"nothing"), 400),
    "a name above ASCII": (field(b"X\xe9: a"), 400),
    "a name in brackets": (field(b"(X): a"), 400),
    "a bare LF behind a header": (b"GET /echo HTTP/1.1\r\nHost: a\nX: b\r\n\r\n" + HIDDEN, 400),
    "a bare LF behind the request line": (b"GET /echo HTTP/1.1\nHost: a\r\n\r\n" + HIDDEN, 400),
    "bare LFs alone": (b"GET /echo HTTP/1.1\nHost: a\n\n" + HIDDEN, 400),
    "a bare LF at the end": (b"GET /echo HTTP/1.1\r\nHost: a\r\n\n" + HIDDEN, 400),
    "no Host": (raw(b"GET /echo HTTP/1.1", b"", body=HIDDEN), 400),
    "two Hosts": (raw(b"GET /echo HTTP/1.1", HOST, b"Host: b", b"", body=HIDDEN), 400),
    "the same Host twice": (raw(b"GET /echo HTTP/1.1", HOST, HOST, b"", body=HIDDEN), 400),
    "two Hosts in HTTP/1.0": (raw(b"GET /echo HTTP/1.0", HOST, HOST, b"", body=HIDDEN), 400),
    "an empty Host": (raw(b"GET /echo HTTP/1.1", b"Host:", b"", body=HIDDEN), 400),
    "a list of Hosts": (raw(b"GET /echo HTTP/1.1", b"Host: a, b", b"", body=HIDDEN), 400),
    "a Host with a path": (raw(b"GET /echo HTTP/1.1", b"Host: a/b", b"", body=HIDDEN), 400),
    "a Host with a user": (raw(b"GET /echo HTTP/1.1", b"Host: u@a", b"", body=HIDDEN), 400),
    "two credentials": (field(b"Authorization: Bearer a\r\nAuthorization: Bearer b"), 400),
    "two content types": (field(b"Content-Type: a/b\r\nContent-Type: a/c"), 400),
    "256 KiB of one header": (field(b"X: " + b"a" * (256 << 10)), 431),
    "a header without an end": (raw(b"GET /echo HTTP/1.1", HOST, body=b"X: " + b"a" * (2 * HEADER)), 431),
    "20 000 headers": (raw(b"GET /echo HTTP/1.1", HOST, *[b"X: a"] * 20000, b"", body=HIDDEN), 431),
    "101 headers": (raw(b"GET /echo HTTP/1.1", HOST, *[b"X: a"] * 100, b"", body=HIDDEN), 431),
    "an unknown expectation": (field(b"Expect: 200-ok"), 417),
    "a wrong expectation": (raw(START, HOST, b"Content-Length: 5", b"Expect: 100-continued", b""), 417),
    "too much, with an expectation": (raw(START, HOST, b"Content-Length: %d" % (LIMIT + 1), b"Expect: 100-continue", b""),
                                      413),
}

REQUEST_LINES = {
    "an unknown method": (line(b"BREW /echo HTTP/1.1"), 501),
    "a method in lower case": (line(b"get /echo HTTP/1.1"), 501),
    "TRACE": (line(b"TRACE /echo HTTP/1.1"), 501),
    "CONNECT": (line(b"CONNECT a:443 HTTP/1.1"), 501),
    "a method with a blank before": (line(b" GET /echo HTTP/1.1"), 400),
    "no method": (line(b"/echo HTTP/1.1"), 400),
    "a method that is none": (line(b"G(T /echo HTTP/1.1"), 400),
    "HTTP/2.0": (line(b"GET /echo HTTP/2.0"), 505),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/1.2": (line(b"GET /echo HTTP/1.2"), 505),
    "HTTP/0.9 named": (line(b"GET /echo HTTP/0.9"), 505),
    "HTTP/0.9": (b"GET /echo\r\n" + HIDDEN, 400),
    "HTTP/1.10": (line(b"GET /echo HTTP/1.10"), 400),
    "HTTP/01.1": (line(b"GET /echo HTTP/01.1"), 400),
    "HTTP/+1.1": (line(b"GET /echo HTTP/+1.1"), 400),
    "http/1.1": (line(b"GET /echo http/1.1"), 400),
    "another protocol": (line(b"GET /echo ICY/1.1"), 400),
    "two blanks": (line(b"GET  /echo HTTP/1.1"), 400),
    "two blanks before the version": (line(b"GET /echo  HTTP/1.1"), 400),
    "tabs": (line(b"GET\t/echo\tHTTP/1.1"), 400),
    "a blank at the end": (line(b"GET /echo HTTP/1.1 "), 400),
    "a blank in the target": (line(b"GET /echo x HTTP/1.1"), 400),
    "a request in the target": (line(b"GET /echo HTTP/1.1 x HTTP/1.1"), 400),
    "a bare CR": (line(b"GET /echo\r HTTP/1.1"), 400),
    "NUL in the target": (line(b"GET /e\0cho HTTP/1.1"), 400),
    "a control character in the target": (line(b"GET /e\x01cho HTTP/1.1"), 400),
    "a target above ASCII": (line("GET /josé HTTP/1.1".encode()), 400),
    "a fragment": (line(b"GET /echo#x HTTP/1.1"), 400),
    "a relative target": (line(b"GET echo HTTP/1.1"), 400),
    "an asterisk": (line(b"GET * HTTP/1.1"), 400),
    "another scheme": (line(b"GET ftp://a/echo HTTP/1.1"), 400),
    "a URL without a host": (line(b"GET http:///echo HTTP/1.1"), 400),
    "a URL with a user": (line(b"GET http://u@a/echo HTTP/1.1"), 400),
    "a URL of another host": (line(b"GET http://b/echo HTTP/1.1"), 400),
    "a long target": (line(b"GET /" + b"a" * 9000 + b" HTTP/1.1"), 414),
    "a target without an end": (b"GET /" + b"a" * 20000, 414),
    "a method without an end": (b"G" * 20000, 414),
    "two empty lines before": (b"\r\n\r\n" + get("/echo"), 400),
    "an empty line with a bare LF before": (b"\n" + get("/echo"), 400),
    "the start of TLS": (bytes.fromhex("16030100c8010000c40303"), 400),
    "a start of nothing": (b"\0\0\0\0", 400),
}


def table(rows):
    return pytest.mark.parametrize("data, status", list(rows.values()), ids=list(rows))


@table(LENGTHS)
def test_lengths(edge, data, status):
    check_refused(edge, data, status)


@table(CODINGS)
def test_codings(edge, data, status):
    check_refused(edge, data, status)


@table(CHUNKS)
def test_chunks(edge, data, status):
    check_refused(edge, data, status)


@table(FIELDS)
def test_fields(edge, data, status):
    check_refused(edge, data, status)


@table(REQUEST_LINES)
def test_request_lines(edge, data, status):
    check_refused(edge, data, status)


ALL = {f"{group}: {name}": row for group, rows in (("length", LENGTHS), ("coding", CODINGS), ("chunk", CHUNKS),
                                                   ("field", FIELDS), ("line", REQUEST_LINES))
       for name, row in rows.items()}


@table({name: row for name, row in ALL.items() if len(row[0]) < 600})
def test_cut_in_pieces_the_outcome_is_the_same(edge, data, status):
    """Byte by byte, as a front end might pass it on."""
    with edge.wire() as wire:
        answers = wire.send_slowly(data).rest()
    assert [a.status for a in answers] == [status], answers


@table({name: row for name, row in ALL.items() if len(row[0]) < 600})
def test_behind_a_good_request_the_outcome_is_the_same(edge, data, status):
    """Pipelined: the good one is answered, the bad one refused, the hidden one not carried out."""
    edge.executed()
    with edge.wire() as wire:
        answers = wire.send(request("GET", edge.get_path) + data).rest()
    assert [a.status for a in answers] == [200, status], answers
    assert edge.executed() in ([f"GET {edge.get_path}"], None)


def test_pipelined_garbage(edge):
    with edge.wire() as wire:
        answers = wire.send(request("GET", edge.get_path) * 3 + b"\x80\x81garbage\r\n" + HIDDEN * 50).rest()
    assert [a.status for a in answers] == [200, 200, 200, 400]


def test_a_refusal_knows_what_was_read_before(harness):
    with harness.wire() as wire:
        answer = wire.send(post("/echo", "Accept-Language: en", "Content-Length: 1", "Content-Length: 1")).rest()[0]
    assert answer.header("X-Refused") == "yes"
    assert b'"method":"POST","path":"/echo","language":"en","status":400' in answer.body


def test_a_refused_head_has_no_body(harness):
    with harness.wire() as wire:
        answer = wire.send(request("HEAD", "/echo", "Host: b")).answer(head=True)
        assert answer.status == 400
        assert wire.answer() is None


def test_refusals_are_counted(harness):
    before = harness.figures()["refusedFraming"]
    with harness.wire() as wire:
        wire.send(b"GET / HTTP/7.7\r\n\r\n").rest()
    assert harness.figures()["refusedFraming"] == before + 1
