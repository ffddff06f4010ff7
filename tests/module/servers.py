"""servers.py - servers for tests, beside the peers of peer.py.

  StreamRegistrar   a registrar over TCP, or over TLS with a context, that takes anybody
  NameServer        DNS over UDP, from a dict
"""
import socket
import struct
import threading

from peer import parse

A, CNAME, AAAA, SRV = 1, 5, 28, 33


class StreamRegistrar:
	def __init__(self, ip, context=None):
		self.context = context
		self.got = []                   # first words of SIP requests
		self.pings = 0                  # double line ends: RFC 5626
		self.failed = 0                 # connections that ended before SIP
		self.streams = []
		self.listener = socket.create_server((ip, 0))
		self.port = self.listener.getsockname()[1]
		threading.Thread(target=self._run, daemon=True).start()

	def _run(self):
		while True:
			try:
				connection, _ = self.listener.accept()
			except OSError:
				return
			threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

	def _talk(self, connection):
		try:
			if self.context:
				connection = self.context.wrap_socket(connection, server_side=True)
			self.streams.append(connection)
			self._serve(connection)
		except OSError:                 # ssl.SSLError is one
			self.failed += 1

	def _serve(self, stream):
		data = b''
		while True:
			more = stream.recv(65536)
			if not more:
				return
			data += more
			while data.startswith(b'\r\n\r\n'):
				self.pings += 1
				data = data[4:]
			while b'\r\n\r\n' in data:
				message, _, rest = data.partition(b'\r\n\r\n')
				first, headers, _ = parse(message.decode() + '\r\n\r\n')
				body = int(headers.get('content-length', ['0'])[0])
				if len(rest) < body:
					break
				data = rest[body:]
				self.got.append(first.split()[0])
				stream.sendall(self.answer(headers).encode())

	def answer(self, headers):
		lines = [f'Via: {headers["via"][0]}', f'From: {headers["from"][0]}', f'To: {headers["to"][0]};tag=x',
			 f'Call-ID: {headers["call-id"][0]}', f'CSeq: {headers["cseq"][0]}']
		lines += [f'Contact: {c}' for c in headers.get('contact', [])] + ['Content-Length: 0', '', '']
		return 'SIP/2.0 200 OK\r\n' + '\r\n'.join(lines)

	def drop(self):
		"""Ends every connection, as a server that is started anew."""
		for stream in self.streams:
			try:
				stream.shutdown(socket.SHUT_RDWR)
			except OSError:
				pass
			stream.close()
		self.streams = []


def encode_name(name):
	return b''.join(bytes([len(part)]) + part.encode() for part in name.split('.') if part) + b'\0'


class NameServer:
	"""names: {(name, type): [data]}, data being an address, or (priority, weight, port, target) of an SRV."""

	def __init__(self, ip, names):
		self.names, self.silent, self.asked = names, False, []
		self._known = set()             # one that is sent again, because this process was late, counts once
		self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		self.socket.bind((ip, 0))
		self.address = '%s:%d' % self.socket.getsockname()
		threading.Thread(target=self._run, daemon=True).start()

	def _run(self):
		while True:
			question, client = self.socket.recvfrom(4096)
			if not self.silent:
				self.socket.sendto(self._answer(question), client)

	def _answer(self, question):
		at, parts = 12, []
		while question[at]:
			parts.append(question[at + 1:at + 1 + question[at]].decode())
			at += 1 + question[at]
		name, kind = '.'.join(parts).lower(), struct.unpack('>H', question[at + 1:at + 3])[0]
		if (question[:2], name, kind) not in self._known:
			self._known.add((question[:2], name, kind))
			self.asked.append((name, kind))
		found = self.names.get((name, kind), [])
		known = any(n == name for n, _ in self.names)
		out = question[:2] + struct.pack('>5H', 0x8180 | (0 if known else 3), 1, len(found), 0, 0) + question[12:at + 5]
		for data in found:
			if kind == SRV:
				data = struct.pack('>3H', *data[:3]) + encode_name(data[3])
			else:
				data = socket.inet_pton(socket.AF_INET if kind == A else socket.AF_INET6, data)
			out += encode_name(name) + struct.pack('>2HIH', kind, 1, 60, len(data)) + data
		return out


class StunServer:
	"""Answers STUN Binding requests (RFC 5389) with where they come from."""
	MAGIC = 0x2112A442

	def __init__(self, ip, port=0):
		self.silent, self.asked = False, 0
		self.held = None                # a list: questions wait there for release()
		self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		self.socket.bind((ip, port))
		self.uri = 'stun:%s:%d' % self.socket.getsockname()
		threading.Thread(target=self._run, daemon=True).start()

	def _run(self):
		while True:
			packet, (ip, port) = self.socket.recvfrom(2048)
			if len(packet) < 20 or packet[:2] != b'\0\1':
				continue
			self.asked += 1
			if self.held is not None:
				self.held.append((packet, ip, port))
			elif not self.silent:
				self._answer(packet, ip, port)

	def _answer(self, packet, ip, port):
		number = struct.unpack('>I', socket.inet_aton(ip))[0] ^ self.MAGIC
		mapped = struct.pack('>HHBBHI', 0x20, 8, 0, 1, port ^ (self.MAGIC >> 16), number)
		self.socket.sendto(struct.pack('>HH', 0x101, len(mapped)) + packet[4:20] + mapped, (ip, port))

	def release(self):
		held, self.held = self.held, None
		for question in held:
			self._answer(*question)
