/* methods.h - handlers of methods.c itself. */
#pragma once
#include "engine.h"

handler engine_status, engine_stop, engine_log;
