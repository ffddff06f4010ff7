/*
 * gate.c - how many decisions a second the gate makes, beside the bare lookups of the same facts.
 *
 *	gate inside DATABASE NUMBERS COUNT      in this process
 *	gate through SOCKET NUMBERS COUNT       an engine's call.check over its socket, WINDOW requests at a time
 *	gate lookups DATABASE NUMBERS COUNT     nothing but the prepared statements
 *	gate echo DATABASE NUMBERS COUNT        the same behind a socket: a process that reads lines and answers lines
 *
 * NUMBERS is how many customers there are: customer N has the number +12123N, N with six digits.  Prints decisions a
 * second, of the processor time of whoever decides: other programs and the asking side do not count.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../src/base/clock.h"
#include "../../src/engine/gate_ask.h"
#include "../../src/engine/session.h"
#include "../../src/rule/frequency.h"

enum { WINDOW = 16, ANSWER_SIZE = 130 };

/* main.c's, which is no part of the library. */
void engine_stop_begin(struct engine *engine)
{
	(void)engine;
}

/* Processor seconds of a process so far. */
static double used_by(pid_t pid)
{
	char path[64];
	long long ns = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lld", &ns) != 1 || fclose(file)) {
		perror(path);
		exit(1);
	}
	return (double)ns / 1e9;
}

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "gate: %s\n", what);
	exit(1);
}

/* The next of a fixed sequence of numbers that visits the customers in no order. */
static void next_number(char number[static 16], long customers)
{
	static unsigned long seed = 1;

	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	snprintf(number, 16, "+12123%06ld", (long)((seed >> 33) % (unsigned long)customers) % 1000000);
}

/* ---- the gate, in this process ---------------------------------------------------------------------------------- */

static double inside(const char *path, long customers, long count)
{
	const double before = used_by(getpid());
	struct sessions sessions = {0};
	struct engine engine = {.sessions = &sessions};
	struct err err = {0};

	must(db_open(&engine.db, path, false, &err) >= 0, err.text);
	for (long i = 0; i < count; i++) {
		struct gate_answer answer;
		char number[16];

		next_number(number, customers);
		must(gate_ask(&engine, 1, number, 0, &answer, &err) >= 0, err.text);
		must(answer.customer_count == 1 && answer.decision.verdict == GATE_ALLOWED, "a decision not expected");
		gate_answer_clear(&answer);
	}
	db_close(engine.db);
	return used_by(getpid()) - before;
}

/* ---- bare lookups ----------------------------------------------------------------------------------------------- */

enum { BEGIN, TENANT, PHONE, CUSTOMER, FLAGS, HIS_CALLS, HIS_NUMBERS, OTHER_CALLS, COMMIT, STATEMENTS };
static const char *const texts[STATEMENTS] = {
	"BEGIN",
	"SELECT timezone, hours_start_minute, hours_end_minute, max_calls_per_week, country_code, unknown_customer"
	" FROM softphone_tenants WHERE id = 1",
	"SELECT customer_id FROM customer_phones WHERE tenant_id = 1 AND number = ?",
	"SELECT do_not_call, removed_at FROM customers WHERE id = ?",
	"SELECT cease_and_desist, attorney_represented, bankruptcy_filed, do_not_call, collections_status, sol_date,"
	" max_calls_per_week FROM customer_collections_metadata WHERE customer_id = ?",
	"SELECT count(*) FROM softphone_call_logs WHERE customer_id = ? AND counts_toward_cap = 1 AND started_at >= ?",
	"SELECT number FROM customer_phones WHERE customer_id = ?",
	"SELECT count(*) FROM softphone_call_logs WHERE tenant_id = 1 AND number = ? AND counts_toward_cap = 1"
	" AND started_at >= ? AND customer_id IS NOT ?",
	"COMMIT",
};

struct bare { sqlite3 *conn; sqlite3_stmt *statements[STATEMENTS]; };

static void bare_open(struct bare *bare, const char *path)
{
	must(sqlite3_open_v2(path, &bare->conn, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK, path);
	/* As the engine's. */
	must(sqlite3_exec(bare->conn, "PRAGMA cache_size = -8000", NULL, NULL, NULL) == SQLITE_OK, "cache_size");
	for (int i = 0; i < STATEMENTS; i++) {
		const int status = sqlite3_prepare_v3(bare->conn, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			&bare->statements[i], NULL);

		must(status == SQLITE_OK, sqlite3_errmsg(bare->conn));
	}
}

static void bare_close(struct bare *bare)
{
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(bare->statements[i]);
	sqlite3_close(bare->conn);
}

/* The first column of its row, 0 where there is none. */
static long long lookup(sqlite3_stmt *statement)
{
	const int status = sqlite3_step(statement);
	const long long value = status == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;

	must(status == SQLITE_ROW || status == SQLITE_DONE, "a lookup failed");
	sqlite3_reset(statement);
	return value;
}

/* The facts of one decision; the calls that count. */
static long long facts(struct bare *bare, const char *number)
{
	sqlite3_stmt **s = bare->statements;
	const long long since = frequency_window_start(clock_now_ms());
	long long customer, calls;

	lookup(s[BEGIN]);
	lookup(s[TENANT]);
	sqlite3_bind_text(s[PHONE], 1, number, -1, SQLITE_STATIC);
	customer = lookup(s[PHONE]);
	must(customer > 0, "a number without its customer");
	sqlite3_bind_int64(s[CUSTOMER], 1, customer);
	lookup(s[CUSTOMER]);
	sqlite3_bind_int64(s[FLAGS], 1, customer);
	lookup(s[FLAGS]);
	sqlite3_bind_int64(s[HIS_CALLS], 1, customer);
	sqlite3_bind_int64(s[HIS_CALLS], 2, since);
	calls = lookup(s[HIS_CALLS]);
	sqlite3_bind_int64(s[HIS_NUMBERS], 1, customer);
	lookup(s[HIS_NUMBERS]);                                 /* it is the one that we have */
	sqlite3_bind_text(s[OTHER_CALLS], 1, number, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s[OTHER_CALLS], 2, since);
	sqlite3_bind_int64(s[OTHER_CALLS], 3, customer);
	calls += lookup(s[OTHER_CALLS]);
	lookup(s[COMMIT]);
	return calls;
}

static double lookups(const char *path, long customers, long count)
{
	const double before = used_by(getpid());
	struct bare bare;

	bare_open(&bare, path);
	for (long i = 0; i < count; i++) {
		char number[16];

		next_number(number, customers);
		facts(&bare, number);
	}
	bare_close(&bare);
	return used_by(getpid()) - before;
}

/* ---- over a socket ---------------------------------------------------------------------------------------------- */

/* Sends requests and reads as many lines back, WINDOW of them under way at a time. */
static void converse(int fd, long customers, long count)
{
	FILE *in = fdopen(dup(fd), "r");
	char line[4096], number[16];

	must(in != NULL, "no memory");
	for (long sent = 0, got = 0; got < count; ) {
		int n = 0;

		while (sent < count && sent - got < WINDOW && (size_t)n < sizeof(line) - 128) {
			next_number(number, customers);
			n += snprintf(line + n, sizeof(line) - (size_t)n,
				"{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"call.check\","
				"\"params\":{\"number\":\"%s\"}}\n", ++sent, number);
		}
		must(n == 0 || write(fd, line, (size_t)n) == n, "the socket takes no more");
		do {
			must(fgets(line, sizeof(line), in) && strchr(line, '\n'), "the socket was closed");
			must(!strstr(line, "\"error\"") && !strstr(line, "needs_ack"), line);
			got++;
		} while (sent - got > WINDOW / 2 || (sent == count && got < count));
	}
	fclose(in);
}

static double through(const char *path, long customers, long count)
{
	struct ucred engine;
	socklen_t size = sizeof(engine);
	double used;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	static const char hello[] = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"hello\","
		"\"params\":{\"version\":1,\"client\":\"bench\"}}\n";
	char byte = 0;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, path);
	must(write(fd, hello, sizeof(hello) - 1) > 0, "hello");
	while (byte != '\n')
		must(read(fd, &byte, 1) == 1, "no answer to hello");
	must(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &engine, &size) == 0, "whose socket is it?");
	used = used_by(engine.pid);
	converse(fd, customers, count);
	used = used_by(engine.pid) - used;
	close(fd);
	return used;
}

/* Reads what there is, answers each line in it with one, and sends them together. */
static void answer_lines(int fd, const char *path)
{
	struct bare bare;
	char in[65536], out[65536];
	size_t have = 0;
	ssize_t n;

	bare_open(&bare, path);
	while ((n = read(fd, in + have, sizeof(in) - have - 1)) > 0) {
		char *line = in, *end;
		size_t filled = 0;

		have += (size_t)n;
		in[have] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1) {
			char *number = strchr(line, '+');

			must(number != NULL && number < end, "a line without a number");
			number[strcspn(number, "\"")] = '\0';
			filled += (size_t)snprintf(out + filled, sizeof(out) - filled, "%*lld\n", ANSWER_SIZE,
				facts(&bare, number));
		}
		have -= (size_t)(line - in);
		memmove(in, line, have);
		must(write(fd, out, filled) == (ssize_t)filled, "the socket takes no more");
	}
	bare_close(&bare);
}

static double echo(const char *path, long customers, long count)
{
	int pair[2];
	double used;
	pid_t child;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "no socket");
	child = fork();
	if (child == 0) {
		close(pair[0]);
		answer_lines(pair[1], path);
		_exit(0);
	}
	close(pair[1]);
	converse(pair[0], customers, count);
	used = used_by(child);
	close(pair[0]);
	wait(NULL);
	return used;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; double (*run)(const char *, long, long); } ways[] = {
		{"inside", inside}, {"through", through}, {"lookups", lookups}, {"echo", echo},
	};

	must(argc == 5, "usage: gate inside|through|lookups|echo DATABASE|SOCKET NUMBERS COUNT");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const long customers = atol(argv[3]), count = atol(argv[4]);

		if (strcmp(argv[1], ways[i].name))
			continue;
		ways[i].run(argv[2], customers, count / 10);            /* into the caches */
		printf("%.0f\n", (double)count / ways[i].run(argv[2], customers, count));
		return 0;
	}
	must(0, "the first word is inside, through, lookups or echo");
}
