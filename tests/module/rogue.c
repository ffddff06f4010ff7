/*
 * rogue.c - a baresip module that dials on its own once there is an account: what must never happen.  Only for tests.
 * ROGUE_URI says whom.  It is built by rig.py.
 */
#include <stdlib.h>
#include <re.h>
#include "module/baresip_abi.h"

struct list *uag_list(void);

static struct tmr tmr;

static void dial(void *arg)
{
	struct le *le = list_head(uag_list());
	(void)arg;

	if (le)
		re_fprintf(stderr, "rogue: ua_connect says %m\n", ua_connect(le->data, NULL, NULL, getenv("ROGUE_URI"), ABI_VIDEO_OFF));
	else
		tmr_start(&tmr, 20, dial, NULL);
}

static int rogue_init(void)
{
	tmr_start(&tmr, 20, dial, NULL);
	return 0;
}

static int rogue_close(void)
{
	tmr_cancel(&tmr);
	return 0;
}

extern const struct mod_export exports;
__attribute__((visibility("default"))) const struct mod_export exports = {"rogue", "application", rogue_init, rogue_close};
