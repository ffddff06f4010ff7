#!/usr/bin/python3
"""What headers say of a call: that it is to be answered by itself."""
from rig import Phone, loopback
from peer import Peer
import tap

MARKS = (('Answer-Mode: Auto', True), ('Answer-Mode: auto ;require', True), ('Answer-Mode: Manual', False),
	 ('Alert-Info: <http://x>;info=alert-autoanswer', True), ('Alert-Info: <http://x>;info=alert-autoanswer;delay=0', True),
	 ('Alert-Info: <http://x>;info=alert-autoanswer;delay=5', False), ('Alert-Info: <http://x>;info=alert-external', False),
	 ('Call-Info: <sip:x>;answer-after=0', True), ('Call-Info: <sip:x>;answer-after=30', False),
	 ('Call-Info: <http://x>;purpose=icon\r\nCall-Info: <sip:x>;answer-after=0', True), ('Subject: Auto', False))


def auto_answer(phone, peer):
	for mark, wanted in MARKS:
		before = phone.count('incoming')
		dialog = peer.call(phone, extra=mark + '\r\n')
		incoming = phone.wait('incoming', nth=before + 1)
		shown = mark.replace('\r\n', ', ')
		tap.equal(f'{shown}: {"asks" if wanted else "does not ask"} for it', incoming.get('auto_answer', False), wanted)
		phone.do('hangup', call=incoming['call'])
		dialog.wait('refused 486')
	peer.call(phone)
	tap.check('and the next call without a mark does not', 'auto_answer' not in phone.wait('incoming', nth=len(MARKS) + 1))


@tap.main
def test():
	peer = Peer(loopback())
	with Phone() as phone:
		phone.line()
		auto_answer(phone, peer)
		tap.equal('no call was answered by itself', phone.count('up'), 0)
		tap.equal('it ends with 0', phone.end(), 0)
