-- The product's tables.  Times are UTC milliseconds; booleans 0 and 1; every table has its tenant.

CREATE TABLE softphone_tenants (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	timezone TEXT NOT NULL,
	acw_seconds BIGINT NOT NULL,
	hours_start_minute BIGINT NOT NULL,
	hours_end_minute BIGINT NOT NULL,
	max_call_hours BIGINT NOT NULL,
	max_calls_per_week BIGINT NOT NULL,
	country_code TEXT NOT NULL,
	ring_seconds BIGINT NOT NULL,
	unknown_customer TEXT NOT NULL,
	record_calls BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE softphone_users (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	login TEXT NOT NULL,
	name TEXT,
	role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'admin')),
	os_user TEXT,
	password_hash TEXT,
	created_at BIGINT NOT NULL,
	removed_at BIGINT
);
CREATE UNIQUE INDEX users_login ON softphone_users (tenant_id, login) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX users_os_user ON softphone_users (os_user) WHERE removed_at IS NULL AND os_user IS NOT NULL;

CREATE TABLE softphone_stations (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	name TEXT NOT NULL,
	did TEXT NOT NULL,
	sip_uri TEXT NOT NULL,
	auth_user TEXT,
	sip_credentials_encrypted BLOB,
	transport TEXT NOT NULL,
	tls_ca TEXT,
	media_enc TEXT NOT NULL,
	codecs TEXT,
	register_line BIGINT NOT NULL,
	outbound_proxy TEXT,
	dial_prefix TEXT,
	conference_uri TEXT,
	location TEXT,
	team TEXT,
	created_at BIGINT NOT NULL,
	removed_at BIGINT
);
CREATE UNIQUE INDEX stations_name ON softphone_stations (tenant_id, name) WHERE removed_at IS NULL;

-- Who sits where.  A row with released_at NULL is a session that is logged in; paused_reason is kept for a restart.
CREATE TABLE softphone_assignments (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	user_id BIGINT NOT NULL REFERENCES softphone_users (id),
	station_id BIGINT NOT NULL REFERENCES softphone_stations (id),
	assigned_at BIGINT NOT NULL,
	released_at BIGINT,
	release_reason TEXT,
	paused_reason TEXT
);
CREATE UNIQUE INDEX assignments_user ON softphone_assignments (user_id) WHERE released_at IS NULL;
CREATE UNIQUE INDEX assignments_station ON softphone_assignments (station_id) WHERE released_at IS NULL;

CREATE TABLE customers (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	external_id TEXT,
	name TEXT NOT NULL,
	timezone TEXT,
	state TEXT,
	postcode TEXT,
	do_not_call BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	removed_at BIGINT
);
CREATE UNIQUE INDEX customers_external ON customers (tenant_id, external_id) WHERE external_id IS NOT NULL AND removed_at IS NULL;
CREATE INDEX customers_tenant ON customers (tenant_id, id);

CREATE TABLE customer_phones (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	customer_id BIGINT NOT NULL REFERENCES customers (id),
	number TEXT NOT NULL,
	UNIQUE (customer_id, number)
);
CREATE INDEX customer_phones_number ON customer_phones (tenant_id, number, customer_id);

CREATE TABLE customer_collections_metadata (
	customer_id BIGINT PRIMARY KEY REFERENCES customers (id),
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	cease_and_desist BIGINT NOT NULL,
	attorney_represented BIGINT NOT NULL,
	bankruptcy_filed BIGINT NOT NULL,
	do_not_call BIGINT NOT NULL,
	collections_status TEXT,
	sol_date TEXT,
	max_calls_per_week BIGINT
);

CREATE TABLE softphone_call_logs (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	direction TEXT NOT NULL CHECK (direction IN ('outbound', 'inbound', 'internal')),
	number TEXT,
	customer_id BIGINT REFERENCES customers (id),
	user_id BIGINT NOT NULL REFERENCES softphone_users (id),
	station_id BIGINT NOT NULL REFERENCES softphone_stations (id),
	did TEXT,
	state TEXT NOT NULL,
	forced BIGINT NOT NULL,
	counts_toward_cap BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	answered_at BIGINT,
	ended_at BIGINT,
	cause TEXT,
	sip_code BIGINT,
	sip_reason TEXT,
	sip_call_id TEXT,
	encrypted BIGINT NOT NULL,
	codec TEXT,
	owes_disposition BIGINT NOT NULL,
	disposition TEXT,
	notes TEXT,
	acw_started_at BIGINT,
	acw_ended_at BIGINT,
	acw_allowance BIGINT
);
CREATE INDEX call_logs_cap ON softphone_call_logs (customer_id, started_at) WHERE counts_toward_cap = 1;
CREATE INDEX call_logs_customer ON softphone_call_logs (tenant_id, customer_id, id);
CREATE INDEX call_logs_user ON softphone_call_logs (tenant_id, user_id, id);
CREATE INDEX call_logs_open ON softphone_call_logs (id) WHERE ended_at IS NULL;
CREATE INDEX call_logs_owed ON softphone_call_logs (user_id) WHERE owes_disposition = 1;

CREATE TABLE softphone_compliance_audit (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	at BIGINT NOT NULL,
	event TEXT NOT NULL,
	severity TEXT CHECK (severity IN ('hard', 'soft')),
	reason_code TEXT,
	forced BIGINT NOT NULL,
	user_id BIGINT,
	station_id BIGINT,
	customer_id BIGINT,
	number TEXT,
	call_id BIGINT,
	detail TEXT,
	hash TEXT NOT NULL
);
CREATE INDEX audit_tenant ON softphone_compliance_audit (tenant_id, id);

CREATE TABLE softphone_dispositions (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	code TEXT NOT NULL,
	label TEXT NOT NULL,
	position BIGINT NOT NULL,
	retired_at BIGINT,
	UNIQUE (tenant_id, code)
);

CREATE TABLE softphone_participants (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	call_id BIGINT NOT NULL REFERENCES softphone_call_logs (id),
	party TEXT NOT NULL,
	joined_at BIGINT NOT NULL,
	left_at BIGINT
);
CREATE INDEX participants_call ON softphone_participants (call_id);

CREATE TABLE softphone_recordings (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL REFERENCES softphone_tenants (id),
	call_id BIGINT NOT NULL REFERENCES softphone_call_logs (id),
	path TEXT NOT NULL,
	started_at BIGINT NOT NULL,
	ended_at BIGINT,
	sha256 TEXT
);
CREATE INDEX recordings_call ON softphone_recordings (call_id);

-- Which keys seal what is here: a wrong key file is noticed at start, before anything is lost.
CREATE TABLE softphone_keys (
	id INTEGER PRIMARY KEY,
	tenant_id BIGINT NOT NULL,
	check_value TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
