/* version.h - the one thing that differs between the two baresips that are known: the numbers of a call's events. */
#pragma once

enum baresip { BARESIP_UNKNOWN, BARESIP_1_0, BARESIP_1_1 };

enum call_happening {
	INCOMING, RINGING, PROGRESS, ANSWERED, ESTABLISHED, CLOSED, TRANSFER, TRANSFER_FAILED, ENCRYPTED
};

/* 1.1.0 numbers them as above; 1.0.0 has no ANSWERED. */
static inline enum call_happening call_happening(enum baresip baresip, int event)
{
	return baresip == BARESIP_1_0 && event >= ANSWERED ? event + 1 : event;
}
