"""A session in a pseudo-terminal, by Python's own library: terminal.py PROGRAM SCENARIO COLUMNS

Types into it as a person would and waits for what the screen must show.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import tempfile
import termios
import time

PATIENCE = 60.0
# Colours, movements of the cursor and the terminal's modes.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    def __init__(self, program, columns, *arguments):
        self.folder = tempfile.TemporaryDirectory()
        child, self.screen = pty.fork()
        if child == 0:
            os.chdir(self.folder.name)
            os.environ.update(HOME=self.folder.name, TERM="xterm-256color")
            for name in ("NO_COLOR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
                os.environ.pop(name, None)
            os.execv(program, [program, *arguments])
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.child, self.text = child, ""

    def read(self, seconds):
        """Adds what the program writes within some time; says whether it still runs."""
        if not select.select([self.screen], [], [], seconds)[0]:
            return True
        try:
            part = os.read(self.screen, 65536)
        except OSError:
            part = b""
        self.text += part.decode("utf-8", "replace")
        return bool(part)

    def expect(self, *wanted):
        """Waits until all texts have been shown since the last time, in this order; gives what was shown."""
        until = time.monotonic() + PATIENCE
        while True:
            shown = CONTROL.sub("", self.text)
            place = 0
            for text in wanted:
                place = shown.find(text, place)
                if place < 0:
                    break
                place += len(text)
            if place >= 0:
                self.text = ""
                return shown
            if time.monotonic() > until or not self.read(1.0):
                sys.exit(f"expected {wanted}, the screen shows:\n{shown}")

    def settle(self):
        """Forgets what has been shown, once nothing more comes: a line is drawn again with every hint."""
        while select.select([self.screen], [], [], 0.5)[0] and self.read(0):
            pass
        self.text = ""

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def enter(self, line, *wanted):
        self.type(line + "\r")
        return self.expect(*wanted)

    def leave(self):
        self.type("\x04")
        _, status = os.waitpid(self.child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            sys.exit(f"it ended with {code}")


def values(terminal):
    """Values, colours, entries of several lines, and answers by number."""
    terminal.enter('let g = model::load("hybrid");', "In [2]: ")
    shown = terminal.enter("g.generate(#{ seed: 5 })", "Multitrack", "drums", "strings", "In [3]: ")
    rows = [row for row in shown.split("\n") if "│" in row]
    if not rows or max(len(row) for row in rows) > COLUMNS:
        sys.exit(f"rows are up to {max(map(len, rows), default=0)} wide of {COLUMNS}")
    terminal.enter("out2.bar_count + 38", "42", "In [4]: ")
    terminal.type("for i in 0..2 {\r")
    terminal.enter("print(`take ${i}`) }", "take 0", "take 1", "In [5]: ")


def completion(terminal):
    """Tab behind a dot, in a map of options and in a path."""
    terminal.enter('let g = model::load("hybrid");', "In [2]: ")
    terminal.type("g.accompan\t")
    terminal.expect("accompanies", "accompany(")
    terminal.type("\x15g.generate(#{ see\t")
    terminal.expect("seed")
    terminal.enter(" 1 }).tempo", "100", "In [3]: ")
    terminal.enter("?g.latent", "Model.latent(", "In [3]: ")


def interrupt(terminal):
    """Ctrl-C stops what runs, what it had done is kept, and the session goes on."""
    terminal.enter("let takes = [];", "In [2]: ")
    terminal.enter('takes.push(1); print("now"); loop { }', "now\n")
    time.sleep(0.3)
    terminal.type("\x03")
    terminal.expect("stopped", "In [2]: ")
    terminal.enter("takes", "[1]", "In [3]: ")
    # On the line it throws away what is typed.
    terminal.type("nonsense(")
    terminal.expect("nonsense(")
    terminal.settle()
    terminal.type("\x03")
    terminal.expect("In [3]: ")
    terminal.settle()
    terminal.enter("takes.len()", "1", "In [4]: ")


def history(terminal):
    """Earlier entries by arrow and by search; the session as a script."""
    terminal.enter("let first = 11;", "In [2]: ")
    terminal.enter("first * 2", "22", "In [3]: ")
    terminal.type("\x1b[A")
    terminal.enter("", "22", "In [4]: ")
    terminal.settle()
    terminal.type("\x12first =")
    terminal.expect("let first = 11;")
    terminal.settle()
    terminal.enter("", "In [5]: ")
    terminal.enter(":save s.rhai", "wrote s.rhai", "In [5]: ")
    with open(os.path.join(terminal.folder.name, "s.rhai")) as script:
        text = script.read()
    if text.count("let first = 11;") != 2 or text.count("first * 2") != 2:
        sys.exit(text)


PROGRAM, SCENARIO, COLUMNS = sys.argv[1], sys.argv[2], int(sys.argv[3])
terminal = Terminal(PROGRAM, COLUMNS)
terminal.expect("In [1]: ")
{"values": values, "completion": completion, "interrupt": interrupt, "history": history}[SCENARIO](terminal)
terminal.leave()
