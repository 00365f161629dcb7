/* Messages on the console, and the one way in which a step reports why it failed. */
#ifndef LSANDBOX_INIT_LOG_H
#define LSANDBOX_INIT_LOG_H

/* Write one line to stderr (the console), with "lsandbox-init: " in front. Keeps errno. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Remember errno and what was tried, and return -1, so that a step can end with
 * "return failed("mount %s", x)". Only the last failure is remembered, for failure_errno() and
 * failure_text().
 */
int failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with an errno of the caller's choice. */
int failed_with(int errnum, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The errno and the text of the last failure. The text is borrowed until the next failure. */
int failure_errno(void);
const char *failure_text(void);

#endif
