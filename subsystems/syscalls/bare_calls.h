/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which system calls are which operations, and where their arguments are. The kernel side makes a
 * table of it, tests hold it to the names of system calls.
 */
#ifndef GANCHO_BARE_CALLS_H
#define GANCHO_BARE_CALLS_H

/* How the record of a call is made (bare.bpf.h). */
enum bare_way {
  BARE_NAME = 1,      /* the entry has all that is given: names, numbers */
  BARE_FILE = 2,      /* and the file that the first argument, a descriptor, stands for */
  BARE_OPEN = 3,      /* at the exit: the file that the descriptor stands for then */
  BARE_PRIVILEGE = 4, /* as privilege.bpf.h does it for the call's function, .function */
};

/*
 * CALL(NAME, NUMBER, NUMBER32, MEMBER...): a call of both tables; CALL32(NAME, NUMBER32,
 * MEMBER...): of the 32-bit table alone. Members are those of struct bare_call; arguments are
 * counted from 1.
 */
#define BARE_CALLS(CALL, CALL32)                                                                 \
  CALL(open, 2, 5, .type = EV_OPEN, .way = BARE_OPEN, .name = 1, .flags = 2, .mode = 3)          \
  CALL(creat, 85, 8, .type = EV_OPEN, .way = BARE_OPEN, .name = 1, .mode = 2)                    \
  CALL(openat, 257, 295, .type = EV_OPEN, .way = BARE_OPEN, .name = 2, .flags = 3, .mode = 4)    \
  CALL(openat2, 437, 437, .type = EV_OPEN, .way = BARE_OPEN, .name = 2, .how = 3)                \
  CALL(open_by_handle_at, 304, 342, .type = EV_OPEN, .way = BARE_OPEN, .flags = 3)               \
                                                                                                 \
  CALL(unlink, 87, 10, .type = EV_UNLINK, .way = BARE_NAME, .name = 1)                           \
  CALL(unlinkat, 263, 301, .type = EV_UNLINK, .way = BARE_NAME, .name = 2, .remove = 3)          \
  CALL(rmdir, 84, 40, .type = EV_RMDIR, .way = BARE_NAME, .name = 1)                             \
  CALL(rename, 82, 38, .type = EV_RENAME, .way = BARE_NAME, .name = 1, .to_name = 2)             \
  CALL(renameat, 264, 302, .type = EV_RENAME, .way = BARE_NAME, .name = 2, .to_name = 4)         \
  CALL(renameat2, 316, 353, .type = EV_RENAME, .way = BARE_NAME, .name = 2, .to_name = 4,        \
       .flags = 5)                                                                               \
  CALL(link, 86, 9, .type = EV_LINK, .way = BARE_NAME, .name = 1, .to_name = 2)                  \
  CALL(linkat, 265, 303, .type = EV_LINK, .way = BARE_NAME, .name = 2, .to_name = 4, .flags = 5) \
  CALL(symlink, 88, 83, .type = EV_SYMLINK, .way = BARE_NAME, .name = 1, .to_name = 2)           \
  CALL(symlinkat, 266, 304, .type = EV_SYMLINK, .way = BARE_NAME, .name = 1, .to_name = 3)       \
  CALL(mkdir, 83, 39, .type = EV_MKDIR, .way = BARE_NAME, .name = 1, .mode = 2)                  \
  CALL(mkdirat, 258, 296, .type = EV_MKDIR, .way = BARE_NAME, .name = 2, .mode = 3)              \
  CALL(mknod, 133, 14, .type = EV_MKNOD, .way = BARE_NAME, .name = 1, .mode = 2, .device = 3)    \
  CALL(mknodat, 259, 297, .type = EV_MKNOD, .way = BARE_NAME, .name = 2, .mode = 3, .device = 4)

#endif
