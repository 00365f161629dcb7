/* The sandbox's own name in /etc/hosts. */
#define _GNU_SOURCE
#include "hostsfile.h"

#include "shared/closekeep.h"
#include "shared/units.h"
#include "shared/wire.h"
#include "shared/writeall.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOSTS "/etc/hosts"
/* A longer file, as of those who block advertisements by it, stays as it is. */
enum { MOST_OF_HOSTS = 128 * KiB };

static bool is_brought(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->mount_count; i++)
        if (strcmp(plan->mounts[i].target, HOSTS) == 0)
            return true;
    return false;
}

/* Read the regular file FD (O_PATH) as text. NULL: it is none, or too long. Caller frees. */
static char *read_text(int fd)
{
    char path[FD_PATH_SIZE];
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_OF_HOSTS)
        return NULL;
    int file = open(fd_path(path, fd), O_RDONLY | O_CLOEXEC);
    char *text = file < 0 ? NULL : calloc(1, MOST_OF_HOSTS + 1);
    ssize_t n = 0;
    for (size_t done = 0; text && done < MOST_OF_HOSTS; done += (size_t)n)
        if ((n = read(file, text + done, MOST_OF_HOSTS - done)) <= 0)
            break;
    close_keep(file);
    return text;
}

/* Whether a line of TEXT gives NAME an address. A comment begins with "#" (hosts(5)). */
static bool has_name(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; *line; line += strspn(line, "\n")) {
        const char *end = line + strcspn(line, "#\n");
        for (const char *word = line; word < end;) {
            size_t n = strcspn(word, " \t\r\n#");
            if (word > line && n == length && strncasecmp(word, name, n) == 0)
                return true;
            word += n + strspn(word + n, " \t\r");
        }
        line = end + strcspn(end, "\n");
    }
    return false;
}

/* The names of the sandbox, the full one first, as `hostname -f` needs it. Caller frees. */
static char *plan_names(const struct plan *plan)
{
    char *names = NULL;
    const char *host = plan->hostname, *dot = strchr(host, '.');
    int n = dot && dot > host ? asprintf(&names, "%s %.*s", host, (int)(dot - host), host)
            : *plan->domainname
                ? asprintf(&names, "%s.%s %s", host, plan->domainname, host)
                : asprintf(&names, "%s", host);
    return n < 0 ? NULL : names;
}

/* The line for the sandbox, with the end of OLD's last line. Caller frees. */
static char *own_line(const char *old, const char *names)
{
    char *line = NULL;
    bool is_ended = !*old || old[strlen(old) - 1] == '\n';
    /* 127.0.1.1 as Debian does it (debian-reference, 5.1.1). */
    return asprintf(&line, "%s127.0.1.1\t%s\n", is_ended ? "" : "\n", names) < 0 ? NULL : line;
}

/* A writable root keeps the file, so that programs can replace it. */
static bool append(int fd, const char *line)
{
    char path[FD_PATH_SIZE];
    int file = open(fd_path(path, fd), O_WRONLY | O_APPEND | O_CLOEXEC);
    bool done = file >= 0 && write_all(file, line, strlen(line)) == 0;
    close_keep(file);
    return done;
}

/* The text of a new file; NULL: the line is in the root's file, or there is no room. */
static char *add_line(const struct root *root, int fd, const char *old, const char *names)
{
    char *line = own_line(old, names), *text = NULL;
    bool is_there = line && root->writable && append(fd, line);
    if (line && !is_there && asprintf(&text, "%s%s", old, line) < 0)
        text = NULL;
    free(line);
    return text;
}

bool hostsfile_make(const struct root *root, const struct plan *plan, struct plan_mount *m)
{
    if (!*plan->hostname || is_brought(plan))
        return false;
    int fd = path_open_or_make(root, HOSTS, true);
    char *old = fd < 0 ? NULL : read_text(fd), *names = plan_names(plan), *text = NULL;
    if (old && names && !has_name(old, plan->hostname))
        text = add_line(root, fd, old, names);
    close_keep(fd);
    free(old);
    free(names);
    *m = (struct plan_mount){.kind = WIRE_MOUNT_TEXT,
                             .flags = WIRE_MOUNT_NOSUID | WIRE_MOUNT_NODEV | WIRE_MOUNT_FILE,
                             .source = text,
                             .target = (char *)HOSTS,
                             .options = (char *)""};
    return text != NULL;
}
