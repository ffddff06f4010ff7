#!/usr/bin/python3
"""A call out and a call in: ids, events, sound in both directions, mute, digits, refusals, statistics."""
import re

from rig import Phone, Sound, eventually, loopback
from peer import Peer
import tap


def ending(closed):
	return closed['code'], closed['reason'], closed['by']


def call_out(phone, sound, peer):
	call = phone.do('dial', line='a', to=peer.uri('ring'))
	tap.check('dial answers with a Call-ID', re.fullmatch('[0-9a-f]+', call['sip']), call)
	tap.equal('and the first id and slot', (call['call'], call['slot']), (1, 0))
	ringing = phone.wait('ringing', call=call['call'])
	tap.check('a call that rings cannot be held', 'is not up' in phone.refused('hold', call=call['call']))
	dialog = peer.wait_dialog(call['sip'])
	dialog.respond(200, 'OK')
	up = phone.wait('up', call=call['call'])
	tap.check('it rings, then it is up', ringing['t'] <= up['t'])
	tap.equal('with the codec', up['codec'], 'PCMU/8000/1')
	tap.check('the agent hears the far end', sound.heard[0].has(peer.tone))
	tap.check('the far end hears the agent', dialog.heard.has(sound.TONES[0]))
	phone.wait('heard', call=call['call'])
	phone.do('mute', call=call['call'], on=True)
	tap.check('muted, the far end hears nothing', dialog.heard.falls_silent())
	phone.do('mute', call=call['call'], on=False)
	tap.check('and then the agent again', dialog.heard.has(sound.TONES[0]))
	phone.do('dtmf', call=call['call'], digits='15')
	phone.do('dtmf', call=call['call'], digits='9#*A')
	eventually(lambda: len(dialog.digits) >= 6, what='six digits')
	tap.equal('digits arrive whole and in order', dialog.digits, '159#*A')
	phone.do('dtmf', call=call['call'], digits='1' * 32)
	phone.do('dtmf', call=call['call'], digits='1' * 31)
	refused = phone.refused('dtmf', call=call['call'], digits='1' * 32)
	tap.check('too many digits are refused', 'still to be sent' in refused, refused)
	return call


def call_in(phone, sound, peer):
	dialog = peer.call(phone, freq=1250, from_=f'"Anna \\"X\\"" <sip:anna@{peer.ip}>')
	incoming = phone.wait('incoming')
	tap.equal('a call in names line, slot, caller and source',
		  (incoming['line'], incoming['slot'], incoming['from'], incoming['source']),
		  ('a', 1, f'sip:anna@{peer.ip}', f'{peer.ip}:5060'))
	phone.do('answer', call=incoming['call'])
	phone.wait('up', call=incoming['call'])
	dialog.wait('up')
	tap.check('it is heard on a slot of its own', sound.heard[1].has(1250))
	tap.check('and hears that slot', dialog.heard.has(sound.TONES[1]))
	tap.check('a call that is up cannot be answered', 'does not ring' in phone.refused('answer', call=incoming['call']))
	tap.check('nor refused', 'does not ring' in phone.refused('hangup', call=incoming['call'], code=486))
	return dialog, incoming['call']


def both_end(phone, peer, out, dialog, id_in):
	same = {'line': 'a', 'up': True, 'held': False, 'muted': False}
	tap.equal('list shows both calls', phone.do('list')['calls'],
		  [dict(same, call=out['call'], slot=0, incoming=False), dict(same, call=id_in, slot=1, incoming=True)])
	stats = phone.do('stats', call=out['call'])
	tap.check('stats count packets', stats['rx'] > 40 and stats['tx'] > 40 and stats['rx_lost'] == 0, stats)
	phone.do('hangup', call=out['call'])
	closed = phone.wait('closed', call=out['call'])
	tap.equal('hangup closes the call', ending(closed), (0, 'hung up', 'engine'))
	peer.wait_dialog(out['sip']).wait('ended')
	dialog.bye('Reason: Q.850;cause=16;text="bye %s"\r\n')
	closed = phone.wait('closed', call=id_in)
	tap.equal('BYE closes it, with its Reason', ending(closed), (0, 'Q.850;cause=16;text="bye %s"', 'peer'))
	tap.check('an id is gone for good', 'there is no call' in phone.refused('hangup', call=out['call']))


def refusals(phone, peer):
	cases = (({}, 486, 'Busy Here'), ({'code': 603}, 603, 'Decline'), ({'code': 480, 'reason': 'Gone %s'}, 480, 'Gone %s'))
	for members, code, reason in cases:
		before = phone.count('incoming')
		dialog = peer.call(phone)
		call = phone.wait('incoming', nth=before + 1)['call']
		phone.do('hangup', call=call, **members)
		dialog.wait(f'refused {code}')
		tap.check(f'a call is refused with {code} {reason}', peer.received(f'^SIP/2.0 {code} {re.escape(reason)}\r\n'))
		closed = phone.wait('closed', call=call)
		tap.equal('and closed with it', ending(closed), (code, reason, 'engine'))
	before = phone.count('incoming')
	dialog = peer.call(phone)
	call = phone.wait('incoming', nth=before + 1)['call']
	dialog.cancel()
	closed = phone.wait('closed', call=call)
	tap.equal('a caller gives up', ending(closed), (0, 'cancelled by the caller', 'peer'))


def failures(phone, peer):
	for code in (404, 486, 603, 503):
		peer.reason = f'No %s {code}'
		call = phone.do('dial', line='a', to=peer.uri(f'code-{code}'))
		closed = phone.wait('closed', call=call['call'])
		tap.equal(f'{code} closes the call', ending(closed), (code, f'No %s {code}', 'peer'))
	call = phone.do('dial', line='a', to=peer.uri('ring'))
	phone.wait('ringing', call=call['call'])
	phone.do('hangup', call=call['call'])
	tap.check('hanging up before the answer sends CANCEL', peer.wait_message('^CANCEL'))
	call = phone.do('dial', line='a', to=peer.uri('ring'))
	phone.wait('ringing', call=call['call'])
	peer.answer_cancelled = True
	phone.do('hangup', call=call['call'])
	peer.wait_dialog(call['sip']).wait('ended')
	tap.check('an answer that crosses it is ended with BYE', [m for m in peer.received('^BYE') if call['sip'] in m])
	peer.answer_cancelled = False
	call = phone.do('dial', line='a', to=peer.uri('quiet'))
	tap.check('a far end that says 100 is trying', phone.wait('trying', call=call['call']))
	phone.do('hangup', call=call['call'])


def never_answered(phone):
	"""A far end that says nothing: libre sends the INVITE again after the hangup, and CANCEL only once it has spoken."""
	silent = Peer(loopback())
	silent.deaf = True
	call = phone.do('dial', line='a', to=silent.uri())
	phone.do('hangup', call=call['call'])
	silent.deaf = False
	silent.wait_message('^INVITE')
	tap.check('hung up before any answer, the far end hears CANCEL in time', silent.wait_message('^CANCEL'))
	tap.equal('and no INVITE counts as unordered', phone.count('unordered'), 0)


def lines(phone, peer):
	tap.check('a line is not made twice', 'already' in phone.refused('line_create', line='a', aor='sip:z@127.0.0.1'))
	phone.line('x')
	phone.do('line_delete', line='x')
	before = phone.count('incoming')
	dialog = peer.call(phone, line='x')
	# baresip 1.1.0 offers a call for nobody to an account that does not register, for the sake of trunks
	eventually(lambda: dialog.state == 'refused 404' or phone.count('incoming', line='a') > before, what='an end')
	tap.check('a deleted line takes no calls', not phone.count('incoming', line='x'))
	for call in phone.do('list')['calls']:
		phone.do('hangup', call=call['call'])
	tap.check('nor places any', 'there is no line "x"' in phone.refused('dial', line='x', to=peer.uri()))
	made = [phone.ask('line_create', line=f'n{i}', aor=f'sip:n{i}@{phone.ip}')['ok'] for i in range(16)]
	tap.equal('there are 16 lines at most', made, [True] * 15 + [False])


@tap.main
def test():
	peer = Peer(loopback(), tone=1000)
	with Phone() as phone:
		sound = Sound(phone.audio)
		phone.line()
		out = call_out(phone, sound, peer)
		dialog, id_in = call_in(phone, sound, peer)
		both_end(phone, peer, out, dialog, id_in)
		refusals(phone, peer)
		failures(phone, peer)
		never_answered(phone)
		lines(phone, peer)
		tap.equal('no call is left', phone.do('list')['calls'], [])
		tap.equal('it ends with 0', phone.end(), 0)
		tap.note(f'ready after {phone.ready_ms:.1f} ms')
