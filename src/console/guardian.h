/* guardian.h - gives the terminal back when the console is killed and cannot do it itself. */
#pragma once

struct termios;

/* A small process that waits for the end of this one.  When it comes without guardian_stop(), the modes of terminal
 * (standard input) become those of before and these sequences are written to it. */
void guardian_start(const struct termios *before, const char *sequences);
void guardian_stop(void);
