/* Saving and loading QEMU's state by commands of its monitor (QMP). */
#include "domain/template/snapshot.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "host/connection.h"

enum {
    LONGEST_MS = 60 * 1000, /* for gigabytes of memory on a slow disk */
    FIRST_PAUSE_US = 500,   /* the state of the devices takes some ms */
    LONGEST_PAUSE_US = 20 * 1000,
};

/* Send COMMAND with the descriptor FD (-1: none). Returns the reply; NULL where QEMU refuses. */
static char *ask_monitor(virDomainPtr domain, const char *command, int fd, GError **error)
{
    char *reply = NULL;
    unsigned passed_back = 0;
    int *descriptors = NULL;
    if (virDomainQemuMonitorCommandWithFiles(domain, command, fd >= 0 ? 1 : 0, &fd, &passed_back,
                                             &descriptors, &reply, 0) < 0) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "QEMU's monitor does not answer");
        return NULL;
    }
    free(descriptors);
    g_autofree char *copy = g_strdup(reply ? reply : "");
    free(reply);
    if (!strstr(copy, "\"error\":"))
        return g_steal_pointer(&copy);
    lsb_fail(error, LIBVIRT, "QEMU's monitor refuses %s: %s", command, copy);
    return NULL;
}

static gboolean tell_monitor(virDomainPtr domain, const char *command, GError **error)
{
    g_autofree char *reply = ask_monitor(domain, command, -1, error);
    return reply != NULL;
}

/*
 * "x-ignore-shared" leaves memory out that is a shared mapping of a file; a stream that was made
 * with it has to be read with it (QEMU, migration/ram.c).
 */
static gboolean prepare_migration(virDomainPtr domain, int fd, LsbMemoryPlace memory,
                                  GError **error)
{
    g_autofree char *capabilities =
        g_strdup_printf("{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":"
                        "[{\"capability\":\"x-ignore-shared\",\"state\":%s}]}}",
                        memory == LSB_MEMORY_IN_FILE ? "true" : "false");
    if (!tell_monitor(domain, capabilities, error))
        return FALSE;
    static const char getfd[] =
        "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"lsandbox\"}}";
    g_autofree char *reply = ask_monitor(domain, getfd, fd, error);
    return reply != NULL;
}

static gboolean has_status(const char *reply, const char *status)
{
    const char *at = strstr(reply, "\"status\":");
    if (!at)
        return FALSE;
    at += strlen("\"status\":");
    at += strspn(at, " \"");
    return g_str_has_prefix(at, status);
}

typedef enum { GOES_ON, DONE, FAILED } Progress;

/*
 * Send QUERY until LOOK says that the migration is over. Waiting for the MIGRATION event would not
 * be faster: QEMU answers nothing while it reads a state, so the first answer says that it is done,
 * and the pauses are a small part of the time for a save. A query would be needed after the event
 * anyway, because the event comes before the machine can be continued.
 */
static gboolean await_progress(virDomainPtr domain, const char *query,
                               Progress (*look)(const char *reply), GError **error)
{
    gint64 end = g_get_monotonic_time() + LONGEST_MS * (gint64)1000;
    for (gulong pause = FIRST_PAUSE_US; g_get_monotonic_time() < end;
         pause = MIN(pause * 2, LONGEST_PAUSE_US)) {
        g_autofree char *reply = ask_monitor(domain, query, -1, error);
        Progress progress = reply ? look(reply) : FAILED;
        if (reply && progress == FAILED)
            lsb_fail(error, LIBVIRT, "QEMU cannot move the machine's state: %s", reply);
        if (progress != GOES_ON)
            return progress == DONE;
        g_usleep(pause);
    }
    return lsb_fail(error, TIMEOUT, "QEMU did not move the machine's state within %d s",
                    LONGEST_MS / 1000);
}

static Progress look_at_migration(const char *reply)
{
    if (has_status(reply, "failed") || has_status(reply, "cancelled"))
        return FAILED;
    return has_status(reply, "completed") ? DONE : GOES_ON;
}

static gboolean await_completion(virDomainPtr domain, GError **error)
{
    return await_progress(domain, "{\"execute\":\"query-migrate\"}", look_at_migration, error);
}

static Progress look_at_machine(const char *reply)
{
    return has_status(reply, "finish-migrate") ? GOES_ON : DONE;
}

/* QEMU's usual limit is meant for networks, and would slow a file down. */
static gboolean lift_speed_limit(virDomainPtr domain, GError **error)
{
    return tell_monitor(domain,
                "{\"execute\":\"migrate-set-parameters\",\"arguments\":{\"max-bandwidth\":"
                "1000000000000}}",
                error);
}

/* Stops the machine first, because QEMU would write pages that change meanwhile again and again. */
gboolean lsb_snapshot_save(virDomainPtr domain, int fd, LsbMemoryPlace memory, GError **error)
{
    return lift_speed_limit(domain, error) && prepare_migration(domain, fd, memory, error) &&
           (memory == LSB_MEMORY_IN_FILE ||
            tell_monitor(domain, "{\"execute\":\"stop\"}", error)) &&
           tell_monitor(domain, "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"fd:lsandbox\"}}",
                error) &&
           await_completion(domain, error);
}

static gboolean run_machine(virDomainPtr domain, GError **error)
{
    return tell_monitor(domain, "{\"execute\":\"cont\"}", error);
}

/*
 * QEMU refuses to continue the machine until a moment after the save is over
 * (migration_iteration_finish() of migration.c, qmp_cont()).
 */
gboolean lsb_snapshot_continue(virDomainPtr domain, GError **error)
{
    return await_progress(domain, "{\"execute\":\"query-status\"}", look_at_machine, error) &&
           run_machine(domain, error);
}

/* A machine that was stopped before the save stays stopped (QEMU, migration/global_state.c). */
gboolean lsb_snapshot_load(virDomainPtr domain, int fd, LsbMemoryPlace memory, GError **error)
{
    return prepare_migration(domain, fd, memory, error) &&
           tell_monitor(domain,
                "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"fd:lsandbox\"}}",
                error) &&
           await_completion(domain, error) &&
           (memory == LSB_MEMORY_IN_FILE || run_machine(domain, error));
}
