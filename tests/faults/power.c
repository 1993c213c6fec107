/* Put before the system's calls (LD_PRELOAD), this writes into a log what a process and its children do to the files of one
   folder, and what they send: POWER_FOLDER is the folder, POWER_LOG the log. power.py reads it, and tells what a disk
   would have kept if the power had been cut at some record.

   What is written, cut off or removed is noted when it is done, before the caller knows: whatever builds upon it comes later. A
   sync, and an answer that is sent, is noted before. So the log never promises more than a disk. No sync is really done. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SENT_MAX 2000 /* an answer's head, by which it is known, is shorter */

static int log_file = -1;
static const char *folder;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("POWER_FOLDER");
    log_file = syscall(SYS_openat, AT_FDCWD, getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!folder || log_file < 0)
        abort();
}

/* Append a record: one call, which the system keeps whole among those of other threads and processes. */
static void note(char kind, const char *name, uint64_t offset, const void *data, uint32_t size) {
    int error = errno;
    struct __attribute__((packed)) {
        char kind;
        uint32_t name;
        uint64_t offset;
        uint32_t size;
    } head = {kind, strlen(name), offset, size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)name, head.name}, {(void *)data, size}};
    if (syscall(SYS_writev, log_file, parts, 3) != (long)(sizeof head + head.name + size))
        abort();
    errno = error;
}

/* Return the name of a path in the folder, nothing for the folder itself, and NULL for what is elsewhere. */
static const char *name_in_folder(const char *path) {
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0 || (path[length] != '/' && path[length] != 0))
        return NULL;
    return path[length] ? path + length + 1 : "";
}

/* Return likewise the name of an open file, whose path is put into a buffer of PATH_MAX. */
static const char *name_of(int file, char *path) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0)
        return NULL;
    path[length] = 0;
    return name_in_folder(path);
}

static int open_noted(int place, const char *path, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    int file = syscall(SYS_openat, place, path, flags, mode);
    const char *name = file >= 0 && (flags & O_CREAT) ? name_of(file, buffer) : NULL;
    if (name)
        note('o', name, 0, NULL, 0);
    return file;
}

/* Leave the third argument of a call that may make a file in `mode`. */
#define READ_MODE(flags) \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = (flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
    va_end(more)

int open(const char *path, int flags, ...) {
    READ_MODE(flags);
    return open_noted(AT_FDCWD, path, flags, mode);
}

int openat(int place, const char *path, int flags, ...) {
    READ_MODE(flags);
    return open_noted(place, path, flags, mode);
}

ssize_t write(int file, const void *data, size_t size) {
    char buffer[PATH_MAX];
    const char *name = name_of(file, buffer);
    off_t offset = name ? lseek(file, 0, SEEK_CUR) : 0;
    ssize_t written = syscall(SYS_write, file, data, size);
    if (name && written > 0)
        note('w', name, offset, data, written);
    return written;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset) {
    char buffer[PATH_MAX];
    const char *name = name_of(file, buffer);
    ssize_t written = syscall(SYS_pwrite64, file, data, size, offset);
    if (name && written > 0)
        note('w', name, offset, data, written);
    return written;
}

int ftruncate(int file, off_t size) {
    char buffer[PATH_MAX];
    const char *name = name_of(file, buffer);
    int failed = syscall(SYS_ftruncate, file, size);
    if (name && !failed)
        note('t', name, size, NULL, 0);
    return failed;
}

static int sync_noted(int file, long call) {
    char buffer[PATH_MAX];
    const char *name = name_of(file, buffer);
    if (!name)
        return syscall(call, file);
    note('s', name, 0, NULL, 0);
    return 0;
}

int fsync(int file) { return sync_noted(file, SYS_fsync); }

int fdatasync(int file) { return sync_noted(file, SYS_fdatasync); }

int unlink(const char *path) {
    const char *name = name_in_folder(path);
    int failed = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (name && !failed)
        note('u', name, 0, NULL, 0);
    return failed;
}

int rename(const char *before, const char *after) {
    const char *name = name_in_folder(before), *other = name_in_folder(after);
    int failed = syscall(SYS_renameat, AT_FDCWD, before, AT_FDCWD, after);
    if (name && other && !failed)
        note('r', name, 0, other, strlen(other));
    return failed;
}

ssize_t send(int connection, const void *data, size_t size, int flags) {
    note('a', "", 0, data, size < SENT_MAX ? size : SENT_MAX);
    return syscall(SYS_sendto, connection, data, size, flags, NULL, 0);
}

/* The other names of these on a system of 64 bits. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int place, const char *path, int flags, ...) __attribute__((alias("openat")));
ssize_t pwrite64(int file, const void *data, size_t size, off_t offset) __attribute__((alias("pwrite")));
int ftruncate64(int file, off_t size) __attribute__((alias("ftruncate")));
