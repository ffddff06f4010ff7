#!/usr/bin/python3
"""Registration: digest with a difficult password, failures by their status, and where nobody answers."""
import re

from rig import Phone, comes_about, loopback, eventually
from peer import Registrar
import tap

PASSWORD = 'p"a;s\\s<w>\u00f6 %s %n'


def registers(phone, registrar):
	phone.line('a', f'sip:ext@{registrar.ip}', user='200', password=PASSWORD, every=60)
	tap.equal('a line says nothing before it is told to', registrar.messages, [])
	phone.do('register', line='a')
	event = phone.wait('registered')
	tap.equal('registered, with the status', (event['line'], event['code'], event['reason']), ('a', 200, 'OK'))
	tap.equal('with a password of quotes, semicolons and UTF-8', registrar.registrations, [(True, 60)])
	tap.equal('list shows it', phone.do('list')['lines'], [{'line': 'a', 'registered': True}])
	contact = re.search('Contact: <sip:([^@]+)@', registrar.wait_message('^REGISTER'))[1]
	with open(f'/proc/{phone.process.pid}/maps') as maps:
		regions = [tuple(int(end, 16) for end in line.split()[0].split('-')) for line in maps]
	numbers = [int(n, 16) for n in re.findall('[0-9a-f]{6,16}', contact)]
	tap.check('its Contact holds no address of memory', numbers and not any(a <= n < b for n in numbers for a, b in regions), contact)
	phone.do('unregister', line='a')
	eventually(lambda: registrar.registrations[-1] == (True, 0), what='the end of the registration')
	unregistered = [{'line': 'a', 'registered': False}]
	tap.check('unregistered', comes_about(lambda: phone.do('list')['lines'] == unregistered), phone.do('list')['lines'])
	phone.do('register', line='a')
	phone.wait('registered', nth=2)
	tap.equal('and registered again', phone.do('list')['lines'], [{'line': 'a', 'registered': True}])


def fails(phone, registrar):
	registrar.reason = 'No %s%n'
	phone.line('w', f'sip:w@{registrar.ip}', user='200', password='wrong', every=60)
	phone.do('register', line='w')
	event = phone.wait('register_failed', line='w')
	tap.equal('a wrong password fails with its status', (event['code'], event['reason'], event['tls']), (403, 'No %s%n', ''))
	phone.do('line_delete', line='w')
	phone.line('n', f'sip:n@{loopback()}')
	phone.do('register', line='n')
	tap.check('a line that does not register is ready for calls', not phone.count('register_failed', line='n'))


def nobody(phone):
	"""A refusal by the kernel is told at once; silence is the engine's to time."""
	phone.line('z', f'sip:z@{loopback()};transport=tcp', every=60)
	phone.do('register', line='z')
	event = phone.wait('register_failed', line='z')
	tap.equal('nobody there: no status, but a reason', (event['code'], bool(event['reason'])), (0, True))


def secrets(phone):
	text = phone.inspect('cmdline') + phone.inspect('environ') + phone.log()
	tap.check('the password is in no argument, environment or log', PASSWORD not in text and 'p"a;s' not in text)
	tap.check('and in no file', not any(b'p"a;s' in data for data in phone.files()))


@tap.main
def test():
	registrar = Registrar(loopback(), PASSWORD)
	with Phone() as phone:
		registers(phone, registrar)
		fails(phone, registrar)
		nobody(phone)
		secrets(phone)
		tap.equal('it ends with 0', phone.end(), 0)
