/* What a checker that reads one file at a time and no Makefile cannot know. */
#define SPCTL_VERSION "0.0.0"
#define SPCTL_BINDIR "/usr/bin"
#define SPCTL_LIBEXECDIR "/usr/libexec/spctl"
#define SPCTL_LIBDIR "/usr/lib/spctl"
#define SPCTL_DATADIR "/usr/share/spctl"

/* err_set() gives the code that it is given, which is never 0. */
#include "../../src/base/err.h"

static inline int model_err_set(struct err *err, int code)
{
	if (err)
		err->code = code;
	return code;
}
#define err_set(err, code, ...) ((void)(err_set)(err, code, __VA_ARGS__), model_err_set(err, code))
