"""peer.py - a SIP party for tests, over UDP: many calls at a time, a tone of its own in each, any misbehaviour wanted.

What it does with an INVITE stands in the user part of the URI dialled, words separated by '-':
  answer[-MS[-HZ]]  180, then 200 after MS milliseconds, with a tone of HZ
  early-MS          183 with sound, then 200
  ring, quiet       180 for ever; 100 and nothing more
  code-486          refuses with that status and self.reason
  decline-486       rings, and then refuses with that status and self.reason
  redirect-PORT     302 to itself at another port
"""
import hashlib
import random
import re
import select
import socket
import struct
import threading
import time
import urllib.parse

import numpy as np

from rig import PATIENCE, Heard, eventually


def ulaw_tables():
	"""ITU-T G.711: (decode: byte to sample, encode: sample + 32768 to byte)."""
	code = ~np.arange(256) & 255
	magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132
	decode = np.where(code & 128, -magnitude, magnitude).astype('<i2')
	samples = np.arange(-32768, 32768)
	biased = np.minimum(np.abs(samples), 32635) + 132
	exponent = np.floor(np.log2(biased)).astype(int) - 7
	mantissa = (biased >> (exponent + 3)) & 15
	encode = (~(np.where(samples < 0, 128, 0) | (exponent << 4) | mantissa) & 255).astype(np.uint8)
	return decode, encode


DECODE, ENCODE = ulaw_tables()


SO_TIMESTAMPNS = 35             # Linux: the kernel's stamp on each datagram
STAMP = struct.Struct('qq')
FIRST_VIA = re.compile(r'(?mi)^(?:via|v)[ \t]*:([^\r\n]*)')


def stamped(sock):
	sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def receive(sock):
	"""(a datagram, time.time() when the kernel had it, however late we are, where from)"""
	data, more, _, address = sock.recvmsg(65535, 64)
	for _, kind, stamp in more:
		if kind == SO_TIMESTAMPNS:
			seconds, ns = STAMP.unpack(stamp[:STAMP.size])
			return data, seconds + ns / 1e9, address
	return data, time.time(), address


def transaction(via, method):
	"""What all copies of one request have in common, or None."""
	found = re.search(r'branch=([^;,\s]+)', via)
	return found and (found[1], via.split(';')[0].strip(), method)


def random_id():
	return '%08x' % random.getrandbits(32)


def parse(message):
	"""(first line, {header in lower case: [values]}, body)"""
	head, _, body = message.partition('\r\n\r\n')
	first, *lines = head.split('\r\n')
	headers = {}
	for line in lines:
		name, _, value = line.partition(':')
		headers.setdefault(name.strip().lower(), []).append(value.strip())
	return first, headers, body


def tag_of(value):
	found = re.search(r'tag=([^;>\s]+)', value)
	return found and found[1]


def uri_of(value):
	found = re.search(r'<([^>]+)>', value)
	return found[1] if found else value.split(';')[0]


class Dialogs(dict):
	"""Calls by Call-ID.  values() and items() are as of that moment: a call that comes in meanwhile breaks nobody's loop."""

	def values(self):
		return list(super().values())

	def items(self):
		return list(super().items())


class Dialog:
	"""One call of a peer."""

	def __init__(self, peer, freq):
		self.peer, self.freq = peer, freq
		self.rtp = socket.socket(peer.family, socket.SOCK_DGRAM)
		self.rtp.bind((peer.ip, 0))
		self.rtp.setblocking(False)
		stamped(self.rtp)
		self.rtp_to = self.phone_rtp = None     # where our sound goes now; where the phone wants it
		self._media_lock = threading.Lock()
		self.mute = peer.mute           # no sound of ours
		self.loses = 0                  # every so many packets one is lost on the way
		self.lost = 0                   # that many were
		self.lags = False               # every second packet comes with the next one, 20 ms late
		self._lagging = []
		self.heard = Heard()
		self.digits = ''
		self.infos = []                 # bodies of INFO
		self.state = 'new'              # new, ringing, early, up, ended, 'refused CODE'
		self.direction = 'sendrecv'     # as the phone last offered or answered
		self.offers = []
		self.notifies = []
		self.refer_answer = None
		self.replaced = self.followed = None
		self.on_final = None
		self.asked = 'sendrecv'         # by our last re-INVITE
		self.cseq = 100
		self._sequence, self._stamp = random.randrange(60000), 0
		self.ssrc = random.getrandbits(32)
		self.wrap = self.unwrap = lambda packet: packet         # SRTP, where a test speaks it
		self._last_digit = None
		self._finals = set()            # CSeq of INVITEs of ours that are answered

	def wait(self, state, timeout=PATIENCE):
		return eventually(lambda: self.state == state, timeout, f'{self.peer.ip}: {self.state} to {state}')

	def wait_direction(self, *directions):
		return eventually(lambda: self.direction in directions, what=f'{self.direction} to {directions}')

	def sdp(self, direction='sendrecv'):
		address = f'IN IP6 {self.peer.ip}' if ':' in self.peer.ip else f'IN IP4 {self.peer.ip}'
		rtcp = f'a=rtcp:{self.peer.rtcp_port}\r\n' if self.peer.rtcp_port else ''
		return (f'v=0\r\no=- {self.ssrc} {self._sequence} {address}\r\ns=-\r\nc={address}\r\nt=0 0\r\n'
			f'm=audio {self.rtp.getsockname()[1]} RTP/AVP {self.peer.codec} 101\r\n'
			f'a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n{rtcp}a={direction}\r\n')

	def packet(self, freq=None, ssrc=None, sequence=None):
		"""The next packet of our sound, or of somebody who poses as us."""
		t = (np.arange(160) + self._stamp) / 8000
		payload = ENCODE[(np.sin(2 * np.pi * (freq or self.freq) * t) * 8000).astype(int) + 32768].tobytes()
		return struct.pack('>BBHII', 128, 0, self._sequence if sequence is None else sequence, self._stamp & 0xffffffff,
				   self.ssrc if ssrc is None else ssrc) + payload

	def move(self, rtp, ssrc):
		"""Another socket and SSRC for our sound, between two packets; gives the old socket."""
		rtp.setblocking(False)
		stamped(rtp)
		with self._media_lock:
			old, self.rtp, self.ssrc = self.rtp, rtp, ssrc
		return old

	def fall_silent(self):
		"""No packet of ours leaves after this."""
		with self._media_lock:
			self.mute = True

	def learn(self, body):
		"""Where the phone wants its sound, and in which direction."""
		port, ip = re.search(r'm=audio (\d+)', body), re.search(r'c=IN IP[46] (\S+)', body)
		if port:
			self.rtp_to = self.phone_rtp = (ip[1], int(port[1]))
		direction = re.search(r'a=(sendrecv|sendonly|recvonly|inactive)', body)
		self.direction = direction[1] if direction else 'sendrecv'
		self.offers.append(self.direction)

	def answer_direction(self):
		return {'sendonly': 'recvonly', 'recvonly': 'sendonly'}.get(self.direction, self.direction)

	def request(self, method, extra='', body='', cseq=None, branch=None):
		peer = self.peer
		with peer.lock:                 # an answer on its way out goes first
			if cseq is None:
				self.cseq += 1
				cseq = self.cseq
			self._send_request(method, extra, body, cseq, branch)

	def _send_request(self, method, extra, body, cseq, branch):
		peer = self.peer
		peer.send(f'{method} {self.target} SIP/2.0\r\n'
			  f'Via: SIP/2.0/UDP {peer.host}:{peer.port};branch={branch or "z9hG4bK" + random_id()}\r\n'
			  f'Max-Forwards: 70\r\nFrom: {self.local}\r\nTo: {self.remote}\r\nCall-ID: {self.call_id}\r\n'
			  f'CSeq: {cseq} {method}\r\nContact: {peer.contact}\r\n{extra}'
			  f'Content-Length: {len(body.encode("utf-8", "surrogateescape"))}\r\n\r\n{body}', self.address)

	def bye(self, extra=''):
		with self.peer.lock:
			self.state = 'ended'
			self.rtp_to = None
			self.request('BYE', extra)

	def cancel(self):
		"""Takes back an INVITE of ours."""
		with self.peer.lock:
			self.state, self.rtp_to = 'cancelled', None
			self.request('CANCEL', cseq=self.invite_cseq, branch=self.branch)

	def respond(self, code, reason='x', extra='', body=None):
		"""A response to the phone's INVITE."""
		if 180 < code < 300:
			extra += 'Content-Type: application/sdp\r\n'
			body = self.sdp() if body is None else body
		extra += f'Contact: {self.peer.contact}\r\n'
		with self.peer.lock:            # who sees the state speaks after the answer
			self.state = {180: 'ringing', 183: 'early'}.get(code, 'up' if code < 300 else 'ended')
			if code >= 300:
				self.rtp_to = None
			self.peer.reply(self.invite, self.address, code, reason, extra, body or '', self.local_tag)

	def reinvite(self, direction):
		self.asked = direction
		self.request('INVITE', 'Content-Type: application/sdp\r\n', self.sdp(direction))

	def refer(self, to):
		self.request('REFER', f'Refer-To: {to}\r\n')

	def tick(self):
		"""20 ms of sound each way."""
		with self._media_lock:
			self._tick()

	def _tick(self):
		while True:
			try:
				packet, when, _ = receive(self.rtp)
				packet = self.unwrap(packet)
			except OSError:
				break
			if not packet:
				continue
			kind = packet[1] & 127
			if kind == 0:
				self.heard.add(DECODE[np.frombuffer(packet[12:], np.uint8)], when)
			elif kind == 101 and packet[4:8] != self._last_digit:
				self._last_digit = packet[4:8]
				self.digits += '0123456789*#ABCD'[packet[12]]
		to = self.rtp_to
		if not to or self.mute:
			return
		self._sequence = (self._sequence + 1) & 0xffff
		self._stamp += 160
		if self.loses and self._sequence % self.loses == 0:
			self.lost += 1
			return
		self._lagging.append(self.wrap(self.packet()))
		if self.lags and self._sequence % 2:
			return
		packets, self._lagging = self._lagging, []
		for packet in packets:
			try:
				self.rtp.sendto(packet, to)
			except OSError:
				pass


class Peer:
	"""One party at one address."""

	def __init__(self, ip, port=5060, user='peer', tone=1000, codec='0'):
		self.ip, self.port, self.user, self.tone, self.codec = ip, port, user, tone, codec
		self.family, self.host = (socket.AF_INET6, f'[{ip}]') if ':' in ip else (socket.AF_INET, ip)
		self.contact = f'<sip:{user}@{self.host}:{port}>'
		self.dialogs = Dialogs()
		self.messages = []              # (time, 'rx' or 'tx', text); a request that is sent again counts once
		self._known = {}                # requests that came, by branch and method: our last answer
		self.refer_mode = 'follow'      # follow, reject, fail; silent: 202 and no more; stop, 503: NOTIFY 100 and an end without
						# a result, or only NOTIFY 503; bye: 202 and BYE
		self.refer_ids = False          # NOTIFY names the REFER that it answers (RFC 3515 section 2.4.6)
		self.info_code = 200
		self.mute = False               # calls begin without sound of ours
		self.rtcp_port = None           # where we want the phone's RTCP, if not at the next port
		self.reinvite_code = 200
		self.reason = 'Nope'            # of code-NNN
		self.deaf = False               # answers nothing any more
		self.pings = 0                  # line ends that hold NAT open
		self.answer_cancelled = False   # 200 to an INVITE whose CANCEL has just come: the two crossed
		self.lock = threading.RLock()   # one thing at a time: a message, or an answer whose time has come
		self._changed = threading.Condition()
		self._socket = socket.socket(self.family, socket.SOCK_DGRAM)
		self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
		stamped(self._socket)
		self.arrived = 0                # time.time() when what is handled now had come, however late that is
		self._socket.bind((ip, port))
		threading.Thread(target=self._signal, daemon=True).start()
		threading.Thread(target=self._media, daemon=True).start()

	def uri(self, does='answer'):
		return f'sip:{does}@{self.host}' + (f':{self.port}' if self.port != 5060 else '')

	# ---- messages ----

	def note(self, direction, message):
		with self._changed:
			self.messages.append((self.arrived if direction == 'rx' else time.time(), direction, message))
			self._changed.notify_all()

	def send(self, message, address):
		self.note('tx', message)
		self._put(message, address)

	def _put(self, message, address):
		try:
			self._socket.sendto(message.encode('utf-8', 'surrogateescape'), address)
		except OSError:
			pass                            # no way there at this moment: lost, as any datagram may be

	def received(self, pattern):
		return [m for _, direction, m in list(self.messages) if direction == 'rx' and re.search(pattern, m)]

	def requests(self, method):
		"""Those that came."""
		return self.received(f'^{method} ')

	def wait_message(self, pattern, nth=1, timeout=PATIENCE):
		"""The nth message received that the pattern is found in."""
		with self._changed:
			if not self._changed.wait_for(lambda: len(self.received(pattern)) >= nth, timeout):
				raise TimeoutError(f'{self.ip} never got {pattern}')
			return self.received(pattern)[nth - 1]

	def wait_dialog(self, call_id):
		return eventually(lambda: self.dialogs.get(call_id), what=f'an INVITE {call_id} at {self.ip}')

	def reply(self, headers, address, code, reason, extra='', body='', local_tag=None):
		to = headers['to'][0]
		if local_tag and 'tag=' not in to:
			to += ';tag=' + local_tag
		via = ''.join(f'Via: {v}\r\n' for v in headers['via'])
		message = (f'SIP/2.0 {code} {reason}\r\n{via}From: {headers["from"][0]}\r\nTo: {to}\r\n'
			   f'Call-ID: {headers["call-id"][0]}\r\nCSeq: {headers["cseq"][0]}\r\n{extra}'
			   f'Content-Length: {len(body)}\r\n\r\n{body}')
		key = transaction(headers['via'][0], headers['cseq'][0].split()[-1])
		with self.lock:
			if key in self._known:
				self._known[key] = message
			self.send(message, address)

	# ---- calls of ours ----

	def prepare(self, to, address, freq=None, extra='', from_=None, body=None, call_id=None):
		"""A call that is not yet placed."""
		dialog = Dialog(self, freq or self.tone)
		dialog.address, dialog.call_id, dialog.local_tag = address, call_id or f'{random_id()}@{self.ip}', random_id()
		dialog.target, dialog.remote = to, f'<{to}>'
		dialog.local = (from_ or self.contact) + ';tag=' + dialog.local_tag
		dialog.extra, dialog.body, dialog.branch = extra, body, 'z9hG4bK' + random_id()
		dialog.invite_cseq = dialog.cseq + 1
		self.dialogs[dialog.call_id] = dialog
		return dialog

	def place(self, dialog):
		dialog.request('INVITE', dialog.extra + 'Content-Type: application/sdp\r\n', dialog.body or dialog.sdp(),
			       branch=dialog.branch)
		return dialog

	def call(self, phone, line='a', **more):
		return self.place(self.prepare(f'sip:{line}@{phone.host}', (phone.ip.strip('[]'), phone.port), **more))

	# ---- what comes in ----

	def _signal(self):
		while True:
			data, self.arrived, address = receive(self._socket)
			message = data.decode('utf-8', 'surrogateescape')
			if not self.deaf and message == '\r\n\r\n':
				self.pings += 1
			if len(message) < 10 or self.deaf:
				continue
			with self.lock:
				if not self._came_before(message, address):
					self.note('rx', message)
					self.handle(message, address)

	def _came_before(self, message, address):
		"""The phone sends a request again where this process was late: then our answer goes again, and nothing else is done
		(RFC 3261 section 17.2)."""
		via = not message.startswith(('SIP/2.0', 'ACK ')) and FIRST_VIA.search(message)
		key = via and transaction(via[1], message.split(' ', 1)[0])
		if not key:
			return False
		if key in self._known:
			if self._known[key]:
				self._put(self._known[key], address)
			return True
		if len(self._known) >= 2000:            # the oldest go
			for old in list(self._known)[:1000]:
				del self._known[old]
		self._known[key] = None
		return False

	def handle(self, message, address):
		first, headers, body = parse(message)
		if 'call-id' not in headers:
			return                          # the answer to a message that was broken on purpose
		dialog = self.dialogs.get(headers['call-id'][0])
		if first.startswith('SIP/2.0'):
			self.on_response(int(first.split()[1]), headers, body, dialog)
		else:
			method, uri = first.split(' ')[:2]
			self.on_request(method, uri, headers, body, address, dialog)

	def on_response(self, code, headers, body, dialog):
		if not dialog:
			return
		number, method = headers['cseq'][0].split()
		if method == 'REFER':
			dialog.refer_answer = code
		if method != 'INVITE':
			return
		if code > 100 and tag_of(headers['to'][0]):
			dialog.remote = headers['to'][0]
		if 'contact' in headers and code < 300:
			dialog.target = uri_of(headers['contact'][0])
		again = number in dialog._finals                # our ACK came late
		if not again:
			self.on_invite_response(code, body, dialog)
		if code >= 200:
			dialog._finals.add(number)
			branch = re.search(r'branch=([^;\s]+)', headers['via'][0])[1] if code >= 300 else None
			dialog.request('ACK', cseq=int(number), branch=branch)
		if code >= 200 and not again and dialog.on_final:
			then, dialog.on_final = dialog.on_final, None
			then(code)

	def on_invite_response(self, code, body, dialog):
		if 'm=audio' in body:
			dialog.learn(body)
		if code in (491, 500) and dialog.state == 'up':         # it crossed one of the phone's
			threading.Timer(0.05, lambda: dialog.state == 'up' and dialog.reinvite(dialog.asked)).start()
		if 180 <= code < 200 and dialog.state == 'new':
			dialog.state = 'ringing'
		elif 200 <= code < 300 and dialog.state not in ('ended', 'cancelled'):
			dialog.state = 'up'
		elif code >= 300 and dialog.state not in ('up', 'cancelled'):
			dialog.state = f'refused {code}'
			dialog.rtp_to = None

	def on_request(self, method, uri, headers, body, address, dialog):
		if method == 'INVITE' and not tag_of(headers['to'][0]):
			if not dialog:              # else it is one that took another way here
				self.on_invite(uri, headers, body, address)
		elif method == 'REGISTER':
			contact = f'Contact: {headers["contact"][0]}\r\n' if 'contact' in headers else ''
			self.reply(headers, address, 200, 'OK', contact, local_tag=random_id())
		elif method == 'ACK':
			pass
		elif not dialog:
			self.reply(headers, address, 481, 'No such call', local_tag=random_id())
		elif method == 'CANCEL':
			self.on_cancel(headers, address, dialog)
		elif method == 'INVITE':
			self.on_reinvite(headers, body, address, dialog)
		elif method == 'REFER':
			self.on_refer(headers, address, dialog)
		elif method == 'INFO':
			dialog.infos.append((headers['content-type'][0], body))
			self.reply(headers, address, self.info_code, 'Info', local_tag=dialog.local_tag)
		else:
			self.reply(headers, address, 200, 'OK', local_tag=dialog.local_tag)
			if method == 'BYE':
				dialog.state, dialog.rtp_to = 'ended', None
			elif method == 'NOTIFY':
				dialog.notifies.append(body)

	def on_invite(self, uri, headers, body, address):
		user = re.match(r'sip:([^@;]*)', uri)[1]
		does, *args = user.split('-')
		dialog = Dialog(self, int(args[1]) if len(args) > 1 else self.tone)
		dialog.invite, dialog.address = headers, address
		dialog.call_id, dialog.local_tag = headers['call-id'][0], random_id()
		dialog.target, dialog.remote = uri_of(headers['contact'][0]), headers['from'][0]
		dialog.local = headers['to'][0] + ';tag=' + dialog.local_tag
		dialog.learn(body)
		self.dialogs[dialog.call_id] = dialog
		self.reply(headers, address, 100, 'Trying')
		if 'replaces' in headers:
			return self.on_replaces(headers['replaces'][0], dialog)
		self.behave(dialog, does, args)

	def behave(self, dialog, does, args):
		later = int(args[0]) / 1000 if args and args[0].isdigit() else 0

		def answer(state):
			with self.lock:
				if dialog.state == state:
					dialog.respond(200, 'OK')
		if does == 'answer':
			dialog.respond(180, 'Ringing')
			threading.Timer(later, answer, ['ringing']).start()
		elif does == 'early':
			dialog.respond(183, 'Session Progress')
			threading.Timer(later, answer, ['early']).start()
		elif does == 'ring':
			dialog.respond(180, 'Ringing')
		elif does in ('code', 'decline'):
			if does == 'decline':
				dialog.respond(180, 'Ringing')
			dialog.respond(int(args[0]), self.reason)
		elif does == 'redirect':
			self.reply(dialog.invite, dialog.address, 302, 'Moved Temporarily',
				   f'Contact: <sip:answer@{self.host}:{args[0]}>\r\n', '', dialog.local_tag)
			dialog.state, dialog.rtp_to = 'ended', None

	def on_cancel(self, headers, address, dialog):
		self.reply(headers, address, 200, 'OK', local_tag=dialog.local_tag)
		if self.answer_cancelled:
			dialog.respond(200, 'OK')
		elif dialog.state in ('ringing', 'early', 'new'):
			dialog.respond(487, 'Request Terminated')

	def on_replaces(self, value, dialog):
		call_id, to_tag, from_tag = re.match(r'([^;]+);to-tag=([^;]+);from-tag=([^;]+)', value).groups()
		old = self.dialogs.get(call_id)
		if not old or old.local_tag != to_tag or tag_of(old.remote) != from_tag:
			return dialog.respond(481, 'No dialog to replace')
		dialog.respond(200, 'OK')
		dialog.replaced = old
		old.bye()

	def on_reinvite(self, headers, body, address, dialog):
		if self.reinvite_code != 200:
			return self.reply(headers, address, self.reinvite_code, 'No', local_tag=dialog.local_tag)
		dialog.learn(body)
		self.reply(headers, address, 200, 'OK', f'Contact: {self.contact}\r\nContent-Type: application/sdp\r\n',
			   dialog.sdp(dialog.answer_direction()), dialog.local_tag)

	def on_refer(self, headers, address, dialog):
		dialog.refer_to = headers['refer-to'][0]
		if self.refer_mode == 'reject':
			return self.reply(headers, address, 603, 'Decline', local_tag=dialog.local_tag)
		self.reply(headers, address, 202, 'Accepted', f'Contact: {self.contact}\r\n', local_tag=dialog.local_tag)

		def tell(code, state):
			of = ';id=' + headers['cseq'][0].split()[0] if self.refer_ids else ''
			dialog.request('NOTIFY', f'Event: refer{of}\r\nSubscription-State: {state}\r\n'
				       'Content-Type: message/sipfrag\r\n', f'SIP/2.0 {code} X\r\n')
		over = 'terminated;reason=noresource'
		if self.refer_mode in ('silent', 'bye'):
			return dialog.bye() if self.refer_mode == 'bye' else None
		if self.refer_mode == '503':
			return tell(503, over)
		tell(100, 'active;expires=60')
		if self.refer_mode == 'stop':
			return tell(100, over)
		if self.refer_mode == 'fail':
			return tell(486, over)
		base, _, header = uri_of(dialog.refer_to).partition('?')
		extra = ''
		if header.startswith('Replaces='):
			extra = f'Replaces: {urllib.parse.unquote(header[9:])}\r\n'
		host = re.match(r'sip:(?:[^@]*@)?(\[[^]]*\]|[^:;>]+)(?::(\d+))?', base)
		new = self.prepare(base, (host[1].strip('[]'), int(host[2] or 5060)), dialog.freq, extra)
		new.on_final = lambda code: tell(code, over)
		dialog.followed = self.place(new)

	def _media(self):
		tick = time.time()
		while True:
			tick += 0.02
			select.select([], [], [], max(0, tick - time.time()))
			for dialog in list(self.dialogs.values()):
				dialog.tick()


class Registrar(Peer):
	"""A peer that also registers user 200, after digest authentication (RFC 2617, MD5 with qop)."""

	def __init__(self, ip, password, **more):
		self.password = password
		self.registrations = []         # (was the response right, seconds asked for)
		super().__init__(ip, **more)

	def on_request(self, method, uri, headers, body, address, dialog):
		if method == 'REGISTER':
			self.on_register(headers, address)
		else:
			super().on_request(method, uri, headers, body, address, dialog)

	def on_register(self, headers, address):
		given = headers.get('authorization')
		if not given:
			challenge = 'WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth", algorithm=MD5\r\n'
			return self.reply(headers, address, 401, 'Unauthorized', challenge, local_tag=random_id())
		right = self.is_right(given[0])
		contact = headers.get('contact', [''])[0]
		seconds = re.search(r'expires=(\d+)', contact)
		self.registrations.append((right, int(seconds[1] if seconds else headers['expires'][0])))
		extra = f'Contact: {contact}\r\n' if contact else ''
		self.reply(headers, address, 200 if right else 403, 'OK' if right else self.reason, extra, local_tag=random_id())

	def is_right(self, given):
		part = {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', given)}
		md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
		secret, request = md5(f'200:r:{self.password}'), md5(f'REGISTER:{part["uri"]}')
		right = md5(':'.join((secret, part['nonce'], part['nc'], part['cnonce'], part['qop'], request)))
		return part['username'] == '200' and part['response'] == right
