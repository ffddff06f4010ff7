/* Telephone numbers as people type them. */
#include "../lib/unit.h"
#include <string.h>
#include "../../src/base/e164.h"

static void test_taken(void **state)
{
	(void)state;
	static const struct { const char *typed, *country, *number; } cases[] = {
		{"4155550100", "1", "+14155550100"},
		{"(415) 555-0100", "1", "+14155550100"},
		{"1-415-555-0100", "1", "+14155550100"},
		{"1 (415) 555.0100", "1", "+14155550100"},
		{"+1 415 555 0100", "1", "+14155550100"},
		{"+1 415 555 0100", "44", "+14155550100"},
		{"  +14155550100\t", "1", "+14155550100"},
		{"tel:+14155550100", "1", "+14155550100"},
		{"TEL:415-555-0100", "1", "+14155550100"},
		{"415\xc2\xa0" "555\xe2\x80\x91" "0100", "1", "+14155550100"},
		{"415\xe2\x80\x93" "555\xe2\x80\x93" "0100", "1", "+14155550100"},
		{"800-411-7246", "1", "+18004117246"},
		{"+44 20 7946 0958", "1", "+442079460958"},
		{"011 44 20 7946 0958", "1", "+442079460958"},
		{"011-1-415-555-0100", "1", "+14155550100"},
		{"+44 (0)20 7946 0958", "1", "+442079460958"},
		{"020 7946 0958", "44", "+442079460958"},
		{"00 44 20 7946 0958", "44", "+442079460958"},
		{"00 1 415 555 0100", "44", "+14155550100"},
		{"030/1234567", "49", "+49301234567"},
		{"20 7946 0958", "44", "+442079460958"},
		{"612 345 678", "34", "+34612345678"},
		{"06 6982 1234", "39", "+390669821234"},
		{"+39 (0)6 6982 1234", "1", "+390669821234"},
		{"+390669821234", "1", "+390669821234"},
		{"+999123456789012", "1", "+999123456789012"},
		{"+229 01 97 12 34 56", "1", "+2290197123456"},
		{"01 97 12 34 56", "229", "+2290197123456"},
		{"+800 0123 4567", "1", "+80001234567"},
		{"+350 200 12345", "1", "+35020012345"},
		{"+52 1 55 1234 5678", "1", "+525512345678"}, {"+52 55 1234 5678", "1", "+525512345678"},
		{"011 52 1 55 1234 5678", "1", "+525512345678"}, {"1 55 1234 5678", "52", "+525512345678"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[E164_SIZE] = "x";
		struct err err = {0};
		int status = e164_parse(cases[i].typed, cases[i].country, out, &err);
		UNIT_CASE(status == 0 && strcmp(out, cases[i].number) == 0, "%s: %s %s", cases[i].typed, out, err.text);
		UNIT_CASE(e164_valid(out), "%s is not valid", out);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct { const char *typed, *country, *says; } cases[] = {
		{"", "1", "no digits"}, {"+", "1", "no digits"}, {"tel:", "1", "no digits"}, {"()", "1", "no digits"},
		{"555-0100", "1", "area code is missing"}, {"911", "1", "service code"}, {"411", "1", "service code"},
		{"*67 415 555 0100", "1", "service code"}, {"#31#4155550100", "1", "service code"},
		{"1-800-FLOWERS", "1", "letters"}, {"415-555-O100", "1", "letters"}, {"sip:4155550100@host", "1", "letters"},
		{"415-555-0100 x12", "1", "extension"}, {"415-555-0100 ext. 12", "1", "extension"},
		{"tel:+14155550100;ext=12", "1", "extension"}, {"4155550100,,12", "1", "extension"},
		{"1-900-555-0100", "1", "charge the caller"}, {"+1 900 555 0100", "44", "charge the caller"}, {"988", "1", "10 digits"},
		{"00 1 415 555 0100", "1", "10 digits"}, {"%34155550100", "1", "a character"}, {"+1415555%30100", "1", "a character"},
		{"\xef\xbc\x94\xef\xbc\x91\xef\xbc\x95" "5550100", "1", "a character"},        /* wide 415 */
		{"\xd9\xa4\xd9\xa1\xd9\xa5" "5550100", "1", "a character"},                       /* Arabic 415 */
		{"+1 (415) 555-0100,,123", "1", "extension"}, {"tel:+14155550100;phone-context=x", "1", "extension"},
		{"4155550100\r\nTo: sip:x", "1", "a character"}, {"4155550100@host", "1", "a character"},
		{"4155550100?Replaces=x", "1", "a character"}, {"<sip:4155550100>", "1", "a character"},
		{"115-555-0100", "1", "area code does not exist"}, {"015-555-0100", "1", "area code does not exist"},
		{"495-555-0100", "1", "area code does not exist"}, {"911-555-0100", "1", "service code"},
		{"415-155-0100", "1", "begin with 2-9"}, {"415-055-0100", "1", "begin with 2-9"},
		{"41555501000", "1", "10 digits"}, {"+1415555010", "1", "10 digits"}, {"+141555501000", "1", "10 digits"},
		{"0044 20 7946 0958", "1", "10 digits"}, {"+0 20 7946 0958", "1", "begins with 0"}, {"011 0 44", "1", "begins with 0"},
		{"+44 0 20 7946 0958", "1", "only dialled at home"}, {"011 44 020 7946 0958", "1", "only dialled at home"},
		{"00 49 0 30 1234567", "44", "only dialled at home"}, {"+353 01 234 5678", "1", "only dialled at home"},
		{"+7 0495 123 4567", "1", "only dialled at home"},
		{"+1234567890123456", "1", "10 digits"}, {"+4412345678901234", "1", "more than 15"}, {"+4420794", "1", "too short"},
		{"1111111111111111111111111111111111", "1", "more than 15"}, {"+44+20", "1", "only stand at its start"},
		{"44+2079460958", "44", "only stand at its start"}, {"(415 555-0100", "1", "brackets"},
		{"415) 555-0100", "1", "brackets"}, {"((415)) 5550100", "1", "brackets"}, {"+44 ((0)20 79460958", "1", "brackets"},
		{"44 20 7946 0958", "44", "with or without the country code"}, {"020", "44", "too short"}, {"0", "44", "too short"},
		{"415_555_0100", "1", "character"}, {"4155550100\n", "1", "character"}, {"4155550100\xff", "1", "character"},
		{"\xd9\xa4\xd9\xa1\xd9\xa5", "1", "character"}, {"4155550100%s%n", "1", "character"},
		{"4155550100", "", "calling code"}, {"4155550100", "0", "calling code"}, {"4155550100", "1234", "calling code"},
		{"4155550100", "+1", "calling code"},
		{"4155550100                                                                  ", "1", "too long"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[E164_SIZE] = "x";
		struct err err = {0};
		int status = e164_parse(cases[i].typed, cases[i].country, out, &err);
		UNIT_CASE(status == ERR_INVALID && !*out && strstr(err.text, cases[i].says), "\"%s\": %s %s", cases[i].typed, out,
			err.text);
	}
}

/* What was made from a typed number stays the same when it is read again, in any country. */
static void test_stays(void **state)
{
	(void)state;
	static const char *const numbers[] = {"+14155550100", "+442079460958", "+390669821234", "+999123456789012"};
	static const char *const countries[] = {"1", "44", "39", "999"};
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 4; j++) {
			char out[E164_SIZE];
			assert_int_equal(e164_parse(numbers[i], countries[j], out, NULL), 0);
			assert_string_equal(out, numbers[i]);
		}
	}
}

static void test_valid(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "+", "14155550100", "+0123456789", "+1234567", "+1234567890123456", "+1415555010a",
		"+1415 5550100", "++14155550100"};
	assert_true(e164_valid("+12345678"));
	assert_true(e164_valid("+123456789012345"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		UNIT_CASE(!e164_valid(bad[i]), "%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken), cmocka_unit_test(test_refused), cmocka_unit_test(test_stays),
		cmocka_unit_test(test_valid),
	};
	return UNIT_RUN(tests);
}
