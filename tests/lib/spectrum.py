#!/usr/bin/python3
"""spectrum.py - what is heard in a sound file: the strongest tone, the level at a frequency, gaps and jumps in a tone.

As a command, one JSON line:
	spectrum.py FILE [--channel N] [--from SECONDS] [--to SECONDS] [--freq HZ]
	{"rate": 16000, "channels": 2, "seconds": 9.8, "hz": 440.0, "db": -18.1, "clear_db": 52.0, "gap_ms": 0.0, "jumps": 0}
hz is the strongest tone of that channel and db its level (0 is a full-scale sine); clear_db how far below it everything
else lies; gap_ms and jumps are of that tone, or of --freq, whose level is at_db.  hz is null when there is silence.

As a module: load(), strongest(), level_at(), loudest(), longest_gap(), jumps().  Samples are floats, 1.0 is full scale.
"""
import argparse
import ctypes
import json
import sys

import numpy as np

SILENCE_DB = -70.0
FRAME_S = 0.005             # a gap is measured in such frames


class _Info(ctypes.Structure):      # libsndfile's SF_INFO
	_fields_ = [("frames", ctypes.c_int64), ("rate", ctypes.c_int), ("channels", ctypes.c_int), ("format", ctypes.c_int),
				("sections", ctypes.c_int), ("seekable", ctypes.c_int)]


def load(path):
	"""(samples by frame and channel, rate) of any file that libsndfile reads, one whose writer was killed included."""
	lib = ctypes.CDLL("libsndfile.so.1")
	lib.sf_open.restype = ctypes.c_void_p
	lib.sf_readf_float.restype = ctypes.c_int64
	lib.sf_readf_float.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
	lib.sf_close.argtypes = [ctypes.c_void_p]
	lib.sf_strerror.restype = ctypes.c_char_p
	info = _Info()
	file = lib.sf_open(str(path).encode(), 0x10, ctypes.byref(info))
	if not file:
		raise OSError(f"{path}: {lib.sf_strerror(None).decode()}")
	parts = []
	chunk = np.zeros((65536, info.channels), np.float32)
	while (count := lib.sf_readf_float(file, chunk.ctypes.data, len(chunk))) > 0:
		parts.append(chunk[:count].copy())
	lib.sf_close(file)
	return (np.concatenate(parts) if parts else chunk[:0]).astype(float), info.rate


def _db(value):
	return 20 * np.log10(np.maximum(value, 1e-9))


def _levels(samples, rate):
	window = np.hanning(len(samples))
	size = 4 << (len(samples) - 1).bit_length()             # padded: a tone between two bins keeps its level
	return np.abs(np.fft.rfft(samples * window, size)) / window.sum() * 2, np.fft.rfftfreq(size, 1 / rate)


def strongest(samples, rate):
	"""(Hz, dB, dB that all else lies below it) of the strongest tone; its harmonics, as G.711 makes, are not counted as else.
	(None, -180, 0) for silence."""
	samples = np.asarray(samples, float)
	if len(samples) < rate // 20 or _db(np.sqrt(np.mean(samples ** 2))) < SILENCE_DB:
		return None, -180.0, 0.0
	level, hz = _levels(samples, rate)
	level[hz < 50] = 0
	top = int(level.argmax())
	width = max(40, 4 * rate / len(samples))
	others = hz > 50
	for k in range(1, 12):
		for alias in (0, 8000, 16000):
			others &= np.abs(hz - abs(alias - k * hz[top])) > width
	clear = _db(level[top]) - _db(level[others].max()) if others.any() else 0.0
	return float(hz[top]), float(_db(level[top])), float(clear)


def level_at(samples, rate, freq):
	"""dB of a tone of that frequency (within 15 Hz)."""
	samples = np.asarray(samples, float)
	if len(samples) < rate // 20:
		return -180.0
	level, hz = _levels(samples, rate)
	return float(_db(level[np.abs(hz - freq) <= max(15, 2 * rate / len(samples))].max()))


def loudest(samples, rate, freq, seconds=0.25):
	"""dB of that tone where it is loudest for so long, wherever in the samples that is."""
	size = int(seconds * rate)
	starts = range(0, max(1, len(samples) - size + 1), max(1, size // 2))
	return max(level_at(samples[start:start + size], rate, freq) for start in starts)


def _track(samples, rate, freq):
	"""Complex amplitude of that tone, frame by frame; a steady tone has a steady one."""
	width = int(rate * FRAME_S)
	count = len(samples) // width
	t = np.arange(count * width) / rate
	mixed = np.asarray(samples[:count * width], float) * np.exp(-2j * np.pi * freq * t)
	# The tone's own mirror image at twice the frequency is not zero over part of a period: solve for both.
	frames = mixed.reshape(count, width)
	mirror = np.exp(-4j * np.pi * freq * t).reshape(count, width)
	a = frames.mean(axis=1)
	m = mirror.mean(axis=1)
	# a = z/2 + conj(z)/2 * m  =>  z = 2 (a - m conj(a)) / (1 - |m|^2)
	return 2 * (a - m * np.conj(a)) / (1 - np.abs(m) ** 2)


def longest_gap(samples, rate, freq):
	"""Milliseconds of the longest stretch in which that tone is 10 dB weaker than it mostly is."""
	level = np.abs(_track(samples, rate, freq))
	if not len(level) or np.median(level) < 1e-4:
		return len(samples) * 1000 / rate
	longest = run = 0
	for weak in level < np.median(level) * 0.316:
		run = run + 1 if weak else 0
		longest = max(longest, run)
	return longest * FRAME_S * 1000


def jumps(samples, rate, freq):
	"""How often the tone's phase jumps by more than half a radian within 10 ms: samples were dropped, doubled or put in.
	A piece that is a whole number of periods long leaves no jump: choose the frequency accordingly."""
	track = _track(samples, rate, freq)
	track = track[np.abs(track) > np.median(np.abs(track)) * 0.5]
	if len(track) < 4:
		return 0
	turn = np.angle(track[2:] * np.conj(track[:-2]))        # over two frames, so that one odd frame shows as one jump
	turn = np.angle(np.exp(1j * (turn - np.median(turn))))  # a clock that is a little off turns it steadily
	far = np.abs(turn) > 0.5
	return int(np.count_nonzero(far[1:] & ~far[:-1]) + bool(far[0]))


def describe(samples, rate, freq=None):
	"""What the command prints of one channel."""
	hz, db, clear = strongest(samples, rate)
	out = {"rate": rate, "seconds": round(len(samples) / rate, 3), "hz": hz and round(hz, 1), "db": round(db, 1), "clear_db": round(clear, 1)}
	if freq:
		out["at_db"] = round(level_at(samples, rate, freq), 1)
	if freq or hz:
		out["gap_ms"] = round(longest_gap(samples, rate, freq or hz), 1)
		out["jumps"] = jumps(samples, rate, freq or hz)
	return out


def main():
	parser = argparse.ArgumentParser(description="The strongest tone of a sound file, as one JSON line.")
	parser.add_argument("file")
	parser.add_argument("--channel", type=int, default=0, help="counted from 0")
	parser.add_argument("--from", dest="start", type=float, default=0, help="seconds")
	parser.add_argument("--to", dest="end", type=float, help="seconds")
	parser.add_argument("--freq", type=float, help="Hz: level, gaps and jumps of this tone")
	args = parser.parse_args()
	samples, rate = load(args.file)
	if args.channel >= samples.shape[1]:
		sys.exit(f"{args.file} has {samples.shape[1]} channels, counted from 0: there is no channel {args.channel}")
	part = samples[int(args.start * rate):None if args.end is None else int(args.end * rate), args.channel]
	print(json.dumps(dict(describe(part, rate, args.freq), channels=samples.shape[1])))


if __name__ == "__main__":
	main()
