"""rig.py - a phone under test: stock baresip with spctl.so and guard.so, on an address of its own, and its sound.

BUILD names the folder of the build (default: build, beside tests).  A build with SAN=1 works too: the sanitizer's
runtime is preloaded first.  BARESIP_MODULES names the folder of baresip's own modules.
"""
import atexit
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get('BUILD', 'build')))
LIB = os.path.join(BUILD, 'lib', 'spctl')
BARESIP_MODULES = os.environ.get('BARESIP_MODULES', '/usr/lib/baresip/modules')
sys.path.insert(0, os.path.join(ROOT, 'tests', 'lib'))
sys.dont_write_bytecode = True
PATIENCE = 8.0                  # seconds that anything expected may take on a busy machine


def loopback():
	"""An address of 127.0.0.0/8 that nobody else is likely to use: tests run beside each other."""
	while True:
		ip = '127.%d.%d.%d' % (random.randint(2, 254), random.randint(1, 254), random.randint(2, 254))
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
			try:
				probe.bind((ip, 5060))
				return ip
			except OSError:
				continue


def free_port(ip):
	"""A port of an address that others use as well, free for UDP and TCP, and the one behind it, where baresip has TLS.  None of
	those that the kernel gives away, nor of RTP's: nobody takes it before it is used."""
	family = socket.AF_INET6 if ':' in ip else socket.AF_INET
	while True:
		port = random.randrange(5100, 9900, 2)
		try:
			for number in (port, port + 1):
				for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
					with socket.socket(family, kind) as probe:
						probe.bind((ip, number))
			return port
		except OSError:
			continue


def shared_address():
	"""127.0.0.1 with a free port: where the source address of RTP matters, which is 127.0.0.1 whatever SIP's is."""
	return '127.0.0.1', free_port('127.0.0.1')


def is_sanitized(path):
	with open(path, 'rb') as file:
		return b'__asan_init' in file.read()


def preloads():
	"""What goes into LD_PRELOAD: the guard, after the sanitizer's runtime where the build has one."""
	guard = os.path.join(LIB, 'guard.so')
	if not is_sanitized(guard):
		return [guard]
	ask = ['gcc', '-print-file-name=libasan.so']
	return [subprocess.check_output(ask, text=True).strip(), guard]


def compile_module(source, folder):
	"""Builds a baresip module of a test's own and gives its path."""
	path = os.path.join(folder, os.path.basename(source)[:-2] + '.so')
	subprocess.run(['gcc', '-shared', '-fPIC', '-fvisibility=hidden', '-isystem', '/usr/include/re', '-DHAVE_INET6',
			'-DHAVE_STDBOOL_H', '-DHAVE_INTTYPES_H', '-I' + os.path.join(ROOT, 'src'), '-o', path,
			os.path.join(HERE, source), '-lre'], check=True)
	return path


class Events:
	"""Messages of the phone in the order they came, with waiting."""

	def __init__(self):
		self.events = []
		self.answers = {}
		self.closed = False
		self.changed = threading.Condition()

	def put(self, message):
		with self.changed:
			message['t'] = time.time()
			if 're' in message:
				self.answers[message['re']] = message
			else:
				self.events.append(message)
			self.changed.notify_all()

	def matching(self, name, **members):
		return [e for e in list(self.events) if e['event'] == name and all(e.get(k) == v for k, v in members.items())]

	def count(self, name, **members):
		return len(self.matching(name, **members))

	def wait(self, name, nth=1, timeout=PATIENCE, **members):
		"""The nth such event, counted from the start."""
		with self.changed:
			if not self.changed.wait_for(lambda: len(self.matching(name, **members)) >= nth, timeout):
				raise TimeoutError(f'no event {name} {members} ({nth}); the last were {self.events[-6:]}')
			return self.matching(name, **members)[nth - 1]


class Phone(Events):
	"""One baresip child, driven as the engine drives it.  Use it in a with statement."""

	def __init__(self, modules=('g711', 'alsa'), apps=(), config=(), env=None, guard=True, control='fd', wait=True,
		     output=None, address=None, interface=None, listen=None):
		super().__init__()
		self.ip, self.port = address or (loopback(), 5060)
		self.host = self.ip if self.port == 5060 else f'{self.ip}:{self.port}'
		self.folder = tempfile.mkdtemp(prefix='spctl-module-')
		self.audio = os.path.join(self.folder, 'audio')
		self.log_path = os.path.join(self.folder, 'log')
		self.sequence = 0
		self._write_config(modules, apps, config, interface, listen)
		ours, theirs = socket.socketpair()
		self.socket = ours
		started = time.perf_counter()
		with open(self.log_path, 'wb') as log:
			self.process = subprocess.Popen(
				['baresip', '-f', self.folder], stdin=subprocess.DEVNULL, stdout=output or log, stderr=subprocess.STDOUT,
				cwd='/', env=self._environment(theirs, control, guard, env or {}),
				pass_fds=[theirs.fileno()] if control == 'fd' else [])
		theirs.close()
		atexit.register(self.stop)
		if wait:
			threading.Thread(target=self._read, daemon=True).start()
			self._wait_ready()
			self.ready_ms = (time.perf_counter() - started) * 1000

	def _wait_ready(self):
		"""A process of many objects, with a sanitizer, beside others that start: that may take longer than anything later."""
		try:
			self.wait('ready', timeout=4 * PATIENCE)
		except TimeoutError:
			state = self.inspect('stat') if self.alive() else f'exit {self.process.poll()}'
			self.process.kill()
			raise TimeoutError(f'the phone is not ready: {state}; its log: {self.log()[-1500:]}') from None

	def _write_config(self, modules, apps, config, interface, listen):
		place = os.path.join(self.folder, 'modules')
		os.mkdir(place)
		for name in modules:
			os.symlink(os.path.join(BARESIP_MODULES, name + '.so'), os.path.join(place, name + '.so'))
		os.symlink(os.path.join(LIB, 'spctl.so'), os.path.join(place, 'spctl.so'))
		for path in apps:
			os.symlink(path, os.path.join(place, os.path.basename(path)))
		listen = listen or ('0.0.0.0' if interface else self.ip)
		# baresip binds RTP to every address: another test's late packets must not find our ports
		rtp = random.randrange(10000, 32000, 400)
		lines = [f'sip_listen {listen}:{self.port}', f'net_interface {interface or self.ip}', f'module_path {place}', 'call_max_calls 16',
			 'call_local_timeout 120', 'audio_player alsa,spctl:none', 'audio_source alsa,spctl:none',
			 'audio_path /nonexistent', 'ringback_disabled yes', f'rtp_ports {rtp}-{rtp + 398}', 'rtp_timeout 0',
			 'call_hold_other_calls no', 'sip_verify_server no', 'audio_buffer 40-160', 'jitter_buffer_delay 1-10',
			 'statmode_default off']
		lines += [f'module {name}.so' for name in modules]
		lines += ['module_app spctl.so'] + [f'module_app {os.path.basename(path)}' for path in apps]
		with open(os.path.join(self.folder, 'config'), 'w') as file:
			file.write('\n'.join(lines + list(config)) + '\n')

	def _environment(self, theirs, control, guard, more):
		env = {'PATH': os.environ['PATH'], 'SPCTL_AUDIO': self.audio, 'ALSA_PLUGIN_DIR': LIB,
			   'ALSA_CONFIG_PATH': os.path.join(ROOT, 'share', 'asound.conf')}
		if control:
			env['SPCTL_CONTROL'] = f'fd:{theirs.fileno()}' if control == 'fd' else control
		preload = preloads() if guard else preloads()[:-1]
		if preload:
			env['LD_PRELOAD'] = ' '.join(preload)
		if is_sanitized(os.path.join(LIB, 'spctl.so')):
			env['ASAN_OPTIONS'] = 'detect_leaks=0:abort_on_error=1'     # baresip is not ours to mend
		env.update(more)
		return env

	def _read(self):
		rest = b''
		while True:
			try:
				data = self.socket.recv(65536)
			except OSError:
				data = b''
			if not data:
				break
			*lines, rest = (rest + data).split(b'\n')
			for line in lines:
				self.put(json.loads(line.decode('utf-8', 'strict')))
		with self.changed:
			self.closed = True
			self.changed.notify_all()

	def send(self, *messages):
		"""Several commands in one write."""
		self.socket.sendall(b''.join(json.dumps(m).encode() + b'\n' for m in messages))

	def answer(self, number, timeout=PATIENCE):
		with self.changed:
			self.changed.wait_for(lambda: number in self.answers or self.closed, timeout)
			if number not in self.answers:
				raise TimeoutError(f'no answer to {number}; the log ends with {self.log()[-800:]}')
			return self.answers.pop(number)

	def ask(self, what, **members):
		"""The answer, whatever it is."""
		self.sequence += 1
		self.send(dict(members, id=self.sequence, do=what))
		return self.answer(self.sequence)

	def do(self, what, **members):
		answer = self.ask(what, **members)
		assert answer['ok'], (what, members, answer)
		return answer

	def refused(self, what, **members):
		"""The sentence of a command that must fail."""
		answer = self.ask(what, **members)
		assert not answer['ok'], (what, members, answer)
		return answer['error']

	def line(self, name='a', aor=None, **members):
		return self.do('line_create', line=name, aor=aor or f'sip:{name}@{self.host}', **members)

	def dial(self, to, line='a'):
		"""Dials and waits until the call is up."""
		call = self.do('dial', line=line, to=to)
		self.wait('up', call=call['call'])
		return call

	def close_control(self):
		"""What the phone sees of an engine that has died."""
		self.socket.shutdown(socket.SHUT_RDWR)

	def log(self):
		with open(self.log_path, errors='replace') as file:
			return file.read()

	def inspect(self, what):
		"""A file of /proc/PID."""
		with open(f'/proc/{self.process.pid}/{what}') as file:
			return file.read()

	def files(self):
		"""What is in the files of the phone's folder."""
		for folder, _, names in os.walk(self.folder):
			for name in names:
				path = os.path.join(folder, name)
				if os.path.isfile(path) and not os.path.islink(path):
					with open(path, 'rb') as file:
						yield file.read()

	def alive(self):
		return self.process.poll() is None

	def cpu_seconds(self):
		fields = self.inspect('stat').rsplit(')', 1)[1].split()
		return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

	def rss_kb(self):
		return int(re.search(r'VmRSS:\s+(\d+)', self.inspect('status'))[1])

	def end(self, timeout=PATIENCE):
		"""Ends as the engine would have it; the exit status.  How long that may take is for test_life.py to judge."""
		if self.alive():
			try:
				self.send({'id': 0, 'do': 'quit'})
			except OSError:
				self.process.terminate()
		return self.process.wait(timeout)

	def stop(self):
		if self.alive():
			try:
				self.end()
			except subprocess.TimeoutExpired:
				self.process.send_signal(signal.SIGKILL)
				self.process.wait()
		self.socket.close()
		shutil.rmtree(self.folder, ignore_errors=True)
		atexit.unregister(self.stop)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stop()


class Heard:
	"""Sound with the time it came."""

	def __init__(self):
		self.blocks = []
		self.changed = threading.Condition()

	def add(self, samples, when=None):
		"""when: time.time() of its coming, where that is known better than by now."""
		with self.changed:
			self.blocks.append((when or time.time(), samples))
			self.changed.notify_all()

	def since(self, start, end=float('inf')):
		parts = []
		for t, samples in reversed(list(self.blocks)):
			if t < start:
				break
			if t < end:
				parts.append(samples)
		return np.concatenate(parts[::-1]) if parts else np.zeros(0)

	def listen(self, seconds=0.5, skip=0.1, timeout=PATIENCE, rate=8000):
		"""The next so many seconds of it, after skipping some; less (or nothing) when no more comes."""
		start = time.time() + skip
		wanted = int(seconds * rate)
		with self.changed:
			self.changed.wait_for(lambda: len(self.since(start)) >= wanted, timeout)
		return self.since(start)[:wanted]

	def is_silent(self, seconds=0.5, skip=0.15):
		"""True when nothing at all, or nothing but zeros, comes in that time.  What was on its way may still come: this is for
		what was silent before, and stays so."""
		return np.abs(self.listen(seconds, skip, timeout=seconds + skip + 0.1)).max(initial=0) < 30

	def falls_silent(self, timeout=PATIENCE):
		"""True once it is silent for half a second: what was on its way comes first."""
		return comes_about(self.is_silent, timeout)

	def has(self, freq, seconds=0.5, skip=0.1, timeout=PATIENCE):
		"""True once that tone, and nothing else, is heard for so long.  Where the machine let somebody stand still there is a gap,
		and what comes behind it is heard instead."""
		end = time.time() + timeout
		while not is_tone(self.listen(seconds, skip, max(0.1, end - time.time())), freq):
			if time.time() > end:
				return False
			skip = 0
		return True


class Sound:
	"""The other end of the ALSA plugin (src/proto/audio.h): sends each slot a tone and keeps what each slot plays."""
	TONES = (400, 500, 620, 740, 860, 300, 350, 450)

	def __init__(self, path, tones=TONES):
		self.tones = tones
		self.heard = [Heard() for _ in tones]
		self.opened = []                # (time, 'source' or 'player', slot, rate)
		self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		self._listener.bind(path)
		self._listener.listen(32)
		self._streams = {}
		self._phase = [0] * len(tones)
		threading.Thread(target=self._run, daemon=True).start()

	def _accept(self):
		stream, _ = self._listener.accept()
		hello = stream.recv(64)
		if not hello:
			stream.close()                  # it has gone again
			return
		magic, direction, slot, rate, channels, block = struct.unpack('<4s5i', hello)
		assert magic == b'SP1\0' and channels == 1, (magic, channels)
		stream.setblocking(False)
		self.opened.append((time.time(), 'source' if direction else 'player', slot, rate))
		self._streams[stream] = [bool(direction), slot, rate, block, 0]

	def _tone(self, slot, rate, count):
		t = (np.arange(count) + self._phase[slot]) / rate
		self._phase[slot] += count
		return (np.sin(2 * np.pi * self.tones[slot] * t) * 8000).astype('<i2').tobytes()

	def _serve(self, stream, state):
		is_source, slot, rate, block, due = state
		due += rate // 100
		while due >= block:
			stream.send(self._tone(slot, rate, block) if is_source else b'p')
			due -= block
		state[4] = due

	def _run(self):
		tick = time.time()
		while True:
			tick += 0.01
			while True:
				ready, _, _ = select.select([self._listener, *self._streams], [], [], max(0, tick - time.time()))
				for stream in ready:
					self._receive(stream)
				if not ready:
					break
			for stream, state in list(self._streams.items()):
				try:
					self._serve(stream, state)
				except BlockingIOError:
					pass
				except OSError:
					self._drop(stream)

	def _receive(self, stream):
		if stream is self._listener:
			self._accept()
			return
		try:
			data = stream.recv(65536)
		except OSError:
			data = b''
		if data:
			self.heard[self._streams[stream][1]].add(np.frombuffer(data, '<i2'))
		else:
			self._drop(stream)

	def _drop(self, stream):
		self._streams.pop(stream, None)
		stream.close()


def spectrum(pcm, rate=8000):
	"""(the strongest tone in Hz, its level in dBFS, how far below it the strongest thing elsewhere lies in dB).

	Harmonics are left out of "elsewhere".  (0, -99, 0) for silence."""
	pcm = np.asarray(pcm, float)
	if len(pcm) < rate // 5 or np.abs(pcm).max() < 30:
		return 0, -99.0, 0.0
	window = np.hanning(len(pcm))
	level = np.abs(np.fft.rfft(pcm * window)) / window.sum() * 2 / 32768
	hz = np.fft.rfftfreq(len(pcm), 1 / rate)
	strongest = level.argmax()
	elsewhere = hz > 120
	for k in range(1, 10):
		for harmonic in (k * hz[strongest], abs(rate - k * hz[strongest])):
			elsewhere &= np.abs(hz - harmonic) > 40
	decibel = lambda value: 20 * np.log10(value + 1e-9)
	clear = decibel(level[strongest]) - decibel(level[elsewhere].max())
	return round(float(hz[strongest])), round(float(decibel(level[strongest])), 1), round(float(clear), 1)


def is_tone(pcm, freq, rate=8000):
	"""True when that tone, and nothing else within 25 dB, is heard."""
	found, _, clear = spectrum(pcm, rate)
	return abs(found - freq) <= 6 and clear > 25


class Lateness:
	"""How long this machine keeps its processes waiting, by a thread that wants to wake every 10 ms."""

	def __init__(self):
		self._late, self._due, self._over = 0, time.monotonic(), threading.Event()
		self._thread = threading.Thread(target=self._run, daemon=True)
		self._thread.start()

	def _run(self):
		while not self._over.wait(0.01):
			now = time.monotonic()
			self._late += max(0, now - self._due - 0.015)
			self._due = now

	def late_s(self):
		"""The seconds that were lost until now, delays of some milliseconds left out."""
		return self._late + max(0, time.monotonic() - self._due - 0.015)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self._over.set()
		self._thread.join()


def comes_about(condition, timeout=PATIENCE):
	"""The same as a check's condition: its value, or False when it does not come about."""
	try:
		return eventually(condition, timeout)
	except TimeoutError:
		return False


def eventually(condition, timeout=PATIENCE, what='condition'):
	"""Waits for something that has no event of its own, and gives its value."""
	end = time.time() + timeout
	while True:
		value = condition()
		if value:
			return value
		if time.time() > end:
			raise TimeoutError(f'{what} did not come about')
		time.sleep(0.01)
