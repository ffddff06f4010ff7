#!/usr/bin/python3
"""The script of `make demo`: tells its story, leaves nothing behind, stops when interrupted, and fails when a step does
not do what it says."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get("BUILD", "build")))
LIMIT = 100                     # seconds; with sanitizers on a busy machine

# What must be told, in this order.
STORY = [
	r"\$ spctl tenant set --name demo", r"\$ spctl station add desk1", r"\$ spctl user add ann",
	r"\$ spctl customer add .*Cara",
	r"ann is logged in at desk1",
	r"\$ spctl call dial .*0101", r"is blocked: .*cease_and_desist", r"FDCPA §1692c\(c\)",
	r"\$ spctl call dial 4155550100 --wait answer --play", r"call 1 to \+14155550100: answered",
	r"active +outbound +\+14155550100",
	r"\$ spctl call hangup", r"state: +wrap_up", r"\$ spctl call dial", r"owes its disposition",
	r"\$ spctl dispo save completed",
	r"state: +ready", r"voice of Ann \(RMS", r"voice of Bob \(RMS",
	r"needs acknowledgement: .*max_calls_per_week", r"--acknowledge max_calls_per_week",
	r"call 3 to \+14155550102: answered",
	r"\$ spctl history list", r"\+14155550100 .*completed", r"\+14155550102 .*sale",
	r"\$ spctl audit list", r"blocked +hard +cease_and_desist", r"forced +soft +max_calls_per_week +yes",
	r"the audit log is intact",
	r"the engine has stopped", r"Every step did what it said",
]


class Demo:
	"""One run, with no terminal; its output is read as it comes."""

	def __init__(self, build=BUILD):
		env = {k: v for k, v in os.environ.items() if k != "TERM"}
		self.said = ""
		command = [os.path.join(ROOT, "share", "demo", "demo"), build]
		self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT, start_new_session=True,
			preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
		self.reader = threading.Thread(target=self._read, daemon=True)
		self.reader.start()

	def _read(self):
		for line in self.process.stdout:
			self.said += line.decode("utf-8", "replace")

	def wait_for(self, text):
		end = time.monotonic() + LIMIT
		while text not in self.said and self.process.poll() is None and time.monotonic() < end:
			time.sleep(0.05)
		return text in self.said

	def end(self):
		try:
			status = self.process.wait(LIMIT)
		except subprocess.TimeoutExpired:
			os.killpg(self.process.pid, signal.SIGKILL)
			status = self.process.wait()
		self.reader.join(10)
		return status

	def folder(self):
		found = re.search(r"/tmp/spctl-demo-\w+", self.said)
		return found and found[0]

	def leaves(self):
		"""What is left of it once what was killed has had time to go."""
		end = time.monotonic() + 5
		while (left := self.left()) and time.monotonic() < end:
			time.sleep(0.05)
		return left

	def left(self):
		"""What there is of it: its folder, and processes that have to do with it."""
		folder = self.folder()
		left = [folder] if os.path.exists(folder) else []
		for pid in filter(str.isdigit, os.listdir("/proc")):
			try:
				with open(f"/proc/{pid}/cmdline", "rb") as a, open(f"/proc/{pid}/environ", "rb") as b:
					text = a.read() + b.read()
			except OSError:
				continue
			if folder.encode() + b"/" in text:
				left.append(text.replace(b"\0", b" ")[:200])
		return left


def story():
	start = time.monotonic()
	demo = Demo()
	tap.equal("the demo ends well", demo.end(), 0)
	took = time.monotonic() - start
	at = 0
	for line in STORY:
		found = re.search(line, demo.said[at:])
		if not found:
			tap.check(f"it tells {line}", False, demo.said)
			return
		at += found.end()
	tap.check("it tells its story in order", True)
	tap.check("in 40 seconds", took <= 40, took)
	tap.equal("nothing is left", demo.leaves(), [])


def interrupted():
	demo = Demo()
	tap.check("a call is up", demo.wait_for("They talk"), demo.said)
	tap.check("its processes are seen", len(demo.left()) >= 3, demo.left())
	os.killpg(demo.process.pid, signal.SIGINT)
	tap.equal("interrupted, it ends as such", demo.end(), 130)
	tap.equal("nothing is left of an interrupted one", demo.leaves(), [])


def liar():
	"""A spctl that says it saved a disposition, and did not."""
	with tempfile.TemporaryDirectory(prefix="spctl-liar-") as folder:
		os.mkdir(f"{folder}/bin")
		with open(f"{folder}/bin/spctl", "w") as file:
			file.write(f'#!/bin/sh\n[ "$1 $2" = "dispo save" ] && exit 0\nexec {BUILD}/bin/spctl "$@"\n')
		os.chmod(f"{folder}/bin/spctl", 0o755)
		demo = Demo(folder)
		tap.equal("a step that does not do what it says fails the demo", demo.end(), 1)
		tap.check("and it says so", "The demo failed: that command did not say" in demo.said, demo.said[-2000:])
		tap.equal("nothing is left of a failed one", demo.leaves(), [])


@tap.main
def test():
	if not shutil.which("baresip"):
		raise RuntimeError("baresip is not installed")
	story()
	interrupted()
	liar()
