#!/usr/bin/python3
"""spctl-media and sound cards: none, one that drifts and hands over lumps, one that is unplugged and comes back, ringing.

The cards are pcm_fakecard.c, which has a clock of its own; no sound hardware is needed."""
import os
import signal
import time

import numpy as np

from card import MIC, Card, environment
from station import CALM_MS, Far, Media, Witness, calmly, go_first, tone, write_wav
from rig import Lateness, comes_about
import spectrum
import tap

FAR = 437
HELD_MS = 12                    # a machine that keeps processes waiting for longer may run a card dry
def loudness(tone_alone):
	"""dB of its peak, also where its pitch is not quite steady."""
	return 20 * np.log10(np.sqrt(2 * np.mean(tone_alone ** 2)))


def drift():
	"""Cards whose clocks differ from ours by more than any real one's, all at once."""
	cards = [Card(ppm=400, lump=480), Card(ppm=-400, lump=480), Card(ppm=200, lump=1024), Card(ppm=-300, lump=441, rate=44100, channels=1),
			 Card(ppm=100, lump=160, rate=16000, channels=1)]
	medias = [Media(device="auto", env=card.env) for card in cards]
	for media in medias:
		media.wait("device", state="ok")
	fars = [Far(media, 0, FAR) for media in medias]
	before = [media.cpu_seconds() for media in medias]
	fars[0].listen(3)
	starts = [(far.count(), len(card.played())) for far, card in zip(fars, cards)]
	with Witness() as witness:
		fars[0].listen(12, skip=0)
		worst = witness.worst_ms()
	tap.note(f"a process had to wait for {worst:.0f} ms at worst")
	gap_ms, most_jumps = (0, 0) if worst < HELD_MS else (100, 3)
	results = []
	for card, media, far, (start, start_played), cpu in zip(cards, medias, fars, starts, before):     # nothing is computed while they run
		results.append((card, far.heard(start), card.played()[start_played:], (media.cpu_seconds() - cpu) / 15 * 100, media.matching("device")))
		far.close()
	for media in medias:
		media.stop()
	for card, heard, played, cpu, said in results:
		name = card.name
		tap.note(f"{name}: {cpu:.1f} % of a core")
		for what, samples, rate, freq in ("the microphone", heard, 8000, MIC), ("the speaker", played, card.rate, FAR):
			told = spectrum.describe(samples, rate, freq)
			tap.check(f"{name}: {what} is heard with no gap over {gap_ms} ms and {most_jumps} jumps at most",
					  abs(told["hz"] - freq) < 2 and told["clear_db"] > 40 and told["gap_ms"] <= gap_ms and told["jumps"] <= most_jumps, told)
			tap.check(f"{name}: {what} is as loud as it was", abs(loudness(samples) + 12) < 0.3, loudness(samples))
		tap.check(f"{name}: the speaker played as long as the call took", abs(len(played) / card.rate - len(heard) / 8000) < 0.4,
				  (len(played) / card.rate, len(heard) / 8000))
		tap.equal(f"{name}: nothing more was said of it", len(said), 1)


def absent():
	card = Card(present=False)
	with Media(device="auto", env=card.env) as media:
		event = media.wait("device")
		tap.check("a card that is not there is told once, with a sentence",
				  event["state"] == "none" and event["name"] == "default" and "No such device" in event["text"], event)
		wav = write_wav(media.path("agent.wav"), tone(853, 10, 8000), 8000)
		far = Far(media, 0, FAR)
		tap.check("a call has silence for a microphone", np.abs(far.listen(0.5)).max() == 0)
		media.do("play", slot=0, path=wav)
		tap.equal("and files are heard without a gap", spectrum.longest_gap(calmly(lambda: far.listen(3)), 8000, 853), 0)
		tap.equal("looking for the card again is quiet", len(media.matching("device")), 1)
		media.do("call_start", slot=0)
		card.plug()
		event = media.wait("device", nth=2)
		tap.equal("plugged in, it is told", event["state"], "ok")
		tap.check("and heard", hears(far, MIC))
		far.close()


def unplugged():
	card = Card(lump=480)
	with Media(device="auto", env=card.env) as media, Witness() as witness:
		far = Far(media, 0, FAR)
		tap.check("the microphone is heard", hears(far, MIC))
		media.do("record_start", slot=0, path=media.path("call.flac"))
		for turn in 1, 2:
			card.plug(False)
			event = media.wait("device", nth=2 * turn)
			tap.check(f"unplugged ({turn}), it is told", event["state"] == "lost", event)
			tap.check(f"unplugged ({turn}), the far end hears silence", np.abs(far.listen(0.5, skip=0.3)).max() == 0)
			machine = Lateness()
			began = time.monotonic()
			card.plug()
			event = media.wait("device", nth=2 * turn + 1)
			tap.equal(f"plugged in again ({turn}), it is told", event["state"], "ok")
			tap.check(f"plugged in again ({turn}), within three seconds", event["t"] - began < 3 + machine.late_s(), event["t"] - began)
			tap.check(f"plugged in again ({turn}), the microphone is heard",
					  hears(far, MIC))
			played = calmly(lambda: card.wait_played(1)[card.rate // 3:])
			tap.check(f"plugged in again ({turn}), the speaker plays", spectrum.longest_gap(played, card.rate, FAR) == 0)
		media.do("record_stop", slot=0)
		worst = witness.worst_ms()
		samples, rate = spectrum.load(media.path("call.flac"))
		part = samples[rate // 2:, 1]
		found = spectrum.longest_gap(part, rate, FAR), spectrum.jumps(part, rate, FAR)
		tap.check("the far end's side of the recording has no gap and no jump", found == (0, 0) if worst < CALM_MS else found[0] <= worst + 100,
			  (found, worst))
		far.close()


def rests(card):
	"""True when it plays nothing for a while."""
	before = len(card.played())
	time.sleep(0.3)
	return len(card.played()) == before


def ringing():
	card = Card()
	with Media(device="auto", env=card.env) as media:
		media.wait("device", state="ok")
		tap.check("without a call the card is left alone", comes_about(lambda: rests(card)), len(card.played()))
		far = Far(media, 0, FAR)
		far.silent = True
		media.do("play", slot=0, path=write_wav(media.path("silence.wav"), np.zeros(80000), 8000))
		start = len(card.played())
		media.do("ring", kind="ringback")
		played = card.wait_played(3, start)[card.rate // 2:]
		levels = [spectrum.level_at(played[:card.rate], card.rate, hz) for hz in (440, 480)]
		tap.check("the card rings with 440 and 480 Hz", all(abs(db + 22) < 2 for db in levels), levels)
		tap.check("then pauses", np.abs(played[-card.rate // 2:]).max() < 1e-3)
		tap.check("the far end hears nothing of it", np.abs(far.heard()).max() == 0)
		start = len(card.played())
		media.do("ring", kind="incoming")
		played = card.wait_played(1.5, start)[card.rate // 2:]
		tap.check("an incoming call rings otherwise", spectrum.level_at(played, card.rate, 660) > -30)
		media.do("ring", kind="off")
		tap.check("off is silent", np.abs(card.wait_played(1)[card.rate // 2:]).max() < 1e-3)
		media.do("call_stop", slot=0)
		far.close()
		start = len(card.played())
		media.do("ring", kind="ringback")
		tap.check("it rings without a call, too", spectrum.level_at(card.wait_played(1.5, start)[card.rate // 2:card.rate], card.rate, 440) > -30)


def loud():
	"""Two loud calls, a ringing tone and a recording at once: limited, not clipped."""
	card = Card()
	with Media(device="auto", env=card.env) as media:
		media.wait("device", state="ok")
		fars = [Far(media, slot, freq, level=0.9) for slot, freq in ((0, FAR), (1, 853))]
		media.do("bridge", slots=[0, 1])
		media.do("ring", kind="ringback")
		media.do("preview", path=write_wav(media.path("loud.wav"), tone(1013, 5, 8000, level=0.9), 8000))
		peak = np.abs(card.wait_played(1.5)).max()
		tap.check("what the card plays is loud and not clipped", 0.8 < peak < 0.999, peak)
		for far in fars:
			far.close()


def standing_still():
	card = Card()
	with Media(device="auto", env=card.env) as media:
		far = Far(media, 0, FAR)
		far.listen(0.5)
		open(os.path.join(card.folder, "stuck"), "w").close()
		tap.equal("a card that stands still is given up", media.wait("device", state="lost")["state"], "lost")
		told = len(media.matching("device", state="ok"))
		os.unlink(os.path.join(card.folder, "stuck"))
		media.wait("device", state="ok", nth=told + 1)
		tap.check("and used again when it runs", hears(far, MIC))
		told = len(media.matching("device"))
		media.process.send_signal(signal.SIGSTOP)
		time.sleep(2.5)             # longer than a card may move nothing
		media.process.send_signal(signal.SIGCONT)
		tap.check("one that stood still because we did is not given up", hears(far, MIC) and len(media.matching("device")) == told,
				  media.matching("device"))
		far.close()


def hears(far, freq):
	"""True when the far end hears that tone, now."""
	return calmly(lambda: abs((spectrum.strongest(far.listen(0.4, skip=0.4), 8000)[0] or 0) - freq) < 2, good=bool)


def changed():
	"""Another card in the middle of a call, none, and names that are no cards."""
	first, second = Card(), Card(pcm="headset", tone=853)
	with Media(device="auto", env=environment(first, second)) as media:
		media.wait("device", state="ok", name="default")
		far = Far(media, 0, FAR)
		tap.check("the machine's own card is heard", hears(far, MIC))
		media.do("device", name="headset")
		tap.equal("another one is told", media.wait("device", name="headset")["state"], "ok")
		before = len(first.played())
		tap.check("and heard", hears(far, 853))
		tap.check("and plays", spectrum.longest_gap(calmly(lambda: second.wait_played(0.5)[second.rate // 5:]), second.rate, FAR) == 0)
		tap.equal("the first is left alone", len(first.played()), before)
		media.do("device", name="none")
		tap.equal("none is told", media.wait("device", name="none")["state"], "none")
		tap.check("and is silence", np.abs(far.listen(0.3, skip=0.3)).max() == 0)
		media.do("device", name="auto")
		tap.check("and back", media.wait("device", nth=2, name="default")["state"] == "ok" and hears(far, MIC))
		media.do("device", name="missing")
		event = media.wait("device", name="missing")
		tap.check("one that is not there is told with a sentence", event["state"] == "none" and "missing" in event["text"], event)
		for name in ("file:/tmp/x,raw", "tee:default,x,raw", "plug:{type file}", "{type null}", "", "a b", "hw:0,0,x", "hw:", "x" * 128, "spctl:0/1"):
			tap.check(f"the name {name[:20]!r} is refused", "name is wrong" in media.ask("device", name=name)["error"])
		for name in "hw:0", "plughw:CARD=USB,DEV=0", "sysdefault:CARD=PCH":
			tap.check(f"the name {name} is taken", media.ask("device", name=name)["ok"])
		far.close()


def listed():
	cards = Card(), Card(pcm="headset")
	with Media(env=environment(*cards)) as media:
		items = media.list()
		tap.equal("the cards are listed by name, with the machine's choice and none", [i["name"] for i in items], ["auto", "headset", "none"])
		tap.equal("with what they are", items[1], {"name": "headset", "text": "The headset", "capture": True, "playback": True})


def tried():
	card = Card(tone=MIC)
	with Media(device="auto", env=card.env) as media:
		media.wait("device", state="ok")
		media.do("device_test", kind="tone")
		event = media.wait("device_test_end", kind="tone")
		tap.check("a tone is played", spectrum.level_at(card.played()[card.rate // 5:card.rate // 2], card.rate, 1000) > -22)
		tap.check("and the microphone's peak told", event["fault"] is None and abs(event["peak_dbfs"] + 12) <= 1, event)

		def echo():
			comes_about(lambda: rests(card))        # what the test before it played is over
			before, told = len(card.played()), len(media.matching("device_test_end", kind="echo"))
			media.do("device_test", kind="echo")
			return media.wait("device_test_end", kind="echo", nth=told + 1), card.played()[before:]
		event, played = calmly(echo, tries=2)
		sounding = np.flatnonzero(np.abs(played) > 0.15)
		tap.check("what is said is played back after three seconds, for three",
				  len(sounding) and 2.8 < sounding[0] / card.rate < 3.5 and 2.5 < (sounding[-1] - sounding[0]) / card.rate < 3.1
				  and spectrum.level_at(played[sounding[-1] - card.rate:sounding[-1]], card.rate, MIC) > -14,
				  len(sounding) and (sounding[[0, -1]] / card.rate, spectrum.strongest(played[sounding[0]:sounding[-1]], card.rate)))
		tap.check("and its peak told", abs(event["peak_dbfs"] + 12) <= 1, event)
		far = Far(media, 0, FAR)
		far.listen(0.1)
		tap.check("not during a call", "during a call" in media.ask("device_test", kind="tone")["error"])
		media.do("call_stop", slot=0)
		far.close()
		media.wait("stream_closed", slot=0, dir="capture")
		media.wait("stream_closed", slot=0, dir="playback")
		told = len(media.matching("device_test_end", kind="echo"))
		media.do("device_test", kind="echo")
		far = Far(media, 0, FAR)
		tap.equal("a call ends a test", media.wait("device_test_end", kind="echo", nth=told + 1)["fault"], "A call has begun")
		far.close()
	with Media() as media:
		tap.check("nor without a card", "No sound card" in media.ask("device_test", kind="tone")["error"])
		tap.check("nor of another kind", not media.ask("device_test", kind="dance")["ok"])


def previewed():
	card = Card(tone=0)
	with Media(device="auto", env=card.env) as media:
		media.wait("device", state="ok")
		path = write_wav(media.path("call.wav"), np.stack([tone(853, 1.5, 16000)] * 2, 1), 16000)
		media.do("preview", path=path)
		media.wait("preview_end")
		tap.check("a recording is heard at the card", spectrum.level_at(card.played()[card.rate // 2:card.rate], card.rate, 853) > -14)
		path = write_wav(media.path("long.wav"), np.stack([tone(853, 10, 16000)] * 2, 1), 16000)
		media.do("preview", path=path)
		card.wait_played(0.5)
		media.do("preview_stop")
		tap.check("stopped, it is heard no more", comes_about(lambda: rests(card)) and len(media.matching("preview_end")) == 1)
		answer = media.ask("preview", path=media.path("missing.wav"))
		tap.check("one that is missing is refused with a sentence", not answer["ok"] and "missing.wav" in answer["error"], answer)


@tap.main
def test():
	go_first()
	listed()
	changed()
	tried()
	previewed()
	absent()
	unplugged()
	ringing()
	standing_still()
	loud()
	drift()
