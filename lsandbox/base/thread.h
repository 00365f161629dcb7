/* Threads whose files do not depend on the umask of the program that uses lsandbox. */
#ifndef LSANDBOX_BASE_THREAD_H
#define LSANDBOX_BASE_THREAD_H

#include <glib.h>

/*
 * Like g_thread_new(3), but with a umask of 022 and a current directory that are the new thread's
 * own, and those of the threads and processes that it starts (unshare(2), CLONE_FS). libvirt makes
 * files by the umask, and its functions that do so are called in such threads only: with a umask of
 * 077 QEMU's user could not enter libvirt's directories, and with 000 everybody could write there.
 * Where a seccomp filter refuses unshare(2), the umask stays the program's, because changing that
 * would change it for all threads.
 */
GThread *lsb_thread_new(const char *name, GThreadFunc func, gpointer data);

#endif
