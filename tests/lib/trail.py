"""The audit trail, as docs/audit.md defines it and without any code of the program: what an entry's bytes are, what a
head signs; and the hands of somebody who can write the database and wants to cover something up."""
import base64
import contextlib
import dataclasses
import hashlib
import json
import re
import shutil
import sqlite3
import struct
import urllib.parse

from . import ed25519, merkle
from .server import Plantao

COLUMNS = ("id", "tenant_id", "at", "event", "actor_id", "role", "subject_id", "patient_id", "status", "route", "request_id",
           "address", "reason_sealed", "before_sealed", "after_sealed", "extra")
SEALED = {"reason_sealed", "before_sealed", "after_sealed"}
ALL = ("seq", "epoch", *COLUMNS)
HEAD = ("number", "range_from", "range_to", "entry_count", "at", "root", "previous", "key_id")
RECORD = 48
NOTHING = bytes(32)


# ---- bytes

def content(row):
    """row: column -> value, as they rest."""
    out = bytes([1, row["epoch"] is not None])
    for name in COLUMNS:
        value = row[name]
        if value is None:
            out += b"\0"
        elif isinstance(value, int):
            out += b"\1" + struct.pack(">q", value)
        elif isinstance(value, str):
            out += b"\2" + struct.pack(">I", len(value.encode())) + value.encode()
        elif name in SEALED:
            out += b"\4" + hashlib.sha256(value).digest()
        else:
            out += b"\3" + struct.pack(">I", len(value)) + bytes(value)
    return out


def record(row):
    return struct.pack(">qq", row["seq"], row["epoch"] or 0) + hashlib.sha256(content(row)).digest()


def records_root(records):
    return merkle.root([merkle.leaf_hash(records[i:i + RECORD]) for i in range(0, len(records), RECORD)])


def head_bytes(h):
    return (b"plantao audit head 1\n" + struct.pack(">5q", *(h[n] for n in HEAD[:5]))
            + bytes(h["root"]) + bytes(h["previous"]) + bytes(h["key_id"]))


def head_hash(h):
    return hashlib.sha256(head_bytes(h) + bytes(h["signature"])).digest()


def tomb_bytes(h):
    return (b"plantao audit tomb 1\n" + struct.pack(">qq", h["number"], h["pruned_at"]) + head_hash(h)
            + bytes(h["prune_key_id"]))


def key_id(public):
    return hashlib.sha256(public).digest()[:8]


def pem_keys(text):
    """The 32-byte public keys of PEM blocks, by key id."""
    blocks = re.findall(r"-----BEGIN PUBLIC KEY-----\s+(.+?)\s+-----END", text, re.S)
    keys = [base64.b64decode(b)[-32:] for b in blocks]
    return {key_id(k): k for k in keys}


def head_signed(h, keys):
    key = keys.get(bytes(h["key_id"]))
    return key is not None and ed25519.verify(key, head_bytes(h), bytes(h["signature"]))


# ---- the store, from beneath

@dataclasses.dataclass
class Verdict:
    code: int
    said: dict

    @property
    def first(self):
        return self.said["first"]


class Trail:
    """The trail of a stopped or running Plantao."""

    def __init__(self, plantao, postgres=None):
        self.plantao, self.postgres = plantao, postgres
        self.url = plantao.settings.get("database_url")

    @property
    def sqlite(self):
        return self.url is None

    def sql(self, text, *values):
        """Statements say ? on both engines."""
        if not self.sqlite:
            return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                    for row in self.postgres.sql(self.url, text.replace("?", "%s"), *values)]
        with contextlib.closing(sqlite3.connect(self.plantao.data_dir / "plantao.db", timeout=10)) as db:
            rows = db.execute(text, values).fetchall()
            db.commit()
            return rows

    def entries(self, where="1 = 1"):
        order = "seq" if self.sqlite else "epoch, seq"
        return [dict(zip(ALL, row)) for row in
                self.sql(f"SELECT {', '.join(ALL)} FROM audit_entry WHERE {where} ORDER BY {order}")]

    def heads(self):
        names = (*HEAD, "signature", "pruned_at", "prune_key_id", "prune_signature", "records")
        return [dict(zip(names, row)) for row in
                self.sql(f"SELECT {', '.join(names)} FROM audit_batch ORDER BY number")]

    def under(self, head):
        """The entries of a head's range."""
        key = "seq" if self.sqlite else "epoch"
        return self.entries(f"{key} >= {head['range_from']} AND {key} < {head['range_to']}")

    def put_entry(self, row):
        names = [n for n in ALL if n != "epoch" or not self.sqlite]
        system = "" if self.sqlite else " OVERRIDING SYSTEM VALUE"
        self.sql(f"INSERT INTO audit_entry ({', '.join(names)}){system} VALUES ({', '.join('?' * len(names))})",
                 *(row[n] for n in names))

    def set(self, seq, **columns):
        self.sql(f"UPDATE audit_entry SET {', '.join(f'{n} = ?' for n in columns)} WHERE seq = ?", *columns.values(), seq)

    def set_head(self, number, **columns):
        self.sql(f"UPDATE audit_batch SET {', '.join(f'{n} = ?' for n in columns)} WHERE number = ?",
                 *columns.values(), number)

    def verify(self, *options):
        done = self.plantao.run("audit", "verify", "--json", *options)
        assert done.returncode in (0, 1) and done.stdout, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        return Verdict(done.returncode, json.loads(done.stdout))

    def keys(self):
        done = self.plantao.run("audit", "key")
        assert done.returncode == 0, done.stderr
        return pem_keys(done.stdout)

    def copy(self):
        """The same trail in a store of its own, to be spoilt; close() it."""
        other = Plantao(database_url=None if self.sqlite else self._copied_database())
        shutil.copytree(self.plantao.data_dir, other.data_dir)
        return Trail(other, self.postgres)

    def _copied_database(self):
        name = urllib.parse.urlsplit(self.url).path.lstrip("/")
        self.postgres.count += 1
        copy = f"{name}_copy{self.postgres.count}"
        self.postgres.sql("postgres", f"CREATE DATABASE {copy} TEMPLATE {name}")
        return self.postgres.url(copy)

    def close(self):
        self.plantao.close()
        if not self.sqlite:
            self.postgres.sql("postgres", f"DROP DATABASE {urllib.parse.urlsplit(self.url).path.lstrip('/')} WITH (FORCE)")
