/* Removes the files that libvirt leaves of a container that has ended. */
#include "lxcfiles.h"

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#define STATE_DIR "/run/libvirt/lxc/"
#define LOG_DIR   "/var/log/libvirt/lxc/"

enum { PATH_SIZE = 256 /* a domain of lsandbox has a name of 64 bytes at most */ };

static bool is_running(const char *name)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), STATE_DIR "%s.pid", name);
    return access(path, F_OK) == 0;
}

bool lxcfiles_remove(const char *name)
{
    static const struct {
        const char *directory, *ending;
    } left[] = {
        {STATE_DIR, ".dev"},  {STATE_DIR, ".devpts"}, {STATE_DIR, ".fuse"},
        {STATE_DIR, ".sock"}, {LOG_DIR, ".log"},
    };
    char path[PATH_SIZE];

    if (is_running(name))
        return false;
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        int len = snprintf(path, sizeof(path), "%s%s%s", left[i].directory, name, left[i].ending);

        if (len < (int)sizeof(path))
            (void)remove(path); /* a directory that is not empty stays */
    }
    return true;
}
