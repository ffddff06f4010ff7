#!/usr/bin/python3
"""The engine as the service of a machine, under an account of its own, with clients of other accounts: who may do what.

Needs root.  Everything happens in a private mount namespace, in a root of its own with accounts of its own: nothing of this machine is
changed, and it ends with the last process.  The programs stand in /opt/spctl there.
"""
import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.path.join(TOP, os.environ.get("BUILD", "build")))
sys.path.insert(1, os.path.join(TOP, "tests", "lib"))
sys.dont_write_bytecode = True
import tap  # noqa: E402

PLACE = "/opt/spctl"
SPCTL, SPCTLD, SOCKET = f"{PLACE}/bin/spctl", f"{PLACE}/bin/spctld", "/run/spctl/spctld.sock"
GROUP = 64001
# Those after "spctl" are clients; "out" is not in the group.
UIDS = {"spctl": 64001, "ann": 64011, "sue": 64012, "nick": 64013, "crowd": 64014, "olga": 64016, "out": 64015}
SIP_PASSWORD, BOB_PASSWORD = "sip-s3cret", "bob's own"
HELLO = '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"client":"test"}}\n'


# ---- a root of its own --------------------------------------------------------------------------------------------

def mount(*words):
	subprocess.run(["mount", *words], check=True)


def make_root(root):
	"""The machine's root, with /etc, /run and /var of its own."""
	mount("-t", "tmpfs", "-o", "mode=755", "spctl-test", root)
	for name in os.listdir("/"):
		here, there = "/" + name, os.path.join(root, name)
		if name in ("etc", "run", "var", "opt"):
			continue
		if os.path.islink(here):
			os.symlink(os.readlink(here), there)
		elif os.path.isdir(here):
			os.mkdir(there)
			mount("--rbind", here, there)
	subprocess.run(["cp", "-a", "/etc", root], check=True)
	for name in ("run", "var/lib/spctl", "var/tmp", "opt/spctl"):
		os.makedirs(os.path.join(root, name))
	mount("--bind", BUILD, root + PLACE)


def furnish_root():
	"""Inside: the accounts, and the folders as the unit makes them."""
	with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
		group.write(f"spctl:x:{GROUP}:\n")
		for name, uid in UIDS.items():
			passwd.write(f"{name}:x:{uid}:{GROUP if name == 'spctl' else uid}::/nonexistent:/bin/sh\n")
	for folder, mode in (("/etc/spctl", 0o700), ("/var/lib/spctl", 0o700), ("/run/spctl", 0o750)):
		os.makedirs(folder, exist_ok=True)
		os.chmod(folder, mode)
		os.chown(folder, UIDS["spctl"], GROUP)


# ---- processes of other accounts ----------------------------------------------------------------------------------

ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **{k: os.environ[k] for k in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if k in os.environ}}


def account(name):
	"""Arguments of Popen that make it that account's process."""
	if name == "root":
		return {}
	uid = UIDS[name]
	return {"user": uid, "group": GROUP if name == "spctl" else uid, "extra_groups": [] if name in ("out", "spctl") else [GROUP]}


def run(who, line, **more):
	words = [w.strip("'") for w in re.findall(r"'[^']*'|\S+", line)]
	return subprocess.run([SPCTL, *words], env=ENV, cwd="/", capture_output=True, text=True, timeout=60, check=False,
			      **{"stdin": subprocess.DEVNULL, **account(who), **more})


def type_(who, line, status=0, error=""):
	"""A command of that account, whose status and first line on standard error (a pattern) must be so; its output."""
	got = run(who, line)
	first = got.stderr.split("\n", 1)[0]
	tap.check(f"{who}: spctl {line}", got.returncode == status and re.fullmatch(error, first),
		  f"status {got.returncode}, wanted {status}\n{got.stdout}{got.stderr}")
	return got.stdout


def read(who, line):
	text = type_(who, line + " --json")
	return json.loads(text) if text else None


def forbidden(who, *lines):
	for line in lines:
		type_(who, line, 77, "spctl: .*")


def password_file(who, name, text):
	path = f"/var/tmp/{name}"
	with open(path, "w") as file:
		file.write(text)
	os.chmod(path, 0o600)
	if who != "root":
		os.chown(path, UIDS[who], -1)
	return path


@contextlib.contextmanager
def service():
	ours, theirs = os.pipe()
	manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)          # systemd's, which the unit's Type=notify waits at
	manager.settimeout(20)
	manager.bind("")                                                    # an abstract name that the kernel chooses
	env = {"PATH": ENV["PATH"], **ENV, "NOTIFY_SOCKET": "@" + manager.getsockname()[1:].decode()}
	with open("/var/tmp/log", "ab") as log:
		engine = subprocess.Popen([SPCTLD, "--service", "--ready-fd", str(theirs)], env=env, cwd="/",
			stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[theirs], **account("spctl"))
	os.close(theirs)
	with os.fdopen(ours) as ready:
		said = ready.read().strip()
	try:
		if said != "ready":
			raise RuntimeError(f"spctld says {said!r}")
		tap.equal("systemd is told that it is ready", manager.recv(100), b"READY=1")
		yield engine
	finally:
		engine.send_signal(signal.SIGTERM)
		try:
			tap.equal("the service ends well", engine.wait(20), 0)
		except subprocess.TimeoutExpired:
			engine.kill()
			engine.wait()
			tap.check("the service ends", False)
		with open("/var/tmp/log") as log:
			tap.note(log.read()[-3000:])


# ---- the parts ----------------------------------------------------------------------------------------------------

def mode(path):
	st = os.stat(path)
	return oct(stat.S_IMODE(st.st_mode)), st.st_uid, st.st_gid


def files():
	uid = UIDS["spctl"]
	tap.equal("the socket is its group's", mode(SOCKET), ("0o660", uid, GROUP))
	tap.equal("the run folder can be reached by the group alone", mode("/run/spctl"), ("0o750", uid, GROUP))
	for path in ["/etc/spctl/master.key"] + [os.path.join("/var/lib/spctl", n) for n in os.listdir("/var/lib/spctl") if n.startswith("spctl.db")]:
		tap.equal(f"{path} is the engine's alone", mode(path), ("0o600", uid, GROUP))
	tap.equal("the folder of recordings too", mode("/var/lib/spctl/recordings"), ("0o700", uid, GROUP))


def run_folder():
	"""While somebody is logged in: only the socket is for others."""
	others = [n for n in os.listdir("/run/spctl") if n != "spctld.sock"]
	tap.check("the children's things are in the run folder", others, os.listdir("/run/spctl"))
	tap.equal("and nobody else's", [n for n in others if os.stat(f"/run/spctl/{n}").st_mode & 0o077], [])


def furnish():
	sip = password_file("root", "sip", SIP_PASSWORD)
	bob = password_file("root", "bob", BOB_PASSWORD)
	type_("root", "tenant set --hours 00:00-24:00 --timezone Etc/UTC")
	type_("root", "user add ann --os-user ann")
	type_("root", f"user add bob --password-file {bob}")
	type_("root", "user add sue --os-user sue --role supervisor")
	for name in ("s1", "s2", "s3"):
		type_("root", f"station add {name} --did 4155550199 --sip-uri sip:{name}@127.0.0.1:9 --no-register --password-file {sip}")
	type_("root", "customer add --name Bob --phone 4155550100")


def agent():
	"""ann: her account is the user."""
	type_("ann", "login ann s1")
	tap.equal("ann is who the kernel says", read("ann", "session show")["user"], "ann")
	run_folder()
	type_("ann", "call dial 4155550100 --wait end --timeout 1", 12, "spctl: the call to .* was not answered: .*")
	type_("ann", "dispo save no_answer --notes hers")
	type_("ann", "dispo save sale --call 1", 65, "spctl: .*saved.*")
	tap.equal("who saved it", [c["disposition_by"] for c in read("ann", "history list")], ["ann"])
	shown = type_("ann", "station show s1 --json") + type_("ann", "station list --json")
	tap.check("no SIP password is shown", SIP_PASSWORD not in shown and '"has_password":true' in shown.replace(" ", ""), shown)
	tap.equal("her call is hers", [c["id"] for c in read("ann", "history list")], [1])


def agent_may_not():
	forbidden("ann", "user list", "user show sue", "user set ann --role admin", "user add eve", "customer set 1 --do-not-call on --reason x",
		  "customer add --name Eve --phone 4155550111", "customer rm 1 --reason x", "tenant set --hours 00:00-24:00", "tenant list",
		  "station set s1 --sip-uri sip:x@y", "station add s9 --did 1 --sip-uri sip:x@y", "station rm s3", "station test s1",
		  "audit list", "audit verify", "audit export", "recording list", "recording verify", "recording prune", "session pause lunch --as sue", "session kick sue", "dispo add code label", "dispo rm sale",
		  "history list --user sue", "db status", "db backup /var/tmp/b", "key status", "key rotate", "engine stop")
	type_("ann", "call dial 4155550100 --no-record", 77, "spctl: record: only supervisors and admins .*")
	type_("ann", "call dial 4155550100 --as sue", 77, "spctl: as: only an admin acts for sue")


# Every method, by the least role that it needs.
ROLES = {
	"none": "hello session.login",
	"agent": "call.answer call.check call.conference_add call.conference_drop call.conference_end call.conference_show call.dial call.dtmf "
		"call.hangup call.hold call.list call.mute call.record_pause call.record_resume call.redial call.reject call.resume call.show "
		"call.swap call.transfer call.unmute call.voicemail customer.list customer.show dispo.list dispo.save engine.status "
		"events.subscribe history.list history.recording history.show recording.play recording.stop session.dnd session.list "
		"session.logout session.pause session.ready session.show sound.list sound.set sound.test sound.use station.list station.show "
		"team.list team.show tenant.show",
	"supervisor": "audit.export audit.list audit.verify customer.add customer.rm customer.set history.quality recording.list "
		"recording.verify session.kick user.list user.show",
	"admin": "db.backup db.init db.migrate db.status dispo.add dispo.rm dispo.set doctor.run engine.log engine.stop key.init key.rotate "
		"key.status recording.prune station.add station.rm station.set station.test team.add team.rm team.set tenant.add tenant.list "
		"tenant.set user.add user.rm user.set",
}
MACHINE = "db.backup db.init db.migrate engine.log engine.stop key.init key.rotate tenant.add".split()
ASKER = f"""
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect({SOCKET!r})
stream = s.makefile("rw")
for number, line in enumerate([{HELLO!r}, *sys.stdin]):
	request = dict(json.loads(line), jsonrpc="2.0", id=number)
	stream.write(json.dumps(request) + chr(10))
	stream.flush()
	answer = json.loads(stream.readline())
	while answer.get("id") != number:
		answer = json.loads(stream.readline())
	error = answer.get("error")
	if number:
		print(json.dumps([error["data"]["code"], error["message"]] if error else ["done", answer["result"]]))
"""


def ask_each(who, requests):
	"""[(code or "done", the sentence or the result)] of [(method, parameters)], on one connection."""
	lines = "".join(json.dumps({"method": method, "params": params}) + "\n" for method, params in requests)
	ran = subprocess.run(["/usr/bin/python3", "-c", ASKER], input=lines, capture_output=True, text=True, env=ENV, cwd="/", timeout=60,
		check=True, **account(who))
	return [tuple(json.loads(line)) for line in ran.stdout.splitlines()]


def every_method():
	"""The whole table: who may not, is told so before anything else is looked at."""
	with open(os.path.join(TOP, "src", "engine", "methods.c")) as file:
		known = set(re.findall(r'^\t\{"(\S+)", \w+, ROLE_', file.read(), re.M))
	asked = [method for methods in ROLES.values() for method in methods.split()]
	tap.equal("every method is in the table of roles", (known, len(asked)), (set(asked), len(known)))
	for who, may in (("nick", ("none",)), ("ann", ("none", "agent")), ("sue", ("none", "agent", "supervisor"))):
		wrong = []
		for method, (code, said) in zip(asked, ask_each(who, [(method, {}) for method in asked])):
			allowed = any(method in ROLES[role].split() for role in may)
			if (code == "not_permitted" and "needs the role" in said) == allowed:
				wrong.append((method, code, said))
		tap.equal(f"{who} may do what the role {may[-1]} may, of {len(asked)} methods", wrong, [])


HERS = {"id": 1, "call": 1, "customer_id": 1, "user": "ann", "login": "ann", "name": "s1", "station": "s1", "number": "4155550100",
	"to": "ann", "digits": "1", "code": "sale", "label": "x", "phones": ["4155550122"], "did": "4155550123", "reason": "x",
	"sip_uri": "sip:x@127.0.0.1", "path": "/var/tmp/stolen", "on": True, "device": "x", "how": "end", "version": 1, "client": "x"}


def other_tenant():
	"""An admin of another tenant, who names this one and its ids in every method that takes such."""
	type_("root", "tenant add other --timezone Etc/UTC")
	type_("root", "user add olga --os-user olga --role admin --tenant other")
	methods = [m for ms in ROLES.values() for m in ms.split() if m not in ("hello", "events.subscribe", "session.login")]
	takes = [re.findall(r"\w+", said.partition("(it takes ")[2]) for _, said in ask_each("olga", [(m, {"zzz": 1}) for m in methods])]
	before = [type_("root", f"{noun} list --json --tenant default") for noun in ("user", "station", "customer", "dispo")]
	by_id = [(m, {p: 486 if m == "call.reject" and p == "code" else HERS[p] for p in names if p in HERS}) for m, names in zip(methods, takes)]
	by_name = [(m, dict(params, tenant="default")) for (m, params), names in zip(by_id, takes) if "tenant" in names]
	got = list(zip(by_name, ask_each("olga", by_name)))
	tap.equal(f"{len(got)} methods refuse another tenant's name", [g for g in got if g[1][0] != "not_permitted"], [])
	got = list(zip(by_id, ask_each("olga", by_id)))
	tap.equal("what concerns all tenants is not for the admin of one", {m for (m, _), (code, _) in got if code == "not_permitted"} & set(MACHINE), set(MACHINE))
	known = ("\"ann\"", "\"bob\"", "\"Bob\"", "+14155550100", "\"s1\"", "64011")
	told = [g for g in got if g[1][0] == "done" and g[0][0].split(".")[1] not in ("add", "set", "rm") and any(k in json.dumps(g[1][1]) for k in known)]
	tap.equal("no method tells of another tenant's ids", told, [])
	after = [type_("root", f"{noun} list --json --tenant default") for noun in ("user", "station", "customer", "dispo")]
	tap.equal("and nothing of it was changed", after, before)


def password_login():
	"""nick's account is nobody's: he may log in as bob with bob's password, and is bob until he logs out."""
	right, wrong = password_file("nick", "right", BOB_PASSWORD), password_file("nick", "wrong", "a guess")
	forbidden("nick", "station list", "session list", "call check 4155550100", "customer list", "events")
	type_("nick", "login ann s2", 77, "spctl: password: .*")
	type_("nick", f"login bob s2 --password-file {wrong}", 77, "spctl: .*password.*")
	type_("nick", f"login ann s2 --password-file {right}", 77, "spctl: .*password.*")       # ann has none
	type_("nick", f"login eve s2 --password-file {right}", 77, "spctl: .*password.*")       # there is no eve
	forbidden("nick", "station list")
	type_("nick", f"login bob s2 --password-file {right}")
	tap.equal("nick's account is bob now", read("nick", "session show")["user"], "bob")
	type_("crowd", "session show", 77, "spctl: .*")                                         # and no other account
	type_("nick", "logout ann", 77, "spctl: .*")


def apart():
	"""Each sees his own calls, and hears of no others."""
	ears = {who: subprocess.Popen([SPCTL, "events", "--follow", "--ndjson"], env=ENV, cwd="/", stdin=subprocess.DEVNULL, text=True,
		stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **account(who)) for who in ("ann", "sue")}
	wait_for(lambda: read_clients() >= 3, "both listen")
	type_("nick", "call dial 4155550100 --wait end --timeout 1", 12, "spctl: the call to .* was not answered: .*")
	type_("nick", "dispo save busy")
	heard = {}
	type_("ann", "session pause lunch")             # each is told of this one, behind all else
	type_("ann", "session ready")
	for who, process in ears.items():
		heard[who] = []
		while not any(e["event"] == "session.changed" and e["data"]["paused_reason"] == "lunch" for e in heard[who]):
			heard[who].append(json.loads(process.stdout.readline()))
		process.terminate()
		process.communicate()
	tap.check("a supervisor hears of every call", any(e["event"] == "call.changed" and e["data"]["id"] == 2 for e in heard["sue"]), heard)
	tap.equal("an agent of no other's", [e for e in heard["ann"] if e["event"] in ("call.changed", "audit.added") or "bob" in str(e)], [])
	tap.equal("nick has bob's call", [(c["id"], c["user"]) for c in read("nick", "history list")], [(2, "bob")])
	tap.equal("ann has hers", [(c["id"], c["user"]) for c in read("ann", "history list")], [(1, "ann")])
	for line in ("history show 2", "call show 2", "history recording 2 -o -", "dispo save sale --call 2", "recording play 2"):
		type_("ann", line, 65, "spctl: .*call 2.*")
	type_("ann", "logout bob", 77, "spctl: .*")


def supervisor():
	tap.equal("sue sees all calls", [c["user"] for c in read("sue", "history list")], ["ann", "bob"])
	tap.equal("and all agents", {s["user"] for s in read("sue", "session list")}, {"ann", "bob"})
	tap.equal("and users", [u["login"] for u in read("sue", "user list")], ["ann", "bob", "sue"])
	type_("sue", "customer set 1 --do-not-call on --reason asked")
	rows = read("sue", "audit list --limit 0")
	who = {(r["event"], r["user"], r["actor"]) for r in rows}
	tap.check("the audit log names users and accounts", {("login", "ann", "ann (uid 64011)"), ("login", "bob", "nick (uid 64013)"),
		("flag_changed", "sue", "sue (uid 64012)"), ("user.add", None, "root (uid 0)")} <= who, who)
	type_("sue", "audit verify")
	type_("sue", "recording verify")
	type_("sue", "history show 2")
	forbidden("sue", "station set s3 --location here", "station add s9 --did 1 --sip-uri sip:x@y", "user add eve", "user set ann --role admin",
		  "tenant set --hours 00:00-24:00", "session pause lunch --as ann", "key status", "db status", "engine stop", "dispo add c l", "recording prune")


def leaving():
	type_("nick", "logout")
	forbidden("nick", "station list", "session show", "history list")
	type_("sue", "session kick ann --reason 'end of shift'")
	tap.equal("nobody is logged in", read("sue", "session list"), [])


def outside():
	type_("out", "station list", 77, "spctl: the engine's socket /run/spctl/spctld.sock does not let you in: .*")
	type_("out", "station list --socket /run/spctl/spctld.sock", 77, "spctl: .*does not let you in: .*")


def changed_role():
	"""A connection that lasts has the rights that its user has now."""
	code = f"""
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect({SOCKET!r})
stream = s.makefile("rw")
def ask(method, params):
	stream.write(json.dumps({{"jsonrpc": "2.0", "id": 1, "method": method, "params": params}}) + chr(10))
	stream.flush()
	answer = json.loads(stream.readline())
	print(answer.get("error", {{}}).get("data", {{}}).get("code", "done"), flush=True)
ask("hello", {{"version": 1, "client": "test"}})
for line in sys.stdin:
	ask("user.list", {{}})
"""
	lasting = subprocess.Popen(["/usr/bin/python3", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENV, cwd="/",
				   **account("sue"))

	def ask():
		lasting.stdin.write("again\n")
		lasting.stdin.flush()
		return lasting.stdout.readline().strip()

	tap.equal("hello", lasting.stdout.readline().strip(), "done")
	tap.equal("a supervisor lists users", ask(), "done")
	type_("root", "user set sue --role agent")
	tap.equal("an agent does not", ask(), "not_permitted")
	type_("root", "user set sue --role supervisor")
	tap.equal("a supervisor again", ask(), "done")
	type_("root", "user set sue --os-user ''")
	tap.equal("an account that is nobody's", ask(), "not_permitted")
	type_("root", "user set sue --os-user sue")
	lasting.communicate()
	type_("sue", "user list")


def crowd():
	"""One account takes 64 places at most, and the others go on."""
	code = f"""
import socket, sys
ends = []
for i in range(70):
	s = socket.socket(socket.AF_UNIX)
	s.connect({SOCKET!r})
	s.settimeout(20)
	ends.append(s)
	if i < 64:
		s.sendall({HELLO!r}.encode())
		assert b'"result"' in s.recv(65536), i
for s in ends[64:]:
	assert b'try_again' in s.recv(65536)
print("full", flush=True)
sys.stdin.read()
"""
	full = subprocess.Popen(["/usr/bin/python3", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENV, cwd="/",
				**account("crowd"))
	tap.equal("an account has 64 connections", full.stdout.readline(), "full\n")
	for _ in range(5):
		got = run("crowd", "session show")
		tap.equal("and is told when it wants more", (got.returncode, "64 connections" in got.stderr), (75, True))
	type_("ann", "station list")
	full.communicate("")
	wait_for(lambda: read_clients() < 10, "the crowd is gone")
	type_("crowd", "session show", 77, "spctl: .*")


def guesses():
	"""Passwords take time to compute: an account that is nobody's has few under way."""
	wrong = {"user": "bob", "station": "s3", "password": "a guess"}
	lines = HELLO + "".join(json.dumps({"jsonrpc": "2.0", "id": n, "method": "session.login", "params": wrong}) + "\n" for n in range(2, 32))
	code = f"""
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect({SOCKET!r})
s.sendall(sys.stdin.buffer.read())
stream = s.makefile("r")
stream.readline()
codes = [json.loads(stream.readline())["error"]["data"]["code"] for _ in range(30)]
print(codes.count("not_permitted"), codes.count("try_again"))
"""
	ran = subprocess.run(["/usr/bin/python3", "-c", code], input=lines, capture_output=True, text=True, env=ENV, cwd="/", timeout=60, check=False,
		**account("crowd"))
	last = (ran.stdout.splitlines() or [ran.stderr])[-1]
	counts = last.split()
	tap.check("of 30 guesses at once some are computed, and the rest are told to come again",
		len(counts) == 2 and 8 <= int(counts[0]) <= 20 and int(counts[0]) + int(counts[1]) == 30, last)


def read_clients():
	return json.loads(run("root", "engine status --json").stdout)["clients"]


def wait_for(what, name, seconds=15):
	end = time.monotonic() + seconds
	while not what():
		if time.monotonic() > end:
			raise TimeoutError(name)
		time.sleep(0.05)


def inside():
	furnish_root()
	with service():
		files()
		furnish()
		outside()
		every_method()
		agent()
		agent_may_not()
		password_login()
		apart()
		supervisor()
		changed_role()
		crowd()
		guesses()
		other_tenant()
		leaving()
		files()
	tap.equal("no password stands in any file", subprocess.run(["grep", "-rlFe", SIP_PASSWORD, "-e", BOB_PASSWORD, "/etc/spctl", "/var/lib/spctl",
		"/run/spctl", "/var/tmp/log"], capture_output=True, text=True, check=False).stdout, "")
	tap.equal("the socket goes with the service", os.path.exists(SOCKET), False)


def in_a_root_of_its_own(name, file, run):
	"""run() in a mount namespace with a root of its own, where this file is started again."""
	if len(sys.argv) > 1:
		make_root(sys.argv[1])
		os.chroot(sys.argv[1])
		os.chdir("/")
		run()
	elif os.geteuid() != 0:
		tap.skip(name, "root alone can be several accounts")
	elif subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
		tap.skip(name, "no mount namespace can be made here")
	else:
		root = tempfile.mkdtemp(prefix="spctl-service-")
		try:
			os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", '"$@"; s=$?; umount -l "$4"; rmdir "$4"; exit $s', "sh",
				sys.executable, "-B", os.path.abspath(file), root])
		finally:
			os.rmdir(root)


@tap.main
def test():
	in_a_root_of_its_own("the service", __file__, inside)
