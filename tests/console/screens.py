"""screens.py - whole screens compared with what is saved in tests/console/screens.

	screens.same(screen, "wrap-up")         # waits until the screen is the saved one; a check of tap

A file has one part for each size and kind of terminal: "rich" are those with all symbols, "plain" the Linux console and vt100.
What differs from run to run is masked: times and dates, the clock, levels, hashes, numbers of rows, paths of temporary folders, who runs
the tests.  What the line above the keys says may have gone, as it does after some seconds: who wants to see it waits for it.

To renew them after a change that is meant: RENEW=1 tests/run BUILD console/test_phone console/test_lists console/test_lines
and read what git diff says of them.  A part that no test asks for any more is deleted by hand.
"""
import difflib
import os
import re
import time

import tap

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "screens")
RENEW = os.environ.get("RENEW")
PATIENCE = 15.0
STILL = 0.5             # seconds without a change, after which a screen is taken as it is
BAR = re.compile(r"[█░#.]{4,}")
MASKS = (
	(re.compile(r"\d{4}-\d\d-\d\d"), "yyyy-mm-dd"),
	(re.compile(r"\b\d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d:\d\d"), "dd Mmm hh:mm"),
	(re.compile(r"\d?\d:\d\d:\d\d"), lambda m: re.sub(r"\d", "0", m[0])),
	(re.compile(r"\bRow +\d+\b"), lambda m: re.sub(r"\d", "0", m[0])),     # whatever else is audited
	(re.compile(r"\d?\d:\d\d"), lambda m: re.sub(r"\d", "0", m[0])),
	(re.compile(r"\b[0-9a-f]{16,64}\b"), lambda m: "h" * len(m[0])),
	(re.compile(r"MOS \d\.\d, \d+\.\d % lost"), "MOS N, N % lost"),
	(re.compile(r"MOS \d\.\d"), "       "),
	(re.compile(r"/\S*/spctl-engine-\w+/spctl\.conf"), "HOME/spctl.conf"),
	(re.compile(r"version \d[\w.]*"), "version N"),
	(re.compile(r"\S+ \(uid \d+\) *"), lambda m: "who (uid)".ljust(len(m[0]))),
	(BAR, lambda m: "░" * len(m[0])),
)


def masked(text):
	"""Without trailing blanks; the masks keep the width where the text does."""
	for pattern, to in MASKS:
		text = pattern.sub(to, text)
	return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n")) + "\n"


def part_of(screen):
	columns, rows = screen.size()
	return f"==== {columns}x{rows} {'plain' if screen.term.startswith(('vt', 'linux')) else 'rich'}"


def load(name):
	"""The parts of a file, by their headings."""
	parts, heading = {}, None
	try:
		with open(f"{FOLDER}/{name}.txt", encoding="utf-8") as file:
			for line in file:
				if line.startswith("==== "):
					heading = line.rstrip("\n")
					parts[heading] = ""
				elif heading:
					parts[heading] += line
	except FileNotFoundError:
		pass
	return parts


def save(name, parts):
	with open(f"{FOLDER}/{name}.txt", "w", encoding="utf-8") as file:
		for heading in sorted(parts):
			file.write(f"{heading}\n{parts[heading]}")


def settled(screen):
	"""The screen, once nothing of it has changed for a while."""
	last, since = masked(screen.text()), time.monotonic()
	while time.monotonic() - since < STILL:
		now = masked(screen.text())
		if now != last:
			last, since = now, time.monotonic()
	return last


def is_said(line):
	"""Is it of the line above the keys, where something is said there?  The rest of the screen is parted by lines."""
	return line.strip() and not re.search("[│─┌┐└┘|]|--", line)


def fits(got, wanted, rows):
	"""Is it the screen, or the screen without what was said?"""
	lines, said = got.split("\n"), wanted.split("\n")
	if got != wanted and len(lines) == len(said) > rows - 2 and not lines[rows - 2] and is_said(said[rows - 2]):
		lines[rows - 2] = said[rows - 2]
	return lines == said


def same(screen, name):
	heading, parts = part_of(screen), load(name)
	rows = screen.size()[1]
	if RENEW:
		parts[heading] = settled(screen)
		save(name, parts)
	wanted, deadline = parts.get(heading, "nothing is saved for this size and terminal\n"), time.monotonic() + PATIENCE
	got = masked(screen.text())
	while not fits(got, wanted, rows) and time.monotonic() < deadline:
		time.sleep(0.01)
		got = masked(screen.text())
	difference = "".join(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), "saved", "the screen"))
	return tap.check(f"{screen.term} {heading[5:]}: the screen \"{name}\"", fits(got, wanted, rows), difference)
