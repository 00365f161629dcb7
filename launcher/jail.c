/* Reads the jail file, and refuses one with anything in it that is not understood. */
#define _GNU_SOURCE 1
#include "jail.h"

#include "fatal.h"
#include "shared/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far more than any recipe needs: a longer file is no jail file. */
enum { JAIL_MAX = 64 * MiB };

/* The highest id that a process can have: (uid_t)-1 means "no change" to setresuid(2). */
#define ID_MAX 4294967294u

enum kind { PATHS, IDS, NETWORK, LANDLOCK };

struct key {
    const char *name;
    enum kind kind;
    size_t offset; /* of the list in struct jail; NETWORK and LANDLOCK need none */
    bool once;     /* a second record with this key is an error */
};

static const struct key keys[] = {
    {"keeper", PATHS, offsetof(struct jail, keeper), true},
    {"uid", IDS, offsetof(struct jail, uid), true},
    {"gid", IDS, offsetof(struct jail, gid), true},
    {"group", IDS, offsetof(struct jail, group), false},
    {"read", PATHS, offsetof(struct jail, read), false},
    {"hide", PATHS, offsetof(struct jail, hide), false},
    {"write", PATHS, offsetof(struct jail, write), false},
    {"libvirt", PATHS, offsetof(struct jail, libvirt), true},
    {"device", PATHS, offsetof(struct jail, device), false},
    {"cgroup", PATHS, offsetof(struct jail, cgroup), false},
    {"new-memory", IDS, offsetof(struct jail, new_memory), true},
    {"memory", PATHS, offsetof(struct jail, memory), true},
    {"preload", PATHS, offsetof(struct jail, preload), true},
    {"network", NETWORK, 0, true},
    {"landlock", LANDLOCK, 0, true},
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static void *grow_list(void *items, size_t n, size_t size)
{
    void *grown = realloc(items, (n + 1) * size);

    if (!grown)
        fatal(ENOMEM, "cannot hold the jail file");
    return grown;
}

static bool has_dot_component(const char *path)
{
    for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
        const char *part = at + 1;
        size_t len = strcspn(part, "/");

        if ((len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
            return true;
    }
    return false;
}

static void add_path(struct jail_paths *list, const char *name, const char *value)
{
    if (value[0] != '/' || has_dot_component(value))
        fatal(0, "jail file: %s: expected a plain absolute path, got \"%s\"", name, value);
    list->items = grow_list(list->items, list->n, sizeof(*list->items));
    list->items[list->n++] = value;
}

static void add_id(struct jail_ids *list, const char *name, const char *value)
{
    char *end;
    unsigned long id;

    errno = 0;
    id = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno || id > ID_MAX)
        fatal(0, "jail file: %s: expected a number, got \"%s\"", name, value);
    list->items = grow_list(list->items, list->n, sizeof(*list->items));
    list->items[list->n++] = (unsigned)id;
}

static bool choose(const char *name, const char *value, const char *off, const char *on)
{
    if (strcmp(value, on) == 0)
        return true;
    if (strcmp(value, off) != 0)
        fatal(0, "jail file: %s: expected %s or %s, got \"%s\"", name, off, on, value);
    return false;
}

static void store_value(struct jail *jail, const struct key *key, const char *value)
{
    void *list = (char *)jail + key->offset;

    switch (key->kind) {
    case PATHS:
        add_path(list, key->name, value);
        break;
    case IDS:
        add_id(list, key->name, value);
        break;
    case NETWORK:
        jail->network = choose(key->name, value, "0", "1");
        break;
    case LANDLOCK:
        jail->landlock_auto = choose(key->name, value, "required", "auto");
        break;
    }
}

static const struct key *find_record_key(const char *record, size_t len)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strlen(keys[i].name) == len && memcmp(keys[i].name, record, len) == 0)
            return &keys[i];
    fatal(0, "jail file: unknown record \"%s\"", record);
}

static void read_jail_record(struct jail *jail, const char *record, bool *seen)
{
    size_t len = strcspn(record, "=");
    const struct key *key = find_record_key(record, len);

    if (!record[len])
        fatal(0, "jail file: %s: no value", key->name);
    if (key->once && seen[key - keys])
        fatal(0, "jail file: %s: given twice", key->name);
    seen[key - keys] = true;
    store_value(jail, key, record + len + 1);
}

static char *read_whole_file(int fd, const char *path, size_t size)
{
    char *text = malloc(size + 1);
    size_t got = 0;
    ssize_t n;

    if (!text)
        fatal(ENOMEM, "cannot hold the jail file %s", path);
    while (got < size && (n = read(fd, text + got, size - got)) != 0) {
        if (n < 0)
            fatal(errno, "cannot read the jail file %s", path);
        got += (size_t)n;
    }
    if (got < size || (size > 0 && text[size - 1] != '\0'))
        fatal(0, "the jail file %s is cut short", path);
    return text;
}

static char *read_jail_file(const char *path, size_t *size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char *text;

    if (fd < 0 || fstat(fd, &st) < 0)
        fatal(errno, "cannot open the jail file %s", path);
    if (!S_ISREG(st.st_mode) || st.st_size > JAIL_MAX)
        fatal(0, "%s is no jail file", path);
    *size = (size_t)st.st_size;
    text = read_whole_file(fd, path, *size);
    close(fd);
    return text;
}

static void check_whole(const struct jail *jail)
{
    if (jail->keeper.n == 0)
        fatal(0, "jail file: no keeper=; QEMU could outlive its owner");
    if (jail->uid.n != jail->gid.n)
        fatal(0, "jail file: uid= and gid= belong together");
    if (jail->group.n && !jail->uid.n)
        fatal(0, "jail file: group= without uid=");
    if (jail->memory.n && jail->new_memory.n)
        fatal(0, "jail file: memory= and new-memory= exclude each other");
}

void jail_read(struct jail *jail, const char *path)
{
    bool seen[KEYS] = {false};
    size_t size;
    const char *text = read_jail_file(path, &size);

    memset(jail, 0, sizeof(*jail));
    for (const char *at = text; at < text + size; at += strlen(at) + 1)
        read_jail_record(jail, at, seen);
    check_whole(jail);
}

void jail_add_read(struct jail *jail, const char *path)
{
    add_path(&jail->read, "read", path);
}
