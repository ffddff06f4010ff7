#!/usr/bin/python3
"""The engine's log: by level and area, changed while it runs; and nothing secret in it after everything was done, at debug."""
import os
import re
import subprocess

from desk import BUILD, ROOT, Desk, Engine, eventually, furnish
import tap

SPCTL = os.path.join(BUILD, "bin", "spctl")
SECRETS = {
	"SIP password": "Siptop7secret", "changed SIP password": "Sipother8secret", "TURN password": "Turn9secret",
	"user's password": "User5secret", "wrong password": "Wrong6secret", "card number": "4111111111111111", "digits": "9876501234",
}


def spctl(engine, *words):
	return subprocess.run([SPCTL, *words], capture_output=True, text=True, check=False, env={**os.environ, "SPCTL_HOME": engine.home})


def areas_in_source():
	"""The areas that are logged under."""
	found = set()
	for room in ("engine", "base", "proto", "crypto", "db"):
		folder = os.path.join(ROOT, "src", room)
		for name in [n for n in os.listdir(folder) if n.endswith((".c", ".h"))]:
			with open(os.path.join(folder, name), encoding="utf-8") as file:
				text = file.read()
			found |= set(re.findall(r'\blog_(?:error|warn|info|debug)\(\s*"(\w+)"', text))
			found |= set(re.findall(r'struct child_kind kind = \{"(\w+)"', text))
	return found


def levels(engine, c):
	with open(os.path.join(ROOT, "src", "proto", "method.h"), encoding="utf-8") as file:
		known = set(re.search(r'#define LOG_AREAS "(.*)"', file.read())[1].split("|"))
	tap.equal("the areas of the table are those of the source", known, areas_in_source())
	tap.equal("what is logged", c.ask("engine.log"), {"level": "debug", "areas": {}})
	tap.equal("less of one area", c.ask("engine.log", level="error", area="control"), {"level": "debug", "areas": {"control": "error"}})
	tap.equal("one level for all", c.ask("engine.log", level="warn"), {"level": "warn", "areas": {}})
	c.ask("engine.log", level="info", area="session")
	size = len(engine.log())
	c.ask("session.login", user="anna", station="s-anna")
	c.ask("session.logout")
	said = engine.log()[size:]
	tap.check("only that area is logged below warnings", " info session: " in said and " info phone: " not in said, said)
	tap.equal("an unknown area", c.refused("engine.log", level="info", area="phones").code, "invalid")
	tap.equal("an area without a level", c.refused("engine.log", area="phone").code, "invalid")
	got = spctl(engine, "engine", "log", "debug", "--json")
	tap.check("by command", got.returncode == 0 and '"debug"' in got.stdout, got)


def settings(engine):
	engine.terminate()
	conf = os.path.join(engine.home, "spctl.conf")
	with open(conf, "w", encoding="utf-8") as file:
		file.write("sound.device = none\nlog.level = warn\nlog.areas = engine=debug, phone=info\n")
	size = len(engine.log())
	engine.start()
	tap.equal("as the settings say", engine.client().ask("engine.log"), {"level": "warn", "areas": {"engine": "debug", "phone": "info"}})
	tap.check("from the start", " info engine: ready" in engine.log()[size:])
	engine.terminate()
	with open(conf, "w", encoding="utf-8") as file:
		file.write("sound.device = none\nlog.areas = telephone=debug\n")
	try:
		engine.start()
		tap.check("an area that is not there is refused", False)
	except RuntimeError as error:
		tap.check("an area that is not there is refused", "log.areas" in str(error) and "telephone" in str(error), error)


def everything(engine, c, desk):
	"""A run with each secret in it; gives the tokens that came up."""
	c.ask("station.set", name="s-anna", auth_user="200", password=SECRETS["SIP password"], nat_user="t",
		nat_password=SECRETS["TURN password"])
	c.ask("user.set", login="anna", password=SECRETS["user's password"])
	c.refused("session.login", user="anna", station="s-none", password=SECRETS["wrong password"])
	c.ask("session.login", user="anna", station="s-anna", password=SECRETS["user's password"])
	token = c.refused("call.dial", number="+14155550177").data["ack_token"]
	call = c.ask("call.dial", number="+14155550177", ack=token)
	c.wait_call(call["id"], "active")
	dialog = list(desk.dialogs.values())[-1]
	c.ask("call.dtmf", digits=SECRETS["digits"])
	eventually(lambda: dialog.digits == SECRETS["digits"], 15, "digits")
	c.ask("call.hangup", call=call["id"])
	c.ask("dispo.save", code="sale", notes=f"card {SECRETS['card number']} 12/29")
	c.ask("session.logout")
	spctl(engine, "doctor", "s-anna", "--trace")
	c.ask("station.set", name="s-anna", password=SECRETS["changed SIP password"])
	spctl(engine, "doctor", "s-anna", "--trace")
	c.ask("key.rotate")
	return [token]


@tap.main
def test():
	desk = Desk(password=SECRETS["SIP password"])
	with Engine() as engine:
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", register=True)
		tokens = everything(engine, c, desk)
		log = engine.log()
		tap.check("the run is in the log, at debug", " debug call: " in log and "REGISTER" not in log and len(log) > 5000, len(log))
		for name, secret in SECRETS.items():
			tap.check(f"not in the log: {name}", secret not in log, [line for line in log.splitlines() if secret in line])
		with open(os.path.join(engine.home, "master.key"), encoding="ascii") as file:
			keys = [line.split()[1] for line in file]
		tap.check("not in the log: keys", keys and not any(key in log for key in keys))
		tap.check("not in the log: tokens", not any(token in log for token in tokens))
		tap.check("not in the log: digest responses", not re.search(r"response *= *\"?[0-9a-f]{8}", log))
		spaced = re.sub(r"[^0-9\n]", "", SECRETS["digits"])
		single = re.findall(r"(?i)(?:dtmf|digit|key|telephone.event)\D*'?([0-9])", log)
		tap.check("nor the digits one by one", "".join(single).find(spaced) < 0, single)
		c.ask("station.set", name="s-anna", password=SECRETS["SIP password"])
		levels(engine, c)
		settings(engine)
