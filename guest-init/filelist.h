/*
 * The file service (files.h): list and stat. Each is a file_service.
 */
#ifndef LSANDBOX_INIT_FILELIST_H
#define LSANDBOX_INIT_FILELIST_H

int filelist_list(char **argv);
int filelist_stat(char **argv);

#endif
