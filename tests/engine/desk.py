"""desk.py - an engine under test with everything that it needs around it: its home, its clients, a far end.

BUILD names the folder of the build (default: build).  Use Engine and FarEnd in with statements.

Far ends:
  FarEnd     a stock baresip that answers every call to its number and plays a tone
  Desk       a SIP party of tests/module/peer.py; what it does with a number stands in its dict `does` ("ring", "code-486", ...)
"""
import atexit
import glob
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get("BUILD", "build")))
sys.path[1:1] = [os.path.join(ROOT, "tests", "lib"), os.path.join(ROOT, "tests", "module")]
sys.dont_write_bytecode = True

import numpy as np          # noqa: E402
import peer as peers        # noqa: E402
import rig                  # noqa: E402
import spectrum             # noqa: E402
from rig import loopback    # noqa: E402,F401

PATIENCE = 15.0             # seconds that anything expected may take on a busy machine
BOB = "+14155550100"


def eventually(condition, timeout=PATIENCE, what="condition"):
	"""rig's, with the patience that these tests have."""
	return rig.eventually(condition, timeout, what)


class Refused(Exception):
	"""An error of the engine: .code is the stable one, .data the error's data."""

	def __init__(self, error):
		super().__init__(error["message"])
		self.message, self.data = error["message"], error["data"]
		self.code = self.data["code"]


class Client:
	"""One connection.  Events arrive in the background."""

	def __init__(self, path):
		self.socket = socket.socket(socket.AF_UNIX)
		self.socket.connect(path)
		self.answers, self.events, self.gone = {}, [], False
		self.changed = threading.Condition()
		self.sequence = itertools.count(1)
		threading.Thread(target=self._read, daemon=True).start()
		self.hello = self.ask("hello", version=1, client="test")

	def _read(self):
		stream = self.socket.makefile("rb")
		try:
			for line in stream:
				message = json.loads(line.decode("utf-8", "strict"))
				with self.changed:
					if "method" in message:
						self.events.append(message["params"])
					else:
						self.answers[message["id"]] = message
					self.changed.notify_all()
		except OSError:
			pass
		with self.changed:
			self.gone = True
			self.changed.notify_all()

	def send(self, method, params):
		number = next(self.sequence)
		line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n"
		self.socket.sendall(line.encode())
		return number

	def answer(self, number, timeout=PATIENCE):
		with self.changed:
			if not self.changed.wait_for(lambda: number in self.answers or self.gone, timeout):
				raise TimeoutError(f"request {number} is not answered")
			if number not in self.answers:
				raise EOFError("the engine is gone")
			message = self.answers.pop(number)
		if "error" in message:
			raise Refused(message["error"])
		return message["result"]

	def ask(self, method, **params):
		return self.answer(self.send(method, params))

	def all(self, method, **params):
		"""Every item of a list: an answer may be a page of it."""
		items, after = [], 0
		while after is not None:
			page = self.ask(method, limit=0, after=after, **params)
			items += page["items"]
			after = page["next"]
		return items

	def refused(self, method, **params):
		"""The error of a request that must fail."""
		try:
			result = self.ask(method, **params)
		except Refused as error:
			return error
		raise AssertionError(f"{method} {params} was not refused: {result}")

	def wait(self, what, timeout=PATIENCE, after=0, words="", **members):
		"""The data of the first event of that name with those members, and those words in its text.  after: how many events
		were there before what makes it; without that one of long ago will do."""
		def find():
			for e in self.events[after:]:
				if e["event"] == what and words in (e["data"].get("text") or "") and \
						all(e["data"].get(k) == v for k, v in members.items()):
					return e["data"]
		with self.changed:
			if not self.changed.wait_for(find, timeout):
				last = [(e["event"], *(e["data"].get(k) for k in ("state", "cause", "text"))) for e in self.events[-8:]]
				raise TimeoutError(f"no event {what} {members} {words}; the last were {last}")
			return find()

	def wait_call(self, call_id, state, timeout=PATIENCE):
		return self.wait("call.changed", timeout, id=call_id, state=state)

	def close(self):
		try:
			self.socket.shutdown(socket.SHUT_RDWR)
		except OSError:
			pass                    # the engine was quicker
		self.socket.close()


def in_order_of_answers(client, *requests):
	"""Sends these (method, parameters) in one piece on one connection; [(method, result)] in the order in which they were answered,
	which is that in which the engine answered, however late we look."""
	numbers = {next(client.sequence): method for method, _ in requests}
	client.socket.sendall("".join(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n"
		for number, (method, params) in zip(numbers, requests)).encode())
	with client.changed:
		if not client.changed.wait_for(lambda: numbers.keys() <= client.answers.keys() or client.gone, 4 * PATIENCE):
			raise TimeoutError(f"not all of {numbers} are answered")
		order = [number for number in client.answers if number in numbers]
	return [(numbers[number], client.answer(number)) for number in order]


class Engine:
	"""A private engine in a home of its own."""

	def __init__(self, device="none", settings="", start=True, env=None):
		self.env = env or {}            # beside what every engine has
		self.home = tempfile.mkdtemp(prefix="spctl-engine-")
		self.log_path = os.path.join(self.home, "log")
		self.process = None
		with open(os.path.join(self.home, "spctl.conf"), "w") as file:
			file.write(f"sound.device = {device}\nlog.level = debug\n{settings}\n")
		atexit.register(self.stop)
		if start:
			self.start()

	def start(self):
		ours, theirs = os.pipe()
		env = {"PATH": os.environ["PATH"], "SPCTL_HOME": self.home, "TZ": "UTC", **self.env}
		for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
			if name in os.environ:
				env[name] = os.environ[name]
		with open(self.log_path, "ab") as log:
			self.process = subprocess.Popen([os.path.join(BUILD, "bin", "spctld"), "--private", "--ready-fd", str(theirs)],
				stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, pass_fds=[theirs])
		os.close(theirs)
		with os.fdopen(ours) as ready:
			said = ready.read()
		if said.strip() != "ready":
			raise RuntimeError(f"spctld says: {said!r}\n{self.log()[-2000:]}")
		return self

	def client(self):
		client = Client(os.path.join(self.home, "run", "spctld.sock"))
		client.ask("events.subscribe")
		return client

	def log(self):
		with open(self.log_path, errors="replace") as file:
			return file.read()

	def children(self, name=None):
		"""Pids of its child processes, those of that program."""
		pids = []
		with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
			for pid in map(int, file.read().split()):
				try:
					with open(f"/proc/{pid}/comm") as comm:
						if not name or comm.read().strip() == name[:15]:
							pids.append(pid)
				except OSError:
					pass
		return pids

	def child(self, name):
		"""The pid of the one child that runs that program, once those of earlier sessions have gone."""
		def one():
			pids = self.children(name)
			return pids[0] if len(pids) == 1 else None
		return eventually(one, PATIENCE, f"a single {name}")

	def kill(self, pid=None):
		"""SIGKILL to the engine, or to one of its children."""
		if pid:
			os.kill(pid, signal.SIGKILL)
			return
		self.process.kill()
		self.process.wait()

	def terminate(self, timeout=15):
		self.process.terminate()
		return self.process.wait(timeout)

	def stop(self):
		if self.process and self.process.poll() is None:
			self.process.terminate()
			try:
				self.process.wait(15)
			except subprocess.TimeoutExpired:
				self.process.kill()
				self.process.wait()
		shutil.rmtree(self.home, ignore_errors=True)
		atexit.unregister(self.stop)

	def __enter__(self):
		return self

	def __exit__(self, kind, error, trace):
		if kind:
			sys.stderr.write("".join("# " + line + "\n" for line in self.log().splitlines()[-60:]))
		self.stop()


def furnish(client, sip_uri, agents=("anna",), **station):
	"""A tenant that may call at any hour, agents with a station each (s-anna ...), and one customer; gives the customer."""
	client.ask("tenant.set", hours="00:00-24:00", timezone="Etc/UTC")
	for login in agents:
		client.ask("user.add", login=login)
		client.ask("station.add", name="s-" + login, did="+14155550199", sip_uri=sip_uri, **station)
	return client.ask("customer.add", name="Bob", phones=[BOB])


def recorded(c, call, seconds, part=-1, hz=None):
	"""Waits until that part of the call's recording holds so many seconds on the disk, and the far end's tone of hz where that is
	given; how many seconds there are."""
	def enough():
		try:
			samples, rate = spectrum.load(c.ask("call.show", call=call)["recordings"][part]["path"])
		except (OSError, IndexError):
			return False
		there = not hz or len(samples) and spectrum.loudest(samples[:, 1], rate, hz) > -30
		return there and len(samples) >= seconds * rate and len(samples) / rate
	return eventually(enough, PATIENCE + seconds, f"{seconds} s in the recording of call {call}")


def tone(path, hz, seconds=60, rate=8000):
	"""A WAV file of one tone."""
	with wave.open(path, "wb") as file:
		file.setparams((1, 2, rate, 0, "NONE", ""))
		t = np.arange(int(rate * seconds)) / rate
		file.writeframes((np.sin(2 * np.pi * hz * t) * 8000).astype("<i2").tobytes())
	return path


class FarEnd:
	"""A stock baresip that answers every call to its number; it plays a tone and keeps what it hears in files."""

	def __init__(self, number=BOB, hz=1000, seconds=60, answer="auto", account=None, modules=("g711",), rate=8000):
		self.ip, self.folder = loopback(), tempfile.mkdtemp(prefix="spctl-far-")
		self.process = None
		atexit.register(self.stop)
		tone(os.path.join(self.folder, "tone.wav"), hz, seconds, rate)       # that of the codec: baresip converts nothing
		source = f"aufile,{self.folder}/tone.wav" if rate < 48000 else f"ausine,{hz}"
		modules = "\n".join(f"module {name}.so" for name in modules)
		with open(os.path.join(self.folder, "config"), "w") as file:
			file.write(f"""sip_listen {self.ip}:5060
net_interface {self.ip}
module_path /usr/lib/baresip/modules
audio_player aufile,none
audio_source {source}
audio_alert aufile,none
snd_path {self.folder}
statmode_default off
audio_path /nonexistent
ringback_disabled yes
rtp_timeout 0
{modules}
module aufile.so
module ausine.so
module sndfile.so
module_app account.so
module_app menu.so
""")
		with open(os.path.join(self.folder, "accounts"), "w") as file:
			file.write((account or f"<sip:{number}@{self.ip}>;regint=0;answermode={answer}") + "\n")
		self.output = open(os.path.join(self.folder, "log"), "wb")
		self.process = subprocess.Popen(["baresip", "-f", self.folder], stdin=subprocess.DEVNULL, stdout=self.output,
			stderr=self.output, cwd=self.folder)            # baresip 1.1 writes the player's file, "none", where it stands
		eventually(lambda: "baresip is ready" in self.log(), PATIENCE, "the far end's start")

	def log(self):
		with open(os.path.join(self.folder, "log"), errors="replace") as file:
			return file.read()

	def heard(self, nth=0):
		"""The file of what it heard in its nth call, until the first hold."""
		return sorted(glob.glob(os.path.join(self.folder, "dump-*-dec.wav")))[nth]

	def stop(self):
		if self.process:
			self.process.terminate()
			try:
				self.process.wait(3)
			except subprocess.TimeoutExpired:
				self.process.kill()
				self.process.wait()
			self.output.close()
		shutil.rmtree(self.folder, ignore_errors=True)
		atexit.unregister(self.stop)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stop()


class Desk(peers.Registrar):
	"""A PBX: registers user 200, and does with each number what `does` says ("answer" for all others)."""

	def __init__(self, password="s3cret", ip=None, **more):
		self.does = {}
		self.register_code = None       # refuse every REGISTER with this
		super().__init__(ip or loopback(), password, **more)

	def on_invite(self, uri, headers, body, address):
		self._dialled = re.match(r"sip:([^@;]*)", uri)[1]
		super().on_invite(uri.replace(self._dialled, self.does.get(self._dialled, "answer"), 1), headers, body, address)

	def behave(self, dialog, does, args):
		dialog.number = self._dialled           # before whoever hears of the answer looks for it
		super().behave(dialog, does, args)

	def on_register(self, headers, address):
		if self.register_code:
			self.reply(headers, address, self.register_code, self.reason, local_tag=peers.random_id())
		else:
			super().on_register(headers, address)

	def tidy(self):
		"""Lets go of the sound sockets of calls that are over."""
		for d in self.dialogs.values():
			if d.state == "ended":
				d.rtp.close()

	def invites(self):
		return len(self.requests("INVITE"))

	def contact_of_phone(self):
		"""(ip, port) of the phone that spoke to us last, and the user in its Contact."""
		message = [m for m in self.received(r"(?m)^Contact:") if not m.startswith("SIP/2.0")][-1]
		user, ip, port = re.search(r"(?m)^Contact: *<sip:([^@>]*)@\[?([\d.]+|[\da-f:]+)\]?:(\d+)", message).groups()
		return user, ip, int(port)

	def ring(self, **more):
		"""Calls the phone; the dialog."""
		user, ip, port = self.contact_of_phone()
		host = f"[{ip}]" if ":" in ip else ip
		return self.place(self.prepare(f"sip:{user}@{host}:{port}", (ip, port), **more))
