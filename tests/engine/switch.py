"""switch.py - a PBX that only connects: a stateless SIP proxy (RFC 3261 section 16.11) that finds people by number.

	switch = Switch()
	switch.place(BOB, bob)                  # a peer of tests/module/peer.py, or a desk.FarEnd
	switch.place(EVE, eve, "code-486")      # what that peer does with the call

Requests within a call pass through it as well where they are sent to it.
"""
import re
import select
import socket
import threading

from desk import loopback

PORT = 5060


class Switch:
	def __init__(self):
		self.ip = loopback()
		self.places = {}
		self.seen = []                  # first lines of the requests that came
		self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		self._socket.bind((self.ip, PORT))
		self._open = True
		threading.Thread(target=self._run, daemon=True).start()

	def place(self, number, party, does=None):
		"""A call to the number goes to this party, as the user `does` where that is given."""
		self.places[number] = (party, does or number)

	def invites(self, number):
		"""How many calls came for the number; one that is sent again counts once."""
		return len({line for line in self.seen if line.startswith(f"INVITE sip:{number}@")})

	def _run(self):
		while self._open:
			if not select.select([self._socket], [], [], 0.2)[0]:
				continue
			data, source = self._socket.recvfrom(65535)
			if len(data) > 10:              # no keep-alive
				self._pass_on(data.decode("utf-8", "surrogateescape"), source)

	def _pass_on(self, message, source):
		first, rest = message.split("\r\n", 1)
		if first.startswith("SIP/2.0"):
			rest = self._without_via(rest)
			via = re.search(r"(?mi)^via: *SIP/2.0/UDP ([\d.]+):?(\d*)([^\r]*)", rest)
			received = re.search(r"received=([\d.]+)", via[3])
			self._send(first, rest, (received[1] if received else via[1], int(via[2] or PORT)))
			return
		method, uri, version = first.split(" ")
		call_id = re.search(r"(?mi)^call-id: *(\S+)", rest)[1]
		self.seen.append(f"{first} {call_id}")
		user, host, port = re.match(r"sip:(?:([^@]*)@)?([\d.]+):?(\d*)", uri).groups()
		address = (host, int(port or PORT))
		if address == (self.ip, PORT):
			if user not in self.places:
				self._refuse(rest, source)
				return
			party, does = self.places[user]
			address = (party.ip, PORT)
			uri = f"sip:{does}@{party.ip}"
		branch = re.search(r"branch=([^;\s]+)", rest)[1]
		self._send(f"{method} {uri} {version}\r\nVia: SIP/2.0/UDP {self.ip}:{PORT};branch={branch}-s", rest, address)

	@staticmethod
	def _without_via(rest):
		return re.sub(r"(?mi)^via:[^\n]*\n", "", rest, count=1)

	def _refuse(self, rest, source):
		if re.search(r"(?mi)^cseq: *\d+ ACK", rest):
			return
		kept = "\r\n".join(re.findall(r"(?mi)^(?:via|from|call-id|cseq):[^\r]*", rest))
		to = re.search(r"(?mi)^to:[^\r]*", rest)[0]
		self._send("SIP/2.0 404 Nobody There", f"{kept}\r\n{to};tag=switch\r\nContent-Length: 0\r\n\r\n", source)

	def _send(self, first, rest, address):
		self._socket.sendto(f"{first}\r\n{rest}".encode("utf-8", "surrogateescape"), address)

	def close(self):
		self._open = False

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.close()
