// SPDX-License-Identifier: Apache-2.0
//
// read and write: events, fields, and where they come from. For syscalls.cpp only.
#pragma once

#include <array>
#include <cstdint>

#include "event/room.h"
#include "syscalls/call_fields.h"
#include "syscalls/io_text.h"
#include "syscalls/room_parts.h"
#include "syscalls/socket_fields.h"

namespace gancho::syscalls::io {

using enum FieldType;

// Field groups of ev_header::present, as bit numbers.
constexpr std::uint8_t k_result = 0;
constexpr std::uint8_t k_size = 1;
constexpr std::uint8_t k_offset = 2;
constexpr std::uint8_t k_origin = 3;
constexpr std::uint8_t k_socket = 4;
static_assert(EV_IO_HAS_RESULT == 1ULL << k_result && EV_IO_HAS_SIZE == 1ULL << k_size &&
              EV_IO_HAS_OFFSET == 1ULL << k_offset && EV_IO_HAS_ORIGIN == 1ULL << k_origin &&
              EV_IO_HAS_SOCKET == 1ULL << k_socket);

constexpr auto k_origins = std::to_array<NamedNumber>({
    {EV_ORIGIN_INHERITED, "inherited"},
    {EV_ORIGIN_RECEIVED, "received"},
});

#define AT(member) offsetof(ev_io_call, member)

constexpr SocketAt k_socket_at{.offset = AT(socket), .present = k_socket};

constexpr auto k_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "bytes that were moved; absent when it failed, or was under way still"},
    {.name = "evt.arg.size",
     .type = u64,
     .offset = AT(size),
     .present = k_size,
     .unit = "bytes",
     .meaning = "bytes asked for; of several buffers together as far as the caller's memory tells"},
    {.name = "evt.arg.offset",
     .type = u64,
     .offset = AT(offset),
     .present = k_offset,
     .phase = Phase::after,
     .unit = "bytes",
     .meaning = "where in the file it began; of regular files and block devices, unless an "
                "io_uring has it under way"},
    {.name = "evt.is_async",
     .type = flag,
     .offset = AT(call.flags),
     .mask = EV_CALL_ASYNC,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning =
         "it was begun, and under way still (aio, io_uring): what becomes of it is not told"},
    {.name = "fd.origin",
     .type = named,
     .offset = AT(origin),
     .present = k_origin,
     .meaning = "how the program has come by a descriptor that it did not open itself: inherited, "
                "received; absent also when nobody knows",
     .names = k_origins},
    {.name = "fd.name",
     .type = path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning =
         "path of the file, seen from the process's root; of a socket see fd.lip and others"},
    {.name = "fd.hostpath",
     .type = host_path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning = "the same path as far up as the mount tree goes"},
    {.name = "fd.is_deleted",
     .type = path_flag,
     .offset = AT(path),
     .mask = EV_PATH_DELETED,
     .cost = Cost::high,
     .meaning = "no name leads to the file any more, or none ever did (O_TMPFILE)"},
    {.name = "fd.is_unreachable",
     .type = path_flag,
     .offset = AT(path),
     .mask = EV_PATH_UNREACHABLE,
     .cost = Cost::high,
     .meaning = "the file lies outside of the process's root"},
    {.name = "fd.ino", .type = u64, .offset = AT(inode), .meaning = "inode number of the file"},
    {.name = "fd.dev", .type = device, .offset = AT(dev), .meaning = "device of its file system"},
    {.name = "fd.type", .type = file_type, .offset = AT(mode), .meaning = "type of the file"},
    {.name = "fd.mode", .type = mode, .offset = AT(mode), .meaning = "permissions of the file"},
});

#undef AT

constexpr auto k_fields = join(k_call_fields, k_own_fields, socket_kind_fields(k_socket_at),
                               socket_local_fields(k_socket_at), socket_remote_fields(k_socket_at));

constexpr auto k_events = std::to_array<EventDesc>({
    call_event<ev_io_call>(EV_READ, "read", "io",
                           "bytes of a watched file, or by a descriptor that was handed over, were "
                           "read, or an attempt failed",
                           k_fields, io_text),
    call_event<ev_io_call>(EV_WRITE, "write", "io",
                           "bytes were written to a watched file, or by a descriptor that was "
                           "handed over, or an attempt failed",
                           k_fields, io_text),
});

// The iterator tells what watched files are called in the kernel.
constexpr Programs<3> k_read{"fexit__vfs_read", "fexit__vfs_readv", "iter__task_file"};
constexpr Programs<3> k_write{"fexit__vfs_write", "fexit__vfs_writev", "iter__task_file"};
// What a kernel without io_uring or aio lacks, or has inlined.
constexpr Programs<6> k_read_rare{"fexit__io_read",          "fexit__aio_read",
                                  "fexit__do_splice",        "fexit__splice_file_to_pipe",
                                  "fexit__do_splice_direct", "fexit__vfs_copy_file_range"};
constexpr Programs<5> k_write_rare{"fexit__io_write", "fexit__aio_write", "fexit__do_splice",
                                   "fexit__do_splice_direct", "fexit__vfs_copy_file_range"};
// Fewer than these tell of one file what was true of another.
constexpr Programs<3> k_handed{"fentry__security_file_receive", "fentry__security_file_free",
                               "tp_btf__sched_process_exec"};

constexpr std::string_view k_handed_signal = "handed_over";
constexpr std::array k_handed_signals{k_handed_signal};

// By tracepoints.
constexpr Programs<3> k_bare_io_programs{"tp_btf__sys_enter", "tp_btf__sys_exit",
                                         "iter__task_file"};
constexpr std::string_view k_bare_io =
    "of io_submit it is not seen what becomes of a request, nor the first one when it is refused, "
    "and "
    "what was asked for is read from memory that the caller can change; the file is the one that "
    "the descriptor stands for before and "
    "afterwards; "
    "of an io_uring it is not seen what is to say nothing of its success; "
    "every "
    "system call of the machine takes longer";

constexpr auto k_signals = std::to_array<SignalDesc>({
    trampoline_signal<k_read, k_read_rare, k_bare_io, k_bare_io_programs, k_bare_rings>(
        "read", "what is read from files", EV_READ),
    trampoline_signal<k_write, k_write_rare, k_bare_io, k_bare_io_programs, k_bare_rings>(
        "write", "what is written to files", EV_WRITE),
    trampoline_signal<k_handed>(k_handed_signal, "descriptors that programs inherit and receive",
                                EV_HANDED_OVER),
});

constexpr OperationDesc io_operation(ev_type type, std::string_view calls,
                                     std::string_view missed) {
  return {.event = static_cast<std::uint16_t>(type),
          .entries = entry::calls | entry::io_uring,
          .calls = calls,
          .source =
              "the file itself; the kernel's own numbers; the caller's memory for the size of "
              "several buffers, and on a bare kernel for the places in the files of a copy "
              "(`evt.arg.user_memory`)",
          .missed = missed,
          .signals = k_handed_signals};
}

constexpr auto k_operations = std::to_array<OperationDesc>({
    io_operation(EV_READ,
                 "read, pread64, readv, preadv, preadv2, sendfile, splice, copy_file_range, "
                 "io_submit, by watched files and descriptors that were handed over",
                 "what is read through a mapping (mmap); recv and its kind of a socket, tee; an "
                 "io_uring's multishot read; the same file through an overlay above it, or below; "
                 "a descriptor or an offset that is none; a descriptor that was handed over before "
                 "the agent watched for it, or beyond the first 256 of an exec; who was handed a "
                 "pipe, a terminal or another device"),
    io_operation(
        EV_WRITE,
        "write, pwrite64, writev, pwritev, pwritev2, sendfile, splice, copy_file_range, "
        "io_submit, by watched files and descriptors that were handed over",
        "what is written through a mapping (mmap); send and its kind of a socket, tee and "
        "vmsplice; clones of whole files (ioctl FICLONE), fallocate; the same file through "
        "an overlay above it, or below; a descriptor or an offset that is none; a "
        "descriptor that was handed over before the agent watched for it, or beyond the "
        "first 256 of an exec; who was handed a pipe, a terminal or another device"),
});

}  // namespace gancho::syscalls::io
