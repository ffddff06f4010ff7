#!/usr/bin/python3
"""Digits: by RTP they are tested with the basic call; here by SIP INFO, the answers to them, and none while on hold."""
from rig import Phone, Sound, eventually, loopback
from peer import Peer
import tap


def relay(key):
	return 'application/dtmf-relay', f'Signal={key}\r\nDuration=100\r\n'


def keys_and_codes(phone, call):
	return [(e['key'], e['code']) for e in phone.matching('digit_answer', call=call)]


def out_and_in(phone, peer):
	"""A call each way: INFO travels within both dialogs."""
	out = phone.dial(peer.uri('answer-0'))
	dialog = peer.call(phone)
	number = phone.wait('incoming')['call']
	phone.do('answer', call=number)
	phone.wait('up', call=number)
	return (out['call'], peer.wait_dialog(out['sip'])), (number, dialog)


def info(phone, peer, call, dialog, what):
	phone.do('dtmf', call=call, digits='15*', how='info')
	phone.do('dtmf', call=call, digits='#D', how='info')
	phone.wait('digit_answer', nth=5, call=call)
	tap.equal(f'{what}: each key is an INFO, in order', dialog.infos, [relay(key) for key in '15*#D'])
	tap.equal('each is answered', keys_and_codes(phone, call), [(key, 200) for key in '15*#D'])
	tap.check('and the sound goes on', dialog.heard.has(Sound.TONES[phone_slot(phone, call)]))
	tap.equal('no key went out as RTP', dialog.digits, '')


def phone_slot(phone, call):
	return next(c['slot'] for c in phone.do('list')['calls'] if c['call'] == call)


def refused(phone, peer, call, dialog):
	peer.info_code = 415
	before = phone.count('digit_answer', call=call)
	phone.do('dtmf', call=call, digits='789', how='info')
	phone.wait('digit_answer', nth=before + 1, call=call, code=415) if not before else eventually(
		lambda: phone.matching('digit_answer', call=call, code=415), what='a refusal')
	peer.info_code = 200
	phone.do('dtmf', call=call, digits='2', how='info')
	eventually(lambda: ('2', 200) in keys_and_codes(phone, call), what='the next key')
	tap.equal('a refusal is told, and the other keys are dropped', keys_and_codes(phone, call)[before:], [('7', 415), ('2', 200)])
	tap.equal('the call lives', dialog.state, 'up')


def by_rtp_and_held(phone, call, dialog):
	phone.send({'id': 801, 'do': 'dtmf', 'call': call, 'digits': '42', 'how': 'rtp'},
		   {'id': 802, 'do': 'dtmf', 'call': call, 'digits': '1', 'how': 'info'})
	answers = phone.answer(801), phone.answer(802)
	tap.check('how changes only when all keys are out', answers[0]['ok'] and 'still to be sent' in answers[1].get('error', ''), answers)
	eventually(lambda: dialog.digits == '42', what='two digits')
	tap.check('the same call takes keys by RTP too', dialog.digits == '42')
	phone.do('hold', call=call)
	dialog.wait_direction('sendonly', 'inactive')
	for how in ('rtp', 'info'):
		tap.check(f'on hold keys by {how} are refused', 'on hold' in phone.refused('dtmf', call=call, digits='1', how=how))
	phone.do('resume', call=call)
	dialog.wait_direction('sendrecv')
	phone.do('dtmf', call=call, digits='6')
	eventually(lambda: dialog.digits == '426', what='a digit')
	tap.check('after it they go out again', True)
	tap.check('how is rtp or info', 'rtp or info' in phone.refused('dtmf', call=call, digits='1', how='inband'))


def stock_receives():
	"""What stock baresip takes from an INFO is its own code: the module only passes it on."""
	with Phone() as near, Phone() as far:
		Sound(near.audio)
		Sound(far.audio)
		near.line()
		far.line()
		call = near.do('dial', line='a', to=f'sip:a@{far.host}')
		far.do('answer', call=far.wait('incoming')['call'])
		near.wait('up', call=call['call'])
		near.do('dtmf', call=call['call'], digits='159*0#', how='info')
		near.wait('digit_answer', nth=6)
		far.wait('digit', nth=6)
		tap.equal('stock baresip takes every key', ''.join(e['key'] for e in far.matching('digit')), '159*0#')
		tap.equal('and says so', {e['code'] for e in near.matching('digit_answer')}, {200})


@tap.main
def test():
	stock_receives()
	peer = Peer(loopback())
	with Phone() as phone:
		Sound(phone.audio)
		phone.line()
		(out, near), (number, far) = out_and_in(phone, peer)
		info(phone, peer, out, near, 'call out')
		info(phone, peer, number, far, 'call in')
		refused(phone, peer, out, near)
		by_rtp_and_held(phone, out, near)
		phone.do('dtmf', call=number, digits='12345678', how='info')
		phone.do('hangup', call=number)
		far.wait('ended')
		tap.check('a call may end in the middle of its keys', phone.do('list')['calls'][0]['call'] == out)
		tap.equal('it ends with 0', phone.end(), 0)
