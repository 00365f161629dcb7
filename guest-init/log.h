/*
 * Messages for whoever reads the console, and the one way a step reports why it failed.
 */
#ifndef LSANDBOX_INIT_LOG_H
#define LSANDBOX_INIT_LOG_H

/* One line on stderr (the console), "lsandbox-init: " in front. Keeps errno. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Remember errno and what was tried, and return -1, so that a step can end with
 * "return failed("mount %s", x)". There is one memory: the last failure is the one reported.
 */
int failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with an errno of the caller's choice. */
int failed_with(int errnum, const char *format, ...) __attribute__((format(printf, 2, 3)));

int failure_errno(void);
const char *failure_text(void);

#endif
