/* terminal.h - the terminal itself: taken over, given back sane, its title, bell and notifications. */
#pragma once
#include <stdbool.h>
#include "../base/err.h"

/* ERR_UNAVAILABLE with a sentence when standard input and output are no terminal that can show the console. */
int  terminal_open(struct err *);
void terminal_close(void);          /* as it was before; harmless twice */
void terminal_suspend(void);        /* for the time that the process is stopped */
void terminal_resume(void);
void terminal_resize(void);         /* takes the size over that it has now */
void terminal_clear(void);          /* what is there is torn: the next drawing brings all of it */
void terminal_bell(void);
/* The window's title, where the terminal has one. */
void terminal_title(const char *text);
/* A notification on the desktop, where the terminal has it. */
void terminal_notify(const char *title, const char *text);
