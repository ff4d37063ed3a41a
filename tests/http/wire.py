"""HTTP by hand: exact bytes out, answers read one by one, nothing repaired on the way."""
import socket
import time

PATIENCE_S = 20


class Answer:
    def __init__(self, head, body):
        self.head, self.body = head, body
        lines = head.decode("latin-1").split("\r\n")
        assert lines[0].startswith("HTTP/1.1 ") and len(lines[0]) >= 12, lines[0]
        self.status = int(lines[0].split(" ")[1])
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:]]

    def header(self, name):
        values = [v for n, v in self.headers if n.lower() == name.lower()]
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else None

    def __repr__(self):
        return f"<{self.status} {self.body[:80]!r}>"


class Wire:
    """One connection."""

    def __init__(self, port, tls=None, receive_buffer=None):
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(PATIENCE_S)
        plain.connect(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls.wrap_socket(plain, server_hostname="localhost") if tls else plain
        self.got = bytearray()
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """What the other side no longer takes is lost, as on any network."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, TimeoutError):
            pass
        return self

    def send_slowly(self, data, step=1, pause_s=0.0):
        for i in range(0, len(data), step):
            self.send(data[i:i + step])
            time.sleep(pause_s)
        return self

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def _more(self):
        try:
            piece = self.socket.recv(1 << 16)
        except ConnectionError:
            piece = b""
        self.got += piece
        self.ended = not piece
        return bool(piece)

    def answer(self, head=False):
        """The next answer; None at the end of the connection."""
        while b"\r\n\r\n" not in self.got:
            if not self._more():
                assert not self.got, f"the connection ends within a header: {self.got!r}"
                return None
        end = self.got.index(b"\r\n\r\n")
        answer = Answer(bytes(self.got[:end]), b"")
        del self.got[:end + 4]
        if head or answer.status in (204, 304) or answer.status < 200:
            return answer
        if answer.header("Transfer-Encoding") == "chunked":
            answer.body = b"".join(self.chunks())
            return answer
        n = int(answer.header("Content-Length"))
        while len(self.got) < n:
            assert self._more(), f"the connection ends after {len(self.got)} of {n} bytes"
        answer.body = bytes(self.got[:n])
        del self.got[:n]
        return answer

    def line(self):
        while b"\r\n" not in self.got:
            assert self._more(), f"the connection ends within a line: {self.got!r}"
        line, _, self.got = self.got.partition(b"\r\n")
        return bytes(line)

    def chunks(self):
        """Each as it comes, until the one of no bytes."""
        while size := int(self.line(), 16):
            while len(self.got) < size + 2:
                assert self._more(), "the connection ends within a chunk"
            chunk = bytes(self.got[:size])
            assert self.got[size:size + 2] == b"\r\n"
            del self.got[:size + 2]
            yield chunk
        assert self.line() == b""

    def rest(self):
        """All answers until the server closes; fails when it does not."""
        answers = []
        while (one := self.answer()) is not None:
            answers.append(one)
        return answers

    def wait_end(self):
        """Until the server closes; what still comes is thrown away.  Seconds it took."""
        began = time.monotonic()
        while self._more():
            self.got.clear()
        return time.monotonic() - began


def get(path="/echo", *lines, version="1.1", method="GET"):
    return request(method, path, *lines, version=version)


def request(method, path, *lines, body=b"", version="1.1", host="localhost"):
    fields = [f"Host: {host}"] if host is not None else []
    fields += lines
    return "".join(f"{line}\r\n" for line in [f"{method} {path} HTTP/{version}", *fields, ""]).encode("latin-1") + body


def post(path="/echo", *lines, body=b""):
    return request("POST", path, *lines, body=body)


def chunked(path, body, *lines):
    return post(path, "Transfer-Encoding: chunked", *lines, body=body)
