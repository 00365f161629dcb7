/*
 * The records of the file service, which programs started with WIRE_SPAWN_FILES (wire.h) read on
 * stdin and write on stdout. A record is an 8-byte little-endian header and a payload:
 *
 *     0  u32  kind      enum file_kind
 *     4  u32  length    of the payload
 *
 * A tree is sent, in either direction, by single names and never by paths. The receiver has an open
 * directory for each directory ENTRY, so it needs no path, and no sender can name anything outside.
 *
 *     stream = node DONE                       the last record; ERROR may come instead, anywhere
 *     node   = ENTRY(regular file) DATA* LEAVE
 *            | ENTRY(directory) node* LEAVE
 *            | ENTRY(any other type)           a special file is named so that it can be reported
 *
 * The first ENTRY has the empty name, because the receiver knows what to call it. Its SIZE is what
 * the sender saw, and no promise: a file is as long as its DATA.
 */
#ifndef LSANDBOX_FILEWIRE_H
#define LSANDBOX_FILEWIRE_H

#include "units.h"
#include "wire.h"

#include <sys/stat.h>

enum {
    FILE_HEADER = 8,
    FILE_MAX_DATA = 256 * KiB,   /* payload of DATA: few system calls, and a share of the cache */
    FILE_MAX_RECORD = 8 * KiB,   /* payload of all others: a name, a link's target and numbers */
    FILE_MAX_NAME = 255,         /* NAME_MAX */
    FILE_MAX_LINK = 4095,        /* PATH_MAX without the NUL */
    FILE_MAX_DEPTH = 256,        /* directories inside one another: each is an open descriptor */
    FILE_MAX_ENTRIES = 16000000, /* of one tree, because a hostile sender might never end it */
    FILE_MAX_SKIPPED = 1000,     /* names of special files that are remembered */
};

/* The payload of each kind. "data" is as wire_put_data() writes it: u32 length, bytes. */
enum file_kind {
    FILE_ENTRY = 1, /* u32 enum file_type, u32 mode (07777), u32 uid, u32 gid, u64 size,
                       u64 seconds (two's complement), u32 nanoseconds, data name, data link */
    FILE_DATA,      /* bytes of the file whose ENTRY came last */
    FILE_LEAVE,     /* nothing: the file, or the directory, is whole */
    FILE_DONE,      /* nothing: all is sent; also the answer of an operation without another one */
    FILE_ERROR,     /* u32 errno, data path: below the path asked for; may be empty */
    FILE_READY,     /* nothing: the watch is set */
    FILE_EVENT,     /* u32 mask (of inotify(7)), u32 cookie, data name */
};

enum file_type {
    FILE_REGULAR = 1,
    FILE_DIRECTORY,
    FILE_SYMLINK,
    FILE_FIFO,
    FILE_SOCKET,
    FILE_CHARACTER,
    FILE_BLOCK,
};

/*
 * The operations of the file service, by a program's arguments. Numbers are decimal; APPEND,
 * FOLLOW, PARENTS and RECURSIVE are "1" for true. MODE -1 keeps the mode of a file that is there,
 * and gives a new one the mode that the umask leaves.
 *
 *     arguments                   stdin         stdout
 *     get PATH                                  a tree
 *     put PATH                    a tree        DONE
 *     read PATH OFFSET LENGTH                   DATA* DONE
 *     write PATH MODE APPEND      DATA* DONE    DONE
 *     list PATH                                 ENTRY* DONE
 *     stat PATH FOLLOW                          ENTRY DONE
 *     mkdir PATH MODE PARENTS                   DONE
 *     remove PATH RECURSIVE                     DONE
 *     rename FROM TO                            DONE
 *     watch PATH                  until EOF     READY EVENT*, and DONE at the end of stdin
 *
 * Each may answer ERROR instead. The exit status is 0 when the answer was sent, whatever it says.
 */

/* A parsed ENTRY. Its strings belong to the parser and end with a NUL. */
struct file_entry {
    enum file_type type;
    uint32_t mode, uid, gid;
    uint64_t size;
    struct timespec mtime;
    const char *name, *link;
};

/* One whole record, or for DATA a piece of one. */
struct file_record {
    uint32_t kind; /* 0: more bytes are needed */
    const uint8_t *data;
    size_t length;
};

/* Cuts a byte stream into records. Begins as all zero; clear it with file_parser_clear(). */
struct file_parser {
    uint8_t header[FILE_HEADER];
    size_t header_length;
    uint32_t kind, left;
    uint8_t *payload; /* of a record other than DATA: FILE_MAX_RECORD bytes */
    size_t filled;
    char *strings; /* of the last entry */
};

/*
 * Take bytes from the front of DATA. Returns how many, with a record in OUT that is valid until the
 * next call, or OUT->kind 0 when more bytes are needed; -1 when the bytes are no records, or memory
 * is short.
 */
long file_parse(struct file_parser *p, const uint8_t *data, size_t length, struct file_record *out);
void file_parser_clear(struct file_parser *p);

/*
 * Get the fields of an ENTRY, ERROR or EVENT. 0, or -1 when it is not well formed. The strings are
 * valid until the next call.
 */
int file_get_entry(struct file_parser *p, const struct file_record *record,
                   struct file_entry *entry);
int file_get_error(struct file_parser *p, const struct file_record *record, int *errnum,
                   const char **path);
int file_get_event(struct file_parser *p, const struct file_record *record, uint32_t *mask,
                   uint32_t *cookie, const char **name);

/* Append whole records. */
void file_put_empty(struct wire_buf *b, enum file_kind kind);
void file_put_entry(struct wire_buf *b, const struct stat *st, const char *name, const char *link);
void file_put_error(struct wire_buf *b, int errnum, const char *path);
void file_put_event(struct wire_buf *b, uint32_t mask, uint32_t cookie, const char *name);
void file_header(uint8_t out[FILE_HEADER], enum file_kind kind, uint32_t length);

/* The type of a file with the mode MODE; 0 for a type that has no name here. */
enum file_type file_type_of(mode_t mode);

/* Whether NAME is the name of an entry of a directory: not empty, not "." or "..", no slash. */
bool file_name_ok(const char *name);

/* What a tree that was sent or received consists of. */
struct file_summary {
    uint64_t files, directories, links, bytes, entries;
    char **skipped; /* paths of special files, at most FILE_MAX_SKIPPED */
    size_t skipped_count;
};

void file_summary_skip(struct file_summary *s, char *path); /* takes PATH */
void file_summary_clear(struct file_summary *s);

/* Why a tree could not be sent or received, and where: a path below its top, or NULL. */
struct file_failure {
    int errnum;
    char *path;
};

#endif
