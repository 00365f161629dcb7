/* Installs the seccomp filter that came with a request. */
#include "filter.h"

#include "log.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

int filter_install(const struct request *q)
{
    struct sock_fprog program = {
        .len = (unsigned short)(q->filter_length / sizeof(struct sock_filter)),
        .filter = (struct sock_filter *)q->filter};
    if (q->filter_length == 0)
        return 0;
    if (q->filter_length % sizeof(struct sock_filter) ||
        q->filter_length / sizeof(struct sock_filter) > BPF_MAXINSNS)
        return failed_with(EINVAL, "install the system call filter");
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
        return failed("install the system call filter");
    return 0;
}
