-- What is written once stays: triggers in SQLite's own words.

CREATE TRIGGER audit_no_update BEFORE UPDATE ON softphone_compliance_audit
BEGIN
	SELECT RAISE(ABORT, 'a row of the audit log is never changed');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON softphone_compliance_audit
BEGIN
	SELECT RAISE(ABORT, 'a row of the audit log is never deleted');
END;

CREATE TRIGGER call_logs_no_delete BEFORE DELETE ON softphone_call_logs
BEGIN
	SELECT RAISE(ABORT, 'a call is never deleted');
END;

CREATE TRIGGER call_logs_disposition_once BEFORE UPDATE OF disposition, notes ON softphone_call_logs
WHEN OLD.disposition IS NOT NULL AND (NEW.disposition IS NOT OLD.disposition OR NEW.notes IS NOT OLD.notes)
BEGIN
	SELECT RAISE(ABORT, 'the disposition of this call is saved already; it is never changed');
END;

CREATE TRIGGER call_logs_facts BEFORE UPDATE OF id, tenant_id, direction, number, user_id, started_at, forced ON softphone_call_logs
WHEN NEW.id IS NOT OLD.id OR NEW.tenant_id IS NOT OLD.tenant_id OR NEW.direction IS NOT OLD.direction
	OR NEW.number IS NOT OLD.number OR NEW.user_id IS NOT OLD.user_id OR NEW.started_at IS NOT OLD.started_at
	OR NEW.forced IS NOT OLD.forced
BEGIN
	SELECT RAISE(ABORT, 'whom a call was made to, by whom and when is never changed');
END;
