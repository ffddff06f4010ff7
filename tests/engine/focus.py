"""focus.py - a conference room of a PBX (RFC 4579): answers every call and lets all hear each other, none himself."""
import collections
import struct
import threading
import time

import numpy as np

from peer import DECODE, ENCODE, Peer

FRAME = 160                     # samples in 20 ms
LATE = 6                        # frames that may wait before the oldest go


class Focus(Peer):
	def _media(self):
		tick = time.time()
		waiting = collections.defaultdict(collections.deque)
		pause = threading.Event()
		while True:
			tick += FRAME / 8000
			pause.wait(max(0, tick - time.time()))
			dialogs = [d for d in list(self.dialogs.values()) if d.rtp_to]
			for dialog in dialogs:
				self._listen(dialog, waiting[dialog])
			said = {d: waiting[d].popleft() if waiting[d] else np.zeros(FRAME, int) for d in dialogs}
			for dialog in dialogs:
				others = sum((said[other] for other in dialogs if other is not dialog), np.zeros(FRAME, int))
				self._speak(dialog, np.clip(others, -32768, 32767))

	@staticmethod
	def _listen(dialog, frames):
		while True:
			try:
				packet, _ = dialog.rtp.recvfrom(2048)
			except OSError:
				break
			if packet[1] & 127 == 0 and len(packet) == 12 + FRAME:
				frames.append(DECODE[np.frombuffer(packet[12:], np.uint8)].astype(int))
		while len(frames) > LATE:
			frames.popleft()

	@staticmethod
	def _speak(dialog, samples):
		dialog._sequence = (dialog._sequence + 1) & 0xffff
		dialog._stamp += FRAME
		to = dialog.rtp_to
		if not to:
			return                  # the call has ended since we looked
		header = struct.pack(">BBHII", 128, 0, dialog._sequence, dialog._stamp & 0xffffffff, dialog.ssrc)
		try:
			dialog.rtp.sendto(header + ENCODE[samples + 32768].tobytes(), to)
		except OSError:
			pass                    # the call has just ended
