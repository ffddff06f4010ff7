#!/usr/bin/python3
"""Sound cards whose clocks are 200 ppm fast and slow, for a while: DRIFT_SECONDS, 20 where nothing is said; 600 are ten
minutes, in which such a card gains or loses 120 ms.  No gap, no jump, and a delay that stays as it is.

Each kind of card is there twice: one has a steady tone both ways, which shows gaps and jumps; the other a burst each
second, which shows how late it is heard."""
import os
import time

import numpy as np

from card import MIC, Card
from station import Far, Media, Witness, go_first
import spectrum
import tap

SECONDS = int(os.environ.get("DRIFT_SECONDS", 20))
SETTLED = 8                     # seconds at the beginning that are not judged: the machine's caches, Python's
FAR = 437
BURST = 0.1
HELD_MS = 12                    # a machine that keeps processes waiting for longer may run a card dry
MOVES_MS = 20                   # so far a delay may move: packets are 20 ms long, and come when they come


class Bursts(Far):
	"""A far end that says a tone in the first tenth of each second of CLOCK_MONOTONIC."""

	def _play(self):
		t = np.arange(self.block) / self.rate
		self.spoken = []
		try:
			while self.player.recv(16):
				now = time.monotonic()
				on = now % 1 < BURST
				if on and (not self.spoken or now - self.spoken[-1] > 0.5):
					self.spoken.append(now)
				self.player.send((np.sin(2 * np.pi * self.tone * t) * 8000 * on).astype("<i2").tobytes())
		except OSError:
			pass


def onsets(when, samples):
	"""Times at which it gets loud after at least 0.3 s of silence."""
	loud = when[np.abs(samples) > 0.1]
	return loud[np.flatnonzero(np.diff(loud, prepend=-1) > 0.3)]


def delays(begun, heard):
	"""Milliseconds from each beginning to the next thing heard, within half a second."""
	at = np.searchsorted(heard, begun)
	late = [(heard[i] - b) * 1000 for i, b in zip(at, begun) if i < len(heard) and heard[i] - b < 0.5]
	return np.array(late)


def steady(name, heard, played, told, gap_ms, most_jumps):
	for what, samples, rate, freq in ("microphone", heard, 8000, MIC), ("speaker", played, 48000, FAR):
		seen = spectrum.describe(samples, rate, freq)
		tap.note(f"{name}, {what}: {seen}")
		tap.check(f"{name}: the {what} has no gap over {gap_ms} ms and {most_jumps} jumps at most",
				  seen["gap_ms"] <= gap_ms and seen["jumps"] <= most_jumps and abs(seen["hz"] - freq) < 1, seen)
	tap.equal(f"{name}: the card was never lost", told, ["ok"])


def late(name, packets, spoken, timeline, begun, spare_ms):
	heard = np.concatenate([samples for _, samples in packets])
	heard_at = np.concatenate([t + np.arange(len(samples)) / 8000 for t, samples in packets])
	mouths = np.arange(np.ceil(begun + SETTLED), begun + SECONDS - 1)
	spoken = np.array([s for s in spoken if begun + SETTLED < s < begun + SECONDS - 1])
	for what, ms in ("microphone", delays(mouths, onsets(heard_at, heard))), ("speaker", delays(spoken, onsets(*timeline))):
		tap.note(f"{name}, {what}: {len(ms)} bursts, heard after {np.min(ms):.0f} to {np.max(ms):.0f} ms, mostly {np.median(ms):.0f}")
		tap.check(f"{name}: the {what} is heard each second", len(ms) >= SECONDS - SETTLED - 3, len(ms))
		tap.check(f"{name}: the {what}'s delay moves by {MOVES_MS + spare_ms:.0f} ms at most",
				  np.percentile(ms, 98) - np.percentile(ms, 2) <= MOVES_MS + spare_ms, (np.percentile(ms, 2), np.percentile(ms, 98)))
		tap.check(f"{name}: the {what}'s delay is below {110 + spare_ms:.0f} ms", np.percentile(ms, 98) < 110 + spare_ms, np.max(ms))


@tap.main
def test():
	go_first()
	cards = [(Card(ppm=ppm), Card(ppm=ppm, burst=int(BURST * 1000))) for ppm in (200, -200)]
	medias = [[Media(device="auto", env=card.env) for card in pair] for pair in cards]
	for media in sum(medias, []):
		media.wait("device", state="ok")
	fars = [(Far(tone, 0, FAR), Bursts(burst, 0, FAR)) for tone, burst in medias]
	begun = time.monotonic()
	fars[0][0].listen(SETTLED)
	starts = [(pair[0].count(), len(card[0].played())) for pair, card in zip(fars, cards)]
	with Witness() as witness:
		fars[0][0].listen(SECONDS - SETTLED, skip=0)
		worst = witness.worst_ms()
	heard = [list(far.packets) for pair in fars for far in pair]
	for media in sum(medias, []):           # nothing is computed while they run
		media.stop()
	tap.note(f"{SECONDS} s; a process had to wait for {worst:.0f} ms at worst")
	allowed = (0, 0) if worst < HELD_MS else (100, SECONDS // 10)
	for i, (card, media, far, (start, start_played)) in enumerate(zip(cards, medias, fars, starts)):
		name = f"{card[0].settings['ppm']:+d} ppm"
		steady(name, np.concatenate([samples for _, samples in heard[2 * i]])[start:], card[0].played()[start_played:start_played + 48000 * (SECONDS - SETTLED)],
		       [e["state"] for e in media[0].matching("device")], *allowed)
		late(name, heard[2 * i + 1], far[1].spoken, card[1].timeline(), begun, max(0, worst - HELD_MS) * 2)
