#!/usr/bin/python3
"""What arrives at media ports: counted and reported; of others left out; floods and rubbish; a NAT's new port."""
import ctypes
import os
import random
import socket
import struct
import threading
import time

import numpy as np

from rig import LIB, PATIENCE, Phone, Sound, comes_about, eventually, is_sanitized, loopback
from peer import Peer
import spectrum
import tap


def udp(ip, port=0):
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind((ip, port))
	return sock


ODD_US = 2000                   # the figures of RTCP are of 15 us, and its stamps of a clock that is read before they leave


def connect(phone, peer):
	call = phone.dial(peer.uri('answer-0'))
	dialog = peer.wait_dialog(call['sip'])
	phone.wait('heard', call=call['call'])
	return call, dialog


# ---- numbers ----

def receiver_report(dialog, ours, report):
	"""An SR of the peer with one block about the phone (RFC 3550 section 6.4.1)."""
	fraction, lost, jitter, lsr, delay = report
	return (struct.pack('>BBHIQIII', 0x81, 200, 12, dialog.ssrc, 0, 0, 0, 0) +
		struct.pack('>IIIIII', ours, fraction << 24 | lost, 1000, jitter, lsr, delay))


def numbers(phone, peer):
	"""Every tenth packet is lost on the way to us; the peer's RTCP says what was lost on the way to it."""
	rtcp = udp(peer.ip)
	rtcp.settimeout(20)
	peer.rtcp_port = rtcp.getsockname()[1]
	call, dialog = connect(phone, peer)
	dialog.loses, dialog.lags = 10, True
	packet = b'  '
	while packet[1] != 200:                 # baresip begins with an APP packet
		packet, phone_rtcp = rtcp.recvfrom(2048)
	ours, ntp = struct.unpack('>4xIQ', packet[:16])
	left = ntp / (1 << 32) - 2208988800     # the phone's clock is ours
	tap.check('our sender reports come to the port that a=rtcp names', True)
	time.sleep(0.1)                         # the time on the way
	least = (time.time() - left) * 1e6
	rtcp.sendto(receiver_report(dialog, ours, (25, 7, 160, ntp >> 16 & 0xffffffff, 1)), phone_rtcp)
	stats = eventually(lambda: with_rtt(phone, call), what='a round trip')
	most = (time.time() - left) * 1e6
	tap.check('the round trip is true', least - ODD_US <= stats['rtt_us'] <= most + ODD_US, (least, stats, most))
	tap.equal('the peer lost 7 packets with a jitter of 20 ms', (stats['tx_lost'], stats['tx_jitter_us']), (7, 20000))
	expected = stats['rx'] + stats['rx_lost']
	tap.check('a tenth is lost on the way to us', 0.07 < stats['rx_lost'] / expected < 0.13, stats)
	# a packet that the machine kept back counts for a while
	jitter = lambda: 8000 < phone.do('stats', call=call['call'])['rx_jitter_us'] < 40000
	tap.check('every second packet 20 ms late is a jitter of about that', comes_about(jitter), phone.do('stats', call=call['call']))
	dialog.ssrc = random.getrandbits(32)    # as behind a PBX that puts somebody else through
	before = phone.do('stats', call=call['call'])
	eventually(lambda: phone.do('stats', call=call['call'])['rx'] > before['rx'] + 30, what='30 packets')
	after = phone.do('stats', call=call['call'])
	most = 5 + (after['rx'] - before['rx']) * 0.13
	tap.check('the count goes on when the SSRC changes', 0 <= after['rx_lost'] - before['rx_lost'] <= most, (before, after))
	phone.do('hangup', call=call['call'])
	peer.rtcp_port = None


def with_rtt(phone, call):
	stats = phone.do('stats', call=call['call'])
	return stats['rtt_us'] and stats


# ---- silence ----

class Silence:
	"""Three calls that take their time beside others: one falls silent, one is put on hold by the peer, one moves."""

	def __init__(self, phone, peer, moved):
		self.phone = phone
		(self.silent, self.quiet_one), (self.held, on_hold) = connect(phone, peer), connect(phone, peer)
		self.moved, elsewhere = connect(phone, moved)
		self.heard = phone.count('heard', call=self.silent['call'])
		on_hold.reinvite('inactive')
		phone.wait('media', call=self.held['call'], theirs='inactive')
		self.since = time.time()
		on_hold.fall_silent()
		self.quiet_one.fall_silent()
		elsewhere.move(udp(moved.ip), 78)       # another port and SSRC at once: nothing tells it from a stranger

	def end(self, sound, moved):
		phone, call = self.phone, self.silent['call']
		quiet = phone.wait('quiet', call=call)
		tap.check('five seconds without a packet are told', quiet['seconds'] == 5 and 4.9 < quiet['t'] - self.since < 10,
			  (self.since, quiet))      # it looks once a second, and a busy machine takes its time
		tap.check('each further one as well', phone.wait('quiet', call=call, seconds=6))
		tap.check('stats tell it', phone.do('stats', call=call)['quiet_ms'] >= 6000)
		self.quiet_one.mute = False
		tap.check('and that it is over', phone.wait('heard', nth=self.heard + 1, call=call))
		tap.equal('a call on hold is owed no sound', phone.count('quiet', call=self.held['call']), 0)
		tap.check('a new port with a new SSRC is heard in the end', hears_only(sound, self.moved, moved.tone))
		for call in (self.silent, self.held, self.moved):
			phone.do('hangup', call=call['call'])


# ---- G.722 ----

class Wideband:
	"""A call in G.722 beside the others: a tone of which every fifth packet is lost, then packets that nobody sends."""
	HZ = 677                # not a whole number of periods in a packet

	def __init__(self, phone, sound):
		peer = Peer(loopback(), codec='9')
		peer.mute = True
		self.phone, self.sound = phone, sound
		self.call = phone.dial(peer.uri('answer-0'))
		self.dialog = peer.wait_dialog(self.call['sip'])
		self.lost = 0
		self.thread = threading.Thread(target=self._send_tone, daemon=True)
		self.thread.start()

	def send(self, payload):
		dialog = self.dialog
		dialog._sequence, dialog._stamp = (dialog._sequence + 1) & 0xffff, dialog._stamp + 160
		header = struct.pack('>BBHII', 128, 9, dialog._sequence, dialog._stamp, dialog.ssrc)
		if payload:
			dialog.rtp.sendto(header + payload, dialog.phone_rtp)

	def _send_tone(self):
		"""Three seconds, by the encoder that baresip uses as well."""
		spandsp = ctypes.CDLL('libspandsp.so.2')
		spandsp.g722_encode_init.restype = ctypes.c_void_p
		encoder = ctypes.c_void_p(spandsp.g722_encode_init(None, 64000, 0))
		start = time.time()
		for n in range(150):
			tone = (8000 * np.sin(2 * np.pi * self.HZ * np.arange(320 * n, 320 * n + 320) / 16000)).astype('<i2')
			payload = ctypes.create_string_buffer(160)
			spandsp.g722_encode(encoder, payload, tone.ctypes.data_as(ctypes.c_void_p), 320)
			gone = n > 10 and n % 5 == 0
			self.lost += gone
			self.send(None if gone else payload.raw)
			time.sleep(max(0, start + 0.02 * (n + 1) - time.time()))

	def end(self):
		self.thread.join()
		heard = np.concatenate([samples for _, samples in list(self.sound.heard[self.call['slot']].blocks)]) / 32768
		jumps = spectrum.jumps(heard, 16000, self.HZ)
		# baresip says another packet in its place, which is heard at its beginning and its end
		tap.check('lost packets of G.722 are concealed', self.lost > 20 and jumps < self.lost, (jumps, self.lost))
		before = self.phone.do('stats', call=self.call['call'])['rx']
		for size in (8000, 8000, 8000, 160):
			self.send(random.randbytes(size))       # baresip has room for 2880 bytes and writes on
		stats = eventually(lambda: (lambda s: s['rx'] > before and s)(self.phone.do('stats', call=self.call['call'])), what='a packet')
		tap.equal('packets larger than any codec sends are left out', stats['rx'], before + 1)
		self.phone.do('hangup', call=self.call['call'])


# ---- others ----

def hears_only(sound, call, freq, seconds=0.5, timeout=PATIENCE):
	return sound.heard[call['slot']].has(freq, seconds, timeout=timeout)


class Sender:
	"""Sends packets at a rate, in the background: for so many seconds, and further until it is stopped."""

	def __init__(self, sock, to, make, per_s, seconds):
		self.sock, self.to, self.make, self.per_s, self.end = sock, to, make, per_s, time.time() + seconds
		self.stopped = False
		self.thread = threading.Thread(target=self._run, daemon=True)
		self.thread.start()

	def stop(self):
		self.stopped = True
		self.thread.join()

	def _run(self):
		sent, start = 0, time.time()
		while not self.stopped or time.time() < self.end:
			while sent < (time.time() - start) * self.per_s:
				try:
					self.sock.sendto(self.make(), self.to)
				except OSError:
					pass
				sent += 1
			time.sleep(0.002)


def injected(phone, sound, peer):
	"""Somebody else sends sound into a call, with an SSRC of his own and with the peer's."""
	call, dialog = connect(phone, peer)
	mallory = udp(loopback())
	for what, ssrc in (('his own SSRC', 1234), ("the peer's SSRC", dialog.ssrc)):
		sender = Sender(mallory, dialog.phone_rtp, lambda ssrc=ssrc: dialog.packet(2100, ssrc, random.getrandbits(16)), 50, 1.5)
		tap.check(f'with {what} he is not heard, and the peer is', hears_only(sound, call, peer.tone, 1.0))
		sender.stop()
	told = phone.wait('foreign', call=call['call'])['source']
	tap.equal('the first of his packets is told, once', (told, phone.count('foreign', call=call['call'])),
		  ('%s:%d' % mallory.getsockname(), 1))
	tap.check('and all are counted', phone.do('stats', call=call['call'])['foreign'] >= 100)
	return call, dialog


def new_port(phone, sound, peer, call, dialog):
	"""A NAT that forgot, and gave the peer another port; then the peer tells a new one itself."""
	old = dialog.move(udp(peer.ip), dialog.ssrc)
	start = time.time()
	# after a second; without an SSRC that is known it would take five
	tap.check('the peer is heard from a new port with the same SSRC', hears_only(sound, call, peer.tone, timeout=4))
	tap.note(f'after {time.time() - start:.1f} s, of which 0.6 are listening')
	old.close()
	dialog.move(udp(peer.ip), 77).close()
	offers = phone.count('media', call=call['call'])
	dialog.reinvite('sendrecv')
	phone.wait('media', nth=offers + 1, call=call['call'])
	tap.check('where SDP names the new port, it is heard at once', hears_only(sound, call, peer.tone, 0.4, timeout=4))
	phone.do('hangup', call=call['call'])


# ---- floods and rubbish ----

def rubbish(dialog):
	"""A packet that is wrong in one of many ways."""
	packet = bytearray(dialog.packet(2100))
	kind = random.randrange(9)
	if kind == 0:
		return bytes(random.getrandbits(8) for _ in range(random.randrange(0, 200)))
	if kind == 1:
		return bytes(packet[:random.randrange(0, 13)])
	packet[0] = {2: 0x8f, 3: 0x90, 4: 0xa0, 5: 0xbf, 6: 0x40}.get(kind, 0x80)   # CSRCs, an extension, padding, all, version 1
	if kind == 7:
		packet[1] = random.getrandbits(8)
	if kind == 8:
		packet += bytes(4000)
	return bytes(packet[:12 + random.randrange(0, 30)]) if kind in (3, 4, 5) else bytes(packet)


def broken_rtcp():
	count, length = random.randrange(32), random.choice((0, 1, 6, 100, 65535))
	return struct.pack('>BBH', 0x80 | count, random.randrange(192, 224), length) + bytes(random.getrandbits(8) for _ in range(random.randrange(100)))


def flood(phone, sound, peer, what, sock, make, port=0, clean=True):
	"""100 times the rate of a call, for a second."""
	call, dialog = connect(phone, peer)
	sock = sock or dialog.rtp
	before, start = phone.cpu_seconds(), time.time()
	sender = Sender(sock, (dialog.phone_rtp[0], dialog.phone_rtp[1] + port), lambda: make(dialog), 5000, 1.2)
	if clean:
		tap.check(f'{what}: the peer is heard as before', hears_only(sound, call, peer.tone, 0.8))
	sender.stop()
	load = (phone.cpu_seconds() - before) / (time.time() - start)
	tap.note(f'{what}: {load * 100:.0f} % of a core')
	if not is_sanitized(os.path.join(LIB, 'spctl.so')):
		tap.check(f'{what}: no more than a third of a core', load < 0.34, load)
	tap.check(f'{what}: afterwards the call has sound both ways',
		  hears_only(sound, call, peer.tone) and dialog.heard.has(sound.TONES[call['slot']]), phone.log()[-500:])
	phone.do('hangup', call=call['call'])


def floods(phone, sound, peer):
	mallory = udp(loopback())
	flood(phone, sound, peer, 'a stranger', mallory, lambda d: random.choice((rubbish, strange))(d))
	flood(phone, sound, peer, 'RTCP of a stranger', mallory, lambda d: broken_rtcp(), 1)
	flood(phone, sound, peer, 'the address of the peer', None, lambda d: random.choice((rubbish, strange))(d), clean=False)
	flood(phone, sound, peer, 'RTCP from the address of the peer', udp(peer.ip), lambda d: broken_rtcp(), 1)


def strange(dialog):
	return dialog.packet(2100, random.getrandbits(32), random.getrandbits(16))


@tap.main
def test():
	peer = Peer(loopback(), tone=1000)
	with Phone(modules=('g711', 'g722', 'alsa')) as phone:
		sound = Sound(phone.audio)
		phone.line()
		moved = Peer(loopback(), tone=1300)
		silence, wideband = Silence(phone, peer, moved), Wideband(phone, sound)
		with tap.guard('numbers'):
			numbers(phone, peer)
		with tap.guard('silence'):
			silence.end(sound, moved)
		with tap.guard('G.722'):
			wideband.end()
		with tap.guard('others'):
			new_port(phone, sound, peer, *injected(phone, sound, peer))
		with tap.guard('floods'):
			floods(phone, sound, peer)
		for call in phone.do('list')['calls']:
			phone.do('hangup', call=call['call'])
		tap.equal('it ends with 0', phone.end(), 0)
