/* commands.h - each noun's commands; the tables stand in cmd_*.c. */
#pragma once
#include "cli.h"

extern const struct command tenant_commands[], user_commands[], station_commands[], customer_commands[],
	call_commands[], session_commands[], login_commands[], logout_commands[], dispo_commands[], history_commands[],
	audit_commands[], events_commands[], db_commands[], key_commands[], engine_commands[], help_commands[],
	console_commands[], doctor_commands[], team_commands[], sound_commands[];

extern const struct command recording_commands[];

/* Commands with a function of their own. */
int run_dial(struct cli *);             /* cmd_dial.c */
int run_check(struct cli *);
int run_watch(struct cli *);             /* cmd_events.c */
