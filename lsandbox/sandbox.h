/*
 * A sandbox: its life cycle and its programs. All functions belong to the thread that turns the
 * default main context; those that wait turn it meanwhile. Reference counted.
 */
#ifndef LSANDBOX_SANDBOX_H
#define LSANDBOX_SANDBOX_H

#include <glib.h>

#include "spec.h"
#include "program.h"

typedef struct _LsbSandbox LsbSandbox;

typedef enum { LSB_NEW, LSB_STARTING, LSB_RUNNING, LSB_STOPPED } LsbState;

/* Milliseconds each step of the start took; 0: not reached. */
typedef struct {
    double domain; /* from start to libvirt having created the domain */
    double hello;  /* to the guest init's first word */
    double ready;  /* to the plan being carried out */
} LsbTimes;

/* Takes D over. Touches nothing of the host yet. */
LsbSandbox *lsb_sandbox_new(LsbDescription *d);
LsbSandbox *lsb_sandbox_ref(LsbSandbox *sb);
/* The last reference destroys the sandbox. NULL is fine. */
void lsb_sandbox_unref(LsbSandbox *sb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbSandbox, lsb_sandbox_unref)

const LsbDescription *lsb_sandbox_description(const LsbSandbox *sb);
LsbState lsb_sandbox_state(const LsbSandbox *sb);
const char *lsb_sandbox_state_name(const LsbSandbox *sb);
const LsbTimes *lsb_sandbox_times(const LsbSandbox *sb);
/* The guest's kernel release; NULL before it runs. */
const char *lsb_sandbox_kernel(const LsbSandbox *sb);
/* "kvm" or "tcg"; NULL for a container and before the start. */
const char *lsb_sandbox_accel(const LsbSandbox *sb);
/* The last lines of the boot console, printable. Caller frees. */
char *lsb_sandbox_log(const LsbSandbox *sb);

/* The domain XML: what libvirt was given, or would be. Caller frees. */
char *lsb_sandbox_xml(const LsbSandbox *sb, GError **error);

/*
 * Begin to start, without waiting; lsb_sandbox_starting() turns FALSE when that is over. Then
 * lsb_sandbox_start_result() says how it went. LSB_ERROR_STATE where it was started before.
 */
gboolean lsb_sandbox_start_begin(LsbSandbox *sb, GError **error);
gboolean lsb_sandbox_start_over(gpointer sb);
gboolean lsb_sandbox_start_result(LsbSandbox *sb, GError **error);

/* The three in one: start and wait. */
gboolean lsb_sandbox_start(LsbSandbox *sb, GError **error);

/*
 * Run a program. NULL with LSB_ERROR_STATE or LSB_ERROR_STOPPED when the sandbox does not run. See
 * lsb_program_new() for the rest. The caller owns a reference.
 */
LsbProgram *lsb_sandbox_spawn(LsbSandbox *sb, LsbProgramSpec *spec, int stdin_fd,
                              const LsbOutputTarget targets[2], GError **error);

/*
 * Ask the guest to end everything and wait, at most TIMEOUT seconds; then destroy what is left.
 * TRUE when the guest ended by itself; LSB_ERROR_TIMEOUT when it had to be destroyed.
 */
gboolean lsb_sandbox_stop(LsbSandbox *sb, double timeout, GError **error);

/* End it now. Programs that run are lost. Nothing of it is left when this returns; harmless twice.
 */
void lsb_sandbox_destroy(LsbSandbox *sb);

/* Why it ended, where not by stop or destroy: a borrowed error, or NULL. */
const GError *lsb_sandbox_reason(const LsbSandbox *sb);

#endif
