/* phone_side.h - the half of the engine that knows agents, calls and phones, as the other half sees it. */
#pragma once
#include "engine.h"

/* session.c */
handler session_login, session_logout, session_show, session_list, session_pause, session_ready, session_dnd,
	session_kick;
/* dial.c */
handler call_check, call_dial, call_redial;
/* live_orders.c */
handler call_answer, call_reject, call_hangup, call_hold, call_resume, call_swap, call_voicemail, call_mute,
	call_unmute, call_dtmf, call_list, call_show;
/* record_orders.c */
handler call_record_pause, call_record_resume, recording_play, recording_stop;
/* transfer.c */
handler call_transfer;
/* conference.c */
handler conference_add, conference_drop, conference_end, conference_show;
/* wrap_up.c */
handler dispo_save;
/* sound_orders.c */
handler sound_list, sound_use, sound_test, sound_set;
/* A client has begun or ceased to look at levels, or is somebody else now. */
void session_watch_levels(struct engine *);
/* station_test.c */
handler station_test;

/* restart.c: closes what an engine before this one left open, and brings its sessions back.  Called once, with the
 * database open and the loop made. */
int    sessions_open(struct engine *, struct err *);
/* Ends every call with BYE and every child, then calls done from the loop.  Who was logged in is brought back at the
 * next start. */
void   sessions_close(struct engine *, void (*done)(struct engine *));
/* After the loop has ended. */
void   sessions_free(struct engine *);
/* Agents who are logged in; a private engine stays while there are any. */
size_t sessions_count(const struct engine *);
/* Those of one tenant; *user_id becomes one of them. */
size_t sessions_in(const struct engine *, int64_t tenant_id, int64_t *user_id);
