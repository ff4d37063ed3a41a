#!/usr/bin/env python3
"""sqlgen.py OUTDIR FILE.sql... [--spare TEST.sql...] : named SQL becomes data and typed calls.

Reads every .sql file of src/ at once and writes, for each, <stem>_sql.h and
<stem>_sql.c, and stmts.c with the list of all statements.  Data is generated,
logic never is; nothing is written unless every statement is sound.

A statement in a .sql file:

    -- :include features/patients/patients.h        header with the out types
    -- :stmt patient_get  one patient  tenant care
    -- :in   id id
    SELECT id, name_sealed, version FROM patient
     WHERE tenant_id = :tenant AND id = :id AND @care(id);

:stmt NAME ROWS [OUTTYPE] [FLAG...]
    ROWS: one, many (both with OUTTYPE), change (exactly one row), none.
    FLAGS: write   it changes something (needs a write transaction)
           tenant  it must mention :tenant; needed for every table that a migration
                   gives FORCE ROW LEVEL SECURITY
           care    it must filter by @care(COLUMN) or :reach
           later   a write without interesting result, which can fail only by a
                   fault of ours: PostgreSQL reports its failure with a later
                   statement or the commit, and so saves a round trip
           kept    a row that is asked for again and again and changes hardly ever: SQLite
                   remembers it until a table it reads is written. Nothing in it may
                   depend on the time
           together  (with later) many inputs are one statement on PostgreSQL:
                   there each parameter is an array, for unnest(). (With one) a row that many
                   requests ask for at the same moment: their questions are one statement
                   there, which is made here of the one that is written
:in KIND NAME[, KIND NAME...]   what the caller gives; may be repeated
    KIND: id text int opt_int bool time date blob, and sealed / sealed_date:
    plain text or a day that the door seals while binding (the column of its
    place is NAME).
:seals TABLE row FIELD key FIELD|tenant   for statements with sealed inputs:
    the in fields that hold the row's id and the patient whose key seals.
:sqlite, :postgres, :both       the lines that follow are for that engine only

@blob in a text is the engine's word for bytes.
Bound from the context, never declared: :tenant :actor :reach :self :now.
A statement without :in has a call without the in argument.

Calls written for NAME: sql_NAME(ctx, in[, out]); for none also
sql_NAME_count(ctx, in, &changed) and, with inputs, sql_NAME_many(ctx, ins, n),
which sends n rows at once.

With --spare only the files after it are written: statements of a test, numbered
after the program's, for the spare slots that every connection has.

The columns of a result are the out type's fields in order (lists and objects
left out), under the field's name, or NAME_sealed for a sealed field; preparing
the statement checks that."""
import pathlib
import re
import sys

KINDS = {
    "id": ("struct id", ""), "text": ("struct str", ""), "int": ("int64_t", ""),
    "opt_int": ("struct opt_int", ""), "bool": ("bool", ""), "time": ("struct instant", ""),
    "date": ("struct date", ""), "blob": ("struct blob", ""),
    "sealed": ("struct str", ", .sealed = true"), "sealed_date": ("struct date", ", .sealed = true"),
}
IMPLICIT = {"tenant": "BIND_TENANT", "actor": "BIND_ACTOR", "reach": "BIND_REACH",
            "self": "BIND_SELF", "now": "BIND_NOW"}
FLAGS = {"write", "tenant", "care", "later", "together", "kept"}
ENGINES = ("sqlite", "postgres")
BINDS_MAX = 40
MIGRATIONS = pathlib.Path(__file__).resolve().parent.parent / "migrations"
# The numbers are enum reach of base/base.h; generated code asserts them. OFFSET keeps
# PostgreSQL from reading all of the actor's patients into a hash to look up one.
CARE = ("(:reach = 3 OR (:reach = 2 AND EXISTS (SELECT 1 FROM care k WHERE k.tenant_id = :tenant"
        " AND k.user_id = :actor AND k.patient_id = {0} AND k.until > :now{1}))"
        " OR (:reach = 1 AND {0} = :self))")
CARE_END = {"sqlite": "", "postgres": " OFFSET 0"}
# Which of the questions a row answers, and the row. OFFSET: each is planned and looked up as if it were asked alone.
ASKED = ("SELECT asked.i, answer.* FROM unnest({arrays}) WITH ORDINALITY AS asked({names}, i)"
         " CROSS JOIN LATERAL (SELECT * FROM ({text}) one OFFSET 0) answer")
TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|::\w+|:\w+|@care\(\s*[\w.]+\s*\)|.", re.S)


def walled():
    """Tables that PostgreSQL shows to their own tenant alone: statements on them name it."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in sorted(MIGRATIONS.glob("*.sql")))
    return set(re.findall(r"^ALTER TABLE (\w+) FORCE ROW LEVEL SECURITY;$", text, re.M))


WALLED = walled()


class Bad(Exception):
    pass


class Statement:
    def __init__(self, name, rows, words, where):
        self.name, self.rows, self.where = name, rows, where
        self.out = words.pop(0) if rows in ("one", "many") and words else None
        self.flags = set(words)
        self.ins, self.seals, self.lines = [], None, []

    def die(self, what):
        raise Bad(f"{self.where}: {self.name}: {what}")

    def sql(self, engine):
        text = "\n".join(line for e, line in self.lines if e in (engine, "both"))
        parts = []
        for tok in TOKEN.findall(text):
            if tok.startswith("--"):
                continue
            if tok.startswith("@care("):
                if tok[6:-1].strip().startswith("k."):
                    self.die("@care's own table is k: a column of another k would compare with itself")
                tok = CARE.format(tok[6:-1].strip(), CARE_END[engine])
            parts.append(tok)
        sql = re.sub(r"\s+", " ", "".join(parts)).strip().rstrip(";").strip()
        return sql or self.die(f"no text for {engine}")

    def words(self):
        return {t for e in ENGINES for t in re.findall(r"'(?:[^']|'')*'|\w+", self.sql(e)) if t[0] != "'"}

    def names(self, engine):
        """Parameters in order of their first use."""
        seen = []
        for tok in TOKEN.findall(self.sql(engine)):
            if re.fullmatch(r":\w+", tok) and tok[1:] not in seen:
                seen.append(tok[1:])
        return seen

    def order(self):
        """One numbering for both engines."""
        order = self.names("sqlite")
        if set(order) != set(self.names("postgres")):
            odd = set(order) ^ set(self.names("postgres"))
            self.die(f"the engines' texts use different parameters: {', '.join(sorted(odd))}")
        return order

    def numbered(self, engine):
        order, mark = self.order(), "?" if engine == "sqlite" else "$"
        asked = engine == "postgres" and self.rows == "one" and "together" in self.flags
        text = self.sql(engine).replace("@blob", "BLOB" if engine == "sqlite" else "BYTEA")
        text = "".join(f"{'asked.p' if asked else mark}{order.index(t[1:]) + 1}" if re.fullmatch(r":\w+", t) else t
                       for t in TOKEN.findall(text))
        return ASKED.format(arrays=", ".join(f"${i + 1}" for i in range(len(order))), text=text,
                            names=", ".join(f"p{i + 1}" for i in range(len(order)))) if asked else text

    def check(self):
        if self.rows in ("one", "many") and (not self.out or self.out in FLAGS):
            self.die(f"{self.rows} needs the type of its rows")
        if odd := self.flags - FLAGS:
            self.die(f"unknown word {', '.join(sorted(odd))}")
        names = [n for _, n in self.ins]
        for n in names:
            if n in IMPLICIT:
                self.die(f":{n} comes from the context and cannot be declared")
            if names.count(n) > 1:
                self.die(f"{n} is declared twice")
        used = self.order()
        for n in used:
            if n not in names and n not in IMPLICIT:
                self.die(f":{n} is not declared")
        places = self.seals[1:] if self.seals else ()
        for n in names:
            if n not in used and n not in places:
                self.die(f"{n} is declared but not used")
        if len(used) > BINDS_MAX:
            self.die(f"more than {BINDS_MAX} parameters")
        self.check_flags(used)
        self.check_seals(names)

    def check_flags(self, used):
        if "tenant" in self.flags and "tenant" not in used:
            self.die("a tenant statement must mention :tenant")
        if "tenant" not in self.flags and (walls := WALLED.intersection(self.words())):
            self.die(f"{', '.join(sorted(walls))} belongs to one tenant: the statement must say tenant")
        for e in ENGINES:
            sql = self.sql(e)
            if "care" in self.flags and ":reach" not in sql:
                self.die("a care statement must filter by @care(COLUMN) or :reach")
            changes = re.search(r"\b(INSERT|UPDATE|DELETE)\b(?!\s+(SKIP|NOWAIT|OF)\b)", re.sub(r"\bFOR( NO KEY)? UPDATE\b", "", sql), re.I)
            if changes and "write" not in self.flags:
                self.die(f"{changes[1].upper()} without the word write")
            if ";" in "".join(t for t in TOKEN.findall(sql) if t[0] not in "'\""):
                self.die("two statements in one")
        if self.rows == "change" and "write" not in self.flags:
            self.die("change without the word write")
        if "later" in self.flags and (self.rows != "none" or "write" not in self.flags):
            self.die("later is for writes that return none")
        if "kept" in self.flags and (self.rows != "one" or "write" in self.flags or "now" in used):
            self.die("kept is for one row that is read and does not depend on :now")
        if "together" in self.flags and self.rows == "one":
            if "write" in self.flags or not used:
                self.die("together is for one row that is read by something")
        elif "together" in self.flags and ("later" not in self.flags or IMPLICIT.keys() & set(used)):
            self.die("together is for later writes that take all from their inputs")

    def check_seals(self, names):
        sealed = [n for k, n in self.ins if k.startswith("sealed")]
        if bool(sealed) != bool(self.seals):
            self.die("sealed inputs and :seals go together")
        if not self.seals:
            return
        kind = {n: k for k, n in self.ins}
        for n in self.seals[1:]:
            if n != "tenant" and kind.get(n) != "id":
                self.die(f":seals names {n}, which is no id input")


def parse(path):
    stmts, includes, cur, engine = [], [], None, "both"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}:{number}"
        if m := re.match(r"-- :(\w+)\s*(.*?)\s*$", line):
            word, rest = m[1], m[2]
            if word == "include":
                includes.append(rest)
            elif word == "stmt":
                m = re.fullmatch(r"([a-z]\w*)\s+(one|many|change|none)\b\s*(.*)", rest)
                if not m:
                    raise Bad(f"{where}: not ':stmt NAME one|many|change|none …'")
                cur, engine = Statement(m[1], m[2], m[3].split(), where), "both"
                stmts.append(cur)
            elif cur is None:
                raise Bad(f"{where}: :{word} before the first :stmt")
            elif word == "in":
                for part in rest.rstrip(",").split(","):
                    pair = tuple(part.split())
                    if len(pair) != 2 or pair[0] not in KINDS:
                        raise Bad(f"{where}: '{part.strip()}' is not KIND NAME; kinds: {', '.join(KINDS)}")
                    cur.ins.append(pair)
            elif word == "seals":
                m = re.fullmatch(r"(\w+)\s+row\s+(\w+)\s+key\s+(\w+)", rest)
                cur.seals = (m[1], m[2], m[3]) if m else cur.die("not ':seals TABLE row FIELD key FIELD|tenant'")
            elif word in ENGINES + ("both",):
                engine = word
            else:
                raise Bad(f"{where}: unknown word :{word}")
        elif line.strip() and not line.lstrip().startswith("--"):
            if cur is None:
                raise Bad(f"{where}: SQL before the first :stmt")
            cur.lines.append((engine, line))
    for s in stmts:
        s.check()
    return stmts, includes


def c_string(text):
    """A literal folded to readable lines."""
    words, lines, line = text.split(" "), [], ""
    for w in words:
        if line and len(line) + len(w) > 84:
            lines.append(line)
            line = ""
        line += w + " "
    lines.append(line.rstrip())
    escaped = [x.replace("\\", "\\\\").replace('"', '\\"') for x in lines]
    return "\n\t\t  ".join(f'"{x}"' for x in escaped)


def calls(s):
    n, args, give = s.name, "struct ctx *ctx", "NULL"
    if s.ins:
        args, give = f"{args}, const struct {n}_in *in", "in"
    head = "static inline enum err MUST_CHECK"
    if s.rows == "one":
        yield f"{head}\nsql_{n}({args}, struct {s.out} *out)\n{{\n\treturn db_one(ctx, &{n}_stmt, {give}, out);\n}}"
    elif s.rows == "many":
        yield f"{head}\nsql_{n}({args}, struct list *out)\n{{\n\treturn db_many(ctx, &{n}_stmt, {give}, out);\n}}"
    else:
        yield f"{head}\nsql_{n}({args})\n{{\n\treturn db_run(ctx, &{n}_stmt, {give});\n}}"
    if s.rows == "none" and "later" not in s.flags:
        yield (f"{head}\nsql_{n}_count({args}, int64_t *changed)\n{{\n"
               f"\treturn db_count(ctx, &{n}_stmt, {give}, changed);\n}}")
    if s.rows == "none" and s.ins and "write" in s.flags:
        yield (f"{head}\nsql_{n}_many(struct ctx *ctx, const struct {n}_in *ins, size_t n)\n{{\n"
               f"\treturn db_run_many(ctx, &{n}_stmt, ins, n);\n}}")


def header(path, stem, stmts, includes):
    guard = f"GEN_{stem.upper()}_SQL_H"
    out = [f"/* Generated from {path} by tools/sqlgen.py; do not edit. */", f"#ifndef {guard}", f"#define {guard}", ""]
    out += [f'#include "{i}"' for i in includes] + ['#include "store/db.h"']
    for s in stmts:
        out.append("")
        if s.ins:
            out += [f"struct {s.name}_in {{"] + [f"\t{KINDS[k][0]} {n};" for k, n in s.ins] + ["};"]
        out.append(f"extern const struct stmt {s.name}_stmt;")
        out += calls(s)
    return "\n".join(out + ["", "#endif", ""])


def source(path, stem, stmts, slots):
    out = [f"/* Generated from {path} by tools/sqlgen.py; do not edit. */", f'#include "{stem}_sql.h"', "",
           '_Static_assert(REACH_SELF == 1 && REACH_CARE == 2 && REACH_TENANT == 3, "sqlgen.py knows these");']
    for s in stmts:
        n, order, names = s.name, s.order(), [x for _, x in s.ins]
        out.append("")
        if s.ins:
            out.append(f"static const struct field {n}_in_fields[] = {{")
            out += [f"\tFIELD({n}_in, {x}{KINDS[k][1]})," for k, x in s.ins]
            place = ""
            if s.seals:
                key = "NULL" if s.seals[2] == "tenant" else f'"{s.seals[2]}"'
                place = f', .table = "{s.seals[0]}", .row_field = "{s.seals[1]}", .key_field = {key}'
            out += ["};", f"static const struct type {n}_in_type = TYPE({n}_in, {n}_in_fields{place});"]
        if order:
            binds = ", ".join(f"{{ {IMPLICIT[x]}, 0 }}" if x in IMPLICIT else f"{{ BIND_IN, {names.index(x)} }}"
                              for x in order)
            out.append(f"static const struct bind {n}_binds[] = {{ {binds} }};")
        flag = lambda f: "true" if f in s.flags else "false"
        out += [f"const struct stmt {n}_stmt = {{",
                f'\t.name = "{n}", .rows = ROWS_{s.rows.upper()}, .writes = {flag("write")}, .later = {flag("later")},'
                f' .together = {flag("together")}, .tenant = {flag("tenant")}, .kept = {flag("kept")}, .slot = {slots[n]},',
                "\t.text = { " + c_string(s.numbered("sqlite")) + ",\n\t\t  " + c_string(s.numbered("postgres")) + " },",
                f"\t.binds = {f'{n}_binds' if order else 'NULL'}, .bind_count = {len(order)},",
                f"\t.in = {f'&{n}_in_type' if s.ins else 'NULL'}, .out = {f'&{s.out}_type' if s.out else 'NULL'},",
                "};"]
    return "\n".join(out + [""])


def listing(names):
    out = ["/* Generated by tools/sqlgen.py; do not edit. */", '#include "store/db.h"', ""]
    out += [f"extern const struct stmt {n}_stmt;" for n in names]
    out += ["", "static const struct stmt *const all[] = {"] + [f"\t&{n}_stmt," for n in names] + ["};", "",
            "const struct stmt *const *", "stmts_all(size_t *count)", "{", "\t*count = COUNT(all);", "\treturn all;", "}"]
    return "\n".join(out + [""])


def write(path, text):
    """Leaves an equal file alone, so that nothing is compiled again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main(outdir, files):
    spare = files.index("--spare") if "--spare" in files else len(files)
    parsed = [(p, *parse(p)) for p in map(pathlib.Path, files[:spare] + files[spare + 1:])]
    names = [s.name for _, stmts, _ in parsed for s in stmts]
    for n in names:
        if names.count(n) > 1:
            raise Bad(f"statement {n} exists twice")
    slots = {n: i for i, n in enumerate(names)}
    made = {"stmts.c": listing(names)} if spare == len(files) else {}
    for path, stmts, includes in parsed[spare if spare < len(files) else 0:]:
        stem = path.stem
        if f"{stem}_sql.h" in made:
            raise Bad(f"two files are called {stem}.sql")
        shown = path.as_posix().split("src/", 1)[-1]
        made[f"{stem}_sql.h"] = header(shown, stem, stmts, includes)
        made[f"{stem}_sql.c"] = source(shown, stem, stmts, slots)
    for name, text in made.items():
        write(pathlib.Path(outdir) / name, text)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except Bad as bad:
        sys.exit(f"sqlgen: {bad}")
