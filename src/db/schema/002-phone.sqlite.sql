-- Facts of a call that came with the complete phone; the customer in whose name it was placed is one of them.

DROP TRIGGER call_logs_facts;

CREATE TRIGGER call_logs_facts BEFORE UPDATE OF id, tenant_id, direction, number, customer_id, user_id, started_at, forced,
	placed, consults, redial_of ON softphone_call_logs
WHEN NEW.id IS NOT OLD.id OR NEW.tenant_id IS NOT OLD.tenant_id OR NEW.direction IS NOT OLD.direction
	OR NEW.number IS NOT OLD.number OR NEW.customer_id IS NOT OLD.customer_id OR NEW.user_id IS NOT OLD.user_id
	OR NEW.started_at IS NOT OLD.started_at OR NEW.forced IS NOT OLD.forced OR NEW.placed IS NOT OLD.placed
	OR NEW.consults IS NOT OLD.consults OR NEW.redial_of IS NOT OLD.redial_of
BEGIN
	SELECT RAISE(ABORT, 'whom a call was made to, by whom and when is never changed');
END;

CREATE TRIGGER call_logs_disposition_by BEFORE UPDATE OF disposition_by ON softphone_call_logs
WHEN OLD.disposition IS NOT NULL AND NEW.disposition_by IS NOT OLD.disposition_by
BEGIN
	SELECT RAISE(ABORT, 'who saved the disposition of this call is never changed');
END;
