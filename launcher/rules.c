/* Turns the jail's paths, and the few that any QEMU needs, into landlock rules. */
#define _GNU_SOURCE 1
#include "rules.h"

#include "fatal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ = LL_READ_FILE | LL_READ_DIR,
    RUN = READ | LL_EXECUTE, /* exec and the dynamic linker ask for both */
    /* Without MAKE_CHAR and MAKE_BLOCK, because no guest needs device nodes on the host. */
    WRITE = READ | LL_WRITE_FILE | LL_REMOVE_DIR | LL_REMOVE_FILE | LL_MAKE_DIR | LL_MAKE_REG |
            LL_MAKE_SOCK | LL_MAKE_FIFO | LL_MAKE_SYM | LL_REFER | LL_TRUNCATE | LL_RESOLVE_UNIX,
    DEVICE = LL_READ_FILE | LL_WRITE_FILE | LL_IOCTL_DEV,
};

struct system_path {
    const char *path;
    uint64_t rights;
};

/*
 * What QEMU opens on its own, from strace of QEMU 7.2. It needs only the libraries and the data;
 * the other files are public, and spare a warning or a slow fallback. /proc, /sys and the working
 * directory are left out, because QEMU does without them.
 */
static const struct system_path system_paths[] = {
    {"/lib", RUN},
    {"/lib64", RUN},
    {"/usr/lib", RUN},
    {"/usr/lib64", RUN},
    {"/etc/ld.so.cache", READ},
    {"/etc/ld.so.preload", READ},
    {"/usr/share", READ},     /* firmware, option ROMs, keymaps, time zones */
    {"/etc/localtime", READ}, /* -rtc base=localtime */
    {"/etc/gnutls/config", READ},
    {"/etc/crypto-policies", READ},
    {"/etc/ssl/openssl.cnf", READ},
    {"/dev/null", LL_READ_FILE | LL_WRITE_FILE},
    {"/dev/zero", LL_READ_FILE | LL_WRITE_FILE},
    {"/dev/full", LL_READ_FILE | LL_WRITE_FILE},
    {"/dev/random", READ},
    {"/dev/urandom", READ},
    {NULL, 0},
};

/* User networking takes its name servers from here. */
static const struct system_path network_paths[] = {
    {"/etc/resolv.conf", READ},
    {NULL, 0},
};

/* Where a QEMU that is not in /usr keeps its parts, relative to the directory of its binary. */
static const struct system_path own_paths[] = {
    {"../lib", RUN},
    {"../lib64", RUN},
    {"../share/qemu", READ},
    {NULL, 0},
};

struct grant {
    const struct ll_ruleset *rules;
    uint64_t rights;
    char **hidden; /* canonical paths */
    size_t n_hidden;
};

static char *must(char *string)
{
    if (!string)
        fatal(ENOMEM, "cannot make the landlock rules");
    return string;
}

/*
 * realpath(3), with one slash at the start: musl keeps two, as POSIX allows, and then "//home"
 * would not be the hidden "/home".
 */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);

    if (real)
        memmove(real, real + strspn(real, "/") - 1, strlen(real) - strspn(real, "/") + 2);
    return real;
}

/*
 * PATH without symlinks. An end of it that does not exist, or that this process may not see, is
 * kept as it stands, so that a hidden path is hidden even if it is made later.
 */
static char *canonical(const char *path)
{
    char *whole = resolve(path);
    char *parent, *leaf, *joined;
    size_t len = strlen(path);

    if (whole || strcmp(path, "/") == 0)
        return whole;
    while (len > 1 && path[len - 1] == '/')
        len--;
    parent = must(strndup(path, len));
    leaf = strrchr(parent, '/');
    *leaf++ = '\0';
    whole = must(canonical(*parent ? parent : "/"));
    if (asprintf(&joined, "%s/%s", strcmp(whole, "/") == 0 ? "" : whole, leaf) < 0)
        must(NULL);
    free(parent);
    free(whole);
    return joined;
}

static bool is_below(const char *path, const char *tree)
{
    size_t len = strcmp(tree, "/") == 0 ? 0 : strlen(tree);

    return strncmp(path, tree, len) == 0 && path[len] == '/' && path[len + 1];
}

static bool hides_below(const struct grant *g, const char *tree)
{
    for (size_t i = 0; i < g->n_hidden; i++)
        if (is_below(g->hidden[i], tree))
            return true;
    return false;
}

static bool is_hidden(const struct grant *g, const char *path)
{
    for (size_t i = 0; i < g->n_hidden; i++)
        if (strcmp(g->hidden[i], path) == 0)
            return true;
    return false;
}

static int grant_tree(const struct grant *g, int fd, const char *path);

/*
 * Grant one entry of a directory on the way to a hidden path. An entry that cannot be opened, or
 * has vanished, gets no rights, and that is no error. A symlink needs no rights of its own, because
 * the kernel checks those of what it points to.
 */
static void grant_child(const struct grant *g, int dir, const char *path, const char *name)
{
    char child[PATH_MAX];
    struct stat st;
    int fd;
    int len = snprintf(child, sizeof(child), "%s/%s", strcmp(path, "/") == 0 ? "" : path, name);

    if (len < 0 || (size_t)len >= sizeof(child) || is_hidden(g, child))
        return;
    fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode))
        (void)grant_tree(g, fd, child);
    close(fd);
}

static void grant_children(const struct grant *g, int fd, const char *path)
{
    int dir_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
    struct dirent *entry;

    if (!dir)
        return; /* a directory that the launcher may not list has no entries that it could grant */
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            grant_child(g, dir_fd, path, entry->d_name);
    closedir(dir);
}

/* The recursion goes no deeper than the longest hidden path. */
static int grant_tree(const struct grant *g, int fd, const char *path)
{
    if (!hides_below(g, path))
        return ll_allow(g->rules, fd, g->rights);
    grant_children(g, fd, path);
    return ll_allow(g->rules, fd, g->rights & LL_READ_DIR);
}

static bool is_device(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
}

/* Grant RIGHTS on a path that the jail names. */
static void grant_path(struct grant g, const char *path, uint64_t rights)
{
    char *real = resolve(path);
    int fd = real ? open(real, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;

    if (fd < 0)
        fatal(errno, "cannot open %s of the jail file", path);
    if (rights == DEVICE && !is_device(fd))
        fatal(0, "%s of the jail file is no device", path);
    /* A disk may be named in read= or write=, too, and QEMU asks for its size by ioctl. */
    g.rights = rights | (is_device(fd) ? LL_IOCTL_DEV : 0);
    if (grant_tree(&g, fd, real) < 0)
        fatal(errno, "cannot allow %s of the jail file", path);
    close(fd);
    free(real);
}

static void grant_paths(const struct grant *g, const struct jail_paths *paths, uint64_t rights)
{
    for (size_t i = 0; i < paths->n; i++)
        grant_path(*g, paths->items[i], rights);
}

/* Grant a path that the host may lack. A relative one is seen from the directory BASE. */
static void grant_optional(struct grant g, const char *base, const struct system_path *entry)
{
    char path[2 * PATH_MAX];
    char *real;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", entry->path[0] == '/' ? "" : base, entry->path);
    real = resolve(path);
    fd = real ? open(real, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (fd >= 0) {
        g.rights = entry->rights;
        if (grant_tree(&g, fd, real) < 0)
            fatal(errno, "cannot allow %s", path);
        close(fd);
    }
    free(real);
}

static void grant_table(const struct grant *g, const char *base, const struct system_path *table)
{
    for (; table->path; table++)
        grant_optional(*g, base, table);
}

static void grant_qemu(const struct grant *g, const char *qemu)
{
    char *base = must(strdup(qemu));

    grant_optional(*g, "", &(struct system_path){qemu, RUN});
    *strrchr(base, '/') = '\0';
    grant_table(g, base, own_paths);
    free(base);
}

static void find_hidden(struct grant *g, const struct jail_paths *hide)
{
    g->n_hidden = hide->n;
    g->hidden = calloc(hide->n + 1, sizeof(*g->hidden));
    if (!g->hidden)
        must(NULL);
    for (size_t i = 0; i < hide->n; i++)
        g->hidden[i] = must(canonical(hide->items[i]));
}

void rules_fill(const struct ll_ruleset *rules, const struct jail *jail, const char *qemu)
{
    struct grant g = {.rules = rules};

    find_hidden(&g, &jail->hide);
    grant_table(&g, "", system_paths);
    if (jail->network)
        grant_table(&g, "", network_paths);
    grant_qemu(&g, qemu);
    grant_paths(&g, &jail->preload, RUN);
    grant_paths(&g, &jail->read, READ);
    grant_paths(&g, &jail->write, WRITE);
    grant_paths(&g, &jail->device, DEVICE);
}
