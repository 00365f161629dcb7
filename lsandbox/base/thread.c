/* Starts threads that have a umask of their own. */
#include "base/thread.h"

#include <sched.h>
#include <sys/stat.h>

enum { OWN_UMASK = 0022 };

typedef struct {
    GThreadFunc func;
    gpointer data;
} Call;

static gpointer call_with_own_umask(gpointer data)
{
    Call call = *(Call *)data;
    g_free(data);
    if (unshare(CLONE_FS) == 0)
        umask(OWN_UMASK);
    return call.func(call.data);
}

GThread *lsb_thread_new(const char *name, GThreadFunc func, gpointer data)
{
    Call *call = g_new(Call, 1);
    *call = (Call){func, data};
    return g_thread_new(name, call_with_own_umask, call);
}
