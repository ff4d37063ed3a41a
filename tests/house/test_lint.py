"""The checks of tools/lint find what they are there for, and leave good code alone."""
import importlib
import subprocess
import sys

import pytest

from lib.process import ROOT

sys.path.insert(0, f"{ROOT}/tools/lint")
banned, common, headers, hygiene, layers, scripts, size = map(
    importlib.import_module, ("banned", "common", "headers", "hygiene", "layers", "scripts", "size"))

GOOD = "#include \"base/base.h\"\n\nint\nmain(void)\n{\n\treturn 0;\n}\n"


@pytest.fixture
def tree(tmp_path):
    """tree({"src/x.c": "..."}) -> a git tree with these files."""
    def make(contents):
        for name, text in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text) if isinstance(text, bytes) else path.write_text(text)
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        common.files.cache_clear()
        return tmp_path
    return make


@pytest.mark.parametrize("path, text, said", [
    ("src/base/a.c", '#include "sys/log.h"\n', "base may not see sys/log.h"),
    ("src/http/a.c", '#include "features/x/x.h"\n', "http may not see"),
    ("src/ops/a.c", '#include "http/route.h"\n', "ops may not see"),
    ("src/features/a/a.c", '#include "features/b/b.h"\n', "feature a may not see"),
    ("src/features/a/a.c", "#include <sqlite3.h>\n", "<sqlite3.h> belongs to"),
    ("src/sys/a.c", "  #  include <openssl/evp.h>\n", "<openssl/evp.h> belongs to"),
    ("src/base/a.c", "#include <unknown.h>\n", "<unknown.h> has no owner"),
    ("src/base/a.c", '#include "base.h"\n', "write the path"),
    ("src/new/a.c", "", "new is not a layer"),
])
def test_layers_finds(tree, path, text, said):
    assert any(said in line for line in layers.findings(tree({path: text})))


def test_layers_generated_sql_belongs_to_its_folder(tree):
    root = tree({"src/features/a/a.sql": "", "src/features/a/a.c": '#include "a_sql.h"\n',
                 "src/features/b/b.c": '#include "a_sql.h"\n'})
    found = list(layers.findings(root))
    assert len(found) == 1 and found[0].startswith("src/features/b/b.c:1:")


def test_layers_leaves_good_code(tree):
    assert not list(layers.findings(tree({"src/store/sqlite.c": '#include <sqlite3.h>\n#include <stdio.h>\n#include "sys/log.h"\n',
                                          "src/cmd/x.c": '#include "http/route.h"\n#include "features/a/a.h"\n'})))


def test_layers_sees_a_circle():
    assert layers.circle({("a", "b"), ("b", "c"), ("c", "a")})
    assert not layers.circle({("a", "b"), ("b", "c"), ("a", "c")})


def test_headers_finds_what_does_not_stand_alone(tree):
    root = tree({"src/base/a.h": "#ifndef BASE_A_H\n#define BASE_A_H\nsize_t f(void);\n#endif\n",
                 "src/base/b.h": "#ifndef WRONG\n#define WRONG\n#endif\n",
                 "src/base/c.h": "/* good */\n#ifndef BASE_C_H\n#define BASE_C_H\nint f(void);\n#endif\n"})
    found = list(headers.findings(root))
    assert any("a.h: does not compile alone" in line for line in found)
    assert any("b.h: no include guard BASE_B_H" in line for line in found)
    assert not any("c.h" in line for line in found)


@pytest.mark.parametrize("path, text, bad", [
    ("src/base/a.c", "strcpy(a, b);", True),
    ("src/base/a.c", "x = system (c);", True),
    ("src/base/a.c", "/* strcpy(a, b) */ f(\"system(x)\");", False),
    ("src/base/a.c", "db->free(x); my_strcpy(x); o.time(0);", False),
    ("src/features/a/a.c", "free(x);", True),
    ("src/store/a.c", "free(x);", False),
])
def test_banned(tree, path, text, bad):
    assert bool(list(banned.findings(tree({path: text})))) == bad


def test_size(tree):
    long = "int\nlong_one(void)\n{\n" + "\tf();\n" * 71 + "}\n"
    branchy = "int\nbranchy(void)\n{\n" + "\tif (a && b)\n\t\tf();\n" * 11 + "}\n"
    found = list(size.findings(tree({"src/a.c": GOOD + long + branchy})))
    assert len(found) == 2
    assert "long_one has 71 lines" in found[0] and "branchy has 23 branches" in found[1]


def test_size_measures_by_name():
    assert list(size.functions(GOOD)) == [("main", 5, 1, 1)]


@pytest.mark.parametrize("path, text, said", [
    ("a.md", "x \n", "blanks at the end"),
    ("a.c", "x", "no newline"),
    ("a.md", "see /ho" + "me/me/x\n", "path of one machine"),
    ("a.py", "x = '\u202e'\n", "invisible character"),
    ("a.c", "x\n" * 601, "601 lines"),
    ("a.bin", b"\0\1", "not UTF-8"),
    ("a.pem", "-----BEGIN PRI" + "VATE KEY-----\n", "private key"),
    ("a.txt", "<" * 7 + " HEAD\n", "merge"),
])
def test_hygiene_finds(tree, path, text, said):
    assert any(said in line for line in hygiene.findings(tree({path: text})))


def test_hygiene_skips_what_git_ignores(tree):
    assert not list(hygiene.findings(tree({".gitignore": "out/\n", "out/a.md": "x \n", "build-x/a.md": "x \n"})))


def test_scripts(tree):
    root = tree({"a.py": "import os\n", "b.sh": "#!/bin/sh\necho $1\n", "c": "#!/usr/bin/env bash\ncd $x\n"})
    found = "\n".join(scripts.findings(root))
    for name in ("a.py", "b.sh", "c:"):
        assert name in found
