/* cmd_doctor.c - spctl doctor: the engine looks for what is wrong; without one, what can be seen from here is told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "../base/home.h"
#include "../base/mem.h"
#include "../base/where.h"
#include "commands.h"

static const struct item doctor_args[] = {
	{"STATION", NULL, "station", ITEM_STATION, "Looks at this station alone, and registers it for a test."},
	{0},
};
static const struct item doctor_options[] = {
	{"register", NULL, "register", 0, "Registers every station that nobody sits at for a test."},
	{"trace", NULL, "trace", 0, "Prints the SIP messages of these registrations, passwords masked."},
	{0},
};

/* ---- without an engine ------------------------------------------------------------------------------------------ */

static void add(json_t *findings, const char *area, const char *level, const char *text, const char *fix)
{
	json_array_append_new(
		findings, json_pack("{s:s, s:s, s:s, s:s?}", "area", area, "level", level, "text", text, "fix", fix));
}

static void add_path(
	json_t *findings, const char *area, const char *fmt, const char *path, const char *why, const char *fix)
{
	char *text = xasprintf("%s %s: %s", fmt, path, why);

	add(findings, area, "error", text, fix);
	free(text);
}

/* The key file is not opened here: the engine has said what it thinks of its content. */
static void look_at_key(json_t *findings, const struct home *home)
{
	struct stat st;

	if (stat(home->key, &st)) {
		if (!stat(home->db, &st))
			add_path(findings, "key", "the key file", home->key, strerror(errno),
				"Put the key file back from its backup; without it the SIP passwords in the database "
				"do not open.");
	} else if (st.st_mode & 0177 || st.st_uid != geteuid())
		add_path(findings, "key", "the key file", home->key, "its permissions or its owner are wrong",
			"Give it to the account that runs the engine, with chmod 600.");
}

static void look_at_folders(json_t *findings, const struct home *home)
{
	const char *const folders[] = {home->data, home->config, home->run};
	struct statvfs fs;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (access(folders[i], F_OK) == 0 && access(folders[i], R_OK | W_OK | X_OK))
			add_path(findings, "disk", "the folder", folders[i], strerror(errno),
				"Give it to the account that runs the engine, with chmod 700.");
	if (!statvfs(home->data, &fs) && !fs.f_bavail)
		add_path(findings, "disk", "the disk of", home->data, "it is full", "Make room.");
}

static void look_at_programs(json_t *findings)
{
	static const char *const folders[] = {"/usr/bin", "/bin", "/usr/local/bin"};
	struct err err = {0};
	char *engine = where_find(WHERE_PROGRAM, "spctld", &err);
	bool found = false;

	if (!engine)
		add(findings, "engine", "error", err.text, "Install spctl anew.");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !found; i++) {
		char *path = xasprintf("%s/baresip", folders[i]);
		found = !access(path, X_OK);
		free(path);
	}
	if (!found)
		add(findings, "baresip", "error", "baresip is not installed", "Install Debian's package baresip-core.");
	free(engine);
}

/* What the engine said when it did not start comes first: it is the reason. */
static json_t *look_from_here(const struct err *why)
{
	json_t *findings = json_array();
	struct home home;

	add(findings, "engine", "error", why->text,
		why->code == ERR_CONFIG || why->code == ERR_CANNOT_CREATE ?
			"Mend this first: no engine can start." :
			"Start the service, or leave --no-start out; a private engine's log is run/spctld.log.");
	if (!home_find(&home, false, NULL)) {
		look_at_key(findings, &home);
		look_at_folders(findings, &home);
		home_free(&home);
	}
	look_at_programs(findings);
	return findings;
}

/* ---- printing --------------------------------------------------------------------------------------------------- */

static const char *word(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void print_trace(const json_t *trace)
{
	const json_t *message;
	size_t i;

	json_array_foreach(trace, i, message) {
		char *text = xstrdup(word(message, "text")), *rest = text, *line;

		printf("\n    %s %s %s (%s)\n", word(message, "at"),
			json_is_true(json_object_get(message, "sent")) ? "to" : "from", word(message, "peer"),
			word(message, "transport"));
		while ((line = strsep(&rest, "\n")))
			if (*line || rest) {
				json_t *value = json_string(line);
				char *clean = output_text(value);

				printf("    %s %s\n", json_is_true(json_object_get(message, "sent")) ? ">" : "<",
					*line ? clean : "");
				free(clean);
				json_decref(value);
			}
		free(text);
	}
	if (json_array_size(trace))
		putchar('\n');
}

static void print_for_people(const struct cli *cli, const json_t *findings)
{
	static const struct { const char *level, *mark, *colour; } marks[] = {
		{"ok", "ok     ", "32"}, {"warning", "WARNING", "33"}, {"error", "ERROR  ", "31"}};
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding) {
		char *text = output_text(json_object_get(finding, "text")),
		     *fix = output_text(json_object_get(finding, "fix"));

		for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++)
			if (!strcmp(marks[m].level, word(finding, "level")))
				printf(cli->out.colour ? "\033[%sm%s\033[0m" : "%.0s%s", marks[m].colour,
					marks[m].mark);
		printf(" %-12s %s\n", word(finding, "area"), text);
		if (json_is_string(json_object_get(finding, "fix")))
			printf("%21s-> %s\n", "", fix);
		print_trace(json_object_get(finding, "trace"));
		free(text);
		free(fix);
	}
}

static size_t faults(const json_t *findings)
{
	const json_t *finding;
	size_t i, count = 0;

	json_array_foreach(findings, i, finding)
		count += strcmp(word(finding, "level"), "ok") != 0;
	return count;
}

static int run_doctor(struct cli *cli)
{
	json_t *params = cli_params(cli), *answer = NULL, *findings;
	int status;

	if (!params)
		return cli->err.code;
	status = cli_connect(cli);
	if (!status)
		status = cli_call(cli, "doctor.run", params, &answer);
	else
		json_decref(params);
	if (status && cli->client)
		return status;
	findings = status ? look_from_here(&cli->err) : json_incref(json_object_get(answer, "findings"));
	if (cli->out.format == FORMAT_PEOPLE)
		print_for_people(cli, findings);
	else {
		output_list_start(&cli->out);
		output_page(&cli->out, findings);
		output_list_end(&cli->out);
	}
	status = faults(findings) ? err_exit_status(ERR_FAILED) : 0;
	json_decref(findings);
	json_decref(answer);
	return status;
}

const struct command doctor_commands[] = {
	{.method = "doctor.run",
		.help = "Looks for what is wrong with this installation; exit 1: it found something.",
		.args = doctor_args,
		.options = doctor_options,
		.shape = &shape_doctor,
		.run = run_doctor},
	{0},
};
