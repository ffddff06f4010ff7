#!/usr/bin/python3
"""README.md's example, typed as it stands there: what spctl prints is what the page says; and the scripts of spctl-api(7)."""
import os
import re
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "engine"))
from desk import BUILD, PATIENCE, ROOT, Engine, FarEnd, eventually  # noqa: E402
import tap  # noqa: E402


def examples():
    """(command, what it prints), from the first block of the page."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        block = re.search(r"^```\n(.*?)^```$", file.read(), re.S | re.M)[1]
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.rstrip("\n")


def scripts():
    """The scripts of spctl-api(7): shell, Python."""
    with open(os.path.join(ROOT, "man", "spctl-api.7"), encoding="utf-8") as file:
        blocks = re.findall(r"^\.Bd -literal.*?\n(#!.*?)^\.Ed$", file.read(), re.S | re.M)
    return [block.replace("\\e", "\\") for block in blocks]


# netcat-openbsd's nc -NU PATH, which is not on every machine.
NC = """#!/usr/bin/python3
import socket, sys
engine = socket.socket(socket.AF_UNIX)
engine.connect(sys.argv[2])
engine.sendall(sys.stdin.buffer.read())
engine.shutdown(socket.SHUT_WR)
while data := engine.recv(65536):
    sys.stdout.buffer.write(data)
"""


class Between:
    """Stands between one client and the engine, and knows what the client has been told."""

    def __init__(self, path, to):
        self.path, self.told = path, b""
        self.door, self.engine = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self.door.bind(path)
        self.door.listen()
        self.engine.connect(to)
        threading.Thread(target=self._pass, daemon=True).start()

    def _pass(self):
        client, _ = self.door.accept()
        threading.Thread(target=self._back, args=(client,), daemon=True).start()
        while data := client.recv(65536):
            self.engine.sendall(data)

    def _back(self, client):
        while data := self.engine.recv(65536):
            client.sendall(data)
            self.told += data
        client.shutdown(socket.SHUT_WR)


def lasts(said, got):
    """What is said, with the seconds that the call lasted: a busy machine ends it late, nothing ends it early."""
    pattern = re.compile(r"(?<=ended after )\d+(?= s)")
    found, wanted = pattern.search(got), pattern.search(said)
    late = found and wanted and int(wanted[0]) <= int(found[0]) < int(wanted[0]) + PATIENCE
    return pattern.sub(found[0], said) if late else said


def written(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def check_scripts(engine, type_):
    """The shell's prints the stations; Python's the end of a call, and ends with the engine."""
    shell, python = scripts()
    path = os.path.join(engine.home, "run", "spctld.sock")
    env = {"PATH": engine.home + ":/usr/bin:/bin"}
    written(engine.home, "nc", NC)
    names = subprocess.run([written(engine.home, "names", shell), path], env=env, capture_output=True, text=True, check=False)
    tap.equal("spctl-api(7): the shell script prints the stations", (names.stdout, names.stderr), ("desk1\ndesk 2\n", ""))
    between = Between(os.path.join(engine.home, "between"), path)
    ends = subprocess.Popen([written(engine.home, "ends", python), between.path], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    type_("spctl dispo save sale --call 2")
    eventually(lambda: re.search(rb'"id": ?2\b', between.told) or ends.poll() is not None, PATIENCE, "the script's subscription")
    type_("spctl call dial 4155550100 --acknowledge max_calls_per_week --wait end --hangup-after 1")
    type_("spctl engine stop")
    out, errors = ends.communicate(timeout=30)
    tap.check("spctl-api(7): the Python script tells the end of a call", re.fullmatch(r"\S+Z \+14155550100 agent_hangup\n", out), out + errors)
    tap.equal("spctl-api(7): and it ends with the engine", (ends.returncode, errors), (0, ""))


@tap.main
def test():
    with Engine() as engine, FarEnd() as far:
        env = {**os.environ, "SPCTL_HOME": engine.home, "PATH": os.path.join(BUILD, "bin") + ":" + os.environ["PATH"]}

        def type_(line):
            return subprocess.run(["sh", "-c", line], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False, timeout=60).stdout.rstrip("\n")
        for line in ("tenant set --hours 00:00-24:00 --timezone Etc/UTC", "user add ann",
                     f"station add desk1 --did 4155550199 --sip-uri sip:anna@{far.ip} --no-register",
                     "customer add --name 'Bob Ray' --phone 4155550100", "customer add --name 'Dan Dole' --phone 4155550133",
                     "customer set 2 --cease-and-desist on --reason letter", "customer add --name 'Eve Doe' --phone 4155550101",
                     "login ann desk1"):
            type_("spctl " + line)
        for command, output in examples():
            got = type_(command)
            tap.equal(command, got, lasts(output, got))
        type_("spctl station add 'desk 2' --did 4155550198 --sip-uri sip:b@127.0.0.1")
        check_scripts(engine, type_)
