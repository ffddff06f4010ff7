#!/usr/bin/python3
"""The longest that a call may last, with a clock that is put forward: told 5 minutes and 1 minute before, then the end."""
import datetime
import os
import re
import struct
import subprocess
import tempfile

from desk import BOB, HERE, PATIENCE, Desk, Engine, eventually, furnish
from rig import preloads
import tap

HOUR = 3600


class Clock:
	"""The engine's, ahead of ours."""

	def __init__(self, folder):
		self.path, self.library = os.path.join(folder, "ahead"), os.path.join(folder, "ahead.so")
		self.file = open(self.path, "w+b")
		self.ahead(0)
		source = os.path.join(HERE, "ahead.c")
		subprocess.run(["gcc", "-shared", "-fPIC", "-O", "-D_GNU_SOURCE", "-o", self.library, source], check=True)
		self.env = {"SPCTL_TEST_AHEAD": self.path, "LD_PRELOAD": ":".join([*preloads()[:-1], self.library])}

	def ahead(self, seconds):
		self.file.seek(0)
		self.file.write(struct.pack("=q", seconds))
		self.file.flush()


def seconds_between(*times):
	a, b = (datetime.datetime.fromisoformat(t.replace("Z", "+00:00")) for t in times)
	return (b - a).total_seconds()


def told(c):
	notices = [e["data"]["text"] for e in c.events if e["event"] == "notice"]
	return [re.search(r"ends in (\d+ minutes?)", text)[1] for text in notices if "the limit" in text]


@tap.main
def test():
	with tempfile.TemporaryDirectory() as folder:
		clock = Clock(folder)
		with Engine(env=clock.env) as engine:
			desk = Desk()
			c = engine.client()
			furnish(c, f"sip:200@{desk.ip}", register=False)
			c.ask("tenant.set", max_call_hours=1)
			c.ask("session.login", user="anna", station="s-anna")
			call = c.ask("call.dial", number=BOB)
			tap.equal("no end is known before the answer", call["ends_at"], None)
			up = c.wait_call(call["id"], "active")
			tap.equal("the call tells when it will end", seconds_between(up["answered_at"], up["ends_at"]), HOUR)
			for ahead, wanted in ((HOUR - 310, []), (HOUR - 299, ["5 minutes"]), (HOUR - 70, ["5 minutes"]),
				(HOUR - 59, ["5 minutes", "1 minute"])):
				clock.ahead(ahead)
				c.ask("session.show")
				if len(wanted) > len(told(c)):
					eventually(lambda: told(c) == wanted, PATIENCE, f"told {wanted}")
				tap.equal(f"{HOUR - ahead} s before the end", told(c), wanted)
				tap.equal("and the call is up", c.ask("call.show", call=call["id"])["state"], "active")
			clock.ahead(HOUR)
			c.ask("session.show")
			ended = c.wait_call(call["id"], "ended")
			tap.equal("ended by the limit", ended["cause"], "time_limit")
			eventually(lambda: list(desk.dialogs.values())[-1].state == "ended", PATIENCE, "BYE")
			tap.equal("and its disposition is owed", c.ask("session.show")["owed"], 1)
			c.ask("dispo.save", code="completed")

			call = c.ask("call.dial", number=BOB, hangup_after=600)
			up = c.wait_call(call["id"], "active")
			tap.equal("an end that was asked for comes first", seconds_between(up["answered_at"], up["ends_at"]), 600)
			c.ask("call.hangup")
