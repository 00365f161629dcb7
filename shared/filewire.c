/* The records of the file service: parsing, which trusts no byte, and writing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "filewire.h"

#include "closekeep.h"

#include <stdlib.h>
#include <string.h>

/* --- parsing --- */

static uint32_t get_number(const uint8_t *at)
{
    struct wire_reader r = {.at = at, .end = at + 4};
    return wire_get_u32(&r);
}

static bool header_ok(const struct file_parser *p)
{
    if (p->kind == FILE_DATA)
        return p->left <= FILE_MAX_DATA;
    return p->kind >= FILE_ENTRY && p->kind <= FILE_EVENT && p->left <= FILE_MAX_RECORD;
}

static size_t take_header(struct file_parser *p, const uint8_t *data, size_t length)
{
    size_t n = FILE_HEADER - p->header_length;
    if (n > length)
        n = length;
    memcpy(p->header + p->header_length, data, n);
    p->header_length += n;
    if (p->header_length == FILE_HEADER) {
        p->kind = get_number(p->header);
        p->left = get_number(p->header + 4);
        p->filled = 0;
    }
    return n;
}

/* DATA is not copied: OUT points at the piece of it that is there. */
static size_t take_piece(struct file_parser *p, const uint8_t *data, size_t length,
                         struct file_record *out)
{
    size_t n = length < p->left ? length : p->left;
    p->left -= (uint32_t)n;
    if (n > 0)
        *out = (struct file_record){FILE_DATA, data, n};
    return n;
}

static size_t take_payload(struct file_parser *p, const uint8_t *data, size_t length,
                           struct file_record *out)
{
    size_t n = length < p->left ? length : p->left;
    memcpy(p->payload + p->filled, data, n);
    p->filled += n;
    p->left -= (uint32_t)n;
    if (p->left == 0)
        *out = (struct file_record){p->kind, p->payload, p->filled};
    return n;
}

long file_parse(struct file_parser *p, const uint8_t *data, size_t length, struct file_record *out)
{
    size_t used = 0;
    *out = (struct file_record){0};
    if (!p->payload && !(p->payload = malloc(FILE_MAX_RECORD)))
        return -1;
    if (p->header_length < FILE_HEADER)
        used = take_header(p, data, length);
    if (p->header_length < FILE_HEADER)
        return (long)used;
    if (!header_ok(p))
        return -1;
    used += (p->kind == FILE_DATA ? take_piece : take_payload)(p, data + used, length - used, out);
    if (p->left == 0)
        p->header_length = 0;
    return (long)used;
}

void file_parser_clear(struct file_parser *p)
{
    free_keep(p->payload);
    free_keep(p->strings);
    memset(p, 0, sizeof *p);
}

/* --- fields --- */

/* Room for two strings of a record, each with its NUL. */
static char *string_room(struct file_parser *p)
{
    if (!p->strings)
        p->strings = malloc(FILE_MAX_RECORD + 2);
    return p->strings;
}

/* Copy the next string to *AT, and move *AT behind it. */
static const char *get_string(struct wire_reader *r, char **at, size_t longest)
{
    size_t length;
    const uint8_t *data = wire_get_data(r, &length);
    char *string = *at;
    if (!data || length > longest || memchr(data, 0, length)) {
        r->failed = true;
        return NULL;
    }
    memcpy(string, data, length);
    string[length] = 0;
    *at += length + 1;
    return string;
}

static int whole(const struct wire_reader *r)
{
    return r->failed || r->at != r->end ? -1 : 0;
}

int file_get_entry(struct file_parser *p, const struct file_record *record, struct file_entry *e)
{
    struct wire_reader r = {.at = record->data, .end = record->data + record->length};
    char *at = string_room(p);
    if (!at)
        return -1;
    e->type = (enum file_type)wire_get_u32(&r);
    e->mode = wire_get_u32(&r) & 07777;
    e->uid = wire_get_u32(&r);
    e->gid = wire_get_u32(&r);
    e->size = wire_get_u64(&r);
    e->mtime.tv_sec = (time_t)wire_get_u64(&r);
    uint32_t nanoseconds = wire_get_u32(&r);
    e->mtime.tv_nsec = nanoseconds;
    e->name = get_string(&r, &at, FILE_MAX_NAME);
    e->link = get_string(&r, &at, FILE_MAX_LINK);
    if (whole(&r) < 0 || e->type < FILE_REGULAR || e->type > FILE_BLOCK || nanoseconds > 999999999)
        return -1;
    return (*e->link != 0) == (e->type == FILE_SYMLINK) ? 0 : -1;
}

int file_get_error(struct file_parser *p, const struct file_record *record, int *errnum,
                   const char **path)
{
    struct wire_reader r = {.at = record->data, .end = record->data + record->length};
    char *at = string_room(p);
    uint32_t n = wire_get_u32(&r);
    *path = at ? get_string(&r, &at, FILE_MAX_RECORD) : NULL;
    *errnum = (int)n;
    return !at || whole(&r) < 0 || n == 0 || n > 4095 ? -1 : 0;
}

int file_get_event(struct file_parser *p, const struct file_record *record, uint32_t *mask,
                   uint32_t *cookie, const char **name)
{
    struct wire_reader r = {.at = record->data, .end = record->data + record->length};
    char *at = string_room(p);
    *mask = wire_get_u32(&r);
    *cookie = wire_get_u32(&r);
    *name = at ? get_string(&r, &at, FILE_MAX_NAME) : NULL;
    return !at || whole(&r) < 0 || (**name && !file_name_ok(*name)) ? -1 : 0;
}

/* --- writing --- */

void file_header(uint8_t out[FILE_HEADER], enum file_kind kind, uint32_t length)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)((uint32_t)kind >> (8 * i));
        out[4 + i] = (uint8_t)(length >> (8 * i));
    }
}

void file_put_empty(struct wire_buf *b, enum file_kind kind)
{
    wire_put_u32(b, kind);
    wire_put_u32(b, 0);
}

void file_put_entry(struct wire_buf *b, const struct stat *st, const char *name, const char *link)
{
    enum { NUMBERS = 4 * 4 + 8 + 8 + 4, LENGTHS = 2 * 4 };
    wire_put_u32(b, FILE_ENTRY);
    wire_put_u32(b, (uint32_t)(NUMBERS + LENGTHS + strlen(name) + strlen(link)));
    wire_put_u32(b, file_type_of(st->st_mode));
    wire_put_u32(b, st->st_mode & 07777);
    wire_put_u32(b, st->st_uid);
    wire_put_u32(b, st->st_gid);
    wire_put_u64(b, (uint64_t)st->st_size);
    wire_put_u64(b, (uint64_t)st->st_mtim.tv_sec);
    wire_put_u32(b, (uint32_t)st->st_mtim.tv_nsec);
    wire_put_str(b, name);
    wire_put_str(b, link);
}

/* A path that is too long loses its start, because its end says more. */
void file_put_error(struct wire_buf *b, int errnum, const char *path)
{
    enum { LONGEST = FILE_MAX_RECORD - 2 * 4 };
    size_t length = path ? strlen(path) : 0, cut = length > LONGEST ? length - LONGEST : 0;
    wire_put_u32(b, FILE_ERROR);
    wire_put_u32(b, (uint32_t)(2 * 4 + length - cut));
    wire_put_u32(b, (uint32_t)errnum);
    wire_put_data(b, path ? path + cut : "", length - cut);
}

void file_put_event(struct wire_buf *b, uint32_t mask, uint32_t cookie, const char *name)
{
    wire_put_u32(b, FILE_EVENT);
    wire_put_u32(b, (uint32_t)(3 * 4 + strlen(name)));
    wire_put_u32(b, mask);
    wire_put_u32(b, cookie);
    wire_put_str(b, name);
}

/* --- the rest --- */

enum file_type file_type_of(mode_t mode)
{
    static const struct {
        mode_t format;
        enum file_type type;
    } types[] = {
        {S_IFREG, FILE_REGULAR}, {S_IFDIR, FILE_DIRECTORY}, {S_IFLNK, FILE_SYMLINK},
        {S_IFIFO, FILE_FIFO},    {S_IFSOCK, FILE_SOCKET},   {S_IFCHR, FILE_CHARACTER},
        {S_IFBLK, FILE_BLOCK},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if ((mode & S_IFMT) == types[i].format)
            return types[i].type;
    return (enum file_type)0;
}

bool file_name_ok(const char *name)
{
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

void file_summary_skip(struct file_summary *s, char *path)
{
    if (!path || s->skipped_count == FILE_MAX_SKIPPED) {
        free(path);
        return;
    }
    if (!s->skipped)
        s->skipped = calloc(FILE_MAX_SKIPPED, sizeof *s->skipped);
    if (s->skipped)
        s->skipped[s->skipped_count++] = path;
    else
        free(path);
}

void file_summary_clear(struct file_summary *s)
{
    for (size_t i = 0; i < s->skipped_count; i++)
        free(s->skipped[i]);
    free(s->skipped);
    memset(s, 0, sizeof *s);
}
