#!/usr/bin/python3
"""Media: encrypted or not at all, statistics by RTCP, no packet while held, early media in odd orders."""
import os
import socket
import struct
import time

from rig import Phone, Sound, eventually, is_tone, loopback, shared_address, spectrum
from peer import Peer
import tap


def answered(caller, callee, line, to):
	"""A call between two phones: the id on either side."""
	before = callee.count('incoming')
	call = caller.do('dial', line=line, to=to)
	incoming = callee.wait('incoming', nth=before + 1)
	callee.do('answer', call=incoming['call'])
	caller.wait('up', call=call['call'])
	return call, incoming


def closes(caller, line, to):
	call = caller.do('dial', line=line, to=to)
	return caller.wait('closed', call=call['call'])


def encrypted(name, how):
	modules = ('g711', 'alsa', 'srtp', 'dtls_srtp')
	with (Phone(modules=modules, address=shared_address()) as near, Phone(modules=modules, address=shared_address()) as far,
	      Phone() as plain):
		sound, far_sound = Sound(near.audio), Sound(far.audio, tones=(1000,))
		Sound(plain.audio)
		near.line('sec', mediaenc=name)
		near.line('clear')
		far.line('sec', mediaenc=name)
		plain.line('clear')
		call, incoming = answered(near, far, 'sec', f'sip:sec@{far.host}')
		tap.equal(f'{name}: both sides tell how', (near.wait('encrypted', call=call['call'])['how'],
			  far.wait('encrypted', call=incoming['call'])['how']), (how, how))
		tap.check(f'{name}: each hears the other', sound.heard[0].has(1000, skip=0.3)
			  and far_sound.heard[0].has(sound.TONES[0]))
		near.do('hold', call=call['call'])
		eventually(far_sound.heard[0].is_silent, what='silence')
		near.do('resume', call=call['call'])
		tap.check(f'{name}: after a hold as well', far_sound.heard[0].has(sound.TONES[0], skip=0.5)
			  and sound.heard[0].has(1000))
		flooded(name, near, sound)
		never_in_the_clear(name, near, far, plain)


def media_ports(phone):
	"""The UDP ports of its calls' media."""
	files = f'/proc/{phone.process.pid}/fd'
	mine = {os.readlink(os.path.join(files, fd)) for fd in os.listdir(files)}
	with open('/proc/net/udp') as table:
		rows = [line.split() for line in table.readlines()[1:]]
	ports = [int(row[1].split(':')[1], 16) for row in rows if f'socket:[{row[9]}]' in mine]
	return [port for port in ports if 10000 <= port < 32400]


def flooded(name, phone, sound):
	"""5000 packets a second in the clear, from somebody else, into both media ports of an encrypted call."""
	ports, size = media_ports(phone), len(phone.log())
	for _ in range(3):                      # where the machine stood still for a moment there is a gap
		before, start = phone.cpu_seconds(), time.time()
		flood(ports, start)
		load = (phone.cpu_seconds() - before) / (time.time() - start)
		heard = sound.heard[0].since(start + 0.2, start + 1)
		if is_tone(heard, 1000):
			break
	tap.note(f'{name}: {load * 100:.0f} % of a core in a flood, {len(phone.log()) - size} bytes of log')
	tap.check(f'{name}: a flood in the clear is not heard', is_tone(heard, 1000), spectrum(heard))


def flood(ports, start):
	packet = struct.pack('>BBHII', 128, 0, 1, 160, 7) + bytes(range(160))
	sent = 0
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		while time.time() < start + 1:
			while sent < (time.time() - start) * 5000:
				sock.sendto(packet, ('127.0.0.1', ports[sent % len(ports)]))
				sent += 1
			time.sleep(0.002)


def never_in_the_clear(name, near, far, plain):
	ends = closes(near, 'sec', f'sip:clear@{plain.ip}'), closes(near, 'clear', f'sip:sec@{far.host}')
	tap.equal(f'{name}: neither side falls back to clear media', [(e['code'], e['by']) for e in ends], [(488, 'peer')] * 2)
	tap.equal(f'{name}: nor rings', (plain.count('incoming'), far.count('incoming')), (0, 1))


def missing_module():
	with Phone() as phone:
		for name in ('srtp-mand', 'dtls_srtp'):
			sentence = phone.refused('line_create', line='a', aor=f'sip:a@{phone.ip}', mediaenc=name)
			tap.check(f'{name} without its module is refused', 'its module is not loaded' in sentence, sentence)
		tap.equal('and makes no line', phone.do('list')['lines'], [])


def statistics(phone, far):
	"""RTCP comes about every 5 s, from a party that sends it."""
	call, incoming = answered(phone, far, 'a', f'sip:a@{far.host}')
	first = phone.do('stats', call=call['call'])
	tap.equal('before any RTCP its figures are not known', (first['tx_jitter_us'], first['rtt_us'], first['tx_lost']), (None, None, None))
	phone.do('hold', call=call['call'])
	held = eventually(lambda: standing_still(phone, call['call']), what='packets to stop')
	tap.check('while held no packet leaves', held)
	phone.do('resume', call=call['call'])
	stats = eventually(lambda: with_rtcp(phone, call['call']), timeout=20, what='RTCP')
	tap.check('RTCP gives figures', stats['rx'] > 0 and stats['rx_lost'] == 0 and stats['tx_lost'] == 0, stats)
	phone.do('hangup', call=call['call'])
	far.wait('closed', call=incoming['call'])


def standing_still(phone, call):
	before = phone.do('stats', call=call)['tx']
	time.sleep(0.2)                         # what does not happen has no event
	return phone.do('stats', call=call)['tx'] == before


def with_rtcp(phone, call):
	stats = phone.do('stats', call=call)
	return stats['rtt_us'] is not None and stats


def early_media(phone, sound, peer):
	call = phone.do('dial', line='a', to=peer.uri('early-60000'))
	phone.wait('early', call=call['call'])
	dialog, heard = peer.wait_dialog(call['sip']), sound.heard[call['slot']]
	tap.check('early media is heard', heard.has(peer.tone))
	gaps = []
	for _ in range(5):
		start, early = time.time(), phone.count('early', call=call['call'])
		dialog.respond(183, 'Session Progress')
		phone.wait('early', nth=early + 1, call=call['call'])
		heard.listen(0.2, skip=0)
		times = [t for t, _ in list(heard.blocks) if t >= start]
		gaps.append(max((b - a for a, b in zip(times, times[1:])), default=9))
	# each closes the sound and opens it again; the machine adds to one or two what we are not to blame for
	tap.check('five more 183 leave no gap over 60 ms', sorted(gaps)[2] < 0.06, [f'{gap * 1000:.0f} ms' for gap in gaps])
	dialog.respond(180, 'Ringing')
	phone.wait('ringing', call=call['call'])
	tap.check('180 after 183 ends early media: the engine rings', heard.falls_silent())
	dialog.respond(183, 'Session Progress')
	tap.check('and 183 brings it back', heard.has(peer.tone))
	dialog.respond(200, 'OK')
	phone.wait('up', call=call['call'])
	tap.check('answered, both hear', heard.has(peer.tone)
		  and dialog.heard.has(sound.TONES[call['slot']]))
	phone.do('hangup', call=call['call'])


@tap.main
def test():
	missing_module()
	encrypted('srtp-mand', 'AES_CM_128_HMAC_SHA1_80')
	encrypted('dtls_srtp', 'DTLS-SRTP')
	with Phone(address=shared_address()) as phone, Phone(address=shared_address()) as far:
		sound = Sound(phone.audio)
		Sound(far.audio)
		phone.line()
		far.line()
		early_media(phone, sound, Peer(loopback(), tone=1000))
		statistics(phone, far)
		tap.equal('both end with 0', (phone.end(), far.end()), (0, 0))
