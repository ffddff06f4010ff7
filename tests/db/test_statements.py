#!/usr/bin/python3
"""Every statement of src/db prepares on the schema, numbers its arguments without gaps, and names as many columns as it gives."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import tap

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get('BUILD', 'build')))
FOLDER = os.path.join(ROOT, 'src', 'db')

# A call with one argument too many prepares the statement and is refused before it runs.
PROGRAM = '''
#include <stdio.h>
#include <string.h>
#include "%(root)s/src/db/db.h"
extern const struct stmt %(names)s;
static const struct stmt *const all[] = {%(addresses)s};
int main(int argc, char **argv)
{
	struct arg args[STMT_ARGS_MAX + 1] = {{.kind = ARG_NULL}};
	struct err err = {0};
	struct db *db;
	if (argc != 2 || db_open(&db, argv[1], true, &err) < 0)
		return fprintf(stderr, "%%s\\n", err.text), 1;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		db_run(db, all[i], args, STMT_ARGS_MAX + 1, &err);
		printf("%%s\\t%%s\\n", all[i]->name, strstr(err.text, " takes ") ? "" : err.text);
	}
	db_close(db);
	return 0;
}
'''


def statements():
	names = []
	for name in sorted(os.listdir(FOLDER)):
		if name.startswith('sql_') and name.endswith('.c'):
			with open(os.path.join(FOLDER, name), encoding='utf-8') as f:
				names += re.findall(r'^const struct stmt (\w+) = ', f.read(), re.M)
	return names


def build(program, names):
	source = program + '.c'
	with open(source, 'w', encoding='utf-8') as f:
		f.write(PROGRAM % {'root': ROOT, 'names': ', '.join(names), 'addresses': ', '.join('&' + n for n in names)})
	libraries = [os.path.join(BUILD, f'lib{room}.a') for room in ('db', 'base')]
	symbols = subprocess.run(['nm', libraries[0]], capture_output=True, text=True).stdout
	flags = ['-fsanitize=address,undefined'] if '__asan_' in symbols else []
	subprocess.run(['cc', '-std=c11', '-D_GNU_SOURCE', *flags, '-o', program, source, *libraries, '-lsqlite3'], check=True)


@tap.main
def test():
	names = statements()
	tap.check('there are statements', len(names) > 50, names)
	with tempfile.TemporaryDirectory() as folder:
		program = os.path.join(folder, 'prepare')
		build(program, names)
		run = subprocess.run([program, os.path.join(folder, 'spctl.db')], capture_output=True, text=True)
		tap.equal('the program ends well', (run.returncode, run.stderr), (0, ''))
		results = [line.split('\t', 1) for line in run.stdout.splitlines()]
		tap.equal('each one was tried', len(results), len(names))
		for name, error in results:
			tap.check(f'{name} prepares', not error, error)
		tap.equal('names are unique', sorted({name for name, _ in results}), sorted(name for name, _ in results))
