"""tap.py - prints the results of a Python test as TAP (https://testanything.org), the plan at the end.

	import tap

	@tap.main
	def test():
		tap.check("a name", value == 7, f"value is {value}")
		tap.equal("another name", got, wanted)
		with tap.guard("a part that may raise"):
			...

An exception inside of a guard fails that part and the test goes on; one outside ends the test as failed.  The process
ends with status 1 when any check failed, or when there was none.  A line is written as soon as its check is done, whole,
from whatever thread.
"""
import contextlib
import sys
import threading
import traceback

_count = 0
_failed = 0
_lock = threading.Lock()


def _write(text):
	"""As one piece: print() writes the end of a line by itself, and another thread's line may come between."""
	sys.stdout.write(text)
	sys.stdout.flush()


def note(text):
	"""Prints a text as diagnostics, each of its lines behind a '#'."""
	with _lock:
		_write("".join(f"# {line}\n" for line in str(text).splitlines()))


def _print(ok, name, directive=""):
	global _count, _failed
	# A '#' in a name would begin a directive, and a newline would end the line.
	name = " ".join(str(name).split()).replace("#", "\\#")
	with _lock:
		_count += 1
		_failed += not ok
		_write(f"{'ok' if ok else 'not ok'} {_count} - {name}{directive}\n")


def check(name, cond, detail=""):
	"""One result.  The detail is printed when it failed.  Returns whether it passed."""
	ok = bool(cond)
	_print(ok, name)
	if not ok and detail != "":
		note(detail)
	return ok


def equal(name, got, wanted):
	"""A check that two values are equal; tells both when they are not."""
	return check(name, got == wanted, f"got    {got!r}\nwanted {wanted!r}")


def skip(name, reason):
	"""A check that cannot be made here.  Counts as passed, and says why it was not made."""
	_print(True, name, f" # SKIP {' '.join(reason.split())}")


@contextlib.contextmanager
def guard(name):
	"""Turns an exception of its body into one failed check of that name.  A body that ends well prints nothing."""
	try:
		yield
	except Exception:
		check(name, False, traceback.format_exc())


def finish():
	"""Prints the plan and gives the exit status."""
	print(f"1..{_count}", flush=True)
	if _count == 0:
		note("nothing was checked")
	elif _failed:
		note(f"{_failed} of {_count} failed")
	return 1 if _failed or _count == 0 else 0


def main(test):
	"""Runs the test function and ends the process.  As a decorator it does so only in the script that is run."""
	if test.__module__ != "__main__":
		return test
	try:
		test()
	except SystemExit as end:
		if end.code not in (None, 0):
			check("the test ends by itself", False, f"it ended with {end.code!r}")
	except BaseException:
		check("the test ends without an exception", False, traceback.format_exc())
	sys.exit(finish())
