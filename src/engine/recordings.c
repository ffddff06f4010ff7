/* recordings.c - recordings that are whole: listed, and held against their digests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/mem.h"
#include "../crypto/chain.h"
#include "../db/sql_recording.h"
#include "nouns.h"
#include "recordings.h"

/* ---- recording.list --------------------------------------------------------------------------------------------- */

static int edit_path(struct request *request, const struct row *row, json_t *item)
{
	char *whole = xasprintf("%s/%s", request->engine->home.recordings,
		json_string_value(json_object_get(item, "path")));

	(void)row;
	json_object_set_new(item, "path", json_string(whole));
	free(whole);
	return 0;
}

int recording_list(struct request *request)
{
	struct arg since, until;

	if (!arg_param_time(request, "since", &since) || !arg_param_time(request, "until", &until))
		return ERR_INVALID;
	return list_page(request, &sql_recording_list,
		ARGS(a_int(request->tenant_id), arg_param_int(request, "call"), since, until), 0, edit_path);
}

/* ---- checking --------------------------------------------------------------------------------------------------- */

enum { PAGE = 50, STEP_BYTES = 4 << 20 };       /* between two turns of the loop: a few milliseconds */

struct kept { struct kept *next; int64_t id, call_id, size; char *path, *sha256; };

struct check {
	struct engine *engine;
	int64_t tenant_id, last_id;
	int64_t bytes;                  /* that may still be read */
	struct kept *page;              /* what is left of it; its first is the one at hand */
	struct digest *digest;          /* of the one at hand */
	struct recordings_count count;
	recording_fault_h *found;
	recordings_checked_h *done;
	void *arg;
};

static int take_kept(const struct row *row, void *arg)
{
	struct kept ***end = arg, *kept = xcalloc(1, sizeof(*kept));

	kept->id = row_int(row, 0);
	kept->call_id = row_int(row, 1);
	kept->path = xstrdup(row_text(row, 2));
	kept->size = row_null(row, 3) ? -1 : row_int(row, 3);
	kept->sha256 = row_null(row, 4) ? NULL : xstrdup(row_text(row, 4));
	**end = kept;
	*end = &kept->next;
	return 0;
}

static void drop_first(struct check *check)
{
	struct kept *kept = check->page;

	check->page = kept->next;
	check->last_id = kept->id;
	free(kept->path);
	free(kept->sha256);
	free(kept);
}

static void fault(struct check *check, const char *what)
{
	const struct kept *kept = check->page;
	char *text = xasprintf("%s %s", kept->path, what);
	const struct recording_fault found = {kept->call_id, kept->path, text};

	check->count.faults++;
	if (check->found)
		check->found(&found, check->arg);
	free(text);
}

/* What can be said without reading it.  True: its contents are to be read. */
static bool look_at(struct check *check, const char *path)
{
	const struct kept *kept = check->page;
	struct stat st;

	if (lstat(path, &st)) {
		fault(check, errno == ENOENT ? "is missing" : strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		fault(check, "is not a file");
		return false;
	}
	if (kept->size >= 0 && st.st_size != kept->size) {
		fault(check, "has another length than what was recorded");
		return false;
	}
	if (!kept->sha256 || check->bytes < st.st_size)
		return false;
	check->bytes -= st.st_size;
	check->count.read++;
	return true;
}

static void read_on(struct check *check)
{
	char digest[CHAIN_HASH_SIZE] = "";
	struct err err;
	const int more = digest_step(check->digest, STEP_BYTES, digest, &err);

	if (more > 0)
		return;
	check->digest = NULL;
	if (more < 0)
		fault(check, err.text);
	else if (strcmp(digest, check->page->sha256))
		fault(check, "is not what was recorded");
	drop_first(check);
}

static void begin_file(struct check *check)
{
	char *path = xasprintf("%s/%s", check->engine->home.recordings, check->page->path);
	struct err err;

	check->count.files++;
	if (!look_at(check, path))
		drop_first(check);
	else if (digest_start(&check->digest, path, &err) < 0) {
		fault(check, err.text);
		drop_first(check);
	}
	free(path);
}

/* 1: more to do, 0: all was seen, or negative. */
static int step(struct check *check, struct err *err)
{
	struct kept **end = &check->page;

	if (check->digest)
		read_on(check);
	else if (check->page)
		begin_file(check);
	else
		return db_each(check->engine->db, &sql_recording_kept,
			ARGS(a_int(check->tenant_id), a_int(check->last_id), a_int(PAGE)), take_kept, &end, err);
	return 1;
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = {0};
	struct check *check = arg;
	struct err err = {0};
	int more = 1;
	(void)fd;
	(void)what;

	for (int i = 0; i < PAGE && more > 0 && !(i && check->digest); i++)
		more = step(check, &err);
	if (more > 0 && event_base_once(check->engine->loop, -1, EV_TIMEOUT, on_turn, check, &now) == 0)
		return;
	if (more > 0)
		err_set(&err, ERR_FAILED, "the check cannot go on: no timer");
	digest_end(check->digest);
	check->digest = NULL;
	while (check->page)
		drop_first(check);
	check->done(&check->count, err.code ? &err : NULL, check->arg);
	free(check);
}

void recordings_check(struct engine *engine, int64_t tenant_id, int64_t bytes, recording_fault_h *found,
	recordings_checked_h *done, void *arg)
{
	static const struct timeval now = {0};
	struct check *check = xcalloc(1, sizeof(*check));
	struct err err;

	*check = (struct check){.engine = engine, .tenant_id = tenant_id, .bytes = bytes, .found = found,
		.done = done, .arg = arg};
	if (event_base_once(engine->loop, -1, EV_TIMEOUT, on_turn, check, &now) == 0)
		return;
	err_set(&err, ERR_FAILED, "the check cannot begin: no timer");
	done(&check->count, &err, arg);
	free(check);
}

/* ---- recording.verify ------------------------------------------------------------------------------------------- */

enum { FAULTS_TOLD = 1000 };

struct verifying { struct request *request; json_t *faults; };

static void add_fault(const struct recording_fault *found, void *arg)
{
	const struct verifying *verifying = arg;

	if (json_array_size(verifying->faults) < FAULTS_TOLD)
		json_array_append_new(verifying->faults, json_pack("{s:I, s:s}", "call_id", (json_int_t)found->call_id,
			"text", found->text));
}

static void verified(const struct recordings_count *count, const struct err *err, void *arg)
{
	struct verifying *verifying = arg;
	struct request *request = verifying->request;
	int status = err ? err_set(&request->err, err->code, "%s", err->text) : 0;

	if (!status)
		request->result = json_pack("{s:I, s:I, s:O}", "files", (json_int_t)count->files, "wrong",
			(json_int_t)count->faults, "faults", verifying->faults);
	json_decref(verifying->faults);
	free(verifying);
	request_answer(request, status);
}

int recording_verify(struct request *request)
{
	struct verifying *verifying = xcalloc(1, sizeof(*verifying));

	*verifying = (struct verifying){request, json_array()};
	recordings_check(request->engine, request->tenant_id, INT64_MAX, add_fault, verified, verifying);
	return REQUEST_PENDING;
}
