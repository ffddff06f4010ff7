#!/usr/bin/python3
"""The machine's address changes in the middle of a call, as when a notebook changes networks: the phone goes on from the
new one, registered and with its call, and is not started anew."""
import os
import shutil
import subprocess
import sys

from desk import BOB, Desk, Engine, eventually, furnish
import tap

BEFORE, AFTER = "127.0.0.40", "127.0.0.47"


def ip(*words):
	subprocess.run(["ip", *words], check=True)


def moves(engine, c, desk):
	c.ask("session.login", user="anna", station="s-anna")
	tap.equal("registered from the only address", desk.contact_of_phone()[1], BEFORE)
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	dialog = eventually(lambda: [d for d in desk.dialogs.values() if d.state == "up"])[0]
	phone = engine.children("baresip")
	ip("addr", "del", BEFORE + "/8", "dev", "lo")
	ip("addr", "add", AFTER + "/8", "dev", "lo")
	eventually(lambda: dialog.rtp_to and dialog.rtp_to[0] == AFTER, 15, "the call to move")
	tap.check("the call has moved to the new address", True)
	eventually(lambda: any(f"@{AFTER}:" in m for m in desk.received("^REGISTER")), 15, "a registration from there")
	tap.equal("and so has the registration, with the same phone", (c.ask("session.show")["registered"], engine.children("baresip")), (True, phone))
	tap.equal("the call is up", c.ask("call.show", call=call["id"])["state"], "active")
	c.ask("call.hangup")
	dialog.wait("ended")
	c.ask("dispo.save", code="completed")
	tap.equal("and ends for both", dialog.state, "ended")


@tap.main
def test():
	if "in-a-network-of-its-own" not in sys.argv:
		own = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
		if not shutil.which("ip") or subprocess.run(own + ["true"], stderr=subprocess.DEVNULL, check=False).returncode:
			tap.skip("the address changes in a call", "no network of its own can be had here")
			return
		os.execvp(own[0], own + [sys.executable, os.path.abspath(__file__), "in-a-network-of-its-own"])
	ip("link", "set", "lo", "up")
	ip("addr", "del", "127.0.0.1/8", "dev", "lo")
	ip("addr", "add", BEFORE + "/8", "dev", "lo")
	desk = Desk()
	with Engine() as engine:
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		moves(engine, c, desk)
