#!/usr/bin/python3
"""An agent's shift by command: what is typed, and what is said, with a real engine, phone and far end."""
import hashlib
import json
import os
import pwd
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engine"))
from desk import BOB, BUILD, PATIENCE, Engine, FarEnd, eventually  # noqa: E402
import tap  # noqa: E402

SPCTL = os.path.join(BUILD, "bin", "spctl")
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


class Desk:
    def __init__(self, home):
        self.env = {**os.environ, "SPCTL_HOME": home, "SPCTL_ENGINE": "/nonexistent/spctld"}

    def start(self, *words):
        return subprocess.Popen([SPCTL, *words], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def type(self, line, status=0, says=None, errors=""):
        """A command whose status, output (a pattern) and first line on standard error (a pattern) must be so."""
        words = re.findall(r"'[^']*'|\S+", line)
        got = subprocess.run([SPCTL, *(word.strip("'") for word in words)], env=self.env, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=False, timeout=60)
        error = got.stderr.split("\n", 1)[0]
        right = got.returncode == status and (says is None or re.fullmatch(says, got.stdout.rstrip("\n"), re.S)) and \
            re.fullmatch(errors, error)
        tap.check(f"spctl {line}", right, f"status {got.returncode}, wanted {status}\n{got.stdout}{got.stderr}")
        return got.stdout

    def json(self, line):
        return json.loads(self.type(line + " --json"))


def furnish(desk, ip):
    desk.type("tenant set --hours 00:00-24:00 --acw-seconds 60", says="tenant default changed")
    desk.type("user add ann --name 'Ann Lee'", says="user ann added")
    desk.type("user add ann", 65, errors="spctl: login: there is a user ann already")
    desk.type(f"station add desk1 --did 4155550199 --sip-uri sip:anna@{ip} --no-register --dry-run",
              says=r"station desk1 added \(dry run: nothing is changed\)")
    desk.type("station show desk1", 65, errors='spctl: there is no station "desk1"')
    desk.type(f"station add desk1 --did 4155550199 --sip-uri sip:anna@{ip} --no-register", says="station desk1 added")
    desk.type("station add desk2 --did 4155550199 --sip-uri 'sip:a b@x'", 65, errors='spctl: sip_uri: "sip:a b@x" is not .*')
    desk.type("customer add --name 'Bob Ray' --phone '(415) 555-0100'", says="customer 1 added: Bob Ray")
    desk.type("customer add --name 'Eve Doe' --phone 4155550166", says="customer 2 added: Eve Doe")
    desk.type("customer set 2 --cease-and-desist on", 65, errors="spctl: reason: it is needed .*")
    desk.type("customer set 2 --cease-and-desist on --reason 'letter of 20 November'", says="customer 2 changed: Eve Doe")


def gate(desk):
    desk.type("call check 4155550100", says=r"\+14155550100: allowed")
    desk.type("call check 4155550166", 10, says=r"\+14155550166: blocked\n  cease_and_desist \(hard, FDCPA §1692c\(c\)\)\n.*")
    desk.type("call dial 4155550166", 10, says="", errors=r"spctl: \+14155550166 is blocked: .*")
    desk.type("call dial 4155550166 --acknowledge cease_and_desist", 10, says="", errors=r"spctl: \+14155550166 is blocked: .*")
    desk.type("call dial 4155550177", 11, says="", errors=r"spctl: \+14155550177 needs acknowledgement: .*")
    desk.type("call dial 4155550177 --acknowledge unknown_customer --wait answer", 12, says="",
              errors=r"spctl: the call to \+14155550177 was not answered: not_found \(404 .*\)")
    desk.type("call dial 4155550100", 65, errors="spctl: call 1 to .14155550177 owes its disposition: spctl dispo save CODE --call 1")
    desk.type("dispo save wrong_number", says="call 1: wrong_number")


def talk(desk):
    desk.type("call dial 4155550100 --wait answer", says=r"call 2 to \+14155550100: answered")
    desk.type("call list --no-header", says=rf"2  active  outbound  \+14155550100  1  ann  desk1  {TIME}")
    desk.type("call hold", says="call 2: held")
    desk.type("call resume 2", says="call 2: active")
    desk.type("call mute", says="call 2: muted")
    desk.type("call unmute", says="call 2: not muted")
    desk.type("call dtmf '1*#'", says="call 2: digits sent")
    desk.type("call dtmf 1x", 65, errors="spctl: digits: 1x .*")
    desk.type("call hold 99", 65, errors="spctl: call: no call 99 of yours is in progress")
    desk.type("logout", 65, errors="spctl: ann cannot log out: .*")
    desk.type("call hangup", says="call 2: ended")
    desk.type("call hangup", 65, errors="spctl: .*")
    state = desk.json("session show")
    tap.equal("wrap-up is told", (state["state"], state["wrap_up"]["call_id"], state["owed"]), ("wrap_up", 2, 1))
    desk.type("session ready", 65, errors="spctl: ann cannot be ready: .*")
    desk.type("dispo save nonsense", 65, errors='spctl: code: "nonsense" is not a disposition; there are sale, .*')
    desk.type("dispo save completed --notes 'zahlt am Freitag – sicher'", says="call 2: completed")
    desk.type("dispo save sale --call 2", 65, errors="spctl: .*")


def interrupt(desk):
    """Ctrl-C while waiting hangs up."""
    events = desk.start("events", "--follow", "--ndjson")
    watch = desk.start("call", "watch", "--ndjson")
    dial = desk.start("call", "dial", "4155550100", "--wait", "end")
    for line in watch.stdout:
        if json.loads(line)["state"] == "active":
            break
    dial.send_signal(signal.SIGINT)
    out, err = dial.communicate(timeout=30)
    tap.check("an interrupt hangs up", dial.returncode == 0 and
              re.fullmatch(r"call 3 to \+14155550100: answered, ended after \d+ s: agent_hangup\n", out), (dial.returncode, out, err))
    for line in watch.stdout:
        if json.loads(line)["state"] == "ended":
            break
    tap.check("call watch told the end", True)
    watch.kill()
    watch.communicate()
    desk.type("dispo save other", says="call 3: other")
    return events


def afterwards(desk, home):
    calls = desk.json("history list")
    tap.equal("history", [(c["id"], c["cause"], c["disposition"]) for c in calls],
              [(1, "not_found", "wrong_number"), (2, "agent_hangup", "completed"), (3, "agent_hangup", "other")])
    tap.equal("history, the newest first", [c["id"] for c in desk.json("history list --newest --limit 2")], [3, 2])
    tap.equal("history, after an id", [c["id"] for c in desk.json("history list --after 1")], [2, 3])
    tap.equal("history of a customer", [c["id"] for c in desk.json("history list --customer 1")], [2, 3])
    tap.equal("notes are kept as they were", desk.json("history show 2")["notes"], "zahlt am Freitag – sicher")
    desk.type("history show 99", 65, errors="spctl: there is no call 99")
    copy = os.path.join(home, "copy.flac")
    eventually(lambda: json.loads(desk.start("history", "show", "2", "--json").communicate()[0])["recordings"][0]["sha256"], PATIENCE,
               "the digest of the recording, which is taken once it is whole")
    desk.type(f"history recording 2 -o {copy}", says="")
    with open(copy, "rb") as file:
        tap.equal("the recording is FLAC", file.read(4), b"fLaC")
    desk.type(f"history recording 2 -o {copy}", 65, errors=f"spctl: {copy} exists already; --force replaces it")
    desk.type("history recording 1 -o -", 65, errors="spctl: call 1 has no recording")
    rows = desk.json("audit list --limit 0")
    tap.equal("the forced call stands in the audit log", [r["call_id"] for r in rows if r["forced"]], [1])
    me = pwd.getpwuid(os.getuid()).pw_name
    tap.equal("and who asked, where an owner acts for an agent", {(r["user"], r["actor"]) for r in rows if r["event"] in ("forced", "login")},
              {("ann", f"{me} (uid {os.getuid()})")})
    saved = [r for r in rows if r["event"] == "disposition"]
    notes = hashlib.sha256("zahlt am Freitag – sicher".encode()).hexdigest()
    tap.equal("and each disposition, by whom, and with its notes' digest", [(r["call_id"], r["user"], r["actor"], r["detail"]) for r in saved],
              [(i, "ann", f"{me} (uid {os.getuid()})", text) for i, text in ((1, "wrong_number"),
               (2, f"completed; notes of 27 bytes, SHA-256 {notes}"), (3, "other"))])
    tap.equal("the call says who saved it", {c["disposition_by"] for c in calls}, {f"{me} (uid {os.getuid()})"})
    tap.equal("what stands of a call in the log", [r["event"] for r in desk.json("audit list --call 1 --limit 0")], ["forced", "disposition"])
    tap.equal("so does the changed flag", [r["customer_id"] for r in rows if r["event"] == "flag_changed"], [2])
    tap.equal("audit list --forced", [r["reason_code"] for r in desk.json("audit list --forced")], ["unknown_customer"])
    desk.type("audit verify", says=r"the audit log is intact: \d+ rows")


def leave(desk, home, events):
    desk.type("session pause lunch", says="ann is paused")
    desk.type("session ready", says="ann is ready")
    desk.type("station rm desk1", 65, errors="spctl: ann is logged in at station desk1: log out first")
    desk.type("logout", says="ann is logged out")
    desk.type("session show", 65, errors="spctl: nobody is logged in: spctl login USER STATION")
    desk.type("station rm desk1", says="station desk1 removed")
    backup = os.path.join(home, "backup.db")
    desk.type(f"db backup {backup}", says=rf"path: +{backup}\nsize_bytes: \d+")
    desk.type(f"db backup {backup}", 65, errors="spctl: .*exists.*")
    desk.type("key rotate", says=r"path: .*newest: +\d+.*")
    desk.type("db status", says=r"path: .*schema: +\d+\n.*")
    desk.type("engine status", says=r"version: .*private: +yes.*")
    desk.type("engine stop", says="the engine has stopped")
    desk.type("engine status", 69, errors="spctl: no engine answers at .*")
    out, err = events.communicate(timeout=30)
    kinds = {json.loads(line)["event"] for line in out.splitlines()}
    tap.check("events --follow told of all, to the engine's end", events.returncode == 69 and
              {"call.changed", "session.changed", "audit.added", "engine.stopping"} <= kinds, (events.returncode, kinds, err))


@tap.main
def test():
    # It registers, in vain: a baresip 1.1 that does not takes the calls to every number.
    account = f'<sip:{BOB}@127.0.0.1>;regint=3600;outbound="sip:127.0.0.1:9";answermode=auto'
    with Engine() as engine, FarEnd(hz=1000, account=account) as far:
        desk = Desk(engine.home)
        furnish(desk, far.ip)
        desk.type("login nobody desk1", 65, errors='spctl: there is no user "nobody"')
        desk.type("login ann desk1", says="ann is logged in at desk1 and ready")
        desk.type("login ann desk1", 65, errors="spctl: ann is logged in at station desk1: .*")
        gate(desk)
        talk(desk)
        events = interrupt(desk)
        afterwards(desk, engine.home)
        leave(desk, engine.home, events)
