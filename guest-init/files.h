/*
 * The file service: built-in programs that read and write records (filewire.h) on stdin and stdout.
 * They run after fork, as what the request made of the process, and in no other file's code.
 */
#ifndef LSANDBOX_INIT_FILES_H
#define LSANDBOX_INIT_FILES_H

#include "shared/filewire.h"

/* Become the service that ARGV names. Returns the exit status. */
int files_run(int argc, char **argv);

/* --- what the services share --- */

/* ARGV[0] is the operation's name; the number of arguments has been checked. Returns as main(). */
typedef int (*file_service)(char **argv);


/* Write what is in B to stdout and empty it. -1 when nobody reads there. */
int files_flush(struct wire_buf *b);

/* The last word; each returns the exit status. files_error: errno, and a path below the one asked
   for, or NULL. */
int files_done(void);
int files_error(const char *path);

/* Records from stdin. */
struct file_input {
    struct file_parser parser;
    uint8_t *buffer;
    size_t start, end;
};

/* The next record, or piece of data. -1 at the end of input, or when it is no record: errno. */
int files_next(struct file_input *in, struct file_record *record);
void files_input_clear(struct file_input *in);

/*
 * PATH as an open directory and the last name in it ("." for the root). -1 and errno. NAME: free().
 */
int files_parent(const char *path, char **name);

#endif
