"""shift.py - what every test of the console needs: an engine, a PBX, agents, customers of each kind, a console on a screen."""
import contextlib
import os
import signal

from screen import Screen       # noqa: F401
import desk     # its folder is found by screen.py

NUMBERS = {"bob": "+14155550100", "cara": "+14155550101", "dan": "+14155550102", "evil": "+14155550103", "wide": "+14155550104"}
EVIL = "\u202eEvil %n%s%x \u2066x\U000e0041 " + "y" * 150
WIDE = "محمد الأحمد 漢字漢字 😀👩\u200d🚀 Zoë"


class Shift:
	def __init__(self):
		self.engine = desk.Engine()
		self.client = self.engine.client()
		self.pbx = desk.Desk()
		self.home = self.engine.home

	def furnish(self):
		ask, uri = self.client.ask, f"sip:200@{self.pbx.ip}"
		ask("tenant.set", name="acme", hours="00:00-24:00", timezone="Etc/UTC", max_calls_per_week=1000)
		for login in ("anna", "bert"):
			ask("user.add", login=login)
		ask("station.add", name="desk1", did="+14155550199", sip_uri=uri, password="s3cret", location="Pod 3")
		ask("station.add", name="desk2", did="+14155550198", sip_uri=uri, password="s3cret", location="Pod 7")
		zone = {"timezone": "Etc/UTC"}
		self.bob = ask("customer.add", name="Bob Ray", phones=[NUMBERS["bob"]], **zone)["id"]
		ask("customer.add", name="Cara Diaz", phones=[NUMBERS["cara"]], cease_and_desist=True, attorney_represented=True,
			reason="letter", **zone)
		ask("customer.add", name="Dan Wu", phones=[NUMBERS["dan"]], max_calls_per_week=0, sol_date="2020-01-01", reason="old",
			**zone)
		ask("customer.add", name=EVIL, phones=[NUMBERS["evil"]], **zone)
		ask("customer.add", name=WIDE, phones=[NUMBERS["wide"]], **zone)
		return self

	def session(self):
		return self.client.ask("session.show", **{"as": "anna"})

	def tidy(self):
		"""Nobody talks and nothing is owed: what a part that failed has left must not fail the next."""
		def hang_up():
			calls = self.client.ask("call.list")["items"]
			for call in calls:
				try:
					self.client.ask("call.hangup", call=call["id"])
				except desk.Refused:            # it has ended meanwhile
					pass
			return not calls
		desk.eventually(hang_up, desk.PATIENCE, "an end of all calls")
		for call in self.client.all("history.list", owed=True):
			self.client.ask("dispo.save", code="other", call=call["id"], **{"as": call["user"]})

	def close(self):
		self.client.close()
		self.engine.stop()


@contextlib.contextmanager
def stopped(pid):
	"""The process stands still meanwhile."""
	os.kill(pid, signal.SIGSTOP)
	try:
		desk.eventually(lambda: state_of(pid) in ("T", "t"), desk.PATIENCE, f"process {pid} to stop")
		yield
	finally:
		os.kill(pid, signal.SIGCONT)


def state_of(pid):
	"""As in proc(5); "" when it has gone.  One that nobody has waited for yet has gone as well."""
	try:
		with open(f"/proc/{pid}/stat") as file:
			return file.read().rpartition(")")[2].split()[0].strip("ZX")
	except (FileNotFoundError, ProcessLookupError):
		return ""


@contextlib.contextmanager
def shift():
	one = Shift()
	try:
		yield one.furnish()
	finally:
		one.close()

