/* Descriptors 0, 1 and 2 of the host program. */
#include "base/standardstreams.h"

#include <fcntl.h>
#include <unistd.h>

void lsb_standard_streams_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* the wrong way round, so that a read or a write fails; children inherit it, too */
        int held = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (held >= 0 && held != fd) { /* another thread has opened FD meanwhile */
            close(held);
            return;
        }
    }
}
