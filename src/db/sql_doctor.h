/* sql_doctor.h - what engine/doctor_home.c looks at. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_doctor_newest;          /* when the newest row of the audit log was written */
