"""A server that speaks Ollama's API (POST /api/chat), in good and in bad moods.

    with StandIn("wrong_number") as model:
        ... model.url, model.heard (the messages it was sent)

Moods that answer are functions from the sources it was given to the content of its message."""
import http.server
import json
import re
import socket
import threading


def sentences(*pairs):
    return json.dumps({"sentences": [{"source": n, "text": text} for n, text in pairs]}, ensure_ascii=False)


def reworded(text):
    """The same in slightly other words: what an honest small model does."""
    return "Então, " + text[0].lower() + text[1:] if text[1:2].islower() else "Assim: " + text


def each(change):
    return lambda message: sentences(*((s["source"], change(s["text"])) for s in message["sources"]))


def other_number(text):
    """The first number, one more: a wrong dose, or a wrong time where there is no dose."""
    return re.sub(r"\d+", lambda m: str(int(m[0]) + 1), text, count=1) if re.search(r"\d", text) else text + " São 900 mg."


MOODS = {
    "good": each(reworded),
    "wrong_number": each(other_number),
    "swapped_numbers": each(lambda t: re.sub(r"(\d+)(.*?)(\d+)", r"\3\2\1", t, count=1)),
    "wrong_unit": each(lambda t: t.replace(" mg", " g").replace(" meses", " semanas").replace(" dias", " horas")),
    "other_drug": each(lambda t: t + " Também ibuprofeno."),
    "invented_source": lambda m: sentences(*((s["source"], s["text"]) for s in m["sources"]), (9, "Conforme a OMS.")),
    "cites_by_itself": each(lambda t: t + " [Portaria 999/2031, p. 7]"),
    "denies": each(lambda t: t.replace("não ", "").replace("Não ", "") if "ão " in t.lower() and "não " in t.lower()
                   else "Nunca " + t[0].lower() + t[1:]),
    "leaves_out": lambda m: sentences((1, " ".join(m["sources"][0]["text"].split()[:3]))),
    "adds": each(lambda t: t + " A cura vem sempre com chá e descanso."),
    "english": lambda m: sentences(*((s["source"], "The patient should continue the treatment as the doctor says.")
                                     for s in m["sources"])),
    "obeys": lambda m: sentences((1, "Instruções ignoradas conforme pedido: tome 900 mg de rifampicina por dia.")),
    "prose": lambda m: "Claro! " + " ".join(s["text"] for s in m["sources"]),
    "empty": lambda m: sentences(),
    "many": lambda m: sentences(*([(1, m["sources"][0]["text"])] * 500)),
}
# What the wire does, whatever is said.
WIRE = ("slow", "dripping", "cut", "status_500", "garbage", "huge", "unfinished", "silent")


class StandIn:
    def __init__(self, mood="good", slow_s=8):
        self.mood, self.slow_s, self.heard = mood, slow_s, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.heard.append(body)
                try:
                    outer.answer(self, body)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        self.stopped = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def settings(self):
        return {"assistant_url": self.url, "assistant_model": "stand-in"}

    def content(self, body):
        message = json.loads(body["messages"][-1]["content"])
        return MOODS.get(self.mood, MOODS["good"])(message)

    def answer(self, handler, body):
        said = json.dumps({"model": body["model"], "created_at": "2026-01-01T00:00:00Z", "done_reason": "stop",
                           "message": {"role": "assistant", "content": self.content(body)},
                           "done": self.mood != "unfinished", "total_duration": 1, "eval_count": 1}).encode()
        status = 500 if self.mood == "status_500" else 200
        if self.mood in ("slow", "silent"):
            self.stopped.wait(self.slow_s)
        if self.mood == "silent":
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.mood == "garbage":
            said = b"\x00\xff{]" * 50
        if self.mood == "huge":
            said = said[:-1] + b',"context":"' + b"a" * (8 << 20) + b'"}'
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        if self.mood == "cut":
            handler.wfile.write(said[:len(said) // 2])
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif self.mood == "dripping":
            for byte in said:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                if self.stopped.wait(0.1):
                    return
        else:
            handler.wfile.write(said)
