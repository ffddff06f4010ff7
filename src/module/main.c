/*
 * main.c - spctl.so, the module inside baresip: start, checks, end.
 *
 * It runs within `baresip -f DIR`, a child of the engine.  The environment says where the engine is
 * (SPCTL_CONTROL=fd:N) and preloads guard.so.  It refuses to start, with one sentence on standard error, without the
 * guard or on a baresip that it does not know (exit 78), and without the engine's socket (exit 69).
 *
 * The engine's part, in the child's config: default audio device spctl:none, which fails, so that a call without a
 * slot gets no sound rather than another call's; sip_cafile; no module that takes orders (ctrl_tcp, cons, stdio, httpd,
 * mqtt); rtp_timeout, call_local_timeout.  All other timeouts are the engine's: baresip has none after 100 or 180.
 */
#include "module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/log.h"

enum { EXIT_UNAVAILABLE = 69, EXIT_CONFIG = 78, QUIT_MS = 1500 };

struct phone phone = {.sock = -1};

/* No version number is exported: tell the two by functions that only one has. */
static enum baresip baresip_detect(void)
{
	const bool prev_call = dlsym(RTLD_DEFAULT, "ua_prev_call"), call_find = dlsym(RTLD_DEFAULT, "uag_call_find");

	if (prev_call && !call_find)
		return BARESIP_1_0;
	if (call_find && dlsym(RTLD_DEFAULT, "ua_add_custom_hdr") && !dlsym(RTLD_DEFAULT, "bevent_register"))
		return BARESIP_1_1;
	return BARESIP_UNKNOWN;
}

/* True when the guard's functions really stand before libre's: whoever asks for one of them gets the guard's. */
static bool guard_is_first(const void *guard)
{
	static const char *const names[] = {"re_vsnprintf", "re_sdprintf", "tls_start_tcp", "tcp_accept",
					    "sip_dialog_update", "sip_dialog_alloc", "sip_request", "sipsess_dialog",
					    "rtp_listen", "tcp_connect", "sdp_decode", "sip_treply", "srtp_decrypt",
					    "srtcp_decrypt", "sip_listen", "sip_dialog_create"};
	Dl_info own, found;

	if (!dladdr(guard, &own))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const void *function = dlsym(RTLD_DEFAULT, names[i]);

		if (!function || !dladdr(function, &found) || found.dli_fbase != own.dli_fbase)
			return false;
	}
	return true;
}

static int checks(struct err *err)
{
	phone.guard = dlsym(RTLD_DEFAULT, "spctl_guard");
	if (!phone.guard)
		return err_set(err, ERR_CONFIG, "guard.so is not preloaded");
	if (phone.guard->version != GUARD_VERSION)
		return err_set(err, ERR_CONFIG, "guard.so has version %d, not %d", phone.guard->version, GUARD_VERSION);
	if (!guard_is_first(phone.guard))
		return err_set(err, ERR_CONFIG, "guard.so does not stand before libre");
	phone.baresip = baresip_detect();
	if (phone.baresip == BARESIP_UNKNOWN)
		return err_set(err, ERR_CONFIG, "this baresip is neither 1.0.0 nor 1.1.0");
	return 0;
}

/* baresip writes a line for nearly everything: a full pipe must cost the line, not the calls. */
static void never_block(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static void give_up(void *arg)
{
	(void)arg;
	log_info("module", "a peer or the registrar did not answer in time: ending all the same");
	_exit(0);
}

void quit_in_time(void)
{
	phone.quitting = true;
	if (!phone.ending)
		tmr_start(&phone.tmr_quit, QUIT_MS, give_up, NULL);
	phone.ending = true;
}

static void quit(void *arg)
{
	(void)arg;
	lines_close();
	quit_in_time();
	ua_stop_all(false);
}

void quit_soon(void)
{
	if (!phone.quitting)
		tmr_start(&phone.tmr_quit, 0, quit, NULL);
	phone.quitting = true;
}

/* ---- what baresip calls ------------------------------------------------------------------------------------------ */

static int module_init(void)
{
	const char *where = getenv("SPCTL_CONTROL");
	struct err err = {0};

	never_block(STDOUT_FILENO);
	never_block(STDERR_FILENO);
	if (!checks(&err)) {
		if (!where)
			err_set(&err, ERR_UNAVAILABLE, "SPCTL_CONTROL is not set");
		else if (legs_init())
			err_set(&err, ERR_UNAVAILABLE, "baresip gives no events");
		else
			control_open(where, &err);
	}
	if (err.code) {
		log_error("module", "spctl.so refuses to start: %s", err.text);
		_exit(err.code == ERR_CONFIG ? EXIT_CONFIG : EXIT_UNAVAILABLE);
	}
	trace_init();
	say("ready", json_pack("{s:s}", "baresip", phone.baresip == BARESIP_1_0 ? "1.0" : "1.1"));
	return 0;
}

static int module_close(void)
{
	trace_close();
	lines_close();
	legs_close();
	control_close();
	tmr_cancel(&phone.tmr_quit);
	return 0;
}

extern const struct mod_export exports;
__attribute__((visibility("default")))
const struct mod_export exports = {"spctl", "application", module_init, module_close};
