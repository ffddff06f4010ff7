#include "sql_doctor.h"

const struct stmt sql_doctor_recordings = {
	"doctor.recordings",
	"SELECT path FROM softphone_recordings WHERE tenant_id = $1 AND ended_at IS NOT NULL ORDER BY id",
	{{"path", COL_TEXT}},
};

const struct stmt sql_doctor_newest = {
	"doctor.newest",
	"SELECT at FROM softphone_compliance_audit ORDER BY id DESC LIMIT 1",
	{{"at", COL_TIME}},
};
