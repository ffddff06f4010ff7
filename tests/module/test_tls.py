#!/usr/bin/python3
"""Registration over TLS: the server's certificate is verified, by address and by name; what is wrong is told, and no
byte of SIP leaves before it is right."""
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import warnings

from rig import HERE, Phone, eventually, loopback
from peer import parse
import tap


class Server:
	"""A registrar that takes anybody, behind one certificate."""

	def __init__(self, ip, folder, certificate, oldest=None):
		self.names = []                 # as the client sent them (SNI)
		self.got = []                   # first words of SIP requests
		self.failed = 0                 # connections that ended before SIP
		self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		self.context.load_cert_chain(os.path.join(folder, certificate + '.pem'))
		self.context.sni_callback = lambda sock, name, context: self.names.append(name)
		if oldest:
			with warnings.catch_warnings():
				warnings.simplefilter('ignore', DeprecationWarning)
				self.context.minimum_version = self.context.maximum_version = oldest
			self.context.set_ciphers('ALL:@SECLEVEL=0')
		self.listener = socket.create_server((ip, 0))
		self.port = self.listener.getsockname()[1]
		threading.Thread(target=self._run, daemon=True).start()

	def _run(self):
		while True:
			connection, _ = self.listener.accept()
			try:
				self._serve(self.context.wrap_socket(connection, server_side=True))
			except (ssl.SSLError, OSError):
				self.failed += 1

	def _serve(self, stream):
		data = b''
		while True:
			more = stream.recv(65536)
			if not more:
				return
			data += more
			while b'\r\n\r\n' in data:
				message, _, data = data.partition(b'\r\n\r\n')
				first, headers, _ = parse(message.decode() + '\r\n\r\n')
				self.got.append(first.split()[0])
				lines = [f'Via: {headers["via"][0]}', f'From: {headers["from"][0]}', f'To: {headers["to"][0]};tag=x',
					 f'Call-ID: {headers["call-id"][0]}', f'CSeq: {headers["cseq"][0]}']
				lines += [f'Contact: {c}' for c in headers.get('contact', [])] + ['Content-Length: 0', '', '']
				stream.sendall(('SIP/2.0 200 OK\r\n' + '\r\n'.join(lines)).encode())


def attempt(server_ip, folder, certificate, host, ca=True, oldest=None):
	"""Registers once: (the event that tells how it went, the server)."""
	server = Server(server_ip, folder, certificate, oldest)
	by_name = host and not host[0].isdigit()
	members = {'tls_host': host} if host else {}
	if by_name:
		aor = f'sip:a@{host};transport=tls'
		members['outbound'] = f'sip:{server_ip}:{server.port};transport=tls'
	else:
		aor = f'sip:a@{server_ip}:{server.port};transport=tls'
	with Phone(config=[f'sip_cafile {folder}/ca.pem'] if ca else []) as phone:
		phone.line('a', aor, every=60, user='a', password='secret', **members)
		phone.ask('register', line='a')
		found = eventually(lambda: phone.matching('registered') or phone.matching('register_failed'), what='an end')[0]
	return found, server


def one_name():
	with Phone() as phone:
		phone.line('a', 'sip:a@127.0.0.1;transport=tls', tls_host='pbx.test')
		other = phone.refused('line_create', line='b', aor='sip:b@127.0.0.1', tls_host='other.test')
		tap.check('a phone expects one name', '"pbx.test" already' in other, other)


def good(ip, folder):
	for certificate, host, name in (('good', ip, []), ('good', 'pbx.test', ['pbx.test']),
					('wildcard', 'a.pbx.test', ['a.pbx.test'])):
		event, server = attempt(ip, folder, certificate, host)
		tap.equal(f'{certificate} for {"an address" if host == ip else host}: registered', event['event'], 'registered')
		tap.equal('the name was sent', [n for n in server.names if n], name)


def bad(ip, folder):
	cases = (('wronghost', 'mismatch'), ('strangerca', 'local issuer'), ('selfsigned', 'self-signed certificate'),
		 ('expired', 'has expired'), ('notyet', 'not yet valid'))
	for host in (ip, 'pbx.test'):
		for certificate, why in cases:
			event, server = attempt(ip, folder, certificate, host)
			what = f'{certificate} for {"an address" if host == ip else host}'
			tap.check(f'{what}: refused', event['event'] == 'register_failed' and why in event['tls'], event)
			tap.equal(f'{what}: no SIP left', server.got, [])
	for what, certificate, host, how in (('another name than the certificate has', 'good', 'other.test', {}),
					     ('a name above the wildcard', 'wildcard', 'pbx.test', {}),
					     ('no name expected', 'good', None, {}), ('no CA', 'good', ip, {'ca': False}),
					     ('TLS 1.1', 'good', ip, {'oldest': ssl.TLSVersion.TLSv1_1})):
		event, server = attempt(ip, folder, certificate, host, **how)
		tap.equal(f'{what}: refused', (event['event'], server.got), ('register_failed', []))


@tap.main
def test():
	ip = loopback()
	with tempfile.TemporaryDirectory(prefix='spctl-tls-') as folder:
		subprocess.run([os.path.join(HERE, 'certificates'), folder, ip], check=True)
		one_name()
		good(ip, folder)
		bad(ip, folder)
