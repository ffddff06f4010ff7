/* user.c - the people: agents, supervisors, admins. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../crypto/password.h"
#include "../db/sql_user.h"
#include "change.h"
#include "check.h"
#include "nouns.h"
#include "work.h"

/* What a request may set. */
struct user {
	int64_t id;
	char *login, *name, *role, *os_user, *password_hash;
};

static char *column(const struct row *row, int i)
{
	return row_null(row, i) ? NULL : xstrdup(row_text(row, i));
}

static int take_user(const struct row *row, void *arg)
{
	struct user *user = arg;

	user->id = row_int(row, USER_ID);
	user->login = column(row, USER_LOGIN);
	user->name = column(row, USER_NAME);
	user->role = column(row, USER_ROLE);
	user->os_user = column(row, USER_OS_USER);
	user->password_hash = column(row, USER_PASSWORD_HASH);
	return 1;
}

static void user_free(struct user *user)
{
	free(user->login);
	free(user->name);
	free(user->role);
	free(user->os_user);
	free(user->password_hash);
}

int64_t user_by_login(struct engine *engine, int64_t tenant_id, const char *login, struct err *err)
{
	char text[SHOWN_SIZE];
	int64_t id = id_of(engine, &sql_user_by_login, ARGS(a_int(tenant_id), a_text(login)), err);

	return id ? id : err_set(err, ERR_NOT_FOUND, "there is no user \"%s\"", shown(login, text));
}

int login_check(struct request *request, const char *login)
{
	char text[SHOWN_SIZE];
	const int64_t id = id_of(request->engine, &sql_user_ever, ARGS(a_int(request->tenant_id), a_text(login)),
		&request->err);

	return id > 0 ? 0 : id < 0 ? (int)id :
		err_set(&request->err, ERR_NOT_FOUND, "there is no user \"%s\", and there was none",
			shown(login, text));
}

/* ---- passwords -------------------------------------------------------------------------------------------------- */

struct secret {
	int64_t id;
	char hash[PASSWORD_HASH_SIZE];
};

static int take_secret(const struct row *row, void *arg)
{
	struct secret *secret = arg;
	const char *hash = row_text(row, 1);

	secret->id = row_int(row, 0);
	if (hash && strlen(hash) < sizeof(secret->hash))
		memcpy(secret->hash, hash, strlen(hash) + 1);
	return 1;
}

struct verifying {
	struct engine *engine;
	int64_t tenant_id;
	char *login, *password;
	struct secret secret;
	bool right, given_up;
	user_verified_h *verified;
	void *arg;
};

/* Nobody by that login takes as long as a wrong password. */
static void verify(void *arg, const atomic_bool *hurry)
{
	static const char
		nobody[] = "scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct verifying *v = arg;
	const bool known = v->secret.hash[0] != '\0';

	v->given_up = atomic_load(hurry);
	if (!v->given_up)
		v->right = password_matches(v->password, known ? v->secret.hash : nobody) && known;
}

static void on_verified(void *arg)
{
	struct verifying *v = arg;
	struct secret now = {0};
	struct err err = {0};
	int64_t id = db_each(v->engine->db, &sql_user_secret, ARGS(a_int(v->tenant_id), a_text(v->login)), take_secret,
		&now, &err);

	/* He, or his password, may have gone meanwhile. */
	if (v->given_up)
		id = err_set(&err, ERR_UNAVAILABLE, "the engine is stopping");
	else if (id >= 0 && v->right && now.id == v->secret.id && !strcmp(now.hash, v->secret.hash))
		id = now.id;
	else if (id >= 0)
		id = err_set(&err, ERR_NOT_PERMITTED, "login or password is wrong");
	v->verified(v->arg, id, &err);
	mem_wipe(&now, sizeof(now));
	mem_wipe(&v->secret, sizeof(v->secret));
	mem_wipe(v->password, strlen(v->password));
	free(v->password);
	free(v->login);
	free(v);
}

int user_verify(struct engine *engine, int64_t tenant_id, const char *login, const char *password,
	user_verified_h *verified, void *arg, struct err *err)
{
	struct verifying *v = xcalloc(1, sizeof(*v));
	const int rc = db_each(engine->db, &sql_user_secret, ARGS(a_int(tenant_id), a_text(login)), take_secret,
		&v->secret, err);

	if (rc < 0) {
		free(v);
		return rc;
	}
	v->engine = engine;
	v->tenant_id = tenant_id;
	v->login = xstrdup(login);
	v->password = xstrdup(password);
	v->verified = verified;
	v->arg = arg;
	work_do(engine, WORK_PASSWORDS, verify, on_verified, v);
	return 0;
}

/* A password that a request sets: hashed beside the loop, and kept with the request meanwhile. */
struct hashing {
	struct request *request;
	handler *then;
	char *password;
	char hash[PASSWORD_HASH_SIZE];
	struct err err;
};

static void hash(void *arg, const atomic_bool *hurry)
{
	struct hashing *h = arg;

	if (atomic_load(hurry))
		err_set(&h->err, ERR_TRY_AGAIN, "the engine is stopping");
	else
		password_hash(h->password, h->hash, &h->err);
}

static int fail(struct request *request)
{
	const struct hashing *h = request->kept;

	return err_set(&request->err, h->err.code, "%s", h->err.text);
}

static void on_hashed(void *arg)
{
	struct hashing *h = arg;
	struct request *request = h->request;

	request->kept = h;
	request_go_on(request, h->err.code ? fail : h->then);
	mem_wipe(h->password, strlen(h->password));
	free(h->password);
	free(h);
}

/* The handler that follows, at once, or when the password that the request gives is hashed. */
static int hash_then(struct request *request, handler *then)
{
	const char *password = param_text(request, "password");
	struct hashing *h;

	if (!password || !*password)
		return then(request);
	if (check_password("password", password, &request->err) < 0)
		return request->err.code;
	h = xcalloc(1, sizeof(*h));
	*h = (struct hashing){.request = request, .then = then, .password = xstrdup(password)};
	work_do(request->engine, WORK_PASSWORDS, hash, on_hashed, h);
	return REQUEST_PENDING;
}

/* ---- making and changing ---------------------------------------------------------------------------------------- */

static int check_user(struct request *request, const struct user *user)
{
	struct err *err = &request->err;
	int rc = check_login("login", user->login, err);

	if (rc >= 0 && user->name)
		rc = check_line("name", user->name, err);
	if (rc >= 0)
		rc = check_choice("role", user->role, "agent|supervisor|admin", err);
	if (rc >= 0 && user->os_user)
		rc = check_os_user("os_user", user->os_user, err);
	if (rc >= 0 && user->os_user && param_text(request, "os_user") && !getpwnam(user->os_user))
		rc = err_set(err, ERR_INVALID, "os_user: this machine has no account \"%s\": make it first",
			user->os_user);
	return rc;
}

/* A password that is empty takes the old one away. */
static void take_password(const struct request *request, struct user *user)
{
	const struct hashing *h = request->kept;

	if (!param_text(request, "password"))
		return;
	free(user->password_hash);
	user->password_hash = h ? xstrdup(h->hash) : NULL;
}

static int take_settings(struct request *request, struct user *user)
{
	take_text(request, "login", &user->login);
	take_text(request, "name", &user->name);
	take_text(request, "role", &user->role);
	take_text(request, "os_user", &user->os_user);
	if (!user->role)
		user->role = xstrdup("agent");
	take_password(request, user);
	return check_user(request, user);
}

static int take_login(const struct row *row, void *arg)
{
	*(char **)arg = xstrdup(row_text(row, 0));
	return 1;
}

/* An account of this machine is one user only. */
static int check_os_user_free(struct request *request, const struct user *user)
{
	char *other = NULL;
	int rc = 0;

	if (user->os_user)
		rc = db_each(request->engine->db, &sql_user_of_os_user, ARGS(a_text(user->os_user), a_int(user->id)),
			take_login, &other, &request->err);
	if (other)
		rc = err_set(&request->err, ERR_CONFLICT, "os_user: the account %s is that of the user %s already",
			user->os_user, other);
	free(other);
	return rc < 0 ? rc : 0;
}

static int answer(struct request *request, int64_t id)
{
	return one_answer(request, &sql_user_get, ARGS(a_int(request->tenant_id), a_int(id)), NULL,
		"there is no user %lld", (long long)id);
}

static int64_t insert(struct request *request, const struct user *user)
{
	int64_t tenant = request->tenant_id, other;
	int rc = 0;

	other = id_of(request->engine, &sql_user_by_login, ARGS(a_int(tenant), a_text(user->login)), &request->err);
	if (other < 0)
		return other;
	if (other > 0)
		return err_set(&request->err, ERR_CONFLICT, "login: there is a user %s already", user->login);
	rc = check_os_user_free(request, user);
	if (rc < 0)
		return rc;
	return db_insert(request->engine->db, &sql_user_add,
		ARGS(a_int(tenant), a_text(user->login), a_text(user->name), a_text(user->role), a_text(user->os_user),
			a_text(user->password_hash), a_int(clock_now_ms())), &request->err);
}

static int update(struct request *request, const struct user *user)
{
	int rc = check_os_user_free(request, user);

	if (rc < 0)
		return rc;
	return db_run(request->engine->db, &sql_user_set,
		ARGS(a_int(request->tenant_id), a_int(user->id), a_text(user->name), a_text(user->role),
			a_text(user->os_user), a_text(user->password_hash)),
		&request->err);
}

static int load(struct request *request, struct user *user)
{
	int64_t id = user_by_login(request->engine, request->tenant_id, param_text(request, "login"), &request->err);

	if (id < 0)
		return (int)id;
	int rc = db_each(request->engine->db, &sql_user_get, ARGS(a_int(request->tenant_id), a_int(id)), take_user,
		user, &request->err);
	return rc < 0 ? rc : 0;
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

static int add(struct request *request)
{
	struct user user = {0};
	int rc = take_settings(request, &user);

	if (rc >= 0 && (rc = change_begin(request)) >= 0) {
		int64_t id = insert(request, &user);
		rc = id < 0 ? (int)id : answer(request, id);
		rc = change_end(request, rc, NULL);
	}
	user_free(&user);
	return rc;
}

int user_add(struct request *request)
{
	return hash_then(request, add);
}

/* Whoever is connected as this user is asked anew who he is. */
static void forget(struct request *request, int64_t id)
{
	if (!request->dry_run && request->engine->control)
		control_forget(request->engine, id);
}

static int set(struct request *request)
{
	struct user user = {0};
	int rc = load(request, &user);

	if (rc >= 0)
		rc = take_settings(request, &user);
	if (rc >= 0 && (rc = change_begin(request)) >= 0) {
		rc = update(request, &user);
		if (rc >= 0)
			rc = answer(request, user.id);
		rc = change_end(request, rc, NULL);
	}
	if (rc >= 0 && (param_given(request, "password") || param_given(request, "role") ||
		param_given(request, "os_user")))
		forget(request, user.id);
	user_free(&user);
	return rc;
}

int user_set(struct request *request)
{
	return hash_then(request, set);
}

static int check_not_seated(struct request *request, const struct user *user)
{
	char *station = NULL;
	int rc = db_each(request->engine->db, &sql_user_seat, ARGS(a_int(request->tenant_id), a_int(user->id)),
		take_login, &station, &request->err);

	if (station)
		rc = err_set(&request->err, ERR_CONFLICT, "%s is logged in at station %s: log out first", user->login,
			station);
	free(station);
	return rc < 0 ? rc : 0;
}

static int check_owes_nothing(struct request *request, const struct user *user)
{
	int64_t call = id_of(
		request->engine, &sql_user_owed, ARGS(a_int(request->tenant_id), a_int(user->id)), &request->err);

	if (call > 0)
		return err_set(&request->err, ERR_CONFLICT, "%s owes a disposition for call %lld: save it first",
			user->login, (long long)call);
	return (int)call;
}

int user_rm(struct request *request)
{
	struct user user = {0};
	int rc = load(request, &user);

	if (rc >= 0 && (rc = change_begin(request)) >= 0) {
		rc = check_not_seated(request, &user);
		if (rc >= 0)
			rc = check_owes_nothing(request, &user);
		if (rc >= 0)
			rc = db_run(request->engine->db, &sql_user_remove,
				ARGS(a_int(request->tenant_id), a_int(user.id), a_int(clock_now_ms())), &request->err);
		if (rc >= 0)
			request->result = json_pack("{s:s}", "removed", user.login);
		rc = change_end(request, rc, NULL);
	}
	if (rc >= 0)
		forget(request, user.id);
	user_free(&user);
	return rc;
}

int user_show(struct request *request)
{
	int64_t id = user_by_login(request->engine, request->tenant_id, param_text(request, "login"), &request->err);

	return id < 0 ? (int)id : answer(request, id);
}

int user_list(struct request *request)
{
	return list_answer(request, &sql_user_list, ARGS(a_int(request->tenant_id)), NULL);
}
