/* The launcher's end of the keeper's socket; keeper.c has the protocol. */
#ifndef LSANDBOX_LAUNCHER_REGISTER_H
#define LSANDBOX_LAUNCHER_REGISTER_H

/*
 * Have the keeper at PATH watch this process, and kill it when the owner ends. The watch survives
 * exec. No keeper, a refusal, and no answer within 5 seconds are fatal.
 */
void register_with_keeper(const char *path);

#endif
