/* Trying to open a path as another user, in a thread that becomes that user. */
#include "domain/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    const char *path;
    uid_t uid;
    gid_t gid;
} Reach;

/*
 * The plain system calls change the calling thread only, while the C library's functions change all
 * threads (nptl(7)). A file system user other than root also loses root's capabilities over files
 * (capabilities(7)). The thread ends as the other user.
 */
static gpointer open_as_user(gpointer data)
{
    const Reach *r = data;
    syscall(SYS_setgroups, 0, NULL);
    syscall(SYS_setfsgid, r->gid);
    syscall(SYS_setfsuid, r->uid);
    int fd = open(r->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int result = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return GINT_TO_POINTER(result);
}

int lsb_reach_try(const char *path, uid_t uid, gid_t gid)
{
    Reach r = {path, uid, gid};
    return GPOINTER_TO_INT(g_thread_join(g_thread_new("lsandbox-reach", open_as_user, &r)));
}
