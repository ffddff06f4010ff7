#!/usr/bin/python3
"""A real phone behind spctl-media, which is killed, started again and stopped in the middle of a call."""
import os
import signal
import time

import numpy as np

from station import Media, calmly, tone, write_wav
from peer import Peer
from rig import Lateness, Phone, loopback
import spectrum
import tap

AGENT, FAR = 613, 1013


def pace(name, dialog, start, end, longest_ms, late, spare=6):
	"""Packets that the far end got in that time, by the kernel's stamps: as many as there should be, and none kept back for long.
	late: seconds that the machine itself kept processes waiting."""
	times = [t for t, _ in list(dialog.heard.blocks) if start <= t < end]
	wanted = (end - start) * 50
	pauses = np.diff([start] + times + [end]) * 1000
	tap.check(f"{name}: RTP goes on at its pace", abs(len(times) - wanted) <= spare + late * 50, f"{len(times)} packets of {wanted:.0f}; late {late:.2f} s")
	tap.check(f"{name}: the longest pause is below {longest_ms} ms", pauses.max() < longest_ms + late * 1000, f"{pauses.max():.0f} ms; late {late:.2f} s")


def is_heard(media, path, freq):
	"""Records for a moment; true when the far end's tone is on its right side."""
	def recording():
		name = f"{path}-{time.monotonic_ns()}.flac"
		media.do("record_start", slot=0, path=name)
		time.sleep(0.8)
		media.do("record_stop", slot=0)
		samples, rate = spectrum.load(name)
		hz, _, clear = spectrum.strongest(samples[rate // 4:, 1], rate)
		return hz is not None and abs(hz - freq) < 4 and clear > 25
	return calmly(recording, good=bool)


def sound(media, dialog):
	wav = write_wav(media.path("agent.wav"), tone(AGENT, 120, 8000), 8000)
	media.do("play", slot=0, path=wav)
	tap.check("the far end hears the file", dialog.heard.has(AGENT))
	tap.check("and is heard", is_heard(media, media.path("first"), FAR))
	return wav


def killed(media, dialog, wav):
	for turn in 1, 2, 3:
		name = f"kill {turn}"
		with Lateness() as machine:
			start = time.time()
			media.kill()
			time.sleep(1)
			end, late = time.time(), machine.late_s()
		dialog.heard.listen(0.1)                # what is in the socket is taken out of it
		pace(name, dialog, start, end, 100, late)
		tap.check(f"{name}: what goes out is silence", dialog.heard.is_silent())
		with Lateness() as machine:
			media.start()
			ready = media.wait("ready")["t"]
			opened = max(media.wait("stream_open", slot=0, dir=d)["t"] for d in ("playback", "capture"))
			late = machine.late_s()
		tap.check(f"{name}: started again, both streams are back within 0.5 s", opened - ready < 0.5 + late,
			  f"{(opened - ready) * 1000:.0f} ms; late {late:.2f} s")
		media.do("play", slot=0, path=wav)
		tap.check(f"{name}: the far end hears us again", dialog.heard.has(AGENT))
		tap.check(f"{name}: and is heard", is_heard(media, media.path(f"again{turn}"), FAR))


def stopped(phone, peer, media, dialog):
	with Lateness() as machine:
		start = time.time()
		media.process.send_signal(signal.SIGSTOP)
		time.sleep(1.5)
		media.process.send_signal(signal.SIGCONT)
		time.sleep(1)
		end, late = time.time(), machine.late_s()
	dialog.heard.listen(0.1)
	pace("a sound process that hangs for 1.5 s", dialog, start, end, 250, late, spare=10)
	tap.check("then the far end hears us again", dialog.heard.has(AGENT))
	tap.check("and is heard", is_heard(media, media.path("stopped"), FAR))
	media.process.send_signal(signal.SIGSTOP)
	machine, begun = Lateness(), time.monotonic()
	call = phone.do("dial", line="a", to=peer.uri())
	phone.wait("up", call=call["call"])
	phone.do("hold", call=call["call"])
	phone.do("hangup", call=call["call"])
	phone.wait("closed", call=call["call"])
	took = time.monotonic() - begun - machine.late_s()
	media.process.send_signal(signal.SIGCONT)
	tap.check("while it hangs, another call is placed, held and ended without delay", took < 1, f"{took:.2f} s")
	tap.check("and the first goes on", dialog.heard.has(AGENT))


def frozen_phone(phone, media, dialog):
	"""The phone itself stands still: what piled up meanwhile is not sent in one burst, and does not delay the call for good."""
	phone.process.send_signal(signal.SIGSTOP)
	time.sleep(1.5)
	woken = time.time()
	phone.process.send_signal(signal.SIGCONT)
	dialog.heard.listen(1, skip=0)
	burst = sum(woken <= t < woken + 0.3 for t, _ in list(dialog.heard.blocks))
	tap.check("after the phone stood still, old sound is not sent in a burst", burst < 40, f"{burst} packets in 0.3 s")
	with Lateness() as machine:
		media.do("mute", slot=0, on=True)
		muted = time.time()
		falls = dialog.heard.falls_silent()
		late = machine.late_s()
	took = max((t for t, samples in list(dialog.heard.blocks) if np.abs(samples).max() > 100), default=muted) - muted
	media.do("mute", slot=0, on=False)
	tap.check("after the phone stood still, sound is not late", falls and took < 0.4 + late, f"mute is heard after {took:.2f} s")
	tap.check("and is there", dialog.heard.has(AGENT))


@tap.main
def test():
	peer = Peer(loopback(), tone=FAR)
	with Phone() as phone, Media(audio=phone.audio) as media:
		phone.line()
		call = phone.dial(peer.uri())
		dialog = peer.wait_dialog(call["sip"])
		wav = sound(media, dialog)
		killed(media, dialog, wav)
		stopped(phone, peer, media, dialog)
		frozen_phone(phone, media, dialog)
		media.kill()
		tap.equal("without a sound process the phone still ends well", phone.end(), 0)
		os.path.exists(media.audio) and os.unlink(media.audio)
