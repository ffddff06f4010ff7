"""measure.py - what a process costs, from /proc."""
import os


def ms(seconds):
	return f"{seconds * 1000:.2f} ms"


def memory_kb(pid, what="Pss"):
	"""Its memory: Pss counts a page that others share as a part, Rss as a whole."""
	with open(f"/proc/{pid}/smaps_rollup") as file:
		return next(int(line.split()[1]) for line in file if line.startswith(what + ":"))


def cpu_seconds(pid):
	total = 0
	for thread in os.listdir(f"/proc/{pid}/task"):
		with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
			total += int(file.read().split()[0])
	return total / 1e9


def wake_ups(pid):
	"""How often its threads have waited for something."""
	total = 0
	for thread in os.listdir(f"/proc/{pid}/task"):
		with open(f"/proc/{pid}/task/{thread}/status") as file:
			total += next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))
	return total


def with_children(pid):
	with open(f"/proc/{pid}/task/{pid}/children") as file:
		return [pid] + [int(child) for child in file.read().split()]
