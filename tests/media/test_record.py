#!/usr/bin/python3
"""Recordings of spctl-media: who is on which side, the announcement, kills, full disks, files that are there already."""
import os
import resource
import signal
import subprocess
import time

import numpy as np

from station import CALM_MS, PATIENCE, ROOT, Far, Media, Witness, calmly, go_first, tone, write_wav
from rig import Lateness
import spectrum
import tap

AGENT, FAR, OTHER = 613, 437, 853
ANNOUNCEMENT = os.path.join(ROOT, "share", "sounds", "announcement.wav")


def start(media, slot=0, **members):
	"""A call whose agent is a file, and its far end."""
	path = write_wav(media.path("agent.wav"), tone(AGENT, 60, 8000), 8000)
	media.do("call_start", slot=slot, play=path, **members)
	return Far(media, slot, FAR)


def both_sides(name, path, least, most, worst_ms=0):
	"""Whether the recording is of least to most seconds, and has both sides; no gap where no process had to wait for long."""
	tell(sides(name, path, least, most, worst_ms))


def tell(results):
	for result in results:
		tap.check(*result)


def until_good(measure):
	"""The results of measure(), again where one is bad: the thread that reads a file that is played, and the one that writes, are
	ordinary ones, whom a busy machine keeps waiting without a witness."""
	for _ in range(3):
		results = measure()
		if all(good for _, good, _ in results):
			break
	return results


def sides(name, path, least, most, worst_ms):
	"""[(what, whether it is so, detail)]"""
	samples, rate = spectrum.load(path)
	seconds = len(samples) / rate
	results = [(f"{name}: it is as long as the call", least - 0.3 < seconds < most + 0.3, (least, seconds, most))]
	part = samples[rate // 2:-rate // 10]
	calm = worst_ms < CALM_MS
	if not calm:
		tap.note(f"{name}: a process had to wait for {worst_ms:.0f} ms")
	for channel, freq, foreign in (0, AGENT, FAR), (1, FAR, AGENT):
		hz, db, clear = spectrum.strongest(part[:, channel], rate)
		stray = spectrum.level_at(part[:, channel], rate, foreign)
		alone = abs(db + 12) < 0.5 and stray < -70 if calm else abs(db + 12) < 6 and stray < -35
		results.append((f"{name}: the {('left', 'right')[channel]} side is the {('agent', 'far end')[channel]} alone, as loud as it was",
				hz is not None and abs(hz - freq) < 2 and alone, (hz, db, clear, stray)))
		found = spectrum.longest_gap(part[:, channel], rate, freq), spectrum.jumps(part[:, channel], rate, freq)
		results.append((f"{name}: without a gap or a jump", found == (0, 0) if calm else found[0] <= worst_ms + 100, found))
	return results


def plain(media, witness):
	for kind in "flac", "wav":
		tell(until_good(lambda kind=kind: plain_one(media, witness, kind)))


def plain_one(media, witness, kind):
	far = start(media)
	far.listen(0.2)
	path = media.path(f"plain-{time.monotonic_ns()}.{kind}")
	witness.worst_ms()
	asked = time.monotonic()
	media.do("record_start", slot=0, path=path)
	begun = time.monotonic()
	mode = os.stat(path).st_mode & 0o7777
	second = media.ask("record_start", slot=0, path=media.path("second"))["error"]
	far.listen(2.5)
	least = time.monotonic() - begun
	answer = media.do("record_stop", slot=0)
	most, worst = time.monotonic() - asked, witness.worst_ms()
	media.do("call_stop", slot=0)
	far.close()
	frames = len(spectrum.load(path)[0])
	return [(f"{kind}: the file is for its user alone", mode == 0o600, oct(mode)),
		(f"{kind}: a second recording of the same call is refused", "already" in second, second),
		(f"{kind}: the answer tells its length", answer["frames"] == frames, (answer, frames)), *sides(kind, path, least, most, worst)]


def announced(media):
	far = start(media)
	far.listen(0.2)

	def announce():
		"""What the far side hears, and the recording."""
		start_at, path = far.count(), media.path(f"announced-{far.count()}.flac")
		media.do("record_start", slot=0, path=path, announce=ANNOUNCEMENT)
		far.listen(3)
		media.do("record_stop", slot=0)
		return far.heard(start_at), *spectrum.load(path)
	heard, samples, rate_recorded = calmly(announce)
	said, rate = spectrum.load(ANNOUNCEMENT)

	def likeness(sound, sound_rate):
		"""The highest correlation with the announcement, both at 8 kHz, the agent's tone taken out."""
		a = said[:len(said) // 2 * 2, 0].reshape(-1, 2).mean(axis=1) if rate == 16000 else said[:, 0]
		b = sound[:len(sound) // 2 * 2].reshape(-1, 2).mean(axis=1) if sound_rate == 16000 else sound
		size = 1 << (len(a) + len(b)).bit_length()
		spectrum_b = np.fft.rfft(b, size)
		hz = np.fft.rfftfreq(size, 1 / 8000)
		spectrum_b[np.abs(hz - AGENT) < 12] = 0
		found = np.abs(np.fft.irfft(spectrum_b * np.conj(np.fft.rfft(a, size)), size)).max()
		return found / (np.linalg.norm(a) * np.linalg.norm(np.fft.irfft(spectrum_b, size)))

	tap.check("the far side hears the announcement", likeness(heard, 8000) > 0.7, likeness(heard, 8000))
	tap.check("it is on the recording's left side", likeness(samples[:, 0], rate_recorded) > 0.7, likeness(samples[:, 0], rate_recorded))
	tap.check("and not on its right", likeness(samples[:, 1], rate_recorded) < 0.2, likeness(samples[:, 1], rate_recorded))
	media.do("record_start", slot=0, path=media.path("unannounced.flac"), announce=media.path("missing.wav"))
	event = media.wait("record_error", slot=0)
	far.listen(0.3)
	tap.check("an announcement that is missing is told, and the recording goes on",
			  "missing.wav" in event["text"] and media.do("record_stop", slot=0)["frames"] > 0, event)
	media.do("call_stop", slot=0)
	far.close()


def call_begins_with_record(media, witness):
	path = media.path("whole.flac")
	witness.worst_ms()
	far = start(media, record=path)
	far.listen(1.5)
	answer = media.do("call_stop", slot=0)
	seconds = answer["frames"] / answer["rate"]
	both_sides("a call recorded from its beginning", path, seconds, seconds, witness.worst_ms())
	far.close()


def held(media, witness):
	"""While nothing is sent to the far side, the agent is not on the record."""
	far = start(media)
	path = media.path("held.flac")
	media.do("record_start", slot=0, path=path)
	far.listen(1)
	closed = len(media.matching("stream_closed", slot=0, dir="capture"))
	far.source.shutdown(2)
	media.wait("stream_closed", slot=0, dir="capture", nth=closed + 1)
	time.sleep(1)
	media.do("record_stop", slot=0)
	samples, rate = spectrum.load(path)
	tap.check("on hold the left side is silent", np.abs(samples[-rate // 2:, 0]).max() < 1e-3)
	level = spectrum.level_at(samples[-rate // 2:, 1], rate, FAR)
	tap.check("and the right side goes on", level > (-13 if witness.worst_ms() < CALM_MS else -30), level)
	media.do("call_stop", slot=0)
	far.close()


def refused(media):
	far = start(media)
	os.symlink("/dev/null", media.path("link.flac"))
	for name in "agent.wav", "link.flac", "no/folder.flac":
		answer = media.ask("record_start", slot=0, path=media.path(name))
		tap.check(f"a recording at {name} is refused", not answer["ok"] and name in answer["error"], answer)
	media.do("call_start", slot=0, record=media.path("agent.wav"))
	tap.check("for a call that begins it is told", "File exists" in media.wait("record_error", nth=2, slot=0)["text"])
	tap.check("what was there is untouched", os.path.getsize(media.path("agent.wav")) == 44 + 60 * 16000)
	media.do("call_stop", slot=0)
	far.close()


def full_disk(media):
	far = start(media)
	media.events.clear()
	resource.prlimit(media.process.pid, resource.RLIMIT_FSIZE, (30000, resource.RLIM_INFINITY))
	path = media.path("full.flac")
	media.do("record_start", slot=0, path=path)
	event = media.wait("record_error", slot=0)
	resource.prlimit(media.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
	tap.check("a full disk is told", "File too large" in event["text"] and path in event["text"], event)
	sound = calmly(lambda: far.listen(1))
	tap.equal("and the call goes on without a gap", spectrum.longest_gap(sound, far.rate, AGENT), 0)
	tap.check("the recording has ended", "not being recorded" in media.ask("record_stop", slot=0)["error"])
	media.do("record_start", slot=0, path=media.path("after.flac"))
	far.listen(0.5)
	tap.check("and can be begun anew", media.do("record_stop", slot=0)["frames"] > 6000)
	media.do("call_stop", slot=0)
	far.close()


def told_at_once(media, path, fill):
	"""The disk is full from fill() on: how long it takes until that is told."""
	far = start(media)
	media.events.clear()
	media.do("record_start", slot=0, path=path)
	far.listen(1)
	fill()
	with Lateness() as machine:
		begun = time.monotonic()
		event = media.wait("record_error", slot=0)
		took = event["t"] - begun - machine.late_s()
	media.do("call_stop", slot=0)
	far.close()
	return event, took


def disk_fills(media):
	"""Space runs out, the limit on a file is reached, in the middle of a recording."""
	path = media.path("filling.flac")
	event, took = told_at_once(media, path, lambda: resource.prlimit(
		media.process.pid, resource.RLIMIT_FSIZE, (os.path.getsize(path), resource.RLIM_INFINITY)))
	resource.prlimit(media.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
	tap.check("a file that cannot grow is told within a second, as the recording's end", event["ended"] and took < 1, (event, took))
	folder = media.path("small")
	os.mkdir(folder)
	if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", folder], stderr=subprocess.DEVNULL).returncode:
		tap.skip("a full disk is told within a second, as the recording's end", "nothing can be mounted here")
		return
	try:
		def fill():
			with open(os.path.join(folder, "fill"), "wb", 0) as file:
				try:
					while file.write(bytes(4096)):
						pass
				except OSError:
					pass
		event, took = told_at_once(media, os.path.join(folder, "call.flac"), fill)
		tap.check("a full disk is told within a second, as the recording's end",
				  event["ended"] and took < 1 and "No space left" in event["text"], (event, took))
		event = media.ask("record_start", slot=0, path=os.path.join(folder, "next.flac"))
		tap.check("where there is no room none begins", not event["ok"] or media.wait("record_error", nth=2, slot=0), event)
	finally:
		subprocess.run(["umount", "-l", folder], check=False)


def ends():
	"""The engine goes, a signal comes, a crash."""
	for what in "engine", "signal", "quit", "kill":
		tell(until_good(lambda what=what: ends_one(what)))


def end_by(media, what):
	"""(what should come of it, whether it did)"""
	if what == "engine":
		return "the engine gone, it ends with 0", media.end() == 0
	if what == "signal":
		media.process.send_signal(signal.SIGTERM)
		return "on SIGTERM it ends with 0", media.process.wait(PATIENCE) == 0
	if what == "quit":
		return "quit is answered at the end", media.do("quit") and media.process.wait(PATIENCE) == 0
	media.kill()
	return "kill: it is gone", True


def ends_one(what):
	with Media() as media, Witness() as witness:
		path = media.path("end.flac")
		asked = time.monotonic()
		far = start(media, record=path)
		begun = time.monotonic()
		far.listen(3)
		least = time.monotonic() - begun
		name, good = end_by(media, what)
		most, worst = time.monotonic() - asked, witness.worst_ms()
		if what != "kill":
			return [(name, good, media.process.returncode), *sides(f"{what}: the recording is whole", path, least, most, worst)]
		samples, rate = spectrum.load(path)
		late = 0 if worst < CALM_MS else worst / 1000
		clear = spectrum.strongest(samples[rate // 2:, 1], rate)[2]
		return [("killed, all but the last second is readable", len(samples) / rate > least - 1 - late, (len(samples) / rate, least, late)),
			("and sound", clear > (50 if worst < CALM_MS else 20), clear)]


@tap.main
def test():
	go_first()
	with Media() as media, Witness() as witness:
		plain(media, witness)
		announced(media)
		call_begins_with_record(media, witness)
		held(media, witness)
		refused(media)
		full_disk(media)
		disk_fills(media)
	ends()
