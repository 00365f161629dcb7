/*
 * The file service (files.h): get and put, whole trees out of the sandbox and into it. Each is a
 * file_service.
 */
#ifndef LSANDBOX_INIT_FILETREE_H
#define LSANDBOX_INIT_FILETREE_H

int filetree_get(char **argv);
int filetree_put(char **argv);

#endif
