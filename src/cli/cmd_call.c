/* cmd_call.c - spctl call. */
#include "commands.h"

static const struct item number[] = {
	{"NUMBER", NULL, "number", ITEM_REQUIRED, "The number, as people write it."},
	{0},
};
static const struct item whom[] = {
	{"NUMBER", NULL, "number", ITEM_REQUIRED,
	 "The number, as people write it; or the login or station of an agent who is logged in."},
	{0},
};
static const struct item last_call[] = {
	{"CALL", NULL, "call", 0, "The id of the call that is made again; without it, the last one."},
	{0},
};
static const struct item maybe_call[] = {
	{"CALL", NULL, "call", 0, "The call's id; without it, the only call that fits."},
	{0},
};
static const struct item call[] = {
	{"CALL", NULL, "call", ITEM_REQUIRED, "The call's id."},
	{0},
};
static const struct item reject_args[] = {
	{"CODE", NULL, "code", 0, "The SIP status that the caller gets, 400 to 699; 486 where nothing is said."},
	{"CALL", NULL, "call", 0, "The call's id; without it, the only call that rings."},
	{0},
};
static const struct item dtmf_args[] = {
	{"DIGITS", NULL, "digits", ITEM_REQUIRED, "The digits, of 0-9, *, # and A-D."},
	{"CALL", NULL, "call", 0, "The call's id; without it, the only call that fits."},
	{0},
};
static const struct item transfer_args[] = {
	{"TARGET", NULL, "to", ITEM_REQUIRED, "A number, or an agent's login or station."},
	{"CALL", NULL, "call", 0, "The call's id; without it, the only call that fits."},
	{0},
};
#define WHICH_CUSTOMER \
	{"customer", "ID", "customer_id", 0, "The customer who is to be called, where several have the number."}
#define ACKNOWLEDGES \
	{"acknowledge", "CODE[,CODE...]", "acknowledge", ITEM_MANY | ITEM_COMMAS, \
	 "Soft reasons of the gate that the caller has weighed and accepts; every one must be named."}, \
	{"ack", "TOKEN", "ack", 0, "Accepts the soft reasons of the answer that this token came with; good once."}
#define WAITS \
	{"wait", "answer|end", NULL, 0, "Waits until the call is answered, or until it has ended."}
#define RINGS \
	{"timeout", "SECONDS", "timeout", 0, "How long it may ring; the tenant's setting where nothing is said."}
#define GATED WHICH_CUSTOMER, ACKNOWLEDGES, RINGS
static const struct item transfer_options[] = {
	{"attended", NULL, "attended", 0,
		"Joins the call with another: the one to TARGET, which is dialled first where there is none."},
	{"consult", NULL, "consult", 0, "Only puts the call on hold and dials TARGET."},
	GATED,
	{0},
};
static const struct item add_args[] = {
	{"TARGET", NULL, "to", 0, "A number, or an agent's login or station."},
	{0},
};
static const struct item add_options[] = {
	{"with", "CALL", "with", 0, "A second call that is up, instead of TARGET."},
	{"call", "CALL", "call", 0, "The call to add to; without it the conference, or the only call that fits."},
	GATED,
	{0},
};
static const struct item end_options[] = {
	{"how", "transfer|end", "how", ITEM_REQUIRED, "Leaves the others with each other, or hangs everybody up."},
	{0},
};
static const struct item check_options[] = {
	WHICH_CUSTOMER,
	{0},
};
static const struct item dial_options[] = {
	WHICH_CUSTOMER,
	ACKNOWLEDGES,
	WAITS,
	RINGS,
	{"play", "WAV", "play", ITEM_PATH | ITEM_FILE, "Plays this file as the microphone of the call."},
	{"hangup-after", "SECONDS", "hangup_after", 0, "Hangs up so long after the answer."},
	{"no-record", NULL, "record", 0, "Does not record this call."},
	{0},
};
static const struct item redial_options[] = {
	ACKNOWLEDGES,
	WAITS,
	{0},
};

/* With --consult nobody is transferred yet: the answer is the call to TARGET. */
static int run_transfer(struct cli *cli)
{
	json_t *params = cli_params(cli), *answer = NULL;
	const bool consult = json_is_true(json_object_get(params, "consult"));
	int status;

	if (!params)
		return cli->err.code;
	status = cli_call(cli, "call.transfer", params, &answer);
	if (!status && consult && cli->out.format == FORMAT_PEOPLE)
		cli_say(cli, "call {id} to {number}: {state}", answer);
	else if (!status)
		status = cli_print(cli, answer);
	json_decref(answer);
	return status;
}

#define ON_A_CALL(the_verb, sentence, outcome) \
	{.verb = the_verb, .method = "call." the_verb, .help = sentence, .args = maybe_call, .shape = &shape_call, \
	 .done = "call {id}: " outcome}

const struct command call_commands[] = {
	{.verb = "check", .method = "call.check", .help = "Asks the gate about a number, without calling it.",
	 .args = number, .options = check_options, .shape = &shape_decision, .run = run_check},
	{.verb = "dial", .method = "call.dial", .help = "Calls a number, through the gate.", .args = whom,
	 .options = dial_options, .shape = &shape_call, .done = "call {id} to {number}: {state}", .run = run_dial},
	{.verb = "redial", .method = "call.redial", .help = "Calls the last number again, through the gate.",
		.args = last_call,
	 .options = redial_options, .shape = &shape_call, .done = "call {id} to {number}: {state}", .run = run_dial},
	ON_A_CALL("answer", "Answers a call that rings.", "{state}"),
	{.verb = "reject", .method = "call.reject", .help = "Refuses a call that rings.", .args = reject_args,
	 .shape = &shape_call, .done = "call {id}: {state}"},
	ON_A_CALL("voicemail", "Sends a call that rings to voicemail.", "{state}"),
	ON_A_CALL("hangup", "Hangs up a call.", "{state}"),
	ON_A_CALL("hold", "Puts a call on hold.", "{state}"),
	ON_A_CALL("resume", "Takes a call back from hold.", "{state}"),
	ON_A_CALL("swap", "Takes a call back from hold, and holds the one that is active.", "{state}"),
	ON_A_CALL("mute", "Mutes the agent's side of a call.", "muted"),
	ON_A_CALL("unmute", "Ends muting.", "not muted"),
	{.verb = "record pause", .method = "call.record_pause",
		.help = "Interrupts a call's recording, as for a card number.",
	 .args = maybe_call, .shape = &shape_call, .done = "call {id}: recording {recording}"},
	{.verb = "record resume", .method = "call.record_resume", .help = "Lets a call's recording go on.",
		.args = maybe_call,
	 .shape = &shape_call, .done = "call {id}: recording {recording}"},
	{.verb = "dtmf", .method = "call.dtmf", .help = "Sends digits into a call.", .args = dtmf_args,
	 .shape = &shape_call, .done = "call {id}: digits sent"},
	{.verb = "transfer", .method = "call.transfer", .help = "Sends the far end of a call on to somebody else.",
	 .args = transfer_args, .options = transfer_options, .shape = &shape_call,
	 .done = "call {id}: {cause} to {transferred_to}",
	 .run = run_transfer},
	{.verb = "conference add", .method = "call.conference_add",
		.help = "Adds somebody to a call: all hear each other.",
	 .args = add_args, .options = add_options, .shape = &shape_conference,
	 .done = "conference {id}: calls {calls}"},
	{.verb = "conference drop", .method = "call.conference_drop", .help = "Hangs up one party of a conference.",
	 .args = call, .shape = &shape_call, .done = "call {id}: {state}"},
	{.verb = "conference end", .method = "call.conference_end", .help = "Leaves a conference, or ends it.",
	 .options = end_options, .shape = &shape_conference, .done = "conference ended"},
	{.verb = "conference show", .method = "call.conference_show", .help = "Shows the agent's conference.",
	 .shape = &shape_conference},
	{.verb = "list", .method = "call.list", .help = "Lists the calls that are up.", .shape = &shape_call},
	{.verb = "show", .method = "call.show", .help = "Shows a call.", .args = call, .shape = &shape_call},
	{.verb = "watch", .method = "events.subscribe",
	 .help = "Prints the calls that are up, and each change of a call.", .flags = COMMAND_STREAM,
	 .shape = &shape_call, .run = run_watch},
	{0},
};
