"""Console blocks of our documents as steps: in a ```console block `$ ` starts a command (`> ` goes on with it), what
follows is its output, and `…` stands for any text on a line."""
import re
import subprocess


def console_blocks(text):
    return re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S)


def steps(text):
    """[(command, expected output)] of every console block."""
    found = []
    for line in "".join(console_blocks(text)).splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif line.startswith("> "):
            found[-1][0] += "\n" + line[2:]
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def matches(expected, got):
    return re.fullmatch(re.escape(expected).replace("…", "[^\n]*"), got.rstrip("\n")) is not None


MARK = "\x1e"


def follow(text, before, env, cwd, timeout_s=240):
    """Every step of a page's text in one shell, behind the line before; what did not answer as printed, and what came at all."""
    wanted = steps(text)
    assert wanted
    script = before + "\n".join(f"{c}\nprintf '{MARK}'" for c, _ in wanted)
    done = subprocess.run(["bash", "-c", script], env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout_s)
    got = done.stdout.decode().split(MARK)
    wrong = [f"$ {c}\nprinted:\n{e}\nanswered:\n{a}" for (c, e), a in zip(wanted, got) if not matches(e, a)]
    return wrong if len(got) == len(wanted) + 1 else [*wrong, "it ended early:\n" + done.stdout.decode()[-1500:]]
