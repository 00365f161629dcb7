/*
 * The records of the file service: what WIRE_SPAWN_FILES programs read on stdin and write on stdout
 * (see wire.h). A record is an 8-byte little-endian header and a payload:
 *
 *     0  u32  kind      enum file_kind
 *     4  u32  length    of the payload
 *
 * A tree, in either direction, goes by single names, never by paths: a receiver that has an open
 * directory for each ENTRY of one needs no path, and no sender can name anything outside.
 *
 *     stream = node DONE                     or, anywhere, ERROR: the last record
 *     node   = ENTRY(file) DATA* LEAVE
 *            | ENTRY(directory) node* LEAVE
 *            | ENTRY(anything else)          special files are named, so that they can be reported
 *
 * The first ENTRY has the empty name: what it is to be called is the receiver's to know. SIZE is
 * what the sender saw and binds nobody: a file is as long as its DATA.
 */
#ifndef LSANDBOX_FILEWIRE_H
#define LSANDBOX_FILEWIRE_H

#include "units.h"
#include "wire.h"

#include <sys/stat.h>

enum {
    FILE_HEADER = 8,
    FILE_MAX_DATA = 256 * KiB,  /* payload of DATA: few system calls, and a share of the cache */
    FILE_MAX_RECORD = 8 * KiB,  /* payload of all others: a name, a link's target and numbers */
    FILE_MAX_NAME = 255,         /* NAME_MAX */
    FILE_MAX_LINK = 4095,        /* PATH_MAX without the NUL */
    FILE_MAX_DEPTH = 256,        /* directories inside one another: each is an open descriptor */
    FILE_MAX_ENTRIES = 16000000, /* of one tree: an end to what a hostile sender never ends */
    FILE_MAX_SKIPPED = 1000,     /* names of special files that are remembered */
};

enum file_kind {
    FILE_ENTRY = 1, /* u32 enum file_type, u32 mode (07777), u32 uid, u32 gid, u64 size,
                       u64 seconds (two's complement), u32 nanoseconds, data name, data link */
    FILE_DATA,      /* bytes of the file that is open */
    FILE_LEAVE,     /* nothing. The file, or the directory, is whole */
    FILE_DONE,      /* nothing. All of it; also the answer to what has no other answer */
    FILE_ERROR,     /* u32 errno, data path: below the one that was asked for; may be empty */
    FILE_READY,     /* nothing. The watch is set */
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
 * The programs of the file service, by their arguments. Numbers are decimal.
 *     get PATH                        out: a tree
 *     put PATH                        in: a tree; out: DONE
 *     read PATH OFFSET LENGTH         out: DATA* DONE
 *     write PATH MODE APPEND          in: DATA* DONE; out: DONE. MODE -1: as it is, or as umask
 * says list PATH                       out: ENTRY* DONE stat PATH FOLLOW                out: ENTRY
 * DONE mkdir PATH MODE PARENTS         out: DONE. MODE as for write remove PATH RECURSIVE out: DONE
 *     rename FROM TO                  out: DONE
 *     watch PATH                      out: READY EVENT*; ends when its stdin does
 * Each may answer ERROR instead. The exit status is 0 when it could say how it went.
 */

/* A parsed ENTRY; the strings are the parser's, NUL-terminated. */
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

/* Cuts a byte stream into records; zeroed to begin with, cleared with file_parser_clear(). */
struct file_parser {
    uint8_t header[FILE_HEADER];
    size_t header_length;
    uint32_t kind, left;
    uint8_t *payload; /* of a record other than DATA: FILE_MAX_RECORD bytes */
    size_t filled;
    char *strings; /* of the last entry */
};

/*
 * Take bytes from the front of DATA. Returns how many, with a record in OUT (valid until the next
 * call) or OUT->kind 0; -1 when the bytes are no records, or memory is short.
 */
long file_parse(struct file_parser *p, const uint8_t *data, size_t length, struct file_record *out);
void file_parser_clear(struct file_parser *p);

/*
 * The fields of an ENTRY, ERROR, EVENT. -1: not well-formed. Strings are valid until the next call.
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

/* The type of a mode; 0 for what has no name here. */
enum file_type file_type_of(mode_t mode);

/* A single name that stays where it is: not empty, not "." or "..", no slash. */
bool file_name_ok(const char *name);

/* What a tree came to. */
struct file_summary {
    uint64_t files, directories, links, bytes, entries;
    char **skipped; /* paths of special files, at most FILE_MAX_SKIPPED */
    size_t skipped_count;
};

void file_summary_skip(struct file_summary *s, char *path); /* takes PATH */
void file_summary_clear(struct file_summary *s);

/* What went wrong, and where: a path below the top, or NULL. */
struct file_failure {
    int errnum;
    char *path;
};

#endif
