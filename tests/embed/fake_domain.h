/*
 * A sandbox without libvirt, for tests of everything above it: "starting the domain" makes a
 * socketpair and forks a child that runs the real guest init's server in this host's own root, as
 * an ordinary process. Linked in place of machine.c and container.c.
 */
#ifndef LSANDBOX_TEST_FAKE_DOMAIN_H
#define LSANDBOX_TEST_FAKE_DOMAIN_H

/*
 * How many were started and not ended yet, and how many guests did not end when they should have.
 */
int fake_domains_alive(void);
int fake_domains_stuck(void);

/* The guest's side: serve the relay at FD until it hangs up, and let no program live on. */
_Noreturn void fake_guest_run(int fd);

#endif
