/*
 * The file service (files.h): watch, a file_service that runs until its stdin ends.
 */
#ifndef LSANDBOX_INIT_FILEWATCH_H
#define LSANDBOX_INIT_FILEWATCH_H

int filewatch_run(char **argv);

#endif
