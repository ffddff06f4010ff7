/* lines.c - accounts: made and deleted at the engine's order, so that no password is ever in a file. */
#include "module.h"

#include <stdlib.h>
#include <string.h>

#include "../base/str.h"

int line_find(const char *name, struct line **line, struct err *err)
{
	for (struct le *le = list_head(&phone.lines); le; le = le->next) {
		*line = le->data;
		if (!strcmp((*line)->name, name))
			return 0;
	}
	*line = NULL;
	err_set(err, ERR_NOT_FOUND, "there is no line \"%s\"", name);
	return ERR_NOT_FOUND;
}

struct line *line_of(const struct ua *ua)
{
	for (struct le *le = list_head(&phone.lines); ua && le; le = le->next)
		if (((struct line *)le->data)->ua == ua)
			return le->data;
	return NULL;
}

static void line_destroy(void *arg)
{
	struct line *line = arg;
	struct ua *ua = line->ua;

	line->ua = NULL;        /* its SHUTDOWN is of no interest */
	list_unlink(&line->le);
	legs_end(line, "line deleted");
	registration_close(line->registration);
	forks_forget(line);
	mem_deref(line->nat);
	ua_destroy(ua);
	mem_deref(line->name);
}

void lines_close(void)
{
	while (list_head(&phone.lines))         /* list_flush() would leave freed lines where others look meanwhile */
		mem_deref(list_head(&phone.lines)->data);
}

/* One name can be expected in a process: OpenSSL's context is shared by all its connections. */
static bool tls_host_fits(const char *host)
{
	return !host || !phone.guard->tls_host[0] || !strcmp(host, phone.guard->tls_host);
}

/* The account string holds nothing that would need quoting: the password goes in by itself.  regint: baresip
 * does not register, register.c does.  answermode: we answer; call_transfer: an incoming REFER gets 501. */
static int account_make(struct ua **ua, const struct command *c)
{
	char *address = NULL;
	int status = re_sdprintf(&address, "<%s>;regint=0;answermode=manual;call_transfer=no%s%s", c->aor,
				 c->params ? ";" : "", c->params ? c->params : "");

	if (!status)
		status = ua_alloc(ua, address);
	mem_deref(address);
	return status;
}

static int account_fill(struct ua *ua, const struct command *c, struct err *err)
{
	struct account *account = ua_account(ua);
	int status = 0;

	/* Fails when the module is not loaded.  In the account string it would be a line in the log and clear media. */
	if (c->mediaenc && account_set_mediaenc(account, c->mediaenc))
		return err_set(err, ERR_INVALID, "line_create: \"mediaenc\" is \"%s\", but its module is not loaded",
			       c->mediaenc);
	if (c->outbound && account_set_outbound(account, c->outbound, 0))
		return err_set(err, ERR_INVALID, "line_create: baresip does not take \"outbound\" \"%s\"", c->outbound);
	if (c->user)
		status |= account_set_auth_user(account, c->user);
	if (c->password)
		status |= account_set_auth_pass(account, c->password);
	if (status)
		return err_set(err, ERR_FAILED, "line_create: baresip does not take the account of line \"%s\"",
			       c->line);
	return 0;
}

int do_line_create(const struct command *c, json_t *answer, struct err *err)
{
	struct line *line;
	int status;
	(void)answer;

	if (!line_find(c->line, &line, NULL))
		return err_set(err, ERR_CONFLICT, "line_create: there is a line \"%s\" already", c->line);
	if (list_count(&phone.lines) >= LINES_MAX)
		return err_set(err, ERR_CONFLICT, "line_create: there are %d lines already, the most there can be",
			       LINES_MAX);
	if (!tls_host_fits(c->tls_host))
		return err_set(err, ERR_CONFLICT, "line_create: \"tls_host\" is \"%s\" already: a phone has one",
			       phone.guard->tls_host);
	line = mem_zalloc(sizeof(*line), line_destroy);
	if (!line)
		return err_set(err, ERR_FAILED, "line_create: out of memory");
	line->secure = c->mediaenc;
	line->by_dtls = c->mediaenc && !strcmp(c->mediaenc, "dtls_srtp");
	list_append(&phone.lines, &line->le, line);
	status = str_dup(&line->name, c->line) || account_make(&line->ua, c) ?
		 err_set(err, ERR_INVALID, "line_create: baresip does not take \"aor\" \"%s\"", c->aor) :
		 account_fill(line->ua, c, err);
	if (!status && registration_make(&line->registration, line, c))
		status = err_set(err, ERR_INVALID,
			"line_create: \"aor\", \"outbound\" or \"registrars\" is not a SIP URI");
	if (!status && c->nat)
		status = nat_make(&line->nat, line, c, err);
	if (status)
		mem_deref(line);
	else if (c->tls_host)
		str_copy(phone.guard->tls_host, sizeof(phone.guard->tls_host), c->tls_host);
	if (!status)
		registration_watch(line->registration);
	phone.guard->tls_unverified = c->unverified;
	phone.guard->next_hop = register_next_hop;
	phone.guard->is_server = register_is_server;
	phone.guard->tls_ended = register_tls_ended;
	return status;
}

int do_line_delete(const struct command *c, json_t *answer, struct err *err)
{
	struct line *line;
	const int status = line_find(c->line, &line, err);
	(void)answer;

	if (status)
		return status;
	mem_deref(line);
	return 0;
}

int do_register(const struct command *c, json_t *answer, struct err *err)
{
	struct line *line;
	int status;
	(void)answer;

	status = line_find(c->line, &line, err);
	if (status)
		return status;
	registration_start(line->registration);
	return 0;
}

int do_unregister(const struct command *c, json_t *answer, struct err *err)
{
	struct line *line;
	const int status = line_find(c->line, &line, err);
	(void)answer;

	if (status)
		return status;
	registration_stop(line->registration);
	return 0;
}

json_t *lines_json(void)
{
	json_t *all = json_array();

	for (struct le *le = list_head(&phone.lines); le; le = le->next) {
		const struct line *line = le->data;

		json_array_append_new(all, json_pack("{s:s, s:b}", "line", line->name,
						     "registered", registration_is_on(line->registration)));
	}
	return all;
}

void lines_leave_network(void)
{
	for (struct le *le = list_head(&phone.lines); le; le = le->next)
		registration_leave_network(((struct line *)le->data)->registration);
}

void lines_move(void)
{
	for (struct le *le = list_head(&phone.lines); le; le = le->next)
		registration_move(((struct line *)le->data)->registration);
}
