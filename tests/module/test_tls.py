#!/usr/bin/python3
"""Registration over TLS: the server's certificate is verified, by address and by name; what is wrong is told in words,
and no byte of SIP leaves before it is right.  The phone's own certificate is shown to a server that asks for one."""
import os
import ssl
import subprocess
import tempfile
import threading
import warnings

from rig import HERE, Phone, Sound, eventually, loopback
from servers import StreamRegistrar
import tap


class Server(StreamRegistrar):
	"""A registrar that takes anybody, behind one certificate."""

	def __init__(self, ip, folder, certificate, oldest=None, asks=False):
		self.names = []                 # as the client sent them (SNI)
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.set_ciphers('ALL:@SECLEVEL=0')          # the server shows whatever it has
		context.load_cert_chain(os.path.join(folder, certificate + '.pem'))
		if asks:
			context.verify_mode = ssl.CERT_REQUIRED
			context.load_verify_locations(os.path.join(folder, 'ca.pem'))
		context.sni_callback = lambda sock, name, context: self.names.append(name)
		if oldest:
			with warnings.catch_warnings():
				warnings.simplefilter('ignore', DeprecationWarning)
				context.minimum_version = context.maximum_version = oldest
		super().__init__(ip, context)


def attempt(server_ip, folder, certificate, host, ca='ca.pem', config=(), unverified=False, **how):
	"""Registers once: (the event that tells how it went, the server)."""
	server = Server(server_ip, folder, certificate, **how)
	by_name = host and not host[0].isdigit()
	members = {'tls_host': host} if host else {}
	if unverified:
		members['unverified'] = True
	if by_name:
		aor = f'sip:a@{host};transport=tls'
		members['outbound'] = f'sip:{server_ip}:{server.port};transport=tls'
	else:
		aor = f'sip:a@{server_ip}:{server.port};transport=tls'
	with Phone(config=[f'sip_cafile {folder}/{ca}' if ca else '', *config]) as phone:
		phone.line('a', aor, every=60, user='a', password='secret', **members)
		phone.ask('register', line='a')
		found = eventually(lambda: phone.matching('registered') or phone.matching('register_failed'), 20, 'an end')[0]
	return found, server


def one_name():
	with Phone() as phone:
		phone.line('a', 'sip:a@127.0.0.1;transport=tls', tls_host='pbx.test')
		other = phone.refused('line_create', line='b', aor='sip:b@127.0.0.1', tls_host='other.test')
		tap.check('a phone expects one name', '"pbx.test" already' in other, other)


def good(ip, folder):
	for what, certificate, host, ca in (
			('for an address', 'good', ip, 'ca.pem'), ('for a name', 'good', 'pbx.test', 'ca.pem'),
			('for a name, in capitals', 'good', 'PBX.test', 'ca.pem'), ('with a wildcard', 'wildcard', 'a.pbx.test', 'ca.pem'),
			('with sip:NAME', 'uri', 'pbx.test', 'ca.pem'), ('of an elliptic curve', 'ec', 'pbx.test', 'ca.pem'),
			('below an intermediate CA', 'chain', 'pbx.test', 'ca.pem'), ('that is not in the list of revoked', 'good', ip, 'crl.pem')):
		event, server = attempt(ip, folder, certificate, host, ca)
		tap.equal(f'a good one {what}: registered', (event['event'], event['reason']), ('registered', 'OK'))
		tap.equal('the name was sent', [n for n in server.names if n], [host] if host != ip else [])


# What is wrong, the certificate, whom it must name (None: the server's address), words of the refusal, how.
BAD = [
	('self-signed', 'selfsigned', None, 'self-signed certificate', {}),
	('self-signed, for a name', 'selfsigned', 'pbx.test', 'self-signed certificate', {}),
	('of another CA', 'strangerca', 'pbx.test', 'local issuer', {}),
	('for another name', 'wronghost', 'pbx.test', 'is for 127.0.0.9, evil.test, not for pbx.test', {}),
	('for another address', 'wronghost', None, 'is for 127.0.0.9, evil.test, not for 127.', {}),
	('for another sip:NAME', 'wronguri', 'pbx.test', 'mismatch', {}),
	('expired', 'expired', None, 'has expired', {}),
	('not yet valid', 'notyet', 'pbx.test', 'not yet valid', {}),
	('with the name as CN alone', 'cnonly', 'pbx.test', 'no subjectAltName', {}),
	('with half a label as wildcard', 'partial', 'pbx.test', 'mismatch', {}),
	('with a wildcard below the name', 'wildcard', 'pbx.test', 'mismatch', {}),
	('with a wildcard for two labels', 'wildcard', 'a.b.pbx.test', 'mismatch', {}),
	('with wildcards elsewhere', 'deep', 'a.pbx.test', 'mismatch', {}),
	('without the intermediate one', 'nochain', 'pbx.test', 'local issuer', {}),
	('below one that has expired', 'underpast', 'pbx.test', 'has expired', {}),
	('below one that is no CA', 'undernoca', 'pbx.test', 'invalid CA certificate', {}),
	('below a CA that may not sign', 'undernosign', 'pbx.test', 'certificate', {}),
	('outside of what its CA may name', 'outside', 'pbx.test', 'permitted subtree violation', {}),
	('with a key of 1024 bits', 'weakkey', 'pbx.test', 'key too weak', {}),
	('signed with SHA-1', 'sha1', 'pbx.test', 'too weak', {}),
	('signed with MD5', 'md5', 'pbx.test', 'too weak', {}),
	('for clients alone', 'clientonly', 'pbx.test', 'purpose', {}),
	('with a NUL in its name', 'nul', 'pbx.test', 'mismatch', {}),
	('revoked', 'revoked', 'pbx.test', 'revoked', {'ca': 'crl.pem'}),
	('good, but no CA is known', 'good', None, 'certificate', {'ca': None}),
	('good, but TLS 1.1', 'good', None, 'protocol version', {'oldest': ssl.TLSVersion.TLSv1_1}),
	('good, but TLS 1.0', 'good', None, 'protocol version', {'oldest': ssl.TLSVersion.TLSv1}),
]


def bad(ip, folder):
	for what, certificate, host, why, how in BAD:
		event, server = attempt(ip, folder, certificate, host or ip, **how)
		tap.check(f'{what}: refused, and told why', event['event'] == 'register_failed' and why in event['tls'], event)
		tap.equal(f'{what}: no SIP left', server.got, [])
	event, server = attempt(ip, folder, 'good', None)
	tap.equal('no name is expected: refused', (event['event'], server.got), ('register_failed', []))


def unverified(ip, folder):
	for certificate in ('selfsigned', 'expired', 'wronghost'):
		event, _ = attempt(ip, folder, certificate, 'pbx.test', unverified=True)
		tap.equal(f'the check is off: {certificate} is taken', event['event'], 'registered')
	event, server = attempt(ip, folder, 'good', ip, unverified=True, oldest=ssl.TLSVersion.TLSv1_1)
	tap.equal('the check is off: TLS 1.1 is not', (event['event'], server.got), ('register_failed', []))


class Changing(Server):
	"""Takes calls; its certificate can be changed."""

	def change(self, folder, certificate):
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(os.path.join(folder, certificate + '.pem'))
		self.context = context
		self.drop()

	def answer(self, headers):
		method = headers['cseq'][0].split()[1]
		if method != 'INVITE':
			return '' if method == 'ACK' else super().answer(headers)
		sdp = f'v=0\r\no=- 1 1 IN IP4 {self.ip}\r\ns=-\r\nc=IN IP4 {self.ip}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
		return super().answer({**headers, 'contact': [f'<sip:x@{self.ip}:{self.port};transport=tls>']}).replace(
			'Content-Length: 0\r\n\r\n', f'Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}')


def in_mid_call(ip, folder):
	"""The connection is lost, and who answers where the server was has another certificate."""
	server = Changing(ip, folder, 'good')
	server.ip = ip
	with Phone(config=[f'sip_cafile {folder}/ca.pem']) as phone:
		Sound(phone.audio)
		phone.line('a', f'sip:a@{ip}:{server.port};transport=tls', every=60, user='a', password='secret', tls_host=ip)
		phone.do('register', line='a')
		phone.wait('registered')
		call = phone.dial(f'sip:x@{ip}:{server.port};transport=tls')
		eventually(lambda: 'ACK' in server.got, what='ACK')
		before = len(server.got)
		server.change(folder, 'selfsigned')
		told = phone.wait('register_failed', timeout=20)
		tap.check('in mid-call the server has another certificate: it is told', 'self-signed' in told['tls'], told)
		phone.ask('hold', call=call['call'])
		phone.do('list')
		tap.equal('no SIP is sent there, and the call lives', (len(server.got), phone.count('closed')), (before, 0))
		server.change(folder, 'good')
		phone.wait('registered', nth=2, timeout=20)
		phone.do('hangup', call=call['call'])
		eventually(lambda: 'BYE' in server.got, what='BYE')
		tap.check('with the good one again all goes on', True)


def own_certificate(ip, folder):
	event, _ = attempt(ip, folder, 'good', 'pbx.test', asks=True, config=[f'sip_certificate {folder}/client.pem'])
	tap.equal('a server that asks for a certificate gets ours', event['event'], 'registered')
	# It refuses after the handshake, and that it did may be lost with the connection: then it takes the time of an answer.
	def refused(what, why, config):
		with tap.guard(what):
			event, server = attempt(ip, folder, 'good', 'pbx.test', asks=True, config=config)
			tap.check(f'{what}: the server refuses', event['event'] == 'register_failed' and why in event['tls'] and not server.got, event)

	both = [threading.Thread(target=refused, args=case) for case in (
		('no certificate', 'the server asks for a certificate, and this station has none', []),
		('one of another CA', '', [f'sip_certificate {folder}/strange.pem']))]
	for thread in both:
		thread.start()
	for thread in both:
		thread.join()


@tap.main
def test():
	ip = loopback()
	with tempfile.TemporaryDirectory(prefix='spctl-tls-') as folder:
		subprocess.run([os.path.join(HERE, 'certificates'), folder, ip], check=True)
		one_name()
		good(ip, folder)
		bad(ip, folder)
		unverified(ip, folder)
		in_mid_call(ip, folder)
		own_certificate(ip, folder)
