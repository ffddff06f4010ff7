/* shapes.c - the columns of each kind of object. */
#include "output.h"

const struct shape shape_tenant = {
	.fields = "name id timezone acw_seconds hours max_call_hours max_calls_per_week country ring_seconds "
		  "unknown_customer record announce announcement record_required record_pause_seconds "
		  "retention_days internal_disposition busy_code one_way_seconds agent_states created_at",
	.columns = "name timezone hours acw_seconds max_calls_per_week ?country ?unknown_customer ?record",
};

const struct shape shape_conference = {
	.fields = "id where calls participants",
	.columns = "id where calls participants",
};

const struct shape shape_user = {
	.fields = "login id name role os_user has_password created_at",
	.columns = "login name role os_user has_password",
};

const struct shape shape_station = {
	.fields = "name id did sip_uri auth_user has_password transport tls_ca media_enc codecs register "
		  "outbound_proxy dial_prefix conference_uri location team record hold hold_music dtmf caller_id nat "
		  "nat_server nat_user has_nat_password tls_verify tls_cert registrars intercom voicemail_code "
		  "sound_device noise_suppression gain_control echo_cancellation in_use_by created_at",
	.columns = "name did sip_uri ?transport ?media_enc in_use_by",
};

#define CUSTOMER_FIELDS \
	"id name external_id phones timezone state postcode do_not_call cease_and_desist attorney_represented " \
	"bankruptcy_filed collections_status sol_date max_calls_per_week calls_this_week created_at updated_at"

const struct shape shape_customer_card = {
	.fields = CUSTOMER_FIELDS " weekly_cap last_calls",
	.columns = "id name phones calls_this_week weekly_cap",
};

const struct shape shape_customer = {
	.fields = CUSTOMER_FIELDS,
	.columns = "id name phones state do_not_call cease_and_desist attorney_represented bankruptcy_filed",
};

#define CALL_FIELDS \
	"id direction placed number customer_id user station did state started_at answered_at ended_at talk_seconds " \
	"cause sip_code sip_reason forced muted recording encrypted codec disposition disposition_by notes " \
	"acw_started_at acw_ended_at acw_seconds ends_at transferred_to consults redial_of conference recordings " \
	"participants quality.mos quality.loss_pct quality.jitter_ms quality.rtt_ms " \
	"quality.mos_low quality.loss_out_pct quality.one_way"

const struct shape shape_call = {
	.fields = CALL_FIELDS,
	.columns = "id state direction number ?customer_id user ?station started_at",
};

const struct shape shape_history = {
	.fields = CALL_FIELDS,
	.columns = "id started_at number ?customer_id user cause ?talk_seconds disposition",
};

const struct shape shape_session = {
	.fields = "id user station did state since paused_reason dnd registered call_id calls wrap_up.call_id "
		  "wrap_up.seconds wrap_up.remaining wrap_up.overdue owed",
	.columns = "user station ?did state since registered ?call_id wrap_up.remaining",
};

const struct shape shape_quality = {
	.fields = "id day station calls mos mos_low loss_pct jitter_ms rtt_ms one_way_calls",
	.columns = "day station calls mos mos_low loss_pct jitter_ms rtt_ms one_way_calls",
};

const struct shape shape_dispo = {
	.fields = "code id label position retired",
	.columns = "code label retired",
};

const struct shape shape_team = {
	.fields = "name id did stations created_at",
	.columns = "name did stations",
};

const struct shape shape_audit = {
	.fields = "id at event severity reason_code forced user actor station customer_id number call_id detail hash",
	.columns = "id at event ?severity reason_code ?forced user ?actor ?customer_id number ?call_id",
};

const struct shape shape_decision = {
	.fields = "decision number customer_id reasons ack_token",
	.columns = "decision number customer_id reasons",
};

const struct shape shape_card = {
	.fields = "name text capture playback",
	.columns = "name text capture playback",
};

const struct shape shape_sound = {
	.fields = "station sound_device noise_suppression gain_control echo_cancellation state text",
	.columns = "station sound_device noise_suppression gain_control echo_cancellation",
};

const struct shape shape_sound_test = {
	.fields = "device kind peak_dbfs",
	.columns = "device kind peak_dbfs",
};

const struct shape shape_doctor = {
	.fields = "area level text fix",
	.columns = "level area text fix",
};

const struct shape shape_event = {
	.fields = "at event data",
	.columns = "at event data",
};
