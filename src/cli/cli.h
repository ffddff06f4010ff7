/*
 * cli.h - what the files of spctl share: how a command is described, the command line once read, and the way to ask.
 *
 * nouns.c holds the table of nouns; each cmd_*.c describes one noun's commands.  line.c reads the command line by those
 * tables, ask.c is the way most commands take (options to parameters, the engine's answer to output.c), help.c tells of
 * the tables.  A command has a function of its own only where that way is not enough.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "../base/err.h"
#include "../proto/client.h"
#include "../proto/method.h"
#include "output.h"

struct cli;

enum {
	ITEM_REQUIRED = 1,
	ITEM_MANY = 2,              /* may be given several times */
	ITEM_COMMAS = 4,            /* each value may hold several, separated by commas */
	ITEM_SECRET = 8,            /* a file that holds a password; "-": standard input, with a prompt on a terminal */
	ITEM_PATH = 16,             /* a path, sent absolute because the engine has a folder of its own */
	/* What completes it, beside fixed values. */
	ITEM_STATION = 32, ITEM_USER = 64, ITEM_DISPO = 128, ITEM_TENANT = 256, ITEM_FILE = 512,
	ITEM_SOUND = 1024,
};

/* One option or positional argument. */
struct item {
	const char *name;         /* of an option, without dashes ("-o": the letter); of an argument, as usage has it */
	const char *value;          /* an option's value as usage writes it; with '|': the only values; NULL: a flag */
	const char *param;          /* the method's parameter that it fills; NULL: the command's function reads it */
	unsigned flags;
	const char *help;           /* one sentence */
};

enum {
	COMMAND_ONE_OF = 1,         /* exactly one of its arguments and options is given */
	COMMAND_SOME = 2,           /* at least one option of its own is given */
	COMMAND_NO_START = 4,       /* pointless with an engine started for it */
	COMMAND_STREAM = 8,         /* goes on until it is interrupted: --json prints one document a line */
};

struct command {
	const char *verb;           /* NULL: the noun itself is the command */
	const char *method;         /* its flags say which common options are taken; NULL: the engine is not asked */
	const char *help;           /* one sentence */
	const struct item *args;    /* in order; ends at a NULL name; NULL: none */
	const struct item *options; /* as args */
	unsigned flags;
	const struct shape *shape;  /* of what it prints */
	const char *done;           /* for people: what happened, "station {name} added"; {field} is the answer's */
	int (*run)(struct cli *);   /* NULL: ask_and_print().  An exit status, or a negative err_code with cli->err */
};

struct noun {
	const char *name;
	const char *help;           /* one sentence */
	const char *page;           /* its man page */
	const struct command *commands;     /* ends at a NULL help */
};

extern const struct noun nouns[];               /* nouns.c; ends at a NULL name */
extern const struct item common_items[];        /* the options of every command; ends at a NULL name */
extern const struct item listing_items[];       /* --limit, --after; of methods with METHOD_LIST */
extern const struct item as_item, dry_run_item; /* of methods with METHOD_AS, METHOD_DRY_RUN */

const struct noun *noun_find(const char *name);
/* NULL when the noun has no such verb; verb NULL finds the noun that is a command itself. */
const struct command *command_find(const struct noun *, const char *verb);
/* Does this command take this option of as_item, dry_run_item, listing_items (by what its method says)? */
bool command_takes(const struct command *, const struct item *);
/* Its verbs, "add, list"; the caller's. */
char *verbs_of(const struct noun *);
/* Of names (ends at NULL) the one that was most likely meant, or NULL when none is near. */
const char *nearest(const char *typed, const char *const *names);

/* ---- the command line (line.c) ---- */
struct given {
	const struct item *item;
	const char *text;           /* NULL: a flag */
	bool argument;              /* a positional one */
};

struct line {
	const struct noun *noun;            /* NULL: none was named */
	const struct command *command;
	struct given *given;
	size_t count;
	bool help, version;
	enum format format;
	bool json;                          /* --json: errors go to standard output too */
	bool no_header, quiet, no_start, dry_run;
	const char *tenant, *socket, *as;
	long long limit, after;             /* after 0: from the start */
};

/* ERR_USAGE with a sentence that names the nearest known name; ERR_INVALID for a value that cannot be right.  What was
 * read before a mistake stays in *line, so that an error can be told in the form asked for. */
int  line_read(struct line *, int argc, char **argv, struct err *);
void line_free(struct line *);
/* The value of an option (its name) or argument (its name); NULL when not given.  A flag gives "". */
const char *line_value(const struct line *, const char *name);

/* "default" or an empty text: an optional number goes back to what it is by default. */
bool clears_number(const struct param *, const char *text);

/* ---- a run ---- */
struct cli {
	struct line line;
	struct client *client;
	struct output out;
	struct err err;
	json_t *error_data;         /* beside err, or NULL */
};

/* Connects, starting an engine where that is allowed; does nothing the second time. */
int cli_connect(struct cli *);
/* Asks the engine, connecting (and where allowed starting it) first.  Steals params; adds tenant, as and dry_run where
 * the method takes them.  0 and *result (the caller's), or negative with cli->err and cli->error_data. */
int cli_call(struct cli *, const char *method, json_t *params, json_t **result);
/* The parameters of this command's method from the command line.  Reads password files.  NULL with cli->err. */
json_t *cli_params(struct cli *);
/* The way of most commands: cli_params(), cli_call(), print; page by page for a list. */
int ask_and_print(struct cli *);
/* Prints an answer as this command does: a list, an object, or its "done" sentence. */
int cli_print(struct cli *, json_t *answer);
/* Prints a sentence about what happened, unless --quiet.  {field} is taken from object. */
void cli_say(struct cli *, const char *sentence, const json_t *object);

/* ---- passwords (password.c) ---- */
enum {
	PASSWORD_NEW = 1,           /* asked twice on a terminal */
	PASSWORD_CLEARS = 2,        /* an empty one is allowed from a file, and means none */
};
/* From a file, or "-": standard input, where a terminal is asked without echo.  One newline at its end goes.  NULL with
 * err.  Wipe it with mem_wipe() before free(). */
char *password_read(const char *path, const char *whose, unsigned how, struct err *);
/* Asks on the controlling terminal without echo; NULL with err when there is none. */
char *password_ask(const char *whose, unsigned how, struct err *);

/* ---- files that are not whole yet (unfinished.c) ---- */
/* As mkostemp() and mkdtemp(); what they make goes when a signal ends the command, until it is forgotten. */
int  unfinished_file(char *path);
bool unfinished_folder(char *path);
/* Goes as well: what another process makes. */
void unfinished_note(const char *path);
/* The child that writes there; killed before anything goes.  0: there is none any more. */
void unfinished_writer(pid_t);
/* It has its name, or is gone. */
void unfinished_forget(const char *path);
/* Removes a file or an empty folder, and forgets it. */
void unfinished_drop(const char *path);

/* ---- help.c ---- */
void help_all(FILE *);
void help_noun(FILE *, const struct noun *);
void help_command(FILE *, const struct noun *, const struct command *);
void help_table(FILE *);        /* for programs: spctl help --commands */

/* ---- complete.c ---- */
/* What could stand next after these words, each on a line of its own. */
void complete(struct cli *, const char *words);

/* ---- decision.c ---- */
/* A gate decision in words.  Where it needs an acknowledgement, says what to type.  told: a sentence that was printed
 * before and is not said again, or NULL. */
void decision_say(const struct cli *, FILE *, bool colour, const json_t *decision, const char *told);
