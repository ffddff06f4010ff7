/* sql_doctor.c - what engine/doctor_home.c looks at. */
#include "sql_doctor.h"

const struct stmt sql_doctor_newest = {
	"doctor.newest",
	"SELECT at FROM softphone_compliance_audit ORDER BY id DESC LIMIT 1",
	{{"at", COL_TIME}},
};
