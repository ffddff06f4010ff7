#!/usr/bin/python3
"""spctl-media with a played plugin: tones both ways, who hears whom, files as microphone, commands that are wrong."""
import json
import os
import time

import numpy as np

from station import Far, Media, calmly, go_first, tone, write_wav
import spectrum
import tap

TONES = 437, 613, 853, 1013


def hears(far, wanted, absent=(), seconds=0.6):
	"""True when the far end hears all of the tones wanted, none of the others, and nothing else."""
	sound = calmly(lambda: far.listen(seconds, skip=0.2))
	levels = {freq: spectrum.level_at(sound, far.rate, freq) for freq in (*wanted, *absent)}
	good = all(levels[f] > -20 for f in wanted) and all(levels[f] < -55 for f in absent)
	if not wanted:
		good &= np.abs(sound).max() < 1e-3
	if not good:
		tap.note(f"slot {far.slot} hears {levels}")
	return good


def rates(media):
	"""Slot 0's far end at each rate that a codec may have, and in stereo; what it says goes to slot 1 through a bridge."""
	other = Far(media, 1, TONES[1], rate=8000)
	media.do("bridge", slots=[0, 1])
	for rate, channels in (8000, 1), (16000, 1), (48000, 1), (48000, 2), (24000, 1), (44100, 1), (11025, 1):
		far = Far(media, 0, TONES[0], rate=rate, channels=channels)
		there, back = calmly(lambda: (far.listen(1.0, skip=0.3), other.listen(1.0, skip=0)))
		hz, db, clear = spectrum.strongest(there, rate)
		tap.check(f"{rate} Hz {channels} ch: the tone arrives there alone and as loud",
				  abs(hz - TONES[1]) < 2 and abs(db + 12) < 0.5 and clear > 50, (hz, db, clear))
		hz, db, clear = spectrum.strongest(back, 8000)
		tap.check(f"{rate} Hz {channels} ch: its own arrives here alone and as loud",
				  abs(hz - TONES[0]) < 2 and abs(db + 12) < 0.5 and clear > 50, (hz, db, clear))
		tap.equal(f"{rate} Hz {channels} ch: without a gap or a jump",
				  [(spectrum.longest_gap(x, r, f), spectrum.jumps(x, r, f)) for x, r, f in ((there, rate, TONES[1]), (back, 8000, TONES[0]))],
				  [(0, 0), (0, 0)])
		far.close()
		media.wait("stream_closed", slot=0, dir="capture")
		media.events.clear()
	other.close()
	media.do("call_stop", slot=0)
	media.do("call_stop", slot=1)


def n_minus_one(media):
	far = [Far(media, slot, TONES[slot]) for slot in range(4)]
	media.do("bridge", slots=[0, 1, 2])
	for slot in range(3):
		others = [TONES[n] for n in range(3) if n != slot]
		tap.check(f"slot {slot} of three hears both others and not itself", hears(far[slot], others, (TONES[slot], TONES[3])))
	tap.check("a fourth call hears none of them", hears(far[3], (), TONES))
	media.do("bridge", slots=[1, 2])
	tap.check("who leaves the bridge hears nobody", hears(far[0], (), TONES))
	tap.check("and is not heard", hears(far[1], [TONES[2]], (TONES[0], TONES[1], TONES[3])))
	media.do("bridge", slots=[])
	tap.check("without a bridge nobody hears another", all([hears(f, (), TONES) for f in far]))
	loud = [Far(media, slot, TONES[slot], level=0.95) for slot in range(3)]
	media.do("bridge", slots=[0, 1, 2])
	sound = calmly(lambda: loud[0].listen(1.0, skip=0.5))
	tap.check("two loud ones together are not clipped", 0.8 < np.abs(sound).max() < 0.999, np.abs(sound).max())
	media.do("bridge", slots=[])
	for f in far + loud:
		f.close()
	for slot in range(4):
		media.do("call_stop", slot=slot)


def files(media):
	far, aside = Far(media, 0, TONES[0]), Far(media, 1, TONES[1])
	for rate, channels in (8000, 1), (44100, 2), (48000, 1), (96000, 1):
		sound = tone(TONES[2], 2, rate)
		path = write_wav(media.path(f"{rate}.wav"), sound if channels == 1 else np.stack([sound] * channels, 1), rate)

		def played():
			start = far.count()
			media.events.clear()
			media.do("play", slot=0, path=path)
			media.wait("play_end", slot=0)
			far.listen(0.1)
			return far.heard(start)
		heard = calmly(played)
		sounding = np.flatnonzero(np.abs(heard) > 0.05)
		length = (sounding[-1] - sounding[0]) / far.rate if len(sounding) else 0
		hz, db, clear = spectrum.strongest(heard[sounding[0]:sounding[-1]], far.rate)
		tap.check(f"a file of {rate} Hz, {channels} channels is heard once, whole and clean",
				  abs(length - 2) < 0.02 and abs(hz - TONES[2]) < 2 and abs(db + 12) < 0.5 and clear > 50, (length, hz, db, clear))
	tap.check("and then there is silence", hears(far, (), TONES))
	tap.check("the other call heard nothing of it", np.abs(aside.heard()).max() == 0)
	path = write_wav(media.path("long.wav"), tone(TONES[2], 20, 8000), 8000)
	media.do("play", slot=0, path=path)
	tap.check("a file begins anew", hears(far, [TONES[2]]))
	media.do("mute", slot=0, on=True)
	tap.check("muted, it is not heard", hears(far, (), TONES))
	media.do("mute", slot=0, on=False)
	tap.check("and goes on", hears(far, [TONES[2]]))
	media.do("call_start", slot=0)
	tap.check("a new call does not inherit the file", hears(far, (), TONES))
	media.do("call_stop", slot=0)
	far.close()
	media.do("call_start", slot=0, play=path)
	time.sleep(0.3)
	far = Far(media, 0, TONES[0])
	sound = far.listen(1.0, skip=0)
	tap.check("a file waits until somebody hears it", np.abs(sound[:1600]).max() > 0.2, np.abs(sound[:1600]).max())
	media.do("call_stop", slot=0)
	for f in far, aside:
		f.close()


def wrong(media):
	missing = media.path("missing.wav")
	cases = [
		(dict(do="play", slot=0, path=missing), "No such file"), (dict(do="call_start", slot=0, play=missing), "No such file"),
		(dict(do="play", slot=0, path="/dev/zero"), "not a regular file"), (dict(do="play", slot=8, path=missing), "slot is wrong"),
		(dict(do="play", slot=-1, path=missing), "slot is wrong"), (dict(do="play", slot="0", path=missing), "slot is wrong"),
		(dict(do="play", slot=0, path="relative.wav"), "path is wrong"), (dict(do="play", slot=0), "missing"),
		(dict(do="play", path=missing), "missing"), (dict(do="ring", kind="loud"), '"loud"'), (dict(do="ring"), "missing"),
		(dict(do="ring", kind=1), "kind is wrong"), (dict(do="bridge", slots=[0, 8]), "slots is wrong"), (dict(do="bridge", slots=1), "slots is wrong"),
		(dict(do="mute", slot=0, on=1), "on is wrong"), (dict(do="focus", slot=0, on=True), "takes no on"), (dict(do="dance"), "no command"),
		(dict(), "no command"), (dict(do=7), "no command"), (dict(do="record_stop", slot=3), "not being recorded"),
	]
	for members, sentence in cases:
		media.sequence += 1
		media.socket.sendall(json.dumps(dict(members, id=media.sequence)).encode() + b"\n")
		answer = media.answer(media.sequence)
		tap.check(f"{members} is refused with a sentence", not answer["ok"] and sentence in answer["error"], answer)
	media.socket.sendall(b'not json\n[]\n{"do":"stats","slot":0}\n\n{"id":"x","do":"quit"}\n')
	tap.check("lines that are no commands are passed over", media.do("stats", slot=0)["ok"])


def second_of_rest(media):
	"""What it uses of the processor in a second, in seconds."""
	before = media.cpu_seconds()
	time.sleep(1)
	return media.cpu_seconds() - before


@tap.main
def test():
	go_first()
	with Media() as media:
		tap.equal("it is ready", media.events[0]["event"], "ready")
		tap.equal("its socket is for its user alone", os.stat(media.audio).st_mode & 0o777, 0o600)
		rates(media)
		n_minus_one(media)
		files(media)
		wrong(media)
		stats = media.do("stats", slot=0)
		tap.note(stats)
		used = [second_of_rest(media) for _ in range(2)]        # what ended just now may still be put away in the first
		tap.check("without a call it sleeps", used[1] <= 0.01, used)
		tap.equal("it ends with 0 when the engine is gone", media.end(), 0)
		tap.check("and takes its socket away", not os.path.exists(media.audio))
		tap.equal("it had nothing to say on its log but the lines without an id", media.log().count("\n"), 5)
