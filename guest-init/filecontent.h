/*
 * The file service (files.h): read and write, the bytes of one file. Each is a file_service.
 */
#ifndef LSANDBOX_INIT_FILECONTENT_H
#define LSANDBOX_INIT_FILECONTENT_H

int filecontent_read(char **argv);
int filecontent_write(char **argv);

#endif
