/*
 * The file service (files.h): mkdir, remove and rename. Each is a file_service.
 */
#ifndef LSANDBOX_INIT_FILECHANGE_H
#define LSANDBOX_INIT_FILECHANGE_H

int filechange_mkdir(char **argv);
int filechange_remove(char **argv);
int filechange_rename(char **argv);

#endif
