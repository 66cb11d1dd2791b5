// Stands between a process and one of its files, to test what becomes of it when the power fails or the disk does.
//
//   DISK_FILE     the file; every other is left alone
//   DISK_SHADOW   gets what the disk would still have after the power failed: what fdatasync or fsync have returned for, what was
//                 written through a descriptor with O_DSYNC or O_SYNC, and, since a system may write at any time,
//                 DISK_WRITTEN percent of all other writes, chosen by DISK_SEED
//   DISK_FAIL     call:number:errno makes a call fail from its nth time on: pwrite, dsync (a pwrite that synchronises) or fdatasync,
//                 as in fdatasync:3:5
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096

struct extent {
  off_t offset;
  size_t length;
  char *bytes;
  struct extent *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// of each descriptor: 0 for other files, 1 for the file, 2 for the file with O_DSYNC or O_SYNC
static char tracked[MOST_FILES];
// written and not synchronised, in order
static struct extent *first, **last = &first;
static int shadow = -1;
static uint32_t state = 1;
static int counts[3];
// which file it is
static dev_t device;
static ino_t node;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static uint32_t draw(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

// not all that close a file come by here, and the next file then has the same descriptor
static int kind(int fd) {
  if (fd < 0 || fd >= MOST_FILES || !tracked[fd]) return 0;
  struct stat stat;
  if (fstat(fd, &stat) == 0 && stat.st_dev == device && stat.st_ino == node) return tracked[fd];
  tracked[fd] = 0;
  return 0;
}

static ssize_t real_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  static ssize_t (*function)(int, const void *, size_t, off64_t);
  if (!function) function = next("pwrite64");
  return function(fd, bytes, length, offset);
}

static void give_up(const char *why) {
  fprintf(stderr, "disk-shim: %s\n", why);
  abort();
}

static int fails(int which, const char *name) {
  const char *plan = getenv("DISK_FAIL");
  if (!plan) return 0;
  size_t length = strlen(name);
  if (strncmp(plan, name, length) || plan[length] != ':') return 0;
  char *rest;
  long from = strtol(plan + length + 1, &rest, 10);
  if (++counts[which] < from) return 0;
  errno = (int)strtol(rest + 1, NULL, 10);
  return 1;
}

static void persist(const char *bytes, size_t length, off_t offset) {
  if (shadow < 0) return;
  while (length > 0) {
    ssize_t done = real_pwrite(shadow, bytes, length, offset);
    if (done <= 0) give_up("cannot write the shadow");
    bytes += done;
    length -= done;
    offset += done;
  }
}

static void track(int fd, const char *path, int flags) {
  const char *file = getenv("DISK_FILE");
  if (fd < 0 || !file || strcmp(path, file)) return;
  if (fd >= MOST_FILES) give_up("too many descriptors");
  pthread_mutex_lock(&lock);
  struct stat stat;
  if (fstat(fd, &stat)) give_up("fstat failed");
  device = stat.st_dev;
  node = stat.st_ino;
  tracked[fd] = flags & (O_DSYNC | O_SYNC) ? 2 : 1;
  const char *name = getenv("DISK_SHADOW");
  if (shadow < 0 && name) {
    int (*function)(const char *, int, ...) = next("open64");
    shadow = function(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (shadow < 0) give_up("cannot open the shadow");
    const char *seed = getenv("DISK_SEED");
    if (seed) state = (uint32_t)strtoul(seed, NULL, 10) | 1;
  }
  pthread_mutex_unlock(&lock);
}

#define OPEN(name)                                         \
  int name(const char *path, int flags, ...) {             \
    static int (*function)(const char *, int, ...);        \
    if (!function) function = next(#name);                 \
    va_list list;                                          \
    va_start(list, flags);                                 \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                          \
    int fd = function(path, flags, mode);                  \
    track(fd, path, flags);                                \
    return fd;                                             \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                       \
  int name(int at, const char *path, int flags, ...) {     \
    static int (*function)(int, const char *, int, ...);   \
    if (!function) function = next(#name);                 \
    va_list list;                                          \
    va_start(list, flags);                                 \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                          \
    int fd = function(at, path, flags, mode);              \
    track(fd, path, flags);                                \
    return fd;                                             \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  static int (*function)(int);
  if (!function) function = next("close");
  if (kind(fd)) {
    pthread_mutex_lock(&lock);
    tracked[fd] = 0;
    pthread_mutex_unlock(&lock);
  }
  return function(fd);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset) {
  int which = kind(fd);
  if (!which) return real_pwrite(fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t done = fails(which - 1, which == 2 ? "dsync" : "pwrite") ? -1 : real_pwrite(fd, bytes, length, offset);
  int error = errno;
  if (done > 0) {
    const char *percent = getenv("DISK_WRITTEN");
    if (which == 2) {
      persist(bytes, done, offset);
    } else {
      struct extent *extent = malloc(sizeof *extent);
      char *copy = malloc(done);
      if (!extent || !copy) give_up("no memory");
      memcpy(copy, bytes, done);
      *extent = (struct extent){offset, done, copy, NULL};
      *last = extent;
      last = &extent->next;
      if (percent && draw() % 100 < strtoul(percent, NULL, 10)) persist(bytes, done, offset);
    }
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return write_at(fd, bytes, length, offset); }

#define PWRITEV(name, type)                                                             \
  ssize_t name(int fd, const struct iovec *parts, int count, type offset) {             \
    static ssize_t (*function)(int, const struct iovec *, int, type);                   \
    if (!function) function = next(#name);                                              \
    if (!kind(fd)) return function(fd, parts, count, offset);                           \
    ssize_t total = 0;                                                                  \
    for (int index = 0; index < count; index++) {                                       \
      ssize_t done = write_at(fd, parts[index].iov_base, parts[index].iov_len, offset + total); \
      if (done < 0) return total > 0 ? total : done;                                    \
      total += done;                                                                    \
      if ((size_t)done < parts[index].iov_len) break;                                   \
    }                                                                                   \
    return total;                                                                       \
  }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

// LMDB writes pages that lie side by side with this
ssize_t writev(int fd, const struct iovec *parts, int count) {
  static ssize_t (*function)(int, const struct iovec *, int);
  if (!function) function = next("writev");
  if (!kind(fd)) return function(fd, parts, count);
  off_t start = lseek(fd, 0, SEEK_CUR);
  if (start < 0) give_up("lseek failed");
  ssize_t total = pwritev(fd, parts, count, start);
  int error = errno;
  if (total > 0) lseek(fd, start + total, SEEK_SET);
  errno = error;
  return total;
}

static int synchronise(int fd, int (*function)(int)) {
  if (!kind(fd)) return function(fd);
  // only what was written before the call is on the disk after it
  pthread_mutex_lock(&lock);
  int failed = fails(2, "fdatasync");
  int error = errno;
  struct extent *extent = failed ? NULL : first;
  if (!failed) {
    first = NULL;
    last = &first;
  }
  pthread_mutex_unlock(&lock);
  int result = failed ? -1 : function(fd);
  if (!failed) error = errno;
  pthread_mutex_lock(&lock);
  while (extent) {
    struct extent *after = extent->next;
    if (result == 0) persist(extent->bytes, extent->length, extent->offset);
    free(extent->bytes);
    free(extent);
    extent = after;
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int fdatasync(int fd) {
  static int (*function)(int);
  if (!function) function = next("fdatasync");
  return synchronise(fd, function);
}

int fsync(int fd) {
  static int (*function)(int);
  if (!function) function = next("fsync");
  return synchronise(fd, function);
}

// ways of writing that LMDB does not use as keelson opens it; if that changes, this must too

ssize_t write(int fd, const void *bytes, size_t length) {
  static ssize_t (*function)(int, const void *, size_t);
  if (!function) function = next("write");
  if (kind(fd)) give_up("write to the file");
  return function(fd, bytes, length);
}

#define FTRUNCATE(name, type)                       \
  int name(int fd, type length) {                   \
    static int (*function)(int, type);              \
    if (!function) function = next(#name);          \
    if (kind(fd)) give_up("ftruncate of the file"); \
    return function(fd, length);                    \
  }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

#define MMAP(name, type)                                                                         \
  void *name(void *address, size_t length, int protection, int flags, int fd, type offset) {     \
    static void *(*function)(void *, size_t, int, int, int, type);                               \
    if (!function) function = next(#name);                                                       \
    if (kind(fd) && (protection & PROT_WRITE) && (flags & MAP_SHARED)) give_up("mmap of the file for writing"); \
    return function(address, length, protection, flags, fd, offset);                             \
  }
MMAP(mmap, off_t)
MMAP(mmap64, off64_t)
