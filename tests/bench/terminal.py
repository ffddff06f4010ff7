"""terminal.py - the console's rows of the bench: run's part "console".

The terminal is a pty that is read here, 80 by 24.  Beside it stand linphonec and twinkle-console, each with a folder and a
configuration of its own, linphonec on a loopback address, twinkle-console without a network, as it has no such setting.  Where one is
not there (Debian: linphone-cli, twinkle-console) its cells say so.
  first paint      from the fork to the whole screen of an agent who is logged in: tenant, agent, calls; the others, to their prompt
  event to screen  the agent is paused and ready again by requests: from the request to the changed cell.  The engine decides and
                   commits in this time as well; beside it stands when another client has the event
  idle             wake-ups (voluntary context switches) and CPU of the console and its guardian
  memory           of both, and the whole of what is resident for the console alone
"""
import atexit
import fcntl
import json
import os
import pty
import re
import select
import shutil
import socket
import statistics
import struct
import subprocess
import tempfile
import termios
import time

from desk import BUILD, Desk, Engine, furnish, loopback
from measure import cpu_seconds, memory_kb, ms, wake_ups, with_children

SPCTL = os.path.join(BUILD, "bin", "spctl")
LINPHONEC = shutil.which("linphonec")
TWINKLE = shutil.which("twinkle-console")
STARTS = 9
EVENTS = 100
IDLE_SECONDS = 20
PATIENCE = 15.0
SEQUENCES = re.compile(r"\033\][^\007]*\007|\033\[[0-9;?]*[A-Za-z]|\033[(=>].?")        # titles, then all else that is not text
WHOLE = ("default  anna at", "No call.", r"\d\d:\d\d")


class Terminal:
	"""A program on a terminal of its own."""

	def __init__(self, command, env):
		self.seen = ""
		self.start = time.perf_counter()
		self.pid, self.fd = pty.fork()
		if self.pid == 0:
			fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
			try:
				os.execvpe(command[0], command, dict(env, PATH=os.environ["PATH"], TERM="xterm-256color", LC_ALL="C.UTF-8"))
			finally:
				os._exit(127)
		atexit.register(self.close)

	def read(self):
		try:
			self.seen += os.read(self.fd, 65536).decode("utf-8", "replace")
		except OSError as error:
			raise EOFError(f"the program has left: {self.seen[-500:]}") from error

	def type(self, text):
		os.write(self.fd, text.encode())

	def shows(self, *patterns):
		text = SEQUENCES.sub("", self.seen)
		return all(re.search(pattern, text) for pattern in patterns)

	def wait(self, *patterns):
		"""Until each has come; the moment."""
		while not self.shows(*patterns):
			if not select.select([self.fd], [], [], PATIENCE)[0]:
				raise TimeoutError(f"the screen lacks one of {patterns}: {self.seen[-2000:]}")
			self.read()
		return time.perf_counter()

	def close(self):
		atexit.unregister(self.close)
		os.kill(self.pid, 15)
		try:
			while select.select([self.fd], [], [], PATIENCE)[0] and os.read(self.fd, 65536):
				pass
		except OSError:
			pass                    # all have left it
		os.kill(self.pid, 9)
		os.waitpid(self.pid, 0)
		os.close(self.fd)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.close()


class Wire:
	"""A connection to the engine that is read by whoever waits: no thread comes between."""

	def __init__(self, home):
		self.socket = socket.socket(socket.AF_UNIX)
		self.socket.connect(os.path.join(home, "run", "spctld.sock"))
		self.seen, self.sent = b"", 0
		self.send("hello", version=1, client="bench")
		self.send("events.subscribe")
		while self.seen.count(b"\n") < self.sent:
			self.read()

	def send(self, method, **params):
		self.sent += 1
		line = json.dumps({"jsonrpc": "2.0", "id": self.sent, "method": method, "params": params}) + "\n"
		self.socket.sendall(line.encode())

	def read(self):
		more = self.socket.recv(65536)
		if not more:
			raise EOFError("the engine is gone")
		self.seen += more

	def close(self):
		self.socket.close()


def console(home):
	return Terminal([SPCTL, "console"], {"SPCTL_HOME": home, "TZ": "UTC"})


def linphonec(folder):
	"""Offline: no account, no server, no sound server; UDP on loopback alone."""
	config = os.path.join(folder, "config")
	if not os.path.exists(config):
		os.makedirs(os.path.join(folder, ".local", "share", "linphone"))
		ip = loopback()
		with open(config, "w") as file:
			file.write(f"[sip]\nbind_address={ip}\nsip_port=5060\nsip_tcp_port=0\nsip_tls_port=0\nguess_hostname=0\n"
				f"contact=<sip:bench@{ip}>\n[net]\ndns_srv_enabled=0\n[rtp]\nbind_address={ip}\n")
	return Terminal([LINPHONEC, "-c", config], {"HOME": folder, "PULSE_SERVER": "unix:/nonexistent"})


def twinkle(folder):
	"""Offline; a network of its own, with nothing in it."""
	home = os.path.join(folder, ".twinkle")
	if not os.path.exists(home):
		os.makedirs(home)
		with open(os.path.join(home, "bench.cfg"), "w") as file:
			file.write("user_name=bench\nuser_domain=127.0.0.1\nuser_display=bench\nregister_at_startup=no\n")
		with open(os.path.join(home, "twinkle.sys"), "w") as file:
			file.write("dev_ringtone=alsa:null\ndev_speaker=alsa:null\ndev_mic=alsa:null\n")
	lock = os.path.join(home, "twinkle.lck")
	if os.path.exists(lock):
		os.unlink(lock)
	return Terminal(["unshare", "-rn", TWINKLE, "bench.cfg"], {"HOME": folder})


def apart_from_networks():
	return shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


# Each: how it is started, and its prompt; None where it is not there.
OTHERS = {
	"linphonec": (linphonec, "linphonec> ") if LINPHONEC else None,
	"twinkle-console": (twinkle, "Twinkle> ") if TWINKLE and apart_from_networks() else None,
}


def others(folder):
	"""A terminal with each that is there, at its prompt."""
	for name, how in OTHERS.items():
		if how:
			with how[0](folder) as terminal:
				yield name, terminal, terminal.wait(how[1]) - terminal.start


def beside(texts):
	return "; ".join(f"{name}: {texts.get(name, 'not installed')}" for name in OTHERS)


def ratio(us, theirs):
	"""To the best of them."""
	return f"{us / min(theirs):.2f}×" if theirs else ""


def first_paint(row, home, folder):
	ours, theirs = [], {}
	for _ in range(STARTS):
		with console(home) as terminal:
			ours.append(terminal.wait(*WHOLE) - terminal.start)
		for name, _, took in others(folder):
			theirs.setdefault(name, []).append(took)
	us, them = statistics.median(ours), {name: statistics.median(took) for name, took in theirs.items()}
	row("console: first paint", ms(us), beside({name: ms(took) for name, took in them.items()}), ratio(us, them.values()),
		"≤ 100 ms", us <= 0.1)


def one_event(wire, terminal, shown, method, **params):
	"""(seconds to the screen that shows it, to the event at a client)"""
	wire.seen, terminal.seen, screen, event = b"", "", None, None
	start = time.perf_counter()
	wire.send(method, **params)
	while screen is None or event is None:
		ready = select.select([wire.socket, terminal.fd], [], [], PATIENCE)[0]
		now = time.perf_counter() - start
		if now > PATIENCE:
			raise TimeoutError(f"{method} does not come to the screen: {terminal.seen[-2000:]}")
		if wire.socket in ready:
			wire.read()
			if event is None and b"session.changed" in wire.seen:
				event = now
		if terminal.fd in ready:
			terminal.read()
			if screen is None and terminal.shows(shown):
				screen = now
	return screen, event


def event_to_screen(row, home):
	wire = Wire(home)
	with console(home) as terminal:
		terminal.wait(*WHOLE)
		took = []
		for _ in range(EVENTS // 2):
			took.append(one_event(wire, terminal, "paused: lunch", "session.pause", reason="lunch"))
			took.append(one_event(wire, terminal, "ready 0:", "session.ready"))
	wire.close()
	screen, event = ([t[i] for t in took] for i in (0, 1))
	us = statistics.median(screen)
	row("console: event to screen", f"{ms(us)} (worst of {EVENTS}: {ms(max(screen))})",
		f"event at a client: {ms(statistics.median(event))}", "", "≤ 20 ms", us <= 0.02)


def watch(terminals):
	"""(wake-ups a minute, share of a core in %) of each, while all are idle and their screens are read"""
	def counts():
		return [[sum(map(what, with_children(t.pid))) for what in (wake_ups, cpu_seconds)] for t in terminals]
	settle, by_fd = time.monotonic() + 2, {t.fd: t for t in terminals}
	for end in (settle, settle + IDLE_SECONDS):
		before = counts()
		start = time.monotonic()
		while (left := end - time.monotonic()) > 0:
			for fd in select.select(list(by_fd), [], [], left)[0]:
				by_fd[fd].read()
	took = time.monotonic() - start
	return [((w - w0) * 60 / took, (c - c0) / took * 100) for (w0, c0), (w, c) in zip(before, counts())]


def idle_text(wakes, cpu):
	return f"{wakes:.0f} wake-ups/min, {cpu:.3f} % CPU"


def idle(row, home, folder):
	with Engine() as nobody, console(home) as busy, console(nobody.home) as still:
		busy.wait(*WHOLE)
		still.wait("Log in")
		running = [(name, how[0](folder), how[1]) for name, how in OTHERS.items() if how]
		for _, terminal, prompt in running:
			terminal.wait(prompt)
		(busy_wakes, busy_cpu), (wakes, cpu), *rest = watch([busy, still] + [terminal for _, terminal, _ in running])
		for _, terminal, _ in running:
			terminal.close()
	bare = beside({name: idle_text(*counts) for (name, _, _), counts in zip(running, rest)})
	row("console: idle, nobody logged in", idle_text(wakes, cpu), bare, "", "≤ 3 wake-ups/min", wakes <= 3.1)
	row("console: idle, a timer shows", idle_text(busy_wakes, busy_cpu), bare, "", "≤ 66 wake-ups/min", busy_wakes <= 66)


def weigh(terminal):
	return sum(map(memory_kb, with_children(terminal.pid))) / 1024


def memory(row, home, folder):
	with console(home) as terminal:
		terminal.wait(*WHOLE)
		us, resident = weigh(terminal), memory_kb(terminal.pid, "Rss") / 1024
	them = {name: weigh(terminal) for name, terminal, _ in others(folder)}
	row("console: memory (PSS)", f"{us:.1f} MB (RSS {resident:.1f} MB)", beside({name: f"{size:.1f} MB" for name, size in them.items()}),
		ratio(us, them.values()), "≤ 10 MB", us <= 10 and resident <= 10)


def measure(row):
	far = Desk()
	with tempfile.TemporaryDirectory(prefix="spctl-bench-", ignore_cleanup_errors=True) as folder, Engine() as engine:
		client = engine.client()
		furnish(client, f"sip:anna@{far.ip}", register=False)
		client.ask("session.login", user="anna", station="s-anna")
		client.close()                  # its thread would come between
		first_paint(row, engine.home, folder)
		event_to_screen(row, engine.home)
		idle(row, engine.home, folder)
		memory(row, engine.home, folder)
