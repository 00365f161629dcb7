/*
 * Saving and loading a machine's state, with a monitor of the test's in place of libvirt's.
 */
#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "domain/template/snapshot.h"

/* The replies of the monitor to a command, one after the other; the last one is repeated. */
typedef struct {
    const char *command, *replies[4];
    guint asked;
} Answer;

static Answer *answers;
static GString *commands; /* names of commands that are no queries */

static Answer *answer_to(const char *name)
{
    for (Answer *a = answers; a->command; a++)
        if (strcmp(a->command, name) == 0)
            return a;
    return NULL;
}

static const char *reply_to(const char *name)
{
    Answer *a = answer_to(name);
    if (!a)
        return "{\"return\": {}}";
    const char *reply = a->replies[a->asked];
    if (a->replies[a->asked + 1])
        a->asked++;
    return reply;
}

int __wrap_virDomainQemuMonitorCommandWithFiles(virDomainPtr domain, const char *command,
                                                unsigned int n, int *files, unsigned int *n_out,
                                                int **files_out, char **result, unsigned int flags);
int __wrap_virDomainQemuMonitorCommandWithFiles(virDomainPtr domain, const char *command,
                                                unsigned int n, int *files, unsigned int *n_out,
                                                int **files_out, char **result, unsigned int flags)
{
    (void)domain, (void)n, (void)files, (void)n_out, (void)files_out, (void)flags;
    const char *start = strstr(command, "\"execute\":\"") + strlen("\"execute\":\"");
    g_autofree char *name = g_strndup(start, strcspn(start, "\""));
    if (!g_str_has_prefix(name, "query-"))
        g_string_append_printf(commands, "%s ", name);
    *result = strdup(reply_to(name));
    return 0;
}

#define MIGRATION(status) "{\"return\": {\"status\": \"" status "\"}}"
#define MACHINE(status)   "{\"return\": {\"running\": false, \"status\": \"" status "\"}}"

static void check_commands(const char *expected)
{
    g_assert_cmpstr(commands->str, ==, expected);
    g_string_truncate(commands, 0);
}

/*
 * QEMU calls a save completed, or failed, before its migration thread has set the machine's state to
 * "postmigrate"; "cont" is refused in between ("Migration is not finalized yet"), and the machine
 * stood still for ever.
 */
static void test_continued_too_early(void)
{
    Answer script[] = {
        {"query-migrate", {MIGRATION("active"), MIGRATION("completed")}, 0},
        {"query-status", {MACHINE("finish-migrate"), MACHINE("postmigrate")}, 0},
        {0},
    };
    g_autoptr(GError) error = NULL;
    answers = script;
    g_assert_true(lsb_snapshot_save(NULL, 0, LSB_MEMORY_IN_FILE, &error));
    g_assert_cmpuint(script[0].asked, ==, 1);
    check_commands("migrate-set-parameters migrate-set-capabilities getfd migrate ");
    g_assert_true(lsb_snapshot_continue(NULL, &error));
    g_assert_cmpuint(script[1].asked, ==, 1); /* asked again until it can be continued */
    check_commands("cont ");
}

static void test_stopped_first(void)
{
    Answer script[] = {{"query-migrate", {MIGRATION("completed")}, 0}, {0}};
    g_autoptr(GError) error = NULL;
    answers = script;
    g_assert_true(lsb_snapshot_save(NULL, 0, LSB_MEMORY_IN_STATE, &error));
    check_commands("migrate-set-parameters migrate-set-capabilities getfd stop migrate ");
}

static void test_load(void)
{
    Answer script[] = {{"query-migrate", {MIGRATION("active"), MIGRATION("completed")}, 0}, {0}};
    g_autoptr(GError) error = NULL;
    answers = script;
    g_assert_true(lsb_snapshot_load(NULL, 0, LSB_MEMORY_IN_FILE, &error));
    check_commands("migrate-set-capabilities getfd migrate-incoming ");
    g_assert_true(lsb_snapshot_load(NULL, 0, LSB_MEMORY_IN_STATE, &error));
    check_commands("migrate-set-capabilities getfd migrate-incoming cont ");
}

static void test_failure(void)
{
    static const char *const statuses[] = {MIGRATION("failed"), MIGRATION("cancelled")};
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        Answer script[] = {{"query-migrate", {MIGRATION("active"), statuses[i]}, 0}, {0}};
        g_autoptr(GError) error = NULL;
        answers = script;
        g_assert_false(lsb_snapshot_load(NULL, 0, LSB_MEMORY_IN_STATE, &error));
        g_assert_error(error, LSB_ERROR, LSB_ERROR_LIBVIRT);
        g_assert_true(g_str_has_prefix(error->message, "QEMU cannot move the machine's state: "));
        check_commands("migrate-set-capabilities getfd migrate-incoming ");
    }
}

static void test_refusal(void)
{
    Answer script[] = {{"getfd", {"{\"error\": {\"desc\": \"no\"}}"}, 0}, {0}};
    g_autoptr(GError) error = NULL;
    answers = script;
    g_assert_false(lsb_snapshot_save(NULL, 0, LSB_MEMORY_IN_FILE, &error));
    g_assert_true(g_str_has_prefix(error->message, "QEMU's monitor refuses "));
    check_commands("migrate-set-parameters migrate-set-capabilities getfd ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    commands = g_string_new(NULL);
    g_test_add_func("/snapshot/continued-too-early", test_continued_too_early);
    g_test_add_func("/snapshot/stopped-first", test_stopped_first);
    g_test_add_func("/snapshot/load", test_load);
    g_test_add_func("/snapshot/failure", test_failure);
    g_test_add_func("/snapshot/refusal", test_refusal);
    int result = g_test_run();
    g_string_free(commands, TRUE);
    return result;
}
