#!/usr/bin/python3
"""Hostile SIP from the network: messages that were changed at random, requests, responses and SDP, over UDP and TCP, in
and out of calls; garbage, silent connections, more of them than there is room for.  The phone lives, keeps
its call with its sound, tells nothing unclean, and its memory stays.

MESSAGES says how many (default: some seconds' worth), SEED which ones.
"""
import os
import random
import re
import select
import socket
import subprocess
import sys
import time

from rig import LIB, PATIENCE, Phone, Sound, eventually, is_sanitized, loopback
from peer import Peer, parse, random_id
import tap

MESSAGES = int(os.environ.get('MESSAGES', 3000))
SEED = int(os.environ.get('SEED', 1))
NUMBERS = (b'0', b'-1', b'1', b'65535', b'65536', b'2147483647', b'2147483648', b'4294967295', b'4294967296', b'9' * 40)
TOKENS = (b'%s%n%p', b'\0', b'\xff\xfe', b'\r\n', b'\r\n\r\n', b'\r\n ', b'<', b'>', b'"', b';', b'@', b':', b'=', b',', b'[', b']', b'sip:', b'tel:1',
	  b'a' * 3000, b';lr' * 200, b'%H%b', b'sip:[::1]', b'SIP/2.0', b'IN IP6', b'RTP/SAVP', b'a=crypto:1 X inline:', b'a=ice-ufrag:x', b'0.0.0.0')


def seeds(ip, phone, call_id='X'):
	"""Good messages of every kind that a phone may get."""
	sdp = (f'v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n'
	       'm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n'
	       f'a=rtcp:4001 IN IP4 {ip}\r\na=candidate:1 1 UDP 2130706431 {ip} 4000 typ host\r\na=sendrecv\r\n')
	fragment = 'SIP/2.0 200 OK\r\n'
	bodies = {'INVITE': ('application/sdp', sdp), 'UPDATE': ('application/sdp', sdp), 'INFO': ('application/dtmf-relay', 'Signal=5\r\nDuration=100\r\n'),
		  'NOTIFY': ('message/sipfrag', fragment), 'MESSAGE': ('text/plain', 'hello')}
	found = []
	for method in ('INVITE', 'INVITE', 'INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'INFO', 'NOTIFY', 'REFER', 'UPDATE', 'MESSAGE', 'SUBSCRIBE', 'REGISTER',
		       'PRACK', 'PUBLISH'):
		kind, body = bodies.get(method, ('text/plain', ''))
		found.append(f'{method} sip:a@{phone.ip} SIP/2.0\r\nVia: SIP/2.0/UDP {ip}:5060;branch=z9hG4bKBRANCH;rport\r\nMax-Forwards: 70\r\n'
			     f'From: "Eve" <sip:eve@{ip}>;tag=TAG\r\nTo: <sip:a@{phone.ip}>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n'
			     f'Contact: <sip:eve@{ip}:5060;transport=udp>\r\nRecord-Route: <sip:{ip};lr>\r\nSupported: replaces,timer,100rel\r\n'
			     f'Session-Expires: 1800;refresher=uac\r\nEvent: refer\r\nSubscription-State: active;expires=60\r\nRefer-To: <sip:x@{ip}>\r\n'
			     f'Alert-Info: <x>;info=alert-autoanswer\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}')
	for code in (100, 180, 183, 200, 302, 401, 407, 423, 486, 503):
		found.append(f'SIP/2.0 {code} Reason\r\nVia: SIP/2.0/UDP {phone.ip}:5060;branch=z9hG4bKBRANCH;rport\r\nFrom: <sip:a@{phone.ip}>;tag=a\r\n'
			     f'To: <sip:eve@{ip}>;tag=TAG\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:eve@{ip}>;expires=60\r\nRetry-After: 5\r\n'
			     'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5\r\nMin-Expires: 60\r\n'
			     f'Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}')
	return [m.encode() for m in found]


class Changer:
	"""Changes messages at random, the same ones for the same seed."""

	def __init__(self, seed):
		self.chance = random.Random(seed)

	def change(self, message, others):
		chance = self.chance
		message = bytearray(message.replace(b'BRANCH', random_id().encode()).replace(b'TAG', random_id().encode()))
		for _ in range(chance.choice((1, 1, 2, 3, 8))):
			message = self.once(message, others)
		return bytes(message[:60000])

	def once(self, message, others):
		chance = self.chance
		at = chance.randrange(len(message) + 1)
		lines = message.split(b'\r\n')
		line = chance.randrange(len(lines))
		kind = chance.randrange(10)
		if kind == 0 and message:
			message[at % len(message)] = chance.randrange(256)
		elif kind == 1:
			message[at:at + chance.randrange(1, 40)] = b''
		elif kind == 2:
			message[at:at] = chance.choice(TOKENS)
		elif kind == 3:
			numbers = list(re.finditer(rb'\d+', message))
			if numbers:
				number = chance.choice(numbers)
				message[number.start():number.end()] = chance.choice(NUMBERS)
		elif kind == 4:
			lines[line:line] = [lines[line]] * chance.choice((1, 2, 60))
			message = bytearray(b'\r\n'.join(lines))
		elif kind == 5:
			del lines[line]
			message = bytearray(b'\r\n'.join(lines))
		elif kind == 6:
			other = chance.choice(others).split(b'\r\n')
			lines[line] = chance.choice(other)
			message = bytearray(b'\r\n'.join(lines))
		elif kind == 7:
			message = message[:at]
		elif kind == 8 and b':' in lines[line]:
			name, _, value = lines[line].partition(b':')
			lines[line] = name + b':' + chance.choice((b'', b' ', value + value, b' ' + chance.choice(TOKENS), value[::-1]))
			message = bytearray(b'\r\n'.join(lines))
		elif kind == 9:
			chance.shuffle(lines)
			message = bytearray(b'\r\n'.join(lines))
		return message


class Tough(Peer):
	"""A peer that survives what comes back for such messages."""

	def handle(self, message, address):
		try:
			super().handle(message, address)
		except (ValueError, KeyError, TypeError, AttributeError, IndexError):
			pass


def clear(phone):
	"""Refuses what rings, so that there is room for more."""
	for call in phone.do('list')['calls']:
		if call['incoming'] and not call['up']:
			phone.ask('hangup', call=call['call'])


def datagrams(phone, count, call_id='X'):
	"""Messages in a row, each answered or not; now and then it is looked whether the phone still listens."""
	ip, changer = loopback(), Changer(SEED)
	known = seeds(ip, phone, call_id)
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
		udp.bind((ip, 5060))
		udp.setblocking(False)
		for n in range(count):
			udp.sendto(changer.change(changer.chance.choice(known), known), (phone.ip, 5060))
			if n % 50 == 49:
				clear(phone)
				while select.select([udp], [], [], 0)[0]:
					udp.recv(65536)


def in_call(phone, peer, count):
	"""Requests and responses within calls that stand: their dialogs are known."""
	changer = Changer(SEED + 1)
	for _ in range(max(2, count // 200)):
		clear(phone)
		call, dialog = connected(phone, peer)
		known = [m.replace(b'tag=TAG', b'tag=' + dialog.local_tag.encode()) for m in seeds(peer.ip, phone, call['sip'])]
		remote = re.search('tag=([^;>]+)', dialog.remote)[1].encode()
		known = [m.replace(b'To: <sip:a@%s>' % phone.ip.encode(), b'To: <sip:a@%s>;tag=%s' % (phone.ip.encode(), remote)) for m in known]
		for n in range(100):
			message = changer.change(changer.chance.choice(known), known).replace(b'CSeq: 1 ', b'CSeq: %d ' % (n + 2000))
			peer.send(message.decode('latin-1'), (phone.ip, 5060))
		phone.ask('hangup', call=call['call'])
		phone.wait('closed', call=call['call'])
		for old in list(peer.dialogs.values()):
			old.rtp.close()
		peer.dialogs.clear()


def answers(phone, count):
	"""Responses to the phone's own INVITE, changed at random."""
	changer, ip = Changer(SEED + 2), loopback()
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
		udp.bind((ip, 5060))
		udp.settimeout(PATIENCE)
		for _ in range(max(5, count // 50)):
			call = phone.ask('dial', line='a', to=f'sip:x@{ip}')
			if not call['ok']:
				continue
			invite, address = udp.recvfrom(65536)
			while not invite.startswith(b'INVITE') or call['sip'].encode() not in invite:
				invite, address = udp.recvfrom(65536)
			head = {name: values[0] for name, values in parse(invite.decode())[1].items()}
			known = [re.sub(rb'CSeq: [^\r]*', b'CSeq: ' + head['cseq'].encode(), re.sub(rb'Via: [^\r]*', b'Via: ' + head['via'].encode(),
				re.sub(rb'From: [^\r]*', b'From: ' + head['from'].encode(), m))) for m in seeds(ip, phone, head['call-id']) if m.startswith(b'SIP')]
			for _ in range(10):
				udp.sendto(changer.change(changer.chance.choice(known), known), address)
			phone.ask('hangup', call=call['call'])


def streams(phone, count):
	"""The same over TCP, many in a connection, and bytes that are none."""
	ip, changer = loopback(), Changer(SEED + 3)
	known = [m.replace(b'/UDP', b'/TCP') for m in seeds(ip, phone)]
	for n in range(max(10, count // 40)):
		with socket.create_connection((phone.ip, 5060), 5, (ip, 0)) as tcp:
			tcp.settimeout(0.5)
			data = changer.chance.randbytes(4000) if n % 5 == 0 else b''.join(
				changer.change(changer.chance.choice(known), known) for _ in range(10))
			try:
				tcp.sendall(data)
			except OSError:
				pass                    # it ended the connection
		clear(phone)


def slow(phone, peer):
	"""Messages that never end, a byte at a time: an address has some connections, and each may try our patience for a while."""
	lines = b''.join(b'X-%d: y\r\n' % n for n in range(6000))
	begin = b'OPTIONS sip:a@x SIP/2.0\r\n'
	ways = {'a head without end': begin + lines[:60000], 'a body without end': begin + b'Content-Length: 60000\r\n\r\n',
		'a length below 0': begin + b'Content-Length: -1\r\n\r\n', 'two lengths': begin + b'l: 5\r\nContent-Length: 6\r\n\r\n',
		'line ends alone': b'\r\n' * 4000}
	for what, data in ways.items():
		with socket.create_connection((phone.ip, 5060), 5, (loopback(), 0)) as tcp:
			tcp.settimeout(PATIENCE)
			tap.check(f'{what}: the connection is ended', ends(tcp, data))
	held, ip = [], loopback()
	for _ in range(40):
		tcp = socket.create_connection((phone.ip, 5060), 5, (ip, 0))
		tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		tcp.sendall(begin + lines[:2000])
		held.append(tcp)
	before, start, alive = phone.cpu_seconds(), time.monotonic(), held
	while alive and time.monotonic() < start + 20:
		alive = [tcp for tcp in alive if trickles(tcp)]
	tap.check('40 connections that trickle are ended', not alive, len(alive))
	tap.check('and cost little', phone.cpu_seconds() - before < 2, phone.cpu_seconds() - before)
	works(phone, peer, 'slow')


def trickles(tcp):
	"""One byte more.  False: the other side has ended it."""
	try:
		tcp.send(b'a')
		return not select.select([tcp], [], [], 0)[0]
	except OSError:
		return False


def ends(tcp, data):
	try:
		tcp.sendall(data)
		while tcp.recv(65536):
			pass
	except ConnectionError:
		pass
	except TimeoutError:
		return False
	return True


HOLD = """
import socket, sys
held = []
for n in range(1200):
	tcp = socket.socket()
	tcp.settimeout(0.1)
	tcp.bind((sys.argv[2 + n % 40], 0))
	try:
		tcp.connect((sys.argv[1], 5060))
	except OSError:
		pass
	held.append(tcp)
print('held', flush=True)
sys.stdin.read()
"""


def crowd(phone, peer):
	"""More connections than a process may have open, that say nothing: there is still room for calls."""
	holder = subprocess.Popen([sys.executable, '-c', 'import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 4096))' + HOLD,
		phone.ip, *(loopback() for _ in range(40))], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
	with holder:
		holder.stdout.readline()
		fds = f'/proc/{phone.process.pid}/fd'
		eventually(lambda: len(os.listdir(fds)) > 100, what='its connections')
		counts = []
		while len(counts) < 20:
			phone.do('list')
			counts.append(len(os.listdir(fds)))
		tap.check('1,200 connections of 40 addresses: the phone keeps descriptors for itself', max(counts) < 170, counts)
		works(phone, peer, 'crowd')
		holder.stdin.close()


def connected(phone, peer):
	"""A call that is up.  Behind a flood a packet may be lost, and this peer sends none again."""
	for more in (2, 1, 0):
		call = phone.do('dial', line='a', to=peer.uri('answer-0'))
		dialog = peer.wait_dialog(call['sip'])
		try:
			phone.wait('up', call=call['call'], timeout=3 if more else PATIENCE)
			return call, dialog
		except TimeoutError:
			phone.do('hangup', call=call['call'])
	raise TimeoutError('no call comes about')


def works(phone, peer, what):
	call, dialog = connected(phone, peer)
	phone.do('hangup', call=call['call'])
	dialog.wait('ended')
	tap.check(f'{what}: a call works', True)


@tap.main
def test():
	peer, other, victim = Peer(loopback(), tone=1000), Peer(loopback(), tone=700), Tough(loopback())
	# A sanitizer keeps what is freed, to catch its use: less of it here, where memory is looked at.
	env = {'ASAN_OPTIONS': 'detect_leaks=0:abort_on_error=1:quarantine_size_mb=32'}
	with Phone(env=env) as phone:
		sound = Sound(phone.audio)
		phone.line()
		call = phone.dial(peer.uri('answer-0'))
		dialog = peer.wait_dialog(call['sip'])
		datagrams(phone, 300)
		before = phone.rss_kb()
		for name, part in (('requests and responses', lambda: datagrams(phone, MESSAGES)), ('within calls', lambda: in_call(phone, victim, MESSAGES)),
				   ('answers to its calls', lambda: answers(phone, MESSAGES)), ('over TCP', lambda: streams(phone, MESSAGES))):
			with tap.guard(name):
				part()
				tap.check(f'{name}: the phone is there', phone.alive() and phone.do('list')['ok'])
				clear(phone)
				works(phone, other, name)
		with tap.guard('slow'):
			slow(phone, other)
		with tap.guard('crowd'):
			crowd(phone, other)
		tap.check('the call from before all that has its sound', sound.heard[call['slot']].has(peer.tone)
			  and dialog.heard.has(sound.TONES[call['slot']]))
		eventually(lambda: len(os.listdir(f'/proc/{phone.process.pid}/fd')) < 100, 40, 'the end of the connections')
		grown = phone.rss_kb() - before
		kept = 150000 if is_sanitized(os.path.join(LIB, 'spctl.so')) else 0
		tap.check('memory stays', grown < 20000 + MESSAGES // 5 + kept, f'{grown} kB more')
		tap.note(f'{MESSAGES} messages, {grown} kB more, {phone.do("list")["formats"]} formats stopped')
		tap.equal('nothing left that was not ordered', phone.count('unordered', sent=True), 0)
		tap.check('no address of memory was told', not re.search('0x[0-9a-f]{6}', str(phone.events)))
		tap.equal('it ends with 0', phone.end(), 0)
