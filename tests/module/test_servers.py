#!/usr/bin/python3
"""Several servers for one line: a list in its order, DNS SRV, what is tried again and when, connections that end, what
holds a NAT open, IPv6; and calls go to the server that took the registration."""
import socket
import threading
import time

from rig import PATIENCE, Phone, eventually, free_port, loopback
from peer import Registrar, random_id
from servers import A, SRV, NameServer, StreamRegistrar
import tap

PASSWORD = 'secret'
DOMAIN = 'pbx.test'
SLOW = 15                       # seconds for what takes four or eight
STALL = 5                       # seconds later than it should a busy machine may be; libre's own patience is 32


class Moody(Registrar):
	"""A registrar that answers `code` with `extra` headers while that is set.  times: when the kernel got each REGISTER."""
	code, extra = None, ''

	def __init__(self, ip):
		self.times = []
		super().__init__(ip, PASSWORD)

	def on_register(self, headers, address):
		self.times.append(self.arrived)
		if self.code:
			self.reply(headers, address, self.code, 'No', self.extra, local_tag=random_id())
		else:
			super().on_register(headers, address)


def register(phone, *registrars, name='a', **more):
	more.setdefault('aor', f'sip:{name}@{DOMAIN}')
	if registrars:
		more['registrars'] = ','.join(f'sip:{r}' for r in registrars)
	phone.line(name, user='200', password=PASSWORD, every=60, **more)
	phone.do('register', line=name)


def listed():
	dead, first, second = loopback(), Moody(loopback()), Moody(loopback())
	with Phone() as phone:
		start = time.monotonic()
		register(phone, dead, first.ip, second.ip)
		event = phone.wait('registered', timeout=SLOW)
		tap.check('the first of the list is silent: the second takes it in 4 s', 3.5 < time.monotonic() - start < 4 + STALL)
		tap.equal('which is told', event['server'], f'{first.ip}:5060')
		tap.equal('and all addresses that may be the server', phone.wait('servers')['addresses'], [dead, first.ip, second.ip])
		tap.equal('the third hears nothing', second.messages, [])
		message = first.wait_message('^REGISTER')
		tap.check('REGISTER names the domain, and no Route', message.startswith(f'REGISTER sip:{DOMAIN} ') and 'Route:' not in message)
		phone.do('dial', line='a', to=f'sip:quiet@{DOMAIN}')
		tap.check('a call goes to the server that took the registration', first.wait_message(f'^INVITE sip:quiet@{DOMAIN} '))
		tap.equal('and to no other', [m for m in second.messages if 'INVITE' in str(m)], [])
		phone.end()
		eventually(lambda: first.registrations[-1] == (True, 0), what='the end of the registration')
		tap.check('taken back where it was made', True)
	first.code, first.extra = 503, ''
	with Phone() as phone:
		register(phone, first.ip, second.ip)
		tap.equal('503: the next is asked at once', phone.wait('registered')['server'], f'{second.ip}:5060')
		tap.equal('without a word of failure', phone.count('register_failed'), 0)
	first.code, third = 403, Moody(loopback())
	with Phone() as phone:
		register(phone, first.ip, third.ip)
		event = phone.wait('register_failed')
		tap.equal('403: the next would say the same', (event['code'], third.messages), (403, []))
		tap.check('and it is long until the next try', 14 <= event['retry'] <= 30, event)


def pauses():
	registrar = Moody(loopback())
	registrar.code = 500
	with Phone() as phone:
		register(phone, registrar.ip, aor=f'sip:a@{registrar.ip}')
		retries = [phone.wait('register_failed', nth=n, timeout=SLOW)['retry'] for n in (1, 2, 3)]
		doubles = all(most / 2 <= retry <= most for retry, most in zip(retries, (2, 4, 8)))
		tap.check('the pause between tries doubles, half of it by chance', doubles, retries)
		gaps = [b - a for a, b in zip(registrar.times, registrar.times[1:])]
		kept = all(retry - 1 < gap < retry + STALL for gap, retry in zip(gaps, retries))       # told in whole seconds, rounded up
		tap.check('and is kept', len(gaps) == 2 and kept, (gaps, retries))
		registrar.code = None
		phone.wait('registered', timeout=SLOW)
		tap.check('until the server is back', True)
	registrar = Moody(loopback())
	registrar.code, registrar.extra = 503, 'Retry-After: 4 (rebooting);duration=9\r\n'
	with Phone() as phone:
		register(phone, registrar.ip, aor=f'sip:a@{registrar.ip}')
		tap.equal('Retry-After is told', phone.wait('register_failed')['retry'], 4)
		registrar.code = None
		phone.wait('registered', timeout=SLOW)
		gap = registrar.times[1] - registrar.times[0]
		tap.check('and kept', 3.9 < gap < 4 + STALL, gap)


def by_name():
	first, second, third = Moody(loopback()), Moody(loopback()), Moody(loopback())
	first.deaf = True
	names = NameServer(loopback(), {
		(f'_sip._udp.{DOMAIN}', SRV): [(20, 0, 5060, 'c.' + DOMAIN), (10, 5, 5060, 'a.' + DOMAIN), (15, 0, 5060, 'b.' + DOMAIN)],
		('a.' + DOMAIN, A): [first.ip], ('b.' + DOMAIN, A): [second.ip], ('c.' + DOMAIN, A): [third.ip],
		('plain.test', A): [third.ip]})
	with Phone(config=[f'dns_server {names.address}']) as phone:
		register(phone)
		tap.equal('SRV: by priority, past the one that is silent', phone.wait('registered', timeout=SLOW)['server'], f'{second.ip}:5060')
		tap.equal('all are known', phone.wait('servers')['addresses'], [first.ip, second.ip, third.ip])
		phone.do('dial', line='a', to=f'sip:quiet@{DOMAIN}')
		tap.check('a call goes there without asking for the name', second.wait_message('^INVITE') and
			  sum(n == f'_sip._udp.{DOMAIN}' for n, _ in names.asked) == 1, names.asked)
	with Phone(config=[f'dns_server {names.address}']) as phone:
		register(phone, aor='sip:a@plain.test')
		tap.equal('a name without SRV has an address', phone.wait('registered')['server'], f'{third.ip}:5060')
		register(phone, name='n', aor='sip:n@nowhere.test')
		tap.equal('one without both is told', phone.wait('register_failed')['reason'], 'no address is known for nowhere.test')
		phone.line('w', 'sip:w@plain.test')
		tap.equal('a line that never registers tells who may be its server, too', phone.wait('servers', line='w')['addresses'], [third.ip])
		names.silent = True
		start = time.monotonic()
		register(phone, name='s', aor='sip:s@silent.test')
		tap.check('a silent name server costs 4 s', 'no address' in phone.wait('register_failed', line='s', timeout=SLOW)['reason']
			  and 3.5 < time.monotonic() - start < 4 + STALL)


def connections():
	server = StreamRegistrar(loopback())
	ip = server.listener.getsockname()[0]
	with Phone() as phone:
		register(phone, aor=f'sip:a@{ip}:{server.port};transport=tcp')
		phone.wait('registered')
		server.drop()                   # what was granted lasts for 45 s at least
		tap.check('a connection that ends is made anew at once', phone.wait('registered', nth=2))
		tap.equal('and that is no failure', phone.count('register_failed'), 0)


def six():
	with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
		server.bind(('::1', 0))
		server.settimeout(PATIENCE)
		port = server.getsockname()[1]
		ours = free_port('::1')
		with Phone(address=('[::1]', ours), interface='::1', listen='[::1]') as phone:
			phone.line('a', f'sip:a@[::1]:{port}', user='200', password=PASSWORD, every=60)
			phone.do('register', line='a')
			message, client = server.recvfrom(65536)
			text = message.decode()
			tap.check('IPv6: REGISTER', text.startswith(f'REGISTER sip:[::1]:{port} ') and f'@[::1]:{ours}>' in text, text)
			names = {line.split(':')[0]: line for line in text.split('\r\n')}
			lines = ['SIP/2.0 200 OK', *(names[n] for n in ('Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact')), 'Content-Length: 0', '', '']
			server.sendto('\r\n'.join(lines).encode(), client)
			tap.equal('IPv6: registered', phone.wait('registered')['server'], f'[::1]:{port}')


@tap.main
def test():
	streams, datagrams = StreamRegistrar(loopback()), Registrar(loopback(), PASSWORD)
	with Phone() as held, Phone() as open_:
		register(held, aor=f'sip:a@{streams.listener.getsockname()[0]}:{streams.port};transport=tcp')
		register(open_, aor=f'sip:a@{datagrams.ip}')
		for phone in (held, open_):
			phone.wait('registered')
		def run(*parts):
			for part in parts:
				with tap.guard(part.__name__):
					part()
		beside = threading.Thread(target=run, args=(pauses,))           # they mostly wait
		beside.start()
		run(listed, by_name, connections, six)
		beside.join()
		eventually(lambda: streams.pings and datagrams.pings, 26, 'line ends')
		tap.check('TCP and UDP: line ends hold the way open', True)
