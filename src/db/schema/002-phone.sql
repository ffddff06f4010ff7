-- What a complete phone needs: teams, settings of tenants and stations, how calls belong together, and how they sounded.

ALTER TABLE softphone_tenants ADD COLUMN internal_disposition BIGINT NOT NULL DEFAULT 0;
ALTER TABLE softphone_tenants ADD COLUMN busy_code BIGINT NOT NULL DEFAULT 486;
ALTER TABLE softphone_tenants ADD COLUMN one_way_seconds BIGINT NOT NULL DEFAULT 20;
ALTER TABLE softphone_tenants ADD COLUMN announce BIGINT NOT NULL DEFAULT 1;
ALTER TABLE softphone_tenants ADD COLUMN announcement TEXT;
ALTER TABLE softphone_tenants ADD COLUMN record_pause_seconds BIGINT NOT NULL DEFAULT 120;
ALTER TABLE softphone_tenants ADD COLUMN record_required BIGINT NOT NULL DEFAULT 0;
ALTER TABLE softphone_tenants ADD COLUMN retention_days BIGINT NOT NULL DEFAULT 1095;

ALTER TABLE softphone_stations ADD COLUMN record_calls TEXT NOT NULL DEFAULT 'tenant';
ALTER TABLE softphone_stations ADD COLUMN hold TEXT NOT NULL DEFAULT 'sip';
ALTER TABLE softphone_stations ADD COLUMN hold_music TEXT;
ALTER TABLE softphone_stations ADD COLUMN dtmf TEXT NOT NULL DEFAULT 'rtp';
ALTER TABLE softphone_stations ADD COLUMN caller_id TEXT NOT NULL DEFAULT 'ppi';
ALTER TABLE softphone_stations ADD COLUMN nat TEXT NOT NULL DEFAULT 'none';
ALTER TABLE softphone_stations ADD COLUMN nat_server TEXT;
ALTER TABLE softphone_stations ADD COLUMN nat_user TEXT;
ALTER TABLE softphone_stations ADD COLUMN nat_credentials_encrypted BLOB;
ALTER TABLE softphone_stations ADD COLUMN tls_verify BIGINT NOT NULL DEFAULT 1;
ALTER TABLE softphone_stations ADD COLUMN tls_cert TEXT;
ALTER TABLE softphone_stations ADD COLUMN registrars TEXT;
ALTER TABLE softphone_stations ADD COLUMN intercom BIGINT NOT NULL DEFAULT 0;
ALTER TABLE softphone_stations ADD COLUMN voicemail_code BIGINT;
ALTER TABLE softphone_stations ADD COLUMN sound_device TEXT;
ALTER TABLE softphone_stations ADD COLUMN noise_suppression BIGINT NOT NULL DEFAULT 0;
ALTER TABLE softphone_stations ADD COLUMN gain_control BIGINT NOT NULL DEFAULT 0;
ALTER TABLE softphone_stations ADD COLUMN echo_cancellation BIGINT NOT NULL DEFAULT 0;

ALTER TABLE softphone_assignments ADD COLUMN dnd BIGINT NOT NULL DEFAULT 0;

-- placed: our agent dialled.  consults: the call that this one was dialled for.  conference: its first call.
ALTER TABLE softphone_call_logs ADD COLUMN placed BIGINT NOT NULL DEFAULT 1;
ALTER TABLE softphone_call_logs ADD COLUMN transferred_to TEXT;
ALTER TABLE softphone_call_logs ADD COLUMN consults BIGINT REFERENCES softphone_call_logs (id);
ALTER TABLE softphone_call_logs ADD COLUMN redial_of BIGINT REFERENCES softphone_call_logs (id);
ALTER TABLE softphone_call_logs ADD COLUMN conference BIGINT REFERENCES softphone_call_logs (id);
UPDATE softphone_call_logs SET placed = 0 WHERE direction = 'inbound';

CREATE INDEX call_logs_conference ON softphone_call_logs (conference) WHERE conference IS NOT NULL;

-- leg_id: the party's own call; NULL: the agent.
ALTER TABLE softphone_participants ADD COLUMN leg_id BIGINT REFERENCES softphone_call_logs (id);

-- A team's number is what its calls show, whoever of it calls.
CREATE TABLE softphone_teams (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	name TEXT NOT NULL,
	did TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	removed_at BIGINT
);
CREATE UNIQUE INDEX teams_name ON softphone_teams (tenant_id, name) WHERE removed_at IS NULL;

-- How a call sounded, one row for each that was answered, at that time.  loss_ppm: of what we received, loss_out_ppm: of what
-- we sent, as the far end reports it.  What nobody could measure is NULL.
CREATE TABLE softphone_quality (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	call_id BIGINT NOT NULL UNIQUE REFERENCES softphone_call_logs (id),
	station_id BIGINT NOT NULL REFERENCES softphone_stations (id),
	at BIGINT NOT NULL,
	mos_x100 BIGINT,
	mos_low_x100 BIGINT,
	loss_ppm BIGINT,
	loss_out_ppm BIGINT,
	jitter_us BIGINT,
	rtt_us BIGINT,
	packets_in BIGINT,
	packets_out BIGINT,
	one_way BIGINT NOT NULL
);
CREATE INDEX quality_at ON softphone_quality (tenant_id, at);

-- The end of each tenant's audit log under a seal (engine/audit.h).  key_sealed is NULL until an engine has made the key:
-- the log as it was before, whose rows up to keyed_after have hashes without a key.
CREATE TABLE softphone_audit_heads (
	tenant_id BIGINT NOT NULL PRIMARY KEY REFERENCES softphone_tenants (id),
	key_sealed BLOB,
	keyed_after BIGINT NOT NULL,
	row_count BIGINT NOT NULL,
	last_id BIGINT NOT NULL,
	last_hash TEXT,
	seal TEXT
);
INSERT INTO softphone_audit_heads (tenant_id, keyed_after, row_count, last_id, last_hash)
	SELECT t.id, coalesce(max(a.id), 0), count(a.id), coalesce(max(a.id), 0),
		(SELECT b.hash FROM softphone_compliance_audit b WHERE b.tenant_id = t.id ORDER BY b.id DESC LIMIT 1)
	FROM softphone_tenants t LEFT JOIN softphone_compliance_audit a ON a.tenant_id = t.id GROUP BY t.id;

-- A recording that is gone by the tenant's retention leaves its row.  size_bytes: of the file, once it is closed.
ALTER TABLE softphone_recordings ADD COLUMN size_bytes BIGINT;
ALTER TABLE softphone_recordings ADD COLUMN pruned_at BIGINT;
-- States in which agents work, by which a recorded call may go without the announcement; NULL: not known.
ALTER TABLE softphone_tenants ADD COLUMN agent_states TEXT;

-- Who saved the disposition: a login, or the system account of whoever has no user.
ALTER TABLE softphone_call_logs ADD COLUMN disposition_by TEXT;

-- The log by what people ask: of a customer, and what the gate said of a call.
CREATE INDEX audit_customer ON softphone_compliance_audit (tenant_id, customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX audit_call ON softphone_compliance_audit (tenant_id, call_id, id) WHERE call_id IS NOT NULL;
