#!/usr/bin/python3
"""The lists of the console and their windows, on two sizes and four terminals, whole screens compared with the saved ones
(screens.py); what agents may not see."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import EVIL, NUMBERS, Screen, shift      # noqa: E402
import desk                                         # noqa: E402
import screens                                      # noqa: E402
import tap                                          # noqa: E402

TERMINALS = (("screen-256color", 80, 24), ("vt100", 132, 43), ("xterm-mono", 132, 43), ("linux", 80, 24))
ANNA = {"as": "anna"}
MANY = 250
FAKE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli", "fake_engine.py")


def is_recorded(one, call):
	parts = one.client.ask("history.show", call=call)["recordings"]
	return parts and os.path.exists(parts[0]["path"]) and os.path.getsize(parts[0]["path"])


def make_call(one, who, number, outcome, notes=""):
	"""A call of theirs from its dialling to its outcome."""
	call = one.client.ask("call.dial", number=NUMBERS[number], **{"as": who})["id"]
	if number == "wide":
		one.client.wait_call(call, "ended")
	else:
		one.client.wait_call(call, "active")
		if notes:                               # it is played later on: there must be some of it
			desk.eventually(lambda: is_recorded(one, call), desk.PATIENCE, "a recording")
		one.client.ask("call.hangup", call=call, **{"as": who})
		one.client.wait_call(call, "ended")
	if outcome:
		one.client.ask("dispo.save", code=outcome, notes=notes, call=call, **{"as": who})
	return call


def furnish(one):
	ask = one.client.ask
	ask("tenant.set", acw_seconds=5)
	for i in range(MANY):
		ask("customer.add", name=f"Many {i:03}", phones=[f"+1415556{i:04}"], external_id=f"M{i}")
	for who, station in (("anna", "desk1"), ("bert", "desk2")):
		ask("session.login", user=who, station=station)
	one.pbx.does[NUMBERS["wide"]] = one.pbx.does[NUMBERS["wide"][1:]] = "code-486"
	one.bobs = make_call(one, "anna", "bob", "callback", "Wants the papers first")
	make_call(one, "anna", "evil", "sale")
	make_call(one, "anna", "wide", "busy")
	one.berts = make_call(one, "bert", "bob", "voicemail")
	one.client.refused("call.dial", number=NUMBERS["cara"], **ANNA)


def rows(text):
	"""The numbers of the lines, in their order: the first phone number of each line that begins with a time."""
	line = re.compile(r"(?m)^ \d\d [A-Z][a-z]{2} \d\d:\d\d .*?(\+1 \d{3} \d{3} \d{4})")
	return [m[1].replace(" ", "") for m in line.finditer(text)]


def has_rows(screen, name, *who):
	wanted = [NUMBERS[w] for w in who]
	tap.equal(name, screen.until(lambda: rows(screen.text()), wanted), wanted)


# ---- history ---------------------------------------------------------------------------------------------------------

def check_history(one, screen, where):
	screen.keys("M-2")
	screen.wait("Your calls", "Bob Ray", "Outcome", "callback")
	has_rows(screen, f"{where}: one's own calls, the newest first", "wide", "evil", "bob")
	screen.wait("To +1 415 555 0104", "busy (SIP 486")
	screen.keys("j", "j")
	screen.wait("To +1 415 555 0100, Bob Ray", "Wants the papers first", "answered; the")
	tap.check(f"{where}: the line's detail", screen.shows(re.compile(r"Agent +anna at desk1")), screen.text())
	screens.same(screen, "history")
	screen.keys("l")
	screen.wait("anna at desk1", "Ended", gone="Your calls")
	screens.same(screen, "history-detail")
	screen.keys("Escape")
	screen.wait("Your calls")
	screen.keys("/")
	screen.type("papers")
	screen.wait("Wants the papers", gone="0103")
	has_rows(screen, f"{where}: the filter finds notes", "bob")
	if where.startswith("screen"):
		screen.keys("C-u")
		screen.type("answered")
		screen.wait("answered", "0103", gone="0104")
		has_rows(screen, f"{where}: and what stands in the list for a result", "evil", "bob")
	screen.keys("Escape")
	screen.wait("0103", "0104")
	screen.keys("A")
	screen.wait("Everybody's calls", "voicemail")
	has_rows(screen, f"{where}: everybody's calls", "bob", "wide", "evil", "bob")
	screen.keys("A")
	screen.wait("Your calls", gone="voicemail")


def check_save(one, screen, where, folder):
	path = os.path.join(folder, where.replace(" ", "-") + ".flac")
	screen.keys("g", "G", "p")
	tap.check(f"{where}: a recording is played on the station's card", one.client.wait("recording.played", user="anna") is not None)
	screen.keys("s")
	screen.wait("Save the recording", f"call-{one.bobs}.flac")
	screens.same(screen, "save")
	screen.keys("C-u")
	screen.type(path)
	screen.keys("Enter")
	screen.wait("The recording of call", gone="Save the recording")
	with open(one.client.ask("history.show", call=one.bobs)["recordings"][0]["path"], "rb") as file:
		recorded = file.read()
	with open(path, "rb") as file:
		tap.check(f"{where}: the saved recording is the recording", recorded and file.read() == recorded)
	tap.equal(f"{where}: it is private", os.stat(path).st_mode & 0o777, 0o600)
	screen.keys("s")
	screen.wait("Save the recording")
	screen.keys("C-u")
	screen.type(path)
	screen.keys("Enter")
	screen.wait("already")
	tap.equal(f"{where}: a file that is there is not replaced, and nothing else is left", os.listdir(folder),
		[os.path.basename(path)])
	screen.keys("Escape")
	screen.wait("Your calls", gone="Save the recording")
	os.unlink(path)


def check_redial(one, screen, where):
	screen.keys("G", "Enter")
	screen.wait("in call", "F10 hang up")
	call = one.client.ask("call.list")["items"][0]
	tap.equal(f"{where}: Enter calls the number again", (call["number"], call["customer_id"]), (NUMBERS["bob"], one.bob))
	screen.wait("Your calls", re.compile(r"0100 Bob .*now"))
	has_rows(screen, f"{where}: a new call becomes the first line", "bob", "wide", "evil", "bob")
	screen.keys("F10")
	screen.wait("Wrap-up")
	one.client.ask("dispo.save", code="other", call=call["id"], **ANNA)
	screen.wait("Your calls", "other", gone="Wrap-up")
	one.client.ask("customer.set", id=one.bob, do_not_call=True, reason="asked so")
	screen.keys("G", "Enter")
	screen.wait("This call is blocked", "do-not-call")
	tap.equal(f"{where}: there is no way past the gate", one.client.ask("call.list")["items"], [])
	screen.keys("Escape")
	one.client.ask("customer.set", id=one.bob, do_not_call=False, reason="was a mistake")
	screen.wait("Your calls", gone="blocked ─")


# ---- customers -------------------------------------------------------------------------------------------------------

def check_customers(one, screen, where):
	screen.keys("M-3")
	screen.wait("Customers", "Bob Ray", "Cara Diaz", "0100", "of 1000 this week", "100+")
	screen.type("Many 24")
	screen.wait("Many 240", "Many 249", gone="Many 023")
	tap.equal(f"{where}: it is searched while it is typed", screen.until(lambda: len(re.findall(r"(?m)^ +Many \d\d\d", screen.text())), 10), 10)
	screen.keys("C-u")
	screen.wait("Bob Ray", "100+")
	screen.paste("(415) 555-0101")
	tap.check(f"{where}: a number finds who has it, with the flags in words", screen.shows("! Cara Diaz", "attorney", "cease and desist",
		gone="Bob Ray"), screen.text())
	screens.same(screen, "customers")
	screen.keys("Enter", "Enter")
	screen.wait("This call is blocked")
	screen.keys("Escape")
	screen.wait("Cara Diaz", gone="blocked ─")
	tap.equal(f"{where}: calling from the list asks the gate", one.client.ask("call.list")["items"], [])
	screen.keys("Escape")
	screen.wait("Bob Ray", "100+")
	screen.keys("G")
	screen.wait("200+")
	screen.keys("G")
	screen.wait(re.compile(rf"\b{MANY + 5}\b"))
	screen.keys("G")
	screen.wait(f"Many {MANY - 1}", "+1 415 556 0249")
	tap.check(f"{where}: the pages follow each other to the end", True)
	screen.keys("g")
	screen.wait("Bob Ray")


# ---- team ------------------------------------------------------------------------------------------------------------

def check_overdue(one, screen, where):
	call = make_call(one, "bert", "bob", None)
	screen.wait(re.compile(r"bert +desk2 +wrap-up"))
	screen.wait(re.compile(r"bert +desk2 +wrap-up +[\d:]+ wrap-up overdue \+\d:\d\d"))
	tap.check(f"{where}: an overdue wrap-up is said in words", True)
	one.client.ask("dispo.save", code="other", call=call, **{"as": "bert"})
	screen.wait(re.compile(r"bert +desk2 +ready"), gone="overdue")


def check_team(one, screen, where):
	screen.keys("M-4")
	tap.check(f"{where}: who is where, in which state", screen.shows(re.compile(r"anna +desk1 +ready"), re.compile(r"bert +desk2 +ready"),
		"anna at desk1"), screen.text())
	one.client.ask("session.pause", reason="Lunch", **{"as": "bert"})
	screen.wait(re.compile(r"bert +desk2 +paused +[\d:]+ Lunch"))
	tap.check(f"{where}: a pause is seen with its reason", True)
	screens.same(screen, "team")
	one.client.ask("session.ready", **{"as": "bert"})
	if where.startswith("screen"):          # it takes the five seconds of the wrap-up
		check_overdue(one, screen, where)
	screen.wait(re.compile(r"bert +desk2 +ready"))
	screen.keys("Down", "K")
	screen.wait("bert at desk2 is ready")
	screens.same(screen, "kick")
	screen.keys("n")
	screen.wait(re.compile(r"bert +desk2 +ready"), gone="Cancel")
	tap.equal(f"{where}: a kick that is not confirmed does nothing", len(one.client.ask("session.list")["items"]), 2)
	screen.keys("K")
	screen.wait("bert at desk2 is ready")
	screen.keys("Enter")
	screen.wait("bert is logged out", gone="desk2")
	tap.equal(f"{where}: a kick ends the session", [s["user"] for s in one.client.ask("session.list")["items"]], ["anna"])
	one.client.ask("session.login", user="bert", station="desk2")
	screen.wait(re.compile(r"bert +desk2 +ready"))


# ---- audit -----------------------------------------------------------------------------------------------------------

def check_audit(one, screen, where):
	screen.keys("M-5")
	screen.wait("Audit: all", re.compile(r"\blogin\b"), "anna")
	screen.keys("f")
	tap.check(f"{where}: the rows of hard reasons", screen.shows("Audit: hard", "blocked", gone=("login", " soft ")), screen.text())
	screens.same(screen, "audit")
	screen.keys("f")
	screen.wait("Audit: soft")
	screen.keys("f")
	screen.wait("Audit: acknowledged", gone="blocked")
	screen.keys("f")
	screen.wait("Audit: all", "login")
	screen.keys("/")
	screen.type("kicked")
	screen.wait(re.compile(r"(?m)^ \d\d \w{3} \d\d:\d\d kicked"), gone="blocked")
	screen.keys("Enter", "Enter")
	screen.wait("Hash", "Asked by", gone="Audit: all")
	screens.same(screen, "audit-row")
	tap.check(f"{where}: a row with its hash", True)
	screen.keys("Escape")
	screen.wait("Audit: all")
	screen.keys("Escape")
	screen.wait("Audit: all", "blocked")
	one.client.refused("call.dial", number=NUMBERS["cara"], **ANNA)
	newest = one.client.all("audit.list")[-1]["id"]
	screen.keys("g", "l")
	screen.wait("Cara Diaz", re.compile(rf"Row +{newest}\b"))
	tap.check(f"{where}: a new row becomes the first", True)
	screen.keys("Escape")
	screen.wait("Audit: all")


# ---- the mouse -------------------------------------------------------------------------------------------------------

def check_mouse(screen):
	screen.keys("M-3")
	screen.wait("Customers", "Cara Diaz", re.compile("│ Bob Ray"))
	screen.click_on("Cara", "! Cara Diaz")
	screen.wait("cease and desist")
	tap.check("a click chooses a line", True)
	screen.click_on("Cara", "! Cara Diaz")
	screen.wait("cease and desist", gone="Bob Ray")
	tap.check("a click on the chosen line shows all of it", True)
	screen.keys("Escape")
	screen.wait("Bob Ray")
	screen.keys("g")
	screen.wait(re.compile(r"│ Bob Ray"))
	screen.mouse(65, 10, 10)
	screen.wait(re.compile(r"│ \S*Evil"))
	tap.check("the wheel moves", True)
	screen.click_on("History")
	screen.wait("Your calls")
	tap.check("a click on a tab goes there", True)


# ---- what agents may not see -----------------------------------------------------------------------------------------

def paper_engine(folder):
	"""An engine that says: you are an agent.  Its process, and the socket."""
	session = {"user": "anna", "station": "desk1", "did": "+14155550199", "state": "ready",
		"since": "2026-11-21T01:02:03.004Z", "registered": True, "registration": None, "call_id": None,
		"wrap_up": None, "paused_reason": None, "owed": 0}
	tenant = {"id": 1, "name": "acme", "timezone": "Etc/UTC", "max_calls_per_week": 7}
	empty = {"result": {"items": [], "next": None}}
	cards = [{"name": name, "text": name, "capture": True, "playback": True, "in_use": False} for name in ("First card", "Other card")]
	answers = {
		"hello": [{"result": {"version": 1, "engine": "0.1.0", "private": False, "user": "anna", "role": "agent"}}],
		"session.list": [{"result": {"items": [session], "next": None}}], "tenant.show": [{"result": tenant}],
		"call.list": [empty], "dispo.list": [empty], "history.list": [empty], "customer.list": [empty],
		"sound.list": [empty, {"result": {"items": cards, "next": None}}, {"result": {"items": cards[1:], "next": None}}],
	}
	with open(f"{folder}/answers", "w", encoding="utf-8") as file:
		json.dump(answers, file)
	process = subprocess.Popen([sys.executable, FAKE, f"{folder}/sock", f"{folder}/answers", f"{folder}/asked"],
		stdout=subprocess.PIPE, text=True)
	process.stdout.readline()
	return process


def check_cards(screen):
	"""They are asked for each time that the settings are shown, and the answer comes when it comes."""
	screen.keys("F7", *["Down"] * 5)
	screen.wait("Takes the noise", gone="card")
	screen.keys("F7")
	tap.check("what is chosen in the settings stays chosen when sound cards come", screen.shows("First card", "Other card", "Takes the noise"),
		screen.text())
	screen.keys("Up")
	screen.wait("Enter uses this card")
	screen.keys("F7")
	tap.check("so does a card when another goes", screen.shows("Other card", "Enter uses this card", gone="First card"), screen.text())
	screen.keys("Down")
	tap.check("it is that card: the next row is that of the noise", screen.shows("Takes the noise"), screen.text())


def check_agent(folder):
	process = paper_engine(folder)
	try:
		with Screen(folder, arguments=f"--socket {folder}/sock") as screen:
			tap.check("an agent has no tabs for the team and the audit", screen.shows("anna at desk1", "Phone  History  Customers  Settings",
				gone=("Team", "Audit")), screen.text())
			screen.keys("M-4")
			screen.wait("team: that is for supervisors")
			screen.keys("M-5")
			screen.wait("audit: that is for supervisors")
			screen.keys("M-2")
			screen.wait("Your calls", "There are no calls yet")
			screen.keys("A")
			screen.wait("all: that is for supervisors", "Your calls")
			screen.keys("/")
			screen.type("papers")
			screen.wait("papers", "Nothing holds")
			screen.keys("M-3")
			screen.wait("There are no customers yet")
			check_cards(screen)
		with open(f"{folder}/asked", encoding="utf-8") as file:
			lines = file.readlines()
		asked = [line.split()[0] for line in lines]
		tap.check("a filter is the engine's to find, and asks for no more than a page", any('"search": "papers"' in line and
			'"limit": 100' in line for line in lines if line.startswith("history.list")), lines)
		tap.equal("and nothing of them is asked for", [m for m in asked if m.startswith("audit")], [])
	finally:
		process.terminate()
		process.wait()


def check_terminal(one, screen, where, folder):
	screen.wait("anna at desk1", "ready")
	check_history(one, screen, where)
	check_save(one, screen, where, folder)
	check_redial(one, screen, where)
	check_customers(one, screen, where)
	check_team(one, screen, where)
	check_audit(one, screen, where)
	raw = screen.raw()
	tap.check(f"{where}: what a name holds never reaches the terminal raw",
		"\u202e".encode() not in raw and "\U000e0041".encode() not in raw and EVIL[1:5].encode() in raw)


@tap.main
def test():
	for term, columns, lines in TERMINALS:
		where = f"{term} {columns}x{lines}"
		with tap.guard(where), tempfile.TemporaryDirectory(prefix="spctl-lists-") as folder, shift() as one:
			furnish(one)
			with Screen(one.home, columns, lines, term, "--user anna") as screen:
				check_terminal(one, screen, where, folder)
			if term.startswith("screen"):
				with Screen(one.home, columns, lines, term, "--user anna") as screen:
					screen.wait("anna at desk1", "ready")
					check_mouse(screen)
	with tap.guard("an agent"), tempfile.TemporaryDirectory(prefix="spctl-lists-") as folder:
		check_agent(folder)
