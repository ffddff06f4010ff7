/* recordings.c - recordings that are whole: listed, and held against their digests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../crypto/chain.h"
#include "../db/sql_recording.h"
#include "nouns.h"
#include "recordings.h"
#include "work.h"

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
	return list_answer(request, &sql_recording_list,
		ARGS(a_int(request->tenant_id), arg_param_int(request, "call"), since, until), edit_path);
}

/* ---- checking --------------------------------------------------------------------------------------------------- */

enum { PAGE = 50 };

struct kept { struct kept *next; int64_t id, call_id, size; char *path, *sha256; };

/* One file, as the thread that reads it sees it. */
struct look {
	char *path;
	const char *sha256;             /* NULL: none was taken */
	int64_t size, most;             /* as recorded, -1: not known; what may be read */
	int64_t bytes;                  /* that were; -1: it was not read */
	char fault[256];
	struct err err;                 /* it could not be looked at to the end */
};

struct check {
	struct engine *engine;
	int64_t tenant_id, last_id;
	int64_t bytes;                  /* that may still be read */
	struct kept *page;              /* what is left of it; its first is the one at hand */
	struct look look;
	struct recordings_count count;
	recording_fault_h *found;
	recordings_checked_h *done;
	void *arg;
	struct err err;
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

/* Where the time goes: beside the loop. */
static void look_at(void *arg, const atomic_bool *hurry)
{
	struct look *look = &((struct check *)arg)->look;
	char digest[CHAIN_HASH_SIZE] = "";
	struct stat st;

	look->bytes = -1;
	if (lstat(look->path, &st))
		str_copy(look->fault, sizeof(look->fault), errno == ENOENT ? "is missing" : strerror(errno));
	else if (!S_ISREG(st.st_mode))
		str_copy(look->fault, sizeof(look->fault), "is not a file");
	else if (look->size >= 0 && st.st_size != look->size)
		str_copy(look->fault, sizeof(look->fault), "has another length than what was recorded");
	else if (!look->sha256 || look->most < st.st_size)
		return;
	else if (digest_file(look->path, hurry, digest, &look->err) < 0) {
		if (look->err.code != ERR_TRY_AGAIN)
			str_copy(look->fault, sizeof(look->fault), look->err.text);
	} else {
		look->bytes = st.st_size;
		if (strcmp(digest, look->sha256))
			str_copy(look->fault, sizeof(look->fault), "is not what was recorded");
	}
}

static void next_file(struct check *check);

static void on_looked(void *arg)
{
	struct check *check = arg;
	const struct look *look = &check->look;

	check->count.files++;
	check->count.read += look->bytes >= 0;
	check->bytes -= look->bytes >= 0 ? look->bytes : 0;
	if (look->fault[0])
		fault(check, look->fault);
	if (look->err.code == ERR_TRY_AGAIN)
		check->err = look->err;
	free(look->path);
	drop_first(check);
	next_file(check);
}

static void end(struct check *check)
{
	while (check->page)
		drop_first(check);
	check->done(&check->count, check->err.code ? &check->err : NULL, check->arg);
	free(check);
}

static void next_file(struct check *check)
{
	struct kept **last = &check->page;

	if (!check->page && !check->err.code)
		db_each(check->engine->db, &sql_recording_kept,
			ARGS(a_int(check->tenant_id), a_int(check->last_id), a_int(PAGE)), take_kept, &last,
			&check->err);
	if (!check->page || check->err.code) {
		end(check);
		return;
	}
	check->look = (struct look){.sha256 = check->page->sha256, .size = check->page->size, .most = check->bytes,
		.path = xasprintf("%s/%s", check->engine->home.recordings, check->page->path)};
	work_do(check->engine, WORK_FILES, look_at, on_looked, check);
}

static void on_begin(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	next_file(arg);
}

void recordings_check(struct engine *engine, int64_t tenant_id, int64_t bytes, recording_fault_h *found,
	recordings_checked_h *done, void *arg)
{
	struct check *check = xcalloc(1, sizeof(*check));
	struct err err;

	*check = (struct check){.engine = engine, .tenant_id = tenant_id, .bytes = bytes, .found = found,
		.done = done, .arg = arg};
	if (work_slice(engine, on_begin, check) == 0)
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
