"""A stand-in for HashiCorp Vault's and OpenBao's transit engine: the paths, members and error texts of their public
API documentation (/v1/transit/keys, encrypt, decrypt, rotate).  It keeps what it encrypted in a table instead of
computing, so it opens exactly what it closed, for the same associated data.  A real Vault was not run."""
import base64
import http.server
import json
import os
import threading
import time
import uuid

TOKEN = "hvs.CAESIJ-stand-in"
ERRORS = {"denied": (403, "permission denied"), "sealed": (503, "Vault is sealed")}


class Vault:
    def __init__(self, key="plantao", mount="transit", kind="aes256-gcm96"):
        self.key, self.mount, self.kind = key, mount, kind
        self.latest = 1
        self.closed = {}       # (ciphertext, associated data) -> plaintext
        self.token = TOKEN
        self.mode = "well"     # denied, sealed, slow, cut, garbled
        self.calls = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass   # the other side may hang up on a slow answer

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler):
        sent = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.calls.append(f"{handler.command} {handler.path}")
        mode = self.mode
        if mode == "slow":
            time.sleep(8)
        status, body = self.judge(handler, json.loads(sent) if sent else {})
        text = json.dumps(body).encode() if body is not None else b""
        if mode == "garbled":
            text = b"<html>" + text
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text[:len(text) // 2] if mode == "cut" else text)
        if mode == "cut":
            handler.close_connection = True

    def judge(self, handler, sent):
        def refuse(status, *texts):
            return status, {"errors": list(texts)}

        if self.mode in ERRORS:
            return refuse(*ERRORS[self.mode])
        if handler.headers.get("X-Vault-Token") != self.token:
            return refuse(403, "permission denied")
        known = {f"/v1/{self.mount}/{verb}/{self.key}{more}": f"{verb}{more}" for verb, more in
                 (("keys", ""), ("keys", "/rotate"), ("encrypt", ""), ("decrypt", ""))}
        verb = known.get(handler.path)
        if verb is None:
            return refuse(404)
        if verb == "keys" and handler.command == "POST":
            return 204, None
        if verb == "keys/rotate":
            self.latest += 1
            return 200, self.wrapped(self.described())
        if verb == "keys":
            return 200, self.wrapped(self.described())
        where = sent.get("associated_data", "")
        if verb == "encrypt":
            text = f"vault:v{self.latest}:{base64.b64encode(os.urandom(60)).decode()}"
            self.closed[text, where] = sent["plaintext"]
            return 200, self.wrapped({"ciphertext": text, "key_version": self.latest})
        if (sent["ciphertext"], where) not in self.closed:
            return refuse(400, "cipher: message authentication failed")
        return 200, self.wrapped({"plaintext": self.closed[sent["ciphertext"], where]})

    def described(self):
        return {"type": self.kind, "deletion_allowed": False, "derived": False, "exportable": False,
                "allow_plaintext_backup": False, "keys": {str(n): 1442851412 + n for n in range(1, self.latest + 1)},
                "latest_version": self.latest, "min_available_version": 0, "min_decryption_version": 1,
                "min_encryption_version": 0, "name": self.key, "supports_encryption": True, "supports_decryption": True,
                "supports_derivation": True, "supports_signing": False}

    @staticmethod
    def wrapped(data):
        return {"request_id": str(uuid.uuid4()), "lease_id": "", "renewable": False, "lease_duration": 0, "data": data,
                "wrap_info": None, "warnings": None, "auth": None}
