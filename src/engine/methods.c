/*
 * methods.c - every method with its handler, the least role that may call it, and whether its success leaves a row in
 * the audit log by itself (change.c); the gate, dialling, flags, log-ins and kicks write rows of their own.  Parameters
 * are in proto/method.c.
 */
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "control.h"
#include "doctor.h"
#include "methods.h"
#include "nouns.h"
#include "phone_side.h"

const struct engine_method engine_methods[] = {
	{"audit.export", audit_export, ROLE_SUPERVISOR, false},
	{"audit.list", audit_list, ROLE_SUPERVISOR, false},
	{"audit.verify", audit_verify, ROLE_SUPERVISOR, false},
	{"call.answer", call_answer, ROLE_AGENT, false},
	{"call.check", call_check, ROLE_AGENT, false},
	{"call.conference_add", conference_add, ROLE_AGENT, false},
	{"call.conference_drop", conference_drop, ROLE_AGENT, false},
	{"call.conference_end", conference_end, ROLE_AGENT, false},
	{"call.conference_show", conference_show, ROLE_AGENT, false},
	{"call.dial", call_dial, ROLE_AGENT, false},
	{"call.dtmf", call_dtmf, ROLE_AGENT, false},
	{"call.hangup", call_hangup, ROLE_AGENT, false},
	{"call.hold", call_hold, ROLE_AGENT, false},
	{"call.list", call_list, ROLE_AGENT, false},
	{"call.mute", call_mute, ROLE_AGENT, false},
	{"call.record_pause", call_record_pause, ROLE_AGENT, false},
	{"call.record_resume", call_record_resume, ROLE_AGENT, false},
	{"call.redial", call_redial, ROLE_AGENT, false},
	{"call.reject", call_reject, ROLE_AGENT, false},
	{"call.resume", call_resume, ROLE_AGENT, false},
	{"call.show", call_show, ROLE_AGENT, false},
	{"call.swap", call_swap, ROLE_AGENT, false},
	{"call.transfer", call_transfer, ROLE_AGENT, false},
	{"call.unmute", call_unmute, ROLE_AGENT, false},
	{"call.voicemail", call_voicemail, ROLE_AGENT, false},
	{"customer.add", customer_add, ROLE_SUPERVISOR, true},
	{"customer.list", customer_list, ROLE_AGENT, false},
	{"customer.rm", customer_rm, ROLE_SUPERVISOR, true},
	{"customer.set", customer_set, ROLE_SUPERVISOR, false},
	{"customer.show", customer_show, ROLE_AGENT, false},
	{"db.backup", store_backup, ROLE_ADMIN, true},
	{"db.init", store_init, ROLE_ADMIN, false},
	{"db.migrate", store_migrate, ROLE_ADMIN, false},
	{"db.status", store_status, ROLE_ADMIN, false},
	{"dispo.add", dispo_add, ROLE_ADMIN, true},
	{"dispo.list", dispo_list, ROLE_AGENT, false},
	{"dispo.rm", dispo_rm, ROLE_ADMIN, true},
	{"dispo.save", dispo_save, ROLE_AGENT, false},
	{"dispo.set", dispo_set, ROLE_ADMIN, true},
	{"doctor.run", doctor_run, ROLE_ADMIN, false},
	{"engine.log", engine_log, ROLE_ADMIN, false},
	{"engine.status", engine_status, ROLE_AGENT, false},
	{"engine.stop", engine_stop, ROLE_ADMIN, false},
	{"events.subscribe", events_subscribe, ROLE_AGENT, false},
	{"hello", hello, ROLE_NONE, false},
	{"history.list", history_list, ROLE_AGENT, false},
	{"history.quality", history_quality, ROLE_SUPERVISOR, false},
	{"history.recording", history_recording, ROLE_AGENT, false},
	{"history.show", history_show, ROLE_AGENT, false},
	{"key.init", key_init, ROLE_ADMIN, false},
	{"key.rotate", key_rotate, ROLE_ADMIN, true},
	{"key.status", key_status, ROLE_ADMIN, false},
	{"recording.list", recording_list, ROLE_SUPERVISOR, false},
	{"recording.play", recording_play, ROLE_AGENT, false},
	{"recording.prune", recording_prune, ROLE_ADMIN, false},
	{"recording.stop", recording_stop, ROLE_AGENT, false},
	{"recording.verify", recording_verify, ROLE_SUPERVISOR, false},
	{"session.dnd", session_dnd, ROLE_AGENT, false},
	{"session.kick", session_kick, ROLE_SUPERVISOR, false},
	{"session.list", session_list, ROLE_AGENT, false},
	{"session.login", session_login, ROLE_NONE, false},
	{"session.logout", session_logout, ROLE_AGENT, false},
	{"session.pause", session_pause, ROLE_AGENT, false},
	{"session.ready", session_ready, ROLE_AGENT, false},
	{"session.show", session_show, ROLE_AGENT, false},
	{"sound.list", sound_list, ROLE_AGENT, false},
	{"sound.set", sound_set, ROLE_AGENT, true},
	{"sound.test", sound_test, ROLE_AGENT, false},
	{"sound.use", sound_use, ROLE_AGENT, true},
	{"station.add", station_add, ROLE_ADMIN, true},
	{"station.list", station_list, ROLE_AGENT, false},
	{"station.rm", station_rm, ROLE_ADMIN, true},
	{"station.set", station_set, ROLE_ADMIN, true},
	{"station.show", station_show, ROLE_AGENT, false},
	{"station.test", station_test, ROLE_ADMIN, false},
	{"team.add", team_add, ROLE_ADMIN, true},
	{"team.list", team_list, ROLE_AGENT, false},
	{"team.rm", team_rm, ROLE_ADMIN, true},
	{"team.set", team_set, ROLE_ADMIN, true},
	{"team.show", team_show, ROLE_AGENT, false},
	{"tenant.add", tenant_add, ROLE_ADMIN, true},
	{"tenant.list", tenant_list, ROLE_ADMIN, false},
	{"tenant.set", tenant_set, ROLE_ADMIN, true},
	{"tenant.show", tenant_show, ROLE_AGENT, false},
	{"user.add", user_add, ROLE_ADMIN, true},
	{"user.list", user_list, ROLE_SUPERVISOR, false},
	{"user.rm", user_rm, ROLE_ADMIN, true},
	{"user.set", user_set, ROLE_ADMIN, true},
	{"user.show", user_show, ROLE_SUPERVISOR, false},
	{0},
};

int engine_status(struct request *request)
{
	const struct engine *engine = request->engine;

	request->result = json_pack("{s:s, s:i, s:b, s:s, s:I, s:I, s:I}", "version", SPCTL_VERSION,
		"pid", (int)getpid(), "private", !engine->service, "home", engine->home.data,
		"uptime_seconds", (json_int_t)((clock_mono_ms() - engine->started_ms) / 1000),
		"sessions", (json_int_t)sessions_count(engine), "clients", (json_int_t)control_clients(engine));
	return 0;
}

int engine_log(struct request *request)
{
	const char *level = param_text(request, "level"), *area = param_text(request, "area");
	enum log_level most;
	json_t *areas;

	if (area && !level)
		return err_set(&request->err, ERR_INVALID, "level: it is missing: what of %s is to be logged?", area);
	if (level) {
		log_info("engine", "logs %s: %s", area ? area : "all", level);
		log_limit(area, (enum log_level)log_level_by_name(level));
	}
	areas = json_object();
	for (size_t i = 0; (area = log_limit_at(i, &most)); i++)
		json_object_set_new(areas, area, json_string(log_level_name(most)));
	request->result = json_pack("{s:s, s:o}", "level", log_level_name(log_limit_of(NULL)), "areas", areas);
	return 0;
}

int engine_stop(struct request *request)
{
	engine_stop_begin(request->engine);
	return 0;
}
