"""Debian's age, which knows the format of our encrypted exports and nothing of us."""
import json
import os
import pty
import re
import shutil
import termios
import time

PHRASE = "uma frase só do paciente"


def age(directory, *arguments, phrase=PHRASE):
    """It reads a passphrase from a terminal alone. Its exit status."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvp(shutil.which("age"), ["age", *arguments])
    said, given = b"", 0
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:   # it has ended
            break
        if not part:
            break
        said += part
        if len(re.findall(rb"passphrase[^\r\n]*?: ", said)) > given:
            while termios.tcgetattr(terminal)[3] & termios.ECHO:   # it asks, and only then hides what is typed
                time.sleep(0.005)
            os.write(terminal, phrase.encode() + b"\n")
            given += 1
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def opened(path, phrase=PHRASE):
    """The JSON in a file; None: it does not open."""
    out = path.parent / "opened"
    out.unlink(missing_ok=True)
    return json.loads(out.read_text()) if age(path.parent, "-d", "-o", "opened", path, phrase=phrase) == 0 else None
