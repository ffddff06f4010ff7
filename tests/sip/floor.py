"""floor.py - a call centre's floor on loopback: spctl as an admin's script uses it, with real programs around it.

  Home       a home with a private engine of its own; spctl() runs a command in it
  Proxy      kamailio: registrar and proxy with digest authentication (kamailio.cfg)
  Customer   a stock baresip that is registered there, answers and plays a tone
  Sipp       sipp with one of the scenarios (*.xml), either side of one call

All are used in with statements.  BUILD names the folder of the build.
"""
import atexit
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(os.path.dirname(HERE), room) for room in ("engine", "media")]
sys.dont_write_bytecode = True

from desk import BOB, BUILD, PATIENCE, FarEnd, eventually, loopback, tone        # noqa: E402,F401

SPCTL = os.path.join(BUILD, "bin", "spctl")
AGENT_PASSWORD = 's3cret: with "quotes" & %s'       # as kamailio.cfg has them
CUSTOMER_PASSWORD = "customer"


def end(process):
	"""Ends a process that we started, whatever it takes."""
	process.terminate()
	try:
		return process.wait(5)
	except subprocess.TimeoutExpired:
		process.kill()
		return process.wait()


class Thing:
	"""Something with a folder that ends with its with statement, or with the test."""

	def __init__(self, what):
		self.folder = tempfile.mkdtemp(prefix=f"sp-{what}-", dir="/tmp")
		atexit.register(self.stop)

	def path(self, name):
		return os.path.join(self.folder, name)

	def write(self, name, text):
		with open(self.path(name), "wb") as file:
			file.write(text if isinstance(text, bytes) else text.encode())
		return self.path(name)

	def read(self, name):
		try:
			with open(self.path(name), errors="replace", newline="") as file:
				return file.read()
		except FileNotFoundError:
			return ""

	def close(self):
		"""What has to be ended before the folder goes."""

	def stop(self):
		self.close()
		shutil.rmtree(self.folder, ignore_errors=True)
		atexit.unregister(self.stop)

	def __enter__(self):
		return self

	def __exit__(self, kind, error, trace):
		if kind:
			sys.stderr.write("".join(f"# {line}\n" for line in self.read("log").splitlines()[-40:]))
		self.stop()


class Result:
	"""What a command left behind."""

	def __init__(self, ran):
		self.status, self.err = ran.returncode, ran.stderr.decode()      # spctl's words are UTF-8 always
		self.out = ran.stdout

	@property
	def json(self):
		return json.loads(self.out.decode())

	def __repr__(self):
		return f"status {self.status}, {self.err!r}, {self.out[:2000]!r}"


class Home(Thing):
	"""The engine is started by the first command, as for any user."""

	def __init__(self):
		super().__init__("home")
		self.write("spctl.conf", "sound.device = none\nlog.level = debug\n")
		self.env = {"PATH": os.environ["PATH"], "SPCTL_HOME": self.folder, "TZ": "UTC"}
		for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
			if name in os.environ:
				self.env[name] = os.environ[name]
		self.ok("tenant", "show")           # engine status would not start one
		self.pid = self.ok("engine", "status")["pid"]

	def spctl(self, *words, timeout=90):
		return Result(subprocess.run([SPCTL, *map(str, words), "--json"], env=self.env, check=False, timeout=timeout,
			stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE))

	def ok(self, *words):
		"""What a command that must work prints."""
		result = self.spctl(*words)
		if result.status:
			raise AssertionError(f"spctl {' '.join(map(str, words))}: {result}")
		return result.json if result.out else None

	def station(self, name, server, *options, user="anna", password=None):
		"""Adds a station; its password goes the way of a file."""
		if password:
			options += ("--password-file", self.write("secret", password + "\n"))
		return self.ok("station", "add", name, "--did", "+14155550199", "--sip-uri", f"sip:{user}@{server}", *options)

	def tenant(self):
		"""A tenant that may call at any hour, often, and an agent."""
		self.ok("tenant", "set", "--hours", "00:00-24:00", "--timezone", "Etc/UTC", "--max-calls-per-week", 1000)
		self.ok("user", "add", "anna", "--name", "Anna")

	def phone(self):
		"""Pids of the phone's process: one while somebody is logged in."""
		found = []
		with open(f"/proc/{self.pid}/task/{self.pid}/children") as file:
			for pid in file.read().split():
				try:
					with open(f"/proc/{pid}/comm") as comm:
						if comm.read().strip() == "baresip":
							found.append(int(pid))
				except (FileNotFoundError, ProcessLookupError):         # it has just ended
					pass
		return found

	def close(self):
		subprocess.run([SPCTL, "engine", "stop", "--no-start"], env=self.env, check=False, timeout=30,
			stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		if hasattr(self, "pid"):
			eventually(lambda: not os.path.exists(f"/proc/{self.pid}"), PATIENCE, "the engine's end")


def free_port(ip):
	with socket.socket() as probe:
		probe.bind((ip, 0))
		return probe.getsockname()[1]


def answers_tcp(ip, port):
	with socket.socket() as probe:
		return not probe.connect_ex((ip, port))


class Proxy(Thing):
	"""kamailio on an address of its own.  certificates: a folder made by tests/module/certificates; then .tls[NAME] is
	the port at which the certificate of that name is shown."""

	def __init__(self, ip=None, certificates=None, names=()):
		super().__init__("pbx")
		self.ip = ip or loopback()
		self.port = free_port(self.ip)
		self.host = f"{self.ip}:{self.port}"
		self.tls = {name: free_port(self.ip) for name in names}
		listen = [f"udp:{self.host}", f"tcp:{self.host}"]
		profiles = define = ""
		for name, port in self.tls.items():
			listen.append(f"tls:{self.ip}:{port}")
			for where in ("default", f"{self.ip}:{port}"):
				profiles += (f"[server:{where}]\nmethod = TLSv1.2+\ncertificate = {certificates}/{name}.pem\n"
					f"private_key = {certificates}/{name}.pem\n")
		if names:
			define = f'TLS_CONFIG="{self.write("tls.cfg", profiles)}"'
		command = ["kamailio", "-DD", "-E", "-f", os.path.join(HERE, "kamailio.cfg"), "-m", "32", "-M", "8"]
		command += ["-w", self.folder, "-Y", self.folder, "-P", self.path("pid"), *(["-A", define] if define else [])]
		for address in listen:
			command += ["-l", address]
		with open(self.path("log"), "wb") as log:
			self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
		eventually(lambda: answers_tcp(self.ip, self.port) or self.process.poll() is not None, PATIENCE, "kamailio")
		if self.process.poll() is not None:
			raise RuntimeError(f"kamailio: {self.read('log')}")

	def seen(self, pattern):
		"""Lines that kamailio wrote about requests, in which that pattern is found: "METHOD USER from USER over PROTO
		auth=USER", and "saved USER" when a registration is."""
		return [line for line in re.findall(r"pbx: (.*)", self.read("log")) if re.search(pattern, line)]

	def close(self):
		end(self.process)


class Customer(FarEnd):
	"""Registered at the proxy under BOB's number, or another that kamailio.cfg has."""

	def __init__(self, proxy, hz=1000, number=BOB):
		account = f"<sip:{number}@{proxy.host}>;auth_pass={CUSTOMER_PASSWORD};regint=60;answermode=auto"
		super().__init__(hz=hz, account=account)
		eventually(lambda: proxy.seen(f"^saved {re.escape(number)}"), PATIENCE, "the customer's registration")


def is_bound(ip, port, transport):
	"""Does anybody listen there?  From the kernel's table: asking with a packet would be a call."""
	local = "".join(f"{int(n):02X}" for n in reversed(ip.split("."))) + f":{port:04X}"
	with open(f"/proc/net/{transport}") as table:
		return any(line.split()[1] == local and (transport == "udp" or line.split()[3] == "0A") for line in table)


class Sipp(Thing):
	"""One call's other side, at ip:port; with a target it is the caller.  words: the file that [file name=words] of a
	scenario puts in byte for byte.  keys: values of its [NAME]s."""

	def __init__(self, scenario, ip, port=5060, target=None, words=b"", transport="udp", **keys):
		super().__init__("sipp")
		self.write("words", words)
		command = ["sipp", *([target] if target else []), "-sf", os.path.join(HERE, scenario + ".xml"), "-m", "1"]
		command += ["-i", ip, "-p", str(port), "-bind_local", "-t", "u1" if transport == "udp" else "t1", "-s", "anna"]
		command += ["-nostdin", "-timeout", "30s", "-timeout_error", "-buff_size", "262144"]
		command += ["-trace_msg", "-message_file", "messages", "-trace_err", "-error_file", "errors"]
		for name, value in keys.items():
			command += ["-key", name, str(value)]
		with open(self.path("log"), "wb") as log:
			self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
				env=dict(os.environ, TERM="dumb"))
		eventually(lambda: target or is_bound(ip, port, transport) or self.process.poll() is not None, PATIENCE, "sipp")

	def messages(self):
		return self.read("messages")

	def received(self, method):
		"""How many requests of that method came; one that is sent again for want of an answer counts once."""
		requests = re.findall(rf"message received [^\n]*\s+{method} .*?branch=([^;\s]+)", self.messages(), re.S)
		return len(set(requests))

	def wait(self, timeout=PATIENCE):
		"""Did the call go as the scenario says?"""
		try:
			return self.process.wait(timeout) == 0
		except subprocess.TimeoutExpired:
			return False

	def trouble(self):
		return self.read("errors")[:1500] + self.messages()[-4000:]

	def close(self):
		end(self.process)
