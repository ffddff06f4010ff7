/* sql_station.h - statements of engine/station.c and key.c. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_station_list,           /* tenant, after, limit */
	sql_station_get,            /* tenant, id */
	sql_station_by_name,        /* tenant, name */
	sql_station_ever,           /* tenant, name: of a station that may be removed by now */
	sql_station_add,            /* tenant, created_at, then name ... voicemail_code in the order of the columns */
	sql_station_set,            /* tenant, id, then the same */
	sql_station_sound,          /* tenant, id, sound_device, noise_suppression, gain_control, echo_cancellation */
	sql_station_seal,           /* tenant, id, sealed SIP password or NULL */
	sql_station_seal_nat,       /* the same of the STUN or TURN server's */
	sql_station_remove,         /* tenant, id, removed_at; its passwords go with it */
	sql_station_sealed;         /* every sealed password of every tenant: tenant_id, id, blob, name, is it nat's */

/* Columns of sql_station_list and sql_station_get. */
enum station_column {
	STATION_ID, STATION_NAME, STATION_DID, STATION_SIP_URI, STATION_AUTH_USER, STATION_TRANSPORT, STATION_TLS_CA,
	STATION_MEDIA_ENC, STATION_CODECS, STATION_OUTBOUND_PROXY, STATION_DIAL_PREFIX, STATION_CONFERENCE_URI,
	STATION_LOCATION, STATION_TEAM, STATION_RECORD, STATION_HOLD, STATION_HOLD_MUSIC, STATION_DTMF,
	STATION_CALLER_ID, STATION_NAT, STATION_NAT_SERVER, STATION_NAT_USER, STATION_TLS_CERT, STATION_REGISTRARS,
	STATION_SOUND_DEVICE, STATION_REGISTER, STATION_TLS_VERIFY, STATION_INTERCOM, STATION_NOISE_SUPPRESSION,
	STATION_GAIN_CONTROL, STATION_ECHO_CANCELLATION, STATION_VOICEMAIL_CODE, STATION_HAS_PASSWORD,
	STATION_HAS_NAT_PASSWORD, STATION_IN_USE_BY, STATION_CREATED_AT, STATION_SEALED, STATION_NAT_SEALED,
};
