/*
 * The file service: operations that read and write records (shared/filewire.h) on stdin and stdout.
 * Each runs in a process of its own, which has the identity that the request names.
 */
#ifndef LSANDBOX_INIT_FILES_H
#define LSANDBOX_INIT_FILES_H

#include "shared/filewire.h"

/* Run the operation that ARGV[0] names. Returns the exit status. */
int files_run(int argc, char **argv);

/* --- what the operations share --- */

/*
 * An operation. ARGV[0] is its name, and the number of arguments has been checked. Returns the exit
 * status.
 */
typedef int (*file_service)(char **argv);

/* Write what is in B to stdout, and empty B. -1 when the host reads no more. */
int files_flush(struct wire_buf *b);

/* Write DONE as the last record. Returns the exit status. */
int files_done(void);

/*
 * Write ERROR as the last record, with errno and PATH, which is below the path asked for, or NULL.
 * Returns the exit status.
 */
int files_error(const char *path);

/* Records from stdin. All zero: none read. */
struct file_input {
    struct file_parser parser;
    uint8_t *buffer;
    size_t start, end;
};

/*
 * Read the next record, or piece of data. -1 and errno at the end of stdin, or where it is no
 * record.
 */
int files_next(struct file_input *in, struct file_record *record);

/* Free IN's memory, and keep errno. */
void files_input_clear(struct file_input *in);

/*
 * Open the directory that PATH is in. NAME gets the last part of PATH ("." for the root), the
 * caller's to free. -1 and errno.
 */
int files_parent(const char *path, char **name);

#endif
