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
  BARE_OPEN = 2,      /* at the exit: the file that the descriptor stands for then */
  BARE_ASKED = 3,     /* arguments are where attributes.bpf.h finds them for .function */
  BARE_PRIVILEGE = 4, /* as privilege.bpf.h does it for .function */
  BARE_SOCKET = 5,    /* at the exit: the socket; .function says which call (bare_sockets.bpf.h) */
  BARE_DUP = 6,   /* at the exit: what lands on 0, 1, 2; this and the rest: bare_privilege.bpf.h */
  BARE_CLONE = 7, /* at the exit, with what the entry was given */
  BARE_MMAP = 8,
  BARE_MPROTECT = 9, /* the entry looks at the memory as it was */
  BARE_IO = 10,      /* of a watched file; .function: enum bare_io (bare_io.bpf.h) */
  BARE_COPY = 11,    /* from one file to another; .function: enum bare_copy (bare_io.bpf.h) */
  BARE_AIO = 12,     /* several of BARE_IO, which go on when the call is over */
};

/* By the numbers of socketcall(2), uapi/linux/net.h. */
enum bare_socket_call {
  BARE_ANY_SOCKET_CALL = 0, /* socketcall(2) itself */
  BARE_SOCKET_NEW = 1,
  BARE_BIND = 2,
  BARE_CONNECT = 3,
  BARE_LISTEN = 4,
  BARE_ACCEPT = 5,
  BARE_SOCKETPAIR = 8,
  BARE_SENDTO = 11,
  BARE_SENDMSG = 16,
  BARE_ACCEPT4 = 18,
  BARE_SENDMMSG = 20,
};

/* mmap before mmap2: six words, where its argument points to */
#define BARE_IN_MEMORY 1

enum bare_io {
  BARE_IO_VECTOR = 1,    /* several buffers */
  BARE_IO_AT = 2,        /* from a place that is told */
  BARE_IO_OR_STANDS = 4, /* or, when that is -1, where the file stands */
};

/* Where the descriptors are, and the places in the files. */
enum bare_copy {
  BARE_COPY_RANGE = 0,  /* from, place, to, place, size */
  BARE_SENDFILE = 1,    /* to, from, place in that, size */
  BARE_SENDFILE_32 = 2, /* the same, and the place has 32 bits */
};

/*
 * CALL(NAME, NUMBER, NUMBER32, MEMBER...): a call of both tables; CALL32(NAME, NUMBER32,
 * MEMBER...): of the 32-bit table alone, CALL64(NAME, NUMBER, MEMBER...) of the other. Members are
 * those of struct bare_call; arguments are counted from 1.
 */
#define BARE_CALLS(CALL, CALL64, CALL32)                                                           \
  CALL(open, 2, 5, .type = EV_OPEN, .way = BARE_OPEN, .name = 1, .flags = 2, .mode = 3)            \
  CALL(creat, 85, 8, .type = EV_OPEN, .way = BARE_OPEN, .name = 1, .mode = 2)                      \
  CALL(openat, 257, 295, .type = EV_OPEN, .way = BARE_OPEN, .name = 2, .flags = 3, .mode = 4)      \
  CALL(openat2, 437, 437, .type = EV_OPEN, .way = BARE_OPEN, .name = 2, .how = 3)                  \
  CALL(open_by_handle_at, 304, 342, .type = EV_OPEN, .way = BARE_OPEN, .flags = 3)                 \
                                                                                                   \
  CALL(read, 0, 3, .type = EV_READ, .way = BARE_IO)                                                \
  CALL(pread64, 17, 180, .type = EV_READ, .way = BARE_IO, .function = BARE_IO_AT)                  \
  CALL(readv, 19, 145, .type = EV_READ, .way = BARE_IO, .function = BARE_IO_VECTOR)                \
  CALL(preadv, 295, 333, .type = EV_READ, .way = BARE_IO, .function = BARE_IO_VECTOR | BARE_IO_AT) \
  CALL(preadv2, 327, 378, .type = EV_READ, .way = BARE_IO,                                         \
       .function = BARE_IO_VECTOR | BARE_IO_AT | BARE_IO_OR_STANDS)                                \
  CALL(write, 1, 4, .type = EV_WRITE, .way = BARE_IO)                                              \
  CALL(pwrite64, 18, 181, .type = EV_WRITE, .way = BARE_IO, .function = BARE_IO_AT)                \
  CALL(writev, 20, 146, .type = EV_WRITE, .way = BARE_IO, .function = BARE_IO_VECTOR)              \
  CALL(pwritev, 296, 334, .type = EV_WRITE, .way = BARE_IO,                                        \
       .function = BARE_IO_VECTOR | BARE_IO_AT)                                                    \
  CALL(pwritev2, 328, 379, .type = EV_WRITE, .way = BARE_IO,                                       \
       .function = BARE_IO_VECTOR | BARE_IO_AT | BARE_IO_OR_STANDS)                                \
                                                                                                   \
  CALL64(sendfile, 40, .type = EV_READ, .way = BARE_COPY, .function = BARE_SENDFILE, .several = 1) \
  CALL32(sendfile, 187, .type = EV_READ, .way = BARE_COPY, .function = BARE_SENDFILE_32,           \
         .several = 1)                                                                             \
  CALL32(sendfile64, 239, .type = EV_READ, .way = BARE_COPY, .function = BARE_SENDFILE,            \
         .several = 1)                                                                             \
  CALL(splice, 275, 313, .type = EV_READ, .way = BARE_COPY, .function = BARE_COPY_RANGE,           \
       .several = 1)                                                                               \
  CALL(copy_file_range, 326, 377, .type = EV_READ, .way = BARE_COPY, .function = BARE_COPY_RANGE,  \
       .several = 1)                                                                               \
  CALL(io_submit, 209, 248, .type = EV_READ, .way = BARE_AIO, .several = 1)                        \
                                                                                                   \
  CALL(unlink, 87, 10, .type = EV_UNLINK, .way = BARE_NAME, .name = 1)                             \
  CALL(unlinkat, 263, 301, .type = EV_UNLINK, .way = BARE_NAME, .name = 2, .remove = 3,            \
       .several = 1)                                                                               \
  CALL(rmdir, 84, 40, .type = EV_RMDIR, .way = BARE_NAME, .name = 1)                               \
  CALL(rename, 82, 38, .type = EV_RENAME, .way = BARE_NAME, .name = 1, .to_name = 2)               \
  CALL(renameat, 264, 302, .type = EV_RENAME, .way = BARE_NAME, .name = 2, .to_name = 4)           \
  CALL(renameat2, 316, 353, .type = EV_RENAME, .way = BARE_NAME, .name = 2, .to_name = 4,          \
       .flags = 5)                                                                                 \
  CALL(link, 86, 9, .type = EV_LINK, .way = BARE_NAME, .name = 1, .to_name = 2)                    \
  CALL(linkat, 265, 303, .type = EV_LINK, .way = BARE_NAME, .name = 2, .to_name = 4, .flags = 5)   \
  CALL(symlink, 88, 83, .type = EV_SYMLINK, .way = BARE_NAME, .name = 1, .to_name = 2)             \
  CALL(symlinkat, 266, 304, .type = EV_SYMLINK, .way = BARE_NAME, .name = 1, .to_name = 3)         \
  CALL(mkdir, 83, 39, .type = EV_MKDIR, .way = BARE_NAME, .name = 1, .mode = 2)                    \
  CALL(mkdirat, 258, 296, .type = EV_MKDIR, .way = BARE_NAME, .name = 2, .mode = 3)                \
  CALL(mknod, 133, 14, .type = EV_MKNOD, .way = BARE_NAME, .name = 1, .mode = 2, .device = 3)      \
  CALL(mknodat, 259, 297, .type = EV_MKNOD, .way = BARE_NAME, .name = 2, .mode = 3, .device = 4)   \
                                                                                                   \
  CALL(chmod, 90, 15, .type = EV_CHMOD, .way = BARE_ASKED, .function = PROBE_sys_chmod)            \
  CALL(fchmod, 91, 94, .type = EV_CHMOD, .way = BARE_ASKED, .function = PROBE_sys_fchmod, .fd = 1) \
  CALL(fchmodat, 268, 306, .type = EV_CHMOD, .way = BARE_ASKED, .function = PROBE_sys_fchmodat)    \
  CALL(fchmodat2, 452, 452, .type = EV_CHMOD, .way = BARE_ASKED, .function = PROBE_sys_fchmodat2)  \
  CALL(chown, 92, 182, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_do_fchownat)         \
  CALL(lchown, 94, 16, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_do_fchownat)         \
  CALL(fchown, 93, 95, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_ksys_fchown,         \
       .fd = 1)                                                                                    \
  CALL(fchownat, 260, 298, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_do_fchownat)     \
  CALL32(chown32, 212, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_do_fchownat)         \
  CALL32(lchown32, 198, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_do_fchownat)        \
  CALL32(fchown32, 207, .type = EV_CHOWN, .way = BARE_ASKED, .function = PROBE_ksys_fchown,        \
         .fd = 1)                                                                                  \
  CALL(truncate, 76, 92, .type = EV_TRUNCATE, .way = BARE_ASKED, .function = PROBE_sys_truncate)   \
  CALL32(truncate64, 193, .type = EV_TRUNCATE, .way = BARE_ASKED,                                  \
         .function = PROBE_sys_ia32_truncate64)                                                    \
  CALL(ftruncate, 77, 93, .type = EV_TRUNCATE, .way = BARE_ASKED,                                  \
       .function = PROBE_do_sys_ftruncate, .fd = 1)                                                \
  CALL32(ftruncate64, 194, .type = EV_TRUNCATE, .way = BARE_ASKED,                                 \
         .function = PROBE_do_sys_ftruncate, .fd = 1)                                              \
  CALL(setxattr, 188, 226, .type = EV_SETXATTR, .way = BARE_ASKED,                                 \
       .function = PROBE_path_setxattr)                                                            \
  CALL(lsetxattr, 189, 227, .type = EV_SETXATTR, .way = BARE_ASKED,                                \
       .function = PROBE_path_setxattr)                                                            \
  CALL(fsetxattr, 190, 228, .type = EV_SETXATTR, .way = BARE_ASKED,                                \
       .function = PROBE_sys_fsetxattr, .fd = 1)                                                   \
  CALL(removexattr, 197, 235, .type = EV_REMOVEXATTR, .way = BARE_ASKED,                           \
       .function = PROBE_path_removexattr)                                                         \
  CALL(lremovexattr, 198, 236, .type = EV_REMOVEXATTR, .way = BARE_ASKED,                          \
       .function = PROBE_path_removexattr)                                                         \
  CALL(fremovexattr, 199, 237, .type = EV_REMOVEXATTR, .way = BARE_ASKED,                          \
       .function = PROBE_sys_fremovexattr, .fd = 1)                                                \
                                                                                                   \
  CALL(chdir, 80, 12, .type = EV_CHDIR, .way = BARE_ASKED, .function = PROBE_sys_chdir)            \
  CALL(fchdir, 81, 133, .type = EV_CHDIR, .way = BARE_ASKED, .function = PROBE_sys_fchdir,         \
       .fd = 1)                                                                                    \
  CALL(chroot, 161, 61, .type = EV_CHROOT, .way = BARE_ASKED, .function = PROBE_sys_chroot)        \
  CALL(mount, 165, 21, .type = EV_MOUNT, .way = BARE_ASKED, .function = PROBE_sys_mount)           \
  CALL(umount2, 166, 52, .type = EV_UMOUNT, .way = BARE_ASKED, .function = PROBE_sys_umount)       \
  CALL32(umount, 22, .type = EV_UMOUNT, .way = BARE_ASKED, .function = PROBE_sys_oldumount)        \
  CALL(move_mount, 429, 429, .type = EV_MOVE_MOUNT, .way = BARE_ASKED,                             \
       .function = PROBE_sys_move_mount)                                                           \
  CALL(pivot_root, 155, 217, .type = EV_PIVOT_ROOT, .way = BARE_ASKED,                             \
       .function = PROBE_sys_pivot_root)                                                           \
                                                                                                   \
  CALL(kill, 62, 37, .type = EV_KILL, .way = BARE_PRIVILEGE, .function = PROBE_sys_kill)           \
  CALL(tkill, 200, 238, .type = EV_KILL, .way = BARE_PRIVILEGE, .function = PROBE_sys_tkill)       \
  CALL(tgkill, 234, 270, .type = EV_KILL, .way = BARE_PRIVILEGE, .function = PROBE_sys_tgkill)     \
  CALL(rt_sigqueueinfo, 129, 178, .type = EV_KILL, .way = BARE_PRIVILEGE,                          \
       .function = PROBE_sys_rt_sigqueueinfo)                                                      \
  CALL(rt_tgsigqueueinfo, 297, 335, .type = EV_KILL, .way = BARE_PRIVILEGE,                        \
       .function = PROBE_sys_rt_tgsigqueueinfo)                                                    \
  CALL(pidfd_send_signal, 424, 424, .type = EV_KILL, .way = BARE_PRIVILEGE,                        \
       .function = PROBE_sys_pidfd_send_signal)                                                    \
  CALL(ptrace, 101, 26, .type = EV_PTRACE, .way = BARE_PRIVILEGE, .function = PROBE_sys_ptrace)    \
  CALL(process_vm_readv, 310, 347, .type = EV_PROCESS_VM, .way = BARE_PRIVILEGE,                   \
       .function = PROBE_sys_process_vm_readv)                                                     \
  CALL(process_vm_writev, 311, 348, .type = EV_PROCESS_VM, .way = BARE_PRIVILEGE,                  \
       .function = PROBE_sys_process_vm_writev)                                                    \
  CALL(process_madvise, 440, 440, .type = EV_PROCESS_VM, .way = BARE_PRIVILEGE,                    \
       .function = PROBE_sys_process_madvise)                                                      \
  CALL(setns, 308, 346, .type = EV_SETNS, .way = BARE_PRIVILEGE, .function = PROBE_sys_setns)      \
  CALL(unshare, 272, 310, .type = EV_UNSHARE, .way = BARE_PRIVILEGE,                               \
       .function = PROBE_sys_unshare)                                                              \
  CALL(bpf, 321, 357, .type = EV_BPF, .way = BARE_PRIVILEGE, .function = PROBE_sys_bpf)            \
  CALL(perf_event_open, 298, 336, .type = EV_PERF_EVENT_OPEN, .way = BARE_PRIVILEGE,               \
       .function = PROBE_sys_perf_event_open)                                                      \
  CALL(init_module, 175, 128, .type = EV_MODULE_LOAD, .way = BARE_PRIVILEGE,                       \
       .function = PROBE_sys_init_module, .to_name = 3)                                            \
  CALL(finit_module, 313, 350, .type = EV_MODULE_LOAD, .way = BARE_PRIVILEGE,                      \
       .function = PROBE_sys_finit_module, .to_name = 2, .fd = 1)                                  \
  CALL(delete_module, 176, 129, .type = EV_MODULE_DELETE, .way = BARE_PRIVILEGE,                   \
       .function = PROBE_sys_delete_module, .name = 1)                                             \
  CALL(kexec_load, 246, 283, .type = EV_KEXEC, .way = BARE_PRIVILEGE,                              \
       .function = PROBE_sys_kexec_load)                                                           \
  CALL64(kexec_file_load, 320, .type = EV_KEXEC, .way = BARE_PRIVILEGE,                            \
         .function = PROBE_sys_kexec_file_load, .fd = 1)                                           \
  CALL(keyctl, 250, 288, .type = EV_KEYCTL, .way = BARE_PRIVILEGE, .function = PROBE_sys_keyctl)   \
  CALL(add_key, 248, 286, .type = EV_ADD_KEY, .way = BARE_PRIVILEGE,                               \
       .function = PROBE_sys_add_key, .to_name = 1, .name = 2)                                     \
  CALL(request_key, 249, 287, .type = EV_REQUEST_KEY, .way = BARE_PRIVILEGE,                       \
       .function = PROBE_sys_request_key, .to_name = 1, .name = 2)                                 \
  CALL(memfd_create, 319, 356, .type = EV_MEMFD_CREATE, .way = BARE_PRIVILEGE,                     \
       .function = PROBE_sys_memfd_create, .name = 1)                                              \
  CALL(io_uring_setup, 425, 425, .type = EV_IO_URING_SETUP, .way = BARE_PRIVILEGE,                 \
       .function = PROBE_sys_io_uring_setup)                                                       \
  CALL(userfaultfd, 323, 374, .type = EV_USERFAULTFD, .way = BARE_PRIVILEGE,                       \
       .function = PROBE_sys_userfaultfd)                                                          \
  CALL(dup, 32, 41, .type = EV_DUP, .way = BARE_DUP)                                               \
  CALL(dup2, 33, 63, .type = EV_DUP, .way = BARE_PRIVILEGE, .function = PROBE_sys_dup2)            \
  CALL(dup3, 292, 330, .type = EV_DUP, .way = BARE_PRIVILEGE, .function = PROBE_sys_dup3)          \
  CALL(fcntl, 72, 55, .type = EV_DUP, .way = BARE_DUP, .flags = 2)                                 \
  CALL32(fcntl64, 221, .type = EV_DUP, .way = BARE_DUP, .flags = 2)                                \
  CALL(clone, 56, 120, .type = EV_CLONE, .way = BARE_CLONE, .flags = 1)                            \
  CALL(clone3, 435, 435, .type = EV_CLONE, .way = BARE_CLONE)                                      \
  CALL64(mmap, 9, .type = EV_MEMORY_EXEC, .way = BARE_MMAP)                                        \
  CALL32(mmap, 90, .type = EV_MEMORY_EXEC, .way = BARE_MMAP, .function = BARE_IN_MEMORY)           \
  CALL32(mmap2, 192, .type = EV_MEMORY_EXEC, .way = BARE_MMAP)                                     \
  CALL(mprotect, 10, 125, .type = EV_MEMORY_EXEC, .way = BARE_MPROTECT)                            \
  CALL(pkey_mprotect, 329, 380, .type = EV_MEMORY_EXEC, .way = BARE_MPROTECT)                      \
                                                                                                   \
  CALL(socket, 41, 359, .type = EV_SOCKET, .way = BARE_SOCKET, .function = BARE_SOCKET_NEW)        \
  CALL(socketpair, 53, 360, .type = EV_SOCKETPAIR, .way = BARE_SOCKET,                             \
       .function = BARE_SOCKETPAIR)                                                                \
  CALL(bind, 49, 361, .type = EV_BIND, .way = BARE_SOCKET, .function = BARE_BIND)                  \
  CALL(listen, 50, 363, .type = EV_LISTEN, .way = BARE_SOCKET, .function = BARE_LISTEN)            \
  CALL(connect, 42, 362, .type = EV_CONNECT, .way = BARE_SOCKET, .function = BARE_CONNECT)         \
  CALL(sendto, 44, 369, .type = EV_CONNECT, .way = BARE_SOCKET, .function = BARE_SENDTO)           \
  CALL(sendmsg, 46, 370, .type = EV_CONNECT, .way = BARE_SOCKET, .function = BARE_SENDMSG)         \
  CALL(sendmmsg, 307, 345, .type = EV_CONNECT, .way = BARE_SOCKET, .function = BARE_SENDMMSG)      \
  CALL64(accept, 43, .type = EV_ACCEPT, .way = BARE_SOCKET, .function = BARE_ACCEPT)               \
  CALL(accept4, 288, 364, .type = EV_ACCEPT, .way = BARE_SOCKET, .function = BARE_ACCEPT4)         \
  CALL32(socketcall, 102, .type = EV_SOCKET, .way = BARE_SOCKET, .function = BARE_ANY_SOCKET_CALL, \
         .several = 1)

#endif
