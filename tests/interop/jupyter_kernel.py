"""Plays the front end of a Jupyter kernel: `jupyter_kernel.py PROGRAM SCENARIO`.

Installs the kernel of PROGRAM in a folder of its own, starts it by its name as a notebook would, and asks
what the scenario, one of the functions below, is about. What is not as it should be ends with an error.
"""

import base64
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 120


class Notebook:
    """A kernel and the client that talks to it."""

    def __init__(self, program, folder):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(kernel_name="ricercar")
        self.manager.start_kernel(cwd=folder)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def begin(self, code, **options):
        return self.client.execute(code, **options)

    def end(self, request):
        """The reply to an execution and what it published, in order."""
        published = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                break
            published.append((message["msg_type"], content))
        return self.reply(request), published

    def reply(self, request):
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"]["msg_id"] == request:
                return message["content"]

    def run(self, code, **options):
        return self.end(self.begin(code, **options))

    def is_told_of(self, kind):
        """Whether the next message says that a request of a kind has been answered."""
        message = self.client.get_iopub_msg(timeout=PATIENCE)
        is_idle = message["content"].get("execution_state") == "idle"
        return is_idle and message["parent_header"].get("msg_type") == kind

    def wait_for(self, request, *kinds):
        """Waits for the next message of some kinds that an execution publishes."""
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] in kinds:
                return message["content"]


def of(kind, published):
    return [content for name, content in published if name == kind]


def same(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"


def execute(notebook):
    """Values, their numbers, text on the way, and state from cell to cell."""
    reply, published = notebook.run("let a = 20;\nfn twice(x) { x * 2 }")
    same((reply["status"], reply["execution_count"]), ("ok", 1))
    same(of("execute_input", published)[0]["code"], "let a = 20;\nfn twice(x) { x * 2 }")
    same(of("execute_result", published), [])
    reply, published = notebook.run('print("on the way");\ntwice(a) + 2')
    result = of("execute_result", published)[0]
    same((result["execution_count"], result["data"]), (2, {"text/plain": "42"}))
    same("".join(text["text"] for text in of("stream", published)), "on the way\n")
    reply, published = notebook.run("out2 + ans", user_expressions={"a": "a + 1", "b": "nope"})
    same(of("execute_result", published)[0]["data"]["text/plain"], "84")
    same(reply["user_expressions"]["a"]["data"]["text/plain"], "21")
    same(reply["user_expressions"]["b"]["status"], "error")
    reply, published = notebook.run("let quiet = 5;", silent=True, store_history=False)
    same((reply["status"], of("execute_input", published)), ("ok", []))
    reply, published = notebook.run("quiet")
    same((reply["execution_count"], of("execute_result", published)[0]["data"]["text/plain"]), (4, "5"))


def stream(notebook):
    """What is printed comes while the cell runs."""
    request = notebook.begin('print("first"); loop { }')
    same(notebook.wait_for(request, "stream"), {"name": "stdout", "text": "first\n"})
    notebook.manager.interrupt_kernel()
    same(notebook.end(request)[0]["ename"], "Interrupted")
    # Many lines are few messages, and all of them come.
    reply, published = notebook.run("for i in 0..20000 { print(i); }")
    texts = [content["text"] for content in of("stream", published)]
    same("".join(texts).split(), [str(i) for i in range(20000)])
    assert len(texts) < 200, len(texts)


def display(notebook):
    """Pictures, tables and players."""
    notebook.run('let song = music::line("bass", "C2 G2 C3 G2").to_song();')
    reply, published = notebook.run("song")
    result = of("execute_result", published)[0]["data"]
    assert "bass" in result["text/plain"] and "\x1b" not in result["text/plain"], result["text/plain"]
    assert base64.b64decode(result["image/png"]).startswith(b"\x89PNG\r\n"), result["image/png"][:20]
    player(of("display_data", published))
    reply, published = notebook.run("song.play()")
    player(of("display_data", published))
    reply, published = notebook.run("[song, song.transpose(5)]")
    same(sorted(of("execute_result", published)[0]["data"]), ["image/png", "text/plain"])
    reply, published = notebook.run(
        'let t = table();\nfor seed in 1..=3 { t.add(#{ seed: seed, rate: seed / 8.0, name: "<a>" }); }\nt'
    )
    result = of("execute_result", published)[0]["data"]
    assert "<table>" in result["text/html"] and "&lt;a&gt;" in result["text/html"], result["text/html"]
    assert "0.125" in result["text/plain"], result["text/plain"]
    reply, published = notebook.run('t.plot(#{ x: "seed", y: "rate" })')
    same(sorted(of("execute_result", published)[0]["data"]), ["image/png", "text/plain"])


def player(shown):
    same(len(shown), 1)
    html = shown[0]["data"]["text/html"]
    prefix = '<audio controls src="data:audio/wav;base64,'
    assert html.startswith(prefix), html[:80]
    assert base64.b64decode(html[len(prefix) :].split('"')[0]).startswith(b"RIFF")


def complete(notebook):
    """The session's own completion, by letters and not by bytes."""
    notebook.run('let song = music::line("bass", "C2").to_song();')

    def ask(code):
        reply = notebook.client.complete(code, reply=True, timeout=PATIENCE)["content"]
        return reply["matches"], reply["cursor_start"], reply["cursor_end"]

    same(ask("song.bar_c"), (["bar_count"], 5, 10))
    same(ask('let ü = "𝄞"; son'), (["song"], 13, 16))
    same(ask('song.track("b'), (["bass"], 12, 13))
    same(ask("1;\n:tra"), ([":transcript "], 3, 7))


def inspect(notebook):
    """Help on what is at the cursor, and the text of what is written in rhai."""

    def ask(code, at, level=0):
        reply = notebook.client.inspect(code, at, detail_level=level, reply=True, timeout=PATIENCE)
        return reply["content"]["data"].get("text/plain", "") if reply["content"]["found"] else None

    assert ask('theory::note("C4")', 10).startswith("theory::note("), ask('theory::note("C4")', 10)
    assert "transpose(" in ask('music::line("bass", "C2").transpose(', 36)
    assert "fn line" in ask("interp::line", 10, 1), ask("interp::line", 10, 1)
    same(ask("zzzzz", 3), None)
    reply, published = notebook.run("?theory::note\n:seed 9\n??interp::line")
    text = "".join(content["text"] for content in of("stream", published))
    assert "theory::note(" in text and "seed 9" in text and "fn line" in text, text


def is_complete(notebook):
    def ask(code):
        return notebook.reply(notebook.client.is_complete(code))

    same(ask("1 + 1")["status"], "complete")
    found = ask("fn f(x) {")
    same((found["status"], found["indent"]), ("incomplete", "    "))


def error(notebook):
    """Errors show line and remedy, cost nothing else, and stop the cells behind them."""
    notebook.run("let melody = 7;")
    reply, published = notebook.run("let b = 1;\nprint(melody + b);\nmelodi")
    shown = of("error", published)[0]
    same((reply["status"], reply["ename"], reply["evalue"]), ("error", "Error", shown["evalue"]))
    told = "\n".join(shown["traceback"])
    assert "melodi" in told and "In [2]" in told and "did you mean" in told, told
    # Cells that have come when one fails are not run: they need time to come.
    failing = notebook.begin('let start = timestamp(); while start.elapsed < 2.0 { } throw "nope"')
    behind = [notebook.begin("1"), notebook.begin("2")]
    same(notebook.end(failing)[0]["status"], "error")
    same([notebook.end(request)[0]["status"] for request in behind], ["aborted", "aborted"])
    # The number of the first entry that failed is used again, as in the terminal.
    reply, published = notebook.run("melody")
    same((reply["execution_count"], of("execute_result", published)[0]["data"]["text/plain"]), (2, "7"))
    reply, published = notebook.run(":edit")
    assert "edited where they stand" in reply["evalue"], reply


def history(notebook):
    notebook.run("1 + 1")
    notebook.run("let a = 3;")
    message = notebook.client.history(hist_access_type="tail", n=5, output=True, reply=True, timeout=PATIENCE)
    same(message["content"]["history"], [[0, 1, ["1 + 1", "2"]], [0, 2, ["let a = 3;", ""]]])


def info(notebook):
    """Who we are, and what we do not do."""
    content = notebook.client.kernel_info(reply=True, timeout=PATIENCE)["content"]
    same((content["status"], content["implementation"]), ("ok", "ricercar"))
    same((content["language_info"]["name"], content["language_info"]["file_extension"]), ("rhai", ".rhai"))
    same(notebook.client.comm_info(reply=True, timeout=PATIENCE)["content"], {"status": "ok", "comms": {}})
    message = notebook.client.session.msg(
        "comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}}
    )
    notebook.client.shell_channel.send(message)
    same(notebook.wait_for(message["header"]["msg_id"], "comm_close")["comm_id"], "x")
    message = notebook.client.session.msg("odd_request", {})
    notebook.client.shell_channel.send(message)
    reply = notebook.reply(message["header"]["msg_id"])
    assert reply["status"] == "error" and "odd_request" in reply["evalue"], reply


def interrupt(notebook):
    """An endless loop and a training run stop, and leave what there was."""
    notebook.run("let kept = 7;")
    request = notebook.begin("loop { }")
    notebook.wait_for(request, "execute_input")
    time.sleep(0.2)
    notebook.manager.interrupt_kernel()
    reply, published = notebook.end(request)
    same((reply["status"], reply["ename"]), ("error", "Interrupted"))
    # Heartbeats and the control socket are answered while a script runs.
    assert notebook.client.hb_channel.is_beating()
    request = notebook.begin(TRAINING)
    # What comes before the first step may have a bar of its own.
    bar = {"data": {"text/plain": ""}}
    while " of 100000" not in bar["data"]["text/plain"]:
        bar = notebook.wait_for(request, "display_data", "update_display_data")
    assert "<progress" in bar["data"]["text/html"], bar
    notebook.manager.interrupt_kernel()
    reply, published = notebook.end(request)
    same((reply["status"], reply["ename"]), ("error", "Interrupted"))
    last = of("update_display_data", published)[-1]
    same(last["transient"]["display_id"], bar["transient"]["display_id"])
    assert last["data"]["text/plain"].startswith("stopped at "), last
    reply, published = notebook.run("kept")
    same(of("execute_result", published)[0]["data"]["text/plain"], "7")
    # One that comes between two cells stops neither.
    notebook.manager.interrupt_kernel()
    while not notebook.is_told_of("interrupt_request"):
        pass
    same(notebook.run("kept + 1")[0]["status"], "ok")


TRAINING = """
let cfg = config::named("tiny");
cfg.data.file = "tour_256.npz";
cfg.steps = 100000;
cfg.batch_size = 8;
cfg.micro_batch = 4;
train::run(cfg, #{ folder: "out/tiny" })
"""


def restart(notebook):
    notebook.run("let a = 1;")
    notebook.manager.restart_kernel()
    notebook.client.wait_for_ready(timeout=PATIENCE)
    reply, published = notebook.run("a")
    same((reply["status"], reply["execution_count"]), ("error", 1))


def shutdown(notebook):
    """Asked to, the kernel ends by itself, also while a script runs."""
    request = notebook.begin("loop { }")
    notebook.wait_for(request, "execute_input")
    reply = notebook.client.shutdown(reply=True, timeout=PATIENCE)["content"]
    same((reply["status"], reply["restart"]), ("ok", False))
    until = time.monotonic() + PATIENCE
    while notebook.manager.is_alive():
        assert time.monotonic() < until, "the kernel goes on"
        time.sleep(0.05)


def orphan(notebook):
    """A kernel does not outlive a server that was killed."""
    server = """
import os, sys
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name="ricercar")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=120)
print(manager.provisioner.pid, flush=True)
os._exit(9)
"""
    ended = subprocess.run([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True)
    kernel = int(ended.stdout)
    until = time.monotonic() + PATIENCE
    while is_running(kernel):
        assert time.monotonic() < until, "the kernel goes on"
        time.sleep(0.1)


def is_running(process):
    try:
        # One that has ended may still have an entry until somebody asks how.
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def signature(notebook):
    """A message that somebody else has signed is not answered."""
    key = notebook.client.session.key
    notebook.client.session.key = b"guess"
    notebook.client.execute("let stolen = 1;")
    notebook.client.session.key = key
    reply, _ = notebook.run("stolen")
    same(reply["status"], "error")
    try:
        raise AssertionError(notebook.client.get_shell_msg(timeout=0.2))
    except queue.Empty:
        pass


def book(notebook):
    """The example notebook runs from its first cell to its last, and shows what it promises."""
    import nbclient
    import nbformat

    root = pathlib.Path(__file__).resolve().parents[2]
    page = nbformat.read(root / "examples" / "notebook.ipynb", as_version=4)
    nbformat.validate(page)
    same(page.metadata.kernelspec.name, "ricercar")
    nbclient.NotebookClient(page, timeout=PATIENCE, kernel_name="ricercar").execute()
    nbformat.validate(page)
    outputs = [output for cell in page.cells for output in cell.get("outputs", [])]
    forms = {form for output in outputs for form in output.get("data", {})}
    same(forms, {"text/plain", "text/html", "image/png"})
    assert any("<audio" in output.get("data", {}).get("text/html", "") for output in outputs)
    assert any("<table" in output.get("data", {}).get("text/html", "") for output in outputs)


def main():
    program, scenario = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for variable in ["JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"]:
            os.environ[variable] = os.path.join(folder, variable.lower())
        subprocess.run([program, "--quiet", "jupyter", "install", "--user"], check=True)
        work = os.path.join(folder, "work")
        os.mkdir(work)
        root = pathlib.Path(__file__).resolve().parents[2]
        shutil.copy(root / "examples" / "data" / "tour_256.npz", work)
        os.chdir(work)
        notebook = Notebook(program, work)
        try:
            globals()[scenario](notebook)
        finally:
            notebook.close()


if __name__ == "__main__":
    main()
