/* nouns_fixture.h - an engine without its socket and phones: handlers are called as the socket calls them, on a database of their own. */
#pragma once
#include <sys/stat.h>
#include <unistd.h>
#include "../lib/unit.h"
#include "../lib/folder.h"
#include "../../src/base/clock.h"
#include "../../src/base/mem.h"
#include "../../src/engine/nouns.h"
#include "../../src/engine/work.h"

/* main.c's, which is no part of the library. */
void engine_stop_begin(struct engine *engine)
{
	(void)engine;
}

struct fixture {
	char folder[32];
	struct engine engine;
	struct identity who;        /* who asks; at first the owner */
	struct request request;     /* the last one */
	struct err err;
};

static inline int fixture_make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(folder_new(f->folder));
	f->engine.home.db = xasprintf("%s/spctl.db", f->folder);
	f->engine.home.key = xasprintf("%s/master.key", f->folder);
	f->engine.home.recordings = xasprintf("%s/recordings", f->folder);
	f->who.role = ROLE_ADMIN;
	snprintf(f->who.account, sizeof(f->who.account), "root");
	f->engine.loop = event_base_new();
	if (work_open(&f->engine, &f->err) < 0 || db_open(&f->engine.db, f->engine.home.db, true, &f->err) < 0 || seed(&f->engine, &f->err) < 0)
		fail_msg("%s", f->err.text);
	*state = f;
	return 0;
}

static inline void fixture_close(struct fixture *f)
{
	db_close(f->engine.db);
	keyring_free(f->engine.keys);
	f->engine.db = NULL;
	f->engine.keys = NULL;
}

static inline int fixture_remove(void **state)
{
	struct fixture *f = *state;

	work_free(&f->engine);
	fixture_close(f);
	event_base_free(f->engine.loop);
	json_decref(f->request.params);
	json_decref(f->request.result);
	free(f->engine.home.db);
	free(f->engine.home.key);
	free(f->engine.home.recordings);
	folder_remove(f->folder);
	free(f);
	return 0;
}

/* The answer of a handler that is not through at once: the loop runs until it is. */
static inline void fixture_finish(struct request *request, int status)
{
	request->id = status;
	request->finish = NULL;
}

static inline int fixture_wait(struct request *request)
{
	while (request->finish)
		assert_int_equal(event_base_loop(request->engine->loop, EVLOOP_ONCE), 0);
	return (int)request->id;
}

/* Calls a method with parameters (stolen), as control.c does.  The answer stays in f->request until the next call. */
static inline int call_json_params(struct fixture *f, const char *name, json_t *params)
{
	const struct engine_method *handler_of = engine_methods;
	struct request *r = &f->request;

	json_decref(r->params);
	json_decref(r->result);
	json_decref(r->error_data);
	*r = (struct request){.engine = &f->engine, .method = method_find(name), .params = params, .who = f->who, .id = 1,
		.finish = fixture_finish};
	r->dry_run = json_is_true(json_object_get(params, "dry_run"));
	r->tenant_id = f->who.tenant_id ? f->who.tenant_id : 1;
	UNIT_CASE(r->method, "%s is no method", name);
	while (handler_of->name && strcmp(handler_of->name, name))
		handler_of++;
	assert_non_null(handler_of->run);
	int rc = method_check(r->method, params, &r->err);
	if (rc >= 0)
		rc = handler_of->run(r);
	if (rc == REQUEST_PENDING)
		rc = fixture_wait(r);
	if (db_begin(f->engine.db, &f->err) < 0)
		fail_msg("%s leaves a transaction open", name);
	db_rollback(f->engine.db);
	if (rc < 0) {
		assert_null(r->result);
		assert_int_equal(r->err.code, rc);
		assert_true(r->err.text[0] && !strchr(r->err.text, '\n'));
	}
	return rc;
}

/* Parameters as JSON text with ' for ". */
static inline int call(struct fixture *f, const char *name, const char *text)
{
	char json[4096];
	json_error_t error;

	assert_true(strlen(text) < sizeof(json));
	for (size_t i = 0; i <= strlen(text); i++)
		json[i] = text[i] == '\'' ? '"' : text[i];
	json_t *params = json_loads(json, 0, &error);
	UNIT_CASE(params, "%s: %s", error.text, json);
	return call_json_params(f, name, params);
}

static inline void works(struct fixture *f, const char *name, const char *params)
{
	int rc = call(f, name, params);

	UNIT_CASE(rc == 0, "%s %s: %d %s", name, params, rc, f->request.err.text);
}

/* It must be refused with that code, in a sentence that holds these words. */
static inline void refused(struct fixture *f, const char *name, const char *params, int code, const char *words)
{
	int rc = call(f, name, params);

	UNIT_CASE(rc == code, "%s %s: %d, not %d: %s", name, params, rc, code, f->request.err.text);
	UNIT_CASE(strstr(f->request.err.text, words), "%s %s: \"%s\" lacks \"%s\"", name, params, f->request.err.text, words);
}

/* The last answer, or a member of it ("items.0.name"), as compact JSON with ' for "; in a buffer that the next call overwrites. */
static inline const char *answer_text(struct fixture *f, const char *path)
{
	static char out[8192];
	const json_t *at = f->request.result;
	char step[64];

	while (*path) {
		size_t n = strcspn(path, ".");
		snprintf(step, sizeof(step), "%.*s", (int)n, path);
		at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(step, NULL, 10)) : json_object_get(at, step);
		path += n + (path[n] == '.');
	}
	char *text = at ? json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("(none)");
	snprintf(out, sizeof(out), "%s", text);
	free(text);
	for (char *p = out; *p; p++)
		if (*p == '"')
			*p = '\'';
	return out;
}

#define ANSWER(f, path, wanted) assert_string_equal(answer_text(f, path), wanted)

static inline int take_number(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 1;
}

static inline int64_t number_of(struct fixture *f, const struct stmt *stmt)
{
	int64_t n = -1;

	if (db_each(f->engine.db, stmt, NO_ARGS, take_number, &n, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return n;
}

#define NUMBER(f, sql) __extension__ ({ static const struct stmt stmt_ = {"test.number", sql, {{0}}}; number_of(f, &stmt_); })
#define RUN(f, sql) __extension__ ({ static const struct stmt stmt_ = {"test.run", sql, {{0}}}; \
	db_run((f)->engine.db, &stmt_, NO_ARGS, &(f)->err); })
