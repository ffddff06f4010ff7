/* packet.h - reads what arrives at media ports: the head of RTP and RTCP, a peer's report.  Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet { uint8_t type /* with RTP's marker bit */; uint32_t ssrc; };

/* False: it is neither RTP nor RTCP (RFC 3550), but STUN, DTLS, a keep-alive or rubbish. */
bool packet_read(const uint8_t *bytes, size_t len, struct packet *);
/* RFC 5761 section 4: RTCP on the port of RTP. */
bool packet_is_rtcp(const struct packet *);
/* RFC 3550 section 6.4: a compound begins with a report of sender (200) or receiver (201).  True: it tells what became
 * of packets of ours.  *timed: the peer has had a report of ours (LSR is not 0), and so the round trip is known. */
bool packet_report(const uint8_t *bytes, size_t len, bool *timed);
