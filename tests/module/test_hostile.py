#!/usr/bin/python3
"""Peers that mean harm: formats in every place where a peer's words are printed, bytes that are no text, headers without
end, a thousand INVITEs at once.  The phone lives, and what it tells is clean."""
import json
import random
import re
import socket

from rig import PATIENCE, Phone, Sound, eventually, loopback
from peer import Peer, random_id
import tap

FORMATS = ('%s%s%s%s%s', '%n%n%n', '%H%H%H', '%p.%p.%p', '%r%r%v%v', '%5000d', '%m', '%J%j', '%b%w%W')
IPV6_OFFER = 'v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'


def refuse_all(phone):
	for call in phone.do('list')['calls']:
		if call['incoming']:
			phone.ask('hangup', call=call['call'])


def incoming_after(phone, act):
	"""The call that comes in when act() is done; it is refused."""
	before = phone.count('incoming')
	act()
	event = phone.wait('incoming', nth=before + 1)
	phone.do('hangup', call=event['call'])
	return event


def formats(phone, peer, dialog):
	for text in FORMATS:
		event = incoming_after(phone, lambda: peer.call(phone, from_=f'"{text}" <sip:{text}@{peer.ip}>'))
		tap.equal(f'{text} in From is text', (event['from'], event['name']), (f'sip:{text}@{peer.ip}', text))
		peer.reason = text
		call = phone.do('dial', line='a', to=peer.uri('code-486'))
		tap.equal(f'{text} as reason is text', phone.wait('closed', call=call['call'])['reason'], text)
		peer.call(phone, from_=f'<sip:{text}@{peer.ip}>', body=IPV6_OFFER).wait('refused 488')
		dialog.refer(f'<sip:{text}@x>')
		dialog.request('INFO', f'Reason: {text}\r\n', text)
		refuse_all(phone)
	eventually(lambda: len(peer.received('^SIP/2.0 501')) == len(FORMATS), what='all REFERs to be refused')
	tap.check('the guard stopped formats', phone.do('list')['formats'] > 0)
	tap.check('no address of memory was told', not re.search('0x[0-9a-f]{6}', json.dumps(phone.events)))
	contacts = {c for m in peer.received('^INVITE') for c in re.findall('Contact: <sip:([^@]*)@', m)}
	with open(f'/proc/{phone.process.pid}/maps') as maps:
		regions = [tuple(int(end, 16) for end in line.split()[0].split('-')) for line in maps]
	values = [int(number, 16) for c in contacts for number in re.findall('[0-9a-f]{6,16}', c)]
	tap.check('nor is one in a Contact', values and not any(low <= v < high for v in values for low, high in regions), contacts)


def not_text(phone, peer):
	cases = (('\udcff\udcfe', '\ufffd\ufffd', 'bytes that are no UTF-8'),
			 ('Zo\u00eb \u4e16\u754c', 'Zo\u00eb \u4e16\u754c', 'UTF-8'), ('a\udced\udca0\udc80b', 'a\ufffd\ufffd\ufffdb', 'a surrogate'),
			 ('a\x07\x1bb', 'a\ufffd\ufffdb', 'control characters'))
	for sent, told, what in cases:
		event = incoming_after(phone, lambda: peer.call(phone, from_=f'"{sent}" <sip:x@{peer.ip}>'))
		tap.equal(f'{what} in a name', event['name'], told)
	event = incoming_after(phone, lambda: peer.call(phone, from_=f'"one\r\n two" <sip:x@{peer.ip}>'))
	tap.check('a folded name stays one line', '\n' not in event['name'] and '\r' not in event['name'], event['name'])
	peer.reason = 'Non\udcff\x1b[2J'
	call = phone.do('dial', line='a', to=peer.uri('code-404'))
	tap.equal('a reason phrase of such bytes', phone.wait('closed', call=call['call'])['reason'], 'Non\ufffd\ufffd[2J')


def digits(phone, dialog, call):
	for key in ('"', '\udcff', '%', '5'):
		dialog.request('INFO', 'Content-Type: application/dtmf-relay\r\n', f'Signal={key}\r\nDuration=50\r\n')
	event = phone.wait('digit')
	tap.equal('of all signals in INFO only a digit is told', (event['key'], phone.count('digit')), ('5', 1))


def long_headers(phone, peer):
	"""libre reads 8 kB of UDP, and the guard takes 60 kB of a head over TCP; a peer may send more."""
	event = incoming_after(phone, lambda: peer.call(phone, from_=f'"{"n" * 6000}" <sip:x@{peer.ip}>'))
	tap.equal('of a name of 6 kB the first kB is told', event['name'], 'n' * 1024)
	event = incoming_after(phone, lambda: peer.call(phone, from_=f'"{"x" + chr(233) * 600}" <sip:x@{peer.ip}>'))
	tap.equal('and no half of a character', event['name'], 'x' + chr(233) * 511)
	peer.call(phone, extra=''.join(f'X-{n}: {"v" * 20}\r\n' for n in range(1900)))
	with socket.socket() as tcp:
		tcp.bind((peer.ip, 0))
		tcp.connect((phone.ip, 5060))
		event = incoming_after(phone, lambda: tcp.sendall(raw_invite(phone, peer, f'"{"n" * 60000}" <sip:y@z>', 'TCP')))
		tap.equal('the same over TCP with 60 kB', (event['name'], event['from']), ('n' * 1024, 'sip:y@z'))
	with socket.socket() as tcp:
		tcp.bind((peer.ip, 0))
		tcp.connect((phone.ip, 5060))
		tcp.settimeout(PATIENCE)
		try:
			tcp.sendall(b'INVITE sip:a@x SIP/2.0\r\nX: ' + b'x' * 1000000)
			ended = tcp.recv(1) == b''
		except ConnectionError:
			ended = True
	tap.check('a header without end ends its connection', ended)


def raw_invite(phone, peer, from_, transport='UDP'):
	return (f'INVITE sip:a@{phone.ip} SIP/2.0\r\nVia: SIP/2.0/{transport} {peer.ip}:{peer.port};branch=z9hG4bK{random_id()}\r\n'
		f'From: {from_};tag=1\r\nTo: <sip:a@{phone.ip}>\r\nCall-ID: {random_id()}\r\nCSeq: 1 INVITE\r\n'
		f'Contact: <sip:x@{peer.ip}>\r\nContent-Length: 0\r\n\r\n').encode()


def insist(peer, dialogs):
	"""Sends what UDP lost on the way again, as any caller does, until all are answered; or none more for a while."""
	tries, left = 0, len(dialogs) + 1
	while tries < 2 * PATIENCE:
		try:
			return eventually(lambda: all(d.state != 'new' for d in dialogs), timeout=0.5)
		except TimeoutError:
			waiting = [dialog for dialog in dialogs if dialog.state == 'new']
			tries = 0 if len(waiting) < left else tries + 1
			left = len(waiting)
			for dialog in waiting:
				peer.place(dialog)
	raise TimeoutError(f'{left} calls that nobody answers')


def garbage(phone, peer):
	chance = random.Random(5)
	whole = raw_invite(phone, peer, f'<sip:x@{peer.ip}>')
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
		udp.bind((peer.ip, 0))
		for n in range(400):
			packet = bytearray(whole)
			for _ in range(chance.randrange(1, 12)):
				packet[chance.randrange(len(packet))] = chance.randrange(256)
			udp.sendto(packet[:chance.randrange(1, len(packet))] if n % 3 == 0 else packet, (phone.ip, 5060))
	insist(peer, [peer.call(phone, line='nobody')])         # it comes behind all of them
	refuse_all(phone)
	tap.check('400 broken messages do not matter', phone.do('list')['ok'])


def flood(phone, peer):
	before = phone.count('incoming')
	dialogs = [peer.prepare(f'sip:a@{phone.ip}', (phone.ip, 5060)) for _ in range(1000)]
	for dialog in dialogs:
		dialog.rtp.close()
		dialog.body = f'v=0\r\no=- 1 1 IN IP4 {peer.ip}\r\ns=-\r\nc=IN IP4 {peer.ip}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
	for dialog in dialogs:
		peer.place(dialog)
	insist(peer, dialogs)
	states = [d.state for d in dialogs]
	rings = 8 - sum(not c['incoming'] for c in phone.do('list')['calls'])
	tap.equal('of 1,000 INVITEs as many ring as there are slots, the others are busy',
			  (states.count('ringing'), states.count('refused 486')), (rings, 1000 - rings))
	tap.equal('and only those are told as calls', phone.count('incoming') - before, rings)
	refuse_all(phone)
	eventually(lambda: not [c for c in phone.do('list')['calls'] if c['incoming']], what='the slots to be free')


@tap.main
def test():
	peer, crowd = Peer(loopback(), tone=1000), Peer(loopback())
	with Phone() as phone:
		sound = Sound(phone.audio)
		phone.line()
		call = phone.dial(peer.uri('answer-0'))
		dialog = peer.wait_dialog(call['sip'])
		formats(phone, peer, dialog)
		not_text(phone, peer)
		digits(phone, dialog, call)
		long_headers(phone, peer)
		garbage(phone, peer)
		flood(phone, crowd)
		tap.check('after all that the first call still has sound', sound.heard[call['slot']].has(peer.tone))
		tap.equal('it ends with 0', phone.end(), 0)
