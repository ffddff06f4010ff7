#!/usr/bin/python3
"""The console of an account that is nobody's, at the service of the machine: a password, a station that is typed, and what stands on the
screen and nowhere else.  Needs root, as tests/engine/test_service.py, whose machine within the machine it uses."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(1, os.path.join(HERE, "..", "engine"))
sys.path.insert(2, os.path.join(HERE, "..", "lib"))
import test_service as machine                # noqa: E402
import tap                                    # noqa: E402


def as_nick():
	return f"setpriv --reuid {machine.UIDS['nick']} --regid {machine.UIDS['nick']} --groups {machine.GROUP} "


def console(screens):
	screen = screens("/var/tmp/nick", program=as_nick() + machine.SPCTL, arguments=f"--socket {machine.SOCKET}")
	screen.wait("Log in", "Password", "names no station")
	return screen


def wrong_password(screens):
	with console(screens) as screen:
		screen.type("bob")
		screen.keys("Tab")
		screen.type("guessed")
		screen.wait("*******")
		screen.keys("Tab")
		screen.type("s2")
		screen.keys("Enter")
		screen.wait("password")
		tap.check("a wrong password is told, and nobody is logged in", machine.read("root", "session list") == [], screen.text())
		tap.check("no password is on the screen", b"guessed" not in screen.raw())


def right_password(screens):
	with console(screens) as screen:
		screen.type("bob")
		screen.keys("Tab")
		screen.type(machine.BOB_PASSWORD)
		screen.keys("Tab")
		screen.type("s2")
		screen.keys("Enter")
		text = screen.wait("bob at s2", "ready", "No call.", gone="Password")
		tap.check("with the right one he is in, and is an agent", "Team" not in text and "Audit" not in text, text)
		tap.check("the password was never on the screen", machine.BOB_PASSWORD.encode() not in screen.raw())
		screen.type("4155550100")
		screen.keys("Enter")
		screen.wait("Bob", "F10 hang up")
		screen.keys("F10")
		screen.wait("Wrap-up")
		screen.keys("C-q")
		screen.wait("You stay logged in")
		screen.keys("Enter")
		tap.equal("he leaves", screen.ended(), 0)
	screen = screens("/var/tmp/nick", program=as_nick() + machine.SPCTL, arguments=f"--socket {machine.SOCKET}")
	with screen:
		screen.wait("bob at s2", "Wrap-up")
		tap.check("and finds his session again without the password", True)
		machine.type_("nick", "dispo save completed")
		screen.wait("No call.", "ready")
		screen.keys("C-o")
		screen.wait("Calls no longer come")
		screen.keys("Enter")
		screen.wait("not logged in", "Log in")
		tap.equal("logged out", machine.read("root", "session list"), [])


def kicked(screens):
	"""By a supervisor: who, and why."""
	with console(screens) as screen:
		screen.type("bob")
		screen.keys("Tab")
		screen.type(machine.BOB_PASSWORD)
		screen.keys("Tab")
		screen.type("s2")
		screen.keys("Enter")
		screen.wait("bob at s2", "ready")
		machine.type_("sue", "session kick bob --reason 'the shift is over'")
		screen.wait("was ended by sue: the shift is")
		tap.check("a kick says by whom and why", True)


def inside():
	from screen import Screen
	machine.furnish_root()
	with machine.service():
		machine.furnish()
		for part in (wrong_password, right_password, kicked):
			with tap.guard(part.__name__):
				part(Screen)


@tap.main
def test():
	machine.in_a_root_of_its_own("the console at a service", __file__, inside)
