#!/usr/bin/python3
"""A call of 30 s between two stock baresips, each with our plugin and a spctl-media of its own, with two `while :` loops
beside: each plays a tone and records, and what arrives is looked at in frames of 5 ms."""
import atexit
import os
import subprocess
import tempfile
import time

from station import LIB, ROOT, Load, Media, Witness, tone, write_wav
from rig import BARESIP_MODULES, Phone, loopback, preloads
import spectrum
import tap

SECONDS = 30
TONES = 613, 437                # no whole number of periods in a packet: a lost or doubled one shows
GAP_MS = 20
HELD_MS = 40                    # what the buffers below hold.  Where the machine itself keeps a process from running for longer,
				# that is how long a gap may be
BUFFERS = {"audio_buffer": "40-160", "jitter_buffer_delay": "1-10"}


def set_buffers(path):
	with open(path) as file:
		lines = [line for line in file.read().splitlines() if line.split(" ")[0] not in BUFFERS]
	with open(path, "w") as file:
		file.write("\n".join(lines + [f"{key} {value}" for key, value in BUFFERS.items()]) + "\n")


class Agent(Phone):
	def _write_config(self, *args):
		super()._write_config(*args)
		set_buffers(os.path.join(self.folder, "config"))


class FarEnd:
	"""A stock baresip without our module: it answers everything, its sound card is our plugin."""

	def __init__(self, media):
		self.ip = loopback()
		self.folder = tempfile.mkdtemp(prefix="far-", dir=media.folder)
		with open(os.path.join(self.folder, "config"), "w") as file:
			file.write("\n".join([
				f"sip_listen {self.ip}:5060", f"net_interface {self.ip}", f"module_path {BARESIP_MODULES}", "audio_path /nonexistent",
				"audio_player alsa,spctl:0", "audio_source alsa,spctl:0", "rtp_ports 31000-31400", "ringback_disabled yes",
				"module g711.so", "module alsa.so", "module_app account.so", ""]))
		set_buffers(os.path.join(self.folder, "config"))
		with open(os.path.join(self.folder, "accounts"), "w") as file:
			file.write(f"<sip:far@{self.ip}>;regint=0;answermode=auto\n")
		with open(os.path.join(self.folder, "log"), "w") as log:
			self.process = subprocess.Popen(
				["baresip", "-f", self.folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd="/",
				env={"PATH": os.environ["PATH"], "SPCTL_AUDIO": media.audio, "ALSA_PLUGIN_DIR": LIB, "ASAN_OPTIONS": "detect_leaks=0",
					 "ALSA_CONFIG_PATH": os.path.join(ROOT, "share", "asound.conf"), "LD_PRELOAD": " ".join(preloads()[:-1])})
		while b"ready" not in (line := self.process.stdout.readline()):
			assert line, "baresip did not start"

	def stop(self):
		self.process.kill()
		self.process.wait()


def judge(name, path, channel, freq, gap_ms):
	samples, rate = spectrum.load(path)
	part = samples[rate // 2:-rate // 5, channel]
	told = spectrum.describe(part, rate, freq)
	tap.note(f"{name}: {told}")
	tap.check(f"{name}: the tone is heard alone", abs(told["hz"] - freq) < 2 and told["clear_db"] > 25, told)
	tap.check(f"{name}: for {SECONDS} s", told["seconds"] > SECONDS - 1, told)
	tap.check(f"{name}: no gap is longer than {gap_ms:.0f} ms", told["gap_ms"] <= gap_ms, told)
	return told


@tap.main
def test():
	with Media() as there, Agent() as phone, Media(audio=phone.audio) as here:
		far = FarEnd(there)
		atexit.register(far.stop)
		medias = here, there
		for media, freq in zip(medias, TONES):
			media.do("play", slot=0, path=write_wav(media.path("tone.wav"), tone(freq, SECONDS + 10, 8000), 8000))
		phone.line()
		phone.dial(f"sip:far@{far.ip}")
		for media in medias:
			media.wait("stream_open", nth=2)
			media.do("record_start", slot=0, path=media.path("call.flac"))
		with Load(2), Witness() as witness:
			before = [p() for p in (here.cpu_seconds, there.cpu_seconds, phone.cpu_seconds)]
			time.sleep(SECONDS)
			after = [p() for p in (here.cpu_seconds, there.cpu_seconds, phone.cpu_seconds)]
			worst = witness.worst_ms()
		gap_ms = GAP_MS if worst < HELD_MS else worst
		tap.note(f"a process had to wait for {worst:.0f} ms at worst")
		tap.note("per cent of a core: two spctl-media and the phone: "
				 + ", ".join(f"{(b - a) / SECONDS * 100:.1f}" for a, b in zip(before, after)))
		for media in medias:
			stats = media.do("stats", slot=0)
			tap.note(f"late steps {stats['late']}, given up {stats['skipped']}, {stats['playback']}, {stats['capture']}")
			lost = stats["skipped"], stats["playback"]["under"], stats["playback"]["over"], stats["capture"]["over"]
			if worst < HELD_MS:
				tap.equal("no step was given up and no block lost", lost, (0, 0, 0, 0))
			media.do("record_stop", slot=0)
		for name, media, sent, heard in ("here", here, *TONES), ("there", there, *TONES[::-1]):
			told = judge(f"{name}, what is sent", media.path("call.flac"), 0, sent, gap_ms)
			if worst < HELD_MS:
				tap.equal(f"{name}, what is sent: nothing dropped, nothing doubled", (told["gap_ms"], told["jumps"]), (0, 0))
			judge(f"{name}, what is heard", media.path("call.flac"), 1, heard, gap_ms)
		far.stop()
