"""Console blocks of our documents as steps: in a ```console block `$ ` starts a command (`> ` goes on with it), what
follows is its output, and `…` stands for any text on a line."""
import re


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
